"""The memory of past packs: rows in the database they came from, each with the digest of the last.

It lies in a schema of its own, whose owner is the DBA where `synth role` made it: the reading
role adds rows and can do no more. A row is written before the files are, so that no pack that was
written is unknown; one whose files never came names a pack that was never finished.
"""

import json
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from fractions import Fraction

from synth import db, inputs
from synth.errors import BadInput
from synth.pack import rule, strict

SCHEMA = "prodshape_ledger"
NO_ROW = "0" * 64


@dataclass(frozen=True)
class Entry:
    """What is remembered of a pack.

    Attributes
    ----------
    at : datetime.datetime
    who : str
        Token.
    source : str
        Schema that was asked for.
    reads : dict of str to int
        Schemas of the tables behind it, views resolved, and their oids.
    window_start, window_end : datetime.datetime
    cut : dict
        What decides how buckets are merged, see `synth.extract.overlap`.
    mechanism : str
        By which rule figures were let out, see `synth.pack.rule`: exact, perturbed or dp.
    pack_sha256, content_sha256 : str
        Of the file, and of the pack without its time of extraction.
    is_overlapping : bool
        It was let pass although an earlier one stood against it.
    log_first, log_head : str or None
        Digest of the audit log's first line, and its head as ``N:DIGEST``.
    parameters : dict or None
        Of the rule; None where counts are exact.
    """

    at: datetime
    who: str
    source: str
    reads: dict
    window_start: datetime
    window_end: datetime
    cut: dict
    mechanism: str
    pack_sha256: str
    content_sha256: str
    is_overlapping: bool
    log_first: str | None
    log_head: str | None
    parameters: dict | None = None

    @property
    def release(self) -> dict:
        """Rule and parameters as a pack has them."""
        return rule.ordered({"rule": self.mechanism, **(self.parameters or {})})

    @property
    def epsilon(self) -> Fraction:
        """What this pack spent of a budget: nothing where it promises nothing."""
        return Fraction(self.parameters["epsilon"] if self.mechanism == rule.DP else 0)


@dataclass(frozen=True)
class Ledger:
    """The rows as they are, oldest first.

    Attributes
    ----------
    entries : tuple of Entry
    problem : str or None
        The first thing that is wrong with the chain.
    heads : tuple of (int, str)
        Number and digest of each row.
    """

    entries: tuple
    problem: str | None
    heads: tuple

    @property
    def last(self) -> tuple[int, str]:
        """Number and digest of the last row."""
        return self.heads[-1] if self.heads else (0, NO_ROW)

    def holds(self, head: str) -> bool:
        """Whether the row is there that was noted elsewhere as ``N:DIGEST``."""
        return any(f"{n}:{digest}" == head for n, digest in self.heads)


def require(connection: object) -> None:
    """See that there is a ledger that this role may read and add to, or that it may make one.

    Raises
    ------
    BadInput
        There is none, or one of an earlier version, and only the DBA may make or alter it.
    """
    state = db.fetch_one(connection, "ledger_state")
    hint = "let the DBA run what `synth role --print-sql` prints again"
    if not state["is_usable"] and not state["may_make"]:
        raise BadInput(
            f"this database has no ledger of past packs (schema {SCHEMA}) that the role may read "
            "and add to",
            hint=hint,
        )
    if state["is_usable"] and not state["holds_rules"] and not state["is_own"]:
        raise BadInput(
            f"the ledger of past packs in this database (schema {SCHEMA}) is of an earlier "
            "version, which has no place for release rules",
            hint=f"{hint}: it adds a column and keeps the rows",
        )


def take(connection: object) -> Ledger:
    """Make the ledger where there is none, and read it; until the transaction ends nobody adds."""
    db.execute(connection, "ledger_lock")
    require(connection)
    if db.fetch_one(connection, "ledger_state")["may_make"]:
        db.run_script(connection, "ledger_create")
    if not db.fetch_one(connection, "ledger_state")["holds_rules"]:
        db.execute(connection, "ledger_parameters")
    return read(connection)


def read(connection: object) -> Ledger:
    """Read every row, if there is a ledger yet, and check the chain.

    Raises
    ------
    BadInput
        A row is none that `add` writes; the role that adds rows may add such a one.
    """
    entries, problem, heads = [], None, [(0, NO_ROW)]
    if not db.fetch_one(connection, "ledger_state")["is_usable"]:
        return Ledger((), None, ())
    for row in db.fetch_all(connection, "ledger_rows"):
        entry = _entry(row)
        number, previous = heads[-1]
        if problem is None and (row["n"], row["previous"]) != (number + 1, previous):
            problem = f"row {number + 1} is missing, or the one after it was changed"
        elif problem is None and row["digest"] != _digest(entry, row["n"], row["previous"]):
            problem = f"row {row['n']} was changed"
        heads.append((row["n"], row["digest"]))
        entries.append(entry)
    return Ledger(tuple(entries), problem, tuple(heads[1:]))


def add(connection: object, entry: Entry, after: Ledger) -> str:
    """Add a row.

    Parameters
    ----------
    connection : psycopg.Connection
        In the transaction of `take`.
    entry : Entry
    after : Ledger
        From `take`.

    Returns
    -------
    str
        The new head.
    """
    n, previous = after.last[0] + 1, after.last[1]
    row = {"n": n, "previous": previous, "digest": _digest(entry, n, previous)}
    given = {name: json.dumps(getattr(entry, name)) for name in ("reads", "cut", "parameters")}
    if entry.parameters is None:
        given["parameters"] = None
    db.execute(connection, "ledger_add", {**asdict(entry), **given, **row})
    return f"{n}:{row['digest']}"


def _entry(row: dict) -> Entry:
    where = f"row {row['n']} of the ledger of past packs ({SCHEMA}.release)"
    try:
        if not row["is_fit"]:
            raise BadInput(f"{where} is none that synth writes")
        for name in ("reads", "cut", "parameters"):
            if row[name] is not None:
                row[name] = inputs.parse_json(row[name].encode(), where=f"{where}: {name}")
        if not _is_rule(row["mechanism"], row["parameters"]):
            raise BadInput(f"{where} names no release rule of this version of synth")
    except BadInput as error:
        raise BadInput(
            error.message,
            hint="let the ledger's owner find out who added it, and remove it: disable trigger "
            "only_ever_added, delete the row, enable the trigger",
        ) from error
    return Entry(**{field.name: row[field.name] for field in fields(Entry)})


def _is_rule(mechanism: str, parameters: object) -> bool:
    """Whether a row says how its figures were let out; a spend below 0 would be a refund."""
    if mechanism == rule.EXACT:
        return parameters is None
    if not isinstance(parameters, dict) or "rule" in parameters:
        return False
    return rule.has_form({"rule": mechanism, **parameters})


def _digest(entry: Entry, n: int, previous: str) -> str:
    document = {**asdict(entry), "n": n, "previous": previous}
    if entry.parameters is None:
        # As rows were digested before there were rules.
        del document["parameters"]
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), default=_moment)
    return strict.digest(text.encode())


def _moment(value: datetime) -> str:
    return value.astimezone(UTC).isoformat()
