"""The command line in front of the real API in process."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from click.testing import Result
from passerelle.cli import app
from passerelle.cli.config import Config
from passerelle.cli.desk import Desk
from passerelle.cli.service import Service
from rich.console import Console
from sandbox.aws import emulated_aws
from sandbox.door import URL, Door, runtime_over
from sandbox.mailchimp import Account
from sandbox.shopify import Shop
from sandbox.tenants import ALL, MAILCHIMP, Tenant, tenant_at
from typer.testing import CliRunner


@dataclass
class Terminal:
    """Runs commands as a person with the tenant's key would."""

    tenant: Tenant
    desk: Desk

    def __call__(self, *words: str, typed: str = "", exit: int = 0) -> Result:
        result = CliRunner().invoke(app, list(words), obj=self.desk, input=typed or None)
        assert result.exit_code == exit, result.output
        return result


@pytest.fixture
def account() -> Account:
    return Account()


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.fixture
def tenant(shop: Shop, account: Account) -> Iterator[Tenant]:
    with emulated_aws() as resources:
        yield tenant_at(Door(runtime_over(resources, {shop.address: shop, MAILCHIMP: account})))


@pytest.fixture
def pauses() -> list[Callable[[], None]]:
    """What happens while the command line waits, one each time."""
    return []


@pytest.fixture
def terminal(tenant: Tenant, pauses: list[Callable[[], None]]) -> Terminal:
    secret = tenant.memory.keys.create("terminal", ALL).secret
    service = Service(Config(URL, secret), tenant.door)
    desk = Desk(service, Console(width=200), pause=lambda _: pauses.pop(0)())
    return Terminal(tenant, desk)
