"""Credentials, cost and refusals: how the connector behaves at the door."""

import pytest
from passerelle.connectors.shopify import LIMITS, OFFERS, Connector, Credentials
from passerelle.model import Kind
from passerelle.port import (
    CredentialsRefused,
    PermissionMissing,
    Rejected,
    Selection,
    Throttled,
    Unavailable,
    Verb,
)
from pydantic import ValidationError
from sandbox.moods import Mood
from sandbox.shopify.sample import catalogue

KEYS = {"access_token": "shpat_x1234567", "client_secret": "shpss_x1234567"}


def test_a_check_says_who_the_shop_is(world):
    world.shop.load(catalogue(2, 20, 0))
    check = world.connector.check()
    assert (check.identity, check.name) == ("gid://shopify/Shop/1", "Sample")
    assert (check.currency, check.timezone, check.missing) == ("EUR", "Europe/Paris", ())


def test_a_check_names_the_missing_scopes(world):
    world.open(["read_products", "write_customers", "read_orders"])
    assert world.connector.check().missing == ("read_inventory", "read_all_orders", "read_discounts")


def test_a_check_names_hidden_customers(world):
    world.shop.load(catalogue(2, 20, 0))
    world.shop.hides_persons = True
    assert world.connector.check().missing == ("protected customer data",)


@pytest.mark.parametrize(
    "shop",
    ["shop.example", "https://a.myshopify.com", "a.myshopify.com.evil.example", "-a.myshopify.com", "a b"],
)
def test_an_address_that_is_no_shops_is_refused(shop):
    with pytest.raises(ValidationError):
        Credentials(shop=shop, **KEYS)


def test_an_address_may_be_typed_carelessly():
    assert Credentials(shop=" My-Shop.MyShopify.com ", **KEYS).shop == "my-shop.myshopify.com"


def test_secrets_do_not_show(world):  # G-7
    text = f"{Credentials(shop='a.myshopify.com', **KEYS)!r}"
    assert "x1234567" not in text


def test_a_wrong_token_is_refused_credentials(world):  # G-5
    world.shop.tokens = {}
    with pytest.raises(CredentialsRefused) as refused:
        world.connector.check()
    assert "shpat" not in refused.value.why


def test_a_token_that_ends_in_the_middle_is_refused_credentials(world):  # G-5
    world.shop.load(catalogue(300, 0, 0))
    world.shop.moods.add(Mood.EXPIRED_CREDENTIALS, after=1)
    with pytest.raises(CredentialsRefused):
        world.entries(Kind.PRODUCTS)


@pytest.mark.parametrize(
    ("status", "error", "code"),
    [
        (402, Rejected, "shop_locked"),
        (423, Rejected, "shop_locked"),
        (404, Rejected, "shop_not_found"),
        (403, PermissionMissing, None),
        (430, Rejected, "refused"),
    ],
)
def test_each_refusal_at_the_door_says_what_to_do(world, status, error, code):
    world.shop.status = status
    with pytest.raises(error) as refused:
        world.connector.check()
    assert refused.value.remedy
    assert code is None or refused.value.code == code


def test_a_missing_scope_is_a_missing_permission_that_names_it(world):
    world.open(["read_products", "read_inventory"])
    world.shop.load(catalogue(1, 1, 0))
    with pytest.raises(PermissionMissing, match="read_customers"):
        world.connector.index(Kind.CUSTOMERS, Selection(), None)
    with pytest.raises(PermissionMissing, match="read_customers"):
        world.connector.pull(Kind.CUSTOMERS, ["20000"])


def test_a_throttled_answer_says_how_long_to_wait_and_tells_the_pace(world):  # G-1
    world.shop.load(catalogue(3, 0, 0))
    world.shop.bucket.drain()
    with pytest.raises(Throttled) as throttled:
        world.connector.pull(Kind.PRODUCTS, ["7000"])
    assert throttled.value.retry_after == 1.0
    assert world.pace.told_of[-1] == {"retry_after": 1.0}
    world.wait(throttled.value.retry_after)
    assert world.connector.pull(Kind.PRODUCTS, ["7000"]).objects


def test_the_pace_hears_the_bucket_and_the_rate_of_a_larger_plan(world):  # G-1
    world.open(rate=200, bucket=4_000)
    world.connector.check()
    assert world.pace.told_of[0] == {"available": 3997, "rate": 200.0, "spared": 0.0}
    assert (LIMITS.points_per_second, LIMITS.burst) == (100.0, 2_000.0)


def test_the_cost_that_shopify_asks_is_what_the_pace_is_asked_next(world):  # G-1
    world.shop.load(catalogue(3, 0, 0))
    for _ in range(2):
        world.connector.pull(Kind.PRODUCTS, ["7000"])
    [spent] = {call.note: call for call in world.shop.calls}
    assert spent == "PullProducts"
    asked = 2_000 - min(told["available"] for told in world.pace.told_of)
    assert world.pace.costs[1] >= asked / 2


def test_ids_that_are_charged_one_by_one_are_read_in_smaller_requests(world):
    world.open(rate=100_000, bucket=100_000, nodes_cost="each")
    world.shop.load(catalogue(120, 0, 0))
    pulled = world.connector.pull(Kind.PRODUCTS, [str(7000 + place) for place in range(120)])
    assert len(pulled.objects) == 120
    again = len(world.shop.calls)
    world.connector.pull(Kind.PRODUCTS, ["7000", "7001"])
    assert len(world.shop.calls) == again + 1


def test_a_query_sent_again_after_a_dropped_connection_harms_nothing(world):
    world.shop.load(catalogue(3, 0, 0))
    world.shop.moods.add(Mood.LOST_ANSWER)
    assert len(world.entries(Kind.PRODUCTS)) == 3


def test_a_shop_that_is_down_is_unavailable(world):
    world.shop.moods.add(Mood.UNAVAILABLE, times=9)
    with pytest.raises(Unavailable):
        world.connector.check()


def test_a_kind_that_is_not_offered_is_refused(world):
    with pytest.raises(Rejected, match="fulfilments"):
        world.connector.index(Kind.FULFILMENTS, Selection(), None)


def test_what_is_offered_is_there():
    verbs = {
        Verb.INDEX: "index",
        Verb.COUNT: "count",
        Verb.PULL: "pull",
        Verb.FIND: "find",
        Verb.EXPORT: "export",
        Verb.HEAR: "hear",
        Verb.PUSH: "push",
        Verb.CONSENT: "push_consent",
        Verb.TERMS: "ordered",
    }
    for kind, offered in OFFERS.items():
        assert all(callable(getattr(Connector, verbs[verb])) for verb in offered), kind
