"""A PrestaShop shop of a chain; see `outlets.Outlet`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from passerelle.connectors.prestashop import Connector, Credentials, Settings
from passerelle.http import Client
from passerelle.model import ProductField, ProductStatus

from sandbox.clocks import Clock
from sandbox.prestashop.app import ALL, Shop
from sandbox.prestashop.sample import SAMPLE_KEY
from sandbox.prestashop.stock import set_quantity
from sandbox.prestashop.taxing import set_tax

FRANCE = 8
HANGING = ("combinations", "stock_availables", "specific_prices", "product_customization_fields")


@dataclass(slots=True)
class Outlet:
    """An empty shop in euros, French and English, that sells with 20 % of tax."""

    clock: Clock
    address: str
    shop: Shop = field(init=False)
    platform: str = "prestashop"
    held: frozenset[ProductField] = frozenset(ProductField)
    tells_alt: bool = False
    unlisted: ProductStatus = ProductStatus.UNLISTED
    units_written: str = r"(PATCH|PUT) .*/stock_availables"
    volatile: str = r"date_upd|indexed"
    paths: Mapping[ProductField, str] = field(
        default_factory=lambda: {
            ProductField.PRICE: r"price|reduction",
            ProductField.COMPARE_AT: r"price|reduction|specific_prices",
            ProductField.QUANTITY: r"quantity|stock_availables",
        }
    )

    def __post_init__(self) -> None:
        self.shop = Shop({SAMPLE_KEY: ALL}, languages=2, clock=self.clock, name=self.address)
        state = self.shop.state
        set_tax(state, 1, FRANCE, "20")
        state.countries.insert({"iso_code": "FR", "active": 1, "name": "France", "id_zone": 1}, FRANCE)
        for id, (name, parent) in enumerate((("Root", 0), ("Home", 1)), 1):
            row = {"id_parent": parent, "active": 1, "name": name, "link_rewrite": name.lower()}
            state.categories.insert(row, id)

    def open(self, client: Client) -> Any:
        """See outlets.Outlet."""
        keys = Credentials.model_validate({"url": self.address, "key": SAMPLE_KEY})
        return Connector(keys, Settings(tax_rules_group=1, image_format=""), client)

    def whole(self, product: str) -> Any:
        """See outlets.Outlet."""
        state = self.shop.state
        hanging = {
            name: {id: state.tables[name].rows[id] for id in state.tables[name].where("id_product", product)}
            for name in HANGING
        }
        return {
            "product": state.products.rows[int(product)],
            **hanging,
            "images": state.images.get(int(product), []),
        }

    def sell(self, product: str, variant: str, units: int) -> None:
        """See outlets.Outlet."""
        state = self.shop.state
        chosen = variant.partition("-")[2] or "0"
        for id in state.stock_availables.where("id_product", product):
            row = state.stock_availables.rows[id]
            if str(row["id_product_attribute"]) == chosen:
                set_quantity(state, id, int(row["quantity"]) - units)
        line = {"product_id": product, "product_attribute_id": chosen, "product_quantity": units}
        state.order_details.insert({"id_order": 1, "id_shop": 1, "product_name": "x", **line})
