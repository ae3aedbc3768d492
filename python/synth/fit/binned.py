"""Maximum likelihood on binned data.

Histograms, percentiles or both are one set of buckets (`Evidence.cells`); a bucket's
probability is a difference of CDFs [1]_. Where the mean is known as well, from totals, the
likelihood is maximised among the parameters that have it.

References
----------
.. [1] Virkar, Clauset (2014), Power-law distributions in binned empirical data, Annals of
   Applied Statistics 8(1), eq. 3.4.
"""

import math
from dataclasses import dataclass, field

import numpy as np

from synth.fit import distribution
from synth.fit.families import FAMILIES, FROM_LOWER, MIXTURE, of_name

_SMALLEST = 1e-300
# Of a central difference; near the cube root of the rounding error.
_STEP = 1e-5
# Of a second difference of a log-likelihood of up to 10^12.
_INFORMATION_STEP = 2e-3
# Half width of a 95 % interval in standard errors.
_WIDTH = 1.959964
# A mean nearer than this needs no constraint; one farther from it does not follow the family.
_MEAN_REACHED, _MEAN_HOPELESS = 0.002, 3.0
# Weight of the squared error of the log mean beside the mean log-likelihood.
_MEAN_WEIGHT = 1e3
# A family this far off is not chosen whatever its mean, so its mean is not worth the time.
_WORTH_CONSTRAINING = 0.1
HURDLE = "hurdle_"


