"""Getting in: signed, with a token, or as an admin; and what is said when the door stays shut."""

import pytest
from passerelle.connectors.magento import Connector, Credentials, Settings
from passerelle.connectors.magento.signing import base_string
from passerelle.http import Client
from passerelle.model import Kind
from passerelle.port import CredentialsRefused, PermissionMissing, Selection, Unavailable
from pydantic import ValidationError
from sandbox.magento import EVERYTHING
from sandbox.moods import Mood
from sandbox.transport import InProcess

from .connecting import KEYS, SIGNED, URL, Ticking, a_shop, connect, listed

PRODUCTS_ONLY = frozenset({"Magento_Catalog::products", "Magento_Backend::store"})


@pytest.mark.parametrize("keys", [None, SIGNED])
def test_a_token_and_four_signed_values_both_open_the_shop(keys: dict[str, str] | None) -> None:
    check = connect(a_shop(), keys).check()
    assert (check.name, check.identity, check.currency) == ("shop.example", "shop.example#1", "USD")
    assert (check.version, check.missing) == ("Magento/2.4 (Community)", ())


def test_an_integrations_token_alone_opens_only_a_shop_that_allows_it() -> None:
    shop = a_shop()
    with pytest.raises(CredentialsRefused):
        connect(shop, {"token": KEYS.token}).check()
    shop.guard.as_bearer = True
    assert connect(shop, {"token": KEYS.token}).check().missing == ()


def test_missing_rights_are_named_as_the_admin_lists_them() -> None:
    shop = a_shop()
    shop.guard.tokens["weak"] = PRODUCTS_ONLY
    assert connect(shop, {"token": "weak"}).check().missing == (
        "Magento_Catalog::attributes_attributes",
        "Magento_Catalog::categories",
        "Magento_Customer::customer",
        "Magento_Sales::actions_view",
        "Magento_Cart::manage",
        "Magento_SalesRule::quote",
        "Magento_InventoryApi::source",
    )


def test_a_missing_right_and_a_bad_token_are_told_apart_though_they_sound_alike() -> None:
    shop = a_shop()
    shop.guard.tokens["weak"] = PRODUCTS_ONLY
    with pytest.raises(PermissionMissing, match="Magento_Sales::actions_view"):
        connect(shop, {"token": "weak"}).index(Kind.ORDERS, Selection(), None)
    with pytest.raises(CredentialsRefused):
        connect(shop, {"token": "nobody's"}).index(Kind.ORDERS, Selection(), None)


@pytest.mark.parametrize("name", ["consumer_secret", "access_token_secret", "access_token", "consumer_key"])
def test_one_wrong_value_of_the_four_is_refused(name: str) -> None:
    with pytest.raises(CredentialsRefused):
        connect(a_shop(), SIGNED | {name: "wrong"}).check()


def test_an_answer_that_was_lost_after_its_nonce_was_used_is_asked_for_with_a_new_one() -> None:
    shop = a_shop()
    shop.moods.add(Mood.LOST_ANSWER, "GET /rest/V1/orders", times=1)
    assert len(listed(connect(shop, SIGNED), Kind.ORDERS)) > 0


def test_an_admin_signs_in_again_when_the_four_hours_of_a_token_are_over() -> None:
    clock = Ticking()
    shop = a_shop(clock=clock)
    shop.guard.admins["admin"] = "secret-1"
    connector = connect(shop, {"username": "admin", "password": "secret-1"})
    assert connector.check().missing == ()
    clock.at = clock.at.replace(hour=23)
    assert listed(connector, Kind.CUSTOMERS)
    assert len(shop.calls.matching("POST /rest/V1/integration/admin/token")) == 2


def test_a_wrong_password_is_told_in_the_shops_words() -> None:
    shop = a_shop()
    shop.guard.admins["admin"] = "secret-1"
    with pytest.raises(CredentialsRefused, match="sign-in was incorrect"):
        connect(shop, {"username": "admin", "password": "guess"}).check()


def test_a_test_mode_still_signs_in_and_reads() -> None:
    shop = a_shop()
    shop.guard.admins["admin"] = "secret-1"
    client = Client(InProcess({URL: shop}), allow_private=True, writes_blocked=True, sleep=lambda _: None)
    keys = Credentials(url=URL, username="admin", password="secret-1")
    assert Connector(keys, Settings(), client).check().missing == ()


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"token": "t", "username": "admin", "password": "p"},
        {"consumer_key": "a", "consumer_secret": "b", "access_token": "c"},
        {"username": "admin"},
    ],
)
def test_credentials_are_one_whole_set_and_no_mixture(given: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="one of these, whole"):
        Credentials.model_validate({"url": URL, **given})


@pytest.mark.parametrize(
    "url", ["https://Shop.example/", "https://shop.example/rest/V1", " https://shop.example"]
)
def test_the_shops_address_is_taken_however_it_is_pasted(url: str) -> None:
    assert Credentials(url=url, token="t").url == URL


def test_a_shop_without_inventory_modules_lacks_no_right_for_them() -> None:
    assert connect(a_shop(msi=False)).check().missing == ()


def test_names_that_the_server_would_sort_otherwise_are_never_signed() -> None:
    with pytest.raises(ValueError, match="sorted otherwise"):
        base_string("GET", URL, [("searchCriteria[filter_groups][10]", "x")])


def test_an_answer_cut_short_is_no_answer() -> None:
    shop = a_shop()
    shop.moods.add(Mood.TRUNCATED, times=10)
    with pytest.raises(Unavailable):
        connect(shop).index(Kind.PRODUCTS, Selection(), None)


def test_a_role_with_every_right_is_enough() -> None:
    shop = a_shop()
    shop.guard.tokens["all"] = frozenset({EVERYTHING})
    assert connect(shop, {"token": "all"}).check().missing == ()
