"""Who was redacted at a store: keyed digests, and the secret that they were made with (F-7)."""

import secrets
from collections.abc import Mapping

from passerelle.rules.customer_events import Named
from passerelle.rules.redaction import Redacted, digests
from passerelle.store.table import ConditionFailed
from passerelle.store.tenancy import Tenancy

SALT = "SALT"
_BEFORE = "PERSON#"


class Redactions:
    """Redacted persons by store; they do not expire, for a run in ten years must not bring anybody back."""

    def __init__(self, tenancy: Tenancy) -> None:
        self._at = tenancy

    def of(self, store: str) -> Redacted:
        """Everybody who was redacted there."""
        items = {item["sk"]: item for item in self._at.table.stream(self._pk(store))}
        if SALT not in items:
            return Redacted()
        salt = bytes.fromhex(items[SALT]["salt"])
        return Redacted(salt, frozenset(sk.removeprefix(_BEFORE) for sk in items if sk.startswith(_BEFORE)))

    def barred(self, store: str, people: Mapping[str, Named]) -> set[str]:
        """Those of these people, by any key, who were redacted there: one read where nobody ever was."""
        held = self._at.table.get(self._pk(store), SALT) if people else None
        if held is None:
            return set()
        salt = bytes.fromhex(str(held["salt"]))
        marks = {
            key: {f"{_BEFORE}{one}" for one in digests(salt, customer=each.customer, contact=each.contact)}
            for key, each in people.items()
        }
        wanted = ((self._pk(store), mark) for mark in set().union(*marks.values()))
        gone = {item["sk"]["S"] for item in self._at.table.batch_get(wanted)}
        return {key for key, mine in marks.items() if mine & gone}

    def add(self, store: str, *, customer: str, contacts: frozenset[str]) -> None:
        """Remember a person by every id they are known by."""
        salt = self._salt(store)
        found = digests(salt, customer=customer).union(*(digests(salt, contact=each) for each in contacts))
        self._at.table.batch_write(
            {"pk": {"S": self._pk(store)}, "sk": {"S": f"{_BEFORE}{each}"}} for each in sorted(found)
        )

    def erase(self, store: str) -> None:
        """Forget even these: the store is gone."""
        keys = [(self._pk(store), item["sk"]) for item in self._at.table.stream(self._pk(store))]
        self._at.table.batch_write(deletes=keys)

    def _salt(self, store: str) -> bytes:
        fresh = secrets.token_hex(32)
        try:
            self._at.table.put(
                {"pk": self._pk(store), "sk": SALT, "salt": fresh}, "attribute_not_exists(#pk)"
            )
        except ConditionFailed:
            held = self._at.table.get(self._pk(store), SALT)
            fresh = str(held["salt"]) if held else fresh
        return bytes.fromhex(fresh)

    def _pk(self, store: str) -> str:
        return self._at.pk("REDACTED", store)
