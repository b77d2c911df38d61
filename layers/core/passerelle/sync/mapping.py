"""Saying by hand which product of a dependent store is which: what waits for it, what it may be (C-17)."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from passerelle.memory import Entry, EntryState
from passerelle.model import Kind, Product
from passerelle.port import By, Result
from passerelle.rules.assortment import FILTERED_OUT, NOT_PUBLISHED
from passerelle.rules.matching import Ambiguous, Known, Match, Matched, Unmatched, key_of, match
from passerelle.rules.selection import ALREADY_MAPPED, NOT_MAPPED
from passerelle.rules.suggesting import Suggestion, suggestions
from passerelle.sync import counterparts
from passerelle.sync.catalogue import IDLE, NO_MATCH, PLAN_FULL, STANDING, UNMAPPED
from passerelle.sync.flow import End, Flow
from passerelle.sync.looking import known_at
from passerelle.sync.withdrawal import LEFT

LOOKED_AT = 20_000
"""Lines of the ledger that one page looks through."""
ELSEWHERE = frozenset({FILTERED_OUT, NOT_PUBLISHED, IDLE, PLAN_FULL, LEFT, ALREADY_MAPPED, NOT_MAPPED})
"""Reasons that no mapping would change."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A product of the main store without a counterpart: why, and what it may be."""

    product: Product
    code: str
    why: str = ""
    suggestions: Sequence[Suggestion] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class Pair:
    """A product with its counterpart, and which variant is which."""

    entry: Entry
    variants: Mapping[str, str]


# --- what there is ---------------------------------------------------------------------------------------


def mapped(flow: Flow, after: str, limit: int) -> tuple[list[Pair], str | None]:
    """Products that have a counterpart, behind an id; and where the next page begins, None at the end."""
    entries, following = _page(flow, after, limit, stands)
    known = counterparts.read(flow, [part for entry in entries for part in entry.parts])
    return [Pair(entry, _variants(entry, known)) for entry in entries], following


def stands(entry: Entry) -> bool:
    """Whether the product has a counterpart."""
    return entry.state in STANDING and bool(entry.destination_id)


def _variants(entry: Entry, known: Mapping[str, Entry]) -> dict[str, str]:
    held = {part: known[part] for part in entry.parts if part in known}
    return {part: counterparts.parted(each.destination_id)[1] for part, each in held.items()}


def unmapped(flow: Flow, after: str, limit: int) -> tuple[list[Waiting], str | None]:
    """Products that a person may map, as both shops hold them now; a page may be short and still have a next one.

    One pull of each shop a page, and a look at the dependent store by SKU, barcode and title.
    """
    entries, following = _page(flow, after, limit, _waits)
    if not entries:
        return [], following
    by_hand = {entry.source_id for entry in entries if entry.reason == UNMAPPED}
    pulled = flow.source.connector.pull(Kind.PRODUCTS, [entry.source_id for entry in entries]).objects
    products = {each.id: each for each in pulled if isinstance(each, Product)}
    known = known_at(flow, list(products.values()))
    found = {id: match(product, known) for id, product in products.items()}
    there = [each.product for each in found.values() if isinstance(each, Matched)]
    owners = counterparts.owners(flow, there)
    waiting: list[Waiting] = []
    for id in (entry.source_id for entry in entries if entry.source_id in products):
        if id in by_hand:
            waiting.append(Waiting(products[id], UNMAPPED))
        elif why := _doubt(found[id], owners, there):
            waiting.append(Waiting(products[id], *why))
    return _suggested(flow, waiting, known), following


def _waits(entry: Entry) -> bool:
    """Whether a mapping by hand is what it lacks. What a platform refused is another matter."""
    undone = entry.state in (EntryState.SKIPPED, EntryState.REFUSED) and not entry.destination_id
    return undone and entry.result != Result.REFUSED and entry.reason not in ELSEWHERE


def _doubt(found: Match, owners: Mapping[str, str], there: Sequence[str]) -> tuple[str, str] | None:
    """Why it has no counterpart, as (code, words); None where the next run would find one without a hand."""
    if isinstance(found, Ambiguous):
        return found.code, found.why
    if isinstance(found, Unmatched):
        return NO_MATCH, ""
    if found.product in owners or there.count(found.product) > 1:
        also = owners.get(found.product, "another product")
        return "match_split", f"The dependent store's product {found.product} is that of {also} as well."
    return None


def _page(
    flow: Flow, after: str, limit: int, wanted: Callable[[Entry], bool]
) -> tuple[list[Entry], str | None]:
    found: list[Entry] = []
    for number, entry in enumerate(flow.memory.ledger.scan(flow.link, Kind.PRODUCTS, after), 1):
        if len(found) == limit:
            return found, found[-1].source_id
        if wanted(entry):
            found.append(entry)
        if number >= LOOKED_AT:
            return found, entry.source_id
    return found, None


