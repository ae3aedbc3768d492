"""Split merged buckets of joint histograms with the help of their common marginal.

Support makes buckets of a joint histogram wide: "1 to 2 senders" for rooms of 4 to 5 messages.
The marginal over all rooms, which has support for narrow ones, says how much of each value
there is in all. Iterative proportional fitting [1]_ finds the split that agrees with both.

References
----------
.. [1] Deming and Stephan (1940), On a least squares adjustment of a sampled frequency table when
   the expected marginal totals are known, Annals of Mathematical Statistics 11.
"""

import numpy as np

_ROUNDS = 200
_CLOSE = 1e-6


def split(histograms, marginal):
    """Refine joint histograms to the resolution of their marginal.

    Parameters
    ----------
    histograms : dict
        Segment to ``(edges, counts)``; counts of the same kind as the marginal's.
    marginal : tuple of (ndarray, ndarray)
        Edges and counts over all segments, those without a histogram included.

    Returns
    -------
    dict
        Segment to ``(edges, counts)``. A bucket's counts are kept; its split follows the marginal
        as far as the other segments allow.
    """
    edges, counts = (np.asarray(part, dtype=float) for part in marginal)
    names = list(histograms)
    grid = np.unique(np.concatenate([edges, *(histograms[name][0] for name in names)]))
    known = sum(float(np.sum(histograms[name][1])) for name in names)
    parts = [histograms[name] for name in names]
    # What no segment shows may lie anywhere.
    rest = max(float(counts.sum()) - known, 0.0)
    parts.append((np.array([grid[0], grid[-1]]), np.array([rest])))

    owner, cell, size, first = [], [], [], 0
    for part_edges, part_counts in parts:
        place = np.searchsorted(grid, part_edges)
        for bucket, count in enumerate(np.asarray(part_counts, dtype=float)):
            inside = np.arange(place[bucket], place[bucket + 1])
            owner.append(np.full(inside.size, first + bucket))
            cell.append(inside)
            size.append(count)
        first += len(part_counts)
    owner, cell, size = np.concatenate(owner), np.concatenate(cell), np.asarray(size)

    group = np.searchsorted(edges, grid[:-1], side="right") - 1
    outside = (group < 0) | (group >= counts.size)
    group = np.where(outside, counts.size, group)
    wanted = np.append(counts, 0.0)
    width = np.diff(np.where(np.isfinite(grid), grid, grid[-2] * 2 + 1))
    across = np.bincount(group, width, minlength=wanted.size)
    guess = wanted[group] * width / np.maximum(across[group], 1e-300)
    share = guess[cell] + 1e-9 * width[cell] / width.sum()
    for _ in range(_ROUNDS):
        share *= (size / np.maximum(np.bincount(owner, share, minlength=size.size), 1e-300))[owner]
        total = np.bincount(group[cell], share, minlength=wanted.size)
        factor = np.where((total > 0) & (wanted > 0), wanted / np.maximum(total, 1e-300), 1.0)
        share *= factor[group[cell]]
        if np.max(np.abs(factor - 1.0)) < _CLOSE:
            break
    share *= (size / np.maximum(np.bincount(owner, share, minlength=size.size), 1e-300))[owner]

    found, first = {}, 0
    for name, (part_edges, part_counts) in zip(names, parts[:-1], strict=True):
        mine = (owner >= first) & (owner < first + len(part_counts))
        inside = cell[mine]
        found[name] = (
            np.append(grid[inside], np.asarray(part_edges, dtype=float)[-1]),
            share[mine],
        )
        first += len(part_counts)
    return found
