"""What people do with mails, by the API: on by default, off as told, and why where a store cannot hold it (A-19)."""

from collections.abc import Iterator

import pytest
from passerelle.model import Kind
from sandbox.aws import emulated_aws
from sandbox.door import Door, runtime_over
from sandbox.mailchimp import Account
from sandbox.origins import PrestaShop
from sandbox.shopify import Shop
from sandbox.tenants import MAILCHIMP, Tenant, tenant_at
from sandbox.world import Clock


@pytest.fixture
def told(account: Account) -> Iterator[Tenant]:
    """A tenant who has linked a PrestaShop shop."""
    origin = PrestaShop(Clock())
    with emulated_aws() as resources:
        door = Door(runtime_over(resources, {origin.address: origin.shop, MAILCHIMP: account}))
        tenant = tenant_at(door)
        credentials = dict(origin.credentials)
        shop = tenant.post("/v1/stores", platform="prestashop", credentials=credentials)
        mail = tenant.post("/v1/stores", platform="mailchimp", credentials={"api_key": account.api_key})
        tenant.made["link"] = tenant.post(
            "/v1/links", source=shop["id"], destination=mail["id"], audience=account.audience.id
        )
        yield tenant


def test_it_is_on_by_default_where_the_store_can_hold_it(furnished: Tenant) -> None:
    feed = furnished.client.get(f"/v1/feeds/{furnished.made['link']['id']}.engagement").json()
    assert (feed["enabled"], feed["schedule"]) == (True, "rate(1 hour)")
    assert feed["id"] in furnished.memory.schedules.list()


def test_off_means_that_nothing_is_read_by_hand_neither(furnished: Tenant, account: Account) -> None:
    path = f"/v1/feeds/{furnished.made['link']['id']}.engagement"
    assert furnished.client.post(f"{path}/runs").json()["code"] == "customers_first"
    feed = path.rpartition("/")[2]
    furnished.memory.feeds.settle(feed, watermark=None, full_at=furnished.door.now())
    assert furnished.client.patch(path, json={"enabled": False}).is_success
    assert feed not in furnished.memory.schedules.list()
    answer = furnished.client.post(f"{path}/runs")
    assert (answer.status_code, answer.json()["code"]) == (409, "switched_off")
    assert "enabled" in answer.json()["remedy"]
    furnished.client.patch(path, json={"enabled": True})
    assert furnished.client.post(f"{path}/runs").status_code == 202


def test_a_link_says_why_its_store_cannot_hold_it(told: Tenant) -> None:
    path = f"/v1/feeds/{told.made['link']['id']}.engagement"
    assert told.client.get(path).json()["enabled"] is False
    answer = told.client.patch(path, json={"enabled": True})
    assert (answer.status_code, answer.json()["code"]) == (422, "not_offered")
    assert "PrestaShop's customers have no fields of an app's own" in answer.json()["title"]
    assert told.memory.schedules.list(path.rpartition("/")[2]) == []


def test_it_is_not_carried_one_by_one(furnished: Tenant, shop: Shop) -> None:
    link = furnished.made["link"]["id"]
    answer = furnished.client.post(f"/v1/links/{link}/{Kind.ENGAGEMENT}/42/resync")
    assert (answer.status_code, answer.json()["code"]) == (422, "not_for_this_kind")
    assert (
        furnished.door.runtime.river(furnished.id).feeds_from(
            furnished.made["account"]["id"], Kind.ENGAGEMENT
        )
        == []
    )
