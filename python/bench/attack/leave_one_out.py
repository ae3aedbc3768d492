"""An epsilon that the noise of cells is proved to be above, to set beside the promised one.

The cells of a chat with bounded contributions, with and without a person who adds as much as
anybody may, are given their noise some thousand times; the likelihood ratio tells the two apart as well as anything can, and how well
it does bounds epsilon from below (Jagielski, Ullman & Oprea 2020, Auditing differentially private
machine learning).
"""

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from bench.attack import cells, scores, strengths, views, wholes
from bench.attack.chats import Chat, Numbers, without
from bench.attack.strengths import Strength

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
    source = with_canary(strengths.bounded(chat, rng), strengths.Bounds())
    person = source.n_people - 1
    both = [cells.exact(wholes.wholes(one)) for one in (source, without(source, [person]))]
    of = views.places(both)
    step = np.subtract(*(views.at_places(one, one.n_rows, of) for one in both))
    sigma = strengths.sigma_at(both, strength, of)
    # The likelihood ratio is linear in the noise.
    direction = step / np.maximum(sigma, 1e-9) ** 2
    noise = _projected(rng, sigma / broken, direction, 2 * runs)
    shift = float(step @ direction)
    proven = scores.lower_bound_on_epsilon(noise[:runs] + shift, noise[runs:], strengths.DELTA)
    return Audit(strength.epsilon, proven, _too_far(both, step, of, strength))


def with_canary(chat: Chat, bounds: strengths.Bounds) -> Chat:
    """The chat and one more person, who talks alone in as many rooms as anybody may count in.

    All that person's messages are alike and of one hour of the week, so that each moves the same
    cell of every metric.
    """
    n_rooms, n = bounds.conversations, bounds.messages
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


def _too_far(both, step: Numbers, of: views.Places, strength: Strength) -> tuple[str, ...]:
    """Metrics whose cells move further, in all, than the noise was made for."""
    first = both[0]
    sigma = views.at_places(first, strengths.sigma(first, strength.epsilon), of)
    n_metrics = len({(f.entity, f.metric) for f in first.families if f.entity})
    rho = strengths.rho(strength.epsilon)
    found = []
    for number, family in enumerate(first.families):
        if not family.entity:
            continue
        inside = np.isin(of.identity, views.identities(first)[first.family == number])
        allowed = sigma[inside].max() * np.sqrt(2 * rho / n_metrics)
        if np.sqrt(np.square(step[inside]).sum()) > allowed * (1 + 1e-9):
            found.append(family.metric)
    return tuple(sorted(set(found)))
