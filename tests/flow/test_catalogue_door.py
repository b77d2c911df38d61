"""A catalogue between the shops of two accounts, through the API and the runtime as they are deployed."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import boto3
import pytest
from passerelle.http import Client
from passerelle.model import Kind, Money, Product
from passerelle.port import Action, Change, Result
from passerelle.store.queue import read
from sandbox.aws import emulated_aws
from sandbox.counter import toy_street
from sandbox.door import Door, runtime_over
from sandbox.goods import CUP, SHIRT
from sandbox.mall import Mall
from sandbox.outlets import OUTLETS
from sandbox.pictures import PICTURES, Pictures
from sandbox.tenants import Tenant
from sandbox.transport import InProcess
from sandbox.woocommerce.sample import RECORDED_KEY, RECORDED_SECRET
from sandbox.world import Clock


class Street:
    """Two WooCommerce shops, each another account's, and what their merchants do in them by hand."""

    def __init__(self) -> None:
        addresses = ("https://main.example", "https://corner.example")
        self.outlets = [OUTLETS["woocommerce"](Clock(), address) for address in addresses]
        self.origins: dict[str, Any] = {each.address: each.shop for each in self.outlets}
        self.origins[PICTURES] = Pictures()
        network = InProcess(self.origins)
        self.main, self.corner = (
            each.open(Client(network, sleep=lambda _: None, allow_private=True)) for each in self.outlets
        )

    def stock(self, *products: Product) -> None:
        """The main store's merchant brings products in."""
        changes = [Change(each.id, Action.CREATE, each) for each in products]
        assert {each.result for each in self.main.push(Kind.PRODUCTS, changes)} == {Result.CREATED}

    def corners(self, sku: str) -> Product:
        """What the dependent store has under a SKU."""
        (found,) = {each.destination_id for each in self.corner.find(Kind.PRODUCTS, [sku])}
        (product,) = self.corner.pull(Kind.PRODUCTS, [found]).objects
        assert isinstance(product, Product)
        return product


@pytest.fixture
def street() -> Street:
    return Street()


@pytest.fixture
def mall(street: Street) -> Iterator[Mall]:
    with emulated_aws() as resources, toy_street() as toys:
        yield Mall(Door(runtime_over(resources, street.origins)), toys)


def connect(tenant: Tenant, address: str) -> Any:
    keys = {"consumer_key": RECORDED_KEY, "consumer_secret": RECORDED_SECRET}
    return tenant.post("/v1/stores", platform="woocommerce", credentials={"url": address, **keys})


def follow_all(mall: Mall) -> int:
    """Work the queue of live events empty; answers how many there were."""
    sqs, url, worked = boto3.client("sqs"), mall.door.runtime.resources.follow_queue_url, 0
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
        for message in messages:
            dirty = read(message["Body"])
            mall.door.runtime.river(dirty.tenant, live=True).follow(dirty)
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            worked += 1
    return worked


def test_from_a_key_to_a_price_that_follows_and_an_end_that_takes_back(  # C-2 C-4 C-7 C-11 C-14
    mall: Mall, street: Street
) -> None:
    brand, reseller = mall.merchant("A brand"), mall.merchant("A reseller")
    main, corner = connect(brand, street.outlets[0].address), connect(reseller, street.outlets[1].address)
    street.stock(CUP, SHIRT)
    wants = {"all": True, "prices": {"factor": "2"}, "stock": {"buffer": 1}}
    link = reseller.post(
        "/v1/catalogue-links", connection_key=mall.key(brand, main), store=corner["id"], preferences=wants
    )

    for kind in (Kind.PRODUCTS, Kind.STOCK):
        run = mall.run(reseller, f"{link['id']}.{kind}")
        assert (run.outcome, run.counts.failed) == ("completed", 0), run.why
    cup = street.corners("CUP-1")
    assert (cup.title, cup.variants[0].price.amount) == (CUP.title, Decimal("25.00"))
    assert cup.variants[0].quantity == 6
    assert len(street.corners(SHIRT.variants[0].sku).variants) == len(SHIRT.variants)
    mapped = reseller.client.get(f"/v1/catalogue-links/{link['id']}/mappings").json()["items"]
    assert {each["counterpart"] for each in mapped} >= {cup.id}
    assert reseller.client.get(f"/v1/catalogue-links/{link['id']}/unmapped").json()["items"] == []

    (there,) = {each.destination_id for each in street.main.find(Kind.PRODUCTS, ["CUP-1"])}
    (old,) = street.main.pull(Kind.PRODUCTS, [there]).objects
    variant = replace(old.variants[0], price=Money(Decimal("14.00"), "EUR"), compare_at=None)
    street.main.push(Kind.PRODUCTS, [Change("1", Action.UPDATE, replace(old, variants=(variant,)), there)])
    told = {"events": [{"kind": "products", "id": there, "topic": "changed", "event_id": "e1"}]}
    assert brand.client.post(f"/v1/stores/{main['id']}/events", json=told).json()["accepted"] == 1
    assert follow_all(mall) == 1
    assert street.corners("CUP-1").variants[0].price.amount == Decimal("28.00")

    ended = reseller.post(f"/v1/catalogue-links/{link['id']}/disconnect", products="draft")
    assert mall.work(reseller, ended["run"]["id"]).outcome == "completed"
    assert {street.outlets[1].shop.state.products[int(cup.id)]["status"]} == {"draft"}


def test_what_no_run_can_match_is_suggested_by_its_title_and_mapped_by_hand(  # C-5 C-17
    mall: Mall, street: Street
) -> None:
    owner = mall.merchant("Of both")
    main, corner = (connect(owner, each.address) for each in street.outlets)
    nameless = replace(CUP, variants=(replace(CUP.variants[0], sku="", barcode=""),))
    street.stock(nameless)
    street.corner.push(Kind.PRODUCTS, [Change("1", Action.CREATE, CUP)])
    theirs = street.corners("CUP-1")
    link = owner.post("/v1/catalogue-links", main=main["id"], store=corner["id"])
    mall.run(owner, f"{link['id']}.products")
    path = f"/v1/catalogue-links/{link['id']}"
    (waiting,) = owner.client.get(f"{path}/unmapped").json()["items"]
    assert waiting["reason"] == "sku_missing"
    assert (waiting["suggestions"][0]["product"], waiting["suggestions"][0]["by"]) == (theirs.id, "title")
    told = owner.client.put(f"{path}/mappings/{waiting['product']}", json={"product": theirs.id})
    assert told.status_code == 200, told.text
    assert follow_all(mall) == 1
    assert owner.client.get(f"{path}/unmapped").json()["items"] == []
    assert owner.client.get("/v1/incidents").json()["items"] == []
