"""Groups of fewer than k people that are worth knowing: cells, and what differences would leave."""

from itertools import chain

import numpy as np
from scipy import sparse

from bench.attack import release, ties
from bench.attack.cells import Cells, people
from bench.attack.chats import Numbers

_LONGEST_RUN = 3


def groups_of_few(
    cells: Cells, figures: release.Figures, k: int
) -> tuple[list[str], sparse.csr_array]:
    """Native cells of few people, runs of them, and differences of related published figures.

    A figure is related to others of the same whole that all lie inside it, by the edges they have
    in common or by what one quantity says of another; the difference is what it holds beside them.

    Returns
    -------
    tuple
        Names, and the sums of cells, shape (groups, cells), entries 1 and -1.
    """
    found: dict[tuple[tuple[int, int], ...], str] = {}
    for name, row in (*_runs(cells), *_differences(cells, figures)):
        if not row:
            continue
        held = sum(sign * cells.profile[cell] for cell, sign in row.items())
        # Never below zero where the figures lie inside: a relation that does not hold is none.
        if 0 < people(held) < k and held.min() >= 0:
            found.setdefault(tuple(sorted(row.items())), name)
    rows = [(r, cell, sign) for r, key in enumerate(found) for cell, sign in key]
    r, c, v = np.array(rows, float).reshape(-1, 3).T
    shape = (len(found), cells.family.size)
    return list(found.values()), sparse.csr_array((v, (r.astype(int), c.astype(int))), shape=shape)


def people_of(cells: Cells, wanted: sparse.csr_array) -> Numbers:
    """People certainly behind every sum of cells."""
    return people(np.rint(wanted @ cells.profile))


def _runs(cells: Cells):
    for units in release.series(cells):
        for length in range(1, _LONGEST_RUN + 1):
            for first in range(len(units) - length + 1):
                run = list(chain(*units[first : first + length]))
                yield _name(cells, run), dict.fromkeys(run, 1)


def _differences(cells: Cells, figures: release.Figures):
    for whole in sorted({family.whole for family in cells.families}):
        inner = _Figures(cells, figures, whole)
        if inner.n == 0:
            continue
        lower, upper = ties.implied(cells, inner.lower, inner.upper, whole)
        for run in inner.runs():
            low, high = inner.lower[run].min(axis=0), inner.reach[run].max(axis=0)
            is_inside = np.all((lower >= low) & (upper <= high), axis=1)
            family = inner.family[run[0]]
            outside = {cell: 1 for one in run for cell in inner.cells[one]}
            for other in np.unique(inner.segment[is_inside]):
                if other == inner.segment[run[0]]:
                    continue
                parts = np.flatnonzero(is_inside & (inner.segment == other))
                yield from _difference(cells, outside, inner, parts)
            for other in np.unique(inner.family[is_inside & inner.is_of_type]):
                if other != family:
                    parts = is_inside & (inner.family == other) & inner.is_of_type
                    yield from _difference(cells, outside, inner, np.flatnonzero(parts))


def _difference(cells: Cells, outside: dict[int, int], inner: "_Figures", parts: Numbers):
    row = dict(outside)
    held = [cell for one in parts for cell in inner.cells[one]]
    for cell in held:
        row[cell] = row.get(cell, 0) - 1
    yield (
        f"{_name(cells, list(outside))} - {_name(cells, held)}",
        {cell: sign for cell, sign in row.items() if sign},
    )


class _Figures:
    """Published figures of one whole, and records tied to some without a figure of their own.

    `segment` says which lie side by side, `is_of_type` which are of one segment of several.
    """

    def __init__(self, cells: Cells, figures: release.Figures, whole: str) -> None:
        is_of = np.zeros(cells.family.size, bool)
        is_of[cells.of(whole)] = True
        held = np.split(figures.sums.indices, figures.sums.indptr[1:-1])
        chosen = [n for n, one in enumerate(held) if one.size and is_of[one[0]]]
        chosen = [n for n in chosen if figures.segment[n] >= 0]
        tied = [c for c in np.flatnonzero(is_of) if not cells.families[cells.family[c]].entity]
        self.cells = [held[n].tolist() for n in chosen] + [[cell] for cell in tied]
        self.n = len(self.cells)
        if not self.n:
            return
        last = int(figures.segment.max(initial=0)) + 1
        self.segment = np.r_[figures.segment[chosen], last + np.arange(len(tied))].astype(int)
        self.family = cells.family[[one[0] for one in self.cells]]
        self.lower = np.array([cells.lower[one].min(axis=0) for one in self.cells])
        self.upper = np.array([cells.upper[one].max(axis=0) for one in self.cells])
        self.is_of_type = np.array([len(f.axes) > 1 for f in cells.families])[self.family]
        for n, one in enumerate(self.cells):
            if np.unique(cells.segment[one]).size > 1:
                # Of all types: no type bounds it.
                column = cells.axes.index("type")
                self.lower[n, column], self.upper[n, column] = -np.inf, np.inf
                self.is_of_type[n] = False
        self.reach = self.upper.copy()
        self._runs = []
        for segment in np.unique(self.segment):
            inside = np.flatnonzero(self.segment == segment)
            family = cells.families[self.family[inside[0]]]
            column = cells.axes.index(family.axes[-1][0]) if family.axes else 0
            order = inside[np.argsort(self.lower[inside, column], kind="stable")]
            # Up to the next figure nobody is there, and figures show it.
            self.reach[order[:-1], column] = self.lower[order[1:], column]
            self._runs.append(order)

    def runs(self):
        """Neighbouring figures of a segment: up to three, all from the first, all to the last."""
        for order in self._runs:
            n = order.size
            for first in range(n):
                for last in range(first, n):
                    if last - first < _LONGEST_RUN or first == 0 or last == n - 1:
                        yield order[first : last + 1]


def _name(cells: Cells, members: list[int]) -> str:
    family = cells.families[cells.family[members[0]]]
    parts = []
    for axis in dict(family.axes) if family.axes else family.within:
        column = cells.axes.index(axis)
        low, high = cells.lower[members, column].min(), cells.upper[members, column].max()
        parts.append(f"{axis} [{low:.4g}, {high:.4g})")
    return f"{family.metric or family.whole}: {' '.join(parts)}".rstrip(": ")
