"""The connector: which verb is answered by which part."""

import html
import re
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from passerelle.connectors.prestashop.carts import Carts
from passerelle.connectors.prestashop.catalogue import Catalogue
from passerelle.connectors.prestashop.codes import Codes
from passerelle.connectors.prestashop.consent import ConsentWriter
from passerelle.connectors.prestashop.customers import Customers
from passerelle.connectors.prestashop.facts import Facts
from passerelle.connectors.prestashop.finding import Finding
from passerelle.connectors.prestashop.goods import Goods
from passerelle.connectors.prestashop.levels import Levels
from passerelle.connectors.prestashop.listing import Listing
from passerelle.connectors.prestashop.newcomers import Newcomers
from passerelle.connectors.prestashop.orders import Orders
from passerelle.connectors.prestashop.places import Places
from passerelle.connectors.prestashop.products import Products
from passerelle.connectors.prestashop.settings import Credentials, Settings
from passerelle.connectors.prestashop.stock import Stock
from passerelle.connectors.prestashop.webservice import Webservice
from passerelle.connectors.prestashop.writing import Writer
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
    Offers,
    Outcome,
    Pulled,
    Selection,
    Terms,
    Unavailable,
    Verb,
)

LIMITS = Limits(connections=4)
"""PrestaShop names no limit; four at a time is what a small shop's PHP stands beside its visitors."""

_READ = frozenset({Verb.INDEX, Verb.COUNT, Verb.PULL})
OFFERS: Offers = {
    Kind.PRODUCTS: _READ | {Verb.FIND, Verb.PUSH, Verb.TERMS},
    Kind.CUSTOMERS: _READ | {Verb.FIND, Verb.PUSH, Verb.CONSENT},
    Kind.ORDERS: _READ,
    Kind.CARTS: _READ,
    Kind.STOCK: _READ | {Verb.PUSH},
    Kind.PROMO_CODES: _READ,
}
NOTES = (
    Note(Kind.PRODUCTS, Verb.HEAR, "PrestaShop sends no webhooks: changes are found by their date."),
    Note(Kind.STOCK, Verb.HEAR, "Stock carries no date in PrestaShop: it is read whole each time."),
    Note(
        Kind.ENGAGEMENT,
        Verb.PUSH,
        "PrestaShop's customers have no fields of an app's own: what people do with mails cannot be written there.",
    ),
)
NEEDED: Mapping[str, tuple[str, ...]] = {
    "GET": (
        *("addresses", "cart_rules", "carts", "categories", "combinations", "configurations", "countries"),
        *("currencies", "customers", "languages", "order_cart_rules", "order_states", "orders"),
        *("product_option_values", "product_options", "products", "states", "stock_availables", "tags"),
    ),
    "PATCH": ("customers",),
}
"""The rights that the key needs: method → resources."""


