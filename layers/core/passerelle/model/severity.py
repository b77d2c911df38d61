"""What an incident asks of a person."""

from enum import StrEnum


class Severity(StrEnum):
    """The three severities (E-7)."""

    INFO = "info"
    """A business rule; nothing to do."""
    RETRY = "retry"
    """Tried again until it works or its limit, then an error."""
    ERROR = "error"
    """A person must act."""
