"""How far a first catalogue sync between two shops is from the fewest calls, and that an unchanged one writes nothing.

From a Shopify shop of the smallest plan, each product with two variants. The fewest calls are those of the documented
ways: bulk queries and imports at Shopify, which cost no points (https://shopify.dev/docs/api/usage/bulk-operations), and
250 quantities a call for units, read and set; 100 objects a batch, and a batch for the variations of each parent, at
WooCommerce; at PrestaShop as many entities in one XML as it works on in good time; at Magento its asynchronous bulk.
"""

import json
import sys
from collections.abc import Mapping
from functools import cache
from math import ceil

from passerelle.model import Kind
from passerelle.runtime import Local, Runtime
from passerelle.store.repositories import Storage

from bench.bars import Figure, Options, at_most, told
from bench.engine import Engine
from bench.places import as_text, emulated, ran, stand
from bench.twins import DEPENDENT, VARIANTS, Tally, twins

CATALOGUE = "1 catalogue"
CALLS = 1.05
LARGE = 50_000
JOB = 4
"""Calls of a bulk query: start, two looks, download."""
IMPORT = 6
"""Of a bulk mutation: a place for the file, the file, the start, two looks, download."""
FILE = 100 * 1024 * 1024
LINE = 1_200
"""Bytes of one of these products in an import."""
SET = 250
"""Quantities in one call."""
WORTH_IT = 2_000
TITLES = {"woocommerce": "WooCommerce", "prestashop": "PrestaShop", "magento": "Magento"}

MOST_MB, FLAT = 180.0, 1.1
HOLDS = {"all": True, "matched": True, "quantity": True, "price": True}

type Runs = Mapping[str, Tally]


def measure(options: Options) -> list[Figure]:
    """Bars 1 and 2 of the catalogue."""
    sizes = (10_000, 50_000) if options.large else (2_500, 5_000)
    figures = to_shopify(*sizes) + memory(10_000, 20_000)
    for platform in TITLES:
        figures += _elsewhere(platform, *((500, 1_000) if options.large else (200, 400)))
    return figures


@cache
def synced(dependent: str, size: int, pictures: int = 0) -> Runs:
    """Two full syncs of products, then of units: `first …` and `again …`."""
    with twins(dependent, size, pictures) as here:
        return {
            f"{when} {kind.value}": here.sync(kind)
            for when in ("first", "again")
            for kind in (Kind.PRODUCTS, Kind.STOCK)
        }


def fewest_products(size: int) -> int:
    """The goods by a bulk query, the keys that the dependent has by another, and an import for each 100 MB."""
    return JOB + JOB + IMPORT * ceil(size * LINE / FILE)


def fewest_units(size: int) -> int:
    """The main store's units by a bulk query; the dependent's looked at and set, 250 a call."""
    return JOB + 2 * ceil(size * VARIANTS / SET)


def to_shopify(some: int, more: int) -> list[Figure]:
    """Shopify to Shopify."""
    few, many = synced("shopify", some, 1), synced("shopify", more, 1)
    steps = (LARGE - more) / (more - some)
    products, units = (
        many[kind].all + (many[kind].all - few[kind].all) * steps
        for kind in ("first products", "first stock")
    )
    fewest = fewest_products(LARGE) + fewest_units(LARGE)
    what = f"Shopify to Shopify, {more:,} products"
    at_large = f"Shopify to Shopify, {LARGE:,} products"
    figures = [told(CATALOGUE, f"{what}: {name}", _words(many[name])) for name in many]
    figures += [
        told(
            CATALOGUE,
            f"{at_large}, first sync of products: calls",
            f"{products:.0f} ({fewest_products(LARGE)})",
        ),
        told(CATALOGUE, f"{at_large}, first sync of units: calls", f"{units:.0f} ({fewest_units(LARGE)})"),
        at_most(
            CATALOGUE,
            f"{at_large}, first sync: calls / fewest ({fewest})",
            (products + units) / fewest,
            CALLS,
            "{:.2f}",
        ),
        at_most(
            CATALOGUE,
            f"{what}: refusals for volume",
            sum(each.refused for each in many.values()),
            0,
            "{:.0f}",
        ),
    ]
    looked = many["again products"].calls[DEPENDENT]
    asked = f"{what}, unchanged: calls to the dependent about products"
    return [*figures, *_unchanged(what, many), at_most(CATALOGUE, asked, looked, 0, "{:.0f}")]


