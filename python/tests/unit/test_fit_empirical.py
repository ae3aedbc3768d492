"""Knots keep what was published: bucket shares, percentiles, the mean."""

import numpy as np
import pytest

from synth.errors import BadInput
from synth.fit.choose import choose
from synth.fit.empirical import mean_of_knots, spline
from synth.fit.evidence import collect
from synth.spec.compile import quantile_table, sample, table_mean
from synth.spec.model import Quantity

GRID = np.unique([*range(18), *(round(10 ** (j / 8)) for j in range(10, 73))]).astype(float)
LEVELS = (0.5, 0.75, 0.9, 0.95, 0.99)
UNIFORM = (np.arange(200_000) + 0.5) / 200_000


def heavy(seed, n=20_000):
    rng = np.random.default_rng(seed)
    body = np.exp(rng.normal(2.2, 1.8, n))
    tail = 700 * rng.random(n) ** (-1 / 1.4)
    return np.clip(np.floor(np.where(rng.random(n) < 0.02, tail, body)), 1, 80_000)


def drawn(x, cdf, *, discrete):
    quantity = Quantity("empirical", {"x": x.tolist(), "cdf": cdf.tolist()}, discrete=discrete)
    table = quantile_table(quantity)
    return table, sample(table, UNIFORM, discrete=discrete)


@pytest.mark.parametrize("seed", range(4))
def test_percentiles_and_mean_of_heavy_counts_are_reproduced(seed):
    values = heavy(seed)
    counts, _ = np.histogram(values, GRID)
    quantiles = {p: float(np.percentile(values, 100 * p)) for p in LEVELS}
    evidence = collect(
        "x",
        histogram=(GRID, counts),
        quantiles=quantiles,
        mean=values.mean(),
        discrete=True,
        lower=1,
    )
    table, found = drawn(*spline(evidence), discrete=True)
    for p in LEVELS:
        assert np.percentile(found, 100 * p) == pytest.approx(quantiles[p], rel=0.02, abs=1)
    assert table_mean(*table, discrete=True) == pytest.approx(values.mean(), rel=1e-3)
    shares, _ = np.histogram(found, GRID)
    assert np.max(np.abs(np.cumsum(shares / 200_000 - counts / values.size))) < 1e-3


def test_merged_tail_takes_the_mean_from_the_totals():
    values = heavy(9)
    counts, _ = np.histogram(values, GRID)
    cut = int(np.searchsorted(GRID, 400))
    edges = np.append(GRID[: cut + 1], np.inf)
    merged = np.append(counts[:cut], counts[cut:].sum())
    evidence = collect("x", histogram=(edges, merged), mean=values.mean(), discrete=True, lower=1)
    table, found = drawn(*spline(evidence), discrete=True)
    assert table_mean(*table, discrete=True) == pytest.approx(values.mean(), rel=0.01)
    assert np.percentile(found, 99) == pytest.approx(np.percentile(values, 99), rel=0.25)


def test_small_counts_are_exact():
    values = np.repeat([1, 2, 3, 4], [50, 30, 15, 5])
    counts, _ = np.histogram(values, GRID)
    quantiles = {p: float(np.percentile(values, 100 * p)) for p in LEVELS}
    evidence = collect("x", histogram=(GRID, counts), quantiles=quantiles, discrete=True, lower=1)
    _, found = drawn(*spline(evidence), discrete=True)
    shares = np.bincount(found.astype(int), minlength=6)[1:6] / found.size
    np.testing.assert_allclose(shares, [0.5, 0.3, 0.15, 0.05, 0], atol=1e-5)


def test_percentiles_alone_are_reproduced():
    known = {0.5: 45, 0.75: 120, 0.9: 450, 0.95: 1200, 0.99: 5000, 1.0: 15000}
    evidence = collect("x", quantiles=known, discrete=True, lower=1)
    _, found = drawn(*spline(evidence), discrete=True)
    for p in LEVELS:
        assert np.percentile(found, 100 * p) == pytest.approx(known[p], rel=0.03)
    assert 5000 < found.max() <= 15000
    assert found.min() == 1


def test_contradictory_total_leaves_the_histogram_alone():
    evidence = collect(
        "x", histogram=([1, 2, 3, 4], [10, 10, 10]), mean=900.0, discrete=True, lower=1
    )
    x, cdf = spline(evidence)
    assert mean_of_knots(x, cdf, discrete=True) == pytest.approx(2.0)


def test_single_value():
    evidence = collect("x", histogram=([7, 8], [25]), discrete=True, lower=1)
    _, found = drawn(*spline(evidence), discrete=True)
    assert set(found) == {7}
    tied = collect("x", quantiles=dict.fromkeys(LEVELS, 3.0), discrete=True, lower=1)
    _, found = drawn(*spline(tied), discrete=True)
    assert [np.percentile(found, p) for p in (51, 75, 98.9)] == [3, 3, 3]


def test_empty_and_suppressed_histograms_are_no_evidence():
    assert collect("x", histogram=([1, 2, 3], [0, 0])).is_empty
    assert collect("x").is_empty


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"quantiles": {0.5: 10, 0.9: 5}}, "must not decrease"),
        ({"quantiles": {0.5: 1e300}}, "at most"),
        ({"histogram": ([0, 1e300], [3])}, "at most"),
        ({"histogram": ([0, 2, 1], [3, 4])}, "increasing edges"),
        ({"histogram": ([0, 1, 2], [3, -4])}, "0 or more"),
    ],
)
def test_absurd_figures_are_refused(options, message):
    with pytest.raises(BadInput, match=message):
        collect("messages.x", **options)


def test_choice_is_parametric_only_if_it_reproduces_percentiles_and_mean():
    rng = np.random.default_rng(3)
    values = np.floor(np.exp(rng.normal(3, 1.2, 30_000))).clip(1)
    counts, _ = np.histogram(values, GRID)
    plain = collect("x", histogram=(GRID, counts), discrete=True, lower=1)
    chosen = choose(plain, ("log_normal", "geometric"))
    assert chosen.fit.name == "log_normal"
    assert [one.name for one in chosen.alternatives] == ["geometric"]
    wrong = collect("x", histogram=(GRID, counts), mean=200.0, discrete=True, lower=1)
    assert choose(wrong, ("log_normal",)).fit.name == "empirical"
    refused = choose(plain, ("geometric",))
    assert refused.fit.name == "empirical"
    assert refused.alternatives[0].name == "geometric"
    assert "KS" in refused.reason
    assert choose(plain, ("geometric",), max_ks=1.0).fit.name == "geometric"
