"""Ids: a prefix that says what it is, then the millisecond and chance in hex, so that ids sort by time."""

import secrets
from datetime import UTC, datetime


def now() -> datetime:
    """The instant, in UTC."""
    return datetime.now(UTC)


def new(prefix: str, at: datetime) -> str:
    """An id such as `run_019a…`: 12 hex digits of milliseconds, then 12 of chance."""
    return f"{prefix}_{int(at.timestamp() * 1000):012x}{secrets.token_hex(6)}"
