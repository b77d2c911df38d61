"""A WooCommerce shop's sync into an audience: what arrives, what a bad day does, what webhooks bring, how many calls."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import count
from typing import Any

import boto3
import pytest
from passerelle import subscriptions
from passerelle.memory import RunOutcome, Scope
from passerelle.model import Kind
from passerelle.store.resources import Resources
from sandbox.mailchimp import Account, Audience, Member
from sandbox.moods import Mood
from sandbox.woocommerce import Shop
from sandbox.woocommerce.sample import CONSENT, RECORDED_KEY, RECORDED_SECRET, catalogue
from sandbox.world import Clock, World, world

URL = "https://shop.example"
KINDS = (Kind.PRODUCTS, Kind.CUSTOMERS, Kind.ORDERS, Kind.PROMO_CODES)


@dataclass(slots=True)
class Scene:
    """A WooCommerce shop linked to an audience, and the world around them."""

    shop: Shop
    account: Account
    world: World
    clock: Clock

    @property
    def store(self) -> Any:
        (store,) = self.account.stores.values()
        return store

    def sync_all(self) -> None:
        for kind in KINDS:
            run = self.world.sync(kind)
            assert run.outcome is RunOutcome.COMPLETED, run.why

    def products(self, type: str = "simple") -> list[int]:
        return [id for id, row in self.shop.state.products.items() if row["type"] == type]

    def heard(self) -> Any:
        """The shop's webhooks are made, and what it sends from now on knocks at the door."""
        store = self.world.stores["woocommerce"]
        self.shop.hooks.post = lambda _, headers, body: self.world.knock(store, headers, body)
        looked = subscriptions.subscribe(self.world.runtime, self.world.tenant, store)
        assert looked.status == "restored"
        return store


def kept_of(row: Any) -> dict[str, Any]:
    """A customer's meta data."""
    return {one["key"]: one["value"] for one in row["meta_data"]}


type Stager = Callable[..., Scene]
NUMBERS = count(1)


def queue(name: str) -> str:
    made = boto3.client("sqs").create_queue(QueueName=name, Attributes={"FifoQueue": "true"})
    return str(made["QueueUrl"])


@pytest.fixture
def woo(stage: Resources) -> Iterator[Stager]:
    """Makes a scene: `woo(products=…, customers=…, orders=…, **settings of the link)`."""
    with ExitStack() as stack:

        def make(
            products: int = 0,
            customers: int = 0,
            orders: int = 0,
            *,
            coupons: int = 0,
            variations: bool = True,
            audience: Audience | None = None,
            **settings: Any,
        ) -> Scene:
            clock = Clock()
            shop = catalogue(products, customers, orders, coupons=coupons, clock=clock, variations=variations)
            clock.sleep(86_400)
            account = Account(audiences=[audience] if audience else (), clock=clock)
            own = replace(stage, follow_queue_url=queue(f"woo-follow-{next(NUMBERS)}.fifo"))
            here = stack.enter_context(world(own, {URL: shop}, account, clock))
            keys = {"url": URL, "consumer_key": RECORDED_KEY, "consumer_secret": RECORDED_SECRET}
            store = here.connect("woocommerce", URL, keys)
            mailchimp = here.connect("mailchimp", "https://mailchimp.com", {"api_key": account.api_key})
            here.audience_link(store, mailchimp, **settings)
            return Scene(shop, account, here, clock)

        yield make


@pytest.mark.parametrize("variations", [True, False])
def test_every_kind_arrives_and_the_counts_reconcile(woo, variations):  # B-12, A-24
    here = woo(products=25, customers=30, orders=30, coupons=3, variations=variations)
    for kind in KINDS:
        run = here.world.sync(kind, batch_size=10)
        assert run.outcome is RunOutcome.COMPLETED, run.why
        assert run.counts.settled == run.expected > 0
    synced = [product for product in here.store.products.values() if product["id"].isdigit()]
    assert len(synced) == 25
    rows = here.shop.state.products.values()
    variants = sum(row["type"] != "variable" for row in rows)
    assert sum(len(product["variants"]) for product in synced) == variants


def test_a_second_run_over_unchanged_data_writes_nothing_anywhere(woo):  # B-8
    here = woo(products=12, customers=20, orders=12, coupons=3)
    here.sync_all()
    here.account.calls.clear()
    here.shop.calls.clear()
    here.sync_all()
    assert here.account.calls.writes == []
    assert here.shop.calls.writes == []


def test_nobody_is_subscribed_without_evidence(woo):
    here = woo(customers=24)
    here.sync_all()
    for row in here.shop.state.customers.values():
        expected = "subscribed" if kept_of(row).get(CONSENT) == "1" else "transactional"
        assert here.account.audience.status(row["email"]) == expected


def test_who_left_the_audience_is_unsubscribed_at_the_shop_and_stays_so(woo):
    here = woo(customers=8)
    loyal = next(row for row in here.shop.state.customers.values() if kept_of(row).get(CONSENT) == "1")
    here.account.audience.seed(Member(loyal["email"], "unsubscribed"))
    run = here.world.sync(Kind.CUSTOMERS)
    assert run.outcome is RunOutcome.COMPLETED, run.why
    assert here.account.audience.status(loyal["email"]) == "unsubscribed"
    assert kept_of(loyal)[CONSENT] == "0"
    again = here.world.sync(Kind.CUSTOMERS)
    assert again.counts.updated == 0


