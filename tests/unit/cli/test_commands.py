"""Commands of the operator's command line, each through the real API."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from passerelle.cli.config import Config, Unconfigured
from passerelle.cli.service import Refused, Service
from passerelle.memory import Counts, Incident, RunOutcome, RunStatus, SliceProgress
from passerelle.model import Severity
from passerelle.store.ids import now
from sandbox.door import URL
from sandbox.mailchimp import Account
from sandbox.shopify import Shop
from sandbox.tenants import SHOPIFY, Tenant

from .conftest import Terminal


def read(result: Any) -> Any:
    return json.loads(result.stdout)


def connect(terminal: Terminal, account: Account) -> tuple[str, str]:
    typed = f"{SHOPIFY['access_token']}\n{SHOPIFY['client_secret']}\n"
    shop = terminal("store", "connect", "shopify", "--set", f"shop={SHOPIFY['shop']}", typed=typed)
    for secret in SHOPIFY["access_token"], SHOPIFY["client_secret"]:
        assert secret not in shop.output  # G-7
    mail = terminal("store", "connect", "mailchimp", "--json", typed=f"{account.api_key}\n")
    assert account.api_key not in mail.output  # G-7
    stores = read(terminal("store", "list", "--json"))
    by_platform = {store["platform"]: store["id"] for store in stores}
    return by_platform["shopify"], by_platform["mailchimp"]


@pytest.fixture
def link(terminal: Terminal, account: Account) -> str:
    shop, mail = connect(terminal, account)
    audience = read(terminal("store", "audiences", mail, "--json"))[0]["id"]
    made = read(terminal("link", "create", shop, mail, "--audience", audience, "--json"))
    return str(made["id"])


def test_a_first_sync_from_connect_to_preflight(terminal: Terminal, link: str) -> None:
    assert link in terminal("link", "list").output
    kinds = {feed["kind"] for feed in read(terminal("preflight", link, "--json"))["feeds"]}
    assert {"products", "customers"} <= kinds
    assert "batches" in terminal("preflight", link).output
    assert f"{link}.orders" in terminal("feed", "list", "--link", link).output


def test_credentials_may_come_from_a_file(terminal: Terminal, shop: Shop, tmp_path: Path) -> None:
    form = tmp_path / "form.json"
    form.write_text(json.dumps(SHOPIFY))
    made = read(terminal("store", "connect", "shopify", "--credentials", str(form), "--json"))
    assert made["url"] == shop.domain
    shown = terminal("store", "show", made["id"]).output
    assert SHOPIFY["access_token"] not in shown


def test_credentials_may_come_from_standard_input(terminal: Terminal) -> None:
    typed = json.dumps(SHOPIFY)
    made = read(terminal("store", "connect", "shopify", "--credentials", "-", "--json", typed=typed))
    assert made["platform"] == "shopify"


def test_a_refusal_is_told_in_words_with_what_to_do(terminal: Terminal) -> None:  # F-8
    refused = terminal("store", "connect", "shopify", "--credentials", "-", typed="{}", exit=1)
    assert "refused" in refused.output or "cannot be used" in refused.output
    absent = terminal("run", "show", "run_none", exit=1)
    assert "There is no such run" in absent.output
    assert "correlation id" in absent.output


def test_keys_are_made_listed_and_revoked(terminal: Terminal) -> None:
    made = read(terminal("key", "create", "till", "--scope", "read", "--json"))
    assert made["secret"].startswith("psk_")
    listed = terminal("key", "list")
    assert made["id"] in listed.output
    assert made["secret"] not in listed.output
    terminal("key", "revoke", made["id"])
    (till,) = [key for key in read(terminal("key", "list", "--json")) if key["id"] == made["id"]]
    assert till["revoked_at"]


def test_the_operators_commands_are_signed_with_aws_credentials(terminal: Terminal) -> None:
    made = read(terminal("tenant", "create", "Another shop", "--json"))
    key = read(terminal("key", "create", "first", "--tenant", made["id"], "--json"))
    assert set(key["scopes"]) == {"read", "sync", "admin"}


def test_a_feed_is_changed(terminal: Terminal, link: str) -> None:
    words = ["--schedule", "rate(1 hour)", "--batch-size", "50", "--off", "--json"]
    feed = read(terminal("feed", "set", f"{link}.products", *words))
    assert (feed["schedule"], feed["batch_size"], feed["enabled"]) == ("rate(1 hour)", 50, False)
    assert "rate(" in terminal("feed", "set", f"{link}.products", "--schedule", "often", exit=1).output
    terminal("feed", "set", f"{link}.products", exit=2)


def _ends(tenant: Tenant, feed: str, outcome: RunOutcome = RunOutcome.COMPLETED, parent: str = "") -> None:
    """The river does its work while the command line waits."""
    found = tenant.memory.runs.list(feed=feed).items
    if not found:
        tenant.door.runtime.river(tenant.id).start(feed, trigger="sync_all", parent=parent)
        found = tenant.memory.runs.list(feed=feed).items
    counts = Counts(created=3)
    tenant.memory.runs.put_slice(found[0].id, SliceProgress(1, 3, counts, batches_done=1, batches_total=1))
    done = found[0].but(
        status=RunStatus.FINISHED, outcome=outcome, expected=3, counts=counts, finished_at=now()
    )
    tenant.memory.runs.save(done)
    tenant.memory.lease.release(feed, found[0].id, found[0].fence)


def test_a_feed_is_run_and_watched_to_its_end(
    terminal: Terminal, link: str, pauses: list[Callable[[], None]]
) -> None:  # B-17
    feed = f"{link}.products"
    pauses += [lambda: None, lambda: _ends(terminal.tenant, feed)]
    output = terminal("feed", "run", feed).output
    assert "batches 1/1" in output
    assert "completed" in output


def test_a_run_that_fails_ends_the_command_with_1(
    terminal: Terminal, link: str, pauses: list[Callable[[], None]]
) -> None:
    feed = f"{link}.products"
    pauses.append(lambda: _ends(terminal.tenant, feed, RunOutcome.COMPLETED_WITH_ERRORS))
    terminal("feed", "run", feed, exit=1)


def test_sync_all_is_watched_as_its_runs_appear(
    terminal: Terminal, link: str, pauses: list[Callable[[], None]]
) -> None:  # B-2, B-17
    execution = _executions(terminal)
    for kind in ("products", "customers", "promo_codes"):
        pauses.append(lambda kind=kind: _ends(terminal.tenant, f"{link}.{kind}", parent=execution()))
    output = terminal("sync", "all", link, "--no-orders").output
    assert "products" in output
    assert "customers" in output
    assert pauses == []


def _executions(terminal: Terminal) -> Callable[[], str]:
    machines = terminal.tenant.door.runtime.storage.clients.machines
    arn = terminal.tenant.door.runtime.resources.sync_all_machine_arn

    def newest() -> str:
        return str(machines.list_executions(stateMachineArn=arn)["executions"][0]["name"])

    return newest


def test_runs_are_listed_cancelled_and_resumed(terminal: Terminal, link: str) -> None:
    feed = f"{link}.customers"
    begun = read(terminal("feed", "run", feed, "--no-wait", "--json"))
    assert begun["id"] in terminal("run", "list", "--feed", feed).output
    assert read(terminal("run", "cancel", begun["id"], "--json"))["cancelled"] is True
    _ends(terminal.tenant, feed, RunOutcome.CANCELLED)
    assert read(terminal("run", "resume", begun["id"], "--json"))["trigger"] == "resume"
    assert read(terminal("run", "show", begun["id"], "--json"))["outcome"] == "cancelled"


def test_incidents_are_listed_and_closed(terminal: Terminal, link: str) -> None:
    incident = Incident(f"{link}:x", Severity.ERROR, "A thing", "Do this.", link)
    terminal.tenant.memory.incidents.open([incident])
    (shown,) = read(terminal("incident", "list", "--json"))
    assert "Do this." in terminal("incident", "list").output
    terminal("incident", "retry", shown["id"], exit=1)
    terminal("incident", "close", shown["id"])
    assert "Nothing here" in terminal("incident", "list").output


def test_an_object_is_carried_again(terminal: Terminal, link: str) -> None:  # B-19
    assert read(terminal("object", "resync", link, "products", "7", "--json"))["status"] == "queued"
    terminal("object", "show", link, "products", "8", exit=1)


def test_the_configuration_is_read_from_the_environment_before_the_file(tmp_path: Path) -> None:
    place = tmp_path / "config.toml"
    with pytest.raises(Unconfigured, match="PASSERELLE_URL"):
        Config.read({}, place)
    place.write_text('url = "https://a.example/dev/"\nkey = "from-file"\n')
    assert Config.read({}, place) == Config("https://a.example/dev", "from-file")
    assert Config.read({"PASSERELLE_KEY": "told"}, place).key == "told"


def test_an_answer_that_is_not_the_services_is_said_to_be_so() -> None:
    service = Service(
        Config(URL, "k"), httpx.MockTransport(lambda _: httpx.Response(403, json={"message": "no"}))
    )
    with pytest.raises(Refused) as refused:
        service.get("/stores")
    assert "PASSERELLE_KEY" in refused.value.document["remedy"]
