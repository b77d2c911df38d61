"""Writes stock: the row that the shop made with each product or combination, looked up by the two.

Source: https://devdocs.prestashop-project.org/8/webservice/resources/stock_availables/. Rows are never made or deleted
here, and the row that adds up a product's combinations is the shop's own. There is no compare-and-set: what is there
is read, and only what differs is written, at once after.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from passerelle.connectors.prestashop.documents import Entity
from passerelle.connectors.prestashop.facts import Facts
from passerelle.connectors.prestashop.reading import flag, number, text
from passerelle.connectors.prestashop.settings import Settings
from passerelle.connectors.prestashop.webservice import Row, Webservice
from passerelle.connectors.prestashop.work import PLAIN, Work, open_ones
from passerelle.connectors.prestashop.writing import Writer
from passerelle.model import ProductField, StockLevel
from passerelle.port import Action, Change, Outcome, Rejected, Result

FIELDS = "id,id_product,id_product_attribute,id_shop,quantity,depends_on_stock,out_of_stock"
ORDERED_ANYWAY = "1"
"""`out_of_stock` of what may be bought although there is none."""

type Place = tuple[str, str]
"""(product, combination)"""


class Levels:
    """Writes quantities of one shop."""

    def __init__(self, service: Webservice, facts: Facts, settings: Settings, writer: Writer) -> None:
        self._service, self._facts, self._settings, self._writer = service, facts, settings, writer

    @property
    def location(self) -> str:
        """The one place that holds the shop's stock."""
        return str(self._settings.shop or 1)

    def push(self, changes: Sequence[Change]) -> list[Outcome]:
        """One outcome per change, in their order; of two for one variant the later counts."""
        outcomes: dict[str, Outcome] = {}
        wanted: dict[str, tuple[Place, int]] = {}
        for change in changes:
            level = _level(change)
            units = dict(level.by_location).get(self.location) if level.by_location else level.quantity
            product, _, part = change.destination_id.partition("-")
            if units is None and level.by_location:
                outcomes[change.id] = _elsewhere(change)
            elif units is None or not self._facts.counts_stock:
                outcomes[change.id] = Outcome(change.id, Result.UNCHANGED, change.destination_id)
            elif not product.isdigit() or not part.isdigit() or level.product_id not in {"", product}:
                outcomes[change.id] = _gone(change)
            else:
                wanted[change.id] = ((product, part), units)
        rows = self._rows(product for (product, _), _ in wanted.values())
        last = dict(wanted.values())
        written = self._write({place: {"quantity": str(units)} for place, units in last.items()}, rows)
        for change in changes:
            if change.id in wanted:
                place = wanted[change.id][0]
                outcomes[change.id] = _told(change, rows.get(place), written.get(place))
        return [outcomes[change.id] for change in changes]

    def begin(self, works: Sequence[Work]) -> None:
        """Write the quantities that go with products, and let what nobody counts be bought without any."""
        wanted: dict[Place, dict[str, str]] = {}
        owners: dict[Place, Work] = {}
        for work in open_ones(works):
            for variant in work.product.variants if work.names(ProductField.QUANTITY) else ():
                part = work.of.get(variant.id)
                made = work.row is None or variant in work.new
                if part is None or not self._facts.counts_stock or (variant.quantity is None and not made):
                    continue
                units = variant.quantity
                told = {"out_of_stock": ORDERED_ANYWAY} if units is None else {"quantity": str(units)}
                wanted[work.id, part], owners[work.id, part] = told, work
                if units is None:
                    why = "The shop counts everything: it may be bought although there is none."
                    work.tell("quantity", "untracked_not_held", why)
        rows = self._rows(product for product, _ in wanted)
        for place, result in self._write(wanted, rows).items():
            if isinstance(result, Rejected):
                owners[place].tell("quantity", result.code, result.why)
            owners[place].wrote = owners[place].wrote or result is Result.UPDATED

    def _rows(self, products: Iterable[str]) -> dict[Place, Row]:
        """The rows by product and combination; of several shops' that of this one, or of its group."""
        found: dict[Place, list[Row]] = defaultdict(list)
        for row in self._service.among("stock_availables", "id_product", products, FIELDS):
            found[text(row.get("id_product")), text(row.get("id_product_attribute")) or PLAIN].append(row)
        mine = str(self._settings.shop or "")

        def rank(row: Row) -> tuple[bool, bool, int]:
            shop = text(row.get("id_shop"))
            return shop != mine, shop not in {"0", ""}, int(row["id"])

        best = {place: min(rows, key=rank) for place, rows in found.items()}
        return {
            place: row for place, row in best.items() if not mine or text(row.get("id_shop")) in {mine, "0"}
        }

    def _write(
        self, wanted: Mapping[Place, Mapping[str, str]], rows: Mapping[Place, Row]
    ) -> dict[Place, Result | Rejected]:
        """What became of each place that has a row."""
        sums = self._sums(wanted, rows)
        results: dict[Place, Result | Rejected] = {}
        entities: dict[str, Entity] = {}
        places: dict[str, Place] = {}
        for place, told in wanted.items():
            row = rows.get(place)
            if row is None or (place[0] in sums and place[1] == PLAIN):
                why = "The shop has no stock for it: the variant is gone, or has become several."
                results[place] = Rejected(why, "Sync the product.", "missing", 404)
            elif flag(row, "depends_on_stock"):
                why = "The shop counts it in its warehouses, which the webservice does not write."
                results[place] = Rejected(why, "Turn off advanced stock for the product.", "stock_elsewhere")
            elif all(number(row, name) == int(value) for name, value in told.items()):
                results[place] = Result.UNCHANGED
            else:
                id = str(row["id"])
                entities[id], places[id] = Entity(dict(told)), place
        refused = self._writer.update("stock_availables", entities)
        return results | {place: refused.get(id, Result.UPDATED) for id, place in places.items()}

    def _sums(self, wanted: Iterable[Place], rows: Iterable[Place]) -> set[str]:
        """Products whose own row only adds up their combinations."""
        several = {product for product, part in rows if part != PLAIN}
        plain = [product for product, part in wanted if part == PLAIN and product in several]
        found = self._service.among("combinations", "id_product", plain, "id,id_product")
        return {text(row.get("id_product")) for row in found}


def _level(change: Change) -> StockLevel:
    if change.action is Action.DELETE or not isinstance(change.object, StockLevel):
        raise NotImplementedError("PrestaShop's stock is set here, and not taken away")
    return change.object


def _gone(change: Change) -> Outcome:
    why = "The shop has no such variant."
    return Outcome(change.id, Result.REFUSED, change.destination_id, "missing", why, "Sync the product.")


def _elsewhere(change: Change) -> Outcome:
    why = "The shop has one place for its stock, and the change names another."
    remedy = "Map the locations of the source to the shop's own."
    return Outcome(change.id, Result.REFUSED, change.destination_id, "location_unknown", why, remedy)


def _told(change: Change, row: Row | None, result: Result | Rejected | None) -> Outcome:
    if row is None or result is None:
        return _gone(change)
    if isinstance(result, Rejected):
        code = result.code if not result.code.startswith("prestashop_") else "stock_refused"
        id = change.destination_id
        return Outcome(change.id, Result.REFUSED, id, code, result.why, result.remedy)
    return Outcome(change.id, result, change.destination_id)
