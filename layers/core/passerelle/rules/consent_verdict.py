"""What a consent row decides, put into writes and into what the ledger remembers."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from passerelle.model import AudienceStatus, ConsentState
from passerelle.rules.consent_facts import Facts, earliest, latest
from passerelle.rules.consent_rows import Row, Then
from passerelle.rules.situation import Agreed, Direction, Side


@dataclass(frozen=True, slots=True)
class Verdict:
    """What may be written for one person. None means: leave it alone."""

    create: AudienceStatus | None
    """The status a contact that is absent is created with."""
    write_audience: AudienceStatus | None
    write_store: ConsentState | None
    profile: bool
    """Whether profile fields may be written to the audience."""
    skip: str | None
    """Why no status was written although the sides differ: a stable word."""
    agreed_after: Agreed | None
    rule: str
    reason: str


def settle(row: Row, facts: Facts) -> Verdict:
    """The verdict of a row in a situation."""
    situation = facts.situation
    create, audience, store = _writes(row.then, facts)
    from_audience = situation.direction is Direction.AUDIENCE_TO_STORE
    return Verdict(
        create=create,
        write_audience=audience,
        write_store=store,
        profile=row.profile and not from_audience,
        skip=row.skip,
        agreed_after=_REMEMBER[row.then](facts),
        rule=row.rule,
        reason=row.reason,
    )


type _Writes = tuple[AudienceStatus | None, AudienceStatus | None, ConsentState | None]

_FIXED: dict[Then, _Writes] = {
    Then.CREATE_TRANSACTIONAL: (AudienceStatus.TRANSACTIONAL, None, None),
    Then.CREATE_AND_CORRECT: (AudienceStatus.TRANSACTIONAL, None, ConsentState.UNSUBSCRIBED),
    Then.AUDIENCE_UNSUBSCRIBED: (None, AudienceStatus.UNSUBSCRIBED, None),
    Then.STORE_SUBSCRIBED: (None, None, ConsentState.SUBSCRIBED),
    Then.STORE_UNSUBSCRIBED: (None, None, ConsentState.UNSUBSCRIBED),
    Then.STORE_PENDING: (None, None, ConsentState.PENDING),
}


def _writes(then: Then, facts: Facts) -> _Writes:
    """What is created, written to the audience, written to the store."""
    situation = facts.situation
    if then is Then.CREATE_BY_POLICY:
        return AudienceStatus(situation.policy.unsubscribed_becomes.value), None, None
    if then in (Then.CREATE_OPTED_IN, Then.AUDIENCE_OPTED_IN):
        yes = AudienceStatus.PENDING if situation.double_opt_in else AudienceStatus.SUBSCRIBED
        return (yes, None, None) if then is Then.CREATE_OPTED_IN else (None, yes, None)
    return _FIXED.get(then, (None, None, None))


def _opted_in(facts: Facts) -> Agreed:
    situation = facts.situation
    state = ConsentState.PENDING if situation.double_opt_in else ConsentState.SUBSCRIBED
    return Agreed(
        state, earliest(facts.yes_at_store, situation.occurred_at) if facts.yes_at_store else None, Side.STORE
    )


def _withdrawn_at_store(facts: Facts) -> Agreed:
    return _own(Agreed(ConsentState.UNSUBSCRIBED, facts.at_store, Side.STORE), facts)


def _own(agreed: Agreed, facts: Facts) -> Agreed:
    """With what a store shows that does not date its withdrawal, and when we saw it."""
    if facts.at_store is not None:
        return agreed
    return replace(agreed, seen_at=facts.situation.store.touched_at, by=facts.situation.looked_at)


def _withdrawn_at_audience(facts: Facts) -> Agreed:
    """As of the latest act seen: an opt-in that the initial sync set aside is not taken up later (A-11)."""
    agreed = facts.situation.agreed
    before = agreed.at if agreed and agreed.state is ConsentState.UNSUBSCRIBED else None
    at = latest(facts.at_audience, facts.at_store, before)
    return Agreed(ConsentState.UNSUBSCRIBED, at, Side.AUDIENCE)


def _settled_as_withdrawn(facts: Facts) -> Agreed:
    agreed = facts.situation.agreed
    if agreed and agreed.state is ConsentState.UNSUBSCRIBED and not facts.audience_acted():
        own = None if agreed.origin is Side.STORE else facts.at_audience
        return replace(agreed, at=latest(agreed.at, facts.at_store, own))
    return _withdrawn_at_audience(facts)


def _set_aside(facts: Facts) -> Agreed:
    agreed = facts.situation.agreed
    if agreed and facts.left_as_they_were():
        return _still_aside(agreed, facts)
    if agreed and agreed.state is ConsentState.UNSUBSCRIBED and not facts.store_acted():
        return agreed
    asked = facts.situation.audience is not AudienceStatus.TRANSACTIONAL
    at = latest(facts.at_audience if asked else None, facts.at_store)
    aside = Agreed(ConsentState.UNSUBSCRIBED, at, Side.STORE)
    # An opt-in that bears no instant is not known again: what moves beside it must not end it.
    return _own(aside, facts) if at or not asked else aside


def _still_aside(agreed: Agreed, facts: Facts) -> Agreed:
    """What moved beside an opt-in that was left as it was is over: from here on another touch counts."""
    return agreed if agreed.seen_at == facts.situation.store.touched_at else _own(agreed, facts)


def _never_opted_in(facts: Facts) -> Agreed:
    agreed = facts.situation.agreed
    if agreed and agreed.state in (ConsentState.UNSUBSCRIBED, ConsentState.NOT_SUBSCRIBED):
        return agreed
    return Agreed(ConsentState.NOT_SUBSCRIBED)


def _equal(facts: Facts) -> Agreed:
    agreed = facts.situation.agreed
    state = facts.situation.store.state
    if agreed and agreed.state is state:
        return _seen_again(agreed, facts)
    chosen = latest if state is ConsentState.UNSUBSCRIBED else earliest
    both = Agreed(state, chosen(facts.at_audience, facts.at_store))
    return _own(both, facts) if state is ConsentState.UNSUBSCRIBED else both


def _seen_again(agreed: Agreed, facts: Facts) -> Agreed:
    """What an undated store did before both sides were seen to agree is over: from here on another touch counts."""
    store, both_read = facts.situation.store, facts.situation.direction is not Direction.AUDIENCE_TO_STORE
    if store.changed_at is not None or not both_read or not facts.store_acted():
        return agreed
    by = facts.situation.looked_at
    if agreed.origin is Side.STORE:
        # What the audience shows beside our copy may be an act of its own.
        own = None if facts.at_audience == agreed.copied_at else facts.at_audience
        at, copied_at = latest(agreed.at, own), latest(agreed.copied_at, facts.at_audience)
        return replace(agreed, at=at, copied_at=copied_at, seen_at=store.touched_at, by=by)
    at = latest(agreed.at, facts.at_audience)
    if agreed.origin is Side.AUDIENCE:
        return replace(agreed, at=at, copied_at=store.touched_at, by=by)
    return replace(agreed, at=at, seen_at=store.touched_at, by=by)


def _as_before(facts: Facts) -> Agreed | None:
    return facts.situation.agreed


_REMEMBER: dict[Then, Callable[[Facts], Agreed | None]] = {
    Then.CREATE_OPTED_IN: _opted_in,
    Then.CREATE_BY_POLICY: _withdrawn_at_store,
    Then.CREATE_TRANSACTIONAL: _never_opted_in,
    Then.CREATE_AND_CORRECT: _withdrawn_at_audience,
    Then.AUDIENCE_OPTED_IN: _opted_in,
    Then.AUDIENCE_UNSUBSCRIBED: _withdrawn_at_store,
    Then.STORE_SUBSCRIBED: lambda facts: Agreed(ConsentState.SUBSCRIBED, facts.at_audience, Side.AUDIENCE),
    Then.STORE_UNSUBSCRIBED: _withdrawn_at_audience,
    Then.STORE_PENDING: lambda facts: Agreed(ConsentState.PENDING, facts.at_audience, Side.AUDIENCE),
    Then.AGREE: _equal,
    Then.SETTLE_WITHDRAWN: _settled_as_withdrawn,
    Then.SET_ASIDE: _set_aside,
    Then.STILL_ASIDE: _set_aside,
    Then.NOTHING: _as_before,
}
