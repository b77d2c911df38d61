"""Writes stock: absolute, only where it differs, and only if nobody changed it since it was read.

Source: https://shopify.dev/docs/api/admin-graphql/2026-07/mutations/inventorySetQuantities: 250 quantities a call, all or
none. `changeFromQuantity` and `@idempotent` are demanded although the schema does not say so. The key is new for every
call that we make, and the same when that call is sent again: a key of the content would be answered from memory when the
same step is made a second time, next week.
"""

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import batched
from typing import Any

from passerelle.connectors.shopify.admin import Admin, Data
from passerelle.connectors.shopify.documents import PAGE, Document
from passerelle.connectors.shopify.fetching import Fetcher
from passerelle.connectors.shopify.ids import gid
from passerelle.connectors.shopify.places import Places
from passerelle.connectors.shopify.stock import LEVELS, available
from passerelle.model import StockLevel
from passerelle.model.riding import Beside
from passerelle.port import Action, Change, Outcome, Result

TRIES = 4
"""The first and three more, each after another look (C-8)."""
MOST = 1_000_000_000
"""Units that Shopify holds of one thing at a place."""
ACTIVATIONS = 40
"""In one request, at 11 points each."""
STALE = "CHANGE_FROM_QUANTITY_STALE"

HELD = Document(
    "HeldStock",
    f"""query HeldStock($ids: [ID!]!, $places: Int!) {{
  nodes(ids: $ids) {{ ... on ProductVariant {{ inventoryItem {{ id tracked {LEVELS} }} }} }}
}}""",
    7,
)
SET = Document(
    "SetStock",
    """mutation SetStock($input: InventorySetQuantitiesInput!, $key: String!) {
  set: inventorySetQuantities(input: $input) @idempotent(key: $key) { userErrors { code field message } }
}""",
    10,
    writes=True,
)
WHY = {
    "INVALID_LOCATION": (
        "location_unknown",
        "The shop has no such active location.",
        "Map another location.",
    ),
    "INVALID_INVENTORY_ITEM": ("missing", "The variant is no longer in the shop.", ""),
    "NON_MUTABLE_INVENTORY_ITEM": (
        "stock_refused",
        "Shopify does not let the units of this variant be set: it is a bundle, or another app's.",
        "Leave it out, or set its parts.",
    ),
}


@dataclass(frozen=True, slots=True)
class Write:
    """Units wanted at a place; `was` None: nothing lies there yet."""

    change: Change
    item: str
    place: str
    units: int
    was: int | None


class LevelWriter:
    """Writes one shop's stock. The destination's ids are those of its variants."""

    def __init__(
        self,
        admin: Admin,
        fetcher: Fetcher,
        places: Places,
        key: Callable[[], str] = lambda: str(uuid.uuid4()),
    ) -> None:
        self._admin, self._fetcher, self._places, self._key = admin, fetcher, places, key

    def push(self, changes: Sequence[Change]) -> list[Outcome]:
        """One outcome per change, in their order. Raises Unavailable where it is not known what was written."""
        outcomes: dict[int, Outcome] = {}
        left = dict(enumerate(changes))
        for _ in range(TRIES):
            outcomes |= self._round(left)
            left = {place: change for place, change in left.items() if place not in outcomes}
            if not left:
                break
        outcomes |= {place: _contended(change) for place, change in left.items()}
        return [outcomes[place] for place in range(len(changes))]

    def _round(self, changes: Mapping[int, Change]) -> dict[int, Outcome]:
        """Read, then write what differs; changes without an outcome are to be tried again."""
        ids = list(dict.fromkeys(change.destination_id for change in changes.values()))
        asked = {"places": self._places.variables()["places"]}
        held = {
            identifier: node["inventoryItem"] if node else None
            for identifier, node in self._fetcher.nodes(HELD, "ProductVariant", ids, asked)
        }
        outcomes: dict[int, Outcome] = {}
        writes: dict[int, list[Write]] = {}
        for place, change in changes.items():
            told = _judged(change, held[change.destination_id]) or self._wanted(
                change, held[change.destination_id]
            )
            if isinstance(told, Outcome):
                outcomes[place] = told
            else:
                writes[place] = told
        return outcomes | self._write(writes)

    def _wanted(self, change: Change, item: Any) -> Outcome | list[Write]:
        told, units = change.object, available(item)
        if not isinstance(told, StockLevel):
            raise NotImplementedError("stock levels only")
        wanted = dict(told.by_location) or {self._places.default: told.quantity or 0}
        differing = [
            Write(change, item["id"], place, fit(many), units.get(place))
            for place, many in wanted.items()
            if units.get(place) != fit(many)
        ]
        return differing or Outcome(change.id, Result.UNCHANGED, change.destination_id)

    def _write(self, writes: Mapping[int, list[Write]]) -> dict[int, Outcome]:
        """Activations first: a change is done when the last of its places is."""
        told: dict[int, Outcome | None] = {}
        new = [(at, one) for at, some in writes.items() for one in some if one.was is None]
        for batch in batched(new, ACTIVATIONS, strict=False):
            told |= self._activate(batch)
        for together in _batches({at: some for at, some in writes.items() if at not in told}):
            told |= self._set(together)
        return {at: outcome for at, outcome in told.items() if outcome} | {
            at: Outcome(some[0].change.id, Result.UPDATED, some[0].change.destination_id)
            for at, some in writes.items()
            if at not in told
        }

    def _activate(self, batch: Sequence[tuple[int, Write]]) -> dict[int, Outcome | None]:
        """What failed: None where it is to be looked at again."""
        variables: dict[str, Any] = {}
        for at, (_, one) in enumerate(batch):
            variables |= {f"i{at}": one.item, f"l{at}": gid("Location", one.place), f"n{at}": one.units}
            variables[f"k{at}"] = self._key()
        data = self._admin.ask(activate(len(batch)), variables)
        failed: dict[int, Outcome | None] = {}
        for at, (place, one) in enumerate(batch):
            errors = (data.get(f"a{at}") or {"userErrors": [{"field": ["inventoryItemId"]}]})["userErrors"]
            if errors:
                lost = "locationId" in (errors[0].get("field") or ())
                failed[place] = _refused(one.change, "INVALID_LOCATION") if lost else None
        return failed

    def _set(self, batch: Mapping[int, Sequence[Write]]) -> dict[int, Outcome | None]:
        """What failed. Where one quantity is refused, none of its call is written: the others come again."""
        flat = [(at, one) for at, some in batch.items() for one in some if one.was is not None]
        if not flat:
            return {}
        given = {
            "name": "available",
            "reason": "correction",
            "quantities": [_quantity(one) for _, one in flat],
        }
        errors = self._admin.ask(SET, {"input": given, "key": self._key()})["set"]["userErrors"]
        if not errors:
            return {}
        failed: dict[int, Outcome | None] = dict.fromkeys(batch)
        for error in errors:
            meant = next((int(part) for part in error.get("field") or () if part.isdigit()), None)
            if (
                meant is not None
                and meant < len(flat)
                and error["code"] not in {STALE, "ITEM_NOT_STOCKED_AT_LOCATION"}
            ):
                at, one = flat[meant]
                failed[at] = _refused(one.change, str(error["code"]))
            elif meant is None and error["code"] != STALE:
                failed |= {at: _refused(some[0].change, str(error["code"])) for at, some in batch.items()}
        return failed


