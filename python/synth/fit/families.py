"""Parametric families as plain functions of an array and parameters.

Each family gives a distribution function, its complement and their inverses before
truncation. Complements are functions of their own because ``1 - cdf`` has no digits left in
a heavy tail. ``scipy.special`` costs 0.3 s to import, so it is imported where it is called.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True)
class Family:
    """One family before truncation.

    Attributes
    ----------
    name : str
    parameters : tuple of str
        In the order the functions take them.
    cdf, sf : callable
        ``f(x, *parameters)``; for a family on the integers ``cdf(k) = P(K < k)``, continued
        to real ``k``, so that an edge means the same for counts and for measures.
    ppf, isf : callable or None
        Inverses; None where there is no closed form.
    bounds : dict
        Parameter to open interval ``(low, high)`` it must lie in.
    both : callable or None
        ``(cdf, sf)`` at once, where they share their work.
    support : float
        Smallest possible value.
    discrete_only : bool
        Defined on the integers only.
    """

    name: str
    parameters: tuple
    cdf: Callable
    sf: Callable
    ppf: Callable | None = None
    isf: Callable | None = None
    bounds: dict = field(default_factory=dict)
    both: Callable | None = None
    support: float = 0.0
    discrete_only: bool = False

    def sides(self, x, theta):
        """CDF and survival function at `x`."""
        if self.both is not None:
            return self.both(x, *theta)
        return self.cdf(x, *theta), self.sf(x, *theta)


def _ndtr(z):
    from scipy.special import ndtr

    return ndtr(z)


def _ndtri(u):
    from scipy.special import ndtri

    return ndtri(u)


def _log(x):
    with np.errstate(divide="ignore"):
        return np.log(np.maximum(x, 0.0))


def _log1m(u):
    """log(1 - u), with all its digits where u is small."""
    with np.errstate(divide="ignore"):
        return np.log1p(-np.minimum(u, 1.0))


def _power(base, exponent):
    with np.errstate(over="ignore", divide="ignore"):
        return np.power(base, exponent)


def _exp(y):
    with np.errstate(over="ignore"):
        return np.exp(y)


def _negative_binomial(x, r, p, *, upper):
    # P(K < k) = I_p(r, k) for integers k; the incomplete beta continues it to real k.
    from scipy.special import betainc, betaincc

    x = np.asarray(x, dtype=float)
    inside = np.clip(x, 1e-12, 1e15)
    value = (betaincc if upper else betainc)(r, inside, p)
    value = np.where(x <= 0, 1.0 if upper else 0.0, value)
    return np.where(np.isposinf(x), 0.0 if upper else 1.0, value)


def hurwitz_tail(x, alpha, xmin):
    """P(K >= x) of the discrete power law on integers from `xmin`.

    Parameters
    ----------
    x : ndarray
        Values, at least `xmin`; need not be integers.
    alpha : float
        Exponent, above 1.
    xmin : float
        Smallest value.

    Returns
    -------
    ndarray
        ``zeta(alpha, x) / zeta(alpha, xmin)``.

    References
    ----------
    .. [1] Clauset, Shalizi, Newman (2009), Power-law distributions in empirical data, table 2.1.
    """
    from scipy.special import zeta

    x = np.maximum(np.asarray(x, dtype=float), xmin)
    finite = np.minimum(x, 1e12)
    with np.errstate(under="ignore"):
        value = zeta(alpha, finite) / zeta(alpha, xmin)
        # Beyond 1e12 the sum equals its integral to the last digit.
        value = value * _power(x / finite, 1.0 - alpha)
    return np.where(np.isposinf(x), 0.0, value)


def _double_pareto(x, alpha, beta, mu, sigma):
    """Normal-Laplace CDF of log x and its complement; Reed & Jorgensen (2004), eq. 22."""
    from scipy.special import log_ndtr, ndtr

    # Beyond 1e3 standard deviations every term is 0 or 1, and infinities would cancel to NaN.
    z = np.clip((_log(x) - mu) / sigma, -1e3, 1e3)
    a, b = alpha * sigma, beta * sigma
    right = _exp(np.minimum(a * (a / 2 - z) + log_ndtr(z - a), 0.0))
    left = _exp(np.minimum(b * (b / 2 + z) + log_ndtr(-z - b), 0.0))
    mixed = (beta * right - alpha * left) / (alpha + beta)
    return np.clip(ndtr(z) - mixed, 0.0, 1.0), np.clip(ndtr(-z) + mixed, 0.0, 1.0)


_SHARE = (0.0, 1.0)
_POSITIVE = (0.0, np.inf)
_ANY = (-np.inf, np.inf)

FAMILIES = {
    family.name: family
    for family in (
        Family(
            "normal",
            ("mu", "sigma"),
            cdf=lambda x, mu, sigma: _ndtr((x - mu) / sigma),
            sf=lambda x, mu, sigma: _ndtr((mu - x) / sigma),
            ppf=lambda u, mu, sigma: mu + sigma * _ndtri(u),
            isf=lambda u, mu, sigma: mu - sigma * _ndtri(u),
            bounds={"mu": _ANY, "sigma": _POSITIVE},
            support=-np.inf,
        ),
        Family(
            "log_normal",
            ("mu", "sigma"),
            cdf=lambda x, mu, sigma: _ndtr((_log(x) - mu) / sigma),
            sf=lambda x, mu, sigma: _ndtr((mu - _log(x)) / sigma),
            ppf=lambda u, mu, sigma: _exp(mu + sigma * _ndtri(u)),
            isf=lambda u, mu, sigma: _exp(mu - sigma * _ndtri(u)),
            bounds={"mu": _ANY, "sigma": _POSITIVE},
        ),
        Family(
            "exponential",
            ("rate",),
            cdf=lambda x, rate: -np.expm1(-rate * np.maximum(x, 0.0)),
            sf=lambda x, rate: np.exp(-rate * np.maximum(x, 0.0)),
            ppf=lambda u, rate: -_log1m(u) / rate,
            isf=lambda u, rate: -_log(u) / rate,
            bounds={"rate": _POSITIVE},
        ),
        Family(
            "weibull",
            ("shape", "scale"),
            cdf=lambda x, shape, scale: -np.expm1(-_power(np.maximum(x, 0.0) / scale, shape)),
            sf=lambda x, shape, scale: np.exp(-_power(np.maximum(x, 0.0) / scale, shape)),
            ppf=lambda u, shape, scale: scale * _power(-_log1m(u), 1.0 / shape),
            isf=lambda u, shape, scale: scale * _power(-_log(u), 1.0 / shape),
            bounds={"shape": _POSITIVE, "scale": _POSITIVE},
        ),
        Family(
            "geometric",
            ("p",),
            cdf=lambda x, p: -np.expm1(np.maximum(x, 0.0) * np.log1p(-p)),
            sf=lambda x, p: np.exp(np.maximum(x, 0.0) * np.log1p(-p)),
            ppf=lambda u, p: _log1m(u) / np.log1p(-p),
            isf=lambda u, p: _log(u) / np.log1p(-p),
            bounds={"p": _SHARE},
            discrete_only=True,
        ),
        Family(
            "negative_binomial",
            ("r", "p"),
            cdf=lambda x, r, p: _negative_binomial(x, r, p, upper=False),
            sf=lambda x, r, p: _negative_binomial(x, r, p, upper=True),
            bounds={"r": _POSITIVE, "p": _SHARE},
            discrete_only=True,
        ),
        Family(
            "double_pareto_lognormal",
            ("alpha", "beta", "mu", "sigma"),
            cdf=lambda x, *theta: _double_pareto(x, *theta)[0],
            sf=lambda x, *theta: _double_pareto(x, *theta)[1],
            both=_double_pareto,
            bounds={"alpha": _POSITIVE, "beta": _POSITIVE, "mu": _ANY, "sigma": _POSITIVE},
        ),
    )
}

# Families that begin at their smallest value, which is the truncation `lower`.
FROM_LOWER = ("power_law", "tempered_power_law", "shifted_negative_binomial")
# Behind a family's name: two of them, fitted as one, in a spec a `mixture`.
MIXTURE = "_mixture"


def of_name(name, *, lower, discrete):
    """The family of a name, on its support.

    Parameters
    ----------
    name : str
        A key of ``FAMILIES``, with ``_mixture`` behind it for two of them, or one of
        ``FROM_LOWER``.
    lower : float
        Smallest value, for those of ``FROM_LOWER``.
    discrete : bool

    Returns
    -------
    Family
    """
    if name == "power_law":
        return power_law(lower, discrete=discrete)
    if name == "tempered_power_law":
        return tempered_power_law(lower, discrete=discrete)
    if name == "shifted_negative_binomial":
        return shifted_negative_binomial(lower)
    return FAMILIES[name] if name in FAMILIES else two_of(name.removesuffix(MIXTURE), lower)


def two_of(name, lower):
    """Mixture of two members of a family, each cut off below `lower`.

    Parameters
    ----------
    name : str
        Key of ``FAMILIES``.
    lower : float

    Returns
    -------
    Family
        ``weight`` of the first, the parameters of the first, those of the second with ``_2``.
    """
    part = FAMILIES[name]
    names = part.parameters
    finite = np.isfinite(lower)

    def both(x, weight, *theta):
        below, above = 0.0, 0.0
        for share, own in ((weight, theta[: len(names)]), (1.0 - weight, theta[len(names) :])):
            cdf, sf = part.sides(x, own)
            if finite:
                cut, left = part.sides(np.array([lower]), own)
                cdf, sf = (cdf - cut) / left, sf / left
            below, above = below + share * cdf, above + share * sf
        return np.clip(below, 0.0, 1.0), np.clip(above, 0.0, 1.0)

    return Family(
        name + MIXTURE,
        ("weight", *names, *(f"{key}_2" for key in names)),
        cdf=lambda x, *theta: both(x, *theta)[0],
        sf=lambda x, *theta: both(x, *theta)[1],
        both=both,
        bounds={
            "weight": _SHARE,
            **part.bounds,
            **{f"{key}_2": part.bounds[key] for key in names},
        },
        support=part.support,
        discrete_only=part.discrete_only,
    )


def shifted_negative_binomial(shift):
    """Negative binomial counted from a smallest value on: ``K - shift`` has the plain one.

    The geometric distribution needs no such sister: truncated at `shift` it is the shifted one.

    Parameters
    ----------
    shift : float

    Returns
    -------
    Family
    """
    return Family(
        "shifted_negative_binomial",
        ("r", "p"),
        cdf=lambda x, r, p: _negative_binomial(np.asarray(x) - shift, r, p, upper=False),
        sf=lambda x, r, p: _negative_binomial(np.asarray(x) - shift, r, p, upper=True),
        bounds={"r": _POSITIVE, "p": _SHARE},
        support=shift,
        discrete_only=True,
    )


# Gauss-Legendre nodes of one cell of log x, and the width of a cell.
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(10)
_CELL = 0.25
# Terms below e^-_FADED are nothing beside the first.
_FADED = 700.0
# Whole numbers below this are summed one by one; from there Euler-Maclaurin is exact.
_SUMMED = 128


def _tempered_density(t, alpha, rate, xmin):
    with np.errstate(under="ignore"):
        return np.exp(-alpha * np.log(t / xmin) - rate * (t - xmin))


def _tempered_integral(x, alpha, rate, xmin):
    """Integral from x to infinity of the density, which is 1 at `xmin`."""
    start = np.log(x)
    last = max(np.log(xmin + _FADED / rate), float(start.max()) + _CELL)
    if alpha > 1:
        last = min(last, float(start.max()) + _FADED / (alpha - 1.0))
    n_cells = min(int(np.ceil((last - start.min()) / _CELL)), 4000)
    edges = np.linspace(start.min(), last, n_cells + 1)

    def between(low, high):
        half = (high - low) / 2
        t = np.exp((low + half)[:, None] + half[:, None] * _NODES)
        return half * np.sum(_WEIGHTS * t * _tempered_density(t, alpha, rate, xmin), axis=1)

    beyond = np.append(np.cumsum(between(edges[:-1], edges[1:])[::-1])[::-1], 0.0)
    cell = np.clip(np.searchsorted(edges, start, side="right") - 1, 0, n_cells - 1)
    return between(start, edges[cell + 1]) + beyond[cell + 1]


def _tempered_sum(x, alpha, rate, xmin):
    """Sum over the whole numbers from x on, by Euler-Maclaurin (Abramowitz & Stegun 23.1.30)."""
    density = _tempered_density(x, alpha, rate, xmin)
    # Derivatives of log f are a/x + rate and powers of it; two correction terms are enough.
    slope = alpha / x + rate
    second = alpha / x**2
    third = 2.0 * alpha / x**3
    first_derivative = -slope * density
    third_derivative = -(slope**3 + 3.0 * slope * second + third) * density
    integral = _tempered_integral(x, alpha, rate, xmin)
    return integral + density / 2 - first_derivative / 12 + third_derivative / 720


def tempered_tail(x, alpha, rate, xmin, *, discrete):
    """P(X >= x) of a power law with an exponential cutoff.

    Parameters
    ----------
    x : ndarray
    alpha : float
        Exponent.
    rate : float
        Of the cutoff ``exp(-rate * x)``; positive.
    xmin : float
        Smallest value.
    discrete : bool
        On the whole numbers.

    Returns
    -------
    ndarray

    References
    ----------
    .. [1] Clauset, Shalizi, Newman (2009), Power-law distributions in empirical data, table 2.1.
    """
    x = np.atleast_1d(np.maximum(np.asarray(x, dtype=float), xmin))
    finite = np.minimum(x, 1e18)
    if not discrete:
        points = np.append(finite, xmin)
        value = _tempered_integral(points, alpha, rate, xmin)
        return np.where(np.isposinf(x), 0.0, np.clip(value[:-1] / value[-1], 0.0, 1.0))
    switch = max(float(_SUMMED), np.ceil(xmin))
    whole = np.arange(np.ceil(xmin), switch)
    beyond = _tempered_sum(np.append(np.maximum(finite, switch), switch), alpha, rate, xmin)
    density = _tempered_density(whole, alpha, rate, xmin)
    summed = np.append(np.cumsum(density[::-1])[::-1] + beyond[-1], beyond[-1])
    near = np.interp(finite, np.append(whole, switch), summed)
    value = np.where(finite < switch, near, beyond[:-1]) / summed[0]
    return np.where(np.isposinf(x), 0.0, np.clip(value, 0.0, 1.0))


def tempered_power_law(xmin, *, discrete):
    """The power law with an exponential cutoff, from `xmin` on.

    Parameters
    ----------
    xmin : float
        Smallest value; positive.
    discrete : bool

    Returns
    -------
    Family
        With the parameters ``alpha`` > 0 and ``rate``.
    """

    def above(x, alpha, rate):
        return tempered_tail(x, alpha, rate, xmin, discrete=discrete)

    return Family(
        "tempered_power_law",
        ("alpha", "rate"),
        cdf=lambda x, alpha, rate: 1.0 - above(x, alpha, rate),
        sf=above,
        both=lambda x, alpha, rate: (1.0 - (tail := above(x, alpha, rate)), tail),
        # Steeper cutoffs leave one value, and Euler-Maclaurin needs a smooth summand.
        bounds={"alpha": _POSITIVE, "rate": (0.0, 2.0) if discrete else _POSITIVE},
        support=xmin,
    )


def power_law(xmin, *, discrete):
    """The power law from `xmin` on; not in ``FAMILIES`` because `xmin` is its truncation.

    Parameters
    ----------
    xmin : float
        Smallest value; positive.
    discrete : bool
        On the integers (Hurwitz zeta) instead of the reals.

    Returns
    -------
    Family
        With the one parameter ``alpha`` > 1.
    """
    bounds = {"alpha": (1.0, np.inf)}
    if discrete:
        return Family(
            "power_law",
            ("alpha",),
            cdf=lambda x, alpha: 1.0 - hurwitz_tail(x, alpha, xmin),
            sf=lambda x, alpha: hurwitz_tail(x, alpha, xmin),
            bounds=bounds,
            support=xmin,
        )
    return Family(
        "power_law",
        ("alpha",),
        cdf=lambda x, alpha: -np.expm1((1.0 - alpha) * _log(np.maximum(x, xmin) / xmin)),
        sf=lambda x, alpha: np.exp((1.0 - alpha) * _log(np.maximum(x, xmin) / xmin)),
        ppf=lambda u, alpha: xmin * _exp(_log1m(u) / (1.0 - alpha)),
        isf=lambda u, alpha: xmin * _power(u, 1.0 / (1.0 - alpha)),
        bounds=bounds,
        support=xmin,
    )
