"""Preferences of a catalogue as a person types them: `price=false`, `prices.factor=1.08`, or a whole JSON file."""

import json
import sys
from collections.abc import Mapping, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

import typer


def wishes(file: str, words: Sequence[str], now: Mapping[str, Any]) -> dict[str, Any]:
    """The preferences that are to change: those of a JSON file (- for standard input), then single ones over `now`."""
    wanted: dict[str, Any] = _given(file) if file else {}
    for word in words:
        name, equals, text = word.partition("=")
        if not equals or not name:
            raise typer.BadParameter(f"{word!r} is not name=value, such as price=false or prices.factor=1.08")
        top, *inner = name.split(".")
        wanted.setdefault(top, deepcopy(now.get(top)))
        wanted[top] = _put(wanted[top], inner, _value(text))
    return wanted


def _given(file: str) -> dict[str, Any]:
    try:
        told = json.loads(sys.stdin.read() if file == "-" else Path(file).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise typer.BadParameter(f"{file} cannot be read as JSON ({type(error).__name__})") from None
    if not isinstance(told, dict):
        raise typer.BadParameter(f"{file} holds no JSON object")
    return told


def _put(held: Any, inner: Sequence[str], value: Any) -> Any:
    if not inner:
        return value
    whole = dict(held) if isinstance(held, Mapping) else {}
    return whole | {inner[0]: _put(whole.get(inner[0]), inner[1:], value)}


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
