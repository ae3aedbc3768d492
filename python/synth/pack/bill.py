"""The bill of materials: what stands behind every number of a pack.

It is written beside the pack and stays inside the boundary, since how many people stand behind
a cell is finer than what the pack says. The manifest holds its digest.
"""

import json
from collections.abc import Iterable

from synth import catalogue
from synth.catalogue import ALL
from synth.errors import BadInput
from synth.pack import manifest, strict

SCHEMA_VERSION = "1.2"
SKETCH_TOP = 64
# It names every figure of the pack in a line of its own.
MAX_BYTES = 8 * strict.MAX_BYTES
_FIGURE = ("path", "value", "model", "n_people", "n_rows", "top_share", "rule")


def paths(rows):
    """Where the writer puts each row that it publishes.

    Parameters
    ----------
    rows : iterable of ShapeRow

    Returns
    -------
    list of (str, ShapeRow)
        JSON path and row, in the order of the catalogue.
    """
    key_of = {(line.entity, line.metric, line.kind): line for line in catalogue.metrics()}
    grouped = {}
    for row in rows:
        line = key_of[row.entity, row.metric, row.kind]
        grouped.setdefault((row.entity, line.pack_key), {}).setdefault(row.segment, []).append(row)
    found = []
    for key in catalogue.pack_keys():
        for segment, cells in grouped.get((key.entity, key.key), {}).items():
            found += [(_base(key, segment) + step, row) for step, row in _steps(key, cells)]
    return found


def build(
    supported: Iterable,
    *,
    described: dict,
    k: int,
    models: dict,
    model_of: dict,
    gates: dict,
) -> dict:
    """Build the bill of a pack.

    Parameters
    ----------
    supported : iterable of (ShapeRow, float or None, str)
        Row, share of its busiest person, and the rule that let it pass.
    described : dict
        The manifest without its bill: what was extracted, so that it cannot be edited unnoticed.
    k : int
    models : dict
        ``{model: {"sha256", "upstream"}}`` of all models that were built.
    model_of : dict
        ``{(entity, metric, kind): model}``.
    gates : dict
        ``{test: sha256}`` of the compiled SQL of all tests that ran.

    Returns
    -------
    dict
    """
    support = {_key(row): (share, rule) for row, share, rule in supported}
    rows = {_key(row): row for row, _, _ in supported}
    figures = []
    for path, row in paths(rows.values()):
        share, rule = support[_key(row)]
        model = model_of.get((row.entity, row.metric, row.kind))
        cells = (path, row.value, model, row.n_people, row.n_rows, share, rule)
        figures.append(dict(zip(_FIGURE, cells, strict=True)))
    return {
        "schema_version": SCHEMA_VERSION,
        "pack_sha256": described["pack"]["sha256"],
        "manifest": manifest.facts(described),
        "retention_until": described["retention_until"],
        "k": k,
        "models": models,
        "gates": gates,
        "figures": figures,
    }


def dumps(bill):
    """Write a bill as JSON (bytes), one line a figure."""
    head = {name: value for name, value in bill.items() if name != "figures"}
    lines = ",\n".join(json.dumps(figure, allow_nan=False) for figure in bill["figures"])
    body = json.dumps(head, indent=1, allow_nan=False).removesuffix("\n}")
    return f'{body},\n "figures": [\n{lines}\n]}}\n'.encode()


def load(path, expected, pack_sha256):
    """Read the bill that a manifest names.

    Parameters
    ----------
    path : pathlib.Path
    expected : str
        Its digest.
    pack_sha256 : str
        Digest of the pack it must be of.

    Returns
    -------
    dict

    Raises
    ------
    BadInput
        Unreadable, or not the one.
    """
    document, digest = strict.read(path, what="bill of materials", limit=MAX_BYTES)
    if digest != expected:
        raise BadInput(
            f"bill of materials {path} is not the one the manifest names",
            hint="take it anew from where the pack was extracted",
        )
    if not isinstance(document, dict) or document.get("pack_sha256") != pack_sha256:
        raise BadInput(
            f"bill of materials {path} is of another pack",
            hint="the pack was changed since it was extracted: extract it again",
        )
    if not _has_form(document):
        raise BadInput(
            f"bill of materials {path} is not in the form that `synth extract` writes",
            hint="take it anew from where the pack was extracted",
        )
    return document


def _has_form(bill: dict) -> bool:
    """Whether what is read of a bill is there and of its type."""
    figures, models = bill.get("figures"), bill.get("models")
    return (
        isinstance(bill.get("manifest", {}), dict)
        and isinstance(bill.get("gates", {}), dict)
        and isinstance(models, dict)
        and all(isinstance(model, dict) and "sha256" in model for model in models.values())
        and isinstance(figures, list)
        and all(
            isinstance(figure, dict)
            and set(_FIGURE) <= set(figure)
            and isinstance(figure["path"], str)
            and isinstance(figure["model"], str | None)
            and _is_number(figure["value"])
            and all(_is_number(figure[name]) for name in ("n_people", "n_rows", "top_share"))
            for figure in figures
        )
    )


def _is_number(value: object) -> bool:
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))


def numbers(document):
    """Every number of a pack's sections with its JSON path; edges of buckets left out.

    Returns
    -------
    dict
        ``{path: number}``.
    """
    found = {}
    for entity in catalogue.ENTITIES:
        _collect(document.get(entity), f"$.{entity}", found)
    return found


def _collect(node, path, found):
    if isinstance(node, dict):
        if "buckets" in node:
            for index, (_, _, count) in enumerate(node["buckets"]):
                found[f"{path}.buckets[{index}]"] = count
            return
        for key, child in node.items():
            _collect(child, f"{path}.{key}", found)
    elif isinstance(node, list):
        for index, child in enumerate(node):
            _collect(child, f"{path}[{index}]", found)
    elif node is not None:
        found[path] = node


def _key(row):
    return row.entity, row.metric, row.kind, row.segment, row.label, row.bucket_lower


def _base(key, segment):
    if segment == ALL:
        return f"$.{key.entity}.{key.key}"
    return f"$.{key.entity}.{key.by_type or key.key}.{segment}"


def _steps(key, rows):
    """Last step of each row's path, as `synth.pack.writer` arranges them."""
    if key.form in ("labelled", "percentiles", "stats"):
        for row in rows:
            if not row.is_suppressed and row.label is not None:
                name = "median" if key.form == "stats" and row.label == "p50" else row.label
                yield f".{name}", row
        return
    # The writer leaves the whole out where one cell is suppressed.
    if any(row.is_suppressed for row in rows):
        return
    if key.form == "histogram":
        for index, row in enumerate(sorted(rows, key=lambda row: row.bucket_lower)):
            yield f".buckets[{index}]", row
    elif key.form == "array":
        first = 1 if "weekday" in key.units else 0
        for row in rows:
            yield f"[{int(row.label) - first}]", row
    elif key.form == "shares":
        for row in rows:
            yield f".{row.label}", row
    else:
        yield "", rows[0]
