"""What is true of the whole shop: currency, taxes, weights, its statuses, and whether it lists all variations.

Source: https://woocommerce.github.io/woocommerce-rest-api-docs/#setting-options. `GET /variations` is there from
WooCommerce 10.3 on; before, variations are listed product by product.
"""

from decimal import Decimal
from functools import cached_property

from passerelle.connectors.woocommerce.reading import label, text
from passerelle.connectors.woocommerce.rest import Rest
from passerelle.port import Incomplete, Rejected

GRAMS = {"kg": Decimal(1000), "g": Decimal(1), "lbs": Decimal("453.59237"), "oz": Decimal("28.349523")}
NO_ORDERS = frozenset({"checkout-draft", "auto-draft", "trash"})
"""Statuses of what is not an order yet, or no longer."""
PLACE = "shop"
"""The one place where WooCommerce keeps stock; it has no name for it."""


class Facts:
    """Facts of one shop, each read when first asked for."""

    def __init__(self, rest: Rest) -> None:
        self._rest = rest

    @cached_property
    def _general(self) -> dict[str, str]:
        return self._settings("general")

    @cached_property
    def currency(self) -> str:
        """The shop's own currency. Raises Incomplete."""
        found = self._general.get("woocommerce_currency", "").upper()
        if not found:
            raise Incomplete("The shop does not tell its currency.", "Look at its general settings.")
        return found

    @cached_property
    def tax_included(self) -> bool:
        """Whether prices are what a buyer pays: there are no taxes, or they are typed in with them."""
        if self._general.get("woocommerce_calc_taxes") != "yes":
            return True
        return self._settings("tax").get("woocommerce_prices_include_tax") == "yes"

    @cached_property
    def grams(self) -> Decimal | None:
        """Grams of the unit that weights are in; None for a unit we do not know."""
        return GRAMS.get(self._settings("products").get("woocommerce_weight_unit", "kg"))

    @cached_property
    def lists_variations(self) -> bool:
        """Whether the shop lists the variations of all products together."""
        try:
            self._rest.page("variations", per_page=1, fields="id")
        except Rejected as refusal:
            if refusal.status != 404:
                raise
            return False
        return True

    def order_statuses(self) -> list[tuple[str, str]]:
        """(key, name) of the statuses that orders may be in, plugins' own among them."""
        rows = self._rest.every("reports/orders/totals")
        return [(text(row, "slug"), label(row)) for row in rows if text(row, "slug") not in NO_ORDERS]

    def _settings(self, group: str) -> dict[str, str]:
        rows = self._rest.page(f"settings/{group}", fields="id,value").rows
        return {text(row, "id"): text(row, "value") for row in rows}
