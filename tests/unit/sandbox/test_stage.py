"""The stage that every simulator plays on: what it logs, and how each mood looks to a caller."""

import threading
import time

import httpx
import pytest
from sandbox.moods import Mood
from sandbox.server import serve
from sandbox.stage import Platform, Stage
from sandbox.transport import InProcess
from werkzeug.wrappers import Request, Response

URL = "https://shop.example"


class Shop:
    """The smallest simulator: a GET tells how many things were posted."""

    def __init__(self) -> None:
        self.things: list[str] = []
        self.stage = Stage(
            self.answer,
            Platform(size=lambda asked: len(asked.body.split(b","))),
            {"sell": self.sell},
        )
        self.moods, self.calls = self.stage.moods, self.stage.calls

    def answer(self, request: Request) -> Response:
        if request.method == "POST":
            self.things.extend(request.get_data(as_text=True).split(","))
            return Response('{"ok": true}', 201)
        return Response(f'{{"things": {len(self.things)}}}')

    def sell(self, name: str) -> None:
        self.things.remove(name)

    def __call__(self, environ, start_response):
        return self.stage(environ, start_response)


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.fixture
def client(shop: Shop) -> httpx.Client:
    return httpx.Client(base_url=URL, transport=InProcess({URL: shop}))


def test_a_simulator_answers_in_process_and_logs_each_call(shop: Shop, client: httpx.Client) -> None:
    assert client.post("/things", content="a,b").status_code == 201
    assert client.get("/things?page=1").json() == {"things": 2}
    first, second = shop.calls
    assert (first.method, first.path, first.status, first.is_write) == ("POST", "/things", 201, True)
    assert (second.query, second.is_write) == ("page=1", False)


def test_an_unknown_host_is_a_connection_error(client: httpx.Client) -> None:
    with pytest.raises(httpx.ConnectError):
        client.get("https://elsewhere.example/")


def test_a_throttled_call_does_not_happen_and_the_next_one_does(shop: Shop, client: httpx.Client) -> None:
    shop.moods.add(Mood.THROTTLED, "POST /things")
    assert client.get("/things").status_code == 200
    assert client.post("/things", content="a").status_code == 429
    assert client.post("/things", content="a").status_code == 201
    assert shop.things == ["a"]
    assert len(shop.calls.writes) == 1


def test_a_throttled_answer_may_be_empty(shop: Shop, client: httpx.Client) -> None:
    shop.moods.add(Mood.THROTTLED, body=False)
    assert client.get("/things").content == b""


def test_a_lost_answer_happened_all_the_same(shop: Shop, client: httpx.Client) -> None:
    shop.moods.add(Mood.LOST_ANSWER, "POST")
    with pytest.raises(httpx.RemoteProtocolError):
        client.post("/things", content="a")
    assert shop.things == ["a"]
    assert len(shop.calls.writes) == 1


def test_a_dropped_request_never_happened(shop: Shop, client: httpx.Client) -> None:
    shop.moods.add(Mood.DROPPED, "POST")
    with pytest.raises(httpx.RemoteProtocolError):
        client.post("/things", content="a")
    assert shop.things == []
    assert shop.calls.writes == []


def test_a_slow_answer_times_out_without_anybody_sleeping(shop: Shop, client: httpx.Client) -> None:
    shop.moods.add(Mood.SLOW, seconds=600)
    began = time.monotonic()
    with pytest.raises(httpx.ReadTimeout):
        client.post("/things", content="a", timeout=30)
    assert time.monotonic() - began < 5
    assert shop.things == ["a"]


def test_a_slow_answer_within_the_callers_patience_arrives(shop: Shop, client: httpx.Client) -> None:
    shop.moods.add(Mood.SLOW, seconds=20)
    assert client.get("/things", timeout=30).status_code == 200


@pytest.mark.parametrize("declared", [True, False])
def test_a_truncated_answer_is_cut_short(shop: Shop, client: httpx.Client, declared: bool) -> None:
    shop.moods.add(Mood.TRUNCATED, declared=declared)
    if declared:
        with pytest.raises(httpx.RemoteProtocolError, match="complete message"):
            client.get("/things")
    else:
        assert client.get("/things").text == '{"thin'


def test_a_shop_fails_above_a_size_for_as_long_as_the_mood_lasts(shop: Shop, client: httpx.Client) -> None:
    shop.moods.add(Mood.FAILS_ABOVE, limit=2)
    assert [client.post("/things", content=c).status_code for c in ("a,b,c", "a,b", "a,b,c")] == [
        500,
        201,
        500,
    ]
    shop.moods.clear()
    assert client.post("/things", content="a,b,c").status_code == 201


def test_credentials_expire_from_a_call_on(shop: Shop, client: httpx.Client) -> None:
    shop.moods.add(Mood.EXPIRED_CREDENTIALS, after=2)
    assert [client.get("/things").status_code for _ in range(4)] == [200, 200, 401, 401]


def test_a_shop_may_change_while_it_is_read(shop: Shop, client: httpx.Client) -> None:
    shop.moods.on_call(2, lambda: shop.things.append("late"), "GET")
    assert [client.get("/things").json()["things"] for _ in range(3)] == [0, 1, 1]


def test_the_control_door_shows_calls_and_changes_moods(shop: Shop, client: httpx.Client) -> None:
    client.post("/things", content="a,b")
    client.post("/_sandbox/moods", json={"mood": "unavailable", "match": "GET", "options": {"status": 502}})
    assert client.get("/things").status_code == 502
    assert client.get("/_sandbox/counts").json() == {
        "calls": 2,
        "writes": 1,
        "statuses": {"201": 1, "502": 1},
    }
    assert client.get("/_sandbox/calls").json()[1]["mood"] == "unavailable"
    client.post("/_sandbox/act", json={"name": "sell", "with": {"name": "a"}})
    assert shop.things == ["b"]
    client.post("/_sandbox/reset-calls")
    assert len(shop.calls) == 0


def test_the_control_door_says_what_it_does_not_know(client: httpx.Client) -> None:
    assert client.post("/_sandbox/moods", json={"mood": "merry"}).status_code == 422
    assert client.post("/_sandbox/act", json={"name": "burn"}).status_code == 404
    assert client.get("/_sandbox/nothing").status_code == 404


def test_the_log_counts_every_call_of_many_threads(shop: Shop, client: httpx.Client) -> None:
    shop.moods.add(Mood.THROTTLED, times=5)
    threads = [threading.Thread(target=lambda: [client.get("/t") for _ in range(10)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert shop.calls.counts()["statuses"] == {"200": 75, "429": 5}


def test_as_a_server_a_lost_answer_really_drops_the_connection(shop: Shop) -> None:
    with serve(shop) as server, httpx.Client(base_url=server.url, timeout=5) as client:
        shop.moods.add(Mood.LOST_ANSWER, "POST")
        with pytest.raises(httpx.RemoteProtocolError):
            client.post("/things", content="a")
        assert client.get("/things").json() == {"things": 1}


def test_as_a_server_a_declared_truncation_is_noticed_by_the_caller(shop: Shop) -> None:
    with serve(shop) as server, httpx.Client(base_url=server.url, timeout=5) as client:
        shop.moods.add(Mood.TRUNCATED, declared=True)
        with pytest.raises(httpx.RemoteProtocolError):
            client.get("/things")
        shop.moods.add(Mood.TRUNCATED)
        assert client.get("/things").text == '{"thin'


def test_a_stopped_server_frees_its_port(shop: Shop) -> None:
    server = serve(shop)
    server.stop()
    again = serve(shop, server.port)
    assert httpx.get(f"{again.url}/things").status_code == 200
    again.stop()
