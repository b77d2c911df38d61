"""Settle: counts what was carried, says how the run ended, leaves everything tidy."""

from typing import Any

from passerelle.runtime import Invocation, function


@function
def handler(call: Invocation) -> dict[str, Any]:
    """`{"tenant", "run", "error"?}` to "done"; it runs whatever happened before."""
    return call.river().settle(call.event)
