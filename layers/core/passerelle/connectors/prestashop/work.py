"""One product on its way into the shop, and which of the shop's combinations its variants are."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from passerelle.connectors.prestashop.fitting import GENERIC, OPTION, VALUE, fitted
from passerelle.connectors.prestashop.options import Pairs
from passerelle.connectors.prestashop.reading import text
from passerelle.connectors.prestashop.webservice import Row
from passerelle.model import Product, ProductField, Variant
from passerelle.model.riding import Beside
from passerelle.port import Change, Outcome, Rejected, Result

PLAIN = "0"
"""What stands for the combination of a product that has none."""
REMEDY = "Correct the product where it comes from, then sync it again."


@dataclass(slots=True)
class Work:
    """What is known and done of one change."""

    change: Change
    product: Product
    fields: frozenset[ProductField]
    id: str = ""
    row: Row | None = None
    """The shop's product, as it was before."""
    parts: dict[str, Row] = field(default_factory=dict)
    """Its combinations by id."""
    of: dict[str, str] = field(default_factory=dict)
    """The source's variant → the shop's combination."""
    new: list[Variant] = field(default_factory=list)
    """Those that are to be made."""
    varied: bool = False
    """Whether the shop's product has combinations, or is to get them."""
    base: Decimal = Decimal(0)
    """The net price that a combination's adds to."""
    weight: Decimal = Decimal(0)
    wrote: bool = False
    beside: list[Beside] = field(default_factory=list)
    outcome: Outcome | None = None

    def names(self, *fields: ProductField) -> bool:
        """Whether any of these is to be written."""
        return not self.fields.isdisjoint(fields)

    def tell(self, name: str, code: str, why: str = "", after: str = "") -> None:
        """Say once what could not be held."""
        if (code, after) not in {(one.code, one.after) for one in self.beside}:
            self.beside.append(Beside(name, code, after, why))

    def refuse(self, code: str, why: str, remedy: str = REMEDY) -> None:
        """End it."""
        self._end(Result.REFUSED, code, why, remedy)

    def refused(self, refusal: Rejected) -> None:
        """End it as the shop did."""
        self.refuse(
            refusal.code if refusal.code == "missing" else "product_refused", refusal.why, refusal.remedy
        )

    def exists(self, id: str = "") -> None:
        """End it: somebody has what it would make."""
        self.id = id
        self._end(Result.EXISTS)

    def settle(self, *, made: bool) -> None:
        """End it well. `made`: by this change, now or when an answer was lost."""
        result = Result.CREATED if made and self.wrote else Result.UPDATED
        self._end(result if self.wrote else Result.UNCHANGED)

    def _end(self, result: Result, code: str = "", why: str = "", remedy: str = "") -> None:
        if self.outcome is None:
            of = {variant: f"{self.id}-{part}" for variant, part in self.of.items()} if self.id else {}
            known = {} if result in {Result.REFUSED, Result.EXISTS} else of
            beside = tuple(self.beside)
            self.outcome = Outcome(self.change.id, result, self.id, code, why, remedy, beside, known)


def open_ones(works: Iterable[Work]) -> list[Work]:
    """Those that have not ended."""
    return [work for work in works if work.outcome is None]


def fitted_options(variant: Variant) -> Pairs:
    """A variant's options as the shop can hold them; those of which nothing is left are gone."""
    pairs = (
        (fitted(name, GENERIC, OPTION), fitted(value, GENERIC, VALUE)) for name, value in variant.options
    )
    return tuple(pair for pair in pairs if all(pair))


def alike(options: Pairs) -> frozenset[tuple[str, str]]:
    """What two combinations of one product may not share."""
    return frozenset((name.casefold(), value.casefold()) for name, value in options)


def match(work: Work, options: Mapping[str, Pairs]) -> None:
    """Find for each variant its combination: by what was told, by SKU, by options; the rest is to be made or left.

    `options`: combination → its options.
    """
    wanted = [variant for variant in work.product.variants if fitted_options(variant)]
    chosen = len(wanted) > 1 or text((work.row or {}).get("product_type")) == "combinations"
    grows = bool(wanted) and chosen and work.names(ProductField.VARIANTS)
    if not work.parts and work.row is not None and not grows:
        _match_plain(work)
        return
    if not work.parts and not wanted:
        if len(work.product.variants) == 1:
            work.of[work.product.variants[0].id] = PLAIN
        return
    work.varied = True
    left = _told(work, list(work.product.variants))
    left = _by(work, left, {id: _sku(text(row.get("reference"))) for id, row in work.parts.items()}, _own_sku)
    known = {id: alike(pairs) for id, pairs in options.items()}
    left = _by(work, left, known, lambda variant: alike(fitted_options(variant)))
    _sort_new(work, left, {known[id] for id in work.of.values() if id in known} | set(known.values()))


def _match_plain(work: Work) -> None:
    """The shop sells it as one: so it is the variant that was told, that has its SKU, or the only one."""
    variants = work.product.variants
    told = [v for v in variants if work.change.variants.get(v.id) == f"{work.id}-{PLAIN}"]
    sku = _sku(text((work.row or {}).get("reference")))
    same = [v for v in variants if sku and _own_sku(v) == sku]
    found = next(iter(told or same or (variants if len(variants) == 1 else ())), None)
    if found is not None:
        work.of[found.id] = PLAIN
    if work.names(ProductField.VARIANTS) and len(variants) > 1:
        work.tell("variants", "variant_not_held", "Variants without options cannot stand side by side.")


def _told(work: Work, variants: Sequence[Variant]) -> list[Variant]:
    left = []
    for variant in variants:
        product, _, part = work.change.variants.get(variant.id, "").partition("-")
        if product == work.id and part in work.parts and part not in work.of.values():
            work.of[variant.id] = part
        else:
            left.append(variant)
    return left


def _by(
    work: Work, variants: Sequence[Variant], held: Mapping[str, object], key: Callable[[Variant], object]
) -> list[Variant]:
    """Match those whose key exactly one combination has that is nobody's yet."""
    left = []
    for variant in variants:
        wanted = key(variant)
        free = [id for id, own in held.items() if own and own == wanted and id not in work.of.values()]
        if len(free) == 1:
            work.of[variant.id] = free[0]
        else:
            left.append(variant)
    return left


def _sort_new(work: Work, variants: Sequence[Variant], there: set[frozenset[tuple[str, str]]]) -> None:
    if not work.names(ProductField.VARIANTS):
        return
    for variant in variants:
        options = alike(fitted_options(variant))
        if options and options not in there:
            there.add(options)
            work.new.append(variant)
        else:
            why = "A variant without options, or with those of another, cannot stand beside the others."
            work.tell("variants", "variant_not_held", why, variant.sku)


def _sku(text: str) -> str:
    return text.strip().casefold()


def _own_sku(variant: Variant) -> str:
    return _sku(variant.sku)
