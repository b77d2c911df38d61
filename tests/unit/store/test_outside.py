"""What is kept or started outside the tables: secrets, manifests, schedules, state machines."""

import json
from dataclasses import replace
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from passerelle.memory import Feed
from passerelle.model import Kind
from passerelle.port import Indexed
from passerelle.store.repositories import Repositories, Storage
from passerelle.store.resources import Resources
from passerelle.store.schedules import ScheduleRefused

CREDENTIALS = {"token": "shpat_very_secret", "nested": {"key": "ck_also"}}


def test_credentials_come_back_as_they_were(mine: Repositories) -> None:
    mine.secrets.put("str_1", {"token": "old"})
    mine.secrets.put("str_1", CREDENTIALS)
    assert mine.secrets.get("str_1") == CREDENTIALS
    mine.secrets.put_hook_secrets("str_1", ["newer", "older"])
    assert mine.secrets.hook_secrets("str_1") == ["newer", "older"]
    assert mine.secrets.hook_secrets("str_2") == []


def test_large_credentials_come_back_too(mine: Repositories) -> None:
    large = {"service_account": "k" * 9_000}
    mine.secrets.put("str_1", large)
    assert mine.secrets.get("str_1") == large


def test_nothing_kept_or_printed_shows_a_secret(mine: Repositories, storage: Storage) -> None:  # G-7
    mine.secrets.put("str_1", CREDENTIALS)
    mine.secrets.put_hook_secrets("str_1", ["whsec_secret"])
    shown = repr(list(storage.state.stream(f"T#{mine.tenant}#SECRETS"))) + repr(mine.secrets) + repr(mine)
    assert len(shown) > 200
    for secret in ("shpat_very_secret", "ck_also", "whsec_secret"):
        assert secret not in shown


def test_a_secret_moved_to_another_store_or_tenant_cannot_be_read(  # G-7
    mine: Repositories, theirs: Repositories, storage: Storage
) -> None:
    mine.secrets.put("str_1", CREDENTIALS)
    item = storage.state.get(f"T#{mine.tenant}#SECRETS", "str_1#credentials") or {}
    storage.state.put(item | {"sk": "str_2#credentials"})
    storage.state.put(item | {"pk": f"T#{theirs.tenant}#SECRETS"})
    for read, store in ((mine.secrets.get, "str_2"), (theirs.secrets.get, "str_1")):
        with pytest.raises(ClientError, match="InvalidCiphertext"):
            read(store)


def test_deleted_secrets_and_another_tenants_are_not_found(  # G-4
    mine: Repositories, theirs: Repositories
) -> None:
    mine.secrets.put("str_1", CREDENTIALS)
    with pytest.raises(KeyError):
        theirs.secrets.get("str_1")
    mine.secrets.delete("str_1")
    mine.secrets.delete("str_1")
    with pytest.raises(KeyError):
        mine.secrets.get("str_1")


def test_slices_and_documents_come_back_as_they_were(mine: Repositories, theirs: Repositories) -> None:  # G-4
    entries = [Indexed("1", "v1"), Indexed("gid://é/2")]
    mine.manifests.put_slice("run_1", 3, entries)
    mine.manifests.put_document("run_1", "census", b"\x00\xff")
    assert mine.manifests.get_slice("run_1", 3) == entries
    assert mine.manifests.get_document("run_1", "census") == b"\x00\xff"
    assert mine.manifests.get_document("run_1", "nothing") is None
    assert theirs.manifests.get_document("run_1", "census") is None
    with pytest.raises(KeyError):
        theirs.manifests.get_slice("run_1", 3)


def test_whole_objects_are_kept_apart_where_they_soon_expire(  # G-4, G-7
    mine: Repositories, theirs: Repositories, storage: Storage
) -> None:
    mine.manifests.put_brought("run_1", 3, b"a person")
    assert mine.manifests.get_brought("run_1", 3) == b"a person"
    assert mine.manifests.get_brought("run_1", 4) is None
    assert theirs.manifests.get_brought("run_1", 3) is None
    listed = boto3.client("s3").list_objects_v2(Bucket=storage.resources.bucket)["Contents"]
    assert [each["Key"].partition("/")[0] for each in listed if b"person" in _body(storage, each["Key"])] == [
        "brought"
    ]


def _body(storage: Storage, key: str) -> bytes:
    answer = boto3.client("s3").get_object(Bucket=storage.resources.bucket, Key=key)
    return answer["Body"].read()


def test_the_map_reads_one_line_a_slice(mine: Repositories, storage: Storage) -> None:
    key = mine.manifests.finish("run_1", [1, 2, 3])
    body = boto3.client("s3").get_object(Bucket=storage.resources.bucket, Key=key)["Body"].read()
    assert [json.loads(line)["slice"] for line in body.splitlines()] == [1, 2, 3]
    assert key.startswith(f"runs/{mine.tenant}/run_1/")


