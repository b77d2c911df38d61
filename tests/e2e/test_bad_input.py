"""What is wrong with a request is said in words a person can act on, over HTTP, as a problem document."""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from e2e.town import Business, StoreApp, Town
from passerelle.api.app import build
from passerelle.api.description import described
from sandbox.prestashop.generate import fill
from sandbox.prestashop.sample import SAMPLE_KEY, catalogue
from sandbox.server import serve
from sandbox.street import Merchant

type Ask = Callable[[Business], httpx.Response]

NO_KEY = "LABRW0000000000000000000000000NO"


@pytest.fixture(scope="module")
def lumiere(town: Town) -> Business:
    merchant, _ = town.shops.merchants
    return town.settle_in(merchant)


def _post(path: str, **body: Any) -> Ask:
    def ask(here: Business) -> httpx.Response:
        whole = path.format(link=here.link["id"], feed=here.feed("products"))
        return here.app.http.post(f"/v1{whole}", json=body)

    return ask


def _connect(platform: str, **credentials: str) -> Ask:
    return _post("/stores", platform=platform, credentials=credentials)


def _link(**changes: str) -> Ask:
    def ask(here: Business) -> httpx.Response:
        ends = {
            "source": here.shop["id"],
            "destination": here.account["id"],
            "audience": here.link["audience"],
        }
        return here.app.http.post("/v1/links", json=ends | changes)

    return ask


def _wrong_key(here: Business) -> httpx.Response:
    url = here.merchant.credentials["url"]
    return _connect("prestashop", url=url, key=NO_KEY)(here)


