"""Pictures written to a shop: each once, in their order, and never those that the shop's own people put there."""

from dataclasses import replace

import httpx
import pytest
from passerelle.connectors.prestashop import Connector, Credentials, Settings
from passerelle.http import Client
from passerelle.model import Image, Product, ProductField
from passerelle.port import Result, Unavailable
from sandbox.moods import Mood
from sandbox.prestashop import Shop
from sandbox.prestashop.sample import SAMPLE_KEY
from sandbox.transport import InProcess

from .connecting import URL
from .dependent import create, differences, empty_shop, kept, mug, pictures, push, read, shirt, update

F = ProductField
JPEG, PNG, GIF = b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n", b"GIF89a"


class Cdn(httpx.BaseTransport):
    """The shop, and beside it a place where pictures lie; counts what is fetched there."""

    def __init__(self, shop: Shop) -> None:
        self._shop = InProcess({URL: shop})
        self.files: dict[str, bytes] = {}
        self.fetched: list[str] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.host != "cdn.example":
            return self._shop.handle_request(request)
        self.fetched.append(request.url.path)
        content = self.files.get(request.url.path, JPEG + request.url.path.encode())
        return httpx.Response(404 if not content else 200, content=content, request=request)


class Stage:
    """A shop with a place for pictures, and connectors to both."""

    def __init__(self) -> None:
        self.shop = empty_shop()
        self.cdn = Cdn(self.shop)

    def open(self) -> Connector:
        client = Client(self.cdn, allow_private=True, sleep=lambda _: None)
        return Connector(Credentials(url=URL, key=SAMPLE_KEY), Settings(tax_rules_group=1), client)

    def seen(self, id: str) -> list[str]:
        """What each picture of the product is, in the shop's order."""
        files = self.shop.state.files
        return [
            files.get(one, b"own")[4:].decode() or "own" for one in self.shop.state.images.get(int(id), [])
        ]


@pytest.fixture
def stage() -> Stage:
    return Stage()


def made(stage: Stage, product: Product) -> str:
    outcome = push(stage.open(), create(product))
    assert outcome.result is Result.CREATED
    return outcome.destination_id


def names(*wanted: str) -> list[str]:
    return [f"/{name}.jpg" for name in wanted]


def test_a_new_product_has_its_pictures_in_their_order(stage: Stage) -> None:
    id = made(stage, mug(images=pictures("a", "b", "c")))
    assert stage.seen(id) == names("a", "b", "c")
    assert len(read(stage.open(), id).images) == 3


def test_writing_the_same_pictures_again_adds_none_and_fetches_none(stage: Stage) -> None:  # C-10
    product = mug(images=pictures("a", "b"))
    id = made(stage, product)
    before, fetched, writes = kept(stage.shop, id), len(stage.cdn.fetched), len(stage.shop.calls.writes)
    assert push(stage.open(), update(product, id, F.IMAGES)).result is Result.UNCHANGED
    assert push(stage.open(), create(product)).result is Result.UNCHANGED
    assert (len(stage.cdn.fetched), len(stage.shop.calls.writes)) == (fetched, writes)
    assert kept(stage.shop, id) == before


@pytest.mark.parametrize(
    ("wanted", "fetched"),
    [("abc", "c"), ("a", ""), ("b", "b"), ("ba", "ba"), ("xyz", "xyz"), ("axb", "xb"), ("", "")],
)
def test_a_list_that_changed_replaces_what_was_written(stage: Stage, wanted: str, fetched: str) -> None:
    id = made(stage, mug(images=pictures("a", "b")))
    stage.cdn.fetched.clear()
    push(stage.open(), update(mug(images=pictures(*wanted)), id, F.IMAGES))
    assert stage.seen(id) == names(*wanted)
    assert stage.cdn.fetched == names(*fetched)
    assert len(stage.shop.state.product_customization_fields) == len(wanted)
    again = push(stage.open(), update(mug(images=pictures(*wanted)), id, F.IMAGES))
    assert again.result is Result.UNCHANGED


def test_pictures_that_the_shops_people_put_there_stay(stage: Stage) -> None:
    id = made(stage, mug(images=pictures("a", "b")))
    stage.shop.state.images[int(id)].insert(1, "900")
    push(stage.open(), update(mug(images=pictures("z")), id, F.IMAGES))
    assert stage.seen(id) == ["own", *names("z")]


def test_nothing_else_of_a_product_is_touched_by_its_pictures(stage: Stage) -> None:  # C-10
    id = made(stage, mug(images=pictures("a")))
    before = kept(stage.shop, id)
    push(stage.open(), update(mug(title="X", images=pictures("b")), id, F.IMAGES))
    changed = {path.partition("/")[0] for path in differences(before, kept(stage.shop, id))}
    assert changed == {"images", "product_customization_fields"}


def test_a_picture_that_was_taken_away_in_the_shop_is_put_back_once(stage: Stage) -> None:
    product = mug(images=pictures("a", "b"))
    id = made(stage, product)
    stage.shop.state.images[int(id)].pop(0)
    push(stage.open(), update(product, id, F.IMAGES))
    assert stage.seen(id) == names("a", "b")
    assert len(stage.shop.state.product_customization_fields) == 2


def test_the_records_are_shown_to_nobody(stage: Stage) -> None:
    id = made(stage, mug(images=pictures("a")))
    ((_, row),) = list(stage.shop.state.product_customization_fields)
    assert (row["id_product"], row["is_module"], row["is_deleted"], row["required"]) == (id, "1", "1", "0")
    assert "cdn.example" not in row["name"]["1"]


