"""Stock of variants: where it goes, what stays, and how little is written."""

from typing import Any

import pytest
from passerelle.model import Kind, StockLevel
from passerelle.port import Action, Change, Outcome, PermissionMissing, Result, Unavailable
from sandbox.magento import InputLimits, Shop
from sandbox.magento.stock import put_item
from sandbox.moods import Mood

from .connecting import a_shop, connect, counted
from .wares import changed, snapshot


def sold(shop: Shop) -> list[Any]:
    return [row for row in shop.state.products.values() if row["type_id"] == "simple"]


def level(row: Any, quantity: int | None, *places: tuple[str, int]) -> Change:
    """A level of a variant, as the sync sends it: ids of this shop, and the SKU of another."""
    id = str(row["id"])
    given = StockLevel("s1", "SOURCE-SKU", quantity, "product", variant_id="theirs", by_location=places)
    return Change(f"c{id}", Action.UPDATE, given, id)


def results(outcomes: list[Outcome]) -> list[Result]:
    return [outcome.result for outcome in outcomes]


def test_units_go_to_each_place_that_is_named_and_no_other() -> None:  # C-7
    shop = a_shop(6, 0, 0)
    shop.state.sources["third"] = {"source_code": "third", "name": "Third", "enabled": True}
    row = sold(shop)[0]
    for source in shop.state.sources:
        put_item(shop.state, row["sku"], source, 5, 1)
    before = snapshot(shop)
    change = level(row, 99, ("depot", 8), ("third", 0))
    (outcome,) = connect(shop).push(Kind.STOCK, [change])
    assert (outcome.result, outcome.destination_id) == (Result.UPDATED, str(row["id"]))
    sku = row["sku"].casefold()
    assert changed(before, snapshot(shop)) == {f"source {sku} depot", f"source {sku} third"}
    assert [shop.state.source_items[sku, place]["quantity"] for place in ("default", "depot", "third")] == [
        5,
        8,
        0,
    ]
    shop.calls.clear()
    assert results(connect(shop).push(Kind.STOCK, [change])) == [Result.UNCHANGED]
    assert shop.calls.writes == []


@pytest.mark.parametrize(("sources", "place"), [((), "default"), (("depot",), "depot")])
def test_where_no_place_is_named_the_default_one_gets_it(sources: Any, place: str) -> None:  # C-7
    shop = a_shop(6, 0, 0)
    row = sold(shop)[0]
    connect(shop, sources=sources).push(Kind.STOCK, [level(row, 41)])
    assert shop.state.source_items[row["sku"].casefold(), place]["quantity"] == 41


def test_what_is_not_counted_is_not_written() -> None:  # C-7
    shop = a_shop(6, 0, 0)
    assert results(connect(shop).push(Kind.STOCK, [level(sold(shop)[0], None)])) == [Result.UNCHANGED]
    assert shop.calls.writes == []


def test_a_legacy_item_that_the_shop_does_not_count_stays_so() -> None:  # C-7
    shop = a_shop(6, 0, 0, msi=False)
    row = sold(shop)[0]
    shop.state.stock_items[row["id"]]["manage_stock"] = False
    assert results(connect(shop).push(Kind.STOCK, [level(row, 5)])) == [Result.UNCHANGED]
    assert shop.calls.writes == []


def test_a_variant_that_is_gone_and_a_place_that_never_was_are_refused_singly() -> None:
    shop = a_shop(6, 0, 0)
    first, second = sold(shop)[:2]
    changes = [level({"id": 99_999}, 4), level(first, 4, ("moon", 4)), level(second, 4)]
    outcomes = connect(shop).push(Kind.STOCK, changes)
    assert [each.code for each in outcomes] == ["missing", "location_unknown", ""]
    assert outcomes[2].result is Result.UPDATED


def test_what_comes_to_nothing_is_out_of_stock_and_what_comes_back_is_in_it() -> None:
    shop = a_shop(6, 0, 0)
    row = sold(shop)[0]
    for quantity, status in ((0, 0), (3, 1)):
        connect(shop).push(Kind.STOCK, [level(row, quantity)])
        assert shop.state.source_items[row["sku"].casefold(), "default"]["status"] == status


@pytest.mark.parametrize(("limits", "reads", "writes"), [(None, 6, 2), (InputLimits(), 12, 50)])
def test_a_thousand_levels_are_read_and_written_in_bulk(limits: Any, reads: int, writes: int) -> None:
    shop = a_shop(450, 0, 0, limits=limits)
    rows = sold(shop)[:1000]
    assert len(rows) == 1000
    connector = connect(shop)
    connector.terms()
    shop.calls.clear()
    outcomes = connector.push(Kind.STOCK, [level(row, 777) for row in rows])
    assert results(outcomes) == [Result.UPDATED] * 1000
    # The first write of a shop that takes fewer at once is refused.
    assert len(shop.calls.writes) <= writes + int(limits is not None)
    assert len(shop.calls) - len(shop.calls.writes) <= reads + 4
    assert counted(shop, lambda: connector.push(Kind.STOCK, [level(row, 777) for row in rows])) <= reads + 4


def test_a_write_whose_answer_is_lost_is_told_and_is_done_once() -> None:  # C-8
    shop = a_shop(6, 0, 0)
    row = sold(shop)[0]
    shop.moods.add(Mood.LOST_ANSWER, "POST /rest/V1/inventory", times=1)
    with pytest.raises(Unavailable):
        connect(shop).push(Kind.STOCK, [level(row, 41)])
    assert results(connect(shop).push(Kind.STOCK, [level(row, 41)])) == [Result.UNCHANGED]


def test_a_token_that_may_only_read_is_told_the_right_it_lacks_when_it_writes() -> None:
    shop = a_shop(6, 0, 0)
    rights = {"Magento_Catalog::products", "Magento_InventoryApi::source", "Magento_Backend::store"}
    shop.guard.tokens["reader"] = frozenset(rights)
    reader = connect(shop, {"token": "reader"})
    assert "Magento_InventoryApi::source_edit" not in reader.check().missing
    with pytest.raises(PermissionMissing, match="Magento_InventoryApi::source_edit"):
        reader.push(Kind.STOCK, [level(sold(shop)[0], 41)])
