"""The state machines tell one story each: no dead end, no unknown error, nothing but ids in their payloads."""

from pathlib import Path
from typing import Any

import passerelle.port
import passerelle.sync.carry
import pytest
from template.reading import leads_to, scopes, states

ROOT = Path(__file__).resolve().parents[2]
MACHINES = sorted(path.name for path in (ROOT / "statemachines").glob("*.asl.json"))
EVERY = pytest.mark.parametrize("name", MACHINES)


@EVERY
def test_every_state_is_reached_and_every_way_leads_somewhere(machines: dict[str, Any], name: str) -> None:
    for scope in scopes(machines[name]):
        reached, todo = set(), {scope["StartAt"]}
        while todo:
            here = todo.pop()
            reached.add(here)
            todo |= leads_to(scope["States"][here]) - reached
        assert reached == set(scope["States"])


@EVERY
def test_every_state_ends_or_goes_on(machines: dict[str, Any], name: str) -> None:
    for label, state in states(machines[name]).items():
        ends = state["Type"] in {"Succeed", "Fail"} or state.get("End") is True
        assert ends != bool(leads_to(state)) or state.get("Catch"), label


@EVERY
def test_no_two_states_bear_one_name(machines: dict[str, Any], name: str) -> None:
    names = [label for scope in scopes(machines[name]) for label in scope["States"]]
    assert len(names) == len(set(names))


@EVERY
def test_every_error_that_is_named_is_one_that_we_raise(machines: dict[str, Any], name: str) -> None:
    for label, state in states(machines[name]).items():
        for rule in [*state.get("Retry", []), *state.get("Catch", [])]:
            for error in rule["ErrorEquals"]:
                ours = getattr(passerelle.port, error, None) or getattr(passerelle.sync.carry, error, None)
                known = error == "States.ALL" or (isinstance(ours, type) and issubclass(ours, Exception))
                assert known, f"{label}: {error}"


@EVERY
def test_whatever_else_happens_is_tried_again_last_and_not_in_step(
    machines: dict[str, Any], name: str
) -> None:
    for label, state in states(machines[name]).items():
        rules = state.get("Retry", [])
        if rules:
            assert rules[-1]["ErrorEquals"] == ["States.ALL"], label
        for rule in rules:
            patient = (
                rule["MaxAttempts"] == 0
                or {"BackoffRate", "JitterStrategy", "MaxDelaySeconds"} <= rule.keys()
            )
            assert patient, label


def test_settle_is_reached_whatever_fails(machines: dict[str, Any]) -> None:
    outer = machines["sync.asl.json"]["States"]
    for label, state in outer.items():
        if state["Type"] in {"Task", "Map"} and label != "Settle":
            (catch,) = state["Catch"]
            assert (catch["ErrorEquals"], catch["Next"], catch["ResultPath"]) == (
                ["States.ALL"],
                "Settle",
                "$.error",
            )


def test_every_task_of_the_river_is_tried_again(machines: dict[str, Any]) -> None:  # B-7
    for label, state in states(machines["sync.asl.json"]).items():
        if state["Type"] == "Task":
            assert "Retry" in state, label


def test_a_slice_that_fails_stops_no_other_and_brings_nothing_back(machines: dict[str, Any]) -> None:
    (carry,) = (state for state in states(machines["sync.asl.json"]).values() if "ItemReader" in state)
    assert carry["ToleratedFailurePercentage"] == 100
    assert carry["ResultPath"] is None
    assert set(carry["ItemSelector"]) == {"tenant.$", "run.$", "slice.$"}  # G-7: ids only


def test_orders_and_carts_wait_for_products_and_customers(machines: dict[str, Any]) -> None:  # B-2
    machine = machines["sync_all.asl.json"]
    first = machine["States"][machine["StartAt"]]
    assert (first["ItemsPath"], machine["States"][first["Next"]]["ItemsPath"]) == ("$.first", "$.then")
    for inner in scopes(machine):
        for state in inner["States"].values():
            if state["Type"] == "Task":
                assert state["Resource"].endswith("startExecution.sync:2")
                assert state["Catch"][0]["ErrorEquals"] == ["States.ALL"]


@EVERY
def test_a_machine_fits_on_a_few_screens(name: str) -> None:
    assert len((ROOT / "statemachines" / name).read_text().splitlines()) <= 120
