"""SKUs that a main store has more than once, found while its catalogue is listed for a first sync.

The list names every SKU anyway: looked up a batch at a time, each would be asked for once more. Beside each slice lie its
keys; when the last slice is written, those that come twice are gathered into one document of the run. Where the list told
something less than whole there is none, and the shop is asked.
"""

from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b

import orjson

from passerelle.memory import Run, Scope
from passerelle.model import Kind, Object, Product
from passerelle.port import Unreadable
from passerelle.rules.matching import Found, key_of
from passerelle.sync.flow import Flow

NAME = "repeated"
AT_ONCE = 100_000
"""Keys held in memory while they are compared."""

type Repeated = Mapping[str, frozenset[Found]]


def are_noted(flow: Flow, run: Run) -> bool:
    """Whether this run's plan notes keys: a first full one, of all products."""
    is_first = flow.is_catalogue and flow.kind is Kind.PRODUCTS and flow.initial
    return is_first and run.scope is Scope.FULL and "limit" not in run.settings


def note(flow: Flow, run: Run, number: int, planned: int, things: Sequence[Object | Unreadable]) -> None:
    """Keep the keys of a slice of `planned` products, where all of them came whole."""
    products = [thing for thing in things if isinstance(thing, Product)]
    if are_noted(flow, run) and len(products) == planned:
        keys = [(key_of(each.sku), one.id, each.id) for one in products for each in one.variants]
        body = orjson.dumps([each for each in keys if each[0]])
        flow.memory.manifests.put_document(run.id, _slice(number), body)


def gather(flow: Flow, run: Run) -> None:
    """Write down the keys that come twice, once the last slice is planned; nothing where a slice has no keys."""
    if not are_noted(flow, run):
        return
    try:
        parts = 1 + sum(1 for _ in _keys(flow, run)) // AT_ONCE
    except KeyError:
        return
    found: dict[str, list[Found]] = {}
    for part in range(parts):
        twice = _twice(flow, run, part, parts)
        for key, product, variant in _keys(flow, run) if twice else ():
            if _digest(key) in twice:
                found.setdefault(key, []).append((product, variant))
    flow.memory.manifests.put_document(run.id, NAME, orjson.dumps(found))


def of_run(flow: Flow, run: Run | None) -> Repeated | None:
    """Key → all that have it, of the keys that come twice; None where the run's plan noted none."""
    if run is None or not are_noted(flow, run):
        return None
    name = f"{NAME} {run.id}"
    if name not in flow.shelf:
        body = flow.memory.manifests.get_document(run.id, NAME)
        flow.shelf[name] = None if body is None else _unpacked(body)
    held = flow.shelf[name]
    return held if isinstance(held, dict) else None


def _unpacked(body: bytes) -> dict[str, frozenset[Found]]:
    return {
        key: frozenset((product, variant) for product, variant in them)
        for key, them in orjson.loads(body).items()
    }


def _twice(flow: Flow, run: Run, part: int, parts: int) -> set[bytes]:
    """Digests of the keys that come twice, of one part of all keys."""
    seen: set[bytes] = set()
    twice: set[bytes] = set()
    for key, _, _ in _keys(flow, run):
        digest = _digest(key)
        if int.from_bytes(digest[:2]) % parts == part:
            (twice if digest in seen else seen).add(digest)
    return twice


def _keys(flow: Flow, run: Run) -> Iterator[tuple[str, str, str]]:
    """Every key of the plan with whose it is. Raises KeyError where a slice has none."""
    for number in range(1, run.slices + 1):
        body = flow.memory.manifests.get_document(run.id, _slice(number))
        if body is None:
            raise KeyError(number)
        yield from orjson.loads(body)


def _digest(key: str) -> bytes:
    return blake2b(key.encode(), digest_size=8).digest()


def _slice(number: int) -> str:
    return f"keys/{number:05d}"
