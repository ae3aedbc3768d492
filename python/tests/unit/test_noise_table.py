"""The table of noise: moments, entropy, known values, and the seed that holds it."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth.errors import BadInput
from synth.inputs import read_table
from synth.release import noise

ROWS = range(noise.BOUND + 3)
VALUES = np.arange(-noise.BOUND, noise.BOUND + 1)


def _entropy(chances):
    positive = chances[chances > 0]
    return -(positive * np.log(positive)).sum()


def test_no_rows_get_no_noise():
    assert noise.probabilities(0).tolist() == (VALUES == 0).astype(float).tolist()


@pytest.mark.parametrize("n_rows", ROWS[1:])
def test_moments_are_exact_and_no_cell_turns_negative(n_rows):
    chances = noise.probabilities(n_rows)
    assert chances.sum() == pytest.approx(1, abs=1e-12)
    assert chances @ VALUES == pytest.approx(0, abs=1e-9)
    assert chances @ VALUES**2 == pytest.approx(noise.VARIANCE, abs=1e-9)
    assert not chances[-n_rows > VALUES].any()
    assert (chances[-n_rows <= VALUES] > 0).all()


def test_rows_above_the_bound_are_as_the_bound():
    assert (noise.probabilities(10**6) == noise.probabilities(noise.BOUND)).all()


@given(
    st.integers(2, 9),
    st.floats(0.05, 0.95),
    st.integers(1, 9),
    st.lists(st.floats(-1, 1), min_size=19, max_size=19),
)
def test_entropy_is_largest(bound, part, n_rows, direction):
    n_rows = min(n_rows, bound)
    values = np.arange(-bound, bound + 1)
    chances = noise.probabilities(n_rows, bound, part * n_rows * bound)
    held = values >= -n_rows
    kept = np.stack([np.ones(held.sum()), values[held], values[held] ** 2])
    change = np.array(direction[: held.sum()])
    change = change - kept.T @ np.linalg.lstsq(kept.T, change, rcond=None)[0]
    size = np.abs(change).max()
    if size < 1e-6:
        return
    # A feasible alternative: the same sum, mean and variance, nothing negative.
    change *= chances[held].min() / size / 2
    other = chances.copy()
    other[held] += change
    assert other.min() >= 0
    assert _entropy(other) <= _entropy(chances) + 1e-12


def test_symmetric_row_is_a_discrete_gaussian_cut_at_the_bound():
    chances = noise.probabilities(noise.BOUND)
    # Its width by bisection, without the solver.
    low, high = 0.1, 100.0
    for _ in range(200):
        width = (low + high) / 2
        weights = np.exp(-(VALUES**2) / (2 * width))
        gaussian = weights / weights.sum()
        low, high = (low, width) if gaussian @ VALUES**2 > noise.VARIANCE else (width, high)
    assert chances == pytest.approx(gaussian, abs=1e-12)


@pytest.mark.parametrize("n_rows", ROWS[1:])
def test_logarithms_are_a_parabola(n_rows):
    chances = noise.probabilities(n_rows)
    bends = np.diff(np.log(chances[-n_rows <= VALUES]), 2)
    assert bends == pytest.approx(bends[0], abs=1e-9)


def test_as_ptable_publishes_it():
    # ptable 1.0, vignette "Introduction": create_cnt_ptable(D = 2, V = 1), row 2: .0638 at the
    # ends, p_stay .383. Its row 1 has a monotony condition more, which this table has not.
    chances = noise.probabilities(2, 2, 1.0)
    assert chances == pytest.approx([0.0638, 0.2447, 0.383, 0.2447, 0.0638], abs=5e-4)


def test_where_the_variance_is_out_of_reach_the_ends_share_it():
    chances = noise.probabilities(1, 7, 30.0)
    values = np.arange(-7, 8)
    assert chances @ values == pytest.approx(0, abs=1e-12)
    assert chances @ values**2 == pytest.approx(7)
    assert (chances > 0).sum() == 2
    assert noise.probabilities(7, 7, 30.0) @ values**2 == pytest.approx(30, abs=1e-9)


@pytest.mark.parametrize(
    "arguments", [(-1, 7, 5.0), (1, 0, 5.0), (1, 7, 0.0), (1, 7, 49.0), (1, 7, float("nan"))]
)
def test_arguments_out_of_range_are_refused(arguments):
    with pytest.raises(BadInput, match="variance"):
        noise.probabilities(*arguments)


def test_seed_is_as_the_solver_makes_it(project_dir):
    made = subprocess.run(
        [sys.executable, project_dir / "scripts" / "noise_table"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    there = (project_dir / "seeds" / "noise_table.csv").read_text()
    assert there == made, "run: scripts/noise_table > seeds/noise_table.csv"


def test_seed_gives_the_moments_back(project_dir):
    lines = read_table(project_dir / "seeds" / "noise_table.csv", "seed")
    for n_rows in range(noise.BOUND + 1):
        held = [line for line in lines if int(line["n_rows"]) == n_rows]
        values = np.array([int(line["noise"]) for line in held])
        totals = np.array([float(line["cumulative"]) for line in held])
        assert totals[-1] == 1
        assert n_rows + values.min() == 0
        chances = np.diff(totals, prepend=0)
        assert chances @ values == pytest.approx(0, abs=1e-9)
        assert chances @ values**2 == pytest.approx(noise.VARIANCE if n_rows else 0, abs=1e-9)