def feed(mine: Repositories, **fields: Any) -> Feed:
    link = f"lnk_{mine.tenant}"
    made = Feed(id=f"{link}.customers", tenant=mine.tenant, link=link, kind=Kind.CUSTOMERS)
    return replace(made, **{"schedule": "rate(15 minutes)", "timezone": "Europe/Paris"} | fields)


def scheduled(storage: Storage, feed: Feed) -> dict[str, Any]:
    found: dict[str, Any] = dict(
        boto3.client("scheduler").get_schedule(Name=feed.id, GroupName=storage.resources.schedule_group)
    )
    return found


def test_an_enabled_feed_has_one_schedule_that_starts_the_sync_machine(  # E-1
    mine: Repositories, storage: Storage
) -> None:
    wanted = feed(mine)
    mine.schedules.put(wanted)
    mine.schedules.put(replace(wanted, schedule="cron(0 3 * * ? *)"))
    found = scheduled(storage, wanted)
    assert found["ScheduleExpression"] == "cron(0 3 * * ? *)"
    assert found["ScheduleExpressionTimezone"] == "Europe/Paris"
    assert found["Target"]["Arn"] == storage.resources.sync_machine_arn
    assert json.loads(found["Target"]["Input"]) == {
        "tenant": mine.tenant,
        "feed": wanted.id,
        "trigger": "schedule",
    }
    assert mine.schedules.list() == [wanted.id]


@pytest.mark.parametrize("change", [{"enabled": False}, {"schedule": ""}])
def test_a_feed_turned_off_leaves_no_schedule(  # E-10
    mine: Repositories, storage: Storage, change: dict[str, Any]
) -> None:
    mine.schedules.put(feed(mine))
    mine.schedules.put(feed(mine, **change))
    mine.schedules.delete(feed(mine).id)
    assert mine.schedules.list() == []
    with pytest.raises(ClientError, match="ResourceNotFound"):
        scheduled(storage, feed(mine))


def test_all_schedules_of_a_link_or_tenant_go_at_once(
    mine: Repositories, theirs: Repositories
) -> None:  # E-10
    for kind in ("customers", "orders"):
        mine.schedules.put(feed(mine, id=f"lnk_{mine.tenant}.{kind}"))
    mine.schedules.put(feed(mine, id=f"lnk_other_{mine.tenant}.orders"))
    theirs.schedules.put(feed(theirs))
    mine.schedules.delete_all(f"lnk_{mine.tenant}")
    assert mine.schedules.list() == [f"lnk_other_{mine.tenant}.orders"]
    mine.schedules.delete_all()
    assert mine.schedules.list() == []
    assert len(theirs.schedules.list()) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"schedule": "rate(0 minutes)"},
        {"schedule": "every day"},
        {"schedule": "cron(0 3 * *)"},
        {"timezone": "Mars/Olympus"},
        {"timezone": "../etc"},
    ],
)
def test_a_schedule_that_makes_no_sense_is_refused_and_nothing_is_kept(
    mine: Repositories, change: dict[str, Any]
) -> None:
    with pytest.raises(ScheduleRefused):
        mine.schedules.put(feed(mine, **change))
    assert mine.schedules.list() == []


def test_another_tenants_feed_is_not_scheduled(mine: Repositories, theirs: Repositories) -> None:  # G-4
    with pytest.raises(KeyError):
        theirs.schedules.put(feed(mine))


def executions(machine: str) -> list[dict[str, Any]]:
    client = boto3.client("stepfunctions")
    found = client.list_executions(stateMachineArn=machine)["executions"]
    return [dict(client.describe_execution(executionArn=each["executionArn"])) for each in found]


def test_a_start_that_happened_already_is_a_success(mine: Repositories, storage: Storage) -> None:  # B-9
    run = f"run_{mine.tenant}"
    mine.machines.sync(run)
    mine.machines.sync(run)
    (found,) = [each for each in executions(storage.resources.sync_machine_arn) if each["name"] == run]
    assert json.loads(found["input"]) == {"tenant": mine.tenant, "run": run}


def test_a_sync_all_passes_feeds_in_two_steps(mine: Repositories, storage: Storage) -> None:  # B-2
    name, first, then = f"syn_{mine.tenant}", [{"feed": "l.products", "mode": "all"}], [{"feed": "l.orders"}]
    mine.machines.sync_all(name, first, then)
    (found,) = [each for each in executions(storage.resources.sync_all_machine_arn) if each["name"] == name]
    assert json.loads(found["input"]) == {
        "tenant": mine.tenant,
        "sync_all": name,
        "first": first,
        "then": then,
    }


def test_a_payload_too_large_for_a_machine_is_refused(mine: Repositories) -> None:
    with pytest.raises(ValueError, match="pass ids"):
        mine.machines.sync_all("syn_1", [{"feed": "x" * 262_144}], [])


def test_the_environment_names_the_resources(resources: Resources) -> None:
    assert Resources.of(resources.environment() | {"OTHER": "1"}) == resources
    assert Resources.of({"STATE_TABLE": "t"}).state_table == "t"
