"""A WooCommerce shop of a chain; see `outlets.Outlet`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from passerelle.connectors.woocommerce import Connector, Credentials, Settings
from passerelle.http import Client
from passerelle.model import ProductField, ProductStatus

from sandbox.clocks import Clock
from sandbox.woocommerce.app import Shop
from sandbox.woocommerce.auth import Key
from sandbox.woocommerce.sample import RECORDED_KEY, RECORDED_SECRET


@dataclass(slots=True)
class Outlet:
    """An empty shop in euros, whose prices hold tax."""

    clock: Clock
    address: str
    shop: Shop = field(init=False)
    platform: str = "woocommerce"
    held: frozenset[ProductField] = frozenset(ProductField) - {ProductField.PRODUCT_TYPE}
    tells_alt: bool = True
    unlisted: ProductStatus = ProductStatus.UNLISTED
    units_written: str = r"(POST|PUT) (.|\n)*stock_quantity"
    volatile: str = r"date_modified|_date_|price_html"
    paths: Mapping[ProductField, str] = field(
        default_factory=lambda: {
            ProductField.PRICE: r"price|on_sale",
            ProductField.COMPARE_AT: r"price|on_sale",
            ProductField.QUANTITY: r"stock",
        }
    )

    def __post_init__(self) -> None:
        keys = {RECORDED_KEY: Key(RECORDED_SECRET)}
        self.shop = Shop(keys, self.clock, name=self.address, currency="EUR", country="FR")
        self.shop.state.settings["woocommerce_prices_include_tax"].value = "yes"

    def open(self, client: Client) -> Any:
        """See outlets.Outlet."""
        keys = {"consumer_key": RECORDED_KEY, "consumer_secret": RECORDED_SECRET}
        return Connector(Credentials(url=self.address, **keys), Settings(), client, self.clock.epoch)

    def whole(self, product: str) -> Any:
        """See outlets.Outlet."""
        rows = self.shop.state.products
        return {id: row for id, row in rows.items() if str(product) in (str(id), str(row.get("parent_id")))}

    def sell(self, product: str, variant: str, units: int) -> None:
        """See outlets.Outlet."""
        line: dict[str, Any] = {"product_id": int(product), "quantity": units}
        if variant != product:
            line["variation_id"] = int(variant)
        desk = self.shop.desk()
        desk.act("POST", "/wc/v3/orders", {}, {"status": "processing", "line_items": [line]}, {})
