"""The ledger of consent: each write leaves one entry with its evidence, whatever happens to the worker."""

import re
from datetime import UTC, datetime, timedelta

import orjson
import pytest
from passerelle.memory import TO_AUDIENCE, TO_STORE, Scope
from passerelle.model import Kind
from passerelle.store.consents import DAYS
from sandbox.killer import Killer
from sandbox.mailchimp import Audience, Member
from sandbox.shopify import sample


def _entries(here, run):
    return {(e.customer, e.direction): e for e in here.world.memory.consents.of_run(run.id)}


def _id(place):
    return str(sample.FIRST_CUSTOMER + place)


def _mixed(scene, **options):
    """One new subscriber, one who never opted in, one who left the audience, one subscribed only there."""
    load = [
        sample.customer(0, consent="SUBSCRIBED"),
        sample.customer(1, consent="NOT_SUBSCRIBED"),
        sample.customer(2, consent="SUBSCRIBED"),
        sample.customer(3, consent="NOT_SUBSCRIBED"),
    ]
    here = scene(load=load, audience=Audience(), **options)
    at = here.clock() - timedelta(days=1)
    here.account.audience.seed(
        Member(load[2]["email"].lower(), "unsubscribed", last_changed=at),
        Member(load[3]["email"].lower(), "subscribed", timestamp_opt=at, last_changed=at),
    )
    return here


def _told(entries):
    return {key: (e.rule, e.before, e.after) for key, e in entries.items()}


WRITTEN = {
    (_id(0), TO_AUDIENCE): ("A-1", "absent", "subscribed"),
    (_id(1), TO_AUDIENCE): ("A-2", "absent", "transactional"),
    (_id(2), TO_STORE): ("A-4", "subscribed", "unsubscribed"),
    (_id(3), TO_STORE): ("A-3", "not_subscribed", "subscribed"),
}


def test_every_write_leaves_an_entry_with_its_evidence(scene):
    here = _mixed(scene)
    entries = _entries(here, here.world.sync(Kind.CUSTOMERS))
    assert _told(entries) == WRITTEN
    left = entries[_id(2), TO_STORE]
    assert left.evidence["audience"] == "unsubscribed"
    assert left.evidence["store"] == "subscribed"
    assert left.evidence["audience_at"] > left.evidence["store_at"]
    assert left.reason.endswith(".")


def test_an_entry_names_ids_and_never_an_address(scene):  # A-13, G-7
    here = _mixed(scene)
    entries = _entries(here, here.world.sync(Kind.CUSTOMERS)).values()
    assert all(re.fullmatch(r"[0-9a-f]{32}", entry.contact) for entry in entries)
    assert b"@example" not in orjson.dumps(list(entries)).lower()


def test_a_run_that_changes_nothing_leaves_no_entry_and_a_dry_run_neither(scene):  # A-13, B-8, B-18
    here = _mixed(scene)
    assert _entries(here, here.world.sync(Kind.CUSTOMERS, dry_run=True)) == {}
    here.world.sync(Kind.CUSTOMERS)
    assert _entries(here, here.world.sync(Kind.CUSTOMERS)) == {}


def test_a_refused_write_leaves_no_entry(scene):
    load = [sample.customer(0, consent="SUBSCRIBED")]
    here = scene(load=load, audience=Audience())
    here.account.audience.on_many_lists.add(load[0]["email"].lower())
    assert _entries(here, here.world.sync(Kind.CUSTOMERS)) == {}


def test_a_live_event_leaves_an_entry_under_the_customer(scene):
    here = _mixed(scene)
    here.world.sync(Kind.CUSTOMERS)
    here.clock.sleep(3600)
    here.account.audience.person_unsubscribes(here.person(0)["email"])
    (contact,) = [m.id for m in here.account.audience.members.values() if m.compliance]
    feed = f"{here.world.link.id}.{Kind.CONTACTS}"
    here.world.river._enqueue([(feed, contact)])
    here.world.follow_all()
    newest, first = here.world.memory.consents.list_customer(here.world.link.id, _id(0)).items
    assert (newest.direction, newest.before, newest.after, newest.run) == (
        TO_STORE,
        "subscribed",
        "unsubscribed",
        "",
    )
    assert (first.direction, first.after) == (TO_AUDIENCE, "subscribed")


def _live(scene, act, killer):
    """One person acts at the shop or in the audience, and is followed by workers that may be killed."""
    here = scene(load=[sample.customer(0, consent="SUBSCRIBED")], audience=Audience(), killer=killer)
    here.world.sync(Kind.CUSTOMERS)
    here.clock.sleep(3600)
    if act == "shop":
        here.shop.life.consent(here.person(0)["id"], "UNSUBSCRIBED")
        dirty = (here.world.feed(Kind.CUSTOMERS), _id(0))
    elif act == "new":
        here.shop.life.add(sample.customer(1, consent="SUBSCRIBED"))
        dirty = (here.world.feed(Kind.CUSTOMERS), _id(1))
    else:
        here.account.audience.person_unsubscribes(here.person(0)["email"])
        (contact,) = here.account.audience.members
        dirty = (here.world.feed(Kind.CONTACTS), contact)
    here.world.river._enqueue([dirty])
    # Each worker begins later than the last: what is written twice must not look like two writes.
    here.world.stepping = lambda step: (here.clock.sleep(7), killer.stepping(step))
    here.world.follow_all()
    killer.rest()
    open_ = here.world.memory.consents.intended(*dirty)
    people = [_id(0), _id(1)] if act == "new" else [_id(0)]
    listed = [
        (e.customer, e.direction, e.before, e.after)
        for person in people
        for e in here.world.memory.consents.list_customer(here.world.link.id, person).items
    ]
    return sorted(listed), open_, here.behind()


