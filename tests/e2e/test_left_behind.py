"""What all the other tests left in a town: who was denied what, which rights nobody needs, and nobody's secrets."""

from collections import Counter

import pytest
from e2e.town import Town
from e2e.traces import rights_asked, rights_granted, sensitive, traces

BY_THE_SERVICE = {
    ("FollowFunction", "sqs:ReceiveMessage"),
    ("FollowFunction", "sqs:DeleteMessage"),
    ("FollowFunction", "sqs:GetQueueAttributes"),
}
"""Rights that Lambda's poller uses in the function's name; the emulator's does not ask."""


def test_nobody_was_denied_anything(guarded: Town) -> None:
    denied = [each for each in rights_asked(guarded) if not each.allowed]
    assert denied == []


def test_every_right_is_used_by_somebody(guarded: Town) -> None:
    used = {(each.function, each.action) for each in rights_asked(guarded) if each.allowed} | BY_THE_SERVICE
    unused = [
        (policy, action)
        for policy, grants in rights_granted(guarded).items()
        for action in grants.actions
        if not any((function, action) in used for function in grants.functions)
    ]
    assert unused == []


@pytest.mark.parametrize("place", ["town", "guarded"])
def test_no_secret_and_nobodys_data_is_left_in_clear(  # G-7
    request: pytest.FixtureRequest, place: str
) -> None:
    found: Town = request.getfixturevalue(place)
    needles = sensitive(found)
    kinds: Counter[str] = Counter()
    leaks: list[tuple[str, str, str]] = []
    for trace in traces(found):
        kinds[trace.kind] += 1
        leaks += [(trace.kind, trace.where, needle) for needle in needles.within(trace.text)]
    assert leaks[:20] == []
    assert all(kinds[kind] for kind in ("log", "execution", "state", "ledger", "document")), kinds


@pytest.mark.parametrize("place", ["town", "guarded"])
def test_the_log_has_a_line_a_call_and_no_stack(request: pytest.FixtureRequest, place: str) -> None:
    found: Town = request.getfixturevalue(place)
    lines = [trace.text for trace in traces(found) if trace.kind == "log"]
    assert not [line for line in lines if "Traceback" in line or '"level":"ERROR"' in line][:5]
