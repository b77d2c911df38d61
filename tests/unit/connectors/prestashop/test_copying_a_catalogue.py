"""A catalogue goes from shop to shop and comes back as it was; any text may stand in it."""

from dataclasses import replace

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from passerelle.model import Kind, Product, ProductField, Variant
from passerelle.port import Result
from sandbox.prestashop import Shop
from sandbox.prestashop.sample import as_recorded, catalogue

from .connecting import connect, counted
from .dependent import create, empty_shop, euros, open_to, push, read, update

TEXT = st.text(st.characters(codec="utf-8"), max_size=60)
LINES = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=30)
OPTION = LINES.filter(lambda text: text.strip(" <>={}") != "")


def all_of(shop: Shop) -> list[Product]:
    ids = [str(id) for id in shop.state.products.ids()]
    return [each for each in connect(shop).pull(Kind.PRODUCTS, ids).objects if isinstance(each, Product)]


def told(product: Product) -> object:
    """What of a product another shop can hold; numbers and addresses are each shop's own."""
    variants = [
        replace(v, id="", url="", image_url="", options=tuple(sorted(v.options)), title="")
        for v in product.variants
    ]
    plain = replace(product, id="", url="", images=(), variants=(), created_at=None, updated_at=None)
    plain = replace(
        plain, categories=tuple(sorted(set(product.categories))), tags=tuple(sorted(product.tags))
    )
    return plain, sorted(variants, key=repr)


def copied(main: Shop, dependent: Shop) -> dict[str, str]:
    goods = [replace(each, images=()) for each in all_of(main)]
    bare = [replace(g, variants=tuple(replace(v, image_url="") for v in g.variants)) for g in goods]
    outcomes = open_to(dependent).push(Kind.PRODUCTS, [create(each) for each in bare])
    assert {each.result for each in outcomes} == {Result.CREATED}
    return {each.id: each.destination_id for each in outcomes}


def test_a_generated_catalogue_goes_over_two_shops_and_comes_back_as_it_was() -> None:
    first, second, third = catalogue(60, 0, 0), empty_shop(), empty_shop(languages=1, rate="5.5")
    copied(first, second)
    copied(second, third)
    assert [told(each) for each in all_of(third)] == [told(each) for each in all_of(first)]


def test_what_was_copied_is_as_it_should_be_and_takes_no_write() -> None:  # B-8
    main, dependent = catalogue(60, 0, 0), empty_shop()
    ids = copied(main, dependent)
    goods = [replace(each, images=()) for each in all_of(main)]
    bare = [replace(g, variants=tuple(replace(v, image_url="") for v in g.variants)) for g in goods]
    writes = len(dependent.calls.writes)
    outcomes = open_to(dependent).push(Kind.PRODUCTS, [update(each, ids[each.id]) for each in bare])
    assert {each.result for each in outcomes} == {Result.UNCHANGED}
    assert [len(each.variants) for each in outcomes] == [len(each.variants) for each in goods]
    assert len(dependent.calls.writes) == writes


def test_the_recorded_catalogue_is_written_onto_itself_without_a_change() -> None:  # B-8
    shop = as_recorded()
    goods = all_of(shop)
    fields = set(ProductField) - {ProductField.IMAGES}
    changes = [update(each, each.id, *fields, variants={v.id: v.id for v in each.variants}) for each in goods]
    connector = connect(shop)
    outcomes = connector.push(Kind.PRODUCTS, changes)
    assert {each.result for each in outcomes} == {Result.UNCHANGED}
    assert all(
        outcome.variants == {v.id: v.id for v in each.variants}
        for outcome, each in zip(outcomes, goods, strict=True)
    )
    assert not shop.calls.writes


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@example("0\r0", "<p>a\r\nb</p>", "", "", "", [], [], "0", "0", ["0"])
@given(
    title=TEXT,
    html=TEXT,
    vendor=TEXT,
    kind=TEXT,
    handle=TEXT,
    tags=st.lists(LINES, max_size=4),
    categories=st.lists(LINES, max_size=3),
    sku=LINES,
    barcode=LINES,
    options=st.lists(OPTION, min_size=1, max_size=4, unique_by=str.casefold),
)
def test_any_text_is_held_or_told_and_the_second_time_nothing_is_written(
    title: str,
    html: str,
    vendor: str,
    kind: str,
    handle: str,
    tags: list[str],
    categories: list[str],
    sku: str,
    barcode: str,
    options: list[str],
) -> None:
    variants = tuple(
        Variant(f"v{n}", euros("1.99"), f"{sku}{n}", barcode, options=(("Kind", option),), quantity=n)
        for n, option in enumerate(options)
    )
    product = Product(
        "p", title, variants, handle, html, vendor, kind, tags=tuple(tags), categories=tuple(categories)
    )
    shop = empty_shop()
    outcome = push(open_to(shop), create(product))
    if outcome.result is Result.REFUSED:
        assert outcome.code == "options_repeated"
        return
    again = push(open_to(shop), update(product, outcome.destination_id, variants=outcome.variants))
    assert (again.result, again.variants) == (Result.UNCHANGED, outcome.variants)
    back = read(open_to(shop), outcome.destination_id)
    codes = {each.code for each in outcome.beside}
    assert back.title == title.strip() or "title_not_held" in codes
    assert back.vendor == vendor.strip() or "vendor_not_held" in codes
    assert set(back.tags) == {tag.strip() for tag in tags} or "tags_not_held" in codes
    assert [v.sku for v in back.variants] == [v.sku.strip() for v in variants] or "sku_not_held" in codes


def test_reading_a_thousand_products_takes_few_calls() -> None:
    shop = catalogue(1000, 0, 0)
    connector = connect(shop)
    ids = [str(id) for id in shop.state.products.ids()]
    assert counted(shop, lambda: connector.pull(Kind.PRODUCTS, ids)) <= 35
