"""What a sync left behind in the world, in a form in which two worlds can be compared."""

from collections.abc import Mapping
from typing import Any

from sandbox.mailchimp import Account
from sandbox.prestashop import Shop as PrestaShop
from sandbox.shopify import Shop as Shopify

OWN_TIME = frozenset({"last_changed", "timestamp_opt", "updated_at", "created_at"})
"""Fields that tell when something was written, not what."""


def audience(account: Account) -> dict[str, Any]:
    """Members with their status and profile, and to whom a confirmation was sent."""
    members = account.audience.members.values()
    return {
        "members": {
            member.email: (member.status, dict(sorted(member.merge_fields.items())), member.language)
            for member in members
        },
        "confirmations": sorted(account.audience.confirmations),
    }


def goods(account: Account) -> dict[str, Any]:
    """What the e-commerce stores hold, whether they are marked as syncing, and the automations they started."""
    held: dict[str, Any] = {"automations": sorted(account.automations_started)}
    for place, store in enumerate(account.stores.values()):
        held[f"syncing {place}"] = store.data["is_syncing"]
        for name in ("products", "customers", "orders", "carts", "promo_rules", "promo_codes"):
            held[f"{name} {place}"] = {key: _plain(thing) for key, thing in getattr(store, name).items()}
    return held


def consents(shop: Any) -> dict[str, str]:
    """Customer → consent to e-mail marketing; PrestaShop keeps whether they want the newsletter, or ever did.

    Other simulators tell it by a `consents` of their own.
    """
    if isinstance(shop, PrestaShop):
        rows = shop.state.customers.rows.items()
        return {
            str(id): f"{row['newsletter']}, {not row['newsletter_date_add'].startswith('0000')}"
            for id, row in rows
        }
    if not isinstance(shop, Shopify):
        return dict(shop.consents())
    people = shop.state.shelf("Customer").things.values()
    return {
        person["id"]: person["defaultEmailAddress"]["marketingState"]
        for person in people
        if person["defaultEmailAddress"]
    }


def behind(shop: Any, account: Account) -> dict[str, Any]:
    """Everything at both ends."""
    return {**audience(account), **goods(account), "consents": consents(shop)}


def _plain(thing: Mapping[str, Any]) -> dict[str, Any]:
    plain = {key: value for key, value in sorted(thing.items()) if key not in OWN_TIME}
    if "lines" in plain:
        # A cart's lines are numbered when it is made; a change of it may not name the numbers.
        plain["lines"] = [{k: v for k, v in line.items() if k != "id"} for line in plain["lines"]]
    return plain
