"""The same figures in words: what a bucket holds, the table below a chart, the text alternative."""

import math

from synth.charts import axes
from synth.charts.series import cumulated, end

NOISE = ("noise floor: 99 of 100 honest samples", "noise")


def readouts(series, unit, constant, *, cumulative=False, complement=False):
    """What each bucket of the first series says when it is pointed at."""
    if not series:
        return []
    discrete = axes.is_discrete(unit)
    first = series[0]
    sums = {}
    for bins in series:
        sums[bins.name] = dict(_below(bins))
    readouts = []
    for lower, upper, share in zip(first.lower, first.upper, first.shares, strict=True):
        stop = end(lower, upper)
        if cumulative:
            edge = lower if complement else upper
            words = "at least" if complement else "below"
            values = {name: below.get(edge) for name, below in sums.items()}
            if complement:
                values = {n: None if v is None else 1 - v for n, v in values.items()}
            what = f"{words} {axes.amount(unit, edge)}"
        else:
            values = {first.name: share}
            for bins in series[1:]:
                mass = [
                    other
                    for a, b, other in zip(bins.lower, bins.upper, bins.shares, strict=True)
                    if a >= lower * (1 - 1e-9) and b <= upper * (1 + 1e-9)
                ]
                values[bins.name] = sum(mass)
            what = axes.span(unit, lower, upper, discrete)
        shown = ", ".join(f"{name} {percent(value)}" for name, value in values.items())
        readouts.append({"x": lower, "x2": stop, "text": f"{what}: {shown}"})
    return readouts


def _below(bins):
    total = 0.0
    for lower, upper, share in zip(bins.lower, bins.upper, bins.shares, strict=True):
        yield lower, total
        total += share
        yield upper, total


def share_rows(series, unit):
    """Rows of a histogram's table."""
    discrete = axes.is_discrete(unit)
    buckets = {}
    for place, bins in enumerate(series):
        for lower, upper, share in zip(bins.lower, bins.upper, bins.shares, strict=True):
            buckets.setdefault((lower, upper), [None] * len(series))[place] = share
    return tuple(
        (axes.span(unit, lower, upper, discrete), *map(percent, shares))
        for (lower, upper), shares in sorted(buckets.items())
    )


def cumulative_rows(series, unit, *, complement=False):
    """Rows of a distribution function's table."""
    sums = [dict(_below(bins)) for bins in series]
    edges = sorted({edge for below in sums for edge in below if math.isfinite(edge)})
    rows = []
    for edge in edges:
        values = [below.get(edge) for below in sums]
        if complement:
            values = [None if value is None else 1 - value for value in values]
        rows.append((axes.amount(unit, edge), *map(percent, values)))
    return tuple(rows)


def legend(series, curves, *, has_noise=False):
    """Name and role of each series, and of the noise floor where it is drawn."""
    named = tuple((one.name, one.role) for one in (*series, *curves))
    return (*named, NOISE) if has_noise else named


def alt(kind, title, series, unit):
    """Text alternative of a distribution."""
    parts = []
    for bins in series:
        median = next((upper for upper, below in cumulated(bins) if below >= 0.5), None)
        parts.append(f"half of {bins.name} lies below {axes.amount(unit, median)}")
    return f"{kind}: {title}; " + ", ".join(parts)


def sides(series, values):
    """Both sides' figures in one phrase."""
    return ", ".join(f"{name} {value}" for name, value in zip(series, values, strict=True))


def percent(value, digits=None):
    """A share as a percentage."""
    if value is None:
        return "-"
    if digits is None:
        digits = 1 if value >= 0.01 else 2 if value >= 0.001 or value == 0 else 4
    return f"{value * 100:.{digits}f} %" if value else "0 %"


def plain(value):
    """A figure with four digits."""
    return "-" if value is None else f"{value:,.4g}"
