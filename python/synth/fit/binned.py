"""Maximum likelihood on binned data, least squares on percentiles.

References
----------
.. [1] Virkar, Clauset (2014), Power-law distributions in binned empirical data, Annals of
   Applied Statistics 8(1), eq. 3.4: a bucket's probability is a difference of CDFs.
"""

import math
from dataclasses import dataclass

import numpy as np

from synth.fit import distribution
from synth.fit.evidence import percentile_edges
from synth.fit.families import FAMILIES, power_law

_SMALLEST = 1e-300
# Of a central difference; near the cube root of the rounding error.
_STEP = 1e-5


@dataclass(frozen=True)
class Fit:
    """One parametric fit.

    Attributes
    ----------
    name : str
        Family.
    parameters : dict
    lower, upper : float or None
        Truncation used in the likelihood.
    discrete : bool
    ks : float
        Largest distance of the CDFs at the known points.
    n : float or None
        Observations behind it.
    log_likelihood, aic : float or None
        Of the buckets; None from percentiles alone.
    standard_errors : dict
        Per parameter, from the observed information; empty where unknown.
    """

    name: str
    parameters: dict
    lower: float | None
    upper: float | None
    discrete: bool
    ks: float
    n: float | None = None
    log_likelihood: float | None = None
    aic: float | None = None
    standard_errors: dict | None = None

    @property
    def made(self):
        """The distribution."""
        return distribution.make(
            self.name,
            self.parameters,
            lower=self.lower,
            upper=self.upper,
            discrete=self.discrete,
        )


def ratio_alpha(quantiles):
    """Exponent of a power law from two percentiles: p99/p50 = 50^(1/(alpha - 1)).

    Parameters
    ----------
    quantiles : dict
        Probability to value.

    Returns
    -------
    float or None
        None without both, or where they do not rise.
    """
    low, high = quantiles.get(0.5), quantiles.get(0.99)
    if not low or not high or not high > low > 0:
        return None
    return float(1.0 + np.log(50.0) / np.log(high / low))


def fit(name, evidence):
    """Fit one family to a histogram, else to percentiles.

    Parameters
    ----------
    name : str
        Parametric family.
    evidence : Evidence

    Returns
    -------
    Fit or None
        None where the family cannot describe it (a power law from 0, counts by a
        distribution of measures only) or the optimiser found nothing finite.
    """
    lower, upper = _truncation(name, evidence)
    if lower is None:
        return None
    xmin = lower
    family = power_law(xmin, discrete=evidence.discrete) if name == "power_law" else FAMILIES[name]
    if family.discrete_only and not evidence.discrete:
        return None
    edges, counts = _intervals(evidence, lower, upper)
    if counts.size <= len(family.parameters):
        return None
    moments = _moments(edges, counts)
    to_natural, to_free = _transforms(family)
    use_quantiles = evidence.edges is None and family.ppf is not None

    def loss(free):
        theta = to_natural(free)
        if use_quantiles:
            return _quantile_loss(family, theta, evidence, lower, upper)
        return _negative_log_likelihood(family, theta, edges, counts, lower, upper)

    free = _minimised(loss, to_free(_start(name, moments, lower)))
    if free is None:
        return None
    theta = to_natural(free)
    parameters = dict(zip(family.parameters, (float(value) for value in theta), strict=True))
    try:
        made = distribution.make(
            name,
            parameters,
            lower=lower,
            upper=upper if np.isfinite(upper) else None,
            discrete=evidence.discrete,
        )
    except distribution.ImpossibleParameter:
        return None
    if not np.isfinite(upper):
        # A tail nobody saw: it ends where a sample ten times as large would not reach.
        upper = float(made.ppf(1.0 - 0.1 / max(evidence.n or 0.0, 1e4)))
        upper = np.ceil(upper) if evidence.discrete else upper
        upper = min(max(upper, _last_known(evidence) * 1.01 + 1.0), distribution.LARGEST)
        made = distribution.make(
            name, parameters, lower=lower, upper=upper, discrete=evidence.discrete
        )
    x, share = evidence.known_share
    ks = float(np.max(np.abs(made.cdf(x) - share)))
    likelihood = None
    errors = {}
    if evidence.edges is not None and evidence.n:
        scale = evidence.n / counts.sum()

        def total(values):
            return scale * _negative_log_likelihood(
                family, values, edges, counts, lower, upper, mean=False
            )

        likelihood = -float(total(theta))
        errors = _standard_errors(total, np.array(theta, dtype=float), family.parameters)
    return Fit(
        name=name,
        parameters=parameters,
        lower=lower if np.isfinite(lower) else None,
        upper=upper if np.isfinite(upper) else None,
        discrete=evidence.discrete,
        ks=ks,
        n=evidence.n,
        log_likelihood=likelihood,
        aic=None if likelihood is None else 2 * len(theta) - 2 * likelihood,
        standard_errors=errors,
    )


