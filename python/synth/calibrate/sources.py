"""Look-ups in a pack that return evidence ready to fit."""

from synth.fit.distribution import LARGEST
from synth.fit.evidence import Evidence, collect
from synth.fit.refine import split
from synth.spec import validation

SECONDS_PER_DAY = 86_400.0
# Largest values by metric, in the unit of the spec; of others any number that can be stored.
_MOST = {
    "username_length": validation.MOST_NAME,
    "conversations_per_user": validation.MOST_ROWS,
    "messages_per_conversation": validation.MOST_ROWS,
    "member_count": validation.MOST_ROWS,
    "distinct_senders": validation.MOST_ROWS,
    "members_by_size": validation.MOST_ROWS,
    "senders_by_size": validation.MOST_ROWS,
    "content_length": validation.MOST_CHARACTERS,
    "inter_arrival": validation.MOST_SECONDS,
    "activity_gap": validation.MOST_SECONDS,
    "tempo_by_size": validation.MOST_SECONDS,
    "receipts_per_message": validation.MOST_ROWS,
    "read_delay": validation.MOST_SECONDS,
    "attachments_per_media_message": validation.MOST_ATTACHED,
}
# Shares end at 1; the grid's last bucket holds exactly that value.
_FULL_SHARE = 1.0


def evidence(
    pack, entity, metric, segment="all", *, mean=None, scale=1.0, histogram=None, **options
):
    """Histogram and percentiles of one metric and segment.

    Parameters
    ----------
    pack : synth.pack.model.Pack
    entity, metric, segment : str
    mean : float, optional
        Known from elsewhere; default the pack's own.
    scale : float
        From the unit of the histogram's edges to that of the percentiles.
    histogram : tuple of (ndarray, ndarray), optional
        Edges and counts in place of the pack's.
    **options
        ``discrete`` and ``lower``, as for `synth.fit.evidence.collect`.

    Returns
    -------
    Evidence
        Empty where the pack has neither.
    """
    name = f"{entity}.{metric}" + ("" if segment == "all" else f".{segment}")
    if histogram is None:
        histogram = pack.histogram(entity, metric, segment)
    if histogram is not None and scale != 1.0:
        histogram = ([edge * scale for edge in histogram.edges], histogram.counts)
    if mean is None:
        mean = pack.scalar(entity, metric, segment, "mean")
    return collect(
        name,
        histogram=histogram,
        quantiles=pack.quantiles(entity, metric, segment),
        mean=mean,
        n=pack.n_rows(entity, metric, segment),
        most=_MOST.get(metric, LARGEST),
        **options,
    )


def segments(pack, entity, metric, **options):
    """Evidence of every segment of a metric that has some, ``all`` first.

    Buckets of a type are wide where the other types are small, so that no difference shows few
    people; they are split so that all types together agree with segment ``all``.

    Parameters
    ----------
    pack : synth.pack.model.Pack
    entity, metric : str
    **options
        As for `evidence`, except for ``mean``.

    Returns
    -------
    dict
        Segment to evidence.
    """
    names = dict.fromkeys(
        (*pack.segments(entity, metric), *pack.segments(entity, metric, "quantile"))
    )
    found, refined = {}, _refined(pack, entity, metric)
    for name in sorted(names, key=lambda name: name != "all"):
        one = evidence(pack, entity, metric, name, histogram=refined.get(name), **options)
        if not one.is_empty:
            found[name] = one
    return found


def _refined(pack, entity, metric):
    """Histograms of the types at the resolution of segment ``all``; none where that is unknown."""
    histograms = {
        segment: (histogram.edges, histogram.counts)
        for segment, histogram in pack.histograms(entity, metric).items()
    }
    whole = histograms.pop("all", None)
    if whole is None or not histograms:
        return {}
    # Written by hand, the parts need not add up to the whole.
    if sum(sum(counts) for _, counts in histograms.values()) > 1.001 * sum(whole[1]):
        return {}
    return split(histograms, whole)


def joint(pack, entity, metric, *, marginal=None, log_ranges=None, top=None, **options):
    """Evidence of every segment of a joint metric.

    Support makes the buckets of small segments wide; where the pack has the marginal they are
    split so that all segments together agree with it.

    Parameters
    ----------
    pack : synth.pack.model.Pack
    entity, metric : str
    marginal : str, optional
        Metric of the same entity over all segments together.
    log_ranges : dict, optional
        Segment to the range of the mean logarithm of its values, where known.
    top : float, optional
        Where the values of an open last bucket end.
    **options
        ``discrete`` and ``lower``.

    Returns
    -------
    dict
        Segment to evidence.
    """
    found = {}
    histograms = {
        segment: (histogram.edges, histogram.counts)
        for segment, histogram in pack.histograms(entity, metric).items()
        if segment != "all"
    }
    whole = pack.histogram(entity, marginal) if marginal else None
    if histograms and whole is not None:
        histograms = split(histograms, (whole.edges, whole.counts), log_ranges=log_ranges)
    for segment, histogram in histograms.items():
        most = _MOST.get(metric, LARGEST)
        one = collect(f"{entity}.{metric}.{segment}", histogram=histogram, most=most, **options)
        if not one.is_empty:
            found[segment] = one if top is None else one.with_top(top)
    return found


def of_shares(found):
    """Evidence of a share: its last bucket is the value 1 alone.

    Parameters
    ----------
    found : Evidence

    Returns
    -------
    Evidence
    """
    edges = found.edges.clip(max=_FULL_SHARE)
    return Evidence(edges, found.counts, n=found.n, lower=0.0, most=_FULL_SHARE)


def pooled(evidences):
    """Histogram of all segments together.

    Parameters
    ----------
    evidences : dict
        Segment to evidence with a histogram.

    Returns
    -------
    Evidence
        On the union of all edges; a bucket that other segments split is split evenly.
    """
    import numpy as np

    first = next(iter(evidences.values()))
    edges = np.unique(np.concatenate([one.edges for one in evidences.values()]))
    below = np.zeros(edges.size)
    for one in evidences.values():
        own = np.concatenate(([0.0], np.cumsum(one.counts)))
        finite = np.isfinite(one.edges)
        share = np.interp(edges, one.edges[finite], own[finite])
        # Nothing is known inside an open bucket, so its mass stays at its end.
        below += np.where(np.isinf(edges), own[-1], share)
    tops = [one.top for one in evidences.values() if one.top is not None]
    return Evidence(
        edges,
        np.maximum(np.diff(below), 0.0),
        top=max(tops, default=None),
        n=float(below[-1]),
        discrete=first.discrete,
        lower=first.lower,
        most=first.most,
    )
