"""What a tenant fills in to connect a PrestaShop shop, and what a link may set."""

from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator


class Credentials(BaseModel):
    """The shop's address and a key made under Advanced Parameters › Webservice."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str = Field(
        description="The shop's address, such as https://shop.example or https://example.org/shop"
    )
    key: SecretStr = Field(description="The webservice key: 32 characters")

    @field_validator("url")
    @classmethod
    def _bare(cls, url: str) -> str:
        bare = url.strip().rstrip("/").removesuffix("/api").rstrip("/")
        parts = urlsplit(bare)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("the address begins with https:// and names the shop")
        return f"{parts.scheme}://{parts.netloc.lower()}{parts.path}"

    @field_validator("key")
    @classmethod
    def _whole(cls, key: SecretStr) -> SecretStr:
        bare = key.get_secret_value().strip()
        if len(bare) != 32:
            raise ValueError("a webservice key has 32 characters")
        return SecretStr(bare)


class Settings(BaseModel):
    """How a link reads and writes the shop; everything may stay empty."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    language: str = Field(
        default="", description="ISO code of the language of titles; empty: the shop's default"
    )
    shop: int | None = Field(
        default=None, ge=1, description="Id of the shop, where several share one installation"
    )
    image_format: str = Field(
        default="large_default",
        pattern=r"^[\w-]*$",
        description="Name of the image size; empty: the original",
    )
    country: str = Field(
        default="",
        description="ISO code of the country whose taxes prices include; empty: the shop's default",
    )
    timezone: str = Field(
        default="", description="The shop's time zone, where the key may not read configurations"
    )
    tax_rules_group: int | None = Field(
        default=None,
        ge=0,
        description="Id of the tax rules of products that are made; empty: those that most of the newest have",
    )
