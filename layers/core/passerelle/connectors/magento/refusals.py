"""What Magento's refusals mean.

Source: https://developer.adobe.com/commerce/webapi/get-started/gs-web-api-response/. A refusal is a `message` with
placeholders and their `parameters`, a map or a list. A bad token and a missing right are both 401 with one message
(recorded on 2.4.7), so who is refused asks elsewhere before telling which it was.
"""

import re
from collections.abc import Mapping
from typing import Any

import httpx
import orjson

from passerelle.port import CredentialsRefused, Rejected

ROLES_WHERE = "Open System › Integrations in the shop's admin, edit the integration's API access, and activate it again."
TOO_LONG_PAGE = "magento_page_too_large"
TOO_MANY = "magento_too_many"
_LIMITS = {
    re.compile(r"Maximum SearchCriteria pageSize is (\d+)"): TOO_LONG_PAGE,
    re.compile(r'Maximum items of type ".*" is (\d+)'): TOO_MANY,
}


class Limited(Rejected):
    """The shop's input limits allow less in one call; `most` says how much."""

    def __init__(self, why: str, code: str, most: int) -> None:
        super().__init__(why, "Nothing to do: less is asked for at once.", code)
        self.most = most


def told(response: httpx.Response) -> tuple[str, str]:
    """(the message with its placeholders filled, the resource that is missing); no text holds an e-mail."""
    try:
        body = orjson.loads(response.content)
        message, parameters = str(body["message"]), body.get("parameters")
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
        return "", ""
    resource = str(parameters.get("resources", "")) if isinstance(parameters, Mapping) else ""
    return worded(message, parameters), resource


def worded(message: str, parameters: Any = None) -> str:
    """A message as a person may read it."""
    named = parameters.items() if isinstance(parameters, Mapping) else enumerate(parameters or (), 1)
    # The longest name first: %fieldNameX is not %fieldName.
    for name, value in sorted(((str(n), str(v)) for n, v in named), key=lambda pair: -len(pair[0])):
        message = message.replace(f"%{name}", value)
    return re.sub(r"[^\s\"']+@[^\s\"']+", "…", message)[:200]


def refusal(name: str, response: httpx.Response) -> Exception:
    """The error of an answer other than 2xx, save for 401 that names a resource."""
    message, _ = told(response)
    for pattern, code in _LIMITS.items():
        found = pattern.search(message)
        if found:
            return Limited(f"The shop's input limits allow {found[1]} at {name}.", code, int(found[1]))
    if response.status_code in {401, 403}:
        why = f"The shop refuses the credentials: {message or response.status_code}"
        return CredentialsRefused(why, "Activate the integration again, or give new credentials.")
    if response.status_code == 404 and "match any route" in message:
        return Rejected(f"The shop has no {name}.", "Look which modules are enabled.", "no_route", 404)
    why = f"The shop refuses {name}: {message or f'status {response.status_code}'}"
    return Rejected(why, "Correct the object in the shop.", "magento_refused", response.status_code)
