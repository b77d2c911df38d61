"""Lambda function: hears a platform's webhook, and says yes only when what it tells is queued."""

from typing import Any

from passerelle.api.hooks import answer
from passerelle.runtime import runtime


def handler(event: dict[str, Any], _: object) -> dict[str, Any]:
    """Answer one knock."""
    return answer(runtime(), event)
