"""What noise costs: how far published shares of cells lie from the true ones, by metric.

The total variation that release adds to a metric, over that of two random halves of the
conversations (1: as much as two halves differ), for every strength and several sizes of chat.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from bench.attack import cells, chats, relations, release, strengths, views
from bench.attack.cells import Cells
from bench.attack.chats import Chat, Numbers
from bench.attack.relations import Family
from bench.attack.strengths import Strength

SIZES = (1_000, 10_000, 100_000)
# What is read of a chat beside its totals, and to whom it matters.
METRICS = (
    "hour_of_week",
    "content_length",
    "messages_per_user",
    "messages_per_conversation",
    "lifetime",
    "senders_by_size",
    "inter_arrival",
    "activity_gap",
    "session_size",
)
_WIDE = 3.0


class Point(NamedTuple):
    """Distance added to a metric by a strength, beside the floor of two halves."""

    n_people: int
    strength: str
    metric: str
    added: float
    floor: float


def points(
    n_people: int, *, messages_each: float = 40.0, seed: int = 1, k: int = release.K
) -> Iterator[Point]:
    """All metrics and strengths at one size of chat."""
    rng = np.random.default_rng(seed)
    chat = chats.simulated(rng, n_people, messages_each)
    # All types together, where types are told apart as well.
    by_axes = sorted(relations.families(), key=lambda f: -len(f.axes))
    chosen = tuple({f.metric: f for f in by_axes if f.metric in METRICS and not f.label}.values())
    exact = strengths.cells_of(chat, strengths.OFF, chosen=chosen)
    floors = _floors(chat, chosen, rng)
    for strength in strengths.STRENGTHS:
        source = strengths.cells_of(chat, strength, chosen=chosen) if strength.is_dp else exact
        for metric, shown in _released(source, strength, n_people, rng, k):
            (family,) = (f for f in chosen if f.metric == metric)
            true = _dense(exact, family, exact.n_rows)
            yield Point(n_people, strength.name, metric, _distance(true, shown), floors[metric])


def _released(one: Cells, strength: Strength, n_people: int, rng: np.random.Generator, k: int):
    """Metrics and what is published of each, on its whole grid."""
    if not strength.is_dp:
        figures = views.figures_of(one, k)
        sums = np.maximum(figures @ strengths.noisy(one, strength, rng), 0)
        shown = (sums / np.maximum(figures.sum(axis=1), 1)) @ figures
        for family in one.families:
            yield family.metric, _dense(one, family, shown)
        return
    # The budget is that of all metrics, not of those looked at.
    everything = tuple(f for f in relations.families())
    planned = dict(
        zip(
            [(f.entity, f.metric) for f in everything],
            strengths.sigmas(everything, strength, n_people),
            strict=True,
        )
    )
    for family in one.families:
        sigma = planned[family.entity, family.metric]
        exact = _dense(one, family, one.n_rows)
        shown = _by_noisy_support(exact, sigma, rng, k) if np.isfinite(sigma) else 0 * exact
        yield family.metric, shown


def _floors(chat: Chat, chosen: tuple[Family, ...], rng: np.random.Generator) -> dict[str, float]:
    """Distance of two random halves of the conversations; of users: of those who write in each."""
    half = rng.random(chat.n_conversations) < 0.5
    sides = [
        strengths.cells_of(chats.of_conversations(chat, side), strengths.OFF, chosen=chosen)
        for side in (half, ~half)
    ]
    return {f.metric: _distance(*(_dense(one, f, one.n_rows) for one in sides)) for f in chosen}


def _dense(one: Cells, family: Family, values: Numbers) -> Numbers:
    """Values on the whole grid of a family, segments by buckets; zero where there is no row."""
    number = [f[:4] for f in one.families].index(family[:4])
    inside = np.flatnonzero(one.family == number)
    shape = [len(relations.edges(grid)) - 1 for _, grid in family.axes]
    places = [
        np.searchsorted(
            cells.family_edges(family, axis, np.array(relations.edges(grid)))[1:],
            one.upper[inside, one.axes.index(axis)],
        )
        for axis, grid in family.axes
    ]
    found = np.zeros(shape)
    found[tuple(places)] = values[inside]
    return found.reshape(-1, shape[-1])


def _by_noisy_support(exact: Numbers, sigma: float, rng: np.random.Generator, k: int) -> Numbers:
    """Noise in every cell of the grid, then runs of which the noise is no large part."""
    noisy = exact + rng.normal(size=exact.shape) * sigma
    found = np.zeros(exact.shape)
    for segment, row in enumerate(noisy):
        start = 0
        for end in range(1, row.size + 1):
            total = row[start:end].sum()
            if total >= max(k, _WIDE * sigma * np.sqrt(end - start)):
                found[segment, start:end] = total / (end - start)
                start = end
    return found


def _distance(first: Numbers, second: Numbers) -> float:
    """Total variation; 1 where nothing is said."""
    if not first.sum() or not second.sum():
        return 1.0
    return float(0.5 * np.abs(first / first.sum() - second / second.sum()).sum())
