"""Looking ahead: generate a small sample, compare its rhythm with the pack's, correct the spec.

Gaps are drawn in activity time, by class of size and tempo, and squeezed into the window, so
what comes out differs a little from each table that went in. The sample is made with the very
draws of the server, in numpy; what to simulate with is given by the caller.
"""

from dataclasses import dataclass, replace

import numpy as np

from synth.spec import compile as tables
from synth.spec import model, segments

SAMPLE_MESSAGES = 40_000
SEED = 20_260_104
ROUNDS = 6
SESSION_SECONDS = 3600.0
_MS_PER_SECOND = 1000.0
_HOUR_MS = 3_600_000
# 1970-01-05 was a Monday.
_MONDAY_MS = 4 * 86_400_000
# A conversation with fewer gaps has no burstiness (Kim & Jo 2016).
_LEAST_GAPS = 4
# A correction may not multiply the weight of a bucket by more than this, so that noise is not
# amplified; single figures take this part of a step.
_MOST_FACTOR, _DAMPING = 4.0, 0.8
# Stretching time by the hour of the week blurs gaps up to here; longer ones hold many hours.
_LONGEST_BLURRED = 86_400.0
# Drawn gaps, in activity time, are told apart by an eighth of a decade, from a tenth of a second;
# a factor counts as 1 for so many besides.
_DRAWN_EDGES = np.append(0.0, 10 ** (np.arange(-8, 73) / 8))
_UNMOVED = 5.0
# Buckets with fewer simulated or published gaps are pooled with their neighbours.
_LEAST_IN_BUCKET = 50
# Correlation of successive gaps per unit of memory weight, near small weights.
_MEMORY_PER_WEIGHT = 0.6


@dataclass(frozen=True)
class Rhythm:
    """What time looks like, in the pack or in a sample; None where unknown.

    Attributes
    ----------
    gaps : tuple of (ndarray, ndarray) or None
        Edges (seconds) and shares of the gaps between messages of a conversation.
    burstiness : float or None
        Pooled B (Goh & Barabási 2008).
    burstiness_by_conversation : tuple of (ndarray, ndarray) or None
        Edges and shares of A_n (Kim & Jo 2016).
    memory : float or None
        Correlation of successive log gaps.
    hour_of_week : ndarray, shape (168,), or None
        Shares, Monday 00:00 first.
    session_size : float or None
        Mean messages of a session, which ends after an hour of silence.
    lifetimes : tuple of (ndarray, ndarray) or None
        Edges (seconds) and shares of the time from first to last message.
    """

    gaps: tuple | None = None
    burstiness: float | None = None
    burstiness_by_conversation: tuple | None = None
    memory: float | None = None
    hour_of_week: np.ndarray | None = None
    session_size: float | None = None
    lifetimes: tuple | None = None

    @property
    def is_empty(self):
        """Whether there is nothing to correct by."""
        return self.gaps is None and self.memory is None and self.hour_of_week is None


def of_pack(pack):
    """Rhythm that a pack publishes.

    Parameters
    ----------
    pack : synth.pack.model.Pack

    Returns
    -------
    Rhythm
    """
    hours = pack.array("messages", "hour_of_week")
    usable = hours is not None and len(hours) == 168 and None not in hours and sum(hours) > 0
    sessions = _shares(pack.histogram("messages", "session_size"))
    return Rhythm(
        gaps=_shares(pack.histogram("messages", "inter_arrival")),
        burstiness=pack.scalar("messages", "burstiness"),
        burstiness_by_conversation=_shares(
            pack.histogram("messages", "burstiness_by_conversation")
        ),
        memory=pack.scalar("messages", "memory_coefficient"),
        hour_of_week=np.asarray(hours, dtype=float) / sum(hours) if usable else None,
        session_size=None if sessions is None else _mean_count(*sessions),
        lifetimes=_shares(pack.histogram("conversations", "lifetime")),
    )


def _shares(histogram):
    if histogram is None or len(histogram.counts) < 2 or not sum(histogram.counts) > 0:
        return None
    counts = np.asarray(histogram.counts, dtype=float)
    return np.asarray(histogram.edges, dtype=float), counts / counts.sum()


def _mean_count(edges, shares):
    high = np.where(np.isfinite(edges[1:]), edges[1:] - 1, edges[:-1] * 2)
    return float(np.sum(shares * (edges[:-1] + np.maximum(high, edges[:-1])) / 2))


