"""Writes variations, product by product, all that is to be done to one product's in as few calls as it has hundreds.

Source: https://woocommerce.github.io/woocommerce-rest-api-docs/#batch-update-product-variations. A variation is the one
that was mapped, or that has the variant's SKU, or its options. What the object does not hold stays.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from passerelle.connectors.woocommerce import bodies
from passerelle.connectors.woocommerce.facts import Facts
from passerelle.connectors.woocommerce.jobs import Job, chosen, met
from passerelle.connectors.woocommerce.pictures import PICTURES, REFUSED, album, fetched, kept, left_out
from passerelle.connectors.woocommerce.products import named, own_sku
from passerelle.connectors.woocommerce.reading import label, rows, text
from passerelle.connectors.woocommerce.rest import PAGE, Rest, Row, refused
from passerelle.connectors.woocommerce.variations import Variations
from passerelle.model import Image, ProductField, Variant

AT_ONCE = 4
SOLD = (
    "id,sku,regular_price,sale_price,on_sale,date_on_sale_from,date_on_sale_to,manage_stock,stock_quantity,stock_status,"
    "weight,global_unique_id,attributes,meta_data"
)
FIELDS = f"{SOLD},image"
TAKEN = {"product_invalid_sku": "sku_taken", "woocommerce_rest_product_variation_invalid_id": "missing"}


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do to one variation: `work` is create, update or delete."""

    work: str
    item: Row | int
    variant: str = ""


class Parts:
    """Reads and writes the variations of products that are being written."""

    def __init__(self, rest: Rest, facts: Facts, variations: Variations) -> None:
        self._rest, self._facts, self._variations = rest, facts, variations

    def read(self, jobs: Sequence[Job]) -> None:
        """What the shop holds of each, where it matters."""
        looked = [job for job in jobs if job.is_varied and job.looks_at_parts]
        found = self._variations.of(named(job.row for job in looked), FIELDS)
        for job in looked:
            job.parts = [{**one, "sku": own_sku(job.row, one)} for one in found.get(job.id, ())]

    def write(self, jobs: Sequence[Job]) -> None:
        """Everything that is to be done; tells each job its variants."""
        planned = [(job, steps) for job in jobs if (steps := self._steps(job))]
        if planned:
            with ThreadPoolExecutor(min(AT_ONCE, len(planned))) as pool:
                list(pool.map(lambda one: self._send(*one), planned))

    def _steps(self, job: Job) -> list[Step]:
        if not job.is_varied:
            if variant := itself(job):
                job.variants = {variant.id: job.id}
            if any(id != job.id for id in job.change.without):
                return []
            if job.change.without:
                job.tell("variants", "variant_kept", job.id, "It is the last one of its product.")
            return []
        if not job.looks_at_parts:
            job.variants = {one.id: job.change.variants[one.id] for one in job.product.variants}
            return []
        held = {text(one, "id"): (text(one, "sku").casefold(), _options(one)) for one in job.parts}
        job.variants = met(job.product.variants, job.change.variants, held)
        by_id = {text(one, "id"): one for one in job.parts}
        steps: list[Step] = []
        skus: set[str] = set()
        for variant in job.product.variants:
            wanted = self._unique(job, variant, skus)
            if variant.id in job.variants:
                current = by_id[job.variants[variant.id]]
                if body := self._body(job, wanted, current):
                    steps.append(Step("update", {"id": current["id"], **body}, variant.id))
            elif self._may_make(job, variant):
                steps.append(Step("create", self._body(job, wanted, {}), variant.id))
        return [*steps, *_partings(job, held, steps)]

    def _unique(self, job: Job, variant: Variant, skus: set[str]) -> Variant:
        """A SKU that an earlier variant of the same product has is left off: the shop holds each once."""
        sku = variant.sku.strip().casefold()
        if sku and sku in skus and ProductField.SKU in job.fields:
            job.tell("sku", "sku_not_held", variant.sku, "Another variant of the product has it.")
            return replace(variant, sku="")
        skus.add(sku)
        return variant

    def _may_make(self, job: Job, variant: Variant) -> bool:
        if ProductField.VARIANTS not in job.fields and job.change.destination_id:
            return False
        if not variant.options:
            why = "Its product is sold by options there, and the variant has none."
            job.tell("variants", "variants_not_held", variant.id, why)
        return bool(variant.options)

    def _body(self, job: Job, variant: Variant, current: Row) -> Row:
        body = bodies.sold(job, variant, current, self._facts.grams)
        if not current or (
            ProductField.VARIANTS in job.fields and not chosen(variant.options) <= _options(current)
        ):
            mine = {name.strip().casefold() for name, _ in variant.options}
            others = [_pick(one) for one in rows(current, "attributes") if label(one).casefold() not in mine]
            body["attributes"] = [*bodies.picked(job.row, variant), *others]
        return self._with_picture(job, body, variant, current) if ProductField.IMAGES in job.fields else body

    def _with_picture(self, job: Job, body: Row, variant: Variant, current: Row) -> Row:
        is_wanted = variant.image_url and variant.image_url not in kept(job.row, REFUSED)
        images = [Image("", variant.image_url)] if is_wanted else []
        found = album(images, current, fetched(job.row))
        job.told(*found.beside)
        if found.sent is None:
            return body
        # Null would leave the picture that is there.
        body |= {"image": found.sent[0] if found.noted else {}}
        return bodies.noted(body, PICTURES, found.noted)

    # --- sending -----------------------------------------------------------------------------------------------

    def _send(self, job: Job, steps: Sequence[Step]) -> None:
        waiting = list(steps)
        while waiting:
            part, waiting = waiting[:PAGE], waiting[PAGE:]
            works: dict[str, list[Row | int]] = {"create": [], "update": [], "delete": []}
            for step in part:
                works[step.work].append(step.item)
            told = self._rest.works(f"products/{job.id}/variations", works)
            answers = {work: iter(rows) for work, rows in told.items()}
            waiting += [again for step in part if (again := self._took(job, step, next(answers[step.work])))]

    def _took(self, job: Job, step: Step, answer: Row) -> Step | None:
        """Notes an answer; a step that the shop would take without something is to be done again so."""
        refusal = refused(answer)
        if refusal is None:
            job.wrote()
            if step.work == "create":
                job.variants[step.variant] = text(answer, "id")
            return None
        code, message = refusal
        if step.work == "delete":
            return None
        lighter = without(job, step.item, code) if isinstance(step.item, dict) else None
        if lighter is not None:
            return replace(step, item=lighter)
        job.refuse(
            TAKEN.get(code, code), message, "Look at the variant at both shops; no SKU may be there twice."
        )
        return None


