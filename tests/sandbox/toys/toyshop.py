"""A platform of plain Python objects: shops whose terms a test chooses, where the door is what is tested, not a platform.

It is a connector like any other: its file in the folder of connectors is all that makes it one (see sandbox.counter).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from passerelle.model import Kind, Object, Product, ProductField, StockLevel
from passerelle.port import (
    Action,
    By,
    Change,
    Check,
    Count,
    CredentialsRefused,
    Indexed,
    IndexPage,
    Limits,
    Location,
    Match,
    Notice,
    Offers,
    Outcome,
    Pulled,
    Result,
    Selection,
    Subscription,
    Terms,
    Verb,
)
from pydantic import BaseModel, ConfigDict, SecretStr

LIMITS = Limits()
_ALL = {Verb.INDEX, Verb.COUNT, Verb.PULL, Verb.PUSH}
OFFERS: Offers = {
    Kind.PRODUCTS: frozenset({*_ALL, Verb.FIND, Verb.TERMS, Verb.HEAR}),
    Kind.STOCK: frozenset(_ALL),
}


class Credentials(BaseModel):
    """Where the shop is, and its key."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str
    key: SecretStr


class Settings(BaseModel):
    """How a link reads and writes the shop."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    language: str = ""
    image_format: str = ""
    branch: int | None = None
    """Which of the owner's shops."""


@dataclass
class Toyshop:
    """One shop and everything in it."""

    url: str
    name: str
    currency: str = "EUR"
    tax_included: bool = True
    locations: tuple[Location, ...] = (Location("1", "Shop", default=True),)
    languages: tuple[str, ...] = ()
    key: str = "open sesame"
    products: dict[str, Product] = field(default_factory=dict)
    webhooks: list[str] = field(default_factory=list)
    made: int = 0
    meanwhile: list[Callable[[], Any]] = field(default_factory=list)
    """What somebody else does when the terms are asked next, each once."""

    def stock(self, *products: Product) -> None:
        """The merchant brings these in."""
        self.products |= {product.id: product for product in products}


class Street:
    """The shops that there are, by their addresses. Emptied by whoever opens it."""

    shops: ClassVar[dict[str, Toyshop]] = {}


class Connector:
    """A way into one shop."""

    def __init__(self, credentials: Credentials, settings: Settings, client: Any) -> None:
        self._credentials, self._settings, self._client = credentials, settings, client

    @property
    def _shop(self) -> Toyshop:
        shop = Street.shops.get(self._credentials.url)
        if shop is None or shop.key != self._credentials.key.get_secret_value():
            raise CredentialsRefused("the shop does not know this key")
        return shop

    def check(self) -> Check:
        """See port.Account."""
        return Check(self._shop.url, self._shop.name, self._shop.currency)

    def terms(self) -> Terms:
        """See port.Catalogue."""
        shop = self._shop
        while shop.meanwhile:
            shop.meanwhile.pop()()
        return Terms(shop.currency, shop.tax_included, shop.locations, shop.languages)

    def ordered(self, products: Sequence[str]) -> set[str]:
        """See port.Catalogue."""
        return set()

    # --- reading -----------------------------------------------------------------------------------------

    def index(self, kind: Kind, selection: Selection, after: str | None) -> IndexPage:
        """See port.Source."""
        things = self._things(kind)
        return IndexPage(tuple(Indexed(id) for id in sorted(things)), None, len(things))

    def count(self, kind: Kind, selection: Selection) -> Count:
        """See port.Source."""
        return Count(len(self._things(kind)))

    def pull(self, kind: Kind, ids: Sequence[str]) -> Pulled:
        """See port.Source."""
        things = self._things(kind)
        there = tuple(things[id] for id in ids if id in things)
        return Pulled(there, tuple(id for id in ids if id not in things))

    def _things(self, kind: Kind) -> Mapping[str, Object]:
        if kind is Kind.PRODUCTS:
            return self._shop.products
        return {
            variant.id: StockLevel(
                variant.id, variant.sku, variant.quantity, product.id, variant_id=variant.id
            )
            for product in self._shop.products.values()
            for variant in product.variants
        }

    def find(self, kind: Kind, keys: Sequence[str], by: By = By.OWN) -> list[Match]:
        """See port.Destination."""
        found = []
        for key in keys:
            wanted = key.casefold()
            for product in self._shop.products.values():
                if by is By.TITLE and set(wanted.split()) & set(product.title.casefold().split()):
                    found.append(Match(key, product.id))
                for variant in product.variants:
                    named = {By.OWN: variant.sku, By.BARCODE: variant.barcode}.get(by, "")
                    if named and named.casefold() == wanted:
                        found.append(Match(key, product.id, variant_id=variant.id))
        return found

    # --- writing -----------------------------------------------------------------------------------------

    def push(self, kind: Kind, changes: Sequence[Change]) -> list[Outcome]:
        """See port.Destination."""
        return [self._stock(each) if kind is Kind.STOCK else self._product(each) for each in changes]

    def _product(self, change: Change) -> Outcome:
        shop = self._shop
        if change.action is Action.DELETE:
            shop.products.pop(change.destination_id, None)
            return Outcome(change.id, Result.DELETED)
        told = change.object
        assert isinstance(told, Product)
        if change.action is Action.CREATE:
            shop.made += 1
            id = f"{shop.name}-{shop.made}"
            variants = {variant.id: f"{id}-{variant.id}" for variant in told.variants}
            own = tuple(replace(variant, id=variants[variant.id]) for variant in told.variants)
            shop.products[id] = replace(told, id=id, variants=own)
            return Outcome(change.id, Result.CREATED, id, variants=variants)
        held = shop.products[change.destination_id]
        fields = change.fields or frozenset(ProductField)
        named = {ProductField.TITLE: "title", ProductField.STATUS: "status", ProductField.TAGS: "tags"}
        changes = {name: getattr(told, name) for each, name in named.items() if each in fields}
        priced = {change.variants.get(each.id): each.price for each in told.variants}
        variants_now = tuple(
            replace(each, price=priced[each.id])
            if ProductField.PRICE in fields and each.id in priced
            else each
            for each in held.variants
        )
        shop.products[held.id] = replace(held, variants=variants_now, **changes)
        same = shop.products[held.id] == held
        result = Result.UNCHANGED if same else Result.UPDATED
        return Outcome(change.id, result, held.id, variants=dict(change.variants))

    def _stock(self, change: Change) -> Outcome:
        level = change.object
        assert isinstance(level, StockLevel)
        held = self._shop.products[level.product_id]
        own = tuple(
            replace(each, quantity=level.quantity) if each.id == level.variant_id else each
            for each in held.variants
        )
        self._shop.products[held.id] = replace(held, variants=own)
        return Outcome(change.id, Result.UPDATED, level.variant_id)

    # --- hearing -----------------------------------------------------------------------------------------

    def hear(self, headers: Mapping[str, str], body: bytes, secrets: Sequence[str]) -> list[Notice]:
        """See port.Hearing: the body is a product's id."""
        return [Notice(Kind.PRODUCTS, body.decode(), "changed", headers["x-delivery"])]

    def subscriptions(self) -> list[Subscription]:
        """See port.Hearing."""
        return [Subscription(url, "changed", url) for url in self._shop.webhooks]

    def subscribe(self, url: str) -> list[Subscription]:
        """See port.Hearing."""
        if url not in self._shop.webhooks:
            self._shop.webhooks.append(url)
        return self.subscriptions()

    def unsubscribe(self, url: str) -> None:
        """See port.Hearing."""
        self._shop.webhooks = [each for each in self._shop.webhooks if each != url]
