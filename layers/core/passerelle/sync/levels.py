"""Deciding units of a main store for a dependent store: absolute numbers, at the locations that the dependent maps."""

from functools import partial

from passerelle.memory import Entry, EntryState, Run
from passerelle.model import StockLevel
from passerelle.port import Action, Change, Terms
from passerelle.rules.content import content_hash
from passerelle.rules.stock import units_at
from passerelle.sync import counterparts
from passerelle.sync.catalogue import IDLE
from passerelle.sync.decision import Decision, Load, as_before
from passerelle.sync.flow import Flow
from passerelle.sync.terms import default_location, terms_of

NO_COUNTERPART = "not_mapped"
UNTRACKED = "untracked"
NO_LOCATION = "location_not_mapped"


def decide(flow: Flow, load: Load) -> list[Decision]:
    """See decision.Decide. Some runs look at the dependent store's own numbers, whatever was written last."""
    if not flow.preferences.quantity:
        return [Decision(thing.id, "", skip=IDLE) for thing in load.objects]
    dependent = terms_of(flow, flow.destination)
    levels = [thing for thing in load.objects if isinstance(thing, StockLevel)]
    known = counterparts.read(flow, [level.variant_id for level in levels])
    one = partial(_one, flow, load, dependent, look=load.force or _looks(flow, load.run))
    return [one(level, known.get(level.variant_id)) for level in levels]


def _looks(flow: Flow, run: Run | None) -> bool:
    """Whether a run compares with the dependent store itself: asked for by somebody, or the clock's first of a day."""
    if run is None or run.trigger != "schedule":
        return run is not None
    last = flow.feed.full_at
    return last is None or run.started_at is None or run.started_at.date() != last.date()


def _one(
    flow: Flow, load: Load, dependent: Terms, level: StockLevel, counterpart: Entry | None, *, look: bool
) -> Decision:
    if counterpart is None or counterpart.state is not EntryState.MAPPED:
        return Decision(level.id, "", skip=NO_COUNTERPART)
    told = units_at(level, flow.preferences.stock, default_location(dependent))
    if told is None:
        return Decision(level.id, "", skip=UNTRACKED)
    if not told:
        return Decision(level.id, "", skip=NO_LOCATION)
    product, variant = counterparts.parted(counterpart.destination_id)
    wanted = StockLevel(
        level.id,
        level.sku,
        sum(units for _, units in told),
        product,
        variant_id=variant,
        by_location=told,
    )
    digest = content_hash(wanted, counterpart.hash)
    entry = load.entries.get(level.id)
    if entry and entry.hash == digest and not look:
        if entry.state is EntryState.MAPPED:
            return Decision(level.id, digest)
        if before := as_before(entry, digest):
            return before
    return Decision(level.id, digest, change=Change(level.id, Action.UPDATE, wanted, variant))
