"""One product to be written: what is wanted of it, and how it ended."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from passerelle.connectors.shopify.fitting import Fitted
from passerelle.model import ProductField
from passerelle.model.riding import Beside
from passerelle.port import Change, Outcome, Result

FIELD_OF = {
    "title": ProductField.TITLE,
    "vendor": ProductField.VENDOR,
    "product_type": ProductField.PRODUCT_TYPE,
    "handle": ProductField.HANDLE,
    "tags": ProductField.TAGS,
    "categories": ProductField.CATEGORIES,
    "images": ProductField.IMAGES,
    "variants": ProductField.VARIANTS,
    "sku": ProductField.SKU,
    "barcode": ProductField.BARCODE,
}
"""What is told of a field is told only where the field is written."""


@dataclass(slots=True)
class Task:
    """A change with its product as Shopify can hold it; `told` grows while it is written."""

    place: int
    change: Change
    fitted: Fitted
    told: list[Beside] = field(default_factory=list)

    def wants(self, part: ProductField) -> bool:
        """Whether this part is to be written."""
        return self.change.fields is None or part in self.change.fields

    def ended(
        self, result: Result, product: str, variants: Mapping[str, str], code: str = "", why: str = ""
    ) -> Outcome:
        """The outcome, with what could not be held."""
        about = [each for each in self.fitted.beside if self.wants(FIELD_OF[each.field])]
        outcome = Outcome(self.change.id, result, product, code, why)
        return replace(outcome, beside=tuple(dict.fromkeys((*about, *self.told))), variants=dict(variants))

    def refused(self, product: str, errors: Sequence[Mapping[str, Any]]) -> Outcome:
        """Refused, with what Shopify says of it."""
        code = str(errors[0].get("code") or "invalid").lower()
        about = ".".join(str(part) for part in errors[0].get("field") or ()) or "the product"
        why = f"Shopify refuses {about} ({code}): {str(errors[0].get('message') or '')[:200]}"
        remedy = "Correct the product at its source, or leave it out; then sync it again."
        return replace(self.ended(Result.REFUSED, product, {}, "product_refused", why), remedy=remedy)
