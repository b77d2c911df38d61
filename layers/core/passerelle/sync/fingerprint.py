"""A customer's fingerprint in the ledger: profile and consent apart, as a consent we write back is no new profile."""

from dataclasses import replace
from datetime import datetime

from passerelle.memory import Entry
from passerelle.model import Consent, ConsentState, Customer
from passerelle.rules.content import content_hash

_ANY_INSTANT = "@*"


def fingerprint(person: Customer, salt: str) -> str:
    """The profile's hash and the consent seen at the store: `<hash>.<state>@<instant>`."""
    consent = person.consent
    instant = consent.shown_at.isoformat() if consent.shown_at else ""
    return f"{_profile(person, salt)}.{consent.state}@{instant}"


def written_back(person: Customer, salt: str, state: ConsentState) -> str:
    """The fingerprint after we wrote a consent at the store, which dates it in its own way: any instant is the same."""
    return f"{_profile(person, salt)}.{state}{_ANY_INSTANT}"


def dated(hash: str, at: datetime | None) -> str:
    """A fingerprint of what we wrote, once the store has told its instant: at another one somebody acted."""
    return f"{hash[:-1]}{at.isoformat()}" if at and hash.endswith(_ANY_INSTANT) else hash


def after_a_look(consent: Consent, entry: Entry | None) -> Consent:
    """An opt-in with what the customer showed when they were last seen withdrawn: it came later than that."""
    state, _, instant = (entry.hash if entry else "").partition(".")[2].partition("@")
    if consent.state is not ConsentState.SUBSCRIBED or state != ConsentState.UNSUBSCRIBED:
        return consent
    return replace(consent, since=None if instant in ("", "*") else datetime.fromisoformat(instant))


def same_profile(entry: Entry, seen: str) -> bool:
    """Whether nothing but the consent differs."""
    return entry.hash.partition(".")[0] == seen.partition(".")[0]


def same(entry: Entry, seen: str) -> bool:
    """Whether nothing at all differs."""
    if entry.hash.endswith(_ANY_INSTANT):
        return seen.startswith(entry.hash[:-1])
    return entry.hash == seen


def _profile(person: Customer, salt: str) -> str:
    return content_hash(person, salt, besides="consent")
