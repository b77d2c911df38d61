"""What rides along with a contact that was written, and what an audience has ready for it."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Beside:
    """Something told beside the outcome of a contact: `code` is a stable word, `after` what is held now.

    Holds no address, name or telephone.
    """

    field: str
    code: str
    after: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class MergeField:
    """A field of an audience's contacts; `type` is the audience's word, such as text, number, address, birthday."""

    tag: str
    name: str
    type: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class TextProgramme:
    """An audience's programme of text messages. `started_at` is None where the platform does not tell it."""

    running: bool
    started_at: datetime | None = None
