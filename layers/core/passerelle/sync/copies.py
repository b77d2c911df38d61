"""Our copies of a consent: what was agreed, with the instant that a side gave to what we wrote there."""

from dataclasses import replace

from passerelle.memory import Entry
from passerelle.port import Outcome
from passerelle.rules.situation import Agreed, Side, copied
from passerelle.sync.decision import Decision
from passerelle.sync.fingerprint import dated


def told_by_store(entry: Entry, answer: Outcome) -> Entry:
    """With the instant that the store gave to the consent it took: at another one somebody acted there."""
    consent = copied(entry.consent, Side.STORE, answer.consent_at)
    return replace(entry, hash=dated(entry.hash, answer.consent_at), consent=consent)


def told_by_audience(decision: Decision, agreed: str, outcome: Outcome) -> str:
    """With the instant that the audience gave to what it took; to a profile it may give one as well."""
    before, situation = Agreed.parse(agreed), decision.situation
    if not decision.change or before is None or situation is None:
        return agreed
    stood = before.copied_at is not None and before.copied_at == situation.status_changed_at
    if decision.change.status or (stood and outcome.consent_at):
        return copied(agreed, Side.AUDIENCE, outcome.consent_at)
    return agreed
