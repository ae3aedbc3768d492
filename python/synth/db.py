"""Connections and statements; with `synth.refusals` the only module that imports psycopg.

Statements live in ``sql/queries/<name>.sql`` and arrive with parameters; identifiers are
written ``{schema}`` in the file and go through ``psycopg.sql.Identifier``. Functions live in
``sql/functions/<name>.sql`` and are sent whole.
"""

import contextlib
import time
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import psycopg
from psycopg import pq, sql
from psycopg.rows import dict_row

from synth import console, libpq_environment, refusals
from synth.errors import DatabaseError
from synth.targets import Target

_FORBIDDEN = "42501"
SQL_DIR = Path(__file__).parent / "sql"
Connection = psycopg.Connection
Error = psycopg.Error
LockTimeout = psycopg.errors.LockNotAvailable
StillNeeded = psycopg.errors.DependentObjectsStillExist
NoSuchTable = psycopg.errors.UndefinedTable
NotPermitted = psycopg.errors.InsufficientPrivilege
translated = refusals.translated
OLDEST_SERVER = 14
# What our statements and the driver read and write by, whatever defaults a server, a database or
# a role has.
_SESSION = {
    "DateStyle": "ISO, YMD",
    "IntervalStyle": "postgres",
    "TimeZone": "UTC",
    "extra_float_digits": "1",
    "bytea_output": "hex",
    "standard_conforming_strings": "on",
    "array_nulls": "on",
    "quote_all_identifiers": "off",
    "transform_null_equals": "off",
    "default_transaction_isolation": "read committed",
    "lc_numeric": "C",
    "lc_time": "C",
}


@contextlib.contextmanager
def connect(
    target: Target,
    *,
    application_name: str = "synth",
    autocommit: bool = True,
    **options: object,
) -> Iterator[psycopg.Connection]:
    """Open a connection to a target and close it afterwards.

    Parameters
    ----------
    target : synth.targets.Target
        Where to, and as whom: the profile alone decides.
    application_name : str
        Shown in ``pg_stat_activity``.
    autocommit : bool
        With True, use ``with connection.transaction()`` where a unit must be atomic.
    **options
        Server settings of the session, for example ``statement_timeout="5s"``.

    Yields
    ------
    psycopg.Connection

    Raises
    ------
    BadInput
        A file that the profile names for TLS is missing.
    DatabaseError
        The connection or a statement failed. The message names the SQLSTATE, never the
        server's own text: that may quote a row.
    """
    _ignore_libpq_variables()
    parameters = {
        **target.connection_parameters(),
        "application_name": application_name,
        # A database of SQL_ASCII would otherwise give bytes for texts.
        "client_encoding": "UTF8",
    }
    try:
        with _opened(target, parameters) as connection:
            _prepare(connection, target, parameters, options)
            connection.autocommit = autocommit
            yield connection
    except psycopg.Error as error:
        raise translated(error, target) from error


@contextlib.contextmanager
def snapshot(connection: psycopg.Connection) -> Iterator[None]:
    """One read-only transaction in which every statement sees the same state of the database.

    Parameters
    ----------
    connection : psycopg.Connection
        In autocommit mode.
    """
    connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    connection.read_only = True
    try:
        with connection.transaction():
            yield
    finally:
        if not connection.closed:
            connection.isolation_level = connection.read_only = None


def lock(connection: psycopg.Connection, tables: Iterable[tuple[str, str]]) -> None:
    """Keep tables (schema and name) as they are until the transaction ends; reading goes on."""
    relations = ", ".join(identifier(*table) for table in tables)
    connection.execute(expanded("lock_relations", {"relations": relations}))


def _ignore_libpq_variables() -> None:
    known = {known.envvar.decode() for known in pq.Conninfo.get_defaults() if known.envvar}
    known |= libpq_environment.WITHOUT_PARAMETER
    ignored = [name for name in libpq_environment.take_out() if name in known]
    if ignored:
        console.note(
            f"synth: {', '.join(ignored)} ignored: profiles.yml alone says where and how to connect"
        )


def _opened(target: Target, parameters: dict[str, Any]) -> psycopg.Connection:
    """Connect; of the retries that the profile allows, the last also learns why it fails."""
    for attempt in range(target.retries or 1):
        time.sleep(attempt * attempt)  # as dbt waits
        try:
            return psycopg.connect(**parameters, autocommit=True)
        except psycopg.OperationalError as error:
            failed = error
    refusal = refusals.of_connection(failed, target, parameters)
    if refusal:
        raise refusal from failed
    return psycopg.connect(**parameters, autocommit=True)


