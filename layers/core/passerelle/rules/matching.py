"""Which product of the dependent store is which of the main store: by variant, and never by a guess (C-5, C-6)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from unicodedata import normalize

from passerelle.model import Product, Variant

type Found = tuple[str, str]
"""(product, variant) of a store, by their ids."""
NONE: frozenset[Found] = frozenset()
UNSEEN = r"[\s\u00ad\u200b-\u200f\u2060\ufeff]+"
"""Blanks, and what a table brings along unseen, such as its byte order mark."""
AROUND = re.compile(rf"\A{UNSEEN}|{UNSEEN}\Z")


def key_of(text: str) -> str:
    """A SKU or barcode as two stores compare it: without case, without what is unseen around it.

    An é is the same whether it is written as one sign or as two (canonical caseless matching, Unicode D145). What is
    unseen inside is part of it: two SKUs that look alike are no proof.
    """
    bare = AROUND.sub("", text)
    return bare.casefold() if bare.isascii() else normalize("NFD", normalize("NFD", bare).casefold())


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
    """It could be several, or nothing says which: no write. `objects` names both sides, the main store's first."""

    code: str
    why: str
    objects: tuple[str, ...] = ()


type Match = Matched | Unmatched | Ambiguous


def match(product: Product, known: Known) -> Match:
    """What the product is at the dependent store; the order of its variants makes no difference."""
    variants = sorted(product.variants, key=lambda each: each.id)
    doubt = _doubt_at_main(product, variants, known)
    if doubt:
        return doubt
    found: dict[str, Found] = {}
    for variant in variants:
        there = known.dependent.get(key_of(variant.sku), NONE) if key_of(variant.sku) else NONE
        if len(there) > 1:
            return _several(product, variant.sku, there)
        if there:
            found[variant.id] = next(iter(there))
    by_sku = dict(found)
    for variant in variants:
        there = NONE if variant.id in by_sku else _by_barcode(variant, by_sku, known)
        if len(there) > 1:
            return _several(product, variant.barcode, there)
        if there and _shared(product, variant, by_sku, known):
            why = f"The main store has the barcode {variant.barcode} more than once."
            return Ambiguous("sku_ambiguous", why, (product.id, *sorted({each for each, _ in there})))
        if there:
            found[variant.id] = next(iter(there))
    return _together(product, found)


def _together(product: Product, found: Mapping[str, Found]) -> Match:
    """One product, if they are all of one, and each another of its variants."""
    if not found:
        return Unmatched()
    products = sorted({each for each, _ in found.values()})
    if len(products) > 1:
        why = f"Its variants belong to several products of the dependent store: {', '.join(products)}."
        return Ambiguous("match_split", why, (product.id, *products))
    if len(set(found.values())) < len(found):
        why = f"Two of its variants lead to the same variant of the dependent store's product {products[0]}."
        return Ambiguous("match_split", why, (product.id, *products))
    left = tuple(variant.id for variant in product.variants if variant.id not in found)
    return Matched(products[0], {id: variant for id, (_, variant) in found.items()}, left)


def _doubt_at_main(product: Product, variants: Sequence[Variant], known: Known) -> Ambiguous | None:
    """What the main store itself leaves open."""
    nameless = [variant.id for variant in variants if not key_of(variant.sku)]
    if nameless and not _second_keys(product, known):
        why = f"A variant has no SKU: {', '.join(nameless)}."
        return Ambiguous("sku_missing", why, (product.id, *nameless))
    keys = {variant.id: key for variant in variants if (key := key_of(variant.sku))}
    if len(set(keys.values())) < len(keys):
        return Ambiguous("sku_repeated", "Two of its variants have the same SKU.", (product.id,))
    for variant in variants:
        holders = known.main.get(keys[variant.id], NONE) if variant.id in keys else NONE
        others = sorted({each for each, _ in holders} - {product.id})
        if others:
            why = f"The main store has the SKU {variant.sku} twice: in {product.id} and {', '.join(others)}."
            return Ambiguous("sku_ambiguous", why, (product.id, *others))
        if len(holders) > 1:  # the other variant has a counterpart already and is not looked for again
            why = f"Two of its variants have the SKU {variant.sku}."
            return Ambiguous("sku_repeated", why, (product.id, *sorted(each for _, each in holders)))
    return None


def _second_keys(product: Product, known: Known) -> bool:
    """Whether each variant without a SKU is known by its barcode, and by no other's."""
    for variant in product.variants:
        if key_of(variant.sku):
            continue
        code = key_of(variant.barcode)
        owners = {each for each, _ in known.main_barcodes.get(code, NONE)} - {product.id}
        if not code or owners or not known.barcodes.get(code):
            return False
    return True


def _by_barcode(variant: Variant, by_sku: Mapping[str, Found], known: Known) -> frozenset[Found]:
    """What has the barcode at the dependent store, without what a SKU says is another variant."""
    code = key_of(variant.barcode)
    return known.barcodes.get(code, NONE) - set(by_sku.values()) if code else NONE


def _shared(product: Product, variant: Variant, by_sku: Mapping[str, Found], known: Known) -> bool:
    """Whether another variant of the main store has the barcode, and no SKU says what that one is."""
    owners = known.main_barcodes.get(key_of(variant.barcode), NONE)
    return len(owners - {(product.id, each) for each in by_sku}) > 1


def _several(product: Product, key: str, there: frozenset[Found]) -> Ambiguous:
    named = ", ".join(" variant ".join(filter(None, each)) for each in sorted(there))
    why = f"The dependent store has {key} more than once: in {named}."
    return Ambiguous("sku_ambiguous", why, (product.id, *sorted({each for each, _ in there})))
