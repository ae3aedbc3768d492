"""What a run may touch: never something that looks like production, never what is not its own."""

import contextlib
import unicodedata

from synth import db, dbt, place, settings
from synth.errors import BadInput, DatabaseError
from synth.targets import Target

TABLES = settings.SYNTHETIC_TABLES
RESERVED_SCHEMAS = {"app", "public", "shape", "shape_baseline", "synth", "information_schema"}
RESERVED_BEGINNINGS = ("pg_", "prodshape")
MAX_SCHEMA_BYTES = 58
WORKER_WAIT = "60s"
LOST_MARK = (
    "tables of an earlier version, or restored from a dump, are dropped by hand: what shows that a "
    "run made them is not there"
)


class TablesChanged(BadInput):
    """Somebody dropped, renamed or altered tables of a run that is under way.

    Attributes
    ----------
    can_resume : bool
        Undoing it is enough; else the run cannot go on.
    """


def work_schema(schema: str) -> str:
    """Name of the schema that holds a run's working tables."""
    return f"{schema}_work"


def check_place(target: Target, schema: str) -> None:
    """Refuse a target or schema whose name says that a generator has no business in it.

    Parameters
    ----------
    target : synth.targets.Target
    schema : str

    Raises
    ------
    BadInput
        The target, the environment or the schema looks like production, or the name will not do.
    """
    place.check_name(target)
    name = schema.lower()
    source = dbt.variable("source_schema", settings.PRODUCTION_TARGET)
    others = {target.schema.lower(), *([source.lower()] if isinstance(source, str) else [])}
    if name in RESERVED_SCHEMAS | others or name.startswith(RESERVED_BEGINNINGS):
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


