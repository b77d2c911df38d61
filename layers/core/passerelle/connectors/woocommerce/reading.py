"""Reads single values as WooCommerce writes them: amounts and numbers as text, times without a zone, escaped names."""

import html
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Protocol

from passerelle.connectors.woocommerce.rest import Row
from passerelle.model import Address, Money, Object
from passerelle.port import Pulled, Unreadable

EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")


class SenselessError(Exception):
    """An object that makes no sense, with why and what a person can do; holds no personal data."""

    def __init__(self, why: str, remedy: str) -> None:
        super().__init__(why)
        self.why = why
        self.remedy = remedy


def text(row: Row, name: str) -> str:
    """A text; null and false are none."""
    value = row.get(name)
    return "" if value in (None, False) else str(value).strip()


def label(row: Row, name: str = "name") -> str:
    """A name that WordPress keeps escaped (`T-shirts &amp; Tops`)."""
    return html.unescape(text(row, name))


def rows(row: Row, name: str) -> list[Row]:
    """The objects under a name; PHP writes an empty object as a list, and plugins write anything."""
    value = row.get(name)
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def number(row: Row, name: str) -> int:
    """A whole number; a missing one is zero."""
    value = row.get(name)
    try:
        return int(float(str(value))) if value not in (None, "") else 0
    except (ValueError, OverflowError):
        raise SenselessError(f"Its {name} is no number.", f"Correct {name} in the shop.") from None


def money(row: Row, name: str, currency: str) -> Money:
    """An amount; a missing one is zero. Prices have the decimals that somebody typed: at least two are told."""
    value = row.get(name)
    try:
        return Money.parse(str(value) if value not in (None, "") else "0", currency).trimmed
    except ValueError:
        raise SenselessError(f"Its {name} is no amount of money.", f"Correct {name} in the shop.") from None


def email(value: str) -> str:
    """An e-mail in lower case; empty where it is none."""
    given = value.strip().lower()
    return given if EMAIL.fullmatch(given) else ""


def instant(value: object) -> datetime | None:
    """A time of a `_gmt` field as UTC; None for null."""
    if not isinstance(value, str) or not value:
        return None
    try:
        return datetime.fromisoformat(value).replace(tzinfo=UTC)
    except ValueError:
        return None


def address(row: object) -> Address | None:
    """A postal address; None where nothing of it is filled in."""
    if not isinstance(row, dict) or not any(text(row, name) for name in ("address_1", "city", "postcode")):
        return None
    return Address(
        line1=text(row, "address_1"),
        line2=text(row, "address_2"),
        city=text(row, "city"),
        region=text(row, "state"),
        postal_code=text(row, "postcode"),
        country=text(row, "country").upper(),
        company=text(row, "company"),
        phone=text(row, "phone"),
        first_name=text(row, "first_name"),
        last_name=text(row, "last_name"),
    )


class Reader(Protocol):
    """Makes objects of one kind of the rows of a list."""

    @property
    def fields(self) -> str:
        """The fields that it needs."""

    def read(self, found: Sequence[Row]) -> Pulled:
        """The objects of these rows; what else is needed is read besides."""

    def pull(self, ids: Sequence[str]) -> Pulled:
        """The objects with these ids."""


def each(found: Sequence[Row], read: Callable[[Row], Object | None]) -> Pulled:
    """Reads each row of a list."""
    return sorted_out([text(row, "id") for row in found], found, read)


def asked_for(ids: Iterable[str], pulled: Pulled) -> Pulled:
    """What was pulled, with every id asked for that did not come as missing."""
    arrived = {thing.id for thing in (*pulled.objects, *pulled.unreadable)}
    missing = tuple(id for id in dict.fromkeys(ids) if id not in arrived)
    return Pulled(pulled.objects, missing, pulled.unreadable)


def sorted_out(ids: Sequence[str], found: Iterable[Row], read: Callable[[Row], Object | None]) -> Pulled:
    """Reads each row; every id asked for ends as an object, missing (read gave None), or unreadable."""
    by_id = {str(row.get("id")): row for row in found}
    objects, missing, unreadable = [], [], []
    for id in dict.fromkeys(ids):
        try:
            thing = read(by_id[id]) if id in by_id else None
        except SenselessError as error:
            unreadable.append(Unreadable(id, error.why, error.remedy))
            continue
        if thing is None:
            missing.append(id)
        else:
            objects.append(thing)
    return Pulled(tuple(objects), tuple(missing), tuple(unreadable))
