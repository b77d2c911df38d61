"""Makes texts fit what PrestaShop's validators let through, as little changed as can be.

Source: https://devdocs.prestashop-project.org/8/webservice/resources/products/ (formats and sizes; the validators
are named in `?schema=synopsis`).
"""

import re
import unicodedata
from hashlib import sha256

from passerelle.connectors.prestashop.documents import UNWRITABLE

CATALOG = re.compile(r"[<>;=#{}]")
"""What a name in the catalogue may not hold: titles, categories, manufacturers."""
GENERIC = re.compile(r"[<>={}]")
"""What any other name may not hold: options and their values, tags."""
REFERENCE = re.compile(r"[<>;={}]")
NOTHING = re.compile(r"(?!)")
OURS = "passerelle:"
LONGEST_REFERENCE = 64
TITLE, VENDOR, CATEGORY, TAG, OPTION, VALUE, SLUG = 128, 64, 128, 32, 64, 128, 128

_SCRIPT = re.compile(r"<\s*script\b.*?(<\s*/\s*script\s*>|$)", re.IGNORECASE | re.DOTALL)
_FRAMES = re.compile(r"<\s*/?\s*(i?frame|form|input|embed|object)\b[^>]*>", re.IGNORECASE)
_STRAY = re.compile(r"<(?=\s*(script|i?frame|form|input|embed|object))", re.IGNORECASE)
_TAG = re.compile(r"<[a-zA-Z][^<>]*>")
_ACTING = re.compile(
    r"""\s+(on[a-z]+\s*=\s*("[^"]*"|'[^']*'|[^\s>]*)|[\w-]+\s*=\s*("[^"]*script\s*:[^"]*"|'[^']*script\s*:[^']*'))""",
    re.IGNORECASE,
)
"""An attribute that does something: an event's, or an address that is a script."""


def fitted(text: str, forbidden: re.Pattern[str], longest: int) -> str:
    """The text without what is forbidden, and cut."""
    bare = UNWRITABLE.sub("", text).strip()
    if forbidden.search(bare):
        bare = " ".join(forbidden.sub(" ", bare).split())
    return bare[:longest].rstrip()


def clean_html(html: str) -> str:
    """A description without scripts, frames and forms, which the shop refuses with all that is written beside."""
    bare = UNWRITABLE.sub("", html).strip()
    for pattern in (_SCRIPT, _FRAMES):
        bare = pattern.sub("", bare)
    bare = _TAG.sub(lambda tag: _ACTING.sub("", tag[0]), bare)
    bare = _STRAY.sub("&lt;", bare)
    # In running text the same signs are refused too; an entity looks the same to a reader.
    bare = re.sub(r"(script):", r"\1&#58;", bare, flags=re.IGNORECASE)
    return re.sub(r"\b(on[a-z]{3,}\s*)=", r"\1&#61;", bare, flags=re.IGNORECASE)


def same_html(one: str, other: str) -> bool:
    """Whether two descriptions say the same: the shop's purifier writes breaks and blanks its own way."""
    return _plainly(one) == _plainly(other)


def _plainly(html: str) -> str:
    return " ".join(re.sub(r"\s*/>", ">", html).split())


def slug(text: str) -> str:
    """A part of an address; empty where nothing of the text can stand in one."""
    bare = unicodedata.normalize("NFKD", text.strip()).encode("ascii", "ignore").decode()
    return re.sub(r"[^_a-zA-Z0-9-]+", "-", bare)[:SLUG].strip("-").lower()


def our_reference(reference: str) -> str:
    """Our reference as the shop keeps it: as it is, or its digest where it is too long."""
    whole = reference if reference.startswith(OURS) else f"{OURS}{reference}"
    if len(whole) <= LONGEST_REFERENCE and not REFERENCE.search(whole) and whole.isascii():
        return whole
    return OURS + sha256(whole.encode()).hexdigest()[:48]


def barcode_field(barcode: str) -> str:
    """Which field holds this barcode; empty where none can."""
    if re.fullmatch(r"\d{12}", barcode):
        return "upc"
    if re.fullmatch(r"\d{1,13}", barcode):
        return "ean13"
    return "isbn" if re.fullmatch(r"97[89][\d-]{10,29}", barcode) else ""
