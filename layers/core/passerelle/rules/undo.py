"""Undoing a consent that a run wrote: what is restored, and who is left alone because they acted, or in doubt."""

from dataclasses import dataclass
from datetime import datetime

from passerelle.model import AudienceStatus, Consent, ConsentState
from passerelle.rules.guard import RAISED
from passerelle.rules.situation import Agreed, Side

ACTED = "acted_since"
RESTORED = "restored_before"
NOTHING = "nothing_to_restore"
UNDATED = "act_undated"
UNPROVEN = "opt_in_not_shown"
OPTED_OUT = "opted_out_on_the_other_side"
GONE = "not_there_any_more"

_HEIGHT = {AudienceStatus.SUBSCRIBED: 2, AudienceStatus.PENDING: 1}
_OUT = frozenset(
    {
        AudienceStatus.UNSUBSCRIBED,
        AudienceStatus.CLEANED,
        AudienceStatus.ARCHIVED,
        AudienceStatus.FORGOTTEN,
        AudienceStatus.ABSENT,
    }
)
_WRITABLE = frozenset({*RAISED, AudienceStatus.UNSUBSCRIBED, AudienceStatus.TRANSACTIONAL})


@dataclass(frozen=True, slots=True)
class Now:
    """Both sides as they are now. Instants are aware UTC; None where nobody knows."""

    status: AudienceStatus
    status_at: datetime | None
    consent: Consent


@dataclass(frozen=True, slots=True)
class Undone:
    """What to write, or why nothing is: exactly one of the three is said."""

    status: AudienceStatus | None = None
    consent: ConsentState | None = None
    left: str = ""


def undo_status(
    before: AudienceStatus, after: AudienceStatus, at: datetime, opted_in_at: datetime | None, now: Now
) -> Undone:
    """A status that was written in the audience at `at`; `opted_in_at`: of the opt-in that it had before, if shown.

    A contact that was made is never deleted: it becomes transactional if it was made subscribed or pending.
    """
    target = before
    if before is AudienceStatus.ABSENT:
        target = AudienceStatus.TRANSACTIONAL if after in RAISED else after
    if target is after or target not in _WRITABLE:
        return Undone(left=NOTHING)
    if now.status is not after:
        return Undone(left=RESTORED if now.status is target else ACTED)
    if after is not AudienceStatus.TRANSACTIONAL and after is not AudienceStatus.PENDING:
        told = _acted(now.status_at, at)
        if told:
            return Undone(left=told)
    if _HEIGHT.get(target, 0) > _HEIGHT.get(after, 0):
        why = _against_status(target, opted_in_at, now.consent)
        return Undone(left=why) if why else Undone(status=target)
    return Undone(status=target)


def undo_consent(
    before: ConsentState, after: ConsentState, at: datetime, opted_in_at: datetime | None, now: Now
) -> Undone:
    """A consent that was written at the store at `at`; `opted_in_at`: of the opt-in that it had before, if shown."""
    if before is ConsentState.NONE:
        # Whom the run made a customer is never deleted: they become somebody who was not asked.
        before = ConsentState.NOT_SUBSCRIBED
    if before is after:
        return Undone(left=NOTHING)
    if now.consent.state is not after:
        return Undone(left=RESTORED if now.consent.state is before else ACTED)
    told = _acted(now.consent.changed_at, at)
    if told:
        return Undone(left=told)
    if before is ConsentState.SUBSCRIBED:
        if opted_in_at is None:
            return Undone(left=UNPROVEN)
        return Undone(left=OPTED_OUT) if now.status in _OUT else Undone(consent=before)
    if before is ConsentState.PENDING and after is not ConsentState.SUBSCRIBED:
        return Undone(left=UNPROVEN)
    return Undone(consent=before)


def agreed_after(undone: Undone, side: Side, at: datetime) -> Agreed:
    """What is remembered as agreed, so that nothing old does or passes on what was undone.

    A restored opt-in is as the side had it; anything lower is a line under every act before it, and no act of
    the side on which it is written.
    """
    raised = undone.status is AudienceStatus.SUBSCRIBED or undone.consent is ConsentState.SUBSCRIBED
    other = Side.STORE if side is Side.AUDIENCE else Side.AUDIENCE
    return (
        Agreed(ConsentState.SUBSCRIBED, at, side) if raised else Agreed(ConsentState.UNSUBSCRIBED, at, other)
    )


def _acted(instant: datetime | None, written: datetime) -> str:
    if instant is None:
        return UNDATED
    return ACTED if instant > written else ""


def _against_status(target: AudienceStatus, opted_in_at: datetime | None, store: Consent) -> str:
    """Why nobody may be raised again: only an opt-in that is on record, and that no opt-out contradicts, is enough."""
    if target is not AudienceStatus.SUBSCRIBED or opted_in_at is None:
        return UNPROVEN
    if store.state is not ConsentState.UNSUBSCRIBED:
        return ""
    older = store.changed_at is not None and store.changed_at < opted_in_at
    return "" if older else OPTED_OUT
