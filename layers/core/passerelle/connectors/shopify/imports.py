"""Bulk mutations: hundreds of products in one file, outside the rate limit.

Source: https://shopify.dev/docs/api/usage/bulk-operations/imports: stagedUploadsCreate, a multipart POST, then
bulkOperationRunMutation; the result has a line for each line that was worked on. The operation's name holds a digest of
the file, so that a worker who comes after another one takes up what is running, and starts nothing twice.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import httpx
import orjson

from passerelle.connectors.shopify.admin import Admin, Data
from passerelle.connectors.shopify.documents import BULK, RECENT_BULK, Document
from passerelle.port import PermissionMissing, Rejected, Throttled, Unavailable

FROM = 50
"""Products from which on one file is cheaper than aliased mutations: those cost their points, a file none."""
RUNNING = frozenset({"CREATED", "RUNNING"})
WAITS = (1.0, 2.0, 3.0, 5.0, 8.0, 13.0, *(20.0,) * 12)
"""Seconds between two looks, well within what a worker may take."""
LATER: Data = {"product": None, "userErrors": [{"code": "LATER"}], "later": True}

STAGE = Document(
    "Stage",
    """mutation Stage($input: [StagedUploadInput!]!) {
  stage: stagedUploadsCreate(input: $input) {
    stagedTargets { url parameters { name value } } userErrors { field message }
  }
}""",
    12,
    writes=True,
)
RUN_IMPORT = Document(
    "RunImport",
    """mutation RunImport($mutation: String!, $path: String!) {
  run: bulkOperationRunMutation(mutation: $mutation, stagedUploadPath: $path) {
    bulkOperation { id } userErrors { code message }
  }
}""",
    11,
    writes=True,
    repeatable=False,
)
UPLOAD = {
    "resource": "BULK_MUTATION_VARIABLES",
    "filename": "passerelle.jsonl",
    "mimeType": "text/jsonl",
    "httpMethod": "POST",
}


class Imports:
    """One shop's imports of products."""

    def __init__(self, admin: Admin) -> None:
        self._admin = admin

    def run(self, lines: Sequence[bytes], *, fresh: bool = False) -> list[Data]:
        """The payload of each line's `productSet`, in their order; `later` where it was not worked on in time.

        `fresh`: none of it was ever sent, so nothing of it can be running.
        Raises Throttled where five run already, Unavailable where it is not known whether it was started.
        """
        mutation = text(hashlib.sha256(b"\n".join(lines)).hexdigest()[:24])
        handle = (not fresh and self._running(mutation)) or self._started(mutation, self._uploaded(lines))
        state = self._awaited(handle)
        answers: list[Data] = [LATER] * len(lines)
        file = (state or {}).get("url") or (state or {}).get("partialDataUrl")
        if file:
            self._read(file, answers)
        return answers

    def _running(self, mutation: str) -> str:
        nodes = self._admin.ask(RECENT_BULK)["bulkOperations"]["nodes"]
        ours = [each for each in nodes if each["status"] in RUNNING and each["query"] == mutation]
        return str(ours[0]["id"]) if ours else ""

    def _uploaded(self, lines: Sequence[bytes]) -> str:
        """Put the file where Shopify reads it; its path."""
        answer = self._admin.ask(STAGE, {"input": [UPLOAD]})["stage"]
        if answer["userErrors"] or not answer["stagedTargets"]:
            raise Unavailable(
                "Shopify offers no place for the file of an import.", "Nothing to do: it is tried again."
            )
        [target] = answer["stagedTargets"]
        fields = {str(each["name"]): str(each["value"]) for each in target["parameters"]}
        self._post(str(target["url"]), fields, b"\n".join(lines) + b"\n")
        return fields["key"]

    def _post(self, url: str, fields: Mapping[str, str], whole: bytes) -> None:
        named = {"file": (UPLOAD["filename"], whole, UPLOAD["mimeType"])}
        form = httpx.Request("POST", url, data=dict(fields), files=named)
        response = self._admin.client.request(
            "POST",
            url,
            content=form.read(),
            headers={"Content-Type": form.headers["Content-Type"]},
            cost=0.0,
            repeatable=True,
            timeout=120.0,
        )
        if not response.is_success:
            raise Unavailable(
                f"Shopify's storage refuses the file of an import ({response.status_code}).",
                "Nothing to do: it is tried again.",
            )

    def _started(self, mutation: str, path: str) -> str:
        answer = self._admin.ask(RUN_IMPORT, {"mutation": mutation, "path": path})["run"]
        if not answer["userErrors"]:
            return str(answer["bulkOperation"]["id"])
        codes = {error["code"] for error in answer["userErrors"]}
        if codes & {"LIMIT_REACHED", "OPERATION_IN_PROGRESS"}:
            raise Throttled("Five imports of this shop are running already.", 30.0)
        raise Rejected(
            f"Shopify refuses the import ({str(answer['userErrors'][0]['code']).lower()}).",
            "Tell the operator: the import must be changed.",
            "import_refused",
        )

    def _awaited(self, handle: str) -> Data | None:
        """The operation at its end, None where it takes longer than there is time."""
        for wait in (*WAITS, 0.0):
            state = self._admin.ask(BULK, {"id": handle})["bulkOperation"]
            if state is None:
                return None
            if state["errorCode"] == "ACCESS_DENIED":
                raise PermissionMissing(
                    "The app may not write all that the import holds: it needs `write_products` and `write_inventory`.",
                    "Give it the scopes it needs.",
                )
            if state["status"] not in RUNNING and state["status"] != "CANCELING":
                return dict(state)
            self._admin.client.sleep(wait)
        return None

    def _read(self, url: str, answers: list[Data]) -> None:
        with self._admin.client.stream("GET", url) as download:
            for line in download.lines():
                raw = _line(line)
                at = raw.get("__lineNumber")
                payload = (raw.get("data") or {}).get("set")
                if isinstance(at, int) and 0 <= at < len(answers):
                    errors = raw.get("errors") or [{"code": "NO_ANSWER"}]
                    answers[at] = payload or {"product": None, "userErrors": errors}


def text(digest: str) -> str:
    """The mutation, named after what it is run with."""
    return f"""mutation Import{digest}($by: ProductSetIdentifiers, $as: ProductSetInput!) {{
  set: productSet(identifier: $by, input: $as, synchronous: true) {{
    product {{
      id variants(first: 100) {{
        pageInfo {{ hasNextPage }} edges {{ node {{ id sku selectedOptions {{ name value }} }} }}
      }}
    }}
    userErrors {{ code field message }}
  }}
}}"""


def _line(line: bytes) -> dict[str, Any]:
    try:
        raw = orjson.loads(line)
    except orjson.JSONDecodeError:
        raise Unavailable(
            "The import's result holds a line that is no JSON.", "It is looked at again."
        ) from None
    return raw if isinstance(raw, dict) else {}
