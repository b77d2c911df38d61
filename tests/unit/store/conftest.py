"""One emulated stage for the tests of a file; each test works under tenants of its own."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from passerelle.store.repositories import Repositories, Storage
from passerelle.store.resources import Resources
from sandbox.aws import emulated_aws

_tenants = count(1)


class Clock:
    """A clock that goes only when told."""

    def __init__(self) -> None:
        self.at = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def forward(self, seconds: float) -> None:
        """Let time pass."""
        self.at += timedelta(seconds=seconds)


@pytest.fixture(scope="module")
def resources() -> Iterator[Resources]:
    with emulated_aws() as made:
        yield made


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def storage(resources: Resources, clock: Clock) -> Storage:
    return Storage(resources, clock=clock)


@pytest.fixture
def mine(storage: Storage) -> Repositories:
    return storage.tenant(f"ten_{next(_tenants):04d}")


@pytest.fixture
def theirs(storage: Storage) -> Repositories:
    return storage.tenant(f"ten_{next(_tenants):04d}")
