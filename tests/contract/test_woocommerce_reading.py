"""Every recorded WooCommerce answer and delivery is read or refused rightly by the connector."""

from typing import Any
from urllib.parse import urlsplit

import httpx
import orjson
import pytest
from passerelle.connectors.woocommerce import Connector, Credentials, Settings
from passerelle.connectors.woocommerce.rest import Rest, refused
from passerelle.connectors.woocommerce.signing import Signature
from passerelle.http import Client
from passerelle.model import (
    Customer,
    FinancialStatus,
    FulfillmentStatus,
    Kind,
    Order,
    Product,
    PromoCode,
    StockLevel,
)
from passerelle.port import (
    CredentialsRefused,
    Incomplete,
    PermissionMissing,
    Rejected,
    SignatureRefused,
    TooLarge,
    TopicUnknown,
    Unavailable,
)
from sandbox.woocommerce.sample import RECORDED_KEY, RECORDED_SECRET

from . import woocommerce_recordings as recordings

CREDENTIALS = Credentials(url="https://shop.example", consumer_key="ck_1", consumer_secret="cs_1")
REFUSED: dict[int, type[Exception]] = {400: Rejected, 404: Rejected, 413: TooLarge, 501: Unavailable}
SECRET = "lab-webhook-secret"


def client_for(answer: Any) -> Client:
    return Client(httpx.MockTransport(answer), allow_private=True, sleep=lambda _: None)


def as_told(recording: dict[str, Any]) -> httpx.Response:
    told = recording["response"]
    headers = {k: v for k, v in told["headers"] if k.lower() not in {"host", "location"}}
    return httpx.Response(told["status"], headers=headers, content=orjson.dumps(told["body"]))


def expected(name: str, recording: dict[str, Any]) -> type[Exception] | None:
    """What reading this answer as a list must raise; None where it is such a list."""
    status, body = recording["response"]["status"], recording["response"]["body"]
    if status == 401:
        return PermissionMissing if name == "54_readonly_key_write_401" else CredentialsRefused
    if status >= 400:
        return REFUSED[status]
    return None if isinstance(body, list) else Incomplete


@pytest.mark.parametrize("name", recordings.names())
def test_every_recorded_answer_is_read_as_a_list_or_refused_with_the_right_error(name: str) -> None:
    recording = recordings.load(name)
    rest = Rest(CREDENTIALS, client_for(lambda _: as_told(recording)))
    resource = urlsplit(recording["request"]["url"]).path.partition("/v3/")[2] or "products"
    error = expected(name, recording)
    if error is not None:
        with pytest.raises(error) as raised:
            rest.page(resource)
        assert "@" not in str(raised.value)
        return
    listed = rest.page(resource)
    assert listed.rows == recording["response"]["body"]
    told = dict(recording["response"]["headers"])
    assert listed.total == (int(told["X-WP-Total"]) if "X-WP-Total" in told else None)


@pytest.mark.parametrize(
    "name", ["21_product_duplicate_sku_400", "44_products_bad_status_400", "63_product_put_unknown_id_is_400"]
)
def test_a_refusal_keeps_the_shops_code_and_words(name: str) -> None:
    recording = recordings.load(name)
    with pytest.raises(Rejected) as raised:
        Rest(CREDENTIALS, client_for(lambda _: as_told(recording))).page("products")
    assert raised.value.code == recording["response"]["body"]["code"]
    assert recording["response"]["body"]["message"][:20] in raised.value.why


def test_an_e_mail_that_a_refusal_repeats_is_blotted_out() -> None:  # G-7
    recording = recordings.load("71_customer_duplicate_email_400")
    assert "ana@example.com" in recording["response"]["body"]["message"]
    with pytest.raises(Rejected) as raised:
        Rest(CREDENTIALS, client_for(lambda _: as_told(recording))).post("customers", {})
    assert "ana@" not in raised.value.why + raised.value.remedy


def test_of_a_batch_each_item_is_told_apart_good_ones_and_refused_ones() -> None:
    recording = recordings.load("31_products_batch_mixed_with_errors")
    rest = Rest(CREDENTIALS, client_for(lambda _: as_told(recording)))
    made = rest.batch("products", "create", [{}, {}, {}])
    assert [code for one in made if (code := refused(one)) is not None] == [
        ("product_invalid_sku", "Invalid or duplicated SKU.")
    ]
    changed = rest.batch("products", "update", [{}, {}, {}])
    assert [bool(refused(one)) for one in changed] == [False, True, True]
    with pytest.raises(Unavailable):
        rest.batch("products", "create", [{}, {}])


