"""What a dependent store of two languages keeps, which one it reads, and what of a product waits for a person there."""

from dataclasses import replace

import pytest
from passerelle.connectors.prestashop import Connector, Credentials, Settings
from passerelle.http import Client
from passerelle.memory import RunOutcome
from passerelle.model import Kind, ProductField
from sandbox.chain import Chain
from sandbox.goods import CUP
from sandbox.outlets import OUTLETS
from sandbox.prestashop.sample import SAMPLE_KEY
from sandbox.transport import InProcess

others = [name for name in OUTLETS if name != "prestashop"]


def names(shops: Chain, id: str) -> dict[str, str]:
    """Language → title, as a PrestaShop dependent keeps it."""
    return dict(shops.dependent.outlet.shop.state.products.rows[int(id)]["name"])


@pytest.mark.parametrize("main", others)
def test_both_languages_are_filled_at_create_and_one_is_kept_up_to_date(main: str) -> None:  # C-10
    shops = Chain.of(main, "prestashop")
    (id,) = shops.main.stocked(CUP)
    shops.sync_all()
    there = shops.dependent.by_sku("CUP-1").id
    mine, theirs = names(shops, there)
    assert set(names(shops, there).values()) == {CUP.title}
    shops.dependent.outlet.shop.state.products.rows[int(there)]["name"][theirs] = "Cup"

    shops.main.edit(replace(shops.main.product(id), title="Tasse neuve"), ProductField.TITLE)
    shops.sync_all()

    assert names(shops, there) == {mine: "Tasse neuve", theirs: "Cup"}


@pytest.mark.parametrize("dependent", others)
def test_the_dependent_says_in_which_language_it_reads(dependent: str) -> None:  # C-1, C-10
    shops = Chain.of("prestashop", dependent)
    (id,) = shops.main.stocked(CUP)
    title = shops.main.outlet.shop.state.products.rows[int(id)]["name"]
    told = {}
    for language, row in shops.main.outlet.shop.state.tables["languages"].rows.items():
        title[str(language)] = told[str(row["iso_code"])] = f"Titre {row['iso_code']}"
    assert len(told) == 2

    for language, wanted in told.items():
        _reads(shops, language)
        shops.change(exclude={"tags": [f"only {language}"]})
        assert {run.outcome for run in shops.sync_all()} == {RunOutcome.COMPLETED}
        assert shops.dependent.by_sku("CUP-1").title == wanted


def _reads(shops: Chain, language: str) -> None:
    address = shops.main.outlet.address
    way = InProcess({address: shops.main.outlet.shop})
    client = Client(way, sleep=shops.clock.sleep, clock=shops.clock.epoch, allow_private=True)
    keys = Credentials.model_validate({"url": address, "key": SAMPLE_KEY})
    shops.main.end = replace(
        shops.main.end, connector=Connector(keys, Settings(language=language, image_format=""), client)
    )


def test_what_waited_for_a_person_is_closed_by_the_write_that_goes_well() -> None:  # B-12
    shops = Chain.of("shopify", "prestashop")
    (id,) = shops.main.stocked(CUP)
    shops.sync_all()
    row = shops.dependent.outlet.shop.state.products.rows[int(shops.dependent.by_sku("CUP-1").id)]
    for ecotax, open_ones in (("2.000000", 1), ("2.000000", 1), ("0.000000", 0)):
        row["ecotax"] = ecotax
        held = shops.main.product(id)
        shops.main.edit(replace(held, title=held.title + "!"), ProductField.TITLE)
        shops.sync(Kind.PRODUCTS)
        assert len(shops.incidents()) == open_ones, shops.incidents()
