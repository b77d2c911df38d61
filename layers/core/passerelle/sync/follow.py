"""Follow: one changed object, read as it is now and carried, again if it was marked meanwhile."""

from passerelle.memory import Dirty
from passerelle.port import CredentialsRefused, Indexed, PermissionMissing
from passerelle.sync.batch import Batch, carry_batch
from passerelle.sync.carry import refuse
from passerelle.sync.flow import Flow
from passerelle.sync.gone import take_away
from passerelle.sync.said import Said

HELD = "held"
COALESCED = "coalesced"
CARRIED = "carried"
GONE = "gone"


def follow(flow: Flow, message: Dirty) -> str:
    """Carry the object; answers held, coalesced, carried or gone. Raises what has to be tried again later."""
    memory = flow.memory
    if flow.initial:
        memory.marks.hold(flow.feed.id, message.object_id)
        return HELD
    latest, covered = memory.marks.current(flow.feed.id, message.object_id)
    if message.mark <= covered:
        return COALESCED
    if memory.lease.holder(flow.feed.id):
        # The run under way may write an older state after us: it is looked at again when the run is over.
        memory.marks.hold(flow.feed.id, message.object_id)
    try:
        ended = _carry(flow, message)
    except (CredentialsRefused, PermissionMissing) as refusal:
        refuse(flow, refusal)
        raise
    memory.marks.covered(flow.feed.id, message.object_id, latest)
    return ended


def _carry(flow: Flow, message: Dirty) -> str:
    said = Said.of(flow, message.object_id)
    batch = Batch([Indexed(message.object_id)], force=message.force, left=said.left, intend=said.intend)
    carried = carry_batch(flow, batch)
    said.close()
    if not carried.skipped_why.get("gone_since_planned"):
        return CARRIED
    take_away(flow, [message.object_id])
    return GONE
