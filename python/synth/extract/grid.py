"""The public grid of a differentially private release: every cell that any source could fill.

It follows from the catalogue, the vocabulary and the grids of edges alone. Cells that no record can
be in (conversations with messages, but none) are left out.
"""

import itertools
import math

from synth import catalogue
from synth.pack import grids
from synth.release.dp import Cell, is_withheld

_YES_NO = {
    "silent_share": ("silent", "active"),
    "unattached_share": ("unattached", "attached"),
    "empty_share": ("empty", "active"),
}
# Counted of what has at least one.
_FROM_ONE = (
    *("messages_per_user", "conversations_per_user", "messages_per_conversation"),
    *("distinct_senders", "senders_by_size", "session_size", "minute_size"),
)
# Computed from cells of others, by the same SQL on both sides, or of no bounded sensitivity.
_NO_CELLS = (
    *("concentration", "heavy_share", "media_ratio", "weekday_weekend_ratio"),
    *("peak_trough_ratio", "burst_coefficient", "burstiness"),
)
_PLACES = {"hour_of_week": 168, "day_of_week": 7}
# The metric that the burst coefficient is computed from, in no line of the catalogue.
_EXTRA = (("messages", "minute_size", "bucket", "none", "messages"),)

_DAY = 86_400

Edges = tuple[float | None, float | None]


def cells(window_days: float = math.inf) -> dict[Cell, Edges]:
    """Every cell, as `int_cells` names it, with the edges of its bucket (None for a label).

    Nothing takes longer than the window of `window_days`, which is public.
    """
    lines = [
        (line.entity, line.metric, line.kind, line.segments, line.unit)
        for line in catalogue.metrics()
    ]
    found: dict[Cell, Edges] = {}
    for entity, metric, kind, segments, unit in (*lines, *_EXTRA):
        if metric in _NO_CELLS or is_withheld(entity, metric):
            continue
        for segment in _segments(entity, metric, segments):
            if kind == "bucket":
                found |= _buckets(entity, metric, segment, unit, window_days * _DAY)
            for label in _labels(entity, metric, kind):
                found[Cell(entity, metric, segment, label, None)] = None, None
    return found


def _segments(entity: str, metric: str, segments: str) -> list[str]:
    if segments == "none":
        return [catalogue.ALL]
    types = [*catalogue.segments(entity, metric), catalogue.OTHER]
    if segments == "type":
        return [catalogue.ALL, *types]
    has_type, dimensions = grids.JOINT[entity, metric]
    found = types if has_type else [""]
    for dimension in dimensions:
        edges = list(grids.class_edges(dimension))
        classes = [f"{dimension}_{low}_{high}" for low, high in itertools.pairwise(edges)]
        found = [f"{before}.{one}".lstrip(".") for before in found for one in classes]
    if metric == "members_by_size":
        # Of no size, so that sizes add up to all.
        found += [f"{one}.empty" for one in types]
    return [segment for segment in found if _is_possible(segment)]


def _is_possible(segment: str) -> bool:
    """No more senders than messages."""
    size, _, senders = segment.partition(".senders_")
    return not senders or _edge(senders.split("_")[0], "senders") < _upper_size(size)


def _upper_size(segment: str) -> float:
    return _edge(segment.rpartition("_")[2], "size")


def _edge(text: str, dimension: str) -> float:
    return grids.class_edges(dimension)[text]


def _buckets(
    entity: str, metric: str, segment: str, unit: str, longest: float
) -> dict[Cell, Edges]:
    edges = grids.edges(grids.of_metric(entity, metric, unit))
    below = longest if unit == "seconds" else math.inf
    if metric == "senders_by_size":
        below = _upper_size(segment) - 1
    return {
        Cell(entity, metric, segment, None, index): (low, high)
        for index, (low, high) in enumerate(itertools.pairwise(edges), start=1)
        if low <= below and (high > 1 or metric not in _FROM_ONE)
    }


def _labels(entity: str, metric: str, kind: str) -> tuple[str, ...]:
    if kind == "total":
        return ("total",)
    if kind in ("hour", "weekday"):
        first = int(kind == "weekday")
        return tuple(map(str, range(first, first + _PLACES.get(metric, 24))))
    if kind == "category":
        others = () if metric == "size_mix" else (catalogue.OTHER,)
        return (*catalogue.labels(entity, metric), *others)
    if kind == "bucket":
        # Of these the source may keep no size.
        return ("unknown",) if metric in ("content_length", "size_bytes") else ()
    if kind == "scalar":
        return _YES_NO.get(metric) or catalogue.labels(entity, metric) or ()
    return ()
