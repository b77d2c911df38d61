"""What every command has in hand: the service, the screen, and how it ends when the service refuses."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, Any

import typer
from rich.console import Console
from typer.core import TyperGroup

from passerelle.cli.config import Config, Unconfigured
from passerelle.cli.screen import as_json, facts, problem, table
from passerelle.cli.service import Refused, Service, Unreached

Json = Annotated[bool, typer.Option("--json", help="Print what the API answered, as JSON.")]


@dataclass
class Desk:
    """Made once per command; a test brings its own service and its own clock."""

    service: Service
    console: Console = field(default_factory=Console)
    pause: Callable[[float], None] = time.sleep

    def show(self, document: Any, json: bool, columns: tuple[str, ...] = ()) -> None:
        """One thing, or a list of them, as JSON or for a person."""
        if json:
            as_json(document)
        elif isinstance(document, list):
            table(self.console, document, columns)
        elif document:
            facts(self.console, document, columns)

    def say(self, text: str, json: bool = False) -> None:
        """A word to a person; a program that reads JSON is spared it."""
        if not json:
            self.console.print(text)


def desk(context: typer.Context) -> Desk:
    """The desk of this command; the first use reads the configuration."""
    root = context.find_root()
    if not isinstance(root.obj, Desk):
        root.obj = Desk(Service(Config.read()))
    return root.obj


class Commands(TyperGroup):
    """The root of the commands: a refusal ends in words and an exit code, not in a stack trace."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command. Exit 1: the service refused; 2: it was not reached or not configured."""
        errors = Console(stderr=True)
        try:
            return super().invoke(ctx)
        except Refused as refused:
            problem(errors, refused.document)
            raise typer.Exit(1) from None
        except (Unreached, Unconfigured) as error:
            errors.print(str(error), style="bold red")
            raise typer.Exit(2) from None
