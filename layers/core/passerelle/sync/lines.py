"""Lines that tell of one object: an incident for a person, an act of its activity."""

from passerelle.memory import Act, Entry, EntryState, Incident, Run
from passerelle.port import Outcome, Result
from passerelle.rules.severity import describe
from passerelle.sync.flow import Flow


def cause_of(flow: Flow, id: str, beside: str = "") -> str:
    """What is wrong with one object, or with something beside it, in stable words."""
    cause = f"{flow.link}:{flow.kind}:{id}"
    return f"{cause}:{beside}" if beside else cause


def incident(
    flow: Flow, run: Run | None, id: str, code: str, why: str, remedy: str, beside: str = ""
) -> Incident:
    """An incident of one object."""
    told = describe(code, kind=flow.kind, object_id=id, why=why, remedy=remedy)
    return Incident(
        cause=cause_of(flow, id, beside),
        severity=told.severity,
        title=told.title,
        remedy=told.remedy,
        link=flow.link,
        kind=flow.kind,
        object_id=id,
        run=run.id if run else "",
    )


def act(
    flow: Flow, run: Run | None, id: str, action: str, before: str = "", after: str = "", reason: str = ""
) -> Act:
    """A line of activity at the destination; before and after are of its status."""
    field = "status" if after else ""
    told = run.id if run else ""
    return Act(flow.kind, id, flow.link, "to_destination", action, field, before, after, reason, told)


def looks(entry: Entry) -> tuple[EntryState, str, str, str, str, tuple[str, ...]]:
    """What a look that found nothing to write may have moved."""
    return (
        entry.state,
        entry.destination_id,
        entry.hash,
        entry.consent,
        entry.missing_since,
        entry.parts,
    )


def same(before: Entry | None, now: Entry) -> bool:
    """Whether two entries differ in nothing but when, and by which run, they were made."""
    return before is not None and looks(before) == looks(now) and before.reason == now.reason


def stands_for(outcome: Outcome, known: Entry | None) -> str:
    """What the object is at the destination now."""
    if outcome.result is Result.DELETED:
        return ""
    return outcome.destination_id or (known.destination_id if known else "")
