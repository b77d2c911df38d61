"""How much of a dependent store's plan is taken, and the products that wait for room in it (C-13)."""

from collections.abc import Iterable, Sequence

from passerelle.memory import Incident, Ledger, Mode, Run, Scope, Seats, SliceProgress
from passerelle.model import Kind
from passerelle.rules.severity import describe
from passerelle.sync.catalogue import PLAN_FULL, STANDING
from passerelle.sync.flow import Flow


def seated(ledger: Ledger, links: Iterable[str]) -> int:
    """How many products have a counterpart over these links, withdrawn ones included: they come back unasked."""
    return sum(
        entry.state in STANDING and bool(entry.destination_id)
        for link in links
        for entry in ledger.scan(link, Kind.PRODUCTS)
    )


def recount(ledger: Ledger, seats: Seats, store: str, links: Iterable[str]) -> int:
    """Count a store's seats anew from the ledgers of all links that feed it: what dead workers took comes free."""
    taken = seated(ledger, links)
    seats.recount(store, taken)
    return taken


def recount_before(flow: Flow, run: Run) -> None:
    """The same before a full run of products, where the dependent store's plan has an end."""
    limited = flow.is_catalogue and flow.kind is Kind.PRODUCTS and flow.product_limit is not None
    if limited and run.scope is Scope.FULL and not run.dry_run:
        links = dict.fromkeys((flow.link, *flow.feeding()))
        recount(flow.memory.ledger, flow.memory.seats, flow.destination.store, links)


def tell_waiting(flow: Flow, run: Run, slices: Sequence[SliceProgress]) -> None:
    """One incident a link with how many products wait for room, closed by a full run in which none does."""
    if not flow.is_catalogue or flow.kind is not Kind.PRODUCTS or run.dry_run:
        return
    cause, waiting = f"{flow.link}:{PLAN_FULL}", run.reasons(slices).get(PLAN_FULL, 0)
    if not waiting:
        if run.scope is Scope.FULL and run.mode is not Mode.UPDATE:
            flow.memory.incidents.resolve([cause])
        return
    if run.scope is not Scope.FULL:
        # Such a run saw only what changed; those that waited before are in the ledger.
        waiting = sum(entry.reason == PLAN_FULL for entry in flow.memory.ledger.scan(flow.link, flow.kind))
    told = describe(PLAN_FULL, kind=flow.kind, why=f"{waiting} wait, the plan holds {flow.product_limit}")
    incident = Incident(
        cause, told.severity, told.title, told.remedy, link=flow.link, kind=flow.kind, run=run.id
    )
    flow.memory.incidents.open([incident])
