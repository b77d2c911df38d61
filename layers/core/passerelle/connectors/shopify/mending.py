"""Changes products: only what is named and differs, by mutations that leave everything else as it is.

Sources: https://shopify.dev/docs/api/admin-graphql/2026-07/mutations/{productUpdate,productVariantsBulkUpdate,
productVariantsBulkCreate,productVariantsBulkDelete,productSet}. `productSet` replaces each list that it is given; it is
given the pictures only, or the options with every variant by its id.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import batched
from typing import Any

from passerelle.connectors.shopify.admin import Admin, Data
from passerelle.connectors.shopify.documents import PAGE
from passerelle.connectors.shopify.fitting import Offer, key
from passerelle.connectors.shopify.held import Held, Holdings, amount, matched, options, variant_ids, weight
from passerelle.connectors.shopify.ids import gid, number
from passerelle.connectors.shopify.levels import LevelWriter, fit
from passerelle.connectors.shopify.making import (
    file,
    grams_input,
    option_values,
    options_input,
    pictures_field,
    variant_parts,
)
from passerelle.connectors.shopify.places import Places
from passerelle.connectors.shopify.steps import Step, perform
from passerelle.connectors.shopify.tasks import Task
from passerelle.model import ProductField, StockLevel
from passerelle.model.riding import Beside
from passerelle.port import Action, Change, Outcome, Result

ERRORS = "userErrors { field message }"
CODED = "userErrors { code field message }"
UPDATE = f"productUpdate(product: $as{{n}}) {{ {ERRORS} }}"
SET = f"productSet(identifier: $by{{n}}, input: $as{{n}}, synchronous: true) {{ {CODED} }}"
VARIANTS = f"productVariantsBulkUpdate(productId: $by{{n}}, variants: $as{{n}}) {{ {CODED} }}"
MAKE = f"""productVariantsBulkCreate(productId: $by{{n}}, variants: $as{{n}}, strategy: PRESERVE_STANDALONE_VARIANT) {{
    productVariants {{ id }} {CODED}
  }}"""
TAKE = f"productVariantsBulkDelete(productId: $by{{n}}, variantsIds: $as{{n}}) {{ {CODED} }}"
OWN = frozenset({ProductField.SKU, ProductField.BARCODE, ProductField.WEIGHT})
PRICES = frozenset({ProductField.PRICE, ProductField.COMPARE_AT})
"""With OWN, what a variant that is made has, whatever is kept up to date of the others."""
OF_VARIANTS = {"by": "ID!", "as": "[ProductVariantsBulkInput!]!"}


@dataclass(slots=True)
class Mend:
    """One product under way."""

    task: Task
    held: Held
    found: dict[str, Data]
    """Source variant → the shop's."""
    steps: list[Step] = field(default_factory=list)
    made: dict[str, str] = field(default_factory=dict)
    errors: list[Data] = field(default_factory=list)
    remade: bool = False
    """Whether a product without choices gets some."""

    @property
    def product(self) -> str:
        """Its number at the shop."""
        return number(self.held.raw["id"])

    def step(self, text: str, types: Mapping[str, str], values: Mapping[str, Any], **more: Any) -> None:
        """One more mutation."""
        self.steps.append(Step(self.task.place, text, types, values, **more))


