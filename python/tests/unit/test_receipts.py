"""Receipts per message are handed out to rooms so that their distribution stays the pack's."""

from dataclasses import replace

import numpy as np
import pytest

from synth.generate import plan, receipts
from synth.spec import model

ROOMS = [
    {"n_others": 0, "n_messages": 500},
    {"n_others": 1, "n_messages": 4000},
    {"n_others": 4, "n_messages": 2500},
    {"n_others": 40, "n_messages": 3000},
]


def made_plan(weights):
    spec = model.load_default()
    numbers = np.arange(1, len(weights) + 1)
    cdf = np.concatenate(([0.0], np.cumsum(weights) / np.sum(weights)))
    per_message = model.quantity(
        {
            "distribution": "empirical",
            "parameters": {"x": [*numbers.tolist(), len(weights) + 1], "cdf": cdf.tolist()},
            "discrete": True,
        }
    )
    reads = replace(spec.read_receipts, read_rate=0.6, per_message=per_message)
    return plan.build(replace(spec, read_receipts=reads), 10_000, seed=1)


def drawn(given, n_others, n_messages):
    place = np.searchsorted(given["reader_edges"], n_others, side="right") - 1
    u = (np.arange(n_messages) + 0.5) / n_messages
    found = np.searchsorted(given["reader_starts"], place + u, side="right") - 1
    return np.minimum(np.asarray(given["reader_counts"])[found], n_others)


def test_the_mix_over_all_rooms_is_the_packs():
    weights = np.array([0.5, 0.2, 0.12, 0.1, 0.05, 0.03])
    given = receipts.by_room(made_plan(weights), ROOMS)
    values = np.concatenate([drawn(given, *room.values()) for room in ROOMS[1:]])
    found = np.bincount(values.astype(int), minlength=7)[1:] / values.size
    assert found == pytest.approx(weights, abs=0.01)


def test_rooms_without_readers_are_made_up_for():
    given = receipts.by_room(made_plan(np.array([1.0])), ROOMS)
    assert given["read_rate"] == pytest.approx(0.6 / 0.95)


def test_more_receipts_than_rooms_allow_are_read_by_everybody():
    given = receipts.by_room(made_plan(np.eye(60)[59]), ROOMS)
    assert np.all(drawn(given, 1, 100) == 1)
    assert np.all(drawn(given, 40, 100) == 40)
