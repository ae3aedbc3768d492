"""The noise of every strength on the same exact cells: none, that of cell keys, Gaussian of a budget.

`dp` here is the budget's arithmetic on cells in numpy, to price it and to attack it at sizes that
are simulated; the release itself draws discrete noise of `opendp`.
"""

import math
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from bench.attack import release, views
from bench.attack.cells import Cells
from bench.attack.chats import Chat, Numbers, of_messages

DELTA = 1e-6


class Bounds(NamedTuple):
    """What one person may add at most: messages, and conversations."""

    messages: int = 100
    conversations: int = 20


class Strength(NamedTuple):
    """A noise: its name, and the epsilon of one that has a budget."""

    name: str
    epsilon: float | None = None

    @property
    def is_dp(self) -> bool:
        """Whether contributions are bounded and noise is normal."""
        return self.epsilon is not None


OFF, PERTURBED = Strength("off"), Strength("perturbed")
STRENGTHS = (OFF, PERTURBED, *(Strength(f"dp {epsilon:g}", epsilon) for epsilon in (4, 1, 0.25)))


def bounded(chat: Chat, rng: np.random.Generator, bounds: Bounds = Bounds()) -> Chat:
    """At most so many conversations and messages of everybody, drawn at random."""
    pair = chat.sender.astype(np.int64) * chat.n_conversations + chat.conversation
    pairs, of_message = np.unique(pair, return_inverse=True)
    rank = _rank_within(pairs // chat.n_conversations, rng)
    is_kept = (rank < bounds.conversations)[of_message]
    is_kept[is_kept] = _rank_within(chat.sender[is_kept], rng) < bounds.messages
    # Members, too, count in so many conversations only.
    members = chat.members[_rank_within(chat.members[:, 1], rng) < bounds.conversations]
    return replace(of_messages(chat, is_kept), members=members)


def noisy(
    cells: Cells, strength: Strength, rng: np.random.Generator, bounds: Bounds = Bounds()
) -> Numbers:
    """Rows of cells with the noise of a strength, shape (n,), not below zero."""
    if strength.is_dp:
        spread = sigma(cells, strength.epsilon, bounds)
        return np.maximum(cells.n_rows + rng.normal(size=spread.size) * spread, 0)
    if strength == OFF:
        return cells.n_rows.astype(float)
    return cells.n_rows + release.noise(cells.n_rows, key_draws(cells, rng.bytes(32)))


def key_draws(cells: Cells, secret: bytes) -> Numbers:
    """Draws of the cells' keys under a secret."""
    return release.draws(cells.keys, secret, "window")


def sigma(cells: Cells, epsilon: float, bounds: Bounds = Bounds()) -> Numbers:
    """Standard deviation of every cell's noise: the budget is split evenly over the metrics.

    With add or remove of one person a histogram of people changes by 1, of messages by C, of
    conversations by K sqrt(2) since each moves from a bucket to another, of gaps and sessions by
    C sqrt(5).
    """
    sensitivity = {
        "users": 1.0,
        "conversations": bounds.conversations * math.sqrt(2),
        "messages": float(bounds.messages),
        "receipts": float(bounds.messages),
        "attachments": float(bounds.messages),
        "minutes": bounds.messages * math.sqrt(2),
    }
    n_metrics = len({(f.entity, f.metric) for f in cells.families if f.entity})
    each = math.sqrt(n_metrics / (2 * rho(epsilon)))
    of_family = [
        each
        * (
            bounds.messages * math.sqrt(5)
            if {"gap", "session"} & set(f.within)
            else sensitivity[f.whole]
        )
        # A person is in segment all and in a type.
        * (math.sqrt(2) if _has_types(f, cells) else 1.0)
        for f in cells.families
    ]
    return np.array(of_family)[cells.family]


def rho(epsilon: float) -> float:
    """The zero-concentrated budget of an epsilon at `DELTA` (Bun & Steinke 2016, proposition 1.3)."""
    return (math.sqrt(math.log(1 / DELTA) + epsilon) - math.sqrt(math.log(1 / DELTA))) ** 2


def sigma_at(several: list[Cells], strength: Strength, of: views.Places) -> Numbers:
    """Standard deviation of the noise at places that several chats have; 0 without a budget."""
    if not strength.is_dp:
        return np.zeros(of.identity.size)
    found = np.zeros(of.identity.size)
    for one in several:
        found = np.maximum(found, views.at_places(one, sigma(one, strength.epsilon), of))
    return found


def _has_types(family, cells):
    return any(f.is_by_type and f.metric == family.metric for f in cells.families)


def _rank_within(group: Numbers, rng: np.random.Generator) -> Numbers:
    """Random rank of every row within its group, from 0."""
    order = np.lexsort((rng.random(group.size), group))
    starts = np.r_[True, np.diff(group[order]) != 0]
    first = np.flatnonzero(starts)[np.cumsum(starts) - 1] if group.size else starts
    rank = np.empty(group.size, int)
    rank[order] = np.arange(group.size) - first
    return rank