# --- what it may be --------------------------------------------------------------------------------------


def _suggested(flow: Flow, waiting: Sequence[Waiting], known: Known) -> list[Waiting]:
    """The same with suggestions: products of the dependent store that are nobody's counterpart yet."""
    there = flow.destination
    products = [each.product for each in waiting]
    codes = _found(there, [v.barcode for p in products for v in p.variants], By.BARCODE)
    titles = _found(there, [product.title for product in products], By.TITLE)
    skus = {key: {product for product, _ in found} for key, found in known.dependent.items()}
    likely = {each.id: _likely(each, skus, codes, titles) for each in products}
    every = set().union(*likely.values())
    free = every - counterparts_of(flow, every).keys()
    pulled = there.connector.pull(Kind.PRODUCTS, sorted(free)).objects if free else ()
    held = {each.id: each for each in pulled if isinstance(each, Product)}
    return [
        replace(
            each,
            suggestions=suggestions(each.product, [held[id] for id in likely[each.product.id] if id in held]),
        )
        for each in waiting
    ]


def _found(end: End, texts: Iterable[str], by: By) -> dict[str, set[str]]:
    keys = list({key_of(text): text.strip() for text in texts if text.strip()}.values())
    found: defaultdict[str, set[str]] = defaultdict(set)
    for each in end.connector.find(Kind.PRODUCTS, keys, by) if keys else ():
        found[key_of(each.key)].add(each.destination_id)
    return found


def _likely(
    product: Product,
    skus: Mapping[str, set[str]],
    codes: Mapping[str, set[str]],
    titles: Mapping[str, set[str]],
) -> set[str]:
    found = set(titles.get(key_of(product.title), ()))
    for variant in product.variants:
        found |= skus.get(key_of(variant.sku), set()) | codes.get(key_of(variant.barcode), set())
    return found


def counterparts_of(flow: Flow, products: Iterable[str]) -> dict[str, tuple[str, str]]:
    """(link, main store's product) of each of these products of the dependent store that is a counterpart."""
    wanted = sorted(set(products))
    return {
        there: (link, owner)
        for link in dict.fromkeys((*flow.feeding(), flow.link))
        for there, owner in counterparts.owners(flow, wanted, link).items()
    }


# --- done and undone -------------------------------------------------------------------------------------


def entry_of(flow: Flow, product: str) -> Entry | None:
    """What the ledger knows of a product of the main store."""
    return flow.memory.ledger.read(flow.link, Kind.PRODUCTS, [product]).get(product)


def take_seat(flow: Flow, product: str) -> bool:
    """Whether the dependent store's plan has room for one more, or has it already."""
    known = entry_of(flow, product)
    if flow.product_limit is None or (known and stands(known)):
        return True
    return flow.memory.seats.take(flow.destination.store, 1, flow.product_limit) == 1


def map_by_hand(flow: Flow, product: str, there: str, variants: Mapping[str, str]) -> None:
    """Remember that the product is that one, and which variant is which; twice changes nothing but the instant."""
    known = entry_of(flow, product)
    held = counterparts.read(flow, list(known.parts)) if known else {}
    left = [each for id, each in held.items() if id not in variants]
    lines = counterparts.withdrawn(flow, left) + counterparts.entries(flow, there, variants)
    done = Entry(product, EntryState.MAPPED, there, at=flow.now(), parts=tuple(variants))
    _remember(flow, known, done, lines)


def unmap(flow: Flow, known: Entry) -> None:
    """Remember that the product is none of the dependent store's: it is left as it is there, and matched no more."""
    held = counterparts.read(flow, list(known.parts))
    undone = Entry(known.source_id, EntryState.SKIPPED, reason=UNMAPPED, at=flow.now())
    _remember(flow, known, undone, counterparts.withdrawn(flow, held.values()))


def _remember(flow: Flow, known: Entry | None, now: Entry, variants: Sequence[Entry]) -> None:
    """The product's own line last: whoever reads it finds its variants and its counterpart's line as they are."""
    id, ledger = now.source_id, flow.memory.ledger
    moved = counterparts.moved(flow, {id: known} if known else {}, {id: now})
    for kind, lines in ((Kind.VARIANTS, variants), (Kind.MATCHED, moved), (Kind.PRODUCTS, [now])):
        if lines:
            ledger.record(flow.link, kind, lines)
    flow.memory.incidents.resolve([f"{flow.link}:{Kind.PRODUCTS}:{id}"])
