"""Empirical distributions: a smooth distribution function through what was published.

Between two known points of the CDF the density is a power of x whose exponent follows the
neighbouring buckets. That keeps every bucket's share and every percentile exactly, never
decreases, has no steps at bucket edges on a log axis, and one number, added to all exponents,
moves the mean without moving a known point.
"""

import numpy as np

from synth.fit.distribution import LARGEST
from synth.fit.evidence import percentile_edges, with_percentiles

# Exponents of the density steeper than these are artefacts of a nearly empty bucket.
_STEEPEST = 12.0
# An open bucket ends this many times its lower edge where no mean and no maximum says more.
_OPEN_FACTOR = 4.0
_FARTHEST = 3000.0
# Buckets before an open one that tell its slope.
_TAIL_BUCKETS = 8
# Sub-knots stand so close that a straight line between two is the curve to a per cent.
_RATIO = 1.15
_MOST_PARTS = 48


def from_histogram(edges, counts):
    """Knots at the edges of a histogram, linear between them.

    Parameters
    ----------
    edges : ndarray, shape (m + 1,)
        Increasing; the last may be infinite.
    counts : ndarray, shape (m,)
        Not negative, at least one positive.

    Returns
    -------
    x, cdf : ndarray
        Trimmed to the buckets that hold something; ``cdf`` from 0 to 1.
    """
    edges, counts = np.asarray(edges, dtype=float), np.asarray(counts, dtype=float)
    filled = np.flatnonzero(counts > 0)
    first, last = filled[0], filled[-1]
    x = np.minimum(edges[first : last + 2], LARGEST)
    cdf = np.concatenate(([0.0], np.cumsum(counts[first : last + 1])))
    return x, cdf / cdf[-1]


def spline(evidence, *, ratio=_RATIO):
    """Knots through a histogram, percentiles or both, keeping a mean where one is known.

    Parameters
    ----------
    evidence : Evidence
        Not empty.
    ratio : float
        Buckets with a larger quotient of their edges get sub-knots about this far apart.

    Returns
    -------
    x, cdf : ndarray
        Knots; linear between them, ``cdf`` from exactly 0 to exactly 1.
    """
    x, cdf, tail = _known_points(evidence)
    if x.size == 1:
        x, cdf = np.array([x[0], x[0]]), np.array([0.0, 1.0])
    if not np.any(np.diff(x) > 0):
        # A single value; discrete, it must stay below the excluded end.
        return np.array([x[0], x[0] + (1.0 if evidence.discrete else 0.0)]), np.array([0.0, 1.0])
    exponents = _local_exponents(x, cdf)
    if tail is not None:
        exponents[-1] = tail
    shift = 0.0
    if evidence.mean is not None:
        shift = _shift_for_mean(x, cdf, exponents, evidence)
    return _refined(x, cdf, exponents + shift, discrete=evidence.discrete, ratio=ratio)


def _known_points(evidence):
    """Points of the CDF that must be kept, from 0 to 1, the open end closed."""
    if evidence.edges is None:
        x, cdf = percentile_edges(evidence)
        start = min(evidence.lower, x[0])
        x = np.concatenate(([start], x, [np.inf]))
        cdf = np.concatenate(([0.0], cdf, [1.0]))
    else:
        x = evidence.edges.astype(float)
        cdf = np.concatenate(([0.0], np.cumsum(evidence.counts))) / evidence.counts.sum()
        x, cdf = with_percentiles(x, cdf, evidence)
    keep = np.concatenate((np.diff(x) > 0, [True]))
    # Of equal x the last share counts: percentiles that tie say where the value ends.
    x, cdf = x[keep], cdf[keep]
    cdf[0], cdf[-1] = 0.0, 1.0
    tail = None
    if np.isinf(x[-1]):
        tail = _tail_exponent(x, cdf)
        x = np.append(x[:-1], _closed_end(x, cdf, tail, evidence))
    return x, cdf, tail


def _tail_exponent(x, cdf):
    """Exponent of the density before an open bucket, by a line through the last buckets."""
    low, high, share = x[:-2], x[1:-1], np.diff(cdf)[:-1]
    usable = np.flatnonzero((share > 0) & (low > 0) & (high - low > 0))[-_TAIL_BUCKETS:]
    if usable.size < 2:
        return -2.0
    low, high, share = low[usable], high[usable], share[usable]
    middle = (np.log(low) + np.log(high)) / 2
    density = np.log(share) - np.log(high - low)
    middle = middle - middle.mean()
    slope = float(np.sum(middle * density) / np.sum(middle**2))
    # A density that rises to its open end would end in a wall.
    return min(max(slope, -_STEEPEST), -1.0)


def _power_mean(low, high, exponent):
    """Mean of a density proportional to ``x ** exponent`` on [low, high]."""
    ratio = np.log(high / low)

    def integral(power):
        scaled = float(np.clip((power + 1.0) * ratio, -600.0, 600.0))
        return ratio if abs(scaled) < 1e-9 else np.expm1(scaled) / (power + 1.0)

    return low * integral(exponent + 1.0) / integral(exponent)


