"""Linking a store to an audience."""

from datetime import UTC, datetime
from typing import Any

import pytest
from passerelle.model import Kind
from sandbox.mailchimp import Account
from sandbox.tenants import SHOPIFY, Tenant


@pytest.fixture
def ends(tenant: Tenant, account: Account) -> dict[str, Any]:
    shop = tenant.post("/v1/stores", platform="shopify", credentials=SHOPIFY)
    mail = tenant.post("/v1/stores", platform="mailchimp", credentials={"api_key": account.api_key})
    return {"source": shop["id"], "destination": mail["id"], "audience": next(iter(account.audiences))}


def test_a_link_has_a_feed_a_kind_each_with_its_schedule(tenant: Tenant, ends: dict[str, Any]) -> None:
    link = tenant.post("/v1/links", **ends)
    feeds = tenant.client.get("/v1/feeds", params={"link": link["id"]}).json()["items"]
    kinds = {"customers", "products", "orders", "carts", "promo_codes", "contacts", "engagement"}
    assert {feed["kind"] for feed in feeds} == kinds
    assert sorted(tenant.memory.schedules.list(link["id"])) == sorted(
        feed["id"] for feed in feeds if feed["enabled"]
    )
    assert all(feed["first_full_at"] is None for feed in feeds)  # B-1


def test_the_settings_follow_from_the_ends_and_the_audience(
    tenant: Tenant, ends: dict[str, Any], account: Account
) -> None:
    account.audiences[ends["audience"]].double_optin = True
    settings = tenant.post("/v1/links", **ends, settings={"images": "first"})["settings"]
    assert settings["audience_id"] == ends["audience"]
    assert settings["double_opt_in"] is True
    assert (settings["currency"], settings["images"]) == ("EUR", "first")


def test_an_audience_that_does_not_exist_is_answered_with_those_that_do(
    tenant: Tenant, ends: dict[str, Any]
) -> None:
    answer = tenant.client.post("/v1/links", json=ends | {"audience": "nowhere"})
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["field"]) == (422, "audience")
    assert ends["audience"] in error["allowed"]
    assert tenant.memory.links.list() == []


def test_an_audience_whose_required_fields_cannot_be_filled_is_refused(
    tenant: Tenant, ends: dict[str, Any], account: Account
) -> None:
    answer = tenant.client.post("/v1/links", json=ends | {"settings": {"merge_fields": {}}})
    assert answer.status_code == 201
    tenant.client.delete(f"/v1/links/{answer.json()['id']}")
    field = {"merge_id": 99, "tag": "SHOESIZE", "name": "Shoe size", "type": "text", "required": True}
    account.audiences[ends["audience"]].merge_fields["SHOESIZE"] = field
    refused = tenant.client.post("/v1/links", json=ends)
    assert (refused.status_code, refused.json()["code"]) == (422, "required_fields")
    assert "SHOESIZE" in refused.json()["detail"]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"source": "str_none"}, "source"),
        ({"destination": "str_none"}, "destination"),
        ({"policy": {"initial": "nobody_wins"}}, "policy.initial"),
        ({"policy": {"spam": True}}, "policy.spam"),
        ({"settings": {"images": "many"}}, "settings.images"),
        ({"settings": {"tune": "la"}}, "settings.tune"),
    ],
)
def test_what_makes_no_sense_is_named(
    tenant: Tenant, ends: dict[str, Any], changed: dict[str, Any], field: str
) -> None:
    answer = tenant.client.post("/v1/links", json=ends | changed)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)


def test_a_shop_is_no_destination_and_an_account_no_source(tenant: Tenant, ends: dict[str, Any]) -> None:
    turned = ends | {"source": ends["destination"], "destination": ends["source"]}
    assert tenant.client.post("/v1/links", json=turned).json()["code"] == "not_offered"
    itself = ends | {"destination": ends["source"]}
    assert tenant.client.post("/v1/links", json=itself).json()["errors"][0]["field"] == "destination"


def test_a_store_is_linked_to_an_audience_once(tenant: Tenant, ends: dict[str, Any]) -> None:
    link = tenant.post("/v1/links", **ends)
    answer = tenant.client.post("/v1/links", json=ends)
    assert (answer.status_code, answer.json()["code"]) == (409, "already_linked")
    assert link["id"] in answer.json()["remedy"]


