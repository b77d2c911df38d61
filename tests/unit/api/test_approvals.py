"""Approving, discarding, undoing and looking ahead, at the door."""

from datetime import UTC, datetime

import orjson
import pytest
from passerelle.memory import TO_AUDIENCE, ConsentEntry, Run, RunOutcome, RunStatus, SliceProgress
from passerelle.memory.run import SET_ASIDE
from passerelle.port import Indexed
from sandbox.tenants import Tenant

AT = datetime(2026, 5, 1, tzinfo=UTC)


def _feed(tenant: Tenant) -> str:
    return f"{tenant.made['link']['id']}.customers"


def _run(tenant: Tenant) -> Run:
    return tenant.memory.runs.get(tenant.post(f"/v1/feeds/{_feed(tenant)}/runs")["id"])


@pytest.fixture
def waiting(furnished: Tenant) -> Run:
    """A run that has set one person aside and waits."""
    memory, run = furnished.memory, _run(furnished)
    memory.manifests.put_slice(run.id, 1, [Indexed("7")])
    memory.manifests.put_document(run.id, "raises/00001", orjson.dumps([RAISE]))
    memory.runs.put_slice(run.id, SliceProgress(1, 1, finished=True, skipped_why={SET_ASIDE: 1}))
    run = run.but(status=RunStatus.AWAITING_APPROVAL, slices=1, expected=1, raises=1, finished_at=AT)
    memory.runs.save(run)
    memory.lease.release(run.feed, run.id, run.fence)
    return run


RAISE = {
    "id": "7",
    "contact": "c7",
    "rule": "A-7",
    "status_before": "transactional",
    "status_after": "subscribed",
    "consent_before": "subscribed",
    "consent_after": "",
    "hash": "h",
    "agreed": "",
    "customers": "",
}


def test_a_waiting_run_tells_whom_it_would_raise(furnished: Tenant, waiting: Run) -> None:
    (one,) = furnished.client.get(f"/v1/runs/{waiting.id}/raises").json()["items"]
    assert one == {
        name: value for name, value in RAISE.items() if name not in {"hash", "agreed", "customers"}
    }
    shown = furnished.client.get(f"/v1/runs/{waiting.id}").json()
    assert (shown["status"], shown["outcome"], shown["raises"]) == ("awaiting_approval", None, 1)


@pytest.mark.parametrize("act", ["approve", "discard"])
def test_a_run_is_answered_once(furnished: Tenant, waiting: Run, act: str) -> None:
    answer = furnished.client.post(f"/v1/runs/{waiting.id}/{act}")
    assert answer.status_code == 202, answer.text
    assert furnished.memory.lease.holder(waiting.feed) == waiting.id
    for again in ("approve", "discard"):
        refused = furnished.client.post(f"/v1/runs/{waiting.id}/{again}")
        assert (refused.status_code, refused.json()["code"]) == (409, "not_waiting")


@pytest.mark.parametrize("act", ["approve", "discard"])
def test_a_run_that_does_not_wait_cannot_be_answered(furnished: Tenant, act: str) -> None:
    answer = furnished.client.post(f"/v1/runs/{_run(furnished).id}/{act}")
    assert (answer.status_code, answer.json()["code"]) == (409, "not_waiting")


def test_an_approval_waits_for_the_run_that_holds_the_feed(furnished: Tenant, waiting: Run) -> None:  # B-9
    other = _run(furnished)
    answer = furnished.client.post(f"/v1/runs/{waiting.id}/approve")
    assert (answer.status_code, answer.json()["code"]) == (409, "busy")
    assert other.id in answer.json()["remedy"]


def test_what_a_run_wrote_of_consent_is_listed_by_run_and_by_customer(furnished: Tenant) -> None:
    run, link = _run(furnished), furnished.made["link"]["id"]
    entry = ConsentEntry("7", "c7", link, TO_AUDIENCE, "A-7", "transactional", "subscribed", AT, AT, run.id)
    furnished.memory.consents.record([entry, entry])
    (shown,) = furnished.client.get(f"/v1/runs/{run.id}/consents").json()["items"]
    assert (shown["customer"], shown["before"], shown["after"]) == ("7", "transactional", "subscribed")
    furnished.client.post(f"/v1/links/{link}/customers/7/resync")
    assert [each.run for each in furnished.memory.consents.list_customer(link, "7").items] == [run.id]


def test_a_run_that_goes_on_and_an_undo_are_not_undone(furnished: Tenant) -> None:
    run = _run(furnished)
    answer = furnished.client.post(f"/v1/runs/{run.id}/undo")
    assert (answer.status_code, answer.json()["code"]) == (409, "nothing_to_undo")
    furnished.memory.runs.save(run.but(status=RunStatus.FINISHED, outcome=RunOutcome.COMPLETED))
    furnished.memory.lease.release(run.feed, run.id, run.fence)
    undo = furnished.client.post(f"/v1/runs/{run.id}/undo")
    assert (undo.status_code, undo.json()["trigger"]) == (202, "undo")


def test_a_preview_is_a_dry_run_whose_figures_come_once_it_has_finished(
    furnished: Tenant,
) -> None:  # A-12, B-18
    begun = furnished.post(f"/v1/links/{furnished.made['link']['id']}/consent-preview")
    run = furnished.memory.runs.get(begun["run"])
    assert (run.dry_run, begun["changes"], begun["waits"]) == (True, [], False)
    created = {
        "id": "1",
        "action": "create",
        "status_before": "absent",
        "status_after": "subscribed",
        "rule": "A-1",
    }
    back = {"id": "2", "action": "update", "status_before": "subscribed", "status_after": "", "rule": "A-3"}
    back |= {"consent_before": "not_subscribed", "consent_after": "subscribed"}
    furnished.memory.manifests.put_document(run.id, "differences/00001", orjson.dumps([created, back]))
    furnished.memory.runs.save(run.but(status=RunStatus.FINISHED, slices=1, outcome=RunOutcome.COMPLETED))
    shown = furnished.client.get(f"/v1/runs/{run.id}/consent-preview").json()
    assert (shown["creates"], shown["raises"], shown["guard"], shown["waits"]) == (
        {"subscribed": 1},
        1,
        500,
        False,
    )
    (change,) = shown["changes"]
    assert (change["rule"], change["count"], change["ids"]) == ("A-3", 1, ["2"])


@pytest.mark.parametrize("guard", [{"most": -1}, {"share": 2}, {"many": 1}])
def test_a_guard_that_makes_no_sense_is_refused(furnished: Tenant, guard: dict[str, int]) -> None:
    path = f"/v1/links/{furnished.made['link']['id']}"
    assert furnished.client.patch(path, json={"policy": {"guard": guard}}).status_code == 422
    kept = furnished.client.patch(path, json={"policy": {"guard": {"most": 7, "share": 0}}}).json()
    assert kept["policy"]["guard"] == {"most": 7, "share": 0}
