"""What an audience refuses for good: told once in words by its code, and not tried again until something changes."""

from datetime import UTC, datetime

import pytest
from passerelle.memory import RunOutcome
from passerelle.model import Kind, Severity
from sandbox.mailchimp import Audience, Member, hashed

GIVEN = "2026-04-01T10:00:00Z"


def address(here, place):
    return here.person(place)["defaultEmailAddress"]["emailAddress"].lower()


def subscribed(here, place, email=None):
    thing = here.person(place)
    thing["defaultEmailAddress"] = {
        "emailAddress": email or f"person{place}@example.com",
        "marketingState": "SUBSCRIBED",
        "marketingOptInLevel": "SINGLE_OPT_IN",
        "marketingUpdatedAt": "2026-01-02T10:00:00Z",
        "validFormat": True,
    }
    thing["email"] = thing["defaultEmailAddress"]["emailAddress"]


def looks_fake(here):
    subscribed(here, 0, "fake@shop.example")


def on_many_lists(here):
    subscribed(here, 0)
    here.account.audience.on_many_lists.add(address(here, 0))


def forgotten(here):
    subscribed(here, 0)
    here.account.audience.seed(Member(address(here, 0)))
    here.account.audience.admin_deletes_permanently(address(here, 0))


def requires_a_field(here):
    subscribed(here, 0)
    here.account.audience.merge_fields["FNAME"]["required"] = True
    here.person(0)["firstName"] = None


@pytest.mark.parametrize(
    ("cause", "code", "asks"),
    [
        (looks_fake, "made-up", True),
        (on_many_lists, "many audiences", True),
        (requires_a_field, "requires a field", True),
        (forgotten, "forgotten", False),
    ],
)
def test_a_refusal_is_told_by_its_code_and_not_sent_again(scene, cause, code, asks):
    here = scene(customers=1)
    cause(here)
    first = here.world.sync(Kind.CUSTOMERS)
    open_now = here.incidents()
    if asks:
        assert first.counts.failed == 1
        assert [each.severity for each in open_now] == [Severity.ERROR]
        assert code in open_now[0].title
    else:
        assert first.outcome is RunOutcome.COMPLETED
        assert first.counts.skipped == 1
        assert open_now == []
    here.account.calls.clear()
    second = here.world.sync(Kind.CUSTOMERS)
    assert [call for call in here.account.calls.writes if "/lists/" in call.path] == []
    assert (second.counts.created, second.counts.updated) == (0, 0)
    assert len(here.incidents()) == len(open_now)


def test_a_consent_to_texts_given_after_the_start_arrives_once_and_is_told(scene):
    audience = Audience()
    audience.runs_texts()
    since = datetime(2026, 3, 1, tzinfo=UTC).isoformat()
    here = scene(customers=5, audience=audience, sms={"enabled": True, "since": since})
    for place in (0, 4):
        subscribed(here, place)
    here.person(0)["defaultPhoneNumber"] |= {"marketingState": "SUBSCRIBED", "marketingUpdatedAt": GIVEN}
    run = here.world.sync(Kind.CUSTOMERS)
    assert run.outcome is RunOutcome.COMPLETED, run.why
    texted, other = (audience.members[hashed(address(here, place))] for place in (0, 4))
    assert (texted.sms_status, other.sms_status) == ("subscribed", "nonsubscribed")
    id = here.person(0)["legacyResourceId"]
    acts = here.world.memory.activities.list(Kind.CUSTOMERS, id, 10, None).items
    assert "sms_consent_written" in [act.action for act in acts]
    here.account.calls.clear()
    here.world.sync(Kind.CUSTOMERS)
    assert here.account.calls.writes == []


def test_a_withdrawal_from_texts_asks_somebody_to_act_and_is_over_with_a_new_consent(scene):
    audience = Audience()
    audience.runs_texts()
    here = scene(customers=1, audience=audience, sms={"enabled": True, "since": "2026-03-01T00:00:00+00:00"})
    subscribed(here, 0)
    phone = here.person(0)["defaultPhoneNumber"]
    phone |= {"marketingState": "SUBSCRIBED", "marketingUpdatedAt": GIVEN}
    here.world.sync(Kind.CUSTOMERS)
    phone |= {"marketingState": "UNSUBSCRIBED", "marketingUpdatedAt": "2026-04-02T10:00:00Z"}
    here.world.sync(Kind.CUSTOMERS)
    (told,) = here.incidents()
    assert (told.severity, "by hand" in told.remedy) == (Severity.ERROR, True)
    audience.person_stops_texts(address(here, 0))
    here.clock.sleep(60)
    phone |= {"marketingState": "SUBSCRIBED", "marketingUpdatedAt": here.clock().isoformat()}
    here.clock.sleep(60)
    here.world.sync(Kind.CUSTOMERS)
    assert audience.members[hashed(address(here, 0))].sms_status == "subscribed"
    assert here.incidents() == []
