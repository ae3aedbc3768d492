"""Spends are exact rationals, and OpenDP's conversion is what others compute."""

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from synth.errors import BadInput
from synth.release import budget


@pytest.mark.parametrize(
    ("value", "exact"),
    [
        ("0.1", Fraction(1, 10)),
        (0.1, Fraction(1, 10)),
        ("1/3", Fraction(1, 3)),
        (Fraction(1, 3), Fraction(1, 3)),
        ("1e-6", budget.DELTA),
        (4, Fraction(4)),
    ],
)
def test_spends_are_exact(value, exact):
    assert budget.exact(value, "epsilon") == exact


@pytest.mark.parametrize(
    "value",
    [
        *("nan", "inf", "-1", "0", "-0.0", "1e-310", "1/0", "", "one", "1e999999999"),
        *("1e-999999999", "1/1e-400", "9" * 100, "1/2/3"),
        *(math.nan, math.inf, -0.5, 0, 5e-324, True, None, [1]),
    ],
)
def test_what_is_no_spend_is_refused(value):
    with pytest.raises(BadInput, match="positive number for epsilon") as caught:
        budget.exact(value, "epsilon")
    assert caught.value.exit_code == 2


@given(st.floats(allow_nan=True))
def test_a_float_is_exact_or_refused(value):
    try:
        assert float(budget.exact(value, "epsilon")) == value
    except BadInput:
        assert not value > 2.3e-308 or math.isinf(value)


def _published(rho, delta):
    """Smallest epsilon by Canonne, Kamath & Steinke (2020), corollary 13."""

    def of_order(logarithm):
        alpha = 1 + math.exp(logarithm)
        return (
            rho * alpha + math.log1p(-1 / alpha) - (math.log(delta) + math.log(alpha)) / (alpha - 1)
        )

    return minimize_scalar(of_order, bounds=(-8, 12), method="bounded").fun


@pytest.mark.parametrize("epsilon", ["1/4", "1", "4", "20"])
@pytest.mark.parametrize("delta", ["1e-6", "1e-9", "1/1000"])
def test_rho_is_the_largest_that_gives_epsilon(epsilon, delta):
    epsilon, delta = budget.exact(epsilon, "epsilon"), budget.exact(delta, "delta")
    rho = budget.rho_of(epsilon, delta)
    assert isinstance(rho, Fraction)
    assert budget.epsilon_of(rho, delta) <= epsilon
    assert budget.epsilon_of(rho + Fraction(2, 10**9), delta) > epsilon
    assert _published(float(rho), float(delta)) == pytest.approx(float(epsilon), rel=0.01)


@pytest.mark.parametrize(("epsilon", "delta"), [("101", "1e-6"), ("1", "0.002"), ("1e-12", "1e-6")])
def test_what_noise_cannot_give_is_refused(epsilon, delta):
    with pytest.raises(BadInput):
        budget.rho_of(budget.exact(epsilon, "epsilon"), budget.exact(delta, "delta"))
