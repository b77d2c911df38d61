"""What a real shop refuses of products and stock although the schema takes it."""

import httpx
import pytest
from sandbox.shopify.sample import product
from sandbox.shopify.state import gid

SET = """mutation Set($by: ProductSetIdentifiers, $as: ProductSetInput!) {
  set: productSet(identifier: $by, input: $as, synchronous: true) { product { id } userErrors { code message } }
}"""
UPDATE = """mutation Up($as: ProductUpdateInput!) {
  set: productUpdate(product: $as) { product { id } userErrors { message } }
}"""
MANY = """mutation Many($id: ID!, $as: [ProductVariantsBulkInput!]!) {
  set: productVariants%s(productId: $id, variants: $as) { userErrors { code } }
}"""
FEWER = """mutation Fewer($id: ID!, $as: [ID!]!) {
  set: productVariantsBulkDelete(productId: $id, variantsIds: $as) { userErrors { code } }
}"""
STOCK = """mutation Stock($i: InventorySetQuantitiesInput!, $key: String!) {
  set: inventorySetQuantities(input: $i) @idempotent(key: $key) { userErrors { code } }
}"""
RUN = """mutation Run($text: String!, $path: String!) {
  set: bulkOperationRunMutation(mutation: $text, stagedUploadPath: $path) {
    bulkOperation { id } userErrors { code }
  }
}"""
STAGE = """mutation Stage($input: [StagedUploadInput!]!) {
  set: stagedUploadsCreate(input: $input) { stagedTargets { url parameters { name value } } userErrors { message } }
}"""
ID = gid("Product", 7_001)


def code(caller, text, /, **variables):
    errors = caller.ask(text, **variables)["data"]["set"]["userErrors"]
    return errors[0].get("code") if errors else None


def choices(*values, name="A"):
    return {
        "productOptions": [{"name": name, "values": [{"name": value} for value in dict.fromkeys(values)]}],
        "variants": [{"optionValues": [{"optionName": name, "name": value}]} for value in values],
    }


@pytest.fixture
def stocked(caller):
    caller.shop.load([product(1, variants=2), product(2, variants=1)])
    return caller


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"title": " "}, "INVALID_PRODUCT"),
        ({"title": "x", "handle": "product-1"}, "HANDLE_NOT_UNIQUE"),
        ({"title": "x", "variants": choices("1")["variants"]}, "PRODUCT_OPTIONS_INPUT_MISSING"),
        ({"title": "x", "productOptions": choices("1")["productOptions"]}, "VARIANTS_INPUT_MISSING"),
        ({"title": "x", **choices("1", "1")}, "INVALID_VARIANT"),
        (
            {"title": "x", **choices("1"), "productOptions": choices("2")["productOptions"]},
            "OPTION_VALUE_DOES_NOT_EXIST",
        ),
        (
            {"title": "x", **choices("1"), "productOptions": choices("1")["productOptions"] * 2},
            "DUPLICATED_OPTION_NAME",
        ),
        ({"title": "x", "files": [{"originalSource": "nowhere"}]}, "INVALID_INPUT"),
        (
            {"title": "x", "files": [{"originalSource": "https://a.example/a.png", "filename": "a.jpg"}]},
            "INVALID_INPUT",
        ),
    ],
)
def test_a_product_that_a_shop_refuses_is_refused_and_nothing_is_made(stocked, given, expected):
    assert code(stocked, SET, **{"as": given}) == expected
    assert len(stocked.shop.state.shelf("Product").things) == 2


def test_lists_that_are_given_take_the_place_of_those_before_and_others_stay(stocked):
    held = stocked.shop.state.get(ID)
    media, tags = list(held["media"]), list(held["tags"])
    assert code(stocked, SET, by={"id": ID}, **{"as": choices("only")}) is None
    assert [each["title"] for each in held["variants"]] == ["only"]
    assert (held["media"], held["tags"]) == (media, tags)
    assert stocked.shop.state.get(gid("ProductVariant", 400_128)) is None


def test_a_custom_id_needs_its_definition_and_finds_what_it_made(stocked):
    by = {"customId": {"namespace": "a", "key": "b", "value": "c"}}
    assert code(stocked, SET, by=by, **{"as": {"title": "x"}}) == "NOT_FOUND"
    define = """mutation D($d: MetafieldDefinitionInput!) {
      set: metafieldDefinitionCreate(definition: $d) { userErrors { code } }
    }"""
    given = {"namespace": "abc", "key": "bcd", "name": "b", "ownerType": "PRODUCT", "type": "id"}
    assert [code(stocked, define, d=given), code(stocked, define, d=given)] == [None, "TAKEN"]
    by = {"customId": {"namespace": "abc", "key": "bcd", "value": "c"}}
    others = {"title": "x", "metafields": [{"namespace": "abc", "key": "x", "type": "json", "value": "[]"}]}
    assert code(stocked, SET, by=by, **{"as": others}) == "METAFIELD_MISMATCH"
    made = [
        stocked.ask(SET, by=by, **{"as": {"title": "x"}})["data"]["set"]["product"]["id"] for _ in range(2)
    ]
    assert made[0] == made[1]


