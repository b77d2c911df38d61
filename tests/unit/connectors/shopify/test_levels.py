"""Writing stock: absolute, in bulk, and never over what somebody else wrote meanwhile."""

import pytest
from passerelle.model import Kind, StockLevel
from passerelle.port import Action, Change, PermissionMissing, Result, Unavailable
from sandbox.moods import FOREVER, Mood
from sandbox.shopify import Shop
from sandbox.shopify.sample import product
from sandbox.shopify.state import gid
from sandbox.shopify.stock import levels

FIRST = "400128"


@pytest.fixture
def stocked(world):
    fill(world)
    return world


def fill(world, products=2, variants=2):
    world.shop.load([product(place, variants=variants) for place in range(1, 1 + products)])
    for item in world.shop.state.shelf("InventoryItem").things.values():
        item["tracked"] = True
    for variant in world.shop.state.shelf("ProductVariant").things.values():
        variant["inventoryQuantity"] = 10


def change(variant, quantity, *by_location, action=Action.UPDATE):
    level = StockLevel(f"s{variant}", "", quantity, product_id="7001", by_location=by_location)
    return Change(level.id, action, level, variant)


def push(world, *changes):
    return world.connector.push(Kind.STOCK, list(changes))


def units(world, variant=FIRST):
    item = world.shop.state.get(gid("InventoryItem", variant))
    return levels(world.shop.state, item)


def writes(world):
    return [call for call in world.shop.calls if call.is_write]


def test_what_is_meant_for_no_place_goes_to_the_primary_one(stocked):  # C-7
    assert [each.result for each in push(stocked, change(FIRST, 3))] == [Result.UPDATED]
    assert units(stocked) == {800: 3}
    (told,) = stocked.connector.pull(Kind.STOCK, [FIRST]).objects
    assert told.quantity == 3


def test_only_the_places_that_are_named_are_written(stocked):  # C-7, C-10
    depot, attic = stocked.shop.open_location("Dépôt"), stocked.shop.open_location("Grenier")
    stocked.shop.life.stock(gid("ProductVariant", FIRST), attic, 4)
    (outcome,) = push(stocked, change(FIRST, 9, (str(depot), 9)))
    assert outcome.result is Result.UPDATED
    assert units(stocked) == {800: 10, depot: 9, attic: 4}


def test_pushing_twice_changes_nothing_and_calls_no_write(stocked):  # B-8
    changes = [change(FIRST, 3), change("400129", 10)]
    assert [each.result for each in push(stocked, *changes)] == [Result.UPDATED, Result.UNCHANGED]
    stocked.shop.calls.clear()
    assert [each.result for each in push(stocked, *changes)] == [Result.UNCHANGED] * 2
    assert writes(stocked) == []


def test_less_than_nothing_is_nothing(stocked):  # C-7
    push(stocked, change(FIRST, -4))
    assert units(stocked) == {800: 0}


@pytest.mark.parametrize("quantity", [None, 5])
def test_untracked_stays_untracked(stocked, quantity):  # C-7
    stocked.shop.state.get(gid("InventoryItem", FIRST))["tracked"] = False
    (outcome,) = push(stocked, change(FIRST, quantity))
    assert outcome.result is Result.UNCHANGED
    assert [each.code for each in outcome.beside] == ([] if quantity is None else ["stock_not_tracked"])
    assert units(stocked) == {800: 10}


def test_a_sale_between_the_look_and_the_write_is_seen_and_the_write_made_again(stocked):  # C-8
    stocked.connector.terms()
    stocked.shop.moods.on_call(
        2, lambda: stocked.shop.life.edit_variant(gid("ProductVariant", FIRST), inventoryQuantity=9)
    )
    results = {each.id: each.result for each in push(stocked, change(FIRST, 3), change("400129", 4))}
    assert set(results.values()) == {Result.UPDATED}
    assert (units(stocked), units(stocked, "400129")) == ({800: 3}, {800: 4})


def test_stock_that_is_never_still_is_left_for_later(stocked):  # C-8
    stocked.connector.terms()
    variant = gid("ProductVariant", FIRST)
    for call in (2, 4, 6, 8):
        stocked.shop.moods.on_call(
            call, lambda left=20 + call: stocked.shop.life.edit_variant(variant, inventoryQuantity=left)
        )
    (outcome,) = push(stocked, change(FIRST, 3))
    assert (outcome.result, outcome.code) == (Result.THROTTLED, "stock_contended")
    assert units(stocked) == {800: 28}


def test_a_lost_answer_is_asked_for_again_with_the_same_key(stocked):  # B-7
    stocked.connector.terms()
    stocked.shop.moods.add(Mood.LOST_ANSWER, after=1)
    (outcome,) = push(stocked, change(FIRST, 3))
    assert outcome.result is Result.UPDATED
    assert units(stocked) == {800: 3}
    assert len(stocked.shop.state.answered) == 1


def test_the_same_step_may_be_made_again_later(stocked):  # C-8
    for wanted in (3, 10, 3, 10, 3):
        push(stocked, change(FIRST, wanted))
        assert units(stocked) == {800: wanted}


def test_one_that_is_gone_or_refused_keeps_no_other_from_being_written(stocked):  # B-14
    outcomes = push(
        stocked, change("999", 1), change(FIRST, 3), change("400129", 1, ("999", 1)), change("400256", 2)
    )
    assert [(each.result, each.code) for each in outcomes] == [
        (Result.REFUSED, "missing"),
        (Result.UPDATED, ""),
        (Result.REFUSED, "location_unknown"),
        (Result.UPDATED, ""),
    ]
    assert (units(stocked), units(stocked, "400129")) == ({800: 3}, {800: 10})


def test_stock_is_neither_made_nor_deleted(stocked):
    (outcome,) = push(stocked, change(FIRST, 1, action=Action.DELETE))
    assert (outcome.result, outcome.code) == (Result.REFUSED, "stock_of_nothing")


def test_a_thousand_levels_take_eight_calls(world):  # G-1
    fill(world, 250, 4)
    world.connector.terms()
    world.shop.calls.clear()
    variants = [str(each) for each in world.shop.state.shelf("ProductVariant").numbers]
    outcomes = push(world, *(change(each, 77) for each in variants))
    assert {each.result for each in outcomes} == {Result.UPDATED}
    assert (len(world.shop.calls), len(writes(world))) == (8, 4)


def test_a_shop_that_is_down_is_unavailable_and_nothing_is_written(stocked):  # B-14
    stocked.shop.moods.add(Mood.UNAVAILABLE, times=FOREVER)
    with pytest.raises(Unavailable):
        push(stocked, change(FIRST, 3))
    assert units(stocked) == {800: 10}


def test_without_the_right_to_write_the_refusal_names_it(world):  # G-9
    world.open(Shop.ALL_SCOPES - {"write_inventory"})
    fill(world)
    with pytest.raises(PermissionMissing, match="write_inventory"):
        push(world, change(FIRST, 3))
