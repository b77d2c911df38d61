"""What the README says is proven has a test that names it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ID = re.compile(r"\b[A-H]-\d{1,2}\b")


def claimed() -> list[str]:
    """The ids in the last table of the README."""
    _, _, section = (ROOT / "README.md").read_text("utf-8").partition("## What is proven")
    return [id for line in section.splitlines() if line.startswith("| ") for id in ID.findall(line)]


def named() -> Iterator[str]:
    """The ids in comments on tests: from the line above one to its last."""
    for path in (ROOT / "tests").rglob("test_*.py"):
        text = path.read_text("utf-8")
        lines = text.splitlines()
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_") and node.end_lineno:
                first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
                for line in lines[max(first - 2, 0) : node.end_lineno]:
                    yield from ID.findall(line.partition("#")[2])


NAMED = frozenset(named())


@pytest.mark.parametrize("id", claimed())
def test_every_statement_that_is_claimed_has_a_test_that_names_it(id):
    assert id in NAMED


def test_the_audience_and_the_privacy_requests_are_claimed_whole():
    assert {f"A-{number}" for number in range(1, 26)} | {"F-7"} <= set(claimed())


def test_no_statement_is_claimed_twice_and_the_table_is_there():
    ids = claimed()
    assert len(ids) == len(set(ids)) > 50
