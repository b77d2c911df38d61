"""Watch: every few minutes, looks at the runs under way for those that do not move."""

from collections import Counter
from typing import Any

from aws_lambda_powertools import Metrics
from aws_lambda_powertools.metrics import MetricUnit
from passerelle.runtime import Invocation, function

metrics = Metrics(namespace="Passerelle", service="passerelle")


@metrics.log_metrics
@function
def handler(call: Invocation) -> dict[str, Any]:
    """Any event; answers how many runs were moving, stale and settled."""
    found = Counter(
        call.runtime.river(running.tenant).watch(running.run) for running in call.runtime.operator.running()
    )
    metrics.add_metric(name="StaleRuns", unit=MetricUnit.Count, value=found["stale"])
    return {"status": "done", **found}
