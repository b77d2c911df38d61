"""A door over emulated AWS, with a Shopify shop and a Mailchimp account behind it."""

from collections.abc import Iterator

import pytest
from sandbox.aws import emulated_aws
from sandbox.door import Door, runtime_over
from sandbox.mailchimp import Account
from sandbox.shopify import Shop
from sandbox.tenants import MAILCHIMP, Tenant, tenant_at


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.fixture
def account() -> Account:
    return Account()


@pytest.fixture
def door(shop: Shop, account: Account) -> Iterator[Door]:
    with emulated_aws() as resources:
        yield Door(runtime_over(resources, {shop.address: shop, MAILCHIMP: account}))


@pytest.fixture
def tenant(door: Door) -> Tenant:
    return tenant_at(door)


@pytest.fixture
def furnished(tenant: Tenant, shop: Shop, account: Account) -> Tenant:
    tenant.furnish(shop, account)
    return tenant
