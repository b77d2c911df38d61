"""Bulk exports: started once, read whole or not at all, in flat memory."""

import json
import tracemalloc

import pytest
from passerelle.connectors.shopify.bulk import Spool
from passerelle.model import Kind, Product
from passerelle.port import Export, Incomplete, PermissionMissing, Rejected, Selection, Throttled, Unavailable
from sandbox.moods import Mood
from sandbox.shopify.sample import EPOCH, catalogue, customer, product
from sandbox.shopify.state import gid


def finished(world, kind, selection=None):
    export = world.connector.export(kind, selection or Selection())
    while not export.ready:
        export = world.connector.exported(export)
    return export


@pytest.mark.parametrize("kind", [Kind.PRODUCTS, Kind.CUSTOMERS, Kind.ORDERS])
def test_an_export_gives_the_same_objects_as_pulls(world, kind):
    world.open(rate=100_000, bucket=100_000)
    world.shop.load(catalogue(200, 200, 200))
    exported = list(world.connector.read(kind, finished(world, kind)))
    assert exported == list(world.pull(kind).objects)


@pytest.mark.parametrize("places", [1, 3])
def test_an_export_of_stock_tells_what_the_list_tells(world, places):  # C-7, G-1
    world.shop.load(catalogue(150, 0, 0))
    for number in range(1, places):
        world.shop.open_location(f"Entrepôt {number}")
    world.connector = world.connect()
    exported = list(world.connector.read(Kind.STOCK, finished(world, Kind.STOCK)))
    listed = world.pull(Kind.STOCK).objects
    assert sorted(exported, key=lambda each: each.id) == sorted(listed, key=lambda each: each.id)


def test_an_export_takes_the_settings_pictures(world):
    world.shop.load(catalogue(20, 0, 0))
    world.connector = world.connect(image_format="jpg", image_width=100)
    exported = list(world.connector.read(Kind.PRODUCTS, finished(world, Kind.PRODUCTS)))
    assert exported == list(world.pull(Kind.PRODUCTS).objects)


def test_a_selection_is_exported_alone(world):
    world.shop.load(catalogue(50, 0, 0))
    chosen = Selection(since=EPOCH.replace(hour=1, minute=40))
    exported = list(world.connector.read(Kind.PRODUCTS, finished(world, Kind.PRODUCTS, chosen)))
    assert [each.id for each in exported] == [str(7000 + place) for place in range(40, 50)]


def test_an_empty_shop_exports_nothing(world):
    assert list(world.connector.read(Kind.CUSTOMERS, finished(world, Kind.CUSTOMERS))) == []


def test_an_export_whose_answer_was_lost_is_taken_up(world):  # B-7
    world.open(bulk_polls=3)
    world.shop.load(catalogue(5, 0, 0))
    world.shop.moods.add(Mood.LOST_ANSWER, after=1)
    with pytest.raises(Unavailable):
        world.connector.export(Kind.PRODUCTS, Selection())
    world.connector.export(Kind.PRODUCTS, Selection())
    assert len(world.shop.state.shelf("BulkOperation").things) == 1


def test_an_older_export_is_not_taken_up_since_changes_would_be_missing(world):  # B-13
    world.open(bulk_polls=9)
    first = world.connector.export(Kind.PRODUCTS, Selection())
    world.wait(61)
    assert world.connector.export(Kind.PRODUCTS, Selection()) != first


def test_the_same_export_is_taken_up_while_it_runs(world):
    world.open(bulk_polls=3)
    world.shop.load(catalogue(5, 0, 0))
    first = world.connector.export(Kind.PRODUCTS, Selection())
    assert world.connector.export(Kind.PRODUCTS, Selection()) == first
    other = world.connector.export(Kind.PRODUCTS, Selection(since=EPOCH))
    assert other != first


def test_a_sixth_export_waits(world):
    world.open(bulk_polls=9)
    for minute in range(5):
        world.connector.export(Kind.PRODUCTS, Selection(since=EPOCH.replace(minute=minute)))
    with pytest.raises(Throttled):
        world.connector.export(Kind.PRODUCTS, Selection())


def test_what_cannot_be_read_is_told_and_the_rest_goes_on(world):
    world.shop.load(catalogue(30, 0, 0))
    world.shop.life.edit(gid("Product", 7001), title="")
    found = list(world.connector.read(Kind.PRODUCTS, finished(world, Kind.PRODUCTS)))
    assert len([each for each in found if isinstance(each, Product)]) == 29
    assert len(found) == 30


def spoil(world, change):
    """Let a finished export's file be something else than Shopify counted."""
    export = finished(world, Kind.PRODUCTS)
    [(name, body)] = world.shop.state.files.items()
    world.shop.state.files[name] = change(body)
    return export


