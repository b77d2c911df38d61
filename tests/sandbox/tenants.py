"""Tenants at the door: a client with a key, and a tenant with connected stores, a link and a run."""

from dataclasses import dataclass, field
from typing import Any

import httpx
from passerelle.store.repositories import Repositories

from sandbox.door import URL, Door
from sandbox.mailchimp import Account
from sandbox.shopify import Shop

MAILCHIMP = "https://us1.api.mailchimp.com"
SHOPIFY = {"shop": "sample.myshopify.com", "access_token": "shpat_sandbox", "client_secret": "shpss_sandbox"}
ALL = ("read", "sync", "admin")


@dataclass
class Tenant:
    """A tenant and a client that bears its key."""

    door: Door
    id: str
    client: httpx.Client
    made: dict[str, Any] = field(default_factory=dict)

    @property
    def memory(self) -> Repositories:
        """What the tenant has."""
        return self.door.runtime.repositories(self.id)

    def bearing(self, *scopes: str) -> httpx.Client:
        """A client with a new key of these scopes."""
        return client_of(self.door, self.memory.keys.create("narrow", scopes).secret)

    def post(self, path: str, **body: Any) -> Any:
        """POST that must succeed."""
        answer = self.client.post(path, json=body)
        assert answer.is_success, answer.text
        return answer.json()

    def furnish(self, shop: Shop, account: Account) -> None:
        """Connect both ends, link them, and begin a run: something of everything."""
        self.made["shop"] = self.post("/v1/stores", platform="shopify", credentials=SHOPIFY)
        key = {"api_key": account.api_key}
        self.made["account"] = self.post("/v1/stores", platform="mailchimp", credentials=key)
        source, destination = self.made["shop"]["id"], self.made["account"]["id"]
        audience = next(iter(account.audiences))
        self.made["link"] = self.post("/v1/links", source=source, destination=destination, audience=audience)
        feed = f"{self.made['link']['id']}.products"
        self.made["run"] = self.post(f"/v1/feeds/{feed}/runs")


def client_of(door: Door, secret: str = "") -> httpx.Client:
    """A client of the API in process."""
    headers = {"Authorization": f"Bearer {secret}"} if secret else {}
    return httpx.Client(transport=door, base_url=URL, headers=headers)


def tenant_at(door: Door, name: str = "A merchant") -> Tenant:
    """A new tenant with a key that may do everything."""
    tenant = door.runtime.operator.create_tenant(name)
    secret = door.runtime.repositories(tenant.id).keys.create("first", ALL).secret
    return Tenant(door, tenant.id, client_of(door, secret))
