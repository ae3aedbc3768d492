"""Load a pack into dev: schema ``shape_baseline``, what fidelity is measured against."""

from dataclasses import astuple, fields

from synth import db
from synth.errors import BadInput
from synth.pack.model import ShapeRow

SCHEMA = "shape_baseline"
OURS = "prodshape baseline"


def replace(connection, pack, trust):
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
        found = db.fetch_one(connection, "baseline_schema")
        if found["is_there"] and found["note"] != OURS:
            raise BadInput(
                f"schema {SCHEMA} exists and was not made by synth",
                hint="rename or drop it, or import into another database",
            )
        db.run_script(connection, "baseline_tables")
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
