"""Statistics in SQL against scipy, to nine digits, also far out in the tails."""

from pathlib import Path

import numpy as np
import pytest
from scipy import special

from synth import db
from synth.errors import DatabaseError

SQL = Path(__file__).parents[1] / "sql"


@pytest.fixture
def connection(databases):
    with db.connect(databases.dev) as opened:
        db.install_functions(opened)
        yield opened


def grid(connection, name, **arrays):
    parameters = {key: [float(x) for x in array] for key, array in arrays.items()}
    rows = connection.execute((SQL / f"{name}.sql").read_text(), parameters).fetchall()
    return np.array([row[1] for row in rows])


def assert_relative(actual, expected, tolerance=1e-9):
    # Below 1e-300 float8 has no nine digits left.
    tiny = expected < 1e-300
    assert np.all(actual[tiny] <= 1e-299)
    error = np.abs(actual - expected)[~tiny] / expected[~tiny]
    assert error.max() < tolerance


def test_chi_square_tail(connection):
    degrees = np.array(
        [1, 2, 3, 4, 5, 7, 10, 19, 23, 30, 39, 40, 41, 50, 99, 167, 500, 1e3, 1e4, 1e5]
    )
    wide = np.array([0, 1e-300, 1e-12, 1e-3, 0.1, 1, 3.84, 10, 50, 200, 700, 1400, 1e4, 1e6, 1e300])
    near = np.array([-8, -3, -1, -0.1, 0, 0.1, 1, 3, 8, 20])
    df, statistic = (array.ravel() for array in np.meshgrid(degrees, wide))
    close = np.repeat(degrees, len(near))
    offset = np.tile(near, len(degrees)) * np.sqrt(2 * close)
    df = np.concatenate([df, close])
    statistic = np.concatenate([statistic, np.maximum(close + offset, 0)])
    found = grid(connection, "fid_chi_square_grid", statistics=statistic, degrees=df)
    assert_relative(found, special.chdtrc(df, statistic))


def test_chi_square_tail_by_hand(connection):
    """exp(-x / 2) is the tail of two degrees of freedom, and of two only."""
    found = grid(connection, "fid_chi_square_grid", statistics=[6, 6], degrees=[2, 4])
    assert found == pytest.approx([np.exp(-3), 4 * np.exp(-3)], rel=1e-12)


def test_kolmogorov_tail(connection):
    x = np.concatenate([np.linspace(0, 3, 400), np.linspace(3, 20, 60)])
    found = grid(connection, "fid_kolmogorov_grid", statistics=x)
    assert_relative(found, special.kolmogorov(x))


def test_log_gamma(connection):
    x = np.concatenate([np.logspace(-10, 300, 300), np.linspace(0.5, 30, 100)])
    found = grid(connection, "fid_log_gamma_grid", arguments=x)
    # Around its zeros at 1 and 2 only the absolute error means anything.
    expected = special.gammaln(x)
    assert np.all(np.abs(found - expected) <= 1e-12 * np.maximum(np.abs(expected), 1))


@pytest.mark.parametrize(("statistic", "degrees"), [(-1, 3), (1, 0), (float("nan"), 2)])
def test_impossible_arguments_are_refused(databases, statistic, degrees):
    with pytest.raises(DatabaseError, match="gamma_q") as caught, db.connect(databases.dev) as one:
        db.install_functions(one)
        grid(one, "fid_chi_square_grid", statistics=[statistic], degrees=[degrees])
    assert caught.value.sqlstate == "SY001"


def test_binned_distribution(connection):
    text = (SQL / "fid_binned.sql").read_text()
    buckets = {"lowers": [0.0, 1.0, 3.0], "uppers": [1.0, 3.0, np.inf], "weights": [1.0, 2.0, 1.0]}
    row = connection.execute(text, buckets).fetchone()
    # Half of [1, 3) lies below 2; an open bucket lies above any finite edge.
    assert row[:3] == pytest.approx([2.0, 3.0, 4.0])
    # The median is the middle of [1, 3); 90 % falls into the open one, whose edge stands for it.
    assert row[3:5] == pytest.approx([2.0, 3.0])
    assert row[5] == 2.0
    middles = np.repeat([0.5, 2, 3], [1, 2, 1])
    assert row[6] == pytest.approx(middles.std() / middles.mean())
