"""What all the other tests left in a town: who was denied what, which rights nobody needs, and nobody's secrets."""

from collections import Counter

import pytest
from e2e.town import Town
from e2e.traces import calls_logged, rights_asked, rights_granted, sensitive, traces

BY_THE_SERVICE = {
    "sqs:ReceiveMessage",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
    "s3:ListBucket",
    "iam:PassRole",
}
"""Rights that AWS checks by itself and the emulator does not: those of Lambda's poller, to be told that a document is
missing rather than forbidden, and to hand a role to a schedule."""
MISSED_TICK = ("WatchFunction", "SubscriptionsFunction", "ReleaseFunction")
SELDOM = {
    ("SubscriptionsFunction", "kms:Encrypt"),  # a restored webhook of Mailchimp comes with a new secret
    (
        "SettleFunction",
        "sqs:SendMessage",
    ),  # events that came before the first full sync are replayed after it
    ("WatchFunction", "scheduler:DeleteSchedule"),  # credentials end in the other town
    ("PixelFunction", "sqs:SendMessage"),  # nobody looks at the shops' pages here
    *(
        (function, "sqs:SendMessage") for function in MISSED_TICK
    ),  # the service does, for a tick that failed for good
}
"""Rights for what does not happen in this town."""


EXPECTED = {"Unauthorized", "KeyError", "CredentialsRefused"}
"""What a function may end with: the word by which API Gateway answers 401; the run that nobody asked for; credentials
that ended. A state machine sees only what is raised."""


def test_nobody_was_denied_anything(guarded: Town) -> None:
    denied = [each for each in rights_asked(guarded) if not each.allowed]
    assert denied == []


def test_every_right_is_used_by_somebody(guarded: Town) -> None:
    asked = [each for each in rights_asked(guarded) if each.allowed]
    unused = {
        (grant.policy, action)
        for grant in rights_granted(guarded)
        for action in grant.actions - BY_THE_SERVICE
        if not any(grant.covers(each, action) for each in asked)
        and not any((function, action) in SELDOM for function in grant.functions)
    }
    assert sorted(unused) == []


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
def test_each_call_leaves_one_line_and_no_stack_that_nobody_expected(
    request: pytest.FixtureRequest, place: str
) -> None:
    found: Town = request.getfixturevalue(place)
    calls = calls_logged(found)
    assert len(calls) > 100
    chatty = [call.lines for call in calls if len([line for line in call.lines if line.startswith("{")]) > 2]
    silent = [call.lines for call in calls if not call.lines]
    unforeseen = [call.lines for call in calls if call.failure and call.failure not in EXPECTED]
    assert (chatty[:3], unforeseen[:3]) == ([], [])
    assert len(silent) <= found.killed
