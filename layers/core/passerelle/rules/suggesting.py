"""Which products of a dependent store a person may mean by one of the main store's, the likeliest first (C-17)."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from passerelle.model import Product, Variant
from passerelle.rules.matching import key_of

MOST = 5
"""Suggestions a product."""
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A product of the dependent store, and by what it resembles: sku, barcode or title."""

    product: Product
    by: str
    likeness: float
    """From 0 to 1: the share of variants that agree, or of the words of both titles."""


def suggestions(main: Product, candidates: Iterable[Product], most: int = MOST) -> list[Suggestion]:
    """The candidates that resemble it at all: by SKU before barcode before title, the most alike first."""
    distinct = {each.id: each for each in candidates}
    found = [said for each in distinct.values() if (said := _resembles(main, each))]
    return sorted(found, key=lambda each: (_ORDER[each.by], -each.likeness, each.product.id))[:most]


_ORDER = {"sku": 0, "barcode": 1, "title": 2}


def _resembles(main: Product, there: Product) -> Suggestion | None:
    skus = _share(_keys(each.sku for each in main.variants), _keys(each.sku for each in there.variants))
    if skus:
        return Suggestion(there, "sku", skus)
    mine, theirs = (_keys(each.barcode for each in product.variants) for product in (main, there))
    if codes := _share(mine, theirs):
        return Suggestion(there, "barcode", codes)
    words = _share(_words(main.title), _words(there.title))
    return Suggestion(there, "title", words) if words else None


def _keys(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(key_of(text) for text in texts if text.strip())


def _words(title: str) -> frozenset[str]:
    return frozenset(_WORD.findall(title.casefold()))


def _share(mine: Collection[str], theirs: Collection[str]) -> float:
    """What they have in common, of all that either has."""
    both = set(mine) & set(theirs)
    return len(both) / len(set(mine) | set(theirs)) if both else 0.0


def pairs(main: Product, there: Product) -> Mapping[str, str]:
    """Which variant is which, once a person has said which product is: the only one of each, or by what names one.

    A variant that could be several, or none, is left out: it is told apart by a person, or not at all (C-5, C-6).
    """
    if len(main.variants) == len(there.variants) == 1:
        return {main.variants[0].id: there.variants[0].id}
    found: dict[str, str] = {}
    for named in (_by_sku, _by_barcode, _by_options):
        mine, theirs = _named_once(main, named), _named_once(there, named)
        for name, variant in mine.items():
            other = theirs.get(name)
            if other and variant not in found and other not in found.values():
                found[variant] = other
    return found


def _named_once(product: Product, named: Callable[[Variant], object]) -> dict[object, str]:
    """Variants by a name that no other variant of the product has."""
    names = [(named(each), each.id) for each in product.variants]
    every = [name for name, _ in names]
    return {name: id for name, id in names if name and every.count(name) == 1}


def _by_sku(variant: Variant) -> object:
    return key_of(variant.sku)


def _by_barcode(variant: Variant) -> object:
    return key_of(variant.barcode)


def _by_options(variant: Variant) -> object:
    return frozenset((key_of(name), key_of(value)) for name, value in variant.options)
