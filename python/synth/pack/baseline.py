"""Load a pack into dev: schema ``shape_baseline``, what fidelity is measured against."""

from dataclasses import astuple, fields

from synth import db
from synth.errors import BadInput
from synth.pack.model import ShapeRow

SCHEMA = "shape_baseline"
MADE_BY = "synth import"
OURS = "prodshape baseline, made by synth import"
TABLES = ("shape_metrics", "pack_meta")


def is_there(connection: object) -> bool:
    """Whether there is something that looks like an imported pack."""
    return db.fetch_one(connection, "baseline_schema")["has_pack"]


def is_own(connection: object) -> bool:
    """Whether an import of this version made it, and it alone."""
    records = db.fetch_one(connection, "place_records")
    if not (records["has_ledger"] and records["has_functions"]):
        return False
    found = db.fetch_one(connection, "ownership", {"schema": SCHEMA})
    return found["is_own"] and not found["strange"]


def drop(connection: object) -> None:
    """Drop the tables of an import, and nothing else; in a transaction.

    Raises
    ------
    BadInput
        Something that no import made depends on them.
    """
    try:
        for row in db.fetch_all(connection, "own_drops", {"schema": SCHEMA, "made_by": [MADE_BY]}):
            if row["kind"] == "tables":
                db.execute_text(connection, row["statement"])
    except db.StillNeeded as error:
        raise BadInput(
            f"something that no import made depends on the tables of schema {SCHEMA}",
            hint="drop it first",
        ) from error
    db.execute(connection, "made_prune", {"schema": SCHEMA})


def replace(connection: object, pack: object, trust: object) -> None:
    """Replace the baseline by a pack, in one transaction.

    Parameters
    ----------
    connection : psycopg.Connection
    pack : synth.pack.model.Pack
    trust : synth.pack.trust.TrustRecord

    Raises
    ------
    BadInput
        There is a schema of this name that is not ours.
    """
    columns = [field.name for field in fields(ShapeRow)]
    with connection.transaction():
        db.execute(connection, "baseline_lock")
        found = db.fetch_one(connection, "ownership", {"schema": SCHEMA})
        if found["is_there"] and not found["is_own"]:
            raise BadInput(
                f"schema {SCHEMA} exists and was not made by synth, or by an earlier version",
                hint=f"rename it, or drop it by hand (`drop schema {SCHEMA} cascade`)",
            )
        if found["strange"]:
            raise BadInput(
                f"schema {SCHEMA} holds {found['strange'][0]}, which no import made",
                hint="move it away, or import into another database",
            )
        drop(connection)
        if not found["is_there"]:
            db.execute(connection, "schema_create_new", schema=SCHEMA)
        db.run_script(connection, "baseline_tables")
        db.execute(
            connection,
            "mark_made",
            {
                "made_by": MADE_BY,
                "mark": OURS,
                "schema": SCHEMA,
                "relations": list(TABLES),
                "functions": [],
                "is_schema_ours": True,
            },
        )
        db.copy_rows(connection, (SCHEMA, "shape_metrics"), columns, map(astuple, pack.rows))
        db.execute(
            connection,
            "baseline_meta",
            {
                "sha256": pack.sha256,
                "schema_version": pack.meta.schema_version,
                "k": pack.meta.k,
                "window_days": pack.meta.window_days,
                "n_suppressed": pack.meta.n_suppressed,
                "is_unsigned": not trust.is_signed,
                "trust": trust.state,
                "retention_until": trust.retention_until,
                "has_manifest": trust.has_manifest,
                "as_of": pack.meta.as_of,
                "extracted_at": pack.meta.extracted_at,
            },
        )
