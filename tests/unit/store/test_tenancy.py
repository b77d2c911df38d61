"""Tenants, their keys, and the look-ups that lead to them."""

import pytest
from passerelle.store.operator import secret_hash
from passerelle.store.repositories import Repositories, Storage
from unit.store.conftest import Clock


def test_tenants_are_listed_newest_first(storage: Storage, clock: Clock) -> None:
    made = []
    for name in ("Anna", "Boris", "Cyril"):
        made.append(storage.operator.create_tenant(name))
        clock.forward(1)
    first = storage.operator.tenants(limit=2)
    assert first.items == (made[2], made[1])
    assert storage.operator.tenants(limit=2, cursor=first.cursor).items[0] == made[0]
    assert storage.operator.tenant(made[0].id) == made[0]


def test_a_tenant_never_made_is_not_found(storage: Storage) -> None:  # G-4
    with pytest.raises(KeyError):
        storage.operator.tenant("ten_0")


@pytest.mark.parametrize("tenant", ["", "ten_1#STORES"])
def test_a_repository_is_opened_for_exactly_one_tenant(storage: Storage, tenant: str) -> None:  # G-4
    with pytest.raises(ValueError, match="one tenant"):
        storage.tenant(tenant)


@pytest.fixture
def merchant(storage: Storage) -> Repositories:
    return storage.tenant(storage.operator.create_tenant("Merchant").id)


def test_a_key_speaks_for_its_tenant_with_its_scopes(merchant: Repositories, storage: Storage) -> None:
    made = merchant.keys.create("app", ["sync:run", "stores:read"])
    caller = storage.operator.caller(made.secret)
    assert caller is not None
    assert (caller.tenant, caller.key, caller.scopes) == (
        merchant.tenant,
        made.key.id,
        ("sync:run", "stores:read"),
    )


def test_a_secret_is_shown_once_and_kept_only_as_a_hash(
    merchant: Repositories, storage: Storage
) -> None:  # G-7
    made = merchant.keys.create("app", [])
    assert made.secret.startswith("psk_")
    assert len(made.secret) >= 47
    assert made.secret not in repr(made)
    kept = [
        storage.state.get(f"KEY#{secret_hash(made.secret)}", "KEY"),
        storage.state.get(f"T#{merchant.tenant}#KEYS", made.key.id),
    ]
    assert all(kept)
    assert made.secret not in repr(kept)
    assert merchant.keys.list() == [made.key]
    assert made.key.last4 == made.secret[-4:]


def test_a_revoked_key_is_refused(merchant: Repositories, storage: Storage, clock: Clock) -> None:
    made, other = merchant.keys.create("app", []), merchant.keys.create("other", [])
    revoked = merchant.keys.revoke(made.key.id)
    assert revoked.revoked_at == clock.at
    clock.forward(5)
    assert merchant.keys.revoke(made.key.id) == revoked
    assert storage.operator.caller(made.secret) is None
    assert storage.operator.caller(other.secret) is not None


def test_a_key_unknown_or_of_a_suspended_tenant_is_refused(merchant: Repositories, storage: Storage) -> None:
    made = merchant.keys.create("app", [])
    assert storage.operator.caller("psk_never") is None
    storage.operator.set_status(merchant.tenant, "suspended")
    assert storage.operator.caller(made.secret) is None
    storage.operator.set_status(merchant.tenant, "active")
    assert storage.operator.caller(made.secret) is not None


def test_the_status_of_a_tenant_never_made_cannot_be_set(storage: Storage) -> None:
    with pytest.raises(KeyError):
        storage.operator.set_status("ten_0", "suspended")


def test_another_tenants_key_is_neither_found_nor_revoked(  # G-4
    merchant: Repositories, theirs: Repositories, storage: Storage
) -> None:
    made = merchant.keys.create("app", [])
    for ask in (theirs.keys.get, theirs.keys.revoke):
        with pytest.raises(KeyError):
            ask(made.key.id)
    assert theirs.keys.list() == []
    assert storage.operator.caller(made.secret) is not None


def test_the_audit_trail_is_read_newest_first_and_has_what_changed(  # G-11
    mine: Repositories, theirs: Repositories, clock: Clock
) -> None:
    mine.audit.record("key_1", "link.created", "lnk_1")
    mine.audit.record("key_1", "link.changed", "lnk_1", {"batch": 100}, {"batch": 50})
    clock.forward(1)
    mine.audit.record("operator", "link.deleted", "lnk_1")
    page = mine.audit.list(limit=2)
    assert [line.action for line in page.items] == ["link.deleted", "link.changed"]
    assert (page.items[1].before, page.items[1].after) == ({"batch": 100}, {"batch": 50})
    assert [line.action for line in mine.audit.list(cursor=page.cursor).items] == ["link.created"]
    assert theirs.audit.list().items == ()


def test_the_audit_trail_does_not_expire(mine: Repositories, storage: Storage) -> None:  # G-11
    mine.audit.record("key_1", "link.created", "lnk_1")
    (line,) = storage.state.stream(f"T#{mine.tenant}#AUDIT")
    assert "ttl" not in line
