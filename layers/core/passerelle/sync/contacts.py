"""Deciding contacts on their way to a store: what people did in the audience becomes their customers' consent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from passerelle.memory import Entry, EntryState
from passerelle.model import Consent, ConsentState, Contact, Customer, Kind
from passerelle.port import Action, Change, Outcome, Result, Verb
from passerelle.rules.consent import Agreed, Direction, Phase, Side, Situation, Verdict
from passerelle.rules.consent import decide as decide_consent
from passerelle.rules.exclusion import TAG, skip_word, why_excluded
from passerelle.rules.newcomers import NO_CUSTOMER, newcomer_skip
from passerelle.rules.same_person import deciding, folded
from passerelle.rules.selection import mode_skip
from passerelle.rules.situation import copied
from passerelle.sync.aside import DISCARDED
from passerelle.sync.decision import Decision, Load, as_before
from passerelle.sync.fingerprint import after_a_look, fingerprint, written_back
from passerelle.sync.flow import Flow
from passerelle.sync.people import customers_by_email, last_agreed, store_consents, withdrawn_before

STAND_BACK = frozenset({NO_CUSTOMER, DISCARDED})
"""Why a contact is skipped as long as they do not act."""


@dataclass(frozen=True, slots=True)
class Known:
    """What was looked up for a load: customers by folded e-mail, and what the ledger holds of them."""

    people: Mapping[str, Sequence[Customer]]
    entries: Mapping[str, Entry]


def decide(flow: Flow, load: Load) -> list[Decision]:
    """See decision.Decide. The flow runs from the audience (source) to the store (destination)."""
    contacts = [contact for contact in load.objects if isinstance(contact, Contact)]
    looked = [contact for contact in contacts if not _settled(load, contact)]
    people = customers_by_email(flow.shop, sorted({folded(contact.email) for contact in looked}))
    ids = sorted(person.id for group in people.values() for person in group)
    entries = flow.memory.ledger.read(flow.link, Kind.CUSTOMERS, ids) if ids else {}
    everyone = [person for group in people.values() for person in group]
    known = Known(people, {**entries, **withdrawn_before(flow, everyone, entries)})
    return [_decide(flow, load, contact, known) for contact in contacts]


def _digest(contact: Contact) -> str:
    """What of a contact concerns the store: the status, and the act behind it."""
    return f"{contact.status}@{contact.status_changed_at.isoformat() if contact.status_changed_at else ''}"


def _settled(load: Load, contact: Contact) -> bool:
    """Whether this very act was decided before: a profile that we wrote is no news."""
    entry = load.entries.get(contact.id)
    if load.force or entry is None or entry.hash != _digest(contact):
        return False
    return entry.state is EntryState.MAPPED or (
        entry.state is EntryState.SKIPPED and entry.reason in STAND_BACK
    )


def _decide(flow: Flow, load: Load, contact: Contact, known: Known) -> Decision:
    entry, digest = load.entries.get(contact.id), _digest(contact)
    mapped = entry is not None and entry.state is EntryState.MAPPED
    skip = mode_skip(load.mode, mapped=mapped)
    if skip:
        return Decision(contact.id, digest, skip=skip)
    if _settled(load, contact):
        return Decision(contact.id, digest, skip="" if mapped or entry is None else entry.reason)
    if entry and entry.hash == digest and not load.force and (before := as_before(entry, digest)):
        return before
    people = known.people.get(folded(contact.email), ())
    if not people:
        return _newcomer(flow, contact, entry)
    if all(why_excluded(flow.exclusion, person.email, person.tags) for person in people):
        return Decision(contact.id, digest, skip=skip_word(TAG))
    return _for_customers(flow, contact, people, known.entries)


def _newcomer(flow: Flow, contact: Contact, entry: Entry | None) -> Decision:
    """Nobody at the store has this e-mail: whoever opted in since it was asked for becomes a customer (A-20)."""
    was_ours = entry is not None and bool(entry.destination_id)
    skip = newcomer_skip(contact, flow.new_contacts_since, was_ours=was_ours)
    if skip is None and not flow.shop.can(Kind.CUSTOMERS, Verb.PUSH):
        skip = NO_CUSTOMER
    if skip:
        return Decision(contact.id, _digest(contact), skip=skip)
    consent = Consent(ConsentState.SUBSCRIBED, contact.status_changed_at)
    situation = _situation(flow, contact, Consent(ConsentState.NONE))
    person = Customer(contact.id, contact.email, consent, contact.first_name, contact.last_name)
    return Decision(
        contact.id,
        _digest(contact),
        change=Change(contact.id, Action.CREATE, person),
        agreed=str(Agreed(ConsentState.SUBSCRIBED, contact.status_changed_at, Side.AUDIENCE)),
        rule="A-20",
        reason="A new contact opted in at the audience: they become a customer with that consent.",
        situation=situation,
        contact=contact.id,
        before=ConsentState.NONE,
        after=ConsentState.SUBSCRIBED,
    )


def _situation(flow: Flow, contact: Contact, store: Consent, agreed: Agreed | None = None) -> Situation:
    return Situation(
        phase=Phase.ONGOING,
        direction=Direction.AUDIENCE_TO_STORE,
        audience=contact.status,
        status_changed_at=contact.status_changed_at,
        store=store,
        agreed=agreed,
        double_opt_in=flow.double_opt_in,
        policy=flow.policy,
        looked_at=flow.now(),
    )


def made_here(flow: Flow, decisions: Sequence[Decision], outcomes: Mapping[str, Outcome]) -> list[Entry]:
    """The customers' own entries of those who were just made, so that their coming back is no news (A-23)."""
    if flow.kind is not Kind.CONTACTS:
        return []
    made = {
        outcome.destination_id: id for id, outcome in outcomes.items() if outcome.result is Result.CREATED
    }
    if not made:
        return []
    agreed = {decision.id: decision.agreed for decision in decisions}
    pulled = flow.shop.connector.pull(Kind.CUSTOMERS, sorted(made)).objects
    people = [person for person in pulled if isinstance(person, Customer)]
    # Read back, they show which instant the store gave to the consent that they were made with.
    return [
        Entry(
            person.id,
            EntryState.MAPPED,
            made[person.id],
            hash=fingerprint(person, flow.salt),
            result=Result.CREATED,
            consent=copied(agreed[made[person.id]], Side.STORE, person.consent.shown_at),
            at=flow.now(),
        )
        for person in people
    ]


