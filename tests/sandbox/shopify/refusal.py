"""What the shop answers instead of data: GraphQL errors and HTTP refusals, worded as real shops do."""

from typing import Any

LIMITS_PAGE = "https://shopify.dev/api/usage/rate-limits"


class RefusedError(Exception):
    """The whole request is refused with one GraphQL error."""

    def __init__(self, message: str, code: str, **extensions: Any) -> None:
        super().__init__(message)
        self.error: dict[str, Any] = {"message": message, "extensions": {"code": code, **extensions}}


class NotInSandboxError(Exception):
    """The real shop could answer this; the simulator cannot, and says so instead of inventing something."""


def too_expensive(cost: int) -> RefusedError:
    """A query above 1,000 points."""
    message = (
        f"Query cost is {cost}, which exceeds the single query max cost limit (1000).\n\n"
        "See https://shopify.dev/docs/api/usage/rate-limits for more information on how the\n"
        "cost of a query is calculated.\n\n"
        "To query larger amounts of data with fewer limits, bulk operations should be used instead.\n"
        "See https://shopify.dev/docs/api/usage/bulk-operations/queries for usage details.\n"
    )
    return RefusedError(message, "MAX_COST_EXCEEDED", cost=cost, maxCost=1000, documentation=LIMITS_PAGE)


def page_too_long(argument: str) -> RefusedError:
    """`first` or `last` above 250."""
    return RefusedError(
        f"{argument} cannot exceed 250. To query larger amounts of data with fewer limits, bulk operations "
        "should be used instead.",
        "BAD_REQUEST",
    )


def array_too_long(argument: str, length: int) -> RefusedError:
    """An input array of more than 250 entries."""
    return RefusedError(
        f"The input array size of {length} is greater than the maximum allowed of 250.",
        "MAX_INPUT_SIZE_EXCEEDED",
        argument=argument,
    )


def access_denied(field: str, scopes: tuple[str, ...], path: list[str]) -> dict[str, Any]:
    """The error of one field that the token may not read."""
    needed = " or ".join(f"`{scope}`" for scope in scopes)
    return {
        "message": f"Access denied for {field} field. Required access: {needed} access scope.",
        "path": path,
        "extensions": {
            "code": "ACCESS_DENIED",
            "documentation": "https://shopify.dev/api/usage/access-scopes",
            "requiredAccess": f"{needed} access scope.",
        },
    }


THROTTLED = {"message": "Throttled", "extensions": {"code": "THROTTLED", "documentation": LIMITS_PAGE}}

HTTP = {
    400: '{"errors":{"query":"Required parameter missing or invalid"}}',
    401: '{"errors":"[API] Invalid API key or access token (unrecognized login or wrong password)"}',
    402: '{"errors":"Unavailable Shop"}',
    403: '{"errors":"[API] This shop does not allow access from this app"}',
    404: '{"errors":"Not Found"}',
    406: '{"errors":"Not Acceptable"}',
    423: '{"errors":"Locked"}',
    430: '{"errors":"Security Rejection"}',
}
"""Body by status, for the refusals that come before GraphQL."""
