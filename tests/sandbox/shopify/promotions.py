"""Generated code discounts: of one code or of thousands, of every type that takes something off."""

from typing import Any

from sandbox.shopify.sample import EPOCH
from sandbox.shopify.state import Thing, gid, stamp

FIRST_DISCOUNT, CODES_APART = 3_000, 100_000


def discount(place: int, codes: int = 1, *, worth: str = "10%", kind: str = "Basic", **more: Any) -> Thing:
    """The discount at a place. `worth`: a share (10%), an amount (5.00 of the order, 5.00 each), or a gift (2+10%)."""
    number = FIRST_DISCOUNT + place
    told: Thing = {
        "__typename": f"DiscountCode{kind}",
        "title": f"Discount {place}",
        "status": "ACTIVE",
        "startsAt": stamp(EPOCH),
        "endsAt": None,
        "createdAt": stamp(EPOCH),
        "updatedAt": stamp(EPOCH),
        "codes": [code(number, each) for each in range(codes)],
    }
    if kind in {"Basic", "Bxgy"}:
        everything = kind == "Basic" and not worth.endswith(" each")
        told["customerGets"] = {
            "items": {"__typename": "AllDiscountItems" if everything else "DiscountProducts"},
            "value": _worth(worth),
        }
    return {
        "__typename": "DiscountCodeNode",
        "id": gid("DiscountCodeNode", number),
        "legacyResourceId": str(number),
        "codeDiscount": {**told, **more},
    }


def code(discount: int, place: int) -> Thing:
    """The code at a place in a discount."""
    number = discount * CODES_APART + place
    return {
        "__typename": "DiscountRedeemCode",
        "id": gid("DiscountRedeemCode", number),
        "legacyResourceId": str(number),
        "code": f"CODE-{discount}-{place}",
        "asyncUsageCount": place % 3,
    }


def _worth(worth: str) -> Thing:
    gift, _, rest = worth.rpartition("+")
    amount, _, each = rest.partition(" ")
    effect: Thing = (
        {"__typename": "DiscountPercentage", "percentage": float(amount[:-1]) / 100}
        if amount.endswith("%")
        else {"__typename": "DiscountAmount", "amount": amount, "appliesOnEachItem": bool(each)}
    )
    if not gift:
        return effect
    return {"__typename": "DiscountOnQuantity", "quantity": {"quantity": gift}, "effect": effect}
