"""Tax rules of a shop: what a group of them adds to a price in a country."""

from decimal import Decimal

from sandbox.prestashop.state import State


def set_tax(state: State, group: int, country: int, rate: str | int, behaviour: int = 0) -> None:
    """Give a tax rules group one more tax in a country (0: everywhere), in per cent."""
    if group not in state.tables["tax_rule_groups"].rows:
        state.tables["tax_rule_groups"].insert({"name": f"Rules {group}", "active": 1}, group)
    tax = state.tables["taxes"].insert({"rate": rate, "active": 1, "name": f"Tax {rate}%"})
    rule = {"id_tax_rules_group": group, "id_country": country, "id_tax": tax, "behavior": behaviour}
    state.tables["tax_rules"].insert(rule | {"zipcode_from": "0", "zipcode_to": "0"})


def factor(state: State, group: str, country: str) -> Decimal:
    """What a net price is multiplied by for a buyer of whom only the country is known."""
    told = state.tax_rates.get((group, country))
    if told is not None:
        return 1 + told / 100
    rules = [
        state.tables["tax_rules"].rows[id]
        for id in state.tables["tax_rules"].where("id_tax_rules_group", group)
    ]
    mine = [rule for rule in rules if rule["id_country"] == country] or [
        rule for rule in rules if rule["id_country"] == "0"
    ]
    whole, added = Decimal(1), Decimal(0)
    for rule in mine:
        rate = Decimal(state.tables["taxes"].rows[int(rule["id_tax"])]["rate"]) / 100
        if rule["behavior"] == "2":
            whole *= 1 + rate
        else:
            added += rate
        if rule["behavior"] == "0":
            break
    return whole * (1 + added)
