"""Products written to a shop: whole when they are made, only what is named after, and the same twice is nothing."""

from dataclasses import replace

import pytest
from passerelle.model import Kind, Product, ProductField, ProductStatus
from passerelle.port import Action, By, Change, PermissionMissing, Result, Unavailable
from sandbox.moods import Mood
from sandbox.prestashop import METHODS, Shop

from .connecting import connect, counted
from .dependent import create, differences, empty_shop, kept, mug, open_to, push, read, shirt, update

COMPARED = ("title", "handle", "description_html", "vendor", "product_type", "status", "tax_included")
F = ProductField


def made(shop: Shop, product: Product) -> str:
    outcome = push(open_to(shop), create(product))
    assert outcome.result is Result.CREATED
    return outcome.destination_id


@pytest.mark.parametrize("product", [mug(), shirt(vendor="Atelier", product_type="Tops", tags=("été",))])
def test_what_is_made_reads_back_as_it_was_told(product: Product) -> None:
    shop = empty_shop()
    id = made(shop, product)
    back = read(open_to(shop), id)
    assert [getattr(back, name) for name in COMPARED] == [getattr(product, name) for name in COMPARED]
    assert set(back.tags) == set(product.tags)
    assert set(back.categories) == set(product.categories or (product.product_type,))
    told = {v.sku: v for v in back.variants}
    for one in product.variants:
        other = told[one.sku]
        assert (other.price, other.quantity, other.barcode) == (one.price, one.quantity, one.barcode)
        assert (other.weight_grams, other.options) == (one.weight_grams, one.options)


def test_the_outcome_names_each_variant_by_the_id_that_its_product_tells() -> None:
    shop = empty_shop()
    outcome = push(open_to(shop), create(shirt()))
    back = {v.sku: v.id for v in read(open_to(shop), outcome.destination_id).variants}
    assert outcome.variants == {v.id: back[v.sku] for v in shirt().variants}
    single = push(open_to(shop), create(mug()))
    assert single.variants == {"v1": f"{single.destination_id}-0"}


@pytest.mark.parametrize("product", [mug(), shirt()])
def test_the_same_twice_is_no_write_call(product: Product) -> None:  # B-8
    shop = empty_shop()
    id = made(shop, product)
    before, writes = kept(shop, id), len(shop.calls.writes)
    first = push(open_to(shop), update(product, id))
    again = push(open_to(shop), create(product))
    assert (first.result, again.result) == (Result.UNCHANGED, Result.UNCHANGED)
    assert len(first.variants) == len(product.variants)
    assert first.variants == again.variants
    assert len(shop.calls.writes) == writes
    assert kept(shop, id) == before


CHANGES = [
    (F.TITLE, {"title": "Chope"}, {"product/name/1"}),
    (F.HANDLE, {"handle": "chope"}, {"product/link_rewrite/1"}),
    (F.DESCRIPTION, {"description_html": "<p>Neuf</p>"}, {"product/description/1"}),
    (F.VENDOR, {"vendor": "Autre"}, {"product/id_manufacturer"}),
    (F.PRODUCT_TYPE, {"product_type": "Chopes"}, {"product/id_category_default"}),
    (F.CATEGORIES, {"categories": ("Maison", "Table")}, {"product/*categories"}),
    (F.TAGS, {"tags": ("table",)}, {"product/*tags"}),
    (F.STATUS, {"status": ProductStatus.DRAFT}, {"product/active"}),
]