def test_an_update_of_nothing_that_is_there_is_refused(stocked):
    answer = stocked.ask(UPDATE, **{"as": {"id": gid("Product", 9), "title": "x"}})
    assert answer["data"]["set"]["userErrors"] == [{"message": "Product does not exist"}]


@pytest.mark.parametrize(
    ("what", "given", "expected"),
    [
        ("BulkUpdate", {"price": "1"}, "PRODUCT_VARIANT_ID_MISSING"),
        ("BulkUpdate", {"id": gid("ProductVariant", 1), "price": "1"}, "PRODUCT_VARIANT_DOES_NOT_EXIST"),
        ("BulkUpdate", {"id": gid("ProductVariant", 400_128), "price": "-1"}, "INVALID_VALUE"),
        (
            "BulkUpdate",
            {
                "id": gid("ProductVariant", 400_128),
                "inventoryQuantities": [{"availableQuantity": 1, "locationId": gid("Location", 800)}],
            },
            "NO_INVENTORY_QUANTITIES_ON_VARIANTS_UPDATE",
        ),
        ("BulkCreate", {"price": "1"}, "NEED_TO_ADD_OPTION_VALUES"),
        ("BulkCreate", {"optionValues": [{"optionName": "Taille", "name": "T0"}]}, "VARIANT_ALREADY_EXISTS"),
    ],
)
def test_variants_that_a_shop_refuses_are_refused(stocked, what, given, expected):
    assert code(stocked, MANY % what, id=ID, **{"as": [given]}) == expected


def test_the_last_variant_is_not_deleted(stocked):
    both = [gid("ProductVariant", 400_128), gid("ProductVariant", 400_129)]
    assert code(stocked, FEWER, id=ID, **{"as": both}) == "CANNOT_DELETE_LAST_VARIANT"
    assert code(stocked, FEWER, id=ID, **{"as": [gid("ProductVariant", 400_256)]}) is not None
    assert code(stocked, FEWER, id=ID, **{"as": both[:1]}) is None


def quantity(**more):
    item, place = gid("InventoryItem", 400_128), gid("Location", 800)
    return {"inventoryItemId": item, "locationId": place, "quantity": 1, "changeFromQuantity": None, **more}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"changeFromQuantity": 9_999}, "CHANGE_FROM_QUANTITY_STALE"),
        ({"inventoryItemId": gid("InventoryItem", 1)}, "INVALID_INVENTORY_ITEM"),
        ({"locationId": gid("Location", 1)}, "INVALID_LOCATION"),
        ({"quantity": -1}, "INVALID_QUANTITY_NEGATIVE"),
    ],
)
def test_stock_that_a_shop_refuses_is_refused_with_all_of_its_call(stocked, given, expected):
    other = quantity(inventoryItemId=gid("InventoryItem", 400_129), quantity=77)
    asked = {"name": "available", "reason": "correction", "quantities": [other, quantity(**given)]}
    assert code(stocked, STOCK, i=asked, key="1") == expected
    assert stocked.shop.state.get(gid("ProductVariant", 400_129))["inventoryQuantity"] != 77


def test_a_key_is_answered_from_memory_and_taken_for_nothing_else(stocked):
    asked = {"name": "available", "reason": "correction", "quantities": [quantity(quantity=5)]}
    assert code(stocked, STOCK, i=asked, key="1") is None
    stocked.shop.life.edit_variant(gid("ProductVariant", 400_128), inventoryQuantity=3)
    assert code(stocked, STOCK, i=asked, key="1") is None
    assert stocked.shop.state.get(gid("ProductVariant", 400_128))["inventoryQuantity"] == 3
    other = {**asked, "quantities": [quantity(quantity=6)]}
    assert code(stocked, STOCK, i=other, key="1") == "IDEMPOTENCY_KEY_PARAMETER_MISMATCH"


def test_an_import_needs_a_file_that_was_uploaded_as_it_was_said(stocked):
    assert code(stocked, RUN, text=SET, path="tmp/none") == "NO_SUCH_FILE"
    given = {
        "resource": "BULK_MUTATION_VARIABLES",
        "filename": "a.jsonl",
        "mimeType": "text/jsonl",
        "httpMethod": "POST",
    }
    [target] = stocked.ask(STAGE, input=[given])["data"]["set"]["stagedTargets"]
    fields = {each["name"]: each["value"] for each in target["parameters"]}
    file = {"file": ("a.jsonl", b'{"as": {"title": "x"}}\n{"as": {"title": ""}}\n')}

    def upload(named):
        return stocked.http.post(target["url"], data=named, files=file).status_code

    assert upload({**fields, "policy": "forged"}) == httpx.codes.FORBIDDEN
    assert code(stocked, RUN, text=SET, path=fields["key"]) == "NO_SUCH_FILE"
    assert upload(fields) == httpx.codes.CREATED
    assert code(stocked, RUN, text="{ shop { id } }", path=fields["key"]) == "INVALID_MUTATION"
    assert code(stocked, RUN, text=SET, path=fields["key"]) is None
    assert len(stocked.shop.state.shelf("Product").things) == 3
