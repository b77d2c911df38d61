"""Planning a large shop from its own bulk export: a few calls instead of thousands, and no rate limit."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

import orjson

from passerelle.memory import Run, Scope
from passerelle.model import (
    Cart,
    Contact,
    Customer,
    Engagement,
    Kind,
    Object,
    Order,
    Product,
    PromoCode,
    StockLevel,
)
from passerelle.model.thawing import thaw
from passerelle.port import Export, Indexed, Selection, Unavailable, Unreadable, Verb
from passerelle.rules.selection import watermark
from passerelle.sync.engagement import of_customers
from passerelle.sync.feeds import spec_of
from passerelle.sync.flow import Flow
from passerelle.sync.repeated import note
from passerelle.sync.selecting import order_choice, selection
from passerelle.sync.tuning import batch_of

WORTH_IT = 2_000
"""Objects above which a bulk export is worth its start-up: below, its few minutes of waiting cost more than paging."""
ENOUGH_SECONDS = 90.0
PREFIX = "export"
FIRST_PAGE = "first page"
"""Where a worker keeps the page by which it judged whether an export is worth it."""

_TYPES: dict[Kind, type[Any]] = {
    Kind.PRODUCTS: Product,
    Kind.CUSTOMERS: Customer,
    Kind.ORDERS: Order,
    Kind.CARTS: Cart,
    Kind.CONTACTS: Contact,
    Kind.ENGAGEMENT: Engagement,
    Kind.PROMO_CODES: PromoCode,
    Kind.STOCK: StockLevel,
}


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where an export stands: its handle, when it began, and how many of its objects are in slices already."""

    handle: str
    began: datetime
    taken: int = 0

    def __str__(self) -> str:
        return f"{PREFIX}|{self.began.isoformat()}|{self.taken}|{self.handle}"

    @classmethod
    def parse(cls, text: str) -> "Cursor | None":
        """Read a run's cursor; None if it is not that of an export."""
        if not text.startswith(f"{PREFIX}|"):
            return None
        _, began, taken, handle = text.split("|", 3)
        return cls(handle, datetime.fromisoformat(began), int(taken))


def wants_export(flow: Flow, run: Run) -> bool:
    """Whether this run is planned from an export: a full one of more than a few objects, or any of an audience."""
    if Cursor.parse(run.cursor):
        return True
    if run.cursor or "limit" in run.settings or run.slices:
        return False
    if not flow.source.can(flow.kind, Verb.EXPORT):
        return False
    if flow.back:
        # An audience lists whole contacts: read one by one, each would cost a call more.
        return True
    if run.scope is not Scope.FULL and not spec_of(flow).whole:
        return False
    return _total(flow, run) > WORTH_IT


def _total(flow: Flow, run: Run) -> int:
    """How many there are: the first page of the index tells it in most shops, and is kept to go on from."""
    wanted = selection(flow.feed, run)
    page = flow.source.connector.index(flow.kind, wanted, None)
    flow.shelf[FIRST_PAGE] = page
    if page.after is None:
        return len(page.entries)
    return flow.source.connector.count(flow.kind, wanted).objects if page.total is None else page.total


def ask(flow: Flow, run: Run) -> tuple[Run, bool]:
    """Start the export, or look whether it is ready; answers the run with its cursor, and whether to read it now."""
    cursor = Cursor.parse(run.cursor)
    if cursor is None:
        began = flow.now()
        export = flow.source.connector.export(flow.kind, selection(flow.feed, run))
        run = run.but(cursor=str(Cursor(export.handle, began)))
    else:
        try:
            export = flow.source.connector.exported(Export(cursor.handle))
        except Unavailable:
            # An export that broke off stays broken: the next try begins a new one.
            flow.memory.runs.save(run.but(cursor=""))
            raise
    flow.memory.runs.save(run)
    return run, export.ready


