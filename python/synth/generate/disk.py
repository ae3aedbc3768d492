"""Whether a run will fit: rows by table, bytes a row, and what is free where the server is.

Bytes follow from PostgreSQL's page layout (24 bytes of row header, 4 of line pointer, columns
aligned to 8; index entries of 8 + 4 + the key at 90 % fill, or about 7 where equal keys are
folded into lists), and agree with measured tables within 15 %.
"""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from synth import console, db, server_files
from synth.errors import BadInput, DatabaseError
from synth.generate import export, reference
from synth.generate import plan as planning
from synth.spec.compile import quantile_table, table_mean

SAMPLE_MESSAGES = 50_000
ROW_BYTES = 28
FOLDED_BYTES = 7.5
# Kept free: a full disk takes the whole server down.
RESERVE_BYTES = 256 * 2**20
SORT_BYTES = 24
# Ids and times of a row by table, and what they take in text with a separator.
TEXTS = {
    "users": (1, 2),
    "conversations": (1, 2),
    "conversation_users": (2, 1),
    "messages": (3, 1),
    "attachments": (2, 1),
    "message_reads": (2, 1),
}
ID_TEXT_BYTES = {"bigint": 9, "uuid4": 37, "uuid7": 37}
TIME_TEXT_BYTES = 28
# Parquet's files in those of CSV, at most: 0.27 (uuid) and 0.32 of them with the default spec.
PARQUET_SHARE = 0.4


@dataclass(frozen=True)
class Estimate:
    """What a run will take.

    Attributes
    ----------
    rows : dict of str to int
        Expected rows by table.
    bytes : dict of str to int
        Bytes by table with its indexes; ``work`` are the working tables, ``sorts`` what index
        builds spill.
    export : int
        Bytes of the exported files, no part of the others.
    """

    rows: dict
    bytes: dict
    export: int = 0

    @property
    def total(self):
        """Bytes at the peak, before the working tables are dropped."""
        return sum(self.bytes.values())


def estimate(spec, plan, options, jobs, sort_memory_mb):
    """Estimate rows and bytes.

    Parameters
    ----------
    spec : synth.spec.model.Spec
    plan : synth.generate.plan.Plan
    options : synth.generate.options.Options
    jobs : int
    sort_memory_mb : int
        What a connection sorts an index in.

    Returns
    -------
    Estimate
    """
    small = plan
    if plan.n_messages > SAMPLE_MESSAGES or sum(plan.empty_counts) > planning.MAX_SAMPLE_EMPTY:
        n_messages = min(plan.n_messages, SAMPLE_MESSAGES)
        small = planning.build(spec, n_messages, 0, options.time_zone, strict=False)
    drawn = reference.sample(small)
    length = float(drawn.content_length.mean())
    is_media = reference.is_media(small, drawn)
    rows = {
        "users": plan.n_users,
        "conversations": plan.n_conversations,
        "conversation_users": round(plan.n_conversations * float(drawn.n_members.mean())),
        "messages": plan.n_messages,
        "attachments": round(plan.n_messages * float(is_media.mean()) * _per_media(spec)),
        "message_reads": round(plan.n_messages * _per_message(spec, drawn)),
    }
    wide = 8 if options.id_type == "bigint" else 16
    heap = {
        "users": wide + 140,
        "conversations": wide + 48,
        "conversation_users": 2 * wide + 24,
        "messages": 3 * wide + 20 + _stored(length),
        "attachments": 2 * wide + 92,
        "message_reads": 2 * wide + 8,
    }
    key, pair = (wide + 12) / 0.9, (2 * wide + 15) / 0.9
    index = {
        "users": key,
        "conversations": key,
        "conversation_users": pair + 2 * FOLDED_BYTES,
        "messages": key + 2 * FOLDED_BYTES,
        "attachments": 2 * key,
        "message_reads": pair + 0.8 * key + FOLDED_BYTES,
    }
    sizes = {
        table: int(n * (ROW_BYTES + heap[table] + index[table] * options.indexes)) + 16_384
        for table, n in rows.items()
    }
    sizes["work"] = (
        # A message's gap and its moment are 8 bytes each, the row of those that a conversation has
        # in a slice 82 more.
        round(plan.n_messages * (16 + 82 * _new_stretches(plan, drawn)))
        + rows["conversation_users"] * 180
        + plan.n_conversations * 550
    )
    sort = max(rows["messages"], rows["message_reads"]) * SORT_BYTES
    is_spilled = options.indexes and sort > sort_memory_mb * 2**20
    sizes["sorts"] = sort * min(jobs, 3) if is_spilled else 0
    return Estimate(rows, sizes, _exported(rows, heap, wide, options))


