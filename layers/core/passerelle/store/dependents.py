"""Which links feed from a main store: what its owner's side knows of its dependent stores, whoever's they are (C-3)."""

from collections.abc import Iterator

from passerelle.store.records import Dependent
from passerelle.store.tenancy import Tenancy
from passerelle.store.wire import plain, record


class Dependents:
    """Dependent stores of one tenant's main stores."""

    def __init__(self, tenancy: Tenancy) -> None:
        self._at = tenancy
        self._pk = tenancy.pk("DEPENDENTS")

    def add(self, dependent: Dependent) -> None:
        """Remember it; twice changes nothing."""
        self._at.table.put({"pk": self._pk, "sk": _sort(dependent.main, dependent.link)} | plain(dependent))

    def of(self, main: str) -> Iterator[Dependent]:
        """The dependent stores of a main store, the oldest link first."""
        for item in self._at.table.stream(self._pk, prefix=f"{main}#"):
            yield record(Dependent, item)

    def get(self, main: str, link: str) -> Dependent:
        """Raises KeyError."""
        item = self._at.table.get(self._pk, _sort(main, link))
        if item is None:
            raise KeyError(link)
        return record(Dependent, item)

    def find(self, link: str) -> Dependent | None:
        """The dependent store that a link feeds from whichever of the tenant's main stores."""
        every = (record(Dependent, item) for item in self._at.table.stream(self._pk))
        return next((each for each in every if each.link == link), None)

    def remove(self, main: str, link: str) -> None:
        """Forget it; twice changes nothing."""
        self._at.table.delete((self._pk, _sort(main, link)))


def _sort(main: str, link: str) -> str:
    return f"{main}#{link}"
