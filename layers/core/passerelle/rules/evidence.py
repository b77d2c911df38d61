"""What a consent decision was made on, in words that can be kept: states seen, instants compared (A-13)."""

from datetime import datetime

from passerelle.rules.situation import Situation


def evidence(situation: Situation) -> dict[str, str]:
    """The states of both sides, their instants (ISO 8601, absent where unknown), and what was agreed before."""
    told = {
        "phase": situation.phase.value,
        "audience": situation.audience.value,
        "audience_at": _text(situation.status_changed_at),
        "store": situation.store.state.value,
        "store_at": _text(situation.store.changed_at),
        "store_touched_at": _text(situation.store.touched_at),
        "store_since": _text(situation.store.since),
        "agreed": str(situation.agreed or ""),
        "occurred_at": _text(situation.occurred_at),
        "looked_at": _text(situation.looked_at),
        "double_opt_in": "yes" if situation.double_opt_in else "",
    }
    return {name: value for name, value in told.items() if value}


def _text(instant: datetime | None) -> str:
    return instant.isoformat() if instant else ""
