"""Stock written to a shop: to the row of the variant, only what differs, fifty a request."""

from dataclasses import replace

import pytest
from passerelle.connectors.prestashop import Connector, Credentials, Settings
from passerelle.http import Client
from passerelle.model import Kind, ProductField, StockLevel
from passerelle.port import Action, Change, Outcome, Result, Selection, Unavailable
from sandbox.moods import Mood
from sandbox.prestashop import Shop
from sandbox.prestashop.sample import SAMPLE_KEY
from sandbox.transport import InProcess

from .connecting import URL, counted
from .dependent import create, differences, empty_shop, kept, mug, open_to, push, read, shirt, update, variant


def level(variant: str, units: int | None, *places: tuple[str, int]) -> Change:
    product = variant.partition("-")[0]
    thing = StockLevel(
        f"s{variant}", "", units, product_id=product, variant_id="of the main", by_location=places
    )
    return Change(thing.id, Action.UPDATE, thing, destination_id=variant)


def stocked(shop: Shop, *changes: Change) -> list[Outcome]:
    outcomes = open_to(shop).push(Kind.STOCK, changes)
    assert [each.id for each in outcomes] == [each.id for each in changes]
    return outcomes


def many(shop: Shop, count: int) -> list[str]:
    """Ids of the variants of that many products."""
    connector = open_to(shop)
    goods = [mug(id=f"m{n}", variants=(variant("v", sku=f"M-{n}"),)) for n in range(count)]
    outcomes = connector.push(Kind.PRODUCTS, [create(each) for each in goods])
    return [each.variants["v"] for each in outcomes]


def units(connector: Connector, id: str) -> list[int | None]:
    return [v.quantity for v in read(connector, id).variants]


def test_a_level_goes_to_its_variant_and_nothing_else_moves() -> None:  # C-7
    shop = empty_shop()
    outcome = push(open_to(shop), create(shirt()))
    id, before = outcome.destination_id, kept(shop, outcome.destination_id)
    wanted = outcome.variants["vLRed"]
    (told,) = stocked(shop, level(wanted, 17))
    assert (told.result, told.destination_id) == (Result.UPDATED, wanted)
    assert units(open_to(shop), id) == [3, 3, 17, 3]
    changed = {path.rpartition("/")[2] for path in differences(before, kept(shop, id))}
    assert changed == {"quantity"}
    assert len(differences(before, kept(shop, id))) == 2, "the variant's and the sum"


def test_the_same_level_twice_is_no_write_call() -> None:  # C-8
    shop = empty_shop()
    (variant,) = many(shop, 1)
    assert stocked(shop, level(variant, 8))[0].result is Result.UPDATED
    writes = len(shop.calls.writes)
    assert stocked(shop, level(variant, 8))[0].result is Result.UNCHANGED
    assert len(shop.calls.writes) == writes


def test_nothing_is_a_quantity_and_untracked_is_none() -> None:
    shop = empty_shop()
    (variant,) = many(shop, 1)
    assert stocked(shop, level(variant, None))[0].result is Result.UNCHANGED
    assert units(open_to(shop), "1") == [5]
    assert stocked(shop, level(variant, 0))[0].result is Result.UPDATED
    assert units(open_to(shop), "1") == [0]


def test_units_of_the_shops_own_place_count_and_those_of_others_do_not() -> None:  # C-7
    shop = empty_shop()
    (variant,) = many(shop, 1)
    (place,) = open_to(shop).terms().locations
    assert stocked(shop, level(variant, 99, (place.id, 7), ("elsewhere", 92)))[0].result is Result.UPDATED
    assert units(open_to(shop), "1") == [7]
    (refused,) = stocked(shop, level(variant, 99, ("elsewhere", 99)))
    assert (refused.result, refused.code) == (Result.REFUSED, "location_unknown")
    assert units(open_to(shop), "1") == [7]


@pytest.mark.parametrize("unknown", ["77-0", "1-99", "x", "12"])
def test_a_variant_that_is_gone_is_told_and_the_others_are_written(unknown: str) -> None:
    shop = empty_shop()
    (variant,) = many(shop, 1)
    first, second = stocked(shop, level(unknown, 4), level(variant, 4))
    assert (first.result, first.code, second.result) == (Result.REFUSED, "missing", Result.UPDATED)


def test_the_row_that_adds_up_combinations_is_the_shops_own() -> None:
    shop = empty_shop()
    id = push(open_to(shop), create(shirt())).destination_id
    (outcome,) = stocked(shop, level(f"{id}-0", 500))
    assert (outcome.result, outcome.code) == (Result.REFUSED, "missing")
    assert units(open_to(shop), id) == [3, 3, 3, 3]


