"""A distribution with its truncation: what a quantity of the spec means.

``make`` is the only way in; it refuses impossible parameters, so the objects it returns never
produce NaN.
"""

import math
from dataclasses import dataclass

import numpy as np

from synth.errors import BadInput
from synth.fit.families import FAMILIES, FROM_LOWER, of_name

# Values beyond these cannot be stored as int8 or mean anything as seconds, bytes or characters.
LARGEST = 1e15
# Probability beyond which an untruncated tail is cut: one row in ten thousand million.
TAIL = 1e-10
NAMES = (*FAMILIES, *FROM_LOWER, "mixture", "empirical")


class ImpossibleParameter(BadInput):
    """A parameter no distribution can have; ``key`` names it."""


def _refuse(key, expected, value):
    shown = value if isinstance(value, int | float | str | None) else type(value).__name__
    raise ImpossibleParameter(f"{key} must be {expected}, got {shown!r}", key=key)


def _number(parameters, key):
    value = parameters.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        _refuse(key, "a finite number", value)
    return float(value)


@dataclass(frozen=True)
class Truncated:
    """A parametric family restricted to ``[lower, upper)`` and renormalised."""

    family: object
    theta: tuple
    lower: float
    upper: float
    discrete: bool

    def _ends(self):
        ends = np.array([self.lower, self.upper])
        below = self.family.cdf(ends, *self.theta)
        above = self.family.sf(ends, *self.theta)
        # The side with more digits left.
        mass = above[0] - above[1] if below[0] > 0.5 else below[1] - below[0]
        return below, above, mass

    def cdf(self, x):
        """P(X < x)."""
        below, above, mass = self._ends()
        x = np.clip(np.asarray(x, dtype=float), self.lower, self.upper)
        if below[0] > 0.5:
            return np.clip((above[0] - self.family.sf(x, *self.theta)) / mass, 0.0, 1.0)
        return np.clip((self.family.cdf(x, *self.theta) - below[0]) / mass, 0.0, 1.0)

    def sf(self, x):
        """P(X >= x)."""
        below, above, mass = self._ends()
        x = np.clip(np.asarray(x, dtype=float), self.lower, self.upper)
        if below[1] < 0.5:
            return np.clip((below[1] - self.family.cdf(x, *self.theta)) / mass, 0.0, 1.0)
        return np.clip((self.family.sf(x, *self.theta) - above[1]) / mass, 0.0, 1.0)

    def ppf(self, u, complement=None):
        """Value below which a share `u` lies.

        Parameters
        ----------
        u : ndarray
            Probabilities in [0, 1].
        complement : ndarray, optional
            ``1 - u``, where the caller knows it with more digits.

        Returns
        -------
        ndarray
            Real-valued also for a discrete quantity, whose value is its floor.
        """
        u = np.asarray(u, dtype=float)
        complement = 1.0 - u if complement is None else np.asarray(complement, dtype=float)
        if self.family.ppf is None:
            return invert(self, u, complement)
        below, above, mass = self._ends()
        low = below[0] + u * mass
        high = above[1] + complement * mass
        with np.errstate(divide="ignore", invalid="ignore"):
            x = np.where(
                low < 0.5,
                self.family.ppf(np.clip(low, 0.0, 1.0), *self.theta),
                self.family.isf(np.clip(high, 0.0, 1.0), *self.theta),
            )
        x = np.where(u <= 0, self.lower, np.where(complement <= 0, self.upper, x))
        return np.clip(x, self.lower, self.upper)


@dataclass(frozen=True)
class Mixture:
    """Weighted sum of distributions."""

    components: tuple
    weights: np.ndarray
    lower: float
    upper: float
    discrete: bool

    def cdf(self, x):
        """P(X < x)."""
        parts = [w * c.cdf(x) for w, c in zip(self.weights, self.components, strict=True)]
        return np.sum(parts, axis=0)

    def sf(self, x):
        """P(X >= x)."""
        parts = [w * c.sf(x) for w, c in zip(self.weights, self.components, strict=True)]
        return np.sum(parts, axis=0)

    def ppf(self, u, complement=None):
        """Value below which a share `u` lies."""
        u = np.asarray(u, dtype=float)
        return invert(self, u, 1.0 - u if complement is None else np.asarray(complement))


