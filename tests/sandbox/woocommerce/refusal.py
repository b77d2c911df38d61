"""A refusal as WooCommerce words it: code, message, status, further data."""

from typing import Any


class RefusalError(Exception):
    """Something the shop refuses."""

    def __init__(self, code: str, message: str, status: int, **data: Any) -> None:
        super().__init__(message)
        self.code, self.message, self.status, self.data = code, message, status, data

    @property
    def body(self) -> dict[str, Any]:
        """The JSON that tells it."""
        return {"code": self.code, "message": self.message, "data": {"status": self.status, **self.data}}


def unknown(resource: str, status: int = 404) -> RefusalError:
    """An id that is nobody's; a write to one is a 400."""
    if resource == "customer":
        return RefusalError("wc_user_invalid_id", "Invalid user ID.", 404)
    return RefusalError(f"woocommerce_rest_{resource}_invalid_id", "Invalid ID.", status)


def unlisted() -> RefusalError:
    """Nobody is signed in."""
    return RefusalError("woocommerce_rest_cannot_view", "Sorry, you cannot list resources.", 401)


def unauthentic(message: str) -> RefusalError:
    """Credentials that are wrong."""
    return RefusalError("woocommerce_rest_authentication_error", message, 401)


def no_route() -> RefusalError:
    """An address where nothing is."""
    return RefusalError("rest_no_route", "No route was found matching the URL and request method.", 404)
