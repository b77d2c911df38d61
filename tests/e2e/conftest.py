"""Two towns for the tests that go through the stack: one whose emulator lets every function do everything, one that
checks every call against the function's policies. Each is built once, with sandbox shops of its own."""

from collections.abc import Iterator

import pytest
from e2e.town import Business, Town
from sandbox import stack
from sandbox.stack import Deployed
from sandbox.street import Size, street

HASTE = 0.1
"""State machines wait a tenth of what they say: nothing here takes long enough to be worth more patience."""
SIZE = Size(products=12, customers=15, orders=20)
PATIENCE = 600
"""Seconds for one test: the first of a town builds it, on two busy cores."""
GUARDED = {"deployed_with_rights", "guarded", "businesses"}
"""Fixtures of the town that checks policies."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here is e2e, what shares a town runs on one worker, and what looks back at it all runs last."""
    ours = [item for item in items if "tests/e2e/" in item.nodeid]
    for item in ours:
        with_rights = bool(GUARDED & set(getattr(item, "fixturenames", ())))
        item.add_marker(pytest.mark.e2e)
        item.add_marker(pytest.mark.timeout(PATIENCE))
        item.add_marker(pytest.mark.xdist_group("e2e-with-rights" if with_rights else "e2e"))
    last = [item for item in ours if "test_left_behind" in item.nodeid]
    items[:] = [item for item in items if item not in last] + last


def _town(*, auth: bool) -> Iterator[Town]:
    with street(SIZE) as shops, stack.running(routes=shops.routes, auth=auth, waits=HASTE) as up:
        yield Town(up, shops)


@pytest.fixture(scope="session")
def town() -> Iterator[Town]:
    """A town whose functions may do everything."""
    yield from _town(auth=False)


@pytest.fixture(scope="session")
def guarded() -> Iterator[Town]:
    """A town whose functions may do what their policies say."""
    yield from _town(auth=True)


@pytest.fixture(scope="session")
def deployed(town: Town) -> Deployed:
    """The real template on an emulator that lets every function do everything."""
    return town.stack


@pytest.fixture(scope="session")
def deployed_with_rights(guarded: Town) -> Deployed:
    """The same on an emulator that checks every call against the function's policies."""
    return guarded.stack


@pytest.fixture(scope="session")
def businesses(guarded: Town) -> dict[str, Business]:
    """Platform → a business of the guarded town, linked, with nothing synced yet."""
    return {each.platform: guarded.settle_in(each) for each in guarded.shops.merchants}
