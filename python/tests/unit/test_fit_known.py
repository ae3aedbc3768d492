"""Known answers: parameters come back from binned samples, published fits are reproduced."""

import numpy as np
import pytest

from synth.fit import binned, tail
from synth.fit.distribution import make
from synth.fit.evidence import Evidence, collect
from synth.spec.compile import quantile_table, sample
from synth.spec.model import Quantity

GRID = np.unique([*range(18), *(round(10 ** (j / 8)) for j in range(10, 73))]).astype(float)
N = 20_000
SEEDS = range(8)
# Parameters and smallest value.
RECOVERED = {
    "normal": ({"mu": 40.0, "sigma": 12.0}, 0),
    "log_normal": ({"mu": 2.7, "sigma": 1.5}, 1),
    "exponential": ({"rate": 0.05}, 0),
    "weibull": ({"shape": 0.7, "scale": 30.0}, 0),
    "geometric": ({"p": 0.15}, 1),
    "negative_binomial": ({"r": 2.5, "p": 0.1}, 1),
    "shifted_negative_binomial": ({"r": 1.5, "p": 0.1}, 3),
    "power_law": ({"alpha": 2.3}, 1),
    "tempered_power_law": ({"alpha": 1.6, "rate": 0.01}, 1),
    "double_pareto_lognormal": ({"alpha": 1.6, "beta": 1.2, "mu": 3.0, "sigma": 0.8}, 1),
    "log_normal_mixture": (
        {"weight": 0.6, "mu": 1.5, "sigma": 0.8, "mu_2": 5.0, "sigma_2": 1.0},
        0,
    ),
    "geometric_mixture": ({"weight": 0.6, "p": 0.5, "p_2": 0.05}, 1),
    "hurdle_log_normal": ({"first": 0.4, "mu": 3.0, "sigma": 1.2}, 1),
    "hurdle_negative_binomial": ({"first": 0.3, "r": 1.5, "p": 0.05}, 1),
}


def drawn(name, parameters, lower, rng):
    """A sample made without the code under test where the family is a compound."""
    if name == "log_normal_mixture":
        first = rng.random(N) < parameters["weight"]
        mu = np.where(first, parameters["mu"], parameters["mu_2"])
        return np.floor(np.exp(rng.normal(mu, np.where(first, 0.8, 1.0))))
    if name == "geometric_mixture":
        p = np.where(rng.random(N) < parameters["weight"], parameters["p"], parameters["p_2"])
        return rng.geometric(p) - 1 + lower
    if name.startswith("hurdle_"):
        rest = {key: value for key, value in parameters.items() if key != "first"}
        above = drawn(name.removeprefix("hurdle_"), rest, lower + 1, rng)
        return np.where(rng.random(N) < parameters["first"], lower, above)
    quantity = Quantity(name, parameters, lower=lower, discrete=True)
    return sample(quantile_table(quantity), rng.random(N), discrete=True)


@pytest.mark.parametrize("name", RECOVERED)
def test_parameters_come_back_within_two_standard_errors(name):
    parameters, lower = RECOVERED[name]
    scores = []
    for seed in SEEDS:
        values = drawn(name, parameters, lower, np.random.default_rng(seed))
        counts, _ = np.histogram(values, GRID)
        evidence = collect("x", histogram=(GRID, counts), discrete=True, lower=lower)
        found = binned.fit(name, evidence)
        assert found.ks < 1.63 / np.sqrt(N)
        scores.append(
            [
                (found.parameters[key] - true) / found.standard_errors[key]
                for key, true in parameters.items()
            ]
        )
        for key, (low, high) in found.intervals.items():
            assert low < found.parameters[key] < high
    scores = np.array(scores)
    # 95 % lie within two; errors that were too large would put all of them near 0.
    assert np.mean(np.abs(scores) < 2) >= 0.85
    assert np.all(np.abs(scores.mean(axis=0)) < 2.6 / np.sqrt(len(SEEDS)))
    assert 0.5 < np.sqrt(np.mean(scores**2)) < 1.5


@pytest.mark.parametrize("name", ["log_normal", "weibull", "power_law", "negative_binomial"])
def test_percentiles_alone_give_back_their_family(name):
    parameters, lower = RECOVERED[name]
    made = make(name, parameters, lower=lower, discrete=True)
    levels = (0.5, 0.75, 0.9, 0.95, 0.99)
    counts = made.ppf(np.array(levels))
    if name == "power_law":
        # Half of a steep law is its first value; percentiles say little below that.
        parameters, lower = {"alpha": 1.8}, 10
        counts = make(name, parameters, lower=10, discrete=True).ppf(np.array(levels))
    evidence = collect(
        "x", quantiles=dict(zip(levels, counts, strict=True)), n=5000, lower=lower, discrete=True
    )
    found = binned.fit(name, evidence)
    for key, true in parameters.items():
        assert abs(found.parameters[key] - true) < 2 * found.standard_errors[key], key


