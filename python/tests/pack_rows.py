"""Rows of ``shape_metrics`` as the shape models make them, for tests of the pack.

Drawn from the metric catalogue, so a metric that is added there is tested at once.
"""

import random
from bisect import bisect

from synth import catalogue
from synth.pack import grids
from synth.pack.model import PackMeta, ShapeRow

META = PackMeta(
    extracted_at="2026-02-01T10:11:12Z",
    as_of="2026-01-31",
    window_days=30,
    k=20,
    sketch_bits=64,
)
_QUANTILES = ("p50", "p75", "p90", "p95", "p99", "max")
_CLASSES = {
    "members_by_size": ("{type}.size_{size}",),
    "senders_by_size": ("{type}.size_{size}",),
    "dominance_by_size_senders": ("size_{size}.senders_{senders}",),
    "tempo_by_size": ("size_{size}",),
    "activity_gap": ("size_{size}.tempo_{tempo}",),
    "hour_by_type": ("{type}",),
}
_SIZES = ("1_2", "4_6", "8_64", "64_1.04858e+06", "1.04858e+06_inf")
_LENGTHS = {
    "hour_of_day": (0, 24),
    "hour_by_type": (0, 24),
    "day_of_week": (1, 8),
    "hour_of_week": (0, 168),
}


def make(seed, *, without=(), suppressed=()):
    """Rows of every metric of the catalogue.

    Parameters
    ----------
    seed : int
    without : collection of str
        Entities that have no rows.
    suppressed : collection of (str, str)
        Entity and metric of those that are suppressed as a whole.

    Returns
    -------
    list of ShapeRow
    """
    rng = random.Random(seed)
    totals = {entity: rng.randrange(1000, 10**9) for entity in catalogue.ENTITIES}
    rows = []
    for line in catalogue.metrics():
        if line.entity in without:
            continue
        if (line.entity, line.metric) in suppressed:
            rows.append(_row(line, is_suppressed=True))
            continue
        for segment in _segments(line, rng):
            rows.extend(_cells(line, segment, rng, totals[line.entity]))
    return rows


def key(row):
    """What identifies a row."""
    return (row.entity, row.metric, row.segment, row.kind, row.label or "", row.bucket_lower or 0)


def _segments(line, rng):
    if line.segments == "type":
        known = catalogue.segments(line.entity, line.metric)
        return ["all", *rng.sample(known, rng.randint(0, len(known)))]
    if line.segments == "joint":
        types = catalogue.segments(line.entity, line.metric)
        found = {
            form.format(
                type=rng.choice(types),
                size=rng.choice(_SIZES),
                senders=rng.choice(("1_2", "5_9", "33_inf")),
                tempo=rng.choice(("0_1", "3.16228_10", "100_inf")),
            )
            for form in _CLASSES[line.metric]
            for _ in range(rng.randint(1, 8))
        }
        return sorted(found)
    return ["all"]


def _cells(line, segment, rng, total):
    if line.kind == "total":
        return [_row(line, segment, value=float(total), n_rows=total)]
    if line.kind == "bucket":
        return _buckets(line, segment, rng)
    if line.kind == "quantile":
        labels = _QUANTILES[1:-1] if line.form == "stats" else _QUANTILES
        labels = ("p50", *labels) if line.form == "stats" else labels
        values = sorted(rng.uniform(0, 10**6) for _ in labels)
        return [
            _row(line, segment, label=label, value=value, n_rows=total)
            for label, value in zip(labels, values, strict=True)
        ]
    if line.kind == "category":
        labels = [*catalogue.labels(line.entity, line.metric), "OTHER"]
        return _shares(line, segment, rng, labels[: rng.randint(1, len(labels))], total)
    if line.kind in ("hour", "weekday"):
        labels = [str(number) for number in range(*_LENGTHS[line.metric])]
        return _shares(line, segment, rng, labels, total)
    labels = catalogue.labels(line.entity, line.metric) if line.form == "labelled" else [None]
    labels = ["mean"] if line.form == "stats" else labels
    largest = {"share": 1, "percent": 100, "coefficient": 1}.get(line.unit, 500)
    return [
        _row(line, segment, label=label, value=rng.uniform(0, largest), n_rows=total)
        for label in labels
    ]


def _shares(line, segment, rng, labels, total):
    # Cut points give counts that sum to the total exactly.
    cuts = sorted(rng.randint(0, total) for _ in labels[1:])
    counts = [high - low for low, high in zip([0, *cuts], [*cuts, total], strict=True)]
    return [
        _row(line, segment, label=label, value=count / total, n_rows=count)
        for label, count in zip(labels, counts, strict=True)
    ]


def _buckets(line, segment, rng):
    grid = grids.edges(grids.of_metric(line.entity, line.metric, line.unit))
    chosen = sorted(rng.sample(grid, rng.randint(2, len(grid))))
    counts = [rng.randint(1, 10**4) for _ in chosen[1:]]
    # A merged histogram may leave a stretch out.
    keep = [rng.random() < 0.9 for _ in counts]
    keep[bisect(counts, 0)] = True
    total = sum(count for count, kept in zip(counts, keep, strict=True) if kept)
    return [
        _row(line, segment, edges=(lower, upper), value=count / total, n_rows=count)
        for lower, upper, count, kept in zip(chosen, chosen[1:], counts, keep, strict=False)
        if kept
    ]


def _row(line, segment="all", *, label=None, edges=(None, None), value=None, n_rows=None, **more):
    return ShapeRow(
        entity=line.entity,
        metric=line.metric,
        segment=segment,
        kind=line.kind,
        label=label,
        bucket_lower=edges[0],
        bucket_upper=edges[1],
        value=value,
        unit=line.unit,
        n_rows=n_rows,
        n_people=None if more.get("is_suppressed") else 40,
        **more,
    )
