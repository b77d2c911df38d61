"""The door where a platform's webhooks knock: verify on the bytes as they came, take each once, then say yes."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any

import orjson
from aws_lambda_powertools import Logger

from passerelle.api.hearing import take
from passerelle.api.problem import MEDIA_TYPE, Problem, absent, headers, of_platform, told
from passerelle.port import PlatformError, SignatureRefused, TopicUnknown
from passerelle.runtime import Runtime
from passerelle.store.dead_letters import DeadLetters
from passerelle.store.repositories import Repositories

logger = Logger(service="passerelle", child=True)

LARGEST = 1_048_576
"""Bytes of a delivery; the platforms' own are far smaller."""


def answer(runtime: Runtime, event: Mapping[str, Any]) -> dict[str, Any]:
    """The HTTP answer to a knock, as API Gateway wants it."""
    correlation_id = str(event.get("requestContext", {}).get("requestId") or "")
    given = _answer(runtime, event, correlation_id)
    logger.info("hook", correlation_id=correlation_id, status=given["statusCode"])
    return given


def _answer(runtime: Runtime, event: Mapping[str, Any], correlation_id: str) -> dict[str, Any]:
    try:
        status = _heard(runtime, event)
    except Problem as problem:
        return _answered(problem, correlation_id)
    except PlatformError as error:
        return _answered(of_platform(error), correlation_id)
    except Exception as error:  # noqa: BLE001  # the platform must hear 5xx and come again, whatever failed here
        logger.error("a delivery could not be taken", error_type=type(error).__name__)
        return _answered(_later(), correlation_id)
    return {"statusCode": status, "headers": {"X-Correlation-Id": correlation_id}, "body": ""}


def _heard(runtime: Runtime, event: Mapping[str, Any]) -> int:
    """200 for what is queued, or was queued before; 202 for what nobody here handles."""
    body = _bytes(event)
    try:
        hook = runtime.operator.hook(str((event.get("pathParameters") or {}).get("hook_id") or ""))
    except KeyError:
        raise absent("webhook address") from None
    if event["httpMethod"] != "POST":
        # Mailchimp and others look whether the address answers before they use it.
        return 200
    memory = runtime.repositories(hook.tenant)
    connector = runtime.connector(hook.tenant, hook.store, live=True)
    sent = {name.lower(): str(value) for name, value in (event.get("headers") or {}).items()}
    try:
        notices = connector.hear(sent, body, _signing(memory, hook.store))
    except SignatureRefused as refusal:
        raise Problem(
            401,
            "signature_refused",
            "The signature is missing or wrong",
            detail=refusal.why,
            remedy=refusal.remedy,
        ) from None
    except TopicUnknown as unknown:
        letters = DeadLetters(runtime.storage.clients.sqs, runtime.resources.dead_letter_queue_url)
        letters.put({"tenant": hook.tenant, "store": hook.store, "why": unknown.why})
        return 202
    take(runtime, memory, hook.store, notices)
    return 200


def _signing(memory: Repositories, store: str) -> list[str]:
    """What deliveries may be signed with: the secrets of the webhooks made, else the app's own, the newest first."""
    credentials = memory.secrets.get(store)
    of_app = [credentials.get(field) for field in ("client_secret", "previous_client_secret")]
    return [*memory.secrets.hook_secrets(store), *(str(secret) for secret in of_app if secret)]


def _bytes(event: Mapping[str, Any]) -> bytes:
    """The body exactly as it was sent: signatures are over bytes."""
    body = event.get("body") or ""
    if len(body) > LARGEST * 2:
        raise _too_large()
    try:
        raw = base64.b64decode(body, validate=True) if event.get("isBase64Encoded") else body.encode()
    except (binascii.Error, ValueError):
        raise Problem(
            400, "malformed", "The body cannot be read", remedy="Send the delivery again."
        ) from None
    if len(raw) > LARGEST:
        raise _too_large()
    return raw


def _too_large() -> Problem:
    return Problem(
        413, "too_large", "The delivery is larger than 1 MB", remedy="Send fewer fields per delivery."
    )


def _later() -> Problem:
    why = "The delivery could not be taken now"
    return Problem(503, "not_taken", why, remedy="Send it again.", headers={"Retry-After": "5"})


def _answered(problem: Problem, correlation_id: str) -> dict[str, Any]:
    body = orjson.dumps(told(problem, correlation_id)).decode()
    held = {"Content-Type": MEDIA_TYPE, **headers(problem, correlation_id)}
    return {"statusCode": problem.status, "headers": held, "body": body}
