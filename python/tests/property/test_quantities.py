"""Any quantity compiles to a usable table, and cdf and ppf are inverses."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from synth.errors import BadInput
from synth.fit.choose import choose
from synth.fit.distribution import ImpossibleParameter, make
from synth.fit.evidence import collect
from synth.spec.compile import MAX_KNOTS, quantile_table, sample, table_mean
from synth.spec.model import Quantity

U = (np.arange(1, 200) / 200.0).astype(float)


def between(low, high):
    return st.floats(low, high, allow_nan=False)


FAMILIES = {
    "normal": {"mu": between(-50, 500), "sigma": between(0.1, 100)},
    "log_normal": {"mu": between(-2, 10), "sigma": between(0.05, 3)},
    "exponential": {"rate": between(1e-4, 10)},
    "weibull": {"shape": between(0.3, 5), "scale": between(0.1, 1e4)},
    "geometric": {"p": between(0.001, 0.99)},
    "negative_binomial": {"r": between(0.1, 50), "p": between(0.01, 0.95)},
    "power_law": {"alpha": between(1.3, 5)},
    "tempered_power_law": {"alpha": between(0.3, 4), "rate": between(1e-6, 1)},
    "shifted_negative_binomial": {"r": between(0.1, 50), "p": between(0.01, 0.95)},
    "double_pareto_lognormal": {
        "alpha": between(0.5, 5),
        "beta": between(0.5, 5),
        "mu": between(0, 8),
        "sigma": between(0.1, 2),
    },
}
COUNTS_ONLY = ("geometric", "negative_binomial", "shifted_negative_binomial")


@st.composite
def parametric(draw):
    name = draw(st.sampled_from(sorted(FAMILIES)))
    parameters = draw(st.fixed_dictionaries(FAMILIES[name]))
    lower = draw(
        st.sampled_from([1.0, 2.0, 5.0] if name.endswith("power_law") else [None, 0.0, 1.0])
    )
    upper = draw(st.sampled_from([None, 20.0, 5000.0]))
    discrete = name in COUNTS_ONLY or draw(st.booleans())
    return Quantity(name, parameters, lower=lower, upper=upper, discrete=discrete)


def fitted(quantity):
    """The distribution, or None where truncation leaves nothing of it."""
    try:
        return quantity.fitted
    except ImpossibleParameter:
        return None


def check_table(cdf, x):
    assert cdf.dtype == x.dtype == np.float64
    assert cdf.shape == x.shape and 2 <= cdf.size <= MAX_KNOTS
    assert cdf[0] == 0.0 and cdf[-1] == 1.0
    assert np.all(np.diff(cdf) > 0)
    assert np.all(np.diff(x) >= 0)
    assert np.all(np.isfinite(x))


@settings(max_examples=80, deadline=None)
@given(parametric())
def test_cdf_inverts_ppf(quantity):
    made = fitted(quantity)
    if made is None:
        return
    with np.errstate(all="raise", under="ignore"):
        x = made.ppf(U)
    assert np.all(np.diff(x) >= -1e-9 * np.abs(x[1:]))
    inside = (x > made.lower) & (x < made.upper)
    np.testing.assert_allclose(made.cdf(x[inside]), U[inside], atol=1e-6)


@settings(max_examples=80, deadline=None)
@given(parametric())
def test_table_of_a_family_is_usable_and_close(quantity):
    made = fitted(quantity)
    if made is None:
        return
    cdf, x = quantile_table(quantity)
    check_table(cdf, x)
    drawn = sample((cdf, x), U, discrete=quantity.discrete)
    # At every drawn value the exact CDF must straddle or come near the probability asked for.
    above = made.cdf(drawn + (1.0 if quantity.discrete else 0.0))
    assert np.all(made.cdf(drawn) <= U + 0.004)
    assert np.all(above >= U - 0.004)
    if quantity.lower is not None:
        assert drawn.min() >= quantity.lower
    if quantity.upper is not None:
        assert drawn.max() <= quantity.upper - (1 if quantity.discrete else 0)


knots = st.lists(st.tuples(between(-1e6, 1e9), st.integers(0, 1000)), min_size=2, max_size=700)


@settings(max_examples=100, deadline=None)
@given(knots, st.booleans())
def test_table_of_any_knots_is_usable(points, discrete):
    x = sorted(value for value, _ in points)
    steps = np.cumsum([0, *(step for _, step in points[1:])]).astype(float)
    if steps[-1] == 0:
        steps[-1] = 1.0
    cdf = steps / steps[-1]
    quantity = Quantity("empirical", {"x": x, "cdf": cdf.tolist()}, discrete=discrete)
    table = quantile_table(quantity)
    check_table(*table)
    assert np.isfinite(table_mean(*table, discrete=discrete))


@st.composite
def aggregates(draw):
    width = st.floats(1e-3, 1e6)
    edges = np.cumsum(
        [draw(st.sampled_from([0.0, 1.0, 20.0])), *draw(st.lists(width, min_size=1, max_size=25))]
    )
    counts = draw(st.lists(st.integers(0, 10**9), min_size=edges.size - 1, max_size=edges.size - 1))
    edges = edges.tolist()
    if draw(st.booleans()):
        edges[-1] = float("inf")
    values = sorted(draw(st.lists(between(0, 1e7), min_size=0, max_size=6)))
    quantiles = dict(zip((0.5, 0.75, 0.9, 0.95, 0.99, 1.0), values, strict=False))
    return {
        "histogram": draw(st.sampled_from([None, (edges, counts)])),
        "quantiles": quantiles,
        "mean": draw(st.none() | between(0, 1e8)),
        "discrete": draw(st.booleans()),
        "lower": draw(st.sampled_from([0, 1])),
    }


@settings(max_examples=60, deadline=None)
@given(
    aggregates(),
    st.sampled_from(
        [
            (),
            ("log_normal", "weibull"),
            ("power_law", "geometric"),
            ("tempered_power_law", "shifted_negative_binomial"),
            ("log_normal_mixture", "hurdle_negative_binomial"),
        ]
    ),
)
def test_any_aggregates_give_a_valid_quantity_or_one_clear_error(given_, families):
    try:
        evidence = collect("x", **given_)
    except BadInput as error:
        assert "\n" not in str(error)
        return
    if evidence.is_empty:
        return
    choice = choose(evidence, families)
    fit = choice.fit
    name, parameters = fit.form
    quantity = Quantity(name, parameters, lower=fit.lower, upper=fit.upper, discrete=fit.discrete)
    cdf, x = quantile_table(quantity)
    check_table(cdf, x)
    assert np.isfinite(fit.ks) and 0 <= fit.ks <= 1
    if fit.name == "empirical" and evidence.edges is not None:
        # The shares of the histogram are kept, whatever the percentiles and the mean say.
        assert fit.ks < 1e-6
    if evidence.discrete:
        assert sample((cdf, x), U, discrete=True).min() >= evidence.lower


def test_ppf_meets_both_ends():
    made = make("log_normal", {"mu": 1.0, "sigma": 1.0}, lower=1, upper=50)
    assert made.ppf(np.array([0.0, 1.0])).tolist() == [1.0, 50.0]
