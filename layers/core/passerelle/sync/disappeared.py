"""What a clean full pass did not find: believed once asking for it, or the next pass, confirms it (B-16)."""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import batched

from passerelle.memory import Entry, EntryState, Incident, Run
from passerelle.rules.disappearance import Missing, judge
from passerelle.rules.severity import describe
from passerelle.sync.feeds import spec_of
from passerelle.sync.flow import Flow
from passerelle.sync.gone import take_away

ASK_AT_ONCE = 100


class Found:
    """The ids that a pass found, eight bytes each: a million objects are 8 MB."""

    def __init__(self, ids: Iterable[str]) -> None:
        self._digests = array("Q", sorted(_digest(id) for id in ids))

    def __contains__(self, id: object) -> bool:
        wanted = _digest(str(id))
        at = bisect_left(self._digests, wanted)
        return at < len(self._digests) and self._digests[at] == wanted


def look_for_disappeared(flow: Flow, run: Run) -> None:
    """Compare the ledger with what the run's plan listed; act on what is gone for sure."""
    if spec_of(flow).happenings:
        return
    found = Found(_planned(flow, run))
    missing = judge(_mapped(flow), found, run.id, whole_and_clean=True)
    if missing.too_many:
        _ask(flow, run, missing)
        return
    gone = [*missing.confirmed, *_not_there(flow, missing.candidates)]
    take_away(flow, gone)
    _mark(flow, [id for id in missing.candidates if id not in set(gone)], run.id)
    _mark(flow, missing.returned, "")


def _planned(flow: Flow, run: Run) -> Iterator[str]:
    for number in range(1, run.slices + 1):
        yield from (entry.id for entry in flow.memory.manifests.get_slice(run.id, number))


def _mapped(flow: Flow) -> Iterator[tuple[str, str]]:
    for entry in flow.memory.ledger.scan(flow.link, flow.kind):
        if entry.state is EntryState.MAPPED:
            yield entry.source_id, entry.missing_since


def _not_there(flow: Flow, ids: Iterable[str]) -> list[str]:
    """Those of the candidates that the shop itself says do not exist."""
    gone: list[str] = []
    for some in batched(ids, ASK_AT_ONCE, strict=False):
        gone += flow.source.connector.pull(flow.kind, some).missing
    return gone


def _mark(flow: Flow, ids: Iterable[str], run: str) -> None:
    for some in batched(ids, ASK_AT_ONCE, strict=False):
        known: dict[str, Entry] = flow.memory.ledger.read(flow.link, flow.kind, some)
        marked = [replace(e, missing_since=run) for e in known.values() if e.missing_since != run]
        if marked:
            flow.memory.ledger.record(flow.link, flow.kind, marked)


def _ask(flow: Flow, run: Run, missing: Missing) -> None:
    count = len(missing.candidates) + len(missing.confirmed)
    why = f"{count} {flow.kind} that were there before were not listed by the shop"
    told = describe("disappeared_many", kind=flow.kind, object_id="", why=why, remedy="")
    cause = f"{flow.link}:{flow.kind}:disappeared"
    flow.memory.incidents.open(
        [Incident(cause, told.severity, told.title, told.remedy, link=flow.link, kind=flow.kind, run=run.id)]
    )


def _digest(id: str) -> int:
    """64 bits that are the same all through this process, which is as long as they are kept."""
    return hash(id) & 0xFFFF_FFFF_FFFF_FFFF
