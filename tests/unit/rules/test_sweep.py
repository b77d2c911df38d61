"""When a scheduled run looks at everything."""

from datetime import UTC, datetime, timedelta

import pytest
from passerelle.rules.selection import SWEEP_EVERY, sweep_due

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("last_full", "due"),
    [
        (None, True),
        (NOW - SWEEP_EVERY, True),
        (NOW - SWEEP_EVERY + timedelta(seconds=1), False),
        (NOW, False),
    ],
)
def test_a_scheduled_run_is_a_full_pass_once_a_day(last_full, due):  # B-16
    assert sweep_due(last_full, NOW) is due
