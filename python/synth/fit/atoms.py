"""Shares of few things are fractions: of five messages the busiest wrote 2/5, 3/5, 4/5 or all.

A histogram by class of size mixes the fractions of several sizes. Each bucket holds few of them,
so a histogram for each size follows; where a bucket holds several, the marginal over all classes
and the number of conversations of each size say how much each has, by iterative proportional
fitting as in `synth.fit.refine`.
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
    share = _fitted(owner, k / n, n, prior, size, marginal, _expected(classes, weights))
    number = np.concatenate([np.full(len(one.counts), i) for i, one in enumerate(classes)])[owner]
    found = {}
    for place in np.unique(number):
        for count in np.unique(n[number == place]):
            mine = (number == place) & (n == count)
            if share[mine].sum() > 0:
                found[int(place), int(count)] = _histogram(int(count), k[mine], share[mine])
    return found


def _expected(classes, weights):
    """Conversations of each exact size, as far as the classes show them."""
    found = {}
    for sizes in {one.sizes for one in classes}:
        total = sum(float(one.counts.sum()) for one in classes if one.sizes == sizes)
        share = {n: max(weights(n), 0.0) for n in range(*sizes)}
        whole = sum(share.values())
        found |= {n: total * part / whole for n, part in share.items() if whole > 0}
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


def _fitted(owner, value, n, prior, size, marginal, expected):
    size = np.asarray(size, dtype=float)

    def filled(share):
        total = np.bincount(owner, share, minlength=size.size)
        return share * (size / np.maximum(total, _TINY))[owner]

    share = filled(prior)
    free = np.bincount(owner, minlength=size.size)[owner] > 1
    margins = [_left(n, [expected.get(count, 0.0) for count in range(n.max() + 1)], share, free)]
    if marginal is not None:
        edges, counts = (np.asarray(part, dtype=float) for part in marginal)
        group = np.searchsorted(edges, value + 1e-9, side="right") - 1
        group = np.clip(group, 0, counts.size - 1)
        # The classes may be part of the whole only: what the marginal says is a shape to them.
        wanted = counts * share.sum() / max(counts.sum(), _TINY)
        margins.append(_left(group, wanted, share, free))
    for _ in range(_ROUNDS):
        for group, left in margins:
            total = np.bincount(group[free], share[free], minlength=left.size)
            scale = np.where((total > 0) & (left > 0), left / np.maximum(total, _TINY), 1.0)
            share = filled(np.where(free, share * scale[group], share))
    return share


def _left(group, wanted, share, free):
    """What a margin leaves to the pieces that can still be split."""
    wanted = np.asarray(wanted, dtype=float)
    settled = np.bincount(group[~free], share[~free], minlength=wanted.size)
    return group, np.maximum(wanted - settled, _LEAST_LEFT * wanted)


def _histogram(n, k, share):
    order = np.argsort(k)
    edges, counts = [], []
    for busiest, mass in zip(k[order], share[order], strict=True):
        edges += [(busiest - _HALF) / n, min((busiest + _HALF) / n, 1.0)]
        counts += [mass, 0.0]
    return np.array(edges), np.array(counts[:-1])
