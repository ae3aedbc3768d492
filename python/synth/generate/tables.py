"""Quantile tables as the server's sampler wants them: three parallel arrays.

Several tables stand in one: table g occupies positions [g, g + 1), so a single binary search
with ``g + u`` finds table and knot at once. A line is kept by where it would meet position 0: that
is one array less to look into than the value at its knot.
"""

from dataclasses import dataclass

import numpy as np

from synth.spec.compile import quantile_table, settled

# A piece of fewer floating-point numbers than this is a step: its line would be too steep to place.
_LEAST_FLOATS = 1024
# Of a guide table; `write_slice` takes that many bits, 14, of a draw.
GUIDE_CELLS = 1 << 14


@dataclass(frozen=True)
class Knots:
    """Concatenated quantile tables.

    Attributes
    ----------
    knots : ndarray of float64
        Ascending positions; the value of position q is ``intercepts[b] + q * slopes[b]`` with b
        the last knot at or below q.
    intercepts, slopes : ndarray of float64
    """

    knots: np.ndarray
    intercepts: np.ndarray
    slopes: np.ndarray

    @classmethod
    def of_parameters(cls, parameters, name, knots_of=None):
        """The table that `parameters` wrote under a name, or one that shares another's knots."""
        names = (f"{knots_of or name}_knots", f"{name}_intercepts", f"{name}_slopes")
        return cls(*(np.asarray(parameters[part], dtype=np.float64) for part in names))

    def parameters(self, name):
        """Query parameters ``<name>_knots``, ``<name>_intercepts`` and ``<name>_slopes``."""
        return {
            f"{name}_knots": self.knots.tolist(),
            f"{name}_intercepts": self.intercepts.tolist(),
            f"{name}_slopes": self.slopes.tolist(),
        }

    def look_up(self, position):
        """Value at a position; what the server computes, operation for operation.

        Parameters
        ----------
        position : ndarray of float64
            At or above the first knot.

        Returns
        -------
        ndarray of float64
        """
        place = np.searchsorted(self.knots, position, side="right") - 1
        return self.intercepts[place] + position * self.slopes[place]

    def guide(self):
        """Guide table [1]_: the upper bits of a draw on [0, 1) nearly always say its knot.

        Returns
        -------
        list of int
            For each of `GUIDE_CELLS` equal cells the number of its knot, from 1; 0 for a cell that
            several pieces share.

        References
        ----------
        .. [1] Chen & Asau (1974), "On generating random variates from an empirical distribution",
           AIIE Transactions 6.
        """
        ends = np.arange(GUIDE_CELLS + 1) / GUIDE_CELLS
        first = np.searchsorted(self.knots, ends[:-1], side="right")
        last = np.searchsorted(self.knots, ends[1:], side="left")
        return np.where(first == last, first, 0).tolist()


def through(knots, values, slopes):
    """Lines that begin at the knots.

    Parameters
    ----------
    knots, values, slopes : ndarray of float64
        Positions, what the table is there, and how steeply it goes on.

    Returns
    -------
    Knots
        Nowhere below the value of the last knot, by not even a bit: the floor of a count would
        fall to the one before.
    """
    intercepts = values - knots * slopes
    bit = np.maximum(np.spacing(np.abs(intercepts)), np.spacing(np.abs(values)))
    while (low := intercepts + knots * slopes < values).any():
        intercepts = np.where(low, intercepts + bit, intercepts)
    return Knots(knots, intercepts, slopes)


def join(pairs, ends=None, factor=1.0):
    """Concatenate quantile tables.

    Parameters
    ----------
    pairs : sequence of (ndarray, ndarray)
        ``(cdf, x)`` of each table; cdf from 0 to 1.
    ends : sequence of float, optional
        Where each table ends and the next begins, ascending; default 1, 2, ...
    factor : float
        What the values are multiplied by: 1000 makes milliseconds of seconds.

    Returns
    -------
    Knots
    """
    knots, values, slopes = [], [], []
    start = 0.0
    ends = range(1, len(pairs) + 1) if ends is None else ends
    for (cdf, x), end in zip(pairs, ends, strict=True):
        # Slopes come from the rounded positions: large table numbers cost low bits of the CDF.
        position = start + (end - start) * np.asarray(cdf, dtype=np.float64)
        x = np.maximum.accumulate(settled(x)) * factor
        width = np.diff(position)
        rise = np.diff(x)
        is_line = width > _LEAST_FLOATS * np.spacing(position[1:])
        # The knot at the end is the next table's first.
        keep = position[:-1] < end
        knots.append(position[:-1][keep])
        values.append(x[:-1][keep])
        slopes.append(np.divide(rise, width, out=np.zeros_like(rise), where=is_line)[keep])
        start = end
    return through(*(np.concatenate(parts) for parts in (knots, values, slopes)))


def of_quantities(quantities, factor=1.0):
    """Compile and concatenate quantities of a spec.

    Parameters
    ----------
    quantities : sequence of synth.spec.model.Quantity
    factor : float
        As for `join`.

    Returns
    -------
    Knots
    """
    return join([quantile_table(quantity) for quantity in quantities], factor=factor)


def of_classes(quantities, weights):
    """One table for a class and a quantity that depends on it: one draw decides both.

    Parameters
    ----------
    quantities : sequence of synth.spec.model.Quantity
        One per class.
    weights : sequence of float
        Of the classes.

    Returns
    -------
    table : Knots
        Positions in [0, 1).
    numbers : list of int
        The class of every knot, from 1.
    """
    weights = np.asarray(weights, dtype=np.float64)
    # The last class that occurs reaches to 1, however the sum was rounded.
    ends = np.minimum(np.cumsum(weights) / weights.sum(), 1.0)
    ends[np.flatnonzero(weights)[-1] :] = 1.0
    table = join([quantile_table(quantity) for quantity in quantities], ends)
    numbers = np.searchsorted(ends, table.knots, side="right") + 1
    return table, numbers.tolist()


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
    return through(x, y, np.append(np.diff(y) / np.diff(x), 0.0))


def power():
    """Natural exponential on [-2, 2] by linear interpolation; positions are the arguments.

    Returns
    -------
    Knots
    """
    x = np.arange(-512, 513) / 256
    y = settled(np.exp(x))
    return through(x, y, np.append(np.diff(y) / np.diff(x), 0.0))


def logarithms(quantities):
    """Logarithms of quantities, at least 1, by linear interpolation between the same knots.

    Parameters
    ----------
    quantities : sequence of synth.spec.model.Quantity

    Returns
    -------
    Knots
    """
    pairs = [quantile_table(quantity) for quantity in quantities]
    return join([(cdf, np.log(np.maximum(settled(x), 1.0))) for cdf, x in pairs])


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
