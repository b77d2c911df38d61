"""Ends what joins a main store and its dependents: a link, all links of a store, what its owner handed out (C-11)."""

from contextlib import suppress

from passerelle.runtime import Runtime
from passerelle.store.records import InvitationStatus, Link, LinkStatus
from passerelle.store.repositories import Repositories
from passerelle.store.table import ConditionFailed
from passerelle.sync.ending import RETIRE


def part(memory: Repositories, link: Link, *, back: bool = True) -> Link:
    """Nothing flows over the link any more; its mappings stay as they are. `memory`: whose the link is. Twice is once.

    `back`: a run that takes back what the link brought, begun when it was ended before, goes on.
    """
    spared = RETIRE if back and link.status is LinkStatus.DISCONNECTED else None
    ended = memory.links.change(link.id, status=LinkStatus.DISCONNECTED)
    memory.schedules.delete_all(link.id)
    for feed in memory.feeds.list(link.id):
        run = memory.lease.holder(feed.id)
        if run:
            with suppress(KeyError):
                if memory.runs.get(run).trigger != spared:
                    memory.runs.cancel(run)
    return ended


def stop_feeding(runtime: Runtime, tenant: str, main: str, link: str) -> None:
    """A main store feeds one of its dependents no more. Raises KeyError where it never did."""
    memory = runtime.repositories(tenant)
    dependent = memory.dependents.get(main, link)
    theirs = runtime.repositories(dependent.tenant)
    with suppress(KeyError):
        part(theirs, theirs.links.get(link))
    memory.dependents.remove(main, link)


def unlist(runtime: Runtime, memory: Repositories, link: Link) -> None:
    """The main store's side forgets a link that is deleted."""
    runtime.repositories(link.source_tenant or memory.tenant).dependents.remove(link.source, link.id)


def leave(runtime: Runtime, tenant: str, store: str) -> None:
    """Before a store is forgotten: it feeds nobody any more, its key leads nowhere, its invitations are taken back."""
    memory = runtime.repositories(tenant)
    for each in list(memory.dependents.of(store)):
        stop_feeding(runtime, tenant, store, each.link)
    memory.connection_keys.forget(store)
    for sent in memory.invitations.list():
        if sent.main == store and sent.status is InvitationStatus.WAITING:
            with suppress(ConditionFailed):
                memory.invitations.answer(sent.id, InvitationStatus.WITHDRAWN)
