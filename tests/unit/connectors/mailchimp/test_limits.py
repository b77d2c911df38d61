"""One account allows ten connections, over all workers together."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from passerelle.connectors.mailchimp import LIMITS
from passerelle.http import Client
from passerelle.model import Kind
from sandbox.mailchimp import Member
from sandbox.mailchimp.batches import RESULTS
from sandbox.transport import InProcess


class TenSlots:
    """A pace shared by all workers: as many slots as the connector says the account has."""

    def __init__(self) -> None:
        self._slots = threading.BoundedSemaphore(LIMITS.connections)

    @contextmanager
    def slot(self, cost: float = 1.0) -> Iterator[None]:
        with self._slots:
            yield

    def told(self, *, available=None, rate=None, retry_after=None) -> None:
        """Nothing to learn."""


def test_three_workers_together_stay_within_ten_connections(world) -> None:  # G-1
    world.audience.seed(*(Member(f"p{n}@shop.example") for n in range(40)))
    crowd = threading.Event()
    world.account.dawdle = lambda: crowd.wait(0.005)
    pace = TenSlots()
    origins = {"https://us7.api.mailchimp.com": world.account, RESULTS: world.account}
    workers = [
        world.connect(client=Client(InProcess(origins), pace, allow_private=True, sleep=world.wait))
        for _ in range(3)
    ]
    emails = [f"p{n}@shop.example" for n in range(40)]
    with ThreadPoolExecutor(3) as pool:
        found = list(pool.map(lambda worker: worker.find(Kind.CUSTOMERS, emails), workers))
    assert [len(matches) for matches in found] == [40, 40, 40]
    assert 2 <= world.account.most_connections <= 10
    assert world.account.calls.counts()["statuses"] == {"200": 120}
