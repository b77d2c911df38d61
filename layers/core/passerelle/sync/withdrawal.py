"""Taking a product back at a dependent store: draft, unlisted, without units, deleted, or left (C-9, C-11)."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from passerelle.memory import Entry, EntryState
from passerelle.model import Kind, Product, ProductField, StockLevel
from passerelle.port import Action, Change, Outcome, Terms
from passerelle.rules.assortment import GONE_STATUS
from passerelle.rules.preferences import Gone
from passerelle.sync import counterparts
from passerelle.sync.flow import Flow

LEFT = "left_as_it_is"


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """What is to be written to take one product back."""

    change: Change | None = None
    stock: tuple[Change, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether nothing is."""
        return self.change is None and not self.stock


def ordered(flow: Flow, policy: Gone, products: Sequence[str]) -> set[str]:
    """Those that stand in an order at the dependent store, where the policy would delete them."""
    return flow.destination.connector.ordered(products) if policy is Gone.DELETE and products else set()


def withdrawal(
    entry: Entry, policy: Gone, bought: Collection[str], variants: Mapping[str, Entry], terms: Terms
) -> Withdrawal:
    """How the product of this ledger entry is taken back. What was bought is never deleted: it becomes a draft."""
    if policy is Gone.ZERO_STOCK:
        parts = [variants[part] for part in entry.parts if part in variants]
        return Withdrawal(stock=tuple(emptied(parts, terms)))
    if policy is Gone.DELETE and entry.destination_id not in bought:
        return Withdrawal(Change(entry.source_id, Action.DELETE, None, entry.destination_id))
    status = GONE_STATUS.get(Gone.DRAFT if policy is Gone.DELETE else policy)
    if status is None:
        return Withdrawal()
    told = Product(entry.source_id, "", (), status=status)
    fields = frozenset({ProductField.STATUS})
    return Withdrawal(Change(entry.source_id, Action.UPDATE, told, entry.destination_id, fields=fields))


def emptied(variants: Iterable[Entry], terms: Terms) -> list[Change]:
    """No units for these variants, at any location of the dependent store."""
    locations = tuple((location.id, 0) for location in terms.locations)
    found = []
    for each in variants:
        if each.state is EntryState.GONE:
            continue
        product, variant = counterparts.parted(each.destination_id)
        level = StockLevel(each.source_id, "", 0, product, variant_id=variant, by_location=locations)
        found.append(Change(each.source_id, Action.UPDATE, level, variant))
    return found


def written(flow: Flow, withdrawals: Sequence[Withdrawal]) -> list[Outcome]:
    """Write withdrawals outside a batch; the connectors do nothing twice. Levels are answered by their variants."""
    connector = flow.destination.connector
    changes = [each.change for each in withdrawals if each.change]
    levels = [level for each in withdrawals for level in each.stock]
    outcomes = connector.push(Kind.PRODUCTS, changes) if changes else []
    return outcomes + (connector.push(Kind.STOCK, levels) if levels else [])
