"""What can be worked out from all counts of a pack together, by linear programming.

Where `subtraction_attack` looks at the histograms of one family, this looks at everything that
counts the same people: totals, shares times totals, histograms of all and of each type, segments of
joint histograms. The unknowns are the counts of the finest cells that any published edge makes.
"""

import math
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from scipy import optimize, sparse

# As `linprog` takes bounds: what is at least n is at most -n, negated.
_SIGNS = {"equal": 1, "most": 1, "least": -1}


class Known(NamedTuple):
    """A published count: cells of `label` (all where None) from `lower` up to below `upper`.

    `label` may be a set of labels, whose cells are counted together.
    `bound` is `least` or `most` where more or fewer may be there: segments that make it up are not
    published, or values are tied.
    """

    label: str | frozenset | None
    lower: float
    upper: float
    n_rows: float
    bound: str = "equal"


class Cell(NamedTuple):
    """A range of one label, what the published counts say of it, and what is there."""

    label: str | frozenset
    lower: float
    upper: float
    smallest: float
    largest: float


def pinned(known, labels, k, unions=()):
    """Cells that are known within less than `k` although fewer than `k` may be in them.

    Parameters
    ----------
    known : sequence of Known
    labels : sequence of str
        All labels there are.
    k : int
    unions : iterable of frozenset
        Labels whose cells are looked at together, too.

    Returns
    -------
    list of Cell
        Of all runs of up to three neighbouring finest cells of a label or union.
    """
    edges = sorted({edge for one in known for edge in (one.lower, one.upper)})
    steps = list(pairwise(edges))
    place = {
        (label, step): number
        for number, (label, step) in enumerate((label, step) for label in labels for step in steps)
    }
    rows = {bound: [] for bound in _SIGNS}
    totals = {bound: [] for bound in _SIGNS}
    for one in known:
        row = np.zeros(len(place))
        for (label, step), number in place.items():
            if _is_of(one, label) and one.lower <= step[0] and step[1] <= one.upper:
                row[number] = 1
        rows[one.bound].append(_SIGNS[one.bound] * row)
        totals[one.bound].append(_SIGNS[one.bound] * one.n_rows)
    limits = rows["least"] + rows["most"]
    problem = {
        "A_eq": sparse.csr_array(np.array(rows["equal"])),
        "b_eq": totals["equal"],
        "A_ub": sparse.csr_array(np.array(limits)) if limits else None,
        "b_ub": totals["least"] + totals["most"] if limits else None,
    }
    found = []
    for label in [*labels, *unions]:
        members = label if isinstance(label, frozenset) else [label]
        for first in range(len(steps)):
            for last in range(first, min(first + 3, len(steps))):
                objective = np.zeros(len(place))
                for step in steps[first : last + 1]:
                    for member in members:
                        objective[place[member, step]] = 1
                cell = Cell(
                    label,
                    steps[first][0],
                    steps[last][1],
                    _extreme(problem, objective, 1),
                    _extreme(problem, objective, -1),
                )
                if _is_pinned(cell, k):
                    found.append(cell)
    return found


def quantile_counts(label, quantiles, buckets, n_rows):
    """What quantiles of whole numbers say of counts below them.

    Parameters
    ----------
    label : str or None
        As in `Known`.
    quantiles : dict
        Probability to published value.
    buckets : sequence of (lower, upper, n_rows)
        What is published of the same rows; a value that follows from them says nothing more.
    n_rows : int

    Returns
    -------
    list of Known
    """
    known, first = [], min(lower for lower, *_ in buckets)
    for p, value in quantiles.items():
        if value == _read_off(p, buckets, n_rows):
            continue
        rank = p * (n_rows - 1)
        # The value at rank `floor` is at most the quantile, that at `ceil` at least.
        known.append(Known(label, first, math.ceil(value), math.ceil(rank), "most"))
        known.append(Known(label, first, math.floor(value) + 1, math.floor(rank) + 1, "least"))
    return known


def _read_off(p, buckets, n_rows):
    rank, n_below = math.floor(p * (n_rows - 1)), 0
    for lower, upper, n in sorted(buckets):
        if rank < n_below + n:
            inside = (rank + 0.5 - n_below) / n
            return math.floor(lower * (upper / lower) ** inside) if lower else 0
        n_below += n
    return None


def _is_of(known, label):
    if isinstance(known.label, frozenset):
        return label in known.label
    return known.label in (None, label)


def _is_pinned(cell, k):
    return cell.largest > 0.5 and cell.smallest < k - 0.5 and cell.largest - cell.smallest < k - 0.5


def _extreme(problem, objective, sign):
    solved = optimize.linprog(sign * objective, method="highs", **problem)
    assert solved.success, solved.message
    return sign * solved.fun
