"""Writes stock: many levels of sources in one call, or the legacy item of each SKU.

Source: https://developer.adobe.com/commerce/webapi/rest/inventory/manage-source-items/. An unknown SKU is answered 200
and kept for nobody, an unknown source 400 without saying which (recorded on 2.4.7): so both are looked for first.
"""

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from passerelle.connectors.magento.facts import Facts
from passerelle.connectors.magento.reading import text, whole
from passerelle.connectors.magento.refusals import Limited
from passerelle.connectors.magento.rest import Rest
from passerelle.connectors.magento.signing import escaped
from passerelle.connectors.magento.stock import FIELDS, ITEMS, Stock, level_id
from passerelle.model import StockLevel
from passerelle.port import Action, Change, Outcome, Rejected, Result

BATCH = 500
AT_ONCE = 4

type Place = tuple[str, str]
"""(source, SKU in lower case)"""


class Levels:
    """Writes stock levels."""

    def __init__(self, rest: Rest, facts: Facts, stock: Stock) -> None:
        self._rest, self._facts, self._stock = rest, facts, stock
        self._most = BATCH

    def push(self, changes: Sequence[Change]) -> list[Outcome]:
        """One outcome per change, in their order; of two for one level the later counts."""
        known = self._known(level.sku for change in changes if (level := _level(change)).sku)
        held = self._held(changes)
        outcomes: dict[str, Outcome] = {}
        waiting: list[tuple[Change, StockLevel]] = []
        for change in changes:
            level = _level(change)
            judged = self._judged(change, level, known, held)
            if judged:
                outcomes[change.id] = judged
            else:
                waiting.append((change, level))
        write = self._write if self._facts.sources is not None else self._write_legacy
        outcomes |= {outcome.id: outcome for outcome in write(waiting)}
        return [outcomes[change.id] for change in changes]

    def _known(self, skus: Iterable[str]) -> set[str]:
        rows = self._rest.among("products", "sku", skus, fields="id,sku")
        return {text(row.get("sku")).casefold() for row in rows}

    def _held(self, changes: Sequence[Change]) -> Mapping[Place, tuple[int, str]]:
        """(quantity, status) of what is there."""
        if self._facts.sources is None:
            return {}
        skus = [_level(change).sku for change in changes]
        rows = self._rest.among(ITEMS, "sku", skus, fields=FIELDS, each=max(len(self._facts.sources), 1))
        return {
            (text(row["source_code"]), text(row["sku"]).casefold()): (
                whole(row, "quantity"),
                text(row["status"]),
            )
            for row in rows
        }

    def _source(self, level: StockLevel) -> str:
        """The source of a level; one that names none means the only one that counts, or else the default."""
        counting = self._facts.counting
        return level.location or (counting[0] if len(counting) == 1 else "default")

    def _judged(
        self, change: Change, level: StockLevel, known: set[str], held: Mapping[Place, tuple[int, str]]
    ) -> Outcome | None:
        """The outcome of a change that needs no write, or cannot have one."""
        if level.quantity is None:
            return _refused(change, "stock_untracked", "The level tells no quantity.")
        if level.sku.casefold() not in known:
            return _refused(change, "sku_unknown", f"The shop has no product with the SKU {level.sku}.")
        sources = self._facts.sources
        if sources is None:
            return None
        source = self._source(level)
        if source not in sources:
            return _refused(change, "source_unknown", f"The shop has no inventory source {source}.")
        if held.get((source, level.sku.casefold())) == (level.quantity, _status(level)):
            return Outcome(change.id, Result.UNCHANGED, level_id(source, level.sku))
        return None

    def _write(self, changes: Sequence[tuple[Change, StockLevel]]) -> list[Outcome]:
        outcomes: list[Outcome] = []
        waiting = [list(changes)] if changes else []
        while waiting:
            part = waiting.pop(0)
            if len(part) > self._most:
                waiting[:0] = [part[: self._most], part[self._most :]]
                continue
            try:
                self._rest.send("POST", ITEMS, {"sourceItems": [self._item(level) for _, level in part]})
            except Limited as limited:
                self._most = limited.most
                waiting[:0] = [part]
            except Rejected as refusal:
                # All or nothing: halves find the one that is refused.
                half = len(part) // 2
                if half:
                    waiting[:0] = [part[:half], part[half:]]
                else:
                    outcomes.append(_refused(part[0][0], "stock_refused", refusal.why))
            else:
                outcomes += [self._updated(change, level) for change, level in part]
        return outcomes

    def _item(self, level: StockLevel) -> dict[str, object]:
        source, status = self._source(level), int(_status(level))
        return {"sku": level.sku, "source_code": source, "quantity": level.quantity, "status": status}

    def _updated(self, change: Change, level: StockLevel) -> Outcome:
        return Outcome(change.id, Result.UPDATED, level_id(self._source(level), level.sku))

    def _write_legacy(self, changes: Sequence[tuple[Change, StockLevel]]) -> list[Outcome]:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return list(pool.map(self._legacy, changes))

    def _legacy(self, one: tuple[Change, StockLevel]) -> Outcome:
        change, level = one
        row = self._stock.legacy(level.sku)
        if row is None:
            return _refused(change, "sku_unknown", f"The shop has no product with the SKU {level.sku}.")
        id, status = level_id("", level.sku), int(_status(level))
        if (whole(row, "quantity"), row["status"]) == (level.quantity, status):
            return Outcome(change.id, Result.UNCHANGED, id)
        body = {"stockItem": {"qty": level.quantity, "is_in_stock": bool(status)}}
        path = f"products/{escaped(level.sku)}/stockItems/{row['item']}"
        try:
            self._rest.send("PUT", path, body)
        except Rejected as refusal:
            return _refused(change, "stock_refused", refusal.why)
        return Outcome(change.id, Result.UPDATED, id)


def _level(change: Change) -> StockLevel:
    if change.action is Action.DELETE or not isinstance(change.object, StockLevel):
        raise NotImplementedError("Magento's stock levels are set here, and not taken away")
    return change.object


def _status(level: StockLevel) -> str:
    return "1" if level.quantity and level.quantity > 0 else "0"


def _refused(change: Change, code: str, why: str) -> Outcome:
    return Outcome(
        change.id, Result.REFUSED, change.destination_id, code, why, "Correct it, then sync it again."
    )
