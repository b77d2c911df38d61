"""What a tenant fills in to connect a WooCommerce shop, and what a link may set."""

from typing import Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

MAILCHIMP_PLUGIN = "mailchimp_woocommerce_is_subscribed"
"""Where Mailchimp's own plugin keeps what a customer ticked."""


class Credentials(BaseModel):
    """The shop's address and a key made under WooCommerce › Settings › Advanced › REST API."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str = Field(
        description="The shop's address, such as https://shop.example or https://example.org/shop"
    )
    consumer_key: str = Field(description="The consumer key: ck_ and 40 characters")
    consumer_secret: SecretStr = Field(description="The consumer secret: cs_ and 40 characters")
    signing: Literal["", "HMAC-SHA256", "HMAC-SHA1"] = Field(
        default="",
        description=(
            "How requests are signed instead of sending the secret (OAuth 1.0a). Empty: they are over plain http only; "
            "choose one where the host takes the Authorization header away"
        ),
    )

    @field_validator("url")
    @classmethod
    def _bare(cls, url: str) -> str:
        bare = url.strip().partition("/wp-json")[0].partition("/wp-admin")[0].rstrip("/")
        parts = urlsplit(bare)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("the address begins with https:// and names the shop")
        return f"{parts.scheme}://{parts.netloc.lower()}{parts.path}"

    @field_validator("consumer_key")
    @classmethod
    def _is_key(cls, key: str) -> str:
        if not key.strip().startswith("ck_"):
            raise ValueError("a consumer key begins with ck_")
        return key.strip()

    @field_validator("consumer_secret")
    @classmethod
    def _is_secret(cls, secret: SecretStr) -> SecretStr:
        bare = secret.get_secret_value().strip()
        if not bare.startswith("cs_"):
            raise ValueError("a consumer secret begins with cs_")
        return SecretStr(bare)


class Settings(BaseModel):
    """How a link reads the shop; everything may stay as it is."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    role: Literal["customer", "all"] = Field(
        default="customer", description="Whose accounts are customers: those of that role, or everybody's"
    )
    consent_key: str = Field(
        default=MAILCHIMP_PLUGIN,
        min_length=1,
        max_length=200,
        description="Name of the customer meta data in which the shop keeps the consent to e-mail marketing",
    )