def check_ownership(connection: object, schema: str) -> dict | None:
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
        The schema holds relations that no run made: not in the ledger by their oid, or without
        the comment that goes with it. Or a run of another schema made them.
    """
    state = db.fetch_one(connection, "ownership", {"schema": schema})
    if state["strange"]:
        raise BadInput(
            f"schema {schema!r} already holds {len(state['strange'])} relation(s) that no run "
            f"made, such as {state['strange'][0]}",
            hint=f"choose another --schema, or move them away; {LOST_MARK}",
            n_foreign=len(state["strange"]),
        )
    if not state["own"]:
        return None
    # The ledger decides: a schema that was renamed and came back brings its own run.
    named = {"target_schema": schema, "made_by": state["makers"]}
    owner = db.fetch_one(connection, "run_owner", named)
    others = sorted(set(state["makers"]) - set(_runs_of(connection, schema)))
    if others:
        raise BadInput(
            f"schema {schema!r} holds tables of run {others[0]}, which is of another schema",
            hint="choose another --schema (`synth runs` says where that run is)",
        )
    # A table dropped by hand cannot be emptied, so all are made anew.
    return {**owner, "is_whole": set(TABLES) <= set(state["own"])}


def check_apart(connection: object, schema: str) -> None:
    """Refuse a schema for a new run where an earlier one may come to keep its working tables.

    Parameters
    ----------
    connection : psycopg.Connection
    schema : str

    Raises
    ------
    BadInput
        It is named like the working schema of a run that is there.
    """
    stem = schema.removesuffix("_work")
    run = db.fetch_one(connection, "run_of_schema", {"target_schema": stem})
    if stem != schema and run:
        raise BadInput(
            f"schema {schema!r} is for the working tables of run {run['run_id']}, in {stem!r}",
            hint="choose another --schema",
        )


def _runs_of(connection: object, schema: str) -> list[str]:
    rows = db.fetch_all(connection, "runs_of_schema", {"target_schema": schema})
    return [row["run_id"] for row in rows]


def holds_work(connection: object, schema: str) -> bool:
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
    state = db.fetch_one(connection, "ownership", {"schema": work})
    others = sorted(set(state["makers"]) - set(_runs_of(connection, schema)))
    if others:
        raise BadInput(
            f"schema {work!r}, where a run in {schema!r} keeps its working tables, holds those of "
            f"run {others[0]}",
            hint="choose another --schema, or drop that run first (`synth teardown --schema "
            f"{work}`)",
        )
    if state["is_there"] and not state["is_own"]:
        raise BadInput(
            f"schema {work!r}, where a run in {schema!r} keeps its working tables, is not a run's",
            hint=f"choose another --schema, or rename that one; {LOST_MARK}",
        )
    return state["is_there"]


def check_unchanged(connection: object, run_id: str, schema: str) -> None:
    """Refuse to go on with a run whose tables somebody dropped, renamed or altered.

    Parameters
    ----------
    connection : psycopg.Connection
    run_id, schema : str

    Raises
    ------
    TablesChanged
        Says what became of which table, and what to do.
    """
    changes = made_changes(connection, run_id, schema)
    if not changes:
        state = db.fetch_one(connection, "ownership", {"schema": schema})
        if run_id not in state["makers"] or not set(TABLES) <= set(state["own"]):
            raise TablesChanged(
                f"the ledger does not know the tables of run {run_id}: an earlier version began it",
                hint=f"begin anew in another --schema; {LOST_MARK}",
                can_resume=False,
            )
        return
    said = [f"{row['identity']} was {row['what']}" for row in changes[:3]]
    more = f" (and {len(changes) - 3} more)" if len(changes) > 3 else ""
    anew = "begin anew with --replace"
    if any(row["what"] == "dropped" for row in changes):
        hint = anew
    elif any(row["what"].startswith("renamed") for row in changes):
        hint = f"give it back its name and resume, or move it to another schema and {anew}"
    elif any(row["what"] == "altered" for row in changes):
        hint = f"undo that and resume, or {anew}"
    else:
        hint = f"choose another --schema, or move it away; {LOST_MARK}"
    raise TablesChanged(
        f"the tables of run {run_id} are no longer as it made them: {'; '.join(said)}{more}",
        hint=hint,
        can_resume=hint.startswith(("give", "undo")),
    )


def made_changes(connection: object, run_id: str, schema: str) -> list[dict]:
    """What was dropped, renamed or altered of that which a run made in a schema."""
    return db.fetch_all(connection, "made_changes", {"made_by": run_id, "schema": schema})


def mark(
    connection: object,
    run_id: str,
    schema: str,
    relations: tuple = (),
    functions: tuple = (),
    *,
    is_schema_ours: bool = False,
) -> None:
    """Note what a run has just made, in the ledger and in a comment; in the same transaction.

    Parameters
    ----------
    connection : psycopg.Connection
    run_id, schema : str
    relations, functions : sequence of str
        Names in the schema.
    is_schema_ours : bool
        The schema was made, too.
    """
    db.execute(
        connection,
        "mark_made",
        {
            "made_by": run_id,
            "mark": f"synthetic: made by synth generate, run {run_id}",
            "schema": schema,
            "relations": list(relations),
            "functions": list(functions),
            "is_schema_ours": is_schema_ours,
        },
    )


def give_up_work(connection: object, schema: str) -> None:
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
        state = db.fetch_one(connection, "ownership", {"schema": work})
        if "intact" in state["own"]:
            db.execute(connection, "work_mark_lost", work=work)
        drop_slices(connection, work)


def drop_work(connection: object, schema: str) -> None:
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
    _drop_own(connection, work_schema(schema), _runs_of(connection, schema))


def _drop_own(
    connection: object, schema: str, made_by: list[str], first: str | None = None
) -> None:
    """Drop what these runs made in a schema, after a statement that makes way for it."""
    state = db.fetch_one(connection, "ownership", {"schema": schema})
    with nothing_else_falls(schema):
        if state["attached"]:
            # It would be dropped with the table that it is a partition of.
            raise BadInput(
                f"{state['attached'][0]}, which no run made, is a partition of a table in schema "
                f"{schema!r}",
                hint="detach it first (`alter table ... detach partition ...`)",
            )
        db.execute(connection, "set_lock_timeout", {"timeout": WORKER_WAIT})
        if first:
            db.execute_text(connection, first)
        for row in db.fetch_all(connection, "own_drops", {"schema": schema, "made_by": made_by}):
            db.execute_text(connection, row["statement"])
        db.execute(connection, "made_prune", {"schema": schema})


def drop_slices(connection: object, work: str) -> None:
    """Drop the timeline's partitions, each alone: with its arrays it takes five locks.

    A thousand at once are more than the lock table of a server of 60 connections holds.
    """
    for row in db.fetch_all(connection, "own_slices", {"work": work}):
        with connection.transaction(), nothing_else_falls(work):
            db.execute_text(connection, row["statement"])
            db.execute(connection, "made_forget", {"table_id": row["table_id"]})


def partitions(connection: object, schema: str, table: str) -> list[str]:
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
            hint="drop it first, or choose another --schema (views that an earlier version had "
            "built are dropped by hand)",
        ) from error
    except db.LockTimeout as error:
        raise DatabaseError(
            f"other sessions have used the tables of schema {schema!r} for {WORKER_WAIT}",
            hint="wait for them, or choose another --schema",
        ) from error


def drop_tables(connection: object, target: object, schema: str) -> None:
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
    views = db.fetch_one(
        connection, "drop_dbt_views", {"schema": schema, "dbt_schema": target.schema}
    )
    _drop_own(connection, schema, _runs_of(connection, schema), views["statement"])
