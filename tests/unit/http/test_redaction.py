"""Nothing that is secret or personal leaves through logs and errors (G-7)."""

import logging
import traceback

import httpx
import pytest
from passerelle.http import Client
from passerelle.port import PlatformError

SECRETS = ("s3cret", "hunter2", "ada@shop.example", "ada%40shop.example", "Lovelace")
URL = "https://shop.example/lists/1/members/ada@shop.example?key=s3cret&email=ada%40shop.example"


def answered(status: int, **options) -> httpx.MockTransport:
    body = b"ada@shop.example Lovelace s3cret"
    return httpx.MockTransport(lambda _: httpx.Response(status, content=body, **options))


def dropped(request: httpx.Request) -> httpx.Response:
    raise httpx.RemoteProtocolError(f"illegal line in the answer of {request.url}: Lovelace")


FAULTS = {
    "answered": answered(200),
    "refused": answered(404),
    "down": answered(500),
    "throttled": answered(429),
    "too large": answered(413),
    "over the limit": answered(200),
    "cut": answered(200, headers={"Content-Length": "9999"}),
    "moved inside": answered(302, headers={"Location": "http://hunter2:s3cret@127.0.0.1/?s3cret"}),
    "moved nowhere": answered(302, headers={"Location": "http://[s3cret"}),
    "dropped": httpx.MockTransport(dropped),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_logs_and_errors_hold_no_secret_and_no_person(fault, method, caplog):  # G-7
    caplog.set_level(logging.DEBUG, logger="passerelle.http")
    limit = 5 if fault == "over the limit" else 1000
    client = Client(FAULTS[fault], sleep=lambda _: None, max_bytes=limit)
    told = ""
    try:
        client.request(
            method,
            URL,
            params={"name": "Lovelace"},
            content=b"Lovelace",
            auth=("hunter2", "s3cret"),
            headers={"X-Token": "s3cret"},
        )
    except PlatformError as error:
        told = "".join(traceback.format_exception(error)).replace(__file__, "") + error.why + error.remedy
    told = "\n".join(line for line in told.splitlines() if not line.startswith("    "))
    for secret in SECRETS:
        assert secret not in caplog.text
        assert secret not in told
    assert "shop.example/lists/1/members/…" in caplog.text


def test_one_line_a_call_says_what_was_asked_and_how_it_ended(caplog, clock):
    caplog.set_level(logging.DEBUG, logger="passerelle.http")

    def slow(request: httpx.Request) -> httpx.Response:
        clock.now += 0.25
        return httpx.Response(404)

    Client(httpx.MockTransport(slow), clock=clock).request("GET", "https://shop.example/orders/7?key=1")
    assert [record.message for record in caplog.records] == ["GET shop.example/orders/7 404 250 ms"]
