"""Lambda function: says to API Gateway whose key a request bears and what it may do."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from passerelle.api.authorizing import decide
from passerelle.runtime import runtime


def handler(event: dict[str, Any], _: LambdaContext) -> dict[str, Any]:
    """A policy, or Unauthorized."""
    return decide(runtime(), event)
