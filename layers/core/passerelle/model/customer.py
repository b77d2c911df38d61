"""A customer of a store."""

from dataclasses import dataclass
from datetime import datetime

from passerelle.model.consent import Consent


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address; country is ISO 3166-1 alpha-2. Empty text means the store has no value."""

    line1: str = ""
    line2: str = ""
    city: str = ""
    region: str = ""
    postal_code: str = ""
    country: str = ""
    company: str = ""
    phone: str = ""
    first_name: str = ""
    last_name: str = ""

    @property
    def complete(self) -> bool:
        """Whether a destination that wants whole addresses may be sent this one."""
        return bool(self.line1 and self.city and self.postal_code and self.country)


@dataclass(frozen=True, slots=True)
class Customer:
    """A person with an account at a store. `email` is in lower case without spaces around it, or empty."""

    id: str
    email: str
    consent: Consent
    first_name: str = ""
    last_name: str = ""
    phone: str = ""
    company: str = ""
    birthday: str = ""
    """MM/DD, or empty."""
    language: str = ""
    """ISO 639-1, or empty."""
    address: Address | None = None
    tags: tuple[str, ...] = ()
    sms_consent: Consent | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
