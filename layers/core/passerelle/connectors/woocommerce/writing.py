"""Writes products with their variations, pictures, categories, tags and brands.

Source: https://woocommerce.github.io/woocommerce-rest-api-docs/#batch-update-products. A SKU belongs to one product or
variation of the shop: before anything is made it is looked for, and what is found under it is ours if it bears our
reference (an answer was lost), or else left alone. An update sends what is named and differs, and nothing else.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import batched

from passerelle.connectors.woocommerce import bodies
from passerelle.connectors.woocommerce.adopting import adopted
from passerelle.connectors.woocommerce.facts import Facts
from passerelle.connectors.woocommerce.jobs import Job, is_simple
from passerelle.connectors.woocommerce.labels import Labels
from passerelle.connectors.woocommerce.parts import SOLD, Parts, itself, without
from passerelle.connectors.woocommerce.pictures import PICTURES, REFUSED, album, kept, left_out
from passerelle.connectors.woocommerce.reading import number, text
from passerelle.connectors.woocommerce.rest import PAGE, Rest, Row, refused
from passerelle.connectors.woocommerce.variations import Variations
from passerelle.model import Product, ProductField
from passerelle.port import Action, Change, Outcome, Result

PICTURE = 4
"""What a picture weighs of the hundred that go at once: the shop fetches it before it answers."""
FIELDS = (
    f"{SOLD},name,slug,type,status,catalog_visibility,description,categories,tags,brands,images,variations"
)
HELD = {"categories": "categories", "tags": "tags", "brands": "vendor"}
REMEDY = "Correct the product where it comes from."


class GoodsWriter:
    """Writes products of one shop."""

    def __init__(self, rest: Rest, facts: Facts, variations: Variations) -> None:
        self._rest, self._facts = rest, facts
        self._parts, self._labels = Parts(rest, facts, variations), Labels(rest)

    def push(self, changes: Sequence[Change]) -> list[Outcome]:
        """One outcome per change, in their order. Raises Unavailable where it is not known what was written."""
        outcomes: dict[str, Outcome] = {}
        for some in batched(changes, PAGE, strict=False):
            judged = {change.id: found for change in some if (found := self._judged(change))}
            gone = [change for change in some if change.action is Action.DELETE]
            outcomes |= judged | {change.id: self._delete(change) for change in gone}
            left = [change for change in some if change.id not in outcomes]
            outcomes |= self._write(left) if left else {}
        return [outcomes[change.id] for change in changes]

    def _judged(self, change: Change) -> Outcome | None:
        """Why a product cannot be written here."""
        product = change.object
        if change.action is Action.DELETE:
            return None
        if not isinstance(product, Product):
            raise NotImplementedError("only products are written as products")
        if not Job(change).fields & {ProductField.PRICE, ProductField.COMPARE_AT}:
            return None
        currencies = {variant.price.currency for variant in product.variants}
        if currencies != {self._facts.currency}:
            why = (
                f"Its prices are in {', '.join(sorted(currencies))} and the shop's in {self._facts.currency}."
            )
            return _refused(change, "currency_differs", why, "Choose a shop with the same currency.")
        if product.tax_included is not self._facts.tax_included:
            why = (
                "Its prices hold tax and the shop's do not."
                if product.tax_included
                else "The shop's hold tax."
            )
            return _refused(change, "tax_differs", why, "Set how prices are entered under WooCommerce › Tax.")
        return None

    def _delete(self, change: Change) -> Outcome:
        """Into the bin, from where a merchant may take it back."""
        if change.destination_id:
            self._rest.delete(f"products/{change.destination_id}", force=False)
        return Outcome(change.id, Result.DELETED, change.destination_id)

    def _write(self, changes: Sequence[Change]) -> dict[str, Outcome]:
        new = [change for change in changes if not change.destination_id]
        ids, outcomes = adopted(self._rest, new) if new else ({}, {})
        ids |= {change.id: change.destination_id for change in changes if change.destination_id}
        there = {text(row, "id"): row for row in self._read(set(ids.values()))}
        jobs: list[Job] = []
        for change in changes:
            if change.id in outcomes:
                continue
            row = there.get(ids.get(change.id, ""), {})
            if change.id in ids and (not row or text(row, "status") == "trash"):
                outcomes[change.id] = _refused(change, "missing", "The product is no longer in the shop.", "")
            else:
                jobs.append(Job(change, row))
        self._parts.read(jobs)
        self._parents(jobs)
        self._parts.write([job for job in jobs if job.id and job.result is not Result.REFUSED])
        return outcomes | {job.change.id: job.outcome() for job in jobs}

    def _read(self, ids: set[str]) -> list[Row]:
        return self._rest.among("products", sorted(ids), fields=FIELDS, context="edit") if ids else []

    # --- the products themselves -------------------------------------------------------------------------------

    def _parents(self, jobs: Sequence[Job]) -> None:
        """Makes and changes them."""
        labels = self._labelled(jobs)
        loads = [(job, body) for job in jobs if (body := self._body(job, labels)) or not job.row]
        while loads:
            loads = [again for part in _parted(loads) for again in self._send(part)]
        self._one_by_one([job for job in jobs if job.id and job.pictures])

    def _labelled(self, jobs: Sequence[Job]) -> dict[str, dict[str, list[Row]]]:
        """Change → what of its categories, tags and brands is to be written; what the shop does not have is made."""
        wanted = {job.change.id: bodies.label_names(job) for job in jobs}
        found: dict[str, dict[str, list[Row]]] = {id: {} for id in wanted}
        for kind, field in HELD.items():
            names = [name for each in wanted.values() for name in each.get(kind, ())]
            ids = self._labels.ids(kind, list(dict.fromkeys(names)))
            for job in jobs:
                given = wanted[job.change.id].get(kind)
                if given is None:
                    continue
                for name in given:
                    if name not in ids:
                        job.tell(field, f"{field}_not_held", name, "The shop takes no such name.")
                if not given or any(name in ids for name in given):
                    found[job.change.id][kind] = [{"id": ids[name]} for name in given if name in ids]
        return found

    def _body(self, job: Job, labels: Mapping[str, Mapping[str, list[Row]]]) -> Row:
        body = bodies.product_body(job)
        wanted = dict(labels[job.change.id])
        if not job.row:
            # Nothing to be emptied in what is not there yet.
            wanted = {kind: some for kind, some in wanted.items() if some}
        body |= wanted
        if not job.row or job.is_varied:
            body |= self._new(job) if not job.row else self._varied(job)
        else:
            body |= self._plain(job)
        return self._with_pictures(job, body) if ProductField.IMAGES in job.fields else body

    def _new(self, job: Job) -> Row:
        product, reference = job.product, job.change.reference
        own = bodies.sku_of(product, reference) if ProductField.SKU in job.fields else reference
        if is_simple(product):
            return bodies.sold(job, product.variants[0], {}, self._facts.grams) | {"sku": own}
        return {"attributes": bodies.attributes({}, product.variants), "sku": reference}

    def _varied(self, job: Job) -> Row:
        """Room for new options, where new variants may come."""
        if ProductField.VARIANTS not in job.fields:
            return {}
        wanted = bodies.attributes(job.row, job.product.variants)
        return {} if wanted is None else {"attributes": wanted}

    def _plain(self, job: Job) -> Row:
        """A product without variations, which is one variant; one that we made gets variations where it needs them."""
        product = job.product
        if is_simple(product) or ProductField.VARIANTS not in job.fields:
            variant = itself(job)
            return {} if variant is None else bodies.sold(job, variant, job.row, self._facts.grams)
        if job.is_ours:
            freed: Row = {"global_unique_id": ""} if text(job.row, "global_unique_id") else {}
            freed |= {"type": "variable", "sku": job.change.reference, "manage_stock": False}
            return freed | {"attributes": bodies.attributes(job.row, product.variants) or []}
        job.tell("variants", "variants_not_held", job.id, "The shop's own product has no variations.")
        variant = itself(job)
        return {} if variant is None else bodies.sold(job, variant, job.row, self._facts.grams)

    def _with_pictures(self, job: Job, body: Row) -> Row:
        found = album(job.product.images, job.row, {})
        job.told(*found.beside)
        if found.sent is None:
            return body
        return bodies.noted(body | {"images": found.sent}, PICTURES, found.noted)

    def _send(self, part: Sequence[tuple[Job, Row]]) -> list[tuple[Job, Row]]:
        """Sends some; answers what is to be sent again, without what the shop would not take."""
        new = [(job, body) for job, body in part if not job.row]
        old = [(job, body | {"id": number(job.row, "id")}) for job, body in part if job.row]
        works = {"create": [body for _, body in new], "update": [body for _, body in old]}
        told = self._rest.works("products", works)
        again: list[tuple[Job, Row]] = []
        for work, some in (("create", new), ("update", old)):
            for (job, body), row in zip(some, told.get(work, ()), strict=True):
                lighter = self._took(job, body, row)
                again += [(job, lighter)] if lighter is not None else []
        return again

    def _took(self, job: Job, body: Row, row: Row) -> Row | None:
        refusal = refused(row)
        if refusal is None:
            if job.row:
                job.wrote()
            else:
                job.result = Result.CREATED
            job.row = {**job.row, **row}
            if body.get("global_unique_id") and "global_unique_id" not in row:
                job.tell("barcode", "barcode_not_held", "", "WooCommerce holds barcodes from 9.2 on.")
            return None
        code, message = refusal
        if "image" in code and any("src" in one for one in body.get("images", ())):
            return _without_new_pictures(job, body)
        lighter = without(job, body, code)
        if lighter is not None:
            return lighter
        if code == "product_invalid_sku":
            if not job.row:
                job.result = Result.EXISTS
            else:
                job.refuse(
                    "sku_taken", "Another product of the shop has its SKU.", "No SKU may be there twice."
                )
        else:
            job.refuse(code, message, REMEDY)
        return None

    def _one_by_one(self, jobs: Sequence[Job]) -> None:
        """Pictures of products that were refused with them: each by itself, so that one that is bad costs no other."""
        while jobs:
            for some in batched(jobs, PAGE // PICTURE, strict=False):
                tried = [(job, job.pictures.pop(0)) for job in some]
                items = [_with_one(job.row, picture) for job, picture in tried]
                told = self._rest.batch("products", "update", items)
                for (job, picture), row in zip(tried, told, strict=True):
                    self._tried(job, picture, row)
            jobs = [job for job in jobs if job.pictures]

    def _tried(self, job: Job, picture: Row, row: Row) -> None:
        if refused(row) is None:
            job.row = {**job.row, **row}
            return
        job.told(left_out(picture["src"]))
        given = [*kept(job.row, REFUSED), picture["src"]]
        note = bodies.noted({"id": number(job.row, "id")}, REFUSED, given)
        (told,) = self._rest.batch("products", "update", [note])
        job.row = {**job.row, **told} if refused(told) is None else job.row


def _parted(loads: Sequence[tuple[Job, Row]]) -> Iterator[list[tuple[Job, Row]]]:
    """Parts that the shop takes at once, fewer where pictures are to be fetched."""
    part: list[tuple[Job, Row]] = []
    weight = 0
    for job, body in loads:
        own = 1 + PICTURE * sum("src" in one for one in body.get("images", ()))
        if part and (weight + own > PAGE or len(part) == PAGE):
            yield part
            part, weight = [], 0
        part.append((job, body))
        weight += own
    if part:
        yield part


def _without_new_pictures(job: Job, body: Row) -> Row:
    note = next(one["value"] for one in body["meta_data"] if one["key"] == PICTURES)
    job.pictures = [one for one in body["images"] if "src" in one]
    addresses = {one["src"] for one in job.pictures}
    held = [one for one in body["images"] if "src" not in one]
    return bodies.noted(body | {"images": held}, PICTURES, [url for url in note if url not in addresses])


def _with_one(row: Row, picture: Row) -> Row:
    """A product with one picture more."""
    held = [{"id": one["id"]} for one in row.get("images") or ()]
    body: Row = {"id": row["id"], "images": [*held, picture]}
    return bodies.noted(body, PICTURES, [*kept(row, PICTURES), picture["src"]])


def _refused(change: Change, code: str, why: str, remedy: str) -> Outcome:
    return Outcome(change.id, Result.REFUSED, change.destination_id, code, why, remedy)
