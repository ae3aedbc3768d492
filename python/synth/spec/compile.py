"""Any quantity becomes one table of its quantile function: all the generator knows of it."""

import numpy as np

from synth.errors import BadInput
from synth.fit.distribution import LARGEST, TAIL, Empirical

MAX_KNOTS = 512
# Smallest step of the CDF: far above rounding, far below one row in 10^12.
_STEP = 2.0**-46
# Binary digits kept of what exp, ln and powers gave: far fewer than platforms may differ in, and
# six more than a spec's own figures need.
_DIGITS = 24
# Whole numbers below this have a knot each, so small counts are exact.
_EXACT = 128


def quantile_table(quantity):
    """Compile a quantity to knots of its quantile function.

    Parameters
    ----------
    quantity : synth.spec.model.Quantity

    Returns
    -------
    cdf : ndarray of float64, shape (m,)
        Strictly increasing from exactly 0 to exactly 1; 2 <= m <= 512.
    x : ndarray of float64, shape (m,)
        Non-decreasing, finite. Linear between knots; a discrete quantity takes the floor, and
        the last knot is excluded.

    Raises
    ------
    BadInput
        A quantity without a quantile function.
    """
    made = getattr(quantity, "fitted", None)
    if made is None:
        raise BadInput(f"{type(quantity).__name__} has no quantile table, only weights")
    cdf, x = _of_knots(made) if isinstance(made, Empirical) else _of_family(made)
    return _strict(cdf, x)


def settled(values):
    """Round to so few digits that the last ones of exp, ln or a power cannot show.

    Platforms and versions of numpy and scipy may differ in the 52nd binary digit of a function's
    value, which would change a row wherever a draw is floored just there. Whole numbers stay.

    Parameters
    ----------
    values : array_like of float64

    Returns
    -------
    ndarray of float64
        Within 2^-24 of each value, relative to it.
    """
    values = np.asarray(values, dtype=np.float64)
    part, exponent = np.frexp(values)
    rounded = np.ldexp(np.rint(np.ldexp(part, _DIGITS)), exponent - _DIGITS)
    return np.where(values == np.rint(values), values, rounded)


def _probabilities():
    """Probabilities dense in both tails, with their complements kept exactly."""
    middle = np.linspace(0.05, 0.95, 121)
    lower = settled(np.logspace(-8, np.log10(0.05), 60, endpoint=False))
    upper = settled(np.logspace(np.log10(TAIL), np.log10(0.05), 200, endpoint=False)[::-1])
    u = np.concatenate((lower, middle, 1.0 - upper))
    complement = np.concatenate((1.0 - lower, 1.0 - middle, upper))
    return u, complement


def _of_family(made):
    u, complement = _probabilities()
    x = settled(np.clip(made.ppf(u, complement), -LARGEST, LARGEST))
    lower = made.lower if np.isfinite(made.lower) else float(x[0])
    upper = made.upper if np.isfinite(made.upper) else float(x[-1])
    if made.discrete:
        # CDFs of counts are exact at the integers, so knots stand there.
        upper = max(np.ceil(upper), lower + 1)
        exact = np.arange(lower, min(lower + _EXACT, upper))
        whole, times = np.unique(np.floor(x), return_counts=True)
        # A value met more than once holds much: without a knot behind it, it would be smeared
        # up to the next one. Each stands for two points or more, so the table stays small.
        x = np.unique(np.concatenate((exact, whole, whole[times > 1] + 1, [upper])))
        x = x[(x >= lower) & (x <= upper)]
        return np.concatenate((made.cdf(x[:-1]), [1.0])), x
    x = np.concatenate(([lower], np.clip(x, lower, upper), [upper]))
    return np.concatenate(([0.0], u, [1.0])), x


def _of_knots(made):
    if made.x.size <= MAX_KNOTS:
        return made.knots, made.x
    u, _ = _probabilities()
    u = np.unique(np.concatenate(([0.0], u, [1.0])))
    # Keep existing knots nearest to the wanted probabilities: discrete ones stand on integers.
    keep = np.unique(np.clip(np.searchsorted(made.knots, u), 0, made.x.size - 1))
    keep = np.union1d(keep, [0, made.x.size - 1])
    return made.knots[keep], made.x[keep]


def _strict(cdf, x):
    """Make the CDF strictly increasing without moving any mass that matters."""
    order = np.maximum.accumulate(np.clip(np.asarray(cdf, dtype=np.float64), 0.0, 1.0))
    x = np.maximum.accumulate(np.asarray(x, dtype=np.float64))
    first = np.flatnonzero(order <= order[0])[-1]
    last = np.flatnonzero(order >= order[-1])[0]
    if first >= last:
        return np.array([0.0, 1.0]), x[[0, -1]]
    order, x = order[first : last + 1].copy(), x[first : last + 1]
    steps = np.arange(order.size) * _STEP
    # Forward: at least one step above the knot before; backward: one below the knot after.
    order = np.maximum.accumulate(order - steps) + steps
    order[-1] = 1.0
    order = np.minimum.accumulate((order - steps)[::-1])[::-1] + steps
    order[0], order[-1] = 0.0, 1.0
    return order, x


def table_mean(cdf, x, *, discrete):
    """Mean of what a quantile table produces.

    Parameters
    ----------
    cdf, x : ndarray
        As from `quantile_table`.
    discrete : bool

    Returns
    -------
    float
    """
    middle = (x[1:] + x[:-1]) / 2
    if discrete:
        middle = _mean_of_floor(x[:-1], x[1:])
    return float(np.sum(np.diff(cdf) * middle))


def _mean_of_floor(low, high):
    """Mean of ``floor(X)`` for X uniform on [low, high)."""

    def below(t):
        whole = np.floor(t)
        return whole * (whole - 1) / 2 + whole * (t - whole)

    width = high - low
    exact = (below(high) - below(low)) / np.where(width > 0, width, 1.0)
    # Squares of large numbers lose the digits that matter, and half a unit is nothing there.
    exact = np.where(low > 1e6, (low + high) / 2 - 0.5, exact)
    return np.where(width > 0, exact, np.floor(low))


def sample(table, u, *, discrete):
    """Draw from a table as the server does: binary search, then linear interpolation.

    Parameters
    ----------
    table : tuple of ndarray
        ``(cdf, x)``.
    u : ndarray
        Uniform on [0, 1).
    discrete : bool

    Returns
    -------
    ndarray
    """
    cdf, x = table
    place = np.clip(np.searchsorted(cdf, u, side="right") - 1, 0, cdf.size - 2)
    share = (u - cdf[place]) / (cdf[place + 1] - cdf[place])
    value = x[place] + share * (x[place + 1] - x[place])
    # Interpolation may round up to the excluded end.
    return np.minimum(np.floor(value), np.ceil(x[-1]) - 1) if discrete else value
