"""Finds what a change is about: the product that it names, which of its variants are which, and what is there already."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from passerelle.connectors.magento.facts import Facts, links
from passerelle.connectors.magento.products import choices_of, options_of
from passerelle.connectors.magento.reading import attributes, text
from passerelle.connectors.magento.rest import Row
from passerelle.connectors.magento.stock import HIDDEN, hidden
from passerelle.connectors.magento.work import FRAME, Shelf, Sold, Work
from passerelle.model import ProductField, Variant
from passerelle.port import Action, Result

LAST = "A product cannot be without any variant, so the last one stays."


def found(works: Iterable[Work], shelf: Shelf, facts: Facts) -> None:
    """Read what the works are about, and tell apart what is there and what is to be made."""
    updates = [work for work in works if work.change.action is Action.UPDATE]
    creates = [work for work in works if work.change.action is Action.CREATE]
    shelf.fetch(id for work in updates for id in (work.change.destination_id, *work.change.without))
    frames = [row for work in updates if (row := shelf.of(work.change.destination_id)) is not None]
    shelf.fetch(str(id) for row in frames for id in links(row))
    for work in updates:
        _matched(work, shelf, facts)
    named = [sku for work in creates for sku in (work.sku, *(each.sku for each in work.sold))]
    named += [sku for work in updates for sku in _wanted(work)]
    shelf.fetch(skus=named)
    there = [row for sku in named if (row := shelf.under(sku)) is not None]
    facts.expect_parents(hidden(there))
    for work in creates:
        _met(work, shelf, facts)
    for work in updates:
        _cleared(work, shelf, facts)


def _wanted(work: Work) -> list[str]:
    """SKUs that an update brings to the shop."""
    renames = work.wants(ProductField.SKU)
    return [each.variant.sku.strip() for each in work.sold if each.fresh or renames]


# --- a new product -------------------------------------------------------------------------------------------


def _met(work: Work, shelf: Shelf, facts: Facts) -> None:
    """End a create that meets one of its SKUs; variants of a try that did not come to its end are taken up."""
    frame = shelf.under(work.sku) if work.varied else None
    if frame is not None:
        return work.end(Result.EXISTS, str(frame["id"]))
    for each in work.sold:
        row = shelf.under(each.sku)
        if row is None:
            continue
        unseen, id = text(row.get("visibility")) == HIDDEN, str(row["id"])
        if not unseen or id in facts.parents:
            return work.end(Result.EXISTS, facts.parents[id] if unseen else id)
        if not _left_behind(work, each, row):
            why = f"A product that the shop does not show has the SKU {each.sku}."
            return work.end(Result.REFUSED, code="sku_taken", why=why)
        each.row, each.id = row, id
    return None


def _left_behind(work: Work, each: Sold, row: Row) -> bool:
    """Whether a hidden product is what an earlier try of the same made, before it came to its end."""
    return work.varied and text(row.get("name")) == variant_name(work, each.variant)


def variant_name(work: Work, variant: Variant) -> str:
    """What a variant is called: it is a product of its own, which nobody sees by itself."""
    return f"{work.product.title} {variant.title or ' / '.join(v for _, v in variant.options)}".strip()[:255]


# --- one that is there ---------------------------------------------------------------------------------------


def _matched(work: Work, shelf: Shelf, facts: Facts) -> None:
    """Find each variant by what is known, then by its SKU, then by its options."""
    row = shelf.of(work.change.destination_id)
    if row is None:
        return work.end(Result.REFUSED, code="missing", why="The product is no longer in the shop.")
    work.row, work.id, work.sku = row, str(row["id"]), text(row["sku"])
    work.varied = row.get("type_id") == FRAME
    free = {str(kid["id"]): kid for kid in shelf.variants(row)}
    work.without = [free[id] for id in work.change.without if id in free]
    for gone in work.without:
        del free[str(gone["id"])]
    options = {id: _options(row, kid, facts) for id, kid in free.items()} if work.varied else {}
    sold: dict[str, Row] = {}
    for variant in work.product.variants:
        if (id := work.change.variants.get(variant.id, "")) in free:
            sold[variant.id] = free.pop(id)
    for alike in (_by_sku, lambda v, kid: _by_options(v, options.get(str(kid["id"]), ()))):
        for variant in work.product.variants:
            kid = None if variant.id in sold else next((k for k in free.values() if alike(variant, k)), None)
            if kid is not None:
                sold[variant.id] = free.pop(str(kid["id"]))
    _told(work, sold, len(free))
    return None


def _cleared(work: Work, shelf: Shelf, facts: Facts) -> None:
    """Give up SKUs that another product has."""
    for each in list(work.sold):
        sku = each.variant.sku.strip()
        other = shelf.under(sku) if each.fresh or work.wants(ProductField.SKU) else None
        if other is None or str(other["id"]) == each.id:
            continue
        why = f"Another product has the SKU {sku}."
        loose = text(other.get("visibility")) == HIDDEN and str(other["id"]) not in facts.parents
        if not each.fresh:
            work.tell(ProductField.SKU, "sku_not_held", why, each.sku)
            each.variant = replace(each.variant, sku=each.sku)
        elif loose and _left_behind(work, each, other):
            each.row, each.id = other, str(other["id"])
        else:
            work.tell(ProductField.VARIANTS, "variant_not_held", why)
            work.sold.remove(each)


def _told(work: Work, sold: Mapping[str, Row], others: int) -> None:
    """Keep the variants that were found, and those to be made where new ones are wanted."""
    choices = len(choices_of(work.row or {}))
    for variant in work.product.variants:
        if variant.id in sold:
            row = sold[variant.id]
            work.sold.append(Sold(variant, text(row["sku"]), row, str(row["id"])))
        elif work.wants(ProductField.VARIANTS):
            if work.varied and len(variant.options) == choices and variant.sku.strip():
                work.sold.append(Sold(variant, variant.sku.strip(), fresh=True))
            else:
                why = "A variant has no SKU, or other choices than the product has in the shop."
                work.tell(ProductField.VARIANTS, "variant_not_held", why)
    if work.without and not others and not work.sold:
        work.without.pop()
        work.tell(ProductField.VARIANTS, "last_variant_kept", LAST)


def _options(row: Row, kid: Row, facts: Facts) -> tuple[tuple[str, str], ...]:
    return tuple(options_of(row, attributes(kid), facts.attributes()))


def _by_sku(variant: Variant, kid: Row) -> bool:
    return bool(variant.sku.strip()) and variant.sku.strip().casefold() == text(kid["sku"]).casefold()


def _by_options(variant: Variant, options: Iterable[tuple[str, str]]) -> bool:
    told = {(name.casefold(), value.casefold()) for name, value in options}
    return told == {(name.casefold(), value.casefold()) for name, value in variant.options}
