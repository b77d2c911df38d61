"""Stores, links and feeds: found by their tenant only, changed field by field."""

from datetime import timedelta
from typing import Any

import pytest
from passerelle.memory import Feed
from passerelle.model import Kind
from passerelle.store.records import LinkStatus, Store, StoreStatus
from passerelle.store.repositories import Repositories, Storage
from passerelle.store.stores import AlreadyConnected
from unit.store.conftest import Clock


def connect(mine: Repositories, identity: str = "shop-1", **fields: Any) -> Store:
    wanted: dict[str, Any] = {
        "platform": "shopify",
        "name": "Shop",
        "url": "https://shop.example",
        "identity": identity,
        "hooks_at": "https://api.example/hooks/",
    }
    return mine.stores.create(**wanted | fields)


def test_a_store_is_kept_as_it_was_made(mine: Repositories) -> None:
    made = connect(
        mine, currency="EUR", timezone="Europe/Paris", settings={"image": {"format": "webp"}, "n": 1.5}
    )
    assert mine.stores.get(made.id) == made
    assert mine.stores.list() == [made]
    assert made.hook_url == f"https://api.example/hooks/{made.hook_id}"
    assert len(made.hook_id) >= 32


def test_a_shop_is_connected_once(mine: Repositories, theirs: Repositories) -> None:
    made = connect(mine)
    with pytest.raises(AlreadyConnected, match=made.id):
        connect(mine)
    assert mine.stores.list() == [made]
    assert mine.stores.by_identity("shopify", "shop-1") == made
    assert connect(mine, platform="mailchimp").id != made.id
    assert connect(theirs).id != made.id


def test_a_webhook_address_leads_to_its_store(mine: Repositories, storage: Storage) -> None:
    made = connect(mine)
    hook = storage.operator.hook(made.hook_id)
    assert (hook.tenant, hook.store) == (mine.tenant, made.id)
    assert hook in list(storage.operator.hooked())


def test_an_unknown_webhook_address_leads_nowhere(storage: Storage) -> None:
    for hook in ("never", ""):
        with pytest.raises(KeyError):
            storage.operator.hook(hook)


def test_a_deleted_store_leaves_nothing_and_its_shop_can_come_back(
    mine: Repositories, storage: Storage
) -> None:
    made = connect(mine)
    mine.stores.delete(made.id)
    mine.stores.delete(made.id)
    assert mine.stores.list() == []
    with pytest.raises(KeyError):
        storage.operator.hook(made.hook_id)
    assert made.id not in {hook.store for hook in storage.operator.hooked()}
    assert connect(mine).id != made.id


def test_a_store_changes_only_in_what_may_change(mine: Repositories, clock: Clock) -> None:
    made = connect(mine)
    clock.forward(60)
    mine.stores.mark(made.id, StoreStatus.NEEDS_REAUTH)
    changed = mine.stores.change(made.id, name="New name")
    assert mine.stores.get(made.id) == changed
    assert (changed.status, changed.name, changed.checked_at) == (
        StoreStatus.NEEDS_REAUTH,
        "New name",
        clock.at,
    )
    with pytest.raises(ValueError, match="identity"):
        mine.stores.change(made.id, identity="another shop")


def test_another_tenants_store_is_not_found(mine: Repositories, theirs: Repositories) -> None:  # G-4
    made = connect(mine)
    with pytest.raises(KeyError):
        theirs.stores.get(made.id)
    with pytest.raises(KeyError):
        theirs.stores.change(made.id, name="Mine now")
    theirs.stores.delete(made.id)
    assert theirs.stores.by_identity("shopify", "shop-1") is None
    assert theirs.stores.list() == []
    assert mine.stores.get(made.id) == made


def test_links_are_found_by_either_end(mine: Repositories, theirs: Repositories) -> None:  # G-4
    first = mine.links.create(
        kind="audience",
        source="str_1",
        destination="str_2",
        settings={"audience": "a1"},
        policy={"guard": 0.1},
    )
    second = mine.links.create(kind="catalog", source="str_1", destination="str_3")
    assert mine.links.get(first.id) == first
    assert {link.id for link in mine.links.of("str_1")} == {first.id, second.id}
    assert [link.id for link in mine.links.of("str_2")] == [first.id]
    with pytest.raises(KeyError):
        theirs.links.get(first.id)
    with pytest.raises(KeyError):
        theirs.links.change(first.id, policy={})
    assert theirs.links.list() == []