@pytest.mark.parametrize(("field", "told", "changed"), CHANGES, ids=[each[0] for each in CHANGES])
def test_only_the_field_that_is_named_is_written(  # C-10
    field: ProductField, told: dict[str, object], changed: set[str]
) -> None:
    shop = empty_shop()
    id = made(shop, mug())
    shop.state.products.update(int(id), name={"1": "Mug renard", "2": "Fox mug"}, mpn="M-77", width="12")
    before = kept(shop, id)
    # Everything else of the object differs too, and must not arrive.
    other = mug(
        title="X",
        handle="x",
        description_html="x",
        vendor="X",
        product_type="X",
        tags=("x",),
        categories=("X",),
        status=ProductStatus.UNLISTED,
        variants=(replace(mug().variants[0], sku="X", barcode="", quantity=99, weight_grams=1),),
    )
    outcome = push(open_to(shop), update(replace(other, **told), id, field))  # type: ignore[arg-type]  # by name
    assert outcome.result is Result.UPDATED
    assert differences(before, kept(shop, id)) == changed


def test_what_is_made_speaks_every_language_and_what_is_changed_leaves_the_others() -> None:
    shop = empty_shop(languages=2)
    id = made(shop, mug())
    row = shop.state.products.rows[int(id)]
    assert row["name"] == {"1": "Mug renard", "2": "Mug renard"}
    shop.state.products.update(int(id), name={"1": "Mug renard", "2": "Mug du renard"})
    push(open_to(shop), update(mug(title="Fox mug"), id, F.TITLE))
    assert shop.state.products.rows[int(id)]["name"] == {"1": "Fox mug", "2": "Mug du renard"}
    push(open_to(shop, language="fr"), update(mug(title="Chope"), id, F.TITLE))
    assert shop.state.products.rows[int(id)]["name"] == {"1": "Fox mug", "2": "Chope"}


def test_tags_of_other_languages_stay() -> None:
    shop = empty_shop()
    id = made(shop, mug())
    french = shop.state.tags.insert({"id_lang": 2, "name": "renard"})
    held = shop.state.products.rows[int(id)]["*tags"]
    shop.state.products.update(int(id), **{"*tags": [*held, {"id": str(french)}]})
    push(open_to(shop), update(mug(tags=("animal",)), id, F.TAGS))
    assert {"id": str(french)} in shop.state.products.rows[int(id)]["*tags"]
    assert read(open_to(shop), id).tags == ("animal",)


@pytest.mark.parametrize(
    ("status", "back"),
    [
        (ProductStatus.ACTIVE, ProductStatus.ACTIVE),
        (ProductStatus.UNLISTED, ProductStatus.UNLISTED),
        (ProductStatus.DRAFT, ProductStatus.DRAFT),
        (ProductStatus.ARCHIVED, ProductStatus.DRAFT),
    ],
)
def test_a_status_is_written_as_near_as_the_shop_has_it(status: ProductStatus, back: ProductStatus) -> None:
    shop = empty_shop()
    outcome = push(open_to(shop), create(mug(status=status)))
    assert read(open_to(shop), outcome.destination_id).status is back
    assert ("archive_not_held" in {b.code for b in outcome.beside}) is (status is ProductStatus.ARCHIVED)
    assert push(open_to(shop), update(mug(status=status), outcome.destination_id)).result is Result.UNCHANGED
    push(open_to(shop), update(mug(), outcome.destination_id, F.STATUS))
    assert read(open_to(shop), outcome.destination_id).status is ProductStatus.ACTIVE


def test_a_product_that_is_found_in_searches_only_stays_so_when_it_is_active() -> None:  # C-10
    shop = empty_shop()
    id = made(shop, mug())
    shop.state.products.update(int(id), visibility="search", active=0)
    push(open_to(shop), update(mug(), id, F.STATUS))
    row = shop.state.products.rows[int(id)]
    assert (row["active"], row["visibility"]) == ("1", "search")


def test_a_create_that_meets_one_of_its_skus_writes_nothing() -> None:  # C-5
    shop = empty_shop()
    id = made(shop, shirt())
    writes = len(shop.calls.writes)
    other = mug(variants=(replace(mug().variants[0], sku=" shirt-s-red "),))
    outcome = push(open_to(shop), create(other))
    assert (outcome.result, outcome.destination_id) == (Result.EXISTS, id)
    assert len(shop.calls.writes) == writes