def _last_known(evidence):
    x, _ = evidence.known_share
    return float(x[-1])


def _truncation(name, evidence):
    lower = evidence.lower
    if name == "power_law":
        first = evidence.edges[0] if evidence.edges is not None else lower
        lower = max(lower, first)
        if not lower > 0:
            return None, None
    upper = np.inf
    if evidence.edges is not None and np.isfinite(evidence.edges[-1]):
        # Support ended here; values beyond exist only if the last bucket was open.
        upper = evidence.edges[-1]
    elif evidence.top is not None and evidence.top > lower:
        upper = evidence.top + (1.0 if evidence.discrete else 0.0)
    return float(lower), float(upper)


def _intervals(evidence, lower, upper):
    if evidence.edges is not None:
        edges = evidence.edges
        counts = evidence.counts
        if lower > edges[0]:
            edges = np.concatenate(([lower], edges[1:]))
        return edges, counts
    x, share = percentile_edges(evidence)
    keep = np.concatenate(([True], np.diff(x) > 0)) & (x > lower)
    x, share = x[keep], share[keep]
    edges = np.concatenate(([lower], x, [upper]))
    return edges, np.diff(np.concatenate(([0.0], share, [1.0])))


def _negative_log_likelihood(family, theta, edges, counts, lower, upper, *, mean=True):
    with np.errstate(all="ignore"):
        below, above = family.sides(np.concatenate(([lower], edges, [upper])), theta)
        # A difference of the side with more digits left.
        mass = np.where(below[1:-2] > 0.5, above[1:-2] - above[2:-1], below[2:-1] - below[1:-2])
        total = above[0] - above[-1] if below[0] > 0.5 else below[-1] - below[0]
        if not np.isfinite(total) or total <= 0:
            return 1e12
        each = np.log(np.maximum(mass / total, _SMALLEST))
        value = -np.sum(np.where(counts > 0, counts * each, 0.0))
    if not np.isfinite(value):
        return 1e12
    return value / counts.sum() if mean else value


def _quantile_loss(family, theta, evidence, lower, upper):
    x, share = percentile_edges(evidence)
    made = distribution.Truncated(family, tuple(theta), lower, upper, evidence.discrete)
    with np.errstate(all="ignore"):
        fitted = np.maximum(made.ppf(share), 1e-9)
        loss = np.mean((np.log(fitted) - np.log(np.maximum(x, 1e-9))) ** 2)
    return loss if np.isfinite(loss) else 1e12


def _moments(edges, counts):
    """Mean and standard deviation of x and of log x, from the middle of the buckets."""
    high = np.where(np.isfinite(edges[1:]), edges[1:], np.maximum(edges[:-1], 1.0) * 2)
    low = edges[:-1]
    middle = (low + high) / 2
    positive = np.maximum(np.where(low > 0, np.sqrt(np.abs(low * high)), high / 2), 1e-9)
    weight = counts / counts.sum()
    mean = float(np.sum(weight * middle))
    spread = float(np.sqrt(np.sum(weight * (middle - mean) ** 2)))
    log = np.log(positive)
    log_mean = float(np.sum(weight * log))
    log_spread = float(np.sqrt(np.sum(weight * (log - log_mean) ** 2)))
    return mean, max(spread, 1e-3 * abs(mean), 1e-9), log_mean, max(log_spread, 1e-3)


