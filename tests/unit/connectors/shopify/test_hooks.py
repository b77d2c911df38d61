"""Webhooks: what is believed, what it tells, and the subscriptions behind it."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from passerelle.connectors.shopify import hooks
from passerelle.model import Kind
from passerelle.port import Rejected, SignatureRefused, TopicUnknown
from sandbox.shopify.sample import catalogue, customer, order, product
from sandbox.shopify.state import gid

URL = "https://api.example/hooks/abc"
SHOP = "sample.myshopify.com"
SECRET = "shpss_0123456789abcdef"


def lower(delivery):
    return {name.lower(): text for name, text in delivery.headers.items()}


def heard(world, delivery, secrets=(SECRET,)):
    return world.connector.hear(lower(delivery), delivery.body, secrets)


@pytest.mark.parametrize("family", ["x", "events"])
def test_a_signed_delivery_of_either_family_is_heard(world, family):  # F-1
    world.connector.subscribe(URL)
    world.shop.load(catalogue(2, 0, 0))
    world.shop.life.edit(gid("Product", 7001), title="Nouveau")
    [delivery] = world.shop.deliveries(family=family)
    [notice] = heard(world, delivery)
    assert (notice.kind, notice.id, notice.topic) == (Kind.PRODUCTS, "7001", "products/update")
    assert notice.occurred_at == world.now
    assert notice.delivery_id == lower(delivery)[f"{'x-' if family == 'x' else ''}shopify-webhook-id"]


def test_one_changed_byte_is_refused(world):  # F-1
    delivery = world.shop.messenger.signed("products/update", {"id": 1})
    for at in range(len(delivery.body)):
        forged = bytearray(delivery.body)
        forged[at] ^= 1
        with pytest.raises(SignatureRefused):
            world.connector.hear(lower(delivery), bytes(forged), [SECRET])


def test_the_signature_is_over_the_bytes_not_over_the_json(world):  # F-1
    delivery = world.shop.messenger.signed("products/update", {"id": 1, "title": "Thé"})
    same = json.dumps(json.loads(delivery.body)).encode()
    assert json.loads(same) == json.loads(delivery.body)
    with pytest.raises(SignatureRefused):
        world.connector.hear(lower(delivery), same, [SECRET])


@pytest.mark.parametrize("signature", [None, "", "AAAA", "é"])
def test_a_missing_or_odd_signature_is_refused(world, signature):  # F-1
    delivery = world.shop.messenger.signed("products/update", {"id": 1})
    headers = lower(delivery)
    del headers["x-shopify-hmac-sha256"]
    if signature is not None:
        headers["x-shopify-hmac-sha256"] = signature
    with pytest.raises(SignatureRefused):
        world.connector.hear(headers, delivery.body, [SECRET])


def test_two_secrets_are_good_during_a_rotation_and_a_third_is_not(world):  # F-1
    delivery = world.shop.messenger.signed("products/update", {"id": 1})
    assert heard(world, delivery, ["newer-secret", SECRET])
    assert heard(world, delivery, [SECRET, "older-secret"])
    with pytest.raises(SignatureRefused):
        heard(world, delivery, ["newer-secret", "older-secret"])
    with pytest.raises(SignatureRefused):
        heard(world, delivery, [])


def test_a_delivery_of_another_shop_is_refused(world):  # G-4
    delivery = world.shop.messenger.signed("products/update", {"id": 1})
    headers = {**lower(delivery), "x-shopify-shop-domain": "other.myshopify.com"}
    with pytest.raises(SignatureRefused):
        world.connector.hear(headers, delivery.body, [SECRET])


@given(body=st.binary(max_size=200), topic=st.text(max_size=30))
def test_any_signed_bytes_are_heard_or_of_an_unknown_topic(body, topic):
    signature = base64.b64encode(hmac.new(SECRET.encode(), body, hashlib.sha256).digest()).decode()
    headers = {"x-shopify-hmac-sha256": signature, "x-shopify-topic": topic}
    with pytest.raises(TopicUnknown):
        hooks.hear(SHOP, headers, body, [SECRET])


@given(
    payload=st.dictionaries(
        st.sampled_from(["id", "customer", "order_edit", "updated_at"]), st.integers() | st.none() | st.text()
    )
)
def test_odd_payloads_raise_nothing_but_what_the_port_names(payload):
    body = json.dumps(payload).encode()
    signature = base64.b64encode(hmac.new(SECRET.encode(), body, hashlib.sha256).digest()).decode()
    for topic in ("products/update", "customers/redact", "orders/edited"):
        headers = {"x-shopify-hmac-sha256": signature, "x-shopify-topic": topic}
        try:
            assert hooks.hear(SHOP, headers, body, [SECRET])
        except TopicUnknown:
            continue


@pytest.mark.parametrize("topic", ["app/uninstalled", "themes/publish", "", "products"])
def test_an_unknown_topic_says_so(world, topic):  # F-4
    with pytest.raises(TopicUnknown):
        heard(world, world.shop.messenger.signed(topic, {"title": "no id"}))


@pytest.mark.parametrize(
    ("topic", "body", "identifier"),
    [
        ("customers/redact", {"shop_id": 9, "customer": {"id": 77, "email": "a@b.example"}}, "77"),
        ("customers/data_request", {"shop_id": 9, "customer": {"id": 77}, "data_request": {"id": 1}}, "77"),
        ("shop/redact", {"shop_id": 9, "shop_domain": SHOP}, "9"),
    ],
)
def test_privacy_topics_are_heard_with_their_name(world, topic, body, identifier):  # F-7
    [notice] = heard(world, world.shop.messenger.signed(topic, body))
    assert (notice.kind, notice.topic, notice.id) == (Kind.CUSTOMERS, topic, identifier)


def test_every_change_of_a_shop_is_told_and_heard(world):
    world.connector.subscribe(URL)
    goods, people = [product(1)], [customer(1, consent="SUBSCRIBED")]
    life = world.shop.life
    life.add(goods[0])
    life.add(people[0])
    life.add(order(1, goods, people))
    life.consent(gid("Customer", 20_001), "UNSUBSCRIBED")
    life.cancel(gid("Order", 50_001))
    life.delete(gid("Product", 7001))
    told = [heard(world, delivery)[0] for delivery in world.shop.deliveries()]
    assert [(notice.kind, notice.id, notice.deleted) for notice in told] == [
        (Kind.PRODUCTS, "7001", False),
        (Kind.CUSTOMERS, "20001", False),
        (Kind.ORDERS, "50001", False),
        (Kind.CUSTOMERS, "20001", False),
        (Kind.ORDERS, "50001", False),
        (Kind.STOCK, "400128", True),
        (Kind.PRODUCTS, "7001", True),
    ]


def test_a_repeated_delivery_has_the_same_id_and_another_event_has_not(world):  # F-3
    world.connector.subscribe(URL)
    world.shop.load(catalogue(2, 0, 0))
    for title in ("un", "deux"):
        world.shop.life.edit(gid("Product", 7001), title=title)
    ids = [heard(world, each)[0].delivery_id for each in world.shop.deliveries(duplicates=2, shuffle=7)]
    assert len(ids) == 6
    assert len(set(ids)) == 2


def test_a_delivery_without_an_id_is_known_by_its_content(world):  # F-3
    delivery = world.shop.messenger.signed("products/update", {"id": 1})
    other = world.shop.messenger.signed("products/update", {"id": 2})
    ids = []
    for each in (delivery, delivery, other):
        headers = lower(each)
        del headers["x-shopify-webhook-id"]
        ids.append(world.connector.hear(headers, each.body, [SECRET])[0].delivery_id)
    assert ids[0] == ids[1] != ids[2]


def test_events_are_ordered_by_what_the_object_says_not_by_arrival(world):  # F-5
    body = {"id": 1, "updated_at": "2026-02-03T10:00:00-05:00"}
    [notice] = heard(world, world.shop.messenger.signed("products/update", body, at="2026-02-03T19:00:00Z"))
    assert notice.occurred_at == datetime(2026, 2, 3, 15, 0, tzinfo=UTC)


def test_subscribing_twice_makes_nothing_new(world):  # F-6
    first = world.connector.subscribe(URL)
    again = world.connector.subscribe(URL)
    assert {each.topic for each in first} == set(hooks.WANTED)
    assert first == again
    assert len(world.connector.subscriptions()) == len(hooks.WANTED)


def test_a_lost_subscription_is_made_again(world):  # F-6
    world.connector.subscribe(URL)
    shelf = world.shop.state.shelf("WebhookSubscription")
    shelf.drop(shelf.numbers[3])
    world.connector.subscribe(URL)
    assert len(world.connector.subscriptions()) == len(hooks.WANTED)


def test_only_the_subscriptions_of_one_address_are_removed(world):
    world.connector.subscribe(URL)
    world.connector.subscribe("https://api.example/hooks/other")
    world.connector.unsubscribe(URL)
    world.connector.unsubscribe(URL)
    left = world.connector.subscriptions()
    assert {each.url for each in left} == {"https://api.example/hooks/other"}
    assert len(left) == len(hooks.WANTED)


def test_an_address_that_shopify_refuses_is_told(world):
    with pytest.raises(Rejected, match="Address is invalid"):
        world.connector.subscribe("http://api.example/hooks/abc")
