"""Fills a shop with generated goods and people: unicode names, sizes and colours, gaps and oddities; repeatable."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sandbox.prestashop.orders import reference, title
from sandbox.prestashop.state import State, Table
from sandbox.prestashop.stock import sum_up
from sandbox.prestashop.taxing import set_tax

NOUNS = (
    "Mug",
    "Écharpe",
    "Affiche",
    "Coussin",
    "Carnet",
    "T-shirt",
    "Pull",
    "Bougie",
    "Świeca",
    "手ぬぐい",
    "Lampe",
)
KINDS = (
    "renard",
    "ours brun",
    "colibri",
    "Straße",
    "Łódź",
    "été",
    "& moi",
    "d'hiver",
    "«nuit»",
    "100 %",
    "🌿",
)
FIRST = (
    "Ana",
    "Zoë",
    "Jürgen",
    "Élodie",
    "Łukasz",
    "Siobhán",
    "José",
    "Ingrid",
    "Chloé",
    "Noé",
    "Maëlle",
    "Søren",
)
LAST = (
    "Gómez",
    "Müller",
    "D'Angelo",
    "Lefèvre",
    "Nowak",
    "Ó Briain",
    "Van den Berg",
    "Dupont",
    "Håkansson",
    "Şahin",
)
SIZES = ("S", "M", "L", "XL")
COLOURS = (("Rouge", "#E84C3D"), ("Bleu", "#5D9CEC"), ("Noir", "#434A54"))
STATES: Sequence[tuple[int, str, dict[str, Any]]] = (
    (1, "Awaiting check payment", {}),
    (2, "Payment accepted", {"paid": 1, "invoice": 1, "logable": 1}),
    (3, "Processing in progress", {"paid": 1, "invoice": 1, "logable": 1, "delivery": 1}),
    (4, "Shipped", {"paid": 1, "invoice": 1, "logable": 1, "delivery": 1, "shipped": 1}),
    (5, "Delivered", {"paid": 1, "invoice": 1, "logable": 1, "delivery": 1, "shipped": 1}),
    (6, "Canceled", {"template": "order_canceled"}),
    (7, "Refunded", {"template": "refund"}),
    (8, "Payment error", {}),
)
CODES = ("WELCOME10", "ÉTÉ2026", "FREESHIP", "MINUS5")
COUNTRIES = ((8, "FR", "France"), (1, "DE", "Germany"), (6, "ES", "Spain"))


def fill(
    state: State,
    products: int,
    customers: int,
    orders: int,
    seed: int,
    *,
    carts: int | None = None,
    codes: Sequence[str] = CODES,
) -> None:
    """Add that many of each; two years of orders before the shop's clock. A fifth of the orders as carts, or `carts`."""
    chance = random.Random(seed)
    _settings(state)
    for number in range(products):
        _product(state, chance, number)
    for number in range(customers):
        _customer(state, chance, number)
    for number in range(orders):
        _order(state, chance, number)
    for _ in range(orders // 5 if carts is None else carts):
        _cart(state, chance, 1 + chance.randrange(max(customers, 1)), _moment(state, chance, 30))
    for code in codes:
        _promo(state, code)


def _settings(state: State) -> None:
    for id, iso, name in COUNTRIES:
        _once(state.countries, id, {"iso_code": iso, "active": 1, "name": name, "id_zone": 1})
    if 1 not in state.tax_rule_groups.rows:
        set_tax(state, 1, 0, 20)
    for id, name, flags in STATES:
        _once(state.order_states, id, {"name": name, "color": "#3498D8", **flags})
    for id, (name, parent) in enumerate((("Racine", 0), ("Accueil", 1), ("Vêtements", 2), ("Maison", 2)), 1):
        _once(state.categories, id, {"id_parent": parent, "active": 1, "name": name, "link_rewrite": "c"})
    _once(state.manufacturers, 1, {"name": "Atelier Œuvre", "active": 1})
    for id, (name, kind) in enumerate((("Taille", "select"), ("Couleur", "color")), 1):
        _once(state.product_options, id, {"name": name, "public_name": name, "group_type": kind})
    for id, size in enumerate(SIZES, 1):
        _once(state.product_option_values, id, {"id_attribute_group": 1, "name": size, "position": id})
    for id, (colour, code) in enumerate(COLOURS, 1 + len(SIZES)):
        row = {"id_attribute_group": 2, "name": colour, "color": code, "position": id}
        _once(state.product_option_values, id, row)


def _once(table: Table, id: int, row: dict[str, Any]) -> None:
    """Add what a shop that was seeded before may have already."""
    if id not in table.rows:
        table.insert(row, id)


def _moment(state: State, chance: random.Random, days: int) -> str:
    back = timedelta(seconds=chance.randrange(60, days * 86_400))
    return state.local(state.clock() - back)


def _product(state: State, chance: random.Random, number: int) -> None:
    sku = "" if number % 17 == 5 else f"SKU-{number + 1:05}"
    id = state.products.insert(_goods(chance, number, sku, _moment(state, chance, 400)))
    state.images[id] = [str(id * 10 + n) for n in range(number % 3)]
    quantity = 0 if number % 13 == 4 else chance.randrange(1, 200)
    state.stock_availables.insert({"id_product": id, "id_shop": 1, "quantity": quantity, "out_of_stock": 2})
    if number % 3 == 0:
        _variants(state, chance, id, sku)


def _goods(chance: random.Random, number: int, sku: str, changed: str) -> dict[str, Any]:
    name = f"{chance.choice(NOUNS)} {chance.choice(KINDS)} {number + 1}"
    category, for_sale = 3 + number % 2, int(number % 11 != 7)
    return {
        "name": name,
        "link_rewrite": f"article-{number + 1}",
        **dict.fromkeys(("description", "description_short"), f"<p>{name}</p>"),
        "reference": sku,
        "price": Decimal(chance.choice((0, 490, 1190, 2390, 3590, 12900))) / 100,
        **dict.fromkeys(("id_tax_rules_group", "id_manufacturer"), 1),
        "id_category_default": category,
        "*categories": [{"id": "2"}, {"id": str(category)}],
        "position_in_category": number + 1,
        "product_type": "standard" if number % 3 else "combinations",
        **dict.fromkeys(("active", "indexed"), for_sale),
        **dict.fromkeys(("state", "available_for_order", "show_price", "minimal_quantity"), 1),
        "ean13": f"{3_760_000_000_000 + number}" if number % 2 else "",
        "weight": "0.25",
        **dict.fromkeys(("date_add", "date_upd"), changed),
    }


def _variants(state: State, chance: random.Random, product: int, sku: str) -> None:
    pairs = [(size, colour) for size in range(1, 5) for colour in range(5, 8)][: chance.randrange(2, 9)]
    first = 0
    for number, (size, colour) in enumerate(pairs):
        id = state.combinations.insert(
            {
                "id_product": product,
                "reference": f"{sku}-{SIZES[size - 1]}{colour}" if sku else "",
                "price": "2.5" if size == 4 else 0,
                "default_on": "" if number else "1",
                "minimal_quantity": 1,
                "*product_option_values": [{"id": str(size)}, {"id": str(colour)}],
                "*images": [{"id": image} for image in state.images[product][:1]],
            }
        )
        first = first or id
        row = {"id_product": product, "id_product_attribute": id, "id_shop": 1, "out_of_stock": 2}
        state.stock_availables.insert(row | {"quantity": chance.choice((0, 3, 12, 40))})
    state.products.update(product, cache_default_attribute=first)
    sum_up(state, product)


def _customer(state: State, chance: random.Random, number: int) -> None:
    first, last = chance.choice(FIRST), chance.choice(LAST)
    guest = number % 9 == 8
    # A guest may use an e-mail that is there already; accounts may not.
    email = f"buyer{number - 1 if number % 18 == 17 else number}@example.com"
    wants, once = chance.random() < 0.5, chance.random() < 0.2
    moment = _moment(state, chance, 700)
    row: dict[str, Any] = {"id_lang": 1, "id_default_group": 2 if guest else 3, "passwd": "x", "active": 1}
    row |= {"firstname": first, "lastname": last, "email": email, "is_guest": int(guest), "id_shop": 1}
    row |= {"newsletter": int(wants), "date_add": moment, "date_upd": moment, "id_shop_group": 1}
    row |= {
        "birthday": "1990-05-17" if number % 4 == 0 else "",
        "company": "Œuvre SARL" if number % 10 == 0 else "",
    }
    row["newsletter_date_add"] = moment if wants or once else ""
    row["*groups"] = [{"id": str(row["id_default_group"])}]
    id = state.customers.insert(row)
    if number % 3:
        _address(state, id, number, row)


def _address(state: State, customer: int, number: int, person: dict[str, Any]) -> None:
    row = {name: person[name] for name in ("firstname", "lastname", "date_add", "date_upd")}
    row |= {"id_customer": customer, "id_country": 8, "alias": "Domicile", "city": "Paris"}
    row |= {"address1": f"{number} rue de l'Été", "postcode": "75002"}
    state.addresses.insert(row | {"phone": "0102030405" if number % 2 else ""})


def _lines(state: State, chance: random.Random) -> list[dict[str, str]]:
    found = []
    for product in chance.sample(
        range(1, len(state.products) + 1), k=min(len(state.products), chance.randrange(1, 4))
    ):
        variants = state.combinations.where("id_product", product)
        line = {
            "id_product": str(product),
            "id_product_attribute": str(chance.choice(variants) if variants else 0),
        }
        found.append(
            line
            | {"quantity": str(chance.randrange(1, 4)), "id_address_delivery": "0", "id_customization": "0"}
        )
    return found


def _cart(
    state: State, chance: random.Random, customer: int, moment: str
) -> tuple[int, Sequence[dict[str, str]]]:
    lines = _lines(state, chance)
    address = (state.addresses.where("id_customer", customer) or [0])[0]
    row = {"id_currency": 1, "id_lang": 1, "id_customer": customer, "id_shop": 1, "*cart_rows": lines}
    row |= {
        "id_address_delivery": address,
        "id_address_invoice": address,
        "date_add": moment,
        "date_upd": moment,
    }
    return state.carts.insert(row), lines


def _order(state: State, chance: random.Random, number: int) -> None:
    customer = chance.randrange(1, len(state.customers) + 1)
    moment = _moment(state, chance, 730)
    cart, lines = _cart(state, chance, customer, moment)
    row = _totals(sum((_net(state, line) * int(line["quantity"]) for line in lines), Decimal(0)))
    address = state.carts.rows[cart]["id_address_delivery"]
    row |= dict.fromkeys(("id_address_delivery", "id_address_invoice"), address)
    row |= dict.fromkeys(("id_currency", "id_lang", "conversion_rate", "id_shop", "id_shop_group"), 1)
    row |= dict.fromkeys(("date_add", "date_upd"), moment)
    row |= {"id_cart": cart, "id_customer": customer, "id_carrier": 2, "reference": reference(number)}
    row |= {"payment": "Bank wire", "module": "ps_wirepayment", "current_state": chance.choice(STATES)[0]}
    order = state.orders.insert(row)
    for line in lines:
        _detail(state, order, line)
    state.order_carriers.insert({"id_order": order, "id_carrier": 2, "date_add": moment})


def _totals(net: Decimal) -> dict[str, Any]:
    gross = net * Decimal("1.2")
    return {
        **dict.fromkeys(("total_paid", "total_paid_tax_incl"), gross + Decimal("8.4")),
        "total_paid_tax_excl": net + 7,
        "total_products": net,
        "total_products_wt": gross,
        **dict.fromkeys(("total_shipping", "total_shipping_tax_incl"), "8.4"),
        "total_shipping_tax_excl": 7,
    }


def _net(state: State, line: dict[str, str]) -> Decimal:
    variant = state.combinations.rows.get(int(line["id_product_attribute"]))
    impact = Decimal(variant["price"]) if variant else Decimal(0)
    return Decimal(state.products.rows[int(line["id_product"])]["price"]) + impact


def _detail(state: State, order: int, line: dict[str, str]) -> None:
    product, variant = int(line["id_product"]), int(line["id_product_attribute"])
    row = state.combinations.rows.get(variant) or state.products.rows[product]
    net = _net(state, line)
    state.order_details.insert(
        {
            "id_order": order,
            "product_id": product,
            "product_attribute_id": variant,
            "product_name": title(state, product, variant),
            "product_quantity": line["quantity"],
            "product_reference": row["reference"],
            "id_shop": 1,
            **dict.fromkeys(("product_price", "unit_price_tax_excl", "original_product_price"), net),
            "unit_price_tax_incl": net * Decimal("1.2"),
        }
    )


def _promo(state: State, code: str) -> None:
    moment: datetime = state.clock()
    row: dict[str, Any] = {
        "code": code,
        "name": f"Offre {code}",
        "active": 1,
        "quantity": 100,
        "quantity_per_user": 1,
    }
    row |= {
        "date_from": state.local(moment - timedelta(days=30)),
        "date_to": state.local(moment + timedelta(days=30)),
    }
    row |= {"date_add": row["date_from"], "date_upd": row["date_from"], "reduction_currency": 1}
    row |= {"free_shipping": int(code == "FREESHIP"), "reduction_percent": "10" if code in CODES[:2] else 0}
    row |= {"reduction_amount": "5" if code == "MINUS5" else 0, "reduction_tax": 1}
    state.cart_rules.insert(row)