def of_sample(sample, like):
    """Rhythm of a generated sample, binned like the pack's.

    Parameters
    ----------
    sample : object
        With ``conversation``, ``sent_ms`` and ``gap_ms`` (the gap drawn, in activity time), one
        entry per message, a conversation's messages in order.
    like : Rhythm

    Returns
    -------
    Rhythm
    """
    same = sample.conversation[1:] == sample.conversation[:-1]
    gap = np.diff(sample.sent_ms)[same] / _MS_PER_SECOND
    owner = sample.conversation[1:][same]
    if gap.size < 2:
        return Rhythm()
    pairs = owner[1:] == owner[:-1]
    log = np.log1p(np.maximum(gap, 0.0))
    sessions = 1 + np.count_nonzero(gap > SESSION_SECONDS) + np.unique(sample.conversation).size
    hours = ((sample.sent_ms - _MONDAY_MS) // _HOUR_MS % 168).astype(int)
    return Rhythm(
        gaps=_binned(gap, like.gaps),
        burstiness=float((gap.std() - gap.mean()) / max(gap.std() + gap.mean(), 1e-12)),
        burstiness_by_conversation=_binned(
            _finite_burstiness(gap, owner), like.burstiness_by_conversation
        ),
        memory=_correlation(log[:-1][pairs], log[1:][pairs]),
        hour_of_week=np.bincount(hours, minlength=168) / hours.size,
        session_size=float(sample.sent_ms.size / (sessions - 1)),
        lifetimes=_binned(_lifetimes(sample), like.lifetimes),
    )


def _lifetimes(sample):
    first = np.flatnonzero(np.diff(sample.conversation, prepend=-1))
    last = np.append(first[1:], sample.conversation.size) - 1
    return (sample.sent_ms[last] - sample.sent_ms[first]) / _MS_PER_SECOND


def _binned(values, like):
    if like is None or not values.size:
        return None
    counts, _ = np.histogram(np.clip(values, like[0][0], None), like[0])
    return (like[0], counts / counts.sum()) if counts.sum() else None


def _finite_burstiness(gap, owner):
    """A_n of every conversation with enough gaps (Kim & Jo 2016, eq. 22)."""
    _, place, n = np.unique(owner, return_inverse=True, return_counts=True)
    mean = np.bincount(place, gap) / n
    spread = np.sqrt(np.maximum(np.bincount(place, gap**2) / n - mean**2, 0.0))
    kept = (n >= _LEAST_GAPS) & (mean > 0)
    n, ratio = n[kept].astype(float), spread[kept] / mean[kept]
    above, below = np.sqrt(n + 1), np.sqrt(n - 1)
    return (above * ratio - below) / ((above - 2) * ratio + below)


def _correlation(before, after):
    if before.size < 3 or not before.std() > 0 or not after.std() > 0:
        return None
    return float(np.corrcoef(before, after)[0, 1])


def distance(found, wanted):
    """Half the sum of the differences of two sets of shares; None where one is missing.

    Parameters
    ----------
    found, wanted : tuple of (ndarray, ndarray), ndarray or None

    Returns
    -------
    float or None
    """
    if found is None or wanted is None:
        return None
    if isinstance(found, tuple):
        found, wanted = found[1], wanted[1]
    return float(np.abs(found - wanted).sum() / 2)


@dataclass(frozen=True)
class Correction:
    """What the look ahead found.

    Attributes
    ----------
    spec : synth.spec.model.Spec
        Corrected, where that brought the sample nearer.
    wanted, before, after : Rhythm
        Of the pack, and of the samples of the spec as it was and as it is.
    """

    spec: model.Spec
    wanted: Rhythm
    before: Rhythm
    after: Rhythm


def correct(spec, pack, simulate):
    """Generate a small sample, compare, correct, a few times.

    Parameters
    ----------
    spec : synth.spec.model.Spec
    pack : synth.pack.model.Pack
    simulate : callable
        ``simulate(spec, n_messages, seed)``: a sample made with the server's draws.

    Returns
    -------
    Correction or None
        None where the pack says nothing about time.
    """
    wanted = of_pack(pack)
    if wanted.is_empty:
        return None
    n_messages = int(min(spec.totals.messages, SAMPLE_MESSAGES))
    sample = simulate(spec, n_messages, SEED)
    before = of_sample(sample, wanted)
    best, after = spec, before
    candidate, found = spec, before
    for _ in range(ROUNDS):
        moved = _moved(candidate, sample, found, wanted)
        if moved is candidate:
            break
        # A round may be worse than the one before and still lead to a better one.
        candidate = moved
        sample = simulate(candidate, n_messages, SEED)
        found = of_sample(sample, wanted)
        if _score(found, wanted) < _score(after, wanted):
            best, after = candidate, found
    return Correction(best, wanted, before, after)


def _score(found, wanted):
    """All distances together; the same draws make them comparable."""
    parts = [
        distance(found.gaps, wanted.gaps),
        distance(found.burstiness_by_conversation, wanted.burstiness_by_conversation),
        distance(found.lifetimes, wanted.lifetimes),
    ]
    for name in ("burstiness", "memory"):
        one, other = getattr(found, name), getattr(wanted, name)
        parts.append(None if one is None or other is None else abs(one - other))
    slope = _amplitude(found.hour_of_week, wanted.hour_of_week)
    parts.append(None if slope is None else abs(slope - 1.0) / 4)
    return sum(part for part in parts if part is not None)


def _moved(spec, sample, found, wanted):
    """The spec, moved by the differences; the same object where none can be used."""
    messages, changed = spec.messages, False
    factors = _factors(sample, found.gaps, wanted.gaps)
    if factors is not None:
        gaps = {key: _weighted(one, *factors) for key, one in messages.activity_gap.items()}
        messages, changed = replace(messages, activity_gap=gaps), True
    talk = spec.conversations
    factors = _tempo_factors(sample, talk.tempo, found.lifetimes, wanted.lifetimes)
    if factors is not None:
        tempo = {key: _weighted(one, _DRAWN_EDGES, factors[key]) for key, one in talk.tempo.items()}
        talk, changed = replace(talk, tempo=tempo), True
    if found.memory is not None and wanted.memory is not None:
        step = _DAMPING * (wanted.memory - found.memory) / _MEMORY_PER_WEIGHT
        memory = float(np.clip(messages.gap_memory + step, 0.0, 1.0))
        if abs(memory - messages.gap_memory) > 1e-3:
            messages, changed = replace(messages, gap_memory=round(memory, 4)), True
    slope = _amplitude(found.hour_of_week, wanted.hour_of_week)
    if slope is not None:
        exponent = float(np.clip(messages.start_exponent + _DAMPING * (1.0 - slope), 0.0, 2.0))
        if abs(exponent - messages.start_exponent) > 0.02:
            messages, changed = replace(messages, start_exponent=round(exponent, 3)), True
    return model.replaced(spec, messages=messages, conversations=talk) if changed else spec


def _amplitude(found, wanted):
    """How much of the pack's swing between the hours the sample shows: 1 is all of it.

    Summed over the week to 8 blocks of the day, weekdays and weekends apart: activity comes in
    clusters, so single hours of a small sample say little.
    """
    if found is None or wanted is None:
        return None

    def blocks(shares):
        week = np.reshape(shares, (7, 8, 3)).sum(axis=2)
        return np.concatenate((week[:5].mean(axis=0), week[5:].mean(axis=0)))

    seen, known = blocks(found), blocks(wanted)
    spread = known - known.mean()
    if not np.sum(spread**2) > 1e-12:
        return None
    return float(np.sum(spread * (seen - seen.mean())) / np.sum(spread**2))


def _factors(sample, found, wanted):
    """Factor of the weight of a drawn gap, by its length; None where nothing is known.

    A gap drawn in activity time becomes a longer or a shorter one in wall time, depending on the
    hour: its factor is the mean quotient of wanted and found over the buckets it fell into
    (the step of Richardson and Lucy, which undoes the blur).
    """
    if found is None or wanted is None:
        return None
    same = sample.conversation[1:] == sample.conversation[:-1]
    wall = np.diff(sample.sent_ms)[same] / _MS_PER_SECOND
    drawn = sample.gap_ms[1:][same] / _MS_PER_SECOND
    quotients = _quotients(*found, wanted[1], wall.size)
    if quotients is None:
        return None
    edges, quotient = quotients
    fell = np.clip(np.searchsorted(edges, wall, side="right") - 1, 0, quotient.size - 1)
    place = np.searchsorted(_DRAWN_EDGES, drawn, side="right") - 1
    n_places = _DRAWN_EDGES.size
    seen = np.bincount(place, minlength=n_places)
    total = np.bincount(place, quotient[fell], minlength=n_places)
    factor = (total + _UNMOVED) / (seen + _UNMOVED)
    factor[_DRAWN_EDGES >= _LONGEST_BLURRED] = 1.0
    return _DRAWN_EDGES, factor[:-1]


def _tempo_factors(sample, keys, found, wanted):
    """Factors of the weight of a tempo by segment; None where nothing is known.

    A tempo's factor is the mean quotient of wanted and found over the lifetimes of the
    conversations with it, those of the segment's sizes first.
    """
    if found is None or wanted is None:
        return None
    first = np.flatnonzero(np.diff(sample.conversation, prepend=-1))
    size = np.diff(np.append(first, sample.conversation.size))
    lifetime, tempo = _lifetimes(sample), sample.tempo[sample.conversation[first]]
    quotients = _quotients(*found, wanted[1], lifetime.size)
    if quotients is None:
        return None
    edges, quotient = quotients
    fell = np.clip(np.searchsorted(edges, lifetime, side="right") - 1, 0, quotient.size - 1)
    place = np.searchsorted(_DRAWN_EDGES, tempo, side="right") - 1

    def factor(chosen, otherwise):
        seen = np.bincount(place[chosen], minlength=_DRAWN_EDGES.size)
        total = np.bincount(place[chosen], quotient[fell[chosen]], minlength=_DRAWN_EDGES.size)
        return (total + _UNMOVED * otherwise) / (seen + _UNMOVED)

    pooled = factor(size > 1, 1.0)
    factors = {}
    for key in keys:
        low, high = segments.parse(key).ranges.get("size", (2, np.inf))
        factors[key] = factor((size > 1) & (size >= low) & (size < high), pooled)[:-1]
    return factors


def _quotients(edges, have, want, n_gaps):
    """Wanted over found by bucket, thin ones pooled with their neighbours, and the edges."""
    pooled_edges, pooled_have, pooled_want = [edges[0]], [], []
    one, other = 0.0, 0.0
    for place in range(have.size):
        one, other = one + have[place], other + want[place]
        if min(one, other) * n_gaps >= _LEAST_IN_BUCKET:
            pooled_have.append(one)
            pooled_want.append(other)
            pooled_edges.append(edges[place + 1])
            one = other = 0.0
    if len(pooled_have) < 2:
        return None
    # What is left over belongs to the last bucket.
    pooled_have[-1] += one
    pooled_want[-1] += other
    pooled_edges[-1] = edges[-1]
    quotient = np.array(pooled_want) / np.array(pooled_have)
    return np.asarray(pooled_edges), np.clip(quotient, 1 / _MOST_FACTOR, _MOST_FACTOR)


def _weighted(quantity, edges, factor):
    """A quantity whose probability between two edges is multiplied."""
    if quantity.distribution == "empirical":
        x = np.asarray(quantity.parameters["x"], dtype=float)
        cdf = np.asarray(quantity.parameters["cdf"], dtype=float)
    else:
        cdf, x = tables.quantile_table(quantity)
    inner = edges[(edges > x[0]) & (edges < x[-1])]
    grid = np.union1d(x, inner)
    if np.any(np.diff(x) <= 0) or grid.size < 2:
        return quantity
    mass = np.diff(np.interp(grid, x, cdf))
    place = np.searchsorted(edges, (grid[1:] + grid[:-1]) / 2, side="right") - 1
    mass = mass * factor[np.clip(place, 0, factor.size - 1)]
    if not mass.sum() > 0:
        return quantity
    share = np.append(0.0, np.cumsum(mass) / mass.sum())
    share = np.append(np.minimum(share[:-1], 1.0), 1.0)
    moved = float(np.max(np.abs(share - np.interp(grid, x, cdf))))
    fit = quantity.goodness_of_fit or {}
    return replace(
        quantity,
        distribution="empirical",
        parameters={"x": grid.tolist(), "cdf": share.tolist()},
        lower=None,
        upper=None,
        goodness_of_fit={"ks": max(moved, fit.get("ks") or 0.0), "n": fit.get("n")},
        reason="corrected by looking ahead, so that the gaps generated are the pack's",
    )
