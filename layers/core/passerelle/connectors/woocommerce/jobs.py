"""One product to be written: what is wanted of it, what the shop holds of it, and what became of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from passerelle.connectors.woocommerce.reading import rows, text
from passerelle.connectors.woocommerce.rest import Row
from passerelle.model import Product, ProductField, Variant
from passerelle.model.riding import Beside
from passerelle.port import Change, Outcome, Result

REFERENCE = "passerelle_reference"
ALL = frozenset(ProductField)
SOLD = frozenset(
    {
        ProductField.VARIANTS,
        ProductField.IMAGES,
        ProductField.SKU,
        ProductField.BARCODE,
        ProductField.PRICE,
        ProductField.COMPARE_AT,
        ProductField.WEIGHT,
        ProductField.QUANTITY,
    }
)
"""Fields that each variant has for itself."""


@dataclass(slots=True)
class Job:
    """A product on its way. `row`: as the shop holds it, empty for one that is yet to be made."""

    change: Change
    row: Row = field(default_factory=dict)
    parts: list[Row] = field(default_factory=list)
    result: Result = Result.UNCHANGED
    code: str = ""
    why: str = ""
    remedy: str = ""
    beside: list[Beside] = field(default_factory=list)
    variants: dict[str, str] = field(default_factory=dict)
    pictures: list[Row] = field(default_factory=list)
    """Those with which the shop refused it, to be tried one by one."""

    @property
    def product(self) -> Product:
        """What is wanted."""
        return cast("Product", self.change.object)

    @property
    def fields(self) -> frozenset[ProductField]:
        """What of it is to be written."""
        return ALL if self.change.fields is None else self.change.fields

    @property
    def id(self) -> str:
        """The product's id; empty until it is made."""
        return text(self.row, "id")

    @property
    def is_varied(self) -> bool:
        """Whether the shop holds it with variations."""
        return text(self.row, "type") not in {"", "simple", "grouped", "external"}

    @property
    def is_ours(self) -> bool:
        """Whether we made it."""
        return bears(self.row, self.change.reference)

    @property
    def looks_at_parts(self) -> bool:
        """Whether its variations have to be read: the ids that it names are enough where nothing of them is written."""
        there = {str(id) for id in self.row.get("variations") or ()}
        known = all(self.change.variants.get(one.id, "") in there for one in self.product.variants)
        return bool(self.fields & SOLD) or bool(self.change.without) or not known

    def tell(self, field: str, code: str, after: str = "", why: str = "") -> None:
        """Something beside the outcome, once."""
        self.told(Beside(field, code, after, why))

    def told(self, *besides: Beside) -> None:
        """The same of several."""
        self.beside += [each for each in dict.fromkeys(besides) if each not in self.beside]

    def refuse(self, code: str, why: str, remedy: str) -> None:
        """It was not, or not wholly, written."""
        self.result, self.code, self.why, self.remedy = Result.REFUSED, code, why, remedy

    def wrote(self) -> None:
        """Something of a product that was there was changed."""
        if self.result is Result.UNCHANGED:
            self.result = Result.UPDATED

    def outcome(self) -> Outcome:
        """What became of it."""
        return Outcome(
            self.change.id,
            self.result,
            self.id or self.change.destination_id,
            self.code,
            self.why,
            self.remedy,
            tuple(self.beside),
            dict(self.variants),
        )


def is_simple(product: Product) -> bool:
    """Whether it is its own only variant."""
    return len(product.variants) == 1 and not product.variants[0].options


def bears(row: Row, reference: str) -> bool:
    """Whether a product was made under this reference of ours."""
    found = {text(one, "key"): one.get("value") for one in rows(row, "meta_data")}
    return bool(reference) and found.get(REFERENCE) == reference


def met(
    variants: Sequence[Variant], known: Mapping[str, str], held: Mapping[str, tuple[str, frozenset[str]]]
) -> dict[str, str]:
    """Variant → the one there that it is: as mapped, else by SKU, else by options. `held`: id → (SKU, options)."""
    found = {one.id: known[one.id] for one in variants if known.get(one.id) in held}
    free = {id: told for id, told in held.items() if id not in found.values()}
    for variant in variants:
        if variant.id not in found and variant.sku:
            sku = variant.sku.strip().casefold()
            match = next((id for id, (own, _) in free.items() if own == sku), "")
            if match:
                found[variant.id] = match
                del free[match]
    for variant in variants:
        if variant.id not in found and variant.options:
            match = next((id for id, (_, own) in free.items() if own == chosen(variant.options)), "")
            if match:
                found[variant.id] = match
                del free[match]
    return found


def chosen(options: Sequence[tuple[str, str]]) -> frozenset[str]:
    """Options as a set that can be compared, whatever their order and case."""
    return frozenset(f"{name.strip()}\n{option_of(value)}".casefold() for name, value in options)


def option_of(value: str) -> str:
    """An option as the shop can hold it: a bar parts the options of an attribute."""
    return value.replace("|", "/").strip()
