"""A pack in memory: the rows of ``shape_metrics`` it stands for, and look-ups over them.

Nothing here imports numpy or a database driver: ``calibrate`` counts milliseconds.
"""

from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from synth.catalogue import ALL

_P_OF_LABEL = {"median": 0.5, "max": 1.0}


@dataclass(frozen=True, slots=True)
class ShapeRow:
    """One row of ``shape_metrics``.

    Attributes
    ----------
    entity, metric, segment, kind, label : str
        Keys; ``label`` is None for totals, buckets and unnamed scalars.
    bucket_lower, bucket_upper : float or None
        Half-open bucket in `unit`; an open one ends at ``inf``.
    value : float or None
        A count (total), a share (category, bucket, hour, weekday) or a figure in `unit`;
        None where suppressed.
    unit : str
    n_rows : int or None
        Observations in the cell; for scalars and quantiles all of the metric. None where a
        pack does not let it be worked out.
    n_people : int or None
        Certified lower bound; never in a pack, so None on every row read from one.
    is_suppressed : bool
    """

    entity: str
    metric: str
    segment: str
    kind: str
    label: str | None
    bucket_lower: float | None
    bucket_upper: float | None
    value: float | None
    unit: str
    n_rows: int | None
    n_people: int | None = None
    is_suppressed: bool = False


@dataclass(frozen=True)
class PackMeta:
    """What a pack says about itself; everything is None in a bare hand-written pack.

    Attributes
    ----------
    schema_version, extracted_at, as_of, privacy_level : str or None
        ``extracted_at`` is an ISO timestamp, ``as_of`` an ISO date.
    window_days, k, n_suppressed, sketch_bits : int or None
    suppressed : tuple of str
        ``entity.metric`` or ``entity.metric.SEGMENT``.
    release : dict or None
        By which rule, see `synth.pack.rule`; None in packs of exact counts.
    """

    schema_version: str | None = None
    extracted_at: str | None = None
    as_of: str | None = None
    window_days: int | None = None
    privacy_level: str | None = None
    k: int | None = None
    n_suppressed: int | None = None
    suppressed: tuple = ()
    sketch_bits: int | None = None
    release: dict | None = None


class Histogram(NamedTuple):
    """Counts between adjacent edges: ``edges[i] <= x < edges[i + 1]`` holds ``counts[i]``.

    ``edges`` has one entry more than ``counts``; the last may be ``inf``. Stretches the pack
    does not mention are there with a count of 0. Where a hand-written pack gives shares and
    no total, the counts are these shares and sum to 1.
    """

    edges: list
    counts: list


@dataclass(frozen=True)
class Pack:
    """A pack that was read and found valid.

    Attributes
    ----------
    meta : PackMeta
    sha256 : str
        Hex digest of the file's bytes.
    rows : tuple of ShapeRow
        Suppressed metrics included (``is_suppressed``).
    """

    meta: PackMeta
    sha256: str
    rows: tuple = field(repr=False)

    @cached_property
    def _cells(self):
        """Unsuppressed rows by (entity, metric, kind, segment)."""
        cells = {}
        for row in self.rows:
            if not row.is_suppressed:
                cells.setdefault((row.entity, row.metric, row.kind, row.segment), []).append(row)
        return cells

    def total(self, entity):
        """Total count of an entity, or None."""
        rows = self._cells.get((entity, "total_count", "total", ALL))
        return int(rows[0].value) if rows else None

    def segments(self, entity, metric, kind="bucket"):
        """Segments a metric has, in the order of the pack."""
        return [key[3] for key in self._cells if key[:3] == (entity, metric, kind)]

    def histogram(self, entity, metric, segment=ALL):
        """Histogram of a metric.

        Returns
        -------
        Histogram or None
            Unpacks as ``edges, counts``.
        """
        rows = self._cells.get((entity, metric, "bucket", segment))
        if not rows:
            return None
        edges, counts = [], []
        for row in sorted(rows, key=lambda row: row.bucket_lower):
            if edges and edges[-1] != row.bucket_lower:
                counts.append(0)
            if not edges or edges[-1] != row.bucket_lower:
                edges.append(row.bucket_lower)
            counts.append(row.value if row.n_rows is None else row.n_rows)
            edges.append(row.bucket_upper)
        return Histogram(edges, counts)

    def histograms(self, entity, metric):
        """Histograms of a metric by segment, ``all`` included.

        Returns
        -------
        dict
            ``{segment: Histogram}``.
        """
        return {
            segment: self.histogram(entity, metric, segment)
            for segment in self.segments(entity, metric)
        }

    def quantiles(self, entity, metric, segment=ALL):
        """Quantiles of a metric.

        Returns
        -------
        dict
            ``{p: value}`` in increasing p; the top-coded maximum has p = 1.0.
        """
        rows = self._cells.get((entity, metric, "quantile", segment), [])
        found = {probability(row.label): row.value for row in rows}
        return dict(sorted(found.items()))

    def scalar(self, entity, metric, segment=ALL, label=None):
        """One scalar (``label`` for example ``mean`` or ``top_1``), or None."""
        for row in self._cells.get((entity, metric, "scalar", segment), []):
            if row.label == label:
                return row.value
        return None

    def labelled(self, entity, metric, segment=ALL):
        """Named scalars of a metric, ``{label: value}``; empty where there are none."""
        rows = self._cells.get((entity, metric, "scalar", segment), [])
        return {row.label: row.value for row in rows}

    def shares(self, entity, metric, segment=ALL):
        """Category shares, ``{label: share}``, summing to 1; empty where there are none."""
        rows = self._cells.get((entity, metric, "category", segment), [])
        return {row.label: row.value for row in rows}

    def array(self, entity, metric, segment=ALL):
        """Shares in label order (24 or 168 hours, 7 days from Monday), or None."""
        for kind in ("hour", "weekday"):
            rows = self._cells.get((entity, metric, kind, segment))
            if rows:
                return [row.value for row in sorted(rows, key=lambda row: int(row.label))]
        return None

    def n_rows(self, entity, metric, segment=ALL):
        """Sample size of a metric: the sum of its cells, or a row's own; None if unknown."""
        for kind in ("bucket", "category", "hour", "weekday"):
            rows = self._cells.get((entity, metric, kind, segment))
            if rows:
                counts = [row.n_rows for row in rows]
                return None if None in counts else sum(counts)
        for kind in ("quantile", "scalar", "total"):
            rows = self._cells.get((entity, metric, kind, segment))
            if rows:
                return rows[0].n_rows
        return None

    def has(self, entity):
        """Whether the pack says anything about an entity."""
        return any(key[0] == entity for key in self._cells)


def probability(label):
    """Probability of a quantile's label: ``p95`` is 0.95, ``p99_9`` 0.999, ``max`` 1.0."""
    if label in _P_OF_LABEL:
        return _P_OF_LABEL[label]
    return float(label[1:].replace("_", ".")) / 100
