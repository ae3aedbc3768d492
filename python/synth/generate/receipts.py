"""How many read a message, given how many could.

The pack says how many receipts a message has, over all messages; a room of two allows one. The
distribution is handed out from the smallest rooms up: each takes what it can use of what is
left, in proportion, so the largest rooms get the long tail and the sum is the pack's.
"""

import numpy as np

from synth.generate import tables
from synth.generate.tables import Knots

# Rooms are told apart by the exact number of possible readers up to here, then by octaves.
_EXACT = 16


def by_room(plan, rooms):
    """Query parameters of the receipts: read rate, and receipts per message by class of room.

    Parameters
    ----------
    plan : synth.generate.plan.Plan
    rooms : sequence of dict
        ``n_others`` (possible readers) and ``n_messages``, ascending.

    Returns
    -------
    dict
        ``read_rate``; ``reader_edges``, the first number of possible readers of each class;
        ``reader_starts`` and ``reader_counts``: class c reads as many as the count beside the
        last start at or below c + u.
    """
    given = plan.parameters
    others = np.array([row["n_others"] for row in rooms], dtype=np.int64)
    messages = np.array([row["n_messages"] for row in rooms], dtype=np.float64)
    readable = others > 0
    total = messages.sum()
    share = messages[readable].sum() / total if total else 0.0
    # Where nobody else is in the room nobody can read: the others make up for it.
    rate = min(1.0, given["read_rate"] / share) if share else 0.0
    edges = np.concatenate((np.arange(1, _EXACT + 1), _EXACT * 2 ** np.arange(1, 24)))
    edges = edges[edges <= max(others.max(initial=1), 1)]
    place = np.searchsorted(edges, others[readable], side="right") - 1
    weights = np.bincount(place, messages[readable], minlength=edges.size)
    starts, counts = _handed_out(*_whole_numbers(plan, int(edges[-1])), edges, weights)
    return {
        "read_rate": rate,
        "reader_edges": edges.tolist(),
        "reader_starts": starts,
        "reader_counts": counts,
    }


def _whole_numbers(plan, most):
    """Receipts per read message as probabilities of 1, 2, ..., the last one for all above."""
    table = Knots.of_parameters(plan.parameters, "receipt")
    # Finer than any share that matters; the draw itself is a look-up again.
    u = (np.arange(200_000) + 0.5) / 200_000
    values = np.clip(np.floor(table.look_up(u)), 1, None).astype(np.int64)
    counts = np.bincount(np.minimum(values, 2 * most))
    number = np.flatnonzero(counts)
    return number, counts[number] / counts.sum()


def _handed_out(number, left, edges, weights):
    weights = weights / max(weights.sum(), 1e-300)
    left = left.astype(np.float64).copy()
    groups, counts = [], []
    for size, weight in zip(edges.tolist(), weights.tolist(), strict=True):
        # The last class takes all that is left; a room too small for it reads all it can.
        usable = (number <= size) | (size == edges[-1])
        taken = np.where(usable, left, 0.0)
        if taken.sum() <= 1e-12:
            taken = (number == number[np.argmin(np.abs(number - size))]).astype(np.float64)
        taken = taken / taken.sum()
        left = np.maximum(left - weight * taken, 0.0)
        keep = taken > 0
        groups.append(taken[keep])
        counts.extend(number[keep].tolist())
    return tables.shares(groups), counts
