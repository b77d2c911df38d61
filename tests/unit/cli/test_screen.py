"""What a person sees in a terminal that is narrow."""

import pytest
from passerelle.cli.screen import table
from rich.console import Console


def test_a_narrow_terminal_cuts_no_id_and_leaves_no_column_out(capsys: pytest.CaptureFixture[str]) -> None:
    row = {"id": "lnk_" + 24 * "a", "kind": "products", "outcome": "completed", "main": {"name": "A brand"}}
    table(Console(width=20), [row], ("id", "kind", "outcome", "main.name"))
    title, line = capsys.readouterr().out.splitlines()
    assert title.split() == ["id", "kind", "outcome", "main", "name"]
    assert line.split() == [row["id"], "products", "completed", "A", "brand"]
