"""Deciding products of a main store for a dependent store: what it is there, and what of it is written (section C)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from passerelle.memory import Entry, EntryState
from passerelle.model import Kind, Product, ProductField, Variant
from passerelle.port import Action, Change, Terms
from passerelle.rules.assortment import NOT_PUBLISHED, ON_SALE, as_told, left_out
from passerelle.rules.content import content_hash
from passerelle.rules.matching import Ambiguous, Match, Matched, Unmatched, match
from passerelle.rules.preferences import PRICES, Gone, StatusAtCreate, made_as
from passerelle.rules.pricing import Basis, obstacle
from passerelle.rules.selection import mode_skip
from passerelle.sync import counterparts
from passerelle.sync.decision import Decision, Load, Trouble, as_before
from passerelle.sync.flow import Flow
from passerelle.sync.goods import adopted, reference
from passerelle.sync.looking import known_at
from passerelle.sync.terms import terms_of
from passerelle.sync.withdrawal import LEFT, ordered, withdrawal

STANDING = frozenset({EntryState.MAPPED, EntryState.GONE, EntryState.REFUSED})
"""States of the ledger in which a product goes on being what it was at the dependent store."""
IDLE = "preferences_off"
NO_MATCH = "no_match"
UNMAPPED = "unmapped_by_hand"
"""A person said that it is none of the dependent store's: it is matched no more until a person maps it again (C-17)."""
PLAN_FULL = "plan_full"


@dataclass(slots=True)
class Desk:
    """One load being decided: what each side tells its prices in, and what the ledger and both shops know."""

    flow: Flow
    load: Load
    main: Terms
    dependent: Terms
    variants: Mapping[str, Entry] = field(default_factory=dict)
    matches: dict[str, Match] = field(default_factory=dict)
    adopted: Mapping[str, str] = field(default_factory=dict)
    bought: set[str] = field(default_factory=set)
    owners: Mapping[str, str] = field(default_factory=dict)
    """Product of the dependent store → that of the main store which it stands for already."""
    seats: set[str] = field(default_factory=set)
    """Products that may be added to the dependent store's plan."""

    def entry(self, product: Product) -> Entry | None:
        """The ledger's line, if the product has a counterpart."""
        entry = self.load.entries.get(product.id)
        return entry if entry and entry.state in STANDING and entry.destination_id else None

    def fields(self, product: Product) -> frozenset[ProductField]:
        """What is written of a product that is at the dependent store."""
        preferences, entry = self.flow.preferences, self.entry(product)
        fields = preferences.updated
        if preferences.status_at_create is not StatusAtCreate.AS_MAIN:
            fields -= {ProductField.STATUS}
        back = entry is not None and entry.state is EntryState.GONE
        return fields | {ProductField.STATUS} if back else fields

    def told(self, product: Product, fields: frozenset[ProductField]) -> Product:
        """The product in the dependent store's terms."""
        main = Basis(_currency(product) or self.main.currency, product.tax_included)
        dependent = Basis(self.dependent.currency, self.dependent.tax_included)
        if fields & PRICES and obstacle(self.flow.preferences.prices, main, dependent):
            fields -= PRICES
        return as_told(product, fields, self.flow.preferences.prices, main, dependent)

    def obstacle(self, product: Product) -> Trouble | None:
        """Why its prices cannot be told."""
        main = Basis(_currency(product) or self.main.currency, product.tax_included)
        dependent = Basis(self.dependent.currency, self.dependent.tax_included)
        found = obstacle(self.flow.preferences.prices, main, dependent)
        return Trouble(*found) if found else None

    def digest(self, product: Product) -> str:
        """The hash of what would be written."""
        if product.status not in ON_SALE:
            return content_hash(replace(_bare(product), status=product.status), self.flow.salt)
        return content_hash(self.told(product, self.fields(product)), self.flow.salt)


def decide(flow: Flow, load: Load) -> list[Decision]:
    """See decision.Decide. Looks in both shops for what has no counterpart yet; once for all of the load."""
    products = [thing for thing in load.objects if isinstance(thing, Product)]
    desk = Desk(flow, load, terms_of(flow, flow.source), terms_of(flow, flow.destination))
    early = {product.id: found for product in products if (found := _early(desk, product))}
    left = [product for product in products if product.id not in early]
    desk.variants = counterparts.of_product(flow, left, load.entries)
    desk.adopted = adopted(flow, load)
    _look(desk, [product for product in left if product.status in ON_SALE])
    withdrawn = [entry.destination_id for p in left if p.status not in ON_SALE and (entry := desk.entry(p))]
    desk.bought = ordered(flow, flow.preferences.gone, withdrawn)
    desk.seats = _seats(desk, left)
    return [early.get(product.id) or _decide(desk, product) for product in products]


def _early(desk: Desk, product: Product) -> Decision | None:
    """What needs no look anywhere."""
    flow, load, entry = desk.flow, desk.load, desk.entry(product)
    if flow.preferences.idle:
        return Decision(product.id, "", skip=IDLE)
    digest = desk.digest(product)
    skip = _skip(desk, product)
    if skip:
        return Decision(product.id, digest, skip=skip)
    if not entry or entry.hash != digest or load.force:
        return None
    if entry.state is EntryState.MAPPED:
        return Decision(product.id, digest, parts=entry.parts)
    return as_before(entry, digest)


