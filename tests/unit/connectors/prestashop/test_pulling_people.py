"""Customers, orders, carts and promo codes as the shop knows them."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from passerelle.connectors.prestashop import Connector
from passerelle.model import (
    Cart,
    Consent,
    ConsentState,
    Customer,
    FinancialStatus,
    FulfillmentStatus,
    Kind,
    Order,
    PromoCode,
    PromoTarget,
    PromoType,
)
from passerelle.port import Incomplete
from sandbox.moods import Mood
from sandbox.prestashop import Shop
from sandbox.prestashop.sample import as_recorded, catalogue

from .connecting import connect, counted


def customer(shop: Shop, id: str = "2") -> Customer:
    (found,) = connect(shop).pull(Kind.CUSTOMERS, [id]).objects
    assert isinstance(found, Customer)
    return found


def order(connector: Connector, id: str = "1") -> Order:
    (found,) = connector.pull(Kind.ORDERS, [id]).objects
    assert isinstance(found, Order)
    return found


def test_newsletter_1_is_subscribed_since_the_date_the_shop_keeps() -> None:
    moment = datetime(2013, 12, 13, 8, 19, 15, tzinfo=UTC)
    assert customer(as_recorded()).consent == Consent(ConsentState.SUBSCRIBED, moment)


def test_newsletter_0_without_a_date_is_someone_who_never_opted_in() -> None:
    assert customer(as_recorded(), "1").consent == Consent(ConsentState.NOT_SUBSCRIBED)


def test_newsletter_0_with_a_date_is_someone_who_opted_out_at_an_unknown_time() -> None:
    shop = as_recorded()
    shop.state.customers.update(2, newsletter=0)
    assert customer(shop).consent == Consent(ConsentState.UNSUBSCRIBED)


def test_a_customer_comes_with_address_language_and_birthday() -> None:
    john = customer(as_recorded())
    assert (john.email, john.first_name, john.last_name) == ("pub@prestashop.com", "John", "DOE")
    assert (john.birthday, john.language) == ("01/15", "en")
    assert john.address is not None
    assert (john.address.city, john.address.country, john.address.complete) == ("Paris", "FR", True)


def test_guests_are_marked_and_deleted_customers_are_missing() -> None:
    shop = as_recorded()
    shop.state.customers.update(1, deleted=1)
    shop.state.customers.update(2, is_guest=1)
    pulled = connect(shop).pull(Kind.CUSTOMERS, ["1", "2"])
    assert pulled.missing == ("1",)
    assert isinstance(pulled.objects[0], Customer)
    assert pulled.objects[0].tags == ("guest",)


def test_an_email_that_is_none_is_set_apart_without_being_repeated() -> None:  # G-7
    shop = as_recorded()
    shop.state.customers.update(2, email="john at home")
    (unreadable,) = connect(shop).pull(Kind.CUSTOMERS, ["2"]).unreadable
    assert "john" not in unreadable.why + unreadable.remedy


def test_passwords_and_keys_of_customers_are_never_asked_for() -> None:
    shop = as_recorded()
    connector = connect(shop)
    connector.pull(Kind.CUSTOMERS, ["1", "2"])
    connector.pull(Kind.ORDERS, ["1"])
    asked = [call.query for call in shop.calls.matching("GET /api/customers")]
    assert asked
    assert not any("full" in query or "passwd" in query or "secure_key" in query for query in asked)


def test_a_hundred_customers_take_five_calls_the_first_time() -> None:
    shop = catalogue(0, 100, 0)
    ids = [str(n) for n in range(1, 101)]
    connector = connect(shop)
    assert counted(shop, lambda: connector.pull(Kind.CUSTOMERS, ids)) <= 5
    assert counted(shop, lambda: connector.pull(Kind.CUSTOMERS, ids)) == 2


def test_customers_are_found_by_email_in_any_case_accounts_first() -> None:
    shop = as_recorded()
    shop.state.customers.insert({"email": "PUB@prestashop.com", "is_guest": 1})
    matches = connect(shop).find(Kind.CUSTOMERS, ["Pub@PrestaShop.com", "nobody@example.com"])
    assert [(m.key, m.destination_id) for m in matches] == [
        ("Pub@PrestaShop.com", "2"),
        ("Pub@PrestaShop.com", "3"),
    ]


def test_an_order_comes_with_lines_buyer_and_addresses() -> None:
    first = order(connect(as_recorded()))
    assert (first.number, first.email, first.status) == ("XKBKNABJK", "pub@prestashop.com", "6")
    assert [(li.variant_id, li.quantity, li.sku) for li in first.lines] == [
        ("1-1", 1, "demo_1"),
        ("2-9", 1, "demo_3"),
    ]
    assert first.total.amount == Decimal("68.20")
    assert first.tax is not None
    assert first.tax.amount == Decimal("1.40")
    assert first.shipping_address is not None
    assert first.shipping_address.country == "FR"
    assert first.placed_at == datetime(2026, 11, 23, 8, 51, 39, tzinfo=UTC)


@pytest.mark.parametrize(
    ("state", "paid", "shipped"),
    [
        ("1", FinancialStatus.PENDING, FulfillmentStatus.UNFULFILLED),
        ("2", FinancialStatus.PAID, FulfillmentStatus.UNFULFILLED),
        ("4", FinancialStatus.PAID, FulfillmentStatus.SHIPPED),
        ("6", FinancialStatus.CANCELLED, FulfillmentStatus.UNFULFILLED),
        ("7", FinancialStatus.REFUNDED, FulfillmentStatus.UNFULFILLED),
    ],
)
def test_a_state_means_what_its_flags_say(
    state: str, paid: FinancialStatus, shipped: FulfillmentStatus
) -> None:
    shop = as_recorded()
    shop.state.orders.update(1, current_state=state)
    found = order(connect(shop))
    assert (found.financial_status, found.fulfillment_status) == (paid, shipped)
    assert (found.cancelled_at is not None) == (paid is FinancialStatus.CANCELLED)


def test_a_shops_own_cancelled_state_is_known_by_its_mail() -> None:
    shop = as_recorded()
    own = shop.state.order_states.insert({"name": "Annulée (stock)", "template": "order_canceled"})
    shop.state.orders.update(1, current_state=own)
    assert order(connect(shop)).financial_status is FinancialStatus.CANCELLED


def test_the_states_of_a_shop_are_listed_with_their_names() -> None:
    shop = as_recorded()
    shop.state.order_states.update(12, deleted=1)
    states = dict(connect(shop, language="fr").order_statuses())
    assert states["2"] == "Payment accepted"
    assert "12" not in states


def test_promo_codes_typed_are_part_of_the_order() -> None:
    shop = as_recorded()
    rule = shop.state.cart_rules.insert({"code": "ÉTÉ10", "name": "Été"})
    shop.state.orders.update(1, total_discounts="5", total_discounts_tax_incl="5")
    shop.state.order_cart_rules.insert({"id_order": 1, "id_cart_rule": rule, "name": "Été", "value": 5})
    found = order(connect(shop))
    assert found.promo_codes == ("ÉTÉ10",)
    assert found.discount is not None
    assert found.discount.amount == 5


def test_an_order_whose_buyer_was_erased_keeps_its_lines() -> None:
    shop = as_recorded()
    shop.state.customers.remove(2)
    found = order(connect(shop))
    assert (found.email, found.customer_id, len(found.lines)) == ("", "", 2)


def test_a_buyer_left_out_by_a_bad_answer_is_not_taken_for_erased() -> None:  # B-14
    shop = as_recorded()
    shop.moods.add(Mood.EMPTY_PAGE, "GET /api/customers")
    with pytest.raises(Incomplete):
        connect(shop).pull(Kind.ORDERS, ["1"])


def test_an_order_without_a_date_is_set_apart() -> None:
    shop = as_recorded()
    shop.state.orders.update(1, date_add="")
    pulled = connect(shop).pull(Kind.ORDERS, ["1", "2"])
    assert [u.id for u in pulled.unreadable] == ["1"]
    assert len(pulled.objects) == 1


def test_a_hundred_orders_take_a_handful_of_calls() -> None:
    shop = catalogue(30, 50, 100)
    ids = [str(n) for n in range(1, 101)]
    connector = connect(shop)
    assert counted(shop, lambda: connector.pull(Kind.ORDERS, ids)) <= 7
    assert counted(shop, lambda: connector.pull(Kind.ORDERS, ids)) == 3


def cart_of(shop: Shop, **values: Any) -> str:
    line = {"id_product": "1", "id_product_attribute": "3", "quantity": "2", "id_address_delivery": "0"}
    row = {
        "id_customer": 2,
        "id_currency": 1,
        "id_lang": 1,
        "date_upd": "2026-11-22 10:00:00",
        "*cart_rows": [line],
    }
    return str(shop.state.carts.insert(row | values))


def test_an_abandoned_cart_is_worth_what_its_goods_cost_now() -> None:
    shop = as_recorded()
    id = cart_of(shop)
    (cart,) = connect(shop).pull(Kind.CARTS, [id]).objects
    assert isinstance(cart, Cart)
    assert (cart.email, cart.total.amount) == ("pub@prestashop.com", Decimal("38.24"))
    assert (cart.lines[0].variant_id, cart.lines[0].quantity) == ("1-3", 2)


def test_a_cart_that_was_ordered_or_emptied_is_missing() -> None:
    shop = as_recorded()
    ordered, emptied = cart_of(shop), cart_of(shop, **{"*cart_rows": []})
    shop.state.orders.update(1, id_cart=ordered)
    assert connect(shop).pull(Kind.CARTS, [ordered, emptied]).missing == (ordered, emptied)


@pytest.mark.parametrize(
    ("values", "amount", "type", "target"),
    [
        ({"reduction_percent": "12.5"}, "0.125", PromoType.PERCENTAGE, PromoTarget.TOTAL),
        ({"reduction_amount": "5"}, "5.00", PromoType.FIXED, PromoTarget.TOTAL),
        (
            {"reduction_percent": "10", "reduction_product": "3"},
            "0.1",
            PromoType.PERCENTAGE,
            PromoTarget.PER_ITEM,
        ),
        ({"free_shipping": "1"}, "1", PromoType.PERCENTAGE, PromoTarget.SHIPPING),
    ],
)
def test_promo_codes_say_what_they_take_off(
    values: dict[str, str], amount: str, type: PromoType, target: PromoTarget
) -> None:
    shop = as_recorded()
    shop.state.cart_rules.insert({"code": "OFFRE", "name": "Offre", "active": 1, **values})
    (code,) = connect(shop).pull(Kind.PROMO_CODES, ["1"]).objects
    assert isinstance(code, PromoCode)
    assert (str(code.amount), code.type, code.target, code.enabled) == (amount, type, target, True)


def test_a_code_that_takes_nothing_off_is_set_apart() -> None:
    shop = as_recorded()
    shop.state.cart_rules.insert({"code": "GIFT", "name": "Gift", "gift_product": 1})
    assert connect(shop).pull(Kind.PROMO_CODES, ["1"]).unreadable[0].id == "1"
