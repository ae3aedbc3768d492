"""The grids of bucket edges, as `macros/bucket_edges.sql` has them; a test compares the two."""

import math
from functools import lru_cache

_OTHERS = {
    ("conversations", "messages_per_conversation"): "size",
    ("conversations", "start_position"): "position",
    ("conversations", "tempo"): "tempo_class",
    ("conversations", "tempo_by_size"): "tempo_class",
}
_NAMED_AS_UNIT = ("characters", "bytes", "coefficient", "minutes", "seconds", "share")
_CLASSES = {"size": "size_class", "senders": "sender_class", "tempo": "tempo_class"}
# Dimensions of the classes that a joint metric's segments name, after the type where it has one.
JOINT = {
    ("conversations", "members_by_size"): (True, ("size",)),
    ("conversations", "senders_by_size"): (True, ("size",)),
    ("conversations", "dominance_by_size_senders"): (False, ("size", "senders")),
    ("conversations", "tempo_by_size"): (False, ("size",)),
    ("messages", "activity_gap"): (False, ("size", "tempo")),
    ("messages", "hour_by_type"): (True, ()),
}


def of_metric(entity: str, metric: str, unit: str) -> str:
    """Name of the grid whose edges the buckets of a metric have."""
    return _OTHERS.get((entity, metric), unit if unit in _NAMED_AS_UNIT else "count")


@lru_cache(maxsize=16)
def edges(grid: str) -> tuple[float, ...]:
    """Edges of a grid, strictly increasing; the last is infinite where its last bucket is open."""
    if grid == "count":
        return (*map(float, range(18)), *_powers(8, 10, 73))
    if grid == "size":
        return tuple(sorted({*edges("count"), *edges("size_class")[:-1]}))
    if grid == "seconds":
        return (0.0, *(10 ** (j / 8) for j in range(57)), 1e9)
    if grid == "minutes":
        return tuple(edge / 60 for edge in edges("seconds"))
    if grid == "characters":
        return (*map(float, range(11)), *_powers(8, 9, 57))
    if grid == "bytes":
        return (0.0, *_powers(4, 8, 41))
    if grid == "share":
        return tuple(j / 20 for j in range(22))
    if grid == "coefficient":
        return tuple(j / 10 for j in range(-10, 12))
    if grid == "position":
        return tuple(j / 52 for j in range(53))
    if grid == "size_class":
        return (1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, *(2.0**j for j in range(4, 21)), math.inf)
    if grid == "sender_class":
        return (1.0, 2.0, 3.0, 4.0, 5.0, 9.0, 17.0, 33.0, math.inf)
    if grid == "tempo_class":
        return (0.0, *(10 ** (j / 2) for j in range(13)), math.inf)
    raise ValueError(grid)


@lru_cache(maxsize=4)
def class_edges(dimension: str) -> dict[str, float]:
    """Edges of the classes of ``size``, ``senders`` or ``tempo``, as segments write them."""
    return {f"{edge:.6g}": edge for edge in edges(_CLASSES[dimension])}


def _powers(parts: int, first: int, stop: int) -> tuple[float, ...]:
    return tuple(float(round(10 ** (j / parts))) for j in range(first, stop))
