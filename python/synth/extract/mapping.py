"""The source mapping: what each canonical relation and column resolves to in this database.

Nothing here reads a row unless `counted` is asked to: the server parses an expression and
says its type.
"""

import dataclasses
import re
from dataclasses import dataclass
from pathlib import Path

from synth import catalogue, db, dbt, inputs
from synth.errors import BadInput

# Tables of `models/staging/_staging__sources.yml` that feed a relation without one of its own.
_TABLES = {
    "users": "users",
    "conversations": "conversations",
    "members": "conversation_users",
    "messages": "messages",
    "read_receipts": "message_reads",
    "attachments": "attachments",
}
LABELS = {
    "device_label": "device",
    "conversation_type": "conversation_type",
    "message_type": "message_type",
    "attachment_type": "attachment_type",
}
_KEYS = ("relation", "where", "columns")
_INTEGERS = {"smallint", "integer", "bigint"}
_ADVICE = {
    ("bigint", "S"): "hashtextextended({0}, 0)",
    ("bigint", "U"): "hashtextextended(({0})::text, 0)",
    ("timestamptz", "N"): "to_timestamp({0} / 1000.0) for epoch milliseconds",
    ("timestamptz", "D"): "({0}) at time zone 'UTC'",
    ("text", "N"): "case {0} when 1 then 'TEXT' ... end",
}
_SCHEMA = "{schema}"
_MAX_BYTES = 32 * 1024


@dataclass(frozen=True)
class Column:
    """A canonical column.

    Attributes
    ----------
    name, expected : str
        Canonical name and type.
    expression : str
        SQL of the mapping.
    found : str or None
        Type the expression has; None where the server cannot parse it.
    problem : str
        Empty where all is well.
    n_values, n_strangers : int or None
        Rows where it is not null, and rows with a label outside the vocabulary; None where
        nothing was counted.
    """

    name: str
    expected: str
    expression: str
    found: str | None = None
    problem: str = ""
    n_values: int | None = None
    n_strangers: int | None = None


@dataclass(frozen=True)
class Relation:
    """A canonical relation.

    Attributes
    ----------
    entity : str
        Canonical name.
    relation, where : str
        SQL of the mapping.
    columns : tuple of Column
    problem : str
        Empty where the server can read it.
    n_rows : int or None
    is_exact : bool
        Counted, not the planner's idea.
    is_foreign : bool
        Reads a foreign table.
    schemas : frozenset of str
        Of the tables that it reads, itself or through views; empty where a function gives rows.
    """

    entity: str
    relation: str
    where: str
    columns: tuple
    problem: str = ""
    n_rows: int | None = None
    is_exact: bool = False
    is_foreign: bool = False
    schemas: frozenset = frozenset()


@dataclass(frozen=True)
class Mapping:
    """A mapping of the project or of a file.

    Attributes
    ----------
    name : str
    relations : tuple of Relation
        Not yet looked up.
    variables : dict
        dbt vars that select it; empty where the project's own are meant.
    """

    name: str
    relations: tuple
    variables: dict


def load(target, source_schema, asked=None):
    """Read a mapping.

    Parameters
    ----------
    target : synth.targets.Target
    source_schema : str
    asked : str, optional
        Name in ``vars.mappings``, or a YAML file that holds one; default the target's.

    Returns
    -------
    Mapping

    Raises
    ------
    BadInput
        There is no such mapping, or it lacks a relation or a column.
    """
    known = dbt.variable("mappings") or {}
    variables = {}
    name = asked or dbt.variable("mapping", target.name)
    if asked and asked not in known:
        path = Path(asked)
        name = re.sub(r"\W+", "_", path.stem) or "file"
        variables = {"mapping": name, "mappings": {name: _read(path, known)}}
        known = variables["mappings"]
    elif asked:
        variables = {"mapping": name}
    if not isinstance(known.get(name), dict):
        raise BadInput(f"vars.mappings has no mapping {name!r}", hint="see dbt_project.yml")
    schema = db.identifier(source_schema)
    relations = tuple(
        _relation(name, entity, known[name].get(entity), types, source_schema, schema)
        for entity, types in dbt.variable("canonical_columns").items()
    )
    return Mapping(name, relations, variables)


def resolved(connection, mapping):
    """Look every relation and column up, without reading a row.

    Parameters
    ----------
    connection : psycopg.Connection
        In autocommit.
    mapping : Mapping

    Returns
    -------
    list of Relation
    """
    return [_resolve(connection, relation) for relation in mapping.relations]


