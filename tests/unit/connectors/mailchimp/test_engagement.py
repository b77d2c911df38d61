"""What people did with an audience's campaigns, as the reports tell it."""

from datetime import timedelta

import pytest
from passerelle.model import Engagement, Kind
from passerelle.port import Incomplete, Selection
from sandbox.mailchimp.audience import hashed
from sandbox.moods import Mood


def told(world, **selection):
    export = world.connector.export(Kind.ENGAGEMENT, Selection(**selection))
    assert export.ready
    return {each.contact: each for each in world.connector.read(Kind.ENGAGEMENT, export)}


def test_each_person_is_told_once_with_the_last_instants(world):
    first = world.account.reports.send("a@shop.example", "b@shop.example")
    sent = world.now
    first.opened("a@shop.example", sent + timedelta(minutes=1))
    world.wait(3600)
    second = world.account.reports.send("a@shop.example")
    second.clicked("a@shop.example", world.now + timedelta(minutes=5))
    found = told(world)
    a, b = hashed("a@shop.example"), hashed("b@shop.example")
    assert found == {
        a: Engagement(a, a, world.now, sent + timedelta(minutes=1), world.now + timedelta(minutes=5)),
        b: Engagement(b, b, sent),
    }


@pytest.mark.parametrize("silent", [True, False])
def test_recipients_who_did_nothing_may_be_listed_or_not(world, silent):
    world.account.reports.lists_silent = silent
    world.account.reports.send("a@shop.example")
    assert [each.opened_at for each in told(world).values()] == [None]


def test_a_mail_that_bounced_was_not_received(world):
    world.account.reports.send("a@shop.example", bounced=["b@shop.example"])
    assert set(told(world)) == {hashed("a@shop.example")}


def test_other_audiences_and_what_is_not_sent_yet_are_left_out(world):
    world.account.reports.send("a@shop.example").audience = "another"
    world.account.reports.send("b@shop.example").status = "sending"
    assert told(world) == {}


def test_only_activity_since_then_is_told(world):  # B-13
    campaign = world.account.reports.send("a@shop.example", "b@shop.example")
    campaign.opened("a@shop.example", world.now + timedelta(minutes=10))
    world.wait(4 * 3600)
    since = world.now
    campaign.opened("b@shop.example", since + timedelta(minutes=1))
    b = hashed("b@shop.example")
    assert told(world, since=since) == {b: Engagement(b, b, opened_at=since + timedelta(minutes=1))}


def test_a_campaign_sent_by_time_zone_is_under_way_for_a_day(world):
    world.account.reports.send("a@shop.example")
    world.account.reports.send("b@shop.example", timewarp=True)
    world.wait(20 * 3600)
    assert set(told(world, since=world.now)) == {hashed("b@shop.example")}


def test_long_reports_are_read_to_the_end(world):
    many = [f"p{n}@shop.example" for n in range(2_345)]
    campaign = world.account.reports.send(*many)
    for each in many[::2]:
        campaign.opened(each, world.now)
    world.account.calls.clear()
    found = told(world)
    assert len(found) == len(many)
    assert sum(each.opened_at is not None for each in found.values()) == 1_173
    assert len(world.account.calls.all) == 1 + 3 + 3


def test_a_report_that_is_shorter_than_it_says_is_an_error(world):  # B-14
    world.account.reports.send("a@shop.example")
    world.account.moods.add(Mood.LYING_COUNT, match=r"GET .*/email-activity", times=1, by=3)
    with pytest.raises(Incomplete):
        told(world)