def test_an_incremental_run_carries_what_changed_since_the_watermark(woo):  # B-13
    here = woo(products=12)
    here.world.sync(Kind.PRODUCTS)
    here.clock.sleep(3600)
    here.world.sync(Kind.PRODUCTS)
    here.clock.sleep(3600)
    here.shop.acts.rename_product(here.products()[0], "Renamed")
    run = here.world.sync(Kind.PRODUCTS, scope=Scope.INCREMENTAL)
    assert (run.expected, run.counts.updated) == (1, 1)


def test_a_variation_that_changed_brings_its_product_even_if_its_date_stood_still(woo):  # B-13
    here = woo(products=12)
    here.world.sync(Kind.PRODUCTS)
    here.clock.sleep(3600)
    here.world.sync(Kind.PRODUCTS)
    here.clock.sleep(3600)
    part = here.products("variation")[0]
    parent = here.shop.state.products[here.shop.state.products[part]["parent_id"]]
    before = parent["date_modified"]
    here.shop.acts.set_quantity(part, 77)
    parent["date_modified"] = before
    run = here.world.sync(Kind.PRODUCTS, scope=Scope.INCREMENTAL)
    assert (run.expected, run.counts.updated) == (1, 1)


def test_customers_are_swept_whole_and_only_what_changed_is_written(woo):  # B-13
    here = woo(customers=15)
    here.world.sync(Kind.CUSTOMERS)
    here.clock.sleep(3600)
    someone = next(iter(here.shop.state.customers))
    here.shop.state.customers[someone]["first_name"] = "Renamed"
    run = here.world.sync(Kind.CUSTOMERS, scope=Scope.INCREMENTAL)
    assert (run.expected, run.counts.updated, run.counts.unchanged) == (15, 1, 14)


BAD_DAYS: dict[str, tuple[Mood, dict[str, Any]]] = {
    "throttled": (Mood.THROTTLED, {"times": 3}),
    "down": (Mood.UNAVAILABLE, {"times": 2}),
    "cut short": (Mood.TRUNCATED, {"times": 2}),
    "dropped": (Mood.DROPPED, {"times": 2}),
    "an empty page": (Mood.EMPTY_PAGE, {"times": 1}),
    "a count that lies once": (Mood.LYING_COUNT, {"times": 1}),
    "no breath for much": (Mood.FAILS_ABOVE, {"limit": 4, "match": "GET .*/products$"}),
}


@pytest.mark.parametrize("day", BAD_DAYS)
def test_a_bad_day_of_the_shop_loses_nothing(woo, day):  # B-14, B-15
    mood, options = BAD_DAYS[day]
    here = woo(products=14, customers=14)
    here.shop.moods.add(
        mood, after=0 if mood is Mood.FAILS_ABOVE else 1, **{"match": "GET /wp-json/wc", **options}
    )
    for kind in (Kind.PRODUCTS, Kind.CUSTOMERS):
        run = here.world.sync(kind)
        assert run.outcome is RunOutcome.COMPLETED, run.why
        assert run.counts.settled == 14


def test_a_shop_that_goes_on_lying_about_its_count_ends_no_run_as_whole(woo):  # B-14
    here = woo(products=6)
    here.shop.moods.add(Mood.LYING_COUNT, "GET /wp-json/wc/v3/products", by=3)
    assert here.world.sync(Kind.PRODUCTS).outcome is RunOutcome.FAILED


def test_what_is_deleted_and_made_while_pages_are_read_loses_nobody_else(woo):  # B-14
    here = woo(customers=230)
    people = here.shop.state.customers

    def edit() -> None:
        for id in list(people)[3:7]:
            del people[id]
        desk = here.shop.desk()
        for number in range(4):
            desk.act("POST", "/wc/v3/customers", {}, {"email": f"late{number}@customers.example"}, {})

    here.shop.moods.on_call(2, edit, "GET /wp-json/wc/v3/customers")
    run = here.world.sync(Kind.CUSTOMERS)
    assert run.outcome in (RunOutcome.COMPLETED, RunOutcome.COMPLETED_WITH_ERRORS), run.why
    there = here.account.audience.members
    assert all(row["email"] in {one.email for one in there.values()} for row in people.values())


def test_a_new_contact_who_opted_in_becomes_a_customer_with_that_consent(woo):
    wanted = {"new_contacts_to_store": True, "new_contacts_since": Clock().at.isoformat()}
    here = woo(customers=2, policy=wanted)
    here.world.sync(Kind.CUSTOMERS)
    here.clock.sleep(3600)
    at = here.clock()
    here.account.audience.seed(Member("fresh@customers.example", timestamp_opt=at, last_changed=at))
    here.clock.sleep(60)
    here.world.sync(Kind.CONTACTS)
    made = [row for row in here.shop.state.customers.values() if row["email"] == "fresh@customers.example"]
    assert [kept_of(row).get(CONSENT) for row in made] == ["1"]
    here.shop.calls.clear()
    here.account.calls.clear()
    again = here.world.sync(Kind.CUSTOMERS)
    assert again.outcome is RunOutcome.COMPLETED, again.why
    assert here.shop.calls.writes == here.account.calls.writes == []


