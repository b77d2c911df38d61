"""What the consent table asks about a situation, each question in words."""

from collections.abc import Sequence
from datetime import datetime

from passerelle.model import AudienceStatus, ConsentState
from passerelle.rules.situation import Agreed, Direction, InitialPolicy, Side, Situation, UnsubscribedBecomes

STANDS_FOR = {
    AudienceStatus.SUBSCRIBED: ConsentState.SUBSCRIBED,
    AudienceStatus.PENDING: ConsentState.PENDING,
    AudienceStatus.UNSUBSCRIBED: ConsentState.UNSUBSCRIBED,
    AudienceStatus.CLEANED: ConsentState.UNSUBSCRIBED,
    AudienceStatus.ARCHIVED: ConsentState.UNSUBSCRIBED,
    AudienceStatus.FORGOTTEN: ConsentState.UNSUBSCRIBED,
    AudienceStatus.TRANSACTIONAL: ConsentState.NOT_SUBSCRIBED,
    AudienceStatus.ABSENT: ConsentState.NOT_SUBSCRIBED,
}


def earliest(*instants: datetime | None) -> datetime | None:
    """The earliest of the instants that are known; None if none is."""
    return min((instant for instant in instants if instant), default=None)


def latest(*instants: datetime | None) -> datetime | None:
    """The latest of the instants that are known; None if none is."""
    return max((instant for instant in instants if instant), default=None)


