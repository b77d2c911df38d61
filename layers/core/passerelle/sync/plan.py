"""Plan: index what is selected once, cut it into slices of ids, and write the manifest that the machine maps over."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import ceil

from passerelle.memory import Run, RunOutcome, RunStatus
from passerelle.model import Kind, Object
from passerelle.port import (
    CredentialsRefused,
    Incomplete,
    Indexed,
    IndexPage,
    PermissionMissing,
    Selection,
    Unreadable,
)
from passerelle.rules.selection import watermark
from passerelle.sync.carry import refuse
from passerelle.sync.census import pack
from passerelle.sync.ending import RETIRE, plan_retiring
from passerelle.sync.exporting import ENOUGH_SECONDS as ENOUGH_TO_READ
from passerelle.sync.exporting import FIRST_PAGE, ask, give, read, wants_export
from passerelle.sync.feeds import spec_of
from passerelle.sync.flow import Flow
from passerelle.sync.repeated import gather, note
from passerelle.sync.seating import recount_before
from passerelle.sync.selecting import selection
from passerelle.sync.tuning import batch_of
from passerelle.sync.undoing import UNDO, plan_undo

_OVER = frozenset({RunStatus.SETTLING, RunStatus.AWAITING_APPROVAL, RunStatus.FINISHED})
PLANNERS = {UNDO: plan_undo, RETIRE: plan_retiring}
"""Triggers whose runs are planned from what we know, without reading the source."""
SLICE_BATCHES = 10
"""Batches in one slice: the work of one Carry, and the unit that is repeated after a crash."""
SLICE_OBJECTS = 5_000
ENOUGH_SECONDS = 45.0
_BEHIND = "behind:"
"""Begins the cursor of a run that a cap ended in the middle of a page."""


@dataclass(slots=True)
class Planning:
    """The plan as far as it is written; a worker that ends in between takes up at the run's cursor."""

    flow: Flow
    run: Run
    gathered: list[Indexed] = field(default_factory=list)
    whole: dict[str, Object | Unreadable] = field(default_factory=dict)
    """Those of them that the index brought whole."""

    @property
    def slice_size(self) -> int:
        """Objects in a slice."""
        return min(SLICE_OBJECTS, batch_of(self.flow, self.run) * SLICE_BATCHES)

    def add(self, entry: Indexed) -> None:
        """One more id; a shop that lists an id twice in a row gets it carried once."""
        if not self.gathered or self.gathered[-1].id != entry.id:
            self.gathered.append(entry)

    def write(self, cursor: str) -> None:
        """Write what is gathered into slices, and note how far the index is read. The run is yet to be saved."""
        slices, expected, batches = self.run.slices, self.run.expected, self.run.batches
        while self.gathered:
            piece = self.gathered[: self.slice_size]
            del self.gathered[: self.slice_size]
            self.flow.memory.manifests.put_slice(self.run.id, slices + 1, piece)
            if brought := [self.whole.pop(each.id) for each in piece if each.id in self.whole]:
                give(self.flow, self.run, slices + 1, brought)
                note(self.flow, self.run, slices + 1, len(piece), brought)
            slices, expected = slices + 1, expected + len(piece)
            batches += ceil(len(piece) / batch_of(self.flow, self.run))
        self.run = self.run.but(slices=slices, expected=expected, batches=batches, cursor=cursor)

    def keep(self, cursor: str) -> None:
        """Write what is gathered, and go on from the cursor if this worker ends here.

        Never at the end of the index: without a cursor the next worker would begin again behind what is counted.
        """
        self.write(cursor)
        self.flow.memory.runs.save(self.run)


def plan(flow: Flow, run_id: str) -> tuple[str, str]:
    """Plan the run; answers ("ready", manifest key), ("nothing", ""), ("more", "") or ("waiting", "").

    Raises Incomplete where the shop says that it holds more than it listed, and the port's other errors.
    """
    run = flow.memory.runs.get(run_id)
    try:
        return _plan(flow, run)
    except (CredentialsRefused, PermissionMissing) as refusal:
        refuse(flow, refusal)
        raise


def _plan(flow: Flow, run: Run) -> tuple[str, str]:
    if run.status in _OVER:
        return "nothing", ""
    if run.status is not RunStatus.PLANNING or flow.memory.runs.stopped(run.id):
        return ("ready", _manifest(flow, run)) if run.slices and not run.cancelled else ("nothing", "")
    if run.first_slices or run.trigger in PLANNERS:
        # The second round's slices were cut when its people were set aside.
        return _carrying(
            flow,
            run.but(status=RunStatus.CARRYING) if run.first_slices else PLANNERS[run.trigger](flow, run),
        )
    if run.watermark is None:
        run = run.but(watermark=watermark(flow.now()))
        flow.memory.runs.save(run)
    _take_census(flow, run)
    if not run.cursor:
        recount_before(flow, run)
    if wants_export(flow, run):
        status, run = _from_export(flow, run)
    else:
        status, run = _from_index(flow, run)
    if status:
        return status, ""
    gather(flow, run)
    return _carrying(flow, run.but(status=RunStatus.CARRYING, audience=_audience(flow, run)))


