"""The directory's arithmetic: which block answers for which id, at any size, without a table."""

from itertools import batched

from hypothesis import given
from hypothesis import strategies as st
from passerelle.store.directory import Leaf, Range, Root, draft, leaves_of
from passerelle.store.packing import MOST_BYTES, Sizes, opened, place, places, pressed

SIZES = Sizes()


def grown(ids: list[int]) -> tuple[Root, dict[str, Leaf]]:
    """The directory of a million objects, a block for each hundred, divided as it would be."""
    ranges = [
        Range(str(some[0]), str(some[-1]), f"b{some[0]}", len(some))
        for some in batched(ids, SIZES.target, strict=False)
    ]
    pages = leaves_of(ranges, SIZES.leaf)
    rest = iter(ranges)
    leaves = [Leaf(f"l{at}", 1, tuple(next(rest) for _ in page)) for at, (page, _) in enumerate(pages)]
    root = Root(1, (("", "first"),)).divided("first", leaves)
    return root, {leaf.key: leaf for leaf in leaves}


def test_a_million_objects_are_found_through_two_small_items() -> None:
    ids = list(range(7_000_000_000_000, 7_000_000_000_000 + 1_000_000 * 37, 37))
    root, leaves = grown(ids)
    asked = places(str(id) for id in ids[::997])
    found = 0
    for key, some in root.sorted_out(asked).items():
        covered, between = leaves[key].sorted_out(some)
        assert not between
        for block, inside in covered.items():
            assert all(int(block[1:]) <= int(id) < int(block[1:]) + 37 * SIZES.target for id in inside)
            found += len(inside)
    assert found == len(asked)
    assert sum(each.count for leaf in leaves.values() for each in leaf.ranges) == 1_000_000
    assert all(len(leaf.ranges) <= SIZES.leaf for leaf in leaves.values())
    assert len(pressed(root.leaves)) < MOST_BYTES / 20
    assert max(len(pressed([each.row for each in leaf.ranges])) for leaf in leaves.values()) < 4_096


def test_of_ids_between_a_million_objects_none_is_said_to_be_there() -> None:
    root, leaves = grown(list(range(0, 1_000_000)))
    outside = places(["1000000", "99999999", "a", ""])
    for key, some in root.sorted_out(outside).items():
        assert leaves[key].sorted_out(some) == ({}, some)


def leaf(*blocks: tuple[int, int, int]) -> Leaf:
    return Leaf("l", 1, tuple(Range(str(first), str(last), f"b{first}", n) for first, last, n in blocks))


def at(*numbers: int) -> list[str]:
    return places(map(str, numbers))


def test_a_run_of_new_ids_gets_blocks_of_its_own() -> None:
    made = draft(leaf((1, 100, 100), (900, 999, 100)), at(*range(200, 300)), joined=64)
    assert made.runs == [[str(number) for number in range(200, 300)]]
    assert made.ranges == list(leaf((1, 100, 100), (900, 999, 100)).ranges)


def test_a_few_new_ids_join_the_small_neighbour_and_never_a_large_one() -> None:
    made = draft(leaf((10, 20, 60), (50, 60, 64)), at(30, 31), joined=64)
    assert (made.runs, made.ranges[0]) == ([], Range("10", "31", "b10", 62))
    made = draft(leaf((10, 20, 64), (50, 60, 3)), at(30, 31), joined=64)
    assert (made.runs, made.ranges[1]) == ([], Range("30", "60", "b50", 5))
    assert draft(leaf((10, 20, 64), (50, 60, 64)), at(30), joined=64).runs == [["30"]]


@given(st.sets(st.integers(0, 400)), st.sets(st.integers(0, 400)), st.integers(0, 12))
def test_however_it_grows_each_id_has_one_block_and_keeps_it(
    first: set[int], then: set[int], joined: int
) -> None:
    before = after_adding(leaf(), at(*first), joined)
    after = after_adding(before, before.sorted_out(at(*then))[1], joined)
    firsts, lasts = after.firsts, after.lasts
    assert all(low <= high for low, high in zip(firsts, lasts, strict=True))
    assert all(high < low for high, low in zip(lasts, firsts[1:], strict=False))
    assert after.sorted_out(at(*first, *then))[1] == []
    for key, ids in before.sorted_out(at(*first))[0].items():
        assert set(ids) <= set(after.sorted_out(at(*first))[0][key])


def after_adding(leaf: Leaf, where: list[str], joined: int) -> Leaf:
    made = draft(leaf, where, joined)
    blocks = [Range(run[0], run[-1], f"b{run[0]}", len(run)) for run in made.runs]
    return Leaf("l", leaf.version + 1, tuple(made.with_blocks(blocks)))


def test_a_divided_leaf_leaves_no_id_without_one() -> None:
    root = Root(1, (("", "a"), (place("500"), "b")))
    halves = [
        Leaf("b1", 1, (Range("600", "700", "x", 9),)),
        Leaf("b2", 1, (Range("800", "900", "y", 9),)),
    ]
    divided = root.divided("b", halves)
    assert divided.leaves == (("", "a"), (place("500"), "b1"), (place("800"), "b2"))
    assert [divided.key_of(place(id)) for id in ("1", "500", "799", "800", "z")] == [
        "a",
        "b1",
        "b1",
        "b2",
        "b2",
    ]
    assert (divided.after("a"), divided.after("b2")) == (place("500"), None)


def test_long_ids_divide_a_page_by_its_bytes() -> None:
    wide = [Range(f"{number:05d}" + "é" * 900, f"{number:05d}z", f"b{number}", 1) for number in range(100)]
    for page, blob in leaves_of(wide, SIZES.leaf):
        assert len(blob) <= MOST_BYTES
        assert opened(blob) == list(page)
