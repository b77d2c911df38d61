"""What a dependent store gets and what it does not: matching, filters, prices, plans, coming and going."""

from dataclasses import replace
from typing import Any

import pytest
from passerelle.memory import RunOutcome
from passerelle.model import Kind, Product, ProductField, ProductStatus, Severity
from passerelle.port import Selection
from sandbox.chain import Chain
from sandbox.goods import CUP, GIFT, SHIRT, euros

SHOP = "woocommerce"


def chain(**preferences: Any) -> Chain:
    """Two shops of one platform: the rules do not look at it."""
    return Chain.of(SHOP, SHOP, **preferences)


def renamed(product: Product, sku: str) -> Product:
    """Another product with this SKU."""
    variant = replace(product.variants[0], id=sku, sku=sku)
    return replace(product, id=f"of {sku}", title=f"Titre {sku}", variants=(variant,))


# --- matching ------------------------------------------------------------------------------------------------


def test_a_sku_that_the_dependent_has_twice_is_quarantined_with_both_named() -> None:  # C-5
    shops = chain()
    shops.main.stocked(CUP, GIFT)
    two = shops.dependent.stocked(renamed(CUP, "CUP-1"), renamed(CUP, "CUP-2"))
    # A shop refuses a second use of a SKU; an import that goes past its rules does not.
    shops.dependent.outlet.shop.state.products[int(two[1])]["sku"] = "CUP-1"
    before = shops.dependent.writes()

    run = shops.sync(Kind.PRODUCTS)

    (incident,) = shops.incidents()
    assert run.outcome is RunOutcome.COMPLETED_WITH_ERRORS
    assert (run.counts.created, run.counts.failed) == (1, 1)
    assert incident.severity is Severity.ERROR
    assert all(id in incident.title + incident.remedy for id in two)
    assert shops.dependent.writes() - before == 1


def test_a_sku_that_the_main_store_has_twice_is_quarantined_with_both_named() -> None:  # C-5
    shops = chain()
    ids = shops.main.stocked(CUP, renamed(GIFT, "GIFT-9"))
    shops.main.outlet.shop.state.products[int(ids[1])]["sku"] = "CUP-1"

    run = shops.sync(Kind.PRODUCTS)

    assert run.counts.failed == 2
    assert shops.dependent.products() == []
    told = " ".join(each.title + each.remedy for each in shops.incidents())
    assert all(id in told for id in ids)


def _a_shirt_and_two_halves(shops: Chain) -> tuple[list[str], str]:
    """At the main store two products, of whose variants the dependent store has one product."""
    halves = [
        replace(
            SHIRT, id=f"half {place}", title=f"Moitié {place}", variants=SHIRT.variants[place : place + 2]
        )
        for place in (0, 2)
    ]
    (there,) = shops.dependent.stocked(SHIRT)
    return shops.main.stocked(*halves), there


def test_two_products_never_stand_for_one_of_the_dependent() -> None:  # C-5
    shops = chain()
    ids, there = _a_shirt_and_two_halves(shops)
    before = shops.dependent.writes()

    run = shops.sync(Kind.PRODUCTS)

    assert (run.counts.failed, shops.dependent.writes()) == (2, before)
    told = " ".join(each.title + each.remedy for each in shops.incidents())
    assert all(id in told for id in (*ids, there))


def test_who_stands_for_a_product_first_goes_on_and_the_second_waits() -> None:  # C-5
    shops = chain()
    ids, there = _a_shirt_and_two_halves(shops)
    shops.main.edit(replace(shops.main.product(ids[1]), status=ProductStatus.DRAFT), ProductField.STATUS)
    assert shops.sync(Kind.PRODUCTS).counts.updated == 1
    shops.main.edit(replace(shops.main.product(ids[1]), status=ProductStatus.ACTIVE), ProductField.STATUS)

    run = shops.sync(Kind.PRODUCTS)

    assert (run.counts.unchanged, run.counts.failed) == (1, 1)
    assert shops.dependent.product(there).title == "Moitié 0"


def test_a_product_without_a_sku_is_quarantined() -> None:  # C-5
    shops = chain()
    (id,) = shops.main.stocked(CUP)
    shops.main.outlet.shop.state.products[int(id)]["sku"] = ""

    run = shops.sync(Kind.PRODUCTS)

    assert run.counts.failed == 1
    assert shops.dependent.products() == []


def test_a_quarantined_product_goes_on_once_the_shop_is_put_right() -> None:  # C-5
    shops = chain()
    (id,) = shops.main.stocked(CUP)
    row = shops.main.outlet.shop.state.products[int(id)]
    row["sku"] = ""
    shops.sync(Kind.PRODUCTS)
    row["sku"] = "CUP-1"

    run = shops.sync(Kind.PRODUCTS)

    assert (run.counts.created, run.outcome) == (1, RunOutcome.COMPLETED)
    assert shops.incidents() == []


