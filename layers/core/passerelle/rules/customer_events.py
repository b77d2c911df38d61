"""What may become of a customer event: which names there are, who may not be followed, who is meant, what is told."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

NAMES = (
    "page_viewed",
    "product_viewed",
    "search_submitted",
    "product_added_to_cart",
    "checkout_contact_info_submitted",
    "checkout_address_info_submitted",
    "checkout_shipping_info_submitted",
    "payment_info_submitted",
    "checkout_started",
    "checkout_completed",
    "collection_viewed",
)
"""The events that are taken, and no others (A-19)."""

KEPT = timedelta(days=7)
"""How long an event waits for its person to become known, and how long an event's id is remembered."""
PAST = timedelta(hours=1)
"""From this age on an event is history: it starts no automation."""

LONGEST = 255
"""Characters of a property's value."""
_ADDRESS = re.compile(r"[^\s@=&?/:;,]+(?:@|%40)[^\s@=&?/:;,]+", re.IGNORECASE)
_PERSONAL = re.compile(
    r"e_?mail|phone|(first|last|full|sur|user)_?name|^name$|address|street|birth|password|card|iban|token|(^|_)ip$",
    re.IGNORECASE,
)

type Scalar = str | int | float | bool | None


class Denial(StrEnum):
    """Who does not want an event to be followed."""

    SHOP = "shop"
    VISITOR = "visitor"


@dataclass(frozen=True, slots=True)
class Privacy:
    """What the visitor allows. `sale_of_data` is None where the store's law has no such question."""

    analytics: bool
    marketing: bool
    sale_of_data: bool | None = None


@dataclass(frozen=True, slots=True)
class Following:
    """A link's choice: whether events are taken at all, and whether the shop forbids to follow its visitors."""

    on: bool = True
    denied: bool = False


def following_of(policy: Mapping[str, object]) -> Following:
    """The choice in a link's policy; what is not said is as by default (on)."""
    return Following(bool(policy.get("customer_events", True)), bool(policy.get("events_denied", False)))


def known(name: str) -> str:
    """The name, if events of this name are taken. Raises ValueError with those that are."""
    if name not in NAMES:
        raise ValueError(f"one of: {', '.join(NAMES)}")
    return name


def denial(privacy: Privacy, following: Following) -> Denial | None:
    """Who denies it, if anybody does.

    An event is followed only where the shop does not forbid it, the visitor allows analytics and marketing, and has
    not forbidden the sale of their data.
    """
    if following.denied:
        return Denial.SHOP
    if not (privacy.analytics and privacy.marketing) or privacy.sale_of_data is False:
        return Denial.VISITOR
    return None


@dataclass(frozen=True, slots=True)
class Named:
    """By what an event names its person: a contact of the audience, a customer of the store, a browser."""

    contact: str = ""
    customer: str = ""
    client: str = ""


class Who(StrEnum):
    """By which word a person is looked for."""

    CONTACT = "contact"
    CUSTOMER = "customer"
    CLIENT = "client"


def meant(named: Named, tied: Named | None, mapped: Mapping[str, str]) -> str:
    """The contact that is meant, or "" while nobody knows. The event's own word counts before the browser's.

    `tied`: whom the browser is known to belong to; `mapped`: customer → contact.
    """
    for each in (named, tied):
        if each is None:
            continue
        if each.contact:
            return each.contact
        if each.customer:
            return mapped.get(each.customer, "")
    return ""


def waits_for(named: Named, tied: Named | None) -> tuple[Who, str]:
    """Under which word an event of an unknown person is kept: what is nearest to the person."""
    for each in (named, tied):
        if each is None:
            continue
        if each.contact:
            return Who.CONTACT, each.contact
        if each.customer:
            return Who.CUSTOMER, each.customer
    return Who.CLIENT, named.client


def ties(named: Named) -> bool:
    """Whether the event tells to whom a browser belongs."""
    return bool(named.client and (named.contact or named.customer))


def instant(at: datetime, now: datetime) -> datetime:
    """When it happened: the visitor's clock is believed, but not where it runs ahead of ours."""
    return min(at, now)


def expired(at: datetime, now: datetime) -> bool:
    """Whether the event is older than anything that is still told."""
    return now - at > KEPT


def past(at: datetime, now: datetime) -> bool:
    """Whether it is history."""
    return now - at > PAST


def told(data: Mapping[str, Scalar]) -> dict[str, str]:
    """The properties that are passed on, as text: nothing empty, and nothing that says who the person is."""
    kept = {
        name: _text(value)
        for name, value in data.items()
        if value is not None and value != "" and not _PERSONAL.search(name)
    }
    return {name: _ADDRESS.sub("(address)", text)[:LONGEST] for name, text in kept.items()}


def _text(value: Scalar) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