def _back(scene, killer):
    """One customer left the audience, somebody new opted in there: a run of contacts is carried by mortal workers."""
    since = datetime(2026, 6, 1, tzinfo=UTC).isoformat()
    policy = {"new_contacts_to_store": True, "new_contacts_since": since}
    load = [sample.customer(0, consent="SUBSCRIBED")]
    here = scene(load=load, audience=Audience(), killer=killer, policy=policy)
    here.world.sync(Kind.CUSTOMERS)
    here.clock.sleep(3600)
    here.account.audience.person_unsubscribes(here.person(0)["email"])
    here.account.audience.person_subscribes("new@example.com")
    run = here.world.sync(Kind.CONTACTS, scope=Scope.INCREMENTAL)
    killer.rest()
    told = sorted((e.customer, e.before, e.after, e.rule) for e in here.world.memory.consents.of_run(run.id))
    listed = [
        len(here.world.memory.consents.list_customer(here.world.link.id, customer).items)
        for customer, *_ in told
    ]
    return told, listed, here.behind()


@pytest.mark.long
@pytest.mark.timeout(400)
def test_a_worker_killed_on_the_way_back_neither_loses_nor_doubles_an_entry(scene):  # B-7
    calm = Killer("carry")
    wanted = _back(scene, calm)
    assert [(before, after) for _, before, after, _ in wanted[0]] == [
        ("none", "subscribed"),
        ("subscribed", "unsubscribed"),
    ]
    assert wanted[1] == [1, 2], "what the first sync wrote is listed too"
    for number in sorted({at + more for at in calm.at_shops for more in (-1, 0, 1, 2)}):
        killer = Killer("carry", number)
        assert _back(scene, killer) == wanted, f"killed at {number}"


@pytest.mark.long
@pytest.mark.timeout(300)
@pytest.mark.parametrize("act", ["shop", "new", "audience"])
def test_a_live_event_killed_at_any_write_neither_loses_nor_doubles_its_entry(scene, act):  # A-13, B-7
    calm = Killer("follow")
    wanted = _live(scene, act, calm)
    assert len(wanted[0]) == 2, "one of the first sync, one of the live event"
    assert wanted[1] == [], "nothing stays open"
    assert calm.at_shops
    for number in range(1, calm.steps + 1):
        killer = Killer("follow", number)
        assert _live(scene, act, killer) == wanted, f"killed at {number}"
        assert killer.struck


def test_a_live_event_that_writes_nothing_says_nothing(scene):  # A-13, B-8
    here = _mixed(scene)
    here.world.sync(Kind.CUSTOMERS)
    here.world.river._enqueue([(here.world.feed(Kind.CUSTOMERS), _id(0))])
    table = here.world.runtime.storage.state
    before = here.world.memory.consents.list_customer(here.world.link.id, _id(0)).items
    here.world.follow_all()
    assert here.world.memory.consents.list_customer(here.world.link.id, _id(0)).items == before
    assert (
        list(table.stream(f"T#{here.world.tenant}#CONSENTS#INTENDED#{here.world.feed(Kind.CUSTOMERS)}")) == []
    )


def test_entries_outlive_two_years(scene):  # A-13, G-8
    assert DAYS > 2 * 366
    here = _mixed(scene)
    run = here.world.sync(Kind.CUSTOMERS)
    table = here.world.runtime.storage.state
    items = list(table.stream(f"T#{here.world.tenant}#CONSENTS#RUN#{run.id}"))
    assert len(items) == len(WRITTEN)
    assert all(item["ttl"] >= (here.clock() + timedelta(days=731)).timestamp() for item in items)


@pytest.mark.long
@pytest.mark.timeout(400)
def test_a_worker_killed_around_any_write_neither_loses_nor_doubles_an_entry(scene):  # A-13, B-7
    calm = Killer("carry")
    here = _mixed(scene, killer=calm)
    here.world.sync(Kind.CUSTOMERS, batch_size=4)
    calm.rest()
    for number in sorted({at + more for at in calm.at_shops[-4:] for more in (-1, 0, 1, 2)}):
        killer = Killer("carry", number)
        here = _mixed(scene, killer=killer)
        run = here.world.sync(Kind.CUSTOMERS, batch_size=4)
        killer.rest()
        assert killer.struck
        assert _told(_entries(here, run)) == WRITTEN, f"killed at {number}"
        for customer, _ in WRITTEN:
            listed = here.world.memory.consents.list_customer(here.world.link.id, customer).items
            assert len(listed) == 1, f"killed at {number}"
