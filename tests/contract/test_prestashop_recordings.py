"""Every recorded PrestaShop exchange is answered by the simulator as the real shop answered it."""

import hashlib
import json
from datetime import timedelta
from typing import Any

import pytest
from sandbox.prestashop import Shop
from sandbox.prestashop.sample import RECORDED_AT, RECORDED_KEY, as_recorded
from werkzeug.test import Client as WsgiClient

from . import prestashop_recordings as recordings

# Rows that are equal in the column sorted by come as the database happens to find them.
UNSTABLE = {"08_products_filter_date_upd_gt"}
# 08:53:08 was the next second; the shop writes its clock into these.
LATER = "71_customer_post"


@pytest.fixture(scope="module")
def replayed() -> dict[str, Any]:
    """Each recording's name with the simulator's answer, after replaying all of them in order."""
    now = [RECORDED_AT]
    shop = as_recorded(clock=lambda: now[0], keys=recordings.KEYS)
    answers = {}
    for name in recordings.names():
        if name == LATER:
            now[0] = RECORDED_AT + timedelta(seconds=1)
        answers[name] = ask(shop, name, recordings.load(name))
    return answers


def ask(shop: Shop, name: str, recording: dict[str, Any]) -> Any:
    url = recording["request"]["url"]
    return WsgiClient(shop).open(
        url.removeprefix("http://127.0.0.1:8082"),
        base_url="http://127.0.0.1:8082",
        method=recording["request"]["method"],
        headers=recordings.headers_of(name, recording),
        data=recordings.sent(recording),
    )


def compare(name: str, answer: Any) -> None:
    recording = recordings.load(name)
    expected, given = recordings.answered(recording), answer.get_data()
    assert answer.status_code == recording["response"]["status"], given[:500]
    headers = {key.lower(): value for key, value in recording["response"]["headers"]}
    for header in ("content-type", "psws-version", "www-authenticate"):
        assert answer.headers.get(header) == headers.get(header), header
    if name in UNSTABLE:
        assert rows(expected) == rows(given)
        return
    assert recordings.masked(given) == recordings.masked(expected)
    if recordings.masked(given) == given.decode() and answer.status_code < 300:
        assert answer.headers.get("content-sha1") == headers.get("content-sha1")


def rows(body: bytes) -> list[Any]:
    return sorted(json.loads(body)["products"], key=lambda row: row["id"])


@pytest.mark.parametrize("name", recordings.names())
def test_the_simulator_answers_as_the_recorded_shop(name: str, replayed: dict[str, Any]) -> None:
    compare(name, replayed[name])


@pytest.mark.parametrize("name", sorted(path.stem for path in recordings.FIXTURES.glob("one_language*.json")))
def test_with_one_language_translated_fields_are_plain_text(name: str) -> None:
    shop = as_recorded(languages=1, keys={RECORDED_KEY: recordings.KEYS[RECORDED_KEY]})
    compare(name, ask(shop, name, recordings.load(name)))


@pytest.mark.parametrize("name", ["02_products_display_full_limit2", "40_product_post", "80_orders_list"])
def test_the_recorded_bodies_have_the_digest_that_the_shop_gave(name: str) -> None:
    recording = recordings.load(name)
    told = dict(recording["response"]["headers"])["Content-Sha1"]
    assert hashlib.sha1(recordings.answered(recording), usedforsecurity=False).hexdigest() == told
