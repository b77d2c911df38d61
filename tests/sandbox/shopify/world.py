"""What one request sees of the shop: its state through the eyes of the token."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sandbox.shopify.refusal import NotInSandboxError
from sandbox.shopify.state import Page, State, Thing, stamp

SCOPES: dict[str, tuple[str, ...]] = {
    "Product": ("read_products",),
    "ProductConnection": ("read_products",),
    "ProductVariant": ("read_products",),
    "ProductVariantConnection": ("read_products",),
    "InventoryItem": ("read_inventory", "read_products"),
    "InventoryLevel": ("read_inventory",),
    "InventoryLevelConnection": ("read_inventory",),
    "Location": ("read_locations", "read_inventory"),
    "Location.name": ("read_locations",),
    "InventorySetQuantitiesPayload": ("write_inventory",),
    "InventoryActivatePayload": ("write_inventory",),
    "ProductSetPayload": ("write_products",),
    "ProductUpdatePayload": ("write_products",),
    "ProductDeletePayload": ("write_products",),
    "ProductVariantsBulkCreatePayload": ("write_products",),
    "ProductVariantsBulkUpdatePayload": ("write_products",),
    "ProductVariantsBulkDeletePayload": ("write_products",),
    "MetafieldDefinitionCreatePayload": ("write_products",),
    "Customer": ("read_customers",),
    "CustomerConnection": ("read_customers",),
    "Order": ("read_orders",),
    "OrderConnection": ("read_orders",),
    "AbandonedCheckout": ("read_orders",),
    "AbandonedCheckoutConnection": ("read_orders",),
    "DiscountNode": ("read_discounts",),
    "DiscountNodeConnection": ("read_discounts",),
    "DiscountCodeNode": ("read_discounts",),
    "DiscountCodeNodeConnection": ("read_discounts",),
    "CustomerEmailMarketingConsentUpdatePayload": ("write_customers",),
    "MetafieldsSetPayload": ("write_customers",),
    "QueryRoot.productsCount": ("read_products",),
    "QueryRoot.productVariantsCount": ("read_products",),
    "QueryRoot.customersCount": ("read_customers",),
    "QueryRoot.ordersCount": ("read_orders",),
    "QueryRoot.abandonedCheckoutsCount": ("read_orders",),
    "QueryRoot.discountNodesCount": ("read_discounts",),
    "CustomerEmailAddress.marketingUnsubscribeUrl": ("write_customers",),
}
"""By type or field: the scopes of which one is enough."""

RECENT = timedelta(days=60)
"""How far back orders are seen without `read_all_orders`."""


@dataclass(slots=True)
class World:
    """The shop as one token sees it. `lie` is added to counts; `empty` empties every root page."""

    state: State
    scopes: frozenset[str]
    token: str
    address: str
    lie: int = 0
    empty: bool = False
    bulk_polls: int = 0
    hides_persons: bool = False
    local_hooks: bool = False
    warnings: list[dict[str, Any]] = field(default_factory=list)
    _bags: dict[str, dict[str, Any]] = field(default_factory=dict)

    def money(self, kind: str, amount: str) -> dict[str, Any]:
        """An amount in the shop's currency."""
        bag = self._bags.get(amount)
        if bag is None:
            plain = {"amount": amount, "currencyCode": self.state.shop["currencyCode"]}
            bag = self._bags[amount] = {"shopMoney": plain, "presentmentMoney": plain}
        held: dict[str, Any] = bag["shopMoney"]
        return bag if kind == "MoneyBag" else held

    def scopes_missing(self, kind: str, field: str) -> tuple[str, ...]:
        """The scopes of which the token would need one; empty where it has one or none is needed."""
        for name in (kind, field):
            needed = SCOPES.get(name, ())
            if needed and not granted(self.scopes, needed):
                return needed
        return ()

    def nested(self, rows: Sequence[Any], arguments: Mapping[str, Any]) -> Page:
        """A page of a list held by an object; its cursor is the place in the list."""
        if arguments.get("last") or arguments.get("before"):
            raise NotInSandboxError("the simulator pages forward only")
        places = {id(row): place for place, row in enumerate(rows)}
        start = int(arguments["after"]) + 1 if arguments.get("after") else 0
        size = arguments["first"]
        chosen = rows[start : start + size]
        return Page(chosen, lambda row: str(places[id(row)]), start + size < len(rows), start > 0)

    def search(self, kind: str, arguments: Mapping[str, Any]) -> Page:
        """A page of a root connection."""
        sort = arguments.get("sortKey") or "ID"
        shelf = self.state.shelf(kind)
        found = shelf.found(arguments.get("query") or "", sort, *self._sight(kind))
        self.warnings.extend(found.warnings)
        page = shelf.page(found, arguments, sort)
        return Page((), page.cursor, False, page.has_previous) if self.empty else page

    def every(self, kind: str, query: str) -> list[Thing]:
        """All that a query finds: what a bulk operation reads."""
        return self.state.shelf(kind).found(query, "ID", *self._sight(kind)).rows

    def count(self, kind: str, arguments: Mapping[str, Any], *, filtered: bool = True) -> dict[str, Any]:
        """A count, capped at `limit` (10,000 unless given; null: no cap)."""
        query = (arguments.get("query") or "") if filtered else ""
        real = len(self.state.shelf(kind).found(query, "ID", *self._sight(kind)).rows) + self.lie
        limit = arguments.get("limit")
        if limit is None or real <= limit:
            return {"count": real, "precision": "EXACT"}
        return {"count": limit, "precision": "AT_LEAST"}

    def node(self, identifier: str) -> Thing | None:
        """The object with a global id, if this token may know of it."""
        thing = self.state.get(identifier)
        if thing is None:
            return None
        only, _ = self._sight(thing["__typename"])
        return thing if only is None or only(thing) else None

    def person(self, value: Any) -> Any:
        """A buyer's personal datum: null while the app lacks approval for protected customer data."""
        return None if self.hides_persons else value

    def _sight(self, kind: str) -> tuple[Callable[[Thing], bool] | None, str]:
        if kind != "Order" or granted(self.scopes, ("read_all_orders",)):
            return None, ""
        oldest = stamp(self.state.clock() - RECENT)
        return (lambda order: bool(order["createdAt"] >= oldest)), oldest


def granted(scopes: Collection[str], needed: tuple[str, ...]) -> bool:
    """Whether one of `needed` is held; a write scope holds its read scope."""
    return any(scope in scopes or f"write_{scope.removeprefix('read_')}" in scopes for scope in needed)
