"""A main store feeds a dependent one: every platform to every platform, looked at field by field in the destination."""

import re
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from passerelle.memory import RunOutcome
from passerelle.model import Kind, Product, ProductField, ProductStatus
from sandbox.chain import Chain, Member
from sandbox.goods import CUP, GIFT, GOODS, SHIRT, SKUS, changed, euros, told
from sandbox.outlets import OUTLETS, flat

PAIRS = [(main, dependent) for main in OUTLETS for dependent in OUTLETS]
every_pair = pytest.mark.parametrize(("main", "dependent"), PAIRS, ids=[" to ".join(pair) for pair in PAIRS])
OFF = {"all": False, "matched": False, "quantity": False, "price": False}


def both_hold(chain: Chain) -> frozenset[ProductField]:
    """What both shops can hold, units left out: they have a feed of their own."""
    return chain.main.outlet.held & chain.dependent.outlet.held


def assert_alike(chain: Chain, sku: str, fields: frozenset[ProductField] | None = None) -> None:
    """The product of this SKU says the same in both shops, in every field that both can hold."""
    compared = both_hold(chain) if fields is None else fields & both_hold(chain)
    main, dependent = chain.main.by_sku(sku), chain.dependent.by_sku(sku)
    assert told(dependent, compared) == told(main, compared)


def whole(member: Member, product: str, *without: ProductField) -> dict[str, Any]:
    """All that the shop keeps of a product, less what moves with any write and less these fields."""
    outlet = member.outlet
    left_out = re.compile(
        "|".join(filter(None, (outlet.volatile, *(outlet.paths[field] for field in without))))
    )
    return {path: value for path, value in flat(outlet.whole(product)).items() if not left_out.search(path)}


def assert_reconciled(chain: Chain) -> None:
    """Every run of the last round says so and means it."""
    for run in chain.sync_all():
        assert run.outcome is RunOutcome.COMPLETED, (run.kind, run.why, run.counts, chain.incidents())
        assert run.counts.settled == run.expected


@every_pair
def test_a_first_sync_makes_what_the_dependent_does_not_have(main: str, dependent: str) -> None:  # C-4
    chain = Chain.of(main, dependent)
    chain.main.stocked(*GOODS)

    assert_reconciled(chain)

    for product in GOODS:
        assert_alike(chain, product.variants[0].sku)
    assert {sku: chain.dependent.units(sku) for sku in SKUS} == {sku: chain.main.units(sku) for sku in SKUS}
    assert len(chain.dependent.products()) == len(GOODS)


@every_pair
def test_a_second_sync_writes_nothing(main: str, dependent: str) -> None:  # B-8, C-10
    chain = Chain.of(main, dependent)
    chain.main.stocked(*GOODS)
    assert_reconciled(chain)
    written = chain.dependent.writes()

    assert_reconciled(chain)

    assert chain.dependent.writes() == written


@every_pair
def test_matched_only_touches_what_both_have(main: str, dependent: str) -> None:  # C-4, C-5
    chain = Chain.of(main, dependent, **OFF | {"matched": True})
    chain.main.stocked(*GOODS)
    own = replace(CUP, title="Leur tasse", variants=(replace(CUP.variants[0], price=euros("99")),))
    other = replace(GIFT, title="À nous", variants=(replace(GIFT.variants[0], sku="OURS-1"),))
    (there, alone) = chain.dependent.stocked(own, other)
    before = whole(chain.dependent, alone)
    prices = told(chain.dependent.product(there), {ProductField.PRICE})

    run = chain.sync(Kind.PRODUCTS)

    assert (run.counts.updated, run.counts.skipped, run.counts.failed) == (1, 2, 0)
    assert_alike(chain, "CUP-1", frozenset({ProductField.TITLE, ProductField.DESCRIPTION, ProductField.TAGS}))
    assert told(chain.dependent.product(there), {ProductField.PRICE}) == prices
    assert whole(chain.dependent, alone) == before
    assert len(chain.dependent.products()) == 2


@every_pair
def test_price_only_writes_prices_and_leaves_the_rest_byte_for_byte(
    main: str, dependent: str
) -> None:  # C-10
    chain = Chain.of(main, dependent, **OFF | {"price": True})
    chain.main.stocked(CUP, SHIRT)
    mine = replace(changed(CUP), variants=(replace(CUP.variants[0], price=euros("1.00"), compare_at=None),))
    ids = chain.dependent.stocked(mine, replace(changed(SHIRT), tags=("à nous",)))
    prices = (ProductField.PRICE, ProductField.COMPARE_AT)
    before = [whole(chain.dependent, id, *prices) for id in ids]

    run = chain.sync(Kind.PRODUCTS)

    assert run.outcome is RunOutcome.COMPLETED
    assert [whole(chain.dependent, id, *prices) for id in ids] == before
    for sku in ("CUP-1", "SHIRT-M-BLEU"):
        assert_alike(chain, sku, frozenset(prices))


