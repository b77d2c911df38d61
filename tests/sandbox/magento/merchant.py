"""The merchant of the street who has a Magento shop, with input limits on and an integration that signs."""

from collections.abc import Mapping
from datetime import UTC, datetime

from sandbox.magento.app import Shop
from sandbox.magento.auth import Integration
from sandbox.magento.criteria import InputLimits
from sandbox.magento.generate import shop_of
from sandbox.size import Size

NAME = "Comptoir Magenta"
ORIGIN = ""
KEYS = Integration("street-consumer-key", "street-consumer-secret", "street-token", "street-token-secret")


def open_shop(size: Size) -> Shop:
    """The shop with its sample data."""
    return shop_of(
        size.products,
        size.customers,
        size.orders,
        clock=lambda: datetime.now(UTC),
        limits=InputLimits(),
        integrations=(KEYS,),
    )


def credentials(url: str) -> Mapping[str, str]:
    """The form by which the shop at `url` is connected."""
    return {
        "url": url,
        "consumer_key": KEYS.consumer_key,
        "consumer_secret": KEYS.consumer_secret,
        "access_token": KEYS.token,
        "access_token_secret": KEYS.token_secret,
    }
