"""Bulk mutations: staged uploads, their rules, and a result with a line for each line that was worked on.

Source: https://shopify.dev/docs/api/usage/bulk-operations/imports
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from graphql import FieldNode
from werkzeug.wrappers import Request, Response

from sandbox.shopify.asked import InvalidError, understand
from sandbox.shopify.project import Projector, Resolver
from sandbox.shopify.refusal import RefusedError
from sandbox.shopify.state import State, Thing, gid
from sandbox.shopify.world import World

type Arguments = Mapping[str, Any]

AT_ONCE, HEAVIEST = 5, 100 * 1024 * 1024
PATH = "/_staged/"
"""On a real shop this is another host's; here one address has to do."""
POLICY = "eyJjb25kaXRpb25zIjpbXX0="


def stage(world: World, _: object, arguments: Arguments) -> dict[str, Any]:
    """`stagedUploadsCreate`: where to put a file, and what to send with it."""
    targets, errors = [], []
    for at, each in enumerate(arguments["input"]):
        if each["resource"] != "BULK_MUTATION_VARIABLES" or each["mimeType"] != "text/jsonl":
            errors.append(
                {"field": ["input", str(at), "mimeType"], "message": "the simulator takes JSONL only"}
            )
            continue
        if each.get("httpMethod") != "POST":
            errors.append({"field": ["input", str(at), "httpMethod"], "message": "httpMethod must be POST"})
            continue
        key = f"tmp/1/bulk/{world.state.fresh()}/{each['filename']}"
        world.state.staged[key] = None
        fields = {
            "key": key,
            "Content-Type": each["mimeType"],
            "success_action_status": "201",
            "acl": "private",
        }
        fields["policy"] = POLICY
        parameters = [{"name": name, "value": value} for name, value in fields.items()]
        targets.append({"url": world.address + PATH, "resourceUrl": None, "parameters": parameters})
    return {"stagedTargets": None if errors else targets, "userErrors": errors}


def take(state: State, request: Request) -> Response:
    """The storage: a multipart form with every field that was given out, then the file."""
    key, file = request.form.get("key", ""), request.files.get("file")
    if key not in state.staged or request.form.get("policy") != POLICY or file is None:
        return Response("<Error><Code>AccessDenied</Code></Error>", 403, content_type="application/xml")
    body = file.read()
    if len(body) > HEAVIEST:
        return Response("<Error><Code>EntityTooLarge</Code></Error>", 400, content_type="application/xml")
    state.staged[key] = body
    return Response(f"<PostResponse><Key>{key}</Key></PostResponse>", 201, content_type="application/xml")


def runner(resolvers: Callable[[], Mapping[tuple[str, str], Resolver]]) -> Resolver:
    """`bulkOperationRunMutation`, over the mutations that there are."""

    def run(world: World, _: object, arguments: Arguments) -> dict[str, Any]:
        code = _broken(world, arguments)
        if code:
            error = {"field": None, "message": code.replace("_", " ").capitalize(), "code": code}
            return {"bulkOperation": None, "userErrors": [error]}
        fresh = world.state.fresh()
        made = _operation(fresh, arguments["mutation"], world)
        made["ending"] = _ending(world, arguments, fresh, resolvers())
        world.state.shelf("BulkOperation").put(made)
        return {"bulkOperation": made, "userErrors": []}

    return run


def _broken(world: World, arguments: Arguments) -> str:
    running = [
        each
        for each in world.state.shelf("BulkOperation").things.values()
        if each["type"] == "MUTATION" and each["status"] in {"CREATED", "RUNNING"}
    ]
    if len(running) >= AT_ONCE:
        return "LIMIT_REACHED"
    body = world.state.staged.get(arguments["stagedUploadPath"])
    if body is None:
        return "NO_SUCH_FILE"
    lines = body.decode().splitlines()
    try:
        for line in lines:
            if not isinstance(json.loads(line), dict):
                return "INVALID_STAGED_UPLOAD_FILE"
        operation = understand(arguments["mutation"], json.loads(lines[0]) if lines else {})
    except ValueError:
        return "INVALID_STAGED_UPLOAD_FILE"
    except InvalidError:
        return "INVALID_MUTATION"
    roots = operation.node.selection_set.selections
    is_one = operation.is_mutation and len(roots) == 1 and isinstance(roots[0], FieldNode)
    return "" if lines and is_one else "INVALID_MUTATION"


def _operation(fresh: int, mutation: str, world: World) -> Thing:
    return {
        "__typename": "BulkOperation",
        "id": gid("BulkOperation", fresh),
        "legacyResourceId": str(fresh),
        "status": "CREATED",
        "type": "MUTATION",
        "errorCode": None,
        "createdAt": world.state.now(),
        "completedAt": None,
        "fileSize": None,
        "objectCount": "0",
        "rootObjectCount": "0",
        "partialDataUrl": None,
        "url": None,
        "query": mutation,
        "polls_left": world.bulk_polls,
    }


def _ending(
    world: World, arguments: Arguments, fresh: int, resolvers: Mapping[tuple[str, str], Resolver]
) -> Thing:
    """All lines are worked on, or as many as `import_stops_after` says, and the file is partial."""
    body = world.state.staged[arguments["stagedUploadPath"]] or b""
    lines = body.decode().splitlines()
    stops = world.state.import_stops_after
    done = [_line(world, arguments["mutation"], line, at, resolvers) for at, line in enumerate(lines[:stops])]
    name = f"bulk-{fresh}.jsonl"
    world.state.files[name] = "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in done).encode()
    ended = {
        "completedAt": world.state.now(),
        "fileSize": str(len(world.state.files[name])),
        "objectCount": str(len(done)),
        "rootObjectCount": str(len(done)),
    }
    url = f"{world.address}/_results/{name}?signature=local"
    if len(done) < len(lines):
        return {**ended, "status": "FAILED", "errorCode": "TIMEOUT", "partialDataUrl": url}
    return {**ended, "status": "COMPLETED", "url": url}


def _line(
    world: World, mutation: str, line: str, at: int, resolvers: Mapping[tuple[str, str], Resolver]
) -> dict[str, Any]:
    try:
        projector = Projector(understand(mutation, json.loads(line)), world, resolvers)
        data = projector.run()
    except InvalidError as error:
        return {"errors": error.errors, "__lineNumber": at}
    except RefusedError as refusal:
        return {"errors": [refusal.error], "__lineNumber": at}
    errors = {"errors": projector.errors} if projector.errors else {}
    return {"data": data, **errors, "__lineNumber": at}
