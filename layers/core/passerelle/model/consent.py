"""Consent to e-mail marketing, as a store and as an audience tell it."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class ConsentState(StrEnum):
    """What a store knows of a person's consent (ST in the rules)."""

    SUBSCRIBED = "subscribed"
    NOT_SUBSCRIBED = "not_subscribed"
    """Never opted in: an absence, which is never propagated."""
    UNSUBSCRIBED = "unsubscribed"
    """An explicit act, which is propagated."""
    PENDING = "pending"
    NONE = "none"


class AudienceStatus(StrEnum):
    """A contact's status in an audience (MC in the rules)."""

    SUBSCRIBED = "subscribed"
    UNSUBSCRIBED = "unsubscribed"
    CLEANED = "cleaned"
    PENDING = "pending"
    TRANSACTIONAL = "transactional"
    ARCHIVED = "archived"
    ABSENT = "absent"
    FORGOTTEN = "forgotten"
    """Permanently deleted: the audience refuses the address for good."""


@dataclass(frozen=True, slots=True)
class Consent:
    """A store's consent state with the instant (UTC) of the act behind it, where the store knows it."""

    state: ConsentState
    changed_at: datetime | None = None
    touched_at: datetime | None = field(default=None, compare=False)
    """Where the store does not date the act: an instant of the store that every act moves, and other things may too. It
    tells that somebody may have acted since, and never when."""
    since: datetime | None = field(default=None, compare=False)
    """Of an opt-in: what the store showed when it was last seen withdrawn (UTC). The opt-in came later than that."""

    @property
    def shown_at(self) -> datetime | None:
        """By which the store's value is known again."""
        return self.changed_at or self.touched_at

    @property
    def no_earlier_than(self) -> datetime | None:
        """The earliest that the act can have been: a store may keep the date of a first opt-in for every later one."""
        return max((known for known in (self.changed_at, self.since) if known), default=None)
