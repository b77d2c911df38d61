"""Reads single values as the web API writes them: numbers, instants in UTC without a zone, lists of attributes."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from passerelle.connectors.magento.rest import Row
from passerelle.model import Address, Money, Object
from passerelle.port import Pulled, Unreadable

EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
FORMAT = "%Y-%m-%d %H:%M:%S"


class SenselessError(Exception):
    """An object that makes no sense, with why and what a person can do; holds no personal data."""

    def __init__(self, why: str, remedy: str) -> None:
        super().__init__(why)
        self.why, self.remedy = why, remedy


def text(value: object) -> str:
    """A text; nothing is empty."""
    return "" if value is None or isinstance(value, list | dict) else str(value).strip()


def amount(row: Mapping[str, Any], name: str) -> Decimal:
    """A number; a missing one is zero."""
    value = row.get(name)
    try:
        return Money.parse(str(value) if value not in (None, "") else "0", "XXX").amount
    except ValueError:
        raise SenselessError(f"Its {name} is no number.", f"Correct {name} in the shop.") from None


def whole(row: Mapping[str, Any], name: str) -> int:
    """A number without its fraction."""
    return int(amount(row, name))


def money(row: Mapping[str, Any], name: str, currency: str) -> Money:
    """An amount of money with as many decimals as say something, at least two."""
    return as_money(amount(row, name), currency)


def as_money(value: Decimal, currency: str) -> Money:
    """The same for a number that was calculated."""
    places = min(max(2, -int(value.normalize().as_tuple().exponent)), 6)
    return Money(value.quantize(Decimal(1).scaleb(-places)), currency)


def instant(value: object) -> datetime | None:
    """An instant of the API, which is UTC; None for nothing and for `0000-00-00`."""
    written = text(value)
    if not written or written.startswith("0000"):
        return None
    try:
        return datetime.fromisoformat(written).replace(tzinfo=UTC)
    except ValueError:
        return None


def told_at(moment: datetime) -> str:
    """An instant as a filter takes it."""
    return moment.astimezone(UTC).strftime(FORMAT)


def email(value: object) -> str:
    """An e-mail in lower case, or empty."""
    written = text(value).lower()
    return written if EMAIL.fullmatch(written) else ""


def attributes(row: Row) -> dict[str, Any]:
    """The custom attributes by code."""
    listed = row.get("custom_attributes") or ()
    return {str(one.get("attribute_code")): one.get("value") for one in listed if isinstance(one, dict)}


def extension(row: Row) -> Row:
    """The extension attributes; PHP writes none as an empty list."""
    held = row.get("extension_attributes")
    return held if isinstance(held, dict) else {}


def address(row: Row | None) -> Address | None:
    """An address of a customer, an order or a cart; None where there is none."""
    if not row or not any(row.get(name) for name in ("street", "city", "postcode", "country_id")):
        return None
    lines = [text(line) for line in row.get("street") or () if text(line)]
    region = row.get("region")
    return Address(
        line1=lines[0] if lines else "",
        line2=", ".join(lines[1:]),
        city=text(row.get("city")),
        region=text(region.get("region")) if isinstance(region, dict) else text(region),
        postal_code=text(row.get("postcode")),
        country=text(row.get("country_id")).upper(),
        company=text(row.get("company")),
        phone=text(row.get("telephone")),
        first_name=text(row.get("firstname")),
        last_name=text(row.get("lastname")),
    )


def sorted_out(
    ids: Sequence[str], rows: Iterable[Row], read: Callable[[Row], Object | None], key: str = "id"
) -> Pulled:
    """Reads each row; every id asked for ends as an object, missing (read gave None), or unreadable."""
    by_id = {str(row.get(key)): row for row in rows}
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