def counted(connection, relations):
    """Count rows, values and labels outside the vocabulary: one scan for each relation.

    Parameters
    ----------
    connection : psycopg.Connection
    relations : list of Relation
        From `resolved`.

    Returns
    -------
    list of Relation
        A column whose expression fails on some row says so.
    """
    return [_count(connection, relation) for relation in relations]


def problems(relations):
    """What is missing, mistyped or failing.

    Returns
    -------
    list of str
        Each opens with the canonical name.
    """
    found = []
    for relation in relations:
        if relation.problem:
            found.append(f"{relation.entity}: {relation.problem}")
        for column in relation.columns:
            if column.problem:
                found.append(f"{relation.entity}.{column.name}: {column.problem}")
    return found


def require_good(name, relations):
    """Refuse a mapping with problems.

    Raises
    ------
    BadInput
        Names the first one and counts the others.
    """
    found = problems(relations)
    if found:
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        raise BadInput(
            f"mapping {name!r}: {found[0]}{more}",
            hint="correct vars.mappings or source_schema (--schema); `synth map check` shows all",
            problems=found,
        )


def _read(path: Path, known: dict) -> dict:
    if not path.exists():
        raise BadInput(
            f"--mapping {path}: neither a file nor one of vars.mappings: {', '.join(known)}"
        )
    document = inputs.load_yaml(path, "--mapping")
    # dbt takes it as an argument, of at most 128 KB once its characters are escaped.
    if path.stat().st_size > _MAX_BYTES:
        raise BadInput(f"--mapping {path}: expected at most {_MAX_BYTES:,} bytes")
    if not isinstance(document, dict):
        raise BadInput(
            f"--mapping {path} holds no mapping: expected users, conversations, ... as keys",
            hint="docs/source-mapping.md has examples",
        )
    return document


def _relation(
    name: str, entity: str, entry: object, types: dict, source_schema: str, schema: str
) -> Relation:
    where = f"mapping {name!r}: {entity}"
    columns = entry.get("columns") if isinstance(entry, dict) else None
    if not isinstance(columns, dict):
        raise BadInput(
            f"{where}: expected an entry with columns", hint="docs/source-mapping.md has examples"
        )
    for found, known in ((entry, _KEYS), (columns, types)):
        strangers = sorted(str(key) for key in set(found) - set(known))
        if strangers:
            raise BadInput(f"{where}: expected {', '.join(known)}, got {strangers[0][:60]!r}")
    for column, kind in types.items():
        if columns.get(column) is None:
            hint = f"null::{kind} where there is none"
            raise BadInput(f"{where}.{column}: expected an expression, got none", hint=hint)
    # As the staging macro has it: the table of the source where the mapping names none.
    relation = entry.get("relation") or db.identifier(source_schema, _TABLES[entity])
    return Relation(
        entity,
        _placed(f"{where}.relation", relation, schema),
        _placed(f"{where}.where", entry.get("where"), schema) or "true",
        tuple(
            Column(key, types[key], _placed(f"{where}.{key}", columns[key], schema))
            for key in types
        ),
    )


def _placed(name: str, value: object, schema: str) -> str:
    """SQL of the mapping, as text that a server takes and dbt hands on unchanged."""
    if value is None:
        return ""
    text = str(value).strip()
    if not isinstance(value, str | int | float):
        raise BadInput(
            f"{name}: expected SQL, got a {type(value).__name__}", hint="put it in quotes"
        )
    if "\0" in text or any("\ud800" <= one <= "\udfff" for one in text):
        raise BadInput(f"{name}: expected SQL, got a character that PostgreSQL has not")
    return text.replace(_SCHEMA, schema)


def _resolve(connection, relation: Relation) -> Relation:
    problem = _refusal(connection, relation, "true")
    if problem:
        return dataclasses.replace(relation, problem=problem)
    problem = _not_condition(connection, relation, relation.where)
    if problem:
        return dataclasses.replace(relation, problem=f"where: {problem}")
    columns = tuple(_typed(connection, relation, column) for column in relation.columns)
    fragments = {"relation": relation.relation, "where": relation.where}
    (row,) = db.fetch_expanded(connection, "map_estimate", fragments)
    plan = row["QUERY PLAN"][0]["Plan"]
    return dataclasses.replace(
        relation,
        columns=columns,
        n_rows=int(plan["Plan Rows"]),
        is_foreign=any(node["Node Type"] == "Foreign Scan" for node in nodes(plan)),
        schemas=_schemas(plan),
    )


def _schemas(plan: dict) -> frozenset:
    """Schemas of the tables below a plan; none where some rows come from who knows where."""
    if any("Function Scan" in node["Node Type"] for node in nodes(plan)):
        return frozenset()
    return frozenset(
        node["Schema"]
        for node in nodes(plan)
        # The key of the pseudonyms is nobody's data.
        if "Relation Name" in node and node["Relation Name"] != "pseudonym_key"
    )


