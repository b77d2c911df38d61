"""Two towns for the tests that go through the stack: one whose emulator lets every function do everything, one that
checks every call against the function's policies. Each is built once, with sandbox shops of its own."""

from collections.abc import Iterator

import pytest
from e2e.town import Business, Runs, Town, sync_everybody
from sandbox import stack
from sandbox.branches import branches
from sandbox.size import Size
from sandbox.stack import Deployed
from sandbox.street import street

HASTE = 0.1
"""State machines wait a tenth of what they say: nothing here takes long enough to be worth more patience."""
SIZE = Size(products=12, customers=15, orders=20)
BRANCHES = 12
"""Products of the main store that feeds others."""
PATIENCE = 600
"""Seconds for one test: the first of a town builds it, on two busy cores."""


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here is e2e, what shares a town runs on one worker, and what looks back at it all runs last."""
    ours = [item for item in items if "tests/e2e/" in item.nodeid]
    for item in ours:
        named = {*getattr(item, "fixturenames", ()), *_parameters(item)}
        item.add_marker(pytest.mark.e2e)
        item.add_marker(pytest.mark.timeout(PATIENCE))
        item.add_marker(pytest.mark.xdist_group("e2e-with-rights" if "guarded" in named else "e2e"))
    last = [item for item in ours if "test_left_behind" in item.nodeid]
    items[:] = [item for item in items if item not in last] + last


def _parameters(item: pytest.Item) -> Iterator[str]:
    """The words that a test is parametrised with: they may name a town."""
    called = getattr(item, "callspec", None)
    yield from (each for each in called.params.values() if isinstance(each, str)) if called else ()


def _town(*, auth: bool) -> Iterator[Town]:
    with street(SIZE, spare=4) as shops, branches(BRANCHES) as chain:
        routes = {**shops.routes, **chain.routes}
        with stack.running(routes=routes, auth=auth, waits=HASTE) as up:
            yield Town(up, shops, chain)


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


@pytest.fixture(scope="session")
def ahead(businesses: dict[str, Business]) -> dict[str, dict[str, int]]:
    """Platform → kind → how many objects preflight announces."""
    told = {}
    for platform, business in businesses.items():
        feeds = business.app.post(f"/links/{business.link['id']}/preflight", 200)["feeds"]
        told[platform] = {feed["kind"]: feed["objects"] for feed in feeds}
    return told


@pytest.fixture(scope="session")
def first(businesses: dict[str, Business], ahead: dict[str, dict[str, int]]) -> dict[str, Runs]:
    """Platform → the runs of the first sync-all."""
    return sync_everybody(businesses)


@pytest.fixture(scope="session")
def synced(businesses: dict[str, Business], first: dict[str, Runs]) -> dict[str, Business]:
    """The businesses, once everything of theirs is synced."""
    return businesses
