"""Which runs of a link are writing past data now."""

from passerelle.store.table import Key
from passerelle.store.tenancy import Tenancy


class Backfills:
    """One item a link, holding a set of runs."""

    def __init__(self, tenancy: Tenancy) -> None:
        self._at = tenancy

    def begin(self, link: str, run: str) -> bool:
        """Add the run; True if it is the first, also when the first says it again."""
        item = self._at.table.update(self._key(link), "ADD #runs :run", {"run": {run}}, returns="ALL_NEW")
        return bool(item["runs"] == {run})

    def end(self, link: str, run: str) -> bool:
        """Take it away; True if none is left (also if it was not there)."""
        item = self._at.table.update(self._key(link), "DELETE #runs :run", {"run": {run}}, returns="ALL_NEW")
        return not item.get("runs")

    def _key(self, link: str) -> Key:
        return (self._at.pk("BACKFILL", link), "BACKFILL")
