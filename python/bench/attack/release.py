"""What a release does to exact cells: noise by key, then thin cells merged along their axis."""

import csv
import hashlib
from functools import lru_cache

import numpy as np
from scipy import sparse

from bench.attack.cells import Cells
from bench.attack.chats import Numbers
from synth import settings

K = 20
MAX_SHARE = 0.8
_DRAW_DIGITS = 13


@lru_cache(maxsize=4)
def noise_table() -> tuple[Numbers, Numbers]:
    """Noise and its chances: shapes (m,) and (D + 1, m), by rows of the cell, D or more last."""
    path = settings.project_dir() / "seeds" / "noise_table.csv"
    with path.open(newline="") as lines:
        rows = [
            (int(r["n_rows"]), int(r["noise"]), float(r["cumulative"]))
            for r in csv.DictReader(lines)
        ]
    bound = max(n for n, _, _ in rows)
    steps = np.arange(-bound, bound + 1)
    cumulative = np.zeros((bound + 1, steps.size))
    for n, noise, total in rows:
        cumulative[n, noise + bound :] = total
    return steps, np.diff(cumulative, axis=1, prepend=0)


def variance() -> float:
    """Variance of the noise of a cell of many rows."""
    steps, chances = noise_table()
    return float(chances[-1] @ steps**2)


def draws(keys: Numbers, secret: bytes, window: str) -> Numbers:
    """Draws in [0, 1) of keys, as the models make them: SHA-256 of secret, window and key.

    Parameters
    ----------
    keys
        Whole numbers of 64 bits, signed as in the database, shape (n,).
    secret
    window
        Text of the window.
    """
    found = [
        int(hashlib.sha256(secret + f"{window} {key}".encode()).hexdigest()[:_DRAW_DIGITS], 16)
        for key in keys.astype(np.int64).tolist()
    ]
    return np.array(found, float) / 2.0 ** (4 * _DRAW_DIGITS)


def noise(n_rows: Numbers, draw: Numbers) -> Numbers:
    """Noise of cells of so many rows at draws in [0, 1)."""
    steps, chances = noise_table()
    cumulative = np.cumsum(chances, axis=1)
    cumulative[:, -1] = 1.0
    of_cell = cumulative[np.minimum(n_rows, len(cumulative) - 1)]
    return steps[(of_cell <= draw[:, None]).sum(axis=1)]


def groups(cells: Cells, k: int = K, max_share: float = MAX_SHARE) -> sparse.csr_array:
    """Published figures as sums of cells: runs of k people of whom nobody holds too much.

    Cells of labels fold into the largest; what falls short in the end is withheld.

    Returns
    -------
    sparse.csr_array
        Shape (figures, cells), ones and zeros.
    """
    found: list[list[int]] = []
    for segment in np.unique(cells.segment):
        inside = np.flatnonzero(cells.segment == segment)
        family = cells.families[cells.family[inside[0]]]
        if not family.entity:
            continue
        grid = family.axes[-1][1] if family.axes else ""
        column = cells.axes.index(family.axes[-1][0]) if family.axes else 0
        order = inside[np.argsort(cells.lower[inside, column], kind="stable")]
        merge = _folded if grid == "label" else _runs
        found += merge(order, cells, k, max_share)
    rows = np.repeat(np.arange(len(found)), [len(one) for one in found])
    columns = np.concatenate(found) if found else np.zeros(0, int)
    shape = (len(found), cells.family.size)
    return sparse.csr_array((np.ones(rows.size), (rows, columns)), shape=shape)


def _supported(members, cells, k, max_share):
    return _is_supported(
        cells.profile[members].sum(axis=0), cells.n_rows[members].sum(), k, max_share
    )


def _is_supported(profile, n_rows, k, max_share):
    return np.count_nonzero(profile) >= k and profile.max() <= max_share * n_rows


def _runs(order, cells, k, max_share):
    """Runs along an axis; what is left over in the end joins the last."""
    totals = np.vstack([np.zeros(cells.profile.shape[1], int), cells.profile[order].cumsum(axis=0)])
    rows = np.r_[0, cells.n_rows[order].cumsum()]
    starts = [0]
    for end in range(1, order.size + 1):
        start = starts[-1]
        if _is_supported(totals[end] - totals[start], rows[end] - rows[start], k, max_share):
            starts.append(end)
    if starts[-1] < order.size and len(starts) > 1:
        starts.pop()
    while len(starts) > 1 and not _is_supported(
        totals[-1] - totals[starts[-1]], rows[-1] - rows[starts[-1]], k, max_share
    ):
        starts.pop()
    ends = [one for one in starts[1:] if one < order.size] + [order.size]
    begins = [one for one in starts if one < order.size]
    if len(begins) == 1 and not _is_supported(totals[-1], rows[-1], k, max_share):
        return []
    return [order[start:end].tolist() for start, end in zip(begins, ends, strict=True)]


def _folded(order, cells, k, max_share):
    alone = [[c] for c in order.tolist() if _supported([c], cells, k, max_share)]
    rest = [c for c in order.tolist() if [c] not in alone]
    if not rest:
        return alone
    if _supported(rest, cells, k, max_share):
        return [*alone, rest]
    if not alone:
        return []
    largest = max(alone, key=lambda one: cells.n_rows[one[0]])
    largest += rest
    return [one for one in alone if _supported(one, cells, k, max_share)]
