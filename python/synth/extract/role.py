"""DDL for the DBA: the reading role, the views it reads, and a scratch database over them.

Text only: nothing here connects.
"""

import re
from dataclasses import dataclass

from synth import catalogue, db
from synth.errors import BadInput
from synth.extract import ledger
from synth.extract.mapping import LABELS, Column, Mapping

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
# Views whose rows come in the order of a pseudonym. A table's own order is often that of its ids,
# and then a place in it would be the id. The offset keeps a reader's conditions above the sort:
# below it, EXPLAIN ANALYZE would tell how far into the table the first match lies.
# Not messages and receipts: their times tell the order.
_ORDERS = {
    "users": "user_id",
    "conversations": "conversation_id",
    "members": "conversation_id, user_id",
    "attachments": "attachment_id",
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
_NAME = r'(?:"(?:[^"]|"")+"|[a-z_][a-z0-9_$]*)'
_PLAIN = re.compile(_NAME)
_TABLE = re.compile(rf"(?:{_NAME}\.)?{_NAME}")
# What encloses the bodies in the DDL.
_TAGS = ("$prodshape$", "$function$")
_MAX_NAME = 63
_MAX_HOST = 253
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


def check_names(given: dict[str, str]) -> None:
    """Refuse what PostgreSQL would cut off, what ends a comment, and what ends a body of the DDL.

    Parameters
    ----------
    given : dict of str to str
        Names by what they are called in errors; a host may be longer than a name.

    Raises
    ------
    BadInput
    """
    for called, name in given.items():
        limit = _MAX_HOST if called == "--fdw-host" else _MAX_NAME
        # A printable text holds no surrogate, so it can be encoded.
        is_plain = name.isprintable() and not any(tag in name for tag in _TAGS)
        if not is_plain or not 1 <= len(name.encode()) <= limit:
            raise BadInput(
                f"{called}: expected 1 to {limit} bytes, no control character, none of "
                f"{', '.join(_TAGS)}"
            )


def check_mapping(mapping: Mapping) -> None:
    """Refuse a mapping that would end a body of the DDL.

    Raises
    ------
    BadInput
    """
    for relation in mapping.relations:
        texts = [relation.relation, relation.where, *(one.expression for one in relation.columns)]
        if any(tag in text for text in texts for tag in _TAGS):
            raise BadInput(f"mapping, {relation.entity}: expected none of {', '.join(_TAGS)}")


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
    parts.append(_body("role_limits", role=names.role))
    for relation in mapping.relations:
        order = _ORDERS.get(relation.entity)
        fragments = {
            "columns": ",\n    ".join(
                f"{_exposed(column, pseudonyms)} as {column.name}" for column in relation.columns
            ),
            # A value of the mapping may end with a comment.
            "values": ",\n        ".join(
                f"cast({column.expression}\n        as {column.expected}) as {column.name}"
                for column in relation.columns
            ),
            "relation": relation.relation,
            "where": relation.where,
            "order_by": f"\norder by {order}\noffset 0" if order else "",
        }
        parts.append(
            _body(
                "role_view",
                fragments,
                role=names.role,
                views_schema=names.views_schema,
                key_schema=names.key_schema,
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
    parts += [*_ledger(names), "commit"]
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
        *_ledger(names),
        _body("role_limits", role=names.role),
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
    """DDL that takes `reader_sql` or `scratch_sql` back; the ledger of past packs stays.

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
    return _script([f"{_DROP_HEADER.format(role=names.role)}\nbegin", body, "commit"])


def _ledger(names: Names) -> list[str]:
    """The memory of past packs, to which the role may add."""
    return [
        _body("ledger_create", {}),
        _body("ledger_parameters", {}),
        _body("ledger_grant", {}, role=names.role),
    ]


def _server(names):
    return f"{names.views_schema}_server"


def _array(*schemas: str) -> str:
    return f"array[{', '.join(map(db.literal, schemas))}]"


def _check(names, *schemas):
    """Refusal of what is there and is not what would be made."""
    schemas = (*schemas, ledger.SCHEMA)
    fragments = {
        "role_name": db.literal(names.role),
        "shape_name": db.literal(names.shape_schema),
        "our_names": _array(*schemas),
    }
    return _body("role_check", fragments)


def _exposed(column: Column, pseudonyms: str) -> str:
    """A canonical column as the view shows it: pseudonym, known label, or the plain figure."""
    value = f"mapped.{column.name}"
    if column.name in _KINDS:
        fragments = {"value": value, "kind": db.literal(_KINDS[column.name])}
        return _body(f"role_pseudonym_{pseudonyms}", fragments)
    if column.name in LABELS:
        labels = ", ".join(db.literal(text) for text in catalogue.vocabulary()[LABELS[column.name]])
        # Another collation may hold texts equal that differ, and show what the source has.
        value = f'{value} collate "C"'
        return (
            f"cast(case when {value} = any(array[{labels}]) then {value} "
            f"when {value} is not null then {db.literal(catalogue.OTHER)} end as text)"
        )
    return value


def _source_columns(mapping: Mapping) -> str:
    rows = []
    for relation in mapping.relations:
        if not _TABLE.fullmatch(relation.relation):
            continue
        for column in relation.columns:
            if _PLAIN.fullmatch(column.expression) and column.expression.lower() != "null":
                source = column.expression
                source = source[1:-1].replace('""', '"') if source[0] == '"' else source
                names = (relation.entity, column.name, relation.relation, source)
                rows.append(f"({', '.join(db.literal(name) for name in names)})")
    return ",\n    ".join(rows) or "(null::text, null::text, null::text, null::text)"


def _body(name: str, fragments: dict | None = None, **identifiers: str) -> str:
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
-- Schema prodshape_ledger remembers which packs came from here, so that no later one can be
-- subtracted from them. The role adds rows to it and can do no more.
-- Pseudonymous is not anonymous: rows of one account stay linked. They never leave the boundary.
-- Not hidden: messages and receipts come in the table's own order and show their times. Where ids
-- count up, a message's rank in time is its id, but for gaps, and that of the first message of an
-- account or conversation comes near its id. The other views are ordered by their pseudonyms.
"""
_DROP_HEADER = """\
-- Prodshape: takes role {role}, its views, their key and the shape back. Schema prodshape_ledger
-- stays: packs that left are still out there, and only it remembers which.
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