@pytest.mark.parametrize(
    "change",
    [
        lambda body: body[: len(body) // 2],
        lambda body: b"\n".join(body.splitlines()[1:]),
        lambda body: b"\n".join(body.splitlines()[:-1]),
        lambda body: body + b'{"id": "gid://shopify/Product/1"}\n',
        lambda body: body.replace(b'"__parentId": "gid://shopify/Product/7001"', b'"__parentId": "x"'),
        lambda body: body + b"[]\n",
        lambda _: b"",
    ],
    ids=["cut", "root lost", "child lost", "one more", "orphan", "no object", "empty"],
)
def test_a_file_that_is_not_what_was_counted_is_an_error(world, change):  # B-14
    world.shop.load([product(place, variants=2) for place in range(5)])
    export = spoil(world, change)
    with pytest.raises(Incomplete):
        list(world.connector.read(Kind.PRODUCTS, export))


def test_a_download_that_breaks_off_is_no_empty_success(world):  # B-14
    world.shop.load(catalogue(20, 0, 0))
    export = finished(world, Kind.PRODUCTS)
    world.shop.moods.add(Mood.TRUNCATED, match="GET /_results", declared=True, times=9)
    with pytest.raises(Unavailable):
        list(world.connector.read(Kind.PRODUCTS, export))


@pytest.mark.parametrize(
    ("ending", "error"),
    [
        ({"status": "FAILED", "errorCode": "INTERNAL_SERVER_ERROR"}, Unavailable),
        ({"status": "FAILED", "errorCode": "TIMEOUT", "partialDataUrl": "https://x.example/p"}, Unavailable),
        ({"status": "FAILED", "errorCode": "ACCESS_DENIED"}, PermissionMissing),
        ({"status": "CANCELED"}, Unavailable),
        ({"status": "EXPIRED"}, Unavailable),
        ({"status": "COMPLETED", "partialDataUrl": "https://x.example/p"}, Unavailable),
    ],
)
def test_an_export_that_failed_is_an_error_even_with_partial_data(world, ending, error):
    world.shop.load(catalogue(5, 0, 0))
    export = finished(world, Kind.PRODUCTS)
    [held] = world.shop.state.shelf("BulkOperation").things.values()
    held.update(ending)
    with pytest.raises(error):
        world.connector.exported(export)
    with pytest.raises(error):
        list(world.connector.read(Kind.PRODUCTS, export))


def test_an_export_that_is_not_ready_cannot_be_read(world):
    world.open(bulk_polls=9)
    export = world.connector.export(Kind.PRODUCTS, Selection())
    with pytest.raises(Unavailable):
        list(world.connector.read(Kind.PRODUCTS, export))


def test_an_export_that_shopify_forgot_is_an_error(world):
    with pytest.raises(Unavailable):
        world.connector.exported(Export("gid://shopify/BulkOperation/1"))


def test_kinds_without_an_export_are_refused(world):
    with pytest.raises(Rejected):
        world.connector.export(Kind.CARTS, Selection())


def test_hidden_customers_are_a_missing_permission(world):
    world.shop.load([customer(place, consent="SUBSCRIBED") for place in range(30)])
    world.shop.hides_persons = True
    with pytest.raises(PermissionMissing):
        list(world.connector.read(Kind.CUSTOMERS, finished(world, Kind.CUSTOMERS)))


def test_the_token_does_not_leave_for_the_file_host(world):  # G-7
    world.shop.load(catalogue(2, 0, 0))
    seen = []
    answer = world.shop._file
    world.shop._file = lambda request: seen.append(dict(request.headers)) or answer(request)
    list(world.connector.read(Kind.PRODUCTS, finished(world, Kind.PRODUCTS)))
    assert "shpat" not in json.dumps(seen)
    assert seen


def test_memory_stays_flat_however_long_the_file(world):
    def peak(products):
        world.open(rate=100_000, bucket=100_000)
        world.shop.load(catalogue(products, 0, 0))
        export = finished(world, Kind.PRODUCTS)
        tracemalloc.start()
        count = sum(1 for _ in world.connector.read(Kind.PRODUCTS, export))
        highest = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        size = sum(len(body) for body in world.shop.state.files.values())
        assert count == products
        # In process the whole file passes through the transport: what is ours is the rest.
        return highest - 2 * size

    assert peak(1_600) < peak(400) + 4_000_000


def test_a_full_disk_is_told_with_what_to_do(world, tmp_path):
    world.shop.load(catalogue(300, 0, 0))
    finished(world, Kind.PRODUCTS)
    [name] = world.shop.state.files
    with Spool(tmp_path / "lines.db") as spool:
        spool._base.execute("PRAGMA max_page_count = 20")
        with pytest.raises(Unavailable, match="cannot be kept") as refused:
            world.connector._exports._download(f"{world.shop.address}/_results/{name}?signature=local", spool)
    assert "storage" in refused.value.remedy
