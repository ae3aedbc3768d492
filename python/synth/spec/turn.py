"""Turning a quantity: another mean, another maximum, a heavier tail; its shape otherwise kept."""

import math

import numpy as np

from synth.errors import BadInput
from synth.fit.distribution import LARGEST
from synth.spec import compile as tables
from synth.spec.model import Quantity

# Quotient of the largest and the smallest factor that is tried.
_FACTORS = (1e-6, 1e6)


def of_table(cdf, x, *, discrete, observed=None, reason=""):
    """Quantity with given knots.

    Parameters
    ----------
    cdf, x : ndarray
        As from ``compile.quantile_table``.
    discrete : bool
    observed : dict, optional
    reason : str

    Returns
    -------
    Quantity
    """
    parameters = {"x": x.tolist(), "cdf": cdf.tolist()}
    return Quantity(
        "empirical", parameters, discrete=discrete, observed=observed or {}, reason=reason
    )


def with_mean(quantity, mean, *, lower=0.0, most=LARGEST):
    """Stretch a quantity, from its smallest value on, until it has a mean.

    Parameters
    ----------
    quantity : Quantity
    mean : float
    lower, most : float
        Smallest and largest possible value.

    Returns
    -------
    Quantity or None
        Empirical; None where no factor reaches the mean.
    """
    from scipy.optimize import brentq

    cdf, x = tables.quantile_table(quantity)
    least = max(float(x[0]), lower)
    end = most + (1.0 if quantity.discrete else 0.0)

    def stretched(log_factor):
        moved = np.minimum(least + (x - least) * math.exp(log_factor), end)
        return np.maximum(moved, least)

    def excess(log_factor):
        return _mean(cdf, stretched(log_factor), quantity.discrete) - mean

    low, high = (math.log(one) for one in _FACTORS)
    if not excess(low) < 0 < excess(high):
        return None
    found = brentq(excess, low, high, xtol=1e-7)
    x = stretched(found)
    if quantity.discrete and not x[-1] > math.floor(x[0]) + 1:
        x[-1] = math.floor(x[0]) + 1
    return of_table(cdf, x, discrete=quantity.discrete)


def cut(quantity, top):
    """Leave out what is above a maximum.

    Parameters
    ----------
    quantity : Quantity
    top : float

    Returns
    -------
    Quantity or None
        Empirical; None where nothing is left below.
    """
    cdf, x = tables.quantile_table(quantity)
    end = math.floor(top) + 1.0 if quantity.discrete else float(top)
    if not end > x[0]:
        return None
    if end >= x[-1]:
        return quantity
    share = float(np.interp(end, x, cdf))
    keep = x < end
    if not share > 0 or not keep.any():
        return None
    return of_table(
        np.append(cdf[keep] / share, 1.0).clip(0.0, 1.0),
        np.append(x[keep], end),
        discrete=quantity.discrete,
    )


def _mean(cdf, x, discrete):
    return tables.table_mean(cdf, x, discrete=discrete)


def share_of_top(quantities, weights, top):
    """Share of the sum that the largest values hold.

    Parameters
    ----------
    quantities : sequence of Quantity
    weights : sequence of float
    top : float
        Share of all values that counts as the largest.

    Returns
    -------
    share : float
    threshold : float
        Smallest of the largest.
    """
    values, mass = _grid(quantities, weights)
    order = np.argsort(values)[::-1]
    values, mass = values[order], mass[order]
    above = np.cumsum(mass)
    total = float(np.sum(values * mass))
    place = int(np.searchsorted(above, top))
    before = float(np.sum((values * mass)[:place]))
    rest = top - (above[place - 1] if place else 0.0)
    return (before + rest * values[place]) / total, float(values[place])


def _grid(quantities, weights, n=4000):
    """Values and their probabilities, dense in the upper tail."""
    complement = np.unique(np.concatenate((np.linspace(0, 1, n + 1), np.logspace(-9, -2, n))))
    middle = (complement[1:] + complement[:-1]) / 2
    share = np.diff(complement)
    values, mass = [], []
    for quantity, weight in zip(quantities, weights, strict=True):
        table = tables.quantile_table(quantity)
        values.append(tables.sample(table, 1.0 - middle, discrete=quantity.discrete))
        mass.append(share * weight)
    return np.concatenate(values), np.concatenate(mass) / sum(weights)


def with_heavier_top(quantities, weights, share, *, top=0.02, most=LARGEST):
    """Bend the tails so that the largest values hold a given share of the sum.

    Above the smallest t of the largest a value x becomes ``t * (x / t) ** g``, with the same g
    everywhere: of a power law with exponent alpha that is one with ``1 + (alpha - 1) / g``.

    Parameters
    ----------
    quantities : sequence of Quantity
        For example by conversation type.
    weights : sequence of float
        Their shares.
    share : float
        Wanted, in (0, 1).
    top : float
        Share of all values that counts as the largest.
    most : float
        Largest possible value.

    Returns
    -------
    list of Quantity
        Empirical.

    Raises
    ------
    BadInput
        No g reaches the share; names the range that can be reached.
    """
    from scipy.optimize import brentq

    _, threshold = share_of_top(quantities, weights, top)
    compiled = [tables.quantile_table(quantity) for quantity in quantities]
    discrete = [quantity.discrete for quantity in quantities]
    threshold = max(threshold, 1.0)
    end = most + 1.0

    def bent(power):
        found = []
        for (cdf, x), is_discrete in zip(compiled, discrete, strict=True):
            # Knots at the threshold, so that below it nothing moves.
            at = float(np.interp(threshold, x, cdf))
            place = int(np.searchsorted(x, threshold, side="right"))
            if 0 < place < x.size and x[place - 1] < threshold and cdf[place - 1] < at < cdf[place]:
                cdf, x = np.insert(cdf, place, at), np.insert(x, place, threshold)
            with np.errstate(over="ignore"):
                high = threshold * np.power(np.maximum(x / threshold, 1.0), power)
            moved = np.where(x > threshold, np.minimum(high, end), x)
            moved[-1] = max(moved[-1], math.floor(moved[0]) + 1.0 if is_discrete else moved[0])
            found.append(of_table(cdf, moved, discrete=is_discrete))
        return found

    def excess(power):
        return share_of_top(bent(power), weights, top)[0] - share

    low, high = 0.0, 12.0
    least, largest = excess(low) + share, excess(high) + share
    if not least < share < largest:
        raise BadInput(
            f"the top {100 * top:g} % of conversations can hold between {least:.3f} and "
            f"{largest:.3f} of the messages here, got {share:g}"
        )
    return bent(brentq(excess, low, high, xtol=1e-6))
