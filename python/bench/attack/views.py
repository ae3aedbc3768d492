"""Packs of several chats side by side: what each publishes at every place of the grids."""

import hashlib
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from scipy import sparse

from bench.attack import release
from bench.attack.cells import Cells, mixed
from bench.attack.chats import Numbers


class Places(NamedTuple):
    """Places of the native grids: identities, sorted, and the metric each belongs to."""

    identity: Numbers
    metric: Numbers


def identities(cells: Cells) -> Numbers:
    """A number for each cell that is the same in every chat, 64 bits."""
    names = np.array([_code(family) for family in cells.families], np.uint64)
    found = names[cells.family]
    for column, axis in enumerate(cells.axes):
        bits = np.ascontiguousarray(cells.lower[:, column]).view(np.uint64)
        cuts = np.isfinite(cells.lower[:, column]) | np.isfinite(cells.upper[:, column])
        found = np.where(cuts, mixed(found ^ mixed(bits ^ _of_text(axis))), found)
    return found


def places(several: list[Cells]) -> Places:
    """Every place that holds a row in one of several chats."""
    identity = np.concatenate([identities(one) for one in several])
    metric = np.concatenate(
        [np.array([_of_text(f.metric) for f in one.families])[one.family] for one in several]
    )
    unique, first = np.unique(identity, return_index=True)
    return Places(unique, np.unique(metric[first], return_inverse=True)[1])


def at_places(cells: Cells, values: Numbers, of: Places) -> Numbers:
    """Values of cells at places, 0 where a chat holds no row; shape (places,)."""
    identity = identities(cells)
    place = np.searchsorted(of.identity, identity)
    place = np.minimum(place, of.identity.size - 1)
    is_there = of.identity[place] == identity
    found = np.zeros(of.identity.size)
    found[place[is_there]] = values[is_there]
    return found


def at_cells(cells: Cells, values: Numbers, other: Cells) -> Numbers:
    """Values of cells where another chat's cells are, 0 where there are none."""
    identity, order = np.unique(identities(other), return_index=True)
    found = np.empty(order.size)
    found[order] = at_places(cells, values, Places(identity, identity))
    return found


def with_noise(exact: Numbers, sigma: Numbers, rng: np.random.Generator) -> Numbers:
    """Figures of a budget: noise wherever there are places, with or without rows; 0 if withheld."""
    is_released = np.isfinite(sigma)
    noise = rng.normal(size=sigma.size) * np.where(is_released, sigma, 0)
    return np.where(is_released, exact + noise, 0)


def published(cells: Cells, noisy: Numbers, k: int = release.K) -> Numbers:
    """What a pack says of every cell: its figure spread evenly over the figure's cells.

    What is withheld is 0. Without noise and with k = 0 these are the cells.
    """
    return spread(figures_of(cells, k), noisy)


def figures_of(cells: Cells, k: int) -> sparse.csr_array:
    """Published sums of cells that do not overlap: those of types, not of all types together."""
    found = release.groups(cells, k)
    of_one = [
        np.unique(cells.segment[row]).size == 1
        for row in np.split(found.sums.indices, found.sums.indptr[1:-1])
    ]
    return found.sums[np.flatnonzero(of_one)] if of_one else found.sums


def spread(figures: sparse.csr_array, noisy: Numbers) -> Numbers:
    """Published sums over their cells."""
    sizes = np.maximum(figures.sum(axis=1), 1)
    return ((figures @ noisy) / sizes) @ figures


def spread_variance(figures: sparse.csr_array, variance: Numbers) -> Numbers:
    """Variance of what `spread` says of every cell, 0 where nothing is said."""
    sizes = np.maximum(figures.sum(axis=1), 1)
    return ((figures @ variance) / sizes**2) @ figures


def _code(family) -> np.uint64:
    within = sorted(family.within.items()) if not family.axes else ()
    return _of_text(f"{family.entity} {family.metric} {family.label} {family.is_by_type} {within}")


@lru_cache(maxsize=4096)
def _of_text(text: str) -> np.uint64:
    return np.uint64(int.from_bytes(hashlib.sha256(text.encode()).digest()[:8]))
