"""The merchant of the street who has a WooCommerce shop, with a generated catalogue; served, it is reached over http."""

from collections.abc import Mapping

from sandbox.size import Size
from sandbox.woocommerce.app import Shop
from sandbox.woocommerce.sample import RECORDED_KEY, RECORDED_SECRET, catalogue

NAME = "Atelier Sud"
ORIGIN = ""


def open_shop(size: Size) -> Shop:
    """The shop with its sample data."""
    return catalogue(size.products, size.customers, size.orders)


def credentials(url: str) -> Mapping[str, str]:
    """The form by which the shop at `url` is connected."""
    return {"url": url, "consumer_key": RECORDED_KEY, "consumer_secret": RECORDED_SECRET}
