"""Products made of another store's: whole, once, and with what Shopify cannot hold told."""

from dataclasses import replace

import pytest
from passerelle.model import Image, Kind, Money, ProductField, ProductStatus
from passerelle.port import Action, PermissionMissing, Result, Unavailable
from sandbox.moods import FOREVER, Mood
from sandbox.shopify import Shop
from sandbox.shopify.sample import product as sample

from .selling import create, cup, made, money, push, raw, read, update, variant, writes


def codes(outcome):
    return sorted(each.code for each in outcome.beside)


def test_a_product_is_made_with_everything_that_shopify_holds(world):  # C-4
    wanted = cup()
    id, variants = made(world, wanted)
    found = read(world, id)
    assert replace(found, url="", created_at=None, updated_at=None, images=(), id="", variants=()) == replace(
        wanted, tags=("neuf", "été"), images=(), id="", variants=()
    )
    assert [variants[each.id] for each in wanted.variants] == [each.id for each in found.variants]
    assert [replace(each, id="", title="") for each in found.variants] == [
        replace(each, id="", title="") for each in wanted.variants
    ]
    assert [(each.alt, each.url.rpartition(".")[2][:3]) for each in found.images] == [
        ("Face", "jpg"),
        ("", "png"),
    ]


def test_a_product_without_choices_has_none_there(world):  # C-4
    id, variants = made(world, cup("p1", variant("v", quantity=None)))
    (only,) = read(world, id).variants
    assert (only.id, only.options, only.quantity) == (variants["v"], (), None)


@pytest.mark.parametrize("status", list(ProductStatus))
def test_a_status_reads_back_as_it_was_written(world, status):  # C-4
    id, _ = made(world, cup(status=status))
    assert read(world, id).status is status


def test_making_again_makes_no_second_one_and_writes_nothing(world):  # B-7, B-8
    change = create(cup())
    (first,) = push(world, change)
    world.shop.calls.clear()
    (again,) = world.connect().push(Kind.PRODUCTS, [change])
    assert (again.result, again.destination_id, again.variants) == (
        Result.UNCHANGED,
        first.destination_id,
        first.variants,
    )
    assert writes(world) == []
    assert len(world.shop.state.fetched) == 2


@pytest.mark.parametrize("after", range(8))
def test_a_lost_answer_makes_no_second_one(world, after):  # B-7
    world.shop.moods.add(Mood.LOST_ANSWER, after=after, times=3)
    try:
        push(world, create(cup()))
    except Unavailable:
        push(world, create(cup()))
    assert len(world.shop.state.shelf("Product").things) == 1
    assert len(world.shop.state.shelf("ProductVariant").things) == 2


def test_an_object_that_has_one_of_its_skus_is_not_doubled(world):  # C-5
    world.shop.load([sample(1, variants=1)])
    sku = world.shop.state.shelf("ProductVariant").things[400_128]["sku"]
    before = raw(world, "7001")
    (outcome,) = push(world, create(cup("p1", variant("v", sku=sku.lower()))))
    assert (outcome.result, outcome.destination_id) == (Result.EXISTS, "7001")
    assert (raw(world, "7001"), writes(world)) == (before, [])


def test_of_two_new_ones_with_one_sku_the_second_waits(world):  # C-5
    twins = [create(cup(id, variant(f"{id}v", sku="ONE"), handle=id)) for id in ("p1", "p2")]
    assert [each.result for each in push(world, *twins)] == [Result.CREATED, Result.EXISTS]


def test_only_the_fields_that_are_named_are_made(world):  # C-10
    named = frozenset({ProductField.TITLE, ProductField.PRICE, ProductField.VARIANTS})
    (outcome,) = push(world, create(cup(), fields=named))
    found = read(world, outcome.destination_id)
    assert (found.vendor, found.tags, found.images, found.description_html) == ("Sample", (), (), "")
    assert [(each.sku, each.quantity, each.price) for each in found.variants] == [("", 0, money("12.50"))] * 2
    assert outcome.beside == ()


