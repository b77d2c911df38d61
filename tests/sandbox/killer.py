"""Ends a worker at a chosen step of its way: at a call to a shop, or at a write to its memory."""

import threading
from dataclasses import fields
from functools import partial
from typing import Any

import httpx
from passerelle.store.clients import Clients
from passerelle.sync.flow import Memory

from sandbox.machine import Killed

RECALLS = frozenset(
    {
        "get",
        "read",
        "scan",
        "holder",
        "latest",
        "stopped",
        "get_slice",
        "slices",
        "get_document",
        "get_brought",
        "held",
    }
    | {"current", "intended", "of_run", "of_customers", "of", "beat"}
)
"""What is asked of a memory; all else changes it."""
READS = ("Get", "BatchGet", "Query", "Scan", "Head", "List", "Receive", "Describe", "Decrypt")


class Killer:
    """Counts the steps of the worker that is `at` work, and ends it at the `number`-th (0: never), or `shop_call`-th.

    Steps: after each call that writes at a shop and after each write to AWS. A worker that has only read since
    then leaves the world as it was: being killed before its next write is the same case.
    `shop_call` counts only those at a shop. Once killed, a worker does nothing more; the machine's next try is another
    worker. `for_good` ends those too.
    """

    def __init__(self, at: str = "", number: int = 0, *, shop_call: int = 0, for_good: bool = False) -> None:
        self.at, self.number, self.shop_call, self.for_good = at, number, shop_call, for_good
        self.steps = 0
        self.at_shops: list[int] = []
        """The steps that are calls to a shop."""
        self._working = self._dead = False
        self._lock = threading.Lock()

    @property
    def struck(self) -> bool:
        """Whether a worker was ended."""
        return 0 < self.number <= self.steps or 0 < self.shop_call <= len(self.at_shops)

    def stepping(self, step: str) -> None:
        """A worker begins."""
        self._working = step == self.at
        self._dead = self._working and self.for_good and self.struck

    def rest(self) -> None:
        """No worker is killed any more."""
        self.at = ""
        self._working = self._dead = False

    def step(self, *, at_shop: bool = False) -> None:
        """One step. Raises Killed."""
        with self._lock:
            if self._dead:
                raise Killed
            if not self._working:
                return
            self.steps += 1
            if at_shop:
                self.at_shops.append(self.steps)
            if self.steps == self.number or (at_shop and len(self.at_shops) == self.shop_call):
                self._dead = True
                raise Killed

    def check(self) -> None:
        """A dead worker does nothing. Raises Killed."""
        if self._dead:
            raise Killed

    # --- where it stands ---------------------------------------------------------------------------------

    def on_the_way(self, inner: httpx.BaseTransport) -> httpx.BaseTransport:
        """Stand between the worker and the shops."""
        return _Way(self, inner)

    def at_memory(self, clients: Clients) -> None:
        """Stand between the worker and AWS."""
        for client in (clients.dynamodb, clients.s3, clients.sqs):
            client.meta.events.register("before-call", self._before)
            client.meta.events.register("after-call", self._after)

    def at_recollection(self, memory: Memory) -> Memory:
        """Stand between the worker and a memory of dictionaries."""
        return Memory(**{each.name: _Watched(self, getattr(memory, each.name)) for each in fields(memory)})

    def _before(self, **_: Any) -> None:
        self.check()

    def _after(self, model: Any, **_: Any) -> None:
        if not model.name.startswith(READS):
            self.step()


class _Watched:
    """A part of a memory, of which each change is a step."""

    def __init__(self, killer: Killer, part: Any) -> None:
        self._killer, self._part = killer, part

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._part, name)
        return partial(self._call, found, name) if callable(found) else found

    def _call(self, act: Any, name: str, *given: Any, **named: Any) -> Any:
        self._killer.check()
        answer = act(*given, **named)
        if name not in RECALLS:
            self._killer.step()
        return answer


class _Way(httpx.BaseTransport):
    def __init__(self, killer: Killer, inner: httpx.BaseTransport) -> None:
        self._killer, self._inner = killer, inner

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self._killer.check()
        if not _writes(request):
            return self._inner.handle_request(request)
        answer = self._inner.handle_request(request)
        self._killer.step(at_shop=True)
        return answer


def _writes(request: httpx.Request) -> bool:
    if request.url.path.endswith("graphql.json"):
        return b"mutation" in request.content
    return request.method not in {"GET", "HEAD"}
