"""Pictures: which addresses were written, so that none is fetched twice and what others added stays.

Source: https://woocommerce.github.io/woocommerce-rest-api-docs/#product-images-properties. The shop fetches a picture
into media of its own and tells nothing of where it came from: that is noted in the product's meta data. It takes what
the end of an address calls a picture, and refuses a whole product for one that it cannot fetch.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from passerelle.connectors.woocommerce.reading import rows, text
from passerelle.connectors.woocommerce.rest import Row
from passerelle.model import Image
from passerelle.model.riding import Beside

PICTURES = "passerelle_images"
REFUSED = "passerelle_refused"
"""Addresses and barcodes that the shop would not take: not tried again until they change."""
TAKEN = (".jpg", ".jpeg", ".jpe", ".png", ".gif", ".webp", ".bmp", ".tif", ".tiff", ".ico")


@dataclass(frozen=True, slots=True)
class Album:
    """What a product's pictures are to become. `sent`: None where they are so already; `noted`: their addresses."""

    sent: list[Row] | None
    noted: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    @property
    def beside(self) -> list[Beside]:
        """What is told of those that were left out."""
        return [left_out(address) for address in self.left_out]


def left_out(address: str) -> Beside:
    """One picture that the shop does not take."""
    why = "The shop takes no picture from its address: it must open and end in .jpg, .png, .gif or .webp."
    return Beside("images", "image_left_out", address, why)


def album(images: Sequence[Image], current: Row, media: dict[str, int]) -> Album:
    """The pictures of a product or variation. `media`: ids of what the shop has fetched already, by address."""
    single = [current["image"]] if isinstance(current.get("image"), dict) else []
    held, refused = rows(current, "images") or single, set(kept(current, REFUSED))
    unique = {image.url: image for image in images if image.url}
    fit = {url: one for url, one in unique.items() if url not in refused and takes(url)}
    left = [url for url in unique if url not in fit]
    noted = kept(current, PICTURES)
    if not fit and not noted:
        # There are none to write, and those that are there are somebody else's.
        return Album(None, [], left)
    ours = _paired(noted, held)
    if list(fit) == noted:
        renamed = [_named(one, next((fit[url] for url in ours if ours[url] is one), None)) for one in held]
        return Album(renamed if any("alt" in one for one in renamed) else None, noted, left)
    mine = [id(one) for one in ours.values()]
    theirs = [{"id": one["id"]} for one in held if id(one) not in mine] if noted else []
    wanted = [
        _named(ours[url], one) if url in ours else _new(one, media.get(url)) for url, one in fit.items()
    ]
    return Album([*wanted, *theirs], list(fit), left)


def kept(row: Row, key: str) -> list[str]:
    """A list of texts in the meta data."""
    for one in rows(row, "meta_data"):
        if text(one, "key") == key and isinstance(one.get("value"), list):
            return [str(each) for each in one["value"]]
    return []


def fetched(row: Row) -> dict[str, int]:
    """Address → id in the shop's media, of the pictures that were written to a product."""
    held = _paired(kept(row, PICTURES), rows(row, "images"))
    return {address: int(one["id"]) for address, one in held.items()}


def takes(address: str) -> bool:
    """Whether the shop would look at it at all."""
    return urlsplit(address).path.lower().endswith(TAKEN)


def _paired(noted: Sequence[str], held: Sequence[Row]) -> dict[str, Row]:
    """Which of the pictures there came from which address: by their files' names, else by their order."""
    found: dict[str, Row] = {}
    for address in noted:
        stem = _stem(address)
        match = next(
            (
                one
                for one in held
                if not any(one is taken for taken in found.values())
                and stem
                and _stem(text(one, "src")).startswith(stem)
            ),
            None,
        )
        if match is not None:
            found[address] = match
    if len(found) == len(noted) or len(held) < len(noted):
        return found
    return dict(zip(noted, held, strict=False))


def _stem(address: str) -> str:
    """The file's name without its ending, by the letters and digits that any shop keeps."""
    name = unquote(urlsplit(address).path).rpartition("/")[2].rpartition(".")[0].lower()
    return "".join(sign for sign in name if sign.isalnum())


def _named(held: Row, image: Image | None) -> Row:
    alt = image.alt if image else ""
    return {"id": held["id"]} | ({"alt": alt} if alt and text(held, "alt") != alt.strip() else {})


def _new(image: Image, known: int | None) -> Row:
    written: Row = {"id": known} if known else {"src": image.url}
    return written | ({"alt": image.alt} if image.alt else {})
