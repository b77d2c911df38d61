"""What a person did with the mails of an audience."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Engagement:
    """When a person last received, opened and clicked a mail: aware UTC, whole seconds; None: not, or not known.

    `id` is the contact's where the audience tells it, and the customer's from where it is known whose it is.
    """

    id: str
    contact: str
    received_at: datetime | None = None
    opened_at: datetime | None = None
    clicked_at: datetime | None = None
