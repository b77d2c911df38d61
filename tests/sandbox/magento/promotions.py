"""Price rules of the cart and their coupons."""

from typing import Any

from sandbox.magento.state import Row, State


def rule_value(row: Row, field: str) -> Any:
    """What a filter sees of a rule."""
    return row.get(field)


def add(state: State, code: str, **rule: Any) -> Row:
    """A rule with one coupon; answers the coupon."""
    number = state.number("rule")
    state.rules[number] = {
        "rule_id": number,
        "name": rule.pop("name", code),
        "store_labels": [],
        "website_ids": [1],
        "customer_group_ids": [0, 1, 2, 3],
        "uses_per_customer": 0,
        "is_active": rule.pop("is_active", True),
        "stop_rules_processing": False,
        "is_advanced": True,
        "sort_order": 0,
        "simple_action": rule.pop("simple_action", "by_percent"),
        "discount_amount": rule.pop("discount_amount", 10),
        "discount_step": 0,
        "apply_to_shipping": False,
        "times_used": 0,
        "is_rss": False,
        "coupon_type": "SPECIFIC_COUPON",
        "use_auto_generation": False,
        "uses_per_coupon": 0,
        "simple_free_shipping": rule.pop("simple_free_shipping", "0"),
        **rule,
    }
    coupon = {"coupon_id": state.number("coupon"), "rule_id": number, "code": code, "times_used": 0}
    coupon |= {"usage_per_customer": 0, "is_primary": True, "created_at": state.now(), "type": 0}
    state.coupons[coupon["coupon_id"]] = coupon
    return coupon
