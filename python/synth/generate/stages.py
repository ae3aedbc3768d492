"""The stages of a run, in referential order: what is made, from which statement, in which chunks.

conversations -> people -> memberships -> timeline -> messages, attachments, receipts; users,
conversations -> keys, indexes, statistics -> checks. Ids and heap follow time.
"""

import math
import re
from dataclasses import dataclass

from synth import db
from synth.errors import GateFailed
from synth.generate import guard, layout, receipts
from synth.generate.guard import TABLES
from synth.generate.plan import CHUNK_MESSAGES, LEAST_SLICES, Plan
from synth.generate.runner import Chunk

SWAP_ROUNDS = 60
# The first table that a statement names is the one it alters.
_TABLE = re.compile(r"\{schema\}\.(\w+)")
_LARGEST_FIRST = ("message_reads", "messages", "attachments", "conversation_users")
# Stages whose output lives in unlogged tables only.
WORK_STAGES = ("sizes", "conversations", "numbers", "people", "memberships", "timeline", "slices")
# What `work_tables` makes.
WORK_TABLES = (
    *("intact", "draft", "drawn", "conversation", "person", "slot", "member", "room"),
    *("timeline", "slice"),
)
# What a run's rows come from: a run begun with other statements is not gone on with.
ROW_STATEMENTS = (
    "work_tables",
    "ids_bigint",
    "ids_uuid4",
    "ids_uuid7",
    "text_at",
    "text_at_superuser",
    "draft_conversations",
    "draft_chunks",
    "draw_conversations",
    "number_conversations",
    "draw_people",
    "fill_slots",
    "swap_repeats",
    "rank_members",
    "conversation_chunks",
    "make_timeline",
    "count_slice",
    "slice_list",
    "readable_rooms",
    "write_slice",
    "write_members",
    "write_conversations",
    "write_users",
)
# What those call in schema synth.
ROW_FUNCTIONS = ("running_sum", "swap_repeats", "uniform", "unit")


@dataclass(frozen=True)
class Stage:
    """One step of a run.

    Attributes
    ----------
    name : str
        As in the ledger.
    label : str
        For people.
    chunks : callable
        From a connection to the list of chunks; called when the stages before are done.
    jobs : int or None
        Limit of connections.
    unit : str
        What the weights of its chunks count.
    """

    name: str
    label: str
    chunks: object
    jobs: int | None = None
    unit: str = "steps"


def of_plan(run_id: str, plan: Plan, names: dict, words: dict, options: object) -> list[Stage]:
    """List the stages of a plan.

    Parameters
    ----------
    run_id : str
    plan : synth.generate.plan.Plan
    names : dict
        ``schema`` and ``work``.
    words : dict
        Vocabularies, see `synth.generate.words.build`.
    options : synth.generate.options.Options

    Returns
    -------
    list of Stage
    """
    talk = "conversations"
    return [
        Stage("sizes", "drawing sizes", lambda _: [_sizes(plan)], 1, talk),
        Stage("conversations", "drawing conversations", lambda c: _drafts(c, names), None, talk),
        Stage(
            "numbers", "numbering conversations", lambda _: [Chunk(0, "number_conversations")], 1
        ),
        Stage("people", "drawing people", lambda _: [Chunk(0, "draw_people")], 1),
        Stage("memberships", "assigning memberships", lambda _: _memberships(plan, names), 1),
        Stage("timeline", "timeline", lambda c: _timeline(c, run_id, plan, names), None, talk),
        Stage("slices", "counting slices", lambda _: _slices(plan)),
        Stage(
            "messages",
            "writing tables",
            lambda c: _rows(c, plan, names, words),
            # Neighbouring slices are written side by side: few of them would mix up the heap.
            None if plan.n_slices >= LEAST_SLICES else 1,
            "messages",
        ),
        Stage("indexes", "keys and indexes", lambda _: _indexes(names, options)),
        Stage("references", "foreign keys", lambda _: _references(names, options), 1),
        Stage("foreign_keys", "checking foreign keys", lambda _: _validations(names, options)),
        Stage("analyze", "statistics", lambda _: _analyses()),
        Stage("checks", "integrity checks", lambda _: _checks(plan, names, options)),
    ]