class Mender:
    """Changes products of one shop."""

    def __init__(self, admin: Admin, places: Places, holdings: Holdings, levels: LevelWriter) -> None:
        self._admin, self._places, self._holdings, self._levels = admin, places, holdings, levels

    def mend(self, tasks: Sequence[tuple[Task, str]]) -> dict[int, Outcome]:
        """An outcome per task, each given with its product. Reads by hundreds, then writes what differs."""
        there = self._holdings.read([product for _, product in tasks])
        outcomes: dict[int, Outcome] = {}
        mends: list[Mend] = []
        for task, product in tasks:
            if product not in there:
                why = "The product is no longer in the shop."
                outcomes[task.place] = task.ended(Result.REFUSED, product, {}, "missing", why)
                continue
            found = matched(task.fitted.offers, there[product], task.change.variants)
            mends.append(self._planned(Mend(task, there[product], found)))
        self._perform(mends)
        self._recognise([mend for mend in mends if mend.remade and not mend.errors])
        units = self._units([mend for mend in mends if not mend.errors])
        return outcomes | {mend.task.place: _ended(mend, units.get(mend.task.place, [])) for mend in mends}

    def _planned(self, mend: Mend) -> Mend:
        mend.remade = mend.task.wants(ProductField.VARIANTS) and _begins_choices(mend)
        if mend.remade:
            self._choose(mend)
        _pictures(mend)
        _texts(mend)
        _variants(mend)
        if mend.task.wants(ProductField.VARIANTS) and not mend.remade:
            self._more_variants(mend)
        _fewer_variants(mend)
        return mend

    def _perform(self, mends: Sequence[Mend]) -> None:
        steps = [(mend, step) for mend in mends for step in mend.steps]
        answers = perform(self._admin, "MendProducts", [step for _, step in steps])
        for (mend, step), answer in zip(steps, answers, strict=True):
            mend.errors += answer["userErrors"]
            rows = answer.get("productVariants") or ()
            if step.made_for and not answer["userErrors"]:
                mend.made |= {
                    source: number(row["id"]) for source, row in zip(step.made_for, rows, strict=False)
                }

    def _recognise(self, mends: Sequence[Mend]) -> None:
        """What has new variants throughout is read again: an answer tells no more than a page of them."""
        there = self._holdings.read([mend.product for mend in mends]) if mends else {}
        for mend in mends:
            if mend.product in there:
                found = matched(mend.task.fitted.offers, there[mend.product], {})
                mend.made |= variant_ids(found)

    # --- variants that are made and taken away -----------------------------------------------------------

    def _more_variants(self, mend: Mend) -> None:
        missing = [offer for offer in mend.task.fitted.offers if offer.id not in mend.found]
        names = {name.casefold() for name in mend.held.options}
        fitting = [offer for offer in missing if {name.casefold() for name, _ in offer.options} == names]
        if len(fitting) < len(missing):
            why = f"The product has other options at the shop ({', '.join(mend.held.options)}): no variant was made."
            mend.task.told.append(Beside("variants", "options_differ", why=why))
        for batch in batched(fitting, PAGE, strict=False):
            values = {
                "by": mend.held.raw["id"],
                "as": [self._made(mend.task, offer, _renamed(offer, mend.held)) for offer in batch],
            }
            made_for = tuple(offer.id for offer in batch)
            mend.step(MAKE, OF_VARIANTS, values, cost=11, repeatable=False, made_for=made_for)

    def _made(self, task: Task, offer: Offer, chosen: Sequence[tuple[str, str]]) -> Data:
        here = offer.currency == self._places.terms().currency

        def wants(part: ProductField) -> bool:
            return task.wants(part) or part in OWN or (here and part in PRICES)

        given = {"optionValues": option_values(chosen), **variant_parts(wants, offer)}
        given["inventoryItem"] = {**given.get("inventoryItem", {}), "tracked": offer.quantity is not None}
        if offer.quantity is not None and task.wants(ProductField.QUANTITY):
            place = gid("Location", self._places.default)
            given["inventoryQuantities"] = [{"locationId": place, "availableQuantity": fit(offer.quantity)}]
        return given

    def _choose(self, mend: Mend) -> None:
        """A product without choices gets some: the one variant that it has becomes one of the new ones."""
        offers = mend.task.fitted.offers
        [plain] = mend.held.variants
        known = next((offer for offer in offers if offer.id in mend.found), None)
        kept = known or offers[0]
        mend.found = {kept.id: plain}
        variants = []
        for offer in offers:
            given = self._made(mend.task, offer, offer.options)
            if offer is kept:
                # One that is known keeps what it has; a stranger takes the place of the one that was there whole.
                given = {"optionValues": given["optionValues"]} if known else given
                given.pop("inventoryQuantities", None)
                variants.append({"id": plain["id"], **given})
                continue
            place = gid("Location", self._places.default)
            if given.pop("inventoryQuantities", None):
                units = {"locationId": place, "name": "available", "quantity": fit(offer.quantity or 0)}
                given["inventoryQuantities"] = [units]
            variants.append(given)
        given = {"productOptions": options_input(mend.task.fitted.options), "variants": variants}
        types = {"by": "ProductSetIdentifiers", "as": "ProductSetInput!"}
        values = {"by": {"id": mend.held.raw["id"]}, "as": given}
        cost = 10 + int(0.2 * len(variants))
        mend.step(SET, types, values, cost=cost, made_for=tuple(offer.id for offer in offers))

    # --- stock -------------------------------------------------------------------------------------------

    def _units(self, mends: Sequence[Mend]) -> dict[int, list[Outcome]]:
        """The first stock of what is new was written with it; that of the others is compared and set."""
        wanted = [
            (mend.task.place, Change(offer.id, Action.UPDATE, _level(mend, offer), number(there["id"])))
            for mend in mends
            if mend.task.wants(ProductField.QUANTITY)
            for offer in mend.task.fitted.offers
            if offer.quantity is not None and (there := mend.found.get(offer.id))
            if number(there["id"]) not in mend.task.change.without
        ]
        told: dict[int, list[Outcome]] = {}
        outcomes = self._levels.push([change for _, change in wanted]) if wanted else []
        for (place, _), outcome in zip(wanted, outcomes, strict=True):
            told.setdefault(place, []).append(outcome)
        return told


