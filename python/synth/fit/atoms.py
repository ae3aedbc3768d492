"""Shares of few things are fractions: of five messages the busiest wrote 2/5, 3/5, 4/5 or all.

A histogram by class of size mixes the fractions of several sizes. Each bucket holds few of them,
so a histogram for each size follows; where a bucket holds several, the marginal over all classes
says how much each has, by iterative proportional fitting as in `synth.fit.refine`.
"""

import math
from dataclasses import dataclass

import numpy as np

_ROUNDS = 60
_TINY = 1e-300
# Half the width of a fraction's bucket, in parts of the distance to the next.
_HALF = 0.3
_LEAST_LEFT = 1e-6


@dataclass(frozen=True)
class ShareClass:
    """Conversations of a class of sizes and senders.

    Attributes
    ----------
    sizes : tuple of int
        Lower edge, and upper edge excluded.
    senders : tuple of float
        Lower edge, and upper edge excluded (``inf`` for open).
    edges, counts : ndarray
        Histogram of the busiest sender's share.
    """

    sizes: tuple
    senders: tuple
    edges: np.ndarray
    counts: np.ndarray


def split(classes, marginal, weights):
    """Histograms of the share for each exact size.

    Parameters
    ----------
    classes : sequence of ShareClass
    marginal : tuple of (ndarray, ndarray) or None
        Edges and counts of the share over all conversations.
    weights : callable
        ``weights(n)``: how frequent conversations of n messages are.

    Returns
    -------
    dict
        ``(position of the class, n)`` to ``(edges, counts)``: one narrow bucket around each
        fraction, empty ones between. A class with mass where no fraction lies is left out.
    """
    cells = _cells(classes, weights)
    if not cells:
        return {}
    owner, n, k, prior, size = cells
    share = _fitted(owner, k / n, prior, size, marginal)
    number = np.concatenate([np.full(len(one.counts), i) for i, one in enumerate(classes)])[owner]
    found = {}
    for place in np.unique(number):
        for count in np.unique(n[number == place]):
            mine = (number == place) & (n == count)
            if share[mine].sum() > 0:
                found[int(place), int(count)] = _histogram(int(count), k[mine], share[mine])
    return found


def _cells(classes, weights):
    """Bucket, size, numerator and prior weight of every fraction; counts of the buckets."""
    owner, n, k, prior, sizes, first = [], [], [], [], [], 0
    for one in classes:
        mine = [
            (bucket, count, busiest)
            for count in range(*one.sizes)
            for busiest in _possible(count, one.senders)
            for bucket in [int(np.searchsorted(one.edges, busiest / count + 1e-9, "right")) - 1]
            if 0 <= bucket < len(one.counts)
        ]
        held = {bucket for bucket, _, _ in mine}
        if all(count == 0 or bucket in held for bucket, count in enumerate(one.counts)):
            for bucket, count, busiest in mine:
                owner.append(first + bucket)
                n.append(count)
                k.append(busiest)
                prior.append(max(weights(count), 0.0) + _TINY)
        sizes.extend(one.counts)
        first += len(one.counts)
    if not owner:
        return None
    return tuple(np.asarray(part) for part in (owner, n, k, prior, sizes))


def _possible(n, senders):
    """Messages the busiest of so many senders may have written."""
    most = int(min(senders[1] - 1, n))
    if most < senders[0]:
        return range(0)
    return range(max(1, math.ceil(n / most)), n - int(senders[0]) + 2)


def _fitted(owner, value, prior, size, marginal):
    size = np.asarray(size, dtype=float)

    def filled(share):
        total = np.bincount(owner, share, minlength=size.size)
        return share * (size / np.maximum(total, _TINY))[owner]

    share = filled(prior)
    if marginal is None:
        return share
    edges, counts = (np.asarray(part, dtype=float) for part in marginal)
    group = np.clip(np.searchsorted(edges, value + 1e-9, side="right") - 1, 0, counts.size - 1)
    # The classes may be part of the whole only: what the marginal says is a shape to them.
    known = np.bincount(group, share, minlength=counts.size)
    free = np.bincount(owner, minlength=size.size)[owner] > 1
    settled = np.bincount(group[~free], share[~free], minlength=counts.size)
    wanted = counts * known.sum() / max(counts.sum(), _TINY)
    left = np.maximum(wanted - settled, _LEAST_LEFT * np.maximum(wanted, 1.0))
    for _ in range(_ROUNDS):
        total = np.bincount(group[free], share[free], minlength=counts.size)
        scale = np.where(total > 0, left / np.maximum(total, _TINY), 1.0)
        share = filled(np.where(free, share * scale[group], share))
    return share


def _histogram(n, k, share):
    order = np.argsort(k)
    edges, counts = [], []
    for busiest, mass in zip(k[order], share[order], strict=True):
        edges += [(busiest - _HALF) / n, min((busiest + _HALF) / n, 1.0)]
        counts += [mass, 0.0]
    return np.array(edges), np.array(counts[:-1])
