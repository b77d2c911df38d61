"""A flow: one feed with its two ends, its rules and its memory, ready to be planned, carried, settled or followed."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Protocol

from passerelle.memory import (
    Activities,
    Backfills,
    Consents,
    Counts,
    Feed,
    Feeds,
    FollowQueue,
    Incidents,
    Lease,
    Ledger,
    Manifests,
    Marks,
    Runs,
    Seats,
)
from passerelle.memory.privacy import Redactions
from passerelle.model import Kind, Object
from passerelle.port import (
    Account,
    By,
    Change,
    ConsentChange,
    Count,
    Export,
    IndexPage,
    Limits,
    Match,
    Outcome,
    PlatformError,
    Pulled,
    Selection,
    Terms,
    Unreadable,
    Verb,
)
from passerelle.rules.consent import Policy
from passerelle.rules.exclusion import Exclusion
from passerelle.rules.guard import Guard
from passerelle.rules.preferences import Preferences


class Connector(Account, Protocol):
    """A platform's connector as the river calls it; it calls a verb only where the platform's OFFERS has it."""

    def index(self, kind: Kind, selection: Selection, after: str | None) -> IndexPage:
        """See port.Source."""

    def count(self, kind: Kind, selection: Selection) -> Count:
        """See port.Source."""

    def pull(self, kind: Kind, ids: Sequence[str]) -> Pulled:
        """See port.Source."""

    def push(self, kind: Kind, changes: Sequence[Change]) -> list[Outcome]:
        """See port.Destination."""

    def find(self, kind: Kind, keys: Sequence[str], by: By = By.OWN) -> list[Match]:
        """See port.Destination."""

    def push_consent(self, changes: Sequence[ConsentChange]) -> list[Outcome]:
        """See port.ConsentKeeper."""

    def contact_id(self, email: str) -> str:
        """The id under which an audience holds, or would hold, this e-mail."""

    def open_backfill(self) -> None:
        """See port.Backfilled."""

    def close_backfill(self) -> None:
        """See port.Backfilled."""

    def export(self, kind: Kind, selection: Selection) -> Export:
        """See port.Exporter."""

    def exported(self, export: Export) -> Export:
        """See port.Exporter."""

    def read(self, kind: Kind, export: Export) -> Iterator[Object | Unreadable]:
        """See port.Exporter."""

    def terms(self) -> Terms:
        """See port.Catalogue."""

    def ordered(self, products: Sequence[str]) -> set[str]:
        """See port.Catalogue."""


@dataclass(frozen=True, slots=True)
class End:
    """One end of a flow: the store's id, its connector, and what its platform offers."""

    store: str
    connector: Connector
    offers: Mapping[Kind, frozenset[Verb]]
    limits: Limits = field(default_factory=Limits)
    calls: Callable[[], int] = lambda: 0
    """How many requests this worker has sent to it."""

    def can(self, kind: Kind, verb: Verb) -> bool:
        """Whether the platform offers the verb for the kind."""
        return verb in self.offers.get(kind, frozenset())


@dataclass(frozen=True, slots=True)
class Memory:
    """Everything the river remembers, opened for one tenant."""

    ledger: Ledger
    runs: Runs
    manifests: Manifests
    feeds: Feeds
    lease: Lease
    incidents: Incidents
    activities: Activities
    marks: Marks
    queue: FollowQueue
    backfills: Backfills
    consents: Consents
    redactions: Redactions
    seats: Seats


BACK = frozenset({Kind.CONTACTS, Kind.ENGAGEMENT})
"""Kinds that flow from the audience to the store."""


CATALOGUE_LINK = "catalogue"


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Flow:
    """One feed between its ends. `refused(end, refusal)` is called when an end no longer lets us in (G-5)."""

    tenant: str
    feed: Feed
    source: End
    destination: End
    memory: Memory
    policy: Policy = field(default_factory=Policy)
    guard: Guard = field(default_factory=Guard)
    new_contacts_since: datetime | None = None
    """Since when people who opt in at the audience become customers of the store; None: they do not (A-20)."""
    exclusion: Exclusion = field(default_factory=Exclusion)
    """Whom the link keeps out."""
    double_opt_in: bool = False
    link_kind: str = "audience"
    """What the link is: it says which feeds flow over it, and how."""
    ended: bool = False
    """Whether the link is disconnected: nothing flows over it, but what it brought may be taken back."""
    preferences: Preferences = field(default_factory=Preferences)
    """Catalogue links: what the dependent store receives."""
    product_limit: int | None = None
    """Catalogue links: how many products the dependent store's plan holds; None: any number."""
    feeding: Callable[[], Sequence[str]] = tuple
    """Catalogue links: all that feed the dependent store, whose plan they share."""
    salt: str = ""
    """What of the link's settings shapes a written object: a change of it writes everything again."""
    in_flight: int = 3
    """Batches worked at once inside one Carry."""
    now: Callable[[], datetime] = _utc_now
    seconds_left: Callable[[], float] = lambda: 600.0
    """Until the worker is ended from outside."""
    sleep: Callable[[float], None] = time.sleep
    refused: Callable[[End, PlatformError], None] = lambda _end, _refusal: None
    tell: Callable[[Mapping[str, object]], None] = lambda _figures: None
    """Told the figures of a step for the log, as it ends."""
    shelf: dict[str, object] = field(default_factory=dict)
    """What a worker has read once and keeps at hand."""

    def ends_with(self, counts: Counts, **more: object) -> None:
        """Tell how a step ended: objects by outcome, and the requests it took."""
        calls = self.source.calls() + self.destination.calls()
        self.tell({**more, "feed": self.feed.id, "counts": asdict(counts), "calls": calls})

    @property
    def link(self) -> str:
        """The link's id."""
        return self.feed.link

    @property
    def kind(self) -> Kind:
        """The kind that flows."""
        return self.feed.kind

    @property
    def back(self) -> bool:
        """Whether it flows from the audience to the store."""
        return self.kind in BACK

    @property
    def is_catalogue(self) -> bool:
        """Whether it feeds a dependent store from its main store."""
        return self.link_kind == CATALOGUE_LINK

    @property
    def audience(self) -> End:
        """The end that holds contacts, whichever way it flows."""
        return self.source if self.back else self.destination

    @property
    def shop(self) -> End:
        """The end that is a store, whichever way it flows: it keeps the customers and their consent."""
        return self.destination if self.back else self.source

    @property
    def initial(self) -> bool:
        """Whether the feed's first full sync has yet to complete."""
        return self.feed.first_full_at is None
