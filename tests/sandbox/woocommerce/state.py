"""What a WooCommerce shop holds, in plain Python: posts, people, terms, settings, webhooks."""

import threading
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

type Row = dict[str, Any]

VERSION = "10.0.2"
ORDER_STATUSES = {
    "pending": "Pending payment",
    "processing": "Processing",
    "on-hold": "On hold",
    "completed": "Completed",
    "cancelled": "Cancelled",
    "refunded": "Refunded",
    "failed": "Failed",
    "checkout-draft": "Draft",
}


@dataclass(slots=True)
class Setting:
    """One setting, as `/settings/<group>/<id>` tells it."""

    group: str
    label: str
    description: str
    type: str
    default: str
    value: str


def _settings(currency: str, country: str) -> dict[str, Setting]:
    def made(id: str, group: str, label: str, default: str, value: str, **more: str) -> tuple[str, Setting]:
        told = more.get("description", label)
        return f"woocommerce_{id}", Setting(group, label, told, more.get("type", "text"), default, value)

    return dict(
        [
            made("default_country", "general", "Country / State", "US:CA", country, type="select"),
            made("calc_taxes", "general", "Enable taxes", "no", "yes", type="checkbox"),
            made("currency", "general", "Currency", "USD", currency, type="select"),
            made("price_num_decimals", "general", "Number of decimals", "2", "2", type="number"),
            made("weight_unit", "products", "Weight unit", "kg", "kg", type="select"),
            made(
                "manage_stock",
                "products",
                "Manage stock",
                "yes",
                "yes",
                type="checkbox",
                description="Enable stock management",
            ),
            made("prices_include_tax", "tax", "Prices entered with tax", "no", "no", type="radio"),
        ]
    )


@dataclass(slots=True)
class State:
    """Everything behind one lock. `clock` gives aware instants; ids are given out as WordPress does."""

    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    zone: str = "UTC"
    currency: str = "USD"
    country: str = "US:CA"
    name: str = "Sandbox"
    version: str = VERSION
    store_id: str = "2498d103-97ef-4557-8bff-ac405476736e"
    home: str = ""
    """The shop's own address; empty: the one that it is asked under."""
    statuses: dict[str, str] = field(default_factory=lambda: dict(ORDER_STATUSES))
    lock: threading.RLock = field(default_factory=threading.RLock)
    products: dict[int, Row] = field(default_factory=dict)
    """Variations too: rows of type `variation`."""
    orders: dict[int, Row] = field(default_factory=dict)
    refunds: dict[int, Row] = field(default_factory=dict)
    coupons: dict[int, Row] = field(default_factory=dict)
    customers: dict[int, Row] = field(default_factory=dict)
    webhooks: dict[int, Row] = field(default_factory=dict)
    categories: dict[int, Row] = field(default_factory=dict)
    tags: dict[int, Row] = field(default_factory=dict)
    brands: dict[int, Row] = field(default_factory=dict)
    has_brands: bool = True
    """Whether it is 9.6 or later, with brands."""
    unreachable: set[str] = field(default_factory=set)
    """Addresses of pictures that the shop cannot fetch."""
    attributes: dict[int, Row] = field(default_factory=dict)
    terms: dict[int, Row] = field(default_factory=dict)
    taxes: dict[int, Row] = field(default_factory=dict)
    notes: dict[int, Row] = field(default_factory=dict)
    settings: dict[str, Setting] = field(default_factory=dict)
    post_ids: Iterator[int] = field(default_factory=lambda: count(11))
    user_ids: Iterator[int] = field(default_factory=lambda: count(2))
    term_ids: Iterator[int] = field(default_factory=lambda: count(16))
    meta_ids: Iterator[int] = field(default_factory=lambda: count(29))
    item_ids: Iterator[int] = field(default_factory=lambda: count(1))
    webhook_ids: Iterator[int] = field(default_factory=lambda: count(1))
    attribute_ids: Iterator[int] = field(default_factory=lambda: count(1))
    tax_ids: Iterator[int] = field(default_factory=lambda: count(1))
    note_ids: Iterator[int] = field(default_factory=lambda: count(1))
    happened: list[tuple[str, int]] = field(default_factory=list)
    """(topic, id) of what webhooks are yet to tell, oldest first."""

    def __post_init__(self) -> None:
        self.settings = _settings(self.currency, self.country)
        self.categories[15] = category("Uncategorized", "uncategorized")

    def now(self) -> datetime:
        """The instant, to the second as MySQL keeps it."""
        return self.clock().astimezone(UTC).replace(microsecond=0)

    def tell(self, topic: str, id: int) -> None:
        """Remember that something happened."""
        self.happened.append((topic, id))

    def dates(self, row: Row, *names: str) -> Row:
        """`date_x` in the shop's time and `date_x_gmt`, both without a zone."""
        told: Row = {}
        for name in names:
            at = row.get(name)
            told[name] = local(at, self.zone)
            told[f"{name}_gmt"] = local(at, "UTC")
        return told

    def setting(self, id: str) -> str:
        """The value of a setting, by its name without `woocommerce_`."""
        return self.settings[f"woocommerce_{id}"].value

    def meta(self, given: list[Row] | None, held: list[Row]) -> list[Row]:
        """Meta data after a write: a key without an id replaces what had it."""
        kept = [dict(one) for one in held]
        for one in given or []:
            place = next((m for m in kept if m["id"] == one.get("id") or m["key"] == one.get("key")), None)
            if place is None and one.get("value") is not None:
                kept.append({"id": next(self.meta_ids), "key": one["key"], "value": one.get("value")})
            elif place is not None and one.get("value") is None:
                kept.remove(place)
            elif place is not None:
                place.update({key: one[key] for key in ("key", "value") if key in one})
        return kept


def category(name: str, slug: str) -> Row:
    """A product category."""
    return {"name": name, "slug": slug, "parent": 0, "description": "", "count": 0}


def local(at: datetime | None, zone: str) -> str | None:
    """A time without its zone."""
    return None if at is None else at.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%dT%H:%M:%S")


def slug(text: str) -> str:
    """As WordPress makes one of a title: accents fall, what is no letter of ours is escaped."""
    found: list[str] = []
    plain = unicodedata.normalize("NFKD", text.lower())
    for sign in plain:
        if sign.isascii() and (sign.isalnum() or sign == "_"):
            found.append(sign)
        elif sign in " -–—/.":
            found.append("-")
        elif not sign.isascii() and not unicodedata.combining(sign) and sign not in "“”‘’«»…":
            found.append(quote(sign).lower())
    joined = "".join(found)
    while "--" in joined:
        joined = joined.replace("--", "-")
    return joined.strip("-")
