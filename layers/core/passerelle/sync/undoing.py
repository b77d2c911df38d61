"""Undoing what a run wrote of consent, as a run of its own: planned from the ledger of consent, carried in batches."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import batched
from math import ceil

from passerelle.memory import TO_AUDIENCE, TO_STORE, Act, ConsentEntry, Counts, Entry, Run, RunStatus
from passerelle.model import AudienceStatus, Consent, ConsentState, Contact, Customer, Kind
from passerelle.port import Action, Change, ConsentChange, Indexed, Outcome, Result, Throttled, Verb
from passerelle.rules.situation import Side, copied
from passerelle.rules.undo import GONE, RESTORED, Now, Undone, agreed_after, undo_consent, undo_status
from passerelle.sync.batch import Batch
from passerelle.sync.carried import Carried
from passerelle.sync.fingerprint import dated, written_back
from passerelle.sync.flow import Flow
from passerelle.sync.written import Key, key_of

UNDO = "undo"
"""The trigger of a run that undoes another, which its settings name."""
UNDOES = "undoes"
REFUSED = "refused_by_platform"


def plan_undo(flow: Flow, run: Run) -> Run:
    """Slices of the customers of whom the undone run wrote something; the run is yet to be saved. Twice ends as once."""
    entries = flow.memory.consents.of_run(str(run.settings[UNDOES]))
    ids = list(dict.fromkeys(entry.customer for entry in entries))
    number = 0
    for piece in batched(ids, run.batch_size * 10, strict=False):
        number += 1
        flow.memory.manifests.put_slice(run.id, number, [Indexed(id) for id in piece])
    batches = ceil(len(ids) / run.batch_size)
    return run.but(status=RunStatus.CARRYING, slices=number, expected=len(ids), batches=batches, cursor="")


@dataclass(slots=True)
class Undoing:
    """One batch: what was written of whom, how they are now, and what becomes of it."""

    flow: Flow
    batch: Batch
    run: Run
    contacts: Mapping[str, Contact]
    people: Mapping[str, Customer]
    wanted: dict[Key, Undone] = field(default_factory=dict)
    told: dict[Key, ConsentEntry] = field(default_factory=dict)
    restored: dict[Key, ConsentEntry] = field(default_factory=dict)
    shown: dict[Key, datetime | None] = field(default_factory=dict)
    """The instants that the platforms gave to what they took."""
    left: dict[str, str] = field(default_factory=dict)
    """Customer → why something of them was left."""

    def judge(self, entry: ConsentEntry) -> None:
        """Decide one entry on what is read now."""
        undone = self._undone(entry)
        key = key_of(entry)
        if undone.left:
            mine = self.batch.left.get(key)
            if undone.left == RESTORED and mine:
                # Sent by an earlier try that did not hear the answer.
                self._restore(key, mine, Undone(_status(mine), _consent(mine)))
            else:
                self.left.setdefault(entry.customer, undone.left)
            return
        self.wanted[key] = undone
        self.told[key] = self._entry(entry, undone)

    def _undone(self, entry: ConsentEntry) -> Undone:
        contact, person = self.contacts.get(entry.contact), self.people.get(entry.customer)
        if contact is None if entry.direction == TO_AUDIENCE else person is None:
            return Undone(left=GONE)
        now = Now(
            contact.status if contact else AudienceStatus.ABSENT,
            contact.status_changed_at if contact else None,
            person.consent if person else Consent(ConsentState.NONE),
        )
        if entry.direction == TO_AUDIENCE:
            shown = _instant(entry.evidence.get("audience_at"))
            before, after = AudienceStatus(entry.before), AudienceStatus(entry.after)
            return undo_status(before, after, entry.at, shown, now)
        shown = _instant(entry.evidence.get("store_at"))
        return undo_consent(ConsentState(entry.before), ConsentState(entry.after), entry.at, shown, now)

    def _entry(self, entry: ConsentEntry, undone: Undone) -> ConsentEntry:
        """The undo's own entry."""
        contact, person = self.contacts.get(entry.contact), self.people.get(entry.customer)
        seen = {
            "audience": contact.status.value if contact else "",
            "audience_at": _text(contact.status_changed_at if contact else None),
            "store": person.consent.state.value if person else "",
            "store_at": _text(person.consent.changed_at if person else None),
            UNDOES: entry.run,
        }
        return replace(
            entry,
            run=self.run.id,
            rule=UNDO,
            reason=f"Undoes what run {entry.run} wrote.",
            before=entry.after,
            after=(undone.status or undone.consent or "") + "",
            sent_at=self.flow.now(),
            at=self.flow.now(),
            evidence={name: value for name, value in seen.items() if value},
        )

    def push(self) -> None:
        """Write what is wanted at both ends. Raises Throttled where a platform had no breath; doing it again is safe."""
        if self.told:
            self.batch.intend(list(self.told.values()))
        self._push_statuses()
        self._push_consents()

    def _push_statuses(self) -> None:
        changes = [
            Change(
                customer,
                Action.UPDATE,
                self._addressee(customer),
                self.told[key].contact,
                status=undone.status,
            )
            for key, undone in self._to_send()
            if undone.status and (customer := key[0])
        ]
        if not changes:
            return
        answers = self.flow.audience.connector.push(Kind.CUSTOMERS, changes)
        self._heard(TO_AUDIENCE, answers)
        if len(answers) < len(changes) or any(a.result is Result.THROTTLED for a in answers):
            raise Throttled("some of the contacts were put off", 5)

    def _to_send(self) -> list[tuple[Key, Undone]]:
        """What no earlier try has restored."""
        return [(key, undone) for key, undone in self.wanted.items() if key not in self.restored]

    def _addressee(self, customer: str) -> Customer:
        """Whom to write to."""
        contact = self.contacts[self.told[(customer, TO_AUDIENCE)].contact]
        person = self.people.get(customer)
        return replace(person, email=contact.email) if person else _nameless(customer, contact)

    def _push_consents(self) -> None:
        wanted = {key[0]: undone.consent for key, undone in self._to_send() if undone.consent}
        if not wanted or not self.flow.shop.can(Kind.CUSTOMERS, Verb.CONSENT):
            return
        unholdable = self._send_consents(wanted)
        if unholdable:
            # A shop that cannot go back to "never asked" holds the nearest that is not subscribed.
            self._send_consents(dict.fromkeys(unholdable, ConsentState.UNSUBSCRIBED))

    def _send_consents(self, wanted: Mapping[str, ConsentState]) -> list[str]:
        """Answers whose consent the shop cannot hold."""
        now = self.flow.now()
        for customer, state in wanted.items():
            key = (customer, TO_STORE)
            self.told[key] = replace(self.told[key], after=state.value)
            self.wanted[key] = Undone(consent=state)
        changes = [ConsentChange(customer, Consent(state, now)) for customer, state in wanted.items()]
        answers = self.flow.shop.connector.push_consent(changes)
        unholdable = [a.id for a in answers if a.code == "consent_state_unwritable"]
        self._heard(TO_STORE, [answer for answer in answers if answer.id not in unholdable])
        return unholdable

    def _heard(self, direction: str, answers: Sequence[Outcome]) -> None:
        for answer in answers:
            key = (answer.id, direction)
            if answer.result in (Result.UPDATED, Result.CREATED):
                self.shown[key] = answer.consent_at
                self._restore(key, self.told[key], self.wanted[key])
            elif answer.result is not Result.THROTTLED:
                self.left.setdefault(answer.id, answer.code or REFUSED)

    def _restore(self, key: Key, entry: ConsentEntry, undone: Undone) -> None:
        self.wanted[key] = undone
        self.restored[key] = replace(entry, at=self.flow.now())

    def record(self) -> Carried:
        """Put down what was restored, and count."""
        memory = self.flow.memory
        restored = {key[0] for key in self.restored}
        memory.consents.record(list(self.restored.values()))
        known = memory.ledger.read(self.flow.link, Kind.CUSTOMERS, sorted(restored)) if restored else {}
        entries = [self._remembered(entry) for entry in known.values()]
        if entries:
            memory.ledger.record(self.flow.link, Kind.CUSTOMERS, entries)
        memory.activities.record([self._act(entry) for entry in self.restored.values()])
        carried = Carried(Counts(updated=len(restored)))
        for id in self.batch.ids:
            if id not in restored:
                carried.counts += Counts(skipped=1)
                carried.skipped_why[self.left.get(id, GONE)] += 1
        return carried

    def _remembered(self, entry: Entry) -> Entry:
        """The ledger's line: nothing that was written on the strength of older acts is written again."""
        at = self.flow.now()
        for side, direction in ((Side.STORE, TO_STORE), (Side.AUDIENCE, TO_AUDIENCE)):
            key = (entry.source_id, direction)
            if key not in self.restored:
                continue
            undone, person, shown = self.wanted[key], self.people.get(entry.source_id), self.shown.get(key)
            entry = replace(entry, consent=copied(str(agreed_after(undone, side, at)), side, shown))
            if undone.consent and person:
                seen = dated(written_back(person, self.flow.salt, undone.consent), shown)
                entry = replace(entry, hash=seen)
        return entry

    def _act(self, entry: ConsentEntry) -> Act:
        action, what = (
            ("status_written", "status") if entry.direction == TO_AUDIENCE else ("consent_written", "consent")
        )
        return Act(
            Kind.CUSTOMERS,
            entry.customer,
            self.flow.link,
            entry.direction,
            action,
            field=what,
            before=entry.before,
            after=entry.after,
            reason=UNDO,
            run=self.run.id,
        )


