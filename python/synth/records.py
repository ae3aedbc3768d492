"""What each validation found, kept in dev so that a report can be made, or two compared, later.

Figures of the pack's own kind only: nothing here came from a row of production.
"""

import json

from synth import db
from synth.errors import BadInput

# The oldest of a schema go first; `synth loop` makes many.
KEPT = 50


def keep(connection, report, *, run_id, cells, manifest):
    """Store a validation beside its run; one of the same run takes the place of the last.

    Parameters
    ----------
    connection : psycopg.Connection
    report : dict
        As in ``schemas/report.schema.json``.
    run_id : str or None
        Run that owns the tables.
    cells : list of dict
        What both sides publish.
    manifest : dict or None
        Of the pack.

    Returns
    -------
    str
        Name to ask for: the run's id, or the schema's name where no run owns the tables.
    """
    db.run_script(connection, "run_tables")
    name = run_id or report["schema"]
    with connection.transaction():
        db.execute(
            connection,
            "validation_keep",
            {
                "name": name,
                "run_id": run_id,
                "target_schema": report["schema"],
                "pack_sha256": report["pack"]["sha256"],
                "report": _json(report),
                "cells": _json(cells),
                "manifest": _json(manifest),
            },
        )
        db.execute(
            connection, "validation_prune", {"target_schema": report["schema"], "n_kept": KEPT}
        )
    return name


def names(connection):
    """Names of the validations that are stored, the last one first.

    Returns
    -------
    list of str
    """
    if not db.fetch_one(connection, "validation_exists")["has_validations"]:
        return []
    return [row["name"] for row in db.fetch_all(connection, "validation_names")]


def load(connection, name):
    """A stored validation with the record of its run.

    Parameters
    ----------
    connection : psycopg.Connection
    name : str
        One of `names`.

    Returns
    -------
    dict
        ``name``, ``report``, ``cells``, ``manifest`` and ``run`` (None where no run owns them).
    """
    row = db.fetch_one(connection, "validation_get", {"name": name})
    run = row["run_id"] and db.fetch_one(connection, "run_record", {"run_id": row["run_id"]})
    return {
        "name": row["name"],
        "report": row["report"],
        "cells": row["cells"],
        "manifest": row["manifest"],
        "run": run or None,
    }


def forget(connection, schema):
    """Drop what validations of a schema found; part of tearing it down."""
    db.execute(connection, "validation_forget", {"target_schema": schema})


def forget_verdict(connection: object, schema: str) -> bool:
    """Drop an earlier verdict of the fidelity models, so that one found later was made since.

    Parameters
    ----------
    connection : psycopg.Connection
    schema : str
        Where dbt builds.

    Returns
    -------
    bool
        False where a table of that name is there which dbt did not build; it stays.

    Raises
    ------
    BadInput
        Something that dbt did not build depends on it.
    """
    found = db.fetch_one(connection, "fid_forget", {"schema": schema})
    if found is None:
        return True
    if found["is_built"]:
        try:
            db.execute_text(connection, found["statement"])
        except db.StillNeeded as error:
            raise BadInput(
                f"something that dbt did not build depends on {schema}.fid_verdict",
                hint="drop it first, or change schema of the target in profiles.yml",
            ) from error
    return found["is_built"]


def _json(value):
    return None if value is None else json.dumps(value, allow_nan=False, default=str)