def prepare_work(connection: object, run_id: str, plan: Plan, names: dict, options: object) -> None:
    """Make the working tables and the run's functions, and note that they are the run's."""
    db.execute(connection, "schema_create_new", schema=names["work"])
    db.run_script(connection, "work_tables", **names)
    layout.make_ids(connection, names, plan, options)
    guard.mark(connection, run_id, names["work"], WORK_TABLES, ("as_id",), is_schema_ours=True)
    make_text_at(connection, run_id, names)
    db.execute(connection, "work_mark_intact", **names)


def make_text_at(connection: object, run_id: str, names: dict) -> None:
    """Make the function that cuts bodies out of the corpus, as quick as the role may have it."""
    superuser = db.fetch_one(connection, "session_is_superuser")["is_superuser"]
    db.run_script(connection, "text_at_superuser" if superuser else "text_at", work=names["work"])
    guard.mark(connection, run_id, names["work"], functions=("text_at",))


def partition(slice_no):
    """Name of a slice's partition."""
    return f"timeline_{slice_no:04d}"


def _sizes(plan):
    parameters = {"type_counts": plan.type_counts, "empty_counts": plan.empty_counts}
    return Chunk(0, "draft_conversations", parameters, weight=plan.n_conversations)


def _drafts(connection, names):
    rows = db.fetch_all(
        connection, "draft_chunks", {"chunk_messages": CHUNK_MESSAGES}, work=names["work"]
    )
    return [
        Chunk(number, "draw_conversations", row, weight=row["last_no"] - row["first_no"] + 1)
        for number, row in enumerate(rows)
    ]


def _memberships(plan, names):
    def swap(connection):
        row = db.fetch_one(
            connection,
            "swap_repeats",
            {"work": names["work"], "seed": plan.parameters["seed"], "rounds": SWAP_ROUNDS},
        )
        return row["n_dropped"]

    def index(connection):
        db.run_script(connection, "index_members", work=names["work"])

    return [Chunk(0, "fill_slots"), Chunk(1, swap), Chunk(2, "rank_members"), Chunk(3, index)]


def _timeline(connection: object, run_id: str, plan: Plan, names: dict) -> list[Chunk]:
    rows = db.fetch_all(connection, "own_slices", {"work": names["work"]})
    there = {row["partition"] for row in rows}
    # Each in a transaction of its own, as when they are dropped.
    for number in range(plan.n_slices):
        if partition(number) in there:
            continue
        with connection.transaction():
            db.execute_literals(
                connection,
                "slice_partition",
                {"slice_no": number},
                work=names["work"],
                partition=partition(number),
            )
            guard.mark(connection, run_id, names["work"], (partition(number),))
    rows = db.fetch_all(
        connection, "conversation_chunks", {"chunk_messages": CHUNK_MESSAGES}, work=names["work"]
    )
    return [
        Chunk(
            number,
            "make_timeline",
            row,
            weight=row["last_id"] - row["first_id"] + 1,
            is_counted=True,
        )
        for number, row in enumerate(rows)
    ]


def _slices(plan):
    return [
        Chunk(number, "count_slice", {"slice_no": number}, {"partition": partition(number)})
        for number in range(plan.n_slices)
    ]


def _rows(connection, plan, names, words):
    # Short ones at the end, so that no connection waits long for the last slice.
    return _messages(connection, plan, names, words) + _parents(plan, words)


def _messages(connection, plan, names, words):
    rows = db.fetch_all(connection, "slice_list", work=names["work"])
    rooms = db.fetch_all(connection, "readable_rooms", work=names["work"])
    shared = db.written_out(receipts.by_room(plan, rooms))
    shared |= {key: words[key] for key in ("corpus", "corpus_length")}
    return [
        Chunk(
            row["slice_no"],
            "write_slice",
            {**row, **shared},
            {"partition": partition(row["slice_no"])},
            weight=row["n_messages"],
            n_rows=row["n_messages"],
            is_counted=True,
        )
        for row in rows
    ]