def _for_customers(
    flow: Flow, contact: Contact, people: Sequence[Customer], entries: Mapping[str, Entry]
) -> Decision:
    store = deciding(after_a_look(person.consent, entries.get(person.id)) for person in people)
    agreed = last_agreed(entries[person.id] for person in people if person.id in entries)
    situation = _situation(flow, contact, store, agreed)
    verdict = decide_consent(situation)
    return Decision(
        contact.id,
        _digest(contact),
        consents=store_consents(flow, people, contact, verdict),
        at_store=store.state,
        remember=tuple((Kind.CUSTOMERS, entry) for entry in _remembered(flow, people, entries, verdict)),
        destination_id=people[0].id,
        agreed=str(verdict.agreed_after or ""),
        rule=verdict.rule,
        reason=verdict.reason,
        situation=situation,
        contact=contact.id,
        before=store.state,
        after=verdict.write_store or "",
    )


def _remembered(
    flow: Flow, people: Sequence[Customer], entries: Mapping[str, Entry], verdict: Verdict
) -> list[Entry]:
    """The customers' own entries: what is agreed now, and a consent that will come back as no news (A-23)."""
    agreed = str(verdict.agreed_after or "")
    found: list[Entry] = []
    for person in people:
        entry = entries.get(person.id)
        if verdict.write_store:
            known = entry or Entry(person.id, EntryState.CLAIMED, at=flow.now())
            seen = written_back(person, flow.salt, verdict.write_store)
            found.append(replace(known, hash=seen, consent=agreed))
        elif entry and agreed and agreed != entry.consent and verdict.write_audience is None:
            # What only the other way can write is agreed when that way has written it.
            found.append(replace(entry, consent=agreed))
    return found
