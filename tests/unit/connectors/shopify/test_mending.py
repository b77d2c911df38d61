"""Products changed by parts: what is named is written, and not a byte beside."""

from contextlib import suppress
from dataclasses import replace

import pytest
from passerelle.model import Image, Kind, ProductField, ProductStatus
from passerelle.port import Result, Unavailable
from sandbox.moods import Mood
from sandbox.shopify.sample import product as sample
from sandbox.shopify.state import gid

from .selling import create, cup, made, money, push, raw, read, update, variant, writes

F = ProductField
NEW = {
    F.TITLE: {"title": "Nouvelle"},
    F.DESCRIPTION: {"description_html": "<p>Autre</p>"},
    F.HANDLE: {"handle": "autre"},
    F.VENDOR: {"vendor": "Autre"},
    F.PRODUCT_TYPE: {"product_type": "Autre"},
    F.TAGS: {"tags": ("autre",)},
    F.STATUS: {"status": ProductStatus.DRAFT},
}
OF_A_VARIANT = {
    F.SKU: {"sku": "AUTRE"},
    F.BARCODE: {"barcode": "4006381333931"},
    F.PRICE: {"price": money("99.00")},
    F.COMPARE_AT: {"compare_at": money("120.00")},
    F.WEIGHT: {"weight_grams": 777},
    F.QUANTITY: {"quantity": 44},
}
THERE = {
    F.TITLE: "title",
    F.DESCRIPTION: "descriptionHtml",
    F.HANDLE: "handle",
    F.VENDOR: "vendor",
    F.PRODUCT_TYPE: "productType",
    F.TAGS: "tags",
    F.STATUS: "status",
}


def changed(product):
    """Everything of a product is another."""
    texts = {name: value for each in NEW.values() for name, value in each.items()}
    parts = {name: value for each in OF_A_VARIANT.values() for name, value in each.items()}
    variants = tuple(
        replace(each, **{**parts, "sku": f"AUTRE-{at}"}) for at, each in enumerate(product.variants)
    )
    return replace(product, **texts, variants=variants, images=(Image("9", "https://main.example/nine.png"),))


@pytest.fixture
def there(world):
    """A product that we made, with what others added to it since."""
    id, variants = made(world, cup())
    read(world, id)
    held = world.shop.state.get(gid("Product", id))
    held["templateSuffix"] = "special"
    held["metafields_held"]["other.note"] = {"value": "theirs"}
    return id, variants


@pytest.mark.parametrize("field", sorted(NEW))
def test_a_field_of_the_product_is_written_and_nothing_else(world, there, field):  # C-10
    id, variants = there
    before = raw(world, id)
    (outcome,) = push(world, update(changed(cup()), id, field, variants=variants))
    assert (outcome.result, outcome.variants) == (Result.UPDATED, variants)
    after = raw(world, id)
    differing = {name for name in before if before[name] != after[name]}
    assert differing == {THERE[field]}


@pytest.mark.parametrize("field", sorted(OF_A_VARIANT))
def test_a_field_of_a_variant_is_written_and_nothing_else(world, there, field):  # C-10
    id, variants = there
    before = raw(world, id)
    wanted = changed(cup())
    kept = replace(wanted, variants=(wanted.variants[0], *cup().variants[1:]))
    (outcome,) = push(world, update(kept, id, field, variants=variants))
    assert outcome.result is Result.UPDATED
    after = raw(world, id)
    assert {name for name in before if before[name] != after[name]} == {"variants"}
    assert before["variants"][1] == after["variants"][1]
    one, other = before["variants"][0], after["variants"][0]
    expected = {
        F.SKU: {"sku"},
        F.BARCODE: {"barcode"},
        F.PRICE: {"price"},
        F.COMPARE_AT: {"compareAtPrice"},
        F.WEIGHT: {"inventoryItem"},
        F.QUANTITY: {"inventoryQuantity", "inventoryItem"},
    }
    assert {name for name in one if one[name] != other[name]} == expected[field]
    (name, value), *_ = OF_A_VARIANT[field].items()
    if field is not F.SKU:
        assert getattr(read(world, id).variants[0], name) == value


def test_changing_twice_changes_nothing_and_calls_no_write(world, there):  # B-8
    id, variants = there
    change = update(changed(cup()), id, variants=variants)
    assert [each.result for each in push(world, change)] == [Result.UPDATED]
    once = raw(world, id)
    world.shop.calls.clear()
    (again,) = world.connect().push(Kind.PRODUCTS, [change])
    assert (again.result, again.variants) == (Result.UNCHANGED, variants)
    assert (writes(world), raw(world, id)) == ([], once)