class Connector:
    """A PrestaShop shop. Errors are those of the port; see the parts for what each verb reads."""

    def __init__(self, credentials: Credentials, settings: Settings, client: Client) -> None:
        self._settings = settings
        self._service = Webservice(credentials, settings, client)
        self._facts = Facts(self._service, settings)
        places = Places(self._service, self._facts)
        products = Products(self._service, self._facts, settings)
        self._customers = Customers(self._service, self._facts, places)
        self._orders = Orders(self._service, self._facts, places)
        stock = Stock(self._service, self._facts, settings)
        writer = Writer(self._service)
        levels = Levels(self._service, self._facts, settings, writer)
        self._finding = Finding(self._service, self._facts)
        self._catalogue = Catalogue(self._service, self._facts, levels)
        carts = Carts(self._service, self._facts, self._orders, products)
        self._listing = Listing(self._service, self._facts, stock)
        self._consent = ConsentWriter(self._service, self._facts)
        self._newcomers = Newcomers(self._service, self._facts, self._customers)
        self._pushes = {
            Kind.CUSTOMERS: self._newcomers.push,
            Kind.PRODUCTS: Goods(self._service, self._facts, settings, writer, levels).push,
            Kind.STOCK: levels.push,
        }
        self._pulls = {
            Kind.PRODUCTS: products.pull,
            Kind.CUSTOMERS: self._customers.pull,
            Kind.ORDERS: self._orders.pull,
            Kind.CARTS: carts.pull,
            Kind.STOCK: stock.pull,
            Kind.PROMO_CODES: Codes(self._service, self._facts).pull,
        }

    def check(self) -> Check:
        """Get in and look: rights that are missing are named `METHOD resource`."""
        response = self._service.root()
        page = response.text
        shop = re.search(r'<api shopName="([^"]*)"', page)
        if shop is None:
            why = "The address answers, but not as a PrestaShop webservice does."
            raise Incomplete(why, "Give the shop's own address, and enable the webservice.")
        if not page.rstrip().endswith("</prestashop>"):
            raise Unavailable("The shop's list of rights is cut short.", "Nothing to do: it is asked again.")
        missing = _missing(page)
        closed = {right.partition(" ")[2] for right in missing if right.startswith("GET ")}
        address = urlsplit(self._service.url)
        return Check(
            identity=f"{address.netloc.removeprefix('www.')}{address.path}#{self._settings.shop or 1}",
            name=html.unescape(shop[1]),
            currency="" if "currencies" in closed else self._facts.currency,
            timezone=self._zone(known="configurations" not in closed),
            version=response.headers.get("PSWS-Version", ""),
            missing=missing,
        )

    def _zone(self, *, known: bool) -> str:
        return self._facts.zone.key if known or self._settings.timezone else "UTC"

    def index(self, kind: Kind, selection: Selection, after: str | None) -> IndexPage:
        """A page of up to 1,000 ids, by keyset."""
        return self._listing.page(kind, selection, after)

    def count(self, kind: Kind, selection: Selection) -> Count:
        """How many the selection holds; for products their variants too."""
        return self._listing.count(kind, selection)

    def pull(self, kind: Kind, ids: Sequence[str]) -> Pulled:
        """Whole objects, with what hangs on them read together, never one by one."""
        return self._pulls[kind](ids)

    def find(self, kind: Kind, keys: Sequence[str], by: By = By.OWN) -> list[Match]:
        """Customers by e-mail; products by reference (their own, a combination's, or ours), barcode or title."""
        if kind is Kind.CUSTOMERS:
            return self._customers.find(keys)
        if kind is Kind.PRODUCTS:
            return self._finding.find(keys, by)
        raise KeyError(f"PrestaShop does not find {kind}")

    def push(self, kind: Kind, changes: Sequence[Change]) -> list[Outcome]:
        """Products, stock, and new customers; a right that the key lacks is named by PermissionMissing."""
        if kind not in self._pushes:
            raise KeyError(f"PrestaShop's {kind} are not written here")
        return self._pushes[kind](changes)

    def terms(self) -> Terms:
        """How its products are told and where its stock lies."""
        return self._catalogue.terms()

    def ordered(self, products: Sequence[str]) -> set[str]:
        """Those of these products that stand in an order."""
        return self._catalogue.ordered(products)

    def push_consent(self, changes: Sequence[ConsentChange]) -> list[Outcome]:
        """Write newsletter consents, fifty customers a request."""
        return self._consent.push(changes)

    def order_statuses(self) -> list[tuple[str, str]]:
        """(key, name) of the states that orders of this shop may be in."""
        return self._orders.statuses()


def _missing(page: str) -> tuple[str, ...]:
    """Rights of NEEDED that the root does not list, which shows only resources the key may use."""
    missing = []
    for method, resources in NEEDED.items():
        for resource in resources:
            if not re.search(rf'<{resource} [^>]*\b{method.lower()}="true"', page):
                missing.append(f"{method} {resource}")
    return tuple(missing)
