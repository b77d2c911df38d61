"""What a batch writes of consent: said before it is sent, kept in the ledger of consent once it was accepted (A-13)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import orjson
from pydantic import TypeAdapter

from passerelle.memory import TO_AUDIENCE, TO_STORE, ConsentEntry, Run
from passerelle.model import AudienceStatus
from passerelle.port import Outcome, Result
from passerelle.rules.evidence import evidence
from passerelle.sync.decision import Decision
from passerelle.sync.flow import Flow

type Key = tuple[str, str]
"""Customer and direction."""
type Intents = Mapping[Key, ConsentEntry]

NOTHING: Intents = {}
COMPLIANCE = "member_in_compliance_state"
"""The code of an answer that made a contact pending instead of subscribed (A-8)."""
_adapter = TypeAdapter(list[ConsentEntry])


def packed(intents: Intents) -> bytes:
    """Intents as a document."""
    return orjson.dumps(list(intents.values()))


def unpacked(document: bytes | None) -> dict[Key, ConsentEntry]:
    """Intents from a document; none where there is no document."""
    return {key_of(each): each for each in _adapter.validate_json(document)} if document else {}


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

    def intents(self, decisions: Sequence[Decision]) -> list[ConsentEntry]:
        """Everything that these decisions would write."""
        return [entry for decision in decisions for entry in self._of(decision)]

    def answered(self, decision: Decision, outcome: Outcome | None, consents: Mapping[str, Outcome]) -> None:
        """Take in what both ends answered to one decision."""
        for entry in self._of(decision):
            answer = outcome if entry.direction == TO_AUDIENCE else consents.get(entry.customer)
            if answer is None or answer.result not in (Result.CREATED, Result.UPDATED):
                continue
            pending = answer.code == COMPLIANCE and entry.direction == TO_AUDIENCE
            after = AudienceStatus.PENDING.value if pending else entry.after
            contact = entry.contact or (outcome.destination_id if outcome else "")
            self._keep(replace(entry, after=after, contact=contact))
        if outcome is None or outcome.result is not Result.EXISTS:
            self._take_up(decision)

    def _take_up(self, decision: Decision) -> None:
        """What an earlier try sent has arrived if it is as it was wanted, and nothing is wanted any more."""
        situation = decision.situation
        if situation is None or not self.left:
            return
        for direction, state in (
            (TO_AUDIENCE, situation.audience.value),
            (TO_STORE, situation.store.state.value),
        ):
            entry = self.left.get((decision.id, direction))
            if entry is None or key_of(entry) in self.accepted:
                continue
            confirming = state == AudienceStatus.PENDING and entry.after == AudienceStatus.SUBSCRIBED
            if state == entry.after or (direction == TO_AUDIENCE and confirming):
                self._keep(replace(entry, after=state, contact=entry.contact or decision.contact))

    def _keep(self, entry: ConsentEntry) -> None:
        self.accepted[key_of(entry)] = replace(entry, at=self.flow.now())

    def write(self) -> None:
        """Put down what was accepted."""
        if self.accepted:
            self.flow.memory.consents.record(list(self.accepted.values()))

    def _of(self, decision: Decision) -> list[ConsentEntry]:
        situation = decision.situation
        if situation is None:
            return []
        now = self.flow.now()
        told = ConsentEntry(
            decision.id,
            decision.contact,
            self.flow.link,
            TO_AUDIENCE,
            decision.rule,
            situation.audience.value,
            "",
            now,
            now,
            run=self.run.id if self.run else "",
            reason=decision.reason,
        )
        change = decision.change
        found = [replace(told, after=change.status.value)] if change and change.status else []
        at_store = replace(told, direction=TO_STORE, before=decision.at_store or situation.store.state.value)
        found += [
            replace(at_store, customer=consent.id, after=consent.consent.state.value)
            for consent in decision.consents
        ]
        return [replace(entry, evidence=evidence(situation)) for entry in found] if found else found
