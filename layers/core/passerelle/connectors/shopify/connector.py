"""One Shopify shop: the verbs it offers."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence

from passerelle.connectors.shopify import consents, documents, engagement, hooks, newcomers
from passerelle.connectors.shopify.admin import Admin
from passerelle.connectors.shopify.bulk import Exports
from passerelle.connectors.shopify.discounts import Discounts
from passerelle.connectors.shopify.forms import SCOPES, VERSION, Credentials, Settings
from passerelle.connectors.shopify.ids import number
from passerelle.connectors.shopify.listing import STATUSES, Listing
from passerelle.connectors.shopify.pulling import Puller, image_transform, readable
from passerelle.connectors.shopify.reading import ShopFacts, hidden
from passerelle.http import Client
from passerelle.model import Customer, Kind, Object
from passerelle.port import (
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
    Unreadable,
)

KEYS = 40
"""E-mails or SKUs looked up in one search."""


class Connector:
    """Reads a shop, and writes its customers' consent. Safe to share between threads.

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
        self._exports = Exports(self._admin, image_transform(settings), clock)
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
        """Up to 250 objects, whole, with their `updatedAt`, by ascending id; all promo codes, as they are not dated."""
        if kind is Kind.PROMO_CODES:
            return self._discounts.index(after)
        return self._listing.index(_offered(kind), selection, after)

    def count(self, kind: Kind, selection: Selection) -> Count:
        """How many the selection holds; of products also their variants."""
        if kind is Kind.PROMO_CODES:
            return self._discounts.count()
        return self._listing.count(_offered(kind), selection)

    def pull(self, kind: Kind, ids: Sequence[str]) -> Pulled:
        """Whole objects: products with every variant, orders with every line."""
        if kind is Kind.PROMO_CODES:
            return self._discounts.pull(ids)
        return self._puller.pull(_offered(kind), ids)

    def find(self, kind: Kind, keys: Sequence[str]) -> list[Match]:
        """Customers by e-mail, products by SKU; every match of a key, so that ambiguity shows."""
        finders = {Kind.CUSTOMERS: self._customers, Kind.PRODUCTS: self._products}
        if kind not in finders:
            raise Rejected(f"Shopify's {kind} are not found by key.", "Use their ids.", "no_find")
        wanted = list(dict.fromkeys(key for key in keys if key))
        batches = [wanted[at : at + KEYS] for at in range(0, len(wanted), KEYS)]
        return [match for batch in batches for match in finders[kind](batch)]

    def _customers(self, emails: Sequence[str]) -> list[Match]:
        wanted = {email.strip().lower(): email for email in emails}
        matches = []
        for raw in self._listing.walk(documents.FIND_CUSTOMERS, {"query": _any("email", list(wanted))}):
            found = readable(Kind.CUSTOMERS, raw, ShopFacts(""))
            if isinstance(found, Customer) and found.email in wanted:
                matches.append(Match(wanted[found.email], found.id, found))
        return matches

    def _products(self, skus: Sequence[str]) -> list[Match]:
        nodes = self._listing.walk(documents.FIND_VARIANTS, {"query": _any("sku", skus)})
        # The search is of words and ignores case; a SKU is not.
        found = {(node["sku"], number(node["product"]["id"])): None for node in nodes if node["sku"] in skus}
        return [Match(sku, product) for sku, product in found]

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
        """Customers, new ones only, and what they did with mails."""
        if kind is Kind.ENGAGEMENT:
            return engagement.push(self._admin, changes)
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


def _any(field: str, values: Sequence[str]) -> str:
    quoted = [value.replace("\\", "\\\\").replace("'", "\\'") for value in values]
    return " OR ".join(f"{field}:'{value}'" for value in quoted)
