"""Repair: a handler's exception keeps its class name, as on AWS, so that a state machine's Retry can name it.

The emulator calls every exception `Runtime.HandlerError`. Its worker is taught to report the class as well,
and the report is carried past the place that drops it.
"""

import threading
from typing import Any

from ministack.core import lambda_runtime
from ministack.services import lambda_svc

REPORT = '{"status": "error", "error": str(e), "trace": traceback.format_exc()}'
FULL_REPORT = (
    '{"status": "error", "error": str(e), "errorType": type(e).__name__, "trace": traceback.format_exc()}'
)

_latest = threading.local()
_invoke = lambda_runtime.Worker.invoke
_execute = lambda_svc._execute_function_warm


def apply() -> None:
    """Teach the worker and both ends of the way."""
    if lambda_runtime._PYTHON_WORKER_SCRIPT.count(REPORT) != 1:
        raise SystemExit("The emulator's worker no longer reports errors as this repair expects.")
    lambda_runtime._PYTHON_WORKER_SCRIPT = lambda_runtime._PYTHON_WORKER_SCRIPT.replace(REPORT, FULL_REPORT)
    lambda_runtime.Worker.invoke = invoke
    lambda_svc._execute_function_warm = execute


def invoke(worker: Any, *arguments: Any, **options: Any) -> dict[str, Any]:
    """The worker's answer, remembered for `execute`, which runs in the same thread."""
    _latest.answer = _invoke(worker, *arguments, **options)
    return _latest.answer


def execute(*arguments: Any, **options: Any) -> dict[str, Any]:
    """The function's answer, with the exception's own name in it."""
    _latest.answer = {}
    result = _execute(*arguments, **options)
    name = _latest.answer.get("errorType")
    if result.get("error") and name:
        result["body"]["errorType"] = name
        result["body"]["stackTrace"] = _latest.answer.get("trace", "").splitlines(keepends=True)
    return result