def _prepare(
    connection: psycopg.Connection,
    target: Target,
    parameters: dict[str, Any],
    options: dict[str, object],
) -> None:
    """Set a session up: after connecting, since poolers refuse settings that come before."""
    check_version(connection.info.server_version, target)
    settings = {**_SESSION, **{name: str(value) for name, value in options.items()}}
    search_path = settings.pop("search_path", target.search_path)
    asked = {"names": list(settings), "values": list(settings.values()), "path": search_path}
    try:
        session = fetch_one(connection, "session_settings", asked)
    except psycopg.errors.DatabaseError as error:
        if error.sqlstate is None or error.sqlstate[:2] not in ("22", "42"):
            raise
        raise DatabaseError(
            f"target {target.name!r}: the server refuses a setting of the session "
            f"(SQLSTATE {error.sqlstate})",
            hint="correct search_path in profiles.yml, or session_settings in dbt_project.yml",
            sqlstate=error.sqlstate,
        ) from error
    if session["process_id"] != connection.info.backend_pid:
        refusals.check_pooler(connection, target, parameters, session["process_id"])
    if target.role:
        try:
            # As dbt does it; the profile's reader has seen that it is one name.
            connection.execute(sql.SQL("set role ") + sql.SQL(target.role))
        except (psycopg.errors.DataError, psycopg.errors.ProgrammingError) as error:
            raise DatabaseError(
                f"target {target.name!r}: its role cannot be set (SQLSTATE {error.sqlstate})",
                hint="the key role must name a role that exists and that the user is a member of",
                sqlstate=error.sqlstate,
            ) from error


def check_version(number: int, target: Target) -> None:
    """Refuse a server that is too old for our statements.

    Parameters
    ----------
    number : int
        As libpq gives it, for example 140005.
    target : synth.targets.Target

    Raises
    ------
    DatabaseError
    """
    if number // 10000 < OLDEST_SERVER:
        raise DatabaseError(
            f"target {target.name!r}: the server is PostgreSQL {number // 10000}, and "
            f"{OLDEST_SERVER} or later is needed",
            hint="upgrade it, or let the target name another server",
        )


@lru_cache(maxsize=None)
def query_text(name):
    """Text of ``sql/queries/<name>.sql``."""
    return (SQL_DIR / "queries" / f"{name}.sql").read_text()


@lru_cache(maxsize=None)
def function_text(name):
    """Text of ``sql/functions/<name>.sql``."""
    return (SQL_DIR / "functions" / f"{name}.sql").read_text()


def statement(name, **identifiers):
    """Compose a named statement with quoted identifiers.

    Parameters
    ----------
    name : str
        File name below ``sql/queries``, without ``.sql``.
    **identifiers : str
        Replace ``{key}`` in the file, each as one quoted identifier.

    Returns
    -------
    psycopg.sql.Composed
    """
    parts = {key: sql.Identifier(value) for key, value in identifiers.items()}
    return sql.SQL(query_text(name)).format(**parts)


def execute(connection, name, parameters=None, **identifiers):
    """Run a named statement and return its cursor."""
    return connection.execute(statement(name, **identifiers), parameters)


def written_out(parameters):
    """Parameters with their arrays of numbers as PostgreSQL writes them.

    What many statements share is written once; psycopg would write it for each of them, which
    takes it longer than the server takes to read it.

    Parameters
    ----------
    parameters : dict
        A list of numbers is one that the statements cast, as in ``%(knots)s::float8[]``.

    Returns
    -------
    dict
        Numbers as Python's shortest text, which PostgreSQL reads to the last bit.
    """
    return {key: _array_text(value) for key, value in parameters.items()}


def _array_text(value):
    if not isinstance(value, list) or not all(isinstance(one, (int, float)) for one in value):
        return value
    return "{" + ",".join(map(str, value)) + "}"


def fetch_all(connection, name, parameters=None, **identifiers):
    """Run a named statement; rows as dictionaries."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(statement(name, **identifiers), parameters).fetchall()


def fetch_one(connection, name, parameters=None, **identifiers):
    """Run a named statement; its first row as a dictionary, or None."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(statement(name, **identifiers), parameters).fetchone()


def run_script(connection, name, **identifiers):
    """Send a whole file of statements (no parameters, so ``%`` is literal)."""
    connection.execute(statement(name, **identifiers))


def statements(name):
    """Statements of a file, in order, comments and all; only for files without bodies in quotes."""
    return [text.strip() for text in query_text(name).split(";\n") if text.strip()]


def execute_text(connection, text, **identifiers):
    """Run one statement of `statements`, or, without identifiers, one that the server composed."""
    parts = {key: sql.Identifier(value) for key, value in identifiers.items()}
    composed = sql.SQL(text.rstrip(";"))
    # A name in a composed statement may hold a brace.
    connection.execute(composed.format(**parts) if parts else composed)


def execute_literals(connection, name, literals, **identifiers):
    """Run a named DDL statement, which takes no parameters, with values composed in as literals.

    Parameters
    ----------
    connection : psycopg.Connection
    name : str
        Query file with ``{key}`` for each literal and identifier.
    literals : dict
    **identifiers : str
    """
    parts = {key: sql.Identifier(value) for key, value in identifiers.items()}
    parts |= {key: sql.Literal(value) for key, value in literals.items()}
    connection.execute(sql.SQL(query_text(name)).format(**parts))


