"""The consent rules: one table of rows, the first that matches a situation decides."""

from passerelle.model import AudienceStatus, ConsentState
from passerelle.rules.consent_facts import Facts
from passerelle.rules.consent_rows import ROWS, Row
from passerelle.rules.consent_verdict import Verdict, settle
from passerelle.rules.situation import (
    Agreed,
    Direction,
    InitialPolicy,
    Phase,
    Policy,
    Side,
    Situation,
    UnsubscribedBecomes,
)

__all__ = [
    "Agreed",
    "Direction",
    "InitialPolicy",
    "Phase",
    "Policy",
    "Side",
    "Situation",
    "UnsubscribedBecomes",
    "Verdict",
    "decide",
]

_CANDIDATES: dict[tuple[Phase, AudienceStatus, ConsentState], tuple[Row, ...]] = {
    (phase, audience, store): tuple(
        row for row in ROWS if phase in row.phases and audience in row.audience and store in row.store
    )
    for phase in Phase
    for audience in AudienceStatus
    for store in ConsentState
}


def decide(situation: Situation) -> Verdict:
    """What may be written on either side for one person; pure, and at rest once its verdict is applied.

    The caller records `agreed_after` only when the writes it goes with have succeeded.
    """
    facts = Facts(situation)
    key = (situation.phase, situation.audience, situation.store.state)
    row = next(row for row in _CANDIDATES[key] if all(test(facts) for test in row.when))
    return settle(row, facts)
