"""The public door of a store's pages: no secret, but an origin, a pace and a size (A-19). CORS is answered here."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any

import orjson
from aws_lambda_powertools import Logger
from pydantic import ValidationError

from passerelle import listening
from passerelle.api.problems import Problem, absent, document, invalid
from passerelle.api.telling import CustomerEventsTold, heard, told
from passerelle.runtime import Runtime
from passerelle.store.records import Pixel

logger = Logger(service="passerelle", child=True)

LARGEST = 65_536
"""Bytes of a batch."""
REMEMBERED = "86400"
"""Seconds for which a browser may remember that it may ask."""

type Answer = dict[str, Any]


def answer(runtime: Runtime, event: Mapping[str, Any]) -> Answer:
    """The HTTP answer, as API Gateway wants it."""
    correlation_id = str(event.get("requestContext", {}).get("requestId") or "")
    headers = {name.lower(): str(value) for name, value in (event.get("headers") or {}).items()}
    origin = headers.get("origin", "").lower()
    cors: dict[str, str] = {}
    try:
        pixel = _pixel(runtime, event)
        cors = _cors(pixel, origin)
        given = _heard(runtime, pixel, event)
    except Problem as problem:
        made = document(problem, correlation_id)
        given = {"statusCode": made.status_code, "headers": dict(made.headers), "body": made.body}
    except Exception as error:  # noqa: BLE001  # the page must hear 5xx and tell it again, whatever failed here
        logger.error("events could not be taken", error_type=type(error).__name__)
        made = document(_later(), correlation_id)
        given = {"statusCode": made.status_code, "headers": dict(made.headers), "body": made.body}
    given["headers"] = {"X-Correlation-Id": correlation_id, "Vary": "Origin", **given["headers"], **cors}
    logger.info("pixel", correlation_id=correlation_id, status=given["statusCode"])
    return given


def _pixel(runtime: Runtime, event: Mapping[str, Any]) -> Pixel:
    try:
        return runtime.operator.pixel(str((event.get("pathParameters") or {}).get("pixel_key") or ""))
    except KeyError:
        raise absent("pixel") from None


def _cors(pixel: Pixel, origin: str) -> dict[str, str]:
    """What lets a page of this origin read the answer. Raises 403 for any other."""
    if origin not in pixel.origins:
        raise Problem(
            403,
            "origin_refused",
            "Events are not taken from this origin",
            remedy="Add the origin with POST /v1/stores/{id}/pixel, or tell events from your server.",
        )
    return {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Allow-Methods": "POST, OPTIONS",
        "Access-Control-Allow-Headers": "Content-Type",
        "Access-Control-Expose-Headers": "Retry-After, X-Correlation-Id",
        "Access-Control-Max-Age": REMEMBERED,
    }


def _heard(runtime: Runtime, pixel: Pixel, event: Mapping[str, Any]) -> Answer:
    if event["httpMethod"] == "OPTIONS":
        return {"statusCode": 204, "headers": {}, "body": ""}
    wait = runtime.repositories(pixel.tenant).gate.admit(pixel.store)
    if wait:
        why = "Too many requests come from this store's pages"
        headers = {"Retry-After": str(wait)}
        raise Problem(429, "too_many", why, remedy="Tell several events at once.", headers=headers)
    batch = _batch(runtime, pixel, _bytes(event))
    taken = listening.hear(runtime, pixel.tenant, pixel.store, told(batch.events))
    headers = {"Content-Type": "application/json", "Cache-Control": "no-store"}
    return {"statusCode": 202, "headers": headers, "body": heard(taken).model_dump_json()}


def _batch(runtime: Runtime, pixel: Pixel, raw: bytes) -> CustomerEventsTold:
    """The batch; one that is refused is refused before anything of it is stored, and counted."""
    try:
        given = orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise Problem(400, "malformed", "The body is not JSON", remedy="Send a JSON object.") from None
    try:
        return CustomerEventsTold.model_validate(given)
    except ValidationError as error:
        events = given.get("events") if isinstance(given, dict) else None
        listening.refuse(runtime, pixel.tenant, pixel.store, len(events) if isinstance(events, list) else 1)
        wrong = error.errors(include_url=False, include_input=False)
        raise invalid(wrong, [CustomerEventsTold]) from None


def _bytes(event: Mapping[str, Any]) -> bytes:
    body = event.get("body") or ""
    try:
        raw = base64.b64decode(body, validate=True) if event.get("isBase64Encoded") else body.encode()
    except (binascii.Error, ValueError):
        raise Problem(400, "malformed", "The body cannot be read", remedy="Send a JSON object.") from None
    if len(raw) > LARGEST:
        raise Problem(413, "too_large", "The batch is larger than 64 KB", remedy="Tell fewer events at once.")
    return raw


def _later() -> Problem:
    why = "The events could not be taken now"
    return Problem(503, "not_taken", why, remedy="Send them again.", headers={"Retry-After": "5"})
