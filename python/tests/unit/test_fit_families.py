"""Families agree with scipy.stats, and parameters come back from binned samples."""

import numpy as np
import pytest
from scipy import stats

from synth.fit import binned
from synth.fit.distribution import ImpossibleParameter, make
from synth.fit.evidence import collect
from synth.spec.compile import quantile_table, sample
from synth.spec.model import Quantity

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


GRID = np.unique([*range(18), *(round(10 ** (j / 8)) for j in range(10, 73))]).astype(float)
RECOVERED = {
    "log_normal": ({"mu": 2.7, "sigma": 1.5}, 1),
    "weibull": ({"shape": 0.7, "scale": 30.0}, 0),
    "geometric": ({"p": 0.15}, 1),
    "negative_binomial": ({"r": 2.5, "p": 0.1}, 0),
    "power_law": ({"alpha": 2.3}, 1),
    "normal": ({"mu": 40.0, "sigma": 12.0}, 0),
    "exponential": ({"rate": 0.05}, 0),
    "double_pareto_lognormal": ({"alpha": 1.6, "beta": 1.2, "mu": 3.0, "sigma": 0.8}, 1),
}


@pytest.mark.parametrize("name", RECOVERED)
@pytest.mark.parametrize("seed", [1, 2])
def test_parameters_come_back_from_a_binned_sample(name, seed):
    parameters, lower = RECOVERED[name]
    rng = np.random.default_rng(seed)
    quantity = Quantity(name, parameters, lower=lower, discrete=True)
    drawn = sample(quantile_table(quantity), rng.random(40_000), discrete=True)
    counts, _ = np.histogram(drawn, GRID)
    evidence = collect(name, histogram=(GRID, counts), discrete=True, lower=lower)
    found = binned.fit(name, evidence)
    assert found.ks < 1.63 / np.sqrt(40_000)
    for key, true in parameters.items():
        error = found.standard_errors[key]
        assert 0 < error < abs(true)
        assert abs(found.parameters[key] - true) < 3 * error, key


def test_ratio_estimator_of_the_known_percentiles():
    known = {0.5: 45, 0.75: 120, 0.9: 450, 0.95: 1200, 0.99: 5000, 1.0: 15000}
    assert binned.ratio_alpha(known) == pytest.approx(1.83, abs=0.005)
    assert binned.ratio_alpha({0.5: 45}) is None
    assert binned.ratio_alpha({0.5: 45, 0.99: 45}) is None


def test_percentiles_alone_give_back_their_log_normal():
    made = make("log_normal", {"mu": 4.0, "sigma": 1.3})
    levels = (0.5, 0.75, 0.9, 0.95, 0.99)
    evidence = collect("x", quantiles={p: float(made.ppf(np.array([p]))[0]) for p in levels})
    found = binned.fit("log_normal", evidence)
    assert found.parameters["mu"] == pytest.approx(4.0, abs=1e-3)
    assert found.parameters["sigma"] == pytest.approx(1.3, abs=1e-3)


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
        ("empirical", {"x": [1, 2], "cdf": [0, 0.5]}, "parameters.cdf[1]"),
        ("empirical", {"x": [2, 1], "cdf": [0, 1]}, "parameters.x[1]"),
        ("mixture", {"components": [], "weights": []}, "components"),
    ],
)
def test_impossible_parameters_are_refused_by_name(name, parameters, key):
    with pytest.raises(ImpossibleParameter) as caught:
        make(name, parameters, lower=1, discrete=True)
    assert caught.value.key == key
