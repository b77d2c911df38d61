"""The merchant of the street who has a PrestaShop shop: what was recorded from a real one, and a generated catalogue."""

from collections.abc import Mapping
from datetime import UTC, datetime

from sandbox.prestashop import Shop
from sandbox.prestashop.generate import fill
from sandbox.prestashop.sample import RECORDED_KEY, as_recorded
from sandbox.size import Size

NAME = "Maison Lumière"
ORIGIN = ""


def open_shop(size: Size) -> Shop:
    """The shop with its sample data."""
    shop = as_recorded(clock=lambda: datetime.now(UTC))
    fill(shop.state, size.products, size.customers, size.orders, 1)
    return shop


def credentials(url: str) -> Mapping[str, str]:
    """The form by which the shop at `url` is connected."""
    return {"url": url, "key": RECORDED_KEY}
