"""What every metric of the catalogue counts: the whole, and the quantities that cut it.

`counted.csv` has a line for each metric and kind; `implied.csv` what one quantity says of another
(a conversation of one message lasts no time); `tied.csv` which records of one whole are as many
as those of another; `sums.csv` which are as many as values of another (the messages of a
conversation). Any two metrics of a whole are related by these alone, so a metric that is added is
attacked together with all others as soon as its line is there.
"""

import csv
import math
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from synth import catalogue
from synth.pack import grids

# Metrics that count nothing: figures computed from released cells, values at a rank, and the
# planner's figures, which are ratios of what the planner sampled.
UNCOUNTED = ("released", "ranked", "planner")
_FOLDER = Path(__file__).parent
_OWN_GRIDS = {
    "size_mix": (0.0, 3.0, 21.0, math.inf),
    "hour": tuple(map(float, range(25))),
    "weekday": tuple(map(float, range(1, 9))),
    "label": tuple(map(float, range(-1, 8))),
}
_CONDITION = re.compile(r"(\w+)(>=|<=|<|>)(.+)")
Interval = tuple[float, float]
EVERYTHING: Interval = (-math.inf, math.inf)


class Family(NamedTuple):
    """Disjoint cells of one metric.

    Attributes
    ----------
    entity, metric, kind, label
        As in the catalogue; `label` where a metric has several that are not disjoint.
    whole
        What is counted.
    axes
        Pairs of quantity and grid, the bucket's own last.
    within
        Interval by quantity of the records that count at all.
    is_by_type
        Whether the first axis is the type of a metric that has a segment for all as well.
    """

    entity: str
    metric: str
    kind: str
    label: str
    whole: str
    axes: tuple[tuple[str, str], ...]
    within: dict[str, Interval]
    is_by_type: bool = False

    def edges(self, axis: str) -> tuple[float, ...]:
        """Edges of the family on an axis; the ends are open unless its range says otherwise."""
        low, high = self.within.get(axis, EVERYTHING)
        grid = dict(self.axes).get(axis)
        inner = () if grid is None else edges(grid)[1:-1]
        return (low, *(edge for edge in inner if low < edge < high), high)


class Implication(NamedTuple):
    """Where the `bound` of `axis` reaches `value` (None: any), what bounds `other`."""

    whole: str
    axis: str
    is_upper: bool
    value: float | None
    other: str
    is_other_upper: bool
    follows: Callable[[np.ndarray], np.ndarray]


@lru_cache(maxsize=16)
def edges(grid: str) -> tuple[float, ...]:
    """Edges of a grid; labels are numbered as in the vocabulary, -1 for none."""
    return _OWN_GRIDS.get(grid) or grids.edges(grid)


@lru_cache(maxsize=1)
def declared() -> dict[tuple[str, str, str], list[dict[str, str]]]:
    """Lines of `counted.csv` by entity, metric and kind."""
    found: dict[tuple[str, str, str], list[dict[str, str]]] = {}
    for row in _read("counted.csv"):
        found.setdefault((row["entity"], row["metric"], row["kind"]), []).append(row)
    return found


def undeclared() -> list[tuple[str, str, str]]:
    """Metrics of the catalogue of which nobody said what they count, and the other way round."""
    known = {(line.entity, line.metric, line.kind) for line in catalogue.metrics()}
    return sorted(known ^ set(declared()))


class Sum(NamedTuple):
    """Records of one whole are as many as the values of an axis, with an offset, of another's."""

    whole: str
    within: dict[str, Interval]
    units: str
    axis: str
    offset: float


@lru_cache(maxsize=1)
def families() -> tuple[Family, ...]:
    """Every family of cells, from the catalogue and what its metrics count."""
    return tuple(
        family
        for line in catalogue.metrics()
        for row in declared()[line.entity, line.metric, line.kind]
        if row["whole"] not in UNCOUNTED
        for family in _of_line(row, line.segments == "type")
    )


def _of_line(row: dict[str, str], has_types: bool) -> Iterator[Family]:
    axes = tuple(tuple(part.split(":")) for part in row["axes"].split())
    names = [row[name] for name in ("entity", "metric", "kind", "label", "whole")]
    yield Family(*names, axes, condition(row["range"]))
    if has_types:
        by_type = (("type", "label"), *axes)
        yield Family(*names, by_type, condition(row["range"]), is_by_type=True)


def condition(text: str) -> dict[str, Interval]:
    """Intervals [lower, upper) by quantity of conditions such as ``messages>=1 gap<0``."""
    found: dict[str, Interval] = {}
    for part in text.split():
        axis, sign, number = _CONDITION.fullmatch(part).groups()
        value = float(number)
        low, high = found.get(axis, EVERYTHING)
        if sign in (">", "<="):
            value = math.nextafter(value, math.inf)
        found[axis] = (value, high) if sign in (">=", ">") else (low, value)
    return found


def tied() -> Iterator[tuple[list[Family], list[Family]]]:
    """Records that are as many as others: families without a published cell of their own."""
    for row in _read("tied.csv"):
        yield tuple(
            [_unpublished(term) for term in row[side].split(";")] for side in ("left", "right")
        )


@lru_cache(maxsize=1)
def unpublished() -> tuple[Family, ...]:
    """Every term of `tied.csv`, once."""
    terms = [one for sides in tied() for side in sides for one in side]
    return tuple({(one.whole, one.metric): one for one in terms}.values())


def sums() -> list[Sum]:
    """Every line of `sums.csv`."""
    found = []
    for row in _read("sums.csv"):
        whole, _, text = row["counted"].partition(" ")
        found.append(Sum(whole, condition(text), row["units"], row["axis"], float(row["offset"])))
    return found


def _unpublished(term: str) -> Family:
    whole, text = term.split(" ", 1)
    return Family("", term, "", "", whole, (), condition(text))


@lru_cache(maxsize=1)
def implications() -> tuple[Implication, ...]:
    """Every line of `implied.csv`."""
    return tuple(_implication(row) for row in _read("implied.csv"))


def _implication(row: dict[str, str]) -> Implication:
    axis, sign, number = _CONDITION.fullmatch(row["if"]).groups()
    other, follows, result = _CONDITION.fullmatch(row["then"]).groups()
    return Implication(
        whole=row["whole"],
        axis=axis,
        is_upper=sign == "<",
        value=None if number == "n" else float(number),
        other=other,
        is_other_upper=follows == "<",
        follows=_FOLLOWS.get(result) or (lambda n, value=result: np.full(n.shape, float(value))),
    )


_FOLLOWS = {"n": lambda n: n, "1/(n-1)": lambda n: 1 / np.maximum(n - 1, 1e-9)}


def _read(name: str) -> list[dict[str, str]]:
    with (_FOLDER / name).open(newline="") as lines:
        return list(csv.DictReader(lines))
