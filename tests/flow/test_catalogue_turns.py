"""Events of a catalogue out of their order, and owners who change their minds while things are under way."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from passerelle.memory import Mode, RunOutcome
from passerelle.model import Kind, Product, ProductField, ProductStatus
from passerelle.port import Selection
from sandbox.chain import Chain
from sandbox.goods import CUP, GIFT, SHIRT, euros
from sandbox.outlets import OUTLETS

pytestmark = pytest.mark.long

PLATFORMS = list(OUTLETS)
every_platform = pytest.mark.parametrize("platform", PLATFORMS)


def other(platform: str) -> str:
    """Another platform."""
    return "woocommerce" if platform != "woocommerce" else "shopify"


# --- events --------------------------------------------------------------------------------------------------


def heard(shops: Chain, kind: Kind, ids: Sequence[str]) -> None:
    """Told, and followed."""
    shops.hear(kind, *ids)
    shops.follow_all()


@every_platform
def test_events_of_what_is_not_wanted_write_nothing(platform: str) -> None:  # C-4, C-17
    shops = Chain.of(platform, platform, exclude={"vendors": ["maison du lin"]})
    cup, shirt = shops.main.stocked(CUP, SHIRT)
    shops.sync_all()
    before = shops.dependent.writes()

    shops.main.edit(replace(shops.main.product(shirt), title="Chemise II"), ProductField.TITLE)
    heard(shops, Kind.PRODUCTS, [shirt])
    shops.main.delete(shirt)
    heard(shops, Kind.PRODUCTS, [shirt, "999999"])

    assert shops.dependent.writes() == before
    assert [each.variants[0].sku for each in shops.dependent.products()] == ["CUP-1"]
    assert shops.main.product(cup).title == CUP.title


@every_platform
def test_units_that_are_told_before_the_product_are_told_again_with_it(platform: str) -> None:  # C-8
    shops = Chain.of(platform, platform)
    shops.main.stocked(CUP)
    shops.sync_all()
    (id,) = shops.main.stocked(GIFT)
    shops.main.put("GIFT-0", 8)
    heard(shops, Kind.STOCK, _levels(shops, "GIFT-0"))
    heard(shops, Kind.PRODUCTS, [id])

    heard(shops, Kind.STOCK, _levels(shops, "GIFT-0"))

    assert shops.dependent.units("GIFT-0") == 8


def _levels(shops: Chain, sku: str) -> list[str]:
    page = shops.main.merchant.index(Kind.STOCK, Selection(), None)
    levels = shops.main.merchant.pull(Kind.STOCK, [entry.id for entry in page.entries]).objects
    return [level.id for level in levels if level.sku == sku]


@every_platform
def test_a_delete_that_comes_before_its_create_leaves_nothing_behind(platform: str) -> None:  # C-9
    shops = Chain.of(platform, platform, gone="delete")
    shops.main.stocked(GIFT)
    shops.sync_all()
    (id,) = shops.main.stocked(CUP)
    shops.hear(Kind.PRODUCTS, id)
    late = list(shops.told.messages)
    shops.told.messages.clear()
    shops.main.delete(id)
    heard(shops, Kind.PRODUCTS, [id])

    shops.told.messages.extend(late)
    shops.follow_all()

    assert [each.variants[0].sku for each in shops.dependent.products()] == ["GIFT-0"]
    assert {run.outcome for run in shops.sync_all()} == {RunOutcome.COMPLETED}


@every_platform
def test_an_event_of_what_was_withdrawn_brings_it_back_once_it_is_sold_again(platform: str) -> None:  # C-9
    shops = Chain.of(platform, platform)
    (id,) = shops.main.stocked(CUP)
    shops.sync_all()
    held = shops.main.product(id)
    for status in (ProductStatus.DRAFT, ProductStatus.DRAFT, ProductStatus.ACTIVE):
        shops.main.edit(replace(held, status=status), ProductField.STATUS)
        heard(shops, Kind.PRODUCTS, [id])
        heard(shops, Kind.STOCK, _levels(shops, "CUP-1"))
        assert shops.dependent.by_sku("CUP-1").status is status

    assert shops.dependent.units("CUP-1") == 7
    assert len(shops.dependent.products()) == 1


# --- changes of mind -----------------------------------------------------------------------------------------


@every_platform
def test_a_dry_run_tells_what_it_would_write_and_writes_nothing(platform: str) -> None:  # B-18
    shops = Chain.of(other(platform), platform)
    cup, shirt = shops.main.stocked(CUP, SHIRT)
    shops.sync_all()
    (gift,) = shops.main.stocked(GIFT)
    shops.main.edit(replace(shops.main.product(cup), title="Neuf"), ProductField.TITLE)
    before = shops.dependent.writes()

    run = shops.sync(Kind.PRODUCTS, dry_run=True)

    assert (run.counts.created, run.counts.updated, run.counts.unchanged) == (1, 1, 1)
    told = {each["id"]: each["action"] for each in shops.river.differences(run.id)}
    assert told == {gift: "create", cup: "update"}
    assert shops.dependent.writes() == before
    assert shops.sync(Kind.PRODUCTS).counts.created == 1
    assert shirt not in told


@every_platform
def test_modes_take_the_new_or_the_known(platform: str) -> None:  # B-5
    shops = Chain.of(other(platform), platform)
    (cup,) = shops.main.stocked(CUP)
    shops.sync_all()
    shops.main.stocked(GIFT)
    shops.main.edit(replace(shops.main.product(cup), title="Neuf"), ProductField.TITLE)

    known = shops.sync(Kind.PRODUCTS, mode=Mode.UPDATE)
    assert (known.counts.updated, known.counts.created, known.counts.skipped) == (1, 0, 1)
    shops.main.edit(replace(shops.main.product(cup), title="Plus neuf"), ProductField.TITLE)
    new = shops.sync(Kind.PRODUCTS, mode=Mode.NEW)
    assert (new.counts.updated, new.counts.created, new.counts.skipped) == (0, 1, 1)
    assert shops.dependent.by_sku("CUP-1").title == "Neuf"


@pytest.mark.parametrize("policy", ["draft", "zero_stock"])
@every_platform
def test_a_disconnect_that_is_killed_anywhere_comes_to_its_end(
    platform: str, policy: str
) -> None:  # C-11, B-7
    for number in range(1, 40):
        shops = Chain.of(platform, platform)
        shops.main.stocked(CUP, SHIRT)
        shops.sync_all()
        shops.killer.at, shops.killer.number = "carry", number

        run = shops.disconnect(policy)

        shops.killer.rest()
        assert (run.outcome, run.counts.failed) == (RunOutcome.COMPLETED, 0), number
        for product in shops.dependent.products():
            gone = product.status is ProductStatus.DRAFT
            assert gone if policy == "draft" else not sum(each.quantity or 0 for each in product.variants)
        if not shops.killer.struck:
            return
    raise AssertionError("the worker never came to its end")


def test_who_comes_back_with_other_wishes_gets_those_and_the_old_mappings() -> None:  # C-11, C-4
    shops = Chain.of("shopify", "prestashop")
    shops.main.stocked(CUP, SHIRT)
    shops.sync_all()
    there = shops.dependent.by_sku("CUP-1")
    shops.disconnect("draft")
    shops.dependent.edit(replace(there, title="À nous"), ProductField.TITLE)
    shops.change(all=False, matched=False)

    shops.sync_all()

    found = shops.dependent.by_sku("CUP-1")
    assert (found.id, found.title, found.status) == (there.id, "À nous", ProductStatus.ACTIVE)
    assert len(shops.dependent.products()) == 2


@every_platform
def test_wishes_that_change_while_a_run_goes_on_hold_in_the_end(platform: str) -> None:  # C-4
    shops = Chain.of(other(platform), platform)
    shops.main.stocked(CUP, SHIRT, GIFT)
    done: list[int] = []

    def meanwhile() -> None:
        if not done:
            done.append(1)
            shops.change(prices={"factor": "2"})

    shops.way.before.append((".", meanwhile))
    shops.sync_all()
    shops.sync_all()

    assert shops.dependent.by_sku("CUP-1").variants[0].price == euros("25.00")
    before = shops.dependent.writes()
    shops.sync_all()
    assert shops.dependent.writes() == before


@every_platform
def test_a_product_that_goes_off_sale_while_it_is_carried_is_off_sale_in_the_end(
    platform: str,
) -> None:  # C-9
    for call in (1, 2, 3, 4):
        shops = Chain.of(platform, platform)
        (id,) = shops.main.stocked(CUP)
        held = shops.main.product(id)
        off = replace(held, status=ProductStatus.DRAFT)

        def meanwhile(shops: Chain = shops, off: Product = off) -> None:
            shops.main.edit(off, ProductField.STATUS)
            shops.hear(Kind.PRODUCTS, off.id)

        shops.dependent.outlet.shop.moods.on_call(call, meanwhile)
        shops.sync_all()
        shops.follow_all()

        assert {each.status for each in shops.dependent.products()} <= {ProductStatus.DRAFT}, call
