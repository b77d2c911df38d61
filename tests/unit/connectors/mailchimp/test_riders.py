"""What rides along with a contact: tags, consents to texts, and values that do not fit; never the consent to e-mail."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest
from passerelle.model import Consent, ConsentState, Kind
from passerelle.port import Result
from sandbox.mailchimp import Member, hashed
from sandbox.transport import InProcess

from .conftest import KEY
from .samples import create, customer, update

SINCE = datetime(2026, 3, 1, tzinfo=UTC)
GIVEN = datetime(2026, 4, 1, tzinfo=UTC)
PHONE = "+33612345678"


def texter(id="1", email="ada@shop.example", at=GIVEN, state=ConsentState.SUBSCRIBED, phone=PHONE, **more):
    return customer(id, email, sms_consent=Consent(state, at), phone=phone, **more)


def connected(world, **settings):
    world.audience.runs_texts()
    connector = world.connect(sms={"enabled": True, "since": SINCE}, **settings)
    world.account.calls.clear()
    return connector


def push(connector, *changes):
    return connector.push(Kind.CUSTOMERS, changes)


def ada(world):
    return world.audience.members[hashed("ada@shop.example")]


def test_a_consent_to_texts_goes_with_the_contact_and_leaves_the_consent_to_mail_alone(world) -> None:
    world.audience.seed(Member("ada@shop.example", "unsubscribed"))
    (outcome,) = push(connected(world), update(texter()))
    assert outcome.result is Result.UPDATED
    assert [(b.field, b.code) for b in outcome.beside] == [("sms", "sms_consent_written")]
    member = ada(world)
    assert (member.sms_status, member.sms_phone, member.sms_changed) == ("subscribed", PHONE, GIVEN)
    assert member.status == "unsubscribed"


def test_a_consent_to_mail_never_implies_one_to_texts(world) -> None:
    (outcome,) = push(connected(world), create(customer(phone=PHONE)))
    assert (outcome.result, outcome.beside) == (Result.CREATED, ())
    assert ada(world).sms_status == "nonsubscribed"


def test_without_the_setting_nothing_is_asked_or_written(world, connector) -> None:
    world.audience.runs_texts()
    (outcome,) = push(connector, create(texter()))
    assert outcome.beside == ()
    assert not [call for call in world.account.calls if "audiences" in call.path]


@pytest.mark.parametrize(
    ("person", "code"),
    [
        (texter(at=SINCE - timedelta(days=1)), "sms_before_start"),
        (texter(at=None), "sms_undated"),
        (texter(phone="06 12 34 56 78"), "sms_phone_not_international"),
        (texter(phone=""), "sms_no_phone"),
    ],
)
def test_what_is_not_written_is_told_with_its_reason(world, person, code: str) -> None:
    (outcome,) = push(connected(world), create(person))
    assert outcome.result is Result.CREATED
    assert [b.code for b in outcome.beside] == [code]
    assert ada(world).sms_status == "nonsubscribed"


def test_pushing_a_consent_to_texts_twice_writes_it_once(world) -> None:
    connector = connected(world)
    push(connector, create(texter()))
    world.account.calls.clear()
    (outcome,) = push(connector, update(texter()))
    assert outcome.beside == ()
    assert not [call for call in world.account.calls if "audiences" in call.path]


def test_a_stop_at_the_audience_that_is_newer_stays(world) -> None:
    world.audience.seed(Member("ada@shop.example"))
    world.audience.person_stops_texts("ada@shop.example")
    (outcome,) = push(connected(world), update(texter()))
    assert [b.code for b in outcome.beside] == ["sms_opt_out_newer"]
    assert ada(world).sms_status == "unsubscribed"


def test_a_consent_that_is_newer_than_the_stop_is_written(world) -> None:
    old = Member("ada@shop.example", sms_status="unsubscribed", sms_changed=GIVEN - timedelta(days=1))
    world.audience.seed(old)
    push(connected(world), update(texter()))
    assert ada(world).sms_status == "subscribed"


def test_a_withdrawal_at_the_store_is_told_as_the_audience_takes_it_by_hand_only(world) -> None:
    connector = connected(world)
    push(connector, create(texter()))
    gone = texter(state=ConsentState.UNSUBSCRIBED, at=GIVEN + timedelta(days=1))
    (outcome,) = push(connector, update(gone))
    assert [b.code for b in outcome.beside] == ["sms_withdrawn_by_hand"]


@pytest.mark.parametrize(("age", "starts"), [(timedelta(hours=1), True), (timedelta(days=20), False)])
def test_only_a_fresh_consent_may_start_an_automation(world, age, starts: bool) -> None:
    push(connected(world), create(texter(at=world.now - age)))
    assert ada(world).sms_status == "subscribed"
    assert bool(world.account.texts.started) is starts


def test_a_programme_that_was_ended_meanwhile_is_told_and_the_contact_is_there(world) -> None:
    connector = connected(world)
    world.audience.sms_programme = None
    (outcome,) = push(connector, create(texter()))
    assert outcome.result is Result.CREATED
    assert [b.code for b in outcome.beside] == ["sms_refused"]


def test_many_consents_go_in_batches(world) -> None:
    connector = connected(world, tags="add")
    people = [texter(str(n), f"p{n}@shop.example", phone=f"+336000000{n:02d}") for n in range(30)]
    push(connector, *(create(person) for person in people))
    assert {m.sms_status for m in world.audience.members.values()} == {"subscribed"}
    assert len(world.account.calls) < 20


def test_the_programme_is_read(world, connector) -> None:
    assert connector.text_programme(world.audience.id).running is False
    world.audience.runs_texts(registration_status="REGISTRATION_STATUS_PENDING_APPROVAL")
    assert connector.text_programme(world.audience.id).running is False
    world.audience.runs_texts(created_at="2026-02-01T00:00:00+00:00")
    found = connector.text_programme(world.audience.id)
    assert (found.running, found.started_at) == (True, datetime(2026, 2, 1, tzinfo=UTC))


def test_tags_are_added_and_never_taken_away(world) -> None:
    connector = world.connect(tags="add")
    push(connector, create(customer(tags=("vip", "wholesale"))))
    assert ada(world).tags == {"vip", "wholesale"}
    ada(world).tags.add("by hand")
    world.account.calls.clear()
    (outcome,) = push(connector, update(customer(tags=("vip", "new"))))
    assert [(b.code, b.after) for b in outcome.beside] == [("tags_added", "new")]
    assert ada(world).tags == {"vip", "wholesale", "by hand", "new"}
    world.account.calls.clear()
    push(connector, update(customer(tags=("vip", "new"))))
    assert not [call for call in world.account.calls.writes if "/tags" in call.path]


def test_without_the_setting_no_tag_is_sent(world, connector) -> None:
    push(connector, create(customer(tags=("vip",))))
    assert ada(world).tags == set()


def test_many_people_tags_go_in_a_batch(world) -> None:
    people = [create(customer(str(n), f"p{n}@shop.example", tags=("vip",))) for n in range(40)]
    connector = world.connect(tags="add")
    world.account.calls.clear()
    push(connector, *people)
    assert all(member.tags == {"vip"} for member in world.audience.members.values())
    assert len(world.account.calls) < 8


def test_the_language_is_the_customers_or_the_settings(world) -> None:
    connector = world.connect(language="fr")
    push(
        connector,
        create(customer("1", "ada@shop.example", language="de")),
        create(customer("2", "bob@shop.example")),
    )
    assert ada(world).language == "de"
    assert world.audience.members[hashed("bob@shop.example")].language == "fr"


def test_a_value_that_does_not_fit_its_field_is_left_out_and_told(world) -> None:
    connector = world.connect(merge_types={"BIRTHDAY": "date", "FNAME": "text"})
    (outcome,) = push(connector, create(customer(birthday="02/29")))
    assert outcome.result is Result.CREATED
    assert [(b.field, b.code) for b in outcome.beside] == [("merge_fields", "field_left_out")]
    assert "BIRTHDAY" in outcome.beside[0].why
    assert "02/29" not in outcome.beside[0].why
    assert "BIRTHDAY" not in ada(world).merge_fields
    assert ada(world).merge_fields["FNAME"] == "Ada"


def test_the_members_endpoint_refuses_what_is_read_only(world) -> None:
    world.audience.seed(Member("ada@shop.example"))
    root = "https://us7.api.mailchimp.com"
    path = f"{root}/3.0/lists/{world.audience.id}/members/{hashed('ada@shop.example')}"
    with httpx.Client(transport=InProcess({root: world.account}), auth=("any", KEY)) as client:
        answer = client.patch(path, json={"sms_phone_number": PHONE})
    assert answer.status_code == 400
    assert "sms_phone_number" in answer.text
