"""What a code of an incident means: how bad it is, and in which words a person is told."""

from dataclasses import dataclass

from passerelle.model.severity import Severity

INFO, RETRY, ERROR = Severity.INFO, Severity.RETRY, Severity.ERROR

NOTHING_TO_DO = "Nothing to do."


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a code means. The title may name `{kind}`, `{one}` (the kind's singular) and `{id}`."""

    severity: Severity
    title: str
    remedy: str = NOTHING_TO_DO
