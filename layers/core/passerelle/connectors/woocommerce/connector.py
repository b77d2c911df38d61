"""The connector: which verb is answered by which part."""

import hashlib
import hmac
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from urllib.parse import urlsplit

from passerelle.connectors.woocommerce import catalogue, engagement, hooks
from passerelle.connectors.woocommerce.codes import Codes
from passerelle.connectors.woocommerce.consents import ConsentWriter
from passerelle.connectors.woocommerce.customers import Customers
from passerelle.connectors.woocommerce.facts import Facts
from passerelle.connectors.woocommerce.finding import Finding
from passerelle.connectors.woocommerce.levels import LevelWriter
from passerelle.connectors.woocommerce.listing import Listing
from passerelle.connectors.woocommerce.orders import Orders
from passerelle.connectors.woocommerce.placing import OrderWriter
from passerelle.connectors.woocommerce.products import Products
from passerelle.connectors.woocommerce.reading import Reader, label, text
from passerelle.connectors.woocommerce.rest import Rest, Row
from passerelle.connectors.woocommerce.settings import Credentials, Settings
from passerelle.connectors.woocommerce.stock import Stock
from passerelle.connectors.woocommerce.variations import Variations
from passerelle.connectors.woocommerce.writing import GoodsWriter
from passerelle.http import Client
from passerelle.model import Kind
from passerelle.port import (
    By,
    Change,
    Check,
    ConsentChange,
    Count,
    Incomplete,
    IndexPage,
    Limits,
    Match,
    Note,
    Notice,
    Offers,
    Outcome,
    PermissionMissing,
    Pulled,
    Selection,
    Subscription,
    Terms,
    Verb,
)

LIMITS = Limits(connections=4)
"""WooCommerce names no limit; four at a time is what a small shop's PHP stands beside its visitors."""

_READ = frozenset({Verb.INDEX, Verb.COUNT, Verb.PULL})
OFFERS: Offers = {
    Kind.PRODUCTS: _READ | {Verb.FIND, Verb.PUSH, Verb.HEAR, Verb.TERMS},
    Kind.CUSTOMERS: _READ | {Verb.FIND, Verb.PUSH, Verb.CONSENT, Verb.HEAR},
    Kind.ORDERS: _READ | {Verb.FIND, Verb.PUSH, Verb.HEAR},
    Kind.STOCK: _READ | {Verb.FIND, Verb.PUSH, Verb.HEAR},
    Kind.PROMO_CODES: _READ | {Verb.HEAR},
    Kind.ENGAGEMENT: frozenset({Verb.PUSH}),
}
NOTES = (
    Note(Kind.CARTS, Verb.INDEX, "WooCommerce keeps carts in its visitors' sessions, which nobody can list."),
    Note(Kind.CUSTOMERS, Verb.INDEX, "Customers cannot be listed by date: they are read whole each time."),
    Note(
        Kind.ORDERS,
        Verb.PUSH,
        "WooCommerce knows no shipments: a shipped order is completed, without tracking.",
    ),
    Note(Kind.STOCK, Verb.INDEX, "Stock is read whole each time; a webhook of its product tells of changes."),
    Note(
        Kind.PRODUCTS,
        Verb.PUSH,
        "WooCommerce holds no product type; barcodes are digits only, and each of one thing; a missing product type, "
        "barcode, brand or picture is told.",
    ),
    Note(Kind.PRODUCTS, Verb.FIND, "By barcode the whole shop is read, as WooCommerce has no such filter."),
)
READ = ("products", "customers", "orders", "coupons", "webhooks", "settings/general", "reports/orders/totals")


