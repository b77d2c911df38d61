"""The API assembled: routers by noun, the guard, the problems, the description."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.utilities.typing import LambdaContext

from passerelle.api import (
    approvals,
    catalogue_links,
    connection_keys,
    customer_events,
    data_requests,
    dependents,
    description,
    errors,
    events,
    feeds,
    incidents,
    invitations,
    keys,
    links,
    mappings,
    objects,
    plans,
    platforms,
    runs,
    store_syncs,
    stores,
    tenants,
)
from passerelle.api.access import Caller, guard

logger = Logger(service="passerelle", child=True)

NOUNS = (
    tenants,
    plans,
    keys,
    platforms,
    stores,
    connection_keys,
    invitations,
    dependents,
    store_syncs,
    events,
    customer_events,
    data_requests,
    links,
    catalogue_links,
    mappings,
    feeds,
    runs,
    approvals,
    objects,
    incidents,
)


def build() -> APIGatewayRestResolver:
    """A resolver with every route."""
    app = APIGatewayRestResolver(
        enable_validation=True, response_validation_error_http_code=HTTPStatus.INTERNAL_SERVER_ERROR
    )
    app.use([guard])
    errors.install(app)
    description.install(app)
    for noun in NOUNS:
        app.include_router(noun.router)
    return app


def answer(app: APIGatewayRestResolver, event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one request of API Gateway, and leave one line in the log that says whose and how it ended."""
    given = app.resolve(event, context)
    # A gateway takes a body of null for a broken answer, or for none: it depends on the gateway.
    given["body"] = given.get("body") or ""
    asked = event["requestContext"]
    caller = Caller.of(asked)
    logger.info(
        "api",
        correlation_id=asked.get("requestId"),
        method=event["httpMethod"],
        path=event["path"],
        status=given["statusCode"],
        tenant=caller.tenant,
        key=caller.key,
    )
    return given
