"""Look at the source mapping and the output directory before dbt spends minutes."""

import os
import re
from pathlib import Path

from synth import db, dbt
from synth.errors import BadInput, DatabaseError

# Tables of `models/staging/_staging__sources.yml` that feed a relation without one of its own.
_TABLES = {
    "users": "users",
    "conversations": "conversations",
    "members": "conversation_users",
    "messages": "messages",
    "read_receipts": "message_reads",
    "attachments": "attachments",
}
_LITERAL = re.compile(r"'(?:[^']|'')*'")
_QUOTED = re.compile(r'"((?:[^"]|"")+)"')
_BARE = re.compile(r"(?:\w+\s*\(\s*)?([a-z_]\w*)\s*\)?", re.IGNORECASE)
_CONSTANTS = {"null", "true", "false", "current_date", "current_timestamp", "localtimestamp"}


def check_mapping(connection, target, source_schema):
    """Check that the tables and columns of the mapping exist.

    Plain columns and columns in one function call are checked against the catalog; what a
    longer expression needs, the staging views find out.

    Parameters
    ----------
    connection : psycopg.Connection
    target : synth.targets.Target
    source_schema : str
        Schema of the application's tables.

    Raises
    ------
    BadInput
        A table or a column is missing, or the mapping itself.
    """
    if target.schema == source_schema:
        raise BadInput(
            f"target {target.name!r} would build the shape in the application's own schema",
            hint="give it a schema of its own in profiles.yml",
        )
    name = dbt.variable("mapping", target.name)
    mapping = (dbt.variable("mappings") or {}).get(name)
    if not isinstance(mapping, dict):
        raise BadInput(f"vars.mappings has no mapping {name!r}", hint="see dbt_project.yml")
    relations = {
        entity: (mapping.get(entity) or {}).get("relation") or _quoted(source_schema, table)
        for entity, table in _TABLES.items()
    }
    plain = [text for text in relations.values() if not text.lstrip().startswith("(")]
    found = {
        row["relation"]: row
        for row in db.fetch_all(connection, "catalog_relations", {"relations": plain})
    }
    for entity, relation in relations.items():
        if relation not in found:
            continue
        if not found[relation]["is_found"]:
            raise BadInput(
                f"mapping {name!r}: {entity}: there is no table {relation}",
                hint="correct source_schema (--schema) or vars.mappings in dbt_project.yml",
            )
        _check_columns(name, entity, mapping.get(entity) or {}, relation, found[relation])


def source_schema(target):
    """Schema of the application's tables, as ``dbt_project.yml`` has it."""
    return dbt.variable("source_schema", target.name) or "app"


def check_boundary(target):
    """Refuse a target where the privacy rules are off.

    Raises
    ------
    BadInput
    """
    inside = dbt.variable("boundary_targets") or []
    if target.name not in inside:
        raise BadInput(
            f"target {target.name!r} is not a boundary target, so nothing is suppressed there",
            hint=f"extract from one of vars.boundary_targets: {', '.join(inside)}",
        )


def required_people(asked=None):
    """People that must stand behind a cell.

    Parameters
    ----------
    asked : int, optional
        From the command line; may only tighten the project's.

    Returns
    -------
    int
    """
    k = dbt.variable("k_anonymity")
    if asked is None:
        return k
    if asked < k:
        raise BadInput(
            f"--k {asked} is less than the project's k_anonymity of {k}",
            hint="a smaller k is a decision of the project, not of one extraction",
        )
    return asked


def output_directory(path):
    """Make the output directory and check that it takes files.

    Returns
    -------
    pathlib.Path

    Raises
    ------
    BadInput
        It is a file.
    DatabaseError
        It cannot be made or written.
    """
    path = Path(path)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise BadInput(f"--output {path} is not a directory") from error
    except OSError as error:
        raise DatabaseError(f"cannot make {path}: {error.strerror}") from error
    if not os.access(path, os.W_OK | os.X_OK):
        raise DatabaseError(f"cannot write to {path}: permission denied")
    return path


def _check_columns(name, entity, entry, relation, found):
    for canonical, expression in (entry.get("columns") or {}).items():
        for column in _columns(str(expression)):
            if column not in found["column_names"]:
                raise BadInput(
                    f"mapping {name!r}: {entity}.{canonical}: "
                    f"there is no column {column!r} in {relation}",
                    hint="correct vars.mappings in dbt_project.yml",
                )


def _columns(expression):
    """Columns an expression certainly needs."""
    text = _LITERAL.sub("", expression)
    quoted = [name.replace('""', '"') for name in _QUOTED.findall(text)]
    bare = _BARE.fullmatch(text.strip())
    if bare and bare.group(1).lower() not in _CONSTANTS:
        return [*quoted, bare.group(1).lower()]
    return quoted


def _quoted(schema, table):
    doubled = schema.replace('"', '""')
    return f'"{doubled}"."{table}"'