def test_an_update_of_everything_is_read_back_as_it_was_wanted(world, there):  # C-4
    id, variants = there
    wanted = changed(cup())
    push(world, update(wanted, id, variants=variants))
    read(world, id)
    found = read(world, id)
    assert (found.title, found.handle, found.vendor, found.status) == (
        "Nouvelle",
        "autre",
        "Autre",
        ProductStatus.DRAFT,
    )
    assert [
        (each.sku, each.price, each.compare_at, each.quantity, each.weight_grams) for each in found.variants
    ] == [
        (each.sku, each.price, each.compare_at, each.quantity, each.weight_grams) for each in wanted.variants
    ]
    assert len(found.images) == 1


def test_a_hundred_changes_take_few_calls(world):  # G-1
    outcomes = push(world, *(create(cup(f"p{at}", handle=f"h{at}", images=())) for at in range(90)))
    world.rest()
    world.shop.calls.clear()
    changes = [
        update(replace(cup(f"p{at}"), title=f"T{at}"), each.destination_id, F.TITLE, variants=each.variants)
        for at, each in enumerate(outcomes)
    ]
    assert {each.result for each in push(world, *changes)} == {Result.UPDATED}
    assert [call.note for call in world.shop.calls] == ["HeldProducts", "MendProducts", "MendProducts"]


def test_variants_are_found_by_id_then_by_sku_then_by_options(world):  # C-6
    world.shop.load([sample(1, variants=3)])
    skus = [world.shop.state.shelf("ProductVariant").things[at]["sku"] for at in (400_128, 400_129, 400_130)]
    wanted = cup(
        "p1",
        variant("x", ("Taille", "other"), sku="unknown", price="1"),
        variant("y", ("Taille", "another"), sku=skus[1].lower(), price="2"),
        variant("z", ("taille", "t2"), sku="", price="3"),
        variant("none", ("Taille", "T9"), sku="nowhere", price="4"),
    )
    (outcome,) = push(world, update(wanted, "7001", F.PRICE, variants={"x": "400128"}))
    assert outcome.variants == {"x": "400128", "y": "400129", "z": "400130"}
    assert [each.price.amount for each in read(world, "7001").variants] == [1, 2, 3]


def test_a_variant_that_is_new_is_made_only_if_variants_are_wanted(world, there):  # C-6
    id, variants = there
    more = replace(cup(), variants=(*cup().variants, variant("p1-XL", ("Taille", "XL"), quantity=5)))
    before = raw(world, id)
    (outcome,) = push(world, update(more, id, F.PRICE, variants=variants))
    assert (outcome.result, raw(world, id)) == (Result.UNCHANGED, before)
    (outcome,) = push(world, update(more, id, variants=variants))
    assert outcome.variants.keys() == {"p1-M", "p1-L", "p1-XL"}
    added = read(world, id).variants[2]
    assert (added.id, added.quantity, added.options) == (outcome.variants["p1-XL"], 5, (("Taille", "XL"),))
    assert raw(world, id)["variants"][:2] == before["variants"]


def test_a_variant_that_is_to_go_goes_and_others_stay(world, there):  # C-9
    id, variants = there
    held = raw(world, id)
    small = replace(cup(), variants=cup().variants[:1])
    (outcome,) = push(world, update(small, id, F.TITLE, variants=variants, without=(variants["p1-L"],)))
    assert (outcome.result, outcome.variants) == (Result.UPDATED, {"p1-M": variants["p1-M"]})
    assert raw(world, id)["variants"] == held["variants"][:1]


def test_the_last_variant_is_never_taken_away(world, there):  # C-9
    id, variants = there
    (outcome,) = push(world, update(cup(), id, F.TITLE, without=tuple(variants.values())))
    assert [each.code for each in outcome.beside] == ["last_variant_kept"]
    assert len(read(world, id).variants) == 1


