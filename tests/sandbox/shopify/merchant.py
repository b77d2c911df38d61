"""The merchant of the street who has a Shopify shop, generated."""

from collections.abc import Mapping

from sandbox.shopify import Shop, sample
from sandbox.size import Size

NAME = "Atelier Nord"
SHOP = "atelier-nord.myshopify.com"
ORIGIN = f"https://{SHOP}"
TOKEN, SECRET = "shpat_sandbox", "shpss_sandbox"


def open_shop(size: Size) -> Shop:
    """The shop with its sample data."""
    shop = Shop(SHOP, {TOKEN: Shop.ALL_SCOPES}, SECRET, rate=1_000, bucket=20_000, local_hooks=True)
    shop.load(sample.catalogue(size.products, size.customers, size.orders, checkouts=size.orders // 20))
    return shop


def credentials(_: str) -> Mapping[str, str]:
    """The form by which the shop is connected: it is reached under its public name."""
    return {"shop": SHOP, "access_token": TOKEN, "client_secret": SECRET}
