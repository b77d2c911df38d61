"""Reads single values as the webservice writes them: numbers as text, local times, translated texts."""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from passerelle.connectors.prestashop.webservice import Row
from passerelle.model import Money, Object
from passerelle.port import Pulled, Unreadable

EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")


class SenselessError(Exception):
    """An object that makes no sense, with why and what a person can do; holds no personal data."""

    def __init__(self, why: str, remedy: str) -> None:
        super().__init__(why)
        self.why = why
        self.remedy = remedy


def text(value: object, language: str = "") -> str:
    """A text, plain or translated (`[{"id", "value"}]`): in the language, or else in the first that has one."""
    if isinstance(value, list):
        texts = {str(entry.get("id")): entry.get("value") or "" for entry in value if isinstance(entry, dict)}
        return str(texts.get(language) or next(filter(None, texts.values()), "")).strip()
    return "" if value is None else str(value).strip()


def number(row: Row, name: str, default: int = 0) -> int:
    """A whole number; a missing one is the default, because the shop drops zeros here and there."""
    value = row.get(name)
    if value in (None, ""):
        return default
    try:
        return int(float(str(value)))
    except (ValueError, OverflowError):
        raise SenselessError(f"Its {name} is no number.", f"Correct {name} in the shop.") from None


def flag(row: Row, name: str) -> bool:
    """A yes or no."""
    return str(row.get(name) or "0") == "1"


def money(row: Row, name: str, currency: str) -> Money:
    """An amount; a missing one is zero. Of the six decimals that the shop writes, only those that say something."""
    value = row.get(name)
    try:
        return Money.parse(str(value) if value not in (None, "") else "0", currency).trimmed
    except ValueError:
        raise SenselessError(f"Its {name} is no amount of money.", f"Correct {name} in the shop.") from None


def email(row: Row) -> str:
    """The e-mail in lower case."""
    given = text(row.get("email")).lower()
    if not EMAIL.fullmatch(given):
        raise SenselessError(
            "Its e-mail address is none.", "Correct the customer's e-mail address in the shop."
        )
    return given


def instant(value: object, zone: ZoneInfo) -> datetime | None:
    """A local time of the shop as UTC; None for `0000-00-00` and the like.

    A wall clock reading that exists twice (the hour repeated in autumn) is taken as the first.
    """
    written = text(value)
    if not written or written.startswith("0000"):
        return None
    try:
        return datetime.fromisoformat(written).replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def local_bound(since: datetime, zone: ZoneInfo) -> datetime:
    """The smallest wall clock reading of any moment from `since` on.

    When clocks are put back soon after, later moments read earlier than `since` does, and none may be lost.
    """
    offsets = [(since + timedelta(hours=hours)).astimezone(zone).utcoffset() for hours in range(5)]
    lowest = min(offset for offset in offsets if offset is not None)
    return (since.astimezone(UTC) + lowest).replace(tzinfo=None)


def sorted_out(ids: Sequence[str], rows: Iterable[Row], read: Callable[[Row], Object | None]) -> Pulled:
    """Reads each row; every id asked for ends as an object, missing (read gave None), or unreadable."""
    by_id: dict[str, list[Row]] = {}
    for row in rows:
        by_id.setdefault(str(row.get("id")), []).append(row)
    objects, missing, unreadable = [], [], []
    for id in dict.fromkeys(ids):
        found = by_id.get(id, [])
        try:
            if len(found) > 1:
                raise SenselessError("The shop gave two objects with this id.", "Repair the shop's database.")
            thing = read(found[0]) if found else None
        except SenselessError as error:
            unreadable.append(Unreadable(id, error.why, error.remedy))
            continue
        if thing is None:
            missing.append(id)
        else:
            objects.append(thing)
    return Pulled(tuple(objects), tuple(missing), tuple(unreadable))