def test_of_two_in_one_batch_with_one_sku_the_second_writes_nothing() -> None:
    shop = empty_shop()
    first, second = create(mug()), create(mug(id="m2"), "passerelle:lnk_1:m2")
    outcomes = open_to(shop).push(Kind.PRODUCTS, [first, second])
    assert [each.result for each in outcomes] == [Result.CREATED, Result.EXISTS]
    assert len(shop.state.products) == 1


@pytest.mark.parametrize("product", [mug(), shirt()])
@pytest.mark.parametrize("lost", ["products", "combinations", "stock_availables", "categories", "tags"])
def test_what_was_made_in_a_lost_answer_is_found_again_and_finished(
    product: Product, lost: str
) -> None:  # B-7
    calm, shop = empty_shop(), empty_shop()
    id = made(calm, product)
    shop.moods.add(Mood.LOST_ANSWER, f"(POST|PATCH) /api/{lost}", times=1)
    try:
        push(open_to(shop), create(product))
    except Unavailable:
        assert push(open_to(shop), create(product)).result in {Result.CREATED, Result.UNCHANGED}
    assert kept(shop, id) == kept(calm, id)
    for table in ("products", "categories", "tags", "combinations", "product_options"):
        assert len(shop.state.tables[table]) == len(calm.state.tables[table])


def test_one_that_the_shop_refuses_does_not_hold_up_the_others() -> None:
    shop = empty_shop()
    goods = [mug(id=f"m{n}", variants=(replace(mug().variants[0], sku=f"M-{n}"),)) for n in range(5)]
    refused = replace(
        goods[2].variants[0],
        price=replace(goods[2].variants[0].price, amount=-goods[2].variants[0].price.amount),
    )
    goods[2] = replace(goods[2], variants=(refused,))
    outcomes = open_to(shop).push(Kind.PRODUCTS, [create(each) for each in goods])
    assert [each.result for each in outcomes] == [
        *[Result.CREATED] * 2,
        Result.REFUSED,
        *[Result.CREATED] * 2,
    ]
    assert "price" in outcomes[2].why
    assert len({each.destination_id for each in outcomes}) == 5
    assert len(shop.state.products) == 4


def test_an_update_that_the_shop_refuses_does_not_hold_up_the_others() -> None:
    shop = empty_shop()
    goods = [mug(id=f"m{n}", variants=(replace(mug().variants[0], sku=f"M-{n}"),)) for n in range(3)]
    ids = [made(shop, each) for each in goods]
    shop.state.products.update(int(ids[1]), upc="not a number")
    before = kept(shop, ids[1])
    changes = [
        update(replace(each, title=f"Neu {each.id}"), id, F.TITLE)
        for each, id in zip(goods, ids, strict=True)
    ]
    outcomes = open_to(shop).push(Kind.PRODUCTS, changes)
    assert [each.result for each in outcomes] == [Result.UPDATED, Result.REFUSED, Result.UPDATED]
    assert kept(shop, ids[1]) == before


def test_what_the_shop_cannot_hold_is_told_beside() -> None:
    shop = empty_shop()
    only = replace(mug().variants[0], sku="S" * 65, barcode="12345678901234", quantity=None)
    product = mug(
        title=f"Mug #1 {{new}} {'x' * 130}",
        handle="mug été",
        description_html="<p>ok</p><script>alert(1)</script><iframe src='x'></iframe>",
        vendor="A;B",
        tags=("fine", "x" * 33),
        categories=("Mugs; cups",),
        variants=(only,),
    )
    outcome = push(open_to(shop), create(product))
    assert outcome.result is Result.CREATED
    assert {each.code for each in outcome.beside} == {
        *("title_not_held", "handle_not_held", "description_not_held", "vendor_not_held", "tags_not_held"),
        *("categories_not_held", "sku_not_held", "barcode_not_held", "untracked_not_held"),
    }
    back = read(open_to(shop), outcome.destination_id)
    assert (back.title[:12], back.handle, back.description_html) == ("Mug 1 new xx", "mug-ete", "<p>ok</p>")
    assert back.tags == ("fine",)
    assert push(open_to(shop), update(product, outcome.destination_id)).result is Result.UNCHANGED


