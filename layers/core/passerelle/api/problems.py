"""Every error of the API as a problem document (RFC 9457), and the table of what becomes which."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from aws_lambda_powertools.event_handler import Response
from pydantic import BaseModel

from passerelle import port
from passerelle.api.allowed import Wrong, wrong_fields

MEDIA_TYPE = "application/problem+json"
TYPES = "https://passerelle.dev/problems/"


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


class Problem(Exception):
    """An answer that is an error; `detail` and `remedy` are for a person, `code` for a program."""

    def __init__(  # the members of the document, each named by the caller
        self,
        status: int,
        code: str,
        title: str,
        *,
        detail: str = "",
        remedy: str = "",
        errors: Sequence[Wrong] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(title)
        self.status = status
        self.code = code
        self.title = title
        self.detail = detail or title
        self.remedy = remedy
        self.errors = list(errors)
        self.headers = dict(headers or {})


def absent(noun: str) -> Problem:
    """404 for something that is not there, or is another tenant's: the two answers are the same (G-4)."""
    return Problem(
        404,
        "not_found",
        f"There is no such {noun}",
        remedy="Check the id; a list of what you have is one path up.",
    )


def refused(field: str, code: str, why: str, allowed: str, remedy: str = "") -> Problem:
    """422 for one field whose value makes no sense here; `allowed` says what would."""
    wrong = Wrong(field=field, message=why, allowed=allowed)
    return Problem(422, code, why, remedy=remedy or f"Send {allowed}.", errors=[wrong])


def conflict(code: str, why: str, remedy: str) -> Problem:
    """409 for a request that contradicts what is there."""
    return Problem(409, code, why, remedy=remedy)


def document(problem: Problem, correlation_id: str) -> Response[str]:
    """The problem as an HTTP answer."""
    body = ProblemDocument(
        type=TYPES + problem.code.replace("_", "-"),
        title=problem.title,
        status=problem.status,
        detail=problem.detail,
        code=problem.code,
        remedy=problem.remedy,
        correlation_id=correlation_id,
        errors=problem.errors,
    )
    headers = {"X-Correlation-Id": correlation_id, "Cache-Control": "no-store", **problem.headers}
    return Response(problem.status, MEDIA_TYPE, body.model_dump_json(), headers)


PLATFORM = {
    port.AddressRefused: (422, "address_refused", "The address is refused"),
    port.CredentialsRefused: (422, "credentials_refused", "The platform refused the credentials"),
    port.PermissionMissing: (422, "permission_missing", "The credentials lack a permission"),
    port.Rejected: (422, "platform_rejected", "The platform refused the request"),
    port.Throttled: (503, "platform_busy", "The platform asks us to slow down"),
    port.TooLarge: (502, "platform_unavailable", "The platform gave no usable answer"),
    port.Incomplete: (502, "platform_unavailable", "The platform gave no usable answer"),
    port.Unavailable: (502, "platform_unavailable", "The platform gave no usable answer"),
}
REMEDIES = {
    "address_refused": "Give the public https address of the store.",
    "credentials_refused": "Make new credentials at the platform and send them again.",
    "permission_missing": "Grant the permission at the platform, then send the same request again.",
    "platform_rejected": "Change what the platform names, then send the request again.",
    "platform_busy": "Send the same request again in a moment.",
    "platform_unavailable": "Check that the store answers, then send the same request again.",
}


def of_platform(error: port.PlatformError) -> Problem:
    """What a platform said, as a problem: its words, and what to do."""
    status, code, title = next(
        (PLATFORM[kind] for kind in type(error).__mro__ if kind in PLATFORM),
        (502, "platform_unavailable", "The platform gave no usable answer"),
    )
    headers = (
        {"Retry-After": str(max(1, round(error.retry_after)))} if isinstance(error, port.Throttled) else {}
    )
    return Problem(
        status, code, title, detail=error.why, remedy=error.remedy or REMEDIES[code], headers=headers
    )


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
