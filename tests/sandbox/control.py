"""The control door of a simulator, `/_sandbox/`, in JSON: look at calls, change moods, let something happen.

- `GET /_sandbox/calls`, `GET /_sandbox/counts`, `POST /_sandbox/reset-calls`
- `POST /_sandbox/moods` `{"mood": "throttled", "match": "GET /x", "after": 0, "times": 1, "options": {}}`,
  `DELETE /_sandbox/moods`
- `GET /_sandbox/acts` (their names), `POST /_sandbox/act` `{"name": "…", "with": {…}}`
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from werkzeug.wrappers import Request, Response

from sandbox.calls import Calls
from sandbox.moods import Mood, Moods

type Act = Callable[..., object]


class Control:
    """Answers the requests under `/_sandbox/`; they are neither logged nor spoilt by moods."""

    def __init__(self, calls: Calls, moods: Moods, acts: Mapping[str, Act]) -> None:
        self._calls = calls
        self._moods = moods
        self._acts = acts

    def answer(self, request: Request) -> Response:
        """The answer to one request; 404 with the reason where it asks for something that is not there."""
        match (request.method, request.path.removeprefix("/_sandbox/")):
            case ("GET", "calls"):
                return _json(self._calls.as_json())
            case ("GET", "counts"):
                return _json(self._calls.counts())
            case ("GET", "acts"):
                return _json(sorted(self._acts))
            case ("POST", "reset-calls"):
                self._calls.clear()
                return _json({})
            case ("POST", "moods"):
                return self._mood(_body(request))
            case ("DELETE", "moods"):
                self._moods.clear()
                return _json({})
            case ("POST", "act"):
                return self._act(_body(request))
        return _json({"error": f"the control door has no {request.method} {request.path}"}, 404)

    def _mood(self, body: dict[str, Any]) -> Response:
        if body.get("mood") not in list(Mood):
            return _json({"error": f"mood is one of {', '.join(Mood)}"}, 422)
        self._moods.add(
            Mood(body["mood"]),
            body.get("match", ""),
            after=body.get("after", 0),
            times=body.get("times"),
            **body.get("options", {}),
        )
        return _json({})

    def _act(self, body: dict[str, Any]) -> Response:
        act = self._acts.get(str(body.get("name")))
        if act is None:
            return _json({"error": f"name is one of {', '.join(sorted(self._acts))}"}, 404)
        return _json(act(**body.get("with", {})))


def _body(request: Request) -> dict[str, Any]:
    body = json.loads(request.get_data() or b"{}")
    return body if isinstance(body, dict) else {}


def _json(content: object, status: int = 200) -> Response:
    return Response(json.dumps(content, default=str), status, content_type="application/json")
