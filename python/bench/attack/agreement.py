"""How tables are made to agree after the noise, as a linear map of the noisy cells.

`seeds/margins.csv` names the sets of records that cells of several metrics share; in every sweep
each metric's sum over such a set moves to the mean of all (macro `agreeing`). That negative cells
are cut at zero in between is left out: it only loses what somebody could know.
"""

import csv

import numpy as np
from scipy import sparse

from bench.attack.cells import Cells
from bench.attack.chats import Numbers
from bench.attack.relations import Family
from synth import settings

N_SWEEPS = 8
_SLOTS = ("margin_a", "margin_b", "margin_c")
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


def _step(cells: Cells, slot: str) -> tuple[sparse.csr_array, sparse.csr_array] | None:
    """What a step adds to cells, as shares of what their margins' sums lack, and these sums."""
    margins = _margins(cells, slot)
    inside = np.flatnonzero(margins != "")
    if not inside.size:
        return None
    metrics = np.array([f"{f.entity} {_name(f)}" for f in cells.families])[cells.family[inside]]
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
            inside = np.flatnonzero(cells.family == number)
            if row[slot]:
                found[inside] = _filled(row[slot], cells, family, inside)
    return found.astype(str)


def _filled(text: str, cells: Cells, family: Family, inside: Numbers) -> list[str]:
    """The margin's name with the cell's segment, type, label or bucket in it."""
    last = family.axes[-1][0] if family.axes else None
    named = {
        "{segment}": "type",
        "{type}": "type",
        "{label}": last,
        "{bucket}": last,
    }
    for form, axis in named.items():
        if form in text:
            column = cells.axes.index(axis)
            return [text.replace(form, f"{low:.9g}") for low in cells.lower[inside, column]]
    return [text] * inside.size


def _name(family: Family) -> str:
    return _ALIASES.get(family.metric, family.metric)


def _rows() -> list[dict[str, str]]:
    with (settings.project_dir() / "seeds" / "margins.csv").open(newline="") as lines:
        return list(csv.DictReader(lines))
