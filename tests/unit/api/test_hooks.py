"""The webhook door: verified on the bytes as they came, taken once, acknowledged only when queued."""

import base64
import json
from typing import Any

import boto3
import httpx
import pytest
from passerelle.api import hooks
from sandbox.door import Door
from sandbox.mailchimp import Account
from sandbox.shopify import Delivery, Shop
from sandbox.tenants import Tenant, client_of

PRODUCT = {"id": 788032119674292922, "title": "Été à 20 € 🙂", "updated_at": "2026-06-01T12:00:00+02:00"}


@pytest.fixture
def delivery(furnished: Tenant, shop: Shop) -> Delivery:
    return shop.messenger.signed("products/update", PRODUCT, url=furnished.made["shop"]["hook_url"])


def knock(door: Door, delivery: Delivery, **changed: Any) -> httpx.Response:
    headers = {**delivery.headers, **changed.pop("headers", {})}
    return client_of(door).post(delivery.url, content=changed.pop("body", delivery.body), headers=headers)


def queued(door: Door, url: str = "") -> list[dict[str, Any]]:
    sqs = boto3.client("sqs")
    url = url or door.runtime.resources.follow_queue_url
    found: list[dict[str, Any]] = []
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
        for message in messages:
            found.append(json.loads(message["Body"]))
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return found


def state(door: Door) -> list[str]:
    resources = door.runtime.resources
    items = boto3.client("dynamodb").scan(TableName=resources.state_table)["Items"]
    return sorted(json.dumps(item, sort_keys=True, default=str) for item in items)


def test_a_signed_delivery_is_queued_for_its_object(door: Door, delivery: Delivery) -> None:  # F-2
    assert knock(door, delivery).status_code == 200
    (message,) = queued(door)
    assert message["object_id"].endswith("788032119674292922")
    assert message["feed"].endswith(".products")


def test_both_families_of_headers_are_heard(furnished: Tenant, door: Door, shop: Shop) -> None:  # F-1
    url = furnished.made["shop"]["hook_url"]
    newer = shop.messenger.signed("products/update", PRODUCT, url=url, family="events")
    assert knock(door, newer).status_code == 200


@pytest.mark.parametrize(
    "changed",
    [
        {"headers": {"X-Shopify-Hmac-Sha256": base64.b64encode(b"x" * 32).decode()}},
        {"headers": {"X-Shopify-Hmac-Sha256": ""}},
        {"body": json.dumps({**PRODUCT, "title": "Another"}).encode()},
        {"body": json.dumps(PRODUCT).encode()},  # the same JSON in other bytes
        {"body": b""},
    ],
)
def test_a_bad_signature_is_401_and_nothing_is_stored(  # F-1
    door: Door, delivery: Delivery, changed: dict[str, Any]
) -> None:
    before = state(door)
    answer = knock(door, delivery, **changed)
    assert (answer.status_code, answer.json()["code"]) == (401, "signature_refused")
    assert state(door) == before
    assert queued(door) == []


def test_a_missing_signature_is_401(door: Door, delivery: Delivery) -> None:  # F-1
    bare = Delivery(delivery.url, {"Content-Type": "application/json"}, delivery.body)
    assert knock(door, bare).status_code == 401


def test_during_a_rotation_both_secrets_are_good(  # F-1
    furnished: Tenant, door: Door, delivery: Delivery, shop: Shop
) -> None:
    store = furnished.made["shop"]["id"]
    kept = furnished.memory.secrets.get(store)
    rotated = kept | {"client_secret": "shpss_the_next", "previous_client_secret": kept["client_secret"]}
    furnished.memory.secrets.put(store, rotated)
    assert knock(door, delivery).status_code == 200
    shop.messenger.secret = "shpss_the_next"
    assert knock(door, shop.messenger.signed("products/update", PRODUCT, url=delivery.url)).status_code == 200
    shop.messenger.secret = "shpss_a_third"
    assert knock(door, shop.messenger.signed("products/update", PRODUCT, url=delivery.url)).status_code == 401


