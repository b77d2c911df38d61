"""The Magento simulator refuses what Magento refuses, where no recording shows it."""

import json
from typing import Any
from urllib.parse import quote

import pytest
from sandbox.magento import InputLimits, Integration, Shop
from sandbox.magento.app import TOKEN
from sandbox.magento.auth import natural, signature
from sandbox.magento.criteria import nested, projected
from sandbox.magento.generate import shop_of
from werkzeug.test import Client

HOST = "https://shop.example"


def asked(shop: Shop, method: str, path: str, body: Any = None, **headers: str) -> Any:
    sent = {"Authorization": f"Bearer {TOKEN}", **headers}
    return Client(shop).open(f"/rest/V1/{path}", base_url=HOST, method=method, headers=sent, json=body)


def product(sku: str, **more: Any) -> dict[str, Any]:
    row = {"sku": sku, "name": f"Thing {sku}", "attribute_set_id": 4, "price": 1, "type_id": "simple"}
    return {"product": row | more}


def test_a_page_longer_than_the_input_limits_is_refused_and_a_missing_one_is_short() -> None:
    shop = shop_of(0, 40, 0, limits=InputLimits())
    refused = asked(shop, "GET", "customers/search?searchCriteria[pageSize]=301")
    assert refused.status_code == 400
    assert refused.json == {"message": "Maximum SearchCriteria pageSize is %max", "parameters": {"max": 300}}
    assert len(asked(shop, "GET", "customers/search?searchCriteria=").json["items"]) == 20


def test_more_objects_than_the_input_limits_allow_are_refused() -> None:
    shop = shop_of(1, 0, 0, limits=InputLimits())
    item = {"sku": "SKU-00001", "source_code": "default", "quantity": 1, "status": 1}
    refused = asked(shop, "POST", "inventory/source-items", {"sourceItems": [item] * 21})
    assert (refused.status_code, refused.json["parameters"]["max"]) == (400, 20)


@pytest.mark.parametrize(("repeats", "ids"), [(False, []), (True, [3])])
def test_a_page_beyond_the_end_is_empty_or_in_old_versions_the_last_one(
    repeats: bool, ids: list[int]
) -> None:
    shop = shop_of(0, 3, 0, repeats_last_page=repeats)
    page = asked(
        shop, "GET", "customers/search?searchCriteria[pageSize]=2&searchCriteria[currentPage]=9"
    ).json
    assert ([row["id"] for row in page["items"]], page["total_count"]) == (ids, 3)


def test_two_products_may_not_have_one_address() -> None:
    shop = Shop()
    assert asked(shop, "POST", "products", product("A", name="Cup")).status_code == 200
    refused = asked(shop, "POST", "products", product("B", name="Cup"))
    assert refused.json == {"message": "URL key for specified store already exists."}


def test_two_variants_may_not_have_the_same_choices_and_each_needs_all_of_them() -> None:
    shop = shop_of(1, 0, 0)
    tee = next(row for row in shop.state.products.values() if row["links"])
    first = shop.state.products[tee["links"][0]]
    twin = product(
        "TWIN",
        custom_attributes=[
            {"attribute_code": code, "value": first["attributes"][code]} for code in ("size", "color")
        ],
    )
    asked(shop, "POST", "products", twin)
    asked(shop, "POST", "products", product("BARE"))
    path = f"configurable-products/{tee['sku']}/child"
    assert "same set of attribute values" in asked(shop, "POST", path, {"childSku": "TWIN"}).json["message"]
    assert "attribute value" in asked(shop, "POST", path, {"childSku": "BARE"}).json["message"]


def test_a_value_of_an_attribute_outside_the_set_is_dropped_without_a_word() -> None:
    shop = Shop()
    made = {"attribute_code": "shade", "frontend_input": "select", "options": [{"label": "Dark"}]}
    asked(shop, "POST", "products/attributes", {"attribute": made})
    row = product("A", custom_attributes=[{"attribute_code": "shade", "value": "4"}])
    saved = asked(shop, "POST", "products", row).json
    assert "shade" not in {one["attribute_code"] for one in saved["custom_attributes"]}


def test_a_change_through_a_store_view_stays_in_it() -> None:
    shop = Shop()
    asked(shop, "POST", "products", product("A"))
    asked(shop, "PUT", "products/A", product("A", name="In the view"))
    client = Client(shop)
    headers = {"Authorization": f"Bearer {TOKEN}"}
    names = [
        client.get(f"/rest/{view}/V1/products/A", headers=headers).json["name"] for view in ("default", "all")
    ]
    assert names == ["In the view", "Thing A"]


def test_what_is_queued_is_not_done_until_the_consumer_runs() -> None:
    shop = Shop(consumer_after=None)
    headers = {"Authorization": f"Bearer {TOKEN}"}
    answer = Client(shop).post(
        "/rest/async/bulk/V1/products", headers=headers, json=[product("A"), {"product": {}}]
    )
    assert (answer.status_code, shop.state.products) == (202, {})
    assert shop.consume() == 2
    path = f"bulk/{answer.json['bulk_uuid']}/status"
    told = asked(shop, "GET", path).json["operations_list"]
    assert [one["status"] for one in told] == [1, 3]
    assert "sku" in told[1]["result_message"]


def test_a_nonce_is_good_for_one_request() -> None:
    keys = Integration("ck", "cs", "at", "as")
    shop = Shop(integrations=(keys,))
    header = _signed(keys)
    statuses = [asked(shop, "GET", "categories", Authorization=header).status_code for _ in range(2)]
    assert statuses == [200, 401]


