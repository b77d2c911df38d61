"""Every recorded Magento answer is read or refused rightly by the connector."""

import json
from typing import Any

import httpx
import pytest
from passerelle.connectors.magento import Connector, Credentials, Settings
from passerelle.connectors.magento.queue import Queue, Written
from passerelle.connectors.magento.rest import Rest
from passerelle.http import Client
from passerelle.model import ConsentState, Customer, FinancialStatus, FulfillmentStatus, Kind, Order, Product
from passerelle.port import CredentialsRefused, PermissionMissing, Rejected, Selection, Unavailable

from . import magento_recordings as recordings

CREDENTIALS = Credentials(url="https://shop.example", token="T" * 32)
BAD_TOKEN = {"04_no_token_401", "05_bad_token_401"}
NO_RIGHT = {"06_no_right_401"}
UNSIGNED = {"01_admin_token_bad_401", "08_oauth1_bad_signature_401"}
NO_JSON = {"09_modules_no_version", "87_xml_accept"}


def client_for(answer: Any) -> Client:
    return Client(httpx.MockTransport(answer), allow_private=True, sleep=lambda _: None)


def as_told(recording: dict[str, Any]) -> httpx.Response:
    response = recording["response"]
    text = response["body_text"] if response["body"] is None else json.dumps(response["body"])
    return httpx.Response(response["status"], text=text or "")


def body_of(name: str) -> Any:
    return recordings.load(name)["response"]["body"]


def expected(name: str, status: int) -> type[Exception] | None:
    """What reading this answer must raise; None where it is an answer."""
    if name in BAD_TOKEN | UNSIGNED:
        return CredentialsRefused
    if name in NO_RIGHT:
        return PermissionMissing
    if name in NO_JSON:
        return Unavailable
    return Rejected if status >= 400 else None


@pytest.mark.parametrize("name", recordings.names())
def test_every_recorded_answer_is_read_or_refused_with_the_right_error(name: str) -> None:
    recording = recordings.load(name)

    def answer(request: httpx.Request) -> httpx.Response:
        # A right that is missing shuts one door, a bad token all of them.
        elsewhere = request.url.path != "/rest/V1/asked"
        if elsewhere and name in NO_RIGHT:
            return httpx.Response(200, json={"items": [], "total_count": 0})
        return as_told(recording)

    rest = Rest(CREDENTIALS, Settings(), client_for(answer))
    error = expected(name, recording["response"]["status"])
    method = recording["request"]["method"]
    if error is None:
        assert rest.send(method, "asked") == recording["response"]["body"]
        return
    with pytest.raises(error):
        rest.send(method, "asked")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("03_products_without_search_criteria_400", '"searchCriteria" is required'),
        ("13_product_create_missing_fields_400", "Invalid product data: Invalid attribute set entity type"),
        ("42_stock_item_put_unknown_sku_404", 'The Product with the "NOSUCH" SKU'),
        ("56_customer_404", "No such entity with customerId = 99999"),
    ],
)
def test_a_refusal_is_told_with_its_placeholders_filled(name: str, words: str) -> None:
    rest = Rest(CREDENTIALS, Settings(), client_for(lambda _: as_told(recordings.load(name))))
    with pytest.raises(Rejected) as refused:
        rest.get("asked")
    assert words in refused.value.why


def test_a_missing_right_is_named_as_the_admin_lists_it() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if "orders" in request.url.path:
            return as_told(recordings.load("06_no_right_401"))
        return httpx.Response(200, json={"items": [], "total_count": 0})

    with pytest.raises(PermissionMissing, match="Magento_Sales::actions_view"):
        Rest(CREDENTIALS, Settings(), client_for(answer)).search("orders")


def served(**named: str) -> Connector:
    """A connector on a shop that answers each path with a recording, or with the rows of one."""

    def answer(request: httpx.Request) -> httpx.Response:
        path = request.url.path.partition("/V1/")[2]
        if path == "products" and "entity_id" in str(request.url):
            return _chosen(request, "id", body_of("38_products_page_size_301")["items"])
        if path == "inventory/source-items":
            return _chosen(request, "sku", body_of("44_source_items_get")["items"])
        if path == "products/attributes":
            attribute = body_of("20_attribute_create_size")
            return httpx.Response(200, json={"items": [attribute], "total_count": 1})
        if path == "inventory/sources":
            rows = [{"source_code": "default", "enabled": True}]
            return httpx.Response(200, json={"items": rows, "total_count": 1})
        return as_told(recordings.load(named[path]))

    return Connector(CREDENTIALS, Settings(), client_for(answer))


