"""What a customer event may say, at the public door of a store's pages and at the authenticated one (A-19)."""

from collections.abc import Sequence
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, Field, StrictBool, StringConstraints, model_validator

from passerelle.api.fields import Asked, Instant, Reference
from passerelle.listening import Taken, Told
from passerelle.rules.customer_events import NAMES, Privacy, known

MOST = 100
"""Events of one batch."""
PROPERTIES = 30

type EventName = Annotated[str, AfterValidator(known), Field(json_schema_extra={"enum": list(NAMES)})]
type Email = Annotated[
    str, StringConstraints(to_lower=True, max_length=254, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]{2,}$")
]
type PropertyName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][\w.]{0,59}$")]
type Value = Annotated[str, StringConstraints(max_length=1000)] | StrictBool | int | float | None


class PrivacyTold(Asked):
    """What the visitor allows, as the store's consent banner knows it."""

    analytics: StrictBool
    marketing: StrictBool
    preferences: StrictBool | None = None
    sale_of_data: StrictBool | None = None


class CustomerEventTold(Asked):
    """Something a visitor did. `id` is the event's own: told again, it counts once.

    `client_id` is the browser's; `data` is flat, and what says who a person is, is left out of it.
    """

    id: Reference
    name: EventName
    timestamp: Instant
    privacy: PrivacyTold
    client_id: Reference | None = None
    email: Email | None = None
    customer_id: Reference | None = None
    data: Annotated[dict[PropertyName, Value], Field(default_factory=dict, max_length=PROPERTIES)]

    @model_validator(mode="after")
    def _names_somebody(self) -> Self:
        if not (self.client_id or self.email or self.customer_id):
            raise ValueError("an event with a client_id, an email or a customer_id")
        return self


class CustomerEventsTold(Asked):
    """A batch of customer events: taken whole, or refused whole."""

    events: Annotated[list[CustomerEventTold], Field(min_length=1, max_length=MOST)]


class CustomerEventsHeard(BaseModel):
    """What became of a batch: taken, told before, denied by privacy, and `off` where no link wants events."""

    accepted: int
    duplicates: int
    denied: int
    off: int


def told(events: Sequence[CustomerEventTold]) -> list[Told]:
    """The events in the words of the library."""
    return [
        Told(
            id=each.id,
            name=each.name,
            at=each.timestamp,
            privacy=Privacy(each.privacy.analytics, each.privacy.marketing, each.privacy.sale_of_data),
            email=each.email or "",
            customer=each.customer_id or "",
            client=each.client_id or "",
            data=dict(each.data),
        )
        for each in events
    ]


def heard(taken: Taken) -> CustomerEventsHeard:
    """What became of them, as the API tells it."""
    return CustomerEventsHeard(
        accepted=taken.accepted, duplicates=taken.duplicates, denied=taken.denied, off=taken.off
    )
