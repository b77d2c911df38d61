"""Catalogues of thousands: looked up and made in bulk, in flat memory, and nothing doubled whatever happens meanwhile."""

from dataclasses import replace

import pytest
from bench import catalogue, twins
from passerelle.memory import RunOutcome
from passerelle.model import Kind
from sandbox.chain import Chain
from sandbox.goods import CUP, changed

pytestmark = pytest.mark.long

SEARCHES = {"FindVariants", "ByReference", "HeldProducts"}
HUNDREDS = 120


def crowded(many: int = HUNDREDS) -> Chain:
    """A main Shopify shop with that many products of two variants, and an empty dependent one."""
    chain = Chain.of("shopify", "shopify")
    chain.main.outlet.shop.load(twins.goods(many))
    return chain


def searches(chain: Chain) -> list[str]:
    """What was searched for, product by product, in either shop."""
    shops = (chain.main.outlet.shop, chain.dependent.outlet.shop)
    return [call.note for shop in shops for call in shop.calls if call.note in SEARCHES]


def made(chain: Chain) -> list[str]:
    """The SKU of the first variant of each product of the dependent store."""
    return sorted(each.variants[0].sku for each in chain.dependent.products())


def everything(many: int = HUNDREDS) -> list[str]:
    """The same of the main store."""
    return sorted(f"SKU-{place}-0" for place in range(many))


def test_a_first_sync_of_hundreds_makes_them_in_one_file() -> None:  # C-4, G-1
    chain = crowded(1_200)
    run = chain.sync(Kind.PRODUCTS)
    notes = [call.note for call in chain.dependent.outlet.shop.calls]
    assert (run.outcome, run.counts.created) == (RunOutcome.COMPLETED, 1_200)
    assert (run.batches, notes.count("RunImport")) == (1, 1)
    assert searches(chain) == []


def test_an_unchanged_second_sync_asks_the_dependent_store_for_no_product(  # B-8
) -> None:
    chain = crowded()
    chain.sync_all()
    before = len(chain.dependent.outlet.shop.calls)
    run = chain.sync(Kind.PRODUCTS)
    assert run.counts.unchanged == HUNDREDS
    assert len(chain.dependent.outlet.shop.calls) == before


def test_units_that_stand_leave_no_line_in_the_ledger() -> None:  # B-8
    with twins.twins("shopify", 30) as here:
        for kind in (Kind.PRODUCTS, Kind.STOCK):
            here.sync(kind)
        again = [here.sync(kind) for kind in (Kind.PRODUCTS, Kind.STOCK)]
    assert [(each.writes, each.ledger) for each in again] == [(0, 0), (0, 0)]


def test_a_merchant_who_wants_small_batches_gets_them() -> None:  # B-4
    chain = crowded()
    feed = chain.memory.feeds.held["lnk_1.products"]  # type: ignore[attr-defined]  # ours is a dictionary
    chain.memory.feeds.held[feed.id] = replace(feed, batch_size=40)  # type: ignore[attr-defined]  # the same
    run = chain.sync(Kind.PRODUCTS)
    assert (run.batches, made(chain)) == (3, everything())


def test_a_sku_that_the_main_store_has_twice_is_told_though_nobody_asked_for_it() -> None:  # C-6
    chain = Chain.of("shopify", "shopify")
    goods = twins.goods(HUNDREDS)
    goods[100]["variants"][1]["sku"] = " sku-7-0"
    chain.main.outlet.shop.load(goods)
    run = chain.sync(Kind.PRODUCTS)
    assert (run.counts.created, run.counts.failed) == (HUNDREDS - 2, 2)
    named = {incident.object_id for incident in chain.incidents()}
    assert named == {str(goods[at]["legacyResourceId"]) for at in (7, 100)}
    assert [each for each in searches(chain) if each == "HeldProducts"] == []


def test_what_appears_at_the_dependent_store_while_the_plan_is_made_is_not_doubled() -> None:  # C-5
    chain = crowded()
    theirs: list[str] = []

    def appears() -> None:
        if not theirs:
            own = replace(changed(CUP), variants=(replace(CUP.variants[0], sku="sku-5-0"),))
            theirs.extend(chain.dependent.stocked(own))

    chain.way.before.append((r"ListProducts", appears))
    run = chain.sync(Kind.PRODUCTS)
    assert (run.counts.created, run.counts.updated) == (HUNDREDS - 1, 1)
    assert len(chain.dependent.products()) == HUNDREDS
    assert len([each for each in made(chain) if each.casefold() == "sku-5-0"]) == 1


def test_an_import_that_ends_early_is_gone_on_with_and_doubles_nothing() -> None:  # B-12
    chain = crowded()
    chain.dependent.outlet.shop.state.import_stops_after = 70
    run = chain.sync(Kind.PRODUCTS)
    assert (run.outcome, made(chain)) == (RunOutcome.COMPLETED, everything())


def test_a_worker_killed_anywhere_in_an_import_leaves_every_product_once() -> None:  # B-7
    many = 60
    for number in range(1, 60):
        chain = crowded(many)
        chain.killer.at, chain.killer.number = "carry", number
        chain.sync(Kind.PRODUCTS)
        chain.sync(Kind.PRODUCTS)
        assert made(chain) == everything(many), f"killed at step {number}"
        if not chain.killer.struck:
            return
    raise AssertionError("the worker never came to its end")


def test_a_planner_killed_anywhere_still_tells_what_the_main_store_has_twice() -> None:  # B-7, C-6
    for number in range(1, 60):
        chain = Chain.of("shopify", "shopify")
        goods = twins.goods(30)
        goods[20]["variants"][1]["sku"] = "SKU-7-0"
        chain.main.outlet.shop.load(goods)
        chain.killer.at, chain.killer.number = "plan", number
        run = chain.sync(Kind.PRODUCTS)
        assert (run.counts.created, run.counts.failed) == (28, 2), f"killed at step {number}"
        if not chain.killer.struck:
            return
    raise AssertionError("the worker never came to its end")


def test_two_shops_with_thousands_of_the_same_are_matched_from_one_file() -> None:  # C-5, G-1
    chain = crowded(700)
    chain.dependent.outlet.shop.load(twins.goods(700))
    run = chain.sync(Kind.PRODUCTS)
    assert (run.counts.created, run.counts.failed, run.outcome) == (0, 0, RunOutcome.COMPLETED)
    assert "FindVariants" not in searches(chain)
    assert len(chain.dependent.outlet.shop.state.shelf("Product").things) == 700


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_fifty_thousand_products_keep_to_the_bounds_in_flat_memory() -> None:  # G-1, C-4
    many = catalogue.synced("shopify", 5_000, 1)
    few = catalogue.synced("shopify", 2_500, 1)
    more = {kind: many[kind].all - few[kind].all for kind in many}
    # Of 2,500 products more: an import with a look before it, and 20 looks and 20 writes of their units.
    assert more["first products"] <= 12
    assert more["first stock"] <= catalogue.fewest_units(5_000) - catalogue.fewest_units(2_500)
    assert more["again products"] == 0
    assert {each.refused for each in (*many.values(), *few.values())} == {0}
    assert [(many[kind].writes, many[kind].ledger) for kind in ("again products", "again stock")] == [
        (0, 0)
    ] * 2
    missed = [(each.what, each.figure) for each in catalogue.memory(10_000, 20_000) if each.met is False]
    assert missed == []
