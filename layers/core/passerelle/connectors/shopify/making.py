"""Makes products: `productSet` by our reference, a few in one request, hundreds in one bulk mutation.

Source: https://shopify.dev/docs/api/admin-graphql/2026-07/mutations/productSet. The reference is the identifier: making
a product again, after a lost answer, finds the first one. A product that is made is in no sales channel: its status
decides what it may be, and who sees it is for the merchant to say, or their channel's own setting.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import orjson

from passerelle.connectors.shopify.admin import Admin, Data
from passerelle.connectors.shopify.fitting import Offer, Picture
from passerelle.connectors.shopify.held import Held, Holdings, matched, variant_ids
from passerelle.connectors.shopify.ids import gid, number
from passerelle.connectors.shopify.imports import FROM, Imports
from passerelle.connectors.shopify.levels import fit
from passerelle.connectors.shopify.places import Places
from passerelle.connectors.shopify.references import KEY, NAMESPACE, References, custom_id
from passerelle.connectors.shopify.steps import Step, perform
from passerelle.connectors.shopify.tasks import Task
from passerelle.model import ProductField
from passerelle.model.riding import Beside
from passerelle.port import Match, Outcome, Result

SET = """productSet(identifier: $by{n}, input: $as{n}, synchronous: true) {
    product { id } userErrors { code field message }
  }"""
TYPES = {"by": "ProductSetIdentifiers", "as": "ProductSetInput!"}
TAKEN = "HANDLE_NOT_UNIQUE"


class Maker:
    """Makes products at one shop. `lookup(keys, field)` finds variants."""

    def __init__(
        self,
        admin: Admin,
        places: Places,
        references: References,
        holdings: Holdings,
        lookup: Callable[[Sequence[str], str], list[Match]],
    ) -> None:
        self._admin, self._places, self._references, self._holdings = admin, places, references, holdings
        self._lookup = lookup
        self._imports = Imports(admin)

    def make(self, tasks: Sequence[Task]) -> dict[int, Outcome]:
        """An outcome per task. What has a SKU that the shop has already is not made."""
        outcomes = self._existing(tasks)
        new = [task for task in tasks if task.place not in outcomes]
        if not new:
            return outcomes
        self._references.define()
        answers = self._sent(new, with_handle=True)
        again = [task for task in new if _codes(answers[task.place]) == {TAKEN}]
        for task in again:
            why = "Another product of the shop has this handle: Shopify made one of the title."
            task.told.append(Beside("handle", "handle_taken", why=why))
        answers |= self._sent(again, with_handle=False)
        return outcomes | self._ended(new, answers)

    def _existing(self, tasks: Sequence[Task]) -> dict[int, Outcome]:
        asked = [task for task in tasks if not task.change.fresh]
        skus = {offer.sku for task in asked for offer in task.fitted.offers if offer.sku}
        there = {match.key.casefold(): match.destination_id for match in self._lookup(sorted(skus), "sku")}
        outcomes: dict[int, Outcome] = {}
        for task in tasks:
            own = {offer.sku.casefold() for offer in task.fitted.offers if offer.sku}
            product = next((there[sku] for sku in sorted(own) if sku in there), None)
            if product is not None:
                outcomes[task.place] = task.ended(Result.EXISTS, product, {})
            else:
                # The next one with this SKU is to be looked at again once this one is made.
                there |= dict.fromkeys(own, "")
        return outcomes

    def _sent(self, tasks: Sequence[Task], *, with_handle: bool) -> dict[int, Data]:
        inputs = {task.place: self._input(task, with_handle=with_handle) for task in tasks}
        by = {
            task.place: {"customId": custom_id(task.change.reference)} if task.change.reference else None
            for task in tasks
        }
        if len(tasks) >= FROM:
            lines = [orjson.dumps({"by": by[place], "as": each}) for place, each in inputs.items()]
            fresh = with_handle and all(task.change.fresh for task in tasks)
            return dict(zip(inputs, self._imports.run(lines, fresh=fresh), strict=True))
        steps = [
            Step(
                place,
                SET,
                TYPES,
                {"by": by[place], "as": each},
                _cost(each),
                # Without a reference a second try would make a second product.
                repeatable=by[place] is not None,
            )
            for place, each in inputs.items()
        ]
        return dict(zip(inputs, perform(self._admin, "MakeProducts", steps), strict=True))

    def _ended(self, tasks: Sequence[Task], answers: Mapping[int, Data]) -> dict[int, Outcome]:
        made = {
            task.place: number(answers[task.place]["product"]["id"])
            for task in tasks
            if answers[task.place].get("product") and not answers[task.place]["userErrors"]
        }
        held = self._held(made, answers)
        outcomes: dict[int, Outcome] = {}
        for task in tasks:
            product = made.get(task.place, "")
            if product in held:
                found = variant_ids(matched(task.fitted.offers, held[product], {}))
                outcomes[task.place] = task.ended(Result.CREATED, product, found)
            elif product or answers[task.place].get("later"):
                why = "Shopify has not said what became of this product."
                outcomes[task.place] = task.ended(Result.THROTTLED, "", {}, "product_later", why)
            else:
                outcomes[task.place] = task.refused("", answers[task.place]["userErrors"])
        return outcomes

    def _held(self, made: Mapping[int, str], answers: Mapping[int, Data]) -> dict[str, Held]:
        """Product → what was made; read where the answer does not tell all of its variants."""
        told = {
            product: Held(answers[place]["product"], tuple(edge["node"] for edge in variants["edges"]))
            for place, product in made.items()
            if (variants := answers[place]["product"].get("variants"))
            and not variants["pageInfo"]["hasNextPage"]
        }
        return told | self._holdings.read([each for each in made.values() if each not in told])

    def _input(self, task: Task, *, with_handle: bool) -> Data:
        fitted = task.fitted
        texts = {
            ProductField.DESCRIPTION: ("descriptionHtml", fitted.description),
            ProductField.HANDLE: ("handle", fitted.handle if with_handle else ""),
            ProductField.VENDOR: ("vendor", fitted.vendor),
            ProductField.PRODUCT_TYPE: ("productType", fitted.product_type),
            ProductField.TAGS: ("tags", list(fitted.tags)),
            ProductField.STATUS: ("status", fitted.status),
        }
        given: Data = {name: value for part, (name, value) in texts.items() if value and task.wants(part)}
        metafields = _reference(task.change.reference)
        if fitted.pictures and task.wants(ProductField.IMAGES):
            given["files"] = [file(each) for each in fitted.pictures]
            metafields.append(pictures_field(each.mark for each in fitted.pictures))
        if metafields:
            given["metafields"] = metafields
        return {
            "title": fitted.title,
            **given,
            "productOptions": options_input(fitted.options),
            "variants": [self._variant(task, offer) for offer in fitted.offers],
        }

    def _variant(self, task: Task, offer: Offer) -> Data:
        given = {"optionValues": option_values(offer.options), **variant_parts(task, offer)}
        item = given.setdefault("inventoryItem", {})
        item["tracked"] = offer.quantity is not None
        if offer.quantity is not None and task.wants(ProductField.QUANTITY):
            place = gid("Location", self._places.default)
            given["inventoryQuantities"] = [
                {"locationId": place, "name": "available", "quantity": fit(offer.quantity)}
            ]
        if offer.sku and task.wants(ProductField.SKU):
            given["sku"] = offer.sku
            item.pop("sku", None)
        return given


def variant_parts(task: Task, offer: Offer) -> Data:
    """What of a variant is wanted, as a variant of any mutation takes it."""
    parts: Data = {}
    item: Data = {}
    if task.wants(ProductField.PRICE):
        parts["price"] = offer.price
    if task.wants(ProductField.COMPARE_AT) and offer.compare_at is not None:
        parts["compareAtPrice"] = offer.compare_at
    if task.wants(ProductField.BARCODE) and offer.barcode:
        parts["barcode"] = offer.barcode
    if task.wants(ProductField.SKU) and offer.sku:
        item["sku"] = offer.sku
    if task.wants(ProductField.WEIGHT) and offer.grams is not None:
        item["measurement"] = grams_input(offer.grams)
    return parts | ({"inventoryItem": item} if item else {})


def grams_input(grams: int) -> Data:
    """A weight."""
    return {"weight": {"unit": "GRAMS", "value": float(grams)}}


def options_input(options: Mapping[str, Sequence[str]]) -> list[Data]:
    """Options with their values."""
    return [
        {"name": name, "position": at, "values": [{"name": value} for value in values]}
        for at, (name, values) in enumerate(options.items(), 1)
    ]


def option_values(options: Iterable[tuple[str, str]]) -> list[Data]:
    """Which value a variant has of each option."""
    return [{"optionName": name, "name": value} for name, value in options]


def file(picture: Picture) -> Data:
    """A picture that Shopify is to fetch."""
    given = {"originalSource": picture.url, "alt": picture.alt, "contentType": "IMAGE"}
    return given | ({"filename": picture.name} if picture.name else {})


def pictures_field(marks: Iterable[str]) -> Data:
    """The metafield that remembers which pictures were written."""
    value = orjson.dumps(list(marks)).decode()
    return {"namespace": NAMESPACE, "key": "pictures", "type": "json", "value": value}


def _reference(reference: str) -> list[Data]:
    """Shopify wants the identifier among the metafields too, if there are any."""
    return [{"namespace": NAMESPACE, "key": KEY, "type": "id", "value": reference}] if reference else []


def _codes(answer: Mapping[str, Any]) -> set[str]:
    return {str(error.get("code")) for error in answer["userErrors"]}


def _cost(given: Data) -> float:
    """Source: what the schema says of each list's complexity, and 11 for the mutation and the product."""
    lists = 0.2 * len(given["variants"]) + 1.9 * len(given.get("files", ()))
    return 11 + int(lists + 0.4 * len(given.get("metafields", ())))