def _refusal(connection, relation: Relation, where: str) -> str:
    """Why the server cannot parse a condition over a relation; empty where it can."""
    try:
        db.describe(connection, "map_relation", {"relation": relation.relation, "where": where})
    except db.Error as error:
        return db.readable_refusal(error)
    return ""


def _not_condition(connection, relation: Relation, text: str) -> str:
    """Why a text is no whole condition, as staging and the role's views take it, in parentheses.

    Bare, it has no parenthesis too many; in parentheses, no clause, semicolon, aggregate or window
    follows from it.
    """
    return _refusal(connection, relation, text) or _refusal(connection, relation, f"({text}\n)")


def nodes(plan):
    """Every node of a plan as EXPLAIN gives it in JSON."""
    yield plan
    for below in plan.get("Plans", ()):
        yield from nodes(below)


def _typed(connection, relation: Relation, column: Column) -> Column:
    if column.expression.lower() == "null":
        return dataclasses.replace(column, found=column.expected)
    fragments = {"relation": relation.relation, "expression": column.expression}
    try:
        ((_, oid),) = db.describe(connection, "map_expression", fragments)
    except db.Error as error:
        return dataclasses.replace(column, problem=db.readable_refusal(error))
    except ValueError:
        return dataclasses.replace(column, problem="expected one expression, got several")
    problem = _refusal(connection, relation, f"({column.expression}\n) is null")
    if problem:
        return dataclasses.replace(column, problem=problem)
    (kind,) = db.fetch_all(connection, "type_names", {"oids": [oid]})
    return dataclasses.replace(
        column, found=kind["type_name"], problem=_mistyped(column, kind["type_name"], kind)
    )


def _mistyped(column, found, kind):
    suits = {
        "bigint": found in _INTEGERS,
        "integer": found in _INTEGERS,
        "boolean": found == "boolean",
        "timestamptz": found == "timestamp with time zone",
        "text": kind["category"] in "SEX",
    }[column.expected]
    if suits:
        return ""
    advice = _ADVICE.get((column.expected, kind["category"]))
    about = f"; use {advice.format(column.expression)}" if advice else ""
    return f"expected {column.expected}, got {found} from {column.expression}{about}"


def _count(connection, relation):
    if relation.problem or any(column.problem for column in relation.columns):
        return relation
    try:
        (row,) = _counts(connection, relation, relation.columns)
    except db.Error as error:
        return _blamed(connection, relation, error)
    columns = tuple(
        dataclasses.replace(
            column, n_values=n, n_strangers=strangers if column.name in LABELS else None
        )
        for column, n, strangers in zip(
            relation.columns, row["n_values"], row["n_strangers"], strict=True
        )
    )
    return dataclasses.replace(relation, columns=columns, n_rows=row["n_rows"], is_exact=True)


def _counts(connection, relation, columns):
    fragments = {
        "relation": relation.relation,
        "where": relation.where,
        "counts": ", ".join(f"count({_bounded(column)})" for column in columns) or "0",
        "strangers": ", ".join(_strangers(column) for column in columns) or "0",
    }
    return db.fetch_expanded(connection, "map_count", fragments)


def _bounded(column: Column) -> str:
    """The expression as staging takes it: its type, so that what overflows there fails here."""
    return f"cast({column.expression}\nas {column.expected})"


def _strangers(column: Column) -> str:
    if column.name not in LABELS:
        return "0"
    labels = ", ".join(db.literal(text) for text in catalogue.vocabulary()[LABELS[column.name]])
    # Null is no stranger of a device, which may be unknown; elsewhere it ends as OTHER.
    return f'count(*) filter (where {_bounded(column)} collate "C" <> all (array[{labels}]))'


def _blamed(connection, relation, error):
    """Find the column that fails, one scan each; relation or where clause if none is needed."""
    try:
        _counts(connection, relation, ())
    except db.Error as refusal:
        problem = f"relation or where fails on some row: {db.readable_refusal(refusal)}"
        return dataclasses.replace(relation, problem=problem)
    columns, is_found = [], False
    for column in relation.columns:
        try:
            _counts(connection, relation, [column])
        except db.Error as refusal:
            is_found = True
            problem = f"{column.expression} fails on some row: {db.readable_refusal(refusal)}"
            column = dataclasses.replace(column, problem=problem)
        columns.append(column)
    problem = "" if is_found else f"cannot be read: {db.readable_refusal(error)}"
    return dataclasses.replace(relation, columns=tuple(columns), problem=problem)
