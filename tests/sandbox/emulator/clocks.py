"""Repair: schedules are looked at every second instead of every ten, so that a test need not wait long."""

from ministack.services import eventbridge, scheduler

TICK = 1.0
"""Seconds."""


def apply() -> None:
    """Shorten the pause of both sweepers."""
    scheduler._SCHEDULE_TICK_INTERVAL = TICK
    eventbridge._SCHEDULER_TICK_INTERVAL = TICK
