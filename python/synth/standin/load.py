"""Copy a stand-in into a database: all or nothing, and never over somebody else's schema."""

from collections import Counter
from dataclasses import dataclass

from synth import console, db
from synth.errors import BadInput
from synth.standin import receipts
from synth.standin.invent import Inventor

SCHEMA = "app"
_MARK = "made by synth standin"

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


def check_schema(connection, *, replace):
    """Refuse to overwrite a schema, unless it is a stand-in and `replace` says so.

    Parameters
    ----------
    connection : psycopg.Connection
    replace : bool

    Raises
    ------
    BadInput
        The schema exists and stays.
    """
    found = db.fetch_one(connection, "standin_schema", {"schema": SCHEMA})
    if found is None:
        return
    if not (found["comment"] or "").startswith(_MARK):
        raise BadInput(
            f"schema {SCHEMA} exists and is not a stand-in",
            hint="a stand-in belongs in a database of its own: check --target",
        )
    if not replace:
        raise BadInput(
            f"schema {SCHEMA} already holds a stand-in", hint="use --replace to renew it"
        )


def load(connection, source, seed, *, replace=False):
    """Make schema ``app`` and fill it, in one transaction.

    Parameters
    ----------
    connection : psycopg.Connection
        In autocommit mode.
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
        check_schema(connection, replace=replace)
        if replace:
            db.run_script(connection, "standin_drop_schema", schema=SCHEMA)
        db.run_script(connection, "standin_create_schema", schema=SCHEMA)
        db.run_script(connection, "app_schema", schema=SCHEMA)
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