@pytest.mark.parametrize("lost", [1, 2, 3])
def test_a_picture_whose_answer_was_lost_is_not_sent_again(stage: Stage, lost: int) -> None:  # B-7
    product = mug(images=pictures("a", "b", "c"))
    stage.shop.moods.add(Mood.LOST_ANSWER, "POST /api/images", after=lost - 1, times=1)
    with pytest.raises(Unavailable):
        push(stage.open(), create(product))
    outcome = push(stage.open(), create(product))
    assert outcome.result is Result.CREATED
    assert stage.seen(outcome.destination_id) == names("a", "b", "c")
    assert sorted(stage.cdn.fetched).count("/a.jpg") <= 2
    assert push(stage.open(), update(product, outcome.destination_id)).result is Result.UNCHANGED


@pytest.mark.parametrize("where", ["POST", "PATCH"])
def test_a_record_whose_answer_was_lost_makes_no_second_picture(stage: Stage, where: str) -> None:  # B-7
    product = mug(images=pictures("a", "b"))
    stage.shop.moods.add(Mood.LOST_ANSWER, f"{where} /api/product_customization_fields", times=1)
    with pytest.raises(Unavailable):
        push(stage.open(), create(product))
    outcome = push(stage.open(), create(product))
    assert stage.seen(outcome.destination_id) == names("a", "b")
    assert len(stage.shop.state.product_customization_fields) == 2


def test_a_picture_of_the_shops_people_is_never_taken_for_one_that_was_lost(stage: Stage) -> None:
    id = made(stage, mug(images=pictures("a")))
    stage.shop.moods.add(Mood.UNAVAILABLE, "POST /api/images", times=1)
    with pytest.raises(Unavailable):
        push(stage.open(), update(mug(images=pictures("a", "b")), id, F.IMAGES))
    stage.shop.state.images[int(id)] += ["900", "901"]
    push(stage.open(), update(mug(images=pictures("a")), id, F.IMAGES))
    push(stage.open(), update(mug(images=pictures("c")), id, F.IMAGES))
    assert stage.seen(id) == ["own", "own", *names("c")]
    assert len(stage.shop.state.product_customization_fields) == 1


def test_a_picture_that_cannot_be_had_is_told_and_the_others_are_there(stage: Stage) -> None:
    stage.cdn.files |= {"/gone.jpg": b"", "/web.jpg": b"RIFF....WEBP", "/large.jpg": JPEG + b"x" * 9_000_000}
    product = mug(images=(*pictures("gone", "web", "a", "large"), Image("p", "http://10.0.0.1/x.jpg")))
    outcome = push(stage.open(), create(product))
    assert [each.code for each in outcome.beside] == ["image_left_out"]
    assert stage.seen(outcome.destination_id) == names("a")


def test_a_picture_that_is_gone_where_it_came_from_stays_where_it_was_written(stage: Stage) -> None:
    id = made(stage, mug(images=pictures("a", "b")))
    stage.cdn.files["/b.jpg"] = b""
    outcome = push(stage.open(), update(mug(images=pictures("x", "b")), id, F.IMAGES))
    assert [each.code for each in outcome.beside] == ["image_left_out"]
    assert set(stage.seen(id)) == {"/x.jpg", "/b.jpg"}


def test_pictures_of_every_kind_that_the_shop_takes_are_sent_and_alts_are_told(stage: Stage) -> None:
    stage.cdn.files |= {"/p.jpg": PNG + b"p", "/g.jpg": GIF + b"g"}
    wanted = (*pictures("p", "g"), replace(pictures("a")[0], alt="A fox"))
    outcome = push(stage.open(), create(mug(images=wanted)))
    assert len(stage.shop.state.images[int(outcome.destination_id)]) == 3
    assert [each.code for each in outcome.beside] == ["alt_not_held"]


def test_a_shop_that_takes_small_pictures_only_is_sent_no_large_one(stage: Stage) -> None:
    setting = stage.shop.state.configurations.where("name", "PS_LIMIT_UPLOAD_IMAGE_VALUE")[0]
    stage.shop.state.configurations.update(setting, value="1")
    stage.cdn.files["/a.jpg"] = JPEG + b"x" * 1_100_000
    outcome = push(stage.open(), create(mug(images=pictures("a"))))
    assert [each.code for each in outcome.beside] == ["image_left_out"]


def test_each_variant_shows_its_own_picture(stage: Stage) -> None:
    images = pictures("red", "blue")
    shown = {"Red": images[0].url, "Blue": images[1].url}
    variants = tuple(replace(v, image_url=shown[v.options[1][1]]) for v in shirt().variants)
    product = replace(shirt(), images=images, variants=variants)
    id = made(stage, product)
    files = stage.shop.state.files
    rows = [row for _, row in stage.shop.state.combinations]
    told = [files[row["*images"][0]["id"]][4:].decode() for row in rows]
    assert told == names("red", "blue", "red", "blue")
    assert push(stage.open(), update(product, id, F.IMAGES)).result is Result.UNCHANGED
    assert stage.seen(id) == names("red", "blue")


def test_a_picture_of_the_shop_can_be_had_at_the_address_that_its_product_tells(stage: Stage) -> None:
    id = made(stage, mug(images=pictures("a")))
    (image,) = read(stage.open(), id).images
    assert Client(stage.cdn, allow_private=True).request("GET", image.url).content == JPEG + b"/a.jpg"
