"""What the suite asks of a platform: a sandbox with something of each kind, and connectors to it.

One file a platform in `stands/`, named as the connector, with `make(clock) -> Stand`.
"""

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from passerelle.http import Client
from passerelle.model import Customer, Kind, Object
from passerelle.port import Change, ConsentChange
from sandbox.moods import Moods
from sandbox.transport import InProcess


class Clock:
    """A clock that goes only when somebody waits."""

    def __init__(self) -> None:
        self.now = datetime(2026, 6, 1, 12, tzinfo=UTC)

    def time(self) -> datetime:
        """The instant, aware UTC."""
        return self.now

    def epoch(self) -> float:
        """The same in seconds."""
        return self.now.timestamp()

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.now += timedelta(seconds=seconds)


@dataclass
class Stand:
    """A sandbox and what may be done with it."""

    platform: str
    clock: Clock
    origins: Mapping[str, Any]
    open: Callable[[Client], Any]
    """Makes a connector over a client."""
    moods: Moods
    held: Callable[[], Any]
    """All that the platform holds of what a push writes, as values that can be compared; no instants of processing."""
    secrets: tuple[str, ...]
    crowd: Kind
    """The kind of which `crowded` makes more than a page."""
    crowded: Callable[[], None]
    drop: Callable[[str], None]
    """Delete one object of the crowd, as somebody at the platform would."""
    join: Callable[[], str]
    """Add one; its id."""
    makes: Mapping[Kind, Callable[[int], Change]] = field(default_factory=dict)
    """Kind → the n-th new object to write, for every kind that may be pushed."""
    key_of: Callable[[Kind, Change], str] = lambda _, change: _email(change.object)
    """What `find` looks for, for a pushed object."""
    meddles: Mapping[Kind, Callable[[str], Callable[[], Any]]] = field(default_factory=dict)
    """Kind that may be written anew → somebody there edits what we do not write of an object; a look at that."""
    keyless: frozenset[Kind] = frozenset()
    """Kinds of which the platform keeps no key of ours: whoever pushes looks with `find` first."""
    deliver: Callable[[], tuple[Mapping[str, str], bytes]] | None = None
    """Something happens at a platform with webhooks: the headers and the body that tell it."""
    hook_secret: str = ""
    """What its deliveries are signed with, where subscribing does not tell it."""
    consents: Callable[[], tuple[ConsentChange, Callable[[], Any], Callable[[], None]]] | None = None
    """A consent to write; a look at everything else of that customer; and somebody who edits them meanwhile."""

    def connector(self, transport: httpx.BaseTransport | None = None) -> Any:
        """A connector of a worker of its own: nothing is remembered from another."""
        client = Client(
            transport or InProcess(dict(self.origins)),
            allow_private=True,
            sleep=self.clock.sleep,
            clock=self.clock.epoch,
            jitter=lambda: 0.5,
        )
        return self.open(client)

    @property
    def module(self) -> Any:
        """The connector's module."""
        return importlib.import_module(f"passerelle.connectors.{self.platform}")


def _email(thing: Object | None) -> str:
    if not isinstance(thing, Customer):
        raise TypeError("only people are found by their address")
    return thing.email


def stand_of(platform: str) -> Stand:
    """The platform's stand, newly made."""
    stand: Stand = importlib.import_module(f"conformance.stands.{platform}").make(Clock())
    return stand
