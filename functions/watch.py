"""Watch: every few minutes, looks at the runs under way for those that do not move."""

from collections import Counter
from typing import Any

from passerelle.runtime import Invocation, function


@function
def handler(call: Invocation) -> dict[str, Any]:
    """Any event; answers how many runs were moving, stale and settled."""
    found = Counter(
        call.runtime.river(running.tenant).watch(running.run) for running in call.runtime.operator.running()
    )
    return {"status": "done", **found}
