"""The power-law tail of a histogram: where it begins, how steep it is, whether it is one.

Alpha by maximum likelihood on the buckets of the tail; the tail begins at the edge where the
KS distance of its fit is smallest; the p-value is the share of samples drawn from the fit whose
own fit is farther off (a bucket below the tail is drawn as observed). Likelihoods are tabulated
once on a grid of exponents, so a bootstrap is a product of matrices.

References
----------
.. [1] Clauset, Shalizi, Newman (2009), Power-law distributions in empirical data, SIAM Review 51.
.. [2] Virkar, Clauset (2014), Power-law distributions in binned empirical data, Annals of
   Applied Statistics 8(1), sections 3 and 4.
"""

from dataclasses import dataclass

import numpy as np

from synth.fit.families import hurwitz_tail

_ALPHAS = np.linspace(1.02, 8.0, 350)
# A tail of fewer buckets or observations has no shape to speak of.
LEAST_BUCKETS, LEAST_ROWS = 4, 50
_WIDTH = 1.959964


@dataclass(frozen=True)
class Tail:
    """A power-law tail.

    Attributes
    ----------
    alpha, standard_error : float
    interval : tuple of float
        95 %.
    xmin : float
        Where it begins.
    n_tail : float
        Observations in it.
    ks : float
    p_value : float or None
        Below 0.1 a power law is implausible [1]_; None without a bootstrap.
    """

    alpha: float
    standard_error: float
    interval: tuple
    xmin: float
    n_tail: float
    ks: float
    p_value: float | None = None


def geometric_alpha(counts, ratio):
    """Exponent in closed form for buckets ``[c^i, c^(i+1))`` and a tail without end.

    Parameters
    ----------
    counts : ndarray
        From the first bucket of the tail on.
    ratio : float
        Quotient c of successive edges.

    Returns
    -------
    alpha, standard_error : float

    References
    ----------
    .. [1] Virkar, Clauset (2014), eq. 3.5 and 3.6.
    """
    counts = np.asarray(counts, dtype=float)
    n = counts.sum()
    mean = float(np.sum(np.arange(counts.size) * counts) / n)
    alpha = 1.0 + np.log1p(1.0 / mean) / np.log(ratio)
    error = (ratio**alpha - ratio) / (ratio ** ((1.0 + alpha) / 2) * np.log(ratio) * np.sqrt(n))
    return float(alpha), float(error)


def fit(evidence, *, bootstrap=0, seed=0, xmin=None, progress=None):
    """Find the power-law tail of a histogram.

    Parameters
    ----------
    evidence : Evidence
        With a histogram of counts; the last bucket may be open.
    bootstrap : int
        Samples for the p-value; 0 for none.
    seed : int
        Of the samples.
    xmin : float, optional
        An edge at which the tail begins; default where the distance is smallest.
    progress : callable, optional
        Called after every sample.

    Returns
    -------
    Tail or None
        None where no stretch of buckets is long enough.
    """
    if evidence.edges is None or not evidence.n:
        return None
    edges = np.asarray(evidence.edges, dtype=float)
    counts = evidence.counts * (evidence.n / evidence.counts.sum())
    if np.isfinite(edges[-1]):
        # The law itself has no end; that nothing was seen beyond is part of the evidence.
        edges, counts = np.append(edges, np.inf), np.append(counts, 0.0)
    table = _Table.of(edges, counts, evidence.discrete, xmin)
    if table is None:
        return None
    place, alpha, distance = table.best(counts)
    error = table.standard_error(place, alpha, counts[place:].sum())
    p_value = None
    if bootstrap:
        rng = np.random.default_rng(seed)
        model = table.shares(place, alpha)
        shares = np.concatenate((counts[:place], counts[place:].sum() * model)) / counts.sum()
        farther = 0
        for _ in range(bootstrap):
            drawn = rng.multinomial(round(evidence.n), shares).astype(float)
            farther += table.best(drawn)[2] >= distance
            if progress:
                progress()
        p_value = farther / bootstrap
    return Tail(
        alpha=alpha,
        standard_error=error,
        interval=(max(alpha - _WIDTH * error, 1.0), alpha + _WIDTH * error),
        xmin=float(edges[place]),
        n_tail=float(counts[place:].sum()),
        ks=distance,
        p_value=p_value,
    )


