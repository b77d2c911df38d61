"""A contact: a person as the audience knows them."""

from dataclasses import dataclass
from datetime import datetime

from passerelle.model.consent import AudienceStatus


@dataclass(frozen=True, slots=True)
class Contact:
    """One member of an audience; `id` is the audience's own key, `email` is in lower case without spaces around it."""

    id: str
    email: str
    status: AudienceStatus
    changed_at: datetime | None = None
    """When anything of the member last changed."""
    status_changed_at: datetime | None = None
    """When the status was last acted on (opt-in or opt-out), where the audience tells it."""
    first_name: str = ""
    last_name: str = ""
