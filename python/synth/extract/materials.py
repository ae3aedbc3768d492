"""What a build was made of: the compiled SQL of its models, and which model gave which metric."""

import re

from synth import db, dbt
from synth.errors import DatabaseError, GateFailed
from synth.pack import strict

_IDENTIFIER = re.compile(r'"([a-z_0-9]+)"')


def models(build: dbt.DbtRun) -> dict:
    """Digest of every model's compiled SQL.

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
    GateFailed
        It built none.
    """
    texts = _texts(build, "model", build.models)
    if not texts:
        raise GateFailed("dbt built no model", hint="nothing was exported")
    found = {}
    for name, content in texts.items():
        named = set(_IDENTIFIER.findall(content.decode("utf-8", "replace")))
        upstream = sorted((named & set(texts)) - {name})
        found[name] = {"sha256": strict.digest(content), "upstream": upstream}
    return found


def gates(build: dbt.DbtRun) -> dict:
    """Digest of every test's compiled SQL: ``{test: sha256}``."""
    texts = _texts(build, "test", build.tests)
    return {name: strict.digest(content) for name, content in texts.items()}


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


def _texts(build: dbt.DbtRun, kind: str, compiled: dict[str, bytes]) -> dict[str, bytes]:
    """Compiled SQL of the nodes of a kind that this build ran, by name."""
    files = {node.name: node.file for node in build.nodes if node.resource_type == kind}
    missing = sorted(name for name, file in files.items() if file not in compiled)
    if missing:
        raise DatabaseError(
            f"dbt left no compiled SQL of {len(missing)} of its nodes, the first {missing[0]}",
            hint="does something else clean the temporary directory? nothing was exported",
        )
    return {name: compiled[files[name]] for name in sorted(files)}
