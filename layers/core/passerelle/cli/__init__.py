"""The operator's command line `passerelle`: every command is one or a few calls of the HTTP API."""

from passerelle.cli.commands import app

__all__ = ["app"]
