"""A shop's full sync into an audience: what arrives, what is counted, and that doing it again does nothing."""

from datetime import timedelta

import pytest
from passerelle.memory import Mode, RunOutcome, Scope
from passerelle.model import Kind
from sandbox.mailchimp import Audience, Member
from sandbox.moods import Mood
from sandbox.shopify import sample

KINDS = (Kind.PRODUCTS, Kind.CUSTOMERS, Kind.ORDERS, Kind.CARTS)


def test_every_kind_arrives_and_the_counts_reconcile(scene):  # B-12, A-24
    here = scene(products=25, customers=40, orders=30, carts=4)
    for kind in KINDS:
        run = here.world.sync(kind, batch_size=10)
        assert run.outcome is RunOutcome.COMPLETED, run.why
        assert run.counts.settled == run.expected > 0
    store = next(iter(here.account.stores.values()))
    synced = [product for product in store.products.values() if product["id"].isdigit()]
    assert len(synced) == 25
    shop_variants = sum(len(p["variants"]) for p in here.shop.state.shelf("Product").things.values())
    assert sum(len(product["variants"]) for product in synced) == shop_variants


def test_a_second_run_over_unchanged_data_writes_nothing_anywhere(scene):  # B-8
    here = scene(products=12, customers=20, orders=12, carts=3)
    for kind in KINDS:
        here.world.sync(kind)
    here.account.calls.clear()
    here.shop.calls.clear()
    for kind in KINDS:
        run = here.world.sync(kind)
        assert run.counts.created == run.counts.updated == run.counts.failed == 0
        assert run.counts.unchanged + run.counts.skipped == run.expected
    assert here.account.calls.writes == []
    assert [call for call in here.shop.calls.writes if "mutation" in call.note] == []


@pytest.mark.parametrize("mode", [Mode.NEW, Mode.UPDATE])
def test_a_mode_passes_over_what_is_not_its_own_and_says_why(scene, mode):  # B-5
    here = scene(products=8)
    ids = [p["id"] for p in here.shop.state.shelf("Product").things.values()]
    here.world.sync(Kind.PRODUCTS)
    here.shop.life.edit(ids[0], title="Renamed")
    run = here.world.sync(Kind.PRODUCTS, mode=mode)
    expected = (0, 8) if mode is Mode.NEW else (1, 0)
    assert (run.counts.updated, run.counts.skipped) == expected
    assert run.outcome is RunOutcome.COMPLETED


def test_past_orders_start_no_automation(scene):
    here = scene(products=5, customers=10, orders=20)
    for kind in (Kind.PRODUCTS, Kind.CUSTOMERS, Kind.ORDERS):
        here.world.sync(kind)
    assert here.account.automations_started == []
    assert [store.data["is_syncing"] for store in here.account.stores.values()] == [False]


def test_an_incremental_run_carries_what_changed_since_the_watermark(scene):  # B-13
    here = scene(products=10)
    here.world.sync(Kind.PRODUCTS)
    here.clock.sleep(3600)
    here.world.sync(Kind.PRODUCTS)
    here.clock.sleep(3600)
    here.shop.life.edit("gid://shopify/Product/7000", title="Renamed")
    run = here.world.sync(Kind.PRODUCTS, scope=Scope.INCREMENTAL)
    assert (run.expected, run.counts.updated) == (1, 1)


def test_someone_who_left_the_audience_stays_out_and_the_shop_is_told(scene):
    here = scene(customers=6)
    people = [p for p in here.shop.state.shelf("Customer").things.values() if p["defaultEmailAddress"]]
    loyal = next(p for p in people if p["defaultEmailAddress"]["marketingState"] == "SUBSCRIBED")
    email = loyal["defaultEmailAddress"]["emailAddress"]
    here.account.audience.seed(Member(email, "unsubscribed"))
    run = here.world.sync(Kind.CUSTOMERS)
    assert run.outcome is RunOutcome.COMPLETED, run.why
    assert here.account.audience.status(email) == "unsubscribed"
    assert loyal["defaultEmailAddress"]["marketingState"] == "UNSUBSCRIBED"
    again = here.world.sync(Kind.CUSTOMERS)
    assert again.counts.updated == 0


def test_the_watermark_is_from_before_the_first_read_less_the_lookback(scene):  # B-13
    here = scene(products=4)
    began = here.clock()
    here.account.moods.add(Mood.THROTTLED, times=2)
    run = here.world.sync(Kind.PRODUCTS)
    assert here.clock() > began
    assert here.world.memory.feeds.get(run.feed).watermark == began - timedelta(seconds=120)


