"""From settings as stored (texts) to what a run selects (instants and sets)."""

from collections.abc import Mapping
from datetime import datetime

from passerelle.memory import Feed, Run, Scope
from passerelle.model import Kind
from passerelle.port import Selection
from passerelle.rules.engagement import WINDOW


def settings_in_force(feed: Feed, run: Run | None) -> Mapping[str, object]:
    """The feed's settings with the run's own on top."""
    return {**feed.settings, **(run.settings if run else {})}


def selection(feed: Feed, run: Run) -> Selection:
    """What the run reads: everything selected, or what changed since its `since`."""
    settings = settings_in_force(feed, run)
    since = _instant(settings.get("since")) if run.scope is Scope.INCREMENTAL else None
    if feed.kind is Kind.ENGAGEMENT:
        began = run.watermark or run.started_at
        return Selection(since=since, placed_from=began - WINDOW if began else None)
    if feed.kind is not Kind.ORDERS:
        return Selection(since=since)
    return Selection(
        since=since,
        placed_from=_instant(settings.get("placed_from")),
        placed_until=_instant(settings.get("placed_until")),
        statuses=_texts(settings.get("statuses")),
    )


def order_choice(feed: Feed, run: Run | None) -> Selection:
    """Which orders are among the chosen ones now, whatever changed when."""
    settings = settings_in_force(feed, run)
    return Selection(
        placed_from=_instant(settings.get("placed_from")),
        placed_until=_instant(settings.get("placed_until")),
        statuses=_texts(settings.get("statuses")),
    )


def _instant(value: object) -> datetime | None:
    return datetime.fromisoformat(value) if isinstance(value, str) and value else None


def _texts(value: object) -> frozenset[str]:
    return frozenset(str(each) for each in value) if isinstance(value, (list, tuple)) else frozenset()
