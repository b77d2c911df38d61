"""Pictures of products: fetched where they lie, sent along with the product, and known again by their file's name.

Source: https://developer.adobe.com/commerce/webapi/rest/ (catalogProductAttributeMediaGalleryManagementV1). The gallery
becomes what is sent: entries named by their id stay, entries with content are new, all others go.
"""

import base64
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from typing import Any

from passerelle.connectors.magento.reading import text
from passerelle.connectors.magento.rest import Rest, Row
from passerelle.model import Image
from passerelle.model.riding import Beside
from passerelle.port import PlatformError

KINDS = {"image/jpeg": "jpg", "image/png": "png", "image/gif": "gif"}
MOST_BYTES = 8 * 1024 * 1024
AT_ONCE = 4
ROLES = ["image", "small_image", "thumbnail"]


def mark(url: str) -> str:
    """What a picture's file is named after: the same address, the same name."""
    return sha256(url.encode()).hexdigest()[:20]


class Pictures:
    """Makes galleries."""

    def __init__(self, rest: Rest) -> None:
        self._rest = rest

    def gallery(
        self, images: Sequence[Image], held: Sequence[Row]
    ) -> tuple[list[dict[str, Any]] | None, list[Beside]]:
        """(the gallery to send, None where it is as it should be; pictures that had to be left out)."""
        by_mark = {_marked(row): row for row in held}
        wanted = [(mark(image.url), image.alt) for image in images]
        if wanted == [(_marked(row), text(row.get("label"))) for row in _in_order(held)]:
            return None, []
        with ThreadPoolExecutor(AT_ONCE) as pool:
            made = list(pool.map(lambda one: self._entry(one[0], one[1], by_mark), enumerate(images)))
        entries = [entry for entry in made if not isinstance(entry, Beside)]
        left = [entry for entry in made if isinstance(entry, Beside)]
        same = [_told(entry) for entry in entries] == [_told(row) for row in _in_order(held)]
        return None if same else entries, left

    def _entry(self, place: int, image: Image, known: Mapping[str, Row]) -> dict[str, Any] | Beside:
        """One that is there already is named, without its file."""
        row = known.get(mark(image.url))
        return dict(row) | {"position": place, "label": image.alt or None} if row else self._new(image, place)

    def _new(self, image: Image, place: int) -> dict[str, Any] | Beside:
        try:
            answer = self._rest.fetched(image.url)
        except PlatformError as trouble:
            return _left_out(f"A picture could not be fetched: {trouble.why}")
        kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
        if not answer.is_success or kind not in KINDS or len(answer.content) > MOST_BYTES:
            return _left_out("A picture is not there, is too large, or is neither JPEG, PNG nor GIF.")
        content = {
            "base64_encoded_data": base64.b64encode(answer.content).decode(),
            "type": kind,
            "name": f"{mark(image.url)}.{KINDS[kind]}",
        }
        return {
            "media_type": "image",
            "label": image.alt or None,
            "position": place,
            "disabled": False,
            "types": ROLES if place == 0 else [],
            "content": content,
        }


def _in_order(held: Sequence[Row]) -> list[Row]:
    return sorted(held, key=lambda row: int(row.get("position") or 0))


def _told(row: Row) -> tuple[Any, str]:
    return row.get("id"), text(row.get("label"))


def _marked(row: Row) -> str:
    """The mark in a file such as /0/a/0a1b….jpg, which gets a number behind it where the name was taken."""
    return text(row.get("file")).rpartition("/")[2].partition(".")[0].partition("_")[0]


def _left_out(why: str) -> Beside:
    return Beside("images", "image_left_out", why=why)