def _exported(rows, heap, wide, options):
    """Bytes of the files: in CSV, ids and times are longer than in a table."""
    if options.export is None:
        return 0
    n_bytes = 0
    for table, (n_ids, n_times) in TEXTS.items():
        longer = n_ids * (ID_TEXT_BYTES[options.id_type] - wide) + n_times * (TIME_TEXT_BYTES - 8)
        n_bytes += rows[table] * (heap[table] + longer)
    return round(n_bytes * (PARQUET_SHARE if options.export == "parquet" else 1))


def check(connection, target, estimated, names, options):
    """Refuse a run that will not fit where the server keeps it, or whose export will not.

    Parameters
    ----------
    connection : psycopg.Connection
    target : synth.targets.Target
    estimated : Estimate
    names : dict
        What an earlier run or an earlier part of this one takes in these schemas counts as free.
    options : synth.generate.options.Options

    Returns
    -------
    str or None
        Why the server's disk could not be checked.

    Raises
    ------
    DatabaseError
        Too little space; the message has the figures.
    BadInput
        Unknown tablespace.
    """
    storage = db.fetch_one(connection, "server_storage")
    data = storage["data_directory"]
    if data is None and target.is_embedded:
        # The role may not ask for it.
        data = str(server_files.data_dir())
    place = _tablespace(connection, options.tablespace) or data
    folder, files = _exporting(estimated, options)
    is_seen = _is_local(target) and place and os.path.exists(place)
    needed = 0
    if is_seen:
        held = db.fetch_one(connection, "relation_bytes", {"schemas": list(names.values())})
        needed = max(0, estimated.total - held["n_bytes"])
        # Up to two checkpoints' worth of WAL is kept.
        log = 0 if options.unlogged else min(2 * storage["max_wal_bytes"], needed)
        if place == data:
            needed += log
    if folder:
        if is_seen and folder.stat().st_dev == os.stat(place).st_dev:
            needed += files
        else:
            _compare(f"the export to {options.export_dir}", files, folder, "its disk", reserve=0)
    if not is_seen:
        return "free space not checked: the server's data directory cannot be seen from here"
    largest = max(estimated.bytes, key=estimated.bytes.get)
    part = f", of which {largest} {_gb(estimated.bytes[largest])}"
    _compare("the run", needed, place, "the disk of the server", RESERVE_BYTES, part)
    return None


def _compare(what, needed, place, where, reserve, part=""):
    free = shutil.disk_usage(place).free
    if needed + reserve > free:
        kept = f" ({_gb(reserve)} are to stay free)" if needed <= free else ""
        raise DatabaseError(
            f"{what} needs about {_gb(needed)}{part}, and {_gb(free)} are free on {where}{kept}",
            hint="free some space, generate fewer messages, or insist with --skip-disk-check",
            needed_bytes=needed,
            free_bytes=free,
        )


def _exporting(estimated, options):
    """Directory that the export goes to or would be made in, and what it has still to write."""
    if options.export is None:
        return None, 0
    folder = Path(options.export_dir).absolute()
    try:
        place = next(path for path in (folder, *folder.parents) if path.exists())
        return place, max(0, estimated.export - export.written_bytes(options))
    except OSError:
        # `export.check` says why it cannot be written.
        return None, 0


def tell(reason):
    """Say on stderr that nothing was checked."""
    if reason:
        console.note(reason)


def _tablespace(connection, name):
    """Location of a tablespace; None for the database's own."""
    if name is None:
        return None
    known = {
        row["tablespace"]: row["location"] for row in db.fetch_all(connection, "tablespace_list")
    }
    if name not in known:
        raise BadInput(
            f"unknown tablespace {name!r}", hint=f"the server has: {', '.join(sorted(known))}"
        )
    return known[name] or None


def _is_local(target):
    return target.host.startswith("/") or target.host in ("localhost", "127.0.0.1", "::1")


def _per_media(spec):
    part = spec.attachments
    return table_mean(*quantile_table(part.per_media_message), discrete=True) if part else 0.0


def _per_message(spec, drawn):
    part = spec.read_receipts
    if part is None:
        return 0.0
    cdf, x = quantile_table(part.per_message)
    readers = np.floor(np.interp((np.arange(200) + 0.5) / 200, cdf, x))
    # Nobody reads who is not in the room: most rooms are small.
    others = (drawn.n_members - 1)[drawn.conversation][::50]
    return part.read_rate * float(np.minimum(readers, others[:, None]).mean())


def _new_stretches(plan, drawn):
    """Share of messages that are the first of their conversation in a slice of the plan."""
    slice_no = np.searchsorted(plan.parameters["slice_edges"], drawn.sent_ms, side="right")
    begins = (np.diff(drawn.conversation) != 0) | (np.diff(slice_no) != 0)
    return (1 + np.count_nonzero(begins)) / drawn.sent_ms.size


def _stored(length):
    """Bytes of a body and its length word; long ones are compressed and moved out."""
    return float(np.ceil((length + 4) / 8) * 8)


def _gb(n_bytes):
    return f"{n_bytes / 1e9:,.1f} GB" if n_bytes >= 1e8 else f"{n_bytes / 1e6:,.1f} MB"