def _chosen(request: httpx.Request, key: str, rows: list[Any]) -> httpx.Response:
    wanted = set(dict(request.url.params)["searchCriteria[filter_groups][0][filters][0][value]"].split(","))
    kept = [row for row in rows if str(row[key]) in wanted]
    return httpx.Response(200, json={"items": kept, "total_count": len(kept)})


SHOP = {
    "store/storeConfigs": "09_store_configs",
    "customers/search": "53_customers_search",
    "orders": "67_orders_list",
}


def test_a_recorded_configurable_product_is_one_product_with_every_variant() -> None:
    (tee,) = served(**SHOP).pull(Kind.PRODUCTS, ["7"]).objects
    assert isinstance(tee, Product)
    assert [(v.sku, v.title, dict(v.options)) for v in tee.variants] == [
        ("TS-S", "S", {"Size": "S"}),
        ("TS-M", "M", {"Size": "M"}),
        ("TS-L", "L", {"Size": "L"}),
    ]
    assert [str(v.price.amount) for v in tee.variants] == ["20.00"] * 3


def test_a_recorded_variant_is_no_product_of_its_own() -> None:
    pulled = served(**SHOP).pull(Kind.PRODUCTS, ["4", "1"])
    assert pulled.missing == ("4",)
    (mug,) = pulled.objects
    assert isinstance(mug, Product)
    assert (mug.title, mug.variants[0].quantity, mug.handle) == ("Plain mug again", 17, "plain-mug")
    assert mug.updated_at is not None
    assert mug.updated_at.isoformat() == "2026-11-23T09:13:05+00:00"


def test_a_recorded_customer_is_subscribed_and_does_not_say_since_when() -> None:
    (ana,) = served(**SHOP).pull(Kind.CUSTOMERS, ["1"]).objects
    assert isinstance(ana, Customer)
    assert (ana.consent.state, ana.consent.changed_at) == (ConsentState.SUBSCRIBED, None)
    assert ana.address is not None
    assert (ana.address.region, ana.address.country, ana.language) == ("California", "US", "en")


def test_a_recorded_order_names_product_and_chosen_variant() -> None:
    (order,) = served(**SHOP).pull(Kind.ORDERS, ["1"]).objects
    assert isinstance(order, Order)
    assert [(line.product_id, line.variant_id, line.sku) for line in order.lines] == [
        ("1", "1", "MUG-1"),
        ("7", "6", "TS-L"),
    ]
    assert (order.financial_status, order.fulfillment_status) == (
        FinancialStatus.PENDING,
        FulfillmentStatus.UNFULFILLED,
    )
    assert (str(order.total.amount), order.email, order.customer_id) == ("54.98", "ana@example.com", "")


def test_a_recorded_order_that_was_shipped_and_paid_back_says_so() -> None:
    whole = {"items": [body_of("74_order_after")], "total_count": 1}
    connector = Connector(CREDENTIALS, Settings(), client_for(lambda _: httpx.Response(200, json=whole)))
    (order,) = connector.pull(Kind.ORDERS, ["1"]).objects
    assert isinstance(order, Order)
    assert (order.financial_status, order.fulfillment_status) == (
        FinancialStatus.REFUNDED,
        FulfillmentStatus.SHIPPED,
    )


@pytest.mark.parametrize("name", ["32_products_page_beyond_end_empty", "31_products_page2_size5"])
def test_a_page_that_is_not_what_its_total_says_is_no_success(name: str) -> None:
    body = body_of(name) | {"total_count": 29}
    connector = Connector(CREDENTIALS, Settings(), client_for(lambda _: httpx.Response(200, json=body)))
    with pytest.raises(Exception, match="total says"):
        connector.index(Kind.PRODUCTS, Selection(), None)


def test_what_the_queue_accepted_is_done_only_when_its_status_says_so() -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path.rpartition("/")[2])
        if request.method == "POST":
            return as_told(recordings.load("49_async_bulk_products_202"))
        when = "before" if len(asked) < 4 else "after"
        detailed = "_detailed" if asked[-1] == "detailed-status" else ""
        return as_told(recordings.load(f"50_bulk_status_{when}_consumer{detailed}"))

    written = Queue(Rest(CREDENTIALS, Settings(), client_for(answer))).post("products", [{}, {}])
    assert asked == ["products", "status", "status", "status", "detailed-status"]
    assert [(one.row["id"], one.row["sku"], one.why) for one in written] == [
        (32, "ASYNC-1", ""),
        (33, "ASYNC-2", ""),
    ]
    assert not any(one.later for one in written)
    assert written[0] != Written()
