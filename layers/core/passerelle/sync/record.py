"""What a batch leaves behind: ledger entries, counts, incidents and activity, gathered and written together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from passerelle.memory import Act, Counts, Entry, EntryState, Incident, Run
from passerelle.model import Severity
from passerelle.port import Action, Change, Outcome, Result, Unreadable
from passerelle.rules.severity import describe, meaning
from passerelle.sync.carried import Carried
from passerelle.sync.decision import Decision
from passerelle.sync.flow import Flow

RESULT_COUNTS = {
    Result.CREATED: Counts(created=1),
    Result.UPDATED: Counts(updated=1),
    Result.DELETED: Counts(updated=1),
    Result.UNCHANGED: Counts(unchanged=1),
    Result.REFUSED: Counts(failed=1),
}


@dataclass(slots=True)
class Recorder:
    """Gathers what became of each object of one batch; `write` puts it down."""

    flow: Flow
    run: Run | None
    known: Mapping[str, Entry]
    versions: Mapping[str, str]
    carried: Carried = field(default_factory=Carried)
    entries: dict[str, Entry] = field(default_factory=dict)
    incidents: list[Incident] = field(default_factory=list)
    resolved: list[str] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)

    def unreadable(self, found: Unreadable) -> None:
        """The store gave something that makes no sense: quarantined, with an incident."""
        self._fail(found.id, "unreadable", found.why, found.remedy)

    def missing(self, id: str) -> None:
        """It was there when the plan was made and is not any more."""
        self._skip(id, "gone_since_planned")

    def restless(self, id: str) -> None:
        """It appeared and disappeared at the destination as often as we looked."""
        self._fail(id, "restless", "the destination says that it exists, and then that it does not", "")

    def quarantine(self, id: str, why: str) -> None:
        """It fails alone, whatever the size of the batch (B-4)."""
        self._fail(id, "quarantined", why, "")

    def decided(self, decisions: Sequence[Decision], outcomes: Mapping[str, Outcome]) -> None:
        """Take in what was decided and what the destination answered."""
        for decision in decisions:
            outcome = outcomes.get(decision.id)
            if outcome is None:
                self._without_answer(decision)
            elif outcome.result is not Result.EXISTS:
                self._answered(decision, outcome)

    def claim(self, changes: Sequence[Change]) -> None:
        """Before a create is sent for a live event: say in the ledger that it may be there."""
        claims = [
            Entry(change.id, EntryState.CLAIMED, at=self.flow.now())
            for change in changes
            if change.action is Action.CREATE and change.id not in self.known
        ]
        if claims:
            self.flow.memory.ledger.record(self.flow.link, self.flow.kind, claims)

    def consent_written(self, outcome: Outcome) -> None:
        """What the store answered to a consent."""
        if outcome.result is Result.REFUSED:
            self._incident(outcome.id, outcome.code or "consent_refused", outcome.why, outcome.remedy)
            entry = self.entries.get(outcome.id)
            if entry:
                before = self.known.get(outcome.id)
                self.entries[outcome.id] = replace(entry, consent=before.consent if before else "", hash="")
        else:
            self._act(outcome.id, "consent_written", direction="to_source")

    def write(self) -> None:
        """Put everything down; nothing is written where nothing happened (B-8)."""
        memory = self.flow.memory
        if self.entries:
            memory.ledger.record(self.flow.link, self.flow.kind, list(self.entries.values()))
        if self.incidents:
            memory.incidents.open(self.incidents)
        if self.resolved:
            memory.incidents.resolve(self.resolved)
        if self.acts:
            memory.activities.record(self.acts)

    # --- one object ------------------------------------------------------------------------------------

    def _without_answer(self, decision: Decision) -> None:
        if decision.skip:
            self._skip(decision.id, decision.skip, decision)
        elif decision.refused:
            self._count(Counts(failed=1))
            self._incident(decision.id, "refused_before", decision.refused, "")
        elif decision.change:
            self._would(decision)
        else:
            self._unchanged(decision)

    def _would(self, decision: Decision) -> None:
        """A dry run: what would have been written (B-18)."""
        change = decision.change
        if change is None:
            return
        created = change.action is Action.CREATE
        self._count(Counts(created=1) if created else Counts(updated=1))
        self.carried.differences.append(
            {
                "id": decision.id,
                "action": change.action.value,
                "status_before": decision.before,
                "status_after": decision.after,
                "rule": decision.rule,
            }
        )

    def _unchanged(self, decision: Decision) -> None:
        entry = self.known.get(decision.id)
        mine = entry is not None and self.run is not None and entry.run == self.run.id
        # A repeated batch finds what its first try wrote: it counts as what it was then.
        result = Result(entry.result) if mine and entry and entry.result else Result.UNCHANGED
        self._count(RESULT_COUNTS.get(result) or RESULT_COUNTS[Result.UNCHANGED])
        agreed = decision.agreed or (entry.consent if entry else "")
        if entry and (entry.state, entry.hash, entry.consent, entry.missing_since) == (
            EntryState.MAPPED,
            decision.hash,
            agreed,
            "",
        ):
            return
        held = entry or Entry(decision.id, EntryState.MAPPED, at=self.flow.now())
        seen = replace(held, state=EntryState.MAPPED, hash=decision.hash, consent=agreed, missing_since="")
        if seen != entry:
            self.entries[decision.id] = seen

    def _answered(self, decision: Decision, outcome: Outcome) -> None:
        if outcome.result is Result.REFUSED:
            self._refused(decision, outcome)
            return
        self._count(RESULT_COUNTS[outcome.result])
        self.entries[decision.id] = self._entry(decision, EntryState.MAPPED, outcome)
        before = self.known.get(decision.id)
        if before and before.reason:
            self.resolved.append(self._cause(decision.id))
        if decision.after or self.run is None:
            self._act(
                decision.id,
                "status_written" if decision.after else outcome.result.value,
                before=decision.before,
                after=decision.after,
                reason=decision.rule or outcome.why,
            )

    def _refused(self, decision: Decision, outcome: Outcome) -> None:
        """A refusal that asks nothing of anybody is a skip with its reason; any other is a failure with an incident."""
        code = outcome.code or "rejected"
        if meaning(code).severity is Severity.INFO:
            self._skip(decision.id, code)
            entry = self._entry(decision, EntryState.SKIPPED, outcome)
            self.entries[decision.id] = replace(entry, reason=code)
        else:
            self._count(RESULT_COUNTS[Result.REFUSED])
            self._incident(decision.id, code, outcome.why, outcome.remedy)
            self.entries[decision.id] = self._entry(decision, EntryState.REFUSED, outcome)
        if self.run is None:
            self._act(decision.id, "refused", reason=outcome.why)

    def _entry(self, decision: Decision, state: EntryState, outcome: Outcome) -> Entry:
        known = self.known.get(decision.id)
        return Entry(
            decision.id,
            state,
            destination_id=outcome.destination_id or (known.destination_id if known else ""),
            hash=decision.hash,
            version=self.versions.get(decision.id, ""),
            run=self.run.id if self.run else "",
            result=outcome.result.value,
            reason=outcome.why,
            consent=decision.agreed or (known.consent if known else ""),
            at=self.flow.now(),
        )

    def _skip(self, id: str, why: str, decision: Decision | None = None) -> None:
        self._count(Counts(skipped=1))
        self.carried.skipped_why[why] += 1
        known = self.known.get(id) or Entry(id, EntryState.SKIPPED)
        digest = decision.hash if decision else known.hash
        result = known.result if why == known.reason else ""
        skipped = replace(known, hash=digest, reason=why, result=result)
        if known.state is EntryState.SKIPPED and skipped != self.known.get(id):
            run = self.run.id if self.run else ""
            self.entries[id] = replace(skipped, run=run, at=self.flow.now())

    def _fail(self, id: str, code: str, why: str, remedy: str) -> None:
        self._count(Counts(failed=1))
        self._incident(id, code, why, remedy)
        known = self.known.get(id) or Entry(id, EntryState.CLAIMED)
        state = EntryState.MAPPED if known.state is EntryState.MAPPED else EntryState.REFUSED
        # Without a hash the next run tries it again; it stays as it is while nothing about the failure changes.
        failed = replace(known, state=state, hash="", reason=why)
        if failed != known:
            self.entries[id] = replace(failed, at=self.flow.now())

    def _count(self, counts: Counts) -> None:
        self.carried.counts += counts

    def _cause(self, id: str) -> str:
        return f"{self.flow.link}:{self.flow.kind}:{id}"

    def _incident(self, id: str, code: str, why: str, remedy: str) -> None:
        told = describe(code, kind=self.flow.kind, object_id=id, why=why, remedy=remedy)
        self.incidents.append(
            Incident(
                cause=self._cause(id),
                severity=told.severity,
                title=told.title,
                remedy=told.remedy,
                link=self.flow.link,
                kind=self.flow.kind,
                object_id=id,
                run=self.run.id if self.run else "",
            )
        )

    def _act(
        self,
        id: str,
        action: str,
        direction: str = "to_destination",
        before: str = "",
        after: str = "",
        reason: str = "",
    ) -> None:
        self.acts.append(
            Act(
                self.flow.kind,
                id,
                self.flow.link,
                direction,
                action,
                field="status" if after else "",
                before=before,
                after=after,
                reason=reason,
                run=self.run.id if self.run else "",
            )
        )
