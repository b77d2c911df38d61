"""What Magento says when it refuses: a message with placeholders, and what belongs in them."""

from collections.abc import Mapping, Sequence
from typing import Any

type Parameters = Mapping[str, Any] | Sequence[Any] | None


class RefusalError(Exception):
    """An answer other than 2xx."""

    def __init__(self, status: int, message: str, parameters: Parameters = None) -> None:
        super().__init__(message)
        self.status, self.message, self.parameters = status, message, parameters

    @property
    def body(self) -> dict[str, Any]:
        """The answer as Magento writes it."""
        told: dict[str, Any] = {"message": self.message}
        return told if self.parameters is None else told | {"parameters": self.parameters}

    @property
    def filled(self) -> str:
        """The message with its placeholders filled, as the queue's operations tell it."""
        text, given = self.message, self.parameters
        pairs = given.items() if isinstance(given, Mapping) else enumerate(given or (), 1)
        for name, value in pairs:
            text = text.replace(f"%{name}", str(value))
        return text


def required(field: str) -> RefusalError:
    """A part of the request that is not there."""
    return RefusalError(400, '"%fieldName" is required. Enter and try again.', {"fieldName": field})


def unauthorized(resource: str) -> RefusalError:
    """No token, a bad token and a missing right are worded alike."""
    message = "The consumer isn't authorized to access %resources."
    return RefusalError(401, message, {"resources": resource})


def number_of(value: Any, field: str) -> float | int:
    """A number as Magento reads it from JSON."""
    if isinstance(value, bool) or value is None:
        return int(bool(value))
    try:
        given = float(value)
    except (TypeError, ValueError):
        message = (
            f'Error occurred during "{field}" processing. The "{value}" value\'s type is invalid. '
            'The "float" type was expected. Verify and try again.'
        )
        raise RefusalError(400, message) from None
    return plain(given)


def plain(value: float) -> float | int:
    """PHP writes 15.0 as 15."""
    return int(value) if value == int(value) else round(value, 4)