class Connector:
    """A WooCommerce shop. Errors are those of the port; see the parts for what each verb does. `clock`: epoch seconds."""

    def __init__(
        self,
        credentials: Credentials,
        settings: Settings,
        client: Client,
        clock: Callable[[], float] = time.time,
    ) -> None:
        def now() -> datetime:
            return datetime.fromtimestamp(clock(), UTC)

        self._credentials, self._settings = credentials, settings
        self._rest = Rest(credentials, client, clock)
        self._facts = Facts(self._rest)
        self._variations = Variations(self._rest, self._facts)
        self._stock = Stock(self._rest, self._facts, self._variations)
        self._goods = GoodsWriter(self._rest, self._facts, self._variations)
        self._finding = Finding(self._rest, self._facts, self._variations)
        self._customers = Customers(self._rest, settings, now)
        self._placing = OrderWriter(self._rest, now)
        self._consent = ConsentWriter(self._rest, settings, now)
        self._hooks = hooks.Hooks(self._rest, self._hook_secret)
        self._readers: dict[Kind, Reader] = {
            Kind.PRODUCTS: Products(self._rest, self._facts, self._variations),
            Kind.CUSTOMERS: self._customers,
            Kind.ORDERS: Orders(self._rest),
            Kind.PROMO_CODES: Codes(self._rest),
        }
        self._listing = Listing(self._rest, self._facts, settings, self._stock, self._readers)

    def check(self) -> Check:
        """Get in and look: rights to read that are missing are named `read orders` and the like.

        A shop may be only read: that the key may not write is told by the write that needs it.
        """
        site = self._rest.about()
        if "wc/v3" not in (site.get("namespaces") or ()):
            why = "The address answers, but WooCommerce is not active there."
            raise Incomplete(why, "Give the shop's own address, and activate WooCommerce.")
        missing = self._unreadable()
        address = urlsplit(self._rest.url)
        return Check(
            identity=f"{address.netloc.removeprefix('www.')}{address.path}",
            name=label(site),
            currency="" if "read settings" in missing else self._facts.currency,
            timezone=text(site, "timezone_string") or "UTC",
            version=self._version(),
            missing=tuple(dict.fromkeys(missing)),
        )

    def _unreadable(self) -> list[str]:
        def look(resource: str) -> Callable[[], object]:
            return lambda: self._rest.page(resource, per_page=1, fields="id")

        return [f"read {path.partition('/')[0]}" for path in READ if _barred(look(path))]

    def _version(self) -> str:
        """The shop's version, where the key may see it."""
        try:
            told: Row = self._rest.one("system_status", fields="environment.version")
        except PermissionMissing:
            return ""
        environment = told.get("environment")
        return text(environment, "version") if isinstance(environment, dict) else ""

    def index(self, kind: Kind, selection: Selection, after: str | None) -> IndexPage:
        """A page of up to 100 ids, walked by id."""
        return self._listing.page(kind, selection, after)

    def count(self, kind: Kind, selection: Selection) -> Count:
        """How many the selection holds; for products their variants too."""
        return self._listing.count(kind, selection)

    def pull(self, kind: Kind, ids: Sequence[str]) -> Pulled:
        """Whole objects, a hundred a call."""
        return self._stock.pull(ids) if kind is Kind.STOCK else self._readers[kind].pull(ids)

    def find(self, kind: Kind, keys: Sequence[str], by: By = By.OWN) -> list[Match]:
        """Customers by e-mail; products and stock by the SKU of a product or of a variation; orders by our reference.

        Products by barcode and by title too.
        """
        if kind is Kind.CUSTOMERS:
            return self._customers.find(keys)
        if kind is Kind.PRODUCTS:
            return self._finding.products(keys, by)
        if kind is Kind.STOCK:
            return self._finding.levels(keys)
        if kind is Kind.ORDERS:
            return self._placing.find(keys)
        raise KeyError(f"WooCommerce does not find {kind}")

    def push(self, kind: Kind, changes: Sequence[Change]) -> list[Outcome]:
        """Products with variations and pictures; stock by level; orders of a vendor; new customers; engagement."""
        if kind is Kind.PRODUCTS:
            return self._goods.push(changes)
        if kind is Kind.STOCK:
            return LevelWriter(self._rest, self._variations).push(changes)
        if kind is Kind.ORDERS:
            return self._placing.push(changes)
        if kind is Kind.CUSTOMERS:
            return self._customers.make(changes)
        if kind is Kind.ENGAGEMENT:
            return engagement.push(self._rest, changes)
        raise KeyError(f"WooCommerce's {kind} are not written here")

    def terms(self) -> Terms:
        """How its products are told and where its stock lies."""
        return catalogue.terms(self._facts)

    def ordered(self, products: Sequence[str]) -> set[str]:
        """Those of these products that stand in an order."""
        return catalogue.ordered(self._rest, products)

    def push_consent(self, changes: Sequence[ConsentChange]) -> list[Outcome]:
        """Write consents into customers' meta data, a hundred a call."""
        return self._consent.push(changes)

    def order_statuses(self) -> list[tuple[str, str]]:
        """(key, name) of the statuses that orders of this shop may be in."""
        return self._facts.order_statuses()

    def hear(self, headers: Mapping[str, str], body: bytes, secrets: Sequence[str]) -> list[Notice]:
        """See hooks."""
        return hooks.hear(self._settings, headers, body, secrets)

    def subscriptions(self) -> list[Subscription]:
        """The webhooks whose name says that they are ours."""
        return self._hooks.found()

    def subscribe(self, url: str) -> list[Subscription]:
        """Make the webhooks that are missing or ended at `url`."""
        return self._hooks.make(url)

    def unsubscribe(self, url: str) -> None:
        """Remove the webhooks that point to `url`."""
        self._hooks.end(url)

    def _hook_secret(self, url: str) -> str:
        """What webhooks at an address sign with: the same however often they are made, even if an answer was lost."""
        key = self._credentials.consumer_secret.get_secret_value().encode()
        return hmac.new(key, f"webhooks {url}".encode(), hashlib.sha256).hexdigest()


def _barred(look: Callable[[], object]) -> bool:
    try:
        look()
    except PermissionMissing:
        return True
    return False
