"""What a tenant fills in to connect a Shopify shop, and what the platform allows and offers."""

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, StringConstraints

from passerelle.model import Kind
from passerelle.port import Limits, Offers, Verb

VERSION = "2026-07"
"""The version of the Admin API that every document here is written for."""

SCOPES = (
    "read_products",
    "read_inventory",
    "read_customers",
    "write_customers",
    "read_orders",
    "read_all_orders",
    "read_discounts",
)
"""The access scopes that the app needs; a write scope holds its read scope."""

type ShopDomain = Annotated[
    str,
    BeforeValidator(lambda text: text.strip().lower() if isinstance(text, str) else text),
    StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,59}\.myshopify\.com$"),
]


class Credentials(BaseModel):
    """The shop's permanent address and the keys of the app that is installed in it (docs/platforms/shopify.md)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    shop: ShopDomain = Field(description="The shop's permanent address, such as my-shop.myshopify.com.")
    access_token: SecretStr = Field(
        min_length=8, max_length=512, description="The Admin API access token of the app."
    )
    client_secret: SecretStr = Field(
        min_length=8, max_length=512, description="The app's client secret: it signs the webhooks."
    )
    previous_client_secret: SecretStr | None = Field(
        default=None,
        min_length=8,
        max_length=512,
        description="The secret before a rotation, until Shopify signs with the new one.",
    )


class Settings(BaseModel):
    """How a link wants what is read from the shop."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    image_format: Literal["original", "jpg", "png", "webp"] = "original"
    """The file type asked of Shopify's image server."""
    image_width: int | None = Field(default=None, ge=16, le=5760)
    """The greatest width in pixels; None: as uploaded."""


LIMITS = Limits(points_per_second=100.0, burst=2_000.0, bulk=2_500)
"""The smallest plan's bucket; what `throttleStatus` says of a larger one takes its place.

An import may hold 100 MB: 2,500 products of 40 KB each, and what a shop works on within some minutes.

Source: https://shopify.dev/docs/api/usage/limits
"""

_READ = frozenset({Verb.INDEX, Verb.COUNT, Verb.PULL, Verb.HEAR})
OFFERS: Offers = {
    Kind.PRODUCTS: _READ | {Verb.FIND, Verb.EXPORT, Verb.PUSH, Verb.TERMS},
    Kind.STOCK: _READ | {Verb.EXPORT, Verb.PUSH},
    Kind.CUSTOMERS: _READ | {Verb.FIND, Verb.EXPORT, Verb.PUSH, Verb.CONSENT},
    Kind.ORDERS: _READ | {Verb.EXPORT},
    Kind.CARTS: _READ,
    Kind.PROMO_CODES: frozenset({Verb.INDEX, Verb.COUNT, Verb.PULL}),
    Kind.ENGAGEMENT: frozenset({Verb.PUSH}),
}
