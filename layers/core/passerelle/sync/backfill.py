"""Past data starts no automation: the destination is told before the first write, and told again when all is over."""

from passerelle.memory import Run, Scope
from passerelle.sync.flow import Flow

MARK = "backfill"
"""The document of a run that has begun to write past data."""
OPEN = "backfill-open"
"""The document of a run that says whether its destination has heard of it: its other workers need not tell it again."""
_YES, _NO = b"open", b"closed"


def begin_backfill(flow: Flow, run: Run | None) -> None:
    """Before a full run's first write (A-22). A run that writes nothing says nothing.

    A nightly pass over a feed that is in step writes what happened lately: that is no past, and may start automations.
    """
    if (
        run is None
        or flow.back
        or flow.is_catalogue
        or run.scope is not Scope.FULL
        or run.trigger == "schedule"
        or flow.shelf.get(MARK)
    ):
        return
    if flow.memory.manifests.get_document(run.id, OPEN) != _YES:
        flow.memory.manifests.put_document(run.id, MARK, b"")
        flow.memory.backfills.begin(flow.link, run.id)
        flow.destination.connector.open_backfill()
        flow.memory.manifests.put_document(run.id, OPEN, _YES)
    flow.shelf[MARK] = True


def end_backfill(flow: Flow, run: Run) -> None:
    """Automations may start again once the last of the link's runs is over, however it ended."""
    if flow.memory.manifests.get_document(run.id, MARK) is None:
        return
    # A run that waits for a person may write again.
    flow.memory.manifests.put_document(run.id, OPEN, _NO)
    if flow.memory.backfills.end(flow.link, run.id):
        flow.destination.connector.close_backfill()
        if not flow.memory.backfills.end(flow.link, run.id):
            # Another run of the link began in between: what it said first is said again.
            flow.destination.connector.open_backfill()
