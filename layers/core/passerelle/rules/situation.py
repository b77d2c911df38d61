"""What is known of one person's consent when it is decided: both sides, their times, what was agreed."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from passerelle.model import AudienceStatus, Consent, ConsentState


class Phase(StrEnum):
    """Whether the link's first full sync of customers is still to be completed."""

    INITIAL = "initial"
    ONGOING = "ongoing"


class Direction(StrEnum):
    """Which side told us something; a full pass looks at both."""

    STORE_TO_AUDIENCE = "store_to_audience"
    AUDIENCE_TO_STORE = "audience_to_store"
    FULL = "full_pass"


class Side(StrEnum):
    """One of the two places that hold a person's consent."""

    STORE = "store"
    AUDIENCE = "audience"


class InitialPolicy(StrEnum):
    """Who wins at the initial sync when the audience says subscribed and the store a withdrawal (A-3)."""

    AUDIENCE_WINS_INITIAL = "audience_wins_initial"
    STORE_UNSUBSCRIBE_WINS = "store_unsubscribe_wins"


class UnsubscribedBecomes(StrEnum):
    """What a new contact is made when the store holds a withdrawal (A-2)."""

    TRANSACTIONAL = "transactional"
    UNSUBSCRIBED = "unsubscribed"


@dataclass(frozen=True, slots=True)
class Policy:
    """The settings of an audience link that bear on consent."""

    initial: InitialPolicy = InitialPolicy.AUDIENCE_WINS_INITIAL
    correct_store: bool = True
    """Whether the initial sync brings the audience's opt-outs to the store (A-4)."""
    unsubscribed_becomes: UnsubscribedBecomes = UnsubscribedBecomes.TRANSACTIONAL


@dataclass(frozen=True, slots=True)
class Agreed:
    """The consent that the ledger remembers as settled, the instant (UTC) of its act, and that act's side.

    `origin` is None where both sides had it on their own. `copied_at`: the instant (UTC) that the other side shows for
    what we wrote there, None where it shows none or nobody knows. `seen_at`: what a store that dates no act showed
    instead (see Consent.touched_at) of an act of its own. `by`: when we saw that act, which bears no date: it was no
    later. As text: `state[@instant][/origin][=copied][~seen][<by]`.
    """

    state: ConsentState
    at: datetime | None = None
    origin: Side | None = None
    copied_at: datetime | None = None
    seen_at: datetime | None = None
    by: datetime | None = None

    @property
    def no_later_than(self) -> datetime | None:
        """The latest that the act can have been: what nobody dated is older than our look, or than our copy of it."""
        return max((known for known in (self.at, self.by) if known), default=self.copied_at)

    def __str__(self) -> str:
        instant = f"@{self.at.isoformat()}" if self.at else ""
        copied = f"={self.copied_at.isoformat()}" if self.copied_at else ""
        seen = f"~{self.seen_at.isoformat()}" if self.seen_at else ""
        by = f"<{self.by.isoformat()}" if self.by else ""
        return f"{self.state}{instant}" + (f"/{self.origin}" if self.origin else "") + copied + seen + by

    @classmethod
    def parse(cls, text: str) -> "Agreed | None":
        """Read the text form; None for empty text. Raises ValueError for any other text."""
        if not text:
            return None
        rest, _, by = text.partition("<")
        rest, _, seen = rest.partition("~")
        rest, _, copied = rest.partition("=")
        rest, _, origin = rest.partition("/")
        state, _, instant = rest.partition("@")
        at, copied_at, seen_at, by_at = (
            datetime.fromisoformat(told) if told else None for told in (instant, copied, seen, by)
        )
        return cls(ConsentState(state), at, Side(origin) if origin else None, copied_at, seen_at, by_at)


def copied(agreed: str, side: Side, at: datetime | None) -> str:
    """What was agreed, as text, once a side has taken our copy of it and shows it with this instant."""
    known = Agreed.parse(agreed)
    if known is None or known.origin in (None, side):
        return agreed
    return str(replace(known, copied_at=at))


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything a consent decision may look at. Instants are aware UTC; None means that nobody knows."""

    phase: Phase
    direction: Direction
    audience: AudienceStatus
    status_changed_at: datetime | None
    store: Consent
    agreed: Agreed | None = None
    double_opt_in: bool = False
    policy: Policy = Policy()
    occurred_at: datetime | None = None
    """When the event happened; it can only make an opt-in older, never newer."""
    looked_at: datetime | None = None
    """When both sides had been read. It bounds what bears no date: such a withdrawal was no later."""
