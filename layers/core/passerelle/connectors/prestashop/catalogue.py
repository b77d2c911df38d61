"""What a catalogue over several shops asks of one: how its products are told, and which of them were ordered.

Source: https://devdocs.prestashop-project.org/8/webservice/resources/order_details/.
"""

import html
import re
from collections.abc import Sequence

from passerelle.connectors.prestashop.facts import Facts
from passerelle.connectors.prestashop.levels import Levels
from passerelle.connectors.prestashop.reading import text
from passerelle.connectors.prestashop.webservice import Webservice
from passerelle.port import Location, Terms


class Catalogue:
    """Answers for one shop."""

    def __init__(self, service: Webservice, facts: Facts, levels: Levels) -> None:
        self._service, self._facts, self._levels = service, facts, levels

    def terms(self) -> Terms:
        """Its currency, whether its prices hold tax, its languages, and the one place where its stock lies."""
        told = re.search(r'<api shopName="([^"]*)"', self._service.root().text)
        name = html.unescape(told[1]) if told else "PrestaShop"
        first = self._facts.written_language
        spoken = self._facts.languages
        languages = (spoken[first], *(iso for id, iso in spoken.items() if id != first))
        return Terms(
            currency=self._facts.currency,
            tax_included=self._facts.tax_included,
            locations=(Location(self._levels.location, name, default=True),),
            languages=languages if len(languages) > 1 else (),
        )

    def ordered(self, products: Sequence[str]) -> set[str]:
        """Those that stand in an order. Raises PermissionMissing without the right GET order_details."""
        rows = self._service.among("order_details", "product_id", products, "id,product_id")
        return {text(row.get("product_id")) for row in rows}
