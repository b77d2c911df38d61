"""Release: every hour, tells the events that waited for people who are known by now."""

from typing import Any

from passerelle.listening import release_everywhere
from passerelle.runtime import Invocation, function


@function
def handler(call: Invocation) -> dict[str, Any]:
    """Any event; answers for how many people something was released, and how many links failed."""
    released, failed = release_everywhere(call.runtime)
    return {"status": "done", "released": released, "failed": failed}
