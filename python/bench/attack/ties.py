"""Linear relations between the cells of a pack, worked out from what every metric counts."""

from itertools import combinations, product
from typing import NamedTuple

import numpy as np
from scipy import sparse

from bench.attack import relations
from bench.attack.cells import Cells
from bench.attack.chats import Numbers
from bench.attack.relations import EVERYTHING, Family

_ROUNDS = 4


class Unit(NamedTuple):
    """Families that together cut the records of a whole along the same axes."""

    whole: str
    members: tuple[int, ...]
    edges: dict[str, tuple[float, ...]]


def units(families: tuple[Family, ...]) -> list[Unit]:
    """Every family, and chains of families whose ranges of one axis continue each other."""
    alone = [
        Unit(f.whole, (number,), {axis: f.edges(axis) for axis in _axes_of(f)})
        for number, f in enumerate(families)
    ]
    found, reached = list(alone), list(alone)
    while reached:
        longer = [
            joined
            for first in reached
            for second in alone
            if (joined := _continued(first, second)) is not None
        ]
        found, reached = found + longer, longer
    return found


def equalities(cells: Cells) -> sparse.csr_array:
    """Sums of cells that are zero whatever the chat.

    Returns
    -------
    sparse.csr_array
        Shape (relations, cells), entries 1 and -1.
    """
    found = units(cells.families)
    rows = [
        row
        for first, second in combinations(found, 2)
        if first.whole == second.whole and not set(first.members) & set(second.members)
        for row in _agreements(cells, first, second)
    ]
    rows += [*_tied(cells), *_summed(cells)]
    unique = {tuple(sorted(row.items())): row for row in rows}.values()
    place = [
        (number, cell, sign) for number, row in enumerate(unique) for cell, sign in row.items()
    ]
    r, c, v = np.array(place, float).reshape(-1, 3).T
    shape = (len(unique), cells.family.size)
    return sparse.csr_array((v, (r.astype(int), c.astype(int))), shape=shape)


def implied(cells: Cells, lower: Numbers, upper: Numbers, whole: str) -> tuple[Numbers, Numbers]:
    """Boxes narrowed by what one quantity says of another; shapes (n, axes)."""
    lower, upper = lower.copy(), upper.copy()
    for _ in range(_ROUNDS):
        for rule in relations.implications():
            if rule.whole != whole or {rule.axis, rule.other} - set(cells.axes):
                continue
            axis, other = cells.axes.index(rule.axis), cells.axes.index(rule.other)
            bound = (upper if rule.is_upper else lower)[:, axis]
            if rule.value is None:
                applies = np.isfinite(bound)
            else:
                applies = bound <= rule.value if rule.is_upper else bound >= rule.value
            said = rule.follows(np.where(applies, bound, 1.0))
            if rule.is_other_upper:
                narrowed = np.minimum(upper[:, other], said)
                upper[:, other] = np.where(applies, narrowed, upper[:, other])
            else:
                narrowed = np.maximum(lower[:, other], said)
                lower[:, other] = np.where(applies, narrowed, lower[:, other])
    return lower, upper


def _axes_of(family: Family) -> set[str]:
    return {*dict(family.axes), *family.within}


def _continued(first: Unit, second: Unit) -> Unit | None:
    """Both as one, where they differ in one axis and the second begins where the first ends."""
    if first.whole != second.whole or first.edges.keys() != second.edges.keys():
        return None
    different = [axis for axis in first.edges if first.edges[axis] != second.edges[axis]]
    if len(different) != 1:
        return None
    (axis,) = different
    if first.edges[axis][-1] != second.edges[axis][0]:
        return None
    edges = (*first.edges[axis], *second.edges[axis][1:])
    return Unit(first.whole, first.members + second.members, {**first.edges, axis: edges})


def _agreements(cells: Cells, first: Unit, second: Unit):
    common = {
        axis: np.array(
            sorted(set(first.edges.get(axis, EVERYTHING)) & set(second.edges.get(axis, EVERYTHING)))
        )
        for axis in {*first.edges, *second.edges}
    }
    if any(edges.size < 2 for edges in common.values()):
        return
    boxes: dict[tuple[int, ...], dict[int, int]] = {}
    for unit, sign in ((first, 1), (second, -1)):
        inside = np.flatnonzero(np.isin(cells.family, unit.members))
        places = []
        for axis, edges in common.items():
            column = cells.axes.index(axis)
            low, high = cells.lower[inside, column], cells.upper[inside, column]
            place = np.searchsorted(edges, low, side="right") - 1
            places.append(np.where((low >= edges[0]) & (high <= edges[-1]), place, -1))
        table = np.column_stack(places) if places else np.zeros((inside.size, 0), int)
        for cell, place in zip(inside.tolist(), map(tuple, table.tolist()), strict=True):
            if -1 not in place:
                boxes.setdefault(place, {})[cell] = sign
    yield from boxes.values()


def _tied(cells: Cells):
    known = {(f.whole, f.metric): number for number, f in enumerate(cells.families)}
    for sides in relations.tied():
        row: dict[int, int] = {}
        for side, sign in zip(sides, (1, -1), strict=True):
            for term in side:
                number = known.get((term.whole, term.metric))
                row |= dict.fromkeys(np.flatnonzero(cells.family == number).tolist(), sign)
        if row:
            yield row


def _summed(cells: Cells):
    for rule in relations.sums():
        counted = [
            np.flatnonzero(cells.family == number)
            for number, f in enumerate(cells.families)
            if f.whole == rule.whole and f.within == rule.within and _cuts(f, rule)
        ]
        values = [
            np.flatnonzero(cells.family == number)
            for number, f in enumerate(cells.families)
            if f.whole == rule.units and f.entity and [axis for axis, _ in f.axes] == [rule.axis]
        ]
        for many, units in product(counted, values):
            yield from _by_value(cells, rule, many, units)


def _cuts(family: Family, rule: relations.Sum) -> bool:
    """Whether a family counts all that a rule sums, or all of every class of the summed axis."""
    return not family.axes or (rule.whole != rule.units and rule.axis in dict(family.axes))


def _by_value(cells: Cells, rule: relations.Sum, many: Numbers, units: Numbers):
    """Sums over classes of one value, or over all where every unit's value is known."""
    column = cells.axes.index(rule.axis)
    # The lowest bucket is open below, and holds zero.
    value = cells.upper[units, column] - 1
    is_known = (value == cells.lower[units, column]) | np.isneginf(cells.lower[units, column])
    low, high = cells.lower[many, column], cells.upper[many, column]
    is_class = high - low == 1
    for unit, one in zip(units[is_known], value[is_known], strict=True):
        of_class = many[is_class & (low == one)]
        if of_class.size:
            yield {**dict.fromkeys(of_class.tolist(), 1.0), int(unit): -(one + rule.offset)}
    if is_known.all() and np.isinf(high - low).all():
        weights = (-(value + rule.offset)).tolist()
        yield {
            **dict.fromkeys(many.tolist(), 1.0),
            **dict(zip(units.tolist(), weights, strict=True)),
        }
