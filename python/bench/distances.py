"""Distances between two sides of chat rows: numpy only, independent of the checks in dbt.

The yardstick is the noise floor: how far apart two random halves of the same conversations lie.
"""

from dataclasses import dataclass, replace

import numpy as np

GAP_EDGES = np.concatenate(([0.0], 10 ** (np.arange(57) / 8), [np.inf]))
# A_n of fewer messages says more about their number than about their rhythm.
LEAST_MESSAGES = 5
TOP_SHARE = 0.02
_DAY, _HOUR = 86_400.0, 3600.0
# 1970-01-01 was a Thursday; hour 0 of the week is Monday 00:00 UTC.
_MONDAY = 3 * _DAY
KS = (
    "messages per conversation",
    "members per conversation",
    "senders per conversation",
    "messages per user",
    "conversations per user",
    "content length",
    "busiest sender's share",
    "lifetime",
    "A_n",
)
TVD = ("inter-arrival", "hour of day", "hour of week", "message types", "conversation types")
FIGURES = ("top 2 % share", "burstiness B", "memory coefficient")
LARGEST = "largest conversation"
# Single coefficients of a heavy tail, shown beside: their halves share the same few long gaps.
UNJUDGED = ("burstiness B", "memory coefficient")
METRICS = (*KS, *TVD, *FIGURES, LARGEST)


@dataclass(frozen=True)
class Side:
    """Rows of one database.

    Attributes
    ----------
    conversation, sender : ndarray of int64, one per message
        Ordered by conversation, time and id. `sender` is None where nobody knows.
    sent_at : ndarray of float64, one per message
        Seconds since 1970, UTC.
    kind : ndarray of str, one per message
    length : ndarray of float64, one per message
        NaN where there is no body.
    member_conversation, member_user : ndarray of int64, one per membership
    conversation_kind : dict
        Conversation to its type, empty ones included.
    """

    conversation: np.ndarray
    sender: np.ndarray | None
    sent_at: np.ndarray
    kind: np.ndarray
    length: np.ndarray
    member_conversation: np.ndarray
    member_user: np.ndarray
    conversation_kind: dict

    def of(self, chosen):
        """The rows of some conversations.

        Parameters
        ----------
        chosen : ndarray of int64

        Returns
        -------
        Side
        """
        mine = np.isin(self.conversation, chosen)
        member = np.isin(self.member_conversation, chosen)
        return replace(
            self,
            conversation=self.conversation[mine],
            sender=None if self.sender is None else self.sender[mine],
            sent_at=self.sent_at[mine],
            kind=self.kind[mine],
            length=self.length[mine],
            member_conversation=self.member_conversation[member],
            member_user=self.member_user[member],
            conversation_kind={one: self.conversation_kind[one] for one in chosen.tolist()},
        )


def values(side):
    """Everything that is compared.

    Parameters
    ----------
    side : Side

    Returns
    -------
    dict
        Metric to sorted values (`KS`), shares of fixed cells (`TVD`) or a number.
    """
    _, first, size = np.unique(side.conversation, return_index=True, return_counts=True)
    last = first + size - 1
    number = np.repeat(np.arange(size.size), size)
    gap = np.diff(side.sent_at)[np.diff(number) == 0]
    owner = number[1:][np.diff(number) == 0]
    ranked = np.sort(size)[::-1]
    hour = np.floor(np.mod(side.sent_at + _MONDAY, 7 * _DAY) / _HOUR).astype(int)
    found = {
        "messages per conversation": size,
        "members per conversation": _counts(side.member_conversation),
        "conversations per user": _counts(side.member_user),
        "content length": side.length[np.isfinite(side.length)],
        "lifetime": side.sent_at[last] - side.sent_at[first],
        "A_n": _finite_burstiness(gap, owner, size),
        "inter-arrival": _shares(np.searchsorted(GAP_EDGES, gap, side="right")),
        "hour of day": _shares(hour % 24),
        "hour of week": _shares(hour),
        "message types": _shares(side.kind),
        "conversation types": _shares(np.array(list(side.conversation_kind.values()))),
        "top 2 % share": ranked[: int(np.ceil(TOP_SHARE * ranked.size))].sum() / ranked.sum(),
        "burstiness B": (gap.std() - gap.mean()) / (gap.std() + gap.mean()),
        "memory coefficient": _memory(gap, owner),
        LARGEST: float(ranked[0]),
    }
    if side.sender is not None:
        pairs, written = np.unique(np.stack((number, side.sender)), axis=1, return_counts=True)
        busiest = np.zeros(size.size)
        np.maximum.at(busiest, pairs[0], written)
        found |= {
            "senders per conversation": np.bincount(pairs[0], minlength=size.size),
            "busiest sender's share": busiest / size,
            "messages per user": _counts(side.sender),
        }
    return {
        name: np.sort(value) if name in KS else value
        for name, value in found.items()
        if not (name in KS and value.size == 0)
    }


