"""Which exception becomes which problem: nothing leaves the API as anything else."""

from collections.abc import Callable
from traceback import extract_tb
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.event_handler.openapi.exceptions import (
    RequestUnsupportedContentType,
    RequestValidationError,
    ResponseValidationError,
)

from passerelle.api.access import Caller, require
from passerelle.api.problems import Problem, document, invalid, of_platform, refused
from passerelle.port import PlatformError
from passerelle.store.queue import NotQueued
from passerelle.store.table import TableBusy

logger = Logger(service="passerelle", child=True)


def install(app: APIGatewayRestResolver) -> None:
    """Teach the resolver to answer every exception with a problem."""

    def answering(problem_of: Callable[[Any], Problem]) -> Callable[[Exception], Response[str]]:
        def handle(error: Exception) -> Response[str]:
            return document(
                problem_of(error), str(app.current_event.raw_event["requestContext"].get("requestId"))
            )

        return handle

    table: dict[type[Exception], Callable[[Any], Problem]] = {
        Problem: lambda problem: problem,
        PlatformError: of_platform,
        RequestValidationError: lambda error: _invalid(app, error),
        RequestUnsupportedContentType: _media_type,
        UnicodeDecodeError: _no_text,
        NotFoundError: _no_route,
        NotQueued: _later,
        TableBusy: _later,
        ResponseValidationError: _unforeseen,
        Exception: _unforeseen,
    }
    handlers = {error: answering(problem_of) for error, problem_of in table.items()}
    app.exception_handler_manager.update_exception_handlers(handlers)


def _invalid(app: APIGatewayRestResolver, error: RequestValidationError) -> Problem:
    """Who may not ask is told that, not what is wrong with the question: bodies are read before the guard."""
    route = app.context["_route"]
    try:
        require(route.security, Caller.of(app.current_event.raw_event["requestContext"]))
    except Problem as problem:
        return problem
    return invalid(error.errors(), [field.type_ for field in route.dependant.body_params])


def _media_type(_: Exception) -> Problem:
    why = "The body is of a media type that is not read here"
    return Problem(415, "media_type", why, remedy="Send application/json.")


def _no_text(_: Exception) -> Problem:
    return refused("body", "invalid_request", "The body is not text", "JSON in UTF-8")


def _no_route(_: Exception) -> Problem:
    why = "There is nothing at this path and method"
    return Problem(404, "no_such_route", why, remedy="The paths are listed at /docs.")


def _later(_: Exception) -> Problem:
    why = "What was asked could not be kept just now"
    return Problem(503, "not_kept", why, remedy="Send it again.", headers={"Retry-After": "2"})


def _unforeseen(error: Exception) -> Problem:
    """500 without a word of the error: its text may hold a secret or a buyer's data, so only its frames are logged."""
    frames = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in extract_tb(error.__traceback__)]
    logger.error("an unforeseen error", error_type=type(error).__name__, frames=frames)
    why = "Something went wrong on our side"
    return Problem(
        500, "internal", why, remedy="Try again; if it stays, quote the correlation id to the operator."
    )
