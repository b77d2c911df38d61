"""The PrestaShop simulator where no recording reaches: filters, partial writes, what moves and what does not."""

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from sandbox.prestashop import Shop
from sandbox.prestashop.generate import fill
from sandbox.prestashop.sample import RECORDED_AT, RECORDED_KEY, as_recorded, catalogue
from werkzeug.test import Client

HEADERS = {"Authorization": "Basic " + base64.b64encode(f"{RECORDED_KEY}:".encode()).decode()}
LATER = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def ask(shop: Shop, method: str, path: str, body: str = "") -> Any:
    joint = "&" if "?" in path else "?"
    url = f"/api/{path}{joint}output_format=JSON"
    return Client(shop).open(url, method=method, headers=HEADERS, data=body.encode())


def ids(shop: Shop, query: str, resource: str = "products") -> list[int]:
    answer = ask(shop, "GET", f"{resource}?{query}&sort=[id_ASC]")
    assert answer.status_code == 200, answer.data
    body = json.loads(answer.data)
    return [row["id"] for row in body[resource]] if body else []


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("filter[id]=[2|4|4|99]", [2, 4]),
        ("filter[id]=[3,5]", [3, 4, 5]),
        ("filter[id]=[5,3]", [3, 4, 5]),
        ("filter[id]=>[17]", [18, 19]),
        ("filter[id]=<[3]", [1, 2]),
        ("filter[id]=![1|2|3]&limit=2", [4, 5]),
        ("filter[id]=7", [7]),
        ("filter[price]=[11.9]", [6, 7, 8]),
        ("filter[reference]=[DEMO_11]", [6]),
        ("filter[reference]=[demo_1]%", [1, 6, 7, 8, 9, 10, 11, 13, 14, 18, 19]),
        ("filter[name]=%[mug]%&language=1", [6, 7, 8, 15, 19]),
        ("filter[id]=>[3]&limit=2,3", [6, 7, 8]),
        ("filter[date_upd]=[2026-11-23 08:51:39,2026-11-23 08:51:39]&date=1&limit=2", [1, 2]),
        ("filter[date_upd]=>[2026-11-23 08:51:39]&date=1", []),
    ],
)
def test_filters_mean_what_the_database_makes_of_them(query: str, found: list[int]) -> None:
    assert ids(as_recorded(), query) == found


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("filter[quantity]=[1]", 34),
        ("sort=[id]", 37),
        ("sort=[date_upd_ASC]", 38),
        ("limit=1,2,3", 39),
        ("display=id", 36),
        ("language=9", 81),
    ],
)
def test_questions_of_the_wrong_form_are_refused_with_the_shops_numbers(query: str, code: int) -> None:
    answer = ask(as_recorded(), "GET", f"products?{query}")
    assert answer.status_code == 400
    assert json.loads(answer.data)["errors"][0]["code"] == code


def customer(id: int, **fields: object) -> str:
    inner = "".join(f"<{name}>{value}</{name}>" for name, value in fields.items())
    return f"<customer><id>{id}</id>{inner}</customer>"


def test_a_patch_writes_only_the_fields_it_names_and_the_date() -> None:
    shop = as_recorded(clock=lambda: LATER)
    before = dict(shop.state.customers.rows[1])
    answer = ask(shop, "PATCH", "customers", f"<prestashop>{customer(1, newsletter=1)}</prestashop>")
    assert answer.status_code == 200
    after = shop.state.customers.rows[1]
    assert {name for name in before if before[name] != after[name]} == {"newsletter", "date_upd"}


def test_a_put_empties_what_it_does_not_name() -> None:
    shop = as_recorded()
    fields = {"passwd": "x", "lastname": "Doe", "firstname": "Jane", "email": "jane@example.com"}
    answer = ask(shop, "PUT", "customers", f"<prestashop>{customer(2, **fields)}</prestashop>")
    assert answer.status_code == 200
    row = shop.state.customers.rows[2]
    assert (row["newsletter"], row["birthday"], row["date_add"]) == ("0", "0000-00-00", "0000-00-00 00:00:00")


