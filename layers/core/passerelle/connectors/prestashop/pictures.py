"""Pictures of products: fetched where they lie, sent one by one, and known again by a record that the shop keeps.

Source: https://devdocs.prestashop-project.org/8/webservice/tutorials/advanced-use/manage-images/. A picture in
PrestaShop has no field of an app's own, its file is named by its number, and its legend is not in the webservice. So
for each picture that we write, the product gets a customisation field that is marked as a module's and as deleted:
no visitor and no page of the back office shows one, PrestaShop keeps it, and deletes it with the product. Its name
says which address the picture came from (as a digest), and which picture it became. It is made before the picture is
sent, with the number of the last one there was, so that a picture whose answer was lost is known, and not sent again.
"""

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from hashlib import sha256

from passerelle.connectors.prestashop.documents import Entity
from passerelle.connectors.prestashop.facts import Facts
from passerelle.connectors.prestashop.names import Names
from passerelle.connectors.prestashop.options import linked
from passerelle.connectors.prestashop.reading import text
from passerelle.connectors.prestashop.webservice import Webservice
from passerelle.connectors.prestashop.work import PLAIN, Work, open_ones
from passerelle.connectors.prestashop.writing import Writer
from passerelle.model import Image, ProductField
from passerelle.port import AddressRefused, Incomplete, Rejected, Throttled, Unavailable

RECORDS = "product_customization_fields"
WORD = "passerelle-picture"
MEGABYTE = 1024 * 1024
MOST = 8
AT_ONCE = 4
SIGNS = {b"\xff\xd8\xff": "jpeg", b"\x89PNG": "png", b"GIF8": "gif"}
"""How a file of each kind begins."""
TROUBLE = (Unavailable, Rejected, AddressRefused, Incomplete, Throttled)


def mark(url: str) -> str:
    """What stands for an address."""
    return sha256(url.encode()).hexdigest()[:24]


@dataclass(slots=True)
class Record:
    """What the shop keeps of one picture. `picture`: "" until it is there."""

    id: str
    mark: str
    picture: str
    after: int = 0


@dataclass(slots=True)
class Album:
    """The pictures of one product."""

    work: Work
    held: list[str]
    """Ids of all pictures there, in the shop's order."""
    records: list[Record]
    wanted: dict[str, Image] = field(default_factory=dict)
    """By mark, in order."""
    adds: list[str] = field(default_factory=list)
    drops: list[Record] = field(default_factory=list)
    contents: dict[str, tuple[bytes, str]] = field(default_factory=dict)
    sent: list[Record] = field(default_factory=list)

    def decide(self) -> None:
        """What is to be added and taken away so that ours are those wanted, in their order."""
        ours = sorted(
            (r for r in self.records if r.picture in self.held), key=lambda r: self.held.index(r.picture)
        )
        order = list(self.wanted)
        same = 0
        while same < min(len(ours), len(order)) and ours[same].mark == order[same]:
            same += 1
        self.adds, self.drops = order[same:], ours[same:]

    def adopt(self) -> list[Record]:
        """Records of pictures whose answer was lost, completed: the first newer one that nobody has is theirs."""
        taken = {record.picture for record in self.records}
        waiting = sorted(
            (r for r in self.records if not r.picture and r.mark in self.wanted), key=lambda r: int(r.id)
        )
        last = min((record.after for record in waiting), default=0)
        newer = sorted((id for id in self.held if int(id) > last and id not in taken), key=int)
        if len(newer) > len(waiting):
            # Somebody in the shop added some too: one twice is better than to take theirs for ours.
            return []
        adopted = waiting[: len(newer)]
        for record, id in zip(adopted, newer, strict=True):
            record.picture = id
        return adopted

    def picture(self, url: str) -> str:
        """The picture that an address became."""
        sign = mark(url)
        there = (r for r in self.records if r.picture in self.held or r in self.sent)
        return next((r.picture for r in there if r.mark == sign), "")

    def stale(self) -> list[Record]:
        """Records of pictures that are not there: somebody took them away, or they never came and are not wanted."""
        gone = [r for r in self.records if r.picture and r.picture not in self.held and r not in self.sent]
        return gone + [r for r in self.records if not r.picture and r.mark not in self.wanted]