def _carrying(flow: Flow, run: Run) -> tuple[str, str]:
    manifest = _manifest(flow, run)
    flow.memory.runs.save(run)
    return ("ready", manifest) if run.slices else ("nothing", "")


def _audience(flow: Flow, run: Run) -> int:
    """How many contacts there are: a share of them is what the guard lets through (A-12)."""
    if flow.kind not in (Kind.CUSTOMERS, Kind.CONTACTS) or not run.slices or not flow.guard.share:
        return 0
    return flow.audience.connector.count(Kind.CONTACTS, Selection()).objects


def _from_index(flow: Flow, run: Run) -> tuple[str, Run]:
    """Read the index; answers "more" where the worker's time is nearly up, "" at the end."""
    planning = Planning(flow, run)
    return ("" if _index(flow, planning) else "more"), planning.run


def _from_export(flow: Flow, run: Run) -> tuple[str, Run]:
    """Read the shop's export; answers "waiting" until the shop has written it, "more", or "" at the end."""
    run, ready = ask(flow, run)
    if not ready:
        return "waiting", run
    for run_then in read(flow, run, SLICE_OBJECTS):
        run = run_then
        if flow.seconds_left() < ENOUGH_TO_READ:
            return "more", run
    return "", run


def _manifest(flow: Flow, run: Run) -> str:
    return flow.memory.manifests.finish(run.id, range(run.first_slices + 1, run.slices + 1))


def _take_census(flow: Flow, run: Run) -> None:
    """Before a first full sync: who is in the audience already, and how."""
    if not (spec_of(flow).census and flow.initial):
        return
    if flow.memory.manifests.get_document(run.id, "census") is not None:
        return
    flow.memory.manifests.put_document(run.id, "census", pack(_contacts(flow)))


def _contacts(flow: Flow) -> Iterator[Indexed]:
    after: str | None = None
    while True:
        page = flow.destination.connector.index(Kind.CONTACTS, Selection(), after)
        yield from page.entries
        after = page.after
        if after is None:
            return


def _index(flow: Flow, planning: Planning) -> bool:
    """Read the index to its end; False where the worker's time is nearly up and the next one goes on."""
    wanted = selection(flow.feed, planning.run)
    behind, after = _place(planning.run.cursor)
    limit = _limit(planning.run)
    total: int | None = None
    while True:
        page, here = _page(flow, wanted, after), after
        total = page.total if page.total is not None else total
        for entry in _beyond(page.entries, behind):
            planning.add(entry)
        planning.whole.update((thing.id, thing) for thing in page.objects)
        behind, after = "", page.after
        if limit and planning.run.expected + len(planning.gathered) >= limit:
            return _truncate(planning, limit, here, after)
        if after is None:
            planning.write("")
            _check_total(flow, planning.run, wanted, total)
            return True
        if flow.seconds_left() < ENOUGH_SECONDS:
            # A cursor stands for everything before it, so what is gathered is written with it.
            planning.keep(after)
            return False
        if len(planning.gathered) >= planning.slice_size:
            planning.keep(after)


def _page(flow: Flow, wanted: Selection, after: str | None) -> IndexPage:
    """A page of the index; the first one may be at hand already."""
    kept = flow.shelf.pop(FIRST_PAGE, None) if after is None else None
    return kept if isinstance(kept, IndexPage) else flow.source.connector.index(flow.kind, wanted, after)


def _limit(run: Run) -> int:
    """The most objects this run may carry (B-11); 0 for no cap."""
    value = run.settings.get("limit")
    return value if isinstance(value, int) else 0


def _truncate(planning: Planning, limit: int, here: str | None, after: str | None) -> bool:
    """The cap is reached: what is over it is left to the next run, which begins inside the page or at the next."""
    over = planning.run.expected + len(planning.gathered) - limit
    if over > 0:
        del planning.gathered[-over:]
    cursor = f"{_BEHIND}{planning.gathered[-1].id}|{here or ''}" if over > 0 else after or ""
    planning.write(cursor)
    if cursor:
        planning.run = planning.run.but(
            outcome=RunOutcome.TRUNCATED, why=f"the cap of {limit} objects is reached"
        )
    return True


def _place(cursor: str) -> tuple[str, str | None]:
    """Where the index goes on: behind which id, in the page after which cursor of the shop's."""
    if not cursor.startswith(_BEHIND):
        return "", cursor or None
    id, _, after = cursor.removeprefix(_BEHIND).partition("|")
    return id, after or None


def _beyond(entries: Sequence[Indexed], id: str) -> Sequence[Indexed]:
    """The entries behind an id; all of them where it is gone, as carrying some twice loses nothing."""
    at = next((place for place, entry in enumerate(entries, 1) if entry.id == id), 0)
    return entries[at:]


def _check_total(flow: Flow, run: Run, wanted: Selection, total: int | None) -> None:
    """A listing shorter than the shop's own count is no success (B-14).

    A capped run is one of several that read the whole together: alone it has nothing to be compared with.
    """
    if total is None or run.expected >= total or _limit(run):
        return
    counted = flow.source.connector.count(flow.kind, wanted).objects
    if run.expected < counted:
        raise Incomplete(
            f"the shop says that it holds {counted} {flow.kind} and listed {run.expected}",
            "The sync is tried again; if this stays, look whether the shop hides some from this key.",
        )
