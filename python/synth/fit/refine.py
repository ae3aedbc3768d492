"""Split merged buckets of joint histograms with the help of their common marginal.

Support makes buckets of a joint histogram wide: "1 to 2 senders" for rooms of 4 to 5 messages.
The marginal over all rooms, which has support for narrow ones, says how much of each value
there is in all. Iterative proportional fitting [1]_ finds the split that agrees with both.
Where the range of a segment's mean logarithm is known as well, its buckets are tilted into it.

References
----------
.. [1] Deming and Stephan (1940), On a least squares adjustment of a sampled frequency table when
   the expected marginal totals are known, Annals of Mathematical Statistics 11.
"""

from dataclasses import dataclass

import numpy as np

_ROUNDS = 30
_TILT_ROUNDS = 6
_STEEPEST = 8.0
# Of a marginal count, where the settled part alone exceeds it.
_LEAST_LEFT = 1e-6
_TINY = 1e-300


@dataclass(frozen=True)
class _Cells:
    """Every bucket of every segment, cut where any histogram has an edge.

    Attributes
    ----------
    grid : ndarray
        All edges.
    owner, cell : ndarray of int
        Bucket (numbered through all segments) and grid cell of each piece.
    size : ndarray
        Counts of the buckets.
    segment : ndarray of int
        Segment of each piece.
    """

    grid: np.ndarray
    owner: np.ndarray
    cell: np.ndarray
    size: np.ndarray
    segment: np.ndarray


def split(histograms, marginal, *, log_ranges=None):
    """Refine joint histograms to the resolution of their marginal.

    Parameters
    ----------
    histograms : dict
        Segment to ``(edges, counts)``; counts of the same kind as the marginal's.
    marginal : tuple of (ndarray, ndarray)
        Edges and counts over all segments, those without a histogram included.
    log_ranges : dict, optional
        Segment to the range ``(low, high)`` that the mean of ``ln(max(x, 1))`` is known to be in.

    Returns
    -------
    dict
        Segment to ``(edges, counts)``. A bucket's counts are kept; its split follows the marginal
        as far as the other segments and the ranges allow.
    """
    edges, counts = (np.asarray(part, dtype=float) for part in marginal)
    names = list(histograms)
    cells = _cut(histograms, edges, counts)
    group = np.searchsorted(edges, cells.grid[:-1], side="right") - 1
    # Cells beyond the marginal are in a group of their own, of which nothing is wanted.
    group = np.where((group < 0) | (group >= counts.size), counts.size, group)
    wanted = np.append(counts, 0.0)
    width = np.diff(np.where(np.isfinite(cells.grid), cells.grid, cells.grid[-2] * 2 + 1))
    across = np.bincount(group, width, minlength=wanted.size)
    guess = wanted[group] * width / np.maximum(across[group], _TINY)
    share = guess[cells.cell] + 1e-9 * width[cells.cell] / width.sum()

    anywhere = (-np.inf, np.inf)
    ranges = np.array([(log_ranges or {}).get(name, anywhere) for name in names] + [anywhere])
    # What cannot be split is settled, so the marginal's other part is for the rest alone: scaling
    # the whole would take hundreds of rounds where most of a group is settled.
    free = np.bincount(cells.owner, minlength=cells.size.size)[cells.owner] > 1
    place = group[cells.cell]
    settled = np.bincount(place[~free], cells.size[cells.owner[~free]], minlength=wanted.size)
    left = np.maximum(wanted - settled, _LEAST_LEFT * wanted)
    for _ in range(_TILT_ROUNDS if log_ranges else 1):
        for _ in range(_ROUNDS):
            share = _filled(cells, share)
            total = np.bincount(place[free], share[free], minlength=wanted.size)
            known = (total > 0) & (wanted > 0)
            scale = np.where(known, left / np.maximum(total, _TINY), 1.0)
            share = np.where(free, share * scale[place], share)
        share = _filled(cells, share)
        if log_ranges:
            share = _tilted(cells, share, ranges)

    found = {}
    for number, name in enumerate(names):
        mine = cells.segment == number
        last = np.asarray(histograms[name][0], dtype=float)[-1]
        found[name] = (np.append(cells.grid[cells.cell[mine]], last), share[mine])
    return found


def _cut(histograms, edges, counts):
    grid = np.unique(np.concatenate([edges, *(part[0] for part in histograms.values())]))
    known = sum(float(np.sum(part[1])) for part in histograms.values())
    # What no segment shows may lie anywhere.
    rest = (grid[[0, -1]], [max(float(counts.sum()) - known, 0.0)])
    owner, cell, size, segment, first = [], [], [], [], 0
    for number, (part_edges, part_counts) in enumerate([*histograms.values(), rest]):
        place = np.searchsorted(grid, part_edges)
        inside = np.arange(place[0], place[-1])
        owner.append(first + np.searchsorted(place, inside, side="right") - 1)
        cell.append(inside)
        segment.append(np.full(inside.size, number))
        size.append(np.asarray(part_counts, dtype=float))
        first += len(part_counts)
    return _Cells(grid, *(np.concatenate(part) for part in (owner, cell, size, segment)))


def _filled(cells, share):
    """Scale the pieces of every bucket to its counts."""
    total = np.bincount(cells.owner, share, minlength=cells.size.size)
    return share * (cells.size / np.maximum(total, _TINY))[cells.owner]


def _tilted(cells, share, ranges):
    """Multiply by a power of x, one for each segment, that moves its mean logarithm in range."""
    edge = np.where(np.isfinite(cells.grid), cells.grid, cells.grid[-2] * 4)
    logs = np.log(np.maximum(edge, 1.0))
    middle = ((logs[1:] + logs[:-1]) / 2)[cells.cell]
    n_segments = len(ranges)
    weight = np.maximum(np.bincount(cells.segment, share, minlength=n_segments), _TINY)
    low, high = np.full(n_segments, -_STEEPEST), np.full(n_segments, _STEEPEST)
    mean = np.bincount(cells.segment, share * middle, minlength=n_segments) / weight
    targets = np.clip(mean, ranges[:, 0], ranges[:, 1])
    inside = np.isclose(targets, mean)
    tilted = share
    # The mean grows with the power, so halving finds it for all segments at once.
    for _ in range(30):
        power = np.where(inside, 0.0, (low + high) / 2)
        exponent = power[cells.segment] * middle
        # Only quotients within a bucket matter: the largest exponent of each becomes 0.
        most = np.full(cells.size.size, -np.inf)
        np.maximum.at(most, cells.owner, exponent)
        tilted = _filled(cells, share * np.exp(exponent - most[cells.owner]))
        mean = np.bincount(cells.segment, tilted * middle, minlength=n_segments) / weight
        above = mean > targets
        high, low = np.where(above, power, high), np.where(above, low, power)
    return tilted
