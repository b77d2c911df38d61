"""Redirects, routes to the sandbox, and what is sent."""

import base64

import httpx
import pytest
from passerelle.http import Client
from passerelle.port import AddressRefused, Unavailable

SECRETS = {"X-Shopify-Access-Token": "shpat_1", "Cookie": "session=1", "Accept": "application/json"}


class Web:
    """A few pages, by URL: a redirect's target, or None for a page."""

    def __init__(self, pages: dict[str, str | None], status: int = 302) -> None:
        self._pages = pages
        self._status = status
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        target = self._pages[str(request.url)]
        if target is None:
            return httpx.Response(200, json={"url": str(request.url)})
        return httpx.Response(self._status, headers={"Location": target})


def get(web: Web, url: str, **options) -> httpx.Response:
    return Client(httpx.MockTransport(web)).request(
        "GET", url, headers=SECRETS, auth=("key", "hunter2"), **options
    )


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_read_follows_redirects_with_its_credentials_on_the_same_shop(status):
    web = Web({"https://a.example/1?p=1": "/2?q=2", "https://a.example/2?q=2": None}, status)
    assert get(web, "https://a.example/1", params={"p": "1"}).json() == {"url": "https://a.example/2?q=2"}
    assert web.requests[1].headers["Authorization"] == "Basic " + base64.b64encode(b"key:hunter2").decode()
    assert web.requests[1].headers["X-Shopify-Access-Token"] == "shpat_1"


def test_a_move_to_https_keeps_the_credentials():
    web = Web({"http://a.example/": "https://a.example/", "https://a.example/": None})
    get(web, "http://a.example/")
    assert "Authorization" in web.requests[1].headers


@pytest.mark.parametrize(
    "elsewhere",
    ["https://b.example/", "http://a.example/", "https://a.example:8443/", "https://x.a.example/"],
)
def test_no_credential_follows_to_another_place(elsewhere):  # G-9
    web = Web({"https://a.example/": elsewhere, elsewhere: None})
    get(web, "https://a.example/")
    sent = web.requests[1].headers
    assert not {"authorization", "x-shopify-access-token", "cookie"} & set(sent)
    assert sent["Accept"] == "application/json"


def test_three_redirects_are_followed_and_no_more():
    pages: dict[str, str | None] = {f"https://a.example/{n}": f"/{n + 1}" for n in range(9)}
    web = Web({**pages, "https://a.example/9": None})
    assert get(web, "https://a.example/6").status_code == 200
    with pytest.raises(Unavailable, match="redirects more than 3 times"):
        get(web, "https://a.example/0")


@pytest.mark.parametrize(
    "inside",
    [
        "http://127.0.0.1/",
        "http://[::1]/",
        "ftp://a.example/",
        "https://a.example:22/",
        "http://u:p@a.example/",
    ],
)
def test_each_hop_is_checked(inside):  # G-9
    with pytest.raises(AddressRefused):
        get(Web({"https://a.example/": inside}), "https://a.example/")


def test_a_write_follows_no_redirect():
    web = Web({"https://a.example/": "https://b.example/"})
    answer = Client(httpx.MockTransport(web)).request("POST", "https://a.example/", json={})
    assert answer.status_code == 302
    assert len(web.requests) == 1


def test_a_route_leads_elsewhere_under_the_shops_name():
    seen: list[httpx.Request] = []

    def here(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        moved = request.url.path == "/1"
        return httpx.Response(
            302 if moved else 200, headers={"Location": "https://s.myshopify.com/2"} if moved else {}
        )

    routes = {"https://s.myshopify.com": "http://127.0.0.1:9001"}
    client = Client(httpx.MockTransport(here), allow_private=True, routes=routes)
    client.request("GET", "https://s.myshopify.com/1?a=b", auth=("key", "x"))
    assert [str(request.url) for request in seen] == [
        "http://127.0.0.1:9001/1?a=b",
        "http://127.0.0.1:9001/2",
    ]
    assert {request.headers["Host"] for request in seen} == {"s.myshopify.com"}
    assert "Authorization" in seen[1].headers
    client.request("GET", "https://other.example/")
    assert seen[2].url.host == "other.example"


def test_routes_work_in_local_development_only():  # G-9
    with pytest.raises(ValueError, match="allow_private"):
        Client(routes={"https://s.myshopify.com": "http://127.0.0.1:9001"})


def test_parameters_are_added_to_those_of_the_url():
    web = Web({"https://a.example/?a=1&b=%C3%A9+%26": None})
    assert get(web, "https://a.example/?a=1", params={"b": "é &"}).status_code == 200


def test_a_body_goes_out_as_it_was_given():
    web = Web({"https://a.example/": None})
    client = Client(httpx.MockTransport(web))
    client.request("POST", "https://a.example/", json={"title": "Thé", "n": [1, None, 2.5]})
    client.request("POST", "https://a.example/", content=b"<xml/>", headers={"Content-Type": "text/xml"})
    assert web.requests[0].content == '{"title":"Thé","n":[1,null,2.5]}'.encode()
    assert web.requests[0].headers["Content-Type"] == "application/json"
    assert web.requests[1].content == b"<xml/>"
    assert web.requests[1].headers["Content-Type"] == "text/xml"


def test_cookies_of_a_shop_are_not_sent_back():
    sent: list[str | None] = []

    def page(request: httpx.Request) -> httpx.Response:
        sent.append(request.headers.get("Cookie"))
        return httpx.Response(200, headers={"Set-Cookie": "PHPSESSID=1; Path=/"})

    client = Client(httpx.MockTransport(page))
    client.request("GET", "https://a.example/")
    client.request("GET", "https://a.example/")
    assert sent == [None, None]
