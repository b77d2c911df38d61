"""Reading: the account, audiences, the census, contacts one by one; and what goes wrong meanwhile."""

from datetime import UTC, datetime, timedelta

import pytest
from passerelle.connectors.mailchimp import Credentials, Settings, parse_version
from passerelle.model import AudienceStatus, Kind
from passerelle.port import (
    CredentialsRefused,
    Incomplete,
    PermissionMissing,
    Selection,
    Throttled,
    Unavailable,
)
from pydantic import ValidationError
from sandbox.mailchimp import Audience, Member, hashed
from sandbox.moods import Mood

from .samples import create, customer

START = datetime(2026, 1, 1, tzinfo=UTC)
EVERYBODY = Selection()


def seed(world, many: int, per_second: int = 1) -> None:
    world.audience.seed(
        *(
            Member(f"p{n}@shop.example", last_changed=START + timedelta(seconds=n // per_second))
            for n in range(many)
        )
    )


def read(connector, selection: Selection = EVERYBODY) -> list[str]:
    ids, after = [], None
    while True:
        page = connector.index(Kind.CONTACTS, selection, after)
        ids += [entry.id for entry in page.entries]
        after = page.after
        if after is None:
            return ids


def test_a_check_tells_which_account_it_is(connector) -> None:
    check = connector.check()
    assert (check.identity, check.name, check.timezone) == (
        "8d3a3db4d97663a9074efcc16",
        "Maison d'essai",
        "Europe/Paris",
    )


def test_audiences_tell_whether_they_confirm_and_what_they_require(world, connector) -> None:
    world.account.audiences["b2"] = Audience("b2", "Press", double_optin=True, required=("LNAME", "COMPANY"))
    seed(world, 3)
    first, second = connector.audiences()
    assert (first.members, first.double_opt_in, first.required_fields) == (3, False, ())
    assert (second.name, second.double_opt_in, second.required_fields) == (
        "Press",
        True,
        ("LNAME", "COMPANY"),
    )


@pytest.mark.parametrize("lists_archived", [True, False])
def test_a_census_tells_status_and_instants(world, connector, lists_archived: bool) -> None:
    world.audience.lists_archived = lists_archived
    when = START + timedelta(days=1)
    world.audience.seed(
        Member("in@shop.example", "subscribed", timestamp_opt=START, last_changed=when),
        Member("out@shop.example", "unsubscribed", timestamp_opt=START, last_changed=when),
        Member("new@shop.example", "transactional", last_changed=when),
        Member("old@shop.example", "archived", last_changed=when),
    )
    pages = [connector.index(Kind.CONTACTS, EVERYBODY, None)]
    pages.append(connector.index(Kind.CONTACTS, EVERYBODY, pages[0].after))
    versions = {e.id: parse_version(e.version) for page in pages for e in page.entries}
    assert len(versions) == 4
    told = versions[hashed("in@shop.example")]
    assert (told.status, told.status_changed_at, told.last_changed) == (
        AudienceStatus.SUBSCRIBED,
        START,
        when,
    )
    assert versions[hashed("out@shop.example")].status_changed_at == when
    assert versions[hashed("new@shop.example")].status_changed_at is None
    assert versions[hashed("old@shop.example")].status is AudienceStatus.ARCHIVED


@pytest.mark.parametrize("per_second", [1, 7, 1000, 10_000])
def test_a_census_meets_every_member_whatever_the_bursts(world, connector, per_second: int) -> None:
    seed(world, 4321, per_second)
    ids = read(connector)
    assert set(ids) == set(world.audience.members)
    assert len(ids) <= 1.3 * 4321


def test_a_census_of_a_hundred_thousand_takes_little_more_than_a_hundred_calls(world, connector) -> None:
    seed(world, 100_000, 20)
    assert len(set(read(connector))) == 100_000
    assert len(world.account.calls) <= 1.05 * 101


def test_members_that_change_while_they_are_read_hide_nobody(world, connector) -> None:  # B-15
    seed(world, 5000)
    early = [f"p{n}@shop.example" for n in range(0, 900, 3)]

    def act() -> None:
        for email in early:
            world.audience.person_unsubscribes(email)

    world.account.moods.on_call(3, act, "GET .*/members")
    assert set(read(connector)) == set(world.audience.members)


def test_only_what_changed_since_an_instant_is_read(world, connector) -> None:
    seed(world, 3000)
    late = read(connector, Selection(since=START + timedelta(seconds=2990)))
    assert {hashed(f"p{n}@shop.example") for n in range(2991, 3000)} <= set(late)
    assert len(late) <= 10


def test_counting_takes_one_small_call(world, connector) -> None:
    seed(world, 42)
    assert connector.count(Kind.CONTACTS, EVERYBODY).objects == 42
    assert len(world.account.calls) == 1


def test_a_page_that_holds_too_few_is_no_end(world, connector) -> None:  # B-14
    seed(world, 1500)
    world.account.moods.add(Mood.EMPTY_PAGE, "members")
    with pytest.raises(Incomplete):
        read(connector)


def test_a_total_that_promises_more_than_there_is_is_no_end(world, connector) -> None:  # B-14
    seed(world, 900)
    world.account.moods.add(Mood.LYING_COUNT, "members", by=3)
    with pytest.raises(Incomplete):
        read(connector)


def test_contacts_are_pulled_by_key_and_found_by_email(world, connector) -> None:
    seed(world, 30)
    ids = [hashed(f"p{n}@shop.example") for n in range(30)]
    pulled = connector.pull(Kind.CONTACTS, [*ids, "0" * 32])
    assert [contact.id for contact in pulled.objects] == ids
    assert pulled.missing == ("0" * 32,)
    (match,) = connector.find(Kind.CUSTOMERS, ["nobody@shop.example", "p3@shop.example"])
    assert (match.key, match.destination_id, match.object.email) == (
        "p3@shop.example",
        ids[3],
        "p3@shop.example",
    )
    assert match.object.status is AudienceStatus.SUBSCRIBED


def test_a_refused_key_asks_for_a_new_one(world) -> None:  # G-5
    with pytest.raises(CredentialsRefused):
        world.connect("f" * 32 + "-us7").check()


def test_being_turned_away_for_volume_without_json_is_a_throttle(world, connector) -> None:  # G-1
    world.account.moods.add(Mood.THROTTLED, status=403, body=False)
    with pytest.raises(Throttled) as caught:
        connector.check()
    assert caught.value.retry_after > 0


def test_a_403_with_a_reason_is_a_missing_right(world, connector) -> None:
    world.account.moods.add(Mood.THROTTLED, status=403)
    with pytest.raises(PermissionMissing):
        connector.check()


@pytest.mark.parametrize("body", [True, False])
def test_a_429_is_waited_out(world, connector, body: bool) -> None:  # G-1
    world.account.moods.add(Mood.THROTTLED, body=body, times=2)
    assert connector.check().name
    assert len(world.waits) == 2


def test_an_answer_cut_short_is_no_answer(world, connector) -> None:
    world.account.moods.add(Mood.TRUNCATED, times=9)
    with pytest.raises(Unavailable):
        connector.check()


def test_a_create_whose_answer_is_lost_is_not_said_to_have_failed(world, connector) -> None:  # B-7
    world.account.moods.add(Mood.LOST_ANSWER, "POST /3.0/lists")
    with pytest.raises(Unavailable):
        connector.push(Kind.CUSTOMERS, [create(customer())])
    (outcome,) = connector.push(Kind.CUSTOMERS, [create(customer())])
    assert outcome.result == "exists"


def test_an_api_key_without_data_centre_is_refused_in_the_form() -> None:
    with pytest.raises(ValidationError, match="data centre"):
        Credentials(api_key="0123456789abcdef")
    key = Credentials(api_key="0123456789abcdef-us21")
    assert key.data_centre == "us21"
    assert "0123456789abcdef" not in repr(key)


def test_a_merge_tag_that_mailchimp_could_not_have_is_refused_in_the_form() -> None:
    with pytest.raises(ValidationError, match="merge tag"):
        Settings(merge_fields={"first_name": "first name"})
