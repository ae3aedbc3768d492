"""Quantile tables as the server's sampler wants them: three parallel arrays.

Several tables stand in one: table g occupies positions [g, g + 1), so a single binary search
with ``g + u`` finds table and knot at once.
"""

from dataclasses import dataclass

import numpy as np

from synth.spec.compile import quantile_table, settled


@dataclass(frozen=True)
class Knots:
    """Concatenated quantile tables.

    Attributes
    ----------
    knots : ndarray of float64
        Ascending positions; the value of position q is
        ``values[b] + (q - knots[b]) * slopes[b]`` with b the last knot at or below q.
    values, slopes : ndarray of float64
    n_tables : int
    """

    knots: np.ndarray
    values: np.ndarray
    slopes: np.ndarray
    n_tables: int

    def parameters(self, name):
        """Query parameters ``<name>_knots``, ``<name>_values`` and ``<name>_slopes``."""
        return {
            f"{name}_knots": self.knots.tolist(),
            f"{name}_values": self.values.tolist(),
            f"{name}_slopes": self.slopes.tolist(),
        }

    def look_up(self, position):
        """Value at a position; what the server computes, operation for operation.

        Parameters
        ----------
        position : ndarray of float64
            In [0, n_tables).

        Returns
        -------
        ndarray of float64
        """
        place = np.searchsorted(self.knots, position, side="right") - 1
        return self.values[place] + (position - self.knots[place]) * self.slopes[place]


def join(pairs):
    """Concatenate quantile tables.

    Parameters
    ----------
    pairs : sequence of (ndarray, ndarray)
        ``(cdf, x)`` of each table; cdf from 0 to 1.

    Returns
    -------
    Knots
    """
    knots, values, slopes = [], [], []
    for number, (cdf, x) in enumerate(pairs):
        # Slopes come from the rounded positions: large table numbers cost low bits of the CDF.
        position = number + np.asarray(cdf, dtype=np.float64)
        x = np.maximum.accumulate(settled(x))
        width = np.diff(position)
        rise = np.diff(x)
        slope = np.divide(rise, width, out=np.zeros_like(rise), where=width > 0)
        # The knot at 1 is the next table's knot at 0.
        keep = position[:-1] < number + 1
        knots.append(position[:-1][keep])
        values.append(x[:-1][keep])
        slopes.append(slope[keep])
    return Knots(np.concatenate(knots), np.concatenate(values), np.concatenate(slopes), len(knots))


def of_quantities(quantities):
    """Compile and concatenate quantities of a spec.

    Parameters
    ----------
    quantities : sequence of synth.spec.model.Quantity

    Returns
    -------
    Knots
    """
    return join([quantile_table(quantity) for quantity in quantities])


def of_function(inverse, upper, n_knots=400):
    """Table of a quantile function, dense in both tails.

    Parameters
    ----------
    inverse : callable
        Quantile function, vectorised on (0, 1).
    upper : float
        Largest probability kept; beyond it the function is held constant.
    n_knots : int

    Returns
    -------
    Knots
    """
    tail = settled(np.logspace(np.log10(1 - upper), np.log10(0.5), n_knots // 2))
    u = np.unique(np.concatenate((tail, 1 - tail)))
    cdf = np.concatenate(([0.0], u[1:-1], [1.0]))
    x = inverse(np.clip(cdf, 1 - upper, upper))
    return join([(cdf, x)])


def logarithm():
    """Natural logarithm on [1, 10^9] by linear interpolation; positions are the arguments.

    Returns
    -------
    Knots
    """
    x = np.unique(np.concatenate((np.arange(1, 65), settled(np.logspace(np.log10(65), 9, 300)))))
    y = settled(np.log(x))
    slopes = np.append(np.diff(y) / np.diff(x), 0.0)
    return Knots(x, y, slopes, 1)


def power():
    """Natural exponential on [-2, 2] by linear interpolation; positions are the arguments.

    Returns
    -------
    Knots
    """
    x = np.arange(-512, 513) / 256
    y = settled(np.exp(x))
    slopes = np.append(np.diff(y) / np.diff(x), 0.0)
    return Knots(x, y, slopes, 1)


def logarithms(knots):
    """Logarithms of a table's values, at least 1, by linear interpolation between its knots.

    Parameters
    ----------
    knots : Knots

    Returns
    -------
    values, slopes : list of float
    """
    ends = np.append(knots.knots[1:], knots.n_tables)
    width = ends - knots.knots
    low = settled(np.log(np.maximum(knots.values, 1.0)))
    high = settled(np.log(np.maximum(knots.values + knots.slopes * width, 1.0)))
    slopes = np.divide(high - low, width, out=np.zeros_like(low), where=width > 0)
    return low.tolist(), slopes.tolist()


def shares(groups):
    """Cumulative shares of several categorical variables, concatenated.

    Parameters
    ----------
    groups : sequence of sequence of float
        Weights of each variable.

    Returns
    -------
    knots : list of float
        Position at which each label begins; `width_bucket` gives the label's number from 1.
    """
    starts = []
    for number, weights in enumerate(groups):
        weights = np.asarray(weights, dtype=np.float64)
        cumulative = np.concatenate(([0.0], np.cumsum(weights)[:-1])) / weights.sum()
        starts.extend((number + np.minimum(cumulative, 1.0)).tolist())
    return starts
