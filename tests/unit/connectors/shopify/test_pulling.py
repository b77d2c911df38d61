"""Whole objects as the canonical words have them, and what is said of those that make no sense."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from passerelle.model import (
    Consent,
    ConsentState,
    FinancialStatus,
    FulfillmentStatus,
    Kind,
    Money,
    ProductStatus,
)
from passerelle.port import PermissionMissing, Unavailable
from sandbox.moods import Mood
from sandbox.shopify.sample import catalogue, customer, order, product
from sandbox.shopify.state import gid


def only(pulled):
    [found] = pulled.objects
    return found


def test_a_product_comes_with_its_prices_pictures_and_stock(world):
    world.shop.load(catalogue(3, 0, 0))
    raw = world.shop.state.shelf("Product").things[7001]
    raw["variants"][0].update(price="19.90", compareAtPrice="25.00", inventoryQuantity=-2, sku="A/1 é")
    raw["variants"][0]["inventoryItem"] = {
        "tracked": True,
        "measurement": {"weight": {"unit": "POUNDS", "value": 2.5}},
    }
    found = only(world.connector.pull(Kind.PRODUCTS, ["7001"]))
    variant = found.variants[0]
    assert (found.id, found.title, found.status) == ("7001", raw["title"], ProductStatus.ACTIVE)
    assert variant.price == Money(Decimal("19.90"), "EUR")
    assert variant.compare_at == Money(Decimal("25.00"), "EUR")
    assert (variant.sku, variant.quantity, variant.weight_grams) == ("A/1 é", -2, 1134)
    assert variant.url == f"{found.url}?variant={variant.id}"
    assert found.updated_at == datetime(2026, 1, 1, 1, 1, tzinfo=UTC)
    assert len(found.images) == len(raw["media"])


def test_stock_that_is_not_tracked_is_none_and_free_products_cost_nothing(world):
    world.shop.load([product(1, variants=2)])
    first, second = world.shop.state.shelf("Product").things[7001]["variants"]
    first["inventoryItem"]["tracked"] = False
    second.update(price="0.00")
    variants = only(world.connector.pull(Kind.PRODUCTS, ["7001"])).variants
    assert variants[0].quantity is None
    assert variants[1].price == Money(Decimal("0.00"), "EUR")


@pytest.mark.parametrize("many", [1, 100, 101, 350, 351, 900])
def test_a_product_comes_with_every_variant(world, many):
    world.open(rate=100_000, bucket=100_000)
    world.shop.load([product(3, variants=many)])
    found = only(world.connector.pull(Kind.PRODUCTS, ["7003"]))
    assert len({variant.id for variant in found.variants}) == many


def test_an_order_comes_with_every_line(world):
    world.shop.load(catalogue(5, 5, 2))
    raw = world.shop.state.shelf("Order").things[50_001]
    line = raw["lineItems"][0]
    raw["lineItems"] = [{**line, "id": gid("LineItem", at)} for at in range(430)]
    found = only(world.connector.pull(Kind.ORDERS, ["50001"]))
    assert [each.id for each in found.lines] == [str(at) for at in range(430)]


def test_pictures_are_asked_for_in_the_format_of_the_settings(world):
    world.shop.load([product(1)])
    world.shop.state.shelf("Product").things[7001]["media"] = catalogue(1, 0, 0, seed=3)[0]["media"] or []
    world.shop.life.edit(gid("Product", 7001), media=[_media()])
    plain = only(world.connector.pull(Kind.PRODUCTS, ["7001"])).images[0].url
    small = world.connect(image_format="webp", image_width=400)
    shrunk = only(small.pull(Kind.PRODUCTS, ["7001"])).images[0].url
    assert plain == "https://cdn.shopify.com/s/files/1/0001/1.png?v=1"
    assert shrunk == f"{plain}&maxWidth=400&preferredContentType=WEBP"


def _media():
    image = {"id": gid("ImageSource", 1), "url": "https://cdn.shopify.com/s/files/1/0001/1.png?v=1"}
    return {"__typename": "MediaImage", "id": gid("MediaImage", 1), "alt": None, "image": image}


def test_media_that_are_no_pictures_are_left_out(world):
    world.shop.load([product(1)])
    video = {"__typename": "Video", "id": gid("Video", 2), "alt": None}
    unfinished = {**_media(), "image": None}
    world.shop.life.edit(gid("Product", 7001), media=[video, unfinished, _media()])
    assert len(only(world.connector.pull(Kind.PRODUCTS, ["7001"])).images) == 1


@pytest.mark.parametrize(
    ("told", "meant"),
    [
        ("SUBSCRIBED", ConsentState.SUBSCRIBED),
        ("NOT_SUBSCRIBED", ConsentState.NOT_SUBSCRIBED),
        ("UNSUBSCRIBED", ConsentState.UNSUBSCRIBED),
        ("PENDING", ConsentState.PENDING),
        ("INVALID", ConsentState.NONE),
        ("NONE", ConsentState.NONE),
    ],
)
def test_each_consent_state_is_read(world, told, meant):
    world.shop.load([customer(2, consent=told)])
    found = only(world.connector.pull(Kind.CUSTOMERS, ["20002"]))
    acted = told in {"SUBSCRIBED", "UNSUBSCRIBED", "PENDING"}
    at = datetime(2026, 1, 1, 1, 2, tzinfo=UTC) if acted else None
    assert found.consent == Consent(meant, at)


def test_an_email_is_in_lower_case_without_spaces(world):
    world.shop.load([customer(2, consent="SUBSCRIBED")])
    held = world.shop.state.shelf("Customer").things[20_002]
    held["defaultEmailAddress"] = {**held["defaultEmailAddress"], "emailAddress": " Zoé.X@Example.COM "}
    assert only(world.connector.pull(Kind.CUSTOMERS, ["20002"])).email == "zoé.x@example.com"


def test_an_erased_customer_is_one_without_email_and_consent(world):
    world.shop.load([customer(2, consent="REDACTED"), customer(3, consent="SUBSCRIBED")])
    found = world.connector.pull(Kind.CUSTOMERS, ["20002", "20003"])
    assert [each.email for each in found.objects] == ["", "person3@example.com"]
    assert found.objects[0].consent.state is ConsentState.NONE


def test_hidden_customers_are_a_missing_permission_not_an_empty_success(world):
    world.shop.load([customer(place, consent="SUBSCRIBED") for place in range(30)])
    world.shop.hides_persons = True
    with pytest.raises(PermissionMissing) as refused:
        world.pull(Kind.CUSTOMERS)
    assert "protected customer data" in refused.value.remedy


def test_a_guests_order_has_an_email_and_no_customer(world):
    world.shop.load(catalogue(5, 5, 7))
    found = only(world.connector.pull(Kind.ORDERS, ["50000"]))
    assert (found.customer_id, found.email) == ("", "guest0@example.com")
    assert found.first_name == "Zoé"


def test_a_line_of_a_deleted_product_keeps_its_words_and_loses_its_ids(world):
    goods, people = [product(place) for place in range(3)], [customer(1, consent="SUBSCRIBED")]
    world.shop.load([*goods, *people, order(1, goods, people)])
    line = world.shop.state.shelf("Order").things[50_001]["lineItems"][0]
    line.update(product_id=7002, variant_id=400_256)
    before = only(world.connector.pull(Kind.ORDERS, ["50001"])).lines[0]
    world.shop.life.delete(gid("Product", 7002))
    after = only(world.connector.pull(Kind.ORDERS, ["50001"])).lines[0]
    assert (before.product_id, before.variant_id) == ("7002", "400256")
    assert (after.product_id, after.variant_id, after.title) == ("", "", before.title)


@pytest.mark.parametrize(
    ("told", "cancelled", "paid", "status"),
    [
        ("PAID", False, FinancialStatus.PAID, "paid"),
        ("AUTHORIZED", False, FinancialStatus.PENDING, "authorized"),
        ("PARTIALLY_REFUNDED", False, FinancialStatus.PARTIALLY_REFUNDED, "partially_refunded"),
        ("VOIDED", False, FinancialStatus.CANCELLED, "voided"),
        ("PAID", True, FinancialStatus.CANCELLED, "cancelled"),
        ("REFUNDED", True, FinancialStatus.REFUNDED, "cancelled"),
        (None, False, FinancialStatus.PENDING, "pending"),
    ],
)
def test_each_payment_status_is_read(world, told, cancelled, paid, status):
    world.shop.load(catalogue(5, 5, 2))
    at = "2026-02-01T00:00:00Z" if cancelled else None
    world.shop.life.edit(gid("Order", 50_001), displayFinancialStatus=told, cancelledAt=at)
    found = only(world.connector.pull(Kind.ORDERS, ["50001"]))
    assert (found.financial_status, found.status) == (paid, status)


def test_an_orders_shipping_is_read(world):
    world.shop.load(catalogue(5, 5, 2))
    world.shop.life.edit(gid("Order", 50_001), displayFulfillmentStatus="PARTIALLY_FULFILLED")
    assert only(world.connector.pull(Kind.ORDERS, ["50001"])).fulfillment_status is FulfillmentStatus.PARTIAL


def test_a_cart_knows_its_buyer_and_its_way_back(world):
    world.shop.load(catalogue(5, 1, 0, checkouts=1))
    world.shop.load([customer(0, consent="SUBSCRIBED")])
    found = only(world.connector.pull(Kind.CARTS, ["90000"]))
    assert found.email == "person0@example.com"
    assert found.url == "https://sample.example/checkouts/90000/recover"
    assert found.total == sum(
        (line.unit_price for line in found.lines for _ in range(line.quantity)), Money(0, "EUR")
    )


def test_a_checkout_that_was_completed_is_no_cart_any_more(world):
    world.shop.load(catalogue(5, 1, 0, checkouts=1))
    world.shop.life.edit(gid("AbandonedCheckout", 90_000), completedAt="2026-02-01T00:00:00Z")
    assert world.connector.pull(Kind.CARTS, ["90000"]).missing == ("90000",)


def test_each_id_asked_for_is_read_missing_or_unreadable(world):
    world.shop.load(catalogue(300, 0, 0))
    world.shop.life.edit(gid("Product", 7001), title="")
    world.shop.life.edit_variant(gid("ProductVariant", 400_256), price="douze")
    pulled = world.connector.pull(Kind.PRODUCTS, [*(str(at) for at in range(7000, 7302)), "7000"])
    assert len(pulled.objects) == 298
    assert pulled.missing == ("7300", "7301")
    assert [each.id for each in pulled.unreadable] == ["7001", "7002"]


def test_what_cannot_be_read_says_which_field_and_quotes_nothing(world):  # G-7
    world.shop.load([customer(2, consent="SUBSCRIBED"), customer(3, consent="SUBSCRIBED")])
    held = world.shop.state.shelf("Customer").things[20_002]
    held["defaultEmailAddress"] = {**held["defaultEmailAddress"], "emailAddress": "zoe-at-home"}
    pulled = world.connector.pull(Kind.CUSTOMERS, ["20002", "20003"])
    [unreadable] = pulled.unreadable
    assert len(pulled.objects) == 1
    assert "e-mail address" in unreadable.why
    assert "zoe" not in unreadable.why + unreadable.remedy
    assert "customers, number 20002" in unreadable.remedy


@pytest.mark.parametrize("kind", [Kind.PRODUCTS, Kind.CUSTOMERS, Kind.ORDERS, Kind.CARTS])
def test_a_whole_generated_shop_is_read(world, kind):
    world.open(rate=100_000, bucket=100_000)
    world.shop.load(catalogue(300, 300, 300, checkouts=30))
    pulled = world.pull(kind)
    assert not pulled.missing
    assert not pulled.unreadable
    assert len(pulled.objects) == (24 if kind is Kind.CARTS else 300)


def test_a_shop_that_fails_above_a_number_of_objects_is_read_in_smaller_batches(world):  # B-4
    world.shop.load(catalogue(100, 0, 0))
    world.shop.moods.add(Mood.FAILS_ABOVE, limit=60)
    ids = [entry.id for entry in world.entries(Kind.PRODUCTS)]
    with pytest.raises(Unavailable):
        world.connector.pull(Kind.PRODUCTS, ids)
    assert len(world.connector.pull(Kind.PRODUCTS, ids[:60]).objects) == 60
