"""Lambda function: hears what a store's pages tell, and says yes only when it is queued."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from passerelle.api.pixel_door import answer
from passerelle.runtime import runtime


def handler(event: dict[str, Any], _: LambdaContext) -> dict[str, Any]:
    """Answer one batch, or the browser's question before it."""
    return answer(runtime(), event)
