"""One Lambda's work in a process of its own, to see how much memory it takes at its highest.

python -m bench.worker plan|carry ROUTES_JSON RESOURCES_JSON TENANT LINK KIND [RUN SLICE]
"""

import json
import re
import resource
import sys
from pathlib import Path

from passerelle.memory import RunStatus
from passerelle.model import Kind
from passerelle.runtime import Local, Runtime
from passerelle.store.repositories import Storage
from passerelle.store.resources import Resources

from bench.engine import Engine


def _peak() -> float:
    """MB. Linux's getrusage also tells what the parent held before this program took its place: not so VmHWM."""
    status = Path("/proc/self/status")
    found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text()) if status.exists() else None
    return (int(found[1]) if found else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss) / 1024


def main(step: str, routes: str, resources: str, tenant: str, link: str, kind: str, *which: str) -> None:
    """Do the step and print its run, its slices and the peak of resident memory in MB."""
    storage = Storage(Resources(**json.loads(resources)))
    engine = Engine(Runtime(storage, Local(allow_private=True, routes=json.loads(routes))), tenant)
    engine.link = engine.memory.links.get(link)
    if step == "plan":
        run = engine.plan(Kind(kind))
        if run.status is not RunStatus.CARRYING:
            raise SystemExit(f"planned {run.status}: {run.why}")
    else:
        run = engine.memory.runs.get(which[0])
        engine.carry(run, int(which[1]))
    peak = _peak()
    print(json.dumps({"run": run.id, "slices": run.slices, "expected": run.expected, "peak_mb": peak}))


if __name__ == "__main__":
    main(*sys.argv[1:])
