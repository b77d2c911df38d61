"""Answers cut short, answers too large, and large downloads."""

import gzip
from contextlib import contextmanager

import httpx
import pytest
from passerelle.http import Client
from passerelle.port import Incomplete, Rejected, Throttled, Unavailable, WritesBlocked

SHORT = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[1, 2"
WHOLE = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n[1, 2]"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n[1,\r\n"
ZIPPED = gzip.compress(b'{"name": "Th\xc3\xa9"}')


def local(**options) -> Client:
    return Client(allow_private=True, sleep=lambda _: None, **options)


@pytest.mark.parametrize(
    "broken", [SHORT, CHUNKED, b"", b"HTTP/1.1 200 OK\r\nContent-Le", b"nonsense\r\n\r\n"]
)
def test_an_answer_cut_short_is_no_answer(serve, broken):  # B-14
    server = serve(broken)
    with local() as client, pytest.raises(Unavailable):
        client.request("GET", server.url)
    assert len(server.requests) == 3


def test_an_answer_cut_short_once_is_asked_for_again(serve):  # B-14
    with local() as client:
        assert client.request("GET", serve(SHORT, WHOLE).url).json() == [1, 2]


def test_a_write_whose_answer_was_cut_short_may_have_happened(serve):  # B-7
    server = serve(SHORT)
    with local() as client, pytest.raises(Unavailable, match="The write may have happened"):
        client.request("POST", server.url, json={})
    assert len(server.requests) == 1


def test_an_answer_from_memory_that_is_shorter_than_announced_is_refused():  # B-14
    short = httpx.Response(200, headers={"Content-Length": "10"}, content=b"[]")
    with pytest.raises(Unavailable):
        Client(httpx.MockTransport(lambda _: short), sleep=lambda _: None).request(
            "GET", "https://shop.example/"
        )


def test_broken_compression_is_no_answer(serve):  # B-14
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n"
    with local() as client, pytest.raises(Unavailable):
        client.request("GET", serve(head + b"\x1f\x8b??").url)


def test_a_compressed_answer_is_read(serve):
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\n"
    body = b"Content-Length: %d\r\n\r\n" % len(ZIPPED) + ZIPPED
    with local() as client:
        assert client.request("GET", serve(head + body).url).json() == {"name": "Thé"}


def test_answers_to_head_and_empty_answers_are_whole(serve):
    with local() as client:
        server = serve(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", b"HTTP/1.1 204 No\r\n\r\n")
        assert client.request("HEAD", server.url).headers.get("content-length") is None
        assert client.request("DELETE", server.url).status_code == 204


def test_an_answer_over_the_limit_is_refused_before_it_fills_the_memory(serve):
    bomb = gzip.compress(b"0" * 1_000_000)
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb)
    with local(max_bytes=100_000) as client, pytest.raises(Incomplete, match="larger than 100000 bytes"):
        client.request("GET", serve(head + bomb).url)


def test_a_body_that_drips_past_the_timeout_is_given_up(clock):
    class Drip(httpx.SyncByteStream):
        def __iter__(self):
            while True:
                clock.now += 4.0
                yield b" "

    dripping = httpx.MockTransport(lambda _: httpx.Response(200, stream=Drip()))
    client = Client(dripping, sleep=clock.sleep, clock=clock)
    with pytest.raises(Unavailable, match="not whole after 10 seconds"):
        client.request("GET", "https://shop.example/", timeout=10.0)


def test_a_download_is_read_line_by_line(serve):
    body = '{"a":1}\n\n{"b":"one\u2028line"}\r\n{"c":3}'.encode()
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body)
    with local() as client, client.stream("GET", serve(head + body).url) as download:
        assert list(download.lines()) == [b'{"a":1}', '{"b":"one\u2028line"}'.encode(), b'{"c":3}']


def test_a_download_may_be_larger_than_any_answer(serve):
    line = b"x" * 99 + b"\n"
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (100 * 50_000)
    with local(max_bytes=1000) as client, client.stream("GET", serve(head + line * 50_000).url) as download:
        assert sum(1 for _ in download.lines()) == 50_000


