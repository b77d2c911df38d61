"""Stock, one level a variant, with the id of its inventory item: the one that a notice of a change names.

Sources: https://shopify.dev/docs/api/admin-graphql/2026-07/objects/InventoryItem and …/queries/productVariants. Levels
are listed whole each time, as a variant's date says nothing of its units; the quantities serve as version.
"""

from collections.abc import Sequence
from typing import Any

import orjson

from passerelle.connectors.shopify.admin import Admin, Data
from passerelle.connectors.shopify.documents import COUNT_VARIANTS, PAGE, Document
from passerelle.connectors.shopify.fetching import Fetcher
from passerelle.connectors.shopify.ids import number
from passerelle.connectors.shopify.listing import LOST, WINDOW
from passerelle.connectors.shopify.places import Places
from passerelle.model import StockLevel
from passerelle.port import Count, Incomplete, Indexed, IndexPage, Pulled

LEVELS = """inventoryLevels(first: $places) {
      nodes { location { id } quantities(names: ["available"]) { quantity } }
    }"""
LIST_STOCK = Document(
    "ListStock",
    f"""query ListStock(
  $first: Int!, $after: String, $query: String, $counting: Boolean!, $places: Int!, $several: Boolean!
) {{
  page: productVariants(first: $first, after: $after, query: $query, sortKey: ID) {{
    pageInfo {{ hasNextPage endCursor }}
    nodes {{
      id sku inventoryQuantity product {{ id }}
      inventoryItem {{ id tracked ... @include(if: $several) {{ {LEVELS} }} }}
    }}
  }}
  total: productVariantsCount(limit: null) @include(if: $counting) {{ count precision }}
}}""",
    36,
)
PULL_STOCK = Document(
    "PullStock",
    f"""query PullStock($ids: [ID!]!, $places: Int!, $several: Boolean!) {{
  nodes(ids: $ids) {{ ... on InventoryItem {{
    id tracked
    variants(first: 1) {{ nodes {{ id sku inventoryQuantity product {{ id }} }} }}
    ... @include(if: $several) {{ {LEVELS} }}
  }} }}
}}""",
    5,
)
START = {"beyond": "", "cursor": None, "in": 0, "seen": 0, "total": None}
"""As in the lists of other kinds, but of variants: levels have their order."""


class Stock:
    """Lists and reads one shop's levels."""

    def __init__(self, admin: Admin, fetcher: Fetcher, places: Places, window: int = WINDOW) -> None:
        self._admin, self._fetcher, self._places, self._window = admin, fetcher, places, window

    def index(self, after: str | None) -> IndexPage:
        """A page of 250, whole. Raises Incomplete where pages end before the count is reached."""
        mark: Data = dict(orjson.loads(after)) if after else dict(START)
        variables = {
            "first": PAGE,
            "after": mark["cursor"],
            "query": f"id:>{mark['beyond']}" if mark["beyond"] else None,
            "counting": after is None,
            **self._places.variables(),
        }
        data = self._admin.ask(LIST_STOCK, variables)
        if after is None and data["total"]["precision"] == "EXACT":
            mark["total"] = int(data["total"]["count"])
        nodes, info = data["page"]["nodes"], data["page"]["pageInfo"]
        mark["seen"], mark["in"] = mark["seen"] + len(nodes), mark["in"] + len(nodes)
        levels = tuple(level(node["inventoryItem"], node) for node in nodes)
        entries = tuple(Indexed(each.id, version(each)) for each in levels)
        return IndexPage(entries, self._onward(mark, nodes, info), mark["total"], levels)

    def _onward(self, mark: Data, nodes: list[Data], info: Data) -> str | None:
        if not info["hasNextPage"]:
            if mark["total"] is not None and mark["seen"] < mark["total"]:
                self._refuse_short(mark)
            return None
        if not nodes:
            raise Incomplete("Shopify gave an empty page and says that more follow.", LOST)
        mark["cursor"] = info["endCursor"]
        if mark["in"] + PAGE > self._window:
            mark["beyond"], mark["cursor"], mark["in"] = number(nodes[-1]["id"]), None, 0
        return orjson.dumps(mark).decode()

    def _refuse_short(self, mark: Data) -> None:
        """Variants deleted meanwhile explain a shortfall; then the count has shrunk too."""
        now = self.count().objects
        if mark["seen"] < min(now, mark["total"]):
            raise Incomplete(f"Shopify listed {mark['seen']} variants and counts {now}.", LOST)

    def count(self) -> Count:
        """As many as variants."""
        total = int(self._admin.ask(COUNT_VARIANTS)["total"]["count"])
        return Count(total, total)

    def pull(self, ids: Sequence[str]) -> Pulled:
        """Levels by their inventory items."""
        wanted = list(dict.fromkeys(ids))
        found: list[StockLevel] = []
        missing: list[str] = []
        nodes = self._fetcher.nodes(PULL_STOCK, "InventoryItem", wanted, self._places.variables())
        for identifier, item in nodes:
            if item and item["variants"]["nodes"]:
                found.append(level(item, item["variants"]["nodes"][0]))
            else:
                missing.append(identifier)
        return Pulled(tuple(found), tuple(missing))


def exported_fields(*, several: bool) -> str:
    """What an export tells of each inventory item, as a bulk query asks it: whole lists, and everybody's type."""
    levels = """ inventoryLevels { edges { node {
  __typename id location { id } quantities(names: ["available"]) { quantity } } } }"""
    variants = " variants { edges { node { __typename id sku inventoryQuantity product { id } } } }"
    return f"__typename id tracked{variants}{levels if several else ''}"


def exported(raw: Data, *, several: bool) -> StockLevel | None:
    """A level of an export; None of an item that no variant has."""
    item = {"id": raw["id"], "tracked": raw["tracked"]}
    if several:
        item["inventoryLevels"] = {"nodes": raw["inventoryLevels"]}
    return level(item, raw["variants"][0]) if raw["variants"] else None


def level(item: Data, variant: Data) -> StockLevel:
    """A level; without `inventoryLevels` the shop has one location, and the variant's sum is all there is."""
    units = available(item) if "inventoryLevels" in item else {}
    held = sum(units.values()) if "inventoryLevels" in item else int(variant["inventoryQuantity"] or 0)
    tracked = bool(item["tracked"])
    return StockLevel(
        id=number(item["id"]),
        sku=variant["sku"] or "",
        quantity=held if tracked else None,
        product_id=number(variant["product"]["id"]),
        variant_id=number(variant["id"]),
        by_location=tuple(sorted(units.items())) if tracked else (),
    )


def available(item: Data) -> dict[str, int]:
    """Location → units for sale, for each location that stocks the item."""
    return {
        number(each["location"]["id"]): _units(each["quantities"])
        for each in item["inventoryLevels"]["nodes"]
    }


def _units(quantities: Sequence[Any]) -> int:
    return int(quantities[0]["quantity"]) if quantities else 0


def version(told: StockLevel) -> str:
    """The quantities, as text."""
    if told.quantity is None:
        return "-"
    parts = [f"{place}:{units}" for place, units in told.by_location]
    return ",".join(parts) or str(told.quantity)
