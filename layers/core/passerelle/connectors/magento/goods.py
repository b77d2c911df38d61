"""Writes products: a simple one, or a configurable one over variants that are not shown by themselves.

Source: https://developer.adobe.com/commerce/webapi/rest/tutorials/configurable-product/. POST is an upsert by SKU, so
whoever creates looks first, and a save leaves what is not sent. Written is what holds for every store view
(`/rest/all/`): through a store view, a change would stay in it (recorded on 2.4.7). A product with several variants has
no SKU of its own in our words and gets our reference for one.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from passerelle.connectors.magento.categories import Categories
from passerelle.connectors.magento.drafts import Draft, Drafts, wanted_handle
from passerelle.connectors.magento.facts import VENDOR, Facts, links
from passerelle.connectors.magento.levels import Levels, Place
from passerelle.connectors.magento.matching import found
from passerelle.connectors.magento.options import Choices, value_of
from passerelle.connectors.magento.pictures import Pictures
from passerelle.connectors.magento.pricing import BasePrices
from passerelle.connectors.magento.products import Products, choices_of
from passerelle.connectors.magento.queue import Writer, Written
from passerelle.connectors.magento.reading import attributes, text
from passerelle.connectors.magento.rest import Rest, Row
from passerelle.connectors.magento.settings import Settings
from passerelle.connectors.magento.signing import escaped
from passerelle.connectors.magento.stock import COUNTED, HIDDEN
from passerelle.connectors.magento.work import LONGEST, Shelf, Sold, Work, begun
from passerelle.model import ProductField
from passerelle.port import Action, Change, Outcome, Rejected, Result

AT_ONCE = 4
MOST_BYTES = 8 * 1024 * 1024
"""Characters of pictures that are held at a time."""
MOST_VARIANTS = 3000
"""Variants whose rows are held at a time."""
NEEDED = "id,sku,extension_attributes[configurable_product_links]"

type Job = tuple[Work, Sold | None, Draft]
"""A draft of a variant of a product, or of the product around several."""


class Goods:
    """Writes products."""

    def __init__(
        self,
        rest: Rest,
        facts: Facts,
        settings: Settings,
        writer: Writer,
        products: Products,
        levels: Levels,
    ) -> None:
        self._rest, self._facts, self._writer, self._levels = rest, facts, writer, levels
        self._choices, self._prices = Choices(rest, facts, settings), BasePrices(rest, queued=settings.bulk)
        places = Categories(rest, facts)
        self._drafts = Drafts(facts, settings, products, Pictures(rest), places)

    def push(self, changes: Sequence[Change]) -> list[Outcome]:
        """One outcome per change, in their order."""
        outcomes = {c.id: self._delete(c) for c in changes if c.action is Action.DELETE}
        works = [begun(change) for change in changes if change.action is not Action.DELETE]
        for part in _rounds(works):
            shelf = Shelf(self._rest)
            found(part, shelf, self._facts)
            for work in part:
                self._judge(work)
            self._write([work for work in part if work.outcome is None], shelf)
            for work in part:
                work.finish()
                work.drop()
        outcomes |= {work.change.id: work.outcome for work in works if work.outcome}
        return [outcomes[change.id] for change in changes]

    # --- what cannot be --------------------------------------------------------------------------------------

    def _judge(self, work: Work) -> None:
        """End what the shop could not hold."""
        fresh = [each.variant for each in work.fresh]
        priced = work.product.variants if work.wants(ProductField.PRICE, ProductField.COMPARE_AT) else fresh
        choices = [tuple(value.casefold() for _, value in sorted(variant.options)) for variant in fresh]
        skus = [each.sku.casefold() for each in work.sold]
        if not (work.sold or work.row):
            work.end(Result.REFUSED, code="variants_missing", why="It has no variant that could be sold.")
        elif max((len(each.sku) for each in work.fresh), default=0) > LONGEST:
            work.end(Result.REFUSED, code="sku_too_long", why=f"A SKU has more than {LONGEST} characters.")
        elif len(set(skus)) < len(skus):
            work.end(Result.REFUSED, code="sku_repeated", why="Two of its variants have one SKU.")
        elif {variant.price.currency for variant in priced} - {self._facts.currency}:
            why = f"Its prices are not in {self._facts.currency}, the shop's own currency."
            work.end(Result.REFUSED, code="currency_differs", why=why)
        elif work.varied and len({frozenset(name for name, _ in each.options) for each in fresh}) > 1:
            why = "Its variants do not have the same options."
            work.end(Result.REFUSED, code="options_differ", why=why)
        elif work.varied and (len(set(choices)) < len(choices) or () in choices):
            why = "Two of its variants have the same options, or one has none."
            work.end(Result.REFUSED, code="options_repeated", why=why)

    # --- writing ---------------------------------------------------------------------------------------------

    def _write(self, works: Sequence[Work], shelf: Shelf) -> None:
        self._choose(works)
        works = [work for work in works if work.outcome is None]
        taken = self._taken(works)
        self._post(job for work in works for job in self._jobs(work, taken))
        joining = [work for work in works if work.varied and work.outcome is None and work.fresh]
        shelf.fetch((work.id for work in joining), anew=True)
        self._post((work, None, self._frame(work, shelf, taken)) for work in joining)
        if joining:
            self._facts.forget_parents()
        self._stock([work for work in works if work.outcome is None])
        for work in works:
            if work.without and work.outcome is None:
                self._take_away(work)

    def _choose(self, works: Sequence[Work]) -> None:
        """Make sure that the options of new variants, and vendors, are there to be chosen."""
        wanted: dict[str, list[str]] = {}
        for work in works:
            try:
                work.codes = self._codes(work)
            except Rejected as refusal:
                work.end(Result.REFUSED, work.id, refusal.code, refusal.why)
                continue
            for each in work.fresh if work.varied else ():
                for name, value in each.variant.options:
                    wanted.setdefault(work.codes[name], []).append(value)
            if work.product.vendor and work.wants(ProductField.VENDOR) and VENDOR in self._facts.attributes():
                wanted.setdefault(VENDOR, []).append(work.product.vendor)
        try:
            self._choices.add(wanted)
        except Rejected as refusal:
            for work in works:
                work.end(Result.REFUSED, work.id, refusal.code, refusal.why)

    def _codes(self, work: Work) -> dict[str, str]:
        """Option name → attribute of the choices that new variants stand for."""
        names = dict.fromkeys(name for each in work.fresh for name, _ in each.variant.options)
        if not work.varied or not names:
            return {}
        if work.row is None:
            return self._choices.codes(names)
        known, held = self._facts.attributes(), {}
        for choice in choices_of(work.row):
            attribute = known.get(str(choice.get("attribute_id")), {})
            for called in (attribute.get("default_frontend_label"), choice.get("label")):
                held[text(called).casefold()] = text(attribute.get("attribute_code"))
        absent = [name for name in names if not held.get(name.casefold())]
        if absent:
            why = f"The product has no choice of {absent[0]} in the shop."
            raise Rejected(why, "Add it in the shop.", "option_refused")
        return {name: held[name.casefold()] for name in names}

    def _taken(self, works: Iterable[Work]) -> dict[str, str]:
        """Address → who has it, of those that are wanted."""
        wanted: dict[str, str] = {}
        for work in works:
            key = wanted_handle(work)
            if key and key != text(attributes(work.row or {}).get("url_key")):
                wanted.setdefault(key, work.change.id)
        rows = self._rest.among("products", "url_key", wanted, fields="id,custom_attributes")
        return wanted | {text(attributes(row).get("url_key")): str(row["id"]) for row in rows}

    def _jobs(self, work: Work, taken: dict[str, str]) -> list[Job]:
        """What is to be sent of a product, but for the frame that waits for new variants."""
        jobs: list[Job] = []
        for each in work.sold:
            draft = Draft(each.sku)
            self._drafts.sold(work, each, draft)
            if not work.varied:
                self._drafts.shown(work, draft, taken)
            if each.row is None:
                self._drafts.begin(work, draft, each.variant)
            jobs.append((work, each, draft))
        if work.row is not None and (not work.sold or (work.varied and not work.fresh)):
            draft = Draft(work.sku)
            self._drafts.shown(work, draft, taken)
            jobs.append((work, None, draft))
        return jobs

    def _frame(self, work: Work, shelf: Shelf, taken: dict[str, str]) -> Draft:
        """The product around its variants, with those that it does not name yet."""
        draft, known = Draft(work.sku), self._facts.attributes()
        self._drafts.shown(work, draft, taken)
        if work.row is None:
            self._drafts.begin(work, draft, None)
        row = shelf.of(work.id) or work.row or {}
        options = {text(one.get("attribute_id")): dict(one) for one in choices_of(row)}
        for each in work.fresh:
            for place, (name, value) in enumerate(each.variant.options):
                attribute = known[work.codes[name]]
                id = str(attribute["attribute_id"])
                option = options.setdefault(id, {"attribute_id": id, "label": name, "position": place})
                index = {"value_index": int(value_of(attribute, value))}
                held = list(option.get("values") or ())
                option["values"] = held if index in held else [*held, index]
        draft.extension["configurable_product_options"] = list(options.values())
        named = [int(id) for id in links(row)]
        fresh = [int(each.id) for each in work.fresh]
        draft.extension["configurable_product_links"] = [*named, *(id for id in fresh if id not in named)]
        return draft

    def _post(self, jobs: Iterable[Job]) -> None:
        """Send drafts as they are made, before their pictures become too many to be held."""
        batch: list[Job] = []
        weight = 0
        for work, each, draft in jobs:
            if not draft:
                _settle(work, each, Written(each.row or {} if each else work.row or {}), wrote=False)
                continue
            batch.append((work, each, draft))
            weight += draft.weight
            if weight > MOST_BYTES:
                self._send(batch)
                batch, weight = [], 0
        if batch:
            self._send(batch)

    def _send(self, jobs: Sequence[Job]) -> None:
        """Send drafts, prices alone by the way that is for them, and see what became of each."""
        alone = {
            draft.sku: draft.price
            for work, each, draft in jobs
            if each and each.row and each.row.get("type_id") in COUNTED and draft.price is not None
        }
        told = self._prices.put({sku: price for sku, price in alone.items() if price is not None})
        rest = [job for job in jobs if job[2].sku not in told]
        answers = self._writer.post("products", [draft.body for _, _, draft in rest]) if rest else []
        for (work, each, _), answer in zip(rest, answers, strict=True):
            _settle(work, each, answer)
        for work, each, draft in jobs:
            if draft.sku in told:
                _settle(work, each, told[draft.sku])

    # --- units -----------------------------------------------------------------------------------------------

    def _stock(self, works: Sequence[Work]) -> None:
        """Write the units of variants that were there, and of new ones where a save cannot; renamed ones keep theirs."""
        self._move(works)
        source = self._facts.default_source
        later = self._facts.sources is not None and source != "default"
        places: dict[Place, Work] = {}
        wanted: dict[Place, int] = {}
        for work in works:
            for each in work.sold if work.wants(ProductField.QUANTITY) else ():
                if each.variant.quantity is not None and (each.row is not None or later):
                    places[source, each.sku] = work
                    wanted[source, each.sku] = max(each.variant.quantity, 0)
        for place, why in self._levels.put(wanted).items():
            if why:
                places[place].end(Result.REFUSED, places[place].id, "stock_refused", why)
            places[place].written |= why == ""

    def _move(self, works: Sequence[Work]) -> None:
        """Put what lay under the old SKUs under the new ones: the shop leaves it where it was."""
        renamed = {
            text(each.row["sku"]).casefold(): each.sku
            for work in works
            for each in work.sold
            if each.row is not None and text(each.row["sku"]) != each.sku
        }
        if renamed and self._facts.sources is not None:
            self._levels.move(renamed)

    # --- taking away -----------------------------------------------------------------------------------------

    def _take_away(self, work: Work) -> None:
        """Delete the variants that are to go; a product without choices has none that could."""
        for row in work.without if work.varied else ():
            refused = self._deleted(row)
            if refused:
                work.end(Result.REFUSED, work.id, "product_refused", refused)
            work.written |= not refused
        self._facts.forget_parents()

    def _deleted(self, row: Row) -> str:
        """Delete one of the shop's products; answers why it could not be."""
        try:
            self._rest.send("DELETE", f"products/{escaped(text(row['sku']))}")
        except Rejected as refusal:
            return "" if refusal.status == 404 else refusal.why
        return ""

    def _delete(self, change: Change) -> Outcome:
        """Delete a product and the variants that only it shows."""
        id = change.destination_id
        rows = self._rest.among("products", "entity_id", [id], fields=NEEDED)
        if not rows:
            return Outcome(change.id, Result.DELETED, id)
        hidden = [[("visibility", "eq", HIDDEN)]]
        kids = self._rest.among("products", "entity_id", map(str, links(rows[0])), hidden, fields="id,sku")
        refused = self._deleted(rows[0])
        if refused:
            return Outcome(change.id, Result.REFUSED, id, "product_refused", refused)
        delete: Callable[[Row], str] = self._deleted
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(delete, kids))
        self._facts.forget_parents()
        return Outcome(change.id, Result.DELETED, id)


def _rounds(works: Sequence[Work]) -> Iterator[list[Work]]:
    """The works in parts whose variants can be held together."""
    part: list[Work] = []
    for work in works:
        if part and sum(len(one.product.variants) for one in (*part, work)) > MOST_VARIANTS:
            yield part
            part = []
        part.append(work)
    if part:
        yield part


def _settle(work: Work, each: Sold | None, answer: Written, *, wrote: bool = True) -> None:
    """Take note of what became of a draft."""
    if answer.later:
        return work.end(Result.THROTTLED, work.id, why=answer.why)
    if answer.why:
        return work.end(Result.REFUSED, work.id, "product_refused", answer.why)
    id = text(answer.row.get("id"))
    if each is not None:
        each.id, each.sku = id or each.id, text(answer.row.get("sku")) or each.sku
    if each is None or not work.varied:
        work.id = id or work.id
    work.written |= wrote
    return None
