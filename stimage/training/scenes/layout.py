"""Where things stand: every arrangement that is right for a plan, on a grid of 16 pixels.

The autoencoder keeps one cell of latents for 16 x 16 pixels, so one drawing stays one pattern.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from functools import cache

from stimage.training.scenes.plan import Plan

CELLS, CELL_PX = 16, 16
Spot = tuple[int, int, int]  # column and row of the upper left cell, cells a side
Arrangement = tuple[Spot, ...]

SINGLE = {"small": (4, 5), None: (8, 9, 10), "big": (13, 14)}
FACING = {"small": 4, None: 7, "big": 9}  # of two things
COUNTED = {  # of so many of a kind
    2: {"small": 4, None: 6, "big": 8}, 3: {"small": 3, None: 5, "big": 8},
    4: {"small": 4, None: 6, "big": 8}, 5: {"small": 3, None: 4, "big": 5},
    6: {"small": 3, None: 4, "big": 5},
}  # fmt: skip
GROUNDED = (14, 15, 16)  # the row below a thing that stands
LEVELS = ((15, 15), (14, 14), (15, 13), (13, 15))  # of two things beside each other


def arrangements(plan: Plan) -> tuple[Arrangement, ...]:
    """Return where the things of a plan may stand, one spot for each thing."""
    sizes = tuple(thing.size for thing in plan.things)
    found = _arrangements(sizes, plan.count, plan.relation, plan.verb)
    assert found, plan
    return found


def arrangement(plan: Plan) -> Arrangement:
    """Return the plan's own arrangement."""
    found = arrangements(plan)
    return found[plan.layout % len(found)]


@cache
def _arrangements(
    sizes: tuple[str | None, ...], count: int, relation: str | None, verb: str | None
) -> tuple[Arrangement, ...]:
    if len(sizes) == 3:
        found = _three()
    elif len(sizes) == 2:
        found = _two(sizes, str(relation), verb)
    elif count > 1:
        found = _many(count, COUNTED[count][sizes[0]], verb)
    else:
        found = (((spot),) for spot in _one(sizes[0], verb))
    return tuple(dict.fromkeys(found))


def _lifted(bottom: int, side: int, verb: str | None) -> int:
    """Return the row below a thing that jumps or flies, or of one that stands."""
    rise = {"jump": 3, "fly": 5}.get(verb or "", 0)
    return max(side, bottom - rise)


def _one(size: str | None, verb: str | None) -> Iterator[Spot]:
    above = 2 if verb in ("wear", "hold", "sleep", "cheer") else 0  # room for what is over it
    for side in [min(side, CELLS - above) for side in SINGLE[size]]:
        for bottom, x in itertools.product(GROUNDED, range(0, CELLS - side + 1, 2)):
            row = _lifted(bottom, side, verb)
            if row - side >= above:
                yield x, row - side, side


def _two(sizes: tuple[str | None, ...], relation: str, verb: str | None) -> Iterator[Arrangement]:
    a, b = (FACING[size] for size in sizes)
    if a + b > CELLS:
        a = b = 8
    if relation in ("above", "below", "on top of"):
        over, under = (b, a) if relation == "below" else (a, b)
        for pair in _stacked(over, under, touching=relation == "on top of"):
            yield pair[::-1] if relation == "below" else pair
        return
    if relation in ("left of", "and"):
        yield from _beside(a, b, verb)
    if relation in ("right of", "and"):
        yield from (pair[::-1] for pair in _beside(b, a, verb))


def _beside(left: int, right: int, verb: str | None) -> Iterator[Arrangement]:
    free = CELLS - left - right
    for (low, other), x in itertools.product(LEVELS, range(0, free + 1, 2)):
        rows = _lifted(low, left, verb) - left, _lifted(other, right, verb) - right
        for gap in range(0, free - x + 1, 2):
            yield (x, rows[0], left), (x + left + gap, rows[1], right)


def _stacked(over: int, under: int, *, touching: bool) -> Iterator[Arrangement]:
    for bottom, middle, lean in itertools.product((15, 16), (6, 8, 10), (-1, 0, 1)):
        top = bottom - under - over
        if top < 0:
            continue
        xs = [_inside(middle + lean - over // 2, over), _inside(middle - under // 2, under)]
        if not touching:
            top = min(top, 1)
        yield (xs[0], top, over), (xs[1], bottom - under, under)


def _inside(x: int, side: int) -> int:
    return min(max(x, 0), CELLS - side)


def _many(count: int, side: int, verb: str | None) -> Iterator[Arrangement]:
    for pattern in _patterns(count, side):
        wide = max(x for x, _ in pattern) + side
        high = max(y for _, y in pattern) + side
        if wide > CELLS or high > CELLS:
            continue
        for x0, bottom in itertools.product(range(0, CELLS - wide + 1, 2), GROUNDED):
            row = _lifted(bottom, high, verb) - high
            if row >= 0:
                yield tuple((x0 + x, row + y, side) for x, y in pattern)


def _patterns(count: int, s: int) -> list[list[tuple[int, int]]]:
    """Return the patterns of so many things of side `s`, from their upper left corner."""
    row = [(i * s, 0) for i in range(count)]
    if count == 2:
        return [row, [(0, 0), (s + 1, 0)], [(0, 2), (s, 0)], [(0, 0), (s, 2)]]
    if count == 3:
        return [row, [(s // 2, 0), (0, s), (s, s)], [(0, 0), (s, 0), (s // 2, s)]]
    square = [(x * s, y * s) for y in range(2) for x in range(2)]
    if count == 4:
        return [row, square]
    rows = [(x * s, y * s) for y in range(2) for x in range(3)]
    if count == 6:
        return [rows, [(x * s, y * s) for y in range(3) for x in range(2)]]
    die = [(0, 0), (2 * s, 0), (s, s), (0, 2 * s), (2 * s, 2 * s)]
    return [die, [(s // 2, 0), (s // 2 + s, 0), (0, s), (s, s), (2 * s, s)]]


def _three() -> Iterator[Arrangement]:
    for rows, x0 in itertools.product(((10, 10, 10), (10, 8, 10), (8, 10, 9)), (0, 1)):
        yield tuple((x0 + 5 * i, row, 5) for i, row in enumerate(rows))
    yield (5, 1, 6), (1, 9, 6), (9, 9, 6)
    yield (1, 2, 6), (9, 2, 6), (5, 9, 6)