@dataclass(frozen=True)
class Empirical:
    """Distribution function given by knots, linear between them."""

    x: np.ndarray
    knots: np.ndarray
    discrete: bool

    @property
    def lower(self):
        """Smallest value."""
        return float(self.x[0])

    @property
    def upper(self):
        """Upper end, excluded."""
        return float(self.x[-1])

    def cdf(self, x):
        """P(X < x)."""
        x = np.asarray(x, dtype=float)
        # A repeated x is an atom: the CDF is left-continuous, as buckets are half-open.
        first, index = np.unique(self.x, return_index=True)
        last = np.append(index[1:], self.x.size) - 1
        place = np.clip(np.searchsorted(first, x, side="left") - 1, 0, max(first.size - 2, 0))
        if first.size == 1:
            return np.where(x > first[0], 1.0, 0.0)
        left, right = first[place], first[place + 1]
        low, high = self.knots[last[place]], self.knots[index[place + 1]]
        # Divided before multiplying: a width may be larger than the largest product.
        inside = low + (high - low) * ((np.clip(x, left, right) - left) / (right - left))
        return np.where(x <= first[0], 0.0, np.where(x > first[-1], 1.0, inside))

    def sf(self, x):
        """P(X >= x)."""
        return 1.0 - self.cdf(x)

    def ppf(self, u, complement=None):
        """Value below which a share `u` lies."""
        u = np.asarray(u, dtype=float)
        place = np.clip(np.searchsorted(self.knots, u, side="right") - 1, 0, self.x.size - 2)
        low, high = self.knots[place], self.knots[place + 1]
        width = np.where(high > low, high - low, 1.0)
        share = np.clip((u - low) / width, 0.0, 1.0)
        return self.x[place] + share * (self.x[place + 1] - self.x[place])


def invert(distribution, u, complement):
    """Invert a distribution function by bisection; used where there is no closed form.

    Parameters
    ----------
    distribution : Truncated or Mixture
        With finite or infinite ends.
    u, complement : ndarray
        Probabilities and ``1 - u``.

    Returns
    -------
    ndarray
    """
    low = np.full(u.shape, distribution.lower if np.isfinite(distribution.lower) else -LARGEST)
    high = np.full(u.shape, min(distribution.upper, LARGEST))
    upper_half = u > 0.5
    for _ in range(200):
        # Geometric steps where both ends are positive, since a tail spans many decades.
        middle = np.where(low > 0, np.sqrt(np.abs(low)) * np.sqrt(np.abs(high)), (low + high) / 2)
        middle = np.where((low == 0) & (high > 1), np.minimum(middle, high / 1e3), middle)
        before = np.where(
            upper_half, distribution.sf(middle) > complement, distribution.cdf(middle) < u
        )
        low, high = np.where(before, middle, low), np.where(before, high, middle)
        if np.all(high - low <= 1e-10 * np.maximum(np.abs(high), 1e-10)):
            break
    return (low + high) / 2


def _ends(lower, upper, discrete):
    for key, value in (("lower", lower), ("upper", upper)):
        if value is not None and (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or not abs(value) <= LARGEST
        ):
            _refuse(key, f"a number of at most {LARGEST:g}, or null", value)
    if lower is not None and upper is not None and not lower < upper:
        raise ImpossibleParameter(f"lower {lower:g} must be below upper {upper:g}", key="lower")
    if discrete:
        lower = None if lower is None else math.floor(lower)
        upper = None if upper is None else math.ceil(upper)
    return lower, upper


def make(name, parameters, *, lower=None, upper=None, discrete=False):
    """Build a distribution from what a spec says.

    Parameters
    ----------
    name : str
        One of ``NAMES``.
    parameters : dict
        Of the family; for ``empirical`` ``x`` and ``cdf``, for ``mixture`` ``components``
        (each ``distribution``, ``parameters``, ``lower``, ``upper``) and ``weights``.
    lower, upper : float, optional
        Truncation ``[lower, upper)``; default the family's support.
    discrete : bool
        Values are ``floor`` of the draw.

    Returns
    -------
    Truncated, Mixture or Empirical

    Raises
    ------
    ImpossibleParameter
        Unknown family, or a parameter outside of its range.
    """
    if name not in NAMES:
        raise ImpossibleParameter(
            f"distribution must be one of {', '.join(NAMES)}, got {name!r}", key="distribution"
        )
    if not isinstance(parameters, dict):
        _refuse("parameters", "an object", parameters)
    lower, upper = _ends(lower, upper, discrete)
    if name == "empirical":
        return _empirical(parameters, lower, upper, discrete)
    if name == "mixture":
        return _mixture(parameters, lower, upper, discrete)
    return _truncated(name, parameters, lower, upper, discrete)


def _truncated(name, parameters, lower, upper, discrete):
    smallest = lower
    if name in FROM_LOWER:
        smallest = (1.0 if discrete else None) if lower is None else float(lower)
        if name.endswith("power_law") and not (smallest or 0.0) > 0:
            _refuse("lower", "above 0, since a power law needs a smallest value", lower)
    family = of_name(name, lower=smallest or 0.0, discrete=discrete)
    if family.discrete_only and not discrete:
        _refuse("discrete", f"true, since {name} is a distribution of counts", False)
    unknown = sorted(set(parameters) - set(family.parameters))
    if unknown:
        raise ImpossibleParameter(
            f"{unknown[0]} is no parameter of {name}, which has {', '.join(family.parameters)}",
            key=f"parameters.{unknown[0]}",
        )
    theta = []
    for key in family.parameters:
        value = _number(parameters, key)
        low, high = family.bounds[key]
        if not low < value < high or abs(value) > LARGEST:
            between = f"above {low:g}" if math.isinf(high) else f"between {low:g} and {high:g}"
            if math.isinf(high) and abs(value) > LARGEST:
                between = f"of a size of at most {LARGEST:g}"
            raise ImpossibleParameter(
                f"{key} of {name} must be {between}, got {value:g}", key=f"parameters.{key}"
            )
        theta.append(value)
    start = family.support if lower is None else max(float(lower), family.support)
    end = np.inf if upper is None else float(upper)
    if not start < end:
        raise ImpossibleParameter(f"upper must be above {start:g}, got {end:g}", key="upper")
    made = Truncated(family, tuple(theta), start, end, discrete)
    with np.errstate(all="ignore"):
        _, _, mass = made._ends()
    # Where cdf and sf are sums of terms that cancel, less than this is rounding.
    if not mass > (1e-12 if family.both else 1e-290):
        raise ImpossibleParameter(
            f"parameters of {name} leave no probability between lower and upper",
            key="parameters",
        )
    return made


