"""How the synthetic tables are laid out: type of the ids, partitions, logging, constraints."""

import re
from dataclasses import replace
from datetime import UTC, datetime

from synth import db
from synth.generate import guard
from synth.generate.draws import hash64
from synth.generate.guard import TABLES, partitions

# Streams of draws are numbered; this one is the ids'.
ID_STREAM = 200
YEAR_MS = 365 * 86_400_000
_NAME = re.compile(r'(?:constraint|index) "?(\w+)')


def make_tables(connection, names, plan, options):
    """Make the six empty tables.

    Parameters
    ----------
    connection : psycopg.Connection
    names : dict
    plan : synth.generate.plan.Plan
    options : synth.generate.options.Options
    """
    schema = names["schema"]
    db.execute(connection, "schema_create", schema=schema)
    db.run_script(connection, "app_schema", schema=schema)
    if options.partition_by:
        db.run_script(connection, "partition_messages", schema=schema)
        for partition, lower, upper in months(plan.calendar.start_ms, plan.calendar.end_ms):
            db.execute_literals(
                connection,
                "message_partition",
                {"lower": lower, "upper": upper},
                schema=schema,
                partition=partition,
            )
    if options.id_type != "bigint":
        db.run_script(connection, "uuid_columns", schema=schema)
    if options.unlogged:
        for table in TABLES:
            db.execute(connection, "set_unlogged", schema=schema, table=table)


def fits(connection, names, plan, options):
    """Whether tables that are there are what a run would make, but for what they hold.

    Parameters
    ----------
    connection : psycopg.Connection
        In a transaction; no working tables are there.
    names : dict
    plan : synth.generate.plan.Plan
    options : synth.generate.options.Options

    Returns
    -------
    bool
        Messages have the plan's partitions, and nobody has altered tables or columns since.
    """
    wanted = _partitions_of(plan, options)
    if partitions(connection, names["schema"], "messages") != wanted:
        return False
    found = db.fetch_all(connection, "table_definitions", {"schema": names["schema"]})
    # What the scripts make is compared, so that nothing says twice what that is.
    with connection.transaction(force_rollback=True):
        plain = replace(options, partition_by=None)
        make_tables(connection, names | {"schema": names["work"]}, plan, plain)
        made = db.fetch_all(connection, "table_definitions", {"schema": names["work"]})
    return all(row in made for row in found)


def mark_tables(
    connection: object, run_id: str, schema: str, plan: object, options: object
) -> None:
    """Note that a run made its tables: names alone could be anybody's."""
    guard.mark(connection, run_id, schema, (*TABLES, *_partitions_of(plan, options)))
    db.execute(connection, "made_define", {"made_by": run_id, "schema": schema})


def _partitions_of(plan: object, options: object) -> list[str]:
    """Names of the partitions that a run makes of its messages, in order."""
    if not options.partition_by:
        return []
    return [name for name, _, _ in months(plan.calendar.start_ms, plan.calendar.end_ms)]


def make_ids(connection, names, plan, options):
    """Make the run's function from a row's number to its id; for bigint it is the number.

    Parameters
    ----------
    connection : psycopg.Connection
    names : dict
    plan : synth.generate.plan.Plan
    options : synth.generate.options.Options
    """
    days = plan.calendar
    width = days.end_ms - days.start_ms
    literals = {
        "bigint": {},
        "uuid4": {"salt": int(hash64(ID_STREAM, plan.parameters["seed"])[0])},
    }
    literals["uuid7"] = {
        **literals["uuid4"],
        "start_ms": days.start_ms,
        "user_start_ms": days.start_ms - YEAR_MS,
        "user_step_ms": YEAR_MS / plan.n_users,
        "conversation_step_ms": width / plan.n_conversations,
        "message_step_ms": width / plan.n_messages,
        "attachment_step_ms": width / plan.n_messages / plan.parameters["attachment_stride"],
    }
    db.execute_literals(
        connection, f"ids_{options.id_type}", literals[options.id_type], work=names["work"]
    )


def constraints(options, *, foreign):
    """Statements that add keys and indexes, or foreign keys, after the load.

    Parameters
    ----------
    options : synth.generate.options.Options
    foreign : bool

    Returns
    -------
    list of (str, str)
        Name of the constraint or index, and the statement; the order never changes, so that a
        resumed run means the same statement by a number.
    """
    if not options.indexes:
        return []
    found = []
    for text in db.statements("app_constraints"):
        name = _NAME.search(text).group(1)
        if options.partition_by and "references {schema}.messages" in text:
            continue
        if options.partition_by and name == "messages_pkey":
            (text,) = db.statements("partitioned_key")
        # With the parenthesis: the header comment is part of the first statement.
        if ("foreign key (" in text) == foreign:
            found.append((name, text))
    return found


def months(start_ms, end_ms):
    """Partitions that hold a window, its very end included.

    Parameters
    ----------
    start_ms, end_ms : int
        Milliseconds since 1970-01-01 UTC.

    Returns
    -------
    list of (str, datetime, datetime)
        Name of the partition and its bounds.
    """
    first = datetime.fromtimestamp(start_ms / 1000, tz=UTC)
    last = datetime.fromtimestamp(end_ms / 1000, tz=UTC)
    found = []
    for number in range(first.year * 12 + first.month - 1, last.year * 12 + last.month):
        lower, upper = (datetime(n // 12, n % 12 + 1, 1, tzinfo=UTC) for n in (number, number + 1))
        found.append((f"messages_{lower:%Y_%m}", lower, upper))
    return found
