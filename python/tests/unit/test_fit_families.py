"""Families agree with scipy: its distributions, sums and integrals."""

import numpy as np
import pytest
from scipy import integrate, stats

from synth.fit.distribution import ImpossibleParameter, make

REFERENCES = {
    "normal": ({"mu": 3.0, "sigma": 2.0}, stats.norm(3, 2)),
    "log_normal": ({"mu": 1.0, "sigma": 0.7}, stats.lognorm(0.7, scale=np.e)),
    "exponential": ({"rate": 0.4}, stats.expon(scale=2.5)),
    "weibull": ({"shape": 0.7, "scale": 3.0}, stats.weibull_min(0.7, scale=3)),
}


@pytest.mark.parametrize("name", REFERENCES)
def test_continuous_family_agrees_with_scipy(name):
    parameters, reference = REFERENCES[name]
    made = make(name, parameters)
    x = reference.ppf(np.linspace(0.001, 0.999, 97))
    np.testing.assert_allclose(made.cdf(x), reference.cdf(x), rtol=1e-10, atol=1e-13)
    np.testing.assert_allclose(made.sf(x), reference.sf(x), rtol=1e-9, atol=1e-13)
    np.testing.assert_allclose(made.ppf(reference.cdf(x)), x, rtol=1e-8)


def test_truncation_renormalises():
    made = make("log_normal", {"mu": 1.0, "sigma": 0.7}, lower=2, upper=9)
    reference = stats.lognorm(0.7, scale=np.e)
    low, high = reference.cdf([2, 9])
    assert made.cdf(np.array([4.0]))[0] == pytest.approx((reference.cdf(4) - low) / (high - low))
    assert made.cdf(np.array([0.0, 2.0, 9.0, 99.0])).tolist() == [0, 0, 1, 1]


def test_far_tail_of_a_truncated_family_keeps_its_digits():
    made = make("exponential", {"rate": 1.0}, lower=600.0)
    assert made.sf(np.array([601.0]))[0] == pytest.approx(np.exp(-1), rel=1e-9)


@pytest.mark.parametrize(
    ("name", "parameters", "reference"),
    [
        ("geometric", {"p": 0.3}, stats.geom(0.3, loc=-1)),
        ("negative_binomial", {"r": 2.5, "p": 0.2}, stats.nbinom(2.5, 0.2)),
        ("power_law", {"alpha": 2.4}, stats.zipf(2.4)),
    ],
)
def test_count_family_agrees_with_scipy(name, parameters, reference):
    lower = 1 if name == "power_law" else 0
    made = make(name, parameters, lower=lower, discrete=True)
    edges = np.arange(lower, 60, dtype=float)
    np.testing.assert_allclose(np.diff(made.cdf(edges)), reference.pmf(edges[:-1]), atol=1e-12)


def test_double_pareto_log_normal_is_the_product_it_is_defined_as():
    rng = np.random.default_rng(4)
    n, alpha, beta = 400_000, 1.8, 2.5
    x = np.exp(1.5 + 0.6 * rng.standard_normal(n))
    x *= rng.random(n) ** (-1 / alpha) * rng.random(n) ** (1 / beta)
    made = make("double_pareto_lognormal", {"alpha": alpha, "beta": beta, "mu": 1.5, "sigma": 0.6})
    at = np.quantile(x, np.linspace(0.01, 0.99, 50))
    found = np.searchsorted(np.sort(x), at) / n
    assert np.max(np.abs(made.cdf(at) - found)) < 2.5 / np.sqrt(n)


@pytest.mark.parametrize(("alpha", "rate"), [(1.8, 0.01), (0.7, 0.05), (3.0, 0.5), (1.5, 1.9)])
@pytest.mark.parametrize("lower", [1, 3])
def test_tempered_counts_agree_with_their_sum(alpha, rate, lower):
    k = np.arange(lower, 20_000, dtype=float)
    mass = np.exp(-alpha * np.log(k) - rate * k)
    above = np.cumsum(mass[::-1])[::-1] / mass.sum()
    made = make("tempered_power_law", {"alpha": alpha, "rate": rate}, lower=lower, discrete=True)
    at = np.array([lower, lower + 1, 17, 127, 128, 129, 500], dtype=float)
    np.testing.assert_allclose(made.sf(at), above[(at - lower).astype(int)], atol=1e-12)


def test_tempered_measure_agrees_with_its_integral():
    made = make("tempered_power_law", {"alpha": 1.8, "rate": 0.01}, lower=2.0)

    def above(x):
        return integrate.quad(
            lambda t: t**-1.8 * np.exp(-0.01 * t), x, np.inf, limit=500, epsabs=0
        )[0]

    for x in (2.0, 3.0, 40.0, 300.0):
        assert made.sf(np.array([x]))[0] == pytest.approx(above(x) / above(2.0), rel=1e-6)


def test_shifted_negative_binomial_is_the_plain_one_moved():
    made = make("shifted_negative_binomial", {"r": 2.5, "p": 0.2}, lower=3, discrete=True)
    edges = np.arange(3, 60, dtype=float)
    reference = stats.nbinom(2.5, 0.2, loc=3).pmf(edges[:-1])
    np.testing.assert_allclose(np.diff(made.cdf(edges)), reference, atol=1e-12)


@pytest.mark.parametrize(
    ("name", "parameters", "key"),
    [
        ("cauchy", {}, "distribution"),
        ("power_law", {"alpha": 1.0}, "parameters.alpha"),
        ("log_normal", {"mu": 1, "sigma": 0}, "parameters.sigma"),
        ("log_normal", {"mu": 1}, "sigma"),
        ("log_normal", {"mu": float("nan"), "sigma": 1}, "mu"),
        ("log_normal", {"mu": 1, "sigma": 1, "tau": 2}, "parameters.tau"),
        ("geometric", {"p": 1.5}, "parameters.p"),
        ("tempered_power_law", {"alpha": 1.5, "rate": 0.0}, "parameters.rate"),
        ("shifted_negative_binomial", {"r": 0, "p": 0.5}, "parameters.r"),
        ("empirical", {"x": [1, 2], "cdf": [0, 0.5]}, "parameters.cdf[1]"),
        ("empirical", {"x": [2, 1], "cdf": [0, 1]}, "parameters.x[1]"),
        ("mixture", {"components": [], "weights": []}, "components"),
    ],
)
def test_impossible_parameters_are_refused_by_name(name, parameters, key):
    with pytest.raises(ImpossibleParameter) as caught:
        make(name, parameters, lower=1, discrete=True)
    assert caught.value.key == key
