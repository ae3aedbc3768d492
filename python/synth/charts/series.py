"""What is drawn: histograms, curves, and a figure with all that stands around it."""

import math
from dataclasses import dataclass

PACK, SYNTHETIC, FIT, OTHER = "pack", "synthetic", "fit", "other"
# An open last bucket is drawn as wide as its neighbours on a logarithmic axis.
_OPEN_FACTOR = 10 ** (1 / 8)


@dataclass(frozen=True)
class Bins:
    """A histogram.

    Attributes
    ----------
    name : str
        Shown in legend and table.
    lower, upper : sequence of float
        Half-open buckets, ascending; the last may be open (``inf``).
    weight : sequence of float
        Counts or shares; normalised when drawn.
    role : str
        ``pack``, ``synthetic``, ``fit`` or ``other``: the colour.
    """

    name: str
    lower: tuple
    upper: tuple
    weight: tuple
    role: str = PACK

    @property
    def shares(self):
        """Weights that sum to 1, or zeros."""
        total = sum(self.weight)
        return [weight / total if total else 0.0 for weight in self.weight]


@dataclass(frozen=True)
class Curve:
    """A distribution function, such as a fit's.

    Attributes
    ----------
    name : str
    x : sequence of float
        Ascending.
    cdf : sequence of float
        Probability of less than `x`.
    role : str
    """

    name: str
    x: tuple
    cdf: tuple
    role: str = FIT


@dataclass(frozen=True)
class Figure:
    """A chart with what stands around it.

    Attributes
    ----------
    title : str
    caption : str
        What to look for, one or two sentences.
    specs : tuple of dict
        Vega-Lite; more than one are drawn side by side.
    alt : str
        What a picture shows, for those who do not see it.
    columns : tuple of str
        Of the table; one that begins with ``>`` is right-aligned.
    rows : tuple of tuple
        Strings.
    legend : tuple of (str, str)
        Name and role of each series.
    is_wide : bool
        Takes the whole width of the page.
    anchor : str
        Target of links to it; empty where there are none.
    badges : tuple of (str, str, str)
        Tone, word and target of a link beside the title; the target may be empty.
    """

    title: str
    caption: str
    specs: tuple
    alt: str
    columns: tuple
    rows: tuple
    legend: tuple = ()
    is_wide: bool = False
    anchor: str = ""
    badges: tuple = ()


def end(lower, upper):
    """Upper edge as drawn: an open bucket gets the width of its neighbours."""
    return max(lower, 1e-9) * _OPEN_FACTOR if math.isinf(upper) else upper


def cumulated(bins):
    """Points ``(edge, share below it)`` of a histogram, edges as drawn."""
    points, total = [], 0.0
    for lower, upper, share in zip(bins.lower, bins.upper, bins.shares, strict=True):
        if not points or points[-1][0] < lower:
            points.append((lower, total))
        total = min(total + share, 1.0)
        points.append((end(lower, upper), total))
    return points
