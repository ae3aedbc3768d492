"""DDL for the DBA: the reading role, the views it reads, and a scratch database over them.

Text only: nothing here connects.
"""

import re
from dataclasses import dataclass

from synth import catalogue, db
from synth.extract.mapping import LABELS

PSEUDONYMS = ("sha256", "hash")
# Ids of one kind get one tag, so that joins hold, and equal ids of two kinds do not look equal.
_KINDS = {
    "user_id": "account",
    "sender_id": "account",
    "reader_id": "account",
    "conversation_id": "conversation",
    "message_id": "message",
    "attachment_id": "attachment",
}
_STATISTICS = (
    "relation text",
    "column_name text",
    "n_distinct real",
    "correlation real",
    "most_common_freqs real []",
    "null_frac real",
    "n_rows bigint",
)
_PLAIN = re.compile(r'"(?:[^"]|"")+"|[a-z_][a-z0-9_$]*')
_PASSWORD = "shape_reader_password"  # noqa: S105  the name of a psql variable


@dataclass(frozen=True)
class Names:
    """What the DDL calls things.

    Attributes
    ----------
    role, views_schema, key_schema, shape_schema, database : str
    """

    role: str
    views_schema: str
    key_schema: str
    shape_schema: str
    database: str


def reader_sql(mapping, names, *, settings, connection_limit, pseudonyms):
    """DDL of the role and its views, for the production database.

    Parameters
    ----------
    mapping : synth.extract.mapping.Mapping
        Of the application's own tables.
    names : Names
    settings : dict
        Session settings the role gets as defaults.
    connection_limit : int
    pseudonyms : {'sha256', 'hash'}

    Returns
    -------
    str
    """
    parts = [
        f"{_HEADER.format(role=names.role, kind=_KIND_NOTES[pseudonyms])}\nbegin",
        _check(names, names.views_schema, names.key_schema),
        _body(
            "role_create",
            {"connection_limit": str(connection_limit), "role_name": db.literal(names.role)},
            role=names.role,
            database=names.database,
            shape_schema=names.shape_schema,
            views_schema=names.views_schema,
            key_schema=names.key_schema,
        ),
    ]
    for name, value in settings.items():
        fragments = {"setting": name, "value": db.literal(str(value))}
        parts.append(_body("role_setting", fragments, role=names.role))
    for relation in mapping.relations:
        columns = ",\n    ".join(
            f"{_exposed(column, names.key_schema, pseudonyms)} as {column.name}"
            for column in relation.columns
        )
        fragments = {"columns": columns, "relation": relation.relation, "where": relation.where}
        parts.append(
            _body(
                "role_view",
                fragments,
                role=names.role,
                views_schema=names.views_schema,
                view=relation.entity,
            )
        )
    parts.append(
        _body(
            "role_statistics",
            {"columns": _source_columns(mapping)},
            role=names.role,
            views_schema=names.views_schema,
        )
    )
    parts.append("commit")
    return _script(parts)


def scratch_sql(mapping, names, *, settings, host, port, dbname):
    """DDL of a scratch database that reads the role's views through postgres_fdw.

    Parameters
    ----------
    mapping : synth.extract.mapping.Mapping
    names : Names
    settings : dict
        Session settings of the sessions on the source.
    host, port, dbname : str
        Where the views are.

    Returns
    -------
    str
        The password is a psql variable, read from a file.
    """
    server = _server(names)
    session = {**settings, "default_transaction_read_only": "on"}
    options = " ".join(
        f"-c {name}={str(value).replace(' ', chr(92) + ' ')}" for name, value in session.items()
    )
    fragments = {
        "host": db.literal(host),
        "port": db.literal(str(port)),
        "dbname": db.literal(dbname),
        "session": db.literal(options),
        "role_name": db.literal(names.role),
        "views_name": db.literal(db.identifier(names.views_schema)),
    }
    parts = [
        f"{_SCRATCH_HEADER.format(role=names.role)}\nbegin",
        _check(names, names.views_schema),
        _body(
            "scratch_server",
            fragments,
            server=server,
            role=names.role,
            shape_schema=names.shape_schema,
            views_schema=names.views_schema,
        ),
        _body(
            "scratch_user",
            {"user": db.literal(names.role), "password": f":'{_PASSWORD}'"},
            server=server,
            role=names.role,
        ),
    ]
    tables = {
        relation.entity: [f"{column.name} {column.expected}" for column in relation.columns]
        for relation in mapping.relations
    }
    for view, columns in {**tables, "column_statistics": _STATISTICS}.items():
        parts.append(
            _body(
                "scratch_table",
                {"columns": ",\n    ".join(columns)},
                server=server,
                role=names.role,
                views_schema=names.views_schema,
                view=view,
            )
        )
    parts.append("commit")
    return _script(parts)


