"""Fills in a platform's credentials form without ever showing a secret."""

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import orjson
import typer

Ask = Callable[[str, bool], str]


def ask(text: str, hidden: bool) -> str:
    """Ask at the terminal; what is typed for a secret is not echoed."""
    return str(typer.prompt(text, hide_input=hidden))


def given(source: str) -> dict[str, Any]:
    """The form as JSON from a file, or from standard input with `-`."""
    if not source:
        return {}
    text = sys.stdin.read() if source == "-" else Path(source).read_text("utf-8")
    try:
        form = orjson.loads(text)
    except ValueError:
        raise typer.BadParameter("the credentials are not JSON") from None
    if not isinstance(form, dict):
        raise typer.BadParameter("the credentials are not a JSON object")
    return form


def pairs(texts: list[str]) -> dict[str, Any]:
    """`name=value` texts as a form."""
    form: dict[str, Any] = {}
    for text in texts:
        name, sign, value = text.partition("=")
        if not sign:
            raise typer.BadParameter(f"write it as name=value: {name}")
        form[name.strip()] = value
    return form


def fill(schema: Mapping[str, Any], form: dict[str, Any], asking: Ask | None = ask) -> dict[str, Any]:
    """Complete the form: from STORE_<FIELD>, else by asking for what is required, if somebody can be asked."""
    filled = dict(form)
    for name, field in schema.get("properties", {}).items():
        if name in filled:
            continue
        told = os.environ.get(f"STORE_{name.upper()}")
        if told:
            filled[name] = told
        elif asking and name in schema.get("required", []):
            filled[name] = asking(str(field.get("title") or name), _secret(field))
    return filled


def _secret(field: Mapping[str, Any]) -> bool:
    return bool(field.get("writeOnly")) or field.get("format") == "password"
