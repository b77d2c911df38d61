"""Cold starts: what importing a function costs in a fresh interpreter, and how large the layers are."""

import statistics
import subprocess
import sys
from pathlib import Path

from bench.bars import Figure, Options, at_most, told
from bench.places import ROOT, BenchError, environment

COLD = "7 cold start"
BARS = {"carry": 300.0, "webhook": 200.0}
EVERYTHING = (
    "import boto3, httpx, pydantic; boto3.client('dynamodb'); boto3.client('s3'); "
    "from aws_lambda_powertools import Logger, Metrics, Tracer; "
    "from aws_lambda_powertools.utilities import batch, idempotency, parser"
)
"""What a function of this kind usually imports: the reference of the same run."""
RUNS = 7
LAYERS = {"CoreLayer": "our library", "DependenciesLayer": "third parties"}


def measure(_: Options) -> list[Figure]:
    """Bar 7."""
    figures = []
    for name, most in BARS.items():
        spent = _milliseconds(f"import {name}")
        figures.append(at_most(COLD, f"import of functions/{name}.py (ms)", spent, most, "{:.0f}"))
    ready = "import {}; from passerelle.runtime import runtime; runtime().storage.clients.dynamodb"
    figures.append(
        told(COLD, "carry with its DynamoDB client made (ms)", f"{_milliseconds(ready.format('carry')):.0f}")
    )
    try:
        usual = f"{_milliseconds(EVERYTHING):.0f}"
    except BenchError:
        usual = "the usual imports are not all installed here"
    figures.append(told(COLD, "boto3 clients, powertools, httpx and pydantic, all imported (ms)", usual))
    return figures + _sizes()


def _milliseconds(code: str) -> float:
    """Median over fresh interpreters, their own start taken off; compiled files are there from the first on."""
    script = f"import time; began = time.perf_counter(); {code}; print((time.perf_counter() - began) * 1000)"
    return statistics.median(sorted(_once(script) for _ in range(RUNS))[: RUNS - 1])


def _once(script: str) -> float:
    path = environment()
    path["PYTHONPATH"] = f"{ROOT / 'layers/core'}:{ROOT / 'functions'}"
    path |= {"AWS_DEFAULT_REGION": "eu-west-1", "STAGE": "bench"}
    answer = subprocess.run(
        [sys.executable, "-c", script], env=path, capture_output=True, text=True, check=False
    )
    if answer.returncode:
        raise BenchError(f"An import failed:\n{answer.stderr[-800:]}")
    return float(answer.stdout)


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
