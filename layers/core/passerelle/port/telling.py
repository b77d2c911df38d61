"""What a platform tells: its webhooks, and who it is when we connect."""

from dataclasses import dataclass, field
from datetime import datetime

from passerelle.model import Kind


@dataclass(frozen=True, slots=True)
class Notice:
    """Something happened to one object. `occurred_at` is the platform's, None where it gives none."""

    kind: Kind
    id: str
    topic: str
    delivery_id: str
    """Equal for two deliveries of the same event, and only for them."""
    occurred_at: datetime | None = None
    deleted: bool = False
    email: str = field(default="", repr=False)
    """Only of a request to be forgotten, which may come when the shop has forgotten already; it is never queued."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """A webhook at the platform. `secret` is there only in the answer that made it."""

    id: str
    topic: str
    url: str
    active: bool = True
    secret: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """What a connection check found. `identity` is the shop's own unchanging id: re-authorising must find the same."""

    identity: str
    name: str
    currency: str = ""
    timezone: str = "UTC"
    version: str = ""
    missing: tuple[str, ...] = ()
    """Permissions that the credentials lack, in the platform's words."""


@dataclass(frozen=True, slots=True)
class Audience:
    """An audience that a link may choose."""

    id: str
    name: str
    members: int
    double_opt_in: bool
    required_fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Location:
    """A place that holds stock. Exactly one of a shop's is the default."""

    id: str
    name: str
    default: bool = False


@dataclass(frozen=True, slots=True)
class Terms:
    """How a shop's products are told: what their prices are, in which languages, and where their units lie."""

    currency: str
    tax_included: bool
    """Whether prices that are written to it hold tax, as those of the products it tells."""
    locations: tuple[Location, ...]
    languages: tuple[str, ...] = ()
    """ISO codes, the default first; empty where the shop tells one language only."""
