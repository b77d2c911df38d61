"""Every recorded Magento exchange is answered by the simulator as the real shop answered it."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from werkzeug.test import Client as WsgiClient

from . import magento_recordings as recordings

# Both are random where they stand alone.
MASKED = {"60_guest_cart_create"}


class Teller:
    """A clock that goes on by a second whenever it is asked."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 23, 9, 13, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at


@pytest.fixture(scope="module")
def replayed() -> dict[str, Any]:
    """Each recording's name with the simulator's answer, after replaying all of them in order."""
    shop = recordings.opened(Teller())
    client, answers, told = WsgiClient(shop), {}, {}

    def ask(method: str, path: str, body: Any) -> None:
        headers = {"Authorization": f"Bearer {recordings.TOKEN}"}
        answer = client.open(f"/rest/V1/{path}", method=method, headers=headers, json=body)
        assert answer.status_code == 200, answer.get_data()

    for name in recordings.names():
        recording = recordings.load(name)
        recordings.before(name, ask)
        if name == "50_bulk_status_after_consumer":
            shop.consume()
        target, body = recordings.target(recording), recordings.sent(recording)
        for theirs, ours in told.items():
            target, body = target.replace(theirs, ours), body.replace(theirs.encode(), ours.encode())
        answers[name] = client.open(
            target,
            base_url=recordings.ORIGIN,
            method=recording["request"]["method"],
            headers=recordings.headers_of(name, recording),
            data=body,
        )
        told |= _ids(name, recording["response"]["body"], answers[name])
    return answers


def _ids(name: str, theirs: Any, answer: Any) -> dict[str, str]:
    """The shop's random ids that later requests name, with ours in their place."""
    if name == "60_guest_cart_create":
        return {theirs: answer.json}
    if name == "49_async_bulk_products_202":
        return {theirs["bulk_uuid"]: answer.json["bulk_uuid"]}
    return {}


@pytest.mark.parametrize("name", recordings.names())
def test_the_simulator_answers_as_the_recorded_shop(name: str, replayed: dict[str, Any]) -> None:
    recording, answer = recordings.load(name), replayed[name]
    response = recording["response"]
    assert answer.status_code == response["status"], answer.get_data()[:500]
    headers = {key.lower(): value for key, value in response["headers"]}
    assert (answer.headers.get("content-type") or None) == headers.get("content-type")
    if response["body"] is None:
        assert answer.get_data().decode() == response["body_text"]
    elif name in MASKED:
        assert isinstance(json.loads(answer.get_data()), str)
    else:
        assert recordings.settled(json.loads(answer.get_data())) == recordings.settled(response["body"])


def test_every_recording_is_replayed() -> None:
    assert len(recordings.names()) == 90
