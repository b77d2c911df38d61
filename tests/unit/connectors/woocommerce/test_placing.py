"""Orders placed at a vendor's shop: once, of goods that are there, and only ever forward."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from passerelle.model import Address, FinancialStatus, FulfillmentStatus, Kind, Money, Order, OrderLine
from passerelle.port import Action, Change, Outcome, Result, Unavailable
from sandbox.moods import Mood
from sandbox.woocommerce import Shop
from sandbox.woocommerce.sample import catalogue

from .connecting import connect

PLACE = Address("1 High Street", "", "Lyon", "", "69001", "FR", "", "+33 1", "Ada", "Lovelace")


def order(*skus: str, **more: Any) -> Order:
    price = Money(Decimal(5), "EUR")
    lines = tuple(OrderLine(sku, sku, 2, price, sku=sku) for sku in skus)
    given = Order(
        "o1",
        "1001",
        "ada@customers.example",
        "paid",
        FinancialStatus.PAID,
        FulfillmentStatus.UNFULFILLED,
        Money(Decimal(10), "EUR"),
        lines,
        datetime(2026, 6, 1, tzinfo=UTC),
        shipping_address=PLACE,
    )
    return replace(given, **more)


def place(made: Order) -> Change:
    return Change(made.id, Action.CREATE, made, reference=f"passerelle:lnk:orders:{made.id}")


def forward(made: Order, id: str) -> Change:
    return replace(place(made), action=Action.UPDATE, destination_id=id)


def push(shop: Shop, change: Change) -> Outcome:
    (outcome,) = connect(shop).push(Kind.ORDERS, [change])
    return outcome


def a_variation(shop: Shop) -> Any:
    return next(
        row
        for row in shop.state.products.values()
        if row["type"] == "variation" and row["stock_quantity"] > 4
    )


def test_an_order_is_placed_with_its_goods_and_takes_them_off_the_stock() -> None:
    shop = catalogue(6, 0, 0)
    part = a_variation(shop)
    before = part["stock_quantity"]
    outcome = push(shop, place(order(part["sku"])))
    (placed,) = connect(shop).pull(Kind.ORDERS, [outcome.destination_id]).objects
    assert isinstance(placed, Order)
    assert (outcome.result, placed.email, placed.status) == (
        Result.CREATED,
        "ada@customers.example",
        "processing",
    )
    assert [(one.sku, one.quantity) for one in placed.lines] == [(part["sku"], 2)]
    assert placed.shipping_address == PLACE
    assert part["stock_quantity"] == before - 2


def test_an_order_of_goods_that_are_not_there_is_not_placed() -> None:
    shop = catalogue(3, 0, 0)
    outcome = push(shop, place(order("NOBODY-KNOWS")))
    assert (outcome.result, outcome.code) == (Result.REFUSED, "unmapped_product")
    assert "NOBODY-KNOWS" in outcome.why
    assert shop.state.orders == {}


def test_goods_that_go_away_in_between_leave_no_order_with_an_empty_line() -> None:
    shop = catalogue(6, 0, 0)
    part = a_variation(shop)
    shop.moods.on_call(1, lambda: shop.acts.delete_product(part["id"]), "POST .*/orders/batch")
    outcome = push(shop, place(order(part["sku"])))
    assert (outcome.result, outcome.code) == (Result.REFUSED, "unmapped_product")
    assert [row["status"] for row in shop.state.orders.values()] == ["cancelled"]


def test_an_order_whose_placing_was_never_answered_is_not_placed_twice() -> None:  # B-7
    shop = catalogue(6, 0, 0)
    change = place(order(a_variation(shop)["sku"]))
    shop.moods.add(Mood.LOST_ANSWER, "POST .*/orders/batch")
    with pytest.raises(Unavailable):
        push(shop, change)
    again = push(shop, change)
    assert (again.result, [str(id) for id in shop.state.orders]) == (Result.UNCHANGED, [again.destination_id])
    (match,) = connect(shop).find(Kind.ORDERS, [change.reference, "another"])
    assert match.destination_id == again.destination_id


def test_an_order_goes_forward_and_never_back() -> None:
    shop = catalogue(6, 0, 0)
    made = order(a_variation(shop)["sku"])
    id = push(shop, place(made)).destination_id
    shipped = replace(made, fulfillment_status=FulfillmentStatus.SHIPPED)
    cancelled = replace(made, financial_status=FinancialStatus.CANCELLED)
    ended = [push(shop, forward(each, id)).result for each in (made, shipped, shipped, made, cancelled)]
    assert ended == [Result.UNCHANGED, Result.UPDATED, Result.UNCHANGED, Result.UNCHANGED, Result.UNCHANGED]
    assert shop.state.orders[int(id)]["status"] == "completed"


def test_a_cancelled_order_gives_its_goods_back() -> None:
    shop = catalogue(6, 0, 0)
    part = a_variation(shop)
    before, made = part["stock_quantity"], order(part["sku"])
    id = push(shop, place(made)).destination_id
    assert (
        push(shop, forward(replace(made, financial_status=FinancialStatus.CANCELLED), id)).result
        is Result.UPDATED
    )
    assert part["stock_quantity"] == before


def test_an_order_that_is_gone_is_told() -> None:
    assert push(catalogue(1, 0, 0), forward(order("X"), "4242")).code == "missing"
