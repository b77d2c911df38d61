"""Which variant of a dependent store is which of its main store, as the ledger of a catalogue link keeps it.

An entry's source is the main store's variant; its destination is `product:variant`. Its hash changes whenever the
variant comes back from being withdrawn, so that its units are told again.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from passerelle.memory import Entry, EntryState
from passerelle.model import Kind, Product
from passerelle.sync.flow import Flow


def address(product: str, variant: str) -> str:
    """A variant of the dependent store, as an entry names it."""
    return f"{product}:{variant}"


def parted(destination: str) -> tuple[str, str]:
    """(product, variant) of an address."""
    product, _, variant = destination.partition(":")
    return product, variant


def read(flow: Flow, variants: Sequence[str]) -> dict[str, Entry]:
    """The entries of these variants of the main store."""
    return flow.memory.ledger.read(flow.link, Kind.VARIANTS, variants) if variants else {}


def of_product(flow: Flow, products: Iterable[Product], known: Mapping[str, Entry]) -> dict[str, Entry]:
    """The entries of all variants of these products, those included that they have no more."""
    ids = [variant.id for product in products for variant in product.variants]
    ids += [part for product in products if product.id in known for part in known[product.id].parts]
    return read(flow, list(dict.fromkeys(ids)))


def entries(flow: Flow, product: str, variants: Mapping[str, str]) -> list[Entry]:
    """What is to be remembered: main store's variant → the dependent's, which belongs to this product of it."""
    at = flow.now()
    return [
        Entry(main, EntryState.MAPPED, address(product, there), hash=at.isoformat(), at=at)
        for main, there in variants.items()
    ]


def owners(flow: Flow, products: Sequence[str], link: str = "") -> dict[str, str]:
    """Product of the dependent store → that of the main store which it stands for, over this link or another."""
    held = flow.memory.ledger.read(link or flow.link, Kind.MATCHED, products) if products else {}
    return {id: each.destination_id for id, each in held.items() if each.state is EntryState.MAPPED}


def owned(flow: Flow, there: str, product: str) -> Entry:
    """What is to be remembered of a product of the dependent store that stands for one of the main store."""
    return Entry(there, EntryState.MAPPED, product, at=flow.now())


def disowned(flow: Flow, products: Iterable[str]) -> list[Entry]:
    """The same, of products that stand for nothing any more."""
    return [Entry(there, EntryState.GONE, at=flow.now()) for there in products if there]


def moved(flow: Flow, known: Mapping[str, Entry], now: Mapping[str, Entry]) -> list[Entry]:
    """What is to be remembered of the dependent store's products where these lines of the ledger name others."""
    found: list[Entry] = []
    for id, entry in now.items():
        before = known[id].destination_id if id in known else ""
        if before != entry.destination_id:
            found += disowned(flow, [before])
            found += [owned(flow, entry.destination_id, id)] if entry.destination_id else []
    return found


def withdrawn(flow: Flow, held: Iterable[Entry]) -> list[Entry]:
    """The same entries while their product is withdrawn: their units are told no more."""
    return [
        replace(each, state=EntryState.GONE, at=flow.now())
        for each in held
        if each.state is not EntryState.GONE
    ]
