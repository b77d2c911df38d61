"""Retries, throttles and the pace."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import format_datetime

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from passerelle.http import Client
from passerelle.http.failure import retry_after
from passerelle.port import Throttled, TooLarge, Unavailable

URL = "https://shop.example/orders"
Answer = httpx.Response | Exception


class Platform:
    """Answers by a script, the last line of it again and again."""

    def __init__(self, *script: Answer) -> None:
        self._script = script
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self._script[min(len(self.requests), len(self._script)) - 1]
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)


class Ear:
    """A pace that keeps what it was told, and how many places were taken at what cost."""

    def __init__(self) -> None:
        self.costs: list[float] = []
        self.held = 0
        self.pauses: list[float | None] = []

    @contextmanager
    def slot(self, cost: float = 1.0) -> Iterator[None]:
        self.costs.append(cost)
        self.held += 1
        try:
            yield
        finally:
            self.held -= 1

    def told(
        self, *, available: float | None = None, rate: float | None = None, retry_after: float | None = None
    ) -> None:
        assert self.held == 0, "a pause is told once the place was given back"
        self.pauses.append(retry_after)


def client(platform: Platform, clock, pace: Ear | None = None, **options) -> Client:
    return Client(
        httpx.MockTransport(platform), pace, sleep=clock.sleep, clock=clock, jitter=lambda: 0.0, **options
    )


OK = httpx.Response(200, json={"ok": True})
DOWN = httpx.Response(503)
SLOW_DOWN = httpx.Response(429, headers={"Retry-After": "4.0"})


@pytest.mark.parametrize(
    "fault", [DOWN, httpx.ReadTimeout("late"), httpx.ReadError("cut"), httpx.RemoteProtocolError("gone")]
)
def test_a_read_is_tried_again_with_growing_waits(fault, clock):
    platform = Platform(fault, fault, OK)
    assert client(platform, clock).request("GET", URL).json() == {"ok": True}
    assert clock.slept == [0.25, 0.5]


def test_a_read_that_keeps_failing_is_given_up_after_three_tries(clock):
    platform = Platform(DOWN)
    with pytest.raises(Unavailable, match="it answered 503") as caught:
        client(platform, clock).request("GET", URL)
    assert len(platform.requests) == 3
    assert "write" not in str(caught.value)


@pytest.mark.parametrize("fault", [DOWN, httpx.ReadTimeout("late"), httpx.RemoteProtocolError("gone")])
def test_a_write_is_not_sent_again_and_says_that_it_may_have_happened(fault, clock):  # B-7
    platform = Platform(fault, OK)
    with pytest.raises(Unavailable, match="The write may have happened"):
        client(platform, clock).request("POST", URL, json={"a": 1})
    assert len(platform.requests) == 1


@pytest.mark.parametrize(
    "fault", [httpx.ConnectError("no"), httpx.ConnectTimeout("no"), httpx.PoolTimeout("no")]
)
def test_a_write_that_never_left_is_sent_again(fault, clock):
    platform = Platform(fault, OK)
    assert client(platform, clock).request("POST", URL, json={}).status_code == 200


def test_a_write_that_never_left_does_not_claim_to_have_happened(clock):
    with pytest.raises(Unavailable) as caught:
        client(Platform(httpx.ConnectError("no")), clock).request("POST", URL)
    assert "may have happened" not in str(caught.value)


def test_a_repeatable_write_is_sent_again(clock):
    platform = Platform(DOWN, OK)
    answer = client(platform, clock).request("PUT", URL, json={"a": 1}, repeatable=True)
    assert answer.status_code == 200
    assert [request.content for request in platform.requests] == [b'{"a":1}', b'{"a":1}']


def test_a_query_by_post_is_a_read(clock):
    platform = Platform(DOWN, OK)
    assert client(platform, clock).request("POST", URL, json={}, reads=True).status_code == 200


def test_a_throttled_write_waits_as_long_as_asked(clock):  # G-1
    ear = Ear()
    answer = client(Platform(SLOW_DOWN, OK), clock, ear).request("POST", URL, json={})
    assert answer.status_code == 200
    assert clock.slept == [4.0]
    assert ear.pauses == [4.0]


def test_throttles_are_bounded_by_patience_and_not_by_tries(clock):  # G-1
    platform = Platform(SLOW_DOWN)
    with pytest.raises(Throttled) as caught:
        client(platform, clock).request("GET", URL)
    assert len(platform.requests) == 6
    assert sum(clock.slept) == 20.0
    assert caught.value.retry_after == 4.0


def test_a_wait_longer_than_our_patience_is_left_to_the_caller(clock):  # G-1
    ear = Ear()
    with pytest.raises(Throttled) as caught:
        client(Platform(httpx.Response(429, headers={"Retry-After": "60"})), clock, ear).request("GET", URL)
    assert caught.value.retry_after == 60.0
    assert clock.slept == []
    assert ear.pauses == [60.0]


def test_a_throttle_without_a_word_on_when_backs_off(clock):
    with pytest.raises(Throttled) as caught:
        client(Platform(httpx.Response(429)), clock).request("GET", URL)
    assert clock.slept == sorted(clock.slept)
    assert sum(clock.slept) <= 20.0
    assert caught.value.retry_after > 0


def test_a_shop_that_is_down_may_say_when_to_come_back(clock):
    ear = Ear()
    down = httpx.Response(503, headers={"Retry-After": "7"})
    client(Platform(down, OK), clock, ear).request("GET", URL)
    assert clock.slept == [7.0]
    assert ear.pauses == [7.0]


def test_slow_tries_use_up_the_patience(clock):
    def slow(request: httpx.Request) -> httpx.Response:
        clock.now += 15.0
        raise httpx.ReadTimeout("late")

    with Client(httpx.MockTransport(slow), sleep=clock.sleep, clock=clock) as slow_client:
        with pytest.raises(Unavailable):
            slow_client.request("GET", URL)
        assert slow_client.calls == 2


def test_every_try_takes_a_place_at_its_cost(clock):  # G-1
    ear = Ear()
    speaker = client(Platform(DOWN, SLOW_DOWN, OK), clock, ear)
    speaker.request("GET", URL, cost=12.0)
    assert ear.costs == [12.0, 12.0, 12.0]
    assert ear.held == 0
    assert speaker.calls == 3


def test_too_much_at_once_is_told_apart_and_not_repeated(clock):  # B-4
    platform = Platform(httpx.Response(413))
    with pytest.raises(TooLarge):
        client(platform, clock).request("POST", URL, json=[1] * 500)
    assert len(platform.requests) == 1


@pytest.mark.parametrize("status", [200, 201, 204, 302, 400, 401, 403, 404, 409, 422])
def test_every_other_answer_is_the_connectors_to_read(status, clock):
    platform = Platform(httpx.Response(status))
    assert client(platform, clock).request("POST", URL).status_code == status


@given(st.text(max_size=40) | st.floats().map(str))
def test_no_retry_after_header_breaks_us(text):
    try:
        header = {"Retry-After": text.encode("latin-1")}
    except UnicodeEncodeError:
        header = {"Retry-After": text.encode()}
    seconds = retry_after(httpx.Response(429, headers=header))
    assert seconds is None or 0 <= seconds < float("inf")


def test_a_retry_date_is_counted_from_the_answers_own_date():
    now, then = (datetime(2031, 1, 1, 12, 0, second, tzinfo=UTC) for second in (0, 30))
    headers = {"Date": format_datetime(now, usegmt=True), "Retry-After": format_datetime(then, usegmt=True)}
    assert retry_after(httpx.Response(429, headers=headers)) == 30.0


def test_counting_calls_is_safe_between_threads():
    speaker = Client(httpx.MockTransport(Platform(OK)))
    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(speaker.request, "GET", URL) for _ in range(200)]
    assert all(each.result().status_code == 200 for each in asked)
    assert speaker.calls == 200


def test_the_throttle_of_a_file_server_does_not_pause_the_account(clock):
    ear = Ear()
    with client(Platform(SLOW_DOWN, OK), clock, ear).stream("GET", "https://files.example/f") as download:
        assert b"".join(download.pieces()) == b'{"ok":true}'
    assert clock.slept == [4.0]
    assert ear.pauses == []


def test_each_try_is_signed_anew():
    # A platform that remembers nonces refuses the second try of a request that was signed but once.
    platform = Platform(httpx.Response(503), httpx.Response(200))
    nonces = iter(["one", "two"])

    def sign(method: str, url: httpx.URL) -> tuple[httpx.URL, dict[str, str]]:
        return url.copy_set_param("nonce", next(nonces)), {"X-Signed": method}

    http = Client(httpx.MockTransport(platform), sleep=lambda _: None)
    http.request("GET", URL, auth=sign)
    assert [str(sent.url.query, "ascii") for sent in platform.requests] == ["nonce=one", "nonce=two"]
    assert {sent.headers["X-Signed"] for sent in platform.requests} == {"GET"}


def test_what_signs_for_one_origin_signs_for_no_other():  # G-9
    platform = Platform(
        httpx.Response(302, headers={"Location": "https://elsewhere.example/"}), httpx.Response(200)
    )
    http = Client(httpx.MockTransport(platform), sleep=lambda _: None)
    http.request("GET", URL, auth=lambda _, url: (url, {"X-Signed": "yes"}))
    assert [sent.headers.get("X-Signed") for sent in platform.requests] == ["yes", None]
