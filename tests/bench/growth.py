"""Whether a large shop costs more per object than a small one, in time and in dollars, on a simulated clock."""

from bench.bars import Figure, Options, at_most
from bench.cost import dollars
from bench.scale import seconds, synced

GROWTH = "5 growth"
MOST_GROWTH = 1.1


def measure(options: Options) -> list[Figure]:
    """Bar 5."""
    small, large = 10_000, 1_000_000 if options.large else 100_000
    figures = []
    for when, words in (("first", "first sync"), ("again", "unchanged")):
        few, many = synced(small)[when], synced(large)[when]
        time = (seconds(many) / large) / (seconds(few) / small)
        cost = dollars(many)["all"] / dollars(few)["all"] * small / large
        sizes = f"{large:,} against {small:,}, {words}"
        figures.append(at_most(GROWTH, f"time per object, {sizes}", time, MOST_GROWTH, "{:.2f}"))
        figures.append(at_most(GROWTH, f"cost per object, {sizes}", cost, MOST_GROWTH, "{:.2f}"))
    return figures
