"""The shops of a chain: each platform's empty shop in euros with tax in its prices, and what it holds of a product.

A platform brings its own in `sandbox/<platform>/outlet.py`, with a class `Outlet(clock, address)`.
"""

import importlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from passerelle.http import Client
from passerelle.model import ProductField, ProductStatus

from sandbox.clocks import Clock


class Outlet(Protocol):
    """One shop."""

    platform: str
    held: frozenset[ProductField]
    """What of a product the platform can hold, as `fields` of a change name it."""
    volatile: str
    """A pattern of the paths of a whole object that move with any write."""
    paths: Mapping[ProductField, str]
    """Patterns of the paths that a field may move."""

    tells_alt: bool
    """Whether it keeps what a picture shows in words."""
    unlisted: ProductStatus
    """What a product becomes that is to be in no list."""
    units_written: str
    """A pattern of requests that write units: `METHOD /path` and the body."""

    @property
    def shop(self) -> Any:
        """The simulator."""

    @property
    def address(self) -> str:
        """Where it is."""

    def open(self, client: Client) -> Any:
        """A connector over a client."""

    def whole(self, product: str) -> Any:
        """Everything that the shop keeps of a product, of its variants, pictures and units too, as plain values."""

    def sell(self, product: str, variant: str, units: int) -> None:
        """A buyer orders so many of a variant: its units become fewer at once."""


def flat(value: Any, path: str = "") -> dict[str, Any]:
    """Path → plain value, of something nested: what differs is seen by its path."""
    if isinstance(value, Mapping):
        pairs = [(str(name), each) for name, each in value.items()]
    elif isinstance(value, list | tuple):
        pairs = [(str(place), each) for place, each in enumerate(value)]
    else:
        return {path: value}
    found: dict[str, Any] = {}
    for name, each in pairs:
        found |= flat(each, f"{path}.{name}" if path else name)
    return found


def _found() -> dict[str, Callable[[Clock, str], Outlet]]:
    names = sorted(each.parent.name for each in Path(__file__).parent.glob("*/outlet.py"))
    return {name: importlib.import_module(f"sandbox.{name}.outlet").Outlet for name in names}


OUTLETS: Mapping[str, Callable[[Clock, str], Outlet]] = _found()