def _skip(desk: Desk, product: Product) -> str:
    entry, known = desk.entry(product), desk.load.entries.get(product.id)
    if known and known.state is EntryState.SKIPPED and known.reason == UNMAPPED:
        return UNMAPPED
    if product.status not in ON_SALE and (entry is None or entry.state is EntryState.GONE):
        return NOT_PUBLISHED
    return mode_skip(desk.load.mode, mapped=entry is not None) or left_out(product, desk.flow.preferences)


def _look(desk: Desk, products: Sequence[Product]) -> None:
    """Look in both shops for the variants that have no counterpart."""
    missing = [replace(p, variants=_without_counterpart(desk, p)) for p in products]
    missing = [product for product in missing if product.variants]
    known = known_at(desk.flow, missing, desk.load.run) if missing else None
    desk.matches = {product.id: match(product, known) for product in missing} if known else {}
    there = [each.product for each in desk.matches.values() if isinstance(each, Matched)]
    desk.owners = counterparts.owners(desk.flow, there)
    twice = {product for product in there if there.count(product) > 1}
    for product in missing:
        desk.matches[product.id] = _alone(desk, product, desk.matches[product.id], twice)


def _alone(desk: Desk, product: Product, found: Match, twice: set[str]) -> Match:
    """Two products of the main store never stand for one of the dependent: each would undo what the other writes."""
    if not isinstance(found, Matched) or desk.entry(product):
        return found
    owner = desk.owners.get(found.product, product.id)
    if owner == product.id and found.product not in twice:
        return found
    also = f"{owner} of the main store" if owner != product.id else "another product of the main store"
    why = f"The dependent store's product {found.product} is that of {also} already."
    return Ambiguous("match_split", why, (product.id, found.product, owner))


def _without_counterpart(desk: Desk, product: Product) -> tuple[Variant, ...]:
    entry = desk.entry(product)
    return tuple(
        variant
        for variant in product.variants
        if entry is None or _at(desk, variant.id)[0] != entry.destination_id
    )


def _at(desk: Desk, variant: str) -> tuple[str, str]:
    """(product, variant) of the dependent store, as the ledger has it."""
    held = desk.variants.get(variant)
    return counterparts.parted(held.destination_id) if held else ("", "")


def _seats(desk: Desk, products: Iterable[Product]) -> set[str]:
    """Which of the new ones the dependent store's plan has room for, the first first (C-13)."""
    flow = desk.flow
    new = [
        p.id for p in products if desk.entry(p) is None and not isinstance(desk.matches.get(p.id), Ambiguous)
    ]
    if flow.product_limit is None or not new or (desk.load.run and desk.load.run.dry_run):
        return set(new)
    granted = flow.memory.seats.take(flow.destination.store, len(new), flow.product_limit)
    return set(new[:granted])


def _decide(desk: Desk, product: Product) -> Decision:
    entry = desk.entry(product)
    if product.status not in ON_SALE:
        return _withdraw(desk, product, entry)
    found = desk.matches.get(product.id)
    if entry:
        return _update(desk, product, entry, found)
    if isinstance(found, Ambiguous):
        return Decision(product.id, "", quarantine=_trouble(found))
    begun = desk.adopted.get(product.id, "")
    there = begun or (found.product if isinstance(found, Matched) else "")
    if not there and not desk.flow.preferences.all:
        return Decision(product.id, desk.digest(product), skip=NO_MATCH)
    if product.id not in desk.seats:
        return Decision(product.id, "", skip=PLAN_FULL)
    variants = found.variants if isinstance(found, Matched) and found.product == there else {}
    return (
        _write(desk, product, there, variants)
        if there and not begun
        else _create(desk, product, begun, variants)
    )


def _withdraw(desk: Desk, product: Product, entry: Entry | None) -> Decision:
    """It is off sale at the main store: the dependent's policy says what becomes of it (C-9)."""
    digest = desk.digest(product)
    if entry is None:
        return Decision(product.id, digest, skip=NOT_PUBLISHED)
    policy = desk.flow.preferences.gone
    wanted = withdrawal(entry, policy, desk.bought, desk.variants, desk.dependent)
    if wanted.empty:
        return Decision(product.id, digest, skip=LEFT)
    held = [desk.variants[part] for part in entry.parts if part in desk.variants]
    deleted = wanted.change is not None and wanted.change.action is Action.DELETE
    return Decision(
        product.id,
        digest,
        change=wanted.change,
        stock=wanted.stock,
        destination_id="" if deleted else entry.destination_id,
        parts=() if deleted else entry.parts,
        remember=tuple((Kind.VARIANTS, each) for each in counterparts.withdrawn(desk.flow, held)),
        state=EntryState.GONE,
    )