# --- webhooks ------------------------------------------------------------------------------------------------


def test_a_webhook_brings_a_change_without_a_run(woo):  # F-1
    here = woo(products=4)
    here.world.sync(Kind.PRODUCTS)
    here.heard()
    id = here.products()[0]
    here.shop.acts.rename_product(id, "Told at once")
    assert here.shop.deliver() == [200]
    here.world.follow_all()
    assert here.store.products[str(id)]["title"] == "Told at once"


def test_the_unsigned_ping_is_answered_200_and_does_nothing(woo):  # F-1
    here = woo(products=1)
    here.heard()
    rows = list(here.shop.state.webhooks.values())
    assert len(rows) == 15
    assert not any(row["unpinged"] for row in rows)
    assert here.world.follow_all() == []


def test_two_events_of_one_second_are_both_heard_though_their_delivery_ids_are_equal(woo):  # F-2
    here = woo(products=4)
    here.world.sync(Kind.PRODUCTS)
    here.heard()
    seen: list[str] = []
    knock = here.shop.hooks.post

    def listen(url: str, headers: Any, body: bytes) -> int:
        seen.append(headers["X-WC-Webhook-Delivery-ID"])
        return knock(url, headers, body)

    here.shop.hooks.post = listen
    first, second = here.products()[:2]
    here.shop.acts.rename_product(first, "One")
    here.shop.acts.rename_product(second, "Two")
    here.shop.deliver()
    here.world.follow_all()
    assert len(seen) == 2
    assert len(set(seen)) == 1
    assert [here.store.products[str(id)]["title"] for id in (first, second)] == ["One", "Two"]


def test_a_product_that_goes_into_the_bin_twice_is_taken_away_twice(woo):  # F-2
    here = woo(products=3)
    here.world.sync(Kind.PRODUCTS)
    here.heard()
    id = here.products()[0]
    for _ in range(2):
        here.shop.acts.trash_product(id)
        here.shop.deliver()
        here.world.follow_all()
        assert str(id) not in here.store.products
        here.clock.sleep(60)
        here.shop.acts.restore_product(id)
        here.shop.deliver()
        here.world.follow_all()
        assert str(id) in here.store.products
        here.clock.sleep(60)


def test_webhooks_that_the_shop_ended_are_made_anew_and_what_was_missed_is_read(woo):  # F-6
    here = woo(products=4)
    here.world.sync(Kind.PRODUCTS)
    store = here.heard()
    post, id = here.shop.hooks.post, here.products()[0]
    here.shop.hooks.post = lambda *_: 503
    for number in range(7):
        here.clock.sleep(60)
        here.shop.acts.rename_product(id, f"Unheard {number}")
        here.shop.deliver()
    ended = [row["topic"] for row in here.shop.state.webhooks.values() if row["status"] == "disabled"]
    assert ended == ["product.updated"]
    here.shop.hooks.post = post
    looked = subscriptions.look(here.world.runtime, here.world.tenant, store.id)
    assert looked.restored == ("product.updated",)
    rows = list(here.shop.state.webhooks.values())
    assert len(rows) == 15
    assert {row["status"] for row in rows} == {"active"}
    # One more failure ends nothing: a webhook only made active again would have kept its count.
    here.shop.hooks.post = lambda *_: 503
    here.shop.acts.rename_product(id, "Unheard again")
    here.shop.deliver()
    assert {row["status"] for row in here.shop.state.webhooks.values()} == {"active"}


# --- calls ---------------------------------------------------------------------------------------------------


def test_a_full_sync_takes_as_few_calls_as_pages_of_a_hundred_allow(woo):
    here = woo(products=200, customers=200, orders=200)
    variations = len(here.products("variation"))
    pages = 200 // 100
    for kind in (Kind.PRODUCTS, Kind.CUSTOMERS, Kind.ORDERS):
        here.shop.calls.clear()
        run = here.world.sync(kind, batch_size=100)
        assert run.outcome is RunOutcome.COMPLETED, run.why
        asked = [call for call in here.shop.calls.all if call.is_write is False]
        facts = [call for call in asked if "/settings/" in call.path or call.query.startswith("per_page=1&")]
        read = len(asked) - len(facts)
        # A page overlaps the one before by a row, and variations come a hundred a call for each page.
        fewest = (pages + 1) + (-(-variations // 100) + pages if kind is Kind.PRODUCTS else 0)
        assert read <= fewest, [(call.path, call.query[:60]) for call in asked]


def test_the_watermark_is_from_before_the_first_read_less_the_lookback(woo):  # B-13
    here = woo(products=4)
    began = here.clock()
    run = here.world.sync(Kind.PRODUCTS)
    assert here.world.memory.feeds.get(run.feed).watermark == began - timedelta(seconds=120)
