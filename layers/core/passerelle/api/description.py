"""The API's own description: OpenAPI 3.1 generated from the routes, and a page to browse it."""

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
from aws_lambda_powertools.event_handler.openapi.models import APIKey, HTTPBearer

TITLE = "Passerelle"
VERSION = "1.0.0"
WORDS = (
    "Keeps shops, an audience and vendors' shops in step. Every error is a problem document (RFC 9457) with a code, "
    "a remedy and a correlation id; lists have cursors; manual triggers take an Idempotency-Key."
)


def install(app: APIGatewayRestResolver) -> None:
    """Serve /openapi.json and /docs; the page brings its scripts along, nothing is fetched from elsewhere."""
    app.configure_openapi(
        title=TITLE,
        version=VERSION,
        openapi_version="3.1.0",
        description=WORDS,
        security_schemes={
            "key": HTTPBearer(scheme="bearer", description="An API key with the scope that the route names."),
            "operator": APIKey.model_validate(
                {
                    "name": "Authorization",
                    "in": "header",
                    "description": "AWS Signature Version 4 of an operator.",
                }
            ),
        },
    )

    @app.get("/openapi.json", include_in_schema=False, compress=True)
    def _described() -> Response[str]:
        return Response(
            200, "application/json", app.get_openapi_json_schema(), {"Cache-Control": "max-age=300"}
        )

    app.enable_swagger(path="/docs", title=TITLE, version=VERSION, compress=True, persist_authorization=False)
