"""Statements of ``python/tests/sql``."""

from pathlib import Path

from psycopg.rows import dict_row

from synth import db

FOLDER = Path(__file__).parent / "sql"
GUIDE = Path(__file__).parents[2] / "docs" / "source-mapping.md"


def execute(connection, name, **identifiers):
    """Run a statement; identifiers fill its ``{name}`` places."""
    return db.execute_text(connection, (FOLDER / f"{name}.sql").read_text(), **identifiers)


def fetch_one(connection, name):
    """Run a statement; its first row as a dictionary."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute((FOLDER / f"{name}.sql").read_text()).fetchone()


def statements(name):
    """Statements of a file, in order: some cannot share a transaction."""
    text = (FOLDER / f"{name}.sql").read_text()
    return [part for part in text.split(";\n") if part.strip()]


def advised_revokes(dbname: str) -> str:
    """The statements that the guide advises the DBA of a database to run."""
    blocks = [block.split("```")[0] for block in GUIDE.read_text().split("```sql\n")[1:]]
    (text,) = [block for block in blocks if "revoke create" in block]
    assert "database production" in text
    return text.replace("database production", f"database {dbname}")
