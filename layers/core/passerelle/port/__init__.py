"""What a platform may offer to the river, and the errors a sync understands.

A connector is one file (`connectors/<platform>.py`) with:

- `Credentials`: a pydantic model, the form a tenant fills in to connect a store;
- `Settings`: a pydantic model, the form of a link that writes to the platform (an audience, a language);
- `LIMITS`: what the platform's shared limiter allows;
- `OFFERS`: kind → verbs, the honest table of what it can do;
- `Connector(credentials, settings, client)`, which has the verbs below that it offers.

There is no base class and no registration: the file's name is the platform's key.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from passerelle.model import AudienceStatus, Consent, Kind, Object, ProductField
from passerelle.model.riding import Beside
from passerelle.port.errors import (
    AddressRefused,
    CredentialsRefused,
    Incomplete,
    PermissionMissing,
    PlatformError,
    Rejected,
    SignatureRefused,
    Throttled,
    TooLarge,
    TopicUnknown,
    Unavailable,
    WritesBlocked,
)
from passerelle.port.telling import Audience, Check, Location, Notice, Subscription, Terms


class Verb(StrEnum):
    """Something a connector can do with a kind."""

    INDEX = "index"
    COUNT = "count"
    PULL = "pull"
    PUSH = "push"
    FIND = "find"
    EXPORT = "export"
    HEAR = "hear"
    CONSENT = "consent"
    FORGET = "forget"
    TERMS = "terms"
    """Products only: the two verbs of port.Catalogue."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one account of a platform allows, summed over all workers. None: the platform names no such limit."""

    connections: int | None = None
    points_per_second: float | None = None
    burst: float | None = None
    live_share: float = 0.2
    """The share kept free for live events while a backfill runs."""
    bulk: int = 0
    """Products that are best made in one write of their own kind, outside the rate; 0: there is no such write."""


# --- reading ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Selection:
    """Which objects of a kind a run wants. Instants are aware UTC; empty means everything."""

    since: datetime | None = None
    """Changed at or after."""
    placed_from: datetime | None = None
    """Orders placed, and campaigns sent, from then on."""
    placed_until: datetime | None = None
    statuses: frozenset[str] = frozenset()
    """Orders only: the store's current status keys."""


@dataclass(frozen=True, slots=True)
class Indexed:
    """An id with an opaque version that changes whenever the platform says the object changed ("" where it cannot)."""

    id: str
    version: str = ""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An object that the store gave but that makes no sense, with what a person can do about it."""

    id: str
    why: str
    remedy: str


@dataclass(frozen=True, slots=True)
class IndexPage:
    """A page of an index; `after` is the cursor of the next page (text, so it survives a worker), None at the end."""

    entries: tuple[Indexed, ...]
    after: str | None
    total: int | None = None
    """How many the platform says there are in all, where it says so."""
    objects: tuple[Object | Unreadable, ...] = ()
    """Those of the page that came whole, in no order: the others are pulled when they are carried."""


@dataclass(frozen=True, slots=True)
class Count:
    """How many objects a selection holds, and how many variants where the kind has them."""

    objects: int
    variants: int | None = None


@dataclass(frozen=True, slots=True)
class Pulled:
    """What a pull brought: each id asked for is in exactly one of the three."""

    objects: tuple[Object, ...]
    missing: tuple[str, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()


@dataclass(frozen=True, slots=True)
class Export:
    """A platform-side bulk export under way (`handle`), or ready to be read."""

    handle: str
    ready: bool = False


# --- writing ---------------------------------------------------------------------------------------------


class Action(StrEnum):
    """What a change asks of the destination."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Change:
    """One write wanted at the destination. `reference` is ours and is stored in the remote object where it can be."""

    id: str
    """The source's id: the key of the outcome."""
    action: Action
    object: Object | None
    destination_id: str = ""
    reference: str = ""
    status: AudienceStatus | None = None
    """Contacts only: the status to write; None leaves it alone."""
    fields: frozenset[ProductField] | None = None
    """Products only: what to write; all else stays as it is, byte for byte. None: whatever the platform holds.

    Variants of the destination that the object does not hold are not touched, whatever the fields.
    """
    variants: Mapping[str, str] = field(default_factory=dict)
    """Products only: the source's variant id → the destination's. A variant that is not here is looked for by its SKU,
    then by its options, and made where there is none and the fields have VARIANTS."""
    without: tuple[str, ...] = ()
    """Products only: variants of the destination, by id, to be taken away."""
    fresh: bool = False
    """Creates only: its keys were looked for a moment ago without a find, and it was never sent before."""


class Result(StrEnum):
    """How a change ended."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    DELETED = "deleted"
    EXISTS = "exists"
    """A create met an object that was already there: nothing was written, look at it and decide again."""
    REFUSED = "refused"
    THROTTLED = "throttled"
    """This one was not worked on; send it again later."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one change."""

    id: str
    result: Result
    destination_id: str = ""
    code: str = ""
    """A stable word for a refusal, such as `member_in_compliance_state`: severities hang on it."""
    why: str = ""
    remedy: str = ""
    beside: tuple[Beside, ...] = ()
    variants: Mapping[str, str] = field(default_factory=dict)
    """Products only: the source's variant id → the destination's, of all that were written or found as they should be."""
    consent_at: datetime | None = None
    """The instant that the platform shows from now on for the status or consent that it took, and that any later act
    moves, or at which it took a status that it does not date; None where it shows none, or where nobody knows."""


