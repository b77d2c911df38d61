"""Before PrestaShop 8 there is no PATCH: what is changed is read whole and sent back, less what is read-only."""

import pytest
from passerelle.model import Kind, ProductField, StockLevel
from passerelle.port import Action, Change, Result
from sandbox.prestashop import Shop

from .dependent import create, differences, empty_shop, euros, kept, mug, open_to, push, read, shirt, update

OLD = "1.7.8.11"
F = ProductField


def methods(shop: Shop) -> set[str]:
    return {call.method for call in shop.calls.writes}


@pytest.mark.parametrize("product", [mug(), shirt()])
@pytest.mark.parametrize("languages", [1, 2])
def test_products_are_made_and_changed_without_patch(product: object, languages: int) -> None:
    shop = empty_shop(languages=languages, version=OLD)
    assert isinstance(product, type(mug()))
    id = push(open_to(shop), create(product)).destination_id
    back = read(open_to(shop), id)
    assert {v.sku: v.price for v in back.variants} == {v.sku: v.price for v in product.variants}
    assert {v.quantity for v in back.variants} == {v.quantity for v in product.variants}
    assert push(open_to(shop), update(product, id)).result is Result.UNCHANGED
    assert "PATCH" not in methods(shop)


def test_a_change_leaves_everything_else_as_it_was() -> None:  # C-10
    shop = empty_shop(version=OLD)
    id = push(open_to(shop), create(mug())).destination_id
    shop.state.products.update(
        int(id),
        name={"1": "Mug renard", "2": "Fox mug"},
        meta_title={"1": "Titre", "2": "Title"},
        width="12.5",
    )
    shop.state.products.update(int(id), available_date="2026-12-24", low_stock_threshold="3")
    before = kept(shop, id)
    assert push(open_to(shop), update(mug(title="Chope"), id, F.TITLE)).result is Result.UPDATED
    assert differences(before, kept(shop, id)) == {"product/name/1"}


def test_a_combinations_change_leaves_everything_else_as_it_was() -> None:  # C-10
    shop = empty_shop(version=OLD)
    outcome = push(open_to(shop), create(shirt()))
    before = kept(shop, outcome.destination_id)
    dearer = tuple(
        v if v.id != "vSRed" else type(v)(id=v.id, price=euros("30.00"), sku=v.sku, options=v.options)
        for v in shirt().variants
    )
    push(open_to(shop), update(shirt(variants=dearer), outcome.destination_id, F.PRICE))
    part = outcome.variants["vSRed"].partition("-")[2]
    assert differences(before, kept(shop, outcome.destination_id)) == {f"combinations/{part}/price"}


def test_stock_keeps_its_shop() -> None:
    shop = empty_shop(version=OLD)
    outcome = push(open_to(shop), create(mug()))
    thing = StockLevel("s", "", 41, product_id=outcome.destination_id)
    change = Change("s", Action.UPDATE, thing, destination_id=outcome.variants["v1"])
    before = kept(shop, outcome.destination_id)
    (told,) = open_to(shop).push(Kind.STOCK, [change])
    assert told.result is Result.UPDATED
    (path,) = differences(before, kept(shop, outcome.destination_id))
    assert path.endswith("/quantity")
