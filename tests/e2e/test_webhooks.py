"""What happens at a shop reaches the audience, and the other way, each delivery once: through the door and the queue."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from e2e.town import Business, Town, until
from sandbox.mailchimp.audience import Member
from sandbox.mailchimp.hooks import Delivery as MailchimpDelivery
from sandbox.shopify import Shop as Shopify
from sandbox.shopify.sample import FIRST_PRODUCT
from sandbox.shopify.state import gid

type Kept = tuple[int, int, int, int]

OF_RUNS = re.compile(r"(^|#)(RUNS?|RUNNING|LEASE|PACE|GATE|BACKFILL)(#|$)")
"""Items that come and go with runs, which the clock may start at any time."""
PRODUCT = gid("Product", FIRST_PRODUCT + 1)


@pytest.fixture(scope="module")
def nord(guarded: Town, synced: dict[str, Business]) -> Business:
    """The Shopify merchant; what they did before is not owed to anybody any more."""
    business = synced["shopify"]
    list(_shop(business).deliveries())
    guarded.shops.account.hooks.sent.clear()
    return business


@pytest.fixture
def kept(guarded: Town, nord: Business) -> Callable[[], Kept]:
    """How much is kept: items of the state, waiting messages, dead letters, writes at the destinations."""

    def count() -> Kept:
        writes = sum(guarded.shops.writes().values())
        queues = (guarded.waiting("FollowQueue"), guarded.waiting("DeadLetterQueue"))
        items = [item for item in guarded.items("StateTable") if not OF_RUNS.search(item["pk"]["S"])]
        return (len(items), *queues, writes)

    until(lambda: guarded.waiting("FollowQueue"), lambda waiting: not waiting)
    return count


def test_a_signed_change_is_written_at_the_destination(guarded: Town, nord: Business) -> None:  # F-2
    _shop(nord).life.edit(PRODUCT, title="Lampe du grenier")
    for delivery in _shop(nord).deliveries():
        assert nord.knock(nord.shop, delivery.headers, delivery.body).status_code == 200
    until(lambda: _title(guarded, nord), lambda title: title == "Lampe du grenier")


def test_the_same_delivery_again_and_again_has_one_effect(  # F-3
    guarded: Town, nord: Business, kept: Callable[[], Kept]
) -> None:
    _shop(nord).life.edit(PRODUCT, title="Lampe de la cave")
    (delivery,) = _shop(nord).deliveries()
    assert nord.knock(nord.shop, delivery.headers, delivery.body).status_code == 200
    until(lambda: _title(guarded, nord), lambda title: title == "Lampe de la cave")
    until(lambda: guarded.waiting("FollowQueue"), lambda waiting: not waiting)
    before = kept()
    for _ in range(3):
        assert nord.knock(nord.shop, delivery.headers, delivery.body).status_code == 200
    assert kept() == before


def test_deliveries_in_disorder_leave_the_newest_state(guarded: Town, nord: Business) -> None:  # C-15 F-5
    for title in ("Une", "Deux", "Trois"):
        _shop(nord).life.edit(PRODUCT, title=title)
    guarded.shops.forget_calls()
    for delivery in reversed(list(_shop(nord).deliveries())):
        assert nord.knock(nord.shop, delivery.headers, delivery.body).status_code == 200
    until(lambda: guarded.waiting("FollowQueue"), lambda waiting: not waiting)
    until(lambda: _title(guarded, nord), lambda title: title == "Trois")
    changes = [call for call in guarded.shops.account.calls.writes if "/products" in call.path]
    assert len(changes) == 1


def test_a_bad_signature_is_refused_and_leaves_nothing(
    nord: Business, kept: Callable[[], Kept]
) -> None:  # F-1
    _shop(nord).life.edit(PRODUCT, title="Forged")
    (delivery,) = _shop(nord).deliveries()
    before = kept()
    for headers, body in (
        ({**delivery.headers, "X-Shopify-Hmac-Sha256": "AAAA"}, delivery.body),
        ({name: value for name, value in delivery.headers.items() if "Hmac" not in name}, delivery.body),
        (delivery.headers, delivery.body + b" "),
    ):
        answer = nord.knock(nord.shop, headers, body)
        assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")
        assert answer.json()["code"] == "signature_refused"
    assert kept() == before


def test_an_unknown_topic_is_taken_and_set_aside(guarded: Town, nord: Business) -> None:  # F-4
    delivery = _shop(nord).messenger.signed("themes/publish", {"id": 1, "name": "Dawn"})
    before = guarded.waiting("DeadLetterQueue")
    answer = nord.knock(nord.shop, delivery.headers, delivery.body)
    assert (answer.status_code, answer.content) == (202, b"")
    assert guarded.waiting("DeadLetterQueue") == before + 1


def test_a_body_that_is_too_large_is_refused(nord: Business, kept: Callable[[], Kept]) -> None:  # F-1
    before = kept()
    delivery = _shop(nord).messenger.signed("products/update", {"id": 1, "body_html": "x" * 1_100_000})
    assert nord.knock(nord.shop, delivery.headers, delivery.body).status_code == 413
    assert kept() == before


def test_who_leaves_the_audience_is_no_longer_subscribed_at_the_shop(
    guarded: Town, nord: Business
) -> None:
    customer, member = _subscribed(guarded, nord)
    guarded.shops.account.audiences[nord.merchant.audience].person_unsubscribes(member.email)
    for delivery in _sent(guarded):
        assert nord.knock(nord.account, delivery.headers, delivery.body).status_code == 200

    def consent() -> str:
        return str(customer["defaultEmailAddress"]["marketingState"])

    until(consent, lambda state: state == "UNSUBSCRIBED")
    # The shop tells of what was just written there: it must not come back as news.
    until(lambda: guarded.waiting("FollowQueue"), lambda waiting: not waiting)
    guarded.shops.forget_calls()
    for told in _shop(nord).deliveries():
        assert nord.knock(nord.shop, told.headers, told.body).status_code == 200
    until(lambda: guarded.waiting("FollowQueue"), lambda waiting: not waiting)
    assert guarded.shops.writes() == {"mailchimp": 0, "prestashop": 0, "shopify": 0}


def test_a_forged_word_of_the_audience_is_refused(  # F-1
    guarded: Town, nord: Business, kept: Callable[[], Kept]
) -> None:
    _, member = _subscribed(guarded, nord)
    guarded.shops.account.audiences[nord.merchant.audience].person_unsubscribes(member.email)
    (delivery,) = _sent(guarded)
    before = kept()
    answer = nord.knock(nord.account, delivery.headers, delivery.body.replace(b"unsub", b"resub"))
    assert answer.status_code == 401
    assert kept() == before


def test_the_audiences_address_answers_when_it_is_looked_at(nord: Business) -> None:  # F-1
    path = "/hooks/" + nord.account["hook_url"].rpartition("/")[2]
    assert nord.app.stack.http().get(path).status_code == 200


def test_a_store_app_tells_of_a_platform_without_webhooks(  # F-3 F-11
    guarded: Town, synced: dict[str, Business]
) -> None:
    business = synced["prestashop"]
    business.merchant.shop.acts.rename_product(3, "Carnet de bord")
    event = {"kind": "products", "id": "3", "topic": "product.updated", "event_id": "evt-1"}
    path = f"/stores/{business.shop['id']}/events"
    assert business.app.post(path, 202, events=[event]) == {"new": 1, "accepted": 1, "duplicates": 0}
    products = guarded.shops.account.stores[business.store_id].products
    until(lambda: products["3"]["title"], lambda title: title == "Carnet de bord")
    assert business.app.post(path, 202, events=[event])["duplicates"] == 1


def _shop(business: Business) -> Shopify:
    assert isinstance(business.merchant.shop, Shopify)
    return business.merchant.shop


def _title(town: Town, business: Business) -> str:
    number = PRODUCT.rpartition("/")[2]
    return str(town.shops.account.stores[business.store_id].products[number]["title"])


def _sent(town: Town) -> list[MailchimpDelivery]:
    sent = town.shops.account.hooks.sent
    taken = list(sent)
    sent.clear()
    return taken


def _subscribed(town: Town, business: Business) -> tuple[Mapping[str, Any], Member]:
    """A customer of the shop who is subscribed on both sides."""
    members = town.shops.account.audiences[business.merchant.audience].members.values()
    known = {member.email.lower(): member for member in members if member.status == "subscribed"}
    for customer in _shop(business).state.shelf("Customer").things.values():
        email = customer["defaultEmailAddress"]
        if email and email["marketingState"] == "SUBSCRIBED" and email["emailAddress"].lower() in known:
            return customer, known[email["emailAddress"].lower()]
    raise LookupError("nobody is subscribed on both sides")
