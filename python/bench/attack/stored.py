"""Cells of a built shape, read from inside the boundary, beside those of `cells`."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import psycopg
from psycopg import sql

from bench.attack import relations
from bench.attack.cells import Cells
from bench.attack.relations import Family
from synth import catalogue

_FOLDER = Path(__file__).parents[1] / "sql"
# Cells that are of no catalogue's metric: three percentages' classes of delay.
_DELAYS = {
    "immediate_percentage": "immediate",
    "near_term_percentage": "near_term",
    "delayed_percentage": "delayed",
}
_VOCABULARIES = {
    ("users", "device_mix"): "device",
    ("conversations", "type_distribution"): "conversation_type",
    ("conversations", "size_mix"): "size_class",
    ("attachments", "type_distribution"): "attachment_type",
}
_AXES = {"size": "messages", "senders": "senders", "tempo": "tempo"}
_CLASS = re.compile(r"(size|senders|tempo)_([0-9.e+]+)_([0-9.e+]+|inf)")
_CLOSE = 1e-5
Name = tuple[str, str, str, str | None, float | None]


class Stored(NamedTuple):
    """A cell of the database: exact rows, released rows and key."""

    n_rows: int
    rows_released: float
    key: str


def read(connection: psycopg.Connection, schema: str = "shape") -> dict[Name, Stored]:
    """Cells by entity, metric, segment, label and lower edge (four significant digits)."""
    rows = connection.execute(_text("attack_cells", schema)).fetchall()
    return {
        (entity, metric, segment, label, _rounded(lower)): Stored(n_rows, released, key)
        for entity, metric, segment, label, lower, n_rows, released, key in rows
    }


def secret(connection: psycopg.Connection, schema: str = "shape") -> tuple[bytes, str]:
    """The secret and the text of the window that noise is drawn with."""
    return connection.execute(_text("attack_secret", schema)).fetchone()


def names(cells: Cells) -> list[Name]:
    """Names of cells as the database has them."""
    return [
        _name(
            cells.families[family],
            dict(zip(cells.axes, low, strict=True)),
            dict(zip(cells.axes, high, strict=True)),
        )
        for family, low, high in zip(
            cells.family, cells.lower.tolist(), cells.upper.tolist(), strict=True
        )
    ]


def in_classes(cells: Cells, segments: Iterable[tuple[str, str, str]]) -> Cells:
    """Cells of joint metrics counted by the classes that a database merged theirs into.

    Parameters
    ----------
    cells
    segments
        Entity, metric and segment of every cell that is stored.
    """
    boxes: dict[tuple[str, str], list[dict[str, tuple[float, float]]]] = {}
    for entity, metric, segment in sorted(set(segments)):
        if found := {_AXES[d]: (float(a), float(b)) for d, a, b in _CLASS.findall(segment)}:
            known = catalogue.vocabulary()["conversation_type"]
            if (kind := segment.split(".")[0]) in known:
                found["type"] = (known.index(kind), known.index(kind) + 1.0)
            boxes.setdefault((entity, metric), []).append(found)
    lower, upper = cells.lower.copy(), cells.upper.copy()
    for number, family in enumerate(cells.families):
        for box in boxes.get(family[:2], ()):
            columns = [cells.axes.index(axis) for axis in box]
            low, high = (np.array(side) for side in zip(*box.values(), strict=True))
            inside = np.flatnonzero(cells.family == number)
            # A lower end may be open; upper ends tell which class a cell lies in.
            ends = cells.upper[np.ix_(inside, columns)]
            is_held = (ends > low * (1 + _CLOSE)) & (ends <= high * (1 + _CLOSE))
            held = inside[is_held.all(axis=1)]
            first = [
                -np.inf if edge <= 1 or axis == "type" else edge
                for axis, edge in zip(box, low, strict=True)
            ]
            classes = [n for n, axis in enumerate(box) if axis != "type"]
            merged = np.ix_(held, np.array(columns)[classes])
            lower[merged] = np.maximum(first, _least(family, box))[classes]
            upper[merged] = high[classes]
    return _counted(cells, lower, upper)


def _least(family: Family, box: dict[str, tuple[float, float]]) -> list[float]:
    return [family.within.get(axis, relations.EVERYTHING)[0] for axis in box]


def _counted(cells: Cells, lower: np.ndarray, upper: np.ndarray) -> Cells:
    """Cells of equal edges as one."""
    table = np.column_stack([cells.family, lower, upper])
    _, first, together = np.unique(table, axis=0, return_index=True, return_inverse=True)
    together = together.ravel()
    profile = np.zeros((first.size, cells.profile.shape[1]), int)
    np.add.at(profile, together, cells.profile)
    # A segment is all but the last axis.
    for number, family in enumerate(cells.families):
        if family.axes:
            column = cells.axes.index(family.axes[-1][0])
            table[np.ix_(cells.family == number, [1 + column, 1 + len(cells.axes) + column])] = 0
    segment = np.unique(table[first], axis=0, return_inverse=True)[1].ravel()
    return cells._replace(
        family=cells.family[first],
        lower=lower[first],
        upper=upper[first],
        segment=segment,
        n_rows=np.bincount(together, cells.n_rows).astype(int),
        profile=profile,
    )


def _name(family: Family, low: dict[str, float], high: dict[str, float]) -> Name:
    metric, label, lower = family.metric, family.label or None, None
    if metric in _DELAYS:
        metric, label = "delay_class", _DELAYS[metric]
    elif metric == "total_count":
        label = "total"
    if metric == "hour_of_week":
        weekday, hour = int(max(low["weekday"], 1)), int(max(low["hour"], 0))
        return family.entity, metric, "all", str(24 * (weekday - 1) + hour), None
    segments = [
        _part(family, axis, grid, low[axis], high[axis])
        for axis, grid in (family.axes[:-1] if family.axes else ())
    ]
    if label == "empty" and metric == "members_by_size":
        segments, label = [*segments, "empty"], None
    if family.axes:
        axis, grid = family.axes[-1]
        if grid == "weekday":
            label = str(int(max(low[axis], 1)))
        elif grid == "hour":
            label = str(int(max(low[axis], 0)))
        elif family.is_by_type and len(family.axes) == 1:
            segments = [_part(family, axis, grid, low[axis], high[axis])]
        elif grid in ("label", "size_mix"):
            label = _part(family, axis, grid, low[axis], high[axis])
        else:
            edge = max(low[axis], relations.edges(grid)[0])
            lower = _rounded(edge / 60 if metric == "read_delay" else edge)
    return family.entity, metric, ".".join(segments) or "all", label, lower


def _part(family: Family, axis: str, grid: str, low: float, high: float) -> str:
    """A class of a segment, or a label, in words."""
    if grid in ("label", "size_mix"):
        place = (
            {3: 1, 21: 2}.get(int(low), 0) if grid == "size_mix" and low > 0 else int(max(low, 0))
        )
        kind = "message_type" if family.entity == "messages" else "conversation_type"
        vocabulary = catalogue.vocabulary()[_VOCABULARIES.get(family[:2], kind)]
        return (*vocabulary, catalogue.OTHER)[place]
    edges = relations.edges(grid)
    begin = max(edge for edge in edges[:-1] if edge <= max(low, edges[0]) * (1 + _CLOSE))
    end = min(edge for edge in edges if edge >= high * (1 - _CLOSE))
    dimension = next(name for name, one in _AXES.items() if one == axis)
    return f"{dimension}_{begin:.6g}_{end:.6g}"


def _rounded(edge: float | None) -> float | None:
    return None if edge is None else float(f"{edge:.4g}")


def _text(name: str, schema: str) -> sql.Composed:
    return sql.SQL((_FOLDER / f"{name}.sql").read_text()).format(schema=sql.Identifier(schema))
