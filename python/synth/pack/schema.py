"""The pack's closed JSON Schema, made from the metric catalogue and the vocabulary.

``python -m synth.pack.schema`` writes the published copy, ``schemas/pack.schema.json``; a
test proves that the two agree. Readers use the one made here, so a label that a team adds
to ``seeds/vocabulary.csv`` counts at once.
"""

import json
import re
import sys
from functools import lru_cache

from synth import catalogue
from synth.pack import rule

SCHEMA_VERSION = "1.0"
PRIVACY_LEVEL = "ANONYMIZED_SHAPE_ONLY"
TOKEN = "tok_[0-9a-f]{16}"  # noqa: S105 - the pattern of a token, not a token
TIMESTAMP = "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,6})?(Z|[+]00:00)$"
DATE = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
QUANTILES = ("p5", "p10", "p25", "p50", "p75", "p90", "p95", "p98", "p99", "p99_9", "max")
STATS = ("mean", "median", *QUANTILES)
MAX_COUNT = 10**12
MAX_VALUE = 10**15
MAX_BUCKETS = 1000

_NUMBER = "[0-9]{1,7}([.][0-9]{1,6})?(e[+-][0-9]{2})?"
# A class of one dimension in a joint segment, as in "size_4_6" or "tempo_100_inf".
_CLASS = f"(size|senders|tempo)_{_NUMBER}_({_NUMBER}|inf)"
# A bin of a hand-written histogram, as in "5-9", "10" or "11+".
BIN = "^[0-9]{1,12}([.][0-9]{1,6})?(-[0-9]{1,12}([.][0-9]{1,6})?|[+])?$"
ARRAY_LENGTH = {"hour_of_day": 24, "hour_by_type": 24, "day_of_week": 7, "hour_of_week": 168}
_LARGEST = {"share": 100, "percent": 100, "coefficient": 1, "ratio": 10**6}


def build():
    """JSON Schema (draft 2020-12) of a pack.

    Returns
    -------
    dict
    """
    sections = {}
    for key in catalogue.pack_keys():
        section = sections.setdefault(key.entity, {})
        form = _form(key)
        if key.segments == "joint":
            section[key.key] = _nullable(_joint(form))
            continue
        section[key.key] = _nullable(form)
        if key.by_type:
            section[key.by_type] = _nullable(_by_type(key, form))
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:prodshape:pack:1.0",
        "title": "Prodshape pack",
        "description": (
            "Aggregates of a chat application. Closed: an unknown key is an error, and every "
            "string is a timestamp or a declared label. What may be signed is narrower still: "
            "see synth.pack.extracted."
        ),
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "schema_version": {"enum": [SCHEMA_VERSION]},
            "extracted_at": {"type": "string", "pattern": TIMESTAMP},
            "as_of": {"type": "string", "pattern": DATE, "description": "The window's last day."},
            "sample_window_days": {"type": "integer", "minimum": 1, "maximum": 36525},
            "privacy_level": {"enum": [PRIVACY_LEVEL]},
            "privacy": _privacy(),
            **{entity: _nullable(_object(sections[entity])) for entity in catalogue.ENTITIES},
        },
        "$defs": _definitions(),
    }


@lru_cache(maxsize=2)
def text():
    """The schema as it is published, with a line end."""
    return json.dumps(build(), indent=2) + "\n"


def segment_pattern():
    """Regular expression of a segment: a type, classes of a joint metric, or both."""
    types = [
        label
        for name in ("conversation_type", "message_type")
        for label in catalogue.vocabulary()[name]
    ]
    alone = "|".join([*map(re.escape, types), catalogue.OTHER])
    return f"(({alone})([.]{_CLASS}){{0,2}}|{_CLASS}([.]{_CLASS})?)"


def suppressed_pattern():
    """Regular expression of an entry of ``privacy.suppressed``."""
    names = "|".join(sorted({f"{line.entity}[.]{line.metric}" for line in catalogue.metrics()}))
    return f"({names})([.]{segment_pattern()})?"


def _most_suppressed() -> int:
    """Entries that `privacy.suppressed` can have: the metrics, alone and by class or type."""
    n_metrics = len({(line.entity, line.metric) for line in catalogue.metrics()})
    n_types = len(catalogue.segments("conversations", "member_count"))
    return n_metrics * (1 + n_types + len(catalogue.segments("messages", "content_length")))


