"""Whether a person is among the 200 people of a pack, from that pack alone.

Who attacks knows the person's exact figures, and packs of other groups of the same kind: enough to
know what figures look like without the person. Two ways: the likelihood ratio of independent normal
figures, and a logistic regression on that ratio metric by metric.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from bench.attack import differencing, release, scores, strengths, views
from bench.attack.cells import Cells
from bench.attack.chats import Chat, Numbers, without
from bench.attack.strengths import Strength
from bench.epsilon_bound import lower_bound
from synth.release.budget import DELTA

ROUNDS = 500
_GROUP = differencing.GROUP
_N_FOOTPRINTS = 8


class Result(NamedTuple):
    """Area under the curve of both attacks, and the epsilon that the better one proves."""

    level: str
    strength: str
    auc_ratio: float
    auc_learned: float
    epsilon_at_least: float


def attack(
    chat: Chat,
    kinds: list[Strength],
    *,
    rounds: int = ROUNDS,
    k: int = release.K,
    levels: dict[str, float] = differencing.LEVELS,
) -> Iterator[Result]:
    """Results by level of activity and strength.

    Parameters
    ----------
    chat
        People of whom a group is drawn each round, at least twice as many as a group has.
    kinds
    rounds
        Half of them with the person, half without; in either half attacks are trained on the
        first half and judged on the second.
    k
    levels
        Quantiles of messages written.
    """
    half = rounds // 2
    for chosen in ([one for one in kinds if one.is_dp == is_dp] for is_dp in (False, True)):
        for level, quantile in levels.items() if chosen else ():
            rng = np.random.default_rng(7)
            person = differencing.of_level(chat, quantile)
            outside = [_cells(chat, chosen[0], rng, person, is_in=False) for _ in range(half)]
            inside = [_cells(chat, chosen[0], rng, person, is_in=True) for _ in range(half)]
            of = views.places(outside + inside)
            step = _footprint(chat, chosen[0], rng, person, of, k)
            for strength in chosen:
                sigma = strengths.sigma_at(outside + inside, strength, of, _GROUP)
                packs = [
                    np.array([_pack(one, strength, rng, of, sigma, k) for one in several])
                    for several in (inside, outside)
                ]
                yield Result(level, strength.name, *_judged(*packs, step, of))


def _cells(chat: Chat, strength: Strength, rng, person: int, *, is_in: bool) -> Cells:
    return strengths.cells_of(_group(chat, rng, person, is_in=is_in), strength)


def _group(chat: Chat, rng: np.random.Generator, person: int, *, is_in: bool) -> Chat:
    others = np.setdiff1d(np.unique(chat.sender), [person])
    group = rng.choice(others, min(_GROUP, others.size // 2) - is_in, replace=False)
    kept = np.r_[group, person] if is_in else group
    return without(chat, np.setdiff1d(np.arange(chat.n_people), kept))


def _footprint(
    chat: Chat, strength: Strength, rng, person: int, of: views.Places, k: int
) -> Numbers:
    """What the person adds to figures, the mean over some groups; shape (places,)."""
    total = np.zeros(of.identity.size)
    for _ in range(_N_FOOTPRINTS):
        group = _group(chat, rng, person, is_in=True)
        both = [strengths.cells_of(one, strength) for one in (group, without(group, [person]))]
        told = [
            views.at_places(
                one, one.n_rows if strength.is_dp else views.published(one, one.n_rows, k), of
            )
            for one in both
        ]
        total += told[0] - told[1]
    return total / _N_FOOTPRINTS


def _pack(one: Cells, strength: Strength, rng, of: views.Places, sigma: Numbers, k: int) -> Numbers:
    if strength.is_dp:
        return views.with_noise(views.at_places(one, one.n_rows, of), sigma, rng)
    noisy = strengths.noisy(one, strength, rng)
    return views.at_places(one, views.published(one, noisy, k), of)


def _judged(inside: Numbers, outside: Numbers, step: Numbers, of: views.Places):
    half = len(inside) // 2
    mean, spread = outside[:half].mean(axis=0), outside[:half].var(axis=0) + 1.0
    ratios = [scores.likelihood_ratio(packs, step, mean, spread) for packs in (inside, outside)]
    n_metrics = int(of.metric.max()) + 1
    by_metric = np.zeros((of.identity.size, n_metrics))
    by_metric[np.arange(of.identity.size), of.metric] = step / spread
    features = [(packs - mean) @ by_metric for packs in (inside, outside)]
    scale = np.vstack([one[:half] for one in features]).std(axis=0) + 1e-9
    trained = np.vstack([one[:half] / scale for one in features])
    labels = np.repeat([1.0, 0.0], half)
    weights = scores.logistic(trained, labels, penalty=3.0)
    learned = [one / scale @ weights[:-1] for one in features]
    judged = [scores.auc(*(both[half:] for both in found)) for found in (ratios, learned)]
    better = ratios if judged[0] >= judged[1] else learned
    proven = lower_bound(*(one[half:] for one in better[::-1]), float(DELTA))
    return *judged, proven