def test_histogram_and_percentiles_together_say_more_than_either():
    rng = np.random.default_rng(5)
    values = np.floor(np.exp(rng.normal(3.0, 1.2, N))).clip(1)
    edges = np.array([1.0, 1000.0, 1e6])
    options = {"discrete": True, "lower": 1}
    coarse = collect("x", histogram=(edges, np.histogram(values, edges)[0]), **options)
    assert binned.fit("log_normal", coarse) is None
    levels = {0.5: float(np.median(values)), 0.9: float(np.percentile(values, 90))}
    both = collect(
        "x", histogram=(edges, np.histogram(values, edges)[0]), quantiles=levels, **options
    )
    found = binned.fit("log_normal", both)
    assert found.parameters["mu"] == pytest.approx(3.0, abs=4 * found.standard_errors["mu"])
    assert found.parameters["sigma"] == pytest.approx(1.2, abs=0.05)


@pytest.mark.parametrize("name", ["log_normal", "weibull", "hurdle_log_normal"])
def test_a_known_total_constrains_the_fit(name):
    rng = np.random.default_rng(6)
    values = np.floor(np.exp(rng.normal(3.0, 1.2, N))).clip(1)
    counts, _ = np.histogram(values, GRID)
    options = {"histogram": (GRID, counts), "discrete": True, "lower": 1}
    free = binned.fit(name, collect("x", **options))
    wanted = 1.05 * binned.mean_of(free.made)
    held = binned.fit(name, collect("x", mean=wanted, **options))
    assert held.constrained and not free.constrained
    assert binned.mean_of(held.made) == pytest.approx(wanted, rel=0.005)
    assert held.log_likelihood < free.log_likelihood


def test_the_total_says_where_an_open_power_law_ends():
    made = make("power_law", {"alpha": 1.7}, lower=1, upper=20_000, discrete=True)
    edges = np.array([1, 2, 4, 8, 16, 64, 256, 1e9])
    counts = np.diff(made.cdf(edges)) * N
    evidence = collect(
        "x", histogram=(edges, counts), mean=binned.mean_of(made), discrete=True, lower=1
    )
    assert np.isinf(evidence.edges[-1])
    found = binned.fit("power_law", evidence)
    assert binned.mean_of(found.made) == pytest.approx(binned.mean_of(made), rel=0.02)
    assert 2_000 < found.upper < 200_000


PERCENTILES = {0.5: 45, 0.75: 120, 0.9: 450, 0.95: 1200, 0.99: 5000, 1.0: 15000}


def test_ratio_estimator_of_the_known_percentiles_beside_maximum_likelihood():
    assert binned.ratio_alpha(PERCENTILES) == pytest.approx(1.83, abs=0.005)
    assert binned.ratio_alpha({0.5: 45}) is None
    assert binned.ratio_alpha({0.5: 45, 0.99: 45}) is None
    evidence = collect("x", quantiles=PERCENTILES, n=1000, discrete=True, lower=1)
    found = binned.fit("power_law", evidence)
    low, high = found.intervals["alpha"]
    assert 1 < low < found.parameters["alpha"] < high < 2


def test_ratio_and_likelihood_agree_where_the_law_holds():
    # Continuous, from 1 on, without an end: both estimate the same number.
    made = make("power_law", {"alpha": 1.83}, lower=1.0)
    levels = np.array([0.5, 0.75, 0.9, 0.95, 0.99])
    values = dict(zip(levels.tolist(), made.ppf(levels).tolist(), strict=True))
    assert binned.ratio_alpha(values) == pytest.approx(1.83, abs=1e-9)
    found = binned.fit("power_law", collect("x", quantiles=values, n=1000, lower=1.0))
    assert found.parameters["alpha"] == pytest.approx(1.83, abs=1e-4)


# Customers (thousands) of 211 electrical blackouts in the United States between 1984 and 2002,
# from the data page of Clauset, Shalizi, Newman (2009). Table 6.1 there: n 211, mean 253.87,
# standard deviation 610.31, maximum 7500, xmin 230 +- 90, alpha 2.3 +- 0.3, 59 +- 35 in the tail,
# p 0.62.
BLACKOUT_TEXT = """
    570 210.882 190 46 17 360 74 19 460 65 18.351 25 25 63.5 1 9 50 114.5 350 25 50 25 242.91 55
    164.5 877 43 1140 464 90 2100 385 95.63 166 71 100 234 300 258 130 246 114 120 24.506 36.073 10
    160 600 12 203 50.462 40 59 15 1.646 500 60 133 62 173 81 20 112 600 24 37 238 50 50 147 32
    40.911 30.5 14.273 160 230 92 75 130 124 120 11 235 50 94.285 240 870 70 50 50 18 51 51 145
    557.354 219 191 2.9 163 257.718 1660 1600 1300 80 500 10 290 375 95 725 128 148 100 2 48 18 5.3
    32 250 45 38.5 126 284 70 400 207.2 39.5 363.476 113.2 1500 15 7500 8 56 88 60 29 75 80 7.5 82.5
    272 272 122 145 660 50 92 60 173 106.85 25 146 158 1500 40 100 300 1.8 300 70 70 29 18.819 875
    100 50 1500 650 58 142 350 71 312 25 35 315 500 404 246 43.696 71 65 29.9 30 20 899 10.3 490 115
    2085 206 400 26.334 598 160 91 33 53 300 60 55 60 66.005 11.529 56 4.15 40 320.831 30.001 200
"""
BLACKOUTS = np.array(BLACKOUT_TEXT.split(), dtype=float)


