"""A door over emulated AWS, with a Shopify shop and a Mailchimp account behind it."""

from collections.abc import Iterator
from typing import Any

import pytest
from passerelle.port import Location
from sandbox.aws import emulated_aws
from sandbox.door import Door, runtime_over
from sandbox.mailchimp import Account
from sandbox.mall import Mall, mall_open, toy
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


@pytest.fixture
def mall() -> Iterator[Mall]:
    with mall_open() as mall:
        yield mall


PLACES = (Location("m1", "Warehouse", default=True), Location("m2", "Shop"))


@pytest.fixture
def brand(mall: Mall) -> Tenant:
    return mall.merchant("A brand")


@pytest.fixture
def reseller(mall: Mall) -> Tenant:
    return mall.merchant("A reseller")


@pytest.fixture
def main(mall: Mall, brand: Tenant) -> Any:
    return mall.open(brand, "brand", toy("car"), toy("doll"), locations=PLACES)


@pytest.fixture
def corner(mall: Mall, reseller: Tenant) -> Any:
    return mall.open(reseller, "corner")


@pytest.fixture
def key(mall: Mall, brand: Tenant, main: Any) -> str:
    return mall.key(brand, main)