def test_stock_that_lies_in_warehouses_is_told_apart() -> None:
    shop = empty_shop()
    first, second = many(shop, 2)
    shop.state.stock_availables.update(1, depends_on_stock=1)
    told, other = stocked(shop, level(first, 4), level(second, 4))
    assert (told.result, told.code, other.result) == (Result.REFUSED, "stock_elsewhere", Result.UPDATED)


def test_a_level_that_the_shop_refuses_does_not_hold_up_the_others() -> None:
    shop = empty_shop()
    variants = many(shop, 60)
    changes = [level(each, 10**12 if place == 17 else 44) for place, each in enumerate(variants)]
    outcomes = stocked(shop, *changes)
    assert [place for place, each in enumerate(outcomes) if each.result is not Result.UPDATED] == [17]
    assert outcomes[17].code == "stock_refused"
    assert {row["quantity"] for id, row in shop.state.stock_availables} == {"44", "5"}


def test_a_thousand_levels_take_few_calls_to_write_and_to_read() -> None:
    shop = empty_shop(languages=1)
    variants = many(shop, 1000)
    connector = open_to(shop)
    changes = [level(each, 7) for each in variants]
    assert counted(shop, lambda: connector.push(Kind.STOCK, changes)) <= 28
    page = connector.index(Kind.STOCK, Selection(), None)
    ids = [entry.id for entry in page.entries]
    assert counted(shop, lambda: open_to(shop).pull(Kind.STOCK, ids)) <= 28
    levels = connector.pull(Kind.STOCK, ids).objects
    assert {one.variant_id for one in levels if isinstance(one, StockLevel)} == set(variants)


def test_a_lost_answer_is_told_and_the_next_push_writes_the_same() -> None:
    shop = empty_shop()
    (variant,) = many(shop, 1)
    shop.moods.add(Mood.LOST_ANSWER, "PATCH /api/stock", times=1)
    with pytest.raises(Unavailable):
        stocked(shop, level(variant, 3))
    assert stocked(shop, level(variant, 3))[0].result is Result.UNCHANGED


def test_one_level_a_variant_is_listed_and_its_version_is_its_quantity() -> None:
    shop = empty_shop()
    outcome = push(open_to(shop), create(shirt()))
    push(open_to(shop), create(mug()))
    connector = open_to(shop)
    entries = connector.index(Kind.STOCK, Selection(), None).entries
    assert [entry.version for entry in entries] == ["3", "3", "3", "3", "5"]
    levels = connector.pull(Kind.STOCK, [entry.id for entry in entries]).objects
    told = [(one.product_id, one.variant_id) for one in levels if isinstance(one, StockLevel)]
    assert told == [*[(outcome.destination_id, each) for each in outcome.variants.values()], ("2", "2-0")]


def test_a_shop_that_counts_nothing_is_untracked_and_not_written() -> None:
    shop = empty_shop()
    (variant,) = many(shop, 1)
    setting = shop.state.configurations.where("name", "PS_STOCK_MANAGEMENT")[0]
    shop.state.configurations.update(setting, value="0")
    assert units(open_to(shop), "1") == [None]
    (one,) = open_to(shop).pull(Kind.STOCK, ["1"]).objects
    assert isinstance(one, StockLevel)
    assert one.quantity is None
    assert stocked(shop, level(variant, 9))[0].result is Result.UNCHANGED


def test_only_the_rows_of_the_shop_that_the_link_names_are_read_and_written() -> None:
    shop = empty_shop()
    (variant,) = many(shop, 1)
    row = {"id_product": 1, "id_product_attribute": 0, "id_shop": 2, "quantity": 50, "out_of_stock": 0}
    other = shop.state.stock_availables.insert(row)
    client = Client(InProcess({URL: shop}), allow_private=True)
    connector = Connector(Credentials(url=URL, key=SAMPLE_KEY), Settings(shop=2), client)
    assert [entry.version for entry in connector.index(Kind.STOCK, Selection(), None).entries] == ["50"]
    connector.push(Kind.STOCK, [level(variant, 8)])
    assert [row["quantity"] for _, row in shop.state.stock_availables] == ["5", "8"]
    assert shop.state.stock_availables.rows[other]["quantity"] == "8"


def test_what_nobody_counts_at_the_main_may_be_bought_without_any() -> None:
    shop = empty_shop()
    free = mug(variants=(replace(mug().variants[0], quantity=None),))
    outcome = push(open_to(shop), create(free))
    assert [each.code for each in outcome.beside] == ["untracked_not_held"]
    assert shop.state.stock_availables.rows[1]["out_of_stock"] == "1"
    assert (
        push(open_to(shop), update(free, outcome.destination_id, ProductField.QUANTITY)).result
        is Result.UNCHANGED
    )
