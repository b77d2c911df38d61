"""What a person or a program sees: tables and words, or JSON."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

WIDEST = 10_000
"""Characters that a line of a table may have."""


def as_json(document: Any) -> None:
    """The document as it came, for a program to read."""
    print(orjson.dumps(document, option=orjson.OPT_INDENT_2).decode())


def table(console: Console, rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> None:
    """Rows with the columns asked for; a dotted column looks inside."""
    if not rows:
        console.print("Nothing here.")
        return
    drawn = Table(box=None, pad_edge=False)
    for column in columns:
        drawn.add_column(column.replace("_", " ").replace(".", " "), no_wrap=True, overflow="ignore")
    for row in rows:
        drawn.add_row(*(_cell(_look(row, column)) for column in columns))
    # An id that is cut cannot be copied, and a column that is left out says nothing: the terminal may wrap instead.
    drawn.width = Measurement.get(console, console.options.update(max_width=WIDEST), drawn).maximum
    console.print(drawn, crop=False, soft_wrap=True)


def facts(console: Console, document: Mapping[str, Any], columns: Sequence[str] = ()) -> None:
    """One thing, a line for each of its fields."""
    drawn = Table(show_header=False, box=None, pad_edge=False)
    for column in columns or list(document):
        drawn.add_row(Text(column.replace("_", " "), style="bold"), _cell(_look(document, column)))
    console.print(drawn)


def problem(console: Console, document: Mapping[str, Any]) -> None:
    """What went wrong, which field, and what to do."""
    console.print(Text(str(document.get("title", "The service refused the request")), style="bold red"))
    detail = document.get("detail")
    if detail and detail != document.get("title"):
        console.print(Text(str(detail)))
    for wrong in document.get("errors") or []:
        console.print(Text(f"  {wrong['field']} {wrong['message']}; allowed: {wrong['allowed']}"))
    if document.get("remedy"):
        console.print(Text(str(document["remedy"]), style="yellow"))
    if document.get("correlation_id"):
        console.print(Text(f"correlation id {document['correlation_id']}", style="dim"))


def _look(row: Any, column: str) -> Any:
    for part in column.split("."):
        row = row.get(part) if isinstance(row, Mapping) else None
    return row


def _cell(value: Any) -> Text:
    if value is None or value == "":
        return Text("–", style="dim")
    if isinstance(value, bool):
        return Text("yes" if value else "no")
    if isinstance(value, list):
        return Text(", ".join(str(item) for item in value))
    if isinstance(value, Mapping):
        said = [f"{key} {_cell(item)}" for key, item in value.items() if item not in (None, "", [], {})]
        return Text(", ".join(said)) if said else _cell(None)
    return Text(str(value))
