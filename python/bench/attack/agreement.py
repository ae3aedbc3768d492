"""How tables are made to agree after the noise, as a linear map of the noisy cells.

`seeds/margins.csv` names the sets of records that cells of several metrics share; in every sweep
each metric's sum over such a set moves to the mean of all (macro `agreeing`). That negative cells
are cut at zero in between is left out: it only loses what somebody could know.
"""

import csv

import numpy as np
from scipy import sparse

from bench.attack.cells import Cells, keys_of
from bench.attack.chats import Numbers
from bench.attack.relations import Family
from bench.attack.release import Figures
from synth import settings

N_SWEEPS = 8
_LABELLED = ("label", "hour", "weekday", "size_mix")
_SLOTS = ("margin_a", "margin_b", "margin_c", "margin_d")
# Cells that three figures of the catalogue are made of.
_ALIASES = {
    name: "delay_class"
    for name in ("immediate_percentage", "near_term_percentage", "delayed_percentage")
}


def agreed(sums: sparse.csr_array, cells: Cells) -> Numbers:
    """Sums of cells after the tables agree, as sums of the cells before.

    Returns
    -------
    Numbers
        Shape (sums, cells), dense.
    """
    steps = [step for slot in _SLOTS if (step := _step(cells, slot)) is not None]
    found = sums.toarray()
    # The last step is applied to the figures first: the map of a map is from the left.
    for _ in range(N_SWEEPS):
        for spread, totals in reversed(steps):
            found += (found @ spread) @ totals
    return found


def noises(figures: Figures, cells: Cells) -> Numbers:
    """How much of every independent noise figures hold.

    Buckets that are taken together have the noise of one cell; the figures of a segment then share
    what their sum lacks (model `shape_buckets`).

    Returns
    -------
    Numbers
        Shape (figures, noises).
    """
    n_cells = cells.family.size
    sizes = figures.sums.sum(axis=1)
    is_bucket = np.array([bool(f.axes) and f.axes[-1][1] not in _LABELLED for f in cells.families])
    first = figures.sums.indices[figures.sums.indptr[:-1]]
    together = np.flatnonzero((sizes > 1) & is_bucket[cells.family[first]])
    profiles = np.rint(figures.sums[together] @ cells.profile).astype(int)
    _, noise_of = np.unique(keys_of(np.vstack([cells.profile, profiles])), return_inverse=True)
    spread = sparse.csr_array(
        (np.ones(n_cells), (np.arange(n_cells), noise_of[:n_cells])),
        shape=(n_cells, noise_of.max() + 1),
    )
    before = agreed(figures.sums, cells) @ spread
    found = before.copy()
    found[together] = 0
    found[together, noise_of[n_cells:]] = 1
    for segment in np.unique(figures.segment[together]):
        inside = np.flatnonzero(figures.segment == segment)
        found[inside] += (before[inside].sum(axis=0) - found[inside].sum(axis=0)) / inside.size
    return found


def _step(cells: Cells, slot: str) -> tuple[sparse.csr_array, sparse.csr_array] | None:
    """What a step adds to cells, as shares of what their margins' sums lack, and these sums."""
    margins = _margins(cells, slot)
    inside = np.flatnonzero(margins != "")
    if not inside.size:
        return None
    metrics = np.array([_table(f) for f in cells.families])[cells.family[inside]]
    _, margin = np.unique(margins[inside], return_inverse=True)
    _, metric = np.unique(metrics, return_inverse=True)
    pairs, of_cell = np.unique(np.column_stack([margin, metric]), axis=0, return_inverse=True)
    of_cell = of_cell.ravel()
    n_cells = np.bincount(of_cell).astype(float)
    total = sparse.csr_array(
        (np.ones(inside.size), (of_cell, inside)), shape=(len(pairs), cells.family.size)
    )
    of_margin = sparse.csr_array(
        (1 / n_cells, (pairs[:, 0], np.arange(len(pairs)))), shape=(margin.max() + 1, len(pairs))
    )
    weight = sparse.diags_array(1 / of_margin.sum(axis=1))
    back = sparse.csr_array((np.ones(len(pairs)), (np.arange(len(pairs)), pairs[:, 0])))
    mean = back @ (weight @ of_margin)
    lacking = mean - sparse.eye_array(len(pairs))
    return (total.T @ sparse.diags_array(1 / n_cells) @ lacking).tocsr(), total


def _margins(cells: Cells, slot: str) -> Numbers:
    """Name of every cell's margin in a slot, empty where it has none."""
    found = np.full(cells.family.size, "", dtype=object)
    for row in _rows():
        for number, family in enumerate(cells.families):
            if (family.entity, _name(family)) != (row["entity"], row["metric"]):
                continue
            if row["label"] and family.label and family.label != row["label"]:
                continue
            if row["segments"] and (row["segments"] == "all") == is_segmented(family):
                continue
            inside = np.flatnonzero(cells.family == number)
            if row[slot]:
                found[inside] = _filled(row[slot], cells, family, inside)
    return found.astype(str)


def _filled(text: str, cells: Cells, family: Family, inside: Numbers) -> list[str]:
    """The margin's name with the cell's segment, type, label or bucket in it."""
    last = family.axes[-1][0] if family.axes else ""
    is_labelled = bool(family.axes) and not family.label and family.axes[-1][1] in _LABELLED
    named = {
        "{segment}": "type",
        "{type}": "type",
        "{label}": last if is_labelled else "",
        "{bucket}": last if family.label in ("", "empty") else "",
        "{hour}": "hour",
        "{day}": "weekday",
    }
    found = [text] * inside.size
    for form, axis in named.items():
        if form not in text:
            continue
        if axis:
            lows = cells.lower[inside, cells.axes.index(axis)].tolist()
        else:
            lows = [family.label if form == "{label}" else ""] * inside.size
        found = [one.replace(form, str(low)) for one, low in zip(found, lows, strict=True)]
    return found


def is_segmented(family: Family) -> bool:
    """Whether a family's cells stand in segments other than all."""
    return family.is_by_type or (len(family.axes) > 1 and family.metric != "hour_of_week")


def _name(family: Family) -> str:
    return _ALIASES.get(family.metric, family.metric)


def _table(family: Family) -> str:
    return f"{family.entity} {_name(family)}" + " of segments" * is_segmented(family)


def _rows() -> list[dict[str, str]]:
    with (settings.project_dir() / "seeds" / "margins.csv").open(newline="") as lines:
        return list(csv.DictReader(lines))
