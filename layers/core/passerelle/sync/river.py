"""The river of one tenant: every way in, from a button to a webhook, and the steps of the machine."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import orjson

from passerelle.memory import Dirty, Mode, Run, Scope
from passerelle.model import Kind
from passerelle.port import Notice, Selection
from passerelle.rules.preferences import Gone
from passerelle.rules.selection import sweep_due
from passerelle.sync import approval
from passerelle.sync import preflight as forecasting
from passerelle.sync.aside import Raise, all_kept
from passerelle.sync.carry import carry
from passerelle.sync.ending import PLANNED_FROM_LEDGER, POLICY, RETIRE
from passerelle.sync.feeds import LINKS, FeedSpec, spec_of
from passerelle.sync.flow import Flow, Memory
from passerelle.sync.follow import follow
from passerelle.sync.plan import plan
from passerelle.sync.preflight import Preflight
from passerelle.sync.request import Busy, LinkEnded, NotYet, Request, SwitchedOff, begin, skip
from passerelle.sync.settle import settle
from passerelle.sync.undoing import UNDO, UNDOES
from passerelle.sync.watch import watch

CHOSEN_ORDERS = "orders"
"""The document of a sync-all that says which orders it carries."""


ENDED = "ended"
"""How a message ends that came late: its link is disconnected."""


class Machines(Protocol):
    """Starting the state machines."""

    def sync(self, run: str, again: str = "") -> None:
        """The sync machine for a run; twice changes nothing. `again` names a second execution of the same run."""

    def sync_all(self, sync_all: str, first: list[dict[str, Any]], then: list[dict[str, Any]]) -> None:
        """The machine over the sync machine."""


@dataclass(frozen=True, slots=True)
class River:
    """What the API, the clock and the webhooks call. `flow(feed)` raises KeyError for a feed that is not there."""

    tenant: str
    memory: Memory
    machines: Machines
    flow: Callable[[str], Flow]
    feeds_from: Callable[[str, Kind], Sequence[str]]
    """The feeds that carry a kind from a store."""
    new_id: Callable[[str], str]
    tell: Callable[[Mapping[str, object]], None] = lambda _figures: None
    """Told the figures of a step for the log."""

    # --- asked for by a person or an app -----------------------------------------------------------------

    def start(
        self,
        feed: str,
        mode: Mode = Mode.ALL,
        scope: Scope = Scope.FULL,
        dry_run: bool = False,
        trigger: str = "manual",
        settings: Mapping[str, object] | None = None,
        parent: str = "",
    ) -> Run:
        """Start a run, or answer the one that is going on in the same way. Raises Busy, NotYet, KeyError."""
        wanted = Request(mode, scope, dry_run, trigger, parent, settings=settings or {})
        return self._start(feed, wanted)

    def _start(self, feed: str, wanted: Request) -> Run:
        run_id = self.new_id("run")
        flow = self.flow(feed)
        if flow.back and flow.initial:
            raise NotYet
        if _silent(flow):
            raise SwitchedOff
        if flow.ended and wanted.trigger not in PLANNED_FROM_LEDGER:
            raise LinkEnded
        run = begin(flow, run_id, wanted)
        if run.id != run_id:
            if (run.mode, run.dry_run) != (wanted.mode, wanted.dry_run):
                raise Busy(run)
            return run
        self.machines.sync(run.id)
        return run

    def sync_all(
        self,
        link: str,
        mode: Mode = Mode.ALL,
        *,
        orders: bool = True,
        carts: bool = True,
        settings: Mapping[str, object] | None = None,
    ) -> tuple[str, list[str]]:
        """Products and customers first, then orders and carts (B-2); answers its id, the runs' parent, and its feeds.

        `settings` choose the orders: period and statuses.
        """
        id = self.new_id("syn")
        left_out = {Kind.ORDERS: not orders, Kind.CARTS: not carts}
        steps: dict[bool, list[dict[str, Any]]] = {True: [], False: []}
        for spec in self._specs(link):
            feed = self.memory.feeds.get(f"{link}.{spec.kind}")
            if feed.enabled and not spec.back and not left_out.get(spec.kind):
                steps[spec.first].append({"feed": feed.id, "mode": mode.value})
        if settings:
            self.memory.manifests.put_document(id, CHOSEN_ORDERS, orjson.dumps(dict(settings)))
        self.machines.sync_all(id, steps[True], steps[False])
        return id, [step["feed"] for step in (*steps[True], *steps[False])]

    def cancel(self, run_id: str) -> Run:
        """No more batches; those in flight finish (B-10). Raises KeyError."""
        self.memory.runs.cancel(run_id)
        return self.memory.runs.get(run_id)

    def resume(self, run_id: str) -> Run:
        """A new run of the same selection that goes on where the old one stopped: what is written stays as it is."""
        old = self.memory.runs.get(run_id)
        onward = old.outcome == "truncated"
        wanted = Request(
            old.mode,
            old.scope,
            old.dry_run,
            old.trigger if old.trigger in PLANNED_FROM_LEDGER else "resume",
            old.parent,
            old.batch_size,
            cursor=old.cursor if onward else "",
            watermark=old.watermark if onward else None,
            settings=old.settings,
        )
        return self._start(old.feed, wanted)

    def approve(self, run_id: str) -> Run:
        """Let a waiting run go on with those whom it set aside (A-12). Raises NotWaiting, Busy, KeyError."""
        run = approval.approve(self.memory, run_id)
        self.machines.sync(run.id, approval.APPROVED)
        return run

    def discard(self, run_id: str) -> Run:
        """Let a waiting run end without them (A-12). Raises NotWaiting, Busy, KeyError."""
        run = approval.discard(self.memory, run_id)
        self.machines.sync(run.id, approval.DISCARDED)
        return run

    def undo(self, run_id: str) -> Run:
        """A new run that takes back what this one wrote of consent (A-13). Raises NothingToUndo, Busy, KeyError."""
        old = approval.undoable(self.memory, run_id)
        settings = {UNDOES: old.id}
        wanted = Request(scope=Scope.INCREMENTAL, trigger=UNDO, settings=settings)
        run = self._start(f"{old.link}.{Kind.CUSTOMERS}", wanted)
        if run.trigger != UNDO or run.settings.get(UNDOES) != old.id:
            raise Busy(run)
        return run

    def retire(self, link: str, policy: Gone) -> Run:
        """A run that takes back what an ended link brought, by this policy (C-11). Raises Busy, KeyError."""
        wanted = Request(scope=Scope.INCREMENTAL, trigger=RETIRE, settings={POLICY: policy.value})
        run = self._start(f"{link}.{Kind.PRODUCTS}", wanted)
        if run.trigger != RETIRE or run.settings.get(POLICY) != policy:
            raise Busy(run)
        return run

    def raises(self, run_id: str) -> list[Raise]:
        """Whom a run has set aside because it would raise them (A-12). Raises KeyError."""
        run = self.memory.runs.get(run_id)
        return all_kept(self.memory, run, self.memory.runs.slices(run.id))

    def _specs(self, link: str) -> list[FeedSpec]:
        """The feeds that flow over a link; each kind of link has one of products."""
        return list(LINKS[self.flow(f"{link}.{Kind.PRODUCTS}").link_kind].values())

    def preflight(self, link: str, chosen: Selection | None = None, batch_size: int = 0) -> Preflight:
        """What a sync of the link would process (B-3)."""
        flows = [self.flow(f"{link}.{spec.kind}") for spec in self._specs(link) if not spec.back]
        return Preflight(
            [
                forecasting.forecast(flow, batch_size or flow.feed.batch_size, chosen)
                for flow in flows
                if flow.feed.enabled
            ]
        )

    def resync(self, link: str, kind: Kind, object_id: str) -> None:
        """Carry one object again whatever the ledger says, by the same path as a live event (B-19)."""
        self._enqueue([(f"{link}.{kind}", object_id)], force=True)

    def differences(self, run_id: str) -> list[dict[str, str]]:
        """What a dry run would have written, object by object (B-18). Raises KeyError."""
        found: list[dict[str, str]] = []
        for number in range(1, self.memory.runs.get(run_id).slices + 1):
            document = self.memory.manifests.get_document(run_id, f"differences/{number:05d}")
            found += orjson.loads(document) if document else []
        return found

    # --- live --------------------------------------------------------------------------------------------

    def hear(self, store: str, notices: Sequence[Notice]) -> int:
        """Mark and enqueue what a store says has changed; answers how many objects are followed.

        Durable when it returns: raises where anything could not be enqueued.
        """
        return self._enqueue(
            [(feed, notice.id) for notice in notices for feed in self.feeds_from(store, notice.kind)]
        )

    def _enqueue(self, objects: Sequence[tuple[str, str]], *, force: bool = False) -> int:
        marks = self.memory.marks
        messages = [
            Dirty(self.tenant, feed, id, marks.mark(feed, id), force=force)
            for feed, id in dict.fromkeys(objects)
        ]
        if messages:
            self.memory.queue.send(messages)
        return len(messages)

    def follow(self, message: Dirty) -> str:
        """Follow one message of the queue."""
        flow = self.flow(message.feed)
        return ENDED if flow.ended else follow(flow, message)

    # --- the machine's steps -------------------------------------------------------------------------------

    def plan(
        self, event: Mapping[str, Any], bucket: str, seconds_left: Callable[[], float]
    ) -> dict[str, Any]:
        """Plan's step: begins the run where the clock or a sync-all asks, then plans it."""
        run_id = event.get("run")
        if run_id:
            flow = self.flow(self.memory.runs.get(run_id).feed)
        else:
            flow, run_id = self.flow(event["feed"]), event["execution"]
            refusal = self._begin_asked(flow, run_id, event)
            if refusal:
                return {**event, "status": refusal}
        status, manifest = plan(replace(flow, seconds_left=seconds_left), run_id)
        return {
            "status": status,
            "tenant": self.tenant,
            "run": run_id,
            "bucket": bucket,
            "manifest": manifest,
        }

    def _begin_asked(self, flow: Flow, run_id: str, event: Mapping[str, Any]) -> str:
        """Begin a run for the clock or a sync-all; answers why not, or "" if it is begun."""
        scheduled = event["trigger"] == "schedule"
        if flow.ended:
            return "overlapped"
        if scheduled and (flow.initial or _silent(flow)):
            return "overlapped"
        # An audience dates everything it tells: there is nothing that only a sweep would show.
        sweep = not flow.back and sweep_due(flow.feed.full_at, flow.now())
        wanted = Request(
            Mode(event.get("mode", "all")),
            Scope.INCREMENTAL if scheduled and not sweep else Scope.FULL,
            trigger=event["trigger"],
            parent=event.get("parent", ""),
            settings=self._chosen_orders(flow, event.get("parent", "")),
        )
        run = begin(flow, run_id, wanted)
        if run.id == run_id:
            return ""
        if not scheduled:
            return "busy"
        skip(flow, run_id, wanted, f"run {run.id} was still going on")
        return "overlapped"

    def _chosen_orders(self, flow: Flow, parent: str) -> Mapping[str, object]:
        """The orders that a sync-all was asked to carry."""
        if not parent or flow.kind is not Kind.ORDERS:
            return {}
        document = self.memory.manifests.get_document(parent, CHOSEN_ORDERS)
        return dict(orjson.loads(document)) if document else {}

    def carry(self, event: Mapping[str, Any], seconds_left: Callable[[], float]) -> dict[str, str]:
        """Carry's step for one slice."""
        flow = self.flow(self.memory.runs.get(event["run"]).feed)
        flow = replace(flow, seconds_left=seconds_left, tell=self.tell)
        return {"status": carry(flow, event["run"], int(event["slice"]))}

    def settle(self, event: Mapping[str, Any]) -> dict[str, str]:
        """Settle's step; `error` is what Step Functions caught, if it did."""
        run_id = event.get("run") or event.get("execution", "")
        try:
            run = self.memory.runs.get(run_id)
        except KeyError:
            return {"status": "done"}
        flow = replace(self.flow(run.feed), tell=self.tell)
        status = settle(flow, run_id, error=_in_words(event.get("error")))
        return {"status": status, "tenant": self.tenant, "run": run_id}

    def watch(self, run_id: str) -> str:
        """Look at a run under way; answers moving, stale or settled."""
        run = self.memory.runs.get(run_id)
        return watch(self.flow(run.feed), run)


def _silent(flow: Flow) -> bool:
    return spec_of(flow).happenings and not flow.feed.enabled


def _in_words(error: object) -> str:
    """What Step Functions says of an error, without the stack."""
    if not isinstance(error, Mapping) or not error.get("Error"):
        return ""
    cause = str(error.get("Cause", ""))
    try:
        message = orjson.loads(cause).get("errorMessage", "")
    except orjson.JSONDecodeError:
        message = cause
    return f"{error['Error']}: {message}"[:500].rstrip(": ")