@dataclass(frozen=True, slots=True)
class ConsentChange:
    """A consent to write at a store, for one customer."""

    id: str
    """The store's customer id."""
    consent: Consent


@dataclass(frozen=True, slots=True)
class Match:
    """What the destination holds under a key (an e-mail, a SKU, our reference)."""

    key: str
    destination_id: str
    object: Object | None = None
    variant_id: str = ""
    """Products only: which of its variants has the key, by the id that the product tells, if it is its only one too."""


class By(StrEnum):
    """By what something is looked for."""

    OWN = "own"
    """What names the kind: an e-mail, a SKU; or our reference, which begins with `passerelle:`."""
    BARCODE = "barcode"
    TITLE = "title"
    """Words of a product's title: what a person would recognise, the best first, a few a key."""


# --- the verbs -------------------------------------------------------------------------------------------


class Source(Protocol):
    """What the river asks of the platform that it reads."""

    def index(self, kind: Kind, selection: Selection, after: str | None) -> IndexPage:
        """One page of ids and versions, in a stable order under inserts and deletes."""

    def count(self, kind: Kind, selection: Selection) -> Count:
        """How many the selection holds, as cheaply as the platform allows."""

    def pull(self, kind: Kind, ids: Sequence[str]) -> Pulled:
        """Whole objects by id, canonical."""


class Destination(Protocol):
    """What the river asks of the platform that it writes."""

    def push(self, kind: Kind, changes: Sequence[Change]) -> list[Outcome]:
        """Write the changes in the platform's bulk form; exactly one outcome per change; twice changes nothing.

        Raises Unavailable where it is not known whether the write happened.
        """

    def find(self, kind: Kind, keys: Sequence[str], by: By = By.OWN) -> list[Match]:
        """What exists under these keys, every match of each; keys without a match are absent from the answer."""


class Catalogue(Protocol):
    """A shop whose products can be read or written as a part of a catalogue over several shops."""

    def terms(self) -> Terms:
        """How its products are told and where its stock lies."""

    def ordered(self, products: Sequence[str]) -> set[str]:
        """Those of these products, by id, that stand in an order: they are never deleted."""


class Exporter(Protocol):
    """What a platform with a bulk export offers."""

    def export(self, kind: Kind, selection: Selection) -> Export:
        """Start an export (or take up the same one that is still running)."""

    def exported(self, export: Export) -> Export:
        """Look whether it is ready. Raises Unavailable if it failed."""

    def read(self, kind: Kind, export: Export) -> Iterator[Object | Unreadable]:
        """The objects, streamed. Raises Incomplete if the file holds fewer than the platform says."""


class ConsentKeeper(Protocol):
    """A store whose customers' consent can be written."""

    def push_consent(self, changes: Sequence[ConsentChange]) -> list[Outcome]:
        """Write consents; exactly one outcome per change."""


class Forgetting(Protocol):
    """An audience that deletes a person for good."""

    def forget(self, contacts: Sequence[str]) -> None:
        """Delete these contacts, by id; one that is not there is passed over."""


class Backfilled(Protocol):
    """A destination that wants to know when past data is written, so that it starts no automation."""

    def open_backfill(self) -> None:
        """Make what the writes need and mark it as syncing. Twice changes nothing."""

    def close_backfill(self) -> None:
        """Take the mark away. Twice changes nothing."""


class Hearing(Protocol):
    """A platform that sends webhooks. `secrets` holds one secret, or two during a rotation; the newest first."""

    def hear(self, headers: Mapping[str, str], body: bytes, secrets: Sequence[str]) -> list[Notice]:
        """Verify the delivery and say what it tells. Header names are in lower case.

        Raises SignatureRefused or TopicUnknown.
        """

    def subscriptions(self) -> list[Subscription]:
        """The webhooks found at the platform that point to us."""

    def subscribe(self, url: str) -> list[Subscription]:
        """Make the webhooks that are missing or broken at `url`; answer all that are wanted."""

    def unsubscribe(self, url: str) -> None:
        """Remove the webhooks that point to `url`."""


class Account(Protocol):
    """Every connector: can it get in, and to what."""

    def check(self) -> Check:
        """Get in and look. Raises CredentialsRefused, Unavailable or AddressRefused."""


type Offers = Mapping[Kind, frozenset[Verb]]


@dataclass(frozen=True, slots=True)
class Note:
    """One line of the capability table: what a platform cannot do with a kind, and why."""

    kind: Kind
    verb: Verb
    why: str = field(default="")


__all__ = [
    "AddressRefused",
    "Audience",
    "Check",
    "CredentialsRefused",
    "Incomplete",
    "Location",
    "Notice",
    "PermissionMissing",
    "PlatformError",
    "Rejected",
    "SignatureRefused",
    "Subscription",
    "Terms",
    "Throttled",
    "TooLarge",
    "TopicUnknown",
    "Unavailable",
    "WritesBlocked",
]
