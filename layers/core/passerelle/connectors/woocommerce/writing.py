"""Writes products with their variations, pictures, categories and tags.

Source: https://woocommerce.github.io/woocommerce-rest-api-docs/#batch-update-products. A SKU belongs to one product or
variation of the shop: before anything is made it is looked for, and what is found under it is ours if it bears our
reference (an answer was lost), or else left alone. Variations are written product by product.
"""

from collections.abc import Mapping, Sequence
from itertools import batched
from typing import cast

from passerelle.connectors.woocommerce import bodies
from passerelle.connectors.woocommerce.facts import Facts
from passerelle.connectors.woocommerce.finding import rows_by_sku
from passerelle.connectors.woocommerce.products import named, own_sku
from passerelle.connectors.woocommerce.reading import label, number, rows, text
from passerelle.connectors.woocommerce.rest import PAGE, Rest, Row, refused
from passerelle.connectors.woocommerce.variations import Variations
from passerelle.model import Product
from passerelle.port import Action, Change, Outcome, Result

AT_ONCE = 20
"""Products in one write: the shop fetches their pictures before it answers."""
SOLD = (
    "id,sku,regular_price,sale_price,manage_stock,stock_quantity,weight,global_unique_id,attributes,meta_data"
)
FIELDS = f"{SOLD},name,type,status,description,categories,tags,images,variations"
PARTS = f"{SOLD},image"


