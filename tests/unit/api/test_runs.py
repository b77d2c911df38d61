"""Starting runs, watching them, stopping them."""

import json
from datetime import timedelta
from typing import Any

import pytest
from passerelle.api.runs import show_progress
from passerelle.memory import Counts, Mode, Run, RunOutcome, RunStatus, SliceProgress
from passerelle.model import Kind
from passerelle.store.ids import now
from sandbox.tenants import Tenant


@pytest.fixture
def feed(furnished: Tenant) -> str:
    return f"{furnished.made['link']['id']}.customers"


def test_a_second_trigger_answers_the_run_that_runs(furnished: Tenant, feed: str) -> None:  # B-9
    first = furnished.post(f"/v1/feeds/{feed}/runs", mode="all")
    assert furnished.post(f"/v1/feeds/{feed}/runs", mode="all")["id"] == first["id"]


def test_another_mode_is_a_conflict_that_names_the_run(furnished: Tenant, feed: str) -> None:  # B-9
    first = furnished.post(f"/v1/feeds/{feed}/runs", mode="all")
    answer = furnished.client.post(f"/v1/feeds/{feed}/runs", json={"mode": "new"})
    assert (answer.status_code, answer.json()["code"]) == (409, "busy")
    assert first["id"] in answer.json()["remedy"]


def test_a_cancelled_run_begins_no_more_batches(furnished: Tenant, feed: str) -> None:  # B-10
    run = furnished.post(f"/v1/feeds/{feed}/runs")["id"]
    answer = furnished.client.post(f"/v1/runs/{run}/cancel")
    assert (answer.status_code, answer.json()["cancelled"]) == (202, True)
    assert furnished.memory.runs.stopped(run)


def test_a_run_that_goes_on_is_not_resumed(furnished: Tenant, feed: str) -> None:
    run = furnished.post(f"/v1/feeds/{feed}/runs")["id"]
    answer = furnished.client.post(f"/v1/runs/{run}/resume")
    assert (answer.status_code, answer.json()["code"]) == (409, "still_running")


def _ended(tenant: Tenant, feed: str, outcome: RunOutcome) -> str:
    run = tenant.memory.runs.get(tenant.post(f"/v1/feeds/{feed}/runs", mode="new")["id"])
    tenant.memory.runs.save(run.but(status=RunStatus.FINISHED, outcome=outcome, finished_at=now()))
    tenant.memory.lease.release(feed, run.id, run.fence)
    return run.id


def test_a_cancelled_run_is_resumed_as_a_new_one_of_the_same_mode(
    furnished: Tenant, feed: str
) -> None:  # B-10
    stopped = _ended(furnished, feed, RunOutcome.CANCELLED)
    resumed = furnished.client.post(f"/v1/runs/{stopped}/resume").json()
    assert resumed["id"] != stopped
    assert (resumed["trigger"], resumed["mode"]) == ("resume", "new")


def test_a_completed_run_has_nothing_to_resume(furnished: Tenant, feed: str) -> None:
    answer = furnished.client.post(f"/v1/runs/{_ended(furnished, feed, RunOutcome.COMPLETED)}/resume")
    assert (answer.status_code, answer.json()["code"]) == (409, "nothing_to_resume")


def test_runs_are_listed_by_feed_status_and_outcome_newest_first(furnished: Tenant, feed: str) -> None:
    ended = [_ended(furnished, feed, outcome) for outcome in (RunOutcome.FAILED, RunOutcome.COMPLETED)]
    get = furnished.client.get

    def ids(**params: Any) -> list[str]:
        return [run["id"] for run in get("/v1/runs", params=params).json()["items"]]

    assert ids(feed=feed) == ended[::-1]
    assert ids(outcome="failed") == ended[:1]
    assert ids(status="planning") == [furnished.made["run"]["id"]]


def test_cursors_walk_a_list_once(furnished: Tenant, feed: str) -> None:  # F-8
    ended = [_ended(furnished, feed, RunOutcome.COMPLETED) for _ in range(5)]
    seen, cursor = [], ""
    while True:
        page = furnished.client.get("/v1/runs", params={"feed": feed, "limit": 2, "cursor": cursor}).json()
        assert len(page["items"]) <= 2
        seen += [run["id"] for run in page["items"]]
        cursor = page["next"]
        if not cursor:
            break
    assert seen == ended[::-1]


