"""Webhooks at the shop: one a topic, healed when they ended, whatever got lost on the way."""

from typing import Any

import orjson
import pytest
from passerelle.connectors.woocommerce.hooks import TOPICS
from passerelle.model import Kind
from passerelle.port import Notice, Rejected, SignatureRefused, Unavailable
from sandbox.moods import Mood
from sandbox.woocommerce import Key, Shop
from sandbox.woocommerce.sample import catalogue

from .connecting import HOOK, connect, credentials


class Ear:
    """Keeps what the shop sends."""

    def __init__(self, status: int = 200) -> None:
        self.status = status
        self.heard: list[tuple[dict[str, str], bytes]] = []

    def __call__(self, _url: str, headers: Any, body: bytes) -> int:
        self.heard.append(({name.lower(): value for name, value in headers.items()}, body))
        return self.status


def subscribed(shop: Shop) -> list[str]:
    """The secrets that came with the webhooks."""
    return [one.secret for one in connect(shop).subscribe(HOOK) if one.secret]


def told(shop: Shop, secrets: list[str]) -> list[Notice]:
    """What the deliveries that are due say."""
    ear = Ear()
    shop.hooks.post = ear
    shop.deliver()
    return [notice for headers, body in ear.heard for notice in connect(shop).hear(headers, body, secrets)]


def test_every_topic_is_subscribed_once_and_doing_it_again_makes_none() -> None:
    shop = catalogue(1, 1, 1)
    connector = connect(shop)
    first, second = connector.subscribe(HOOK), connector.subscribe(HOOK)
    assert [one.topic for one in first] == list(TOPICS)
    assert [one.id for one in first] == [one.id for one in second]
    assert len(shop.state.webhooks) == len(connector.subscriptions()) == len(TOPICS)


def test_what_the_shop_sends_is_understood() -> None:
    shop = catalogue(3, 2, 2)
    secrets = subscribed(shop)
    product = next(id for id, row in shop.state.products.items() if row["type"] == "simple")
    part = next(id for id, row in shop.state.products.items() if row["type"] == "variation")
    order, person = next(iter(shop.state.orders)), next(iter(shop.state.customers))
    shop.acts.trash_product(product)
    shop.acts.set_quantity(part, 3)
    shop.acts.turn_order(order, "completed")
    shop.desk().act("PUT", f"/wc/v3/customers/{person}", {"id": person}, {"first_name": "A"}, {})
    notices = told(shop, secrets)
    parent = shop.state.products[part]["parent_id"]
    assert {(one.kind, one.id, one.deleted) for one in notices} >= {
        (Kind.PRODUCTS, str(product), True),
        (Kind.PRODUCTS, str(parent), False),
        (Kind.ORDERS, str(order), False),
        (Kind.CUSTOMERS, str(person), False),
    }
    assert len({one.delivery_id for one in notices}) == len(notices)


def test_an_account_of_the_staff_is_no_customer() -> None:
    shop = catalogue(0, 1, 0)
    secrets = subscribed(shop)
    (id,) = shop.state.customers
    shop.state.customers[id]["role"] = "shop_manager"
    shop.desk().act("PUT", f"/wc/v3/customers/{id}", {"id": id}, {"first_name": "A"}, {})
    assert told(shop, secrets) == []


def test_a_webhook_that_ended_is_replaced_and_the_others_stay() -> None:  # F-6
    shop = catalogue(0, 0, 0)
    connector = connect(shop)
    before = {one.topic: one.id for one in connector.subscribe(HOOK)}
    shop.state.webhooks[int(before["order.updated"])]["status"] = "disabled"
    assert [one.topic for one in connector.subscriptions() if not one.active] == ["order.updated"]
    after = {one.topic: one.id for one in connector.subscribe(HOOK)}
    assert {topic for topic in TOPICS if before[topic] != after[topic]} == {"order.updated"}
    assert len(shop.state.webhooks) == len(TOPICS)


def test_webhooks_whose_making_was_never_answered_sign_with_what_we_know() -> None:  # F-1
    shop = catalogue(1, 0, 0)
    shop.moods.add(Mood.LOST_ANSWER, "POST /wp-json/wc/v3/webhooks/batch")
    with pytest.raises(Unavailable):
        connect(shop).subscribe(HOOK)
    secrets = subscribed(shop)
    shop.acts.rename_product(next(iter(shop.state.products)), "Renamed")
    assert len(told(shop, secrets)) == 1


def test_a_secret_that_somebody_changed_in_the_shop_is_set_again() -> None:
    shop = catalogue(1, 0, 0)
    secrets = subscribed(shop)
    for row in shop.state.webhooks.values():
        row["secret"] = "another"
    shop.acts.rename_product(next(iter(shop.state.products)), "Renamed")
    with pytest.raises(SignatureRefused):
        told(shop, secrets)
    subscribed(shop)
    shop.acts.rename_product(next(iter(shop.state.products)), "Again")
    assert len(told(shop, secrets)) == 1


def test_other_peoples_webhooks_are_left_alone() -> None:
    shop = catalogue(0, 0, 0)
    other = {"name": "ERP", "topic": "order.created", "delivery_url": "https://erp.example/"}
    shop.hooks.make(other)
    connector = connect(shop)
    connector.subscribe(HOOK)
    connector.subscribe("https://api.example/hooks/other")
    connector.unsubscribe(HOOK)
    assert {row["delivery_url"] for row in shop.state.webhooks.values()} == {
        "https://erp.example/",
        "https://api.example/hooks/other",
    }
    assert {one.url for one in connector.subscriptions()} == {"https://api.example/hooks/other"}


def test_a_key_without_write_cannot_subscribe_and_says_so() -> None:
    shop = catalogue(0, 0, 0)
    shop.keys["ck_weak"] = Key("cs_weak", "read")
    with pytest.raises(Rejected, match="write") as refusal:
        connect(shop, credentials("ck_weak", "cs_weak")).subscribe(HOOK)
    # Its credentials are good for all that such a shop is asked: no reason to pause it.
    assert refusal.value.code == "webhook_refused"


def test_the_secret_is_not_the_keys_own() -> None:  # G-7
    shop = catalogue(0, 0, 0)
    (secret,) = subscribed(shop)
    assert secret not in orjson.dumps([key.secret for key in shop.keys.values()]).decode()
    assert len(secret) == 64
