"""Getting in: by Basic over https, by a signature over http, and what is said where one may not."""

from typing import Any

import httpx
import pytest
from passerelle.connectors.woocommerce import OFFERS, Connector, Credentials, Settings
from passerelle.http import Client
from passerelle.model import Consent, ConsentState, Kind, StockLevel
from passerelle.port import (
    Action,
    Change,
    ConsentChange,
    CredentialsRefused,
    Incomplete,
    PermissionMissing,
    Rejected,
    Selection,
    Throttled,
    Unavailable,
    Verb,
)
from pydantic import ValidationError
from sandbox.moods import Mood
from sandbox.transport import InProcess
from sandbox.woocommerce import Key, Shop
from sandbox.woocommerce.sample import RECORDED_KEY, RECORDED_SECRET, catalogue

from .connecting import URL, connect, credentials, listed

PLAIN = "http://shop.example"


def with_key(permissions: str = "read_write", *barred: str) -> Shop:
    shop = catalogue(1, 1, 1)
    shop.keys["ck_weak"] = Key("cs_weak", permissions, frozenset(barred))
    return shop


def weak(**more: Any) -> Credentials:
    return credentials("ck_weak", "cs_weak", **more)


def test_a_good_key_finds_the_shop() -> None:
    check = connect(catalogue(1, 1, 1)).check()
    assert (check.name, check.currency, check.timezone) == ("Atelier Sud", "EUR", "Europe/Paris")
    assert (check.version, check.missing, check.identity) == ("10.3.1", (), "shop.example")


def test_over_plain_http_every_request_is_signed_and_the_secret_stays_here() -> None:
    shop = catalogue(2, 1, 1)
    check = connect(shop, credentials(url=PLAIN)).check()
    assert check.missing == ()
    said = [call.query for call in shop.calls.all if call.path.startswith("/wp-json/wc")]
    assert all("oauth_signature=" in query for query in said)
    assert not any(RECORDED_SECRET in query for query in said)


@pytest.mark.parametrize("method", ["HMAC-SHA256", "HMAC-SHA1"])
@pytest.mark.parametrize("url", [URL, PLAIN])
def test_signing_may_be_chosen_where_a_host_takes_the_header_away(url: str, method: Any) -> None:
    shop = catalogue(3, 1, 1)
    connector = connect(shop, credentials(url=url, signing=method))
    assert connector.count(Kind.PRODUCTS, Selection()).objects == 3


def test_a_signed_request_that_is_tried_again_has_a_nonce_of_its_own() -> None:
    shop = catalogue(2, 1, 1)
    shop.moods.add(Mood.LOST_ANSWER, "GET /wp-json/wc", times=2)
    assert connect(shop, credentials(url=PLAIN)).count(Kind.PRODUCTS, Selection()).objects == 2


def test_basic_over_plain_http_is_refused_by_the_shop() -> None:
    shop = catalogue(1, 1, 1)
    answer = Client(InProcess({PLAIN: shop}), allow_private=True).request(
        "GET", f"{PLAIN}/wp-json/wc/v3/products", auth=(RECORDED_KEY, RECORDED_SECRET)
    )
    assert answer.status_code == 401


def test_a_shop_that_is_only_read_is_not_asked_for_the_right_to_write() -> None:
    connector = connect(with_key("read"), weak())
    assert connector.check().missing == ()
    level = Change("1", Action.UPDATE, StockLevel("1", "", 4242), listed(connector, Kind.STOCK)[-1])
    with pytest.raises(PermissionMissing, match="write"):
        connector.push(Kind.STOCK, [level])


def test_what_the_keys_user_may_not_read_is_named() -> None:
    shop = with_key("read_write", "read orders", "write customers")
    assert connect(shop, weak()).check().missing == ("read orders",)


def test_a_missing_right_is_told_when_it_is_needed() -> None:
    with pytest.raises(PermissionMissing, match="read orders"):
        connect(with_key("read_write", "read orders"), weak()).index(Kind.ORDERS, Selection(), None)


