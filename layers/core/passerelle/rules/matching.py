"""Which product of the dependent store is which of the main store: by variant, and never by a guess (C-5, C-6)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from passerelle.model import Product, Variant

type Found = tuple[str, str]
"""(product, variant) of a store, by their ids."""


def key_of(text: str) -> str:
    """A SKU or barcode as two stores compare it: without case, without blanks around it."""
    return text.strip().casefold()


@dataclass(frozen=True, slots=True)
class Known:
    """What each store holds under each key (see `key_of`)."""

    main: Mapping[str, frozenset[Found]] = field(default_factory=dict)
    dependent: Mapping[str, frozenset[Found]] = field(default_factory=dict)
    barcodes: Mapping[str, frozenset[Found]] = field(default_factory=dict)
    """At the dependent store; empty where the second key is not wanted."""
    main_barcodes: Mapping[str, frozenset[Found]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Matched:
    """One product of the dependent store, and which of its variants is which; "" stands for its only one."""

    product: str
    variants: Mapping[str, str]
    unmatched: tuple[str, ...] = ()
    """Variants of the main store that it does not have."""


@dataclass(frozen=True, slots=True)
class Unmatched:
    """The dependent store has none of it."""


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """It could be several, or nothing says which: no write. `objects` names both sides."""

    code: str
    why: str
    objects: tuple[str, ...] = ()


type Match = Matched | Unmatched | Ambiguous


def match(product: Product, known: Known) -> Match:
    """What the product is at the dependent store."""
    keys = [key_of(variant.sku) for variant in product.variants]
    doubt = _doubt_at_main(product, keys, known)
    if doubt:
        return doubt
    found: dict[str, Found] = {}
    for variant in product.variants:
        there = _there(variant, known)
        if len(there) > 1:
            return _several(variant, there)
        if there:
            found[variant.id] = next(iter(there))
    if not found:
        return Unmatched()
    products = {each for each, _ in found.values()}
    if len(products) > 1:
        named = ", ".join(sorted(products))
        why = f"Its variants belong to several products of the dependent store: {named}."
        return Ambiguous("match_split", why, (product.id, *sorted(products)))
    if len(set(found.values())) < len(found):
        why = "Two of its variants lead to the same variant of the dependent store."
        return Ambiguous("match_split", why, (product.id, *sorted(products)))
    left = tuple(variant.id for variant in product.variants if variant.id not in found)
    return Matched(products.pop(), {id: variant for id, (_, variant) in found.items()}, left)


def _doubt_at_main(product: Product, keys: Sequence[str], known: Known) -> Ambiguous | None:
    """What the main store itself leaves open."""
    if not all(keys) and not _second_keys(product, known):
        nameless = [variant.id for variant in product.variants if not variant.sku.strip()]
        why = f"A variant has no SKU: {', '.join(nameless)}."
        return Ambiguous("sku_missing", why, (product.id, *nameless))
    if len({key for key in keys if key}) < len([key for key in keys if key]):
        return Ambiguous("sku_repeated", "Two of its variants have the same SKU.", (product.id,))
    for variant, key in zip(product.variants, keys, strict=True):
        others = (
            {each for each, _ in known.main.get(key, frozenset()) if each != product.id} if key else set()
        )
        if others:
            why = f"The main store has the SKU {variant.sku} twice: in {product.id} and {', '.join(sorted(others))}."
            return Ambiguous("sku_ambiguous", why, (product.id, *sorted(others)))
    return None


def _second_keys(product: Product, known: Known) -> bool:
    """Whether each variant without a SKU is known by its barcode, and by no other's."""
    for variant in product.variants:
        if variant.sku.strip():
            continue
        code = key_of(variant.barcode)
        owners = {each for each, _ in known.main_barcodes.get(code, frozenset())} - {product.id}
        if not code or owners or not known.barcodes.get(code):
            return False
    return True


def _there(variant: Variant, known: Known) -> frozenset[Found]:
    by_sku = known.dependent.get(key_of(variant.sku), frozenset()) if variant.sku.strip() else frozenset()
    if by_sku or not variant.barcode.strip():
        return by_sku
    code = key_of(variant.barcode)
    owners = known.main_barcodes.get(code, frozenset())
    return known.barcodes.get(code, frozenset()) if len(owners) <= 1 else frozenset()


def _several(variant: Variant, there: frozenset[Found]) -> Ambiguous:
    named = ", ".join(" variant ".join(filter(None, each)) for each in sorted(there))
    key = variant.sku or variant.barcode
    why = f"The dependent store has {key} more than once: in {named}."
    return Ambiguous("sku_ambiguous", why, (variant.id, *sorted({each for each, _ in there})))
