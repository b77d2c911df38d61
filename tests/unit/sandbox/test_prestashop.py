"""The PrestaShop simulator where no recording reaches: filters, partial writes, what moves and what does not."""

import base64
import io
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from sandbox.prestashop import ALL, Shop
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


def refusal(shop: Shop, method: str, path: str, inner: str) -> tuple[int, str]:
    answer = ask(shop, method, path, f"<prestashop>{inner}</prestashop>")
    body = json.loads(answer.data) if answer.status_code >= 400 else {"errors": [{"message": ""}]}
    return answer.status_code, body["errors"][0]["message"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", '<language id="1">A #1</language>'),
        ("name", f'<language id="1">{"x" * 129}</language>'),
        ("description", '<language id="1">&lt;script&gt;</language>'),
        ("description", '<language id="1">&lt;p onclick=&gt;</language>'),
        ("ean13", "12345678901234"),
        ("upc", "1234567890123"),
        ("reference", "A=B"),
        ("price", "-1"),
        ("visibility", "hidden"),
        ("link_rewrite", '<language id="1">été</language>'),
    ],
)
def test_a_product_with_a_field_of_the_wrong_form_is_refused(field: str, value: str) -> None:
    inner = f"<product><id>1</id><{field}>{value}</{field}></product>"
    status, message = refusal(as_recorded(), "PATCH", "products", inner)
    assert (status, f"Product-&gt;{field}" in message) == (400, True)


def test_a_translated_field_that_leaves_out_a_language_empties_it() -> None:
    shop = as_recorded()
    inner = '<product><id>1</id><name><language id="1">New</language></name></product>'
    assert refusal(shop, "PATCH", "products", inner)[0] == 200
    assert shop.state.products.rows[1]["name"] == {"1": "New", "2": ""}


@pytest.mark.parametrize(
    ("path", "inner"),
    [
        ("categories", "<category><active>1</active></category>"),
        ("product_options", "<product_option><group_type>select</group_type></product_option>"),
        (
            "product_option_values",
            "<product_option_value><id_attribute_group>1</id_attribute_group></product_option_value>",
        ),
    ],
)
def test_names_may_not_be_empty(path: str, inner: str) -> None:
    status, message = refusal(as_recorded(), "POST", path, inner)
    assert (status, "is empty" in message) == (400, True)


def test_a_product_has_one_default_combination() -> None:
    shop = as_recorded()
    inner = "<combination><id_product>1</id_product><minimal_quantity>1</minimal_quantity>"
    assert refusal(shop, "POST", "combinations", f"{inner}<default_on>1</default_on></combination>")[0] == 500
    assert refusal(shop, "POST", "combinations", f"{inner}</combination>")[0] == 200 + 1
    assert ask(shop, "DELETE", "combinations/1").status_code == 200
    assert shop.state.combinations.rows[2]["default_on"] == "1"
    assert shop.state.products.rows[1]["cache_default_attribute"] == "2"


def test_two_reductions_for_the_same_buyers_are_refused() -> None:
    zeros = "".join(
        f"<{name}>0</{name}>"
        for name in ("id_shop", "id_cart", "id_currency", "id_country", "id_group", "id_customer")
    )
    never = "0000-00-00 00:00:00"
    inner = (
        f"<specific_price>{zeros}<id_product>6</id_product><price>-1</price><from_quantity>1</from_quantity>"
        f"<reduction>1</reduction><reduction_tax>1</reduction_tax><reduction_type>amount</reduction_type>"
        f"<from>{never}</from><to>{never}</to></specific_price>"
    )
    shop = as_recorded()
    assert [refusal(shop, "POST", "specific_prices", inner)[0] for _ in range(2)] == [201, 500]


def upload(shop: Shop, product: int, content: bytes) -> Any:
    data = {"image": (io.BytesIO(content), "picture.jpg")}
    url = f"/api/images/products/{product}"
    return Client(shop).post(url, headers=HEADERS, data=data, content_type="multipart/form-data")


def test_a_picture_comes_last_and_is_gone_with_a_delete() -> None:
    shop = as_recorded()
    held = list(shop.state.images[1])
    answer = upload(shop, 1, b"\xff\xd8\xff\xe0rest")
    new = shop.state.images[1][-1]
    assert (answer.status_code, shop.state.images[1]) == (200, [*held, new])
    assert f"<id><![CDATA[{new}]]></id>" in answer.text
    assert Client(shop).get(f"/img/p/{'/'.join(new)}/{new}.jpg").data == b"\xff\xd8\xff\xe0rest"
    assert ask(shop, "DELETE", f"images/products/1/{new}").status_code == 200
    assert shop.state.images[1] == held


@pytest.mark.parametrize(
    ("product", "content"),
    [(1, b"RIFF....WEBP"), (1, b"\xff\xd8\xff" + b"x" * 8_400_000), (999, b"\xff\xd8\xff")],
)
def test_what_is_no_picture_too_large_or_for_nobody_is_refused(product: int, content: bytes) -> None:
    shop = as_recorded()
    before = {id: list(held) for id, held in shop.state.images.items()}
    assert upload(shop, product, content).status_code == 400
    assert shop.state.images == before


def test_before_version_8_there_is_no_patch() -> None:
    shop = Shop({RECORDED_KEY: ALL}, version="1.7.8.11")
    answer = ask(shop, "PATCH", "products", "<prestashop><product><id>1</id></product></prestashop>")
    assert (answer.status_code, json.loads(answer.data)["errors"][0]["code"]) == (405, 23)
    assert answer.headers["PSWS-Version"] == "1.7.8.11"


def test_a_list_of_customisation_fields_has_a_name_of_its_own() -> None:
    shop = as_recorded()
    name = '<name><language id="1">a</language></name>'
    inner = f"<id_product>1</id_product><type>1</type><required>0</required>{name}"
    inner = f"<customization_field>{inner}</customization_field>"
    assert refusal(shop, "POST", "product_customization_fields", inner)[0] == 201
    answer = ask(shop, "GET", "product_customization_fields?display=full")
    assert list(json.loads(answer.data)) == ["customization_fields"]