def _signed(keys: Integration) -> str:
    given = {"oauth_consumer_key": keys.consumer_key, "oauth_nonce": "n", "oauth_timestamp": "1"}
    given |= {"oauth_token": keys.token, "oauth_signature_method": "HMAC-SHA256", "oauth_version": "1.0"}
    given["oauth_signature"] = signature(keys, "GET", f"{HOST}/rest/V1/categories", list(given.items()))
    return "OAuth " + ", ".join(f'{name}="{quote(value, safe="")}"' for name, value in given.items())


def test_the_server_orders_names_as_php_does() -> None:
    names = ["filter_groups[10]", "filter_groups[9]", "filter_groups[1]"]
    assert sorted(names, key=natural) == names[::-1]
    assert sorted(names) != sorted(names, key=natural)


def test_queries_are_read_as_php_reads_them() -> None:
    query = "searchCriteria[filter_groups][0][filters][0][field]=a%20b&fields=items[id],total_count"
    assert nested(query)["searchCriteria"]["filter_groups"]["0"]["filters"]["0"] == {"field": "a b"}
    whole = {"items": [{"id": 1, "extension_attributes": {"a": 1}}], "total_count": 1, "more": 2}
    assert projected(whole, "items[id,extension_attributes[b]],total_count") == {
        "items": [{"id": 1, "extension_attributes": []}],
        "total_count": 1,
    }


def test_attributes_cannot_be_searched_by_their_id() -> None:
    query = "searchCriteria[filter_groups][0][filters][0][field]=attribute_id"
    assert asked(shop_of(1, 0, 0), "GET", f"products/attributes?{query}").status_code == 500


def test_people_act_through_the_control_door() -> None:
    shop = shop_of(2, 1, 0)
    act = {"name": "set_quantity", "with": {"sku": "SKU-00002", "quantity": 5}}
    assert Client(shop).post("/_sandbox/act", data=json.dumps(act)).status_code == 200
    assert shop.state.source_items["sku-00002", "default"]["quantity"] == 5


def test_a_product_that_is_named_by_its_id_gets_the_sku_and_leaves_its_stock_behind() -> None:
    shop = shop_of(3, 0, 0)
    row = shop.state.product("SKU-00002")
    assert row is not None
    renamed = asked(shop, "POST", "products", {"product": {"id": row["id"], "sku": "OTHER"}})
    assert (renamed.status_code, renamed.json["id"], renamed.json["sku"]) == (200, row["id"], "OTHER")
    assert shop.state.product("SKU-00002") is None
    assert ("sku-00002", "default") in shop.state.source_items
    taken = asked(shop, "POST", "products", {"product": {"id": row["id"], "sku": "SKU-00003"}})
    assert (taken.status_code, taken.json["message"]) == (
        400,
        'The value of attribute "%1" must be unique.',
    )


def test_a_sku_has_64_characters_at_most_and_is_compared_as_text() -> None:
    shop = Shop()
    assert asked(shop, "POST", "products", product("X" * 65)).status_code == 400
    for sku in ("9", "10", "9A"):
        assert asked(shop, "POST", "products", product(sku)).status_code == 200
    by_sku = "searchCriteria[sortOrders][0][field]=sku&searchCriteria[sortOrders][0][direction]=ASC"
    behind = "&searchCriteria[filter_groups][0][filters][0]"
    wanted = f"{behind}[field]=sku{behind}[condition_type]=gt{behind}[value]=10"
    found = asked(shop, "GET", f"products?{by_sku}{wanted}").json
    assert [row["sku"] for row in found["items"]] == ["9", "9A"]


def test_a_category_needs_a_name_a_parent_and_an_address_of_its_own() -> None:
    shop = shop_of(1, 0, 0)
    named = {"category": {"name": "Neuf", "parent_id": 2}}
    made = asked(shop, "POST", "categories", named)
    assert (made.status_code, made.json["name"], made.json["parent_id"]) == (200, "Neuf", 2)
    assert asked(shop, "POST", "categories", named).status_code == 400
    assert asked(shop, "POST", "categories", {"category": {"parent_id": 2}}).status_code == 400
    assert asked(shop, "POST", "categories", {"category": {"name": "A", "parent_id": 99}}).status_code == 404


def test_prices_alone_are_for_what_has_a_price_and_no_more_than_the_limits_at_once() -> None:
    shop = shop_of(3, 0, 0, limits=InputLimits())
    before = dict(shop.state.products[max(shop.state.products)])
    told = {"prices": [{"sku": sku, "price": 3, "store_id": 0} for sku in (before["sku"], "SKU-00001")]}
    answer = asked(shop, "POST", "products/base-prices", told)
    assert (answer.status_code, [one["parameters"] for one in answer.json]) == (200, [["SKU", "SKU-00001"]])
    after = shop.state.products[before["id"]]
    assert (after["price"], after["updated_at"]) == (3, before["updated_at"])
    assert asked(shop, "POST", "products/base-prices", {"prices": told["prices"] * 11}).status_code == 400


def test_lines_of_orders_are_searched_by_their_product() -> None:
    shop = shop_of(4, 3, 6)
    item = next(iter(shop.state.orders.values()))["items"][0]
    one = "searchCriteria[filter_groups][0][filters][0]"
    found = asked(shop, "GET", f"orders/items?{one}[field]=product_id&{one}[value]={item['product_id']}").json
    assert {row["product_id"] for row in found["items"]} == {item["product_id"]}
