"""An error of the API, and what a platform's error becomes: no more than the doors need, which must open fast."""

from collections.abc import Mapping, Sequence
from typing import Any

from passerelle import port

MEDIA_TYPE = "application/problem+json"
TYPES = "https://passerelle.dev/problems/"


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
        errors: Sequence[Any] = (),
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


def told(problem: Problem, correlation_id: str) -> dict[str, Any]:
    """The members of the document."""
    return {
        "type": TYPES + problem.code.replace("_", "-"),
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
        "code": problem.code,
        "remedy": problem.remedy,
        "correlation_id": correlation_id,
        "errors": problem.errors,
    }


def headers(problem: Problem, correlation_id: str) -> dict[str, str]:
    """The headers of the answer, but for the type of its content."""
    return {"X-Correlation-Id": correlation_id, "Cache-Control": "no-store", **problem.headers}


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