def test_what_cannot_be_held_is_told_and_the_rest_is_made(world):  # C-4
    wanted = cup(
        "p1",
        *(
            variant(
                f"v{at}", ("A", f"{at}"), ("B", "b"), ("C", "c"), ("D", "d"), sku="S" * 300 if at else "S0"
            )
            for at in range(2)
        ),
        title="t" * 300,
        handle="Ünlaut / Griff",
        categories=("Maison",),
        tags=("a,b", "c"),
        images=(Image("1", "https://main.example/a.svg"), Image("2", "https://main.example/a.webp")),
    )
    (outcome,) = push(world, create(wanted))
    assert outcome.result is Result.CREATED
    assert codes(outcome) == [
        "categories_not_held",
        "handle_not_held",
        "images_not_held",
        "options_not_held",
        "sku_not_held",
        "tags_not_held",
        "title_not_held",
    ]
    found = read(world, outcome.destination_id)
    assert (len(found.title), found.tags, len(found.images)) == (255, ("c",), 1)
    assert [each.sku for each in found.variants] == ["S0", ""]
    assert [name for name, _ in found.variants[0].options] == ["A", "B", "C"]


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        (cup("p1", *(variant(f"v{at}", ("A", f"{at}"), sku="") for at in range(2_049))), "too_many_variants"),
        (cup("p1", variant("v", ("A", "1")), variant("w", ("A", "1"))), "options_repeated"),
        (cup(title=" "), "title_missing"),
        (cup("p1", replace(variant("v"), price=Money(money("1").amount, "USD"))), "currency_differs"),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_what_is_impossible_is_refused_with_a_reason_and_hinders_no_other(world, wanted, code):  # B-14
    refused, done = push(world, create(wanted), create(cup("p2")))
    assert (refused.result, refused.code, bool(refused.why and refused.remedy)) == (
        Result.REFUSED,
        code,
        True,
    )
    assert done.result is Result.CREATED


def test_a_product_of_two_thousand_variants_is_made_and_each_is_told(world):  # C-4
    many = cup("p1", *(variant(f"v{at}", ("N", f"{at}"), sku=f"N{at}") for at in range(2_048)), images=())
    id, variants = made(world, many)
    assert (len(variants), len(set(variants.values()))) == (2_048, 2_048)
    assert len(read(world, id).variants) == 2_048


def test_a_handle_that_is_taken_is_made_anew_and_told(world):  # C-4
    first, second = (create(cup(id)) for id in ("p1", "p2"))
    _, outcome = push(world, first, second)
    assert (outcome.result, codes(outcome)) == (Result.CREATED, ["handle_taken"])
    assert read(world, outcome.destination_id).handle != "tasse"


def test_a_product_is_deleted_and_a_second_time_is_none(world):  # C-9
    id, _ = made(world, cup())
    gone = replace(update(cup(), id), action=Action.DELETE, object=None)
    assert [each.result for each in (*push(world, gone), *push(world, gone))] == [
        Result.DELETED,
        Result.UNCHANGED,
    ]
    assert world.connector.pull(Kind.PRODUCTS, [id]).missing == (id,)


def test_what_was_made_is_found_by_our_reference(world):  # B-7
    id, _ = made(world, cup())
    found = world.connect().find(Kind.PRODUCTS, ["passerelle:lnk:products:p1", "passerelle:lnk:products:p9"])
    assert [(each.key, each.destination_id) for each in found] == [("passerelle:lnk:products:p1", id)]


def test_a_shop_that_nothing_was_made_in_is_asked_for_no_reference(world):
    assert world.connector.find(Kind.PRODUCTS, ["passerelle:lnk:products:p1"]) == []


def test_without_the_right_to_write_the_refusal_names_it(world):  # G-9
    world.open(Shop.ALL_SCOPES - {"write_products"})
    with pytest.raises(PermissionMissing, match="write_products"):
        push(world, create(cup()))
    assert world.connector.check().missing == ()


# --- hundreds: a bulk mutation ------------------------------------------------------------------------------


def crowd(many=150, **more):
    return [create(cup(f"p{at}", handle=f"tasse-{at}", **more)) for at in range(many)]