def activate(many: int) -> Document:
    """So many items, each begun at one location with its units."""
    variables = ", ".join(f"$i{at}: ID!, $l{at}: ID!, $n{at}: Int!, $k{at}: String!" for at in range(many))
    writes = "\n".join(
        f"  a{at}: inventoryActivate(inventoryItemId: $i{at}, locationId: $l{at}, available: $n{at})"
        f" @idempotent(key: $k{at}) {{ userErrors {{ field message }} }}"
        for at in range(many)
    )
    return Document("StockAt", f"mutation StockAt({variables}) {{\n{writes}\n}}", 10 * many, writes=True)


def fit(units: int) -> int:
    """What may be for sale: never less than nothing."""
    return min(max(units, 0), MOST)


def _quantity(one: Write) -> Data:
    place = gid("Location", one.place)
    return {
        "inventoryItemId": one.item,
        "locationId": place,
        "quantity": one.units,
        "changeFromQuantity": one.was,
    }


def _batches(writes: Mapping[int, list[Write]]) -> Iterator[dict[int, list[Write]]]:
    """Changes whose quantities fit in one call together; those of one change are not torn apart."""
    batch: dict[int, list[Write]] = {}
    size = 0
    for at, some in writes.items():
        if batch and size + len(some) > PAGE:
            yield batch
            batch, size = {}, 0
        batch[at] = some
        size += len(some)
    if batch:
        yield batch


def _judged(change: Change, item: Any) -> Outcome | None:
    """The outcome of a change that needs no write, or cannot have one."""
    told, there = change.object, change.destination_id
    if change.action is not Action.UPDATE or not isinstance(told, StockLevel):
        why = "Stock is changed where a product is; it is neither made nor deleted."
        return Outcome(change.id, Result.REFUSED, there, "stock_of_nothing", why)
    if item is None:
        why = "The variant is no longer in the shop."
        return Outcome(change.id, Result.REFUSED, there, "missing", why)
    if told.quantity is None:
        return Outcome(change.id, Result.UNCHANGED, there)
    if not item["tracked"]:
        why = "The shop does not track the stock of this variant."
        return Outcome(
            change.id, Result.UNCHANGED, there, beside=(Beside("quantity", "stock_not_tracked", why=why),)
        )
    return None


def _refused(change: Change, code: str) -> Outcome:
    word, why, remedy = WHY.get(
        code, ("stock_refused", f"Shopify refuses this quantity ({code.lower()}).", "Look at it in the shop.")
    )
    return Outcome(change.id, Result.REFUSED, change.destination_id, word, why, remedy)


def _contended(change: Change) -> Outcome:
    why = "The shop sold or changed this stock each time while it was written."
    return Outcome(change.id, Result.THROTTLED, change.destination_id, "stock_contended", why)
