"""A host of pictures: any address under it answers a small picture that differs by its name."""

import struct
import zlib
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

PICTURES = "https://pictures.example"


class Pictures:
    """PNG files of one pixel, whose colour hangs on the path; `asked` counts how often each was fetched."""

    def __init__(self) -> None:
        self.asked: dict[str, int] = {}

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        path = str(environ["PATH_INFO"])
        self.asked[path] = self.asked.get(path, 0) + 1
        body = png(zlib.crc32(path.encode()))
        start_response("200 OK", [("Content-Type", "image/png"), ("Content-Length", str(len(body)))])
        return [body]


def png(colour: int) -> bytes:
    """A picture of one pixel; `colour` of 24 bits."""
    pixel = b"\0" + (colour & 0xFFFFFF).to_bytes(3, "big")
    header = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(pixel)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_part(*each) for each in parts)


def _part(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
