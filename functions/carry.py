"""Carry: takes one slice of a run to its destination, in batches."""

from typing import Any

from passerelle.runtime import Invocation, function


@function
def handler(call: Invocation) -> dict[str, Any]:
    """`{"tenant", "run", "slice"}` to "done", or "again" where the worker's time is nearly up."""
    return call.river().carry(call.event, call.seconds_left)
