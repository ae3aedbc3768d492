"""Tables of facts: run record, manifest. Unknown keys are shown too, so nothing is hidden."""

import json
import re

# Order of the documentation; the database keeps none.
_SPEC = (
    "schema_version", "created_at", "source", "window", "totals", "users", "conversations",
    "messages", "read_receipts", "attachments",
)  # fmt: skip
# Of the manifest: who vouches, for what, then how it was made.
_MANIFEST = (
    "sign_off", "pack", "window", "extracted", "retention_until", "privacy", "scan", "source",
    "tokenisation", "bill", "audit", "tool", "schema_version",
)  # fmt: skip
# All times here are UTC.
_ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|\+00:00)")
_STATES = {"removed": "done; its tables were removed since"}


def run_rows(run):
    """Facts of the run record: ``(name, value)``."""
    if run is None:
        return []
    rows = [
        ("run", run["run_id"]),
        ("schema", run["target_schema"]),
        ("state", _STATES.get(run["state"], run["state"])),
        ("messages", f"{run['n_messages']:,}"),
        ("band", run["band"] or "-"),
        ("seed", str(run["seed"])),
        ("spec SHA-256", run["spec_sha256"]),
        ("started", _time(run["started_at"])),
        ("finished", _time(run["finished_at"])),
    ]
    rows += _flat("options", _without_empty(run["options"]))
    result = run["result"] or {}
    rows += [(f"rows: {table}", f"{count:,}") for table, count in _items(result.get("rows"))]
    seconds = dict(_items(result.get("seconds")))
    if seconds:
        rows.append(("seconds in all", f"{sum(seconds.values()):.1f}"))
    rows += [(f"checksums: {table}", digest) for table, digest in _items(result.get("checksums"))]
    rows += [("notes: planning", note) for note in (run["plan"] or {}).get("notes") or []]
    return rows


def pack_rows(report):
    """Facts of the pack and of the validation: ``(name, value)``."""
    pack = report["pack"]
    rows = [(name.replace("_", " "), _text(value)) for name, value in pack.items()]
    return [
        *rows,
        ("validated", _text(report["created_at"])),
        ("target", report["target"]),
        ("schema", report["schema"]),
        ("tolerance of the run", f"{report['tolerance']:g}"),
        ("tool", " ".join(_text(value) for value in report["tool"].values())),
    ]


def manifest_rows(manifest):
    """Facts of the manifest: ``(name, value)``, nested keys joined by a colon."""
    given = manifest or {}
    known = {key: given[key] for key in _MANIFEST if key in given}
    return _flat("", known | given)


def grouped(rows):
    """Rows by what stands before the colon in their names, so that a table reads in parts.

    Parameters
    ----------
    rows : list of (str, str)

    Returns
    -------
    list of (str, list of (str, str))
        Heading and rows, in the order of their first; those without a heading come before all.
    """
    made = {"": []}
    for name, value in rows:
        heading, colon, rest = name.partition(": ")
        made.setdefault(heading if colon else "", []).append((rest if colon else name, value))
    return [(heading, found) for heading, found in made.items() if found]


def spec_text(spec):
    """The whole spec, one quantity a line, so that it stays readable and complete."""
    return _render(ordered(spec), "") + "\n"


def ordered(spec):
    """A spec with its parts in the order of the documentation."""
    known = {key: spec[key] for key in _SPEC if key in spec}
    return known | spec


def _render(value, indent):
    if isinstance(value, dict) and "distribution" not in value and value:
        inner = indent + "  "
        lines = [f"{inner}{json.dumps(k)}: {_render(v, inner)}" for k, v in value.items()]
        return "{\n" + ",\n".join(lines) + f"\n{indent}}}"
    return json.dumps(value)


def _flat(prefix, value):
    if isinstance(value, dict):
        rows = []
        for key, member in value.items():
            name = key.replace("_", " ")
            rows += _flat(f"{prefix}: {name}" if prefix else name, member)
        return rows
    if isinstance(value, list):
        return [(prefix, ", ".join(map(_text, value)) or "none")]
    return [(prefix, _text(value))]


def _items(mapping):
    return (mapping or {}).items()


def _without_empty(options):
    return {key: value for key, value in (options or {}).items() if value is not None}


def _text(value):
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str) and _ISO.fullmatch(value):
        return f"{value[:10]} {value[11:19]} UTC"
    return str(value)


def _time(value):
    return "-" if value is None else f"{value:%Y-%m-%d %H:%M:%S} UTC"