@pytest.mark.parametrize(("key", "secret"), [("ck_nobody", "cs_1"), (RECORDED_KEY, "cs_wrong")])
@pytest.mark.parametrize("url", [URL, PLAIN])
def test_wrong_credentials_are_refused_credentials(key: str, secret: str, url: str) -> None:
    with pytest.raises(CredentialsRefused):
        connect(catalogue(1, 1, 1), credentials(key, secret, url)).check()


@pytest.mark.parametrize(
    ("mood", "error"),
    [
        (Mood.EXPIRED_CREDENTIALS, CredentialsRefused),
        (Mood.UNAVAILABLE, Unavailable),
        (Mood.TRUNCATED, Unavailable),
        (Mood.SLOW, Unavailable),
        (Mood.DROPPED, Unavailable),
        (Mood.THROTTLED, Throttled),
    ],
)
def test_a_bad_day_of_the_shop_has_its_own_error(mood: Mood, error: type[Exception]) -> None:
    shop = catalogue(1, 1, 1)
    shop.moods.add(mood, "/wc/v3", times=1000)
    with pytest.raises(error):
        connect(shop).check()


def answering(status: int, body: str) -> Connector:
    transport = httpx.MockTransport(lambda _: httpx.Response(status, text=body))
    return Connector(credentials(), Settings(), Client(transport, allow_private=True, sleep=lambda _: None))


def test_a_site_that_is_no_woocommerce_is_told_apart() -> None:
    with pytest.raises(Unavailable):
        answering(200, "<html>Welcome</html>").check()
    with pytest.raises(Incomplete, match="not active"):
        answering(200, '{"name": "A blog", "namespaces": ["wp/v2"]}').check()
    with pytest.raises(Rejected, match="no WooCommerce API"):
        answering(404, "<html>Not found</html>").check()


def test_a_firewall_is_not_mistaken_for_woocommerce() -> None:
    with pytest.raises(PermissionMissing, match="host refuses"):
        answering(403, "<html>Forbidden</html>").count(Kind.PRODUCTS, Selection())


def test_a_shop_that_moved_is_told_by_a_write_too() -> None:
    with pytest.raises(Rejected, match="another address"):
        answering(301, "").push_consent([ConsentChange("1", Consent(ConsentState.SUBSCRIBED))])


def test_a_check_writes_nothing() -> None:
    shop = catalogue(1, 1, 1)
    connect(shop).check()
    assert shop.calls.writes == []


def test_the_secret_is_never_part_of_an_error_or_a_repr() -> None:  # G-7
    shop = catalogue(1, 1, 1)
    given = credentials(RECORDED_KEY, "cs_wrong_and_secret")
    with pytest.raises(CredentialsRefused) as refused:
        connect(shop, given).check()
    assert "wrong_and_secret" not in str(refused.value) + refused.value.remedy + repr(given)


@pytest.mark.parametrize(
    "url", ["https://Shop.Example/", "https://shop.example/wp-json/wc/v3", " https://shop.example/wp-admin/ "]
)
def test_the_address_may_be_given_as_people_give_it(url: str) -> None:
    assert credentials(url=url).url == "https://shop.example"


@pytest.mark.parametrize(
    "wrong",
    [{"url": "shop.example"}, {"key": "cs_1"}, {"secret": "ck_1"}, {"signing": "PLAINTEXT"}],
)
def test_what_cannot_be_right_is_refused_in_the_form(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        credentials(**wrong)


def test_every_verb_that_is_offered_is_there() -> None:
    connector = connect(catalogue(1, 1, 1))
    names = {Verb.CONSENT: "push_consent"}
    for verbs in OFFERS.values():
        assert all(callable(getattr(connector, names.get(verb, str(verb)))) for verb in verbs)


def test_the_statuses_of_orders_are_the_shops_own() -> None:
    shop = catalogue(1, 1, 1)
    shop.state.statuses["packed"] = "Packed &amp; ready"
    told = dict(connect(shop).order_statuses())
    assert told["packed"] == "Packed & ready"
    assert "checkout-draft" not in told
