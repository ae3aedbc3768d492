"""The only module that imports psycopg, and the only reader of SQL files.

Statements live in ``sql/queries/<name>.sql`` and arrive with parameters; identifiers are
written ``{schema}`` in the file and go through ``psycopg.sql.Identifier``. Functions live in
``sql/functions/<name>.sql`` and are sent whole.
"""

import contextlib
from functools import lru_cache
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from synth.errors import DatabaseError

_FORBIDDEN = "42501"
SQL_DIR = Path(__file__).parent / "sql"
Error = psycopg.Error
LockTimeout = psycopg.errors.LockNotAvailable
StillNeeded = psycopg.errors.DependentObjectsStillExist
NotPermitted = psycopg.errors.InsufficientPrivilege

_ADVICE = {
    "25006": "the session may only read: a standby, or default_transaction_read_only is on",
    "2F003": "a foreign server let a role in without a password: its pg_hba.conf must ask for one",
    "28": "check the user and password of the target in profiles.yml",
    "3D": "create the database, or check dbname of the target in profiles.yml",
    "42501": "the role lacks a permission this command needs",
    "42P01": "a table this command needs is missing",
    "53100": "the disk is full: free some space, then run the same command again",
    "53200": "the server is out of memory: lower --jobs or work_mem, or, where its log says shared "
    "memory, raise max_locks_per_transaction",
    "53300": "the server has no connection left: lower --jobs",
    "53400": "the statement needs more temporary files than it may have: raise the limit",
    "57014": "the statement ran into its time-out",
    "57P": "the server ended the connection: is it up (`synth pg status`)?",
}


@contextlib.contextmanager
def connect(target, *, application_name="synth", autocommit=True, **options):
    """Open a connection to a target and close it afterwards.

    Parameters
    ----------
    target : synth.targets.Target
        Where to.
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
    DatabaseError
        The connection or a statement failed. The message names the SQLSTATE, never the
        server's own text: that may quote a row.
    """
    # libpq splits at blanks that no backslash guards.
    settings = " ".join(
        f"-c {name}={str(value).replace(' ', chr(92) + ' ')}" for name, value in options.items()
    )
    try:
        with psycopg.connect(
            **target.connection_parameters(),
            application_name=application_name,
            autocommit=autocommit,
            # A database of SQL_ASCII would otherwise give bytes for texts.
            client_encoding="UTF8",
            options=f"-c TimeZone=UTC {settings}",
        ) as connection:
            yield connection
    except psycopg.Error as error:
        raise translated(error, target) from error


def translated(error, target):
    """Turn a psycopg error into one line that quotes no row.

    Parameters
    ----------
    error : psycopg.Error
        What psycopg raised.
    target : synth.targets.Target
        Names the place in the message.

    Returns
    -------
    DatabaseError
    """
    state = error.sqlstate
    if state is None:
        return DatabaseError(
            f"cannot reach the database of target {target.name!r}, or the connection was lost",
            hint="is the server up (`synth pg status`), and is the profile right?",
            sqlstate=None,
        )
    advice = _ADVICE.get(state) or _ADVICE.get(state[:3]) or _ADVICE.get(state[:2])
    if state.startswith("SY"):
        # Raised by our own functions, whose messages hold identifiers and counts only.
        return DatabaseError(
            error.diag.message_primary, hint=error.diag.message_hint, sqlstate=state
        )
    kind = type(error).__name__
    name = error.diag.table_name or error.diag.constraint_name or error.diag.column_name
    about = f" on {name}" if name else ""
    return DatabaseError(
        f"target {target.name!r}: {kind}{about} (SQLSTATE {state})", hint=advice, sqlstate=state
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


def function_names() -> list[str]:
    """Names of the functions that are installed in schema ``synth``."""
    return sorted(path.stem for path in (SQL_DIR / "functions").glob("*.sql"))


def install_functions(connection, names=None):
    """Create the functions of ``sql/functions`` in schema ``synth``.

    Parameters
    ----------
    connection : psycopg.Connection
    names : sequence of str, optional
        Only these; default all.
    """
    found = function_names()
    with connection.transaction():
        # Sessions that start together would race on the same pg_proc rows.
        connection.execute("select pg_advisory_xact_lock(hashtext('synth.functions'))")
        connection.execute("create schema if not exists synth")
        connection.execute("set local check_function_bodies = off")
        for name in found:
            if names is None or name in names:
                connection.execute(function_text(name))