def test_hundreds_are_made_in_one_file_and_a_dozen_calls(world):  # G-1
    world.connector.terms()
    outcomes = push(world, *crowd(250))
    assert {each.result for each in outcomes} == {Result.CREATED}
    assert all(len(each.variants) == 2 for each in outcomes)
    assert [each for each in writes(world) if each != "Define"] == ["RunImport"]
    ids = [each.destination_id for each in outcomes]
    assert {each.title for each in world.connector.pull(Kind.PRODUCTS, ids).objects} == {"Tasse – 茶碗 🍵"}


def test_what_was_looked_for_a_moment_ago_is_made_in_one_file_and_nothing_else_is_asked(world):  # G-1
    world.connector.terms()
    push(world, create(cup("first")))
    before = len(world.shop.calls)
    outcomes = push(world, *(replace(each, fresh=True) for each in crowd(250)))
    assert all(each.result is Result.CREATED and len(each.variants) == 2 for each in outcomes)
    assert [each.note for each in list(world.shop.calls)[before:] if each.note] == [
        *("Stage", "RunImport", "Bulk", "Bulk")
    ]


def test_a_made_product_of_many_variants_is_told_with_all_of_them(world):  # C-4
    sizes = [variant(f"v{at}", ("Taille", f"T{at}"), sku=f"MANY-{at}") for at in range(130)]
    changes = [*crowd(60), create(cup("large", *sizes, handle="large"))]
    outcome = push(world, *changes)[-1]
    found = {each.id: each.sku for each in read(world, outcome.destination_id).variants}
    assert {source: found[there] for source, there in outcome.variants.items()} == {
        each.id: each.sku for each in sizes
    }


def test_one_line_that_is_refused_refuses_no_other(world):  # B-14
    changes = crowd(120)
    spoilt = replace(changes[7].object, images=(Image("1", "https:///nowhere.jpg"),))
    changes[7] = replace(changes[7], object=spoilt)
    outcomes = push(world, *changes)
    assert [at for at, each in enumerate(outcomes) if each.result is not Result.CREATED] == [7]
    assert (outcomes[7].result, outcomes[7].code) == (Result.REFUSED, "product_refused")


def test_an_import_that_ends_early_is_gone_on_with_later(world):  # B-12
    changes = crowd(120)
    world.shop.state.import_stops_after = 50
    first = push(world, *changes)
    assert [each.result for each in first] == [Result.CREATED] * 50 + [Result.THROTTLED] * 70
    world.shop.state.import_stops_after = None
    world.rest()
    again = world.connect().push(Kind.PRODUCTS, changes)
    assert {each.result for each in again} == {Result.UNCHANGED, Result.CREATED}
    assert [each.destination_id for each in again[:50]] == [each.destination_id for each in first[:50]]
    assert len(world.shop.state.shelf("Product").things) == 120


@pytest.mark.parametrize("after", range(14))
def test_an_answer_lost_on_the_way_doubles_nothing(world, after):  # B-7
    world.shop.moods.add(Mood.LOST_ANSWER, after=after, times=3)
    changes = crowd(110)
    for _ in range(3):
        try:
            outcomes = world.connect().push(Kind.PRODUCTS, changes)
        except Unavailable:
            continue
        break
    assert {each.result for each in outcomes} <= {Result.CREATED, Result.UNCHANGED}
    assert len(world.shop.state.shelf("Product").things) == 110
    assert len(world.shop.state.fetched) == 220


def test_an_import_that_runs_already_is_taken_up(world):  # B-7
    world.shop.bulk_polls = 10_000
    changes = crowd(110)
    outcomes = push(world, *changes)
    assert {each.result for each in outcomes} <= {Result.THROTTLED, Result.UNCHANGED}
    world.shop.bulk_polls = 1
    assert len(world.shop.state.shelf("BulkOperation").things) == 1
    world.rest()
    again = world.connect().push(Kind.PRODUCTS, changes)
    assert {each.result for each in again} <= {Result.UNCHANGED, Result.CREATED}
    assert len(world.shop.state.shelf("Product").things) == 110


def test_a_shop_that_is_down_makes_nothing(world):  # B-12
    world.shop.moods.add(Mood.UNAVAILABLE, times=FOREVER)
    with pytest.raises(Unavailable):
        push(world, *crowd(110))
    assert len(world.shop.state.shelf("Product").things) == 0
