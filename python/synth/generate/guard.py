"""What a run may touch: never something that looks like production, never what is not its own."""

import contextlib
import os
import re
import unicodedata

from synth import db, dbt, settings, targets
from synth.errors import BadInput, DatabaseError

TABLES = settings.SYNTHETIC_TABLES
RESERVED_SCHEMAS = {"app", "public", "shape", "shape_baseline", "synth", "information_schema"}
PRODUCTION_WORDS = {"prod", "production", "prd", "live"}
LOOPBACK = {"127.0.0.1", "::1"}
MAX_SCHEMA_BYTES = 58
WORKER_WAIT = "60s"


def work_schema(schema):
    """Name of the schema that holds a run's working tables."""
    return f"{schema}_work"


def check_place(target, schema):
    """Refuse a target or schema that a generator has no business in.

    Parameters
    ----------
    target : synth.targets.Target
    schema : str

    Raises
    ------
    BadInput
        The target, the environment or the schema looks like production, or the name will not do.
    """
    for name in ("SYNTH_ENV", "NODE_ENV"):
        if _means_production(os.environ.get(name, "")):
            raise BadInput(
                f"{name} says this is production: nothing is generated here",
                hint="run in dev, or unset it if it is wrong",
            )
    if target.name == settings.PRODUCTION_TARGET or _means_production(target.name):
        raise BadInput(
            f"target {target.name!r} is the production side: nothing is generated there",
            hint=f"use --target {settings.DEV_TARGET}",
        )
    _check_database(target)
    name = schema.lower()
    source = dbt.variable("source_schema", settings.PRODUCTION_TARGET)
    others = {target.schema.lower(), *([source.lower()] if isinstance(source, str) else [])}
    if name in RESERVED_SCHEMAS | others or name.startswith("pg_"):
        raise BadInput(
            f"schema {schema!r} is not for synthetic tables",
            hint=f"use --schema {settings.DEFAULT_SCHEMA}, or another name of your own",
        )
    # A percent sign would be read as the place of a parameter, a new line would end a comment.
    odd = any(sign == "%" or unicodedata.category(sign) == "Cc" for sign in schema)
    if odd or not 1 <= len(schema.encode()) <= MAX_SCHEMA_BYTES:
        raise BadInput(
            f"--schema needs 1 to {MAX_SCHEMA_BYTES} bytes and no percent sign or control character"
        )


def _check_database(target):
    """Refuse a database that a profile or a name calls production's, whatever the target's name."""
    # A socket directory names this project.
    host = "" if target.host.startswith("/") else target.host
    for what, name in (("host", host), ("database", target.dbname)):
        words = re.split(r"[^a-z]+", name.lower())
        if set(words) & PRODUCTION_WORDS:
            raise BadInput(
                f"target {target.name!r} leads to a {what} named after production: nothing is "
                "generated there",
                hint="point it at a dev database in profiles.yml",
            )
    try:
        production = targets.load(settings.PRODUCTION_TARGET)
    except BadInput:
        # Whoever only works in dev has no such target, or not its environment.
        return
    if _address(target) == _address(production):
        raise BadInput(
            f"target {target.name!r} leads to the database of {production.name!r}: nothing is "
            "generated there",
            hint="point it at another database in profiles.yml",
        )


def _address(target):
    """Where a target leads, however its profile writes it."""
    if target.host.startswith("/"):
        host = os.path.realpath(target.host)
    else:
        host = "localhost" if target.host in LOOPBACK else target.host.lower().rstrip(".")
    return host, int(target.port), target.dbname


def _means_production(name):
    """Whether one of the words of a name is production's: ``prod``, ``eu-production``, ``live``."""
    words = re.split(r"[^a-z0-9]+", name.lower())
    return any(word.startswith("prod") or word in ("prd", "live") for word in words)


def check_ownership(connection, schema):
    """Find the run that owns a schema, and refuse a schema with other people's tables.

    Parameters
    ----------
    connection : psycopg.Connection
    schema : str

    Returns
    -------
    dict or None
        The owning run, and whether all its tables are there (``is_whole``); None where the
        schema is missing or empty.

    Raises
    ------
    BadInput
        The schema holds relations that no run made.
    """
    state = db.fetch_one(connection, "schema_state", {"schema": schema})
    owner = db.fetch_one(connection, "run_of_schema", {"target_schema": schema})
    foreign = set(state["relations"]) - (set(TABLES) if owner else set())
    if owner and owner["marks_tables"]:
        # Somebody else's tables may have taken the names since.
        foreign |= set(state["unmarked"])
    if foreign:
        raise BadInput(
            f"schema {schema!r} already holds {len(foreign)} relation(s) that no run made",
            hint="choose another --schema, or move them away",
            n_foreign=len(foreign),
        )
    if not owner or not state["relations"]:
        return None
    # A table dropped by hand cannot be emptied, so all are made anew.
    return {**owner, "is_whole": set(TABLES) <= set(state["relations"])}


def holds_work(connection, schema):
    """Whether a run's working tables are there.

    Parameters
    ----------
    connection : psycopg.Connection
    schema : str
        The run's schema, not the one of its working tables.

    Returns
    -------
    bool

    Raises
    ------
    BadInput
        A schema of that name is somebody else's.
    """
    work = work_schema(schema)
    state = db.fetch_one(connection, "schema_state", {"schema": work})
    if state["schema_exists"] and "intact" not in state["relations"]:
        raise BadInput(
            f"schema {work!r}, where a run in {schema!r} keeps its working tables, is not a run's",
            hint="choose another --schema, or rename that one",
        )
    return state["schema_exists"]


