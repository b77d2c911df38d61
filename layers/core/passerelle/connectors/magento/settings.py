"""What a tenant fills in to connect a Magento shop, and what a link may set."""

from typing import Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

NONE = SecretStr("")


class Credentials(BaseModel):
    """The shop's address, and one of: an integration's four values, a token, an admin's name and password."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str = Field(
        description="The shop's address, such as https://shop.example; with index.php where it does not rewrite"
    )
    consumer_key: SecretStr = Field(default=NONE, description="Integration: Consumer Key")
    consumer_secret: SecretStr = Field(default=NONE, description="Integration: Consumer Secret")
    access_token: SecretStr = Field(default=NONE, description="Integration: Access Token")
    access_token_secret: SecretStr = Field(default=NONE, description="Integration: Access Token Secret")
    token: SecretStr = Field(
        default=NONE,
        description="A token alone, sent as bearer: an integration's, where the shop allows that, or an admin's",
    )
    username: str = Field(default="", description="An admin's name, where two-factor sign-in is off")
    password: SecretStr = Field(default=NONE, description="That admin's password")

    @field_validator("url")
    @classmethod
    def _bare(cls, url: str) -> str:
        bare = url.strip().rstrip("/").removesuffix("/V1").removesuffix("/rest").rstrip("/")
        parts = urlsplit(bare)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("the address begins with https:// and names the shop")
        return f"{parts.scheme}://{parts.netloc.lower()}{parts.path}"

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        ways = (self.four, (self.token,), (SecretStr(self.username), self.password))
        begun = [way for way in ways if any(one.get_secret_value() for one in way)]
        if len(begun) != 1 or not all(one.get_secret_value() for one in begun[0]):
            raise ValueError(
                "give an integration's four values, or one token, or an admin's name and password; one of these, whole"
            )
        return self

    @property
    def four(self) -> tuple[SecretStr, SecretStr, SecretStr, SecretStr]:
        """What signs a request: consumer key and secret, access token and secret."""
        return self.consumer_key, self.consumer_secret, self.access_token, self.access_token_secret


class Settings(BaseModel):
    """How a link reads and writes the shop; everything may stay as it is."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    store: str = Field(
        default="",
        pattern=r"^[a-z]?\w*$",
        description="Code of the store view whose titles and addresses are read; empty: the shop's default",
    )
    website: int | None = Field(
        default=None, ge=1, description="Id of the website, where several share one installation"
    )
    prices_include_tax: bool = Field(
        default=False, description="Whether catalogue prices are entered with tax (Sales › Tax)"
    )
    sources: tuple[str, ...] = Field(
        default=(), description="Codes of the inventory sources that count; none: all that are enabled"
    )
    barcode: str = Field(default="", description="Code of the product attribute that holds the barcode")
    attribute_set: int = Field(
        default=4, ge=1, description="Id of the attribute set of products that are made there"
    )
    bulk: bool = Field(
        default=True,
        description="Whether products are written through the shop's queue (needs its consumer async.operations.all)",
    )
    shipping_method: str = Field(
        default="flatrate_flatrate",
        pattern=r"^\w+_\w+$",
        description="Carrier and method of orders that are placed there, as in the shop's orders",
    )
    payment_method: str = Field(
        default="checkmo", pattern=r"^\w+$", description="Payment method of orders that are placed there"
    )
