"""The README's capability table is what the connectors say."""

from pathlib import Path

import pytest
from passerelle.capabilities import BEGIN, END, put_into, rendered
from passerelle.port import Verb
from passerelle.runtime import platforms

README = Path(__file__).resolve().parents[2] / "README.md"


def test_the_readmes_table_is_the_codes():
    text = README.read_text("utf-8")
    assert put_into(text) == text, "run make capabilities"


def test_every_kind_of_every_platform_has_a_row_with_every_verb():
    lines = [line for line in rendered().splitlines() if line.count("|") == len(Verb) + 3]
    offered = {
        (key, kind): verbs for key, module in platforms().items() for kind, verbs in module.OFFERS.items()
    }
    assert len(lines) == 2 + len(offered)
    rows = {tuple(cell.strip() for cell in line.split("|")[1:3]): line for line in lines[2:]}
    for (key, kind), verbs in offered.items():
        (row,) = [line for (title, of), line in rows.items() if (title.lower(), of) == (key, kind)]
        assert row.count("✓") == len(verbs)


def test_what_a_platform_cannot_do_is_told():
    notes = [note for module in platforms().values() for note in getattr(module, "NOTES", ())]
    assert notes
    assert all(note.why in rendered() for note in notes)


@pytest.mark.parametrize("text", ["", BEGIN, END, f"{END}{BEGIN}"])
def test_a_page_without_marks_is_left_alone(text):
    with pytest.raises(ValueError, match="capabilities"):
        put_into(text)
