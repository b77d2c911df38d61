"""The shop's memory: plain rows under plain keys; the clock writes UTC without a zone, as Magento does."""

import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from itertools import count
from typing import Any

type Row = dict[str, Any]

DEFAULTS: Mapping[str, Any] = {
    "options_container": "container2",
    "msrp_display_actual_price_type": "0",
    "required_options": "0",
    "has_options": "0",
    "tax_class_id": "2",
    "category_ids": [],
}
KNOWN = frozenset(
    {
        *DEFAULTS,
        *("url_key", "description", "short_description", "meta_title", "special_price", "special_from_date"),
        *("special_to_date", "image", "small_image", "thumbnail", "cost", "gift_message_available"),
    }
)
"""Attributes of products that every shop has."""


class State:
    """Everything a shop holds."""

    def __init__(self, clock: Callable[[], datetime] | None = None) -> None:
        self.lock = threading.RLock()
        self.scope = ""
        """The store view of the request being answered; "all" is the values behind every store view."""
        self.clock = clock or (lambda: datetime.now(UTC))
        self.products: dict[int, Row] = {}
        self.by_sku: dict[str, int] = {}
        self.by_url_key: dict[str, int] = {}
        self.attributes: dict[str, Row] = {}
        self.in_set: set[str] = set()
        self.stock_items: dict[int, Row] = {}
        self.sources: dict[str, Row] = {
            "default": {"source_code": "default", "name": "Default Source", "enabled": True}
        }
        self.source_items: dict[tuple[str, str], Row] = {}
        """(SKU in lower case, source) → row."""
        self.reservations: dict[str, float] = {}
        self.groups: dict[int, str] = {0: "NOT LOGGED IN", 1: "General", 2: "Wholesale", 3: "Retailer"}
        self.customers: dict[int, Row] = {}
        self.carts: dict[int, Row] = {}
        self.masks: dict[str, int] = {}
        self.orders: dict[int, Row] = {}
        self.shipments: dict[int, Row] = {}
        self.files: dict[str, tuple[str, bytes]] = {}
        """Pictures: file → (type, content)."""
        self.rules: dict[int, Row] = {}
        self.coupons: dict[int, Row] = {}
        self.bulks: dict[str, Row] = {}
        self.categories: Row = _category(2, 1, "Default Category", 1)
        self.configs: list[Row] = [_config()]
        self._counters: dict[str, Any] = {}

    def number(self, name: str, first: int = 1) -> int:
        """The next number of a table; one that was taken by a write that failed stays taken."""
        return int(next(self._counters.setdefault(name, count(first))))

    def now(self) -> str:
        """The wall clock as Magento writes it."""
        return self.told(self.clock())

    def told(self, instant: datetime) -> str:
        """An instant as Magento writes it."""
        return instant.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")

    def product(self, sku: str) -> Row | None:
        """The product with this SKU; the database compares without case."""
        id = self.by_sku.get(sku.casefold())
        return None if id is None else self.products[id]

    def touch(self, row: Row) -> None:
        """What every save of an object does."""
        row["updated_at"] = self.now()

    def salable(self, sku: str) -> float:
        """What can still be sold: what lies in the sources less what is reserved."""
        places = ((sku.casefold(), source) for source in self.sources)
        held = sum(self.source_items[place]["quantity"] for place in places if place in self.source_items)
        return float(held + self.reservations.get(sku.casefold(), 0))

    def add_category(self, name: str, parent: Row | None = None) -> Row:
        """A category under another one."""
        parent = parent or self.categories
        made = _category(2 + self.number("category"), parent["id"], name, parent["level"] + 1)
        parent["children_data"].append(made)
        return made


def _category(id: int, parent: int, name: str, level: int) -> Row:
    row: Row = {"id": id, "parent_id": parent, "name": name, "is_active": True, "position": 1}
    return row | {"level": level, "product_count": 0, "children_data": []}


def _config() -> Row:
    url = "http://127.0.0.1:8083/"
    static = f"{url}static/version1754759768/"
    urls = {
        "base_url": url,
        "base_link_url": url,
        "base_static_url": static,
        "base_media_url": f"{url}media/",
    }
    return {
        "id": 1,
        "code": "default",
        "website_id": 1,
        "locale": "en_US",
        "base_currency_code": "USD",
        "default_display_currency_code": "USD",
        "timezone": "UTC",
        "weight_unit": "lbs",
        **urls,
        **{f"secure_{name}": value for name, value in urls.items()},
    }
