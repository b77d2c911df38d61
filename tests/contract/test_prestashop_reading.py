"""Every recorded PrestaShop answer is read or refused rightly by the connector."""

import json
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from passerelle.connectors.prestashop import Connector, Credentials, Settings
from passerelle.connectors.prestashop.reading import number, text
from passerelle.connectors.prestashop.webservice import Webservice
from passerelle.http import Client
from passerelle.model import Kind, Product
from passerelle.port import CredentialsRefused, Incomplete, PermissionMissing, Rejected, Unavailable

from . import prestashop_recordings as recordings

CREDENTIALS = Credentials(url="https://shop.example", key="K" * 32)
REFUSED = {
    "60_no_key_401": CredentialsRefused,
    "61_wrong_key_401": CredentialsRefused,
    "62_wrong_length_key_401": CredentialsRefused,
    "64_no_right_method_405": PermissionMissing,
    "65_no_right_resource_401": PermissionMissing,
}


def every_name() -> list[str]:
    return sorted(path.stem for path in recordings.FIXTURES.glob("*.json"))


def client_for(answer: Any) -> Client:
    return Client(httpx.MockTransport(answer), allow_private=True, sleep=lambda _: None)


def as_told(recording: dict[str, Any]) -> httpx.Response:
    headers = {k: v for k, v in recording["response"]["headers"] if k.lower() != "host"}
    return httpx.Response(
        recording["response"]["status"], headers=headers, content=recordings.answered(recording)
    )


def expected(name: str, recording: dict[str, Any]) -> type[Exception] | None:
    """What reading this answer as a list must raise; None where it is such a list."""
    status, body = recording["response"]["status"], recording["response"]["body"]
    if name in REFUSED:
        return REFUSED[name]
    if status >= 500:
        return Unavailable
    if status >= 400:
        return Rejected
    if body is None:
        return Unavailable
    return None if body == [] or isinstance(next(iter(body.values())), list) else Incomplete


@pytest.mark.parametrize("name", every_name())
def test_every_recorded_answer_is_read_as_a_list_or_refused_with_the_right_error(name: str) -> None:
    recording = recordings.load(name)
    service = Webservice(CREDENTIALS, Settings(), client_for(lambda _: as_told(recording)))
    resource = urlsplit(recording["request"]["url"]).path.removeprefix("/api/").partition("/")[0]
    error = expected(name, recording)
    if error is not None:
        with pytest.raises(error):
            service.rows(resource)
        return
    body = recording["response"]["body"]
    assert service.rows(resource) == (body[resource] if body else [])


@pytest.mark.parametrize(
    "name", ["09_products_filter_date_upd_without_date1_400", "44_product_post_bad_price_400"]
)
def test_a_refusal_keeps_the_shops_number_and_words(name: str) -> None:
    recording = recordings.load(name)
    service = Webservice(CREDENTIALS, Settings(), client_for(lambda _: as_told(recording)))
    first = recording["response"]["body"]["errors"][0]
    with pytest.raises(Rejected) as refused:
        service.rows("products")
    assert refused.value.code == f"prestashop_{first['code']}"
    assert first["message"][:20] in refused.value.why


def test_a_quantity_of_zero_is_zero_in_a_list_and_where_it_was_dropped() -> None:
    listed = recordings.load("25_stock_available_list_zero_json")["response"]["body"]["stock_availables"][0]
    single = recordings.load("25_stock_available_get_zero_json_field_missing")["response"]["body"][
        "stock_available"
    ]
    assert "quantity" not in single
    assert number(listed, "quantity") == number(single, "quantity") == 0


def test_a_translated_text_is_read_with_one_language_and_with_two() -> None:
    one = recordings.load("one_language_products_display_full")["response"]["body"]["products"][0]
    two = recordings.load("02_products_display_full_limit2")["response"]["body"]["products"][0]
    assert text(one["name"], "1") == text(two["name"], "2") == "Hummingbird printed t-shirt"
    assert text([{"id": "1", "value": None}, {"id": "2", "value": "Tasse"}], "1") == "Tasse"


SERVED = {
    "combinations": "16_combinations_of_product_1",
    "stock_availables": "20_stock_availables_of_product_1",
    "product_option_values": "18_product_option_values",
    "product_options": "19_product_options",
    "categories": "95_categories",
    "currencies": "94_currencies",
    "languages": "93_languages",
}


@pytest.mark.parametrize(
    "products", ["02_products_display_full_limit2", "one_language_products_display_full"]
)
def test_a_recorded_product_becomes_one_of_ours(products: str) -> None:
    served = SERVED | {"products": products}

    def answer(request: httpx.Request) -> httpx.Response:
        resource = request.url.path.removeprefix("/api/")
        asked = request.url.params.get("filter[id]", "").strip("[]").split("|")
        if resource == "configurations":
            settings = {"PS_TIMEZONE": "Europe/Paris", "PS_LANG_DEFAULT": "1", "PS_CURRENCY_DEFAULT": "1"}
            rows = [{"id": n, "name": k, "value": v} for n, (k, v) in enumerate(settings.items(), 1)]
            return httpx.Response(200, json={"configurations": rows})
        rows = recordings.load(served[resource])["response"]["body"][resource]
        rows = [row for row in rows if asked == [""] or str(row["id"]) in asked]
        return httpx.Response(200, json={resource: rows} if rows else [])

    pulled = Connector(CREDENTIALS, Settings(), client_for(answer)).pull(Kind.PRODUCTS, ["1"])
    (shirt,) = pulled.objects
    assert isinstance(shirt, Product)
    assert shirt.title == "Hummingbird printed t-shirt"
    assert not shirt.tax_included
    assert [str(v.price.amount) for v in shirt.variants] == ["23.90"] * 8
    assert {v.quantity for v in shirt.variants} == {300}
    assert dict(shirt.variants[0].options)["Size"] == "S"
    assert shirt.updated_at is not None
    assert shirt.updated_at.isoformat() == "2026-11-23T07:51:39+00:00"


def test_the_recorded_root_gives_every_right_and_the_shops_name() -> None:
    root = recordings.load("00_api_root_xml")

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/api/":
            return as_told(root)
        body = {"currencies": [{"id": 1, "iso_code": "USD", "conversion_rate": "1.000000"}]}
        settings = {"configurations": [{"id": 1, "name": "PS_TIMEZONE", "value": "Europe/Paris"}]}
        return httpx.Response(200, text=json.dumps(body | settings))

    check = Connector(CREDENTIALS, Settings(), client_for(answer)).check()
    assert (check.name, check.missing, check.version) == ("Sync Lab", (), "8.2.1")
    assert (check.currency, check.timezone) == ("USD", "Europe/Paris")
