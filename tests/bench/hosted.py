"""How far a sync is from the fewest calls of shops that are hosted anywhere: WooCommerce and Magento.

Neither names a limit of calls. The fewest are those of the documented ways to read everything: 100 objects a page at
WooCommerce (https://woocommerce.github.io/woocommerce-rest-api-docs/#pagination), with every variation in a list of its
own; as many as wanted at Magento, for which we take 1,000, or 300 where the shop limits its input, which one refused
call finds out (https://developer.adobe.com/commerce/webapi/get-started/api-security/). At Magento variants are products
of their own, and stock is a list of its own. What is true of the whole shop is read once a run, each in one call.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

from passerelle.memory import RunOutcome
from passerelle.model import Kind
from sandbox.magento import InputLimits
from sandbox.magento.origin import Origin as Magento
from sandbox.woocommerce.origin import Origin as WooCommerce

from bench.bars import Figure, Options, at_most, told
from bench.places import BenchError
from bench.virtual import LATENCY, Scene, scene

DISTANCE = "1 distance"
CALLS, TIME = 1.05, 1.10
LARGE = 100_000
KINDS = (Kind.PRODUCTS, Kind.CUSTOMERS, Kind.ORDERS)
MAGENTO_FACTS = {Kind.PRODUCTS: 5, Kind.CUSTOMERS: 2, Kind.ORDERS: 0}
"""Views, sources, categories, attributes, and how many products are shown; views and groups of customers; nothing."""
WOO_FACTS = {Kind.PRODUCTS: 3, Kind.CUSTOMERS: 0, Kind.ORDERS: 0}
"""General settings, those of products, those of taxes; every list tells its own total."""


@dataclass(frozen=True, slots=True)
class Host:
    """A platform as it is measured."""

    name: str
    origin: Callable[..., Any]
    pages: Callable[[Any, Kind], int]
    """The fewest pages that hold everything of a kind."""
    facts: Mapping[Kind, int]
    """Calls made once a run, whatever its size."""
    limits: InputLimits | None = None


def measure(options: Options) -> list[Figure]:
    """Bar 1 for both."""
    sizes = (2_000, 4_000) if options.large else (500, 1_000)
    return [figure for host in HOSTS for kind in KINDS for figure in _distance(host, kind, *sizes)]


def _distance(host: Host, kind: Kind, some: int, more: int) -> list[Figure]:
    """Calls and time of a full sync of `more`, and what 100,000 would ask, reckoned from both sizes."""
    few_calls, _, few_fewest = _run(host, kind, some)
    calls, took, fewest = _run(host, kind, more)
    steps = (LARGE - more) / (more - some)
    large = (calls + (calls - few_calls) * steps) / (fewest + (fewest - few_fewest) * steps)
    what, bound = f"{host.name} {kind}, {more:,}", fewest * LATENCY
    return [
        at_most(DISTANCE, f"{what}: calls / fewest ({fewest})", calls / fewest, CALLS, "{:.2f}"),
        at_most(DISTANCE, f"{what}: time to read / bound ({bound:.1f} s)", took / bound, TIME, "{:.2f}"),
        told(DISTANCE, f"{what}: calls", str(calls)),
        at_most(DISTANCE, f"{host.name} {kind}, {LARGE:,}: calls / fewest", large, CALLS, "{:.2f}"),
    ]


def _run(host: Host, kind: Kind, size: int) -> tuple[int, float, int]:
    """(calls of a full sync, seconds until the shop has told everything, the fewest calls)."""

    def app(clock: Any) -> Any:
        origin = host.origin(clock)
        origin.fill({"products": 20, "customers": 20, "orders": 0} | {kind.value: size})
        if host.limits is not None:
            origin.shop.limits = host.limits
        return origin.shop

    probe = host.origin(lambda: None)
    with scene(probe.platform, probe.address, probe.credentials, app) as (here, shop):
        here.account.batches.seconds = 0
        for before in (Kind.PRODUCTS, Kind.CUSTOMERS) if kind is Kind.ORDERS else ():
            _sync(here, before)
        began = here.begin()
        _sync(here, kind)
        fewest = host.pages(shop, kind) + host.facts[kind] + int(host.limits is not None)
        return here.shop_calls(), here.reading(began), fewest


def _sync(here: Scene, kind: Kind) -> None:
    run = here.engine.sync(kind)
    if run.outcome is not RunOutcome.COMPLETED:
        raise BenchError(f"{run.feed} ended {run.outcome}: {run.why}")


def _woo_pages(shop: Any, kind: Kind) -> int:
    state = shop.state
    if kind is Kind.PRODUCTS:
        goods = state.products.values()
        variations = sum(1 for row in goods if row["type"] == "variation")
        return ceil((len(goods) - variations) / 100) + ceil(variations / 100)
    return ceil(len(state.customers if kind is Kind.CUSTOMERS else state.orders) / 100)


def _magento_pages(page: int) -> Callable[[Any, Kind], int]:
    def pages(shop: Any, kind: Kind) -> int:
        state = shop.state
        if kind is Kind.PRODUCTS:
            return ceil(len(state.products) / page) + ceil(len(state.source_items) / page)
        return ceil(len(state.customers if kind is Kind.CUSTOMERS else state.orders) / page)

    return pages


HOSTS = (
    Host("WooCommerce", WooCommerce, _woo_pages, WOO_FACTS),
    Host("Magento", Magento, _magento_pages(1000), MAGENTO_FACTS),
    Host("Magento with input limits", Magento, _magento_pages(300), MAGENTO_FACTS, InputLimits()),
)