def drop_sql(names):
    """DDL that takes `reader_sql` or `scratch_sql` back.

    Parameters
    ----------
    names : Names

    Returns
    -------
    str
    """
    body = _body(
        "role_drop",
        {
            "our_names": _array(names.views_schema, names.key_schema),
            "views_name": db.literal(names.views_schema),
        },
        role=names.role,
        views_schema=names.views_schema,
        key_schema=names.key_schema,
        server=_server(names),
    )
    return _script(["begin", body, "commit"])


def _server(names):
    return f"{names.views_schema}_server"


def _array(*schemas: str) -> str:
    return f"array[{', '.join(map(db.literal, schemas))}]"


def _check(names, *schemas):
    """Refusal of what is there and is not what would be made."""
    fragments = {
        "role_name": db.literal(names.role),
        "shape_name": db.literal(names.shape_schema),
        "our_names": _array(*schemas),
    }
    return _body("role_check", fragments)


def _exposed(column, key_schema, pseudonyms):
    """A canonical column as the view shows it: pseudonym, known label, or the plain figure."""
    value = f"cast({column.expression} as {column.expected})"
    if column.name in _KINDS:
        return _pseudonym(value, _KINDS[column.name], key_schema, pseudonyms)
    if column.name in LABELS:
        labels = ", ".join(db.literal(text) for text in catalogue.vocabulary()[LABELS[column.name]])
        return (
            f"cast(case when {value} = any(array[{labels}]) then {value} "
            f"when {value} is not null then {db.literal(catalogue.OTHER)} end as text)"
        )
    return value


def _pseudonym(value, kind, key_schema, pseudonyms):
    fragments = {"value": value, "kind": db.literal(kind)}
    return _body(f"role_pseudonym_{pseudonyms}", fragments, key_schema=key_schema)


def _source_columns(mapping):
    rows = []
    for relation in mapping.relations:
        if relation.relation.startswith("("):
            continue
        for column in relation.columns:
            if _PLAIN.fullmatch(column.expression) and column.expression.lower() != "null":
                source = column.expression
                source = source[1:-1].replace('""', '"') if source[0] == '"' else source
                names = (relation.entity, column.name, relation.relation, source)
                rows.append(f"({', '.join(db.literal(name) for name in names)})")
    return ",\n    ".join(rows) or "(null::text, null::text, null::text, null::text)"


def _body(name, fragments, **identifiers):
    """A statement file without its header lines."""
    text = db.as_text(name, fragments, **identifiers)
    return text.split("\n\n", 1)[1].rstrip().rstrip(";")


def _script(parts):
    return ";\n\n".join(parts) + ";"


_HEADER = """\
-- Prodshape: role {role} and what it may read. Review, then run in the production database as
-- the owner of the application's tables or as a superuser:
--     psql -v ON_ERROR_STOP=1 -f role.sql
-- and give the role a password: \\password {role}
-- Run again it makes the views anew and keeps role, key and shape. Where something of these names
-- is there and is not what this would make, it says so and changes nothing.
-- The views run with their owner's rights: the role has no right on any table. They show lengths,
-- flags, times, labels of the vocabulary and pseudonyms; no text, name, address or URL.
-- {kind}
-- Pseudonymous is not anonymous: rows of one account stay linked. They never leave the boundary.
"""
_KIND_NOTES = {
    "sha256": (
        "Ids: the first 64 bits of SHA-256(key, kind, id), with a key of 256 bits drawn here."
    ),
    "hash": (
        "Ids: hashint8extended(id, seed), fast and not cryptographic: who knows some pairs of id\n"
        "-- and pseudonym may compute the seed."
    ),
}
_SCRATCH_HEADER = """\
-- Prodshape: a scratch database inside the boundary that reads the views of {role} on another
-- server, a replica for example. Run with psql as a superuser of the scratch database, with the
-- password in a file only you can read; it enters no command line and no log:
--     \\set shape_reader_password `cat "$SHAPE_READER_PASSWORD_FILE"`
-- Give the role a password here, too: \\password {role}
"""