def give_up_work(connection, schema):
    """Drop of a run's working tables what takes many locks, so that no run counts on the rest.

    Outside a transaction; the rest goes with its schema.

    Parameters
    ----------
    connection : psycopg.Connection
    schema : str
        The run's schema, not the one of its working tables.

    Raises
    ------
    BadInput
        As `holds_work`.
    """
    if holds_work(connection, schema):
        work = work_schema(schema)
        db.execute(connection, "work_mark_lost", work=work)
        drop_slices(connection, work)


def drop_work(connection, schema):
    """Drop a run's working tables and their schema, and nothing else; in a transaction.

    Parameters
    ----------
    connection : psycopg.Connection
    schema : str
        The run's schema, not the one of its working tables.

    Raises
    ------
    BadInput
        Something that is not ours is in it or depends on it.
    """
    work = work_schema(schema)
    with nothing_else_falls(work):
        db.execute(connection, "set_lock_timeout", {"timeout": WORKER_WAIT})
        db.run_script(connection, "drop_work", work=work)


def drop_slices(connection, work):
    """Drop the timeline's partitions, each alone: with its arrays it takes five locks.

    A thousand at once are more than the lock table of a server of 60 connections holds.
    """
    for name in partitions(connection, work, "timeline"):
        db.execute(connection, "slice_drop", work=work, partition=name)


def partitions(connection, schema, table):
    """Names of a table's partitions, in order."""
    rows = db.fetch_all(connection, "partitions", {"schema": schema, "parent": table})
    return [row["partition"] for row in rows]


def check_role(connection, jobs):
    """Refuse a role that lacks what every run needs, before a table is made or emptied.

    Parameters
    ----------
    connection : psycopg.Connection
    jobs : int
        Connections that the run opens besides this one.

    Raises
    ------
    DatabaseError
        A right that everybody has was revoked, or the role has too few connections.
    """
    room = db.fetch_one(connection, "session_room")
    if room is not None and not room["may_make_temporary"]:
        raise DatabaseError(
            "the role may not make temporary tables in this database",
            hint="let it have TEMPORARY on the database: memberships are drawn with some",
        )
    if room is not None and room["n_free"] is not None and room["n_free"] < jobs:
        raise DatabaseError(
            f"the role or the database has a limit of connections: {jobs} more are needed, "
            f"{max(0, room['n_free'])} are left",
            hint="lower --jobs (a run needs one connection more than that), or raise the limit",
        )
    denied = [row["signature"] for row in db.fetch_all(connection, "counters_denied")]
    if denied:
        raise DatabaseError(
            f"the role lacks the permission to call {', '.join(denied)}",
            hint="let it have EXECUTE on them: a run counts its rows with a large object",
        )


def lock(connection, schema):
    """Hold the schema for one run, until the session ends.

    Raises
    ------
    DatabaseError
        Another run is at work in it.
    """
    if not db.fetch_one(connection, "lock_schema", {"schema": schema})["is_free"]:
        raise DatabaseError(
            f"another run is at work in schema {schema!r}",
            hint="wait for it (`synth runs`), or use another --schema",
        )


def wait_for_workers(connection, schema):
    """Let the last statements of a killed process come to their end; they may not overlap ours.

    Raises
    ------
    DatabaseError
        They are still there after a minute.
    """
    try:
        with connection.transaction():
            db.execute(connection, "set_lock_timeout", {"timeout": WORKER_WAIT})
            db.execute(connection, "wait_for_workers", {"schema": schema})
    except db.LockTimeout as error:
        raise DatabaseError(
            f"sessions of an earlier process still work in schema {schema!r} after {WORKER_WAIT}",
            hint="wait for them, or end them in pg_stat_activity (application `synth generate`)",
        ) from error


@contextlib.contextmanager
def nothing_else_falls(schema):
    """Turn what the server says about dropping into a refusal that names the schema.

    Statements inside drop without ``cascade``, so that the server itself protects what is not
    ours: views, materialized views, foreign keys, functions.

    Raises
    ------
    BadInput
        Something that is not ours depends on the tables.
    DatabaseError
        Somebody has had a lock on them for a minute.
    """
    try:
        yield
    except db.StillNeeded as error:
        raise BadInput(
            f"a view, foreign key or function that is not ours depends on schema {schema!r}, or a "
            "table of somebody else's is in it",
            hint="drop it first, or choose another --schema",
        ) from error
    except db.LockTimeout as error:
        raise DatabaseError(
            f"other sessions have used the tables of schema {schema!r} for {WORKER_WAIT}",
            hint="wait for them, or choose another --schema",
        ) from error


def drop_tables(connection, target, schema):
    """Drop the tables of a run and dbt's views on them, and nothing else; in a transaction.

    Parameters
    ----------
    connection : psycopg.Connection
    target : synth.targets.Target
    schema : str

    Raises
    ------
    BadInput
        Something that is not ours depends on the tables.
    """
    with nothing_else_falls(schema):
        db.execute(connection, "set_lock_timeout", {"timeout": WORKER_WAIT})
        views = db.fetch_one(
            connection, "drop_dbt_views", {"schema": schema, "dbt_schema": target.schema}
        )["statement"]
        if views:
            db.execute_text(connection, views)
        db.execute(connection, "drop_tables", schema=schema)
