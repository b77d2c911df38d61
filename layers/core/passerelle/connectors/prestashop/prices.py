"""What a variant costs: the shop's net prices, and the specific prices that take something off.

Source: https://devdocs.prestashop-project.org/8/webservice/resources/specific_prices/. What a buyer pays is
(base + combination) × tax, less the reduction in force. Written and taken back is only the plain reduction: for
everybody, any quantity, at all times. Promotions of the shop's own - dated, for a group, a currency, a country - stay,
whatever they do to the price; of a reduction on the whole product, a combination gets out by one of its own of zero.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from passerelle.connectors.prestashop.documents import Entity
from passerelle.connectors.prestashop.facts import Facts
from passerelle.connectors.prestashop.reading import flag, number, text
from passerelle.connectors.prestashop.settings import Settings
from passerelle.connectors.prestashop.taxes import SIX, Taxes, rounded
from passerelle.connectors.prestashop.webservice import Row, Webservice
from passerelle.connectors.prestashop.work import PLAIN, Work, open_ones
from passerelle.connectors.prestashop.writing import Writer
from passerelle.model import ProductField, Variant

NEVER = "0000-00-00 00:00:00"
ANYBODY = ("id_cart", "id_customer", "id_group", "id_country", "id_currency", "id_specific_price_rule")
PRICED = (ProductField.PRICE, ProductField.COMPARE_AT)


@dataclass(frozen=True, slots=True)
class Price:
    """What a variant is to cost before and after its reduction, as the shop tells its prices."""

    regular: Decimal
    final: Decimal

    @property
    def off(self) -> Decimal:
        """What the reduction takes off."""
        return self.regular - self.final


class Prices:
    """Works out and writes prices; one for each push."""

    def __init__(
        self, service: Webservice, facts: Facts, settings: Settings, taxes: Taxes, writer: Writer
    ) -> None:
        self._service, self._facts, self._settings = service, facts, settings
        self._taxes, self._writer = taxes, writer
        self._rows: dict[tuple[str, str], Row] = {}
        self._others: dict[str, list[Row]] = defaultdict(list)
        self._groups: dict[str, str] = {}
        self._wanted: dict[tuple[str, str], Price] = {}
        self._exact: dict[tuple[str, str], Decimal] = {}
        """What the shop takes a share of: the regular price before it is rounded."""

    def learn(self, works: Sequence[Work]) -> None:
        """Read taxes and reductions of the products whose prices are to be written."""
        priced = [work for work in works if work.names(*PRICED) or self._grows(work)]
        for work in priced:
            row = work.row
            group = text(row.get("id_tax_rules_group")) if row is not None else self._taxes.of_new()
            self._groups[work.change.id] = group or "0"
        self._taxes.learn(self._groups.values())
        ids = [work.id for work in priced if work.row is not None]
        for row in self._service.among("specific_prices", "id_product", ids):
            product = text(row.get("id_product"))
            if self._plain(row):
                self._rows[product, text(row.get("id_product_attribute")) or PLAIN] = row
            else:
                self._others[product].append(row)

    def _grows(self, work: Work) -> bool:
        """Whether combinations come to a product that is there, with prices as the shop tells them."""
        here = work.product.tax_included is self._facts.tax_included
        return (
            here
            and work.row is not None
            and bool(work.new)
            and all(variant.price.currency == self._facts.currency for variant in work.new)
        )

    def group(self, work: Work) -> str:
        """The tax rules group of a product that is made."""
        return self._groups.get(work.change.id, "0")

    def base(self, work: Work, variant: Variant) -> Decimal:
        """The net price that a new product has of its first variant."""
        return self._taxes.net(self._price(work, variant, None).regular, self.group(work))

    def net(self, work: Work, variant: Variant, part: str, row: Row | None) -> str | None:
        """The price field to write of a product or combination; None where it is as it should be.

        `row`: that of the shop, None for one that is made.
        """
        if not work.names(*PRICED) and (row is not None or not self._grows(work)):
            return None if row is not None else "0"
        if row is not None and (_amount(work.row or {}, "ecotax") or _amount(row, "ecotax")):
            why = "The shop adds an eco-tax to its price: change the price there, or take the eco-tax away."
            work.tell("price", "price_not_held", why)
            return None
        price = self._price(work, variant, None if row is None else part)
        key, factor = (work.change.id, variant.id), self._taxes.factor(self.group(work))
        self._wanted[key] = price
        if row is not None and rounded(self._regular(work, row)) == price.regular:
            self._exact[key] = self._regular(work, row)
            return None
        net = self._taxes.net(price.regular, self.group(work))
        self._exact[key] = net * factor
        return f"{net - work.base:f}"

    def write(self, works: Sequence[Work]) -> None:
        """Write the reductions, once every variant is there."""
        new: list[tuple[Work, Entity]] = []
        changed: dict[str, tuple[Work, Entity]] = {}
        gone: dict[str, Work] = {}
        for work in open_ones(works):
            for variant in work.product.variants:
                price, part = self._wanted.get((work.change.id, variant.id)), work.of.get(variant.id)
                if price is not None and part is not None:
                    exact = self._exact[work.change.id, variant.id]
                    self._reduce(work, part, price, exact, (new, changed, gone))
        self._send(new, changed, gone)

    # --- what it costs -----------------------------------------------------------------------------------------

    def _price(self, work: Work, variant: Variant, part: str | None) -> Price:
        """What is wanted; of a price or a price before that is not named, what the shop has."""
        final, before = variant.price.amount, variant.compare_at.amount if variant.compare_at else None
        if part is not None:
            now = self._now(work, part)
            final = final if work.names(ProductField.PRICE) else now.final
            held = now.regular if now.off else None
            before = before if work.names(ProductField.COMPARE_AT) else held
        final = rounded(final)
        return Price(rounded(before) if before and rounded(before) > final else final, final)

    def _now(self, work: Work, part: str) -> Price:
        row = (work.row or {}) if part == PLAIN else work.parts[part]
        exact = self._regular(work, row)
        return Price(rounded(exact), rounded(exact - self._off(work, part, exact)))

    def _regular(self, work: Work, row: Row) -> Decimal:
        return (work.base + _amount(row, "price")) * self._taxes.factor(self.group(work))

    def _off(self, work: Work, part: str, exact: Decimal) -> Decimal:
        """What the plain reduction in force takes off."""
        row = self._rows.get((work.id, part)) or self._rows.get((work.id, PLAIN))
        if row is None:
            return Decimal(0)
        amount = _amount(row, "reduction")
        if text(row.get("reduction_type")) == "percentage":
            return exact * amount
        factor = self._taxes.factor(self.group(work)) if not flag(row, "reduction_tax") else Decimal(1)
        return amount * factor

    def _plain(self, row: Row) -> bool:
        """Whether a specific price is for everybody, and one of those that are written here."""
        shops = {"0", "", str(self._settings.shop or 0)}
        always = all(text(row.get(name)).startswith("0000") for name in ("from", "to"))
        anybody = not any(number(row, name) for name in ANYBODY) and text(row.get("id_shop")) in shops
        return always and anybody and number(row, "from_quantity") <= 1 and _amount(row, "price") < 0

    # --- reductions --------------------------------------------------------------------------------------------

    def _reduce(
        self,
        work: Work,
        part: str,
        price: Price,
        exact: Decimal,
        plan: tuple[list[tuple[Work, Entity]], dict[str, tuple[Work, Entity]], dict[str, Work]],
    ) -> None:
        new, changed, gone = plan
        if self._others.get(work.id):
            why = "The shop has promotions of its own on this product; they stay, and may lower the price."
            work.tell("price", "price_reduced_there", why)
        if rounded(exact - self._off(work, part, exact)) == price.final:
            return
        own = self._rows.get((work.id, part))
        shared = part != PLAIN and (work.id, PLAIN) in self._rows
        if own is not None and not price.off and not shared:
            gone[str(own["id"])] = work
        elif own is not None:
            changed[str(own["id"])] = (work, Entity({**self._taken_off(price.off)}))
        else:
            new.append((work, self._new(work.id, part, price.off)))

    def _taken_off(self, off: Decimal) -> dict[str, str]:
        taxed = "1" if self._facts.tax_included else "0"
        return {"reduction": f"{off:f}", "reduction_type": "amount", "reduction_tax": taxed}

    def _new(self, product: str, part: str, off: Decimal) -> Entity:
        whom = dict.fromkeys((*ANYBODY[:-1], "id_shop_group"), "0")
        whom |= {
            "id_shop": str(self._settings.shop or 0),
            "id_product": product,
            "id_product_attribute": part,
        }
        when = {"from_quantity": "1", "from": NEVER, "to": NEVER, "price": "-1"}
        return Entity({**whom, **when, **self._taken_off(off)})

    def _send(
        self,
        new: Sequence[tuple[Work, Entity]],
        changed: Mapping[str, tuple[Work, Entity]],
        gone: Mapping[str, Work],
    ) -> None:
        resource = "specific_prices"
        self._writer.remove(resource, list(gone))
        for id, refusal in self._writer.update(
            resource, {id: one for id, (_, one) in changed.items()}
        ).items():
            changed[id][0].refused(refusal)

        def there(places: Sequence[int]) -> set[int]:
            rows = self._service.among(resource, "id_product", [new[n][0].id for n in places])
            held = {
                (text(r.get("id_product")), text(r.get("id_product_attribute")))
                for r in rows
                if self._plain(r)
            }
            keys = {
                n: (new[n][1].fields["id_product"], new[n][1].fields["id_product_attribute"]) for n in places
            }
            return {n for n, key in keys.items() if key in held}

        for place, refusal in self._writer.make(resource, [one for _, one in new], there).items():
            new[place][0].refused(refusal)
        for work in (*(one for one, _ in new), *(one for one, _ in changed.values()), *gone.values()):
            work.wrote = True


def _amount(row: Row, name: str) -> Decimal:
    """An amount as the shop keeps it; a missing one is zero."""
    value = text(row.get(name)) or "0"
    try:
        return Decimal(value).quantize(SIX)
    except ArithmeticError:
        return Decimal(0)
