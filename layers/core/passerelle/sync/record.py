"""What a batch leaves behind: ledger entries, counts, incidents and activity, gathered and written together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from passerelle.memory import Act, Counts, Entry, EntryState, Incident, Run
from passerelle.model import Kind, Severity
from passerelle.port import Action, Change, ConsentChange, Outcome, Result, Unreadable
from passerelle.rules.severity import meaning
from passerelle.sync import counterparts, lines
from passerelle.sync.carried import Carried
from passerelle.sync.copies import told_by_audience, told_by_store
from passerelle.sync.decision import Decision, Trouble
from passerelle.sync.flow import Flow
from passerelle.sync.written import Written

NONE: Mapping[str, Outcome] = {}
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
    written: Written
    carried: Carried = field(default_factory=Carried)
    entries: dict[str, Entry] = field(default_factory=dict)
    incidents: list[Incident] = field(default_factory=list)
    resolved: list[str] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)
    others: dict[Kind, list[Entry]] = field(default_factory=dict)
    """Entries of other kinds than the flow's own."""

    def unreadable(self, found: Unreadable) -> None:
        """The store gave something that makes no sense: quarantined, with an incident."""
        self._fail(found.id, "unreadable", found.why, found.remedy)

    def missing(self, id: str) -> None:
        """It was there when the plan was made and is not any more."""
        self._skip(id, "gone_since_planned")
        known = self.known.get(id)
        if known and known.state is EntryState.MAPPED and self.run:
            # It was listed all the same: a shop may list for ever what can no longer be read.
            self.entries[id] = replace(known, missing_since=self.run.id)

    def passed_over(self, ids: Sequence[str], why: str) -> None:
        """Skipped without leaving a line anywhere."""
        self._count(Counts(skipped=len(ids)))
        if ids:
            self.carried.skipped_why[why] += len(ids)

    def restless(self, id: str) -> None:
        """It appeared and disappeared at the destination as often as we looked."""
        self._fail(id, "restless", "the destination says that it exists, and then that it does not", "")

    def quarantine(self, id: str, why: str) -> None:
        """It fails alone, whatever the size of the batch (B-4)."""
        self._fail(id, "quarantined", why, "")

    def decided(
        self,
        decisions: Sequence[Decision],
        outcomes: Mapping[str, Outcome],
        consents: Mapping[str, Outcome] = NONE,
    ) -> None:
        """Take in what was decided, what the destination answered, and what the store answered to consents."""
        for decision in decisions:
            outcome = outcomes.get(decision.id)
            if outcome is None:
                self._without_answer(decision, consents)
            elif outcome.result is not Result.EXISTS:
                self._answered(decision, outcome)
            if outcome is None or outcome.result not in (Result.EXISTS, Result.REFUSED):
                self._consents(decision, consents)
            self.written.answered(decision, outcome, consents)

    def claim(self, changes: Sequence[Change]) -> None:
        """Before a create is sent for a live event: say in the ledger that it may be there."""
        claims = [
            Entry(change.id, EntryState.CLAIMED, at=self.flow.now())
            for change in changes
            if change.action is Action.CREATE and change.id not in self.known
        ]
        if claims:
            self.flow.memory.ledger.record(self.flow.link, self.flow.kind, claims)

    def write(self) -> None:
        """Put everything down; nothing is written where nothing happened (B-8)."""
        memory = self.flow.memory
        # First: as long as the ledger knows nothing, whoever takes this up will look again.
        self.written.write()
        if self.flow.is_catalogue and self.flow.kind is Kind.PRODUCTS:
            self.others[Kind.MATCHED] = counterparts.moved(self.flow, self.known, self.entries)
        # A product whose own line says that it is written is not looked at again: its variants' lines come before it.
        for kind in (Kind.VARIANTS, Kind.MATCHED):
            if told := self.others.pop(kind, []):
                memory.ledger.record(self.flow.link, kind, told)
        if self.entries:
            memory.ledger.record(self.flow.link, self.flow.kind, list(self.entries.values()))
        for kind, entries in self.others.items():
            memory.ledger.record(self.flow.link, kind, entries)
        if self.incidents:
            memory.incidents.open(self.incidents)
        if self.resolved:
            memory.incidents.resolve(self.resolved)
        if self.acts:
            memory.activities.record(self.acts)

    # --- one object ------------------------------------------------------------------------------------

    def _consents(self, decision: Decision, answers: Mapping[str, Outcome]) -> None:
        """What the store answered to the consents of one object; a refusal is not remembered as agreed."""
        for change in decision.consents:
            answer = answers.get(change.id)
            if answer and answer.result is Result.REFUSED:
                self._consent_refused(answer)
            elif answer:
                self._consent_written(decision, change, answer)
        waiting = {change.id for change in decision.consents}
        for kind, entry in decision.remember:
            answer = answers.get(entry.source_id) if kind is Kind.CUSTOMERS else None
            if entry.source_id not in waiting or (answer and answer.result is not Result.REFUSED):
                told = told_by_store(entry, answer) if answer else entry
                self.others.setdefault(kind, []).append(told)

    def _consent_written(self, decision: Decision, change: ConsentChange, answer: Outcome) -> None:
        if not self.flow.back and (mine := self.entries.get(change.id)):
            self.entries[change.id] = told_by_store(mine, answer)
        self.acts.append(
            Act(
                Kind.CUSTOMERS,
                change.id,
                self.flow.link,
                "to_source",
                "consent_written",
                field="consent",
                before=decision.at_store,
                after=change.consent.state,
                reason=decision.rule,
                run=self.run.id if self.run else "",
            )
        )

    def _consent_refused(self, answer: Outcome) -> None:
        if self.flow.back:
            return  # counted and told as the fate of the contact
        code = answer.code or "consent_refused"
        self._incident(answer.id, code, answer.why, answer.remedy)
        entry, before = self.entries.get(answer.id), self.known.get(answer.id)
        if entry:
            # What the store can never hold is settled; anything else is tried again by the next run.
            for_good = meaning(code).severity is Severity.INFO
            digest = entry.hash if for_good else ""
            self.entries[answer.id] = replace(entry, consent=before.consent if before else "", hash=digest)

    def _at_store(self, decision: Decision, answers: Mapping[str, Outcome]) -> None:
        """A contact whose consequence is a consent at the store."""
        given = [answers[change.id] for change in decision.consents if change.id in answers]
        refused = next((answer for answer in given if answer.result is Result.REFUSED), None)
        if refused:
            self._refused(decision, refused)
        elif given:
            self._count(RESULT_COUNTS[Result.UPDATED])
            done = Outcome(decision.id, Result.UPDATED, decision.destination_id)
            self.entries[decision.id] = self._entry(decision, EntryState.MAPPED, done)
        else:
            self._skip(decision.id, "consent_not_kept", decision)

    def _without_answer(self, decision: Decision, consents: Mapping[str, Outcome]) -> None:
        dry = self.run is not None and self.run.dry_run
        if decision.quarantine:
            self._quarantined(decision, decision.quarantine)
        elif decision.skip:
            self._skip(decision.id, decision.skip, decision)
        elif decision.refused:
            self._count(Counts(failed=1))
            self._incident(decision.id, "refused_before", decision.refused, "")
        elif decision.change or (dry and decision.consents):
            self._would(decision)
        elif self.flow.back and decision.consents:
            self._at_store(decision, consents)
        else:
            self._unchanged(decision, written=_any_written(decision, consents))

    def _would(self, decision: Decision) -> None:
        """A dry run: what would have been written (B-18)."""
        action = decision.change.action if decision.change else Action.UPDATE
        created = action is Action.CREATE
        self._count(Counts(created=1) if created else Counts(updated=1))
        self.carried.differences.append(
            {
                "id": decision.id,
                "action": action.value,
                "status_before": decision.before,
                "status_after": decision.after,
                "rule": decision.rule,
                "consent_before": decision.at_store if decision.consents else "",
                "consent_after": next((each.consent.state.value for each in decision.consents), ""),
            }
        )

    def _unchanged(self, decision: Decision, *, written: bool = False) -> None:
        """Nothing of it was written at the destination; `written`: its consent was, at the store."""
        entry = self.known.get(decision.id)
        mine = entry is not None and self.run is not None and entry.run == self.run.id
        # A repeated batch finds what its first try wrote: it counts as what it was then.
        result = Result(entry.result) if mine and entry and entry.result else Result.UNCHANGED
        result = Result.UPDATED if written else result
        self._count(RESULT_COUNTS.get(result) or RESULT_COUNTS[Result.UNCHANGED])
        seen = self._seen(decision, entry)
        if written and self.run:
            seen = replace(seen, run=self.run.id, result=result.value)
        if seen is not entry:
            self.entries[decision.id] = seen

    def _seen(self, decision: Decision, entry: Entry | None) -> Entry:
        """The entry as it reads after a look that found nothing to write; the very same one if nothing of it moved."""
        stands_for = decision.destination_id or (entry.destination_id if entry else "")
        now = (decision.state, stands_for, decision.hash, _agreed(decision, entry), "", decision.parts)
        if entry and now == lines.looks(entry):
            return entry
        held = entry or Entry(decision.id, EntryState.MAPPED, at=self.flow.now())
        state, destination, digest, consent, missing, parts = now
        return replace(
            held,
            state=state,
            destination_id=destination,
            hash=digest,
            consent=consent,
            missing_since=missing,
            parts=parts,
        )

    def _answered(self, decision: Decision, outcome: Outcome) -> None:
        if outcome.result is Result.REFUSED:
            self._refused(decision, outcome)
            return
        before = self.known.get(decision.id)
        entry = self._entry(decision, decision.state, outcome)
        if outcome.result is not Result.UNCHANGED or not lines.same(before, entry):
            self.entries[decision.id] = entry
        if decision.quarantine:
            self._quarantined(decision, decision.quarantine)
        else:
            self._count(RESULT_COUNTS[outcome.result])
        if before and before.reason:
            self.resolved.append(self._cause(decision.id))
        # What a run creates is told by its ledger line; a line of activity for each would double the cost of a sync.
        if self.run is None or (decision.after and outcome.result is Result.UPDATED):
            action = "status_written" if decision.after else outcome.result.value
            told = (decision.before, decision.after, decision.rule or outcome.why)
            self.acts.append(lines.act(self.flow, self.run, decision.id, action, *told))
        self._riding(decision, outcome)

    def _riding(self, decision: Decision, outcome: Outcome) -> None:
        """What rode along with a contact (A-17, A-18): a line of activity each, an incident where somebody has to act."""
        for beside in outcome.beside:
            told = meaning(beside.code)
            if told.severity is Severity.ERROR:
                self._incident(decision.id, beside.code, beside.why, "", beside.field)
            elif beside.field != "merge_fields":
                self.resolved.append(f"{self._cause(decision.id)}:{beside.field}")
            self.acts.append(
                Act(
                    self.flow.kind,
                    decision.id,
                    self.flow.link,
                    "to_destination",
                    beside.code,
                    field=beside.field,
                    after=beside.after,
                    reason=beside.why,
                    run=self.run.id if self.run else "",
                )
            )

    def _quarantined(self, decision: Decision, trouble: Trouble) -> None:
        """Something of it waits for a person; without a hash each run tries again. What was written stays written."""
        self._count(Counts(failed=1))
        self._incident(decision.id, trouble.code, trouble.why, trouble.remedy)
        known = self.known.get(decision.id)
        held = self.entries.get(decision.id) or known or Entry(decision.id, EntryState.REFUSED)
        if decision.destination_id:
            held = replace(
                held, state=decision.state, destination_id=decision.destination_id, parts=decision.parts
            )
        failed = replace(held, hash="", reason=trouble.why)
        if failed != known:
            self.entries[decision.id] = replace(failed, at=self.flow.now())

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
            self.acts.append(lines.act(self.flow, None, decision.id, "refused", reason=outcome.why))

    def _entry(self, decision: Decision, state: EntryState, outcome: Outcome) -> Entry:
        known = self.known.get(decision.id)
        return Entry(
            decision.id,
            state,
            destination_id=lines.stands_for(outcome, known),
            hash=decision.hash,
            version=self.versions.get(decision.id, ""),
            run=self.run.id if self.run else "",
            result=outcome.result.value,
            reason=outcome.why,
            consent=told_by_audience(decision, _agreed(decision, known), outcome),
            at=self.flow.now(),
            parts=self._parts(decision, outcome),
        )

    def _parts(self, decision: Decision, outcome: Outcome) -> tuple[str, ...]:
        """The variants of a product that have a counterpart now; those that are new to us are remembered."""
        held = set(decision.parts)
        new = {main: there for main, there in outcome.variants.items() if main not in held}
        if new:
            found = counterparts.entries(self.flow, outcome.destination_id, new)
            self.others.setdefault(Kind.VARIANTS, []).extend(found)
        return (*decision.parts, *new)

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
        return lines.cause_of(self.flow, id)

    def _incident(self, id: str, code: str, why: str, remedy: str, beside: str = "") -> None:
        self.incidents.append(lines.incident(self.flow, self.run, id, code, why, remedy, beside))


def _any_written(decision: Decision, answers: Mapping[str, Outcome]) -> bool:
    given = [answers[each.id] for each in decision.consents if each.id in answers]
    return any(answer.result is not Result.REFUSED for answer in given)


def _agreed(decision: Decision, known: Entry | None) -> str:
    """What both sides agree on from now on; where nothing new is, what they agreed on before."""
    return decision.agreed or ("" if decision.afresh or known is None else known.consent)