def test_the_recorded_signature_is_ours() -> None:
    recording = recordings.load("57_oauth1_over_http_ok")
    asked = httpx.URL(recording["request"]["url"])
    told = asked.params
    signature = Signature(
        RECORDED_KEY,
        RECORDED_SECRET,
        told["oauth_signature_method"],
        clock=lambda: float(told["oauth_timestamp"]),
        nonce=lambda: told["oauth_nonce"],
    )
    signed, headers = signature("GET", asked.copy_with(params={"per_page": "1"}))
    assert signed.params["oauth_signature"] == told["oauth_signature"]
    assert headers == {}


# --- objects -------------------------------------------------------------------------------------------------

SETTINGS = {"woocommerce_currency": "USD", "woocommerce_calc_taxes": "yes", "woocommerce_weight_unit": "kg"}


def connector_with(**served: Any) -> Connector:
    """A connector on a shop that serves these rows, by the last part of the path."""

    def answer(request: httpx.Request) -> httpx.Response:
        path = request.url.path.partition("/wc/v3/")[2]
        if path.startswith("settings/"):
            return httpx.Response(200, json=[{"id": id, "value": value} for id, value in SETTINGS.items()])
        if path == "variations":
            return httpx.Response(404, json={"code": "rest_no_route", "message": "No route"})
        rows = served[path.rpartition("/")[2]]
        wanted = request.url.params.get("include", "")
        kept = [row for row in rows if not wanted or str(row["id"]) in wanted.split(",")]
        return httpx.Response(200, json=kept, headers={"X-WP-Total": str(len(kept))})

    return Connector(CREDENTIALS, Settings(), client_for(answer))


def body(name: str) -> Any:
    return recordings.load(name)["response"]["body"]


def test_a_recorded_product_with_variations_becomes_one_of_ours() -> None:
    shop = connector_with(products=[body("29_product_variable_get")], variations=body("27_variations_list"))
    (shirt,) = shop.pull(Kind.PRODUCTS, ["12"]).objects
    assert isinstance(shirt, Product)
    assert (shirt.title, shirt.categories, shirt.tax_included) == (
        "Logo T-Shirt",
        ("T-shirts & Tops",),
        False,
    )
    assert [one.sku for one in shirt.variants] == ["TS-S-R", "TS-M-R", "TS-L-N", ""]
    assert [one.quantity for one in shirt.variants] == [3, 0, 11, None]
    assert [str(one.price.amount) for one in shirt.variants] == ["20.00", "20.00", "22.00", "25.00"]
    assert dict(shirt.variants[2].options) == {"Size": "L", "Colour": "Navy blue"}
    assert shirt.updated_at is not None
    assert shirt.updated_at.isoformat() == "2026-11-23T09:14:41+00:00"


def test_a_recorded_product_without_variations_is_its_own_variant() -> None:
    shop = connector_with(products=body("40_products_list_page1_per_page_5"))
    (mug,) = shop.pull(Kind.PRODUCTS, ["11"]).objects
    assert isinstance(mug, Product)
    (only,) = mug.variants
    assert (only.id, only.sku, only.barcode, only.quantity) == ("11", "MUG-1", "4006381333931", 7)
    assert (str(only.price.amount), only.weight_grams) == ("9.99", 400)
    assert only.compare_at is not None
    assert str(only.compare_at.amount) == "12.50"
    (level,) = shop.pull(Kind.STOCK, ["11-0"]).objects
    assert level == StockLevel("11-0", "MUG-1", 7, "11", variant_id="11")


def test_a_product_whose_price_is_no_price_is_told_to_somebody() -> None:
    odd = body("31_products_batch_mixed_with_errors")["create"][2]
    pulled = connector_with(products=[odd]).pull(Kind.PRODUCTS, ["43", "44"])
    assert [(one.id, "price" in one.why) for one in pulled.unreadable] == [("43", True)]
    assert pulled.missing == ("44",)


