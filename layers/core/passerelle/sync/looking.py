"""Looking in both shops for products that have no counterpart yet, by SKU and if wanted by barcode."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from passerelle.memory import Run
from passerelle.model import Kind, Product
from passerelle.port import By, Match
from passerelle.rules.matching import Found, Known, key_of
from passerelle.sync import repeated
from passerelle.sync.flow import End, Flow


def known_at(flow: Flow, products: Sequence[Product], run: Run | None = None) -> Known:
    """What both shops hold under the keys of these products' variants.

    Of the main store the run's own plan may tell it. The dependent store is asked now: what appeared meanwhile counts.
    """
    variants = [variant for product in products for variant in product.variants]
    skus = _distinct(variant.sku for variant in variants)
    planned = repeated.of_run(flow, run)
    main = _found(flow.source, skus) if planned is None else planned
    dependent = _found(flow.destination, skus)
    if not flow.preferences.barcode:
        return Known(main, dependent)
    codes = _distinct(
        variant.barcode for variant in variants if variant.barcode and key_of(variant.sku) not in dependent
    )
    if not codes:
        return Known(main, dependent)
    return Known(
        main, dependent, _found(flow.destination, codes, By.BARCODE), _found(flow.source, codes, By.BARCODE)
    )


def _distinct(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(text.strip() for text in texts if key_of(text)))


def _found(end: End, keys: Sequence[str], by: By = By.OWN) -> Mapping[str, frozenset[Found]]:
    if not keys:
        return {}
    matches: list[Match] = end.connector.find(Kind.PRODUCTS, keys, by)
    found: defaultdict[str, set[Found]] = defaultdict(set)
    for each in matches:
        found[key_of(each.key)].add((each.destination_id, each.variant_id))
    return {key: frozenset(them) for key, them in found.items()}
