"""Lists a page at a time: at most `limit` items, and a cursor to the next page."""

from collections.abc import Callable, Sequence
from typing import Protocol

from pydantic import BaseModel

from passerelle.api.problems import Problem, refused
from passerelle.store.cursors import CursorRefused, decode, encode
from passerelle.store.table import Page as Kept


class Page[T](BaseModel):
    """A page of a list; `next` asks for the next page as `cursor`, null at the end."""

    items: list[T]
    next: str | None = None


class Identified(Protocol):
    """Anything with an id."""

    @property
    def id(self) -> str:
        """The id, unique in its list."""


def bad_cursor() -> Problem:
    """422 for a cursor that this list did not give."""
    return refused(
        "cursor",
        "invalid_request",
        "The cursor does not belong to this list",
        "`next` of this list's previous page",
        "Start again without a cursor.",
    )


def shown[K, T](read: Callable[[], Kept[K]], show: Callable[[K], T]) -> Page[T]:
    """A page that the store cut, each item shown by `show`."""
    try:
        page = read()
    except CursorRefused:
        raise bad_cursor() from None
    return Page[T](items=[show(item) for item in page.items], next=page.cursor)


def cut[K: Identified, T](
    items: Sequence[K], limit: int, cursor: str, list_: str, show: Callable[[K], T]
) -> Page[T]:
    """A page of a short list that is read whole; the cursor is good only for the list named `list_`."""
    after = ""
    if cursor:
        try:
            after = decode(cursor, list_)[1]
        except CursorRefused:
            raise bad_cursor() from None
    rest = sorted((item for item in items if item.id > after), key=lambda item: item.id)
    page = rest[:limit]
    more = encode((list_, page[-1].id)) if len(rest) > limit else None
    return Page[T](items=[show(item) for item in page], next=more)


def cut_at[K, T](items: Sequence[K], limit: int, cursor: str, list_: str, show: Callable[[K], T]) -> Page[T]:
    """A page of a list that never changes, by position."""
    start = 0
    if cursor:
        try:
            start = int(decode(cursor, list_)[1])
        except (CursorRefused, ValueError):
            raise bad_cursor() from None
    end = start + limit
    more = encode((list_, str(end))) if len(items) > end else None
    return Page[T](items=[show(item) for item in items[start:end]], next=more)
