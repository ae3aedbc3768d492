"""The metric catalogue and the vocabulary: the two seeds that say what may be published.

Both are read from the project's ``seeds`` directory, so dbt and Python share one list.
"""

from dataclasses import dataclass, fields
from functools import lru_cache

from synth import inputs, settings
from synth.errors import BadInput

ENTITIES = ("users", "conversations", "messages", "read_receipts", "attachments")
KINDS = ("total", "category", "bucket", "quantile", "scalar", "hour", "weekday")
FORMS = ("number", "shares", "labelled", "array", "percentiles", "stats", "histogram")
ALL = "all"
OTHER = "OTHER"

# Which vocabulary the labels of a metric come from.
_LABELS = {
    ("users", "device_mix"): "device",
    ("users", "profile_completeness"): "profile_field",
    ("conversations", "type_distribution"): "conversation_type",
    ("conversations", "size_mix"): "size_class",
    ("messages", "type_distribution"): "message_type",
    ("attachments", "type_distribution"): "attachment_type",
}
_SEGMENTS = {
    ("messages", "content_length"): "message_type",
    ("messages", "hour_by_type"): "message_type",
}
# Metrics of columns, whatever the entity.
_COLUMN_METRICS = ("column_distinct", "common_share", "heap_correlation")
_CONCENTRATION = ("top_1", "top_2", "top_5", "top_10")


@dataclass(frozen=True)
class Metric:
    """One line of the catalogue.

    Attributes
    ----------
    entity, metric, kind : str
        As in ``shape_metrics``.
    segments : str
        ``none``, ``type`` (``all`` and one per type) or ``joint`` (dimension classes).
    unit : str
        Of the value, or of the edges of a bucket.
    pack_key, form : str
        Where and how the pack holds it.
    """

    entity: str
    metric: str
    kind: str
    segments: str
    unit: str
    pack_key: str
    form: str


_COLUMNS = {field.name for field in fields(Metric)}


@dataclass(frozen=True)
class PackKey:
    """One key of a pack's section; more than one kind of a metric may share it.

    Attributes
    ----------
    entity, key, form, segments, metric : str
        As in the catalogue.
    units : dict
        Unit by kind, in catalogue order.
    """

    entity: str
    key: str
    form: str
    segments: str
    metric: str
    units: dict

    @property
    def by_type(self):
        """Key that holds the other segments, or None where there are none."""
        return f"{self.key}_by_type" if self.segments == "type" else None


@lru_cache(maxsize=4)
def _metrics(directory):
    return tuple(Metric(**row) for row in _read(directory / "metric_catalogue.csv", _COLUMNS))


@lru_cache(maxsize=4)
def _vocabulary(directory):
    labels = {}
    for row in _read(directory / "vocabulary.csv", {"vocabulary", "label"}):
        labels.setdefault(row["vocabulary"], []).append(row["label"])
    return {name: tuple(values) for name, values in labels.items()}


@lru_cache(maxsize=4)
def _pack_keys(directory):
    grouped = {}
    for line in _metrics(directory):
        grouped.setdefault((line.entity, line.pack_key), []).append(line)
    return tuple(
        PackKey(
            entity=entity,
            key=key,
            form=lines[0].form,
            segments=lines[0].segments,
            metric=lines[0].metric,
            units={line.kind: line.unit for line in lines},
        )
        for (entity, key), lines in grouped.items()
    )


def metrics():
    """Every line of ``seeds/metric_catalogue.csv``.

    Returns
    -------
    tuple of Metric
    """
    return _metrics(_seeds())


def pack_keys():
    """Every key of a pack, in catalogue order.

    Returns
    -------
    tuple of PackKey
    """
    return _pack_keys(_seeds())


def vocabulary():
    """Labels that may leave, by vocabulary.

    Returns
    -------
    dict
        ``{vocabulary: (label, ...)}`` from ``seeds/vocabulary.csv``.
    """
    return _vocabulary(_seeds())


def labels(entity, metric):
    """Labels a metric may carry, ``OTHER`` excluded.

    Returns
    -------
    tuple of str or None
        None where the labels are no vocabulary (quantiles, hours).
    """
    if metric == "concentration":
        return _CONCENTRATION
    name = "column" if metric in _COLUMN_METRICS else _LABELS.get((entity, metric))
    return vocabulary()[name] if name else None


def segments(entity, metric):
    """Segments a metric with ``segments = type`` may have besides ``all``."""
    return vocabulary()[_SEGMENTS.get((entity, metric), "conversation_type")]


def _seeds():
    return settings.project_dir() / "seeds"


def _read(path, columns):
    rows = inputs.read_table(path, "seed")
    if not rows or not columns <= set(rows[0]):
        raise BadInput(f"seed {path} lacks a column or is empty", hint="restore it from git")
    return [{name: row[name] for name in columns} for row in rows]
