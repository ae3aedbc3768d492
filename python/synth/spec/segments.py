"""Which segment of a spec serves a class of conversations.

A spec has no table for every class: thin ones were merged or suppressed. Here each class gets
the most specific table there is, once, so that the server only indexes an array.
"""

import math
import re
from dataclasses import dataclass
from functools import lru_cache

_PART = re.compile(r"^([a-z]+)_([0-9.e+-]+)_([0-9.e+-]+|inf)$")


@dataclass(frozen=True)
class Segment:
    """A parsed segment key.

    Attributes
    ----------
    key : str
        As in the spec, for example ``CHANNEL.size_8_12``.
    type : str or None
        Conversation type, where the key names one.
    ranges : dict
        Dimension to half-open ``(lower, upper)``, for example ``{"size": (8.0, 12.0)}``.
    """

    key: str
    type: str | None
    ranges: dict

    def holds(self, dimension, value):
        """Whether the segment names the dimension and its range holds the value."""
        lower, upper = self.ranges.get(dimension, (math.inf, -math.inf))
        return lower <= value < upper

    def distance(self, dimension, value):
        """How far the range is from the value, in log units; classes above count a bit more."""
        lower, upper = self.ranges[dimension]
        if lower <= value < upper:
            return 0.0
        if value >= upper:
            return math.log(max(value, 1e-9) / max(upper, 1e-9)) + 1e-6
        return math.log(max(lower, 1e-9) / max(value, 1e-9)) + 2e-6


@lru_cache(maxsize=4096)
def parse(key):
    """Parse a segment key; parts are joined with dots, edges may hold a decimal point.

    Parameters
    ----------
    key : str

    Returns
    -------
    Segment
    """
    kind, ranges = None, {}
    for part in re.split(r"\.(?=[A-Za-z])", key):
        match = _PART.match(part)
        if match:
            name, lower, upper = match.groups()
            ranges[name] = (float(lower), float(upper))
        elif part != "all":
            kind = part
    return Segment(key, kind, ranges)


def edges(segment_groups, dimension, start):
    """Lower edges of the classes that some segments distinguish.

    Parameters
    ----------
    segment_groups : iterable of iterable of str
        Segment keys of several quantities.
    dimension : str
    start : float
        Lower edge of the first class.

    Returns
    -------
    list of float
        Ascending, beginning with `start`.
    """
    found = {start}
    for keys in segment_groups:
        for key in keys:
            for edge in parse(key).ranges.get(dimension, ()):
                if math.isfinite(edge) and edge > start:
                    found.add(edge)
    return sorted(found)


def resolve(keys, *, kind=None, **values):
    """Choose the segment for a class.

    Parameters
    ----------
    keys : sequence of str
        Segments the spec has.
    kind : str, optional
        Conversation type of the class.
    **values : float
        Dimension to a value in the class, for example ``size=8``.

    Returns
    -------
    str
        The most specific key: right type before any type, then the nearest ranges (the first
        dimension given weighs most), then a key of the type alone, then ``all``.
    """
    best, best_rank = None, None
    for key in keys:
        segment = parse(key)
        foreign = segment.type is not None and segment.type != kind
        named = [name for name in values if name in segment.ranges]
        distance = sum(segment.distance(name, values[name]) for name in named)
        missing = len(values) - len(named)
        # Exact classes first, then near ones of the type, then unconditional tables; a table of
        # another type is the last resort.
        rank = (
            foreign,
            0 if missing == 0 and distance == 0 else 1,
            missing,
            segment.type is None and kind is not None,
            distance,
            key,
        )
        if best_rank is None or rank < best_rank:
            best, best_rank = key, rank
    return best
