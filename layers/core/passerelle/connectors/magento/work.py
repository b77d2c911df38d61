"""One product on its way to the shop: what is wanted of it, what is there, and how it ended."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256

from passerelle.connectors.magento.facts import links
from passerelle.connectors.magento.reading import text
from passerelle.connectors.magento.rest import Rest, Row
from passerelle.model import Product, ProductField, Variant
from passerelle.model.riding import Beside
from passerelle.port import Action, Change, Outcome, Result

LONGEST = 64
"""Characters of a SKU."""
FRAME = "configurable"
ALL = "all"
"""The scope of the values behind every store view: what is written there is compared there."""


def own_sku(name: str) -> str:
    """The SKU of what has none of its own words, made of our name for it."""
    return name if len(name) <= LONGEST else f"passerelle:{sha256(name.encode()).hexdigest()[:48]}"


@dataclass(slots=True)
class Sold:
    """One variant on its way."""

    variant: Variant
    sku: str
    row: Row | None = None
    """What it is at the shop."""
    id: str = ""
    """Its id at the shop, once it has one."""
    fresh: bool = False
    """Whether the product does not name it as its variant yet."""


@dataclass(slots=True)
class Work:
    """One product on its way."""

    change: Change
    product: Product
    sku: str
    varied: bool
    """Whether it is a configurable product over its variants."""
    row: Row | None = None
    """What it is at the shop."""
    sold: list[Sold] = field(default_factory=list)
    without: list[Row] = field(default_factory=list)
    codes: dict[str, str] = field(default_factory=dict)
    """Option name → code of the attribute that holds it."""
    id: str = ""
    written: bool = False
    outcome: Outcome | None = None
    left: list[Beside] = field(default_factory=list)

    def wants(self, *fields: ProductField) -> bool:
        """Whether one of these fields is to be written."""
        named = self.change.fields
        return named is None or not named.isdisjoint(fields)

    @property
    def fresh(self) -> list[Sold]:
        """Variants that it does not name yet."""
        return [each for each in self.sold if each.fresh]

    def tell(self, field: ProductField, code: str, why: str, after: str = "") -> None:
        """Something that the shop cannot hold; told once."""
        told = Beside(field.value, code, after, why)
        if told not in self.left:
            self.left.append(told)

    def end(self, result: Result, id: str = "", code: str = "", why: str = "") -> None:
        """How it ended; of two ends the first counts."""
        if self.outcome is None:
            remedy = "Correct the product, then sync it again." if result is Result.REFUSED else ""
            self.outcome = Outcome(self.change.id, result, id, code, why, remedy, tuple(self.left))

    def finish(self) -> None:
        """It is as it should be."""
        made = Result.CREATED if self.change.action is Action.CREATE else Result.UPDATED
        result = made if self.written else Result.UNCHANGED
        variants = {each.variant.id: each.id for each in self.sold if each.id}
        if self.outcome is None:
            self.outcome = Outcome(
                self.change.id, result, self.id, beside=tuple(self.left), variants=variants
            )

    def drop(self) -> None:
        """Forget what the shop had of it."""
        self.row, self.sold, self.without = None, [], []


def begun(change: Change) -> Work:
    """A change as it is taken up, with its variants where it is a new product."""
    product = change.object
    if not isinstance(product, Product):
        raise NotImplementedError("only products are written here")
    name = change.reference or f"P-{product.id}"
    varied = len(product.variants) != 1 or bool(product.variants[0].options)
    work = Work(change, product, own_sku(name), varied)
    if change.action is Action.CREATE:
        for variant in product.variants:
            sku = variant.sku.strip() or own_sku(f"{name}-{variant.id}" if varied else name)
            if not variant.sku.strip():
                why = "The shop sells nothing without a SKU, so one was made."
                work.tell(ProductField.SKU, "sku_made", why, sku)
            work.sold.append(Sold(variant, sku, fresh=True))
        work.sku = work.sku if varied else work.sold[0].sku
    return work


class Shelf:
    """What the shop holds of all that one batch of changes names, by id and by SKU; read by hundreds."""

    def __init__(self, rest: Rest) -> None:
        self._rest = rest
        self._by_id: dict[str, Row] = {}
        self._by_sku: dict[str, Row] = {}

    def fetch(self, ids: Iterable[str] = (), skus: Iterable[str] = (), *, anew: bool = False) -> None:
        """Read what is not here yet."""
        wanted = [id for id in ids if id and (anew or id not in self._by_id)]
        names = [sku for sku in skus if sku and sku.casefold() not in self._by_sku]
        rows = self._rest.among("products", "entity_id", wanted, scope=ALL)
        rows += self._rest.among("products", "sku", names, scope=ALL)
        for row in rows:
            self._by_id[str(row["id"])] = self._by_sku[text(row.get("sku")).casefold()] = row

    def of(self, id: str) -> Row | None:
        """The product with this id."""
        return self._by_id.get(id)

    def under(self, sku: str) -> Row | None:
        """The product with this SKU."""
        return self._by_sku.get(sku.casefold())

    def variants(self, row: Row) -> list[Row]:
        """The variants of a product: itself, where it is no configurable one."""
        if row.get("type_id") != FRAME:
            return [row]
        return [kid for id in links(row) if (kid := self.of(str(id))) is not None]
