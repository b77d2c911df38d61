"""The API's own description: OpenAPI 3.1 generated from the routes, and a page to browse it."""

from functools import cache
from importlib.resources import files
from typing import Any

import orjson
from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response

from passerelle.api.problems import MEDIA_TYPE, ProblemDocument

TITLE = "Passerelle"
VERSION = "1.0.0"
WORDS = (
    "Keeps shops, an audience and vendors' shops in step. Every error is a problem document (RFC 9457) with a code, "
    "a remedy and a correlation id; lists have cursors; manual triggers take an Idempotency-Key."
)
KEYS: Any = {
    "key": {
        "type": "http",
        "scheme": "bearer",
        "description": "An API key with the scope that the route names.",
    },
    "operator": {
        "type": "apiKey",
        "name": "Authorization",
        "in": "header",
        "description": "AWS Signature Version 4 of an operator.",
    },
}
"""Plain values: the library's models of OpenAPI take 0.1 s to import, which no other request needs."""
REFUSALS = {
    "4XX": "What was asked cannot be done; the problem says why.",
    "5XX": "Our side, or a platform, failed.",
}


def install(app: APIGatewayRestResolver) -> None:
    """Serve /openapi.json and /docs."""

    @cache
    def text() -> str:
        return orjson.dumps(described(app)).decode()

    @app.get("/openapi.json", include_in_schema=False, compress=True)
    def _schema() -> Response[str]:
        return Response(200, "application/json", text())

    @app.get("/docs", include_in_schema=False, compress=True)
    def _page() -> Response[str]:
        return Response(200, "text/html; charset=utf-8", page(text()))


def described(app: APIGatewayRestResolver) -> dict[str, Any]:
    """The description, with the refusals as they are: problem documents."""
    document: dict[str, Any] = orjson.loads(
        app.get_openapi_json_schema(
            title=TITLE, version=VERSION, openapi_version="3.1.0", description=WORDS, security_schemes=KEYS
        )
    )
    # Beside this document, wherever the API is mounted: with or without the gateway's stage in its path.
    document["servers"] = [{"url": "./"}]
    problem = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}}
    for path in document["paths"].values():
        for operation in path.values():
            kept = {code: told for code, told in operation["responses"].items() if code.startswith("2")}
            refusals = {code: {"description": why, "content": problem} for code, why in REFUSALS.items()}
            operation["responses"] = kept | refusals
    schemas = document["components"]["schemas"]
    for unused in ("HTTPValidationError", "ValidationError", "ResponseValidationError"):
        schemas.pop(unused, None)
    schema = ProblemDocument.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= schema.pop("$defs", {}) | {"ProblemDocument": schema}
    return document


def page(document: str) -> str:
    """A page that shows the description and can try it out."""
    held = files("aws_lambda_powertools.event_handler").joinpath("openapi", "swagger_ui")
    style = held.joinpath("swagger-ui.min.css").read_text("utf-8")
    script = held.joinpath("swagger-ui-bundle.min.js").read_text("utf-8")
    # A document that holds </script> would end the script it stands in.
    return PAGE.format(title=TITLE, style=style, script=script, document=document.replace("</", "<\\/"))


PAGE = """<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>{title}</title><style>{style}</style></head>
<body>
<div id="page"></div>
<script>{script}</script>
<script>
const ui = SwaggerUIBundle({{dom_id: "#page", spec: {document}, deepLinking: true, filter: true}});
ui.specActions.updateUrl(new URL("openapi.json", window.location.href).href);
</script>
</body>
</html>
"""
"""Style, script and description all stand in the page: nothing is fetched from elsewhere."""
