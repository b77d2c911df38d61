"""Writes stock: many units in many sources with one call, or the legacy item of each SKU.

Source: https://developer.adobe.com/commerce/webapi/rest/inventory/manage-source-items/. An unknown SKU is answered 200
and kept for nobody, an unknown source 400 without saying which (recorded on 2.4.7): so both are looked for first. The
shop compares nothing before it writes; what is there is read just before, and only what differs is written.
"""

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from passerelle.connectors.magento.facts import Facts
from passerelle.connectors.magento.reading import text, whole
from passerelle.connectors.magento.refusals import Limited
from passerelle.connectors.magento.rest import Rest, Row
from passerelle.connectors.magento.signing import escaped
from passerelle.connectors.magento.stock import ITEMS, SLIM, Stock, tracked
from passerelle.model import StockLevel
from passerelle.port import Action, Change, Outcome, Rejected, Result

BATCH = 500
LEAST = 20
"""Items that any shop takes at once."""
AT_ONCE = 4

type Place = tuple[str, str]
"""(source, SKU)"""
type Puts = Mapping[Place, int]
"""Units wanted in each place."""
type Told = dict[Place, str | None]
"""Why a place could not be written; "" where it was, None where nothing was to do."""


class Levels:
    """Writes stock levels."""

    def __init__(self, rest: Rest, facts: Facts, stock: Stock) -> None:
        self._rest, self._facts, self._stock = rest, facts, stock
        self._most = BATCH

    def push(self, changes: Sequence[Change]) -> list[Outcome]:
        """One outcome per change, in their order; of two for one place the later counts."""
        skus = self._skus(changes)
        outcomes: dict[str, Outcome] = {}
        wanted: dict[str, dict[Place, int]] = {}
        for change in changes:
            level, sku = _level(change), skus.get(_variant(change), "")
            refused = self._refused(change, level, sku)
            if refused or level.quantity is None:
                id = _variant(change)
                outcomes[change.id] = refused or Outcome(change.id, Result.UNCHANGED, id)
            else:
                wanted[change.id] = {(source, sku): units for source, units in self._units(level)}
        told = self.put({place: units for each in wanted.values() for place, units in each.items()})
        for change in changes:
            if change.id in wanted:
                outcomes[change.id] = _settled(change, [told[place] for place in wanted[change.id]])
        return [outcomes[change.id] for change in changes]

    def put(self, wanted: Puts) -> Told:
        """Make it so: only what differs is written."""
        if not wanted:
            return {}
        if self._facts.sources is None:
            return self._put_legacy(wanted)
        held = {
            (text(row["source_code"]), text(row["sku"]).casefold()): (whole(row, "quantity"), row["status"])
            for row in self._stock.items(sku for _, sku in wanted)
        }
        told: Told = {}
        waiting: list[Place] = []
        for place, units in wanted.items():
            source, sku = place
            there = held.get((source, sku.casefold()))
            if there is not None and (there[0], text(there[1])) == (units, str(_status(units))):
                told[place] = None
            else:
                waiting.append(place)
        return told | self._write(waiting, wanted)

    def move(self, renamed: Mapping[str, str]) -> None:
        """Write what lies under SKUs, in lower case, under other ones, too. Raises Rejected."""
        items = [
            row | {"sku": renamed[sku]}
            for row in self._stock.items(renamed)
            if (sku := text(row.get("sku")).casefold()) in renamed
        ]
        for start in range(0, len(items), min(self._most, LEAST)):
            self._rest.send("POST", ITEMS, {"sourceItems": items[start : start + min(self._most, LEAST)]})

    # --- what is meant ---------------------------------------------------------------------------------------

    def _skus(self, changes: Sequence[Change]) -> dict[str, str]:
        """Variant id → its SKU; and SKU in lower case → SKU, for levels that name no variant."""
        ids = [change.destination_id for change in changes if change.destination_id]
        skus = [_level(change).sku for change in changes if not change.destination_id]
        rows = self._rest.among("products", "entity_id", ids, fields=SLIM)
        rows += self._rest.among("products", "sku", skus, fields=SLIM)
        by_sku = {text(row.get("sku")).casefold(): text(row.get("sku")) for row in rows}
        return by_sku | {str(row["id"]): text(row.get("sku")) for row in rows}

    def _units(self, level: StockLevel) -> Iterable[tuple[str, int]]:
        """(source, units) of each place that a level names."""
        return level.by_location or ((self._facts.default_source, level.quantity or 0),)

    def _refused(self, change: Change, level: StockLevel, sku: str) -> Outcome | None:
        """The outcome of a change that cannot be written."""
        if not sku:
            if change.destination_id:
                return _refusal(change, "missing", "The variant is no longer in the shop.")
            return _refusal(change, "stock_of_nothing", f"The shop has no product with the SKU {level.sku}.")
        sources = self._facts.sources
        places = [source for source, _ in level.by_location]
        unknown = next((one for one in places if sources is not None and one not in sources), "")
        if unknown:
            return _refusal(change, "location_unknown", f"The shop has no inventory source {unknown}.")
        return None

    # --- writing ---------------------------------------------------------------------------------------------

    def _write(self, places: Sequence[Place], wanted: Puts) -> Told:
        told: Told = {}
        waiting = [list(places)] if places else []
        while waiting:
            part = waiting.pop(0)
            if len(part) > self._most:
                waiting[:0] = [part[: self._most], part[self._most :]]
                continue
            try:
                self._rest.send("POST", ITEMS, {"sourceItems": [_item(one, wanted[one]) for one in part]})
            except Limited as limited:
                self._most = limited.most
                waiting[:0] = [part]
            except Rejected as refusal:
                # All or nothing: halves find the one that is refused.
                half = len(part) // 2
                if half:
                    waiting[:0] = [part[:half], part[half:]]
                else:
                    told[part[0]] = refusal.why
            else:
                told |= dict.fromkeys(part, "")
        return told

    def _put_legacy(self, wanted: Puts) -> Told:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            whys = pool.map(lambda place: self._legacy(place[1], wanted[place]), wanted)
            return dict(zip(wanted, whys, strict=True))

    def _legacy(self, sku: str, units: int) -> str | None:
        row = self._stock.legacy(sku)
        if row is None:
            return f"The shop has no product with the SKU {sku}."
        if tracked(row) is None or (whole(row, "quantity"), row["status"]) == (units, _status(units)):
            return None
        body = {"stockItem": {"qty": units, "is_in_stock": bool(_status(units))}}
        try:
            self._rest.send("PUT", f"products/{escaped(sku)}/stockItems/{row['item']}", body)
        except Rejected as refusal:
            return refusal.why
        return ""


def _item(place: Place, units: int) -> Row:
    source, sku = place
    return {"sku": sku, "source_code": source, "quantity": units, "status": _status(units)}


def _status(units: int) -> int:
    return 1 if units > 0 else 0


def _level(change: Change) -> StockLevel:
    if change.action is Action.DELETE or not isinstance(change.object, StockLevel):
        raise NotImplementedError("Magento's stock levels are set here, and not taken away")
    return change.object


def _variant(change: Change) -> str:
    """What finds the variant: its id at the shop, or else its SKU."""
    return change.destination_id or _level(change).sku.casefold()


def _settled(change: Change, whys: Sequence[str | None]) -> Outcome:
    refused = next((why for why in whys if why), "")
    if refused:
        return _refusal(change, "stock_refused", refused)
    written = any(why == "" for why in whys)
    return Outcome(change.id, Result.UPDATED if written else Result.UNCHANGED, change.destination_id)


def _refusal(change: Change, code: str, why: str) -> Outcome:
    return Outcome(
        change.id, Result.REFUSED, change.destination_id, code, why, "Correct it, then sync it again."
    )
