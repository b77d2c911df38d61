"""Customer events from a store's pages to the audience: each arrives once, is kept, is denied, and is counted."""

import json
import random
from collections import Counter
from typing import Any

import boto3
import pytest
from flow.conftest import Scene, Stager
from passerelle import listening
from passerelle.api.pixel_door import answer
from passerelle.listening import Privacy, Told
from passerelle.memory import Entry, EntryState
from passerelle.memory.customer_events import Count
from passerelle.model import Kind
from passerelle.port import Notice, PlatformError
from passerelle.privacy import honour
from passerelle.rules.customer_events import NAMES
from passerelle.store.event_queue import read_handful
from sandbox.killer import Killer
from sandbox.mailchimp.audience import Member, hashed
from sandbox.moods import Mood
from sandbox.world import Killed

ORIGIN = "https://shop.example"
ALLOWED = {"analytics": True, "marketing": True}
DENIED = {"analytics": True, "marketing": False}
PEOPLE = 50


def email(place: int) -> str:
    return f"visitor{place}@shop.example"


def event(id: str, name: str = "page_viewed", **told: Any) -> dict[str, Any]:
    told.setdefault("privacy", ALLOWED)
    return {"id": id, "name": name, "timestamp": "2026-06-01T11:59:00Z", **told}


class Pages:
    """The pages of a scene's shop, and the worker behind the queue."""

    def __init__(self, scene: Scene) -> None:
        self.scene, self.world = scene, scene.world
        assert self.world.link is not None
        self.link = self.world.link
        self.key = self.world.memory.pixels.make(self.link.source, [ORIGIN]).key

    def tell(self, *events: dict[str, Any]) -> dict[str, Any]:
        """A batch at the public door."""
        self.world.stepping("door")
        given = answer(
            self.world.runtime,
            {
                "httpMethod": "POST",
                "pathParameters": {"pixel_key": self.key},
                "headers": {"Origin": ORIGIN},
                "body": json.dumps({"events": events}),
            },
        )
        assert given["statusCode"] == 202, given["body"]
        return dict(json.loads(given["body"]))

    def carry(self) -> int:
        """Work the queue empty, as Lambda does: what fails comes again, before the next of its group."""
        sqs, url = boto3.client("sqs"), self.world.runtime.resources.events_queue_url
        failures = 0
        while True:
            found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=1).get("Messages", [])
            for message in found:
                self.world.stepping("events")
                try:
                    listening.carry(self.world.runtime, read_handful(message["Body"]))
                except (PlatformError, Killed):
                    failures += 1
                    self.scene.clock.sleep(1800)
                    receipt = message["ReceiptHandle"]
                    sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=receipt, VisibilityTimeout=0)
                else:
                    sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            if not found:
                return failures

    def counts(self) -> dict[str, int]:
        """All days together; what is zero is left out."""
        sums: Counter[str] = Counter()
        for day in self.world.memory.customer_events(self.link.id).tallies():
            sums.update({str(count): many for count, many in day.counts.items()})
        return {name: many for name, many in sums.items() if many}

    def arrived(self) -> Counter[str]:
        """Ids of the events in the audience, each as often as it is there."""
        members = self.scene.account.audience.members.values()
        return Counter(told["properties"]["event_id"] for member in members for told in member.events)

    def of(self, address: str) -> list[dict[str, Any]]:
        """What the audience holds of a person."""
        return list(self.scene.account.audience.members[hashed(address)].events)


@pytest.fixture
def pages(scene: Stager) -> Pages:
    made = Pages(scene())
    made.scene.account.audience.seed(*(Member(email(place)) for place in range(PEOPLE)))
    return made


