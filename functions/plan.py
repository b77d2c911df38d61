"""Plan: begins a run where it is asked for, indexes what is selected, writes the manifest."""

from typing import Any

from passerelle.runtime import Invocation, function


@function
def handler(call: Invocation) -> dict[str, Any]:
    """One step of planning: `{"tenant", "run"}` or `{"tenant", "feed", "trigger", "execution"}` to a status."""
    return call.river().plan(call.event, call.runtime.resources.bucket, call.seconds_left)