def test_words_that_look_like_a_script_are_kept_as_words() -> None:
    shop = empty_shop()
    product = mug(
        description_html='<p onclick="x()">TypeScript: oncut = <a href="javascript:x()">more</a></p>'
    )
    outcome = push(open_to(shop), create(product))
    told = read(open_to(shop), outcome.destination_id).description_html
    assert told == "<p>TypeScript&#58; oncut &#61; <a>more</a></p>"


def test_names_are_made_once_however_many_products_bear_them() -> None:
    shop = empty_shop()
    goods = [mug(id=f"m{n}", variants=(replace(mug().variants[0], sku=f"M-{n}"),)) for n in range(60)]
    open_to(shop).push(Kind.PRODUCTS, [create(each) for each in goods])
    assert [row["name"]["1"] for _, row in shop.state.categories] == ["Root", "Home", "Mugs", "Maison"]
    assert [row["name"] for _, row in shop.state.manufacturers] == ["Atelier Œuvre"]
    assert sorted(row["name"] for _, row in shop.state.tags) == ["cadeau", "renard"]
    assert shop.state.categories.rows[3]["id_parent"] == "2"


def test_a_thousand_products_take_few_calls() -> None:
    shop = empty_shop()
    goods = [mug(id=f"m{n}", variants=(replace(mug().variants[0], sku=f"M-{n}"),)) for n in range(1000)]
    connector = open_to(shop)
    changes = [create(each) for each in goods]
    assert counted(shop, lambda: connector.push(Kind.PRODUCTS, changes)) < 500
    ids = {each.id: each.destination_id for each in connector.push(Kind.PRODUCTS, changes)}
    again = [update(each, ids[each.id]) for each in goods]
    assert counted(shop, lambda: connector.push(Kind.PRODUCTS, again)) < 150


def test_deleting_deletes_and_may_be_done_again() -> None:
    shop = empty_shop()
    ids = [made(shop, mug()), made(shop, shirt())]
    for _ in range(2):
        gone = [Change(id, Action.DELETE, None, destination_id=id) for id in [*ids, "999"]]
        assert {each.result for each in open_to(shop).push(Kind.PRODUCTS, gone)} == {Result.DELETED}
    assert (len(shop.state.products), len(shop.state.combinations)) == (0, 0)


def test_an_update_of_what_is_gone_is_refused_as_missing() -> None:
    outcome = push(open_to(empty_shop()), update(mug(), "77"))
    assert (outcome.result, outcome.code) == (Result.REFUSED, "missing")


@pytest.mark.parametrize("right", ["POST products", "GET tax_rules", "POST tags", "PATCH stock_availables"])
def test_a_right_that_is_missing_for_writing_is_named_when_it_is_needed(right: str) -> None:
    method, _, resource = right.partition(" ")
    shop = empty_shop()
    weak = "WEAK0000000000000000000000000000"
    shop.keys[weak] = {"*": METHODS, resource: METHODS - {method}}
    connector = connect(shop, weak, tax_rules_group=1)
    assert connector.check().missing == ()
    with pytest.raises(PermissionMissing, match=right):
        push(connector, create(mug()))


def test_our_reference_is_found_again_however_long_it_is() -> None:
    shop = empty_shop()
    long = "passerelle:" + "x" * 80
    connector = open_to(shop)
    outcome = push(connector, create(mug(), long))
    (match,) = connector.find(Kind.PRODUCTS, [long, "passerelle:none"], By.OWN)
    assert (match.key, match.destination_id, match.variant_id) == (long, outcome.destination_id, "")
