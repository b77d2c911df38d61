"""Repair: two things that AWS takes from an API's description and the emulator leaves.

Its gateway responses are taken over, and a `~1` in a binary media type is the slash that it stands for.
"""

from typing import Any

from ministack.services import apigateway_v1

GATEWAY_RESPONSES = "x-amazon-apigateway-gateway-responses"

_import = apigateway_v1._import_rest_api


def apply() -> None:
    """Put the repair in the way of every import."""
    apigateway_v1._import_rest_api = import_rest_api


def import_rest_api(spec: dict[str, Any], base_data: dict[str, Any] | None = None) -> str:
    """Import the API whole; answers its id."""
    types = [each.replace("~1", "/") for each in (base_data or {}).get("binaryMediaTypes") or ()]
    api = _import(spec, {**(base_data or {}), "binaryMediaTypes": types})
    for kind, response in (spec.get(GATEWAY_RESPONSES) or {}).items():
        status, _, body = apigateway_v1._put_gateway_response(api, kind, response)
        if status >= 400:
            raise ValueError(f"Gateway response {kind}: {body!r}")
    return str(api)
