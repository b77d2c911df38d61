"""Writes products with their combinations, prices, stock and pictures.

Source: https://devdocs.prestashop-project.org/8/webservice/resources/products/. Many entities go in one document; a
product that is made bears our reference from the start (`supplier_reference`), so that one whose answer was lost is
found again and finished. What is there is read by fifties, and only what differs is written.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from itertools import batched
from secrets import token_hex

from passerelle.connectors.prestashop.bodies import Bodies
from passerelle.connectors.prestashop.documents import Entity
from passerelle.connectors.prestashop.facts import Facts
from passerelle.connectors.prestashop.finding import Finding
from passerelle.connectors.prestashop.fitting import our_reference
from passerelle.connectors.prestashop.levels import Levels
from passerelle.connectors.prestashop.names import Names
from passerelle.connectors.prestashop.options import Options, linked
from passerelle.connectors.prestashop.pictures import Pictures
from passerelle.connectors.prestashop.prices import PRICED, Prices
from passerelle.connectors.prestashop.reading import text
from passerelle.connectors.prestashop.settings import Settings
from passerelle.connectors.prestashop.taxes import Taxes
from passerelle.connectors.prestashop.webservice import Row, Webservice
from passerelle.connectors.prestashop.work import Work, alike, fitted_options, match, open_ones
from passerelle.connectors.prestashop.writing import Writer
from passerelle.model import Product, ProductField, Variant
from passerelle.port import Action, By, Change, Outcome, Rejected, Result

AT_ONCE = 50
ALL = frozenset(ProductField)


class Goods:
    """Writes products of one shop."""

    def __init__(
        self, service: Webservice, facts: Facts, settings: Settings, writer: Writer, levels: Levels
    ) -> None:
        self._service, self._facts, self._settings = service, facts, settings
        self._writer, self._levels = writer, levels
        self._finding, self._options = Finding(service, facts), Options(facts)
        self._taxes = Taxes(service, facts, settings)
        self._names = Names(service, facts, writer)
        self._pictures = Pictures(service, facts, self._names, writer)

    def push(self, changes: Sequence[Change]) -> list[Outcome]:
        """One outcome per change, in their order. Raises Unavailable where it is not known what was written."""
        outcomes: dict[str, Outcome] = {}
        for some in batched(changes, AT_ONCE, strict=False):
            gone = [change for change in some if change.action is Action.DELETE]
            outcomes |= self._delete(gone)
            works = [_work(change) for change in some if change.action is not Action.DELETE]
            self._carry(works)
            outcomes |= {work.change.id: work.outcome for work in works if work.outcome}
        return [outcomes[change.id] for change in changes]

    def _delete(self, changes: Sequence[Change]) -> dict[str, Outcome]:
        ids = [change.destination_id for change in changes if change.destination_id]
        try:
            self._writer.remove("products", ids)
        except Rejected as refusal:
            why, remedy = refusal.why, refusal.remedy
            return {
                c.id: Outcome(c.id, Result.REFUSED, c.destination_id, "product_refused", why, remedy)
                for c in changes
            }
        return {c.id: Outcome(c.id, Result.DELETED, c.destination_id) for c in changes}

    def _carry(self, works: Sequence[Work]) -> None:
        prices = Prices(self._service, self._facts, self._settings, self._taxes, self._writer)
        bodies = Bodies(self._facts, self._names, prices)
        for work in works:
            self._judge(work)
        self._locate(works)
        self._read(works)
        self._take_away(open_ones(works))
        options = self._matched(open_ones(works))
        prices.learn(open_ones(works))
        for work in open_ones(works):
            _begin(work, prices, bodies)
        bodies.learn(open_ones(works), self._tags)
        self._parents(open_ones(works), bodies)
        self._parts(open_ones(works), bodies, options)
        prices.write(works)
        self._levels.begin(works)
        self._pictures.write(works)
        for work in open_ones(works):
            work.settle(made=work.change.action is Action.CREATE)

    # --- looking -----------------------------------------------------------------------------------------------

    def _judge(self, work: Work) -> None:
        """Refuse what cannot be written at all."""
        product = work.product
        if work.names(*PRICED):
            currencies = {variant.price.currency for variant in product.variants}
            if currencies != {self._facts.currency}:
                why = f"Its prices are in {', '.join(sorted(currencies))}, the shop's in {self._facts.currency}."
                work.refuse("currency_differs", why, "Choose a shop with the same currency.")
            elif product.tax_included is not self._facts.tax_included:
                why = "Its prices hold tax and the shop's do not, or the other way round."
                work.refuse("tax_differs", why, "Sell with prices of the same kind at both shops.")
        if work.change.action is Action.CREATE and len(product.variants) > 1:
            chosen = [alike(fitted_options(variant)) for variant in product.variants]
            if not all(chosen) or len(set(chosen)) < len(chosen):
                work.refuse("options_repeated", "Two of its variants cannot be told apart by their options.")

    def _locate(self, works: Sequence[Work]) -> None:
        """Find those that are to be made among what is there: our own are finished, others are left alone."""
        new = [work for work in open_ones(works) if work.change.action is Action.CREATE]
        asked = [work for work in new if not work.change.fresh]
        kept = {
            work.change.id: our_reference(work.change.reference) for work in asked if work.change.reference
        }
        ours = {m.key: m.destination_id for m in self._finding.find(list(kept.values()), By.OWN)}
        for work in open_ones(works):
            work.id = work.change.destination_id
            if work.change.action is Action.CREATE:
                work.id = ours.get(kept.get(work.change.id, ""), "")
        strange = [work for work in new if not work.id]
        taken: dict[str, str] = {}
        doubted = [work for work in strange if not work.change.fresh]
        for found in self._finding.find([sku for work in doubted for sku in _skus(work)], By.OWN):
            taken.setdefault(found.key, found.destination_id)
        claimed: set[str] = set()
        for work in strange:
            skus = _skus(work)
            there = next((taken[sku] for sku in skus if sku in taken), "")
            if there or claimed.intersection(skus):
                work.exists(there)
            claimed.update(skus)

    def _read(self, works: Sequence[Work]) -> None:
        """Read whole what is to be changed."""
        located = {work.id: work for work in open_ones(works) if work.id}
        rows = self._service.entities("products", [id for id in located if id.isdigit()])
        for row in rows:
            located[str(row["id"])].row = row
        for row in self._service.among("combinations", "id_product", [str(row["id"]) for row in rows]):
            located[text(row.get("id_product"))].parts[str(row["id"])] = row
        for work in located.values():
            if work.row is None:
                work.refuse("missing", "The product is no longer in the shop.", "Nothing to do.")

    def _take_away(self, works: Sequence[Work]) -> None:
        """Delete the combinations that are to go, but never the last."""
        gone: list[str] = []
        for work in works:
            named = [v.partition("-")[2] for v in work.change.without if v.partition("-")[0] == work.id]
            parts = [part for part in named if part in work.parts]
            if (parts and len(parts) == len(work.parts)) or (named and not work.parts):
                parts = parts[1:]
                work.tell("variants", "last_variant_kept", "A product keeps its last variant.")
            for part in parts:
                del work.parts[part]
            work.wrote = work.wrote or bool(parts)
            gone += parts
        self._writer.remove("combinations", gone)

    def _matched(self, works: Sequence[Work]) -> dict[str, tuple[tuple[str, str], ...]]:
        parts = {id: row for work in works for id, row in work.parts.items()}
        self._options.learn(parts.values())
        options = {id: self._options.of(row) for id, row in parts.items()}
        for work in works:
            match(work, {id: options[id] for id in work.parts})
        return options

    def _tags(self, ids: list[str]) -> Mapping[str, Row]:
        return {str(row["id"]): row for row in self._service.entities("tags", ids, "id,id_lang,name")}

    # --- writing -----------------------------------------------------------------------------------------------

    def _parents(self, works: Sequence[Work], bodies: Bodies) -> None:
        self._make_parents([work for work in works if work.row is None], bodies)
        changed = {work.id: work for work in works if work.row is not None}
        entities = {id: entity for id, work in changed.items() if (entity := bodies.product(work))}
        for id, refusal in self._writer.update("products", entities).items():
            changed[id].refused(refusal)
        for id in entities:
            changed[id].wrote = True

    def _make_parents(self, works: Sequence[Work], bodies: Bodies) -> None:
        """Make products, and learn their numbers by our reference: the answer tells the last one's only."""
        references = [our_reference(work.change.reference or token_hex(16)) for work in works]
        entities = [bodies.product(work) for work in works]
        for entity, reference in zip(entities, references, strict=True):
            entity.fields["supplier_reference"] = reference

        def there(places: Sequence[int]) -> set[int]:
            found = {m.key for m in self._finding.find([references[n] for n in places], By.OWN)}
            return {n for n in places if references[n] in found}

        for place, refusal in self._writer.make("products", entities, there).items():
            works[place].refused(refusal)
        made = {m.key: m.destination_id for m in self._finding.find(references, By.OWN)} if works else {}
        for work, reference in zip(works, references, strict=True):
            if work.outcome is None and reference not in made:
                work.refuse(
                    "product_refused", "The shop said that it made the product, and does not have it."
                )
            work.id, work.wrote = made.get(reference, ""), True

    def _parts(
        self, works: Sequence[Work], bodies: Bodies, options: Mapping[str, tuple[tuple[str, str], ...]]
    ) -> None:
        changed: dict[str, Entity] = {}
        owners: dict[str, Work] = {}
        for work in works:
            for variant in work.product.variants:
                part = work.of.get(variant.id, "")
                entity = (
                    bodies.combination(work, variant, part, options[part]) if part in work.parts else None
                )
                if entity:
                    changed[part], owners[part] = entity, work
        for part, refusal in self._writer.update("combinations", changed).items():
            owners[part].refused(refusal)
        for work in owners.values():
            work.wrote = True
        self._make_parts(open_ones(works), bodies)

    def _make_parts(self, works: Sequence[Work], bodies: Bodies) -> None:
        """Make combinations; a new product without any is taken back."""
        new = [(work, variant) for work in works for variant in work.new]
        for work, variant in [each for each in new if not bodies.chosen(each[1])]:
            work.tell("variants", "variant_not_held", "The shop refuses to make its options.", variant.sku)
        new = [(work, variant) for work, variant in new if bodies.chosen(variant)]
        self._send_parts(new, bodies)
        for work in works:
            if work.row is None and work.varied and not work.of:
                # Without a variant it would stand in the shop as something that nobody meant.
                self._writer.remove("products", [work.id])
                work.refuse("product_refused", "The shop refuses every variant of it.")

    def _send_parts(self, new: Sequence[tuple[Work, Variant]], bodies: Bodies) -> None:
        """Make combinations, and learn their numbers by their options."""
        entities = [
            bodies.made(work, variant, first=not work.parts and variant is work.new[0])
            for work, variant in new
        ]

        def there(places: Sequence[int]) -> set[int]:
            held = self._held({new[n][0].id for n in places})
            return {n for n in places if (new[n][0].id, _values(entities[n])) in held}

        for place, refusal in self._writer.make("combinations", entities, there).items():
            new[place][0].tell("variants", "variant_not_held", refusal.why, new[place][1].sku)
        held = self._held({work.id for work, _ in new})
        for (work, variant), entity in zip(new, entities, strict=True):
            row = held.get((work.id, _values(entity)))
            work.wrote = True
            if row is not None:
                work.of[variant.id] = str(row["id"])

    def _held(self, products: Iterable[str]) -> dict[tuple[str, frozenset[str]], Row]:
        """Combinations by product and values chosen."""
        rows = self._service.among("combinations", "id_product", products)
        return {(text(r.get("id_product")), frozenset(linked(r, "product_option_values"))): r for r in rows}


def _begin(work: Work, prices: Prices, bodies: Bodies) -> None:
    """What the combinations of a product add to: of one that is made, what its first variant has."""
    if not work.varied:
        return
    if work.row is not None:
        work.base = Decimal(text(work.row.get("price")) or "0")
        work.weight = Decimal(text(work.row.get("weight")) or "0")
        return
    first = work.product.variants[0]
    work.base = prices.base(work, first) if work.names(*PRICED) else Decimal(0)
    work.weight = bodies.weight(first) if work.names(ProductField.WEIGHT) else Decimal(0)


def _values(entity: Entity) -> frozenset[str]:
    return frozenset(entity.links["product_option_values"])


def _skus(work: Work) -> list[str]:
    return [sku for variant in work.product.variants if (sku := variant.sku.strip())]


def _work(change: Change) -> Work:
    if not isinstance(change.object, Product):
        raise NotImplementedError("only products are written as products")
    fields = ALL if change.fields is None else change.fields
    # A product that is made has its variants, whatever else is named.
    if change.action is Action.CREATE:
        fields |= {ProductField.VARIANTS}
    return Work(change, change.object, fields)
