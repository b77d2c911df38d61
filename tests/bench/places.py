"""The processes a measurement needs beside itself: the AWS emulator and the still shop."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from passerelle.store.resources import Resources
from sandbox import aws, stack

ROOT = stack.ROOT


class BenchError(Exception):
    """A measurement could not be made; the text says why."""


def environment(**more: str) -> dict[str, str]:
    """What a program started here gets to see."""
    path = os.pathsep.join(str(ROOT / each) for each in ("layers/core", "tests", "functions"))
    return stack.clean_environment(PYTHONPATH=path, **more)


@contextmanager
def emulated() -> Iterator[tuple[Resources, dict[str, str]]]:
    """An empty stage on an emulator of its own, and the environment that leads there."""
    port = stack.free_port()
    process = stack.start(port)
    leads = {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": aws.REGION,
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
    }
    before = {name: os.environ.get(name) for name in leads}
    os.environ.update(leads)
    try:
        yield aws.create_resources(), leads
    finally:
        for name, value in before.items():
            os.environ.pop(name, None) if value is None else os.environ.__setitem__(name, value)
        stack.stop(process.pid)


@contextmanager
def still(customers: int, latency_ms: int = 0) -> Iterator[str]:
    """The still shop; answers its URL."""
    port = stack.free_port()
    command = [sys.executable, "-m", "bench.still", str(port), str(customers), str(latency_ms)]
    process = subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, text=True)
    try:
        if process.stdout is None or process.stdout.readline().strip() != "ready":
            raise BenchError("The still shop did not start.")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


@contextmanager
def stand(products: int) -> Iterator[dict[str, str]]:
    """Two Shopify shops, a main one with goods and a dependent one; answers where each name is."""
    ports = [stack.free_port(), stack.free_port()]
    command = [sys.executable, "-m", "bench.stand", *map(str, ports), str(products)]
    process = subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, text=True)
    try:
        if process.stdout is None or process.stdout.readline().strip() != "ready":
            raise BenchError("The shops did not start.")
        yield {
            f"https://shop-{place}.myshopify.com": f"http://127.0.0.1:{port}"
            for place, port in enumerate(ports)
        }
    finally:
        process.terminate()
        process.wait()


def ran(
    command: list[str], variables: Mapping[str, str] | None = None, seconds: float = 1800
) -> dict[str, Any]:
    """The JSON that a program prints as its last line. Raises BenchError with the end of what it said."""
    answer = subprocess.run(
        command,
        env=environment(**(variables or {})),
        capture_output=True,
        text=True,
        check=False,
        timeout=seconds,
    )
    lines = answer.stdout.strip().splitlines()
    if answer.returncode or not lines:
        raise BenchError(f"{' '.join(command[:4])} failed:\n{answer.stderr[-2000:]}")
    found: dict[str, Any] = json.loads(lines[-1])
    return found


def as_text(resources: Resources) -> str:
    """The resources as an argument of a program."""
    return json.dumps(asdict(resources))