@pytest.mark.parametrize(
    "many", [1_000, pytest.param(10_000, marks=[pytest.mark.long, pytest.mark.timeout(600)])]
)
def test_a_flood_of_events_arrives_once_each_and_is_counted(scene, many):
    killer = Killer("events", 8)
    pages = Pages(scene(killer=killer))
    pages.scene.account.audience.seed(*(Member(email(place)) for place in range(PEOPLE)))
    events = flood(many)
    heard: Counter[str] = Counter()
    again: Counter[str] = Counter()
    struck = 0
    for start in range(0, many, 100):
        heard.update(pages.tell(*events[start : start + 100]))
        pages.scene.clock.sleep(1)
        if start % (many // 5) == 0:
            pages.carry()
            again.update(pages.tell(*events[start : start + 20]))  # the page heard no answer
            struck += killer.struck
            killer.steps = 0
    pages.carry()
    followed = {each["id"] for each in events if each["privacy"] is ALLOWED}
    assert struck == 5
    assert pages.arrived() == dict.fromkeys(followed, 1)
    counts = pages.counts()
    assert counts["accepted"] == counts["sent"] == len(followed) == heard["accepted"] == many * 6 // 10
    assert heard["denied"] + heard["duplicates"] + heard["accepted"] == many
    assert heard["denied"] == sum(each["privacy"] is DENIED for each in events)
    assert counts["denied"] == heard["denied"] + again["denied"]
    assert counts["duplicate"] == heard["duplicates"] + again["duplicates"]
    assert counts.keys() == {"accepted", "sent", "denied", "duplicate"}


def flood(many: int) -> list[dict[str, Any]]:
    """Events in no order: a third denied by the visitor, and then a tenth of all told a second time."""
    chance = random.Random(19)
    events = [
        event(
            f"e{n}",
            chance.choice(NAMES),
            email=email(n % PEOPLE),
            client_id=f"browser {n % PEOPLE}",
            privacy=DENIED if n % 3 == 0 else ALLOWED,
        )
        for n in range(many * 9 // 10)
    ]
    events += chance.sample(events, many // 10)
    chance.shuffle(events)
    return events


@pytest.mark.parametrize("number", range(1, 14))
def test_wherever_the_worker_is_killed_each_event_arrives_once(scene, number):
    killer = Killer("events", number)
    pages = Pages(scene(killer=killer))
    pages.scene.account.audience.seed(*(Member(email(place)) for place in range(2)))
    pages.tell(
        event("before", client_id="b"),
        event("known", email=email(1)),
        event("nobody", email="nobody@shop.example"),
    )
    pages.tell(event("tie", "checkout_contact_info_submitted", client_id="b", email=email(0)))
    pages.carry()
    assert pages.arrived() == {"before": 1, "known": 1, "tie": 1}
    counts = pages.counts()
    assert {name: counts[name] for name in ("accepted", "sent")} == {"accepted": 4, "sent": 3}
    assert "duplicate" not in counts
    assert killer.struck


def test_a_lost_answer_is_looked_after_before_anything_is_told_again(pages):
    pages.scene.account.moods.add(Mood.LOST_ANSWER, match=r"POST .*/events", times=2)
    pages.tell(*(event(f"e{n}", email=email(n)) for n in range(4)))
    assert pages.carry() > 0
    assert pages.arrived() == {f"e{n}": 1 for n in range(4)}
    assert pages.counts() == {"accepted": 4, "sent": 4}


def test_a_busy_audience_gets_the_events_later(pages):
    pages.scene.account.moods.add(Mood.UNAVAILABLE, match=r"POST .*/events", times=30)
    pages.tell(event("e1", email=email(1)))
    assert pages.carry() > 0
    assert pages.arrived() == {"e1": 1}
    assert pages.counts() == {"accepted": 1, "sent": 1}


def test_an_unknown_visitor_is_kept_until_the_checkout_tells_who_it_is(pages):
    pages.tell(
        event("e1", "product_viewed", client_id="b", data={"product_id": 7}), event("e2", client_id="other")
    )
    pages.carry()
    assert pages.counts() == {"accepted": 2, "kept": 2}
    pages.tell(event("e3", "checkout_contact_info_submitted", client_id="b", email=email(0).upper()))
    pages.tell(event("e4", client_id="b"))
    pages.carry()
    told = pages.of(email(0))
    assert Counter(each["name"] for each in told) == {
        "checkout_contact_info": 1,
        "product_viewed": 1,
        "page_viewed": 1,
    }
    assert pages.arrived() == {"e1": 1, "e3": 1, "e4": 1}
    assert pages.counts() == {"accepted": 4, "kept": 2, "sent": 3}


def test_an_event_of_a_customer_waits_for_the_sync(pages):
    pages.tell(event("e1", customer_id="7"))
    pages.carry()
    assert pages.counts() == {"accepted": 1, "kept": 1}
    memory = pages.world.memory
    memory.ledger.record(pages.link.id, Kind.CUSTOMERS, [Entry("7", EntryState.MAPPED, hashed(email(3)))])
    assert listening.release_everywhere(pages.world.runtime) == (1, 0)
    assert pages.arrived() == {"e1": 1}
    assert listening.release_everywhere(pages.world.runtime) == (1, 0)
    assert pages.arrived() == {"e1": 1}
    assert pages.counts() == {"accepted": 1, "kept": 1, "sent": 1}


def test_nobody_becomes_a_contact_by_an_event(pages):
    members = set(pages.scene.account.audience.members)
    pages.tell(event("e1", email="new@shop.example"), event("e2", email=email(1)))
    pages.carry()
    assert set(pages.scene.account.audience.members) == members
    assert pages.arrived() == {"e2": 1}
    assert pages.counts() == {"accepted": 2, "kept": 1, "sent": 1}
    pages.scene.account.audience.person_subscribes("new@shop.example")
    listening.release_everywhere(pages.world.runtime)
    assert pages.arrived() == {"e1": 1, "e2": 1}


def test_what_nobody_is_found_for_expires_after_seven_days_counted(pages):
    pages.tell(event("e1", client_id="b"), event("e2", email="new@shop.example"))
    pages.carry()
    pages.scene.clock.sleep(8 * 86_400)
    pages.tell({**event("e3", client_id="b", email=email(0)), "timestamp": "2026-06-09T11:00:00Z"})
    pages.carry()
    listening.release_everywhere(pages.world.runtime)
    assert pages.arrived() == {"e3": 1}
    assert pages.counts() == {"accepted": 3, "kept": 2, "expired": 2, "sent": 1}


def test_an_event_older_than_a_week_is_not_told(pages):
    pages.tell({**event("e1", email=email(0)), "timestamp": "2026-05-01T12:00:00Z"})
    pages.carry()
    assert pages.counts() == {"accepted": 1, "expired": 1}


def test_an_old_event_starts_no_automation(pages):
    pages.tell(
        event("live", email=email(0)), {**event("past", email=email(0)), "timestamp": "2026-05-31T12:00:00Z"}
    )
    pages.carry()
    assert {e["properties"]["event_id"]: e["is_syncing"] for e in pages.of(email(0))} == {
        "live": False,
        "past": True,
    }


@pytest.mark.parametrize(
    ("policy", "answered", "counted"),
    [
        ({"customer_events": False}, {"off": 2}, {}),
        ({"events_denied": True}, {"denied": 2}, {"denied": 2}),
    ],
)
def test_a_link_that_is_off_or_a_shop_that_forbids_it_lets_nothing_through(
    pages, policy, answered, counted
):
    pages.world.memory.links.change(pages.link.id, policy=policy)
    heard = pages.tell(event("e1", email=email(0)), event("e2", client_id="b"))
    assert {name: many for name, many in heard.items() if many} == answered
    pages.carry()
    pages.world.memory.links.change(pages.link.id, policy={})
    pages.tell(event("e3", client_id="b", email=email(0)))
    pages.carry()
    assert pages.arrived() == {"e3": 1}
    assert pages.counts() == {"accepted": 1, "sent": 1, **counted}


def test_what_could_not_be_queued_may_come_again(pages):
    queue = pages.world.runtime.resources.events_queue_url
    boto3.client("sqs").delete_queue(QueueUrl=queue)
    given = answer(
        pages.world.runtime,
        {
            "httpMethod": "POST",
            "pathParameters": {"pixel_key": pages.key},
            "headers": {"origin": ORIGIN},
            "body": json.dumps({"events": [event("e1", email=email(0))]}),
        },
    )
    assert given["statusCode"] == 503
    assert given["headers"]["Retry-After"] == "5"
    boto3.client("sqs").create_queue(QueueName=queue.rpartition("/")[2], Attributes={"FifoQueue": "true"})
    assert pages.tell(event("e1", email=email(0)))["accepted"] == 1
    pages.carry()
    assert pages.arrived() == {"e1": 1}


def test_no_address_travels_in_the_queue_or_stays_in_memory(pages):
    pages.tell(
        event(
            "e1",
            email="new@shop.example",
            client_id="b",
            data={"url": "https://shop.example/?m=new@shop.example"},
        )
    )
    sqs, url = boto3.client("sqs"), pages.world.runtime.resources.events_queue_url
    (message,) = sqs.receive_message(QueueUrl=url, VisibilityTimeout=0)["Messages"]
    assert "new@" not in message["Body"]
    pages.carry()
    pager = boto3.client("dynamodb").get_paginator("scan")
    found = pager.paginate(TableName=pages.world.runtime.resources.state_table)
    ours = [item for page in found for item in page["Items"] if pages.link.id in item["pk"]["S"]]
    assert ours
    assert "new@" not in json.dumps(ours, default=str)


def test_the_same_event_by_page_and_server_has_one_effect(pages):
    pages.tell(event("e1", client_id="b", email=email(0)))
    privacy = Privacy(analytics=True, marketing=True)
    told = [Told("e1", "page_viewed", pages.scene.clock(), privacy, email=email(0))]
    heard = listening.hear(pages.world.runtime, pages.world.tenant, pages.link.source, told)
    assert (heard.accepted, heard.duplicates) == (0, 1)
    pages.carry()
    assert pages.arrived() == {"e1": 1}
    assert pages.counts() == {"accepted": 1, "sent": 1, Count.DUPLICATE: 1}


def test_what_a_redacted_person_does_is_told_to_nobody(pages):  # A-19, F-7
    store, memory = pages.link.source, pages.world.memory
    memory.ledger.record(pages.link.id, Kind.CUSTOMERS, [Entry("7", EntryState.MAPPED, hashed(email(3)))])
    pages.tell(event("e1", client_id="b", customer_id="7"), event("e2", customer_id="8"))
    pages.carry()
    assert pages.arrived() == {"e1": 1}
    for customer in ("7", "8"):
        asked = Notice(Kind.CUSTOMERS, customer, "customers/redact", customer)
        honour(pages.world.runtime, pages.world.tenant, store, asked)
    memory.ledger.record(pages.link.id, Kind.CUSTOMERS, [Entry("8", EntryState.MAPPED, hashed(email(4)))])
    pages.tell(
        event("e3", client_id="b"),
        event("e4", email=email(3)),
        event("e5", customer_id="8"),
        event("e6", email=email(5)),
    )
    pages.carry()
    listening.release_everywhere(pages.world.runtime)
    assert pages.arrived() == {"e1": 1, "e6": 1}
    assert pages.counts() == {"accepted": 6, "kept": 1, "sent": 2, "refused": 3}
