"""Pictures of products as the webservice takes them in, and as the shop gives them to anybody.

A new picture comes last and is the cover only where there was none; a file that is no picture, or too large, is
refused. The file's name and everything else that came with it is forgotten.
"""

import re
from typing import Any

from sandbox.prestashop.refusal import RefusalError
from sandbox.prestashop.render import HEAD
from sandbox.prestashop.state import State

SIGNS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a")
PLACE = re.compile(r"^/img/p(?:/\d)+/(\d+)(?:-[\w-]+)?\.jpg$")
DEFAULT_LIMIT = "8"


def add(state: State, product: str, file: Any) -> bytes:
    """Take in a picture; answers what the webservice says of it."""
    if file is None:
        raise RefusalError(400, (76, 'Please set an "image" parameter with image data for value'))
    content = file.read()
    limit = float(state.setting("PS_LIMIT_UPLOAD_IMAGE_VALUE") or DEFAULT_LIMIT) * 1024 * 1024
    if len(content) > limit:
        why = f"The image size is too large (maximum allowed is {limit / 1000:.0f} KB)"
        raise RefusalError(400, (72, why))
    if not content.startswith(SIGNS):
        why = "Image upload error : Image format not recognized, allowed formats are: .gif, .jpg, .png"
        raise RefusalError(400, (76, why))
    if not product.isdigit() or int(product) not in state.tables["products"].rows:
        raise RefusalError(400, (76, f"Product {product} does not exist"))
    taken = [int(id) for ids in state.images.values() for id in ids]
    id = str(max([state.last_image, *taken]) + 1)
    state.last_image = int(id)
    state.images.setdefault(int(product), []).append(id)
    state.files[id] = content
    inner = f"<id><![CDATA[{id}]]></id>\n<id_product><![CDATA[{product}]]></id_product>\n"
    return f"{HEAD}<image>\n{inner}</image>\n</prestashop>\n".encode()


def remove(state: State, product: str, id: str) -> None:
    """Delete a picture; its combinations lose it."""
    held = state.images.get(int(product), []) if product.isdigit() else []
    if id not in held:
        raise RefusalError(500, (64, "This image does not exist on disk"))
    held.remove(id)
    state.files.pop(id, None)
    for number in state.tables["combinations"].where("id_product", product):
        row = state.tables["combinations"].rows[number]
        if {"id": id} in (row.get("*images") or ()):
            kept = [one for one in row["*images"] if one != {"id": id}]
            state.tables["combinations"].update(number, **{"*images": kept})


def seen(state: State, path: str) -> bytes | None:
    """What a visitor gets at an address under /img; None where nothing is there."""
    place = PLACE.match(path)
    if place is None or not any(place[1] in ids for ids in state.images.values()):
        return None
    return state.files.get(place[1]) or SIGNS[0] + f"picture {place[1]}".encode()