def test_changing_the_policy_leaves_a_line_in_the_audit_trail(tenant: Tenant, ends: dict[str, Any]) -> None:
    link = tenant.post("/v1/links", **ends)
    policy = {"initial": "store_unsubscribe_wins"}
    changed = tenant.client.patch(f"/v1/links/{link['id']}", json={"policy": policy}).json()
    assert changed["policy"]["initial"] == "store_unsubscribe_wins"
    line = tenant.memory.audit.list().items[0]  # G-11
    assert (line.action, line.target) == ("link.changed", link["id"])


def test_changing_the_settings_never_moves_a_link_to_another_audience(
    tenant: Tenant, ends: dict[str, Any]
) -> None:
    link = tenant.post("/v1/links", **ends)
    path = f"/v1/links/{link['id']}"
    changed = tenant.client.patch(path, json={"settings": {"images": "none", "audience_id": "other"}}).json()
    assert (changed["audience"], changed["settings"]["images"]) == (ends["audience"], "none")
    assert changed["settings"]["store_id"] == link["settings"]["store_id"]


def test_a_deleted_link_leaves_no_schedule_and_no_webhook(
    tenant: Tenant, ends: dict[str, Any], account: Account
) -> None:  # E-10
    link = tenant.post("/v1/links", **ends)
    audience = account.audiences[ends["audience"]]
    assert audience.webhooks
    assert tenant.client.delete(f"/v1/links/{link['id']}").status_code == 204
    assert tenant.memory.schedules.list() == []
    assert tenant.memory.feeds.list() == []
    assert audience.webhooks == {}


def test_a_link_is_not_deleted_under_a_running_feed(furnished: Tenant) -> None:
    answer = furnished.client.delete(f"/v1/links/{furnished.made['link']['id']}")
    assert (answer.status_code, answer.json()["code"]) == (409, "still_running")
    assert furnished.made["run"]["id"] in answer.json()["remedy"]


def test_a_feed_goes_on_and_off_with_its_schedule(furnished: Tenant) -> None:  # E-10
    link = furnished.made["link"]["id"]
    feed = f"{link}.products"
    off = furnished.client.patch(f"/v1/feeds/{feed}", json={"enabled": False}).json()
    assert off["enabled"] is False
    assert feed not in furnished.memory.schedules.list(link)
    on = {"enabled": True, "schedule": "cron(0 5 * * ? *)", "timezone": "Europe/Paris", "batch_size": 500}
    assert furnished.client.patch(f"/v1/feeds/{feed}", json=on).json() | on == on | (
        furnished.client.get(f"/v1/feeds/{feed}").json()
    )
    assert feed in furnished.memory.schedules.list(link)


def test_orders_are_chosen_by_period_and_status(furnished: Tenant) -> None:  # B-6
    feed = f"{furnished.made['link']['id']}.{Kind.ORDERS}"
    chosen = {"placed_from": "2026-01-01T00:00:00+01:00", "statuses": ["Paid", "paid", "refunded"]}
    settings = furnished.client.patch(f"/v1/feeds/{feed}", json={"settings": chosen}).json()["settings"]
    assert settings["statuses"] == ["paid", "refunded"]
    assert settings["placed_from"].startswith("2026-01-01T00:00:00")
    turned = {"placed_from": "2026-02-01T00:00:00Z", "placed_until": "2026-01-01T00:00:00Z"}
    refused = furnished.client.patch(f"/v1/feeds/{feed}", json={"settings": turned})
    assert refused.status_code == 422


# --- what the audience must have ----------------------------------------------------------------------------


def test_a_merge_field_that_does_not_exist_is_named_with_those_there_are(
    tenant: Tenant, ends: dict[str, Any]
) -> None:
    wrong = {"settings": {"merge_fields": {"company": "FIRM", "first_name": "FNAME"}}}
    answer = tenant.client.post("/v1/links", json=ends | wrong)
    (error,) = answer.json()["errors"]
    assert (answer.status_code, answer.json()["code"]) == (422, "no_such_merge_field")
    assert (error["field"], "FIRM" in error["message"], "LNAME" in error["allowed"]) == (
        "settings.merge_fields",
        True,
        True,
    )
    link = tenant.post("/v1/links", **ends)
    changed = tenant.client.patch(f"/v1/links/{link['id']}", json=wrong)
    assert (changed.status_code, changed.json()["code"]) == (422, "no_such_merge_field")


