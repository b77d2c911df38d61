"""Every recorded WooCommerce exchange is answered by the simulator as the real shop answered it."""

from typing import Any
from urllib.parse import unquote

import pytest
from sandbox.woocommerce.routes import index

from . import woocommerce_recordings as recordings

PARTLY = {
    "00_index_v3": "the index also lists the routes of features nobody here asks for; links are the host's",
    "01_system_status": "a report of hundreds of lines on the server; only what is read is told",
    "97_store_api_public_products": "the public store API is another API; only its list is told",
}


@pytest.fixture(scope="module")
def replayed() -> dict[str, Any]:
    return dict(recordings.replay())


@pytest.mark.parametrize("name", recordings.names())
def test_the_simulator_answers_as_the_recorded_shop(name: str, replayed: dict[str, Any]) -> None:
    recording, answer = recordings.load(name), replayed[name]
    expected, given = recording["response"]["body"], answer.get_json()
    assert answer.status_code == recording["response"]["status"], answer.get_data()[:500]
    told = dict(recording["response"]["headers"])
    for header in ("Content-Type", "Allow", "X-WP-Total", "X-WP-TotalPages"):
        assert answer.headers.get(header) == told.get(header), header
    # The library under the simulator escapes what PHP leaves as it is.
    assert unquote(answer.headers.get("Location", "")) == unquote(told.get("Location", ""))
    links = [link.count('rel="next"') for link in (told.get("Link", ""), answer.headers.get("Link", ""))]
    assert links[0] == links[1]
    if name in PARTLY:
        one, other = (body[0] if isinstance(body, list) else body for body in (expected, given))
        assert set(other) <= set(one)
    elif name in recordings.TIED:
        recordings.shapes(expected, given)
    else:
        recordings.alike(expected, given)


def test_every_recorded_route_is_one_of_the_simulators() -> None:
    assert recordings.load("00_index_v3")["response"]["body"]["routes"] == index()
