"""The sync machine in one process: Plan, Carry and Settle with the retries of statemachines/sync.asl.json."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import Any

from passerelle.sync.river import River

TRIES = 5
"""How often the machine starts a step that fails, or the queue a message."""
PATIENCE = {"Throttled": 13, "Unavailable": 9, "Down": 5}
"""Errors for which the machine has another number of tries."""
FOR_GOOD = frozenset({"CredentialsRefused", "PermissionMissing", "Rejected", "Fenced"})
"""Errors that the machine does not try again."""


class Killed(BaseException):
    """The worker was ended from outside: no `except Exception` sees it."""


class WorkerLost(Exception):
    """A step failed for good: what Catch sees."""

    def __init__(self, failure: BaseException) -> None:
        super().__init__(str(failure))
        self.failure = failure

    @property
    def name(self) -> str:
        """The error's name, as Step Functions tells it."""
        return type(self.failure).__name__


@dataclass(slots=True)
class Machine:
    """A step that fails is tried again by a worker of its own, and Settle always runs."""

    river: Callable[[], River]
    """The river as a worker that has just started finds it."""
    sleep: Callable[[float], None]
    lines: Callable[[Mapping[str, str]], Iterable[Mapping[str, int]]]
    """What the Map reads of a plan's manifest."""
    bucket: str = ""
    seconds_left: Callable[[], float] = lambda: 900.0
    stepping: Callable[[str], None] = lambda _step: None
    """Told before each try of a step: plan, carry or settle."""
    lost: list[BaseException] = field(default_factory=list)
    """Workers that were lost for good."""

    def work(self, event: dict[str, Any]) -> None:
        """From the machine's input to its end."""
        error: dict[str, str] = {}
        try:
            planned = self._plan(event)
            if planned["status"] == "overlapped":
                return
            event = {"tenant": planned["tenant"], "run": planned["run"]}
            if planned["status"] == "ready":
                self._carry_all(planned)
        except WorkerLost as lost:
            error = {"Error": lost.name, "Cause": json.dumps({"errorMessage": str(lost.failure)})}
        event_then = event | ({"error": error} if error else {})
        try:
            settled = self._tried("settle", lambda: self.river().settle(event_then))
        except WorkerLost as lost:
            self.lost.append(lost)
        else:
            if settled["status"] == "raise":
                self.work(event)

    def _plan(self, event: dict[str, Any]) -> dict[str, str]:
        while True:
            step = partial(self._plan_once, event)
            planned = self._tried("plan", step)
            if planned["status"] not in ("more", "waiting", "busy"):
                return planned
            event = planned
            self.sleep(5)

    def _plan_once(self, event: dict[str, Any]) -> dict[str, str]:
        return self.river().plan(event, self.bucket, self.seconds_left)

    def _carry_all(self, planned: Mapping[str, str]) -> None:
        for line in self.lines(planned):
            event = {"tenant": planned["tenant"], "run": planned["run"], **line}
            try:
                while self._tried("carry", partial(self._carry_once, event))["status"] == "again":
                    pass
            except WorkerLost as lost:
                self.lost.append(lost)

    def _carry_once(self, event: dict[str, Any]) -> dict[str, str]:
        return self.river().carry(event, self.seconds_left)

    def _tried(self, name: str, step: Callable[[], dict[str, str]]) -> dict[str, str]:
        """A step with the machine's retries. Raises WorkerLost when they are used up."""
        for attempt in count(1):
            self.stepping(name)
            try:
                return step()
            except (Exception, Killed) as failure:
                error = type(failure).__name__
                if attempt >= PATIENCE.get(error, TRIES) or error in FOR_GOOD:
                    raise WorkerLost(failure) from failure
                self.sleep(2.0**attempt)
        raise AssertionError("unreachable")
