"""Reading answers: whole with a limit on their size, or piece by piece."""

from collections.abc import Iterator

import httpx

from passerelle.http.call import Call
from passerelle.http.failure import TryError
from passerelle.port import Incomplete, Unavailable

BODILESS = frozenset({204, 304})


def unavailable(call: Call, why: str, *, sent: bool = True) -> TryError:
    """A try without a usable answer; `sent` False where the platform cannot have seen the request."""
    text = f"No usable answer to {call.name}: {why}."
    if call.writes and sent:
        text += " The write may have happened."
    remedy = "Nothing to do if it passes: the sync tries again. If it lasts, look whether the shop is up."
    return TryError(Unavailable(text, remedy), again=call.repeatable or not sent)


def pieces(call: Call, response: httpx.Response, limit: int | None) -> Iterator[bytes]:
    """The body, decompressed, as it arrives. Raises TryError (cut short) or Incomplete (over `limit`)."""
    size = 0
    try:
        for piece in response.iter_bytes():
            size += len(piece)
            if limit is not None and size > limit:
                raise Incomplete(
                    f"The answer to {call.name} is larger than {limit} bytes.", "Ask for less at once."
                )
            yield piece
    except (httpx.TransportError, httpx.DecodingError) as error:
        raise unavailable(call, f"the answer broke off ({type(error).__name__})") from None
    if falls_short(call, response, size):
        raise unavailable(call, "the answer was cut short")


def falls_short(call: Call, response: httpx.Response, size: int) -> bool:
    """Whether the body read (`size` bytes once decompressed) is not as long as the answer announced."""
    expected = response.headers.get("content-length", "")
    if not expected.isdigit() or call.method == "HEAD" or response.status_code in BODILESS:
        return False
    # A transport that answers from memory has counted nothing; then only a plain body can be compared.
    counted = response.num_bytes_downloaded
    if not counted and "content-encoding" in response.headers:
        return False
    return (counted or size) != int(expected)


def whole(call: Call, response: httpx.Response, body: bytes) -> httpx.Response:
    """The answer with its body in memory; headers that spoke of the transfer are gone."""
    transfer = {"content-encoding", "content-length", "transfer-encoding"}
    headers = [
        (name, value) for name, value in response.headers.multi_items() if name.lower() not in transfer
    ]
    request = httpx.Request(call.method, call.url)
    return httpx.Response(response.status_code, headers=headers, content=body, request=request)


class Download:
    """A large answer, read once as it arrives. Raises Unavailable where it breaks off: open it again."""

    def __init__(self, call: Call, response: httpx.Response, longest_line: int) -> None:
        self._call = call
        self._response = response
        self._longest_line = longest_line

    @property
    def headers(self) -> httpx.Headers:
        """The answer's headers."""
        return self._response.headers

    def pieces(self) -> Iterator[bytes]:
        """The body in pieces of any size."""
        try:
            yield from pieces(self._call, self._response, None)
        except TryError as failure:
            raise failure.error from None

    def lines(self) -> Iterator[bytes]:
        """The lines without their ends (JSONL, CSV without line ends in quotes); empty ones are left out.

        Lines end at LF alone: other line separators of Unicode may stand inside a JSON text.
        """
        rest = b""
        for piece in self.pieces():
            *complete, rest = (rest + piece).split(b"\n")
            if len(rest) > self._longest_line:
                why = f"A line of {self._call.name} is longer than {self._longest_line} bytes."
                raise Incomplete(why, "This is no file of lines.")
            yield from (line.removesuffix(b"\r") for line in complete if line.strip())
        if rest.strip():
            yield rest.removesuffix(b"\r")
