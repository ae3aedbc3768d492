"""Merged joint buckets are split so that they agree with their marginal."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth.fit.refine import split


def test_a_merged_bucket_follows_what_the_other_segments_leave():
    # Rooms of two messages show 30 of 1 sender; all rooms together have 40.
    found = split(
        {"small": ([1, 2, 3], [30, 70]), "large": ([1, 3, 4], [100, 50])},
        ([1, 2, 3, 4], [40, 160, 50]),
    )
    edges, counts = found["large"]
    assert edges.tolist() == [1, 2, 3, 4]
    assert counts == pytest.approx([10, 90, 50], abs=0.01)
    assert found["small"][1] == pytest.approx([30, 70])


def test_missing_segments_take_what_is_left():
    found = split({"only": ([1, 3], [50])}, ([1, 2, 3], [60, 40]))
    assert found["only"][1].sum() == pytest.approx(50)
    assert found["only"][1] == pytest.approx([30, 20], abs=0.5)


def test_buckets_beyond_the_marginal_keep_their_counts():
    found = split({"wide": ([1, 2, 9], [5, 7])}, ([1, 2, 3], [5, 1]))
    assert found["wide"][1].sum() == pytest.approx(12)
    assert found["wide"][0][-1] == 9


@given(
    st.lists(st.lists(st.integers(0, 60), min_size=6, max_size=6), min_size=1, max_size=6).filter(
        lambda rows: sum(map(sum, rows)) > 0
    ),
    st.randoms(use_true_random=False),
)
def test_counts_of_buckets_are_kept_and_nothing_is_negative(rows, draw):
    table = np.array(rows, dtype=float)
    edges = np.arange(1, 8, dtype=float)
    merged = {}
    for number, row in enumerate(table):
        keep = [0, *sorted(draw.sample(range(1, 6), draw.randint(0, 5))), 6]
        counts = [row[low:high].sum() for low, high in itertools.pairwise(keep)]
        merged[str(number)] = (edges[keep], np.array(counts))
    found = split(merged, (edges, table.sum(axis=0)))
    for name, (wide_edges, wide_counts) in merged.items():
        fine_edges, fine_counts = found[name]
        assert np.all(fine_counts >= 0) and np.all(np.isfinite(fine_counts))
        place = np.searchsorted(wide_edges, fine_edges[:-1], side="right") - 1
        again = np.bincount(place, fine_counts, minlength=wide_counts.size)
        assert again == pytest.approx(wide_counts, abs=1e-6)
