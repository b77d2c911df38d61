"""The bodies of webhooks: REST-shaped, snake case, numeric ids, money as text."""

from typing import Any

from sandbox.shopify.state import Thing


def _id(thing: Thing) -> int:
    return int(thing["legacyResourceId"])


def product_body(product: Thing) -> dict[str, Any]:
    """The body of products/create and products/update."""
    return {
        "id": _id(product),
        "title": product["title"],
        "body_html": product["descriptionHtml"],
        "vendor": product["vendor"],
        "product_type": product["productType"],
        "handle": product["handle"],
        "status": product["status"].lower(),
        "tags": ", ".join(product["tags"]),
        "created_at": product["createdAt"],
        "updated_at": product["updatedAt"],
        "variants": [_variant(each, product) for each in product["variants"]],
        "admin_graphql_api_id": product["id"],
    }


def _variant(variant: Thing, product: Thing) -> dict[str, Any]:
    return {
        "id": _id(variant),
        "product_id": _id(product),
        "title": variant["title"],
        "price": variant["price"],
        "sku": variant["sku"],
        "inventory_quantity": variant["inventoryQuantity"],
        "updated_at": variant["updatedAt"],
    }


def customer_body(customer: Thing) -> dict[str, Any]:
    """The body of customers/create and customers/update."""
    email = customer["defaultEmailAddress"]
    return {
        "id": _id(customer),
        "email": customer["email"],
        "first_name": customer["firstName"],
        "last_name": customer["lastName"],
        "phone": customer["phone"],
        "state": customer["state"].lower(),
        "tags": ", ".join(customer["tags"]),
        "created_at": customer["createdAt"],
        "updated_at": customer["updatedAt"],
        "email_marketing_consent": _consent(email) if email else None,
        "admin_graphql_api_id": customer["id"],
    }


def customer_consent_body(customer: Thing) -> dict[str, Any]:
    """The body of customers_email_marketing_consent/update."""
    return {
        "customer_id": _id(customer),
        "email_address": customer["email"],
        "email_marketing_consent": _consent(customer["defaultEmailAddress"]),
    }


def _consent(email: Thing) -> dict[str, Any]:
    return {
        "state": email["marketingState"].lower(),
        "opt_in_level": (email["marketingOptInLevel"] or "").lower() or None,
        "consent_updated_at": email["marketingUpdatedAt"],
    }


def order_body(order: Thing) -> dict[str, Any]:
    """The body of orders/create, orders/updated and their like."""
    return {
        "id": _id(order),
        "name": order["name"],
        "email": order["email"],
        "created_at": order["createdAt"],
        "updated_at": order["updatedAt"],
        "processed_at": order["processedAt"],
        "cancelled_at": order["cancelledAt"],
        "financial_status": (order["displayFinancialStatus"] or "").lower(),
        "total_price": order["totalPriceSet"],
        "customer": {"id": order["customer_id"]} if order["customer_id"] else None,
        "line_items": [_line(each) for each in order["lineItems"]],
        "admin_graphql_api_id": order["id"],
    }


def _line(line: Thing) -> dict[str, Any]:
    return {
        "product_id": line["product_id"],
        "variant_id": line["variant_id"],
        "title": line["title"],
        "quantity": line["quantity"],
        "sku": line["sku"],
    }


def checkout_body(checkout: Thing) -> dict[str, Any]:
    """The body of checkouts/create and checkouts/update."""
    return {
        "id": _id(checkout),
        "token": f"token-{_id(checkout)}",
        "email": checkout["email"],
        "created_at": checkout["createdAt"],
        "updated_at": checkout["updatedAt"],
        "completed_at": checkout["completedAt"],
        "abandoned_checkout_url": checkout["abandonedCheckoutUrl"],
        "line_items": [_line(each) for each in checkout["lineItems"]],
    }


BODIES = {
    "Product": product_body,
    "Customer": customer_body,
    "Order": order_body,
    "AbandonedCheckout": checkout_body,
}
WORDS = {"Product": "products", "Customer": "customers", "Order": "orders", "AbandonedCheckout": "checkouts"}
"""The first half of a topic."""
CHANGED = {"Product": "update", "Customer": "update", "Order": "updated", "AbandonedCheckout": "update"}
"""The second half of a topic for a change."""
