"""Following a contact: what a person did in the audience, brought to the store as the consent rules allow."""

from dataclasses import replace

from passerelle.memory import Act, Entry, EntryState
from passerelle.model import Consent, Contact, Customer, Kind
from passerelle.port import ConsentChange, Result
from passerelle.rules.consent import Agreed, Direction, Phase, Situation, Verdict, decide
from passerelle.rules.same_person import deciding
from passerelle.sync.fingerprint import written_back
from passerelle.sync.flow import Flow


def follow_contact(flow: Flow, contact_id: str) -> bool:
    """Read the contact and decide for the customers who share its e-mail; False if the audience no longer has it.

    The flow runs from the audience (source) to the store (destination).
    """
    contact = next(
        (
            c
            for c in flow.source.connector.pull(Kind.CONTACTS, [contact_id]).objects
            if isinstance(c, Contact)
        ),
        None,
    )
    if contact is None:
        return False
    found = flow.destination.connector.find(Kind.CUSTOMERS, [contact.email])
    people = [match.object for match in found if isinstance(match.object, Customer)]
    if people:
        _decide(flow, contact, people)
    return True


def _decide(flow: Flow, contact: Contact, people: list[Customer]) -> None:
    entries = flow.memory.ledger.read(flow.link, Kind.CUSTOMERS, [person.id for person in people])
    agreed = [Agreed.parse(entry.consent) for entry in entries.values()]
    known = [one for one in agreed if one]
    verdict = decide(
        Situation(
            phase=Phase.ONGOING,
            direction=Direction.AUDIENCE_TO_STORE,
            audience=contact.status,
            status_changed_at=contact.status_changed_at,
            store=deciding(person.consent for person in people),
            agreed=max(known, key=lambda one: one.at.timestamp() if one.at else 0.0, default=None),
            double_opt_in=flow.double_opt_in,
            policy=flow.policy,
        )
    )
    if verdict.write_store:
        _write(flow, contact, people, entries, verdict)


def _write(
    flow: Flow, contact: Contact, people: list[Customer], entries: dict[str, Entry], verdict: Verdict
) -> None:
    if verdict.write_store is None:
        return
    consent = Consent(verdict.write_store, contact.status_changed_at or flow.now())
    outcomes = flow.destination.connector.push_consent([ConsentChange(p.id, consent) for p in people])
    written = {outcome.id for outcome in outcomes if outcome.result is not Result.REFUSED}
    recorded = [
        replace(
            entries.get(person.id) or Entry(person.id, EntryState.CLAIMED, at=flow.now()),
            hash=written_back(person, flow.salt, consent.state),
            consent=str(verdict.agreed_after or ""),
        )
        for person in people
        if person.id in written
    ]
    if recorded:
        flow.memory.ledger.record(flow.link, Kind.CUSTOMERS, recorded)
    flow.memory.activities.record([_act(flow, person, verdict) for person in people if person.id in written])


def _act(flow: Flow, person: Customer, verdict: Verdict) -> Act:
    return Act(
        Kind.CUSTOMERS,
        person.id,
        flow.link,
        "to_source",
        "consent_written",
        field="consent",
        before=person.consent.state,
        after=verdict.write_store or "",
        reason=verdict.rule,
    )