CASES: dict[str, tuple[Ask, int, str, str]] = {
    "an unknown route": (lambda here: here.app.http.get("/v1/nothing"), 404, "no_such_route", "/docs"),
    "an unknown id": (lambda here: here.app.http.get("/v1/runs/run_nobody"), 404, "not_found", "id"),
    "an unknown field": (_post("/links/{link}/sync-all", mood="all"), 422, "invalid_request", "mode"),
    "an unknown value": (_post("/links/{link}/sync-all", mode="some"), 422, "invalid_request", "update"),
    "an unknown filter": (
        lambda here: here.app.http.get("/v1/runs", params={"colour": "red"}),
        422,
        "invalid_request",
        "outcome",
    ),
    "an unknown platform": (_connect("etsy", url="https://a.example"), 422, "", "prestashop"),
    "a field missing": (_connect("mailchimp"), 422, "invalid_request", "api_key"),
    "no web address": (_connect("prestashop", url="ftp://shop", key=NO_KEY), 422, "", "url"),
    "the platform's refusal": (_wrong_key, 422, "credentials_refused", "key"),
    "Mailchimp's refusal": (
        _connect("mailchimp", api_key=f"{'f' * 32}-us1"),
        422,
        "credentials_refused",
        "key",
    ),
    "an unknown audience": (_link(audience="nobody"), 422, "no_such_audience", "a000000001"),
    "an unknown end": (_link(source="str_nobody"), 422, "no_such_store", "connected store"),
    "ends the wrong way round": (_link(source="", destination=""), 422, "", ""),
    "linked already": (_link(), 409, "already_linked", "lnk_"),
    "connected already": (
        lambda here: _connect("prestashop", **here.merchant.credentials)(here),
        409,
        "already_connected",
        "str_",
    ),
    "settings where there are none": (
        _post("/feeds/{feed}/runs", settings={"statuses": ["2"]}),
        422,
        "",
        "settings",
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_a_bad_request_is_told_what_is_wrong_and_what_would_be_right(  # F-8
    lumiere: Business, case: tuple[Ask, int, str, str]
) -> None:
    ask, status, code, said = case
    answer = ask(lumiere)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    problem = answer.json()
    assert problem["status"] == status
    assert problem["title"]
    assert problem["remedy"]
    assert problem["correlation_id"]
    assert code in ("", problem["code"])
    assert said in answer.text
    assert NO_KEY not in answer.text


@pytest.mark.parametrize(
    ("scope", "method", "path"),
    [("sync", "GET", "/stores"), ("read", "POST", "/links/x/sync-all"), ("sync", "POST", "/stores")],
)
def test_a_key_without_the_scope_is_refused(
    town: Town, lumiere: Business, scope: str, method: str, path: str
) -> None:
    answer = town.key_of(lumiere.app.tenant, scope).http.request(method, f"/v1{path}", json={})
    assert (answer.status_code, answer.headers["content-type"]) == (403, "application/problem+json")
    assert answer.json()["code"] == "scope_missing"


def test_a_revoked_key_is_refused(town: Town, lumiere: Business) -> None:
    other = town.key_of(lumiere.app.tenant, "read")
    listed = lumiere.app.get("/keys")["items"]
    assert other.http.get("/v1/stores").status_code == 200
    lumiere.app.ask("DELETE", f"/keys/{listed[-1]['id']}", 204)
    assert other.http.get("/v1/stores").status_code == 401


def test_nothing_of_another_tenant_is_there(town: Town, lumiere: Business) -> None:  # G-4
    """Every route that names something, with another tenant's key; that the owner finds it shows that it is there."""
    run = lumiere.sync("products")
    ids: dict[str, str] = defaultdict(lambda: "1") | {
        "store_id": lumiere.shop["id"],
        "link_id": lumiere.link["id"],
        "feed_id": lumiere.feed("products"),
        "run_id": run["id"],
        "kind": "products",
        "object_id": "1",
        "key_id": lumiere.app.get("/keys")["items"][0]["id"],
        "incident_id": "inc_unknown",
        "audience": lumiere.link["audience"],
    }
    stranger = town.tenant("A stranger")
    asked = found = 0
    for path, methods in described(build())["paths"].items():
        if not any(f"{{{name}}}" in path for name in ids) or "{incident_id}" in path:
            continue
        for method in methods:
            answer = _ask(stranger, method, path.format_map(ids))
            if path.startswith("/v1/tenants/"):
                assert answer.status_code == 403, f"{method} {path} is the operator's: {answer.status_code}"
                continue
            assert answer.status_code in {404, 422}, f"{method} {path}: {answer.status_code} {answer.text}"
            # A body that is no good is refused before anything is looked up, the same for everybody.
            assert answer.status_code == 404 or answer.json()["code"] == "invalid_request"
            asked += answer.status_code == 404
            if method == "get":
                found += _ask(lumiere.app, method, path.format_map(ids)).status_code == 200
    assert found >= 6
    assert asked >= 12
    assert stranger.get("/runs")["items"] == stranger.get("/links")["items"] == []


def _ask(app: StoreApp, method: str, path: str) -> httpx.Response:
    return app.http.request(method, path, json=None if method in {"get", "delete"} else {})


def test_objects_that_cannot_be_synced_have_an_incident_each_and_the_rest_goes_on(town: Town) -> None:  # B-4
    shop = catalogue(0, 0, 0)
    fill(shop.state, 6, 6, 0, 7)
    products, people = shop.state.products, shop.state.customers
    nameless, priceless = products.ids()[:2]
    products.rows[nameless]["name"] = {"1": ""}
    products.rows[priceless]["price"] = "cheap"
    people.rows[people.ids()[0]]["email"] = "no address"
    audience = town.spare_audience(2)
    with serve(shop) as served:
        credentials = {"url": served.url, "key": SAMPLE_KEY}
        business = town.settle_in(Merchant("Bric-à-brac", "prestashop", credentials, audience, shop))
        runs = business.all_of(business.begin_all())
        for feed in business.link["feeds"]:
            # The shop closes, so its clocks stop.
            business.app.patch(f"/feeds/{feed}", enabled=False)
    assert runs["products"]["expected"] == 6
    wrong = {(each["kind"], each["object_id"]) for each in business.incidents() if each["object_id"]}
    assert wrong == {
        ("products", str(nameless)),
        ("products", str(priceless)),
        ("customers", str(people.ids()[0])),
    }
    done = runs["products"]["counts"]
    assert (done["created"], done["failed"], runs["products"]["outcome"]) == (4, 2, "completed_with_errors")
