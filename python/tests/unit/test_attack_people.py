"""Attacks on one person and one day, in a short form."""

import numpy as np
import pytest

from bench.attack import (
    averaging,
    cells,
    chats,
    curves,
    differencing,
    leave_one_out,
    membership,
    release,
    scores,
    strengths,
    views,
    wholes,
)


@pytest.fixture(scope="module")
def chat():
    return chats.simulated(np.random.default_rng(1), 150, 15)


def test_scores():
    assert scores.auc(np.array([2.0, 3.0]), np.array([1.0, 2.0])) == 0.875
    rng = np.random.default_rng(1)
    labels = rng.integers(0, 2, 400).astype(float)
    features = rng.normal(size=(400, 3)) + np.outer(labels, [1, 0, 0])
    weights = scores.logistic(features, labels)
    assert weights[0] > 0.5 > 3 * np.abs(weights[1:3]).max() / 2


def test_without_a_person_nothing_of_theirs_is_left(chat):
    person = differencing.of_level(chat, 1.0)
    left = chats.without(chat, [person])
    assert person not in left.sender
    assert person not in left.members[:, 1]
    assert person not in left.receipts[:, 1]
    before, after = wholes.wholes(chat), wholes.wholes(left)
    assert after["users"].n_records == before["users"].n_records - 1
    gone = before["messages"].n_records - after["messages"].n_records
    assert gone == (chat.sender == person).sum()


def test_the_noise_is_unbiased_and_equal_keys_share_it(chat):
    exact = cells.exact(wholes.wholes(chat))
    rng = np.random.default_rng(2)
    noise = np.array([strengths.noisy(exact, strengths.PERTURBED, rng) for _ in range(300)])
    noise -= exact.n_rows
    _, first, together = np.unique(exact.keys, return_index=True, return_inverse=True)
    same_rows = exact.n_rows == exact.n_rows[first][together]
    assert np.array_equal(noise[:, same_rows], noise[:, first[together]][:, same_rows])
    assert first.size < exact.family.size
    assert noise.mean(axis=0) == pytest.approx(0, abs=5 * np.sqrt(release.variance() / 300))
    assert noise.var() == pytest.approx(release.variance(), rel=0.05)


def test_a_whale_is_told_from_exact_packs_and_what_moved_shows_where(chat):
    kinds = [(strengths.OFF, False), (strengths.PERTURBED, False), (strengths.PERTURBED, True)]
    found = {(one.level, one.strength): one for one in differencing.attack(chat, kinds, draws=4)}
    assert found["whale", "off"].auc_places == 1
    # Noise by key alone leaves what nobody touched as it was.
    assert found["p90", "perturbed"].auc_places > 0.9
    assert found["p90", "perturbed"].hours_found > 0.9
    assert found["p90", "perturbed, by data"].auc_places < 0.9
    assert found["median", "perturbed, by data"].hours_found < 0.6


def test_a_whale_is_a_member(chat):
    (found,) = membership.attack(chat, [strengths.OFF], rounds=40, levels={"whale": 1.0})
    assert max(found.auc_ratio, found.auc_learned) > 0.8


def test_packs_of_shifted_windows_average_the_noise_away(chat):
    found = {(one.keyed_by, one.n_packs): one for one in averaging.attack(chat)}
    alone, limited, all_packs = (found["window and records", n] for n in (1, 6, 30))
    assert limited.sd == pytest.approx(np.sqrt(release.variance() / 6), rel=0.2)
    assert all_packs.sd == pytest.approx(np.sqrt(release.variance() / 30), rel=0.2)
    assert alone.auc < limited.auc < all_packs.auc
    assert found["records", 30].sd == found["records", 1].sd


def test_a_broken_noise_is_caught_and_the_promised_one_is_not(chat):
    strength = strengths.DP[1]
    kept = leave_one_out.audit(chat, strength)
    assert kept.proven <= kept.promised
    assert kept.moved_too_much == ()
    assert leave_one_out.audit(chat, strength, broken=10.0).proven > kept.promised


def test_more_noise_costs_more():
    found = {(one.strength, one.metric): one for one in curves.points(300, messages_each=20)}
    hours = [found[name, "hour_of_week"].added for name in ("off", "perturbed", "dp 0.25")]
    assert hours == sorted(hours)
    assert found["perturbed", "hour_of_week"].floor > hours[1]


def test_figures_of_several_chats_stand_at_the_same_places(chat):
    others = [cells.exact(wholes.wholes(one)) for one in (chat, chats.without(chat, [3]))]
    of = views.places(others)
    for one in others:
        assert views.at_places(one, one.n_rows, of).sum() == one.n_rows.sum()
        assert np.array_equal(views.at_cells(one, one.n_rows, one), one.n_rows)