class GoodsWriter:
    """Writes products of one shop."""

    def __init__(self, rest: Rest, facts: Facts, variations: Variations) -> None:
        self._rest, self._facts, self._variations = rest, facts, variations
        self._terms: dict[str, dict[str, int]] = {}

    def push(self, changes: Sequence[Change]) -> list[Outcome]:
        """One outcome per change, in their order. Raises Unavailable where it is not known what was written."""
        outcomes: dict[str, Outcome] = {}
        for some in batched(changes, AT_ONCE, strict=False):
            judged = {change.id: found for change in some if (found := self._judged(change))}
            gone = [change for change in some if change.action is Action.DELETE]
            outcomes |= judged | {change.id: self._delete(change) for change in gone}
            left = [change for change in some if change.id not in outcomes]
            outcomes |= self._write(left) if left else {}
        return [outcomes[change.id] for change in changes]

    def _judged(self, change: Change) -> Outcome | None:
        """Why a product cannot be written here."""
        product = change.object
        if change.action is Action.DELETE:
            return None
        if not isinstance(product, Product):
            raise NotImplementedError("only products are written as products")
        currencies = {variant.price.currency for variant in product.variants}
        if currencies != {self._facts.currency}:
            why = (
                f"Its prices are in {', '.join(sorted(currencies))} and the shop's in {self._facts.currency}."
            )
            return _refused(change, "currency_differs", why, "Choose a shop with the same currency.")
        if product.tax_included is not self._facts.tax_included:
            why = (
                "Its prices hold tax and the shop's do not."
                if product.tax_included
                else "The shop's hold tax."
            )
            return _refused(change, "tax_differs", why, "Set how prices are entered under WooCommerce › Tax.")
        return None

    def _delete(self, change: Change) -> Outcome:
        """Into the bin, from where a merchant may take it back."""
        if change.destination_id:
            self._rest.delete(f"products/{change.destination_id}", force=False)
        return Outcome(change.id, Result.DELETED, change.destination_id)

    def _write(self, changes: Sequence[Change]) -> dict[str, Outcome]:
        ids, outcomes = self._found(changes)
        left = [change for change in changes if change.id not in outcomes]
        there = {text(row, "id"): row for row in self._read(set(ids.values()))}
        for change in left:
            if change.id in ids and ids[change.id] not in there:
                outcomes[change.id] = _refused(change, "missing", "The product is no longer in the shop.", "")
        left = [change for change in left if change.id not in outcomes]
        current = {change.id: there[ids[change.id]] for change in left if change.id in ids}
        written, outcomes = self._parents(left, current, outcomes)
        parts = self._variations.of(named(current.values()), PARTS)
        for change in left:
            if change.id in written:
                outcomes[change.id] = self._with_parts(change, written[change.id], current, parts)
        return outcomes

    def _read(self, ids: set[str]) -> list[Row]:
        return self._rest.among("products", sorted(ids), fields=FIELDS, context="edit") if ids else []

    def _found(self, changes: Sequence[Change]) -> tuple[dict[str, str], dict[str, Outcome]]:
        """(change → product that it is to change, what is somebody else's already)."""
        ids = {change.id: change.destination_id for change in changes if change.destination_id}
        new = {change.id: change for change in changes if change.id not in ids}
        wanted = {sku: id for id, change in new.items() for sku in _skus(change)}
        taken: dict[str, set[str]] = {}
        for row in rows_by_sku(self._rest, list(wanted), "id,parent_id,sku"):
            product = str(number(row, "parent_id") or row["id"])
            taken.setdefault(wanted.get(text(row, "sku"), ""), set()).add(product)
        ours = {text(row, "id"): row for row in self._read({one for some in taken.values() for one in some})}
        exists: dict[str, Outcome] = {}
        for id, products in taken.items():
            if id not in new:
                continue
            mine = [one for one in products if one in ours and _bears(ours[one], new[id].reference)]
            if len(mine) == len(products):
                ids[id] = mine[0]
            else:
                exists[id] = Outcome(id, Result.EXISTS, next(iter(sorted(products - set(mine)))))
        return ids, exists

    def _parents(
        self, changes: Sequence[Change], current: Mapping[str, Row], outcomes: dict[str, Outcome]
    ) -> tuple[dict[str, Outcome], dict[str, Outcome]]:
        """Make and change the products themselves; answers (how each was written, what was refused besides)."""
        wanted = {change.id: self._body(change, current.get(change.id)) for change in changes}
        new = [change for change in changes if change.id not in current]
        old = [c for c in changes if c.id in current and bodies.differs(current[c.id], wanted[c.id])]
        written = {
            id: Outcome(id, Result.UNCHANGED, text(row, "id")) for id, row in current.items() if id in wanted
        }
        for work, some, result in (("create", new, Result.CREATED), ("update", old, Result.UPDATED)):
            items = [
                wanted[c.id] | ({"id": number(current[c.id], "id")} if work == "update" else {}) for c in some
            ]
            answered = self._rest.batch("products", work, items) if items else []
            for change, row in zip(some, answered, strict=True):
                refusal = refused(row)
                if refusal is None:
                    written[change.id] = Outcome(change.id, result, text(row, "id"))
                else:
                    written.pop(change.id, None)
                    outcomes[change.id] = _told(change, *refusal)
        return written, outcomes

    def _body(self, change: Change, current: Row | None) -> Row:
        product = cast("Product", change.object)
        ids = {
            "categories": self._term_ids("categories", product.categories),
            "tags": self._term_ids("tags", product.tags),
        }
        body = bodies.product_body(product, change.reference, ids, self._facts.grams)
        return bodies.with_pictures(body, [image.url for image in product.images], current)

    def _term_ids(self, kind: str, names: Sequence[str]) -> list[int]:
        """Ids of categories or tags; those that the shop does not have are made."""
        if not names:
            return []
        if kind not in self._terms:
            found = self._rest.every(f"products/{kind}", fields="id,name")
            self._terms[kind] = {label(row).casefold(): number(row, "id") for row in found}
        known = self._terms[kind]
        for name in names:
            if name.casefold() not in known:
                known[name.casefold()] = number(self._rest.post(f"products/{kind}", {"name": name}), "id")
        return [known[name.casefold()] for name in dict.fromkeys(names)]

    def _with_parts(
        self, change: Change, parent: Outcome, current: Mapping[str, Row], parts: Mapping[str, Sequence[Row]]
    ) -> Outcome:
        """The outcome of a product once its variations are as they should be."""
        product = cast("Product", change.object)
        if bodies.is_simple(product):
            return parent
        held = list(parts.get(parent.destination_id, ()))
        works = self._works(product, current.get(change.id, {}), held)
        path = f"products/{parent.destination_id}/variations"
        for work, items in works.items():
            for start in range(0, len(items), PAGE):
                answered = self._rest.batch(path, work, items[start : start + PAGE])
                for refusal in filter(None, map(refused, answered)):
                    return _told(change, *refusal)
        changed = any(works.values()) and parent.result is Result.UNCHANGED
        return Outcome(change.id, Result.UPDATED, parent.destination_id) if changed else parent

    def _works(self, product: Product, row: Row, held: list[Row]) -> dict[str, list[Row | int]]:
        """What is to be done to the variations: by their SKU they are the same, or else by their options."""
        by_sku = {sku: one for one in held if (sku := own_sku(row, one))}
        by_options = {bodies.options_of(one): one for one in held}
        works: dict[str, list[Row | int]] = {"delete": [], "update": [], "create": []}
        kept: set[int] = set()
        for variant in product.variants:
            found = by_sku.get(variant.sku) or by_options.get(frozenset(variant.options))
            addresses = [variant.image_url] if variant.image_url else []
            body = bodies.variation_body(variant, self._facts.grams)
            body = bodies.with_pictures(body, addresses, found, "image")
            if found is None:
                works["create"].append(body)
                continue
            kept.add(number(found, "id"))
            if bodies.differs(found, body):
                works["update"].append(body | {"id": number(found, "id")})
        works["delete"] += [number(one, "id") for one in held if number(one, "id") not in kept]
        return works


def _skus(change: Change) -> list[str]:
    product = cast("Product", change.object)
    own = bodies.sku_of(product, change.reference)
    return list(dict.fromkeys(sku for sku in (own, *(one.sku for one in product.variants)) if sku))


def _bears(row: Row, reference: str) -> bool:
    found = {text(one, "key"): one.get("value") for one in rows(row, "meta_data")}
    return bool(reference) and found.get(bodies.REFERENCE) == reference


def _told(change: Change, code: str, message: str) -> Outcome:
    if code == "product_invalid_sku":
        return Outcome(change.id, Result.EXISTS)
    return _refused(change, code, message, "Correct the product where it comes from.")


def _refused(change: Change, code: str, why: str, remedy: str) -> Outcome:
    return Outcome(change.id, Result.REFUSED, change.destination_id, code, why, remedy)
