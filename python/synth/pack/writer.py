"""Turn rows of ``shape_metrics`` into a pack: the inverse of `synth.pack.reader`."""

import json
import math

from synth import catalogue
from synth.catalogue import ALL
from synth.errors import GateFailed
from synth.pack import rule
from synth.pack import schema as pack_schema
from synth.pack.model import probability

# Enough for every comparison, and too few to write anything else in them.
SIGNIFICANT_DIGITS = 6


def document(rows, meta):
    """Build a pack.

    Parameters
    ----------
    rows : iterable of ShapeRow
        All of ``shape_metrics``.
    meta : PackMeta
        ``extracted_at``, ``as_of``, ``window_days``, ``k``, ``sketch_bits`` and ``release`` are
        used; the list of suppressed metrics is made here.

    Returns
    -------
    dict
        Ready for `dumps`; every key of the catalogue is present, null where there is nothing.

    Raises
    ------
    GateFailed
        A row that the catalogue does not list.
    """
    rows = list(rows)
    suppressed = set()
    sections = {entity: {} for entity in catalogue.ENTITIES}
    grouped = _grouped(rows)
    for key in catalogue.pack_keys():
        sections[key.entity].update(_encode(key, grouped.pop((key.entity, key.key)), suppressed))
    return {
        "schema_version": pack_schema.SCHEMA_VERSION,
        "extracted_at": meta.extracted_at,
        "as_of": meta.as_of,
        "sample_window_days": meta.window_days,
        "privacy_level": pack_schema.PRIVACY_LEVEL,
        "privacy": {
            "k": meta.k,
            "n_suppressed": sum(row.is_suppressed for row in rows),
            "suppressed": sorted(suppressed),
            "sketch_bits": meta.sketch_bits,
            # Packs of exact counts say no rule, and stay what they are byte for byte.
            **({} if meta.release is None else {"release": rule.ordered(meta.release)}),
        },
        **{entity: _section(section) for entity, section in sections.items()},
    }


def dumps(pack):
    """Write a pack as JSON, one line for every key or segment, so that two packs diff well.

    Parameters
    ----------
    pack : dict

    Returns
    -------
    bytes
    """
    return (_lines(pack, depth=0, levels=3) + "\n").encode()


def _lines(value, *, depth, levels):
    flat = depth >= levels or not isinstance(value, dict) or not value or "buckets" in value
    if flat:
        return json.dumps(value, allow_nan=False, separators=(", ", ": "))
    indent = "  " * (depth + 1)
    body = ",\n".join(
        f"{indent}{json.dumps(key)}: {_lines(child, depth=depth + 1, levels=levels)}"
        for key, child in value.items()
    )
    return f"{{\n{body}\n{'  ' * depth}}}"


def _grouped(rows):
    """Rows by pack key and segment."""
    key_of = {(line.entity, line.metric, line.kind): line for line in catalogue.metrics()}
    grouped = {(key.entity, key.key): {} for key in catalogue.pack_keys()}
    n_unknown = 0
    for row in rows:
        line = key_of.get((row.entity, row.metric, row.kind))
        if line is None or line.unit != row.unit:
            n_unknown += 1
            continue
        grouped[line.entity, line.pack_key].setdefault(row.segment, []).append(row)
    if n_unknown:
        raise GateFailed(
            f"shape_metrics holds {n_unknown} rows that the metric catalogue does not list",
            hint="compare its entity, metric, kind and unit with seeds/metric_catalogue.csv",
            n_unknown=n_unknown,
        )
    return grouped


def _encode(key, segments, suppressed):
    """The one or two entries of a section that belong to a pack key."""
    forms = {}
    for segment, rows in segments.items():
        forms[segment] = _form(key, rows)
        if any(row.is_suppressed for row in rows):
            name = f"{key.entity}.{key.metric}"
            suppressed.add(name if segment == ALL else f"{name}.{segment}")
    if key.segments == "joint":
        parts = {segment: form for segment, form in forms.items() if segment != ALL}
        return {key.key: dict(sorted(parts.items())) or None}
    entry = {key.key: forms.pop(ALL, None)}
    if key.by_type:
        entry[key.by_type] = dict(sorted(forms.items())) or None
    return entry


def _form(key, rows):
    if key.form in ("labelled", "percentiles", "stats"):
        return _named(key, rows)
    # One missing cell of a whole could be worked out from the others, so all go.
    if any(row.is_suppressed for row in rows):
        return None
    if key.form == "histogram":
        return _histogram(key, rows)
    if key.form == "shares":
        return {row.label: rounded(row.value) for row in _by_label(key, rows)}
    if key.form == "array":
        values = {int(row.label): row.value for row in rows}
        first = 1 if "weekday" in key.units else 0
        length = pack_schema.ARRAY_LENGTH[key.metric]
        return [rounded(values.get(first + i, 0)) for i in range(length)]
    return int(rows[0].value) if key.key == "total_count" else rounded(rows[0].value)


def _named(key, rows):
    figures = {}
    for row in rows:
        if row.label is None:
            continue
        name = "median" if key.form == "stats" and row.label == "p50" else row.label
        figures[name] = None if row.is_suppressed else rounded(row.value)
    if key.form == "labelled":
        order = list(catalogue.labels(key.entity, key.metric))
        return {name: figures[name] for name in sorted(figures, key=_position(order))} or None
    by_p = sorted(figures, key=lambda name: 0 if name == "mean" else probability(name))
    return {name: figures[name] for name in by_p} or None


def _by_label(key, rows):
    order = list(catalogue.labels(key.entity, key.metric))
    return sorted(rows, key=lambda row: (_position(order)(row.label), row.label))


def _position(order):
    return lambda label: order.index(label) if label in order else len(order)


def _histogram(key, rows):
    buckets = [
        [edge(row.bucket_lower), edge(row.bucket_upper), row.n_rows]
        for row in sorted(rows, key=lambda row: row.bucket_lower)
    ]
    return {"unit": key.units["bucket"], "buckets": buckets}


def edge(value: float | None) -> float | int | None:
    """An edge in full precision, so that it equals the grid's; None where it is open."""
    if value is None or math.isinf(value):
        return None
    return int(value) if float(value).is_integer() else value


def rounded(value: float) -> float | int | None:
    """A figure as a pack has it, of six significant digits; None where it is infinite."""
    if math.isinf(value):
        # Top-coded into an open bucket: there is no figure to give.
        return None
    short = float(f"{value:.{SIGNIFICANT_DIGITS}g}")
    return int(short) if short.is_integer() else short


def _section(section):
    """A section, or None where its entity has no rows at all."""
    figures = [value for name, value in section.items() if name != "total_count"]
    if not section.get("total_count") and all(value is None for value in figures):
        return None
    return section