def test_a_product_without_choices_may_get_some(world):  # C-6
    id, variants = made(world, cup("p1", variant("v", quantity=8)))
    more = cup("p1", variant("v", ("Taille", "M")), variant("w", ("Taille", "L"), quantity=2))
    (outcome,) = push(world, update(more, id, F.VARIANTS, F.SKU, F.PRICE, F.QUANTITY, variants=variants))
    assert (outcome.result, outcome.variants["v"]) == (Result.UPDATED, variants["v"])
    assert [(each.id, each.options, each.sku) for each in read(world, id).variants] == [
        (outcome.variants["v"], (("Taille", "M"),), "MADE-v"),
        (outcome.variants["w"], (("Taille", "L"),), "MADE-w"),
    ]


def test_variants_of_other_options_are_told_and_not_guessed(world, there):  # C-6
    id, _ = there
    other = replace(cup(), variants=(*cup().variants, variant("q", ("Couleur", "bleu"))))
    (outcome,) = push(world, update(replace(other, variants=other.variants[2:]), id, F.VARIANTS))
    assert (outcome.result, [each.code for each in outcome.beside]) == (Result.UNCHANGED, ["options_differ"])
    assert len(read(world, id).variants) == 2


# --- pictures -----------------------------------------------------------------------------------------------


def pictures(*names):
    return tuple(Image(name, f"https://main.example/{name}.png") for name in names)


def names(world, id):
    return [each["id"] for each in raw(world, id)["media"]]


@pytest.mark.parametrize("is_ready", [False, True])
def test_the_same_pictures_again_add_none_and_fetch_none(world, is_ready):  # C-10
    world.shop.state.looks_before_fetched = 0 if is_ready else 9
    id, _ = made(world, cup())
    before, fetched = names(world, id), list(world.shop.state.fetched)
    (outcome,) = push(world, update(cup(), id, F.IMAGES))
    assert (outcome.result, names(world, id), world.shop.state.fetched) == (Result.UNCHANGED, before, fetched)


def test_a_list_of_pictures_that_changed_takes_the_place_of_the_one_before(world):  # C-10
    id, _ = made(world, cup(images=pictures("a", "b")))
    read(world, id)
    kept = names(world, id)[1]
    push(world, update(cup(images=pictures("b", "c")), id, F.IMAGES))
    assert (len(names(world, id)), names(world, id)[0]) == (2, kept)
    assert world.shop.state.fetched == [f"https://main.example/{name}.png" for name in "abc"]


def test_a_picture_that_somebody_added_stays_when_the_list_changes(world):  # C-10
    id, _ = made(world, cup(images=pictures("a")))
    read(world, id)
    theirs = sample(3)["media"] or sample(5)["media"]
    world.shop.state.get(gid("Product", id))["media"].append(theirs[0])
    push(world, update(cup(images=pictures("b")), id, F.IMAGES))
    assert names(world, id)[1:] == [theirs[0]["id"]]


def test_the_first_list_takes_the_place_of_whatever_there_was(world):  # C-10
    world.shop.load([sample(3, variants=1)])
    push(world, update(cup(images=pictures("a")), "7003", F.IMAGES))
    assert len(names(world, "7003")) == 1
    assert world.shop.state.fetched == ["https://main.example/a.png"]


def test_a_product_that_is_gone_is_told(world):  # B-16
    (outcome,) = push(world, update(cup(), "999", F.TITLE))
    assert (outcome.result, outcome.code) == (Result.REFUSED, "missing")


@pytest.mark.parametrize("after", range(4))
def test_a_lost_answer_on_an_update_is_made_good(world, there, after):  # B-7
    id, variants = there
    more = changed(replace(cup(), variants=(*cup().variants, variant("p1-XL", ("Taille", "XL")))))
    world.shop.moods.add(Mood.LOST_ANSWER, after=after, times=1)
    with suppress(Unavailable):
        push(world, update(more, id, variants=variants))
    (outcome,) = push(world, update(more, id, variants=variants))
    assert outcome.result in {Result.UNCHANGED, Result.UPDATED}
    assert len(raw(world, id)["variants"]) == 3
    assert len(raw(world, id)["media"]) == 1


def test_the_stock_of_an_update_goes_to_the_primary_location_alone(world, there):  # C-7
    id, variants = there
    depot = world.shop.open_location("Dépôt")
    world.shop.life.stock(gid("ProductVariant", variants["p1-M"]), depot, 9)
    world.connector = world.connect()
    push(world, update(replace(cup(), variants=(replace(cup().variants[0], quantity=1),)), id, F.QUANTITY))
    (level, *_) = world.connector.index(Kind.STOCK, None, None).objects
    assert level.by_location == (("800", 1), (str(depot), 9))
