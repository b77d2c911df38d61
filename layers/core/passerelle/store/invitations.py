"""Invitations of a main store to a store by its address: they wait until its owner answers, or expire (C-2)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

from passerelle.store import ids
from passerelle.store.records import Invitation, InvitationStatus
from passerelle.store.table import Table
from passerelle.store.tenancy import Tenancy
from passerelle.store.wire import plain, record

WAITS = timedelta(days=30)
KEPT_DAYS = 120


def address_of(url: str) -> str:
    """A shop's address as two people would write it: host and path, in lower case, without www and a last slash."""
    parts = urlsplit(url if "://" in url else f"https://{url}")
    return f"{(parts.netloc or '').lower().removeprefix('www.')}{parts.path.rstrip('/')}"


class Invitations:
    """Invitations that one tenant's main stores have sent."""

    def __init__(self, tenancy: Tenancy) -> None:
        self._at = tenancy
        self._pk = tenancy.pk("INVITATIONS")

    def send(self, main: str, name: str, url: str) -> Invitation:
        """Invite the store at this address; who was invited already and has not answered is not invited twice."""
        address = address_of(url)
        for each in self.list():
            waiting = each.standing(self._at.clock()) is InvitationStatus.WAITING
            if waiting and (each.main, each.address) == (main, address):
                return each
        at = self._at.clock()
        sent = Invitation(ids.new("inv", at), self._at.tenant, main, name, address, at, at + WAITS)
        expiry = self._at.expiry(KEPT_DAYS)
        self._at.table.put({"pk": self._pk, "sk": sent.id, "ttl": expiry} | plain(sent))
        looked_up = {"pk": _looked_up(address), "sk": sent.id, "ttl": expiry}
        self._at.table.put(looked_up | {"tenant": self._at.tenant})
        return sent

    def list(self) -> list[Invitation]:
        """All of them, the oldest first."""
        return [record(Invitation, item) for item in self._at.table.stream(self._pk)]

    def get(self, invitation: str) -> Invitation:
        """Raises KeyError."""
        item = self._at.table.get(self._pk, invitation)
        if item is None:
            raise KeyError(invitation)
        return record(Invitation, item)

    def answer(self, invitation: str, status: InvitationStatus, link: str = "") -> Invitation:
        """Its owner accepted or declined, or the main store took it back; only one answer counts. Raises KeyError.

        Raises ConditionFailed where it was answered otherwise before.
        """
        found = self.get(invitation)
        changes = {"status": status, "link": link, "waiting": InvitationStatus.WAITING}
        condition = "#status = :waiting OR #status = :status"
        self._at.table.update(
            (self._pk, invitation), "SET #status = :status, #link = :link", changes, condition
        )
        return replace(found, status=status, link=link)


def invited(table: Table, address: str) -> Iterator[tuple[str, str]]:
    """(tenant, invitation) of each invitation of the store at this address."""
    for item in table.stream(_looked_up(address)):
        yield item["tenant"], item["sk"]


def _looked_up(address: str) -> str:
    return f"INVITED#{address}"
