"""Pulling: products with every variant, people with what the shop can prove of their wish, orders, carts, codes."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from passerelle.model import (
    Cart,
    ConsentState,
    FinancialStatus,
    FulfillmentStatus,
    Kind,
    Order,
    Product,
    ProductStatus,
    PromoCode,
    PromoTarget,
    PromoType,
    StockLevel,
)
from sandbox.magento import InputLimits, Shop, orders, promotions
from sandbox.magento.stock import put_item

from .connecting import a_shop, connect, counted, listed, pages


def tee_of(shop: Shop) -> Any:
    return next(row for row in shop.state.products.values() if row["links"])


def pulled(shop: Shop, id: object, **settings: Any) -> Product:
    (product,) = connect(shop, **settings).pull(Kind.PRODUCTS, [str(id)]).objects
    assert isinstance(product, Product)
    return product


def simple_of(shop: Shop) -> Any:
    return shop.state.product("SKU-00002")


def test_a_configurable_product_comes_with_every_variant_and_its_choices() -> None:
    shop = a_shop(4, 0, 0)
    tee = tee_of(shop)
    product = pulled(shop, tee["id"])
    assert [variant.id for variant in product.variants] == [str(id) for id in tee["links"]]
    assert dict(product.variants[0].options) == {"Taille": "S", "Couleur": "Rouge"}
    assert product.variants[0].title == "S / Rouge"
    assert product.vendor == "Atelier Œuvre"


def test_where_lists_name_no_variants_they_are_asked_for() -> None:
    shop = a_shop(4, 0, 0)
    tee = tee_of(shop)

    def without_links(path: str, body: Any) -> Any:
        for row in body.get("items", ()) if path == "products" else ():
            row["extension_attributes"].pop("configurable_product_links", None)
        return body

    (product,) = connect(shop, edit=without_links).pull(Kind.PRODUCTS, [str(tee["id"])]).objects
    assert isinstance(product, Product)
    assert len(product.variants) == len(tee["links"])


def test_a_product_whose_variants_never_come_is_set_apart() -> None:  # B-14
    shop = a_shop(4, 0, 0)
    tee = tee_of(shop)
    tee["links"].append(99_999)
    (bad,) = connect(shop).pull(Kind.PRODUCTS, [str(tee["id"])]).unreadable
    assert "variants could be read" in bad.why


@pytest.mark.parametrize("repeats", [False, True])
def test_a_shop_with_hundreds_of_attributes_has_all_of_them_read_once(repeats: bool) -> None:
    shop = a_shop(2, 0, 0, limits=InputLimits(), repeats_last_page=repeats)
    size = shop.state.attributes.pop("size")
    for number in range(598):
        shop.state.attributes[f"more{number}"] = size | {
            "attribute_id": 1000 + number,
            "attribute_code": f"more{number}",
        }
    shop.state.attributes["size"] = size
    assert dict(pulled(shop, tee_of(shop)["id"]).variants[0].options)["Taille"] == "S"


def test_a_special_price_holds_for_its_days_and_no_longer() -> None:
    shop = a_shop(4, 0, 0)
    row = simple_of(shop)
    row["price"] = 20
    row["attributes"] |= {"special_price": "15", "special_to_date": "2026-06-01 00:00:00"}
    (variant,) = pulled(shop, row["id"]).variants
    assert (variant.price.amount, variant.compare_at and variant.compare_at.amount) == (15, 20)
    row["attributes"]["special_to_date"] = "2026-05-31 00:00:00"
    (variant,) = pulled(shop, row["id"]).variants
    assert (variant.price.amount, variant.compare_at) == (20, None)


def test_stock_is_the_sum_over_the_sources_that_count() -> None:
    shop = a_shop(4, 0, 0)
    row = simple_of(shop)
    put_item(shop.state, row["sku"], "default", 5, 1)
    put_item(shop.state, row["sku"], "depot", 7, 1)
    assert pulled(shop, row["id"]).variants[0].quantity == 12
    assert pulled(shop, row["id"], sources=("depot",)).variants[0].quantity == 7
    put_item(shop.state, row["sku"], "depot", 7, 0)
    assert pulled(shop, row["id"]).variants[0].quantity == 5


def test_a_shop_without_sources_tells_stock_by_its_legacy_items() -> None:
    shop = a_shop(4, 0, 0, msi=False)
    row = simple_of(shop)
    shop.state.stock_items[row["id"]] |= {"qty": 9, "is_in_stock": True}
    assert pulled(shop, row["id"]).variants[0].quantity == 9
    shop.state.stock_items[row["id"]]["manage_stock"] = False
    assert pulled(shop, row["id"]).variants[0].quantity is None


def test_a_product_or_variant_that_is_switched_off_sells_nothing() -> None:
    shop = a_shop(4, 0, 0)
    tee, row = tee_of(shop), simple_of(shop)
    row["status"] = 2
    assert pulled(shop, row["id"]).status is ProductStatus.DRAFT
    shop.state.products[tee["links"][0]]["status"] = 2
    assert pulled(shop, tee["id"]).variants[0].quantity == 0


def test_prices_say_whether_tax_is_in_them_as_the_link_knows() -> None:
    shop = a_shop(4, 0, 0)
    assert not pulled(shop, simple_of(shop)["id"]).tax_included
    assert pulled(shop, simple_of(shop)["id"], prices_include_tax=True).tax_included


def test_pictures_are_addresses_in_their_order_and_hidden_ones_stay_away() -> None:
    shop = a_shop(4, 0, 0)
    row = simple_of(shop)
    shown = {"media_type": "image", "label": "Front", "disabled": False, "types": []}
    row["media"] = [
        shown | {"id": 2, "position": 2, "file": "/b/a/back.jpg"},
        shown | {"id": 1, "position": 1, "file": "/f/r/front.jpg"},
        shown | {"id": 3, "position": 3, "file": "/s/e/secret.jpg", "disabled": True},
    ]
    images = pulled(shop, row["id"]).images
    assert [image.url.rpartition("/catalog/product")[2] for image in images] == [
        "/f/r/front.jpg",
        "/b/a/back.jpg",
    ]


def test_a_store_views_own_title_is_read_and_not_the_shops() -> None:
    shop = a_shop(4, 0, 0)
    row = simple_of(shop)
    row["own"]["name"] = "The view's title"
    assert pulled(shop, row["id"]).title == "The view's title"


def test_every_generated_product_can_be_read() -> None:
    shop = a_shop(30, 0, 0)
    result = connect(shop).pull(Kind.PRODUCTS, listed(connect(shop), Kind.PRODUCTS))
    assert (len(result.objects), result.missing, result.unreadable) == (30, (), ())


def test_a_hundred_products_take_a_handful_of_calls() -> None:
    shop = a_shop(100, 0, 0)
    connector = connect(shop)
    ids = listed(connector, Kind.PRODUCTS)
    # Products, variants, attributes, categories, sources, stock in two parts, and the store view.
    assert counted(shop, lambda: connector.pull(Kind.PRODUCTS, ids)) <= 9
    assert counted(shop, lambda: connector.pull(Kind.PRODUCTS, ids)) <= 4


def test_products_are_found_by_their_own_sku_or_a_variants_however_it_is_written() -> None:
    shop = a_shop(4, 0, 0)
    tee, row = tee_of(shop), simple_of(shop)
    row["sku"], shop.state.by_sku["odd, sku"] = "Odd, SKU", row["id"]
    child = shop.state.products[tee["links"][0]]["sku"]
    found = connect(shop).find(Kind.PRODUCTS, [child.lower(), "odd, sku", "none"])
    assert {(match.key, match.destination_id) for match in found} == {
        (child.lower(), str(tee["id"])),
        ("odd, sku", str(row["id"])),
    }


@pytest.mark.parametrize(
    ("told", "state"),
    [
        ({"is_subscribed": True}, ConsentState.SUBSCRIBED),
        ({"is_subscribed": False}, ConsentState.NOT_SUBSCRIBED),
        ({}, ConsentState.NONE),
        ([], ConsentState.NONE),
    ],
)
def test_only_a_tick_is_a_consent_and_its_absence_is_no_withdrawal(
    told: Any, state: ConsentState
) -> None:
    shop = a_shop(0, 2, 0)
    shop.state.customers[1]["extension_attributes"] = told
    (customer,) = connect(shop).pull(Kind.CUSTOMERS, ["1"]).objects
    assert (customer.consent.state, customer.consent.changed_at) == (state, None)


def test_a_customer_comes_with_address_language_birthday_and_group() -> None:
    shop = a_shop(0, 30, 0)
    found = connect(shop).pull(Kind.CUSTOMERS, ["5", "10"]).objects
    first, tenth = found
    assert (first.birthday, first.language, first.tags) == ("05/17", "en", ())
    assert first.address is not None
    assert (first.address.city, first.address.country, first.address.region) == ("Paris", "FR", "Paris")
    assert tenth.tags == ("Wholesale",)


def test_a_token_that_may_not_read_groups_reads_customers_without_them() -> None:
    shop = a_shop(0, 30, 0)
    rights = {"Magento_Customer::customer", "Magento_Backend::store"}
    shop.guard.tokens["weak"] = frozenset(rights)
    (tenth,) = connect(shop, {"token": "weak"}).pull(Kind.CUSTOMERS, ["10"]).objects
    assert tenth.tags == ()


def test_customers_are_found_by_email_in_any_case() -> None:
    found = connect(a_shop(0, 9, 0)).find(Kind.CUSTOMERS, ["Buyer3@Example.com", "nobody@example.com"])
    assert [(match.key, match.destination_id) for match in found] == [("Buyer3@Example.com", "4")]


def order_of(shop: Shop, id: int) -> Order:
    (order,) = connect(shop).pull(Kind.ORDERS, [str(id)]).objects
    assert isinstance(order, Order)
    return order


@pytest.mark.parametrize(
    ("changes", "paid"),
    [
        ({}, FinancialStatus.PENDING),
        ({"total_paid": 1}, FinancialStatus.PARTIALLY_PAID),
        ({"total_paid": 1000}, FinancialStatus.PAID),
        ({"total_paid": 1000, "total_refunded": 10}, FinancialStatus.PARTIALLY_REFUNDED),
        ({"total_paid": 1000, "total_refunded": 1000}, FinancialStatus.REFUNDED),
        ({"state": "canceled"}, FinancialStatus.CANCELLED),
        ({"grand_total": 0}, FinancialStatus.PAID),
    ],
)
def test_how_far_an_order_is_paid_is_read_from_its_amounts(changes: Any, paid: FinancialStatus) -> None:
    shop = a_shop(6, 6, 2)
    shop.state.orders[1] |= changes
    assert order_of(shop, 1).financial_status is paid


def test_how_far_an_order_is_shipped_is_read_from_its_quantities() -> None:
    shop = a_shop(9, 6, 12)
    order = next(row for row in shop.state.orders.values() if len(orders.tops(row)) > 1)
    id = order["entity_id"]
    for item in order["items"]:
        item["qty_shipped"] = 0
    assert order_of(shop, id).fulfillment_status is FulfillmentStatus.UNFULFILLED
    orders.tops(order)[0]["qty_shipped"] = 1
    assert order_of(shop, id).fulfillment_status is FulfillmentStatus.PARTIAL
    for item in orders.tops(order):
        item["qty_shipped"] = item["qty_ordered"]
    assert order_of(shop, id).fulfillment_status is FulfillmentStatus.SHIPPED


def test_a_discount_is_told_as_what_it_takes_off() -> None:
    shop = a_shop(6, 6, 2)
    shop.state.orders[1] |= {"discount_amount": -5.5, "coupon_code": "WELCOME10"}
    order = order_of(shop, 1)
    assert order.discount is not None
    assert (order.discount.amount, order.promo_codes) == (Decimal("5.50"), ("WELCOME10",))


def test_a_guests_order_has_their_email_and_no_customer() -> None:
    shop = a_shop(6, 6, 10)
    guest = next(row for row in shop.state.orders.values() if row["customer_is_guest"])
    order = order_of(shop, guest["entity_id"])
    assert (order.customer_id, order.email) == ("", guest["customer_email"])


def test_the_statuses_of_a_shop_are_magentos_and_those_its_orders_have() -> None:
    shop = a_shop(6, 6, 4)
    shop.state.orders[1]["status"] = "picked_up"
    statuses = dict(connect(shop).order_statuses())
    assert (statuses["processing"], statuses["picked_up"]) == ("Processing", "Picked Up")


def test_a_cart_names_product_and_chosen_variant() -> None:
    shop = a_shop(9, 6, 30)
    varied = next(
        row
        for row in shop.state.carts.values()
        if row["is_active"]
        and row["customer"]
        and any(i["product_type"] == "configurable" for i in row["items"])
    )
    (cart,) = connect(shop).pull(Kind.CARTS, [str(varied["id"])]).objects
    assert isinstance(cart, Cart)
    assert [(line.product_id, line.variant_id) for line in cart.lines] == [
        (str(item["product"]), str(item["chosen"])) for item in varied["items"]
    ]


def test_a_cart_that_was_ordered_is_missing() -> None:
    shop = a_shop(9, 6, 30)
    connector = connect(shop)
    id = listed(connector, Kind.CARTS)[0]
    shop.state.carts[int(id)]["is_active"] = False
    assert connector.pull(Kind.CARTS, [id]).missing == (id,)


@pytest.mark.parametrize(
    ("rule", "worth"),
    [
        ({}, (Decimal("0.1"), PromoType.PERCENTAGE, PromoTarget.TOTAL)),
        ({"simple_action": "cart_fixed", "discount_amount": 5}, (5, PromoType.FIXED, PromoTarget.TOTAL)),
        ({"simple_action": "by_fixed", "discount_amount": 2}, (2, PromoType.FIXED, PromoTarget.PER_ITEM)),
        (
            {"discount_amount": 0, "simple_free_shipping": "FREE_WITH_MATCHING_ITEMS"},
            (1, PromoType.PERCENTAGE, PromoTarget.SHIPPING),
        ),
    ],
)
def test_promo_codes_say_what_they_take_off(rule: Any, worth: Any) -> None:
    shop = a_shop(0, 0, 0)
    coupon = promotions.add(shop.state, "CODE", **rule)
    (code,) = connect(shop).pull(Kind.PROMO_CODES, [str(coupon["coupon_id"])]).objects
    assert isinstance(code, PromoCode)
    assert (code.amount, code.type, code.target) == worth


def test_the_last_day_of_a_code_still_counts() -> None:
    shop = a_shop(0, 0, 0)
    coupon = promotions.add(shop.state, "MAY", from_date="2026-05-01", to_date="2026-05-31")
    (code,) = connect(shop).pull(Kind.PROMO_CODES, [str(coupon["coupon_id"])]).objects
    assert isinstance(code, PromoCode)
    assert (code.starts_at, code.ends_at) == (
        datetime(2026, 5, 1, tzinfo=UTC),
        datetime(2026, 6, 1, tzinfo=UTC),
    )


def test_a_code_that_takes_nothing_off_is_set_apart() -> None:
    shop = a_shop(0, 0, 0)
    coupon = promotions.add(shop.state, "GIFT", simple_action="buy_x_get_y", discount_amount=1)
    (bad,) = connect(shop).pull(Kind.PROMO_CODES, [str(coupon["coupon_id"])]).unreadable
    assert "takes nothing off" in bad.why


@pytest.mark.parametrize("msi", [True, False])
def test_a_level_is_told_for_each_variant_by_its_own_id(msi: bool) -> None:
    shop = a_shop(4, 0, 0, msi=msi)
    row = simple_of(shop)
    put_item(shop.state, row["sku"], "default", 5, 1)
    shop.state.source_items.pop((row["sku"].casefold(), "depot"), None)
    id = str(row["id"])
    assert id in listed(connect(shop), Kind.STOCK)
    (level,) = connect(shop).pull(Kind.STOCK, [id, "99999"]).objects
    places = (("default", 5),) if msi else ()
    assert level == StockLevel(id, row["sku"], 5, id, variant_id=id, by_location=places)


def test_a_level_of_a_variant_names_the_product_that_tells_it() -> None:
    shop = a_shop(4, 0, 0)
    tee = tee_of(shop)
    kid = shop.state.products[tee["links"][0]]
    put_item(shop.state, kid["sku"], "default", 5, 1)
    put_item(shop.state, kid["sku"], "depot", 7, 1)
    (level,) = connect(shop).pull(Kind.STOCK, [str(kid["id"])]).objects
    assert isinstance(level, StockLevel)
    assert (level.product_id, level.variant_id, level.quantity) == (str(tee["id"]), str(kid["id"]), 12)
    assert level.by_location == (("default", 5), ("depot", 7))
    (alone,) = connect(shop, sources=("depot",)).pull(Kind.STOCK, [str(kid["id"])]).objects
    assert isinstance(alone, StockLevel)
    assert (alone.quantity, alone.location, alone.by_location) == (7, "depot", ())


@pytest.mark.parametrize("msi", [True, False])
def test_what_the_index_of_stock_brings_is_what_is_pulled_and_what_products_tell(msi: bool) -> None:
    shop = a_shop(12, 0, 0, limits=InputLimits(page=9), msi=msi)
    connector = connect(shop)
    ids = listed(connector, Kind.STOCK)
    levels = connector.pull(Kind.STOCK, ids).objects
    products = connector.pull(Kind.PRODUCTS, listed(connector, Kind.PRODUCTS)).objects
    told = {
        (product.id, variant.id, variant.sku, variant.quantity)
        for product in products
        if isinstance(product, Product)
        for variant in product.variants
    }
    assert {
        (each.product_id, each.variant_id, each.sku, each.quantity)
        for each in levels
        if isinstance(each, StockLevel)
    } == told
    whole = [thing for page in pages(connector, Kind.STOCK) for thing in page.objects]
    assert sorted(whole, key=lambda each: each.id) == (
        sorted(levels, key=lambda each: each.id) if msi else []
    )