def _level(mend: Mend, offer: Offer) -> StockLevel:
    return StockLevel(offer.id, offer.sku or "", offer.quantity, product_id=mend.product)


def _begins_choices(mend: Mend) -> bool:
    plain = mend.held.is_plain
    return plain and any(
        key(offer.options) != options(mend.held.variants[0]) for offer in mend.task.fitted.offers
    )


def _renamed(offer: Offer, held: Held) -> list[tuple[str, str]]:
    """The offer's values under the options as the shop spells them, in its order."""
    values = {name.casefold(): value for name, value in offer.options}
    return [(name, values[name.casefold()]) for name in held.options]


def _texts(mend: Mend) -> None:
    task, fitted, raw = mend.task, mend.task.fitted, mend.held.raw
    given: Data = {}
    for part, name, wanted in (
        (ProductField.TITLE, "title", fitted.title),
        (ProductField.DESCRIPTION, "descriptionHtml", fitted.description),
        (ProductField.HANDLE, "handle", fitted.handle),
        (ProductField.VENDOR, "vendor", fitted.vendor),
        (ProductField.PRODUCT_TYPE, "productType", fitted.product_type),
        (ProductField.STATUS, "status", fitted.status),
    ):
        # Shopify puts the shop's name for an empty vendor, and a product always has a handle.
        is_kept = not wanted and name in {"handle", "vendor"}
        if task.wants(part) and (raw[name] or "") != wanted and not is_kept:
            given[name] = wanted
    tags = {tag.casefold() for tag in raw["tags"]}
    if task.wants(ProductField.TAGS) and tags != {tag.casefold() for tag in fitted.tags}:
        given["tags"] = list(fitted.tags)
    if given:
        mend.step(UPDATE, {"as": "ProductUpdateInput!"}, {"as": {"id": raw["id"], **given}})


def _pictures(mend: Mend) -> None:
    """A list that changed takes the place of the one that was written, and pictures that others added stay.

    The first time, it takes the place of whatever there was.
    """
    held, marks = mend.held, [each.mark for each in mend.task.fitted.pictures]
    if not mend.task.wants(ProductField.IMAGES) or _has_pictures(held, marks):
        return
    known = held.marks()
    media = {mark: id for id, mark in known.items()}
    files = [
        {"id": media[each.mark]} if each.mark in media else file(each) for each in mend.task.fitted.pictures
    ]
    taken = set(known) | ({each["id"] for each in held.pictures} if held.written is None else set())
    files += [{"id": each["id"]} for each in held.raw["media"]["nodes"] if each["id"] not in taken]
    types = {"by": "ProductSetIdentifiers", "as": "ProductSetInput!"}
    values = {"by": {"id": held.raw["id"]}, "as": {"files": files}}
    # Sent again, it would fetch the new ones again.
    repeatable = not any("originalSource" in each for each in files)
    mend.step(SET, types, values, cost=10 + int(1.9 * len(files)), repeatable=repeatable)
    metafields = {"id": held.raw["id"], "metafields": [pictures_field(marks)]}
    mend.step(UPDATE, {"as": "ProductUpdateInput!"}, {"as": metafields})