class Facts:
    """A situation with the times behind it, and the questions the table asks."""

    __slots__ = ("audience_state", "situation")

    def __init__(self, situation: Situation) -> None:
        self.situation = situation
        self.audience_state = STANDS_FOR[situation.audience]

    @property
    def at_store(self) -> datetime | None:
        """The instant that the store gives to its value."""
        return self.situation.store.changed_at

    @property
    def yes_at_store(self) -> datetime | None:
        """The earliest that an opt-in at the store can have been."""
        return self.situation.store.no_earlier_than

    @property
    def at_audience(self) -> datetime | None:
        """The instant that the audience gives to its status."""
        return self.situation.status_changed_at

    def _opted_in_at(self, known: datetime | None) -> datetime | None:
        """An opt-in is never newer than the event that carries it (A-10); the event alone dates nothing."""
        return earliest(known, self.situation.occurred_at) if known else None

    def _copied(self, side: Side, state: ConsentState) -> Agreed | None:
        """What was agreed, if the side has it from us."""
        agreed = self.situation.agreed
        return agreed if agreed and agreed.state is state and agreed.origin not in (None, side) else None

    def _shown(self, side: Side) -> datetime | None:
        """The instant by which a side's value is known again."""
        return self.situation.store.shown_at if side is Side.STORE else self.at_audience

    def _left_as(self, side: Side, state: ConsentState) -> datetime | None:
        """What a side showed of the agreed value when it was agreed: of our copy, or of an undated act of the store."""
        agreed, store = self.situation.agreed, side is Side.STORE
        if agreed is None or agreed.state is not state:
            return None
        if self._copied(side, state):
            return agreed.copied_at
        return agreed.seen_at if store and self.at_store is None else None

    def _stands_as_left(self, side: Side, state: ConsentState) -> bool:
        """Whether a side's value is the agreed one, untouched: then it is as old as the act that was agreed."""
        left = self._left_as(side, state)
        return left is not None and left == self._shown(side)

    def _opted_out(self) -> Agreed | None:
        """What was agreed, if it is an opt-out."""
        agreed = self.situation.agreed
        return agreed if agreed and agreed.state is ConsentState.UNSUBSCRIBED else None

    def store_opt_in_stands(self) -> bool:
        """No opt-out is recorded, or the store's opt-in is known to be newer than every one."""
        agreed, withdrawn = self._opted_out(), self.audience_state is ConsentState.UNSUBSCRIBED
        ours = bool(agreed and withdrawn) and self._stands_as_left(Side.AUDIENCE, self.audience_state)
        outs = [self.at_audience] if withdrawn and not ours else []
        if agreed and not self.store_came_back():
            outs.append(agreed.no_later_than)
        elif agreed and (agreed.at or agreed.origin is not Side.STORE):
            # The store was seen withdrawn before it opted in: its own undated withdrawal is over.
            outs.append(agreed.at or agreed.no_later_than)
        return _newer_than_all(self._opted_in_at(self.yes_at_store), outs)

    def audience_opt_in_stands(self) -> bool:
        """No opt-out is recorded, or the audience's opt-in is known to be newer than every one."""
        agreed, withdrawn = self._opted_out(), self.situation.store.state is ConsentState.UNSUBSCRIBED
        ours = bool(agreed and withdrawn) and self._stands_as_left(Side.STORE, self.situation.store.state)
        outs = [self.at_store] if withdrawn and not ours else []
        outs += [agreed.no_later_than] if agreed else []
        return _newer_than_all(self._opted_in_at(self.at_audience), outs)

    def store_came_back(self) -> bool:
        """The store opted in after it was last seen withdrawn."""
        store = self.situation.store
        return store.state is ConsentState.SUBSCRIBED and store.since is not None

    def left_as_they_were(self) -> bool:
        """The store dates no withdrawal, and the audience's opt-in is still the one that was left beside it."""
        agreed = self._opted_out()
        if agreed is None or agreed.origin is not Side.STORE or self.at_store is not None:
            return False
        return agreed.at is not None and agreed.at == self.at_audience

    def _news(self, side: Side, state: ConsentState, at: datetime | None) -> bool:
        agreed = self.situation.agreed
        if agreed is None or agreed.state is not state or (side is Side.STORE and self.store_came_back()):
            return True
        left, shown = self._left_as(side, state), self._shown(side)
        if left is not None and shown is not None:
            return shown != left
        if self._copied(side, state):
            return False
        return at is not None and agreed.at is not None and at > agreed.at

    def store_acted(self) -> bool:
        """The store's value differs from the agreed one, is its own and newer, or is not as we left it (A-23)."""
        return self._news(Side.STORE, self.situation.store.state, self.at_store)

    def audience_acted(self) -> bool:
        """The audience's value differs from the agreed one, is its own and newer, or is not as we left it (A-23)."""
        return self._news(Side.AUDIENCE, self.audience_state, self.at_audience)

    def _said_yes_at(self, side: Side, state: ConsentState, at: datetime | None) -> datetime | None:
        """When a side's opt-in was given; one that we wrote there is as old as the act it came from."""
        copied = self._copied(side, state)
        return self._opted_in_at(copied.at if copied and not self._news(side, state, at) else at)

    def store_opt_out_prevails(self) -> bool:
        """The audience's opt-in is not known to be newer than the store's opt-out."""
        yes = self._said_yes_at(Side.AUDIENCE, self.audience_state, self.at_audience)
        return yes is None or self.at_store is None or yes <= self.at_store

    def audience_opt_out_prevails(self) -> bool:
        """The store's opt-in is not known to be newer than the audience's opt-out."""
        yes = self._said_yes_at(Side.STORE, self.situation.store.state, self.yes_at_store)
        return yes is None or self.at_audience is None or yes <= self.at_audience

    def audience_may_gain(self) -> bool:
        """The store was looked at (not only an event of the other side heard)."""
        return self.situation.direction is not Direction.AUDIENCE_TO_STORE

    def only_the_audience_spoke(self) -> bool:
        """The event is the audience's."""
        return self.situation.direction is Direction.AUDIENCE_TO_STORE

    def store_may_gain(self) -> bool:
        """The audience was looked at (not only an event of the other side heard)."""
        return self.situation.direction is not Direction.STORE_TO_AUDIENCE

    def store_is_corrected(self) -> bool:
        """The policy corrects the store."""
        return self.situation.policy.correct_store

    def store_unsubscribe_wins(self) -> bool:
        """The policy is store_unsubscribe_wins."""
        return self.situation.policy.initial is InitialPolicy.STORE_UNSUBSCRIBE_WINS

    def unsubscribed_is_kept(self) -> bool:
        """The policy writes withdrawals as unsubscribed."""
        return self.situation.policy.unsubscribed_becomes is UnsubscribedBecomes.UNSUBSCRIBED


def _newer_than_all(opt_in: datetime | None, opt_outs: Sequence[datetime | None]) -> bool:
    """Strictly newer than each, which an unknown instant never is; True where there is no opt-out."""
    return all(opt_in is not None and out is not None and opt_in > out for out in opt_outs)
