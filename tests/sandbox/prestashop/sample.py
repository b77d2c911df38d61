"""Shops to play with: the one that the recordings were made of, and generated ones of any size."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from sandbox.prestashop.app import ALL, Rights, Shop
from sandbox.prestashop.generate import fill

RECORDED_KEY = "LABRW0000000000000000000000000RW"
SAMPLE_KEY = "SANDBOXKEY0000000000000000000001"
RECORDED_AT = datetime(2026, 11, 23, 8, 53, 7, tzinfo=UTC)
"""The instant of the recording: the shop wrote 08:53:07, in UTC."""


def as_recorded(
    languages: int = 2,
    clock: Callable[[], datetime] = lambda: RECORDED_AT,
    keys: Mapping[str, Rights] | None = None,
) -> Shop:
    """The demo catalogue of PrestaShop 8.2.1 as it stood before the first recorded write."""
    shop = Shop(
        keys if keys is not None else {RECORDED_KEY: ALL},
        languages=languages,
        timezone="UTC",
        currency="USD",
        name="Sync Lab",
        clock=clock,
    )
    whole = json.loads((Path(__file__).parent / "recorded.json").read_text())
    for name, rows in whole["tables"].items():
        for id, row in rows.items():
            shop.state.tables[name].insert(row, int(id))
    shop.state.images = {int(id): images for id, images in whole["images"].items()}
    configurations = shop.state.configurations
    configurations.update(configurations.where("name", "PS_COUNTRY_DEFAULT")[0], value="21")
    shop.state.tax_rates[("9", "21")] = Decimal(0)
    return shop


def catalogue(
    products: int = 40,
    customers: int = 60,
    orders: int = 30,
    seed: int = 1,
    *,
    key: str = SAMPLE_KEY,
    languages: int = 1,
    clock: Callable[[], datetime] | None = None,
) -> Shop:
    """A generated shop in Paris, equal for equal arguments and clock; about a third of the products has variants."""
    shop = Shop({key: ALL}, languages=languages, clock=clock, name="Maison Sandbox")
    fill(shop.state, products, customers, orders, seed)
    return shop
