"""Customers: written, told.

Source: https://woocommerce.github.io/woocommerce-rest-api-docs/#customers (recorded on 10.0.2). The shop refuses an
e-mail in use and says it aloud; a customer goes away only by force.
"""

import hashlib
import re

from sandbox.woocommerce.refusal import RefusalError, unknown
from sandbox.woocommerce.state import Row, State
from sandbox.woocommerce.telling import EVERYTHING, Teller

BILLING = (
    *("first_name", "last_name", "company", "address_1", "address_2", "city", "postcode", "country", "state"),
    *("email", "phone"),
)
SHIPPING = tuple(name for name in BILLING if name != "email")
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")


class People:
    """Writes and tells customers."""

    def __init__(self, state: State, teller: Teller) -> None:
        self._state, self._teller = state, teller

    def make(self, given: Row, role: str = "customer") -> Row:
        """A new customer. Raises RefusalError."""
        state, email = self._state, str(given.get("email", ""))
        self._acceptable(email, 0)
        now = state.now()
        row: Row = {"id": next(state.user_ids), "email": email, "role": role, "date_created": now}
        row |= {"date_modified": now, "first_name": "", "last_name": "", "is_paying_customer": False}
        row |= {"username": self._username(str(given.get("username") or email.partition("@")[0]))}
        row |= {
            "billing": dict.fromkeys(BILLING, ""),
            "shipping": dict.fromkeys(SHIPPING, ""),
            "meta_data": [],
        }
        state.customers[row["id"]] = row
        self._write(row, given)
        if not given.get("password"):
            row["meta_data"] = state.meta([{"key": "default_password_nag", "value": "1"}], row["meta_data"])
        state.tell("customer.created", row["id"])
        return row

    def change(self, row: Row, given: Row) -> Row:
        """A write to a customer. Raises RefusalError."""
        if "email" in given:
            self._acceptable(str(given["email"]), row["id"])
        self._write(row, given)
        row["date_modified"] = self._state.now()
        self._state.tell("customer.updated", row["id"])
        return row

    def remove(self, row: Row, *, force: bool) -> None:
        """Away for good. Raises RefusalError."""
        if not force:
            message = "Customers do not support trashing."
            raise RefusalError("woocommerce_rest_trash_not_supported", message, 501)
        del self._state.customers[row["id"]]
        if row["role"] == "customer":
            self._state.tell("customer.deleted", row["id"])

    def found(self, id: int) -> Row:
        """A customer by id. Raises RefusalError."""
        if id not in self._state.customers:
            raise unknown("customer")
        return self._state.customers[id]

    def told(self, row: Row) -> Row:
        """A customer in JSON."""
        digest = hashlib.sha256(row["email"].lower().encode()).hexdigest()
        allow = EVERYTHING if row["role"] == "customer" else EVERYTHING[:-1]
        return {
            "id": row["id"],
            **self._state.dates(row, "date_created", "date_modified"),
            **{key: row[key] for key in ("email", "first_name", "last_name", "role", "username")},
            "billing": row["billing"],
            "shipping": row["shipping"],
            "is_paying_customer": row["is_paying_customer"],
            "avatar_url": f"https://secure.gravatar.com/avatar/{digest}?s=96&d=mm&r=g",
            "meta_data": row["meta_data"],
            "_links": self._teller.links("customers", id=row["id"], allow=allow),
        }

    def _acceptable(self, email: str, own: int) -> None:
        if not EMAIL.fullmatch(email):
            raise RefusalError("customer_invalid_email", "Invalid email address", 400)
        if any(
            row["email"].lower() == email.lower() and id != own for id, row in self._state.customers.items()
        ):
            message = f"An account is already registered with {email}. Please log in or use a different email address."
            raise RefusalError("registration-error-email-exists", message, 400)

    def _username(self, wanted: str) -> str:
        taken = {row.get("username") for row in self._state.customers.values()}
        number, found = 1, wanted
        while found in taken:
            number += 1
            found = f"{wanted}{number}"
        return found

    def _write(self, row: Row, given: Row) -> None:
        row |= {key: str(given[key]) for key in ("email", "first_name", "last_name") if key in given}
        for part, names in (("billing", BILLING), ("shipping", SHIPPING)):
            told = given.get(part) or {}
            row[part] = row[part] | {key: str(value) for key, value in told.items() if key in names}
        if "meta_data" in given:
            row["meta_data"] = self._state.meta(given["meta_data"], row["meta_data"])