def without(job: Job, body: Row, code: str) -> Row | None:
    """The body without what made the shop refuse it, and a note, so that it is not tried each time; None: not known."""
    what = ""
    if "global_unique_id" in code and body.get("global_unique_id"):
        what = str(body["global_unique_id"])
        job.tell("barcode", "barcode_not_held", what, "Something else in the shop has it.")
        body = {name: value for name, value in body.items() if name != "global_unique_id"}
    elif "image" in code and isinstance(body.get("image"), dict) and body["image"].get("src"):
        what = str(body["image"]["src"])
        job.told(left_out(what))
        body = bodies.noted({name: value for name, value in body.items() if name != "image"}, PICTURES, [])
    if not what:
        return None
    before = [one for one in body.get("meta_data", ()) if one["key"] == REFUSED]
    return bodies.noted(body, REFUSED, [*(before[0]["value"] if before else ()), what])


def itself(job: Job) -> Variant | None:
    """The variant that a product without variations is."""
    variants = job.product.variants
    mapped = next((one for one in variants if job.id and job.change.variants.get(one.id) == job.id), None)
    if mapped is not None or (len(variants) == 1 and not variants[0].options):
        return mapped or variants[0]
    sku = text(job.row, "sku").casefold()
    return next((one for one in variants if sku and one.sku.strip().casefold() == sku), None)


def _partings(job: Job, held: dict[str, tuple[str, frozenset[str]]], steps: Sequence[Step]) -> list[Step]:
    """What is to be taken away: never the last one, nor one that the object holds."""
    gone = [id for id in dict.fromkeys(job.change.without) if id in held and id not in job.variants.values()]
    made = any(step.work == "create" for step in steps)
    if gone and len(gone) == len(held) and not made:
        job.tell("variants", "variant_kept", gone[0], "It is the last one of its product.")
        gone = gone[1:]
    return [Step("delete", int(id)) for id in gone]


def _options(row: Row) -> frozenset[str]:
    return chosen([(label(one), label(one, "option")) for one in rows(row, "attributes")])


def _pick(row: Row) -> Row:
    return ({"id": row["id"]} if row.get("id") else {"name": row["name"]}) | {"option": row.get("option", "")}
