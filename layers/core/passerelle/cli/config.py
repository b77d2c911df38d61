"""Where the service is and which key to use: from the environment, else from a file in the home directory."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

PLACE = Path("~/.config/passerelle/config.toml")


class Unconfigured(Exception):
    """Something the command line needs to know was not said."""


@dataclass(frozen=True, slots=True)
class Config:
    """The service's address (https://… with the stage, without /v1) and the tenant's key (empty for an operator)."""

    url: str
    key: str

    @classmethod
    def read(cls, environment: Mapping[str, str] | None = None, place: Path = PLACE) -> "Config":
        """Environment first, then the file. Raises Unconfigured."""
        said = os.environ if environment is None else environment
        path = place.expanduser()
        kept = tomllib.loads(path.read_text("utf-8")) if path.is_file() else {}
        url = said.get("PASSERELLE_URL") or str(kept.get("url", ""))
        if not url:
            raise Unconfigured(
                f'Say where the service is: set PASSERELLE_URL, or write url = "…" in {place}.'
            )
        return cls(url.rstrip("/"), said.get("PASSERELLE_KEY") or str(kept.get("key", "")))
