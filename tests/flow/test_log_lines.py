"""What Carry and Settle leave in the log: one line each, with figures, and nothing of anybody."""

import json

import carry
import settle
from passerelle import runtime
from passerelle.model import Kind
from sandbox.door import Lambda


class Long(Lambda):
    """A call with all the time that Lambda gives."""

    @staticmethod
    def get_remaining_time_in_millis() -> int:
        """Milliseconds until the worker is ended."""
        return 900_000


def _called(monkeypatch, caplog, here, handler, event):
    """The line that a function logged for one call."""
    monkeypatch.setattr(runtime, "runtime", lambda: here.world.runtime)
    caplog.clear()
    handler({"tenant": here.world.tenant, **event}, Long())
    (line,) = [vars(each) for each in caplog.records if each.getMessage() == handler.__module__]
    return line


def test_carry_and_settle_log_one_line_each_with_their_figures(monkeypatch, caplog, scene):  # G-7
    caplog.set_level("INFO", logger="passerelle")
    here = scene(customers=5)
    run = here.world.start(Kind.CUSTOMERS)
    here.world.river.plan({"run": run.id}, here.world.runtime.resources.bucket, lambda: 900.0)
    before = len(here.shop.calls) + len(here.account.calls)
    carried = _called(monkeypatch, caplog, here, carry.handler, {"run": run.id, "slice": 1})
    calls = len(here.shop.calls) + len(here.account.calls) - before
    assert carried["levelname"] == "INFO"
    assert (carried["run"], carried["slice"], carried["status"]) == (run.id, 1, "done")
    assert (sum(carried["counts"].values()), carried["calls"]) == (5, calls)
    assert carried["seconds"] >= 0
    settled = _called(monkeypatch, caplog, here, settle.handler, {"run": run.id})
    assert settled["counts"] == carried["counts"]
    assert (settled["run"], settled["outcome"], settled["expected"]) == (run.id, "completed", 5)
    assert settled["calls"] > 0
    people = here.shop.state.shelf("Customer").things.values()
    told = json.dumps([carried, settled], default=str)
    assert not any(
        person[name] in told for person in people for name in ("email", "lastName") if person[name]
    )
