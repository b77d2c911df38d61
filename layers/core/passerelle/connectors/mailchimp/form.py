"""What a tenant fills in for Mailchimp, and what Mailchimp allows and offers."""

import re
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, SecretStr, field_validator

from passerelle.model import Kind
from passerelle.port import Limits, Note, Offers, Verb

LIMITS = Limits(connections=10)
"""Simultaneous connections of one account, over all its keys and applications; there is no rate beside it.

Source: https://mailchimp.com/developer/marketing/docs/fundamentals/#api-limits
"""

OFFERS: Offers = {
    Kind.CONTACTS: frozenset({Verb.INDEX, Verb.COUNT, Verb.PULL, Verb.EXPORT, Verb.HEAR, Verb.FORGET}),
    Kind.CUSTOMERS: frozenset({Verb.FIND, Verb.PUSH}),
    Kind.PRODUCTS: frozenset({Verb.PUSH}),
    Kind.ORDERS: frozenset({Verb.PUSH}),
    Kind.CARTS: frozenset({Verb.PUSH}),
    Kind.PROMO_CODES: frozenset({Verb.PUSH}),
    Kind.EVENTS: frozenset({Verb.PUSH, Verb.FIND}),
    Kind.ENGAGEMENT: frozenset({Verb.EXPORT}),
}

NOTES = (
    Note(
        Kind.CUSTOMERS,
        Verb.PUSH,
        "A consent to texts is written; a withdrawal from them is a value that Mailchimp's API does not take. "
        "It is an incident, which asks somebody to enter it at Mailchimp by hand.",
    ),
    Note(
        Kind.ENGAGEMENT,
        Verb.EXPORT,
        "Mails received, opened and clicked are read from the reports of campaigns of the last 30 days. Of "
        "text messages, and of automations' mails that are no campaigns, Mailchimp's API reports nothing by "
        "contact: sms_received and sms_clicked are never told.",
    ),
)

type ProfileField = Literal["first_name", "last_name", "phone", "company", "birthday", "address"]

STANDARD_TAGS: dict[ProfileField, str] = {
    "first_name": "FNAME",
    "last_name": "LNAME",
    "phone": "PHONE",
    "address": "ADDRESS",
    "birthday": "BIRTHDAY",
}
"""The merge fields that every new audience has."""


class Credentials(BaseModel):
    """An API key; what follows its last dash is the data centre that answers it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    api_key: SecretStr = Field(title="API key", description="From Account > Extras > API keys.")

    @field_validator("api_key")
    @classmethod
    def _has_data_centre(cls, key: SecretStr) -> SecretStr:
        if not re.fullmatch(r"[^\s-]+-[a-z]{2,6}\d{1,3}", key.get_secret_value()):
            raise ValueError("an API key ends with a dash and a data centre, such as -us21")
        return key

    @property
    def data_centre(self) -> str:
        """The data centre, such as `us21`."""
        return self.api_key.get_secret_value().rpartition("-")[2]


class Sms(BaseModel):
    """Consents to texts, from the store to the audience: only those given at or after `since` (A-18)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    enabled: bool = False
    since: AwareDatetime | None = None


class Settings(BaseModel):
    """How a link writes to an audience."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    audience_id: str = ""
    store_id: str = ""
    """Our id of the e-commerce store at Mailchimp."""
    store_name: str = "Shop"
    shop_url: str = ""
    """The shop's address, where codes are redeemed."""
    currency: str = "EUR"
    double_opt_in: bool = False
    """Whether the audience asks people to confirm; the rules of consent read it."""
    merge_fields: dict[ProfileField, str] = Field(default_factory=lambda: dict(STANDARD_TAGS))
    """Field of a customer → merge tag. A field that is not named here is not sent."""
    merge_types: dict[str, str] = Field(default_factory=dict)
    """Merge tag → its type in the audience, read when the link is set up; an unknown type takes any value."""
    tags: Literal["none", "add"] = "none"
    """Whether the tags of customers become tags of their contacts; none is ever taken away."""
    sms: Sms = Sms()
    """Follows from the link's policy."""
    images: Literal["all", "first", "none"] = "all"
    """Which pictures of a product are sent."""
    language: str = ""
    """The language of contacts whose own is not known (ISO 639-1); empty: none is sent."""

    @field_validator("merge_fields")
    @classmethod
    def _tags_are_tags(cls, tags: dict[ProfileField, str]) -> dict[ProfileField, str]:
        wrong = [tag for tag in tags.values() if not re.fullmatch(r"[A-Z0-9_]{1,10}", tag)]
        if wrong:
            raise ValueError(f"a merge tag has 1 to 10 capitals, digits or _: {', '.join(wrong)}")
        return tags
