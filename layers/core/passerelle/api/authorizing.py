"""Whose key it is and what it may do, for API Gateway's authorizer."""

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools import Logger

from passerelle.runtime import Runtime

logger = Logger(service="passerelle", child=True)

LONGEST = 200
"""Characters of a bearer token that are worth a look-up."""


class Unauthorized(Exception):
    """The key is missing, unknown or revoked. API Gateway answers 401 for exactly this word."""

    def __init__(self) -> None:
        super().__init__("Unauthorized")


def decide(runtime: Runtime, event: Mapping[str, Any]) -> dict[str, Any]:
    """A policy for the whole API (the gateway keeps it per key, whatever the path). Raises Unauthorized."""
    scheme, _, secret = str(event.get("authorizationToken") or "").partition(" ")
    secret = secret.strip()
    if scheme.lower() != "bearer" or not secret or len(secret) > LONGEST:
        raise Unauthorized
    caller = runtime.operator.caller(secret)
    if caller is None:
        raise Unauthorized
    logger.info("authorizer", tenant=caller.tenant, key=caller.key)
    api, stage, *_ = str(event["methodArn"]).split("/")
    statement = {"Action": "execute-api:Invoke", "Effect": "Allow", "Resource": f"{api}/{stage}/*"}
    return {
        "principalId": caller.key,
        "policyDocument": {"Version": "2012-10-17", "Statement": [statement]},
        "context": {"tenant": caller.tenant, "key": caller.key, "scopes": " ".join(caller.scopes)},
    }
