"""For `AUTH=true`: notes which right each role asked for and whether it had it, in `rights.jsonl` of the room.

A test reads it: a refusal that a program swallowed is seen, and so is a right that nobody uses.
"""

import json
import tempfile
import threading
from pathlib import Path
from typing import Any

from ministack.core import iam_evaluator

NOTES = "rights.jsonl"

_asking = threading.local()
_known: set[str] = set()
_lock = threading.Lock()
_enforce, _evaluate = iam_evaluator.enforce, iam_evaluator.evaluate


def apply() -> None:
    """Stand beside the evaluator."""
    iam_evaluator.evaluate, iam_evaluator.enforce = evaluate, enforce


def evaluate(context: Any, *policies: Any) -> Any:
    """The evaluator's answer; who asks is remembered for `enforce`, which runs in the same thread."""
    _asking.context = context
    return _evaluate(context, *policies)


def enforce(*arguments: Any, **options: Any) -> Any:
    """The emulator's verdict (None: allowed), noted once for each role, action and resource."""
    _asking.context = None
    denied = _enforce(*arguments, **options)
    if _asking.context is not None:
        _note(_asking.context, allowed=denied is None)
    return denied


def _note(context: Any, *, allowed: bool) -> None:
    told = {
        "principal": context.principal_arn,
        "action": context.action,
        "resource": context.resource_arn,
        "allowed": allowed,
    }
    line = json.dumps(told)
    with _lock:
        if line not in _known:
            _known.add(line)
            with (Path(tempfile.gettempdir()) / NOTES).open("a") as notes:
                notes.write(line + "\n")
