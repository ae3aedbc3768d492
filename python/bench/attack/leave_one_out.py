"""An epsilon that the noise of cells is proved to be above, to set beside the promised one.

The cells of a chat with bounded contributions, with and without a person who adds as much as
anybody may, are given their noise some thousand times; the likelihood ratio tells the two apart as
well as anything can, and how well it does bounds epsilon from below.
"""

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from bench.attack import strengths, views
from bench.attack.cells import Cells
from bench.attack.chats import Chat, Numbers, without
from bench.attack.strengths import Strength
from bench.epsilon_bound import lower_bound
from synth.release.budget import DELTA

RUNS = 2000


class Audit(NamedTuple):
    """Promised and proven epsilon, and metrics that one person moves by more than was promised."""

    promised: float
    proven: float
    moved_too_much: tuple[str, ...]


def audit(
    chat: Chat,
    strength: Strength,
    *,
    runs: int = RUNS,
    broken: float = 1.0,
    seed: int = 0,
) -> Audit:
    """Audit the noise of a strength on a person who adds as much as anybody may.

    Parameters
    ----------
    chat
    strength
        One that has an epsilon.
    runs
        With, and as many without the person.
    broken
        What the noise is divided by: above 1 it is too small, and the audit is to say so.
    seed
    """
    rng = np.random.default_rng(seed)
    source = with_canary(chat)
    person = source.n_people - 1
    both = [strengths.cells_of(one, strength) for one in (source, without(source, [person]))]
    of = views.places(both)
    sigma = strengths.sigma_at(both, strength, of, chat.n_people)
    step = np.subtract(*(views.at_places(one, one.n_rows, of) for one in both))
    step, sigma = np.where(np.isfinite(sigma), step, 0), np.where(np.isfinite(sigma), sigma, 1)
    # The likelihood ratio is linear in the noise.
    direction = step / sigma**2
    noise = _projected(rng, sigma / broken, direction, 2 * runs)
    shift = float(step @ direction)
    proven = lower_bound(noise[runs:], noise[:runs] + shift, float(DELTA))
    return Audit(float(strength.epsilon), proven, _too_far(both, step, of))


def with_canary(chat: Chat) -> Chat:
    """The chat and one more person, who talks alone in as many rooms as anybody may count in.

    All that person's messages are alike and of one hour of the week, so that each moves the same
    cell of every metric.
    """
    n_rooms, n = strengths.BOUNDS.conversations, strengths.BOUNDS.messages
    rooms = chat.n_conversations + np.arange(n_rooms)
    person = chat.n_people
    middle = np.floor(np.mean(chat.window) / 3600) * 3600
    of_message = np.arange(n) % n_rooms
    return replace(
        chat,
        n_people=person + 1,
        n_conversations=chat.n_conversations + n_rooms,
        username_length=np.append(chat.username_length, 8),
        has=np.vstack([chat.has, np.ones((1, chat.has.shape[1]), bool)]),
        device=np.append(chat.device, 0),
        conversation_type=np.append(chat.conversation_type, np.zeros(n_rooms, int)),
        members=np.vstack([chat.members, np.column_stack([rooms, np.full(n_rooms, person)])]),
        conversation=np.append(chat.conversation, rooms[of_message]),
        sender=np.append(chat.sender, np.full(n, person)),
        at=np.append(chat.at, middle + 60.0 * (np.arange(n) // n_rooms)),
        kind=np.append(chat.kind, np.zeros(n, int)),
        length=np.append(chat.length, np.full(n, 9)),
    )


def _projected(rng: np.random.Generator, sigma: Numbers, direction: Numbers, runs: int) -> Numbers:
    """Noise of all cells along a direction, shape (runs,)."""
    moved = np.flatnonzero(direction)
    return np.array(
        [(rng.normal(size=moved.size) * sigma[moved]) @ direction[moved] for _ in range(runs)]
    )


def _too_far(both: list[Cells], step: Numbers, of: views.Places) -> tuple[str, ...]:
    """Metrics of which one person moves the cells further, in all, than the noise is made for."""
    first = both[0]
    identity = views.identities(first)
    squared = {
        (spend.entity, spend.metric): spend.squared
        for spend in strengths.spends(first.families, strengths.DP[0], 1000)
    }
    moved: dict[tuple[str, str], float] = {}
    for number, family in enumerate(first.families):
        inside = np.isin(of.identity, identity[first.family == number])
        name = (family.entity, family.metric)
        moved[name] = moved.get(name, 0.0) + float(np.square(step[inside]).sum())
    return tuple(sorted(name[1] for name in squared.keys() & moved if moved[name] > squared[name]))