@every_pair
def test_quantity_only_writes_units_and_leaves_the_rest_byte_for_byte(
    main: str, dependent: str
) -> None:  # C-7
    chain = Chain.of(main, dependent, **OFF | {"quantity": True})
    chain.main.stocked(CUP, SHIRT)
    less = tuple(replace(variant, quantity=1) for variant in SHIRT.variants)
    ids = chain.dependent.stocked(changed(CUP), replace(changed(SHIRT), variants=less))
    before = [whole(chain.dependent, id, ProductField.QUANTITY) for id in ids]

    assert_reconciled(chain)

    assert [whole(chain.dependent, id, ProductField.QUANTITY) for id in ids] == before
    for sku in ("CUP-1", *(variant.sku for variant in SHIRT.variants)):
        assert chain.dependent.units(sku) == chain.main.units(sku)


@every_pair
def test_a_change_of_every_field_arrives(main: str, dependent: str) -> None:  # C-10
    chain = Chain.of(main, dependent)
    ids = dict(zip(GOODS, chain.main.stocked(*GOODS), strict=True))
    assert_reconciled(chain)
    for product in (CUP, SHIRT):
        held = chain.main.product(ids[product])
        new = changed(held)
        chain.main.edit(new, *(chain.main.outlet.held - {ProductField.QUANTITY, ProductField.SKU}))
    for sku in SKUS:
        chain.main.put(sku, 11)
    untouched = chain.dependent.by_sku("GIFT-0").id
    before = whole(chain.dependent, untouched, ProductField.QUANTITY)

    assert_reconciled(chain)

    for product in (CUP, SHIRT):
        assert_alike(chain, product.variants[0].sku)
    assert {chain.dependent.units(sku) for sku in SKUS} == {11}
    assert whole(chain.dependent, untouched, ProductField.QUANTITY) == before


@every_pair
@pytest.mark.parametrize("policy", ["draft", "unpublish", "zero_stock", "delete", "nothing"])
def test_what_the_main_store_deletes_follows_the_dependents_policy(
    main: str, dependent: str, policy: str
) -> None:  # C-9, B-16
    chain = Chain.of(main, dependent, gone=policy)
    cup, *_ = chain.main.stocked(CUP, GIFT)
    assert_reconciled(chain)
    there = chain.dependent.by_sku("CUP-1")
    chain.main.delete(cup)

    assert_reconciled(chain)

    _assert_gone(chain, there, policy)
    assert chain.dependent.by_sku("GIFT-0").status is ProductStatus.ACTIVE


def _assert_gone(chain: Chain, there: Product, policy: str) -> None:
    statuses = {"draft": ProductStatus.DRAFT, "unpublish": ProductStatus.UNLISTED}
    if policy == "delete":
        assert there.id not in [product.id for product in chain.dependent.products()]
        return
    now = chain.dependent.product(there.id)
    assert now.status is statuses.get(policy, ProductStatus.ACTIVE)
    assert now.variants[0].quantity == (0 if policy == "zero_stock" else 7)


@every_pair
@pytest.mark.parametrize("policy", ["keep", "zero_stock", "draft"])
def test_who_disconnects_and_comes_back_finds_the_old_mappings(
    main: str, dependent: str, policy: str
) -> None:  # C-11
    chain = Chain.of(main, dependent)
    chain.main.stocked(CUP, SHIRT)
    assert_reconciled(chain)
    ids = {product.id for product in chain.dependent.products()}

    if policy != "keep":
        assert chain.disconnect(policy).outcome is RunOutcome.COMPLETED
        for id in ids:
            _assert_retired(chain.dependent.product(id), policy)
    assert_reconciled(chain)

    assert {product.id for product in chain.dependent.products()} == ids
    for sku in ("CUP-1", "SHIRT-M-BLEU"):
        assert_alike(chain, sku)
        assert chain.dependent.units(sku) == chain.main.units(sku)


def _assert_retired(product: Product, policy: str) -> None:
    if policy == "draft":
        assert product.status is ProductStatus.DRAFT
    else:
        assert {variant.quantity for variant in product.variants} == {0}


@every_pair
def test_what_was_ordered_is_never_deleted(main: str, dependent: str) -> None:  # C-9
    chain = Chain.of(main, dependent, gone="delete")
    cup, gift = chain.main.stocked(CUP, GIFT)
    assert_reconciled(chain)
    there = chain.dependent.by_sku("CUP-1")
    chain.dependent.outlet.sell(there.id, there.variants[0].id, 1)
    chain.main.delete(cup)
    chain.main.delete(gift)
    chain.main.stocked(SHIRT)

    assert_reconciled(chain)

    assert chain.dependent.product(there.id).status is ProductStatus.DRAFT
    assert {each.variants[0].sku for each in chain.dependent.products()} == {"CUP-1", "SHIRT-M-BLEU"}


@every_pair
def test_a_variant_that_the_dependent_lacks_or_adds_is_not_touched(main: str, dependent: str) -> None:  # C-6
    chain = Chain.of(main, dependent, all=False)
    chain.main.stocked(replace(SHIRT, variants=SHIRT.variants[:3]))
    (there,) = chain.dependent.stocked(replace(SHIRT, variants=SHIRT.variants[1:]))
    own = SHIRT.variants[3].sku
    chain.dependent.put(own, 77)

    assert_reconciled(chain)

    found = {variant.sku: variant for variant in chain.dependent.product(there).variants}
    assert set(found) == {variant.sku for variant in SHIRT.variants[1:]}
    assert found[own].quantity == 77
    assert found[own].price.amount == Decimal("41.90")