def read(flow: Flow, run: Run, slice_size: int) -> Iterator[Run]:
    """Take the export into slices, ids in the manifest and objects beside it; yields the run after each slice."""
    cursor = Cursor.parse(run.cursor)
    if cursor is None:
        raise ValueError(f"run {run.id} has no export to read")
    changed = _changed_since(flow, cursor.began)
    objects = flow.source.connector.read(flow.kind, Export(cursor.handle, ready=True))
    if flow.kind is Kind.ENGAGEMENT:
        objects = of_customers(flow, objects)
    rest = islice(objects, cursor.taken, None)
    while some := list(islice(rest, slice_size)):
        number = run.slices + 1
        unique = list({thing.id: thing for thing in some}.values())
        flow.memory.manifests.put_slice(run.id, number, [Indexed(thing.id) for thing in unique])
        give(flow, run, number, [thing for thing in unique if thing.id not in changed])
        note(flow, run, number, len(unique), unique)
        cursor = Cursor(cursor.handle, cursor.began, cursor.taken + len(some))
        run = run.but(
            slices=number,
            expected=run.expected + len(unique),
            batches=run.batches + -(-len(unique) // batch_of(flow, run)),
            cursor=str(cursor),
        )
        flow.memory.runs.save(run)
        yield run


def _changed_since(flow: Flow, instant: datetime) -> frozenset[str]:
    """What changed since the shop began its export: read again, so that nobody is carried as they were before."""
    if not flow.source.can(flow.kind, Verb.INDEX) or spec_of(flow).whole:
        # Of what is read whole every time nothing tells its date: the next run makes it good.
        return frozenset()
    changed: set[str] = set()
    after: str | None = None
    while True:
        page = flow.source.connector.index(flow.kind, Selection(since=instant), after)
        changed.update(entry.id for entry in page.entries)
        after = page.after
        if after is None:
            return frozenset(changed)


# --- objects beside the manifest -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Brought:
    """What planning brought whole of a slice, by id, as it was at the instant `looked`; often nothing."""

    objects: Mapping[str, Object | Unreadable] = field(default_factory=dict)
    looked: datetime | None = None

    def as_of_now(self, flow: Flow, run: Run) -> "Brought":
        """Without what changed since, where a change may take it out of the selection: orders chosen by status (B-6).

        One call a batch, which then pulls what changed; whatever else planning brought, the next run makes good.
        """
        if self.looked is None or not order_choice(flow.feed, run).statuses:
            return self
        now = flow.now()
        changed = _changed_since(flow, watermark(self.looked))
        kept = {id: thing for id, thing in self.objects.items() if id not in changed}
        return Brought(kept, now)


def brought_by_planning(flow: Flow, run: Run, number: int) -> Brought:
    """The whole objects of a slice."""
    packed = flow.memory.manifests.get_brought(run.id, number)
    if packed is None:
        return Brought()
    cursor = Cursor.parse(run.cursor)
    looked = cursor.began if cursor else run.watermark
    return Brought({thing.id: thing for thing in unpack(flow.kind, packed)}, looked)


def give(flow: Flow, run: Run, number: int, things: Sequence[Object | Unreadable]) -> None:
    """Keep whole objects beside the ids of their slice."""
    flow.memory.manifests.put_brought(run.id, number, pack(things))


def pack(things: Sequence[Object | Unreadable]) -> bytes:
    """Objects as JSON lines; amounts as text, so that not a cent is lost."""
    return b"\n".join(orjson.dumps(_line(thing), default=str) for thing in things)


def _line(thing: Object | Unreadable) -> dict[str, object]:
    return {"unreadable" if isinstance(thing, Unreadable) else "object": thing}


def unpack(kind: Kind, packed: bytes) -> Iterable[Object | Unreadable]:
    """The objects that `pack` wrote."""
    for line in packed.splitlines():
        found = orjson.loads(line)
        if "unreadable" in found:
            yield Unreadable(**found["unreadable"])
        else:
            yield thaw(_TYPES[kind], found["object"])
