"""What the store keeps beyond the river's own words: tenants, keys, stores, links, counted incidents."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from passerelle.model import Kind, Severity


@dataclass(frozen=True, slots=True)
class Tenant:
    """A merchant's account. `status`: active or suspended."""

    id: str
    name: str
    created_at: datetime
    status: str = "active"


@dataclass(frozen=True, slots=True)
class ApiKey:
    """An API key without its secret; `last4` are the secret's last characters."""

    id: str
    name: str
    scopes: tuple[str, ...]
    last4: str
    created_at: datetime
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key just made; the only time its secret is seen."""

    key: ApiKey
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Caller:
    """Whom a key speaks for."""

    tenant: str
    key: str
    scopes: tuple[str, ...]


class StoreStatus(StrEnum):
    """Whether we can get into a store."""

    CONNECTED = "connected"
    NEEDS_REAUTH = "needs_reauth"
    DISCONNECTED = "disconnected"


@dataclass(frozen=True, slots=True)
class Store:
    """A connected shop, or a Mailchimp account; its credentials are kept apart (`Secrets`)."""

    id: str
    platform: str
    name: str
    url: str
    identity: str
    """The shop's own unchanging id, unique per tenant and platform."""
    hook_id: str
    hook_url: str
    created_at: datetime
    currency: str = ""
    timezone: str = "UTC"
    version: str = ""
    status: StoreStatus = StoreStatus.CONNECTED
    settings: Mapping[str, Any] = field(default_factory=dict)
    checked_at: datetime | None = None
    product_limit: int | None = None
    """How many products its plan lets it receive over catalogue links; None: any number (C-13)."""


class LinkStatus(StrEnum):
    """Whether a link carries anything."""

    ACTIVE = "active"
    DISCONNECTED = "disconnected"


@dataclass(frozen=True, slots=True)
class Link:
    """A relation between two stores, with the destination connector's Settings and the rules in force."""

    id: str
    kind: str
    source: str
    """Store id."""
    destination: str
    """Store id."""
    created_at: datetime
    settings: Mapping[str, Any] = field(default_factory=dict)
    policy: Mapping[str, Any] = field(default_factory=dict)
    status: LinkStatus = LinkStatus.ACTIVE
    source_tenant: str = ""
    """Whose the source is, where it is not the link's own tenant."""
    source_settings: Mapping[str, Any] = field(default_factory=dict)
    """How the source is read for this link, on top of the store's own settings."""


@dataclass(frozen=True, slots=True)
class Dependent:
    """A store that is fed by a main store, as the main store's side knows it."""

    main: str
    """Store id."""
    tenant: str
    """Whose the dependent store and the link are."""
    link: str
    store: str
    name: str
    url: str
    since: datetime

    @property
    def id(self) -> str:
        """By which it is known: a store may depend on several main stores, but a link has one end of each."""
        return self.link


class InvitationStatus(StrEnum):
    """What became of an invitation."""

    WAITING = "waiting"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Invitation:
    """A main store's invitation of the store at an address."""

    id: str
    tenant: str
    main: str
    name: str
    """The main store's."""
    address: str
    created_at: datetime
    expires_at: datetime
    status: InvitationStatus = InvitationStatus.WAITING
    link: str = ""

    def standing(self, now: datetime) -> InvitationStatus:
        """Its status now: one that waited too long has expired."""
        over = self.status is InvitationStatus.WAITING and now >= self.expires_at
        return InvitationStatus.EXPIRED if over else self.status


class IncidentStatus(StrEnum):
    """Whether an incident still asks for something."""

    OPEN = "open"
    RESOLVED = "resolved"
    """Its cause is gone."""
    CLOSED = "closed"
    """A person put it away."""


@dataclass(frozen=True, slots=True)
class KnownIncident:
    """An incident as it is kept: one per cause, with how often and since when."""

    id: str
    cause: str
    severity: Severity
    title: str
    remedy: str
    first_at: datetime
    last_at: datetime
    count: int = 1
    status: IncidentStatus = IncidentStatus.OPEN
    link: str = ""
    kind: Kind | None = None
    object_id: str = ""
    run: str = ""


@dataclass(frozen=True, slots=True)
class PastAct:
    """A line of an object's activity as it is kept."""

    at: datetime
    link: str
    direction: str
    action: str
    field: str = ""
    before: str = ""
    after: str = ""
    reason: str = ""
    run: str = ""


@dataclass(frozen=True, slots=True)
class AuditLine:
    """A change of a setting, or a destructive act: who did what to what."""

    at: datetime
    actor: str
    """A key's id, or `operator`, or `system`."""
    action: str
    target: str
    """The id of what was changed."""
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Hook:
    """Where the deliveries of a webhook address belong."""

    tenant: str
    store: str


@dataclass(frozen=True, slots=True)
class Pixel:
    """The public key by which a store's pages tell events, and the origins from which it is taken."""

    key: str
    tenant: str
    store: str
    origins: tuple[str, ...]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Awaited:
    """A link that keeps events of people not known yet."""

    tenant: str
    link: str


@dataclass(frozen=True, slots=True)
class Running:
    """A run that has not finished."""

    tenant: str
    run: str