class Pictures:
    """Writes pictures of one shop."""

    def __init__(self, service: Webservice, facts: Facts, names: Names, writer: Writer) -> None:
        self._service, self._facts, self._names, self._writer = service, facts, names, writer

    def write(self, works: Iterable[Work]) -> None:
        """Bring the pictures of these products in line, and show each variant its own."""
        works = [work for work in open_ones(works) if work.names(ProductField.IMAGES)]
        if not works:
            return
        albums = self._albums(works)
        adopted: list[Record] = []
        for album in albums:
            found = album.adopt()
            album.work.wrote = album.work.wrote or bool(found)
            adopted += found
            album.decide()
        busy = [album for album in albums if album.adds or album.drops]
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="pictures") as pool:
            list(pool.map(self._fetch, busy))
            self._announce(busy)
            list(pool.map(self._send, busy))
        self._confirm([*adopted, *(record for album in busy for record in album.sent)])
        self._clear(busy)
        self._show(albums)

    # --- what is there -----------------------------------------------------------------------------------------

    def _albums(self, works: Sequence[Work]) -> list[Album]:
        ids = [work.id for work in works if work.row is not None]
        kept: dict[str, list[Record]] = {}
        for row in self._service.among(RECORDS, "id_product", ids, "id,id_product,name"):
            record = _record(str(row["id"]), text(row.get("name"), self._facts.written_language))
            if record is not None:
                kept.setdefault(text(row.get("id_product")), []).append(record)
        albums = [Album(work, linked(work.row or {}, "images"), kept.get(work.id, [])) for work in works]
        for album in albums:
            shown = (Image("", variant.image_url) for variant in album.work.product.variants)
            for image in (*album.work.product.images, *shown):
                if image.url:
                    album.wanted.setdefault(mark(image.url), image)
        return albums

    # --- sending -----------------------------------------------------------------------------------------------

    def _fetch(self, album: Album) -> None:
        limit = self._facts.configuration.get("PS_LIMIT_UPLOAD_IMAGE_VALUE", "")
        most = (
            int(min(float(limit), MOST) * MEGABYTE)
            if limit.replace(".", "", 1).isdigit()
            else MOST * MEGABYTE
        )
        for sign in list(album.adds):
            why = ""
            try:
                content = self._service.picture(album.wanted[sign].url, most)
            except TROUBLE as trouble:
                content, why = None, f"A picture could not be fetched: {trouble.why}"
            kind = next((name for start, name in SIGNS.items() if (content or b"").startswith(start)), "")
            if content is None or not kind:
                self._leave_out(
                    album, sign, why or "A picture is too large, or is neither JPEG, PNG nor GIF."
                )
            else:
                album.contents[sign] = content, kind
        if any(album.wanted[sign].alt for sign in album.contents):
            album.work.tell("images", "alt_not_held", "The webservice keeps no description of a picture.")

    def _leave_out(self, album: Album, sign: str, why: str) -> None:
        """A picture that cannot be had now stays where it is, if it is there from before."""
        album.work.tell("images", "image_left_out", why)
        album.adds.remove(sign)
        album.drops = [record for record in album.drops if record.mark != sign]

    def _announce(self, albums: Sequence[Album]) -> None:
        """Make a record of each picture before it is sent; one of an earlier try is taken up."""
        new: list[tuple[Album, str]] = []
        entities: list[Entity] = []
        for album in albums:
            last = max((int(id) for id in album.held), default=0)
            waiting = {record.mark for record in album.records if not record.picture}
            for sign in album.adds:
                if sign not in waiting:
                    new.append((album, sign))
                    told = self._names.spread(f"{WORD} {sign} after {last}")
                    fixed = {"type": "1", "required": "0", "is_module": "1", "is_deleted": "1"}
                    entities.append(Entity({"id_product": album.work.id, **fixed, "name": told}))

        def there(places: Sequence[int]) -> set[int]:
            found = self._pending({new[n][0].work.id for n in places})
            return {n for n in places if (new[n][0].work.id, new[n][1]) in found}

        refused = self._writer.make(RECORDS, entities, there)
        for place, refusal in refused.items():
            self._leave_out(*new[place], refusal.why)
        made = self._pending({album.work.id for album, _ in new}) if new else {}
        for album, sign in new:
            record = made.get((album.work.id, sign))
            album.records += [record] if record else []

    def _pending(self, products: Iterable[str]) -> dict[tuple[str, str], Record]:
        found = {}
        for row in self._service.among(RECORDS, "id_product", products, "id,id_product,name"):
            record = _record(str(row["id"]), text(row.get("name"), self._facts.written_language))
            if record is not None and not record.picture:
                found[text(row.get("id_product")), record.mark] = record
        return found

    def _send(self, album: Album) -> None:
        """Send the pictures of a product in their order, for that is the order in which they are shown."""
        waiting = {record.mark: record for record in album.records if not record.picture}
        for sign in list(album.adds):
            if sign not in waiting:
                continue
            try:
                record, (content, kind) = waiting[sign], album.contents[sign]
                record.picture = self._service.upload(album.work.id, content, kind) or self._newest(album)
            except Rejected as refusal:
                self._writer.remove(RECORDS, [waiting[sign].id])
                self._leave_out(album, sign, f"The shop refuses a picture: {refusal.why}")
            else:
                album.sent.append(record)
                album.work.wrote = True

    def _newest(self, album: Album) -> str:
        """The picture that was sent last, where the answer did not tell it."""
        rows = self._service.entities("products", [album.work.id])
        return max((id for row in rows for id in linked(row, "images")), key=int, default="")

    def _confirm(self, records: Sequence[Record]) -> None:
        told = {r.id: Entity({"name": self._names.spread(f"{WORD} {r.mark} {r.picture}")}) for r in records}
        self._writer.update(RECORDS, told)

    def _clear(self, albums: Sequence[Album]) -> None:
        """Take away what is no longer wanted, now that what stands in its place is there."""
        self._writer.remove(RECORDS, [record.id for album in albums for record in album.stale()])
        for album in albums:
            for record in album.drops:
                try:
                    self._service.delete_picture(album.work.id, record.picture)
                except Rejected as refusal:
                    if refusal.status != 404:
                        album.work.tell("images", "image_left_there", refusal.why)
                        continue
                album.work.wrote = True
                album.records.remove(record)
                self._writer.remove(RECORDS, [record.id])

    # --- variants ----------------------------------------------------------------------------------------------

    def _show(self, albums: Sequence[Album]) -> None:
        """Give each combination its picture, where it does not have it yet."""
        shown: dict[str, Entity] = {}
        owners: dict[str, Work] = {}
        for album in albums:
            for variant in album.work.product.variants:
                part, picture = album.work.of.get(variant.id, PLAIN), album.picture(variant.image_url)
                if part != PLAIN and picture:
                    held = linked(album.work.parts.get(part, {}), "images")
                    ours = {record.picture for record in album.records} | {r.picture for r in album.drops}
                    if picture not in held:
                        kept = [id for id in held if id not in ours]
                        shown[part], owners[part] = Entity(links={"images": [picture, *kept]}), album.work
        refused: Mapping[str, Rejected] = self._writer.update("combinations", shown)
        for part, work in owners.items():
            work.wrote = True
            if part in refused:
                work.tell("images", "image_left_out", refused[part].why)


def _record(id: str, name: str) -> Record | None:
    """A record of ours; fields that a merchant made are none."""
    words = name.split()
    if len(words) == 3 and words[0] == WORD and words[2].isdigit():
        return Record(id, words[1], words[2])
    if len(words) == 4 and words[0] == WORD and words[2] == "after" and words[3].isdigit():
        return Record(id, words[1], "", int(words[3]))
    return None
