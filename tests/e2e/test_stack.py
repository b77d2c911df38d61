"""The stack itself: what the template makes is there and answers, before anything is synced through it."""

import json
import time

import pytest
from sandbox.stack import Deployed


def test_the_door_says_what_is_wrong_with_a_request_without_a_key(deployed: Deployed) -> None:  # F-8
    answer = deployed.http().get("/v1/stores")
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert {"code", "remedy", "correlation_id"} <= answer.json().keys()


def test_a_wrong_key_is_refused(deployed: Deployed) -> None:
    answer = deployed.http("pk_wrong").get("/v1/stores")
    assert answer.status_code == 401
    assert answer.json()["code"] == "key_refused"


def test_a_route_that_does_not_exist_is_a_problem_too(deployed: Deployed) -> None:  # F-8
    answer = deployed.http("pk_wrong").get("/nowhere")
    assert answer.status_code == 403
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_operators_routes_take_no_tenants_key(deployed_with_rights: Deployed, method: str) -> None:
    answer = deployed_with_rights.http("pk_wrong").request(method, "/v1/tenants")
    assert answer.status_code == 403


def test_the_description_of_the_api_is_public(deployed: Deployed) -> None:  # F-9
    answer = deployed.http().get("/openapi.json")
    assert answer.status_code == 200, answer.text
    assert answer.json()["openapi"].startswith("3.1")


def test_an_unknown_webhook_address_is_not_found(deployed: Deployed) -> None:  # F-1
    answer = deployed.http().post(
        "/hooks/nobody", content=b"\xff\xfe", headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 404, answer.text


@pytest.mark.parametrize("table", ["StateTable", "LedgerTable"])
def test_tables_forget_what_expires(deployed: Deployed, table: str) -> None:  # G-8
    described = deployed.aws("dynamodb").describe_time_to_live(TableName=deployed.outputs[table])
    assert described["TimeToLiveDescription"] == {"TimeToLiveStatus": "ENABLED", "AttributeName": "ttl"}


def test_a_run_that_nobody_asked_for_is_settled_as_broken(deployed_with_rights: Deployed) -> None:
    machines = deployed_with_rights.aws("stepfunctions")
    started = machines.start_execution(
        stateMachineArn=deployed_with_rights.outputs["SyncMachineArn"],
        name="run_unknown",
        input=json.dumps({"tenant": "ten_unknown", "run": "run_unknown"}),
    )
    ended = machines.describe_execution(executionArn=started["executionArn"])
    deadline = time.monotonic() + 90
    while ended["status"] == "RUNNING" and time.monotonic() < deadline:
        time.sleep(0.5)
        ended = machines.describe_execution(executionArn=started["executionArn"])
    assert ended["status"] == "FAILED"
    entered = machines.get_execution_history(executionArn=started["executionArn"], maxResults=500)["events"]
    names = [
        event["stateEnteredEventDetails"]["name"] for event in entered if "stateEnteredEventDetails" in event
    ]
    assert "Settle" in names
