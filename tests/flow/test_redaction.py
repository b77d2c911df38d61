"""People who ask to be forgotten, or what is held of them; and a shop that leaves (F-7)."""

from datetime import UTC, datetime

import orjson
import pytest
from passerelle.memory import RunOutcome
from passerelle.model import Kind
from sandbox.hearing import listen, lost
from sandbox.shopify import sample


def _synced(scene, **wanted):
    here = scene(at=datetime.now(UTC), **{"customers": 4, **wanted})
    listen(here)
    run = here.world.sync(Kind.CUSTOMERS)
    assert run.outcome is RunOutcome.COMPLETED, run.why
    lost(here)
    here.clock.sleep(60)
    return here


def _asks(here, topic, person=None):
    """Shopify tells of a request; answers the door's status."""
    body = {"shop_id": 1, "shop_domain": here.shop.domain}
    if person:
        body["customer"] = {"id": int(person["legacyResourceId"]), "email": person["email"], "phone": None}
    delivery = here.shop.messenger.signed(topic, body)
    return here.world.knock(here.world.stores["shopify"], delivery.headers, delivery.body)


def _entry(here, person):
    id = person["legacyResourceId"]
    return here.world.memory.ledger.read(here.world.link.id, Kind.CUSTOMERS, [id]).get(id)


def _held(here):
    """Everything in our tables, as text."""
    clients, resources = here.world.runtime.storage.clients, here.world.runtime.resources
    return [
        item
        for table in (resources.state_table, resources.ledger_table)
        for page in clients.dynamodb.get_paginator("scan").paginate(TableName=table)
        for item in page["Items"]
        if here.world.tenant in str(item)
    ]


def test_a_redacted_person_is_deleted_here_and_imported_by_no_run_again(scene):  # F-7
    here = _synced(scene)
    person = here.person(0)
    assert _entry(here, person)
    assert _asks(here, "customers/redact", person) == 200
    assert _entry(here, person) is None
    here.account.audience.members.pop(next(iter(_members(here, person))))
    for mode in ("all", "new"):
        run = here.world.sync(Kind.CUSTOMERS, mode=mode)
        slices = here.world.memory.runs.slices(run.id)
        assert run.outcome is RunOutcome.COMPLETED, run.why
        assert sum(piece.skipped_why.get("redacted", 0) for piece in slices) == 1
    assert here.account.audience.status(person["email"]) == "absent"
    assert _entry(here, person) is None


def _members(here, person):
    return [
        m.id for m in here.account.audience.members.values() if m.email.lower() == person["email"].lower()
    ]


def test_a_redacted_person_who_has_a_new_account_is_known_by_their_address(scene):  # F-7
    here = _synced(scene)
    person = here.person(0)
    _asks(here, "customers/redact", person)
    here.account.audience.members.pop(_members(here, person)[0])
    again = sample.customer(950, consent="NOT_SUBSCRIBED")
    again["email"] = again["defaultEmailAddress"]["emailAddress"] = person["email"].upper()
    here.shop.life.add(again)
    here.world.sync(Kind.CUSTOMERS)
    assert here.account.audience.status(person["email"]) == "absent"


def test_a_redacted_persons_orders_bring_nobody_back(scene):  # F-7
    here = _synced(scene, products=3, orders=6)
    orders = here.shop.state.shelf("Order").things.values()
    order = next(each for each in orders if each["customer_id"])
    person = here.shop.state.shelf("Customer").things[int(order["customer_id"])]
    _asks(here, "customers/redact", person)
    for member in _members(here, person):
        del here.account.audience.members[member]
    here.world.sync(Kind.PRODUCTS)
    here.world.sync(Kind.ORDERS)
    assert order["legacyResourceId"] not in here.store.orders
    assert here.account.audience.status(person["email"]) == "absent"


@pytest.mark.parametrize("wanted", [True, False])
def test_the_contact_is_deleted_for_good_only_where_the_policy_says_so(scene, wanted):  # F-7
    here = _synced(scene, policy={"redact_audience": wanted})
    person = here.person(0)
    before = here.account.audience.status(person["email"])
    _asks(here, "customers/redact", person)
    assert here.account.audience.status(person["email"]) == ("forgotten" if wanted else before)


def test_what_is_remembered_of_a_redacted_person_tells_nobody_who_they_are(scene):  # F-7, G-7
    here = _synced(scene)
    person = here.person(0)
    id, contact = person["legacyResourceId"], _members(here, person)[0]
    assert any(contact in str(row) for row in _held(here))
    _asks(here, "customers/redact", person)
    kept = [row for row in _held(here) if person["email"].lower() in str(row).lower() or contact in str(row)]
    assert kept == []
    assert [row for row in _held(here) if f"'{id}'" in str(row) or f"#{id}'" in str(row)] == []


def test_a_redaction_is_audited_and_told_twice_it_ends_as_once(scene):  # F-3, F-7, G-11
    here = _synced(scene)
    for _ in range(2):
        assert _asks(here, "customers/redact", here.person(0)) == 200
    lines = [line for line in here.world.memory.audit.list().items if line.action == "customer.redacted"]
    assert lines[0].after["person"] == lines[-1].after["person"]
    assert here.person(0)["legacyResourceId"] not in str(lines)


def test_a_data_request_is_an_incident_with_what_is_held_and_nothing_personal(scene):  # F-7
    here = _synced(scene)
    person = here.person(0)
    id = person["legacyResourceId"]
    assert _asks(here, "customers/data_request", person) == 200
    (incident,) = [each for each in here.incidents() if "data_request" in each.cause]
    store = here.world.stores["shopify"].id
    assert f"/v1/stores/{store}/data-requests/{id}" in incident.remedy
    told = orjson.loads(here.world.memory.manifests.get_document(store, f"data-request/{id}"))
    assert told["links"][0]["state"] == "mapped"
    assert person["email"].lower() not in str(told).lower()


def test_a_shop_that_leaves_is_erased_and_another_tenants_is_not(scene):  # F-7, G-10
    here, other = _synced(scene), _synced(scene)
    link = here.world.link.id
    assert _asks(here, "shop/redact") == 200
    memory = here.world.memory
    assert memory.links.list() == memory.feeds.list() == []
    assert list(memory.ledger.scan(link, Kind.CUSTOMERS)) == []
    assert "shopify" not in {store.platform for store in memory.stores.list()}
    assert memory.audit.list().items[0].action == "shop.redacted"
    assert list(other.world.memory.ledger.scan(other.world.link.id, Kind.CUSTOMERS))
    assert other.world.memory.links.list()


def test_a_forged_request_is_refused(scene):  # F-1, F-7
    here = _synced(scene)
    delivery = here.shop.messenger.signed("customers/redact", {"customer": {"id": 1}})
    status = here.world.knock(here.world.stores["shopify"], delivery.headers, delivery.body + b" ")
    assert status == 401
    assert _entry(here, here.person(0))
