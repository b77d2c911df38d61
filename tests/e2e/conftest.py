"""A stack for the tests that go through it: built once, deployed to an emulator of its own, once per set of rights."""

from collections.abc import Iterator

import pytest
from sandbox import stack
from sandbox.stack import Deployed

HASTE = 0.1
"""State machines wait a tenth of what they say: nothing here takes long enough to be worth more patience."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here is e2e, and what shares a stack runs on one worker."""
    for item in items:
        if "tests/e2e/" in item.nodeid:
            item.add_marker(pytest.mark.e2e)
            guarded = "deployed_with_rights" in getattr(item, "fixturenames", ())
            item.add_marker(pytest.mark.xdist_group("e2e-with-rights" if guarded else "e2e"))


@pytest.fixture(scope="session")
def deployed() -> Iterator[Deployed]:
    """The real template on an emulator that lets every function do everything."""
    with stack.running(waits=HASTE) as up:
        yield up


@pytest.fixture(scope="session")
def deployed_with_rights() -> Iterator[Deployed]:
    """The same on an emulator that checks every call against the function's policies."""
    with stack.running(auth=True, waits=HASTE) as up:
        yield up
