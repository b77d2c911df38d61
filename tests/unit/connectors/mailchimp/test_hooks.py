"""Webhooks: who may speak, what is heard, and keeping one at our address."""

import pytest
from passerelle.model import Kind
from passerelle.port import SignatureRefused, TopicUnknown
from sandbox.mailchimp import Member, hashed

from .samples import create, customer

URL = "https://api.passerelle.example/hooks/hk_1"


@pytest.fixture
def secret(world, connector) -> str:
    (made,) = connector.subscribe(URL)
    world.audience.seed(Member("ada@shop.example"))
    return made.secret


def last(world):
    delivery = world.account.hooks.sent[-1]
    return {name.lower(): value for name, value in delivery.headers.items()}, delivery.body


def test_what_a_person_does_is_heard_without_their_address(world, connector, secret) -> None:  # F-1, G-7
    world.audience.person_unsubscribes("ada@shop.example")
    (notice,) = connector.hear(*last(world), [secret])
    assert (notice.kind, notice.id, notice.topic) == (
        Kind.CONTACTS,
        hashed("ada@shop.example"),
        "unsubscribe",
    )
    assert notice.occurred_at == world.now
    assert "@" not in repr(notice)


def test_each_kind_of_event_is_heard(world, connector, secret) -> None:
    world.audience.person_unsubscribes("ada@shop.example")
    world.audience.person_subscribes("ada@shop.example")
    world.audience.person_changes_email("ada@shop.example", "lady@shop.example")
    world.audience.mail_bounces("lady@shop.example")
    heard = []
    for delivery in world.account.hooks.sent:
        headers = {name.lower(): value for name, value in delivery.headers.items()}
        heard += [(n.topic, n.id, n.deleted) for n in connector.hear(headers, delivery.body, [secret])]
    ada, lady = hashed("ada@shop.example"), hashed("lady@shop.example")
    assert heard == [
        ("unsubscribe", ada, False),
        ("subscribe", ada, False),
        ("upemail", ada, True),
        ("upemail", lady, False),
        ("cleaned", lady, False),
    ]


def test_our_own_writes_are_not_told_back(world, connector, secret) -> None:
    connector.push(Kind.CUSTOMERS, [create(customer("2", "bob@shop.example"))])
    assert world.account.hooks.sent == []


@pytest.mark.parametrize("spoil", ["byte", "secret", "header", "missing"])
def test_a_wrong_signature_is_refused(world, connector, secret, spoil: str) -> None:  # F-1
    world.audience.person_unsubscribes("ada@shop.example")
    headers, body = last(world)
    match spoil:
        case "byte":
            body = body.replace(b"unsubscribe", b"subscribe", 1)
        case "secret":
            secret = "another"
        case "header":
            headers["x-mailchimp-signature"] = "v1=00"
        case "missing":
            del headers["x-mailchimp-signature"]
    with pytest.raises(SignatureRefused):
        connector.hear(headers, body, [secret])


def test_two_secrets_are_good_during_a_rotation(world, connector, secret) -> None:  # F-1
    world.audience.person_unsubscribes("ada@shop.example")
    assert connector.hear(*last(world), ["the newer one", secret])


@pytest.mark.parametrize(("seconds", "good"), [(299, True), (301, False), (-299, True), (-301, False)])
def test_a_signature_lasts_five_minutes(world, connector, secret, seconds: float, good: bool) -> None:  # F-1
    world.audience.person_unsubscribes("ada@shop.example")
    delivery = last(world)
    world.wait(seconds)
    if good:
        assert connector.hear(*delivery, [secret])
    else:
        with pytest.raises(SignatureRefused):
            connector.hear(*delivery, [secret])


def test_a_hook_from_before_signing_is_heard_without_secrets(world, connector, secret) -> None:
    world.account.hooks.unsign(world.audience)
    world.audience.person_unsubscribes("ada@shop.example")
    headers, body = last(world)
    assert "x-mailchimp-signature" not in headers
    assert connector.hear(headers, body, [])


def test_a_delivery_that_comes_again_has_the_same_number_and_another_event_has_not(
    world, connector, secret
) -> None:
    world.audience.person_unsubscribes("ada@shop.example")
    first = connector.hear(*last(world), [secret])[0].delivery_id
    assert connector.hear(*last(world), [secret])[0].delivery_id == first  # F-3
    world.wait(1)
    world.audience.person_subscribes("ada@shop.example")
    world.audience.person_unsubscribes("ada@shop.example")
    assert connector.hear(*last(world), [secret])[0].delivery_id != first


@pytest.mark.parametrize("body", [b"type=campaign&data[id]=1", b"", b"\xff\xfe", b'{"type": 1}'])
def test_what_we_do_not_handle_is_an_unknown_topic(connector, body: bytes) -> None:  # F-4
    with pytest.raises(TopicUnknown):
        connector.hear({}, body, [])


def test_subscribing_twice_makes_one_webhook_and_tells_its_secret_once(world, connector) -> None:
    first, second = connector.subscribe(URL), connector.subscribe(URL)
    assert len(world.audience.webhooks) == 1
    assert first[0].secret
    assert not second[0].secret
    assert first[0].id == second[0].id


def test_a_webhook_that_was_tampered_with_is_mended(world, connector) -> None:  # F-6
    (made,) = connector.subscribe(URL)
    world.audience.webhooks[made.id]["sources"] = {"user": True, "admin": True, "api": True}
    assert connector.subscriptions()[0].active is False
    assert connector.subscribe(URL)[0].active is True
    assert world.audience.webhooks[made.id]["sources"]["api"] is False


def test_a_removed_webhook_is_made_again(world, connector) -> None:  # F-6
    connector.subscribe(URL)
    world.audience.webhooks.clear()
    assert connector.subscriptions() == []
    assert connector.subscribe(URL)[0].secret


def test_unsubscribing_leaves_the_webhooks_of_others(world, connector) -> None:
    connector.subscribe(URL)
    world.audience.webhooks["other"] = {
        "id": "other",
        "url": "https://elsewhere.example/in",
        "events": {},
        "sources": {},
    }
    connector.unsubscribe(URL)
    connector.unsubscribe(URL)
    assert list(world.audience.webhooks) == ["other"]