def undo_batch(flow: Flow, batch: Batch) -> Carried:
    """Undo what a run wrote of these customers, on fresh reads of both ends; twice changes nothing."""
    run = batch.run
    if run is None:
        raise ValueError("an undo is a run")
    entries = flow.memory.consents.of_customers(str(run.settings[UNDOES]), batch.ids)
    ids = sorted({entry.contact for entry in entries if entry.contact})
    read = flow.audience.connector.pull(Kind.CONTACTS, ids).objects if ids else ()
    pulled = flow.shop.connector.pull(Kind.CUSTOMERS, batch.ids).objects
    contacts = {contact.id: contact for contact in read if isinstance(contact, Contact)}
    people = {person.id: person for person in pulled if isinstance(person, Customer)}
    undoing = Undoing(flow, batch, run, contacts, people)
    for entry in entries:
        undoing.judge(entry)
    undoing.push()
    return undoing.record()


def _nameless(customer: str, contact: Contact) -> Customer:
    return Customer(customer, contact.email, Consent(ConsentState.NONE))


def _status(entry: ConsentEntry) -> AudienceStatus | None:
    return AudienceStatus(entry.after) if entry.direction == TO_AUDIENCE else None


def _consent(entry: ConsentEntry) -> ConsentState | None:
    return ConsentState(entry.after) if entry.direction == TO_STORE else None


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _text(instant: datetime | None) -> str:
    return instant.isoformat() if instant else ""
