"""Cold starts: what importing a function costs in a fresh interpreter, and how large the layers are."""

import os
import statistics
import subprocess
import sys
import sysconfig
from functools import cache
from pathlib import Path

from bench.bars import Figure, Options, at_most, told
from bench.places import ROOT, BenchError, environment

COLD = "7 cold start"
BARS = {"carry": 300.0, "webhook": 200.0}
EVERYTHING = (
    "import boto3, httpx, pydantic; boto3.client('dynamodb'); boto3.client('s3'); "
    "from aws_lambda_powertools import Logger, Metrics; "
    "from aws_lambda_powertools.utilities import batch, idempotency"
)
"""What a function of this kind usually imports: the reference of the same run."""
RUNS = 7
PACKAGES = (
    *(
        "annotated_types",
        "anyio",
        "aws_lambda_powertools",
        "certifi",
        "h11",
        "httpcore",
        "httpx",
        "idna",
        "orjson",
    ),
    *("pydantic", "pydantic_core", "typing_extensions.py", "typing_inspection", "tzdata"),
    *("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "urllib3", "six.py"),
)
LAYERS = {"CoreLayer": "our library", "DependenciesLayer": "third parties"}


def measure(_: Options) -> list[Figure]:
    """Bar 7."""
    figures = []
    for name, most in BARS.items():
        spent = _milliseconds(f"import {name}")
        figures.append(
            at_most(COLD, f"import of functions/{name}.py (ms of processor)", spent, most, "{:.0f}")
        )
    ready = "import {}; from passerelle.runtime import runtime; runtime().storage.clients.dynamodb"
    figures.append(
        told(
            COLD,
            "carry with its DynamoDB client made (ms of processor)",
            f"{_milliseconds(ready.format('carry')):.0f}",
        )
    )
    try:
        usual = f"{_milliseconds(EVERYTHING):.0f}"
    except BenchError:
        usual = "the usual imports are not all installed here"
    figures.append(
        told(COLD, "boto3 clients, powertools, httpx and pydantic, all imported (ms of processor)", usual)
    )
    return figures + _sizes()


def _milliseconds(code: str) -> float:
    """Median over fresh interpreters, their own start taken off; compiled files are there from the second on.

    It is processor time, which is what an import is: other work on the machine is not in it.
    """
    script = f"import time; began = time.process_time(); {code}; print((time.process_time() - began) * 1000)"
    _once(script)
    return statistics.median(_once(script) for _ in range(RUNS))


def _once(script: str) -> float:
    path = environment(AWS_DEFAULT_REGION="eu-west-1", STAGE="bench")
    path["PYTHONPATH"] = os.pathsep.join(map(str, (ROOT / "layers/core", ROOT / "functions", _layer())))
    command = [sys.executable, "-S", "-c", script]
    answer = subprocess.run(command, env=path, capture_output=True, text=True, check=False)
    if answer.returncode:
        raise BenchError(f"An import failed:\n{answer.stderr[-800:]}")
    return float(answer.stdout)


@cache
def _layer() -> Path:
    """What a function finds in the cloud: the dependencies layer, and boto3 with what it needs; no developer's tools.

    (httpx imports rich where it is installed, for one.)
    """
    here = Path(sysconfig.get_path("purelib"))
    room = ROOT / ".local/bench-layer"
    room.mkdir(parents=True, exist_ok=True)
    for name in PACKAGES:
        link = room / name
        link.unlink(missing_ok=True)
        link.symlink_to(here / name)
    return room


def _sizes() -> list[Figure]:
    built = ROOT / ".aws-sam/build"
    figures = []
    for name, words in LAYERS.items():
        folder = built / name
        size = f"{_megabytes(folder):.1f} MB" if folder.exists() else "not built (sam build)"
        figures.append(told(COLD, f"layer of {words}, unpacked", size))
    return figures


def _megabytes(folder: Path) -> float:
    return sum(each.stat().st_size for each in folder.rglob("*") if each.is_file()) / 1e6
