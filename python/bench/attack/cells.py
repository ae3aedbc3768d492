"""Exact cells of a chat in numpy: rows, and how many of them each slot of people is behind."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from bench.attack import relations
from bench.attack.chats import Numbers
from bench.attack.relations import Family
from bench.attack.wholes import Whole

N_SLOTS = 64
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)


class Cells(NamedTuple):
    """Cells that hold at least a row, of several families.

    Attributes
    ----------
    families
        The families there are.
    family
        Number of a cell's family, shape (n,).
    lower, upper
        Edges by axis of `axes`, shape (n, len(axes)); infinite where an axis does not cut.
    segment
        Number of what a cell is merged within: all axes but the last, shape (n,).
    n_rows
        Rows, shape (n,).
    profile
        Rows by slot of the people behind them, shape (n, 64).
    """

    families: tuple[Family, ...]
    axes: tuple[str, ...]
    family: Numbers
    lower: Numbers
    upper: Numbers
    segment: Numbers
    n_rows: Numbers
    profile: Numbers

    @property
    def keys(self) -> Numbers:
        """Keys of 64 bits, the same for equal profiles, as `int_cells` makes them."""
        return keys_of(self.profile)

    def of(self, whole: str) -> Numbers:
        """Which cells count a whole."""
        names = np.array([family.whole for family in self.families])
        return np.flatnonzero(names[self.family] == whole)


def exact(wholes: dict[str, Whole], families: Iterable[Family] | None = None) -> Cells:
    """Cells of all families of wholes that are there.

    Parameters
    ----------
    wholes : as of `wholes.wholes`
    families
        Default: all of the catalogue, and records that are tied without a published cell.
    """
    chosen = tuple(
        family
        for family in (families or (*relations.families(), *relations.unpublished()))
        if family.whole in wholes and wholes[family.whole].n_records
    )
    axes = tuple(sorted({axis for one in chosen for axis in (*dict(one.axes), *one.within)}))
    parts = [_of_family(wholes[family.whole], family, axes) for family in chosen]
    n_segments = np.cumsum([0, *(part[2].max(initial=-1) + 1 for part in parts)])
    columns = list(zip(*parts, strict=True))
    return Cells(
        chosen,
        axes,
        np.repeat(np.arange(len(parts)), [len(part[2]) for part in parts]),
        np.concatenate(columns[0]),
        np.concatenate(columns[1]),
        np.concatenate([s + n for s, n in zip(columns[2], n_segments[:-1], strict=True)]),
        *(np.concatenate(column) for column in columns[3:]),
    )


def chosen_records(whole: Whole, box: dict[str, relations.Interval]) -> Numbers:
    """Which records lie in a box, shape (n_records,), flags."""
    found = np.ones(whole.n_records, bool)
    for axis, (low, high) in box.items():
        values = whole.axes[axis]
        found &= (values >= low) & (values < high)
    return found


def _of_family(whole: Whole, family: Family, axes: tuple[str, ...]):
    records = np.flatnonzero(chosen_records(whole, family.within))
    bins, grids = [], []
    for axis, grid in family.axes:
        edges = np.array(relations.edges(grid))
        place = np.searchsorted(edges, whole.axes[axis][records], side="right") - 1
        bins.append(np.clip(place, 0, edges.size - 2))
        grids.append(family_edges(family, axis, edges))
    table = np.column_stack(bins) if bins else np.zeros((records.size, 0), int)
    sizes = [edges.size for edges in grids]
    flat = np.ravel_multi_index(table.T, sizes) if bins else np.zeros(records.size, int)
    codes, cell = np.unique(flat, return_inverse=True)
    places = np.array(np.unravel_index(codes, sizes)).T if bins else np.zeros((codes.size, 0), int)
    lower = np.full((codes.size, len(axes)), -np.inf)
    upper = np.full((codes.size, len(axes)), np.inf)
    for axis, (low, high) in family.within.items():
        lower[:, axes.index(axis)], upper[:, axes.index(axis)] = low, high
    for number, (axis, _) in enumerate(family.axes):
        lower[:, axes.index(axis)] = grids[number][places[:, number]]
        upper[:, axes.index(axis)] = grids[number][places[:, number] + 1]
    segment = np.unique(places[:, :-1], axis=0, return_inverse=True)[1] if bins else codes * 0
    where = np.full(whole.n_records, -1)
    where[records] = cell
    n_rows = np.bincount(cell, minlength=codes.size)
    return lower, upper, segment.ravel(), n_rows, _profiles(whole, where, codes.size)


def family_edges(family: Family, axis: str, edges: Numbers) -> Numbers:
    """Edges of a grid, with the ends of the family's range (infinite where it has none)."""
    low, high = family.within.get(axis, relations.EVERYTHING)
    found = edges.copy()
    found[0] = low if low > -np.inf else -np.inf
    found[-1] = high
    return np.clip(found, low, high)


def _profiles(whole: Whole, where: Numbers, n_cells: int) -> Numbers:
    """Rows of every cell by slot of the people behind them."""
    place = where[whole.records]
    inside = place >= 0
    slots = (mixed(whole.owners[inside]) % np.uint64(N_SLOTS)).astype(int)
    counts = np.bincount(place[inside] * N_SLOTS + slots, minlength=n_cells * N_SLOTS)
    return counts.reshape(n_cells, N_SLOTS)


def keys_of(profiles: Numbers) -> Numbers:
    """Keys of profiles, shape (n,)."""
    hashes = mixed(mixed(np.arange(N_SLOTS)) ^ profiles.astype(np.uint64))
    return np.bitwise_xor.reduce(np.where(profiles > 0, hashes, np.uint64(0)), axis=1)


def people(profiles: Numbers) -> Numbers:
    """People that are certainly behind rows: slots that hold any, at most 64."""
    return (profiles > 0).sum(axis=-1)


def mixed(values: Numbers) -> Numbers:
    """A hash of 64 bits of whole numbers (splitmix64, Steele et al. 2014)."""
    # An array even of a single number: arrays wrap around without a warning.
    z = np.atleast_1d(values).astype(np.uint64) * _MULTIPLIER + _MULTIPLIER
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z ^= z >> np.uint64(31)
    return z if np.ndim(values) else z[0]
