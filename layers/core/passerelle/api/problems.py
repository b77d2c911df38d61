"""Every error of the API as a problem document (RFC 9457), and the table of what becomes which."""

from collections.abc import Iterable, Sequence
from typing import Any

from aws_lambda_powertools.event_handler import Response
from pydantic import BaseModel

from passerelle.api.allowed import Wrong, wrong_fields
from passerelle.api.problem import MEDIA_TYPE, TYPES, Problem, absent, headers, of_platform, told

__all__ = [
    "MEDIA_TYPE",
    "TYPES",
    "Problem",
    "absent",
    "conflict",
    "document",
    "invalid",
    "of_platform",
    "refused",
]


class ProblemDocument(BaseModel):
    """An error: what happened, what to do about it, and the id to quote when asking for help."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    remedy: str
    correlation_id: str
    errors: list[Wrong] = []


def refused(field: str, code: str, why: str, allowed: str, remedy: str = "") -> Problem:
    """422 for one field whose value makes no sense here; `allowed` says what would."""
    wrong = Wrong(field=field, message=why, allowed=allowed)
    return Problem(422, code, why, remedy=remedy or f"Send {allowed}.", errors=[wrong])


def conflict(code: str, why: str, remedy: str) -> Problem:
    """409 for a request that contradicts what is there."""
    return Problem(409, code, why, remedy=remedy)


def document(problem: Problem, correlation_id: str) -> Response[str]:
    """The problem as an HTTP answer."""
    body = ProblemDocument(**told(problem, correlation_id)).model_dump_json()
    return Response(problem.status, MEDIA_TYPE, body, dict(headers(problem, correlation_id)))


def invalid(errors: Sequence[Any], models: Iterable[Any], within: str = "") -> Problem:
    """422 that names every wrong field and what is allowed there; values are never echoed."""
    wrong = wrong_fields(errors, models, within)
    named = ", ".join(entry.field for entry in wrong)
    return Problem(
        422,
        "invalid_request",
        "The request has fields that cannot be used",
        detail=f"These cannot be used: {named}.",
        remedy="Correct the fields listed under errors.",
        errors=wrong,
    )
