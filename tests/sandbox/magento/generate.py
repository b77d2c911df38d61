"""Fills a shop with generated goods and people: unicode names, sizes and colours, gaps and oddities; repeatable."""

import random
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sandbox.magento import attributes, fulfilment, orders, products, promotions
from sandbox.magento import carts as baskets
from sandbox.magento.app import Shop
from sandbox.magento.criteria import InputLimits
from sandbox.magento.state import Row, State
from sandbox.magento.stock import put_item

NOUNS = ("Mug", "Écharpe", "Affiche", "Coussin", "Carnet", "T-shirt", "Pull", "Bougie", "Świeca", "手ぬぐい")
KINDS = ("renard", "ours brun", "colibri", "Straße", "Łódź", "été", "& moi", "d'hiver", "«nuit»", "🌿")
FIRST = ("Ana", "Zoë", "Jürgen", "Élodie", "Łukasz", "Siobhán", "José", "Ingrid", "Chloé", "Maëlle")
LAST = ("Gómez", "Müller", "D'Angelo", "Lefèvre", "Nowak", "Van den Berg", "Dupont", "Håkansson", "Şahin")
SIZES, COLOURS = ("S", "M", "L", "XL"), ("Rouge", "Bleu", "Noir")
PRICES = (4.9, 11.9, 23.9, 35.9, 129.0)


def shop_of(items: int = 40, people: int = 60, sales: int = 30, seed: int = 1, **how: Any) -> Shop:
    """A generated shop, equal for equal arguments and clock; about a third of the products has variants.

    `how` is what Shop takes.
    """
    limits: InputLimits | None = how.pop("limits", None)
    shop = Shop(limits=limits, **how)
    fill(shop.state, items, people, sales, seed)
    return shop


RULES: Sequence[tuple[str, Mapping[str, Any]]] = (
    ("WELCOME10", {}),
    ("ÉTÉ2026", {"discount_amount": 15, "from_date": "2026-05-01", "to_date": "2026-08-31"}),
    ("MINUS5", {"simple_action": "cart_fixed", "discount_amount": 5}),
    ("FREESHIP", {"discount_amount": 0, "simple_free_shipping": "2"}),
)


