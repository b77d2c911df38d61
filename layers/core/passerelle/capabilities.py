"""The capability table, from the connectors themselves: `python -m passerelle.capabilities [FILE]`.

Without a file it is printed; with one, the text between its two marks is replaced.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from passerelle.port import Note, Verb
from passerelle.runtime import platform, platforms

BEGIN, END = "<!-- capabilities -->\n", "<!-- /capabilities -->"


def rendered() -> str:
    """The tables of verbs and of limits, and what a platform cannot do, as Markdown that ends in a line break."""
    known = platforms()
    return "\n".join([*_verbs(known), "", *_limits(known), "", *_notes(known)]).rstrip() + "\n"


def put_into(text: str) -> str:
    """The text with the tables between its marks. Raises ValueError where the marks are missing."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the text has no {BEGIN.strip()} … {END}")
    return f"{before}{BEGIN}{rendered()}{END}{after}"


def _verbs(known: dict[str, ModuleType]) -> Iterator[str]:
    yield f"| platform | kind | {' | '.join(Verb)} |"
    yield f"| --- | --- |{' :-: |' * len(Verb)}"
    for key, module in known.items():
        for kind, offered in module.OFFERS.items():
            cells = " | ".join("✓" if verb in offered else "–" for verb in Verb)
            yield f"| {_title(key)} | {kind} | {cells} |"


def _limits(known: dict[str, ModuleType]) -> Iterator[str]:
    yield "| platform | calls at once | points a second | points at once | kept for live events |"
    yield "| --- | --: | --: | --: | --: |"
    for key, module in known.items():
        held = module.LIMITS
        figures = (held.connections, held.points_per_second, held.burst)
        cells = " | ".join("–" if figure is None else f"{figure:,.0f}" for figure in figures)
        yield f"| {_title(key)} | {cells} | {held.live_share:.0%} |"


def _notes(known: dict[str, ModuleType]) -> Iterator[str]:
    for key, module in known.items():
        notes: tuple[Note, ...] = getattr(module, "NOTES", ())
        for note in notes:
            yield f"- {_title(key)}, `{note.verb}` of {note.kind}: {note.why}"


def _title(key: str) -> str:
    """How a platform writes its own name, where that is more than a capital."""
    return str(getattr(platform(key), "TITLE", key.capitalize()))


if __name__ == "__main__":
    if sys.argv[1:]:
        page = Path(sys.argv[1])
        page.write_text(put_into(page.read_text("utf-8")), "utf-8")
    else:
        sys.stdout.write(rendered())