def _unchanged(what: str, runs: Runs) -> list[Figure]:
    again = [runs["again products"], runs["again stock"]]
    return [
        at_most(CATALOGUE, f"{what}, unchanged: writes", sum(each.writes for each in again), 0, "{:.0f}"),
        at_most(
            CATALOGUE,
            f"{what}, unchanged: lines of the ledger",
            sum(each.ledger for each in again),
            0,
            "{:.0f}",
        ),
    ]


def memory(some: int, more: int) -> list[Figure]:
    """Bar 4 of the catalogue: a worker that plans a first sync of products, and one that makes a slice of them."""
    low, high = peaks(some), peaks(more)
    figures = []
    for step in ("plan", "carry"):
        what = f"peak of {step} of a first sync of {more:,} products (MB)"
        figures.append(at_most(CATALOGUE, what, high[step], MOST_MB, "{:.0f}"))
        what = f"{step}: {more:,} products against {some:,}"
        figures.append(at_most(CATALOGUE, what, high[step] / low[step], FLAT, "{:.2f}"))
    return figures


def peaks(size: int) -> dict[str, float]:
    """MB of a worker of each step, Shopify to Shopify, over sockets."""
    with emulated() as (resources, variables), stand(size) as routes:
        engine = Engine(Runtime(Storage(resources), Local(True, routes)))
        main, dependent = (engine.connect("shopify", name, _credentials(name)) for name in routes)
        link = engine.to_dependent(main, dependent, HOLDS)
        command = [sys.executable, "-m", "bench.worker"]
        where = [json.dumps(routes), as_text(resources), engine.tenant, link.id, "products"]
        planned = ran([*command, "plan", *where], variables)
        carried = ran([*command, "carry", *where, planned["run"], "2"], variables)
    return {"plan": planned["peak_mb"], "carry": carried["peak_mb"]}


def _credentials(address: str) -> dict[str, str]:
    shop = address.removeprefix("https://")
    return {"shop": shop, "access_token": "shpat_sandbox", "client_secret": "shpss_sandbox"}


def _elsewhere(platform: str, some: int, more: int) -> list[Figure]:
    """What a thousand products more ask of a dependent store, without pictures."""
    few, many = synced(platform, some), synced(platform, more)
    calls = {
        kind: (many[kind].calls[DEPENDENT] - few[kind].calls[DEPENDENT]) * 1_000 / (more - some)
        for kind in ("first products", "first stock")
    }
    what, fewest = f"Shopify to {TITLES[platform]}, each 1,000 products", FEWEST[platform]
    ratio = sum(calls.values()) / sum(fewest)
    products, units = calls["first products"], calls["first stock"]
    words = f"{products:.0f} ({fewest[0]}) for products, {units:.0f} ({fewest[1]}) for units"
    return [
        told(CATALOGUE, f"{what}: calls (fewest)", words),
        at_most(CATALOGUE, f"{what}: calls / fewest ({sum(fewest)})", ratio, CALLS, "{:.2f}"),
        *_unchanged(f"Shopify to {TITLES[platform]}, {more:,} products", many),
    ]


def _words(run: Tally) -> str:
    return (
        f"{run.all} calls, {run.points:,.0f} points, {run.seconds:,.0f} s, "
        f"{run.cpu * 1000 / max(1, run.all):.0f} ms of processor a call, simulators included"
    )


FEWEST = {
    # Products by 100, the variations of each; who has the SKUs by 100. Units: read by 100, set a product at a time.
    "woocommerce": (10 + 1_000 + 20, 20 + 1_000),
    # By 20 and their variants by 50, as advised; read again by 100, as the answer tells the last only. Units: by 50.
    "prestashop": (50 + 40 + 10 + 20, 20 + 40),
    # Who has the SKUs; variants and parents by 1,000, each with a look at its state and its end. Units: by 1,000.
    "magento": (3 + 3 * 3, 2 + 2),
}
"""(for 1,000 products, for their units), without what is asked once a run."""
