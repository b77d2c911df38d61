"""The connector: which verb is answered by which part."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from urllib.parse import urlsplit

from passerelle.connectors.magento.carts import Carts
from passerelle.connectors.magento.codes import Codes
from passerelle.connectors.magento.consent import ConsentWriter
from passerelle.connectors.magento.customers import Customers
from passerelle.connectors.magento.facts import Facts
from passerelle.connectors.magento.finding import Finding
from passerelle.connectors.magento.goods import Goods
from passerelle.connectors.magento.levels import Levels
from passerelle.connectors.magento.listing import Listing
from passerelle.connectors.magento.newcomers import Newcomers
from passerelle.connectors.magento.orders import Orders
from passerelle.connectors.magento.parcels import Parcels
from passerelle.connectors.magento.placing import Placing
from passerelle.connectors.magento.products import Products
from passerelle.connectors.magento.queue import OneByOne, Queue
from passerelle.connectors.magento.rest import Rest, criteria
from passerelle.connectors.magento.settings import Credentials, Settings
from passerelle.connectors.magento.stock import Stock
from passerelle.http import Client
from passerelle.model import Kind
from passerelle.port import (
    By,
    Change,
    Check,
    ConsentChange,
    Count,
    IndexPage,
    Limits,
    Match,
    Note,
    Offers,
    Outcome,
    PermissionMissing,
    Pulled,
    Rejected,
    Selection,
    Terms,
    Verb,
)

LIMITS = Limits(connections=4)
"""Magento names no limit; four at a time is what a shop's PHP stands beside its visitors."""

_READ = frozenset({Verb.INDEX, Verb.COUNT, Verb.PULL})
OFFERS: Offers = {
    Kind.PRODUCTS: _READ | {Verb.FIND, Verb.PUSH, Verb.TERMS},
    Kind.CUSTOMERS: _READ | {Verb.FIND, Verb.PUSH, Verb.CONSENT},
    Kind.ORDERS: _READ | {Verb.FIND, Verb.PUSH},
    Kind.CARTS: _READ,
    Kind.STOCK: _READ | {Verb.PUSH},
    Kind.PROMO_CODES: _READ,
    Kind.FULFILMENTS: _READ | {Verb.PUSH},
}
NOTES = (
    Note(Kind.PRODUCTS, Verb.HEAR, "Magento Open Source sends no webhooks: changes are found by their date."),
    Note(Kind.STOCK, Verb.HEAR, "Stock carries no date in Magento: it is read whole each time."),
    Note(Kind.STOCK, Verb.PUSH, "Magento compares nothing before it writes: units are read just before."),
    Note(
        Kind.PRODUCTS,
        Verb.PUSH,
        "Magento has no place for tags or a type of product, and knows nothing that is archived or unlisted.",
    ),
    Note(
        Kind.ORDERS,
        Verb.PUSH,
        "Orders are placed at Magento's own prices; one that was placed is cancelled, not edited.",
    ),
    Note(Kind.CUSTOMERS, Verb.HEAR, "A customer's date does not always move: full syncs find the rest."),
)
NEEDED: Mapping[str, str] = {
    "store/storeConfigs": "Magento_Backend::store",
    "products": "Magento_Catalog::products",
    "products/attributes": "Magento_Catalog::attributes_attributes",
    "categories": "Magento_Catalog::categories",
    "customers/search": "Magento_Customer::customer",
    "orders": "Magento_Sales::actions_view",
    "carts/search": "Magento_Cart::manage",
    "coupons/search": "Magento_SalesRule::quote",
    "inventory/sources": "Magento_InventoryApi::source",
}
"""What is read → the resource that a token needs for it. Rights to write cannot be tried without writing."""


