"""Goods to be written to a sandbox shop, and looks at what became of them."""

import io
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from decimal import Decimal
from typing import Any

from passerelle.connectors.magento import Connector
from passerelle.model import Image, Kind, Money, Product, ProductField, ProductStatus, Variant
from passerelle.port import Action, Change, Outcome
from sandbox.magento import Shop, attributes, products
from sandbox.magento.stock import put_item
from werkzeug.wrappers import Request, Response

from .connecting import a_shop, connect

PICTURES = "https://pictures.example"
F = ProductField


def dollars(amount: str) -> Money:
    """An amount in the sandbox shop's currency."""
    return Money(Decimal(amount), "USD")


def cup(**more: Any) -> Product:
    """A product without choices."""
    variant = Variant("v1", dollars("12.50"), "CUP", quantity=3, weight_grams=250)
    return replace(Product("p1", "Cup", (variant,), description_html="<p>A cup</p>"), **more)


def shirt(*sizes: str, **more: Any) -> Product:
    """A product in several sizes."""
    variants = tuple(
        Variant(
            f"v-{size}",
            dollars("20.00"),
            f"NEW-{size}",
            title=size,
            quantity=2,
            options=(("Taille", size),),
            weight_grams=180,
        )
        for size in sizes or ("M", "L")
    )
    given = Product("p2", "Shirt", variants, handle="shirt", description_html="<p>Soft</p>")
    return replace(given, vendor="Atelier Œuvre", categories=("Maison",), **more)


def create(product: Product, *fields: ProductField) -> Change:
    """Make it."""
    named = frozenset(fields) if fields else None
    return Change(product.id, Action.CREATE, product, reference=f"passerelle:{product.id}", fields=named)


def update(product: Product, made: Outcome, *fields: ProductField, **more: Any) -> Change:
    """Write these fields of it; none: all."""
    named = frozenset(fields) if fields else None
    given = {"variants": made.variants} | more
    return Change(product.id, Action.UPDATE, product, made.destination_id, fields=named, **given)


def push(connector: Connector, *changes: Change) -> list[Outcome]:
    """Write products."""
    return connector.push(Kind.PRODUCTS, changes)


def only(connector: Connector, change: Change) -> Outcome:
    """Write one product."""
    (outcome,) = push(connector, change)
    return outcome


def pulled(connector: Connector, id: str) -> Product:
    """What the shop tells of it."""
    (product,) = connector.pull(Kind.PRODUCTS, [id]).objects
    assert isinstance(product, Product)
    return product


def codes(outcome: Outcome) -> list[str]:
    """What was told beside it."""
    return sorted(each.code for each in outcome.beside)


def snapshot(shop: Shop) -> dict[str, Any]:
    """Everything that the shop holds of its goods, flat: `product 7 name`, `source item cup default quantity`."""
    state = shop.state
    flat: dict[str, Any] = {}
    for id, row in state.products.items():
        own = {f"own {code}": value for code, value in row["attributes"].items()}
        flat |= {f"product {id} {name}": value for name, value in (row | own).items() if name != "attributes"}
    for (sku, source), row in state.source_items.items():
        flat[f"source {sku} {source}"] = row
    for id, row in state.stock_items.items():
        flat[f"legacy {id}"] = row
    return deepcopy(flat)


def changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> set[str]:
    """What differs, without the dates that the shop moves."""
    return {
        name
        for name in before.keys() | after.keys()
        if before.get(name) != after.get(name) and not name.endswith(" updated_at")
    }


def anew(product: Product) -> Product:
    """The same with everything changed at its source."""
    variants = tuple(
        replace(
            each,
            price=dollars("33.00"),
            compare_at=dollars("44.00"),
            sku=f"{each.sku}-B",
            barcode=f"40012345{place:05}",
            quantity=70 + place,
            weight_grams=999,
        )
        for place, each in enumerate(product.variants)
    )
    return replace(
        product,
        title="Anew",
        variants=variants,
        handle="anew",
        description_html="<p>Anew</p>",
        vendor="Another",
        product_type="Kind",
        tags=("tag",),
        categories=("Elsewhere",),
        images=(Image("1", f"{PICTURES}/anew.png"),),
        status=ProductStatus.DRAFT,
    )


def barcodes(shop: Shop) -> str:
    """The shop has an attribute for barcodes; answers its code."""
    given = {"attribute_code": "ean", "frontend_input": "text", "default_frontend_label": "EAN"}
    attributes.create(shop.state, {"attribute": given})
    shop.state.in_set.add("ean")
    return "ean"


class Gallery:
    """A place where pictures lie, and how often each was fetched."""

    def __init__(self) -> None:
        self.fetched: list[str] = []

    def __call__(self, environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        self.fetched.append(request.path)
        if "gone" in request.path:
            return Response("", 404)(environ, start_response)
        kind = "image/webp" if "webp" in request.path else "image/png"
        return Response(b"\x89PNG", content_type=kind)(environ, start_response)


def a_stand() -> tuple[Shop, Connector]:
    """A shop with goods of its own, and a connector that can fetch pictures and knows where barcodes are."""
    shop = a_shop(6, 0, 0)
    return shop, connect(shop, origins={PICTURES: Gallery()}, barcode=barcodes(shop))


def edited(shop: Shop, made: Outcome) -> None:
    """Somebody there writes into the product, into its variants and adds a variant of their own."""
    row = shop.state.products[int(made.destination_id)]
    for one in (row, *(shop.state.products[id] for id in row["links"])):
        one["attributes"] |= {"meta_title": "By hand", "cost": "4.5", "tax_class_id": "3"}
        one["own"]["short_description"] = "Par ici"
        put_item(shop.state, one["sku"], "depot", 9, 1)
    if row["links"]:
        sizes = {one["label"]: one["value"] for one in shop.state.attributes["size"]["options"]}
        given = [{"attribute_code": "size", "value": sizes["XL"]}]
        kid = {"sku": "THEIRS", "name": "Theirs", "attribute_set_id": 4, "price": 99, "visibility": 1}
        shop.state.scope = "all"
        products.save(shop.state, {"product": kid | {"custom_attributes": given}})
        products.add_child(shop.state, row["sku"], {"childSku": "THEIRS"})
        put_item(shop.state, "THEIRS", "default", 1, 1)


class Refusing:
    """A shop with a module that refuses to write what has some words in it."""

    def __init__(self, shop: Shop, words: str) -> None:
        self._shop, self._words = shop, words.encode()

    def __call__(self, environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        body = request.get_data()
        if request.method == "POST" and self._words in body:
            return Response('{"message":"Could not save"}', 400)(environ, start_response)
        environ["wsgi.input"] = io.BytesIO(body)
        return self._shop(environ, start_response)
