"""Statements of ``python/tests/sql``."""

from pathlib import Path

from psycopg.rows import dict_row

from synth import db

FOLDER = Path(__file__).parent / "sql"


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
