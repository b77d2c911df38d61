"""Pictures of products: fetched from an address some moments after they are asked for.

Source: https://shopify.dev/docs/apps/build/online-store/product-media. Until it is fetched a picture has no image.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from sandbox.shopify.state import State, Thing, gid
from sandbox.shopify.world import World

type Arguments = Mapping[str, Any]


def wrong_file(given: Arguments) -> Thing | None:
    """What is amiss with a file."""
    if given.get("id"):
        return None
    source = urlsplit(given.get("originalSource") or "")
    if source.scheme not in {"http", "https"} or not source.hostname:
        return _error("originalSource", "Image URL is invalid")
    if given.get("filename") and _ending(given["filename"]) != _ending(source.path):
        return _error("filename", "Provided filename extension must match original source.")
    if len(given.get("alt") or "") > 512:
        return _error("alt", "Alt text is too long (maximum is 512 characters)")
    return None


def _ending(name: str) -> str:
    return name.rpartition(".")[2].lower()


def _error(field: str, message: str) -> Thing:
    told = {"field": ["input", "files", field], "code": "INVALID_INPUT", "message": message}
    return {"__typename": "ProductSetUserError", **told}


def set_files(state: State, product: Thing, files: Sequence[Arguments]) -> None:
    """The whole list anew: what has an id stays, what has an address is fetched, the rest goes."""
    known = {each["id"]: each for each in product["media"]}
    product["media"] = [
        known[each["id"]] if each.get("id") in known else _fetched(state, each)
        for each in files
        if each.get("id") in known or each.get("originalSource")
    ]


def _fetched(state: State, given: Arguments) -> Thing:
    fresh = state.fresh()
    state.fetched.append(given["originalSource"])
    name = given.get("filename") or urlsplit(given["originalSource"]).path.rpartition("/")[2] or "image"
    image = {
        "id": gid("ImageSource", fresh),
        "url": f"https://cdn.shopify.com/s/files/1/0001/{name}?v={fresh}",
        "altText": given.get("alt") or "",
        "width": 800,
        "height": 800,
    }
    return {
        "__typename": "MediaImage",
        "id": gid("MediaImage", fresh),
        "alt": given.get("alt") or "",
        "mediaContentType": "IMAGE",
        "status": "READY",
        "image": image,
        "looks_left": state.looks_before_fetched,
    }


def image_of(_: World, media: Thing, __: Arguments) -> Thing | None:
    """`MediaImage.image`: none while it is being fetched."""
    if media.get("looks_left"):
        media["looks_left"] -= 1
        return None
    found: Thing | None = media["image"]
    return found
