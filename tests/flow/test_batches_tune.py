"""Batches find the size that a shop stands by themselves, and remember it."""

import pytest
from passerelle.memory import RunOutcome
from passerelle.model import Kind
from sandbox.moods import Mood


def _failures(calls):
    return [call for call in calls if call.status >= 500]


def _bulk(here, kind, size):
    run = here.world.sync(kind, batch_size=size)
    assert run.outcome is RunOutcome.COMPLETED, run.why
    assert run.counts.settled == run.expected
    return run


def test_a_destination_that_fails_above_sixty_is_filled_without_help(scene):  # B-4
    here = scene(customers=220)
    here.account.moods.add(Mood.FAILS_ABOVE, "POST /3.0/lists", limit=60)
    run = _bulk(here, Kind.CUSTOMERS, 100)
    feed = here.world.memory.feeds.get(run.feed)
    assert 30 <= feed.ceiling <= 60
    for number, person in here.shop.state.shelf("Customer").things.items():
        here.shop.life.edit(f"gid://shopify/Customer/{number}", firstName=f"{person['firstName']}e")
    here.account.audience.members.clear()
    here.account.audience.changes += 1
    here.account.calls.clear()
    here.world.sync(Kind.CUSTOMERS, batch_size=100)
    assert _failures(here.account.calls) == [], "the next run starts at the size that worked"


def test_a_source_that_fails_above_sixty_is_read_without_help(scene):  # B-4
    here = scene(platform="prestashop", customers=130)
    # Only what names ids fails, whatever a list may hold.
    here.shop.moods.add(Mood.FAILS_ABOVE, "GET /api/customers", limit=60)
    run = _bulk(here, Kind.CUSTOMERS, 100)
    assert run.counts.settled == 130
    assert 0 < here.world.memory.feeds.get(run.feed).ceiling <= 60


def test_the_size_grows_back_when_the_shop_stands_it_again(scene):  # B-4
    here = scene(products=48)
    here.world.sync(Kind.PRODUCTS, batch_size=4)
    here.world.memory.feeds.lower_ceiling(here.world.feed(Kind.PRODUCTS), 2)
    here.shop.state.shelf("Product").touched()
    for number in range(7_000, 7_048):
        here.shop.life.edit(f"gid://shopify/Product/{number}", vendor="Someone else")
    run = _bulk(here, Kind.PRODUCTS, 4)
    assert run.counts.updated == 48
    feed = here.world.memory.feeds.get(run.feed)
    assert feed.ceiling == 0 or feed.ceiling > 2


def test_one_poisonous_object_is_set_aside_and_the_size_stays(scene):  # B-4
    here = scene(products=12)
    here.account.moods.add(Mood.UNAVAILABLE, "products/7005", times=1000)
    run = here.world.sync(Kind.PRODUCTS, batch_size=8)
    assert run.outcome is RunOutcome.COMPLETED_WITH_ERRORS
    assert (run.counts.created, run.counts.failed) == (11, 1)
    assert here.world.memory.feeds.get(run.feed).ceiling == 0
    assert [incident.object_id for incident in here.incidents()] == ["7005"]
    here.account.moods.clear()
    again = here.world.sync(Kind.PRODUCTS, batch_size=8)
    assert (again.outcome, again.counts.created) == (RunOutcome.COMPLETED, 1)
    assert here.incidents() == []


@pytest.mark.parametrize("size", [1, 500])
def test_the_smallest_and_the_largest_batch_carry_everything(scene, size):  # B-4
    here = scene(products=12)
    assert _bulk(here, Kind.PRODUCTS, size).counts.created == 12
