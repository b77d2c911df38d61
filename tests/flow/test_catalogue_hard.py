"""Bad days of a main store and of a dependent one: nothing is lost, twice, or green that is not."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from passerelle.memory import Run, RunOutcome
from passerelle.model import Kind, ProductField, ProductStatus, Severity
from sandbox.chain import Chain
from sandbox.goods import CUP, GIFT, SHIRT, changed, told
from sandbox.moods import FOREVER, Mood
from sandbox.outlets import OUTLETS

pytestmark = pytest.mark.long

PLATFORMS = list(OUTLETS)
every_platform = pytest.mark.parametrize("platform", PLATFORMS)
PASSING = [
    (Mood.LOST_ANSWER, {}),
    (Mood.DROPPED, {}),
    (Mood.TRUNCATED, {}),
    (Mood.TRUNCATED, {"declared": True, "share": 0.9}),
    (Mood.UNAVAILABLE, {"status": 502}),
    (Mood.THROTTLED, {}),
    (Mood.SLOW, {}),
]
every_trouble = pytest.mark.parametrize(("mood", "options"), PASSING)


def other(platform: str) -> str:
    """Another platform."""
    return "woocommerce" if platform != "woocommerce" else "shopify"


def begun(main: str, dependent: str) -> Chain:
    """A main store whose goods have yet to travel."""
    shops = Chain.of(main, dependent)
    shops.main.stocked(CUP, SHIRT)
    return _counted_from_now(shops)


def moved_on(main: str, dependent: str) -> Chain:
    """Goods that travelled, and are others now."""
    shops = begun(main, dependent)
    shops.sync_all()
    for product in (CUP, SHIRT):
        held = shops.main.by_sku(product.variants[0].sku)
        fields = shops.main.outlet.held - {ProductField.QUANTITY, ProductField.SKU}
        shops.main.edit(changed(held), *fields)
    shops.main.put("CUP-1", 3)
    return _counted_from_now(shops)


def _counted_from_now(shops: Chain) -> Chain:
    for member in (shops.main, shops.dependent):
        member.outlet.shop.calls.clear()
    return shops


def left(shops: Chain) -> list[dict[str, Any]]:
    """What the dependent store holds."""
    shops.dependent.outlet.shop.moods.clear()
    products = [told(product, shops.dependent.outlet.held) for product in shops.dependent.products()]
    return sorted(products, key=repr)


def assert_whole(shops: Chain, runs: list[Run], wanted: list[dict[str, Any]]) -> None:
    """All went well in the end."""
    for run in runs:
        assert run.outcome is RunOutcome.COMPLETED, (run.kind, run.why)
        assert run.counts.settled == run.expected
    assert left(shops) == wanted
    assert [each.title for each in shops.incidents() if each.severity is not Severity.INFO] == []


def _spoilt_at(dependent: str, end: str, staged: Callable[[str, str], Chain], every: int) -> None:
    """Each call of a calm round is spoilt in turn, by each trouble; `every`: how many are passed over."""
    calm = staged(other(dependent), dependent)
    calm.sync_all()
    calls, wanted = len(_member(calm, end).outlet.shop.calls), left(calm)
    for turn, (mood, options) in enumerate(PASSING):
        for at in range(turn % every, calls + 1, every):
            shops = staged(other(dependent), dependent)
            _member(shops, end).outlet.shop.moods.add(mood, after=at, **options)
            runs = shops.sync_all()
            _member(shops, end).outlet.shop.moods.clear()
            assert_whole(shops, runs, wanted)


def _member(shops: Chain, end: str) -> Any:
    return shops.main if end == "main" else shops.dependent


@pytest.mark.parametrize("end", ["main", "dependent"])
@pytest.mark.parametrize("staged", [begun, moved_on], ids=["first", "next"])
@every_platform
def test_a_passing_trouble_at_either_end_changes_nothing_in_the_end(  # B-7, B-12
    platform: str, staged: Callable[[str, str], Chain], end: str
) -> None:
    _spoilt_at(platform, end, staged, 7)


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize("end", ["main", "dependent"])
@pytest.mark.parametrize("staged", [begun, moved_on], ids=["first", "next"])
@every_platform
def test_any_call_may_be_spoilt_by_any_trouble(  # B-7, B-12
    platform: str, staged: Callable[[str, str], Chain], end: str
) -> None:
    _spoilt_at(platform, end, staged, 1)


WRITES = {
    "shopify": "graphql",
    "prestashop": "^(POST|PUT|PATCH) ",
    "woocommerce": "^(POST|PUT) ",
    "magento": "^(POST|PUT) ",
}


@every_platform
def test_a_shop_that_stays_down_is_never_green_and_the_next_run_heals(platform: str) -> None:  # B-12
    shops = begun(other(platform), platform)
    shops.dependent.outlet.shop.moods.add(Mood.UNAVAILABLE, WRITES[platform], after=1, times=FOREVER)

    run = shops.sync(Kind.PRODUCTS)

    assert run.outcome is not RunOutcome.COMPLETED
    assert [each for each in shops.incidents() if each.severity is not Severity.INFO]
    shops.dependent.outlet.shop.moods.clear()
    runs = shops.sync_all()
    assert_whole(shops, runs, _calm(platform))


def _calm(platform: str) -> list[dict[str, Any]]:
    calm = begun(other(platform), platform)
    calm.sync_all()
    return left(calm)


@pytest.mark.parametrize("end", ["main", "dependent"])
@pytest.mark.parametrize("after", [0, 2])
@every_platform
def test_credentials_refused_midway_stop_the_run_and_say_so(
    platform: str, end: str, after: int
) -> None:  # G-5
    names = (platform, other(platform)) if end == "main" else (other(platform), platform)
    shops = begun(*names)
    moods = _member(shops, end).outlet.shop.moods
    moods.add(Mood.EXPIRED_CREDENTIALS, after=after)

    run = shops.sync(Kind.PRODUCTS)

    assert run.outcome in (RunOutcome.FAILED, RunOutcome.COMPLETED_WITH_ERRORS), (run.outcome, run.why)
    assert [each for each in shops.incidents() if each.severity is Severity.ERROR]
    moods.clear()
    assert {run.outcome for run in shops.sync_all()} == {RunOutcome.COMPLETED}
    assert len(shops.dependent.products()) == 2


@every_platform
def test_a_main_store_that_changes_while_it_is_read_loses_nothing(platform: str) -> None:  # B-15
    for call in (1, 2, 3):
        shops = Chain.of(platform, other(platform))
        ids = shops.main.stocked(CUP, GIFT)
        done: list[int] = []

        def meanwhile(shops: Chain = shops, ids: list[str] = ids, done: list[int] = done) -> None:
            if not done:
                done.append(1)
                shops.main.delete(ids[0])
                shops.main.stocked(SHIRT)

        shops.main.outlet.shop.moods.on_call(call, meanwhile, "")
        shops.sync(Kind.PRODUCTS)
        shops.clock.sleep(300)
        runs = [*shops.sync_all(), *shops.sync_all()]
        assert {run.outcome for run in runs} == {RunOutcome.COMPLETED}
        found = {each.variants[0].sku: each.status for each in shops.dependent.products()}
        assert found.pop("CUP-1", ProductStatus.DRAFT) is ProductStatus.DRAFT
        assert set(found) == {"GIFT-0", "SHIRT-M-BLEU"}


# --- what somebody does by hand at the dependent store ------------------------------------------------------------


@every_platform
def test_a_product_that_was_deleted_by_hand_is_made_anew_at_its_next_change(
    platform: str,
) -> None:  # C-4, B-12
    shops = begun(other(platform), platform)
    shops.limits["str_1"] = 2
    shops.sync_all()
    shops.dependent.delete(shops.dependent.by_sku("CUP-1").id)
    held = shops.main.by_sku("CUP-1")
    shops.main.edit(replace(held, title="Tasse neuve"), ProductField.TITLE)

    runs = shops.sync_all()

    assert [run.outcome for run in runs] == [RunOutcome.COMPLETED] * 2
    assert runs[0].counts.created == 1
    found = shops.dependent.by_sku("CUP-1")
    assert (found.title, found.variants[0].quantity) == ("Tasse neuve", 7)
    assert [act.action for act in shops.told.acts].count("counterpart_deleted") == 1
    _nothing_more_happens(shops)


@every_platform
def test_a_product_that_was_deleted_by_hand_comes_back_when_only_its_units_tell(platform: str) -> None:  # C-4
    shops = begun(other(platform), platform)
    shops.sync_all()
    shops.dependent.delete(shops.dependent.by_sku("CUP-1").id)

    shops.sync_all()
    shops.sync_all()

    assert shops.dependent.units("CUP-1") == 7
    _nothing_more_happens(shops)


@every_platform
def test_where_nothing_is_made_a_product_deleted_by_hand_is_told_once_and_left(platform: str) -> None:  # C-4
    shops = Chain.of(other(platform), platform, all=False)
    shops.main.stocked(CUP, SHIRT)
    shops.dependent.stocked(CUP, SHIRT)
    shops.sync_all()
    shops.dependent.delete(shops.dependent.by_sku("CUP-1").id)
    held = shops.main.by_sku("CUP-1")
    shops.main.edit(replace(held, title="Tasse neuve"), ProductField.TITLE)

    runs = shops.sync_all()

    assert [run.outcome for run in runs] == [RunOutcome.COMPLETED] * 2
    assert [act.action for act in shops.told.acts].count("counterpart_deleted") == 1
    assert len(shops.dependent.products()) == 1
    _nothing_more_happens(shops)
    # Whoever brings it back is matched again.
    shops.dependent.stocked(CUP)
    shops.sync_all()
    assert shops.dependent.by_sku("CUP-1").title == "Tasse neuve"


@every_platform
def test_a_variant_that_was_deleted_by_hand_comes_back_with_its_units(platform: str) -> None:  # C-6
    shops = begun(other(platform), platform)
    shops.sync_all()
    there = shops.dependent.by_sku("SHIRT-L-BLEU")
    away = next(each for each in there.variants if each.sku == "SHIRT-L-BLEU")
    stay = tuple(each for each in there.variants if each is not away)
    shops.dependent.edit(replace(there, variants=stay), ProductField.TITLE, without=[away.id])
    assert len(shops.dependent.product(there.id).variants) == 3

    for _ in range(3):
        shops.sync_all()

    assert shops.dependent.units("SHIRT-L-BLEU") == 5
    assert len(shops.dependent.product(there.id).variants) == 4
    _nothing_more_happens(shops)


@every_platform
def test_a_dependent_that_disconnects_has_no_trouble_with_what_is_gone(platform: str) -> None:  # C-11
    shops = begun(other(platform), platform)
    shops.sync_all()
    shops.dependent.delete(shops.dependent.by_sku("CUP-1").id)

    run = shops.disconnect("draft")

    assert (run.outcome, run.counts.failed) == (RunOutcome.COMPLETED, 0), shops.incidents()
    assert [each.status for each in shops.dependent.products()] == [ProductStatus.DRAFT]
    assert [each for each in shops.incidents() if each.severity is not Severity.INFO] == []


def _nothing_more_happens(shops: Chain) -> None:
    """Another round writes nothing anywhere, and tells nobody anything."""
    writes, acts, incidents = shops.dependent.writes(), len(shops.told.acts), shops.incidents()
    assert {run.outcome for run in shops.sync_all()} == {RunOutcome.COMPLETED}
    assert (shops.dependent.writes(), len(shops.told.acts), shops.incidents()) == (writes, acts, incidents)
