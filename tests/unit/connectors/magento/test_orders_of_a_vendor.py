"""Orders placed and cancelled at a Magento shop, and its parcels, read and written."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from passerelle.model import (
    Address,
    FinancialStatus,
    FulfillmentStatus,
    Fulfilment,
    Kind,
    Money,
    Order,
    OrderLine,
    Tracking,
)
from passerelle.port import Action, Change, Outcome, Result, Selection, Unavailable
from sandbox.magento import Shop
from sandbox.moods import Mood

from .connecting import NOW, a_shop, connect, listed

HOME = Address(
    "1 Lab St", "Floor 2", "San Francisco", "California", "94110", "US", "", "5550100", "Ana", "Gómez"
)
REFERENCE = "passerelle:l:orders:o1"


def an_order(shop: Shop, **changes: Any) -> Order:
    """Two of a simple product, at the price that it has there."""
    held = shop.state.product("SKU-00002")
    assert held is not None
    price = Money(Decimal(str(held["price"])), "USD")
    shipping = Money(Decimal(10), "USD")
    order = Order(
        id="o1",
        number="1001",
        email="ana@example.com",
        status="",
        financial_status=FinancialStatus.PENDING,
        fulfillment_status=FulfillmentStatus.UNFULFILLED,
        total=Money(2 * price.amount + shipping.amount, "USD"),
        lines=(OrderLine("l1", "A thing", 2, price, sku="SKU-00002"),),
        placed_at=NOW,
        shipping_address=HOME,
    )
    return replace(order, **changes)


def placed(shop: Shop, order: Order) -> Outcome:
    (outcome,) = connect(shop).push(
        Kind.ORDERS, [Change(order.id, Action.CREATE, order, reference=REFERENCE)]
    )
    return outcome


def brought(shop: Shop, id: str, order: Order) -> Outcome:
    (outcome,) = connect(shop).push(Kind.ORDERS, [Change(order.id, Action.UPDATE, order, id)])
    return outcome


def test_an_order_is_placed_with_lines_and_address_and_its_stock_is_reserved() -> None:
    shop = a_shop(4, 0, 0)
    before = shop.state.salable("SKU-00002")
    outcome = placed(shop, an_order(shop))
    assert (outcome.result, outcome.beside) == (Result.CREATED, ())
    (order,) = connect(shop).pull(Kind.ORDERS, [outcome.destination_id]).objects
    assert isinstance(order, Order)
    assert [(line.sku, line.quantity) for line in order.lines] == [("SKU-00002", 2)]
    assert order.shipping_address is not None
    assert (order.shipping_address.line2, order.shipping_address.region) == ("Floor 2", "California")
    assert shop.state.salable("SKU-00002") == before - 2


@pytest.mark.parametrize("call", ["guest-carts$", "items", "shipping-information", "payment-information"])
def test_an_order_whose_answer_was_lost_is_placed_once(call: str) -> None:  # D-8
    shop = a_shop(4, 0, 0)
    shop.moods.add(Mood.LOST_ANSWER, call, times=1)
    with pytest.raises(Unavailable) as lost:
        placed(shop, an_order(shop))
    assert not any(mask in lost.value.why for mask in shop.state.masks)
    assert placed(shop, an_order(shop)).result in {Result.CREATED, Result.EXISTS}
    assert len(shop.state.orders) == 1


def test_an_order_that_we_placed_is_found_by_our_reference_and_no_other_is() -> None:
    shop = a_shop(4, 4, 5)
    outcome = placed(shop, an_order(shop))
    found = connect(shop).find(Kind.ORDERS, [REFERENCE, "passerelle:l:orders:o2"])
    assert [(match.key, match.destination_id) for match in found] == [(REFERENCE, outcome.destination_id)]


def test_what_the_shop_charges_otherwise_is_told() -> None:  # D-19
    shop = a_shop(4, 0, 0)
    outcome = placed(shop, an_order(shop, total=Money(Decimal(1), "USD")))
    assert outcome.result is Result.CREATED
    assert [beside.code for beside in outcome.beside] == ["total_differs"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"lines": (OrderLine("l", "x", 1, Money(Decimal(1), "USD"), sku="NOSUCH"),)}, "order_refused"),
        ({"lines": (OrderLine("l", "x", 9999, Money(Decimal(1), "USD"), sku="SKU-00002"),)}, "order_refused"),
        ({"shipping_address": replace(HOME, city="")}, "address_incomplete"),
        ({"email": ""}, "address_incomplete"),
    ],
)
def test_an_order_that_the_shop_cannot_take_is_refused_and_leaves_none(changes: Any, code: str) -> None:
    shop = a_shop(4, 0, 0)
    outcome = placed(shop, an_order(shop, **changes))
    assert (outcome.result, outcome.code) == (Result.REFUSED, code)
    assert shop.state.orders == {}


def test_an_order_is_cancelled_once_and_not_after_it_was_shipped() -> None:  # D-12
    shop = a_shop(4, 0, 0)
    id = placed(shop, an_order(shop)).destination_id
    cancelled = an_order(shop, financial_status=FinancialStatus.CANCELLED)
    assert brought(shop, id, cancelled).result is Result.UPDATED
    assert brought(shop, id, cancelled).result is Result.UNCHANGED
    other = a_shop(4, 0, 0)
    id = placed(other, an_order(other)).destination_id
    other.state.orders[int(id)] |= {"state": "complete", "status": "complete"}
    refused = brought(other, id, cancelled)
    assert (refused.result, refused.code) == (Result.REFUSED, "order_not_cancellable")


def test_an_order_takes_the_status_it_is_given() -> None:
    shop = a_shop(4, 0, 0)
    id = placed(shop, an_order(shop)).destination_id
    assert brought(shop, id, an_order(shop, status="processing")).result is Result.UPDATED
    assert shop.state.orders[int(id)]["status"] == "processing"
    assert brought(shop, id, an_order(shop, status="processing")).result is Result.UNCHANGED


# --- parcels -------------------------------------------------------------------------------------------------


def shipped(shop: Shop, parcel: Fulfilment, action: Action = Action.CREATE, id: str = "") -> Outcome:
    change = Change(parcel.id, action, parcel, id, reference=f"passerelle:{parcel.id}")
    (outcome,) = connect(shop).push(Kind.FULFILMENTS, [change])
    return outcome


def ordered(shop: Shop) -> tuple[str, str]:
    """(order, its line)"""
    id = placed(shop, an_order(shop)).destination_id
    return id, str(shop.state.orders[int(id)]["items"][0]["item_id"])


def test_parcels_add_up_and_carry_their_tracking() -> None:  # D-9
    shop = a_shop(4, 0, 0)
    order, line = ordered(shop)
    first = Fulfilment("f1", order, ((line, 1),), (Tracking("1Z1", "UPS"),))
    second = Fulfilment("f2", order, (), (Tracking("XY", "La Poste"),))
    outcomes = [shipped(shop, first)]
    (half,) = connect(shop).pull(Kind.ORDERS, [order]).objects
    assert isinstance(half, Order)
    assert half.fulfillment_status is FulfillmentStatus.PARTIAL
    outcomes.append(shipped(shop, second))
    pulled = connect(shop).pull(Kind.FULFILMENTS, [outcome.destination_id for outcome in outcomes]).objects
    told = [(p.order_id, p.lines, p.trackings) for p in pulled if isinstance(p, Fulfilment)]
    assert told == [(order, ((line, 1),), first.trackings), (order, ((line, 1),), second.trackings)]
    codes = [track["carrier_code"] for row in shop.state.shipments.values() for track in row["tracks"]]
    assert codes == ["ups", "custom"]


def test_a_parcel_whose_answer_was_lost_is_sent_once() -> None:
    shop = a_shop(4, 0, 0)
    order, line = ordered(shop)
    parcel = Fulfilment("f1", order, ((line, 1),))
    shop.moods.add(Mood.LOST_ANSWER, "/ship$", times=1)
    with pytest.raises(Unavailable):
        shipped(shop, parcel)
    assert shipped(shop, parcel).result is Result.EXISTS
    assert len(shop.state.shipments) == 1


def test_a_tracking_number_is_corrected_and_twice_changes_nothing() -> None:  # D-9
    shop = a_shop(4, 0, 0)
    order, line = ordered(shop)
    parcel = Fulfilment("f1", order, ((line, 2),), (Tracking("WRONG", "UPS"),))
    id = shipped(shop, parcel).destination_id
    right = replace(parcel, trackings=(Tracking("RIGHT", "UPS"),))
    assert shipped(shop, right, Action.UPDATE, id).result is Result.UPDATED
    assert [track["track_number"] for track in shop.state.shipments[int(id)]["tracks"]] == ["RIGHT"]
    assert shipped(shop, right, Action.UPDATE, id).result is Result.UNCHANGED


@pytest.mark.parametrize("line", ["", "99999"])
def test_what_is_shipped_already_or_was_never_ordered_is_refused(line: str) -> None:
    shop = a_shop(4, 0, 0)
    order, own = ordered(shop)
    if not line:
        shipped(shop, Fulfilment("f0", order, ((own, 2),)))
    outcome = shipped(shop, Fulfilment("f1", order, ((line or own, 1),)))
    assert (outcome.result, outcome.code) == (Result.REFUSED, "fulfilment_refused")


def test_parcels_are_listed_and_found_anew_when_their_tracking_changes() -> None:
    now = [NOW]
    shop = a_shop(4, 0, 0, clock=lambda: now[0])
    order, line = ordered(shop)
    parcel = Fulfilment("f1", order, ((line, 2),), (Tracking("WRONG", "UPS"),))
    id = shipped(shop, parcel).destination_id
    assert listed(connect(shop), Kind.FULFILMENTS) == [id]
    now[0] += timedelta(hours=2)
    since = NOW + timedelta(hours=1)
    assert listed(connect(shop), Kind.FULFILMENTS, since=since) == []
    shipped(shop, replace(parcel, trackings=(Tracking("RIGHT", "UPS"),)), Action.UPDATE, id)
    assert listed(connect(shop), Kind.FULFILMENTS, since=since) == [id]
    assert connect(shop).count(Kind.FULFILMENTS, Selection()).objects == 1