def test_a_link_changes_only_in_settings_policy_and_status(mine: Repositories) -> None:
    link = mine.links.create(kind="audience", source="str_1", destination="str_2")
    changed = mine.links.change(link.id, status=LinkStatus.DISCONNECTED, policy={"sms": True})
    assert mine.links.get(link.id) == changed
    with pytest.raises(ValueError, match="destination"):
        mine.links.change(link.id, destination="str_9")
    mine.links.delete(link.id)
    with pytest.raises(KeyError):
        mine.links.get(link.id)


def feed(mine: Repositories, kind: Kind = Kind.CUSTOMERS, link: str = "lnk_1") -> Feed:
    return mine.feeds.create(
        Feed(id=f"{link}.{kind}", tenant=mine.tenant, link=link, kind=kind, settings={"statuses": ["paid"]})
    )


def test_feeds_are_listed_by_link(mine: Repositories) -> None:
    made = [feed(mine), feed(mine, Kind.ORDERS), feed(mine, link="lnk_10")]
    assert mine.feeds.list("lnk_1") == made[:2]
    assert len(mine.feeds.list()) == 3


def test_a_feed_made_twice_stays_as_it_was(mine: Repositories, clock: Clock) -> None:
    feed(mine)
    mine.feeds.settle("lnk_1.customers", watermark=clock.at, full_at=None)
    assert feed(mine).watermark == clock.at


def test_another_tenants_feed_is_not_found(mine: Repositories, theirs: Repositories) -> None:  # G-4
    made = feed(mine)
    with pytest.raises(KeyError):
        theirs.feeds.get(made.id)
    with pytest.raises(KeyError):
        theirs.feeds.change(made.id, enabled=False)
    with pytest.raises(KeyError):
        theirs.feeds.create(made)
    with pytest.raises(KeyError):
        theirs.feeds.lower_ceiling(made.id, 5)
    with pytest.raises(KeyError):
        theirs.feeds.raise_ceiling(made.id, 5, 0)
    assert mine.feeds.get(made.id) == made


def test_a_change_of_schedule_leaves_what_the_river_wrote(mine: Repositories, clock: Clock) -> None:
    made = feed(mine)
    mine.feeds.settle(made.id, watermark=clock.at, full_at=clock.at)
    changed = mine.feeds.change(made.id, schedule="rate(1 hour)", enabled=False)
    assert mine.feeds.get(made.id) == changed
    assert (changed.watermark, changed.schedule, changed.enabled) == (clock.at, "rate(1 hour)", False)
    with pytest.raises(ValueError, match="watermark"):
        mine.feeds.change(made.id, watermark=None)


def test_a_watermark_never_goes_back_and_the_first_full_sync_is_marked_once(  # B-1, B-14
    mine: Repositories, clock: Clock
) -> None:
    made, earlier = feed(mine), clock.at - timedelta(microseconds=1)
    mine.feeds.settle(made.id, watermark=clock.at, full_at=clock.at)
    mine.feeds.settle(made.id, watermark=earlier, full_at=clock.at + timedelta(days=1))
    found = mine.feeds.get(made.id)
    assert (found.watermark, found.first_full_at) == (clock.at, clock.at)
    mine.feeds.settle(made.id, watermark=clock.at + timedelta(seconds=1), full_at=None)
    assert mine.feeds.get(made.id).watermark == clock.at + timedelta(seconds=1)


def test_a_ceiling_is_lowered_only_downwards_and_raised_when_told(mine: Repositories) -> None:  # B-4
    made = feed(mine)
    for told, remembered in ((50, 50), (80, 50), (25, 25)):
        mine.feeds.lower_ceiling(made.id, told)
        assert mine.feeds.get(made.id).ceiling == remembered
    mine.feeds.raise_ceiling(made.id, 40, 3)
    assert (mine.feeds.get(made.id).ceiling, mine.feeds.get(made.id).clean_batches) == (40, 3)
    mine.feeds.lower_ceiling(made.id, 20)
    assert mine.feeds.get(made.id).clean_batches == 0


def test_a_deleted_feed_is_not_found(mine: Repositories) -> None:
    made = feed(mine)
    mine.feeds.delete(made.id)
    with pytest.raises(KeyError):
        mine.feeds.settle(made.id, watermark=mine.feeds._at.clock(), full_at=None)


def test_a_change_of_nothing_changes_nothing(mine: Repositories) -> None:
    store, link = connect(mine), mine.links.create(kind="audience", source="str_1", destination="str_2")
    made = feed(mine)
    assert mine.stores.change(store.id) == store
    assert mine.links.change(link.id) == link
    assert mine.feeds.change(made.id) == made