def _has_pictures(held: Held, marks: Sequence[str]) -> bool:
    """Whether these are what was written last, and are all there still."""
    if held.written is None:
        return not marks and not held.pictures
    return held.written == marks and len(held.pictures) >= len(marks)


def _variants(mend: Mend) -> None:
    differing = []
    for offer in mend.task.fitted.offers:
        there = mend.found.get(offer.id)
        parts = _differing(mend, offer, there) if there else {}
        if there and parts:
            differing.append({"id": there["id"], **parts})
    for batch in batched(differing, PAGE, strict=False):
        mend.step(VARIANTS, OF_VARIANTS, {"by": mend.held.raw["id"], "as": list(batch)})


def _differing(mend: Mend, offer: Offer, there: Data) -> Data:
    task, parts, item = mend.task, dict[str, Any](), dict[str, Any]()
    if task.wants(ProductField.PRICE) and amount(there["price"]) != amount(offer.price):
        parts["price"] = offer.price
    if task.wants(ProductField.COMPARE_AT) and amount(there["compareAtPrice"]) != amount(offer.compare_at):
        parts["compareAtPrice"] = offer.compare_at
    if task.wants(ProductField.BARCODE) and (there["barcode"] or "") != offer.barcode:
        parts["barcode"] = offer.barcode
    if task.wants(ProductField.SKU) and offer.sku is not None and (there["sku"] or "") != offer.sku:
        item["sku"] = offer.sku
    if task.wants(ProductField.WEIGHT) and offer.grams is not None and (weight(there) or 0) != offer.grams:
        item["measurement"] = grams_input(offer.grams)
    if task.wants(ProductField.VARIANTS) and options(there) != key(offer.options):
        names = {name.casefold() for name in mend.held.options}
        if not mend.held.is_plain and {name.casefold() for name, _ in offer.options} == names:
            parts["optionValues"] = option_values(_renamed(offer, mend.held))
        elif not mend.remade:
            why = f"The product is chosen by other options at the shop ({', '.join(mend.held.options)})."
            task.told.append(Beside("variants", "options_not_held", ", ".join(mend.held.options), why))
    return parts | ({"inventoryItem": item} if item else {})


def _fewer_variants(mend: Mend) -> None:
    held = {number(each["id"]): each["id"] for each in mend.held.variants}
    gone = [held[id] for id in dict.fromkeys(mend.task.change.without) if id in held]
    makes = sum(len(step.made_for) for step in mend.steps)
    if gone and len(gone) == len(held) and not makes:
        why = "A product has at least one variant: the last one stays."
        mend.task.told.append(Beside("variants", "last_variant_kept", why=why))
        gone = gone[1:]
    for batch in batched(gone, PAGE, strict=False):
        values = {"by": mend.held.raw["id"], "as": list(batch)}
        mend.step(TAKE, {"by": "ID!", "as": "[ID!]!"}, values, repeatable=False)


def _ended(mend: Mend, units: Sequence[Outcome]) -> Outcome:
    task = mend.task
    if mend.errors:
        return task.refused(mend.product, mend.errors)
    gone = set(task.change.without)
    ids = {**variant_ids(mend.found), **mend.made}
    variants = {source: id for source, id in ids.items() if id not in gone}
    task.told += [each for outcome in units for each in outcome.beside]
    for outcome in units:
        if outcome.result is Result.THROTTLED:
            return task.ended(Result.THROTTLED, mend.product, variants, outcome.code, outcome.why)
        if outcome.result is Result.REFUSED:
            task.told.append(Beside("quantity", outcome.code, why=outcome.why))
    written = bool(mend.steps) or any(outcome.result is Result.UPDATED for outcome in units)
    return task.ended(Result.UPDATED if written else Result.UNCHANGED, mend.product, variants)
