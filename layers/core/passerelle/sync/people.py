"""People as both sides know them: a store's customers by e-mail, what was agreed, the consent to write for them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from passerelle.memory import Entry
from passerelle.model import AudienceStatus, Consent, ConsentState, Contact, Customer, Kind, Object
from passerelle.port import ConsentChange, Verb
from passerelle.rules.consent import Agreed, Side, Verdict
from passerelle.rules.same_person import folded
from passerelle.sync.flow import End, Flow

MOVED = "changed_email"
"""Why a contact has no customer any more: its person has another address now."""


def customers_by_email(
    store: End, emails: Sequence[str], at_hand: Iterable[Customer] = ()
) -> dict[str, list[Customer]]:
    """Everyone at the store by folded e-mail; whom it finds without telling who they are is read besides.

    `at_hand`: customers that were read a moment ago and need not be read again.
    """
    if not emails or not store.can(Kind.CUSTOMERS, Verb.FIND):
        return {}
    matches = store.connector.find(Kind.CUSTOMERS, emails)
    known = {person.id: person for person in at_hand}
    known |= {match.destination_id: match.object for match in matches if isinstance(match.object, Customer)}
    unread = sorted({match.destination_id for match in matches} - known.keys())
    if unread:
        pulled = store.connector.pull(Kind.CUSTOMERS, unread).objects
        known |= {person.id: person for person in pulled if isinstance(person, Customer)}
    found: dict[str, list[Customer]] = {}
    for id in dict.fromkeys(match.destination_id for match in matches):
        if id in known:
            found.setdefault(folded(known[id].email), []).append(known[id])
    return found


def last_agreed(entries: Iterable[Entry]) -> Agreed | None:
    """What both sides last agreed on, of several customers who are one person."""
    agreed = (Agreed.parse(entry.consent) for entry in entries)
    return max(
        (one for one in agreed if one), key=lambda one: one.at.timestamp() if one.at else 0.0, default=None
    )


def withdrawn_before(
    flow: Flow, people: Iterable[Customer], entries: Mapping[str, Entry]
) -> dict[str, Entry]:
    """Who was another contact before, by id: their entry with no more than a withdrawal that goes with them (A-14).

    The new address is another contact, whose own consent counts. A withdrawal that only the old contact tells is the
    person's all the same; one that the store holds needs no reminder.
    """
    found = {person.id: person for person in people if _moved(flow, person, entries.get(person.id))}
    if not found:
        return {}
    before = sorted({entries[id].destination_id for id in found})
    contacts = {
        contact.id: contact for contact in flow.audience.connector.pull(Kind.CONTACTS, before).objects
    }
    return {
        id: replace(
            entries[id], consent=_withdrawal(person, entries[id], contacts.get(entries[id].destination_id))
        )
        for id, person in found.items()
    }


def _moved(flow: Flow, person: Customer, entry: Entry | None) -> bool:
    if entry is None or not entry.destination_id or not person.email:
        return False
    return flow.audience.connector.contact_id(person.email) != entry.destination_id


def _withdrawal(person: Customer, entry: Entry, contact: Object | None) -> str:
    if person.consent.state is ConsentState.UNSUBSCRIBED:
        return ""
    if isinstance(contact, Contact) and contact.status is AudienceStatus.UNSUBSCRIBED:
        return str(Agreed(ConsentState.UNSUBSCRIBED, contact.status_changed_at, Side.AUDIENCE))
    agreed = Agreed.parse(entry.consent)
    return entry.consent if agreed and agreed.state is ConsentState.UNSUBSCRIBED else ""


def store_consents(
    flow: Flow, people: Iterable[Customer], contact: Contact | None, verdict: Verdict
) -> tuple[ConsentChange, ...]:
    """The consents to write at the store, dated by the act behind them."""
    if verdict.write_store is None:
        return ()
    agreed = verdict.agreed_after.at if verdict.agreed_after else None
    act = agreed or (contact.status_changed_at if contact else None) or flow.now()
    return tuple(ConsentChange(person.id, Consent(verdict.write_store, act)) for person in people)
