"""What becomes of a dependent store's products when its link ends: a run planned from the ledger (C-11)."""

from itertools import batched
from math import ceil

from passerelle.memory import Counts, EntryState, Run, RunStatus
from passerelle.model import Kind
from passerelle.port import Indexed, Result
from passerelle.rules.preferences import Gone
from passerelle.sync.batch import Batch
from passerelle.sync.carried import Carried
from passerelle.sync.flow import Flow
from passerelle.sync.retiring import retire
from passerelle.sync.undoing import UNDO

RETIRE = "disconnect"
"""The trigger of a run that takes back everything that its link brought."""
POLICY = "products"
"""The setting of such a run that says how."""
PLANNED_FROM_LEDGER = frozenset({UNDO, RETIRE})
"""Triggers of runs that read nothing at the source."""

_COUNTS = {
    Result.UPDATED: Counts(updated=1),
    Result.UNCHANGED: Counts(unchanged=1),
    Result.REFUSED: Counts(failed=1),
}


def plan_retiring(flow: Flow, run: Run) -> Run:
    """Slices of every product that has a counterpart; the run is yet to be saved. Twice ends as once."""
    mapped = (
        Indexed(entry.source_id)
        for entry in flow.memory.ledger.scan(flow.link, Kind.PRODUCTS)
        if entry.state is EntryState.MAPPED
    )
    slices = expected = 0
    for piece in batched(mapped, run.batch_size * 10, strict=False):
        slices, expected = slices + 1, expected + len(piece)
        flow.memory.manifests.put_slice(run.id, slices, piece)
    batches = ceil(expected / run.batch_size)
    return run.but(status=RunStatus.CARRYING, slices=slices, expected=expected, batches=batches, cursor="")


def retire_batch(flow: Flow, batch: Batch) -> Carried:
    """Take back one batch; what an earlier try took back already counts as it did then."""
    known = flow.memory.ledger.read(flow.link, Kind.PRODUCTS, batch.ids)
    held = [entry for entry in known.values() if entry.state is EntryState.MAPPED]
    carried = Carried()
    for outcome in retire(flow, held, _policy(batch.run)) if held else ():
        carried.counts += _COUNTS[outcome.result]
    before = set(batch.ids) - {entry.source_id for entry in held}
    carried.counts += Counts(updated=len(before))
    return carried


def _policy(run: Run | None) -> Gone:
    return Gone(str(run.settings[POLICY])) if run else Gone.NOTHING