def _object(properties):
    return {"type": "object", "additionalProperties": False, "properties": properties}


def _nullable(schema):
    # `anyOf` would only report "no match"; this way an error names the place inside.
    return {"if": {"type": "null"}, "else": schema}


def _privacy():
    return _object(
        {
            "k": {"type": "integer", "minimum": 2, "maximum": 10**6},
            "n_suppressed": {"type": "integer", "minimum": 0, "maximum": 10**6},
            "suppressed": {
                "type": "array",
                "maxItems": _most_suppressed(),
                "uniqueItems": True,
                "items": {"type": "string", "pattern": f"^{suppressed_pattern()}$"},
            },
            "sketch_bits": {"type": "integer", "minimum": 1, "maximum": 2**16},
            "release": rule.schema(),
        }
    )


def _definitions():
    units = {
        unit
        for key in catalogue.pack_keys()
        if key.form == "histogram"
        for unit in key.units.values()
    }
    value = {"type": "number", "minimum": 0, "maximum": MAX_VALUE}
    return {
        "count": {"type": "integer", "minimum": 0, "maximum": MAX_COUNT},
        "value": value,
        "value_or_null": {"type": ["number", "null"], "minimum": 0, "maximum": MAX_VALUE},
        "cell": {
            "description": "A share, a percentage or a count; one kind within a list.",
            "type": "number",
            "minimum": 0,
            "maximum": MAX_COUNT,
        },
        **{f"histogram_{unit}": _histogram(unit) for unit in sorted(units)},
    }


def _histogram(unit):
    lowest = -1 if unit == "coefficient" else 0
    edge = {"minimum": lowest, "maximum": MAX_VALUE}
    bucket = {
        "description": "[lower, upper), n_rows; upper null means open.",
        "type": "array",
        "prefixItems": [
            {"type": "number", **edge},
            {"type": ["number", "null"], **edge},
            {"$ref": "#/$defs/count"},
        ],
        "items": False,
        "minItems": 3,
    }
    written = _object(
        {
            "unit": {"const": unit},
            "buckets": {
                "type": "array",
                "items": bucket,
                "minItems": 1,
                "maxItems": MAX_BUCKETS,
            },
        }
    )
    by_hand = {
        "type": "object",
        "patternProperties": {BIN: {"$ref": "#/$defs/cell"}},
        "additionalProperties": False,
        "minProperties": 1,
        "maxProperties": MAX_BUCKETS,
    }
    return {
        "type": "object",
        "if": {"required": ["buckets"]},
        "then": written,
        "else": by_hand,
    }


def _form(key):
    unit = next(iter(key.units.values()))
    labels = catalogue.labels(key.entity, key.metric)
    if key.form == "histogram":
        return {"$ref": f"#/$defs/histogram_{unit}"}
    if key.form == "array":
        length = ARRAY_LENGTH[key.metric]
        cells = {"type": "array", "items": {"$ref": "#/$defs/cell"}}
        return {**cells, "minItems": length, "maxItems": length}
    if key.form in ("percentiles", "stats"):
        names = STATS if key.form == "stats" else QUANTILES
        return _object({name: {"$ref": "#/$defs/value_or_null"} for name in names})
    if key.form == "shares":
        cell = {"$ref": "#/$defs/cell"}
        named = _object({label: cell for label in (*labels, catalogue.OTHER)})
        return {**named, "minProperties": 1}
    if key.form == "labelled":
        return _object({label: _number(unit, nullable=True) for label in labels})
    return {"$ref": "#/$defs/count"} if unit == "rows" else _number(unit)


def _number(unit, *, nullable=False):
    lowest = -1 if unit == "coefficient" else 0
    return {
        "type": ["number", "null"] if nullable else "number",
        "minimum": lowest,
        "maximum": _LARGEST.get(unit, MAX_VALUE),
    }


def _by_type(key, form):
    names = (*catalogue.segments(key.entity, key.metric), catalogue.OTHER)
    return _object({name: _nullable(form) for name in names})


def _joint(form):
    return {
        "type": "object",
        "patternProperties": {f"^{segment_pattern()}$": _nullable(form)},
        "additionalProperties": False,
        "maxProperties": 10_000,
    }


if __name__ == "__main__":
    sys.stdout.write(text())