@dataclass(frozen=True)
class Fit:
    """One parametric fit.

    Attributes
    ----------
    name : str
        Family; mixtures and hurdles by their own names.
    parameters : dict
        As estimated.
    lower, upper : float or None
        Truncation used in the likelihood.
    discrete : bool
    ks : float
        Largest distance of the CDFs at the known points.
    form : tuple of (str, dict)
        Distribution and parameters as a spec has them.
    n : float or None
        Observations behind it.
    log_likelihood, aic, bic : float or None
        Of the buckets; None where the number of observations is not known.
    standard_errors : dict
        Per parameter, from the observed information; empty where unknown.
    intervals : dict
        Per parameter the 95 % interval ``[low, high]``.
    constrained : bool
        Whether the known mean moved the parameters.
    """

    name: str
    parameters: dict
    lower: float | None
    upper: float | None
    discrete: bool
    ks: float
    form: tuple
    n: float | None = None
    log_likelihood: float | None = None
    aic: float | None = None
    bic: float | None = None
    standard_errors: dict = field(default_factory=dict)
    intervals: dict = field(default_factory=dict)
    constrained: bool = False

    @property
    def made(self):
        """The distribution."""
        name, parameters = self.form
        return distribution.make(
            name, parameters, lower=self.lower, upper=self.upper, discrete=self.discrete
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
    """Fit one family to a histogram, to percentiles, or to both.

    Parameters
    ----------
    name : str
        Parametric family, ``_mixture`` behind it for two of them, or ``hurdle_`` before it.
    evidence : Evidence
        Not empty.

    Returns
    -------
    Fit or None
        None where the family cannot describe it (a power law from 0, counts by a
        distribution of measures only) or the optimiser found nothing finite.
    """
    if name.startswith(HURDLE):
        return _hurdle(name, evidence)
    problem = _Problem.of(name, evidence)
    if problem is None:
        return None
    free = _minimised(problem.loss, problem.to_free(problem.start))
    if free is None:
        return None
    found = _finished(problem, free)
    if found is None or evidence.mean is None or found.ks > _WORTH_CONSTRAINING:
        return found
    return _with_mean(problem, free, found)


@dataclass(frozen=True)
class _Problem:
    """A family, the buckets and the truncation: what the optimiser walks on."""

    name: str
    family: object
    evidence: object
    edges: np.ndarray
    shares: np.ndarray
    lower: float
    upper: float
    start: tuple
    to_natural: object
    to_free: object

    @classmethod
    def of(cls, name, evidence):
        lower, upper = _truncation(name, evidence)
        if lower is None:
            return None
        family = of_name(name, lower=lower, discrete=evidence.discrete)
        if family.discrete_only and not evidence.discrete:
            return None
        edges, shares = evidence.cells
        if lower > edges[0]:
            edges = np.concatenate(([lower], edges[1:]))
        if shares.size <= len(family.parameters):
            return None
        start = _start(name, _moments(edges, shares), lower)
        return cls(name, family, evidence, edges, shares, lower, upper, start, *_transforms(family))

    def loss(self, free):
        """Mean negative log-likelihood."""
        return self.negative_log_likelihood(self.to_natural(free))

    def negative_log_likelihood(self, theta):
        edges, lower, upper = self.edges, self.lower, self.upper
        with np.errstate(all="ignore"):
            below, above = self.family.sides(np.concatenate(([lower], edges, [upper])), theta)
            # A difference of the side with more digits left.
            mass = np.where(below[1:-2] > 0.5, above[1:-2] - above[2:-1], below[2:-1] - below[1:-2])
            total = above[0] - above[-1] if below[0] > 0.5 else below[-1] - below[0]
            if not np.isfinite(total) or total <= 0:
                return 1e12
            each = np.log(np.maximum(mass / total, _SMALLEST))
            value = -np.sum(np.where(self.shares > 0, self.shares * each, 0.0))
        return value if np.isfinite(value) else 1e12


def _hurdle(name, evidence):
    """The smallest count with a probability of its own, a family for all above it.

    The likelihood is the product of both parts, so each is fitted by itself.
    """
    first = evidence.lower
    edges, shares = evidence.cells
    if not evidence.discrete or shares.size < 3 or edges[0] != first or edges[1] != first + 1:
        return None
    inner = type(evidence)(
        edges=edges[1:],
        counts=shares[1:],
        top=evidence.top,
        n=None if evidence.n is None else evidence.n * (1.0 - shares[0]),
        discrete=True,
        lower=first + 1.0,
    )
    if evidence.mean is not None and shares[0] < 1:
        mean = (evidence.mean - first * shares[0]) / (1.0 - shares[0])
        inner = inner.with_mean(mean if mean > first + 1.0 else None)
    rest = fit(name.removeprefix(HURDLE), inner)
    if rest is None or rest.form[0] == "mixture":
        return None
    at_first = float(shares[0])
    # Any distribution of counts cut to one value is that value.
    point = {"distribution": "geometric", "parameters": {"p": 0.5}}
    parts = [
        {**point, "lower": first, "upper": first + 1.0},
        {
            "distribution": rest.form[0],
            "parameters": rest.form[1],
            "lower": rest.lower,
            "upper": rest.upper,
        },
    ]
    form = ("mixture", {"components": parts, "weights": [at_first, 1.0 - at_first]})
    likelihood, errors, intervals = None, {}, {}
    if evidence.n:
        spread = math.sqrt(at_first * (1.0 - at_first) / evidence.n)
        errors = {"first": spread, **rest.standard_errors}
        intervals = {
            "first": [max(at_first - _WIDTH * spread, 0.0), min(at_first + _WIDTH * spread, 1.0)],
            **rest.intervals,
        }
        if rest.log_likelihood is not None:
            binary = sum(s * math.log(s) for s in (at_first, 1.0 - at_first) if s > 0)
            likelihood = rest.log_likelihood + evidence.n * binary
    return _described(
        name,
        {"first": at_first, **rest.parameters},
        form,
        evidence,
        (first, rest.upper),
        likelihood=likelihood,
        standard_errors=errors,
        intervals=intervals,
        constrained=rest.constrained,
    )


def _described(name, parameters, form, evidence, ends, *, likelihood=None, **more):
    """A `Fit`, with its distance and information criteria."""
    lower, upper = (None if end is None or not np.isfinite(end) else end for end in ends)
    made = distribution.make(form[0], form[1], lower=lower, upper=upper, discrete=evidence.discrete)
    x, share = evidence.known_share
    size = len(parameters)
    return Fit(
        name=name,
        parameters=parameters,
        lower=lower,
        upper=upper,
        discrete=evidence.discrete,
        ks=float(np.max(np.abs(made.cdf(x) - share))),
        form=form,
        n=evidence.n,
        log_likelihood=likelihood,
        aic=None if likelihood is None else 2 * size - 2 * likelihood,
        bic=None if likelihood is None else size * math.log(evidence.n) - 2 * likelihood,
        **more,
    )


def _finished(problem, free, *, upper=None, constrained=False):
    """The fit at a point of the optimiser's space; None where it is no distribution."""
    theta = problem.to_natural(free)
    parameters = dict(zip(problem.family.parameters, map(float, theta), strict=True))
    upper = problem.upper if upper is None else upper
    evidence = problem.evidence
    try:
        if not np.isfinite(upper):
            upper = _far_end(problem, parameters)
        form = _form(problem, parameters, upper)
        found = _described(
            problem.name,
            parameters,
            form,
            evidence,
            (problem.lower, upper),
            likelihood=(
                -float(problem.negative_log_likelihood(theta)) * evidence.n if evidence.n else None
            ),
            constrained=constrained,
            **(_uncertainty(problem, free) if evidence.n else {}),
        )
    except distribution.ImpossibleParameter:
        return None
    return found


def _form(problem, parameters, upper):
    """Distribution and parameters as a spec writes them."""
    if not problem.name.endswith(MIXTURE):
        return problem.name, parameters
    part = problem.name.removesuffix(MIXTURE)
    plain = FAMILIES[part].parameters
    theta = [
        {key: parameters[key] for key in plain},
        {key: parameters[f"{key}_2"] for key in plain},
    ]
    ends = {"lower": _finite(problem.lower), "upper": _finite(upper)}
    # A spec cuts each component at both ends; here each was cut below and their sum above.
    left = []
    for one in theta:
        _, above = FAMILIES[part].sides(np.array([problem.lower, upper]), tuple(one.values()))
        left.append(float(1.0 - above[1] / above[0]) if above[0] > 0 else 0.0)
    weights = np.array([parameters["weight"], 1.0 - parameters["weight"]]) * left
    if not weights.sum() > 0 or not np.all(np.isfinite(weights)):
        raise distribution.ImpossibleParameter("a mixture without mass", key="weights")
    weights = weights / weights.sum()
    kept = [place for place in (0, 1) if weights[place] > 1e-9]
    components = [{"distribution": part, "parameters": theta[place], **ends} for place in kept]
    return "mixture", {
        "components": components,
        "weights": [float(weights[place] / weights[kept].sum()) for place in kept],
    }


def _finite(value):
    return float(value) if np.isfinite(value) else None


def _far_end(problem, parameters):
    """End of a tail nobody saw: where a sample ten times as large would not reach."""
    evidence = problem.evidence
    name, inner = _form(problem, parameters, np.inf)
    made = distribution.make(name, inner, lower=_finite(problem.lower), discrete=evidence.discrete)
    share = 0.1 / max(evidence.n or 0.0, 1e4)
    upper = float(made.ppf(np.array([1.0 - share]), np.array([share]))[0])
    return _rounded_end(upper, evidence)


def _rounded_end(upper, evidence):
    upper = np.ceil(upper) if evidence.discrete else upper
    last = float(evidence.known_share[0][-1])
    return float(min(max(upper, last * 1.01 + 1.0), distribution.LARGEST))


def mean_of(made, *, points=1500):
    """Mean of a parametric distribution, of its floor where it is discrete.

    Parameters
    ----------
    made : Truncated or Mixture
        Without an infinite end, except for a normal one.
    points : int
        Of the integral.

    Returns
    -------
    float
    """
    if not np.isfinite(made.lower) or not np.isfinite(made.upper):
        drawn = made.ppf((np.arange(20_000) + 0.5) / 20_000)
        return float(np.mean(np.floor(drawn) if made.discrete else drawn))
    # The integral of the survival function: no inverse needed.
    low, high = made.lower, made.upper
    near = np.arange(points // 6 + 7) * (1.0 if made.discrete else (high - low) / 1e6)
    far = np.logspace(-6, 0, points) * (high - low)
    x = np.unique(np.clip(low + np.concatenate((near, far)), low, high))
    above = made.sf(x)
    mean = low + float(np.sum(np.diff(x) * (above[1:] + above[:-1]) / 2))
    return mean - (0.5 if made.discrete else 0.0)


def _with_mean(problem, free, found):
    """Move a fit to the known mean: by the end of an open tail, else by the parameters."""
    wanted, evidence = problem.evidence.mean, problem.evidence
    if not wanted > max(problem.lower, 0.0) or found.upper is None or found.lower is None:
        return found
    reached = mean_of(found.made)
    if not reached > 0 or abs(math.log(reached / wanted)) > _MEAN_HOPELESS:
        return found
    if abs(reached / wanted - 1.0) <= _MEAN_REACHED:
        return found
    if not np.isfinite(problem.upper) and reached > wanted:
        # Nobody saw where this tail ends, so it ends where the total says.
        nearest = _rounded_end(0.0, evidence)
        end = _end_with_mean(problem, found, nearest, wanted)
        if end is not None:
            return _finished(problem, free, upper=end, constrained=True) or found
    upper = found.upper

    def loss(point):
        value = problem.loss(point)
        if value >= 1e11:
            return value
        made = distribution.Truncated(
            problem.family, problem.to_natural(point), problem.lower, upper, evidence.discrete
        )
        with np.errstate(all="ignore"):
            mean = mean_of(made, points=220)
        if not (np.isfinite(mean) and mean > 0):
            return 1e12
        return value + _MEAN_WEIGHT * math.log(mean / wanted) ** 2

    moved = _minimised(loss, np.asarray(free, dtype=float))
    if moved is None:
        return found
    better = _finished(problem, moved, upper=upper, constrained=True)
    if better is None or abs(mean_of(better.made) - wanted) > abs(reached - wanted):
        return found
    return better


def _end_with_mean(problem, found, nearest, wanted):
    from scipy.optimize import brentq

    def excess(log_end):
        try:
            form = _form(problem, found.parameters, math.exp(log_end))
            made = distribution.make(
                *form, lower=found.lower, upper=math.exp(log_end), discrete=found.discrete
            )
        except distribution.ImpossibleParameter:
            return -wanted
        return mean_of(made) - wanted

    low, high = math.log(nearest), math.log(found.upper)
    if not low < high or not excess(low) < 0 < excess(high):
        return None
    end = math.exp(brentq(excess, low, high, xtol=1e-4))
    return math.ceil(end) if found.discrete else end


def _truncation(name, evidence):
    lower = evidence.lower
    if name in FROM_LOWER and name.endswith("power_law"):
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
    if name in ("negative_binomial", "shifted_negative_binomial"):
        above = positive if name == "negative_binomial" else max(mean - lower, 1e-2)
        excess = max(spread**2 - above, 0.05 * above)
        r = min(max(above**2 / excess, 1e-2), 1e6)
        return r, min(max(r / (r + above), 1e-9), 1 - 1e-9)
    if name.endswith("power_law"):
        alpha = 1.0 + 1.0 / max(log_mean - np.log(lower) + 1e-2, 1e-2)
        return (alpha,) if name == "power_law" else (max(alpha - 0.3, 0.3), 0.2 / (mean + spread))
    if name == "log_normal_mixture":
        apart = 0.8 * log_spread
        return 0.5, log_mean - apart, 0.7 * log_spread, log_mean + apart, 0.7 * log_spread
    if name == "geometric_mixture":
        above = max(mean - lower, 1e-3)
        return 0.5, 1.0 / (1.0 + above / 3.0), 1.0 / (1.0 + above * 3.0)
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


def _information_step(problem, free, place):
    """A step that changes the likelihood by more than rounding does."""
    step, here = _INFORMATION_STEP, problem.loss(free)
    for _ in range(20):
        point = np.array(free, dtype=float)
        point[place] += step
        if abs(problem.loss(point) - here) > 1e-7:
            break
        step *= 3.0
    return step


def _uncertainty(problem, free):
    """Standard errors and 95 % intervals from the observed information.

    In the optimiser's space, where a likelihood is nearer to a parabola; an interval is carried
    back from there, so that it stays within the parameter's bounds.
    """
    size, n = free.size, problem.evidence.n
    hessian = np.empty((size, size))
    step = [_information_step(problem, free, place) for place in range(size)]
    for i in range(size):
        for j in range(i, size):
            value = 0.0
            for a, b in ((1, 1), (1, -1), (-1, 1), (-1, -1)):
                moved = np.array(free, dtype=float)
                moved[i] += a * step[i]
                moved[j] += b * step[j]
                value += a * b * problem.loss(moved)
            hessian[i, j] = hessian[j, i] = n * value / (4 * step[i] * step[j])
    try:
        variance = np.diag(np.linalg.inv(hessian))
    except np.linalg.LinAlgError:
        return {}
    errors, intervals = {}, {}
    for place, name in enumerate(problem.family.parameters):
        one = variance[place]
        # A likelihood this flat says nothing about the parameter.
        if not (np.isfinite(one) and 0 < one < 100.0):
            continue
        half = math.sqrt(one)

        def moved(width, place=place):
            point = np.array(free, dtype=float)
            point[place] += width
            return float(problem.to_natural(point)[place])

        errors[name] = half * (moved(1e-6) - moved(-1e-6)) / 2e-6
        intervals[name] = [moved(-_WIDTH * half), moved(_WIDTH * half)]
    return {"standard_errors": errors, "intervals": intervals}