def test_entities_before_the_first_that_is_refused_are_saved() -> None:
    shop = as_recorded()
    body = customer(1, company="One") + customer(2, email="nonsense") + customer(99, company="No")
    answer = ask(shop, "PATCH", "customers", f"<prestashop>{body}</prestashop>")
    assert answer.status_code == 400
    assert shop.state.customers.rows[1]["company"] == "One"
    assert shop.state.customers.rows[2]["email"] == "pub@prestashop.com"


@pytest.mark.parametrize("body", [customer(1) + customer(1), customer(1) + "<customer></customer>"])
def test_ids_that_are_missing_or_given_twice_are_refused_before_anything_is_saved(body: str) -> None:
    assert ask(as_recorded(), "PATCH", "customers", f"<prestashop>{body}</prestashop>").status_code == 400


def test_stock_moves_no_date_and_the_products_row_is_the_sum() -> None:
    shop = as_recorded(clock=lambda: LATER)
    body = "<prestashop><stock_available><id>20</id><quantity>5</quantity></stock_available></prestashop>"
    assert ask(shop, "PATCH", "stock_availables", body).status_code == 200
    assert shop.state.stock_availables.rows[1]["quantity"] == str(7 * 300 + 5)
    assert shop.state.products.rows[1]["date_upd"] == "2026-11-23 08:51:39"


@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_stock_rows_are_neither_made_nor_deleted_by_hand(method: str) -> None:
    assert ask(as_recorded(), method, "stock_availables/20", "<prestashop/>").status_code == 405


def test_an_account_may_not_share_its_email_but_a_guest_may() -> None:
    shop = as_recorded()
    fields = (
        "<passwd>x</passwd><lastname>Doe</lastname><firstname>J</firstname><email>PUB@prestashop.com</email>"
    )
    account = f"<prestashop><customer>{fields}</customer></prestashop>"
    guest = f"<prestashop><customer>{fields}<is_guest>1</is_guest></customer></prestashop>"
    assert ask(shop, "POST", "customers", account).status_code == 500
    assert ask(shop, "POST", "customers", guest).status_code == 201


def test_a_product_takes_its_combinations_and_stock_with_it() -> None:
    shop = as_recorded()
    assert ask(shop, "DELETE", "products/1").status_code == 200
    assert ids(shop, "filter[id_product]=[1]", "combinations") == []
    assert ids(shop, "filter[id_product]=[1]", "stock_availables") == []


def test_people_act_in_the_shop_through_the_control_door() -> None:
    shop = as_recorded(clock=lambda: LATER)
    door = Client(shop)
    for name, values in (
        ("newsletter", {"id": 1, "wants": True}),
        ("rename_product", {"id": 6, "name": "Tasse"}),
        ("set_quantity", {"id": 20, "quantity": 0}),
        ("turn_order", {"id": 2, "state": 4}),
    ):
        assert door.post("/_sandbox/act", json={"name": name, "with": values}).status_code == 200
    assert shop.state.customers.rows[1]["newsletter_date_add"] == "2026-11-24 12:00:00"
    assert shop.state.products.rows[6]["name"]["2"] == "Tasse"
    assert shop.state.stock_availables.rows[1]["quantity"] == "2100"
    assert shop.state.orders.rows[2]["current_state"] == "4"


def test_an_index_follows_every_write() -> None:
    shop = as_recorded()
    assert ids(shop, "filter[reference]=[demo_11]") == [6]
    shop.state.products.update(6, reference="NEW")
    assert ids(shop, "filter[reference]=[demo_11]") == []
    assert ids(shop, "filter[reference]=[new]") == [6]


def test_a_recorded_shop_can_be_filled_up_and_keeps_what_it_had() -> None:
    shop = as_recorded()
    before = {name: dict(table.rows) for name, table in shop.state.tables.items()}
    fill(shop.state, 30, 30, 20, 1)
    for name, rows in before.items():
        assert {id: shop.state.tables[name].rows[id] for id in rows} == rows, name
    assert len(shop.state.products) == 19 + 30


def test_the_same_seed_makes_the_same_shop() -> None:
    one, two = (catalogue(30, 30, 20, seed=7, clock=lambda: RECORDED_AT) for _ in range(2))
    other = catalogue(30, 30, 20, seed=8, clock=lambda: RECORDED_AT)
    assert one.state.orders.rows == two.state.orders.rows
    assert one.state.products.rows == two.state.products.rows
    assert one.state.products.rows != other.state.products.rows