def fill(
    state: State,
    items: int,
    people: int,
    sales: int,
    seed: int = 1,
    *,
    carts: int | None = None,
    codes: Sequence[str] | None = None,
) -> None:
    """Add that many of each; two years of orders before the shop's clock. `codes`: those, of 10 % each."""
    chance = random.Random(seed)
    state.scope = "all"
    _settle_in(state)
    first, someone = len(state.by_sku), len(state.customers)
    for number in range(first, first + items):
        _product(state, chance, number)
    for number in range(someone, someone + people):
        _customer(state, chance, number)
    buyers = list(state.customers.values())
    shown = [row for row in state.products.values() if row["visibility"] != 1]
    for number in range(sales):
        _order(state, chance, number, _filled(state, chance, buyers, shown, 730))
    for number in range(sales // 5 if carts is None else carts):
        _cart(number, _filled(state, chance, buyers, shown, 30))
    for code, rule in RULES if codes is None else [(code, {}) for code in codes]:
        promotions.add(state, code, **rule)


def _settle_in(state: State) -> None:
    """What a shop has before its first goods."""
    if "depot" in state.sources:
        return
    state.sources["depot"] = {"source_code": "depot", "name": "Dépôt", "enabled": True}
    _attributes(state)
    state.add_category("Vêtements", state.add_category("Maison"))


def _attributes(state: State) -> None:
    for code, label, options in (("size", "Taille", SIZES), ("color", "Couleur", COLOURS)):
        given = {"attribute_code": code, "frontend_input": "select", "scope": "global"}
        given |= {"default_frontend_label": label, "options": [{"label": one} for one in options]}
        attributes.create(state, {"attribute": given})
        state.in_set.add(code)
    given = {"attribute_code": "manufacturer", "frontend_input": "select", "default_frontend_label": "Marque"}
    attributes.create(state, {"attribute": given | {"options": [{"label": "Atelier Œuvre"}]}})
    state.in_set.add("manufacturer")


def _moment(state: State, chance: random.Random, days: int) -> str:
    return state.told(state.clock() - timedelta(seconds=chance.randrange(60, days * 86_400)))


def _option(state: State, code: str, label: str) -> str:
    return str(next(one["value"] for one in state.attributes[code]["options"] if one["label"] == label))


def _product(state: State, chance: random.Random, number: int) -> None:
    name = f"{chance.choice(NOUNS)} {chance.choice(KINDS)} {number + 1}"
    varied, moment = number % 3 == 0, _moment(state, chance, 400)
    given: Row = {"sku": f"SKU-{number + 1:05}", "name": name, "attribute_set_id": 4, "visibility": 4}
    given |= {"status": 2 if number % 11 == 7 else 1, "type_id": "configurable" if varied else "simple"}
    given |= {"weight": 0.5} | ({} if varied else {"price": chance.choice(PRICES)})
    texts = {"description": f"<p>{name}</p>", "url_key": f"article-{number + 1}"}
    texts |= {"manufacturer": _option(state, "manufacturer", "Atelier Œuvre")}
    if number % 8 == 1:
        texts |= {"special_price": "3.5"}
    given["custom_attributes"] = [{"attribute_code": c, "value": v} for c, v in texts.items()]
    given["extension_attributes"] = {"category_links": [{"position": 0, "category_id": str(3 + number % 2)}]}
    if varied:
        given["extension_attributes"] |= _variants(state, chance, number, given["sku"], name)
    row = products.save(state, {"product": given})
    row |= {"created_at": moment, "updated_at": moment}
    row["media"] = [_picture(state, number, place) for place in range(number % 3)]
    if not varied:
        _stock(state, chance, given["sku"], number)


def _picture(state: State, number: int, place: int) -> Row:
    made: Row = {"id": state.number("media"), "media_type": "image", "label": None, "position": place}
    return made | {"disabled": False, "types": [], "file": f"/a/r/article-{number + 1}-{place}.jpg"}


def _stock(state: State, chance: random.Random, sku: str, number: int) -> None:
    quantity = 0 if number % 13 == 4 else chance.randrange(5, 200)
    put_item(state, sku, "default", quantity, int(quantity > 0))
    if number % 4 == 1:
        put_item(state, sku, "depot", 7, 1)


def _variants(state: State, chance: random.Random, number: int, sku: str, name: str) -> Row:
    pairs = [(size, colour) for size in SIZES for colour in COLOURS][: chance.randrange(2, 9)]
    price, ids = chance.choice(PRICES), []
    for size, colour in pairs:
        given: Row = {"sku": f"{sku}-{size}-{colour}", "name": f"{name} {size} {colour}", "visibility": 1}
        given |= {"attribute_set_id": 4, "type_id": "simple", "price": price + 2.5 * (size == "XL")}
        chosen = {"size": _option(state, "size", size), "color": _option(state, "color", colour)}
        chosen |= {"url_key": f"article-{number + 1}-{size}-{colour}".lower()}
        given["custom_attributes"] = [{"attribute_code": c, "value": v} for c, v in chosen.items()]
        row = products.save(state, {"product": given})
        row["created_at"] = row["updated_at"] = _moment(state, chance, 400)
        ids.append(row["id"])
        put_item(state, given["sku"], "default", chance.choice((3, 12, 40)), 1)
    options = [
        {"attribute_id": str(state.attributes[code]["attribute_id"]), "label": label, "position": place}
        | {"values": [{"value_index": int(one["value"])} for one in state.attributes[code]["options"][1:]]}
        for place, (code, label) in enumerate((("size", "Taille"), ("color", "Couleur")))
    ]
    return {"configurable_product_options": options, "configurable_product_links": ids}


def _customer(state: State, chance: random.Random, number: int) -> None:
    first, last, moment = chance.choice(FIRST), chance.choice(LAST), _moment(state, chance, 700)
    row: Row = {"id": state.number("customer"), "group_id": 2 if number % 10 == 9 else 1, "store_id": 1}
    row |= {"email": f"buyer{number}@example.com", "firstname": first, "lastname": last, "website_id": 1}
    row |= {"created_at": moment, "updated_at": moment, "created_in": "Default Store View"}
    row |= {"disable_auto_group_change": 0, "addresses": []}
    row |= {"extension_attributes": {"is_subscribed": chance.random() < 0.5}}
    if number % 4 == 0:
        row["dob"] = "1990-05-17"
    if number % 3:
        row["addresses"] = [_address(state, row, number)]
        row["default_billing"] = row["default_shipping"] = str(row["addresses"][0]["id"])
    state.customers[row["id"]] = row


def _address(state: State, person: Row, number: int) -> Row:
    region = {"region_code": "75", "region": "Paris", "region_id": 182}
    row: Row = {"id": state.number("address"), "customer_id": person["id"], "region": region}
    row |= {"region_id": 182, "country_id": "FR", "street": [f"{number} rue de l'Été"], "postcode": "75002"}
    row |= {"city": "Paris", "firstname": person["firstname"], "lastname": person["lastname"]}
    row |= {"telephone": "0102030405"} if number % 2 else {}
    return row | {"default_shipping": True, "default_billing": True}


def _filled(state: State, chance: random.Random, people: list[Row], shown: list[Row], days: int) -> Row:
    """A customer's cart of the last days with one to three things in it."""
    moment = _moment(state, chance, days)
    cart = baskets.blank(state)
    person = chance.choice(people)
    kept = ("id", "email", "firstname", "lastname", "group_id")
    cart["customer"] = {name: person[name] for name in kept}
    cart["billing_address"] = (person["addresses"] or [{"firstname": "", "lastname": ""}])[0]
    for product in chance.sample(shown, k=min(len(shown), chance.randrange(1, 4))):
        if state.salable((_child(state, product) or product)["sku"]) >= 1:
            baskets.put(state, cart, product["sku"], 1, _choice(state, product))
    cart |= {"created_at": moment, "updated_at": moment}
    return cart


def _child(state: State, product: Row) -> Row | None:
    return state.products[product["links"][0]] if product["links"] else None


def _choice(state: State, product: Row) -> Row:
    child = _child(state, product)
    if child is None:
        return {}
    chosen = [
        {"option_id": one["attribute_id"], "option_value": int(child["attributes"][code])}
        for one in product["options"]
        for code, row in state.attributes.items()
        if str(row["attribute_id"]) == one["attribute_id"]
    ]
    return {"product_option": {"extension_attributes": {"configurable_item_options": chosen}}}


def _cart(number: int, cart: Row) -> None:
    if number % 7 == 6:  # a visitor who left before telling an e-mail
        cart |= {"customer": {}, "billing_address": {}}


def _order(state: State, chance: random.Random, number: int, cart: Row) -> None:
    moment = cart["created_at"]
    if not cart["items"]:
        return
    place = {"country_id": "FR", "street": ["1 rue de l'Été"], "postcode": "75002", "city": "Paris"}
    person = cart["customer"]
    cart["shipping"] = place | {"firstname": person["firstname"], "lastname": person["lastname"]}
    if number % 5 == 4:
        cart["customer"] = {}
    made = orders.place(state, cart, person["email"], cart["shipping"])
    cart["is_active"] = False
    id = str(made["entity_id"])
    if number % 4 in {1, 2}:
        fulfilment.invoice(state, id)
    if number % 4 == 2:
        fulfilment.ship(state, id, {})
    if number % 8 == 3:
        orders.cancel(state, id)
    made |= {"created_at": moment, "updated_at": moment}
