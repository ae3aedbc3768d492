"""What can be worked out about merged cells from published histograms alone, by linear programming.

The attacker knows every published bucket of a population: of the whole, and of its segments. The
unknowns are the counts of the segments (and of what is in none) in the buckets of the whole. Each
published bucket is an equation over the buckets of the whole that it meets (its edges are those
of rows it holds, so they may be narrower); the smallest and the largest count that satisfy all of
them bound what is hidden.
"""

from typing import NamedTuple

import numpy as np
from scipy import optimize, sparse


class Bucket(NamedTuple):
    """A published bucket: of `path` (segment, part of it, ...; empty for all), [lower, upper)."""

    path: tuple
    lower: float
    upper: float
    n_rows: int


class Range(NamedTuple):
    """A count that was not published and what the published ones say of it."""

    path: tuple
    lower: float
    upper: float
    smallest: float
    largest: float


def hidden_ranges(buckets):
    """Bound every count that was not published.

    Parameters
    ----------
    buckets : sequence of Bucket
        All that is published of one population. Those with an empty path are disjoint.

    Returns
    -------
    list of Range
        Counts of hidden cells, in rows; `path` ends with None for what is in no segment.
    """
    whole = sorted({(b.lower, b.upper) for b in buckets if not b.path})
    known = {b.path for b in buckets}
    # The finest paths, and for each path what is in none of its segments.
    paths = sorted({*known, *(path[:1] for path in known)} - {()})
    atoms = [path for path in paths if not any(p != path and p[: len(path)] == path for p in paths)]
    atoms += [(*path, None) for path in [(), *paths] if path not in atoms]
    unknowns = [(atom, edges) for atom in atoms for edges in whole]
    equations, totals = [], []
    for bucket in buckets:
        equations.append(
            [
                path[: len(bucket.path)] == bucket.path
                and edges[1] > bucket.lower
                and edges[0] < bucket.upper
                for path, edges in unknowns
            ]
        )
        totals.append(bucket.n_rows)
    matrix = sparse.csr_array(np.array(equations, dtype=float))
    met = [[edges for edges in whole if edges[1] > b.lower and edges[0] < b.upper] for b in buckets]
    published = {
        (b.path, edges[0]) for b, edges in zip(buckets, met, strict=True) if len(edges) == 1
    }
    found = []
    for number, (path, edges) in enumerate(unknowns):
        if (path, edges) in published:
            continue
        smallest, largest = (sign * _smallest(matrix, totals, number, sign) for sign in (1, -1))
        found.append(Range(path, *edges, smallest, largest))
    return found


def disclosed(ranges, k):
    """Hidden counts that are known within less than `k`, although fewer than `k` may be in them.

    A cell that certainly holds nobody, or `k` or more, discloses no small group.
    """
    return [
        found
        for found in ranges
        if found.largest > 0.5
        and found.smallest < k - 0.5
        and found.largest - found.smallest < k - 0.5
    ]


def _smallest(matrix, totals, number, sign):
    objective = np.zeros(matrix.shape[1])
    objective[number] = sign
    solved = optimize.linprog(objective, A_eq=matrix, b_eq=totals, method="highs")
    assert solved.success, solved.message
    return solved.fun