def _start(name, moments, lower):
    mean, spread, log_mean, log_spread = moments
    positive = max(mean, 1e-9)
    if name == "normal":
        return mean, spread
    if name == "log_normal":
        return log_mean, log_spread
    if name == "exponential":
        return (1.0 / positive,)
    if name == "weibull":
        return 1.2 / log_spread, np.exp(log_mean + 0.577 * log_spread / 1.2)
    if name == "geometric":
        return (1.0 / (1.0 + max(mean - lower, 1e-3)),)
    if name == "negative_binomial":
        excess = max(spread**2 - mean, 0.05 * positive)
        r = min(max(positive**2 / excess, 1e-2), 1e6)
        return r, min(max(r / (r + positive), 1e-9), 1 - 1e-9)
    if name == "power_law":
        return (1.0 + 1.0 / max(log_mean - np.log(lower) + 1e-2, 1e-2),)
    return 1.0 / log_spread + 0.5, 1.0 / log_spread + 0.5, log_mean, max(log_spread / 2, 0.05)


def _transforms(family):
    """Functions between parameters and an unbounded space, where the optimiser walks."""
    bounds = [family.bounds[key] for key in family.parameters]

    def to_natural(free):
        values = []
        for value, (low, high) in zip(free, bounds, strict=True):
            # Plain floats: on a pair of numbers numpy's overhead is the whole cost.
            value = min(max(float(value), -1e14), 1e14)
            if math.isfinite(low):
                value = min(max(value, -35.0), 35.0)
                bounded = math.isfinite(high)
                value = (high - low) / (1 + math.exp(-value)) if bounded else math.exp(value)
                value += low
            values.append(value)
        return tuple(values)

    def to_free(theta):
        values = []
        for value, (low, high) in zip(theta, bounds, strict=True):
            if np.isfinite(low) and np.isfinite(high):
                share = np.clip((value - low) / (high - low), 1e-12, 1 - 1e-12)
                values.append(np.log(share / (1 - share)))
            elif np.isfinite(low):
                values.append(np.log(max(value - low, 1e-12)))
            else:
                values.append(value)
        return np.array(values, dtype=float)

    return to_natural, to_free


def _minimised(loss, start):
    from scipy.optimize import minimize

    def with_gradient(free):
        value = loss(free)
        slope = np.empty(free.size)
        for place in range(free.size):
            step = _STEP * max(abs(free[place]), 1.0)
            ahead, behind = free.copy(), free.copy()
            ahead[place] += step
            behind[place] -= step
            slope[place] = (loss(ahead) - loss(behind)) / (2 * step)
        return value, slope

    with np.errstate(all="ignore"):
        options = {"gtol": 1e-6, "ftol": 1e-12, "maxiter": 80, "maxfun": 160}
        found = minimize(with_gradient, start, method="L-BFGS-B", jac=True, options=options)
        if not np.isfinite(found.fun) or found.nit < 2:
            # Numeric gradients fail at a cliff; the simplex is slow but does not mind.
            begin = found.x if np.all(np.isfinite(found.x)) and found.fun < 1e11 else start
            options = {"xatol": 1e-5, "fatol": 1e-9, "maxiter": 150 * start.size}
            simplex = minimize(loss, begin, method="Nelder-Mead", options=options)
            if not found.fun <= simplex.fun:
                found = simplex
    return found.x if np.isfinite(found.fun) and found.fun < 1e11 else None


def _standard_errors(total, theta, names):
    """Square roots of the diagonal of the inverse observed information."""
    size = theta.size
    step = 1e-4 * np.maximum(np.abs(theta), 1e-3)
    hessian = np.empty((size, size))
    for i in range(size):
        for j in range(i, size):
            value = 0.0
            for a, b in ((1, 1), (1, -1), (-1, 1), (-1, -1)):
                moved = theta.copy()
                moved[i] += a * step[i]
                moved[j] += b * step[j]
                value += a * b * total(tuple(moved))
            hessian[i, j] = hessian[j, i] = value / (4 * step[i] * step[j])
    try:
        variance = np.diag(np.linalg.inv(hessian))
    except np.linalg.LinAlgError:
        return {}
    return {
        name: float(np.sqrt(one))
        for name, one in zip(names, variance, strict=True)
        if np.isfinite(one) and one > 0
    }