@pytest.mark.parametrize(
    "path", ["/v1/runs", "/v1/keys", "/v1/feeds", "/v1/incidents", "/v1/stores", "/v1/links"]
)
@pytest.mark.parametrize("cursor", ["nonsense", "WyJ4IiwieSJd", "é", "bnVsbA"])
def test_a_cursor_of_another_list_is_refused(furnished: Tenant, path: str, cursor: str) -> None:  # F-8
    answer = furnished.client.get(path, params={"cursor": cursor})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "cursor"


@pytest.mark.parametrize("limit", ["0", "101", "-1", "ten"])
def test_a_limit_beyond_a_hundred_is_refused(tenant: Tenant, limit: str) -> None:
    answer = tenant.client.get("/v1/keys", params={"limit": limit})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "limit")


def test_short_lists_are_paged_too(tenant: Tenant) -> None:  # F-8
    for number in range(4):
        tenant.post("/v1/keys", name=f"key {number}", scopes=["read"])
    first = tenant.client.get("/v1/keys", params={"limit": 3}).json()
    rest = tenant.client.get("/v1/keys", params={"limit": 3, "cursor": first["next"]}).json()
    assert (len(first["items"]), len(rest["items"]), rest["next"]) == (3, 2, None)


def test_progress_tells_batches_rate_and_time_left() -> None:  # B-17
    at = now()
    run = Run("run_1", "ten_1", "lnk_1", "lnk_1.products", Kind.PRODUCTS, Mode.ALL)
    run = run.but(
        status=RunStatus.CARRYING,
        expected=400,
        batches=8,
        started_at=at - timedelta(seconds=50),
        progress_at=at - timedelta(seconds=7),
    )
    slices = [
        SliceProgress(1, 200, Counts(created=90, failed=10), 2, 1, 0, 4),
        SliceProgress(2, 200, Counts(skipped=5), 0, 0, 1, 4, skipped_why={"no_email": 5}),
    ]
    told = show_progress(run, slices, at)
    assert told.counts.created == 90
    assert told.skipped_why == {"no_email": 5}
    progress = told.progress
    assert (progress.batches_done, progress.batches_failed, progress.batches_running) == (2, 1, 1)
    assert (progress.batches_total, progress.objects_done, progress.objects_total) == (8, 105, 400)
    assert progress.rate == pytest.approx(2.1)
    assert (progress.eta_seconds, progress.idle_seconds) == (round(295 / 2.1), 7)


def test_a_finished_run_has_no_time_left_and_keeps_its_counts() -> None:  # B-17
    at = now()
    run = Run("run_1", "ten_1", "lnk_1", "lnk_1.products", Kind.PRODUCTS)
    run = run.but(
        status=RunStatus.FINISHED,
        outcome=RunOutcome.COMPLETED,
        expected=10,
        counts=Counts(unchanged=10),
        started_at=at - timedelta(seconds=60),
        finished_at=at - timedelta(seconds=50),
        progress_at=at - timedelta(seconds=50),
    )
    progress = show_progress(run, [], at).progress
    assert (progress.objects_done, progress.rate) == (10, 1.0)
    assert (progress.eta_seconds, progress.idle_seconds) == (None, None)


def test_only_a_dry_run_has_differences(furnished: Tenant) -> None:  # B-18
    answer = furnished.client.get(f"/v1/runs/{furnished.made['run']['id']}/differences")
    assert (answer.status_code, answer.json()["code"]) == (409, "not_a_dry_run")


def test_a_dry_runs_differences_are_paged(furnished: Tenant, feed: str) -> None:  # B-18
    run = furnished.post(f"/v1/feeds/{feed}/runs", dry_run=True)
    kept = furnished.memory.runs.get(run["id"])
    furnished.memory.runs.save(kept.but(slices=1))
    status = {"status_before": "transactional", "status_after": "subscribed", "rule": "A-7"}
    found = json.dumps([{"id": "1", "action": "create"}, {"id": "2", "action": "update", **status}]).encode()
    furnished.memory.manifests.put_document(run["id"], "differences/00001", found)
    first = furnished.client.get(f"/v1/runs/{run['id']}/differences", params={"limit": 1}).json()
    assert [difference["id"] for difference in first["items"]] == ["1"]
    second = furnished.client.get(
        f"/v1/runs/{run['id']}/differences", params={"limit": 1, "cursor": first["next"]}
    ).json()
    assert ([difference["id"] for difference in second["items"]], second["next"]) == (["2"], None)