def expanded(name, fragments, **identifiers):
    """Compose a named statement with pieces of SQL from the project's own configuration.

    Parameters
    ----------
    name : str
        Query file with ``{key}`` for each fragment and identifier; it takes no parameters.
    fragments : dict of str to str
        SQL, for example an expression of the source mapping. Never what a row holds.
    **identifiers : str

    Returns
    -------
    psycopg.sql.Composed
    """
    parts = {key: sql.Identifier(value) for key, value in identifiers.items()}
    parts |= {key: sql.SQL(value) for key, value in fragments.items()}
    return sql.SQL(query_text(name)).format(**parts)


def fetch_expanded(connection, name, fragments, **identifiers):
    """Run a statement of `expanded`; rows as dictionaries."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(expanded(name, fragments, **identifiers)).fetchall()


def describe(connection, name, fragments, **identifiers):
    """Columns that a statement of `expanded` would give, without running it.

    Parameters
    ----------
    connection : psycopg.Connection
        In autocommit.
    name : str
    fragments : dict of str to str
    **identifiers : str

    Returns
    -------
    list of (str, int)
        Name and type's oid.

    Raises
    ------
    psycopg.Error
        The server cannot parse it.
    """
    text = expanded(name, fragments, **identifiers).as_bytes(connection)
    prepared = connection.pgconn.prepare(b"", text)
    if prepared.status == psycopg.pq.ExecStatus.FATAL_ERROR:
        raise psycopg.errors.error_from_result(prepared)
    found = connection.pgconn.describe_prepared(b"")
    if found.nparams:
        raise psycopg.errors.UndefinedParameter("there is no value for a parameter")
    return [(found.fname(i).decode(), found.ftype(i)) for i in range(found.nfields)]


def readable_refusal(error):
    """Say why the server refused a statement of the project's configuration.

    Parameters
    ----------
    error : psycopg.Error

    Returns
    -------
    str
        The server's words where they quote the statement only (class 42, syntax, unknown or
        forbidden names, types that do not fit, with a place in the statement); else the class
        of the error. A cast to ``regclass`` or ``tsquery`` is of class 42, too, has no place in
        the statement, and quotes the row.
    """
    diag, state = error.diag, error.sqlstate or ""
    is_of_statement = diag.statement_position is not None and diag.internal_query is None
    if state == _FORBIDDEN or (state.startswith("42") and is_of_statement):
        return " ".join((diag.message_primary or "").split())
    return f"{type(error).__name__} (SQLSTATE {error.sqlstate})"


def as_text(name, fragments=None, **identifiers):
    """Text of a statement of `expanded`, for somebody else to run."""
    return expanded(name, fragments or {}, **identifiers).as_string(None)


def literal(value):
    """A value as it is written in SQL."""
    return sql.Literal(value).as_string(None)


def identifier(*names):
    """A name as it is written in SQL, quoted."""
    return sql.Identifier(*names).as_string(None)


def copy_out(connection, name, write, **identifiers):
    """Stream what a named COPY statement gives.

    Parameters
    ----------
    connection : psycopg.Connection
    name : str
    write : callable
        Called with each block of bytes.
    **identifiers : str
    """
    with connection.cursor() as cursor, cursor.copy(statement(name, **identifiers)) as stream:
        for block in stream:
            write(block)


def stream_rows(connection, name, batch, **identifiers):
    """Run a named statement through a cursor of the server, so that memory stays flat.

    Parameters
    ----------
    connection : psycopg.Connection
    name : str
    batch : int
        Rows per round trip.
    **identifiers : str

    Yields
    ------
    columns : list of (str, str)
        Name and type.
    rows : list of tuple
        At most `batch`; the first batch may be empty, so that the columns are known.
    """
    with connection.transaction(), connection.cursor(name="synth_stream") as cursor:
        cursor.itersize = batch
        cursor.execute(statement(name, **identifiers))
        columns = [(column.name, column.type_display) for column in cursor.description]
        rows = cursor.fetchmany(batch)
        yield columns, rows
        while len(rows) == batch:
            rows = cursor.fetchmany(batch)
            yield columns, rows


def copy_rows(connection, table, columns, rows):
    """Load rows with COPY.

    Parameters
    ----------
    connection : psycopg.Connection
    table : tuple of str
        Schema and table.
    columns : sequence of str
    rows : iterable of tuple
        Consumed lazily, so memory stays flat.
    """
    copy = sql.SQL("copy {} ({}) from stdin").format(
        sql.Identifier(*table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with connection.cursor() as cursor, cursor.copy(copy) as stream:
        for row in rows:
            stream.write_row(row)


def install_functions(connection, names=None):
    """Create the functions of ``sql/functions`` in schema ``synth``.

    Parameters
    ----------
    connection : psycopg.Connection
    names : sequence of str, optional
        Only these; default all.
    """
    found = sorted(path.stem for path in (SQL_DIR / "functions").glob("*.sql"))
    with connection.transaction():
        # Sessions that start together would race on the same pg_proc rows.
        connection.execute("select pg_advisory_xact_lock(hashtext('synth.functions'))")
        connection.execute("create schema if not exists synth")
        connection.execute("set local check_function_bodies = off")
        for name in found:
            if names is None or name in names:
                connection.execute(function_text(name))
