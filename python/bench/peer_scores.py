"""Our synthetic tables in another tool's currency: the scores of SDMetrics.

Compares schema `app` of the production target with `perf_synthetic` of the dev target, column by
column (KSComplement, TVComplement), by pairs of columns, by the number of children of a parent
(CardinalityShapeSimilarity), and as the overall multi-table quality score. Rows of both sides are
read into one process, so it is for a stand-in or public data, never across a real boundary.
SDMetrics comes with the extra `bench` and nothing else needs it.
"""

import json
import os
import sys
import warnings
from pathlib import Path

from synth import db, targets

SQL_DIR = Path(__file__).parent / "sql"
TABLES = {
    "users": {
        "primary_key": "id",
        "columns": {
            "id": "id",
            "username_length": "numerical",
            "device": "categorical",
            "has_avatar": "boolean",
            "has_bio": "boolean",
            "has_phone": "boolean",
        },
    },
    "conversations": {"primary_key": "id", "columns": {"id": "id", "type": "categorical"}},
    "members": {"columns": {"conversation_id": "id", "user_id": "id"}},
    "messages": {
        "primary_key": "id",
        "columns": {
            "id": "id",
            "conversation_id": "id",
            "sender_id": "id",
            "type": "categorical",
            "content_length": "numerical",
            "hour_of_week": "numerical",
            "gap_seconds": "numerical",
            "created_at": "datetime",
        },
    },
    "attachments": {
        "primary_key": "id",
        "columns": {
            "id": "id",
            "message_id": "id",
            "type": "categorical",
            "size_bytes": "numerical",
        },
    },
}
PARENTS = {"conversation_id": "conversations", "user_id": "users", "sender_id": "users"}
PARENTS |= {"message_id": "messages"}


def main():
    """Print the scores, 1 being alike; gives the exit code, 2 where SDMetrics is missing."""
    try:
        from sdmetrics.reports import QualityReport
    except ImportError:
        sys.stderr.write("SDMetrics is not installed; run: pip install '.[bench]'\n")
        return 2
    schema = os.environ.get("SCHEMA") or "perf_synthetic"
    real = tables(targets.load("prod_shape"), "app")
    synthetic = tables(targets.load("dev_synth"), schema)
    # A table that one side leaves empty has nothing to score.
    names = [name for name in TABLES if len(real[name]) and len(synthetic[name])]
    metadata = describe(names)
    report = QualityReport()
    with warnings.catch_warnings():
        # Its own notes about constant columns; the scores below say the same.
        warnings.simplefilter("ignore")
        report.generate(
            {name: real[name] for name in names},
            {name: synthetic[name] for name in names},
            metadata,
            verbose=False,
        )
    body = scores(report)
    if "--json" in sys.argv[1:]:
        sys.stdout.write(json.dumps(body, indent=2) + "\n")
    else:
        show(body)
    return 0


def tables(target, schema):
    """Data frames of one side, by table."""
    import pandas as pd

    frames = {}
    with db.connect(target) as connection:
        for name, table in TABLES.items():
            text = (SQL_DIR / f"peer_{name}.sql").read_text()
            rows = connection.execute(text.replace("{schema}", f'"{schema}"')).fetchall()
            frame = pd.DataFrame(rows, columns=list(table["columns"]))
            for column, kind in table["columns"].items():
                if kind == "numerical":
                    frame[column] = pd.to_numeric(frame[column])
            frames[name] = frame
    return frames


def describe(names):
    """SDMetrics' metadata of these tables."""
    described = {}
    for name in names:
        table = TABLES[name]
        columns = {column: {"sdtype": kind} for column, kind in table["columns"].items()}
        key = {"primary_key": table["primary_key"]} if "primary_key" in table else {}
        described[name] = {"columns": columns, **key}
    relationships = [
        {
            "parent_table_name": PARENTS[column],
            "child_table_name": name,
            "parent_primary_key": "id",
            "child_foreign_key": column,
        }
        for name in names
        for column in TABLES[name]["columns"]
        if column in PARENTS and PARENTS[column] in names
    ]
    return {"tables": described, "relationships": relationships}


def scores(report):
    """What the report says, as plain data."""
    properties = report.get_properties()
    # A pair counts only where the real columns are associated, so a property may have no score.
    shapes = report.get_details("Column Shapes")
    children = report.get_details("Cardinality")
    return {
        "overall": round(float(report.get_score()), 4),
        "properties": {
            row.Property: None if row.Score != row.Score else round(float(row.Score), 4)
            for row in properties.itertuples()
        },
        "columns": [
            {
                "table": row.Table,
                "column": row.Column,
                "metric": row.Metric,
                "score": round(float(row.Score), 4),
            }
            for row in shapes.itertuples()
            if row.Score == row.Score
        ],
        "children": [
            {"parent": row[2], "child": row[1], "score": round(float(row.Score), 4)}
            for row in children.itertuples()
        ],
    }


def show(body):
    """Print the scores as lines."""
    lines = [f"SDMetrics quality score  {body['overall']:.4f}"]
    for name, score in body["properties"].items():
        lines.append(f"  {name:<43} {'no pair to score' if score is None else f'{score:.4f}'}")
    for row in body["columns"]:
        name = f"{row['table']}.{row['column']}"
        lines.append(f"  {name:<28} {row['metric']:<14} {row['score']:.4f}")
    for row in body["children"]:
        name = f"{row['child']} of {row['parent']}"
        lines.append(f"  {name:<28} {'Cardinality':<14} {row['score']:.4f}")
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    sys.exit(main())
