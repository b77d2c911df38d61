"""What the law lets people ask for: to know, to be forgotten; and a shop that leaves, to be erased (F-7).

Each request is done when `honour` returns, so that a delivery is acknowledged only then; done twice, it ends as once.
"""

import orjson

from passerelle import parting
from passerelle.memory import Incident
from passerelle.model import Kind, Severity
from passerelle.port import Notice, Verb
from passerelle.rules.customer_events import Who
from passerelle.rules.engagement import Marks
from passerelle.rules.redaction import PrivacyRequest, digests, privacy_request
from passerelle.runtime import Runtime, platform
from passerelle.store.records import Link
from passerelle.store.repositories import Repositories
from passerelle.sync.flow import CATALOGUE_LINK

ACTOR = "privacy request"
DAYS = 30
"""What the law gives a merchant to answer."""
ACTS = 100


def honour(runtime: Runtime, tenant: str, store: str, notice: Notice) -> None:
    """Do what a privacy request asks. Raises the port's errors where the audience cannot be reached."""
    asked = privacy_request(notice.topic)
    memory = runtime.repositories(tenant)
    if asked is PrivacyRequest.REDACT:
        _redact(runtime, memory, store, notice)
    elif asked is PrivacyRequest.DATA_REQUEST:
        _tell(memory, store, notice.id)
    elif asked is PrivacyRequest.SHOP_REDACT:
        _erase_shop(runtime, memory, store)


def document_name(customer: str) -> str:
    """Under which name the answer to a data request is kept."""
    return f"data-request/{customer}"


# --- forgetting a person -----------------------------------------------------------------------------------------


def _redact(runtime: Runtime, memory: Repositories, store: str, notice: Notice) -> None:
    """Remember that they must not come back; then delete what was kept of them."""
    links = _to_audiences(memory, store)
    contacts = {link.id: _contacts(runtime, memory, link, notice) for link in links}
    memory.redactions.add(store, customer=notice.id, contacts=frozenset().union(*contacts.values()))
    deleted = [link.id for link in links if _delete_contacts(runtime, memory, link, contacts[link.id])]
    for link in links:
        _forget(memory, link.id, notice.id, contacts[link.id])
    person = sorted(digests(memory.redactions.of(store).salt, customer=notice.id))
    after = {"person": person, "links": [link.id for link in links], "deleted_at_audience": deleted}
    memory.audit.record(ACTOR, "customer.redacted", store, after=after)


def _to_audiences(memory: Repositories, store: str) -> list[Link]:
    """The links that carry people away from a store; a catalogue knows none."""
    return [link for link in memory.links.of(store) if link.source == store and link.kind == "audience"]


def _contacts(runtime: Runtime, memory: Repositories, link: Link, notice: Notice) -> frozenset[str]:
    """The contacts that this person is, or was, at a link's audience."""
    entry = memory.ledger.read(link.id, Kind.CUSTOMERS, [notice.id]).get(notice.id)
    found = {entry.destination_id} if entry and entry.destination_id else set()
    if notice.email:
        found.add(runtime.connector(memory.tenant, link.destination, link.settings).contact_id(notice.email))
    return frozenset(found)


def _delete_contacts(runtime: Runtime, memory: Repositories, link: Link, contacts: frozenset[str]) -> bool:
    """Delete them in the audience for good, where the link's policy wants it; answers whether it did."""
    offers = platform(memory.stores.get(link.destination).platform).OFFERS
    wanted = bool(link.policy.get("redact_audience")) and Verb.FORGET in offers.get(Kind.CONTACTS, ())
    if not wanted or not contacts:
        return False
    runtime.connector(memory.tenant, link.destination, link.settings, live=True).forget(sorted(contacts))
    return True


