"""One person's figures from two packs of one window, with and without the person.

Who attacks knows the person's exact figures, and asks whether it was this person who left between
the packs or another. Two ways: how the figures moved (a likelihood ratio), and which of them moved
at all. Where noise belongs to a cell's key and the window alone, cells of the same records keep
theirs, and what moved is where the person was; where it belongs to the whole data as well, every
figure moves.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from bench.attack import release, scores, strengths, views
from bench.attack.cells import Cells
from bench.attack.chats import Chat, Numbers, without
from bench.attack.strengths import Strength

GROUP = 200
DRAWS = 30
# Beside the noise: where figures are merged moves, too.
_LEAST_VARIANCE = 0.5
LEVELS = {"median": 0.5, "p90": 0.9, "whale": 1.0}


class Result(NamedTuple):
    """How often each attack is right: areas under curves, and hours of the week told correctly."""

    level: str
    strength: str
    auc_moves: float
    auc_places: float
    hours_found: float


def attack(
    chat: Chat, kinds: list[tuple[Strength, bool]], *, draws: int = DRAWS, k: int = release.K
) -> Iterator[Result]:
    """Results by level of activity and strength.

    Parameters
    ----------
    chat
        From which groups of 200 people are drawn.
    kinds
        Strengths, and whether noise belongs to the whole data and not to a cell's key alone.
    draws
        Groups for each level.
    k
    """
    for level, quantile in LEVELS.items():
        moved = [_moves(chat, quantile, kinds, seed, k) for seed in range(draws)]
        for number, (strength, is_fresh) in enumerate(kinds):
            found = np.array([one[number] for one in moved])
            name = f"{strength.name}, by data" if is_fresh else strength.name
            yield Result(
                level,
                name,
                scores.auc(found[:, 0], found[:, 1]),
                scores.auc(found[:, 2], found[:, 3]),
                float(found[:, 4].mean()),
            )


def group_of(chat: Chat, rng: np.random.Generator, size: int = GROUP) -> Chat:
    """The chat of some people alone, drawn from those who write."""
    writers = np.unique(chat.sender)
    chosen = rng.choice(writers, min(size, writers.size), replace=False)
    return without(chat, np.setdiff1d(np.arange(chat.n_people), chosen))


def of_level(chat: Chat, quantile: float) -> int:
    """Number of the person at a quantile of messages written, of those who write."""
    people, counts = np.unique(chat.sender, return_counts=True)
    order = np.argsort(counts, kind="stable")
    return int(people[order[min(int(quantile * people.size), people.size - 1)]])


def _moves(chat: Chat, quantile: float, kinds, seed: int, k: int) -> list[tuple[float, ...]]:
    """Scores of both attacks when the person left, and when another did, for each kind."""
    rng = np.random.default_rng([seed, round(100 * quantile)])
    group = group_of(chat, rng)
    person = of_level(group, quantile)
    other = int(rng.choice(np.setdiff1d(np.unique(group.sender), [person])))
    found = []
    exact = _cells(group, strengths.OFF, person, other)
    for strength, is_fresh in kinds:
        before, left, other_left = (
            _cells(group, strength, person, other) if strength.is_dp else exact
        )
        of = views.places([before, left, other_left])
        secrets = [rng.bytes(32) for _ in range(2)] if is_fresh else [rng.bytes(32)] * 2
        step, variance = _step(before, left, of, strength, k)
        sigma = strengths.sigma_at([before, left, other_left], strength, of, GROUP)
        step = np.where(np.isfinite(sigma), step, 0)
        allowed = 2 * (variance + np.where(np.isfinite(sigma), sigma, 0) ** 2) + _LEAST_VARIANCE
        first = _pack(before, strength, secrets[0], rng, of, sigma, k)
        scored = []
        for after in (left, other_left):
            move = _pack(after, strength, secrets[1], rng, of, sigma, k) - first
            ratio = (move - step / 2) @ (step / allowed)
            scored.append((ratio, _overlap(move, step), move))
        hours = of.metric == np.bincount(of.metric[_is_week(before, of)]).argmax()
        is_told = hours.any() and step[hours].any()
        told = ((scored[0][2] != 0) == (step != 0))[hours].mean() if is_told else np.nan
        found.append((scored[0][0], scored[1][0], scored[0][1], scored[1][1], told))
    return found


def _cells(group: Chat, strength: Strength, person: int, other: int) -> list[Cells]:
    """Cells of the group, without the person, without the other."""
    chats = (group, without(group, [person]), without(group, [other]))
    return [strengths.cells_of(one, strength) for one in chats]


def _step(before: Cells, left: Cells, of: views.Places, strength: Strength, k: int):
    """What the person's leaving moves every figure by, and how much noise a pack has there."""
    if strength.is_dp:
        exact = views.at_places(before, before.n_rows, of)
        return views.at_places(left, left.n_rows, of) - exact, np.zeros(of.identity.size)
    figures = views.figures_of(before, k)
    exact = views.at_places(before, views.spread(figures, before.n_rows), of)
    after = views.at_cells(left, left.n_rows, before)
    step = views.at_places(before, views.spread(figures, after), of) - exact
    each = release.variance() if strength == strengths.PERTURBED else 0.0
    variance = views.spread_variance(figures, np.full(before.family.size, each))
    return step, views.at_places(before, variance, of)


def _pack(
    chat: Cells, strength: Strength, secret: bytes, rng, of: views.Places, sigma: Numbers, k: int
) -> Numbers:
    if strength.is_dp:
        return views.with_noise(views.at_places(chat, chat.n_rows, of), sigma, rng)
    noisy = chat.n_rows.astype(float)
    if strength == strengths.PERTURBED:
        noisy += release.noise(chat.n_rows, strengths.key_draws(chat, secret))
    return views.at_places(chat, views.published(chat, noisy, k), of)


def _overlap(move: Numbers, step: Numbers) -> float:
    """Figures that moved and should, of those that moved or should."""
    moved, should = move != 0, step != 0
    return float((moved & should).sum() / max((moved | should).sum(), 1))


def _is_week(chat: Cells, of: views.Places) -> Numbers:
    is_week = np.array([f.metric == "hour_of_week" for f in chat.families])[chat.family]
    return np.isin(of.identity, views.identities(chat)[is_week])
