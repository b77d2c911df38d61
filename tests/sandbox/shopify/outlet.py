"""A Shopify shop of a chain; see `outlets.Outlet`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from passerelle.connectors.shopify import Connector, Credentials, Settings
from passerelle.http import Client
from passerelle.model import ProductField, ProductStatus

from sandbox.clocks import Clock
from sandbox.shopify import sample
from sandbox.shopify.shop import ALL_SCOPES, Shop
from sandbox.shopify.state import gid

TOKEN, SECRET = "shpat_sandbox", "shpss_sandbox"


@dataclass(slots=True)
class Outlet:
    """An empty shop in euros, whose prices hold tax. It is reached under its name at Shopify."""

    clock: Clock
    address: str
    shop: Shop = field(init=False)
    platform: str = "shopify"
    held: frozenset[ProductField] = frozenset(ProductField) - {ProductField.CATEGORIES}
    tells_alt: bool = True
    unlisted: ProductStatus = ProductStatus.UNLISTED
    units_written: str = r"POST (.|\n)*(inventorySetQuantities|inventoryActivate|inventoryQuantities)"
    volatile: str = r"updatedAt"
    paths: Mapping[ProductField, str] = field(
        default_factory=lambda: {
            ProductField.PRICE: r"\.price",
            ProductField.COMPARE_AT: r"compareAtPrice",
            ProductField.QUANTITY: r"inventoryQuantity|levels",
        }
    )

    def __post_init__(self) -> None:
        name = (urlsplit(self.address).hostname or "shop").partition(".")[0]
        tokens = {TOKEN: ALL_SCOPES}
        self.shop = Shop(
            f"{name}.myshopify.com",
            tokens,
            SECRET,
            clock=self.clock.epoch,
            now=self.clock,
            rate=1_000,
            bucket=20_000,
        )
        self.address = self.shop.address

    def open(self, client: Client) -> Any:
        """See outlets.Outlet."""
        given = Credentials(shop=self.shop.domain, access_token=TOKEN, client_secret=SECRET)
        return Connector(given, Settings(), client, self.clock.epoch)

    def whole(self, product: str) -> Any:
        """See outlets.Outlet."""
        return self.shop.state.get(gid("Product", product))

    def sell(self, product: str, variant: str, units: int) -> None:
        """See outlets.Outlet."""
        there = self.shop.state.get(gid("ProductVariant", variant))
        if there is None:
            raise KeyError(f"the shop has no variant {variant}")
        line = {
            "product_id": int(product),
            "variant_id": int(variant),
            "sku": there["sku"],
            "quantity": units,
        }
        order = sample.order(len(self.shop.state.shelf("Order").things), [], [])
        order["lineItems"] = [{**order["lineItems"][0], **line}]
        self.shop.life.add(order)
        self.shop.life.edit_variant(there["id"], inventoryQuantity=there["inventoryQuantity"] - units)