def _create(desk: Desk, product: Product, begun: str, variants: Mapping[str, str]) -> Decision:
    """Make it; or make it whole where an earlier try that was cut short has begun (`begun`: as what)."""
    trouble = desk.obstacle(product)
    if trouble:
        return Decision(product.id, "", quarantine=trouble)
    preferences = desk.flow.preferences
    fields = preferences.created
    told = replace(desk.told(product, fields), status=made_as(preferences, product.status))
    own = reference(desk.flow, product.id)
    action = Action.UPDATE if begun else Action.CREATE
    # The doubtful may be there without a name that a search finds yet: their reference is asked for.
    looked = isinstance(desk.matches.get(product.id), Unmatched) and product.id not in desk.load.doubtful
    fresh = looked and not begun
    change = Change(product.id, action, told, begun, own, fields=fields, variants=variants, fresh=fresh)
    return Decision(product.id, desk.digest(product), change=change, destination_id=begun)


def _update(desk: Desk, product: Product, entry: Entry, found: Match | None) -> Decision:
    """It has a counterpart; variants that came since are matched within it, and those that left are taken back."""
    there = entry.destination_id
    held = {variant.id: _at(desk, variant.id) for variant in product.variants}
    variants = {id: variant for id, (owner, variant) in held.items() if owner == there}
    if isinstance(found, Matched) and found.product == there:
        variants |= found.variants
    return _write(desk, product, there, variants, entry, doubt=_doubt(found, there))


def _doubt(found: Match | None, there: str) -> Trouble | None:
    """Why the variants that came since cannot be told apart, while the rest goes on."""
    if isinstance(found, Ambiguous):
        return _trouble(found)
    if isinstance(found, Matched) and found.product != there:
        why = f"A variant that came since belongs to the product {found.product} of the dependent store."
        return Trouble("match_split", why)
    return None


def _write(
    desk: Desk,
    product: Product,
    there: str,
    variants: Mapping[str, str],
    entry: Entry | None = None,
    doubt: Trouble | None = None,
) -> Decision:
    """What is written of a product that the dependent store has, and of its variants, new and gone ones included."""
    left = [desk.variants[part] for part in (entry.parts if entry else ()) if _left(desk, product, part)]
    without, stock = _taken_back(desk, left)
    change, trouble = _change(desk, product, there, variants, without, told_apart=doubt is None)
    remembered = _remembered(desk, there, variants, entry) + counterparts.withdrawn(desk.flow, left)
    quarantine = doubt or trouble
    return Decision(
        product.id,
        "" if quarantine else desk.digest(product),
        change=change,
        stock=stock,
        destination_id=there,
        parts=tuple(variants),
        remember=tuple((Kind.VARIANTS, each) for each in remembered),
        quarantine=quarantine,
    )


def _change(
    desk: Desk,
    product: Product,
    there: str,
    variants: Mapping[str, str],
    without: tuple[str, ...],
    *,
    told_apart: bool,
) -> tuple[Change | None, Trouble | None]:
    """The write, if there is anything to write, and why its prices are left out of it."""
    fields = desk.fields(product)
    told = desk.told(product, fields)
    trouble = desk.obstacle(product) if fields & PRICES else None
    fields -= PRICES if trouble else frozenset()
    new = ProductField.VARIANTS in fields and told_apart
    told = replace(told, variants=tuple(each for each in told.variants if each.id in variants or new))
    if not (without or fields - PRICES or (fields and told.variants)):
        return None, trouble
    own = reference(desk.flow, product.id)
    change = Change(
        product.id, Action.UPDATE, told, there, own, fields=fields, variants=variants, without=without
    )
    return change, trouble


def _remembered(desk: Desk, there: str, variants: Mapping[str, str], entry: Entry | None) -> list[Entry]:
    """Counterparts that are new, or back."""
    back = entry is not None and entry.state is EntryState.GONE
    new = {
        main: variant
        for main, variant in variants.items()
        if back or main not in desk.variants or desk.variants[main].state is EntryState.GONE
    }
    return counterparts.entries(desk.flow, there, new)


def _left(desk: Desk, product: Product, part: str) -> bool:
    """Whether a variant that had a counterpart is gone from the main store."""
    held = desk.variants.get(part)
    return (
        held is not None and held.state is EntryState.MAPPED and all(v.id != part for v in product.variants)
    )


def _taken_back(desk: Desk, left: Sequence[Entry]) -> tuple[tuple[str, ...], tuple[Change, ...]]:
    """Variants that are gone: deleted if that is the policy, else without units; (ids to delete, units to write)."""
    policy = desk.flow.preferences.gone
    if policy is Gone.NOTHING or not left:
        return (), ()
    if policy is Gone.DELETE:
        return tuple(counterparts.parted(each.destination_id)[1] for each in left), ()
    return (), withdrawal(
        Entry("", EntryState.MAPPED, parts=tuple(each.source_id for each in left)),
        Gone.ZERO_STOCK,
        (),
        {each.source_id: each for each in left},
        desk.dependent,
    ).stock


def _trouble(found: Ambiguous) -> Trouble:
    return Trouble(found.code, found.why)


def _currency(product: Product) -> str:
    return product.variants[0].price.currency if product.variants else ""


def _bare(product: Product) -> Product:
    return Product(product.id, "", ())
