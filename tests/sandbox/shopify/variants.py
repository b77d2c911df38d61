"""Writes of variants: within `productSet`, and many of one product.

Source: https://shopify.dev/docs/api/admin-graphql/2026-07/mutations/{productVariantsBulkCreate,productVariantsBulkUpdate,
productVariantsBulkDelete}
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from sandbox.shopify.rest import product_body
from sandbox.shopify.state import State, Thing, gid, number
from sandbox.shopify.stock import levels, primary
from sandbox.shopify.world import World

type Arguments = Mapping[str, Any]
type Values = tuple[tuple[str, str], ...]

OPTIONS, MOST = 3, 2_048
PLAIN: Values = (("Title", "Default Title"),)


def wrong_variants(state: State, product: Thing | None, asked: Arguments) -> Thing | None:
    """What is amiss with the options and variants of a `productSet`."""
    wanted, options = asked.get("variants"), asked.get("productOptions")
    if wanted is None and options is None:
        return None
    if wanted is None:
        return _error("variants", "VARIANTS_INPUT_MISSING", "Must specify variants when updating options.")
    if options is None:
        return _error("productOptions", "PRODUCT_OPTIONS_INPUT_MISSING", "Must specify product options.")
    if len(wanted) > MOST or not wanted:
        return _error("variants", "VARIANTS_OVER_LIMIT", "Number of product variants exceeds shop limit.")
    error = _wrong_options(options)
    if error:
        return error
    known = {each["id"] for each in product["variants"]} if product else set()
    seen: set[Values] = set()
    for each in wanted:
        error = _wrong_variant(state, each, options, known)
        if error:
            return error
        values = _values(each["optionValues"])
        if values in seen:
            message = f"The variant '{_label(values)}' already exists."
            return _error("variants", "INVALID_VARIANT", message)
        seen.add(values)
    return None


def _wrong_options(options: Sequence[Arguments]) -> Thing | None:
    if len(options) > OPTIONS:
        return _error("productOptions", "OPTIONS_OVER_LIMIT", "Options over limit.")
    names = [str(each.get("name") or "") for each in options]
    if len(set(names)) < len(names):
        return _error("productOptions", "DUPLICATED_OPTION_NAME", "Duplicated option name.")
    for each in options:
        values = [value.get("name") or "" for value in each.get("values") or ()]
        if not values or not all(values):
            return _error("productOptions", "OPTION_VALUES_MISSING", "Each option must have a value.")
        if len(set(values)) < len(values):
            return _error("productOptions", "DUPLICATED_OPTION_VALUE", "Duplicated option value.")
        if any(len(value) > 255 for value in values):
            return _error("productOptions", "INVALID_INPUT", "Option value name is too long.")
    return None


def _wrong_variant(
    state: State, each: Arguments, options: Sequence[Arguments], known: set[str]
) -> Thing | None:
    held = {option["name"]: {value["name"] for value in option["values"]} for option in options}
    given = dict(_values(each["optionValues"]))
    if each.get("id") and each["id"] not in known:
        return _error("variants", "PRODUCT_VARIANT_DOES_NOT_EXIST", "Product variant does not exist.")
    if set(given) != set(held):
        return _error("variants", "OPTION_DOES_NOT_EXIST", "Option does not exist.")
    if any(value not in held[name] for name, value in given.items()):
        return _error("variants", "OPTION_VALUE_DOES_NOT_EXIST", "Option value does not exist.")
    message = _amiss(each)
    if message:
        return _error("variants", "INVALID_VARIANT", message)
    for units in each.get("inventoryQuantities") or ():
        if state.get(units["locationId"]) is None:
            return _error("variants", "INVALID_VARIANT", "Location does not exist.")
    return None


def _amiss(each: Arguments) -> str:
    for name in ("price", "compareAtPrice"):
        if each.get(name) is not None and Decimal(str(each[name])) < 0:
            return "Price must be greater than or equal to 0"
    sku = each.get("sku") or (each.get("inventoryItem") or {}).get("sku") or ""
    return "SKU is too long (maximum is 255 characters)" if len(sku) > 255 else ""


def set_variants(state: State, product: Thing, asked: Arguments) -> None:
    """Options and variants anew: those with an id stay and change, the others are made, the rest goes."""
    known = {each["id"]: each for each in product["variants"]}
    product["options"] = [
        {
            "id": gid("ProductOption", state.fresh()),
            "name": option["name"],
            "position": at,
            "values": [value["name"] for value in option["values"]],
        }
        for at, option in enumerate(asked["productOptions"], 1)
    ]
    kept: list[Thing] = []
    for each in asked["variants"]:
        variant = known.pop(each.get("id"), None) or _blank(state, product)
        _change(variant, each, [option["name"] for option in product["options"]])
        _first_units(
            state,
            variant,
            {one["locationId"]: one["quantity"] for one in each.get("inventoryQuantities") or ()},
        )
        kept.append(variant)
    for gone in known.values():
        state.drop_variant(gone)
    product["variants"] = kept
    _placed(product)
    state.load_variants([product])


def bulk_create(world: World, _: object, arguments: Arguments) -> dict[str, Any]:
    """More variants of one product: all of them, or none."""
    state = world.state
    with state.lock:
        product = state.get(arguments["productId"])
        if product is None:
            return _payload([_bulk("productId", "PRODUCT_DOES_NOT_EXIST", "Product does not exist")])
        names = [option["name"] for option in product["options"]]
        taken = {_chosen(each) for each in product["variants"]}
        errors: list[Thing] = []
        for at, each in enumerate(arguments["variants"]):
            values = _values(each.get("optionValues") or ())
            error = _wrong_new(at, each, values, names, taken)
            taken.add(_key(values))
            errors += [error] if error else []
        if errors:
            return _payload(errors)
        made = [_new(state, product, each, names) for each in arguments["variants"]]
        _standalone(state, product, arguments.get("strategy") or "DEFAULT")
        product["variants"] += made
        _placed(product)
        state.load_variants([product])
        _told(state, product)
        return {"product": product, "productVariants": made, "userErrors": []}


def _new(state: State, product: Thing, each: Arguments, names: Sequence[str]) -> Thing:
    variant = _blank(state, product)
    _change(variant, each, names)
    units = {one["locationId"]: one["availableQuantity"] for one in each.get("inventoryQuantities") or ()}
    _first_units(state, variant, units)
    for name, value in _values(each["optionValues"]):
        option = next(option for option in product["options"] if option["name"] == name)
        if value not in option["values"]:
            option["values"].append(value)
    return variant


def _standalone(state: State, product: Thing, strategy: str) -> None:
    only = product["variants"][0] if len(product["variants"]) == 1 else None
    is_plain = only is not None and _chosen(only) == _key(PLAIN)
    if only and (strategy == "REMOVE_STANDALONE_VARIANT" or (strategy == "DEFAULT" and is_plain)):
        state.drop_variant(only)
        product["variants"] = []


def _wrong_new(
    at: int, each: Arguments, values: Values, names: Sequence[str], taken: set[frozenset[tuple[str, str]]]
) -> Thing | None:
    field = f"variants.{at}"
    if {name for name, _ in values} != set(names):
        message = "You need to add option values for all options"
        return _bulk(field, "NEED_TO_ADD_OPTION_VALUES", message)
    if _key(values) in taken:
        return _bulk(field, "VARIANT_ALREADY_EXISTS", f"The variant '{_label(values)}' already exists.")
    message = _amiss(each)
    return _bulk(field, "INVALID_INPUT", message) if message else None


def bulk_update(world: World, _: object, arguments: Arguments) -> dict[str, Any]:
    """Some fields of some variants of one product: all of them, or none."""
    state = world.state
    with state.lock:
        product = state.get(arguments["productId"])
        if product is None:
            return _payload([_bulk("productId", "PRODUCT_DOES_NOT_EXIST", "Product does not exist")])
        known = {each["id"]: each for each in product["variants"]}
        wanted = arguments["variants"]
        errors = [bad for at, each in enumerate(wanted) if (bad := _wrong_change(at, each, known))]
        if errors:
            return _payload(errors)
        names = [option["name"] for option in product["options"]]
        for each in wanted:
            _change(known[each["id"]], each, names)
            known[each["id"]]["updatedAt"] = state.now()
        _told(state, product)
        changed = [known[each["id"]] for each in wanted]
        return {"product": product, "productVariants": changed, "userErrors": []}


def _wrong_change(at: int, each: Arguments, known: Mapping[str, Thing]) -> Thing | None:
    field = f"variants.{at}"
    if not each.get("id"):
        return _bulk(f"{field}.id", "PRODUCT_VARIANT_ID_MISSING", "Product variant is missing ID attribute")
    if each["id"] not in known:
        return _bulk(f"{field}.id", "PRODUCT_VARIANT_DOES_NOT_EXIST", "Product variant does not exist")
    if each.get("inventoryQuantities"):
        code = "NO_INVENTORY_QUANTITIES_ON_VARIANTS_UPDATE"
        return _bulk(field, code, "Inventory quantities can only be provided during create.")
    chosen = _key(_values(each["optionValues"])) if each.get("optionValues") else None
    if chosen and any(_chosen(other) == chosen for id, other in known.items() if id != each["id"]):
        return _bulk(field, "VARIANT_ALREADY_EXISTS", "The variant already exists.")
    message = _amiss(each)
    return _bulk(field, "INVALID_VALUE", message) if message else None


def bulk_delete(world: World, _: object, arguments: Arguments) -> dict[str, Any]:
    """Take variants away; the last one stays."""
    state = world.state
    with state.lock:
        product = state.get(arguments["productId"])
        if product is None:
            return _payload([_bulk("productId", "PRODUCT_DOES_NOT_EXIST", "Product does not exist")])
        gone, known = set(arguments["variantsIds"]), {each["id"]: each for each in product["variants"]}
        if gone - known.keys():
            code = "AT_LEAST_ONE_VARIANT_DOES_NOT_BELONG_TO_THE_PRODUCT"
            return _payload(
                [_bulk("variantsIds", code, "At least one variant does not belong to the product")]
            )
        if gone == known.keys():
            return _payload(
                [_bulk("variantsIds", "CANNOT_DELETE_LAST_VARIANT", "Cannot delete last variant")]
            )
        for id in gone:
            state.drop_variant(known[id])
        product["variants"] = [each for each in product["variants"] if each["id"] not in gone]
        _placed(product)
        _told(state, product)
        return {"product": product, "userErrors": []}


def _told(state: State, product: Thing) -> None:
    product["updatedAt"] = state.now()
    state.shelf("Product").touched()
    state.shelf("ProductVariant").touched()
    state.tell("products/update", product_body(product))


def _blank(state: State, product: Thing) -> Thing:
    fresh, item, now = state.fresh(), state.fresh(), state.now()
    return {
        "__typename": "ProductVariant",
        "id": gid("ProductVariant", fresh),
        "legacyResourceId": str(fresh),
        "product_id": number(product["id"]),
        "title": "",
        "displayName": "",
        "position": 0,
        "sku": None,
        "barcode": None,
        "price": "0.00",
        "compareAtPrice": None,
        "inventoryQuantity": 0,
        "inventoryPolicy": "DENY",
        "taxable": True,
        "availableForSale": True,
        "selectedOptions": [],
        "image": None,
        "createdAt": now,
        "updatedAt": now,
        "inventoryItem": {
            "__typename": "InventoryItem",
            "id": gid("InventoryItem", item),
            "legacyResourceId": str(item),
            "variant_id": fresh,
            "tracked": False,
            "measurement": {
                "id": gid("InventoryItemMeasurement", item),
                "weight": {"unit": "KILOGRAMS", "value": 0.0},
            },
        },
    }


def _first_units(state: State, variant: Thing, units: Mapping[str, int]) -> None:
    """What a variant begins with: nothing at the primary location, or what it is given at those that are named."""
    item, first = variant["inventoryItem"], primary(state)
    if "levels" not in item and not variant["sku"] and not units and first is None:
        return
    if units or "levels" not in item:
        item.setdefault(
            "levels", {} if units else {number(first["id"]): variant["inventoryQuantity"]} if first else {}
        )
        item["levels"] |= {number(place): many for place, many in units.items()}
    variant["inventoryQuantity"] = sum(levels(state, item).values())


def _change(variant: Thing, each: Arguments, names: Sequence[str]) -> None:
    for name in ("price", "compareAtPrice"):
        if name in each:
            variant[name] = None if each[name] is None else f"{Decimal(str(each[name])):.2f}"
    for name in ("barcode", "sku", "taxable", "inventoryPolicy"):
        if name in each:
            variant[name] = each[name]
    if each.get("optionValues"):
        given = dict(_values(each["optionValues"]))
        variant["selectedOptions"] = [{"name": name, "value": given[name]} for name in names if name in given]
        variant["title"] = variant["displayName"] = " / ".join(
            option["value"] for option in variant["selectedOptions"]
        )
    _change_item(variant, each.get("inventoryItem") or {})


def _change_item(variant: Thing, given: Arguments) -> None:
    item = variant["inventoryItem"]
    if "sku" in given:
        variant["sku"] = given["sku"]
    if given.get("tracked") is not None:
        item["tracked"] = given["tracked"]
    weight = (given.get("measurement") or {}).get("weight")
    if weight:
        item["measurement"] = {**item["measurement"], "weight": dict(weight)}


def _placed(product: Thing) -> None:
    for at, variant in enumerate(product["variants"], 1):
        variant["position"] = at


def _values(given: Sequence[Arguments]) -> Values:
    return tuple((str(each.get("optionName") or ""), str(each.get("name") or "")) for each in given)


def _key(values: Values) -> frozenset[tuple[str, str]]:
    return frozenset(values)


def _chosen(variant: Thing) -> frozenset[tuple[str, str]]:
    return frozenset((each["name"], each["value"]) for each in variant["selectedOptions"])


def _label(values: Values) -> str:
    return " / ".join(value for _, value in values)


def _error(field: str, code: str, message: str) -> Thing:
    return {"__typename": "ProductSetUserError", "field": ["input", field], "code": code, "message": message}


def _bulk(field: str, code: str, message: str) -> Thing:
    return {"field": field.split("."), "code": code, "message": message}


def _payload(errors: Sequence[Thing]) -> dict[str, Any]:
    return {"product": None, "productVariants": None, "userErrors": list(errors)}
