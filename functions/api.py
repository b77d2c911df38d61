"""Lambda function: every route under /v1, /openapi.json and /docs."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from passerelle.api.app import answer, build

app = build()


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one request."""
    return answer(app, event, context)
