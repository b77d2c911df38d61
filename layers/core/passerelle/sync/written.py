"""What a batch writes of consent: said before it is sent, kept in the ledger of consent once it was accepted (A-13)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import orjson

from passerelle.memory import TO_AUDIENCE, TO_STORE, ConsentEntry, Run
from passerelle.model import AudienceStatus
from passerelle.model.thawing import thaw
from passerelle.port import Outcome, Result
from passerelle.rules.evidence import evidence
from passerelle.rules.situation import Situation
from passerelle.sync.decision import Decision
from passerelle.sync.flow import Flow

type Key = tuple[str, str]
"""Customer and direction."""
type Intents = Mapping[Key, ConsentEntry]

NOTHING: Intents = {}
COMPLIANCE = "member_in_compliance_state"
"""The code of an answer that made a contact pending instead of subscribed (A-8)."""


def packed(intents: Intents) -> bytes:
    """Intents as a document."""
    return orjson.dumps(list(intents.values()))


def unpacked(document: bytes | None) -> dict[Key, ConsentEntry]:
    """Intents from a document; none where there is no document."""
    found = [thaw(ConsentEntry, each) for each in orjson.loads(document)] if document else []
    return {key_of(each): each for each in found}


def document_of(number: int) -> str:
    """Where a run keeps what the workers of a slice said they would send."""
    return f"intended/{number:05d}"


def creates(said: Iterable[ConsentEntry]) -> frozenset[str]:
    """The customers whose contact was about to be made: what was there before is nothing of ours."""
    absent = AudienceStatus.ABSENT.value
    return frozenset(
        each.customer for each in said if each.direction == TO_AUDIENCE and each.before == absent
    )


def key_of(entry: ConsentEntry) -> Key:
    """What tells the entries of one run apart."""
    return entry.customer, entry.direction


@dataclass(slots=True)
class Written:
    """The consent writes of one batch. `left`: what an earlier try may have sent without hearing the answer."""

    flow: Flow
    run: Run | None
    left: Intents = field(default_factory=dict)
    accepted: dict[Key, ConsentEntry] = field(default_factory=dict)
    sent: dict[Key, ConsentEntry] = field(default_factory=dict)
    """As it was said before it was sent: the entry keeps that instant, so that a second try writes the same one."""
    _owned: dict[str, list[ConsentEntry]] = field(default_factory=dict)

    def intents(self, decisions: Sequence[Decision]) -> list[ConsentEntry]:
        """Everything that these decisions would write."""
        found = [entry for decision in decisions for entry in self._of(decision)]
        self.sent |= {key_of(entry): entry for entry in found}
        return found

    def answered(self, decision: Decision, outcome: Outcome | None, consents: Mapping[str, Outcome]) -> None:
        """Take in what both ends answered to one decision."""
        for wanted in self._of(decision):
            entry = self.sent.get(key_of(wanted), wanted)
            by_push = entry.direction == TO_AUDIENCE or _newcomer(entry)
            answer = outcome if by_push else consents.get(entry.customer)
            if answer is None or answer.result not in (Result.CREATED, Result.UPDATED):
                continue
            if _newcomer(entry):
                self._keep(entry, customer=answer.destination_id)
                continue
            pending = answer.code == COMPLIANCE and entry.direction == TO_AUDIENCE
            after = AudienceStatus.PENDING.value if pending else entry.after
            contact = entry.contact or (outcome.destination_id if outcome else "")
            self._keep(entry, after=after, contact=contact)
        if outcome is None or outcome.result is not Result.EXISTS:
            self._take_up(decision)

    def _take_up(self, decision: Decision) -> None:
        """What an earlier try sent has arrived if it is as it was wanted, and nothing is wanted any more."""
        situation = decision.situation
        if situation is None or not self.left:
            return
        for entry in self._left_of(decision):
            if key_of(entry) in self.accepted:
                continue
            seen = situation.audience if entry.direction == TO_AUDIENCE else situation.store.state
            confirming = seen is AudienceStatus.PENDING and entry.after == AudienceStatus.SUBSCRIBED
            if seen == entry.after or confirming:
                customer = decision.destination_id if _newcomer(entry) else entry.customer
                contact = entry.contact or decision.contact
                self._keep(entry, after=seen.value, customer=customer, contact=contact)

    def _left_of(self, decision: Decision) -> list[ConsentEntry]:
        """What an earlier try said of this decision's object: of a contact, the consents of all its customers."""
        if not self._owned:
            for entry in self.left.values():
                owner = entry.contact if self.flow.back else entry.customer
                self._owned.setdefault(owner, []).append(entry)
        return self._owned.get(decision.id, [])

    def _keep(self, entry: ConsentEntry, **changes: str) -> None:
        kept = replace(entry, at=self.flow.now(), **changes)  # type: ignore[arg-type]  # replace is not typed by field
        self.accepted[key_of(kept)] = kept

    def write(self) -> None:
        """Put down what was accepted."""
        if self.accepted:
            self.flow.memory.consents.record(list(self.accepted.values()))

    def _of(self, decision: Decision) -> list[ConsentEntry]:
        situation, change = decision.situation, decision.change
        if situation is None or not (change or decision.consents):
            return []
        held = decision.at_store or situation.store.state.value
        found: list[ConsentEntry] = []
        if self.flow.back and change:
            # Who is made a customer has no id at the store yet: the contact's stands for it.
            found = [self._entry(decision, situation, decision.id, TO_STORE, held, decision.after)]
        elif change and change.status:
            seen, after = situation.audience.value, change.status.value
            found = [self._entry(decision, situation, decision.id, TO_AUDIENCE, seen, after)]
        return found + [
            self._entry(decision, situation, consent.id, TO_STORE, held, consent.consent.state.value)
            for consent in decision.consents
        ]

    def _entry(
        self,
        decision: Decision,
        situation: Situation,
        customer: str,
        direction: str,
        before: str,
        after: str,
    ) -> ConsentEntry:
        now = self.flow.now()
        return ConsentEntry(
            customer,
            decision.contact,
            self.flow.link,
            direction,
            decision.rule,
            before,
            after,
            now,
            now,
            self.run.id if self.run else "",
            decision.reason,
            evidence(situation),
        )


def _newcomer(entry: ConsentEntry) -> bool:
    """Whether it is of somebody who was not at the store before (A-20)."""
    return entry.customer == entry.contact