@dataclass(frozen=True)
class _Table:
    """Survival function at the edges for every exponent of the grid.

    Attributes
    ----------
    edges : ndarray, shape (m + 1,)
    above : ndarray, shape (a, m + 1)
        Proportional to P(X >= edge); 0 at an open end.
    logs : ndarray, shape (a, m)
        Logarithm of the same differences: the buckets.
    places : ndarray of int
        Edges at which a tail may begin.
    discrete : bool
    """

    edges: np.ndarray
    above: np.ndarray
    logs: np.ndarray
    places: np.ndarray
    discrete: bool

    @classmethod
    def of(cls, edges, counts, discrete, xmin):
        beyond = np.cumsum(counts[::-1])[::-1]
        filled = np.cumsum((counts > 0)[::-1])[::-1]
        may = (edges[:-1] > 0) & (beyond >= LEAST_ROWS) & (filled >= LEAST_BUCKETS)
        if xmin is not None:
            may &= edges[:-1] == xmin
        places = np.flatnonzero(may)
        if not places.size:
            return None
        above = np.array([_above(edges, alpha, discrete) for alpha in _ALPHAS])
        with np.errstate(divide="ignore"):
            logs = np.log(np.maximum(above[:, :-1] - above[:, 1:], 1e-300))
        return cls(edges, above, logs, places, discrete)

    def best(self, counts):
        """Start, exponent and distance of the tail nearest to a power law."""
        # Log-likelihood of the tail from each place, for every exponent.
        summed = np.cumsum((self.logs * counts)[:, ::-1], axis=1)[:, ::-1]
        with np.errstate(divide="ignore"):
            total = np.log(np.maximum(self.above[:, :-1], 1e-300))
        n_tail = np.cumsum(counts[::-1])[::-1]
        filled = np.cumsum((counts > 0)[::-1])[::-1]
        likelihood = summed - total * n_tail
        found = None
        for place in self.places:
            if n_tail[place] < LEAST_ROWS or filled[place] < LEAST_BUCKETS - 1:
                continue
            alpha = _peak(likelihood[:, place])
            model = self.shares(place, alpha)
            seen = counts[place:] / n_tail[place]
            distance = float(np.max(np.abs(np.cumsum(model - seen))))
            if found is None or distance < found[2]:
                found = (int(place), alpha, distance)
        return found or (int(self.places[0]), float(_ALPHAS[0]), 1.0)

    def shares(self, place, alpha):
        """Probability of each bucket of a tail."""
        right = int(np.clip(np.searchsorted(_ALPHAS, alpha), 1, _ALPHAS.size - 1))
        step = (alpha - _ALPHAS[right - 1]) / (_ALPHAS[right] - _ALPHAS[right - 1])
        # Between two exponents of the grid the logarithm is straight.
        logs = (1 - step) * self.logs[right - 1, place:] + step * self.logs[right, place:]
        shares = np.exp(logs - logs.max())
        return shares / shares.sum()

    def standard_error(self, place, alpha, n):
        """From the Fisher information of the buckets."""
        step = 1e-3
        low, high = (
            np.log(np.maximum(self.shares(place, alpha + sign * step), 1e-300)) for sign in (-1, 1)
        )
        slope = (high - low) / (2 * step)
        information = n * float(np.sum(self.shares(place, alpha) * slope**2))
        return float(1.0 / np.sqrt(information)) if information > 0 else float("inf")


def _above(edges, alpha, discrete):
    """Sum or integral of x^-alpha from each edge on, in units that do not overflow."""
    start = float(edges[edges > 0][0])
    at = np.maximum(edges, start)
    if discrete:
        return hurwitz_tail(at, alpha, start)
    with np.errstate(under="ignore"):
        return np.where(np.isposinf(at), 0.0, np.exp((1.0 - alpha) * np.log(at / start)))


def _peak(likelihood):
    """Exponent of the largest value, between the points of the grid by a parabola."""
    top = int(np.argmax(likelihood))
    if not 0 < top < likelihood.size - 1:
        return float(_ALPHAS[top])
    left, middle, right = likelihood[top - 1 : top + 2]
    bend = left - 2 * middle + right
    shift = 0.5 * (left - right) / bend if bend < 0 else 0.0
    return float(_ALPHAS[top] + shift * (_ALPHAS[1] - _ALPHAS[0]))
