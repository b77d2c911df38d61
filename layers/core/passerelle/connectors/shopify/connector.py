"""One Shopify shop: the verbs it offers."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence

from passerelle.connectors.shopify import consents, documents, engagement, hooks, newcomers
from passerelle.connectors.shopify.admin import Admin
from passerelle.connectors.shopify.bulk import Exports
from passerelle.connectors.shopify.discounts import Discounts
from passerelle.connectors.shopify.fetching import Fetcher
from passerelle.connectors.shopify.finding import Finder
from passerelle.connectors.shopify.forms import SCOPES, VERSION, Credentials, Settings
from passerelle.connectors.shopify.goods import ProductWriter
from passerelle.connectors.shopify.levels import LevelWriter
from passerelle.connectors.shopify.listing import STATUSES, Listing
from passerelle.connectors.shopify.places import Places
from passerelle.connectors.shopify.pulling import Puller, image_transform
from passerelle.connectors.shopify.reading import hidden
from passerelle.connectors.shopify.stock import Stock
from passerelle.http import Client
from passerelle.model import Kind, Object
from passerelle.port import (
    By,
    Change,
    Check,
    ConsentChange,
    Count,
    Export,
    IndexPage,
    Match,
    Notice,
    Outcome,
    Pulled,
    Rejected,
    Selection,
    Subscription,
    Terms,
    Unreadable,
)


class Connector:
    """Reads a shop, and writes its products, its stock and its customers' consent. Safe to share between threads.

    `clock`: seconds since 1970.
    """

    def __init__(
        self,
        credentials: Credentials,
        settings: Settings,
        client: Client,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._credentials = credentials
        self._admin = Admin(credentials, client)
        self._puller = Puller(self._admin, settings)
        self._listing = Listing(self._admin, puller=self._puller)
        self._discounts = Discounts(self._admin)
        self._places = Places(self._admin)
        fetcher = Fetcher(self._admin)
        self._stock = Stock(self._admin, fetcher, self._places)
        self._levels = LevelWriter(self._admin, fetcher, self._places)
        self._finder = Finder(self._admin, self._listing)
        self._goods = ProductWriter(self._admin, fetcher, self._places, self._levels, self._finder.variants)
        self._exports = Exports(self._admin, image_transform(settings), clock, self._places)
        self._subscriptions = hooks.Subscriptions(self._admin, self._listing)

    def check(self) -> Check:
        """Who the shop is, and which access scopes the app lacks."""
        data = self._admin.ask(documents.CHECK)
        shop = data["shop"]
        held = {scope["handle"] for scope in data["currentAppInstallation"]["accessScopes"]}
        return Check(
            identity=shop["id"],
            name=shop["name"],
            currency=shop["currencyCode"],
            timezone=shop["ianaTimezone"],
            version=VERSION,
            missing=tuple(scope for scope in SCOPES if not _granted(scope, held)) or self._protected(),
        )

    def _protected(self) -> tuple[str, ...]:
        """Customers whose data is all hidden say that the app lacks Shopify's approval."""
        people = self._admin.ask(documents.PERSONS)["customers"]["nodes"]
        return ("protected customer data",) if people and all(map(hidden, people)) else ()

    def order_statuses(self) -> list[tuple[str, str]]:
        """The keys by which orders are chosen, each with its label."""
        return list(STATUSES.items())

    def index(self, kind: Kind, selection: Selection, after: str | None) -> IndexPage:
        """Up to 250 objects, whole, by ascending id; all promo codes and stock levels, as they are not dated."""
        if kind is Kind.PROMO_CODES:
            return self._discounts.index(after)
        if kind is Kind.STOCK:
            return self._stock.index(after)
        return self._listing.index(_offered(kind), selection, after)

    def count(self, kind: Kind, selection: Selection) -> Count:
        """How many the selection holds; of products also their variants."""
        if kind is Kind.PROMO_CODES:
            return self._discounts.count()
        if kind is Kind.STOCK:
            return self._stock.count()
        return self._listing.count(_offered(kind), selection)

    def pull(self, kind: Kind, ids: Sequence[str]) -> Pulled:
        """Whole objects: products with every variant, orders with every line."""
        if kind is Kind.PROMO_CODES:
            return self._discounts.pull(ids)
        if kind is Kind.STOCK:
            return self._stock.pull(ids)
        return self._puller.pull(_offered(kind), ids)

    def find(self, kind: Kind, keys: Sequence[str], by: By = By.OWN) -> list[Match]:
        """Customers by e-mail; products by SKU, our reference, barcode or title. Every match: ambiguity shows."""
        return self._finder.find(kind, keys, by)

    def terms(self) -> Terms:
        """Its currency, whether prices hold tax, and its locations. Products are told in its first language only."""
        return self._places.terms()

    def ordered(self, products: Sequence[str]) -> set[str]:
        """Those of these products that stand in an order that the app may see."""
        return self._finder.ordered(products)

    def export(self, kind: Kind, selection: Selection) -> Export:
        """Start a bulk operation, or take up the same one that was started a moment ago."""
        return self._exports.start(kind, selection)

    def exported(self, export: Export) -> Export:
        """Look whether it is ready."""
        return self._exports.look(export)

    def read(self, kind: Kind, export: Export) -> Iterator[Object | Unreadable]:
        """The objects of a ready export, streamed."""
        return self._exports.read(kind, export)

    def push(self, kind: Kind, changes: Sequence[Change]) -> list[Outcome]:
        """Products and stock; customers, new ones only, and what they did with mails."""
        if kind is Kind.ENGAGEMENT:
            return engagement.push(self._admin, changes)
        if kind is Kind.STOCK:
            return self._levels.push(changes)
        if kind is Kind.PRODUCTS:
            return self._goods.push(changes)
        if kind is not Kind.CUSTOMERS:
            raise Rejected(f"Shopify's {kind} are not written here.", "Nothing to do.", "kind_not_offered")
        return newcomers.push(self._admin, changes)

    def push_consent(self, changes: Sequence[ConsentChange]) -> list[Outcome]:
        """Write consents to e-mail marketing."""
        return consents.push(self._admin, changes)

    def hear(self, headers: Mapping[str, str], body: bytes, secrets: Sequence[str]) -> list[Notice]:
        """Verify a webhook and say what it tells."""
        return hooks.hear(self._credentials.shop, headers, body, secrets)

    def subscriptions(self) -> list[Subscription]:
        """The app's webhooks at the shop."""
        return self._subscriptions.found()

    def subscribe(self, url: str) -> list[Subscription]:
        """Make the webhooks that are missing at `url`."""
        return self._subscriptions.make(url)

    def unsubscribe(self, url: str) -> None:
        """Remove the webhooks that point to `url`."""
        self._subscriptions.end(url)


def _granted(scope: str, held: set[str]) -> bool:
    return scope in held or f"write_{scope.removeprefix('read_')}" in held


def _offered(kind: Kind) -> Kind:
    if kind not in documents.ROOTS:
        raise Rejected(f"Shopify offers no {kind} here.", "Look at the capability table.", "kind_not_offered")
    return kind