def test_the_types_of_the_mapped_fields_are_kept_with_the_link(
    tenant: Tenant, ends: dict[str, Any]
) -> None:
    link = tenant.post("/v1/links", **ends)
    assert link["settings"]["merge_types"]["ADDRESS"] == "address"
    one = {"settings": {"merge_fields": {"birthday": "BIRTHDAY"}}}
    changed = tenant.client.patch(f"/v1/links/{link['id']}", json=one).json()
    assert changed["settings"]["merge_types"] == {"BIRTHDAY": "birthday"}


def test_a_change_that_leaves_a_required_field_empty_is_refused(
    tenant: Tenant, ends: dict[str, Any], account: Account
) -> None:
    link = tenant.post("/v1/links", **ends)
    account.audiences[ends["audience"]].merge_fields["FNAME"]["required"] = True
    without = {"settings": {"merge_fields": {"last_name": "LNAME"}}}
    changed = tenant.client.patch(f"/v1/links/{link['id']}", json=without)
    assert (changed.status_code, changed.json()["code"]) == (422, "required_fields")


def test_the_form_of_a_mapping_is_read_from_the_audience(furnished: Tenant) -> None:
    account, audience = furnished.made["account"]["id"], furnished.made["link"]["audience"]
    fields = furnished.client.get(f"/v1/stores/{account}/audiences/{audience}/merge-fields").json()["items"]
    assert {"tag": "ADDRESS", "name": "Address", "type": "address", "required": False} in fields


def texts(since: str | None, *, enabled: bool = True) -> dict[str, Any]:
    return {"policy": {"sms": {"enabled": enabled, "since": since}}}


LONG_AGO, TO_COME = "2026-01-01T00:00:00+00:00", "2999-01-01T00:00:00+00:00"


@pytest.mark.parametrize(
    ("programme", "since", "status", "code"),
    [
        (None, LONG_AGO, 422, "no_text_programme"),
        ({"registration_status": "REGISTRATION_STATUS_DRAFT"}, LONG_AGO, 422, "no_text_programme"),
        ({}, TO_COME, 422, "sms_start"),
        ({}, None, 422, "sms_start"),
        ({"created_at": "2026-02-01T00:00:00+00:00"}, LONG_AGO, 422, "sms_start"),
        ({}, LONG_AGO, 409, "first_sync_missing"),
    ],
)
def test_texts_are_switched_on_only_where_they_can_flow(
    tenant: Tenant, ends: dict[str, Any], account: Account, programme: Any, since: Any, status: int, code: str
) -> None:
    if programme is not None:
        account.audiences[ends["audience"]].runs_texts(**programme)
    made = tenant.client.post("/v1/links", json=ends | texts(since))
    assert (made.status_code, made.json()["code"]) == (status, code)
    link = tenant.post("/v1/links", **ends)
    changed = tenant.client.patch(f"/v1/links/{link['id']}", json=texts(since))
    assert (changed.status_code, changed.json()["code"]) == (status, code)


def test_texts_follow_from_the_policy_after_the_first_sync(
    tenant: Tenant, ends: dict[str, Any], account: Account
) -> None:
    link = tenant.post("/v1/links", **ends)
    path = f"/v1/links/{link['id']}"
    assert link["settings"]["sms"]["enabled"] is False
    account.audiences[ends["audience"]].runs_texts()
    tenant.memory.feeds.settle(
        f"{link['id']}.customers", watermark=None, full_at=datetime(2026, 5, 1, tzinfo=UTC)
    )
    on = tenant.client.patch(path, json=texts(LONG_AGO)).json()
    assert on["settings"]["sms"] == {"enabled": True, "since": LONG_AGO}
    forged = {"settings": {"sms": {"enabled": False, "since": None}, "images": "first"}}
    kept = tenant.client.patch(path, json=forged).json()["settings"]
    assert (kept["sms"]["enabled"], kept["images"]) == (True, "first")
    off = tenant.client.patch(path, json={"policy": {}}).json()
    assert off["settings"]["sms"]["enabled"] is False
