"""What can be worked out from all counts of a pack together, by linear programming.

Where `subtraction_attack` looks at the histograms of one family, this looks at everything that
counts the same people: totals, shares times totals, histograms of all and of each type, segments of
joint histograms. The unknowns are the counts of the finest cells that any published edge makes.
"""

from collections import defaultdict
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from scipy import optimize, sparse


class Known(NamedTuple):
    """A published count: cells of `label` (all where None) from `lower` up to below `upper`.

    `is_least` where more may be there: some of the segments that make it up are not published.
    """

    label: str | None
    lower: float
    upper: float
    n_rows: float
    is_least: bool = False


class Cell(NamedTuple):
    """A range of one label, what the published counts say of it, and what is there."""

    label: str
    lower: float
    upper: float
    smallest: float
    largest: float


def pinned(known, labels, k):
    """Cells that are known within less than `k` although fewer than `k` may be in them.

    Parameters
    ----------
    known : sequence of Known
    labels : sequence of str
        All labels there are.
    k : int

    Returns
    -------
    list of Cell
        Of all runs of up to three neighbouring finest cells of a label.
    """
    edges = sorted({edge for one in known for edge in (one.lower, one.upper)})
    steps = list(pairwise(edges))
    place = {
        (label, step): number
        for number, (label, step) in enumerate((label, step) for label in labels for step in steps)
    }
    equal, least = defaultdict(list), defaultdict(list)
    for one in known:
        row = np.zeros(len(place))
        for (label, step), number in place.items():
            if one.label in (None, label) and one.lower <= step[0] and step[1] <= one.upper:
                row[number] = 1
        into = least if one.is_least else equal
        into["rows"].append(row)
        into["totals"].append(one.n_rows)
    problem = {
        "A_eq": sparse.csr_array(np.array(equal["rows"])),
        "b_eq": equal["totals"],
        "A_ub": -sparse.csr_array(np.array(least["rows"])) if least else None,
        "b_ub": [-total for total in least["totals"]] if least else None,
    }
    found = []
    for label in labels:
        for first in range(len(steps)):
            for last in range(first, min(first + 3, len(steps))):
                objective = np.zeros(len(place))
                for step in steps[first : last + 1]:
                    objective[place[label, step]] = 1
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


def _is_pinned(cell, k):
    return cell.largest > 0.5 and cell.smallest < k - 0.5 and cell.largest - cell.smallest < k - 0.5


def _extreme(problem, objective, sign):
    solved = optimize.linprog(sign * objective, method="highs", **problem)
    assert solved.success, solved.message
    return sign * solved.fun
