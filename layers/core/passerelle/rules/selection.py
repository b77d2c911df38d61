"""Which objects a run takes: by mode, by the order's state now, by the watermark."""

from datetime import datetime, timedelta

from passerelle.port import Selection

LOOKBACK = timedelta(seconds=120)
"""What a shop's clock may differ, and a change may need to be seen in its lists (B-13)."""

ALREADY_MAPPED = "already_mapped"
NOT_MAPPED = "not_mapped"
STATUS_LEFT_SELECTION = "status_left_selection"
OUTSIDE_PERIOD = "outside_period"


def mode_skip(mode: str, *, mapped: bool) -> str | None:
    """Why a mode (all, new, update) passes over an object, or None (B-5). Raises ValueError for another."""
    if mode not in ("all", "new", "update"):
        raise ValueError(f"{mode!r} is no mode: all, new or update")
    if mode == "new" and mapped:
        return ALREADY_MAPPED
    if mode == "update" and not mapped:
        return NOT_MAPPED
    return None


def order_skip(status: str, placed_at: datetime, chosen: Selection) -> str | None:
    """Why an order as it is now is not chosen, or None (B-6); the period includes both its ends."""
    if chosen.statuses and status not in chosen.statuses:
        return STATUS_LEFT_SELECTION
    if chosen.placed_from and placed_at < chosen.placed_from:
        return OUTSIDE_PERIOD
    if chosen.placed_until and placed_at > chosen.placed_until:
        return OUTSIDE_PERIOD
    return None


def watermark(before_first_read: datetime, lookback: timedelta = LOOKBACK) -> datetime:
    """What a run that began reading after this instant may leave (B-13). Raises ValueError without a zone."""
    if before_first_read.tzinfo is None:
        raise ValueError("a watermark needs an instant with a time zone")
    return before_first_read - max(lookback, timedelta(0))


SWEEP_EVERY = timedelta(hours=24)
"""How often a scheduled run looks at everything: deletions, and changes that a platform does not date, show only then."""


def sweep_due(last_full: datetime | None, now: datetime) -> bool:
    """Whether the next scheduled run should be a full pass."""
    return last_full is None or now - last_full >= SWEEP_EVERY


def moved(current: datetime | None, candidate: datetime | None) -> datetime | None:
    """The watermark after a run: the later of the two, so that it never moves back."""
    if current is None or candidate is None:
        return candidate or current
    return max(current, candidate)
