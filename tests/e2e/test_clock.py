"""What the clock starts: a feed's schedule, the watchman, the daily look at webhooks."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from e2e.town import Business, Town, until
from sandbox.moods import Mood


@pytest.fixture(scope="module")
def ticking(synced: dict[str, Business]) -> Iterator[Business]:
    """The Shopify merchant's carts are looked at every minute while the other tests here go on."""
    business = synced["shopify"]
    business.app.patch(f"/feeds/{business.feed('carts')}", schedule="rate(1 minute)")
    yield business
    business.app.patch(f"/feeds/{business.feed('carts')}", schedule="rate(15 minutes)")


def test_a_feeds_schedule_is_what_the_api_says(  # E-10
    guarded: Town, synced: dict[str, Business], ticking: Business
) -> None:
    business = synced["prestashop"]
    link, feed = str(business.link["id"]), business.feed("orders")
    business.app.patch(f"/feeds/{feed}", schedule="cron(0 3 * * ? *)", timezone="Europe/Paris")
    made = guarded.schedules(link)[feed]
    assert (made["ScheduleExpression"], made["State"]) == ("cron(0 3 * * ? *)", "ENABLED")
    assert made["ScheduleExpressionTimezone"] == "Europe/Paris"
    assert made["Target"]["Arn"] == guarded.stack.outputs["SyncMachineArn"]
    assert made["Target"]["RoleArn"].endswith(guarded.names["ScheduleRole"])
    business.app.patch(f"/feeds/{feed}", enabled=False)
    assert feed not in guarded.schedules(link)
    business.app.patch(f"/feeds/{feed}", enabled=True)
    assert feed in guarded.schedules(link)


def test_what_a_schedule_sends_starts_an_incremental_run(  # E-9
    guarded: Town, synced: dict[str, Business]
) -> None:
    business = synced["prestashop"]
    payload = _sent(guarded, business, "customers")
    assert guarded.execute("tick-1", **payload) == "SUCCEEDED"
    run = business.app.run("tick-1")
    assert (run["trigger"], run["scope"], run["outcome"]) == ("schedule", "incremental", "completed")


def test_a_tick_while_another_run_goes_on_is_passed_over_and_recorded(  # E-9
    guarded: Town, synced: dict[str, Business]
) -> None:
    business = synced["prestashop"]
    payload = _sent(guarded, business, "products")
    business.merchant.shop.moods.add(Mood.SLOW, "GET /api/products", seconds=10.0)
    going_on = business.start("products")
    assert guarded.execute("tick-2", **payload) == "SUCCEEDED"
    skipped = business.app.run("tick-2")
    business.merchant.shop.moods.clear()
    assert (skipped["outcome"], going_on in skipped["why"]) == ("skipped", True)
    assert business.app.finished(going_on)["outcome"] == "completed"


def test_a_deleted_link_leaves_no_schedule(town: Town) -> None:  # E-10
    merchant, _ = town.shops.merchants
    business = town.settle_in(merchant)
    link = str(business.link["id"])
    assert town.schedules(link)
    business.app.ask("DELETE", f"/links/{link}", 204)
    assert town.schedules(link) == {}
    kept = [item for item in town.items("StateTable") if link in str(item) and "SCHEDULES" in str(item["pk"])]
    assert kept == []
    for store in (business.shop, business.account):
        business.app.ask("DELETE", f"/stores/{store['id']}", 204)
    assert business.app.get("/stores")["items"] == []


def test_a_lost_webhook_is_restored_and_what_it_missed_is_read(  # F-6
    guarded: Town, synced: dict[str, Business]
) -> None:
    business = synced["shopify"]
    assert guarded.invoke("SubscriptionsFunction")["status"] == "done"
    hooks = business.merchant.shop.state.shelf("WebhookSubscription")
    wanted = {each["topic"] for each in hooks.things.values()}
    lost = next(number for number, each in hooks.things.items() if each["topic"] == "PRODUCTS_UPDATE")
    hooks.drop(lost)
    assert guarded.invoke("SubscriptionsFunction").get("restored") == 1
    assert {each["topic"] for each in hooks.things.values()} == wanted

    def read_again() -> list[Any]:
        runs = business.app.get("/runs", feed=business.feed("products"))["items"]
        return [run for run in runs if run["trigger"] == "subscription" and run["outcome"]]

    assert until(read_again)[0]["outcome"] == "completed"


def test_a_run_that_nobody_works_on_any_more_is_settled(  # B-17
    guarded: Town, synced: dict[str, Business]
) -> None:
    business = synced["prestashop"]
    business.merchant.shop.moods.add(Mood.SLOW, "GET /api/", times=1_000, seconds=3.0)
    run_id = business.start("orders")
    assert guarded.invoke("WatchFunction").get("moving", 0) >= 1
    machines, machine = guarded.stack.aws("stepfunctions"), guarded.stack.outputs["SyncMachineArn"]
    machines.stop_execution(executionArn=machine.replace(":stateMachine:", ":execution:") + f":{run_id}")
    assert guarded.kill("PlanFunction") + guarded.kill("CarryFunction")
    _grow_old(guarded, run_id)
    business.merchant.shop.moods.clear()
    assert guarded.invoke("WatchFunction").get("settled", 0) >= 1
    assert business.app.run(run_id)["outcome"] == "failed"
    assert business.sync("orders")["outcome"] == "completed"


def test_the_clock_itself_fires(guarded: Town, ticking: Business) -> None:  # E-9
    def ticks() -> list[Any]:
        runs = ticking.app.get("/runs", feed=ticking.feed("carts"))["items"]
        return [run for run in runs if run["trigger"] == "schedule" and run["outcome"]]

    assert until(ticks)[0]["outcome"] == "completed"


def test_the_hourly_release_finds_nothing_to_do(guarded: Town, synced: dict[str, Business]) -> None:
    assert guarded.invoke("ReleaseFunction") == {"status": "done", "released": 0, "failed": 0}


def _sent(town: Town, business: Business, kind: str) -> dict[str, Any]:
    made = town.schedules(str(business.link["id"]))[business.feed(kind)]
    sent: dict[str, Any] = json.loads(made["Target"]["Input"])
    assert sent == {"tenant": business.app.tenant, "feed": business.feed(kind), "trigger": "schedule"}
    return sent


def _grow_old(town: Town, run_id: str) -> None:
    """Let an hour pass for a run: what was written of it was written before."""
    then = (datetime.now(UTC) - timedelta(hours=1)).isoformat(timespec="microseconds")
    table, name = town.stack.aws("dynamodb"), town.names["StateTable"]
    for item in town.items("StateTable"):
        if item.get("id", {}).get("S") == run_id:
            aged = {**item, **{each: {"S": then} for each in ("started_at", "progress_at")}}
            table.put_item(TableName=name, Item=aged)
