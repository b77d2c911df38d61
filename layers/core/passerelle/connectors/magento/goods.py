"""Writes products: a simple one, or a configurable one over variants that are not shown by themselves.

Source: https://developer.adobe.com/commerce/webapi/rest/tutorials/configurable-product/. POST is an upsert by SKU, so
whoever creates looks first. Written is what holds for every store view (`/rest/all/`): through a store view, a change
would stay in it (recorded on 2.4.7). A product with several variants has no SKU of its own in our words and gets our
reference for one. Quantities are sent when a product is made; later they are stock's to tell.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from passerelle.connectors.magento.facts import Facts, links
from passerelle.connectors.magento.options import Choices, value_of
from passerelle.connectors.magento.pictures import Pictures
from passerelle.connectors.magento.products import GRAMS
from passerelle.connectors.magento.queue import Body, Writer, Written
from passerelle.connectors.magento.reading import text
from passerelle.connectors.magento.rest import Rest, Row
from passerelle.connectors.magento.settings import Settings
from passerelle.connectors.magento.signing import escaped
from passerelle.model import Product, ProductStatus, Variant
from passerelle.model.riding import Beside
from passerelle.port import Action, Change, Outcome, Rejected, Result

LONGEST = 64
"""Characters of a SKU."""
LINKED = "configurable_product_options,configurable_product_links"
FIELDS = f"id,sku,type_id,media_gallery_entries,extension_attributes[{LINKED}]"


@dataclass(slots=True)
class Work:
    """One product on its way."""

    change: Change
    product: Product
    sku: str
    held: Row | None = None
    """What is there under the SKU."""
    skus: list[str] = field(default_factory=list)
    """Those of the variants, where there are several."""
    outcome: Outcome | None = None
    left: list[Beside] = field(default_factory=list)

    @property
    def varied(self) -> bool:
        """Whether it needs a configurable product."""
        return bool(self.skus)

    def end(self, result: Result, id: str = "", code: str = "", why: str = "") -> None:
        """How it ended."""
        remedy = "Correct the product, then sync it again." if result is Result.REFUSED else ""
        self.outcome = Outcome(self.change.id, result, id, code, why, remedy, tuple(self.left))


class Goods:
    """Writes products."""

    def __init__(self, rest: Rest, facts: Facts, settings: Settings, writer: Writer) -> None:
        self._rest, self._facts, self._settings, self._writer = rest, facts, settings, writer
        self._choices, self._pictures = Choices(rest, facts, settings), Pictures(rest)

    def push(self, changes: Sequence[Change]) -> list[Outcome]:
        """One outcome per change, in their order."""
        outcomes = {c.id: self._delete(c) for c in changes if c.action is Action.DELETE}
        works = [self._work(change) for change in changes if change.action is not Action.DELETE]
        held = self._held(works)
        for work in works:
            self._judge(work, held)
        self._write([work for work in works if work.outcome is None], held)
        outcomes |= {work.change.id: work.outcome for work in works if work.outcome}
        return [outcomes[change.id] for change in changes]

    # --- what is there ---------------------------------------------------------------------------------------

    def _work(self, change: Change) -> Work:
        product = change.object
        if not isinstance(product, Product):
            raise NotImplementedError("only products are written here")
        name = change.reference or f"P-{product.id}"
        if len(product.variants) == 1 and not product.variants[0].options:
            return Work(change, product, product.variants[0].sku or name)
        skus = [variant.sku or f"{name}-{variant.id}" for variant in product.variants]
        return Work(change, product, name, skus=skus)

    def _held(self, works: Sequence[Work]) -> dict[str, Row]:
        """What is there, by SKU in lower case, and by id as `#7` for what is to be updated."""
        skus = [sku for work in works for sku in (work.sku, *work.skus)]
        rows = self._rest.among("products", "sku", skus, fields=FIELDS)
        ids = [work.change.destination_id for work in works if work.change.destination_id]
        rows += self._rest.among("products", "entity_id", ids, fields=FIELDS)
        held = {f"#{row['id']}": row for row in rows}
        return held | {text(row["sku"]).casefold(): row for row in rows}

    def _judge(self, work: Work, held: dict[str, Row]) -> None:
        """End what cannot be written, or is there already."""
        named = held.get(f"#{work.change.destination_id}")
        work.held = named or held.get(work.sku.casefold())
        if work.held is not None:
            work.sku = text(work.held["sku"])
        if work.change.action is Action.CREATE and work.held is not None:
            work.end(Result.EXISTS, str(work.held["id"]))
        elif max(len(sku) for sku in (work.sku, *work.skus)) > LONGEST:
            work.end(Result.REFUSED, code="sku_too_long", why=f"A SKU has more than {LONGEST} characters.")
        elif len({sku.casefold() for sku in work.skus}) < len(work.skus):
            work.end(Result.REFUSED, code="sku_repeated", why="Two of its variants have one SKU.")
        elif {v.price.currency for v in work.product.variants} != {self._facts.currency}:
            why = f"Its prices are not in {self._facts.currency}, the shop's own currency."
            work.end(Result.REFUSED, code="currency_differs", why=why)
        elif work.held is not None and work.varied != (work.held.get("type_id") == "configurable"):
            why = "The shop has it with variants where it now has none, or the other way round."
            work.end(Result.REFUSED, str(work.held["id"]), "type_differs", why)

    # --- writing ---------------------------------------------------------------------------------------------

    def _write(self, works: Sequence[Work], held: dict[str, Row]) -> None:
        try:
            attributes = self._choices.ensure(_wanted(works))
        except Rejected as refusal:
            for work in [work for work in works if work.varied]:
                work.end(Result.REFUSED, code=refusal.code, why=refusal.why)
            attributes = {}
        open_works = [work for work in works if work.outcome is None]
        simple = [(work, self._simple(work)) for work in open_works if not work.varied]
        children = [
            (work, self._child(work, place, attributes, held))
            for work in open_works
            if work.varied
            for place in range(len(work.skus))
        ]
        answers = self._writer.post("products", [body for _, body in (*simple, *children)])
        for (work, _), answer in zip(simple, answers, strict=False):
            _settle(work, answer)
        ids: dict[str, list[str]] = defaultdict(list)
        for (work, _), answer in zip(children, answers[len(simple) :], strict=True):
            if answer.why:
                _settle(work, answer)
            ids[work.sku].append(str(answer.row.get("id", "")))
        self._write_parents(
            [work for work in open_works if work.varied and work.outcome is None], ids, attributes
        )

    def _write_parents(
        self, works: Sequence[Work], ids: dict[str, list[str]], attributes: dict[str, Row]
    ) -> None:
        bodies = [self._parent(work, ids[work.sku], attributes) for work in works]
        for work, answer in zip(works, self._writer.post("products", bodies) if bodies else (), strict=True):
            _settle(work, answer)

    def _simple(self, work: Work) -> Body:
        body = self._body(work.sku, work.product, work.product.variants[0], new=work.held is None)
        return {"product": body | self._shown(work)}

    def _child(self, work: Work, place: int, attributes: dict[str, Row], held: dict[str, Row]) -> Body:
        sku, variant = work.skus[place], work.product.variants[place]
        new = sku.casefold() not in held
        body = self._body(sku, work.product, variant, new=new)
        body["custom_attributes"] += [
            {"attribute_code": attributes[name]["attribute_code"], "value": value_of(attributes[name], value)}
            for name, value in variant.options
        ]
        body["name"] = f"{work.product.title} {variant.title}".strip()
        return {"product": body | ({"visibility": 1} if new else {})}

    def _body(self, sku: str, product: Product, variant: Variant, *, new: bool) -> dict[str, Any]:
        price = variant.compare_at or variant.price
        special = f"{variant.price.amount:f}" if variant.compare_at else ""
        own = [{"attribute_code": "special_price", "value": special}] if special or not new else []
        body: dict[str, Any] = {"sku": sku, "name": product.title, "price": float(price.amount)}
        body |= {"attribute_set_id": self._settings.attribute_set} | self._weight(variant)
        if self._settings.barcode and variant.barcode:
            own.append({"attribute_code": self._settings.barcode, "value": variant.barcode})
        if new:
            body |= {"type_id": "simple", "status": 1, "extension_attributes": self._begun(variant)}
            own.append({"attribute_code": "url_key", "value": _key(sku)})
        return body | {"custom_attributes": own}

    def _begun(self, variant: Variant) -> dict[str, Any]:
        """What only a new product is told: where it is sold, and how many there are."""
        quantity = variant.quantity
        stock: dict[str, Any] = {"qty": quantity or 0, "is_in_stock": quantity is None or quantity > 0}
        if quantity is None:
            stock |= {"manage_stock": False, "use_config_manage_stock": False}
        return {"website_ids": [self._facts.config.get("website_id")], "stock_item": stock}

    def _weight(self, variant: Variant) -> dict[str, float]:
        unit = GRAMS.get(text(self._facts.config.get("weight_unit")).lower())
        return (
            {"weight": round(float(variant.weight_grams / unit), 4)} if unit and variant.weight_grams else {}
        )

    def _shown(self, work: Work) -> dict[str, Any]:
        """What a buyer reads: only the product that is shown by itself has it."""
        product, new = work.product, work.held is None
        body = self._body(work.sku, product, product.variants[0], new=new)
        own = [
            *body["custom_attributes"],
            {"attribute_code": "description", "value": product.description_html},
        ]
        gallery, work.left = self._pictures.gallery(
            product.images, (work.held or {}).get("media_gallery_entries") or ()
        )
        told: dict[str, Any] = {"status": 1 if product.status is ProductStatus.ACTIVE else 2}
        told |= {"custom_attributes": own} | ({"visibility": 4} if new else {})
        return told | ({"media_gallery_entries": gallery} if gallery is not None else {})

    def _parent(self, work: Work, ids: Sequence[str], attributes: dict[str, Row]) -> Body:
        body: dict[str, Any] = {"sku": work.sku, "name": work.product.title, "type_id": "configurable"}
        body |= {"attribute_set_id": self._settings.attribute_set} | self._shown(work)
        body["custom_attributes"] = [
            one for one in body["custom_attributes"] if one["attribute_code"] in {"description", "url_key"}
        ]
        options = [
            {
                "attribute_id": str(attributes[name]["attribute_id"]),
                "label": name,
                "position": place,
                "values": [{"value_index": int(value_of(attributes[name], value))} for value in values],
            }
            for place, (name, values) in enumerate(_wanted([work]).items())
        ]
        extension: dict[str, Any] = {"configurable_product_options": options}
        extension["configurable_product_links"] = [int(id) for id in ids]
        if work.held is None:
            website = self._facts.config.get("website_id")
            extension |= {"website_ids": [website], "stock_item": {"is_in_stock": True}}
        return {"product": body | {"extension_attributes": extension}}

    def _delete(self, change: Change) -> Outcome:
        """Delete a product and the variants that only it shows."""
        rows = self._rest.among("products", "entity_id", [change.destination_id], fields=FIELDS)
        if not rows:
            return Outcome(change.id, Result.DELETED, change.destination_id)
        children = self._rest.among(
            "products",
            "entity_id",
            (str(id) for id in links(rows[0])),
            [[("visibility", "eq", "1")]],
            fields="sku",
        )
        for row in (rows[0], *children):
            try:
                self._rest.send("DELETE", f"products/{escaped(text(row['sku']))}")
            except Rejected as refusal:
                if refusal.status != 404:
                    return Outcome(
                        change.id, Result.REFUSED, change.destination_id, "product_refused", refusal.why
                    )
        return Outcome(change.id, Result.DELETED, change.destination_id)


def _wanted(works: Iterable[Work]) -> dict[str, list[str]]:
    """Option name → values, in the order of the products."""
    wanted: dict[str, list[str]] = {}
    for work in works:
        for variant in work.product.variants if work.varied else ():
            for name, value in variant.options:
                if value not in wanted.setdefault(name, []):
                    wanted[name].append(value)
    return wanted


def _settle(work: Work, answer: Written) -> None:
    if answer.later:
        work.end(Result.THROTTLED, work.change.destination_id, why=answer.why)
    elif answer.why:
        work.end(Result.REFUSED, work.change.destination_id, "product_refused", answer.why)
    else:
        id = str(answer.row.get("id", ""))
        work.end(Result.UPDATED if work.held else Result.CREATED, id or work.change.destination_id)


def _key(sku: str) -> str:
    """A part of the address that no other product has: two of one name would get the same."""
    return "".join(sign if sign.isalnum() and sign.isascii() else "-" for sign in sku.lower()).strip("-")
