"""Who is asking, what they may do, and what a route works with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Depends, Request, Response

from passerelle.api.problems import Problem, absent, refused
from passerelle.runtime import Runtime, runtime
from passerelle.store.repositories import Repositories
from passerelle.sync.river import River

LARGEST = 1_400_000
"""Characters of a body as the gateway hands it over: 1 MB in base64."""

type Needs = list[dict[str, list[str]]]
"""What a route says it needs: OpenAPI shows it, and `guard` enforces it."""

READ: Needs = [{"key": ["read"]}]
SYNC: Needs = [{"key": ["sync"]}]
ADMIN: Needs = [{"key": ["admin"]}]
OPERATOR: Needs = [{"operator": []}]


@dataclass(frozen=True, slots=True)
class Caller:
    """The key behind a request: its tenant, its id, what it may do. An operator has no tenant."""

    tenant: str
    key: str
    scopes: frozenset[str]
    operator: bool

    @classmethod
    def of(cls, request_context: Mapping[str, Any]) -> "Caller":
        """Read what the authorizer, or the gateway's own check of a signed request, left in the event."""
        told = request_context.get("authorizer") or {}
        identity = request_context.get("identity") or {}
        tenant = str(told.get("tenant") or "")
        return cls(
            tenant=tenant,
            key=str(told.get("key") or ""),
            scopes=frozenset(str(told.get("scopes") or "").split()),
            operator=bool(identity.get("userArn")) and not tenant,
        )


def require(needs: Needs | None, caller: Caller) -> None:
    """Raise unless the caller has what the route needs."""
    if not needs:
        return
    need = needs[0]
    if "operator" in need:
        if not caller.operator:
            raise _lacking(
                "operator", "This is for the operator of the service", "Sign the request with AWS IAM."
            )
        return
    if not caller.tenant:
        raise Problem(
            401, "unauthorized", "The request has no valid key", remedy="Send a key as a Bearer token."
        )
    for scope in need["key"]:
        if scope not in caller.scopes:
            raise _lacking(
                scope, f"The key lacks the scope {scope}", f"Use a key that has the scope {scope}."
            )


def _lacking(scope: str, why: str, remedy: str) -> Problem:
    return Problem(403, "scope_missing", why, detail=f"This route needs: {scope}.", remedy=remedy)


def guard(app: APIGatewayRestResolver, following: Callable[..., Response[Any]]) -> Response[Any]:
    """Let a request pass if its caller may, and put the correlation id on the answer."""
    event = app.current_event.raw_event
    if len(event.get("body") or "") > LARGEST:
        raise Problem(413, "too_large", "The request is larger than 1 MB", remedy="Send less at a time.")
    caller = Caller.of(event["requestContext"])
    route = app.context["_route"]
    require(route.security, caller)
    if route.security:
        _know(
            set(event.get("queryStringParameters") or ()),
            {field.alias for field in route.dependant.query_params},
        )
    app.context.update(
        caller=caller, lambda_context=app.lambda_context, hooks_at=own_address(event) + "/hooks"
    )
    response = following(app)
    response.headers.setdefault("X-Correlation-Id", event["requestContext"].get("requestId") or "")
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def _know(given: set[str], known: set[str]) -> None:
    """Refuse a query parameter that the route does not know: a misspelt filter must not answer everything."""
    for name in sorted(given - known):
        allowed = f"one of: {', '.join(sorted(known))}" if known else "no query parameters"
        raise refused(name, "invalid_request", "The query has a parameter that is not known here", allowed)


@dataclass(frozen=True, slots=True)
class Here:
    """What a route works with. `memory` is opened for the caller's tenant and cannot see another's."""

    runtime: Runtime
    caller: Caller
    lambda_context: Any
    hooks_at: str
    """Where webhooks knock: this API's own address, as the caller reached it, and /hooks."""

    @property
    def memory(self) -> Repositories:
        """The caller's own tenant, store, link, feed and run records."""
        return self.runtime.repositories(self.caller.tenant)

    def audit(
        self,
        action: str,
        target: str,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
    ) -> None:
        """Leave a line in the audit trail: a change of a setting, or a destructive act (G-11). Never a secret."""
        self.memory.audit.record(self.caller.key, action, target, before, after)

    @property
    def river(self) -> River:
        """What starts, stops and asks after syncs of the caller's tenant."""
        return self.runtime.river(self.caller.tenant)


def here(request: Request, composed: Annotated[Runtime, Depends(runtime)]) -> Here:
    """Bring together what `guard` found out and the runtime."""
    told = request.context
    return Here(composed, told["caller"], told["lambda_context"], told["hooks_at"])


def own_address(event: Mapping[str, Any]) -> str:
    """Where the caller reached this API: https://…, with the stage where the gateway's own host name was used."""
    context = event["requestContext"]
    domain = context.get("domainName")
    if not domain:
        # The emulator names no domain; its host name is mapped to the stage.
        return "http://" + next(
            (v for k, v in (event.get("headers") or {}).items() if k.lower() == "host"), ""
        )
    prefix = str(context.get("path", "")).removesuffix(str(event["path"]))
    return f"https://{domain}{prefix}"


type Found[T] = Callable[[str], T]


def found[T](read: Found[T], id: str, noun: str) -> T:
    """Read one record of the caller's tenant, or answer 404."""
    try:
        return read(id)
    except KeyError:
        raise absent(noun) from None


Now = Annotated[Here, Depends(here)]