def _counts(ids):
    return np.unique(ids, return_counts=True)[1]


def _shares(cells):
    names, counts = np.unique(cells, return_counts=True)
    return dict(zip(names.tolist(), (counts / counts.sum()).tolist(), strict=True))


def _finite_burstiness(gap, owner, size):
    """A_n of Kim and Jo (2016), equation 22, of the conversations with enough messages."""
    n = np.bincount(owner, minlength=size.size).astype(float)
    least = np.maximum(n, 1)
    mean = np.bincount(owner, gap, minlength=size.size) / least
    spread = np.sqrt(np.bincount(owner, (gap - mean[owner]) ** 2, minlength=size.size) / least)
    use = (size >= LEAST_MESSAGES) & (mean > 0)
    r, n = spread[use] / mean[use], n[use]
    return (np.sqrt(n + 1) * r - np.sqrt(n - 1)) / ((np.sqrt(n + 1) - 2) * r + np.sqrt(n - 1))


def _memory(gap, owner):
    """Correlation of successive logarithmic gaps, pooled."""
    log = np.log1p(gap)
    same = np.diff(owner) == 0
    return float(np.corrcoef(log[:-1][same], log[1:][same])[0, 1])


def measure_of(name):
    """Name of the measure of a metric's distance."""
    if name in KS:
        return "KS"
    if name in TVD:
        return "TVD"
    return "log ratio" if name == LARGEST else "difference"


def distance(name, one, other):
    """Distance of a metric between two sides.

    Parameters
    ----------
    name : str
        One of `METRICS`.
    one, other : dict
        Of `values`.

    Returns
    -------
    float or None
        KS distance, total variation distance, or the difference of two figures (of logarithms
        for the largest conversation); None where a side does not have it.
    """
    if name not in one or name not in other:
        return None
    a, b = one[name], other[name]
    if name in KS:
        grid = np.unique(np.concatenate((a, b)))
        below = [np.searchsorted(x, grid, side="right") / x.size for x in (a, b)]
        return float(np.abs(below[0] - below[1]).max())
    if name in TVD:
        return sum(abs(a.get(cell, 0.0) - b.get(cell, 0.0)) for cell in {*a, *b}) / 2
    if name == LARGEST:
        return abs(float(np.log(a / b)))
    return abs(float(a - b))


def floors(side, *, splits=10, seed=1):
    """Mean distance between two random halves of the conversations.

    Parameters
    ----------
    side : Side
    splits : int
    seed : int

    Returns
    -------
    dict
        Metric to its noise floor; a metric the side does not have is left out.
    """
    rng = np.random.default_rng(seed)
    everything = np.array(list(side.conversation_kind))
    found = {name: [] for name in METRICS}
    for _ in range(splits):
        shuffled = rng.permutation(everything)
        half = shuffled.size // 2
        halves = [values(side.of(np.sort(part))) for part in (shuffled[:half], shuffled[half:])]
        for name in METRICS:
            one = distance(name, *halves)
            if one is not None:
                found[name].append(one)
    return {name: float(np.mean(some)) for name, some in found.items() if some}