def _closed_end(x, cdf, tail, evidence):
    """End of an open last bucket: where the tail, continued, has the mean it must have."""
    from scipy.optimize import brentq

    unit = 1.0 if evidence.discrete else 0.0
    start = max(x[-2], 1e-6 + unit)
    share = 1.0 - cdf[-2]
    nearest = min(start * 1.01 + unit, evidence.most + unit)
    if evidence.top is not None and evidence.top > start:
        nearest = max(nearest, evidence.top + unit)
    end = max(nearest, start * _OPEN_FACTOR) if evidence.top is None else nearest
    if evidence.mean is not None and share > 0:
        below = np.sum(np.diff(cdf)[:-1] * (x[1:-1] + x[:-2]) / 2)
        wanted = (evidence.mean + unit / 2 - below) / share

        def excess(log_end):
            return _power_mean(start, np.exp(log_end), tail) - wanted

        low, high = np.log(nearest), np.log(max(nearest * 2, start * _FARTHEST))
        if start < wanted <= evidence.most and excess(low) < 0:
            # A mean beyond reach of the tail's slope still needs room; the slope then bends.
            end = np.exp(brentq(excess, low, high)) if excess(high) > 0 else wanted * 4
        else:
            end = nearest
    end = np.ceil(end) if evidence.discrete else end
    return float(min(max(end, nearest), evidence.most + unit))


def _local_exponents(x, cdf):
    """Exponent of the density in each bucket, from the slope between its neighbours."""
    width = np.diff(x)
    share = np.diff(cdf)
    usable = (share > 0) & (x[:-1] > 0)
    exponents = np.zeros(width.size)
    if np.count_nonzero(usable) < 2:
        return exponents
    density = np.log(share[usable]) - np.log(width[usable])
    middle = (np.log(x[:-1][usable]) + np.log(x[1:][usable])) / 2
    slope = np.diff(density) / np.diff(middle)
    left, right = np.append(slope[:1], slope), np.append(slope, slope[-1:])
    # The gentler of both sides where they agree in direction, none where they do not:
    # a peak or a dip inside a bucket is not known.
    agreed = np.where(np.abs(left) < np.abs(right), left, right)
    exponents[usable] = np.where(left * right > 0, agreed, 0.0)
    # The last slope continues the tail; the first has no more to go by either.
    return np.clip(exponents, -_STEEPEST, _STEEPEST)


def _share_below(low, high, exponent, x):
    """Share of a bucket below x, for a density proportional to ``x ** exponent``."""
    power = exponent + 1.0
    ratio = np.log(high / low)
    scaled = float(np.clip(power * ratio, -600.0, 600.0))
    position = np.log(x / low) / ratio
    if abs(scaled) < 1e-9:
        return position
    return np.expm1(scaled * position) / np.expm1(scaled)


def _refined(x, cdf, exponents, *, discrete, ratio=_RATIO):
    """Add sub-knots to every wide bucket."""
    knots, shares = [x[:1]], [cdf[:1]]
    for low, high, below, above, exponent in zip(
        x[:-1], x[1:], cdf[:-1], cdf[1:], exponents, strict=True
    ):
        if above > below and low > 0 and high / low > ratio and not (discrete and high - low <= 1):
            parts = min(int(np.ceil(np.log(high / low) / np.log(ratio))), _MOST_PARTS)
            inner = low * (high / low) ** (np.arange(1, parts) / parts)
            if discrete:
                inner = np.unique(np.round(inner))
            inner = inner[(inner > low) & (inner < high)]
            share = _share_below(low, high, exponent, inner)
            knots.append(inner)
            shares.append(below + (above - below) * np.clip(share, 0.0, 1.0))
        knots.append(np.array([high]))
        shares.append(np.array([above]))
    return np.concatenate(knots), np.maximum.accumulate(np.concatenate(shares))


def mean_of_knots(x, cdf, *, discrete):
    """Mean of a piecewise linear CDF; half a unit less where values are floors.

    Parameters
    ----------
    x, cdf : ndarray
    discrete : bool
        Knots stand on whole numbers, as nearly all do.

    Returns
    -------
    float
    """
    mean = float(np.sum(np.diff(cdf) * (x[1:] + x[:-1]) / 2))
    return mean - 0.5 if discrete else mean


def _shift_for_mean(x, cdf, exponents, evidence):
    """Number to add to all exponents so that the mean comes out."""
    from scipy.optimize import brentq

    def excess(shift):
        knots = _refined(x, cdf, exponents + shift, discrete=evidence.discrete)
        return mean_of_knots(*knots, discrete=evidence.discrete) - evidence.mean

    low, high = -_STEEPEST, _STEEPEST
    if not excess(low) < 0 < excess(high):
        # Total and histogram contradict each other; the histogram says more.
        return 0.0
    return float(brentq(excess, low, high, xtol=1e-6, maxiter=60))