def blackouts(ratio=2**0.25):
    steps = np.arange(np.floor(np.log(1 / 230) / np.log(ratio)), np.log(40) / np.log(ratio))
    edges = np.concatenate(([0.0], 230 * ratio**steps, [np.inf]))
    return collect("x", histogram=(edges, np.histogram(BLACKOUTS, edges)[0]))


def test_published_power_law_of_blackouts():
    assert BLACKOUTS.size == 211
    assert BLACKOUTS.mean() == pytest.approx(253.87, abs=0.01)
    assert BLACKOUTS.std(ddof=1) == pytest.approx(610.31, abs=0.01)
    found = tail.fit(blackouts(), bootstrap=200, seed=1)
    assert found.xmin == pytest.approx(230)
    assert found.n_tail == 59
    assert found.alpha == pytest.approx(2.3, abs=0.05)
    assert found.interval[0] < 2.3 < found.interval[1]
    assert found.p_value == pytest.approx(0.62, abs=0.25)
    raw = 1 + 59 / np.log(BLACKOUTS[BLACKOUTS >= 230] / 230).sum()
    assert found.alpha == pytest.approx(raw, abs=0.03)


def test_closed_form_for_geometric_buckets_agrees_with_the_likelihood():
    edges = 230 * 2 ** (np.arange(25) / 4)
    counts, _ = np.histogram(BLACKOUTS, edges)
    alpha, error = tail.geometric_alpha(counts, 2**0.25)
    found = tail.fit(blackouts(), xmin=230.0)
    assert found.alpha == pytest.approx(alpha, abs=0.03)
    assert found.standard_error == pytest.approx(error, rel=0.05)


def test_bootstrap_refuses_what_is_no_power_law():
    rng = np.random.default_rng(2)
    edges = np.unique(np.round(1.5 ** np.arange(35)))
    values = {
        "power law": rng.zipf(2.2, 5000).astype(float),
        "log-normal": np.floor(np.exp(rng.normal(3, 0.8, 5000))).clip(1),
    }
    p = {}
    for name, one in values.items():
        counts, _ = np.histogram(one, edges)
        evidence = collect("x", histogram=(edges, counts), discrete=True, lower=1)
        first = 1.0 if name == "power law" else 12.0
        first = float(edges[np.searchsorted(edges, first)])
        p[name] = tail.fit(evidence, bootstrap=60, xmin=first).p_value
    assert p["power law"] > 0.1 > p["log-normal"]


def test_a_short_histogram_has_no_tail():
    assert tail.fit(collect("x", histogram=([1, 2, 3], [5, 5]), discrete=True, lower=1)) is None
    assert tail.fit(collect("x", quantiles=PERCENTILES)) is None


def test_published_negative_binomial_of_red_mites():
    # Bliss and Fisher (1953), Biometrics 9: mites on 150 apple leaves, mean 1.14667, k 1.02459.
    counts = np.array([70, 38, 17, 10, 9, 3, 2, 1, 0], dtype=float)
    evidence = Evidence(np.append(np.arange(9.0), np.inf), counts, n=150.0, discrete=True)
    found = binned.fit("negative_binomial", evidence).parameters
    assert found["r"] == pytest.approx(1.02459, abs=2e-3)
    assert found["r"] * (1 - found["p"]) / found["p"] == pytest.approx(1.14667, abs=1e-3)


def test_published_weibull_and_log_normal_of_ball_bearings():
    # Lieblein and Zelen (1956), 23 bearings; maximum likelihood as in Lawless (1982), table 4.1.1.
    values = [17.88, 28.92, 33.0, 41.52, 42.12, 45.6, 48.48, 51.84, 51.96, 54.12, 55.56, 67.8]
    values += [68.64, 68.64, 68.88, 84.12, 93.12, 98.64, 105.12, 105.84, 127.92, 128.04, 173.4]
    edges = np.append(np.arange(0, 200, 0.01) - 0.005, np.inf).clip(0)
    edges = np.unique(edges)
    evidence = Evidence(edges, np.histogram(values, edges)[0].astype(float), n=23.0)
    weibull = binned.fit("weibull", evidence).parameters
    assert weibull["shape"] == pytest.approx(2.10, abs=0.005)
    assert weibull["scale"] == pytest.approx(81.9, abs=0.05)
    log_normal = binned.fit("log_normal", evidence).parameters
    assert log_normal["mu"] == pytest.approx(4.15, abs=0.005)
    assert log_normal["sigma"] == pytest.approx(0.522, abs=0.002)