def _forget(memory: Repositories, link: str, customer: str, contacts: frozenset[str]) -> None:
    memory.ledger.forget(link, Kind.CUSTOMERS, [customer])
    memory.ledger.forget(link, Kind.CONTACTS, sorted(contacts))
    memory.ledger.forget(link, Kind.ENGAGEMENT, [customer])
    events = memory.customer_events(link)
    events.forget(Who.CUSTOMER, customer)
    for contact in contacts:
        events.forget(Who.CONTACT, contact)
    memory.activities.forget(Kind.CUSTOMERS, customer)
    for contact in contacts:
        memory.activities.forget(Kind.CONTACTS, contact)
        memory.consents.close(f"{link}.{Kind.CONTACTS}", contact)
    memory.consents.forget(link, customer)
    memory.consents.close(f"{link}.{Kind.CUSTOMERS}", customer)
    memory.marks.release(f"{link}.{Kind.CUSTOMERS}", [customer])
    memory.incidents.resolve([f"{link}:{Kind.CUSTOMERS}:{customer}"])


# --- telling what is held ----------------------------------------------------------------------------------------


def _tell(memory: Repositories, store: str, customer: str) -> None:
    """Keep what is held of a person as a document, and tell the merchant; ids and states, nothing personal."""
    links = [link.id for link in _to_audiences(memory, store)]
    held = {"store": store, "customer": customer, "links": [_held(memory, link, customer) for link in links]}
    memory.manifests.put_document(store, document_name(customer), orjson.dumps(held, default=str))
    where = f"GET /v1/stores/{store}/data-requests/{customer}"
    memory.incidents.open(
        [
            Incident(
                f"{store}:data_request:{customer}",
                Severity.ERROR,
                f"Customer {customer} asks what is held of them",
                f"Answer them within {DAYS} days. What the sync holds: {where}.",
                kind=Kind.CUSTOMERS,
                object_id=customer,
            )
        ]
    )
    memory.audit.record(ACTOR, "customer.data_requested", store, after={"customer": customer})


def _held(memory: Repositories, link: str, customer: str) -> dict[str, object]:
    entry = memory.ledger.read(link, Kind.CUSTOMERS, [customer]).get(customer)
    acts = memory.activities.list(Kind.CUSTOMERS, customer, ACTS).items
    return {
        "link": link,
        "state": entry.state if entry else "unknown",
        "contact": entry.destination_id if entry else "",
        "consent_agreed": entry.consent if entry else "",
        "activity": [act for act in acts if act.link == link],
        "mails": _mails(memory, link, customer),
        "consents": list(memory.consents.list_customer(link, customer, ACTS).items),
    }


def _mails(memory: Repositories, link: str, customer: str) -> dict[str, object]:
    """What they did with the audience's mails, as it was told to the store."""
    entry = memory.ledger.read(link, Kind.ENGAGEMENT, [customer]).get(customer)
    if entry is None:
        return {}
    told = Marks.parse(entry.hash).told(customer, "")
    return {"received": told.received_at, "opened": told.opened_at, "clicked": told.clicked_at}


# --- erasing a shop ----------------------------------------------------------------------------------------------


def _erase_shop(runtime: Runtime, memory: Repositories, store: str) -> None:
    """Nothing runs any more, then everything goes; the store itself last, so that a broken-off erasure is taken up."""
    links = [link for link in memory.links.of(store) if store in (link.source, link.destination)]
    for link in links:
        memory.schedules.delete_all(link.id)
        for feed in memory.feeds.list(link.id):
            memory.feeds.delete(feed.id)
    parting.leave(runtime, memory.tenant, store)
    for link in links:
        if link.kind == CATALOGUE_LINK:
            parting.unlist(runtime, memory, link)
        _erase_link(memory, link)
    memory.redactions.erase(store)
    memory.audit.record(ACTOR, "shop.redacted", store, after={"links": [link.id for link in links]})
    memory.secrets.delete(store)
    memory.stores.delete(store)


def _erase_link(memory: Repositories, link: Link) -> None:
    memory.consents.forget_pages(link.id)
    for kind in Kind:
        ids: list[str] = []
        for entry in memory.ledger.scan(link.id, kind):
            ids.append(entry.source_id)
            memory.activities.forget(kind, entry.source_id)
            if kind is Kind.CUSTOMERS:
                memory.consents.forget(link.id, entry.source_id)
            if kind in (Kind.CUSTOMERS, Kind.CONTACTS):
                memory.consents.close(f"{link.id}.{kind}", entry.source_id)
        memory.ledger.forget(link.id, kind, ids)
    memory.links.delete(link.id)
