"""Finds products by reference, which PrestaShop does not keep unique."""

from collections.abc import Sequence

from passerelle.connectors.prestashop.reading import text
from passerelle.connectors.prestashop.webservice import Webservice
from passerelle.port import Match


def products_by_reference(service: Webservice, references: Sequence[str]) -> list[Match]:
    """The products under these references, their own or a combination's; several where the shop repeats one."""
    wanted = {key.casefold(): key for key in references if key and not set("[]|") & set(key)}
    found: dict[tuple[str, str], None] = {}
    for resource, product in (("products", "id"), ("combinations", "id_product")):
        fields = f"{product},reference" if product == "id" else f"id,{product},reference"
        for row in service.among(resource, "reference", wanted.values(), fields):
            # The database compares without case and may see more alike than we do.
            key = wanted.get(text(row.get("reference")).casefold())
            if key is not None:
                found[key, str(row[product])] = None
    return [Match(key, id) for key, id in found]