def test_a_download_without_line_ends_is_refused_before_it_fills_the_memory(serve):
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 500000\r\n\r\n"
    server = serve(head + b"x" * 500_000)
    with (
        local(max_bytes=1000) as client,
        client.stream("GET", server.url) as download,
        pytest.raises(Incomplete),
    ):
        list(download.lines())


def test_a_download_that_breaks_off_is_never_taken_for_whole(serve):  # B-14
    server = serve(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"a":1}\n')
    with local() as client, client.stream("GET", server.url) as download, pytest.raises(Unavailable):
        list(download.lines())


def test_opening_a_download_is_tried_again(serve):
    server = serve(b"HTTP/1.1 503 Down\r\nContent-Length: 0\r\n\r\n", WHOLE)
    with local() as client, client.stream("GET", server.url) as download:
        assert b"".join(download.pieces()) == b"[1, 2]"


def test_a_page_of_error_is_not_taken_for_a_download(serve):
    server = serve(b"HTTP/1.1 403 Expired\r\nContent-Length: 3\r\n\r\n<x>")
    with (
        local() as client,
        pytest.raises(Rejected) as caught,
        client.stream("GET", server.url + "/f?sig=s3cret"),
    ):
        pytest.fail("opened")
    assert caught.value.status == 403
    assert "s3cret" not in str(caught.value)


def test_a_download_holds_its_place_while_it_is_read_if_it_has_a_cost(serve):  # G-1
    held: list[str] = []

    class Pace:
        @contextmanager
        def slot(self, cost: float = 1.0):
            held.append("taken")
            try:
                yield
            finally:
                held.append("given back")

        def told(self, *, available=None, rate=None, retry_after=None) -> None:
            raise AssertionError("nothing was told")

    redirect = b"HTTP/1.1 302 Found\r\nLocation: /there\r\nContent-Length: 0\r\n\r\n"
    with local(pace=Pace()) as client:
        with client.stream("GET", serve(redirect, WHOLE).url, cost=1.0) as download:
            assert held == ["taken", "given back", "taken"]
            list(download.pieces())
        assert held[-1] == "given back"
        with client.stream("GET", serve(WHOLE).url):
            assert len(held) == 4


def test_test_mode_lets_nothing_out_that_could_write():  # E-2
    sent: list[str] = []

    def note(request: httpx.Request) -> httpx.Response:
        sent.append(request.method)
        return httpx.Response(200, json={})

    client = Client(httpx.MockTransport(note), writes_blocked=True)
    for method in ("POST", "PUT", "PATCH", "DELETE", "post", "OPTIONS", "PROPFIND"):
        with pytest.raises(WritesBlocked, match="test mode"):
            client.request(method, "https://shop.example/products", json={}, repeatable=True)
    assert sent == []
    client.request("GET", "https://shop.example/products")
    client.request("head", "https://shop.example/products")
    client.request("POST", "https://shop.example/graphql.json", json={"query": "{shop}"}, reads=True)
    assert sent == ["GET", "HEAD", "POST"]


def test_test_mode_holds_back_a_download_that_could_write():  # E-2
    client = Client(httpx.MockTransport(lambda _: httpx.Response(200)), writes_blocked=True)
    with pytest.raises(WritesBlocked), client.stream("POST", "https://shop.example/"):
        pytest.fail("opened")


def test_a_pace_that_loses_patience_is_heard():  # G-1
    class Full:
        @contextmanager
        def slot(self, cost: float = 1.0):
            raise Throttled("full", 3.0)
            yield

        def told(self, *, available=None, rate=None, retry_after=None) -> None:
            raise AssertionError("the platform said nothing")

    client = Client(httpx.MockTransport(lambda _: httpx.Response(200)), Full())
    with pytest.raises(Throttled) as caught:
        client.request("GET", "https://shop.example/")
    assert caught.value.retry_after == 3.0
    assert client.calls == 0