def test_a_barcode_is_a_second_key_only_where_it_is_wanted() -> None:  # C-5
    for wanted, created in ((True, 0), (False, 1)):
        shops = chain(barcode=wanted)
        shops.main.stocked(CUP)
        theirs = replace(CUP, variants=(replace(CUP.variants[0], sku="THEIRS"),))
        shops.dependent.stocked(theirs)

        run = shops.sync(Kind.PRODUCTS)

        assert run.counts.created == created
        assert len(shops.dependent.products()) == 1 + created


# --- which, and at what price --------------------------------------------------------------------------------


def test_filters_say_which_products_come() -> None:  # C-4
    shops = chain(include={"tags": ["Cadeau", "lin"]}, exclude={"categories": ["mode"]})
    shops.main.stocked(CUP, SHIRT, GIFT)

    run = shops.sync(Kind.PRODUCTS)

    assert (run.counts.created, run.counts.skipped) == (1, 2)
    assert [each.variants[0].sku for each in shops.dependent.products()] == ["CUP-1"]


def test_prices_follow_the_links_own_rule() -> None:  # C-16
    shops = chain(prices={"factor": "1.5", "rounding": "ending_99"})
    shops.main.stocked(CUP)

    shops.sync(Kind.PRODUCTS)

    variant = shops.dependent.by_sku("CUP-1").variants[0]
    assert (variant.price, variant.compare_at) == (euros("18.99"), euros("22.99"))


def test_a_price_in_another_currency_is_never_written_as_it_is() -> None:  # C-16
    shops = chain()
    shops.main.stocked(CUP)
    shops.dependent.outlet.shop.state.settings["woocommerce_currency"].value = "CHF"

    run = shops.sync(Kind.PRODUCTS)

    (incident,) = shops.incidents()
    assert (run.counts.failed, shops.dependent.products()) == (1, [])
    assert "CHF" in incident.title + incident.remedy
    shops.change(prices={"currency": "CHF", "factor": "0.95"})
    assert shops.sync(Kind.PRODUCTS).counts.created == 1
    assert str(shops.dependent.by_sku("CUP-1").variants[0].price.amount) == "11.88"


def test_prices_with_tax_come_without_where_the_dependent_tells_them_so() -> None:  # C-16
    shops = chain(prices={"tax_rate": "20"})
    shops.main.stocked(CUP)
    shops.dependent.outlet.shop.state.settings["woocommerce_prices_include_tax"].value = "no"

    shops.sync(Kind.PRODUCTS)

    assert shops.dependent.by_sku("CUP-1").variants[0].price == euros("10.42")


def test_what_is_made_has_the_status_that_the_dependent_asks() -> None:  # C-4
    shops = chain(status_at_create="draft")
    shops.main.stocked(CUP)

    shops.sync(Kind.PRODUCTS)
    shops.sync(Kind.PRODUCTS)

    assert shops.dependent.by_sku("CUP-1").status is ProductStatus.DRAFT


def test_nothing_wanted_is_idle_and_no_error() -> None:  # C-4
    shops = chain(all=False, matched=False, quantity=False, price=False)
    shops.main.stocked(CUP)

    runs = shops.sync_all()

    assert [(run.outcome, run.counts.skipped) for run in runs] == [(RunOutcome.COMPLETED, 1)] * 2
    assert shops.incidents() == []


def test_each_field_may_be_switched_off_at_update() -> None:  # C-10
    shops = chain(at_update=["description"])
    (id,) = shops.main.stocked(CUP)
    shops.sync(Kind.PRODUCTS)
    held = shops.main.product(id)
    shops.main.edit(
        replace(held, title="Autre", description_html="<p>Autre</p>"),
        ProductField.TITLE,
        ProductField.DESCRIPTION,
    )

    shops.sync(Kind.PRODUCTS)

    now = shops.dependent.by_sku("CUP-1")
    assert (now.title, now.description_html) == (CUP.title, "<p>Autre</p>")


def test_a_full_plan_lets_the_oldest_go_on_and_the_new_ones_wait() -> None:  # C-13
    shops = chain()
    shops.limits["str_1"] = 2
    ids = shops.main.stocked(CUP, GIFT)
    shops.sync(Kind.PRODUCTS)
    shops.main.stocked(SHIRT)
    shops.main.edit(replace(shops.main.product(ids[0]), title="Neuf"), ProductField.TITLE)

    run = shops.sync(Kind.PRODUCTS)

    assert (run.counts.updated, run.counts.skipped, run.counts.created) == (1, 1, 0)
    assert shops.dependent.by_sku("CUP-1").title == "Neuf"
    assert len(shops.dependent.products()) == 2
    shops.limits["str_1"] = 3
    assert shops.sync(Kind.PRODUCTS).counts.created == 1


