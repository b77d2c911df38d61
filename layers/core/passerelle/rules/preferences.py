"""What a dependent store wants of its main store's catalogue: its preferences, as they are kept and as they are meant."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from passerelle.model import ProductField, ProductStatus
from passerelle.rules.matching import key_of
from passerelle.rules.pricing import PriceRule, price_rule_of
from passerelle.rules.stock import StockRule, stock_rule_of

PRICES = frozenset({ProductField.PRICE, ProductField.COMPARE_AT})
"""Written by the preference `price`; and when a product is made, as it needs one."""
UNITS = frozenset({ProductField.QUANTITY})
"""Never written with a product: units have a feed of their own."""
CONTENT = frozenset(ProductField) - PRICES - UNITS - {ProductField.HANDLE}
"""What `all` and `matched` keep up to date unless a field is switched off. An address that was made stays."""


class Gone(StrEnum):
    """What becomes of a product whose main store deleted it or took it off sale (C-9)."""

    DRAFT = "draft"
    UNPUBLISH = "unpublish"
    ZERO_STOCK = "zero_stock"
    DELETE = "delete"
    NOTHING = "nothing"


class StatusAtCreate(StrEnum):
    """The status of a product that is made at the dependent store."""

    AS_MAIN = "as_main"
    ACTIVE = "active"
    DRAFT = "draft"


@dataclass(frozen=True, slots=True)
class Filter:
    """Products by what they are: any of the words (see `key_of`) will do. Empty: no product."""

    tags: frozenset[str] = frozenset()
    vendors: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()

    @property
    def empty(self) -> bool:
        """Whether it names nothing."""
        return not (self.tags or self.vendors or self.categories)


@dataclass(frozen=True, slots=True)
class Preferences:
    """What a dependent store receives (C-4); each of the first four is independent of the others."""

    all: bool = False
    """Products that it does not have are made."""
    matched: bool = True
    """The content of those whose SKU it has is kept up to date."""
    quantity: bool = True
    price: bool = True
    at_create: frozenset[ProductField] = frozenset(ProductField) - UNITS
    at_update: frozenset[ProductField] = CONTENT
    status_at_create: StatusAtCreate = StatusAtCreate.AS_MAIN
    gone: Gone = Gone.DRAFT
    barcode: bool = False
    """Whether a variant without a match by SKU is looked for by its barcode."""
    include: Filter = field(default_factory=Filter)
    """Empty: every product."""
    exclude: Filter = field(default_factory=Filter)
    prices: PriceRule = field(default_factory=PriceRule)
    stock: StockRule = field(default_factory=StockRule)

    @property
    def idle(self) -> bool:
        """Whether nothing is wanted."""
        return not (self.all or self.matched or self.quantity or self.price)

    @property
    def created(self) -> frozenset[ProductField]:
        """The fields of a product that is made: what a shop cannot do without is among them."""
        needed = {ProductField.TITLE, ProductField.STATUS, ProductField.VARIANTS, ProductField.SKU}
        return (self.at_create | needed | {ProductField.PRICE}) - UNITS

    @property
    def updated(self) -> frozenset[ProductField]:
        """The fields of a product that is there; without `all`, no variant is added to it (C-6)."""
        content = self.at_update - PRICES - UNITS if self.all or self.matched else frozenset()
        if not self.all:
            content -= {ProductField.VARIANTS}
        # It was found by its SKU, or a person said that it is the one: neither asks for another SKU.
        return (content | (PRICES if self.price else frozenset())) - {ProductField.SKU}


def preferences_of(policy: Mapping[str, Any]) -> Preferences:
    """Preferences as a link keeps them (words and texts). Raises ValueError for a word that is none."""
    known = Preferences()
    return Preferences(
        all=_switch(policy.get("all", known.all)),
        matched=_switch(policy.get("matched", known.matched)),
        quantity=_switch(policy.get("quantity", known.quantity)),
        price=_switch(policy.get("price", known.price)),
        barcode=_switch(policy.get("barcode", known.barcode)),
        at_create=frozenset(map(ProductField, policy.get("at_create", known.at_create))),
        at_update=frozenset(map(ProductField, policy.get("at_update", known.at_update))),
        status_at_create=StatusAtCreate(policy.get("status_at_create", known.status_at_create)),
        gone=Gone(policy.get("gone", known.gone)),
        include=_filter_of(policy.get("include") or {}),
        exclude=_filter_of(policy.get("exclude") or {}),
        prices=price_rule_of(policy.get("prices") or {}),
        stock=stock_rule_of(policy.get("stock") or {}),
    )


def _switch(word: Any) -> bool:
    """On or off; a text such as "false" is neither, and would read as on."""
    if not isinstance(word, bool):
        raise ValueError(f"{word!r} is neither true nor false")
    return word


def _filter_of(words: Mapping[str, Any]) -> Filter:
    return Filter(*(_words(words.get(name) or ()) for name in ("tags", "vendors", "categories")))


def _words(told: Any) -> frozenset[str]:
    """Words to choose by; a blank one would choose what has none, and a text its letters."""
    if isinstance(told, str) or not all(found := [key_of(str(each)) for each in told]):
        raise ValueError(f"{told!r} is not a list of words")
    return frozenset(found)


def made_as(preferences: Preferences, status: ProductStatus) -> ProductStatus:
    """The status of a product that is made."""
    if preferences.status_at_create is StatusAtCreate.AS_MAIN:
        return status
    return ProductStatus(preferences.status_at_create.value)