def _parents(plan, words):
    suffix = max(1, math.ceil(math.log(plan.n_users + 1, 26)))
    users = {**words, "suffix_length": suffix}
    users.pop("corpus")
    titles = {key: words[key] for key in ("first_words", "second_words")}
    # The longest first. No weight: the stage counts messages.
    return [
        Chunk(plan.n_slices + place, statement, parameters, weight=0, label=label)
        for place, (statement, label, parameters) in enumerate(
            (
                ("write_members", "members", {}),
                ("write_conversations", "conversations", titles),
                ("write_users", "users", users),
            )
        )
    ]


def _indexes(names, options):
    # Numbers follow the file, so that a resumed run means the same statement.
    return [
        Chunk(number, _script(text, names["schema"]), label=name)
        for number, (name, text) in enumerate(layout.constraints(options, foreign=False))
    ]


def _references(names, options):
    """Foreign keys that hold from now on; the rows that are there are checked afterwards.

    Adding one locks both tables until it is checked, which a check alone does not: so the big
    tables are checked beside each other. A partitioned table knows no such halves before
    PostgreSQL 18 and is checked at once.
    """
    return [
        Chunk(number, _script(text + suffix, names["schema"]), label=name)
        for number, (name, text) in enumerate(layout.constraints(options, foreign=True))
        for suffix in ["" if _is_partitioned(text, options) else " not valid"]
    ]


def _validations(names, options):
    """One chunk per table, the largest first: two checks of one table wait for each other."""
    by_table = {}
    for name, text in layout.constraints(options, foreign=True):
        if not _is_partitioned(text, options):
            by_table.setdefault(_TABLE.search(text).group(1), []).append(name)

    def validate(table):
        def execute(connection):
            for name in by_table[table]:
                db.execute(
                    connection,
                    "validate_reference",
                    schema=names["schema"],
                    table=table,
                    constraint=name,
                )

        return execute

    return [
        Chunk(number, validate(table), label=table)
        for number, table in enumerate(_LARGEST_FIRST)
        if table in by_table
    ]


def _is_partitioned(text, options):
    return bool(options.partition_by) and _TABLE.search(text).group(1) == "messages"


def _script(text, schema):
    def execute(connection):
        db.execute_text(connection, text, schema=schema)

    return execute


def _analyses():
    rest = [table for table in TABLES if table not in _LARGEST_FIRST]
    return [
        Chunk(number, "analyze_table", identifiers={"table": table}, label=table)
        for number, table in enumerate([*_LARGEST_FIRST, *rest])
    ]


def _checks(plan, names, options):
    # The longest first. Keys say the rest, but those of partitioned messages do not say all of it.
    queries = ["check_run", "check_receipts", "check_attachments"]
    if options.id_type != "uuid4":
        queries.insert(2, "check_order")
    if not options.indexes or options.partition_by:
        queries.insert(0, "check_keys")
    parameters = {"n_messages": plan.n_messages}
    return [
        Chunk(number, _check(query, parameters, names), label=query)
        for number, query in enumerate(queries)
    ]


def _check(query, parameters, names):
    def check(connection):
        rows = db.fetch_all(connection, query, parameters, schema=names["schema"])
        broken = [f"{row['check_name']} ({row['n_bad']:,})" for row in rows if row["n_bad"]]
        if broken:
            raise GateFailed(
                f"the generated tables break their own rules: {', '.join(broken)}",
                hint="did somebody change rows meanwhile? --replace begins anew; where it ends so "
                "again, please report the spec and the seed",
            )

    return check


def checksums(connection, schema):
    """Order-independent checksum of every table.

    Parameters
    ----------
    connection : psycopg.Connection
    schema : str

    Returns
    -------
    dict
        Table to ``{"n_rows", "checksum"}``.
    """
    return {table: checksum(connection, schema, table) for table in TABLES}


def checksum(connection, schema, table):
    """Order-independent checksum of one table.

    Returns
    -------
    dict
        ``n_rows`` and ``checksum``.
    """
    return db.fetch_one(connection, "checksum_table", schema=schema, table=table)
