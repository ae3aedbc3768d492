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

from synth.fit import distribution, optimiser
from synth.fit.families import FAMILIES, FROM_LOWER, MIXTURE, of_name

_SMALLEST = 1e-300
# A mean nearer than this needs no constraint; one farther from it does not follow the family.
_MEAN_REACHED, _MEAN_HOPELESS = 0.002, 3.0
# Steps towards a known mean; each is exact where likelihood and mean are a parabola and a line.
_MEAN_STEPS, _LONGEST_STEP = 8, 1.0
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


def fit(name, evidence, *, max_ks=1.0):
    """Fit one family to a histogram, to percentiles, or to both.

    Parameters
    ----------
    name : str
        Parametric family, ``_mixture`` behind it for two of them, or ``hurdle_`` before it.
    evidence : Evidence
        Not empty.
    max_ks : float
        A fit farther off than this is not moved to the known mean: that takes it farther still.

    Returns
    -------
    Fit or None
        None where the family cannot describe it (a power law from 0, counts by a
        distribution of measures only) or the optimiser found nothing finite.
    """
    if name.startswith(HURDLE):
        return _hurdle(name, evidence, max_ks)
    problem = _Problem.of(name, evidence)
    if problem is None:
        return None
    free = optimiser.minimised(problem.loss, problem.to_free(problem.start))
    if free is None:
        return None
    found = _finished(problem, free)
    if found is None or evidence.mean is None or found.ks > max_ks:
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

    @property
    def discrete(self):
        """Whether it counts things."""
        return self.evidence.discrete

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
        start = optimiser.start(name, optimiser.moments(edges, shares), lower)
        return cls(
            name,
            family,
            evidence,
            edges,
            shares,
            lower,
            upper,
            start,
            *optimiser.transforms(family),
        )

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


def _hurdle(name, evidence, max_ks):
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
    rest = fit(name.removeprefix(HURDLE), inner, max_ks=max_ks)
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
            "first": [
                max(at_first - optimiser.WIDTH * spread, 0.0),
                min(at_first + optimiser.WIDTH * spread, 1.0),
            ],
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
            **(optimiser.uncertainty(problem, free) if evidence.n else {}),
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
    most = evidence.most + (1.0 if evidence.discrete else 0.0)
    return float(min(max(upper, last * 1.01 + 1.0), most))


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
    moved = _moved_to_mean(problem, free, found.upper, wanted)
    if moved is None:
        return found
    better = _finished(problem, moved, upper=found.upper, constrained=True)
    if better is None or abs(mean_of(better.made) - wanted) > abs(reached - wanted):
        return found
    return better


def _moved_to_mean(problem, free, upper, wanted):
    """The most likely parameters among those that have the mean; None if out of reach.

    Near its peak the likelihood is a parabola with the information matrix H, so along the
    gradient g of the log mean the cheapest step is ``H^-1 g``, scaled to the wanted mean.
    """

    def log_mean(point):
        made = distribution.Truncated(
            problem.family, problem.to_natural(point), problem.lower, upper, problem.discrete
        )
        with np.errstate(all="ignore"):
            mean = mean_of(made, points=300)
        return math.log(mean) if np.isfinite(mean) and mean > 0 else math.nan

    try:
        inverse = np.linalg.inv(optimiser.information(problem, free))
    except np.linalg.LinAlgError:
        return None
    point = np.array(free, dtype=float)
    for _ in range(_MEAN_STEPS):
        here = log_mean(point)
        missing = math.log(wanted) - here
        if abs(missing) < _MEAN_REACHED / 4:
            return point
        slope = np.empty(point.size)
        for place in range(point.size):
            moved = point.copy()
            moved[place] += optimiser.STEP * max(abs(point[place]), 1.0)
            slope[place] = (log_mean(moved) - here) / (moved[place] - point[place])
        direction = inverse @ slope
        gain = float(slope @ direction)
        if not np.isfinite(gain) or gain <= 0:
            return None
        step = direction * (missing / gain)
        point = point + step * min(1.0, _LONGEST_STEP / max(float(np.max(np.abs(step))), 1e-300))
    return point


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