# --- coming and going ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("policy", ["draft", "unpublish", "zero_stock", "delete"])
def test_what_is_taken_off_sale_comes_back_with_its_units_when_it_is_sold_again(policy: str) -> None:  # C-9
    shops = chain(gone=policy)
    (id,) = shops.main.stocked(CUP)
    shops.sync_all()
    held = shops.main.product(id)
    shops.main.edit(replace(held, status=ProductStatus.DRAFT), ProductField.STATUS)
    shops.sync_all()
    away = shops.dependent.products()
    shops.main.edit(replace(held, status=ProductStatus.ACTIVE), ProductField.STATUS)

    shops.sync_all()

    assert not [each for each in away if each.status is ProductStatus.ACTIVE and each.variants[0].quantity]
    back = shops.dependent.by_sku("CUP-1")
    assert (back.status, back.variants[0].quantity, back.title) == (ProductStatus.ACTIVE, 7, CUP.title)
    assert len(shops.dependent.products()) == 1


def test_a_product_that_was_never_sold_does_not_come() -> None:  # C-9
    shops = chain()
    shops.main.stocked(replace(CUP, status=ProductStatus.DRAFT))

    run = shops.sync(Kind.PRODUCTS)

    assert (run.counts.skipped, shops.dependent.products()) == (1, [])


@pytest.mark.parametrize(("policy", "left"), [("draft", 4), ("delete", 3), ("nothing", 4)])
def test_a_variant_that_leaves_the_main_store_is_taken_back(policy: str, left: int) -> None:  # C-9
    shops = chain(gone=policy)
    (id,) = shops.main.stocked(SHIRT)
    shops.sync_all()
    held = shops.main.product(id)
    away, *stay = held.variants
    shops.main.edit(replace(held, variants=tuple(stay)), ProductField.TITLE, without=[away.id])

    shops.sync_all()

    found = {each.sku: each.quantity for each in shops.dependent.by_sku(stay[0].sku).variants}
    assert len(found) == left
    assert found.get(away.sku, 0) == (away.quantity if policy == "nothing" else 0)


@pytest.mark.parametrize(("everything", "variants"), [(True, 4), (False, 3)])
def test_a_new_variant_is_added_only_where_everything_is_wanted(
    everything: bool, variants: int
) -> None:  # C-6
    shops = chain()
    shops.main.stocked(replace(SHIRT, variants=SHIRT.variants[:3]))
    shops.sync_all()
    shops.change(all=everything)
    held = shops.main.by_sku(SHIRT.variants[0].sku)
    new = replace(SHIRT.variants[3], id="new-1")
    fields = (ProductField.VARIANTS, ProductField.PRICE, ProductField.SKU)
    shops.main.edit(replace(held, variants=(*held.variants, new)), *fields)
    assert len(shops.main.product(held.id).variants) == 4
    shops.main.put(new.sku, 9)

    shops.sync_all()

    found = {each.sku: each.quantity for each in shops.dependent.by_sku(SHIRT.variants[0].sku).variants}
    assert len(found) == variants
    assert found.get(new.sku, 9) == 9


# --- live ----------------------------------------------------------------------------------------------------


def test_a_hundred_edits_make_at_most_two_writes_and_the_last_one_wins() -> None:  # C-15
    shops = chain()
    (id,) = shops.main.stocked(CUP)
    shops.sync_all()
    before = shops.dependent.writes()

    for number in range(100):
        shops.main.edit(replace(shops.main.product(id), title=f"Titre {number}"), ProductField.TITLE)
        shops.hear(Kind.PRODUCTS, id)
        if number == 50:
            shops.river.follow(shops.told.messages.popleft())
    shops.follow_all()

    assert shops.dependent.by_sku("CUP-1").title == "Titre 99"
    assert shops.dependent.writes() - before <= 2


def test_an_older_event_that_comes_late_changes_nothing() -> None:  # C-8
    shops = chain()
    shops.main.stocked(CUP)
    shops.sync_all()
    (entry,) = shops.main.merchant.index(Kind.STOCK, Selection(), None).entries
    shops.main.put("CUP-1", 3)
    shops.hear(Kind.STOCK, entry.id)
    late = list(shops.told.messages)
    shops.follow_all()
    shops.main.put("CUP-1", 9)
    shops.hear(Kind.STOCK, entry.id)
    shops.follow_all()
    before = shops.dependent.writes()

    shops.told.messages.extend(late)
    shops.follow_all()

    assert (shops.dependent.units("CUP-1"), shops.dependent.writes()) == (9, before)


def test_a_product_deleted_at_the_main_store_is_taken_back_when_the_event_comes() -> None:  # C-9
    shops = chain()
    (id,) = shops.main.stocked(CUP)
    shops.sync_all()
    shops.main.delete(id)
    shops.hear(Kind.PRODUCTS, id)

    shops.follow_all()

    assert shops.dependent.by_sku("CUP-1").status is ProductStatus.DRAFT


def test_sync_all_at_a_main_store_reaches_every_dependent() -> None:  # C-14
    shops = Chain.of(SHOP, SHOP, SHOP)
    shops.main.stocked(CUP, SHIRT)
    shops.change("lnk_2", all=False, matched=False)
    shops.dependents[1].stocked(replace(CUP, title="À eux"))

    shops.sync_all()

    assert len(shops.dependents[0].products()) == 2
    assert [each.title for each in shops.dependents[1].products()] == ["À eux"]