class Connector:
    """A Magento shop. Errors are those of the port; see the parts for what each verb reads."""

    def __init__(
        self,
        credentials: Credentials,
        settings: Settings,
        client: Client,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._settings = settings
        self._rest = Rest(credentials, settings, client, lambda: clock().timestamp())
        self._facts = Facts(self._rest, settings)
        self._stock = Stock(self._rest, self._facts)
        self._customers = Customers(self._rest, self._facts)
        self._orders = Orders(self._rest, self._facts)
        self._products = Products(self._rest, self._facts, self._stock, settings, clock)
        makers = {Kind.CUSTOMERS: self._customers.made, Kind.ORDERS: self._orders.made}
        self._listing = Listing(self._rest, self._facts, settings, self._products, self._stock, makers)
        self._finding = Finding(self._rest, self._facts, settings)
        self._placing = Placing(self._rest, self._facts, settings, clock)
        self._parcels = Parcels(self._rest)
        self._pulls = self._readers()
        self._pushes = self._writers()

    def _readers(self) -> dict[Kind, Callable[[Sequence[str]], Pulled]]:
        return {
            Kind.PRODUCTS: self._products.pull,
            Kind.CUSTOMERS: self._customers.pull,
            Kind.ORDERS: self._orders.pull,
            Kind.CARTS: Carts(self._rest, self._facts).pull,
            Kind.STOCK: self._stock.pull,
            Kind.PROMO_CODES: Codes(self._rest, self._facts).pull,
            Kind.FULFILMENTS: self._parcels.pull,
        }

    def _writers(self) -> dict[Kind, Callable[[Sequence[Change]], list[Outcome]]]:
        writer = Queue(self._rest) if self._settings.bulk else OneByOne(self._rest)
        levels = Levels(self._rest, self._facts, self._stock)
        goods = Goods(self._rest, self._facts, self._settings, writer, self._products, levels)
        return {
            Kind.CUSTOMERS: Newcomers(self._rest, self._facts, self._customers).push,
            Kind.PRODUCTS: goods.push,
            Kind.STOCK: levels.push,
            Kind.ORDERS: self._placing.push,
            Kind.FULFILMENTS: self._parcels.push,
        }

    def check(self) -> Check:
        """Get in and look: resources that the token may not read are named as Magento's admin lists them."""
        missing = tuple(resource for path, resource in NEEDED.items() if not self._opens(path))
        known = NEEDED["store/storeConfigs"] not in missing
        address = urlsplit(self._rest.url)
        name = address.netloc.removeprefix("www.")
        return Check(
            identity=f"{name}{address.path}#{self._settings.website or 1}",
            name=name,
            currency=self._facts.currency if known else "",
            timezone=self._facts.zone.key if known else "UTC",
            version=self._rest.version(),
            missing=missing,
        )

    def _opens(self, path: str) -> bool:
        try:
            self._rest.get(path, criteria((), 1, "", ""))
        except PermissionMissing:
            return False
        except Rejected as refused:
            if refused.code != "no_route":
                raise
        return True

    def index(self, kind: Kind, selection: Selection, after: str | None) -> IndexPage:
        """A page of up to 1,000, or of what the shop's input limits allow, by keyset.

        Customers, orders and, but for what changed since, products come whole.
        """
        return self._listing.page(kind, selection, after)

    def count(self, kind: Kind, selection: Selection) -> Count:
        """How many the selection holds; for products their variants too."""
        return self._listing.count(kind, selection)

    def pull(self, kind: Kind, ids: Sequence[str]) -> Pulled:
        """Whole objects, with what hangs on them read together, never one by one."""
        return self._pulls[kind](ids)

    def find(self, kind: Kind, keys: Sequence[str], by: By = By.OWN) -> list[Match]:
        """Customers by e-mail; products by SKU or our reference, barcode or title; orders by our reference."""
        if kind is Kind.CUSTOMERS:
            return self._customers.find(keys)
        if kind is Kind.PRODUCTS:
            return self._finding.find(keys, by)
        if kind is Kind.ORDERS:
            return self._placing.find(keys)
        raise KeyError(f"Magento does not find {kind}")

    def push(self, kind: Kind, changes: Sequence[Change]) -> list[Outcome]:
        """Products field by field; stock; orders; fulfilments; customers, new ones only."""
        return self._pushes[kind](changes)

    def push_consent(self, changes: Sequence[ConsentChange]) -> list[Outcome]:
        """Write newsletter consents, one customer a request."""
        return ConsentWriter(self._rest, self._customers).push(changes)

    def order_statuses(self) -> list[tuple[str, str]]:
        """(key, name) of the statuses that orders of this shop may have."""
        return self._orders.statuses()

    def terms(self) -> Terms:
        """How its products are told and where its stock lies."""
        return self._finding.terms()

    def ordered(self, products: Sequence[str]) -> set[str]:
        """Those of these products that stand in an order."""
        return self._finding.ordered(products)
