"""Subscriptions: once a day, looks whether every store's webhooks are still there, and restores them."""

from collections import Counter
from typing import Any

from passerelle.runtime import Invocation, function
from passerelle.subscriptions import look


@function
def handler(call: Invocation) -> dict[str, Any]:
    """Any event; answers how many stores' webhooks were kept, restored and refused."""
    found = Counter(
        look(call.runtime, hook.tenant, hook.store).status for hook in call.runtime.operator.hooked()
    )
    return {"status": "done", **found}