def test_the_same_delivery_any_number_of_times_is_one_message(door: Door, delivery: Delivery) -> None:  # F-3
    assert [knock(door, delivery).status_code for _ in range(4)] == [200] * 4
    assert len(queued(door)) == 1


def test_what_cannot_be_queued_is_5xx_and_may_come_again(  # F-2
    door: Door, delivery: Delivery, furnished: Tenant
) -> None:
    sqs, url = boto3.client("sqs"), door.runtime.resources.follow_queue_url
    sqs.delete_queue(QueueUrl=url)
    refused = knock(door, delivery)
    assert refused.status_code == 503
    assert refused.headers["content-type"] == "application/problem+json"
    sqs.create_queue(QueueName=url.rsplit("/", 1)[1], Attributes={"FifoQueue": "true"})
    assert knock(door, delivery).status_code == 200
    assert len(queued(door)) == 1


def test_an_unknown_topic_is_202_and_a_dead_letter(furnished: Tenant, door: Door, shop: Shop) -> None:  # F-4
    url = furnished.made["shop"]["hook_url"]
    body = {"id": 1, "email": "someone@example.org"}
    answer = knock(door, shop.messenger.signed("tender_transactions/create", body, url=url))
    assert answer.status_code == 202
    assert queued(door) == []
    (letter,) = queued(door, door.runtime.resources.dead_letter_queue_url)
    assert letter["store"] == furnished.made["shop"]["id"]
    assert "someone" not in json.dumps(letter)  # G-7


def test_an_unknown_address_is_404(door: Door, delivery: Delivery) -> None:
    stray = Delivery("https://api.example/hooks/made-up", delivery.headers, delivery.body)
    assert knock(door, stray).status_code == 404


def test_more_than_a_megabyte_is_413(door: Door, delivery: Delivery) -> None:  # F-1
    assert knock(door, delivery, body=b"x" * (hooks.LARGEST + 1)).status_code == 413
    assert knock(door, delivery, body=b"x" * hooks.LARGEST).status_code == 401


def test_whoever_looks_whether_the_address_answers_is_told_yes(door: Door, delivery: Delivery) -> None:
    assert client_of(door).get(delivery.url).status_code == 200


def test_an_older_event_only_makes_the_object_be_read_again(  # F-5
    door: Door, furnished: Tenant, shop: Shop
) -> None:
    url = furnished.made["shop"]["hook_url"]
    late = shop.messenger.signed(
        "products/update", {**PRODUCT, "updated_at": "2020-01-01T00:00:00Z"}, url=url
    )
    assert knock(door, late).status_code == 200
    (message,) = queued(door)
    assert set(message) == {"tenant", "feed", "object_id", "mark", "force", "deleted"}  # no content travels


def test_an_audiences_hook_is_heard_and_a_forged_one_is_not(  # F-1
    door: Door, furnished: Tenant, account: Account
) -> None:
    audience = next(iter(account.audiences.values()))
    audience.person_subscribes("ada@example.org")
    audience.person_unsubscribes("ada@example.org")
    told = [Delivery(each.url, each.headers, each.body) for each in account.hooks.sent]
    assert [knock(door, each).status_code for each in told] == [200] * len(told)
    (feed,) = {message["feed"] for message in queued(door)}
    assert feed == f"{furnished.made['link']['id']}.contacts"
    assert knock(door, told[0], body=told[0].body + b"&data[x]=1").status_code == 401


def test_an_audiences_hook_from_before_signing_is_known_by_its_secret_address(  # F-1
    door: Door, furnished: Tenant, account: Account
) -> None:
    audience = next(iter(account.audiences.values()))
    account.hooks.unsign(audience)
    furnished.memory.secrets.put_hook_secrets(furnished.made["account"]["id"], [])
    audience.person_subscribes("ada@example.org")
    (told,) = account.hooks.sent
    assert knock(door, Delivery(told.url, told.headers, told.body)).status_code == 200
    assert len(queued(door)) == 1
