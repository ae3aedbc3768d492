"""The lower bound on epsilon: broken noise is caught, right noise is not accused."""

import math
from fractions import Fraction

import numpy as np
import pytest
from scipy.stats import norm

from bench import epsilon_bound
from synth.release import budget, dp

RUNS = 1000
DELTA = float(budget.DELTA)


def _runs(rng, sigma, sensitivity, n_runs=RUNS):
    """Evidence of runs without and with a person who moves two cells the furthest allowed."""
    absent = np.array([100.0, 50.0, 0.0])
    present = absent + sensitivity / math.sqrt(2) * np.array([1.0, -1.0, 0.0])
    return [
        epsilon_bound.evidence(
            exact + rng.normal(scale=sigma, size=(n_runs, 3)), absent, present, sigma**2
        )
        for exact in (absent, present)
    ]


def test_right_noise_is_not_accused():
    rng = np.random.default_rng(1)
    sigma = 1 / math.sqrt(2 * float(budget.rho_of(Fraction(1))))
    found = [epsilon_bound.lower_bound(*_runs(rng, sigma, 1.0), DELTA) for _ in range(40)]
    assert max(found) < 1


@pytest.mark.parametrize("epsilon", [1, 4])
def test_noise_of_a_tenth_is_caught(epsilon):
    rng = np.random.default_rng(2)
    sigma = 0.1 / math.sqrt(2 * float(budget.rho_of(Fraction(epsilon))))
    found = [epsilon_bound.lower_bound(*_runs(rng, sigma, 1.0), DELTA) for _ in range(10)]
    assert min(found) > epsilon


def test_drawn_noise_is_not_accused_and_a_tenth_of_it_is():
    # OpenDP's own draws: the cells of one plan are independent, so they serve as runs.
    epsilon = Fraction(1)
    cells = [dp.Cell("users", "messages_per_user", "all", None, index) for index in range(2 * RUNS)]
    (spend,) = dp.plan(cells, epsilon, 10**6)
    drawn = np.array([row[5] for row in dp.noise([spend], epsilon)], dtype=float)
    moved = math.sqrt(spend.squared)

    def bound(noise):
        absent, present = noise[:RUNS], noise[RUNS:] + moved
        return epsilon_bound.lower_bound(absent, present, DELTA)

    assert bound(drawn) < epsilon < bound(drawn / 10)


def test_the_bound_is_wrong_as_rarely_as_it_says():
    # Randomised response of epsilon 1: the worst case for the guess "present".
    rng = np.random.default_rng(3)
    chance = math.e / (1 + math.e)
    wrong = 0
    for _ in range(400):
        absent, present = rng.random(200) < 1 - chance, rng.random(200) < chance
        wrong += epsilon_bound.lower_bound(absent * 1.0, present * 1.0, 0.0) > 1
    # 5 % of 400 and four standard deviations.
    assert wrong <= 20 + 4 * math.sqrt(400 * 0.05 * 0.95)


def test_more_runs_come_closer():
    rng = np.random.default_rng(4)
    sigma, found = 1.0, []
    for n_runs in (100, 1000, 20_000):
        found.append(epsilon_bound.lower_bound(*_runs(rng, sigma, 1.0, n_runs), 1e-2))
    assert found[0] < found[2]
    # The Gaussian's own epsilon at this delta, by its privacy profile.
    profile = [
        norm.cdf(0.5 - epsilon) - math.exp(epsilon) * norm.cdf(-0.5 - epsilon)
        for epsilon in np.linspace(0, 5, 501)
    ]
    true = np.linspace(0, 5, 501)[np.argmax(np.array(profile) <= 1e-2)]
    assert 0.5 * true < found[2] < true


def test_the_same_distribution_shows_nothing():
    rng = np.random.default_rng(5)
    found = [
        epsilon_bound.lower_bound(rng.normal(size=RUNS), rng.normal(size=RUNS), DELTA)
        for _ in range(20)
    ]
    assert max(found) < 0.1
    assert epsilon_bound.lower_bound(np.zeros(8), np.zeros(8), 0.0) == 0


def test_absence_betrays_as_presence_does():
    # Present always gives 0, absent 0 or 1: only "absent" is ever certain.
    absent, present = np.tile([0.0, 0.0, 1.0, 1.0], 250), np.zeros(RUNS)
    one_way = epsilon_bound.lower_bound(absent, present, DELTA)
    assert one_way == epsilon_bound.lower_bound(present, absent, DELTA)
    assert one_way > 4
