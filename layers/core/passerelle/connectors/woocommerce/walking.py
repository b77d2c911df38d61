"""Walks a list by id while the shop is edited: WooCommerce has no keyset, only offsets that slide under a reader.

Source: https://woocommerce.github.io/woocommerce-rest-api-docs/#pagination. Each page is asked for from the last row
that was read on: where that row is no longer the first, something before it went away (the walk steps back until it
stands on known ground) or came in (what is known is passed over).
"""

from collections.abc import Callable
from dataclasses import dataclass

from passerelle.connectors.woocommerce.reading import number
from passerelle.connectors.woocommerce.rest import PAGE, Listed, Row
from passerelle.port import Incomplete

type Fetch = Callable[[int], Listed]
"""Offset → the page from there on, in the order of ids."""


@dataclass(frozen=True, slots=True)
class Place:
    """How far a list is read: how many rows, and the id of the last."""

    offset: int = 0
    last: int = 0

    def __str__(self) -> str:
        return f"{self.offset}:{self.last}"

    @classmethod
    def parse(cls, cursor: str) -> "Place":
        """A place as it was written."""
        offset, _, last = cursor.partition(":")
        return cls(int(offset), int(last))


@dataclass(frozen=True, slots=True)
class Step:
    """The rows after a place, in order; `next` is None at the end."""

    rows: list[Row]
    next: Place | None
    total: int | None


def step(resource: str, fetch: Fetch, place: Place) -> Step:
    """The rows after `place`. Raises Incomplete where the shop contradicts itself."""
    start = max(place.offset - 1, 0)
    listed = _checked(resource, fetch(start), start)
    while start and not _anchored(listed.rows, place):
        start = max(start - PAGE + 1, 0)
        listed = _checked(resource, fetch(start), start)
    fresh = [row for row in listed.rows if number(row, "id") > place.last]
    end = start + len(listed.rows)
    last = number(listed.rows[-1], "id") if listed.rows else place.last
    goes_on = len(listed.rows) == PAGE if listed.total is None else end < listed.total
    return Step(fresh, Place(end, max(last, place.last)) if goes_on else None, listed.total)


def _anchored(rows: list[Row], place: Place) -> bool:
    """Whether the page begins at or before the last row that was read, so that none is left out between."""
    return bool(rows) and number(rows[0], "id") <= place.last


def _checked(resource: str, listed: Listed, start: int) -> Listed:
    ids = [number(row, "id") for row in listed.rows]
    if ids != sorted(set(ids)) or len(ids) > PAGE:
        raise Incomplete(f"The shop gave {resource} out of order.", "Look for a plugin that changes the API.")
    if listed.total is not None and len(ids) < min(PAGE, listed.total - start):
        raise Incomplete(
            f"The shop says that it has {listed.total} {resource} and gave {start + len(ids)}.",
            "Nothing to do: they are read again. If this stays, look for a plugin that hides some.",
        )
    return listed
