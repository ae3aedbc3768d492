"""Tables of facts: run record, manifest, spec. Unknown keys are shown too, so nothing is hidden."""

import json

# Order of the documentation; the database keeps none.
_SPEC = (
    "schema_version", "created_at", "source", "window", "totals", "users", "conversations",
    "messages", "read_receipts", "attachments",
)  # fmt: skip
# Longer lists are knots of a distribution: the table gives their number, the text below all.
_LONG = 12


def run_rows(run):
    """Facts of the run record: ``(name, value)``."""
    if run is None:
        return []
    rows = [
        ("run", run["run_id"]),
        ("schema", run["target_schema"]),
        ("state", run["state"]),
        ("messages", f"{run['n_messages']:,}"),
        ("band", run["band"] or "-"),
        ("seed", str(run["seed"])),
        ("spec SHA-256", run["spec_sha256"]),
        ("started", _time(run["started_at"])),
        ("finished", _time(run["finished_at"])),
    ]
    rows += _flat("options", _without_empty(run["options"]))
    result = run["result"] or {}
    rows += [(f"rows of {table}", f"{count:,}") for table, count in _items(result.get("rows"))]
    seconds = dict(_items(result.get("seconds")))
    if seconds:
        rows.append(("seconds in all", f"{sum(seconds.values()):.1f}"))
    rows += [(f"checksum of {table}", digest) for table, digest in _items(result.get("checksums"))]
    rows += [("note", note) for note in (run["plan"] or {}).get("notes") or []]
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
    return _flat("", manifest or {})


def spec_rows(spec):
    """One row for each quantity of a spec, joint classes counted instead of listed.

    Parameters
    ----------
    spec : dict

    Returns
    -------
    rows : list of tuple of str
        Quantity, distribution, parameters, KS distance of the fit, observations.
    """
    rows = []
    for path, value in _leaves(ordered(spec), ""):
        if isinstance(value, dict) and "distribution" in value:
            fit = value.get("goodness_of_fit") or {}
            distance, size = fit.get("ks"), fit.get("n")
            rows.append(
                (
                    path,
                    str(value["distribution"]),
                    _parameters(value.get("parameters") or {}),
                    "-" if distance is None else f"{distance:.3g}",
                    "-" if size is None else f"{size:,}",
                )
            )
        else:
            rows.append((path, "", _short(value), "", ""))
    return rows


def spec_text(spec):
    """The whole spec, one quantity a line, so that it stays readable and complete."""
    return _render(ordered(spec), "") + "\n"


def ordered(spec):
    """A spec with its parts in the order of the documentation."""
    known = {key: spec[key] for key in _SPEC if key in spec}
    return known | spec


def differences(left, right):
    """Paths at which two documents differ: ``(path, left, right)``.

    Parameters
    ----------
    left, right : dict or None

    Returns
    -------
    list of tuple of str
    """
    first, second = (dict(_leaves(one or {}, "", whole=True)) for one in (left, right))
    return [
        (path, _shown(first.get(path)), _shown(second.get(path)))
        for path in dict.fromkeys((*first, *second))
        if first.get(path) != second.get(path)
    ]


def _shown(value):
    if value is None:
        return "-"
    if isinstance(value, dict) and "distribution" in value:
        return f"{value['distribution']}: {_parameters(value.get('parameters') or {})}"
    return _short(value)


def _leaves(value, path, *, whole=False):
    """Quantities and plain values below a path; joint classes of one quantity as one, or whole."""
    if not isinstance(value, dict) or "distribution" in value or not value:
        yield path, value
        return
    joint = [key for key in value if ("size_" in key or "tempo_" in key) and not whole]
    for key, member in value.items():
        if key not in joint:
            yield from _leaves(member, f"{path}.{key}" if path else key, whole=whole)
    if joint:
        yield f"{path}.(joint classes)", f"{len(joint)} distributions by size or tempo"


def _parameters(parameters):
    said = []
    for name, value in parameters.items():
        if isinstance(value, list) and len(value) > _LONG:
            ends = f", {_short(value[0])} to {_short(value[-1])}" if name == "x" else ""
            said.append(f"{name}: {len(value)} knots{ends}")
        elif isinstance(value, list):
            said.append(f"{name}: {', '.join(map(_short, value))}")
        else:
            said.append(f"{name} {_short(value)}")
    return "; ".join(said)


def _short(value):
    if isinstance(value, bool) or value is None:
        return _text(value)
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, list):
        if len(value) > _LONG:
            return f"{len(value)} values"
        return ", ".join(map(_short, value)) or "none"
    if isinstance(value, dict):
        return json.dumps(value)
    return str(value)


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
    return str(value)


def _time(value):
    return "-" if value is None else f"{value:%Y-%m-%d %H:%M:%S} UTC"
