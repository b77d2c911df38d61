"""How far a sync is from what the platform allows: calls against the fewest, time against its bound, refusals.

The fewest calls and the points of a page are those of the documented ways to read (or write) everything:
https://shopify.dev/docs/api/usage/limits, https://shopify.dev/docs/api/usage/bulk-operations/queries,
https://mailchimp.com/developer/marketing/docs/fundamentals/#api-limits,
https://devdocs.prestashop-project.org/8/webservice/. A shop's bucket is empty when the clock starts.
"""

from math import ceil
from typing import Any

from passerelle.memory import Run, RunOutcome, Scope
from passerelle.model import Kind
from sandbox.prestashop import sample as presta
from sandbox.shopify import Shop
from sandbox.shopify import sample as shopify

from bench import hosted
from bench.bars import Figure, Options, at_most, told
from bench.places import BenchError
from bench.virtual import LATENCY, Clock, Scene, scene

DISTANCE = "1 distance"
CALLS, CHANGED_CALLS, TIME = 1.05, 1.2, 1.10
PAGE = 250
PAGE_POINTS = {Kind.PRODUCTS: 464, Kind.CUSTOMERS: 46, Kind.ORDERS: 167}
"""Points of one page of 250 whole objects."""
RATE = 100.0
LARGE = 100_000
"""The shop that the bars are of."""
LEFT = 20.0
"""Points in the bucket at the start: what it takes to ask how many there are."""
BULK_CALLS = 4
"""Start, one look, a second look that finds it ready, the download."""
ADVISED = 100
"""Rows a page that a PrestaShop shop answers in good time."""
RESOURCES = {Kind.PRODUCTS: 3, Kind.CUSTOMERS: 2, Kind.ORDERS: 2}
"""Lists to read at PrestaShop: goods, combinations and stock; people and addresses; orders and addresses."""
DRAINED_AT = 8
"""The number of a call that pulls products, past those of the index."""
CREDENTIALS = {
    "shop": "sample.myshopify.com",
    "access_token": "shpat_sandbox",
    "client_secret": "shpss_sandbox",
}
KINDS = (Kind.PRODUCTS, Kind.CUSTOMERS, Kind.ORDERS)


def measure(options: Options) -> list[Figure]:
    """Bar 1."""
    figures: list[Figure] = []
    for kind in KINDS:
        figures += _shopify(kind, 2_000 if options.large else 1_000, "once", told_only=False)
        figures += _shopify(kind, 250, "each", told_only=True)
        figures += _exported(kind, 100_000 if options.large else 2_500)
    for kind in KINDS:
        figures += _prestashop(kind, 10_000 if options.large else 1_000)
    return figures + hosted.measure(options) + _drained()


def _done(run: Run) -> Run:
    if run.outcome is not RunOutcome.COMPLETED:
        raise BenchError(f"{run.feed} ended {run.outcome}: {run.why}")
    return run


def _many(kind: Kind, size: int) -> dict[str, int]:
    """A catalogue with that many of the kind, and a few of what it hangs on."""
    few = {"products": 20, "customers": 20, "orders": 0}
    return {**few, kind.value: size}


def _open(kind: Kind, size: int, nodes_cost: str = "once") -> Any:
    def app(clock: Clock) -> Shop:
        shop = Shop(clock=clock.epoch, now=clock, nodes_cost=nodes_cost)
        shop.load(shopify.catalogue(**_many(kind, size)))
        return shop

    return scene("shopify", "https://sample.myshopify.com", CREDENTIALS, app)


def _before(kind: Kind, here: Scene) -> None:
    """Orders come after the goods and the people they name, as in a sync of everything (B-2)."""
    for each in (Kind.PRODUCTS, Kind.CUSTOMERS) if kind is Kind.ORDERS else ():
        _done(here.engine.sync(each))


def _empty(here: Scene, shop: Shop) -> float:
    """Empty the bucket and let the pace hear of it; answers the time from which is measured."""
    shop.bucket.drain(LEFT)
    store = here.engine.stores["shopify"]
    here.engine.runtime.connector(here.engine.tenant, store.id).check()
    return here.begin()


def _shopify(kind: Kind, size: int, nodes_cost: str, *, told_only: bool) -> list[Figure]:
    """Paged, with `nodes(ids:)` charged once (as the fitted model has it) or for each id (the careful guess)."""
    with _open(kind, size, nodes_cost) as (here, shop):
        here.account.batches.seconds = 0
        _before(kind, here)
        began = _empty(here, shop)
        _done(here.engine.sync(kind))
        took = here.way.last[here.host] - began
        whole = here.clock.epoch() - began
        calls, throttled = here.shop_calls(), here.way.throttled
        pages = ceil(size / PAGE)
        fewest = pages + _long(kind, shop)
        # The last page's answer is waited for once its points are there.
        bound = max((pages * PAGE_POINTS[kind] - LEFT) / RATE, (pages - 1) * LATENCY) + LATENCY
        what = f"Shopify {kind}, {size:,} by pages"
        if told_only:
            words = f"{took / bound:.1f} × the bound of pages, {calls} calls, {throttled} refusals"
            return [told(DISTANCE, f"{what}, were nodes charged one by one", words)]
        figures = [
            at_most(DISTANCE, f"{what}: calls / fewest ({fewest})", calls / fewest, CALLS, "{:.2f}"),
            at_most(DISTANCE, f"{what}: time to read / bound ({bound:.0f} s)", took / bound, TIME, "{:.2f}"),
            told(DISTANCE, f"{what}: whole run, Mailchimp's writes included", f"{whole:.0f} s"),
            at_most(DISTANCE, f"{what}: refusals for volume", throttled, 0, "{:.0f}"),
        ]
        written = here.audience_calls()
        figures += _incremental(kind, here, shop)
    return figures + _audience(kind, size, written)


