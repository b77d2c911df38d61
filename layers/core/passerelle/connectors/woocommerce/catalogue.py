"""A shop as a part of a catalogue: how its products are told, and which of them were ordered.

Source: https://woocommerce.github.io/woocommerce-rest-api-docs/#list-all-orders (`product`: those that hold it).
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from passerelle.connectors.woocommerce.facts import PLACE, Facts
from passerelle.connectors.woocommerce.reading import number, text
from passerelle.connectors.woocommerce.rest import Rest
from passerelle.port import Location, Terms

AT_ONCE = 4


def terms(facts: Facts) -> Terms:
    """One currency, one language, one place; prices with or without tax as the shop has them typed."""
    place = Location(PLACE, "The shop", default=True)
    return Terms(facts.currency, facts.tax_included, (place,))


def ordered(rest: Rest, products: Sequence[str]) -> set[str]:
    """Those that were sold by the shop's own count, a hundred a call; of each of the others its orders are asked for."""
    rows = rest.among("products", products, fields="id,total_sales")
    sold = {text(row, "id") for row in rows if number(row, "total_sales") > 0}
    asked = [id for id in dict.fromkeys(products) if id not in sold and id.isdigit()]

    def stands_in_one(product: str) -> bool:
        return bool(rest.page("orders", product=product, per_page=1, fields="id").rows)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = dict(zip(asked, pool.map(stands_in_one, asked), strict=True))
    return sold | {id for id, is_ordered in found.items() if is_ordered}
