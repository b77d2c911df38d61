"""Commands on the catalogue between stores, each through the real API."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from passerelle.cli.config import Config
from passerelle.cli.desk import Desk
from passerelle.cli.service import Service
from rich.console import Console
from sandbox.door import URL
from sandbox.mall import Mall, mall_open, toy
from sandbox.tenants import ALL, Tenant

from .conftest import Terminal


@pytest.fixture
def mall() -> Iterator[Mall]:
    with mall_open() as mall:
        yield mall


def at(tenant: Tenant) -> Terminal:
    """A terminal with the tenant's key."""
    service = Service(Config(URL, tenant.memory.keys.create("terminal", ALL).secret), tenant.door)
    return Terminal(tenant, Desk(service, Console(width=200)))


@pytest.fixture
def brand(mall: Mall) -> Terminal:
    return at(mall.merchant("A brand"))


@pytest.fixture
def reseller(mall: Mall) -> Terminal:
    return at(mall.merchant("A reseller"))


@pytest.fixture
def main(mall: Mall, brand: Terminal) -> str:
    return str(mall.open(brand.tenant, "brand", toy("car"), toy("kite", "K-1"))["id"])


@pytest.fixture
def store(mall: Mall, reseller: Terminal) -> str:
    there = (toy("c1", "CAR"), toy("c2", "K-1"), toy("c3", "K-1"))
    return str(mall.open(reseller.tenant, "corner", *there)["id"])


def read(result: Any) -> Any:
    return json.loads(result.stdout)


def test_a_store_is_linked_by_a_key_that_is_rotated_afterwards(  # C-2
    brand: Terminal, reseller: Terminal, main: str, store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = read(brand("catalogue", "key", main, "--json"))["key"]
    monkeypatch.setenv("PASSERELLE_CONNECTION_KEY", key)
    made = read(reseller("catalogue", "link", store, "--set", "all=true", "--json"))
    assert made["preferences"]["all"] is True
    assert made["id"] in reseller("catalogue", "links").output
    monkeypatch.delenv("PASSERELLE_CONNECTION_KEY")
    assert "--key" in reseller("catalogue", "link", store, exit=2).output
    monkeypatch.setenv("PASSERELLE_CONNECTION_KEY", key)
    assert made["id"] in brand("catalogue", "dependents", main).output
    assert read(brand("catalogue", "key", main, "--rotate", "--json"))["key"] != key
    refused = reseller("catalogue", "link", store, exit=1)
    assert "replaced" in refused.output
    assert "syn_" in brand("catalogue", "sync-all", main).output


def test_an_invitation_is_sent_seen_and_answered(  # C-2
    brand: Terminal, reseller: Terminal, main: str, store: str
) -> None:
    sent = read(brand("catalogue", "invite", main, "https://corner.example", "--json"))
    assert sent["id"] in brand("catalogue", "invitations", "--sent", main).output
    assert sent["id"] in reseller("catalogue", "invitations", "--store", store).output
    reseller("catalogue", "decline", sent["id"])
    assert "declined" in reseller("catalogue", "accept", sent["id"], store, exit=1).output
    again = read(brand("catalogue", "invite", main, "https://corner.example", "--json"))
    made = read(reseller("catalogue", "accept", again["id"], store, "--set", "price=false", "--json"))
    assert made["preferences"]["price"] is False


@pytest.fixture
def link(mall: Mall, reseller: Terminal, store: str, main: str, brand: Terminal) -> str:
    key = mall.key(brand.tenant, {"id": main})
    made = read(reseller("catalogue", "link", store, "--key", key, "--json"))
    mall.run(reseller.tenant, f"{made['id']}.products")
    return str(made["id"])


def test_preferences_are_shown_and_changed_one_by_one_or_from_a_file(  # C-4
    reseller: Terminal, link: str, tmp_path: Path
) -> None:
    words = ["--set", "prices.factor=1.08", "--set", "prices.rounding=ending_99", "--set", "gone=delete"]
    changed = read(reseller("catalogue", "preferences", link, *words, "--json"))
    assert (changed["prices"]["factor"], changed["prices"]["rounding"]) == ("1.08", "ending_99")
    form = tmp_path / "preferences.json"
    form.write_text('{"stock": {"buffer": 3}}')
    reseller("catalogue", "preferences", link, "--file", str(form))
    shown = read(reseller("catalogue", "preferences", link, "--json"))
    assert (shown["stock"]["buffer"], shown["gone"]) == (3, "delete")
    words = " ".join(reseller("catalogue", "preferences", link).output.split())
    assert "stock buffer 3" in words
    assert "exclude –" in words
    assert "name=value" in reseller("catalogue", "preferences", link, "--set", "price", exit=2).output
    reseller("catalogue", "preferences", link, "--file", str(tmp_path / "none"), exit=2)
    assert (
        "sideways" not in reseller("catalogue", "preferences", link, "--set", "gone=sideways", exit=1).output
    )


def test_products_are_mapped_and_unmapped_by_hand(reseller: Terminal, link: str) -> None:  # C-17
    listed = reseller("catalogue", "unmapped", link).output
    assert "sku_ambiguous" in listed
    assert "c2 by sku, c3 by sku" in listed
    mapped = read(reseller("catalogue", "map", link, "kite", "c3", "--variant", "kite.1=c3.1", "--json"))
    assert mapped["variants"] == {"kite.1": "c3.1"}
    assert read(reseller("catalogue", "unmapped", link, "--json")) == []
    reseller("catalogue", "unmap", link, "kite")
    assert "unmapped_by_hand" in reseller("catalogue", "unmapped", link).output
    reseller("catalogue", "map", link, "kite", "c3", "--variant", "kite.1", exit=2)


def test_a_link_is_ended_with_what_becomes_of_its_products(reseller: Terminal, link: str) -> None:  # C-11
    told = read(reseller("catalogue", "disconnect", link, "--products", "draft", "--json"))
    assert told["link"]["status"] == "disconnected"
    assert told["run"]["trigger"] == "disconnect"


def test_a_sync_that_could_not_start_ends_the_command_with_1(  # C-14
    mall: Mall, reseller: Terminal, store: str, link: str
) -> None:
    mall.shop("corner").key = "changed"
    mall.run(reseller.tenant, f"{link}.products")
    assert "no longer lets us in" in reseller("catalogue", "sync-all", store, exit=1).output
