"""Getting in: what a key may do, and what is said when it may not."""

import httpx
import pytest
from passerelle.connectors.prestashop import OFFERS, Connector, Credentials, Settings
from passerelle.http import Client
from passerelle.model import Kind
from passerelle.port import (
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
from sandbox.prestashop import METHODS, Shop
from sandbox.prestashop.sample import as_recorded

from .connecting import connect

WEAK = "WEAK0000000000000000000000000000"


def weakened(**rights: frozenset[str]) -> Shop:
    shop = as_recorded()
    shop.keys[WEAK] = {"*": METHODS, **rights}
    return shop


def test_a_good_key_finds_the_shop() -> None:
    check = connect(as_recorded()).check()
    assert (check.name, check.currency, check.timezone, check.version) == ("Sync Lab", "USD", "UTC", "8.2.1")
    assert check.missing == ()


def test_the_identity_is_the_shops_and_not_the_keys() -> None:
    shop = weakened()
    assert connect(shop).check().identity == connect(shop, WEAK).check().identity == "shop.example#1"


def test_missing_rights_are_named_by_method_and_resource() -> None:
    shop = weakened(orders=frozenset(), customers=METHODS - {"PATCH"}, configurations=frozenset())
    check = connect(shop, WEAK).check()
    assert check.missing == ("GET configurations", "GET orders", "PATCH customers")


def test_a_resource_that_may_not_be_read_is_a_missing_permission() -> None:
    connector = connect(weakened(orders=frozenset()), WEAK)
    with pytest.raises(PermissionMissing, match="GET orders"):
        connector.index(Kind.ORDERS, Selection(), None)


def test_without_configurations_the_time_zone_is_asked_for_or_set_by_hand() -> None:
    shop = weakened(configurations=frozenset())
    with pytest.raises(PermissionMissing, match="GET configurations"):
        connect(shop, WEAK).pull(Kind.CUSTOMERS, ["2"])
    assert connect(shop, WEAK, timezone="Europe/Paris").pull(Kind.CUSTOMERS, ["2"]).objects


def test_a_time_zone_that_is_none_is_refused_in_words() -> None:
    with pytest.raises(Rejected, match="Mars"):
        connect(as_recorded(), timezone="Mars").pull(Kind.CUSTOMERS, ["2"])


def test_an_unknown_key_is_refused_credentials() -> None:
    with pytest.raises(CredentialsRefused):
        connect(as_recorded(), "WRONG000000000000000000000000000").check()


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
    shop = as_recorded()
    shop.moods.add(mood, times=1000)
    with pytest.raises(error):
        connect(shop).check()


def answering(status: int, body: str) -> Connector:
    transport = httpx.MockTransport(lambda _: httpx.Response(status, text=body))
    client = Client(transport, allow_private=True, sleep=lambda _: None)
    return Connector(Credentials(url="https://shop.example", key="K" * 32), Settings(), client)


def test_a_site_that_is_no_webservice_is_told_apart() -> None:
    with pytest.raises(Incomplete):
        answering(200, "<html><body>Welcome to our shop</body></html>").check()
    with pytest.raises(Rejected, match="no webservice"):
        answering(404, "<html>Not found</html>").check()


def test_the_key_is_never_part_of_an_error() -> None:  # G-7
    shop = as_recorded()
    key = "WRONG000000000000000000000000000"
    with pytest.raises(CredentialsRefused) as refused:
        connect(shop, key).check()
    assert key not in str(refused.value) + refused.value.remedy
    assert key not in repr(Credentials(url="https://shop.example", key=key))


@pytest.mark.parametrize(
    "url", ["https://Shop.Example/", "https://shop.example/api", " https://shop.example/api/ "]
)
def test_the_address_may_be_given_as_people_give_it(url: str) -> None:
    assert Credentials(url=url, key="K" * 32).url == "https://shop.example"


@pytest.mark.parametrize(("url", "key"), [("shop.example", "K" * 32), ("https://shop.example", "short")])
def test_an_address_or_key_of_the_wrong_form_is_refused_at_once(url: str, key: str) -> None:
    with pytest.raises(ValidationError):
        Credentials(url=url, key=key)


def test_what_is_offered_is_what_there_is() -> None:
    connector = connect(as_recorded())
    verbs = {
        Verb.INDEX: "index",
        Verb.COUNT: "count",
        Verb.PULL: "pull",
        Verb.FIND: "find",
        Verb.PUSH: "push",
        Verb.TERMS: "terms",
        Verb.CONSENT: "push_consent",
    }
    assert all(hasattr(connector, verbs[verb]) for offered in OFFERS.values() for verb in offered)
