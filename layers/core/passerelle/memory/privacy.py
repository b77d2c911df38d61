"""What the river asks about people who were redacted."""

from typing import Protocol

from passerelle.rules.redaction import Redacted


class Redactions(Protocol):
    """Redacted persons by store."""

    def of(self, store: str) -> Redacted:
        """Everybody who was redacted there."""
