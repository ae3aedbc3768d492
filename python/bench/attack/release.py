"""What a release does to exact cells: noise by key, then thin cells merged along their axis."""

import csv
import hashlib
from collections.abc import Iterable
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

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


def draws(keys: Iterable[object], secret: bytes, window: str) -> Numbers:
    """Draws in [0, 1) of keys, as the models make them: SHA-256 of secret, window and key.

    Parameters
    ----------
    keys
        Whole numbers or their text.
    secret
    window
        Text of the window.
    """
    found = [
        int(hashlib.sha256(secret + f"{window} {key}".encode()).hexdigest()[:_DRAW_DIGITS], 16)
        for key in keys
    ]
    return np.array(found, float) / 2.0 ** (4 * _DRAW_DIGITS)


def noise(n_rows: Numbers, draw: Numbers) -> Numbers:
    """Noise of cells of so many rows at draws in [0, 1)."""
    steps, chances = noise_table()
    cumulative = np.cumsum(chances, axis=1)
    cumulative[:, -1] = 1.0
    of_cell = cumulative[np.minimum(n_rows, len(cumulative) - 1)]
    return steps[(of_cell <= draw[:, None]).sum(axis=1)]


class Figures(NamedTuple):
    """Published figures as sums of cells.

    Attributes
    ----------
    sums
        Shape (figures, cells), ones and zeros.
    segment
        Which figures lie side by side, shape (figures,); below 0: of no histogram.
    """

    sums: sparse.csr_array
    segment: Numbers


def groups(cells: Cells, k: int = K, max_share: float = MAX_SHARE) -> Figures:
    """Runs of cells with k people of whom nobody holds too much, of every segment and of all types.

    Cells of labels fold into the largest; what falls short in the end is withheld.
    """
    found: list[tuple[int, list[int]]] = []
    for number, units in enumerate(series(cells)):
        family = cells.families[cells.family[units[0][0]]]
        if family.entity:
            grid = family.axes[-1][1] if family.axes else ""
            merge = _folded if grid == "label" else _runs
            found += [(number, one) for one in merge(units, cells, k, max_share)]
    return as_figures(found, cells)


def series(cells: Cells) -> list[list[list[int]]]:
    """Cells that lie side by side, in order, of every segment."""
    found = []
    for segment in np.unique(cells.segment):
        inside = np.flatnonzero(cells.segment == segment)
        found.append(_by(inside, _along(cells, inside)))
    return found


def _along(cells, inside):
    family = cells.families[cells.family[inside[0]]]
    if not family.axes:
        return np.zeros(inside.size)
    return cells.lower[inside, cells.axes.index(family.axes[-1][0])]


def _by(inside, values):
    return [inside[values == value].tolist() for value in np.unique(values)]


def as_figures(found: list[tuple[int, list[int]]], cells: Cells) -> Figures:
    """Figures of a segment's number and cells each."""
    lengths = [len(one) for _, one in found]
    columns = np.concatenate([one for _, one in found]) if found else np.zeros(0)
    sums = sparse.csr_array(
        (np.ones(sum(lengths)), (np.repeat(np.arange(len(found)), lengths), columns.astype(int))),
        shape=(len(found), cells.family.size),
    )
    return Figures(sums, np.array([number for number, _ in found], int))


def _supported(members, cells, k, max_share):
    return _is_supported(
        cells.profile[members].sum(axis=0), cells.n_rows[members].sum(), k, max_share
    )


def _is_supported(profile, n_rows, k, max_share):
    return np.count_nonzero(profile) >= k and profile.max() <= max_share * n_rows


def _runs(units, cells, k, max_share):
    """Runs along an axis; what is left over in the end joins the last."""
    profiles = [cells.profile[one].sum(axis=0) for one in units]
    totals = np.vstack([np.zeros(cells.profile.shape[1], int), np.cumsum(profiles, axis=0)])
    rows = np.r_[0, np.cumsum([cells.n_rows[one].sum() for one in units])]
    starts = [0]
    for end in range(1, len(units) + 1):
        start = starts[-1]
        if _is_supported(totals[end] - totals[start], rows[end] - rows[start], k, max_share):
            starts.append(end)
    if starts[-1] < len(units) and len(starts) > 1:
        starts.pop()
    while len(starts) > 1 and not _is_supported(
        totals[-1] - totals[starts[-1]], rows[-1] - rows[starts[-1]], k, max_share
    ):
        starts.pop()
    if len(starts) == 1 and not _is_supported(totals[-1], rows[-1], k, max_share):
        return []
    begins = [one for one in starts if one < len(units)]
    ends = [*begins[1:], len(units)]
    return [list(chain(*units[start:end])) for start, end in zip(begins, ends, strict=True)]


def _folded(units, cells, k, max_share):
    alone = [one for one in units if _supported(one, cells, k, max_share)]
    rest = [cell for one in units if one not in alone for cell in one]
    if not rest:
        return alone
    if _supported(rest, cells, k, max_share):
        return [*alone, rest]
    if not alone:
        return []
    largest = max(range(len(alone)), key=lambda n: cells.n_rows[alone[n]].sum())
    alone[largest] = alone[largest] + rest
    return [one for one in alone if _supported(one, cells, k, max_share)]
