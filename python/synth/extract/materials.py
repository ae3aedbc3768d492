"""What a build was made of: the compiled SQL of its models, and which model gave which metric."""

import os
import re
from pathlib import Path

from synth import db, dbt, settings
from synth.errors import DatabaseError
from synth.pack import strict

_IDENTIFIER = re.compile(r'"([a-z_0-9]+)"')


def models(build):
    """Digest of every model's compiled SQL, as dbt left it in its target directory.

    Parameters
    ----------
    build : synth.dbt.DbtRun

    Returns
    -------
    dict
        ``{model: {"sha256", "upstream": [model, ...]}}``; `upstream` are the models it reads.

    Raises
    ------
    DatabaseError
        dbt left no SQL of a model that it built.
    """
    folder = _compiled()
    files = {path.stem: path for path in folder.rglob("*.sql")}
    built = sorted(node.name for node in build.nodes if node.resource_type == "model")
    missing = [name for name in built if name not in files]
    if missing:
        raise DatabaseError(
            f"dbt left no compiled SQL of {len(missing)} models, the first {missing[0]}",
            hint="does something else clean dbt's target directory? nothing was exported",
        )
    found = {}
    for name in built:
        content = files[name].read_bytes()
        named = set(_IDENTIFIER.findall(content.decode("utf-8", "replace")))
        upstream = sorted((named & set(built)) - {name})
        found[name] = {"sha256": strict.digest(content), "upstream": upstream}
    return found


def model_of(connection, schema):
    """Which model publishes a metric.

    Returns
    -------
    dict
        ``{(entity, metric, kind): model}``.
    """
    found = {}
    for row in db.fetch_all(connection, "shape_models", {"schema": schema}):
        names = {"schema": schema, "model": row["model"]}
        for metric in db.fetch_all(connection, "shape_model_metrics", **names):
            found[metric["entity"], metric["metric"], metric["kind"]] = row["model"]
    return found


def _compiled():
    project = settings.project_dir()
    target = Path(os.environ.get("DBT_TARGET_PATH") or dbt.setting("target-path") or "target")
    return project / target / "compiled" / dbt.setting("name") / "models"
