"""What tax a product bears, so that the price a buyer is to pay becomes the net price that the shop keeps.

Source: https://devdocs.prestashop-project.org/8/webservice/resources/tax_rules/. The shop keeps six decimals of the
net price and rounds what the buyer pays to two, half up: so the net of a price in cents always comes back as that
price. Rules of one country without region and postcode are those of a buyer who is not known yet.
"""

import threading
from collections import Counter
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal

from passerelle.connectors.prestashop.facts import Facts
from passerelle.connectors.prestashop.reading import number, text
from passerelle.connectors.prestashop.settings import Settings
from passerelle.connectors.prestashop.webservice import Row, Webservice

SIX = Decimal("0.000001")
CENT = Decimal("0.01")
NEWEST = "200"
"""Products looked at for the tax rules that a new one gets."""
ALONE, ADDED = 0, 1
"""What a rule does beside others: it stands alone, it is added, or else it is a tax on tax."""


def rounded(amount: Decimal, places: Decimal = CENT) -> Decimal:
    """As the shop rounds."""
    return amount.quantize(places, ROUND_HALF_UP)


class Taxes:
    """Tax rates of one shop, each read once."""

    def __init__(self, service: Webservice, facts: Facts, settings: Settings) -> None:
        self._service, self._facts, self._settings = service, facts, settings
        self._factors: dict[str, Decimal] = {"0": Decimal(1), "": Decimal(1)}
        self._newcomers = ""
        self._reading = threading.Lock()

    def learn(self, groups: Iterable[str]) -> None:
        """Read the rates of these tax rules groups together. Raises PermissionMissing."""
        with self._reading:
            wanted = [group for group in dict.fromkeys(groups) if group not in self._factors]
            if not wanted:
                return
            if not self._facts.tax_included or self._facts.configuration.get("PS_TAX") == "0":
                self._factors |= dict.fromkeys(wanted, Decimal(1))
                return
            rules = self._service.among("tax_rules", "id_tax_rules_group", wanted)
            rules = [rule for rule in rules if self._holds(rule)]
            taxes = self._service.entities("taxes", (text(rule.get("id_tax")) for rule in rules), "id,rate")
            rates = {str(row["id"]): Decimal(text(row.get("rate")) or "0") / 100 for row in taxes}
            for group in wanted:
                mine = [rule for rule in rules if text(rule.get("id_tax_rules_group")) == group]
                self._factors[group] = _factor(mine, rates)

    def factor(self, group: str) -> Decimal:
        """What a net price is multiplied by: 1.2 for 20 per cent."""
        self.learn([group])
        return self._factors[group]

    def net(self, gross: Decimal, group: str) -> Decimal:
        """The net price, in the shop's six decimals."""
        return rounded(gross / self.factor(group), SIX)

    def of_new(self) -> str:
        """The tax rules group of a new product: that of the link, or the one that most of the newest products have."""
        if self._settings.tax_rules_group is not None:
            return str(self._settings.tax_rules_group)
        with self._reading:
            if not self._newcomers:
                rows = self._service.rows(
                    "products", "id,id_tax_rules_group", {"state": "[1]"}, sort="[id_DESC]", limit=NEWEST
                )
                most = Counter(text(row.get("id_tax_rules_group")) or "0" for row in rows).most_common(1)
                self._newcomers = most[0][0] if most else "0"
            return self._newcomers

    def _holds(self, rule: Row) -> bool:
        """Whether a rule holds for a buyer of whom only the country is known."""
        here = text(rule.get("id_country")) in {"0", self._facts.country}
        return here and not number(rule, "id_state") and (text(rule.get("zipcode_from")) or "0") == "0"


def _factor(rules: list[Row], rates: dict[str, Decimal]) -> Decimal:
    """Of the rules of one group; those of a country go before those of all."""
    own = [rule for rule in rules if number(rule, "id_country")]
    factor, added = Decimal(1), Decimal(0)
    for rule in own or rules:
        rate, behaviour = rates.get(text(rule.get("id_tax")), Decimal(0)), number(rule, "behavior")
        if behaviour in {ALONE, ADDED}:
            added += rate
        else:
            factor *= 1 + rate
        if behaviour == ALONE:
            break
    return factor * (1 + added)