def test_what_changed_while_a_run_went_on_is_in_the_window_of_the_next(scene):  # B-13
    here = scene(products=6)
    here.world.sync(Kind.PRODUCTS)
    here.clock.sleep(3600)
    name = "gid://shopify/Product/7000"
    run = here.world.start(Kind.PRODUCTS, batch_size=3)
    here.account.moods.on_call(1, lambda: here.shop.life.edit(name, title="Meanwhile"))
    here.shop.life.edit("gid://shopify/Product/7004", title="Just before")
    here.world.machine({"tenant": here.world.tenant, "run": run.id})
    here.clock.sleep(600)
    here.world.sync(Kind.PRODUCTS, scope=Scope.INCREMENTAL)
    assert here.store.products["7000"]["title"] == "Meanwhile"


def test_a_run_that_failed_moves_no_watermark(scene):  # B-13, B-14
    here = scene(products=4)
    first = here.world.sync(Kind.PRODUCTS)
    before = here.world.memory.feeds.get(first.feed).watermark
    here.clock.sleep(3600)
    here.shop.life.edit("gid://shopify/Product/7001", title="Renamed")
    here.shop.moods.add(Mood.UNAVAILABLE, times=10_000)
    failed = here.world.sync(Kind.PRODUCTS, scope=Scope.INCREMENTAL)
    assert failed.outcome is RunOutcome.FAILED
    assert here.world.memory.feeds.get(first.feed).watermark == before
    here.shop.moods.clear()
    again = here.world.sync(Kind.PRODUCTS, scope=Scope.INCREMENTAL)
    assert (again.outcome, again.counts.updated) == (RunOutcome.COMPLETED, 1)


@pytest.mark.parametrize(
    ("store", "double_optin", "expected"),
    [
        ("SUBSCRIBED", False, "subscribed"),
        ("SUBSCRIBED", True, "pending"),
        ("NOT_SUBSCRIBED", False, "transactional"),
        ("UNSUBSCRIBED", False, "transactional"),
    ],
)
def test_a_new_contact_is_what_the_shop_says(scene, store, double_optin, expected):
    person = sample.customer(1, consent=store)
    here = scene(load=[person], audience=Audience(double_optin=double_optin))
    here.world.sync(Kind.CUSTOMERS)
    assert here.account.audience.status(person["email"]) == expected
    assert here.consent(1) == store


@pytest.mark.parametrize("store", ["NOT_SUBSCRIBED", "PENDING"])
def test_someone_subscribed_in_the_audience_becomes_subscribed_at_the_shop(scene, store):
    person = sample.customer(1, consent=store)
    here = scene(load=[person])
    at = here.clock() - timedelta(days=1)
    here.account.audience.seed(Member(person["email"].lower(), timestamp_opt=at, last_changed=at))
    here.world.sync(Kind.CUSTOMERS)
    assert here.consent(1) == "SUBSCRIBED"
    assert here.account.audience.status(person["email"]) == "subscribed"


def test_someone_who_was_forgotten_is_never_made_again(scene):
    person = sample.customer(1, consent="SUBSCRIBED")
    here = scene(load=[person])
    here.account.audience.seed(Member(person["email"].lower()))
    here.account.audience.admin_deletes_permanently(person["email"].lower())
    run = here.world.sync(Kind.CUSTOMERS)
    assert (run.outcome, run.counts.skipped) == (RunOutcome.COMPLETED, 1)
    assert here.account.audience.status(person["email"]) == "forgotten"


@pytest.mark.parametrize("batch_size", [4, 1])
@pytest.mark.parametrize(
    ("earlier", "later", "expected"),
    [
        ("SUBSCRIBED", "UNSUBSCRIBED", {"transactional", "unsubscribed"}),
        ("UNSUBSCRIBED", "SUBSCRIBED", {"subscribed"}),
    ],
)
def test_two_customers_with_one_e_mail_are_one_contact(scene, batch_size, earlier, later, expected):
    first, twin = sample.customer(1, consent=earlier), sample.customer(2, consent=later)
    twin["email"] = twin["defaultEmailAddress"]["emailAddress"] = first["email"].upper()
    twin["defaultEmailAddress"]["marketingUpdatedAt"] = "2026-03-01T00:00:00Z"
    here = scene(load=[first, twin])
    run = here.world.sync(Kind.CUSTOMERS, batch_size=batch_size)
    assert run.outcome is RunOutcome.COMPLETED, run.why
    assert len(here.account.audience.members) == 1
    assert here.account.audience.status(first["email"]) in expected
