"""Shares of small conversations are split into the fractions that occur."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth.fit.atoms import ShareClass, split

EDGES = np.append(np.linspace(0, 1, 21), 1.05)


def _class(values, sizes, senders):
    counts, _ = np.histogram(values, EDGES + np.where(EDGES > 0, -1e-9, 0))
    return ShareClass(sizes, senders, EDGES, counts.astype(float))


def test_buckets_that_hold_one_fraction_say_which_size_it_is_of():
    shares = [2 / 4] * 50 + [3 / 4] * 30 + [3 / 5] * 70 + [4 / 5] * 10
    found = split([_class(shares, (4, 6), (2, 3))], None, lambda n: 1.0)
    assert set(found) == {(0, 4), (0, 5)}
    edges, counts = found[0, 4]
    assert counts[::2] == pytest.approx([50, 30])
    assert not counts[1::2].any()
    # Rounding n times the share gives the numerator back wherever in the bucket it falls.
    assert np.round(4 * edges).astype(int).tolist() == [2, 2, 3, 3]
    assert found[0, 5][1][::2] == pytest.approx([70, 10])


def test_the_marginal_splits_what_a_merged_bucket_holds():
    merged = ShareClass((3, 4), (1, 4), np.array([0.3, 1.05]), np.array([100.0]))
    known = _class([1.0] * 60 + [0.5] * 40, (2, 3), (1, 3))
    whole = np.histogram([1.0] * 80 + [0.5] * 40 + [2 / 3] * 70 + [1 / 3] * 10, EDGES - 1e-9)[0]
    found = split([merged, known], (EDGES, whole), lambda n: 1.0)
    assert found[0, 3][1][::2] == pytest.approx([10, 70, 20], abs=1)


def test_an_impossible_class_is_left_out():
    impossible = ShareClass((4, 5), (2, 3), np.array([0.0, 0.2]), np.array([9.0]))
    assert split([impossible], None, lambda n: 1.0) == {}
    assert split([], None, lambda n: 1.0) == {}


@given(st.lists(st.integers(1, 200), min_size=21, max_size=21), st.integers(2, 12))
def test_counts_are_kept(counts, size):
    one = ShareClass((size, size + 3), (1, np.inf), EDGES, np.array(counts, dtype=float))
    found = split([one], (EDGES, np.array(counts)), lambda n: 1.0 / n)
    if found:
        assert sum(part[1].sum() for part in found.values()) == pytest.approx(sum(counts))
        assert all((part[1] >= 0).all() for part in found.values())
        assert all((np.diff(part[0]) > 0).all() for part in found.values())