def _long(kind: Kind, shop: Shop) -> int:
    """Products with more variants than fit beside them: each takes a call of its own for the rest."""
    products = shop.state.shelf("Product").things.values() if kind is Kind.PRODUCTS else ()
    return sum(ceil(max(0, len(each["variants"]) - 100) / PAGE) for each in products)


def _audience(kind: Kind, size: int, some: int) -> list[Figure]:
    """What a run asks of Mailchimp: 500 contacts a call, or 1,000 operations a batch of three calls.

    What 100,000 would ask is reckoned from `some`, asked for this many, and a run of twice as many: some calls are
    made once a run.
    """
    with _open(kind, 2 * size) as (other, _):
        other.account.batches.seconds = 0
        _before(kind, other)
        other.begin()
        _done(other.engine.sync(kind))
        more = other.audience_calls()
    calls = some + (more - some) * (LARGE - size) / size
    fewest = LARGE / 500 if kind is Kind.CUSTOMERS else 3 * LARGE / 1000
    what = f"Mailchimp {kind}, {LARGE:,} written: calls / fewest ({fewest:.0f})"
    return [
        told(DISTANCE, f"Mailchimp {kind}, {size:,} and {2 * size:,} written: calls", f"{some} and {more}"),
        at_most(DISTANCE, what, calls / fewest, CALLS, "{:.2f}"),
    ]


def _incremental(kind: Kind, here: Scene, shop: Shop) -> list[Figure]:
    """One in fifty changed since."""
    here.clock.sleep(3600)
    here.engine.sync(kind)
    here.clock.sleep(3600)
    shelf = {Kind.PRODUCTS: "Product", Kind.CUSTOMERS: "Customer", Kind.ORDERS: "Order"}[kind]
    ids = [each["id"] for each in shop.state.shelf(shelf).things.values()][::50]
    for id in ids:
        shop.life.edit(id, **({"title": "New"} if kind is Kind.PRODUCTS else {"phone": "+33611111111"}))
    here.begin()
    run = _done(here.engine.sync(kind, Scope.INCREMENTAL))
    if run.expected != len(ids):
        raise BenchError(f"{run.expected} of {len(ids)} changed {kind} were found")
    fewest = ceil(len(ids) / PAGE)
    what = f"Shopify {kind}, {len(ids)} changed: calls / fewest ({fewest})"
    return [at_most(DISTANCE, what, here.shop_calls() / fewest, CHANGED_CALLS, "{:.2f}")]


def _exported(kind: Kind, size: int) -> list[Figure]:
    """By the shop's bulk export."""
    with _open(kind, size) as (here, _):
        began = here.begin()
        _done(here.engine.sync(kind))
        took, calls = here.clock.epoch() - began, here.shop_calls()
        throttled = here.way.throttled
    what = f"Shopify {kind}, {size:,} by bulk export"
    return [
        at_most(DISTANCE, f"{what}: calls / fewest ({BULK_CALLS})", calls / BULK_CALLS, CALLS, "{:.2f}"),
        at_most(DISTANCE, f"{what}: refusals for volume", throttled, 0, "{:.0f}"),
        told(DISTANCE, f"{what}: whole run, Mailchimp's batches included", f"{took:.0f} s"),
    ]


def _prestashop(kind: Kind, size: int) -> list[Figure]:
    """What 100,000 would ask is reckoned from two runs: some calls are made once a run."""
    some, more = _presta_calls(kind, size), _presta_calls(kind, 2 * size)
    calls, fewest = some + (more - some) * (LARGE - size) / size, LARGE / ADVISED * RESOURCES[kind]
    what = f"PrestaShop {kind}, {LARGE:,}: calls / advised ({fewest:,.0f})"
    return [
        told(DISTANCE, f"PrestaShop {kind}, {size:,} and {2 * size:,}: calls", f"{some} and {more}"),
        at_most(DISTANCE, what, calls / fewest, CALLS, "{:.2f}"),
    ]


def _presta_calls(kind: Kind, size: int) -> int:
    key, origin = presta.SAMPLE_KEY, "https://presta.example"

    def app(clock: Any) -> Any:
        return presta.catalogue(**_many(kind, size), clock=clock)

    with scene("prestashop", origin, {"url": origin, "key": key}, app) as (here, _):
        here.begin()
        _done(here.engine.sync(kind))
        return here.shop_calls()


def _drained() -> list[Figure]:
    """Another app empties the bucket in the middle of a run."""
    with _open(Kind.PRODUCTS, 1_000) as (here, shop):
        here.begin()
        here.way.at_call[here.host, DRAINED_AT] = lambda: shop.bucket.drain(0)
        _done(here.engine.sync(Kind.PRODUCTS))
        throttled = here.way.throttled
    what = "Shopify, another app empties the bucket once: refusals before the pace has adapted"
    return [at_most(DISTANCE, what, throttled, 1, "{:.0f}")]
