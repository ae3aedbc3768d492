"""Copy a stand-in into a database: all or nothing, and never over somebody else's schema."""

from collections import Counter
from dataclasses import dataclass

from synth import console, db, place
from synth.errors import BadInput
from synth.standin import receipts
from synth.standin.invent import Inventor
from synth.targets import Target

SCHEMA = "app"

_COLUMNS = {
    "users": (
        "id",
        "username",
        "email",
        "displayName",
        "phone",
        "avatarUrl",
        "bio",
        "lastDevice",
        "createdAt",
        "updatedAt",
    ),
    "conversations": ("id", "type", "name", "createdAt", "updatedAt"),
    "conversation_users": ("conversationId", "userId", "role", "isActive", "joinedAt"),
    "messages": ("id", "conversationId", "senderId", "type", "content", "createdAt"),
    "attachments": ("id", "messageId", "type", "fileName", "url", "sizeBytes", "createdAt"),
    "message_reads": ("messageId", "userId", "readAt"),
}


@dataclass(frozen=True)
class Loaded:
    """What was loaded.

    Attributes
    ----------
    rows : dict of str to int
        By table.
    planted : dict of str to int
        Planted items by kind, most frequent first.
    """

    rows: dict
    planted: dict


def check_schema(connection: object, target: Target, *, replace: bool) -> None:
    """Refuse to overwrite a schema, unless it is a stand-in and `replace` says so.

    Parameters
    ----------
    connection : psycopg.Connection
    target : synth.targets.Target
    replace : bool

    Raises
    ------
    BadInput
        The schema exists and stays, or the database may be the real production.
    """
    found = db.fetch_one(connection, "standin_schema", {"schema": SCHEMA})
    place.check_standin(connection, target, is_marked=bool(found and found["is_ours"]))
    if found is None:
        return
    if not found["is_ours"]:
        raise BadInput(
            f"schema {SCHEMA} exists and is not a stand-in, or one of an earlier version",
            hint="a stand-in belongs in a database of its own: check --target; an earlier "
            "version's is dropped by hand",
        )
    if not replace:
        raise BadInput(
            f"schema {SCHEMA} already holds a stand-in", hint="use --replace to renew it"
        )


def load(
    connection: object, target: Target, source: object, seed: int, *, replace: bool = False
) -> Loaded:
    """Make schema ``app`` and fill it, in one transaction.

    Parameters
    ----------
    connection : psycopg.Connection
        In autocommit mode.
    target : synth.targets.Target
    source : synth.standin.source.Source
    seed : int
        For what is invented.
    replace : bool
        Drop an earlier stand-in first.

    Returns
    -------
    Loaded

    Raises
    ------
    BadInput
        The schema exists and must not be dropped.
    """
    planted, rows = Counter(), {}
    inventor = Inventor(source, seed, lambda item: planted.update((item.kind,)))
    tables = {
        "users": (inventor.users(), len(source.user_ids)),
        "conversations": (inventor.conversations(), len(source.conversation_ids)),
        "conversation_users": (inventor.members(), len(source.member_users)),
        "messages": (inventor.messages(), len(source.message_ids)),
        "attachments": (inventor.attachments(), len(source.attachment_ids)),
    }
    if source.has_receipts:
        tables["message_reads"] = (receipts.rows(source, seed), None)
    # Tables filled in the transaction that made them need no WAL.
    with connection.transaction(), console.progress() as bars:
        check_schema(connection, target, replace=replace)
        if replace:
            _drop(connection, target)
        db.execute(connection, "schema_create_new", schema=SCHEMA)
        db.run_script(connection, "app_schema", schema=SCHEMA)
        for row in db.fetch_all(connection, "standin_marks", {"schema": SCHEMA}):
            db.execute_text(connection, row["statement"])
        for table, (found, total) in tables.items():
            task = bars.add_task(table, total=total)
            counted = _Counted(found, lambda n, task=task: bars.update(task, advance=n))
            db.copy_rows(connection, (SCHEMA, table), _COLUMNS[table], counted)
            rows[table] = counted.n
            bars.update(task, total=counted.n, completed=counted.n)
        task = bars.add_task("keys and indexes", total=1)
        db.run_script(connection, "app_constraints", schema=SCHEMA)
        bars.update(task, advance=1)
    # On its own: VACUUM refuses to run inside a transaction.
    db.run_script(connection, "standin_vacuum", schema=SCHEMA)
    return Loaded(rows={table: rows.get(table, 0) for table in _COLUMNS}, planted=_ranked(planted))


def _drop(connection: object, target: Target) -> None:
    """Drop an earlier stand-in with dbt's views on it, and nothing else; in a transaction."""
    views = db.fetch_one(
        connection, "drop_dbt_views", {"schema": SCHEMA, "dbt_schema": target.schema}
    )
    drops = db.fetch_all(connection, "standin_drops", {"schema": SCHEMA})
    try:
        for statement in (views["statement"], *(row["statement"] for row in drops)):
            if statement:
                db.execute_text(connection, statement)
    except db.StillNeeded as error:
        raise BadInput(
            f"something that is no stand-in's is in schema {SCHEMA}, or depends on its tables",
            hint="drop it first, or move it away (views that an earlier version had built are "
            "dropped by hand)",
        ) from error


class _Counted:
    """Pass rows on, count them, and report every few thousand."""

    def __init__(self, rows, report, every=5000):
        self._rows, self._report, self._every = rows, report, every
        self.n = 0

    def __iter__(self):
        for row in self._rows:
            yield row
            self.n += 1
            if self.n % self._every == 0:
                self._report(self._every)


def _ranked(counts):
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))