def test_a_recorded_order_becomes_one_of_ours() -> None:
    shop = connector_with(orders=[body("88_order_after_refund_get"), body("81_order_create_guest")])
    paid, guest = shop.pull(Kind.ORDERS, ["44", "45"]).objects
    assert isinstance(paid, Order)
    assert isinstance(guest, Order)
    assert (str(paid.total.amount), paid.total.currency, paid.email) == ("61.71", "USD", "ana@example.com")
    assert paid.financial_status is FinancialStatus.PARTIALLY_REFUNDED
    assert paid.fulfillment_status is FulfillmentStatus.SHIPPED
    assert [(one.variant_id, str(one.unit_price.amount)) for one in paid.lines] == [
        ("11", "15.73"),
        ("13", "24.20"),
    ]
    assert sum(one.unit_price.amount * one.quantity for one in paid.lines) + (
        paid.shipping or paid.total
    ).amount == (paid.total.amount)
    assert (guest.customer_id, guest.email, guest.financial_status) == (
        "",
        "guest@example.com",
        FinancialStatus.PENDING,
    )


def test_an_order_of_a_product_that_does_not_exist_has_a_line_without_one() -> None:
    name = "82_order_create_unknown_product_is_201_empty_line"
    (order,) = connector_with(orders=[body(name)]).pull(Kind.ORDERS, ["46"]).objects
    assert isinstance(order, Order)
    assert [(one.product_id, one.variant_id, one.quantity) for one in order.lines] == [("", "", 1)]


def test_a_recorded_customer_is_not_subscribed_without_evidence() -> None:
    rows = body("74_customers_list")
    shop = connector_with(customers=rows)
    admin, ana = shop.pull(Kind.CUSTOMERS, ["1", "2"]).objects
    assert isinstance(ana, Customer)
    assert isinstance(admin, Customer)
    assert {admin.consent.state, ana.consent.state} == {"none"}
    assert (ana.phone, ana.address.city if ana.address else "") == ("+34 600 000 000", "Madrid")


def test_a_recorded_coupon_becomes_a_code() -> None:
    (code,) = connector_with(coupons=[body("94_coupon_create")]).pull(Kind.PROMO_CODES, ["48"]).objects
    assert isinstance(code, PromoCode)
    assert (code.code, str(code.amount), code.type) == ("ten", "0.1", "percentage")


# --- deliveries ----------------------------------------------------------------------------------------------


def hear(recording: dict[str, Any], body: bytes | None = None, secret: str = SECRET) -> Any:
    headers = {name.lower(): value for name, value in recording["headers"]}
    raw = recording["raw_body"].encode() if body is None else body
    connector = Connector(CREDENTIALS, Settings(), client_for(lambda _: httpx.Response(500)))
    return connector.hear(headers, raw, [secret])


SIGNED = [name for name in recordings.deliveries() if "ping" not in name]
HANDLED = [name for name in SIGNED if "action" not in name]


@pytest.mark.parametrize("name", HANDLED)
def test_every_recorded_delivery_verifies_with_its_secret(name: str) -> None:  # F-1
    recording = recordings.load(name)
    notice, *levels = hear(recording)
    topic = dict(recording["headers"])["X-WC-Webhook-Topic"]
    assert [(one.kind, one.id.partition("-")[0]) for one in levels] == [
        (Kind.STOCK, notice.id) for _ in levels
    ]
    assert (notice.topic, notice.id) == (topic, str(recording["json"]["id"]))
    assert notice.deleted == topic.endswith(".deleted")


@pytest.mark.parametrize("name", SIGNED)
def test_a_delivery_with_one_byte_changed_is_refused(name: str) -> None:  # F-1
    recording = recordings.load(name)
    raw = recording["raw_body"].encode()
    for place in {0, len(raw) // 2, len(raw) - 1}:
        torn = raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]
        with pytest.raises(SignatureRefused):
            hear(recording, torn)
    with pytest.raises(SignatureRefused):
        hear(recording, secret="another")


def test_a_recorded_delivery_of_another_kind_is_put_aside() -> None:
    with pytest.raises(TopicUnknown):
        hear(recordings.load("hook_action_woocommerce_low_stock"))


@pytest.mark.parametrize("name", ["hook_ping", "hook_ping_to_failing_receiver"])
def test_a_recorded_ping_is_no_delivery_and_no_error(name: str) -> None:
    assert hear(recordings.load(name)) == []
    with pytest.raises(SignatureRefused):
        hear(recordings.load(name), b"webhook_id=1&id=2")


def test_a_deletion_is_believed_only_of_a_body_that_says_nothing_else() -> None:
    # The topic stands in a header, which nobody signed.
    recording = recordings.load("hook_product_updated")
    recording["headers"] = [
        (name, "product.deleted" if name == "X-WC-Webhook-Topic" else value)
        for name, value in recording["headers"]
    ]
    assert not any(notice.deleted for notice in hear(recording))