def _mixture(parameters, lower, upper, discrete):
    parts, weights = parameters.get("components"), parameters.get("weights")
    if not isinstance(parts, list) or not isinstance(weights, list) or not parts:
        _refuse("components", "a list, with weights beside it", None)
    if len(parts) != len(weights):
        _refuse("weights", f"a list of {len(parts)} numbers", len(weights))
    components = []
    for index, part in enumerate(parts):
        if not isinstance(part, dict) or part.get("distribution") in ("mixture", "empirical"):
            _refuse(f"components[{index}]", "a parametric distribution", None)
        own_lower, own_upper = part.get("lower"), part.get("upper")
        try:
            component = make(
                part.get("distribution"),
                part.get("parameters"),
                lower=lower if own_lower is None else own_lower,
                upper=upper if own_upper is None else own_upper,
                discrete=discrete,
            )
        except ImpossibleParameter as error:
            key = f"parameters.components[{index}].{error.key}"
            raise ImpossibleParameter(error.message, key=key) from None
        components.append(component)
    shares = normalised_weights(weights)
    return Mixture(
        tuple(components),
        shares,
        min(c.lower for c in components),
        max(c.upper for c in components),
        discrete,
    )


def normalised_weights(weights):
    """Check weights and scale them to sum to exactly 1.

    Parameters
    ----------
    weights : list of float
        Not negative; their sum within 1e-6 of 1.

    Returns
    -------
    ndarray

    Raises
    ------
    ImpossibleParameter
    """
    for index, weight in enumerate(weights):
        number = isinstance(weight, int | float) and not isinstance(weight, bool)
        if not number or not 0 <= weight <= 1:
            _refuse(f"parameters.weights[{index}]", "between 0 and 1", weight)
    total = math.fsum(weights)
    if abs(total - 1) > 1e-6:
        raise ImpossibleParameter(
            f"weights must sum to 1, got {total:.9g}", key="parameters.weights"
        )
    return np.asarray(weights, dtype=float) / total


def _empirical(parameters, lower, upper, discrete):
    x, cdf = parameters.get("x"), parameters.get("cdf")
    for key, values in (("x", x), ("cdf", cdf)):
        if not isinstance(values, list) or len(values) < 2:
            _refuse(f"parameters.{key}", "a list of at least 2 numbers", values)
        for index, value in enumerate(values):
            number = isinstance(value, int | float) and not isinstance(value, bool)
            if not number or not abs(value) <= LARGEST:
                _refuse(f"parameters.{key}[{index}]", f"a number of at most {LARGEST:g}", value)
            if index and value < values[index - 1]:
                raise ImpossibleParameter(
                    f"{key} must not decrease", key=f"parameters.{key}[{index}]"
                )
    if len(x) != len(cdf):
        _refuse("parameters.cdf", f"as long as x ({len(x)} numbers)", len(cdf))
    for index, end in ((0, 0.0), (len(cdf) - 1, 1.0)):
        if abs(cdf[index] - end) > 1e-6:
            _refuse(f"parameters.cdf[{index}]", f"{end:g}", cdf[index])
    knots = np.asarray(cdf, dtype=float)
    knots[0], knots[-1] = 0.0, 1.0
    made = Empirical(np.asarray(x, dtype=float), np.clip(knots, 0.0, 1.0), discrete)
    return _restricted(made, lower, upper)


def _restricted(made, lower, upper):
    """Cut an empirical distribution at hand-set ends, so that editing `upper` means something."""
    low = made.lower if lower is None else max(float(lower), made.lower)
    high = made.upper if upper is None else min(float(upper), made.upper)
    if low <= made.lower and high >= made.upper:
        return made
    inside = (made.x > low) & (made.x < high)
    x = np.concatenate(([low], made.x[inside], [high]))
    at_low = made.cdf(np.array([low]))
    # The cut is [low, high): mass of an atom at `high` stays outside.
    cdf = np.concatenate((at_low, made.knots[inside], made.cdf(np.array([high]))))
    mass = cdf[-1] - cdf[0]
    if not mass > 1e-12 or not low < high:
        raise ImpossibleParameter(
            "lower and upper leave none of the empirical distribution", key="lower"
        )
    return Empirical(x, np.clip((cdf - cdf[0]) / mass, 0.0, 1.0), made.discrete)
