"""Merchants with toy shops at the door, and a machine that works what the door has started."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import boto3
from passerelle.memory import Run
from passerelle.model import Money, Product, Variant

from sandbox.aws import emulated_aws
from sandbox.counter import toy_street
from sandbox.door import Door, runtime_over
from sandbox.machine import Machine
from sandbox.tenants import Tenant, tenant_at


def toy(id: str, sku: str = "", **more: Any) -> Product:
    """A product with one variant; its SKU is its id's unless said otherwise, "-" stands for none."""
    named = "" if sku == "-" else sku or id.upper()
    price = Money(Decimal(more.pop("price", "10.00")), more.pop("currency", "EUR"))
    variant = Variant(f"{id}.1", price, named, more.pop("barcode", ""), quantity=more.pop("quantity", 5))
    return Product(id, more.pop("title", f"Toy {id}"), (variant,), **more)


@dataclass
class Mall:
    """A door, toy shops, and the merchants who come."""

    door: Door
    street: Any

    def merchant(self, name: str) -> Tenant:
        """A new tenant."""
        return tenant_at(self.door, name)

    def open(self, tenant: Tenant, name: str, *products: Product, **terms: Any) -> Any:
        """A new toy shop, connected; answers the store as the API tells it."""
        url = f"https://{name}.example"
        shop = self.street.Toyshop(url, name, **terms)
        shop.stock(*products)
        self.street.Street.shops[url] = shop
        return self.connect(tenant, name)

    def connect(self, tenant: Tenant, name: str) -> Any:
        """Connect a shop that is open, under whichever tenant."""
        form = {"url": f"https://{name}.example", "key": "open sesame"}
        return tenant.post("/v1/stores", platform="toyshop", credentials=form)

    def shop(self, name: str) -> Any:
        """The shop itself."""
        return self.street.Street.shops[f"https://{name}.example"]

    def key(self, tenant: Tenant, store: Any) -> str:
        """A store's connection key."""
        return str(tenant.client.get(f"/v1/stores/{store['id']}/connection-key").json()["key"])

    def run(self, tenant: Tenant, feed: str, **wanted: Any) -> Run:
        """A run from start to end."""
        return self.work(tenant, tenant.post(f"/v1/feeds/{feed}/runs", **wanted)["id"])

    def work(self, tenant: Tenant, run: str) -> Run:
        """Take a run that was started to its end."""
        machine = Machine(
            river=lambda: self.door.runtime.river(tenant.id),
            sleep=lambda _: None,
            lines=_manifest,
            bucket=self.door.runtime.resources.bucket,
        )
        machine.work({"tenant": tenant.id, "run": run})
        return tenant.memory.runs.get(run)


def _manifest(planned: Any) -> list[dict[str, int]]:
    body = boto3.client("s3").get_object(Bucket=planned["bucket"], Key=planned["manifest"])["Body"].read()
    return [json.loads(line) for line in body.splitlines()]


@contextmanager
def mall_open() -> Iterator[Mall]:
    """A mall over emulated AWS."""
    with emulated_aws() as resources, toy_street() as street:
        yield Mall(Door(runtime_over(resources, {})), street)
