"""What the river asks of its memory is what the store offers: mypy checks the types, this test the names."""

from passerelle import memory
from passerelle.store.repositories import Repositories


def offered(mine: Repositories) -> tuple[object, ...]:
    ledger: memory.Ledger = mine.ledger
    runs: memory.Runs = mine.runs
    manifests: memory.Manifests = mine.manifests
    feeds: memory.Feeds = mine.feeds
    lease: memory.Lease = mine.lease
    incidents: memory.Incidents = mine.incidents
    activities: memory.Activities = mine.activities
    marks: memory.Marks = mine.marks
    queue: memory.FollowQueue = mine.queue
    backfills: memory.Backfills = mine.backfills
    return (ledger, runs, manifests, feeds, lease, incidents, activities, marks, queue, backfills)


def test_every_part_is_made_once_and_offers_what_the_river_names(mine: Repositories) -> None:
    contracts = (
        memory.Ledger,
        memory.Runs,
        memory.Manifests,
        memory.Feeds,
        memory.Lease,
        memory.Incidents,
        memory.Activities,
        memory.Marks,
        memory.FollowQueue,
        memory.Backfills,
    )
    parts = offered(mine)
    assert parts == offered(mine)
    for part, contract in zip(parts, contracts, strict=True):
        verbs = {name for name in vars(contract) if not name.startswith("_")}
        assert verbs, contract
        assert not [name for name in verbs if not callable(getattr(part, name, None))]
