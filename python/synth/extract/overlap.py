"""Whether what a pack would tell can be set against the earlier packs of the same source.

A pack of exact counts, of a version before there were release rules, shows what few people did to
whoever has another pack of its time: a window that shares time with its is refused. Perturbed
packs may overlap, up to a number over any one moment; a pack by dp stands on its budget alone,
since its guarantee holds whatever else is known.
"""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from synth import __version__, audit, console, db, dbt
from synth.audit import log
from synth.errors import BadInput
from synth.extract import allowance, ledger
from synth.extract.mapping import Mapping, Relation
from synth.pack import rule, strict

ON_OVERLAP = ("refuse", "warn")
# What decides how buckets are merged; a window that is cut otherwise makes another pack.
CUT = (
    "mapping",
    "views",
    "pseudonyms",
    "k",
    "dominance_limit",
    "gap_sample_messages",
    "joined_sample_messages",
    "synth",
)
# Beside it the ledger keeps the budget that a pack by dp was judged by.
BUDGET = "dp_budget"


@dataclass(frozen=True)
class Source:
    """What an extraction reads, and what decides how its buckets are merged.

    Attributes
    ----------
    where : str
        Token of the database, the same under every salt; a replica is its primary.
    schema : str
        That was asked for.
    reads : dict of str to int
        Schemas of the tables behind it and their oids; empty where it cannot be told.
    remade : frozenset of str
        Those that `synth standin` made: of that name another one may have been before.
    cut : dict
        Digests and settings.
    """

    where: str
    schema: str
    reads: dict
    remade: frozenset
    cut: dict

    def is_same(self, earlier: ledger.Entry) -> bool:
        """Whether an earlier pack tells of the same tables; a schema keeps its oid when renamed."""
        if not self.reads or not earlier.reads:
            return True
        return any(
            oid in earlier.reads.values() or (name in earlier.reads and name not in self.remade)
            for name, oid in self.reads.items()
        )


def look(
    connection: object, mapping: Mapping, relations: list[Relation], schema: str, k: int
) -> Source:
    """Which source this is, and how the buckets of an extraction of it are merged.

    Parameters
    ----------
    connection : psycopg.Connection
    mapping : synth.extract.mapping.Mapping
    relations : list of synth.extract.mapping.Relation
        Of the mapping, looked up.
    schema : str
        Of the application's tables, or of the role's views.
    k : int
    """
    found = db.fetch_one(connection, "source_views", {"schema": schema})
    names = sorted(frozenset().union(*(relation.schemas for relation in relations)))
    schemas = db.fetch_all(connection, "source_schemas", {"names": names})
    messages = next(relation for relation in relations if relation.entity == "messages")
    # Whoever builds the shape may copy there what it likes, from wherever.
    is_known = messages.schemas and not any(one["is_shape"] for one in schemas)
    mapped = [
        (one.entity, one.relation, one.where, [(c.name, c.expression) for c in one.columns])
        for one in mapping.relations
    ]
    return Source(
        where=audit.local_token("database", found["system"]),
        schema=schema,
        reads={one["name"]: one["oid"] for one in schemas if is_known},
        remade=frozenset(one["name"] for one in schemas if one["is_standin"]),
        cut={
            "mapping": _digest(mapped),
            "views": found["definitions"] and _digest(found["definitions"]),
            "pseudonyms": found["key_file"] and _digest(found["key_file"]),
            "k": k,
            "dominance_limit": dbt.variable("dominance_limit"),
            "gap_sample_messages": dbt.variable("gap_sample_messages"),
            "joined_sample_messages": dbt.variable("joined_sample_messages"),
            "synth": __version__,
        },
    )


def expected_window(
    connection: object, mapping: Mapping, days: int | float | str, as_of: object
) -> tuple[datetime, datetime] | None:
    """The window that a build would measure, before it runs.

    Parameters
    ----------
    connection : psycopg.Connection
        In autocommit.
    mapping : synth.extract.mapping.Mapping
    days : number or 'all'
    as_of : str or datetime.date, optional
        A date means its last moment; without it the latest message is asked for.

    Returns
    -------
    start, end : datetime.datetime
        Or None where the source holds no message, or cannot say: the build will.
    """
    try:
        end = _last_moment(str(as_of)) if as_of else None
        if end and days != "all":
            return end - timedelta(days=float(days)), end
    except (ValueError, OverflowError):
        return None
    messages = next(one for one in mapping.relations if one.entity == "messages")
    sent_at = next(one for one in messages.columns if one.name == "sent_at")
    fragments = {
        "sent_at": sent_at.expression,
        "relation": messages.relation,
        "where": messages.where,
    }
    try:
        (found,) = db.fetch_expanded(connection, "ledger_extent", fragments)
    except db.Error:
        return None
    first, last = found["first_sent_at"], end or found["last_sent_at"]
    if first is None:
        return None
    return (first if days == "all" else last - timedelta(days=float(days))), last


class Guard:
    """Stands between a window and the earlier packs of its source.

    Parameters
    ----------
    past : synth.extract.ledger.Ledger
    source : Source
    release : dict
        By which rule the new pack is released, see `synth.pack.rule`.
    is_allowed : bool
        ``--allow-overlap``. A budget that is spent is spent all the same.

    Attributes
    ----------
    earlier : list of synth.extract.ledger.Entry
        Packs of the source, oldest first.
    is_overlapping : bool
        Something stood against it, and it was let pass.

    Raises
    ------
    BadInput
        Rows of the ledger are missing or changed, and that is not allowed; the budget is spent.
    """

    def __init__(
        self, past: ledger.Ledger, source: Source, release: dict, *, is_allowed: bool
    ) -> None:
        self._source, self._release, self._is_allowed = source, release, is_allowed
        self._reaction = dbt.variable("overlapping_windows")
        if self._reaction not in ON_OVERLAP:
            raise BadInput(
                "overlapping_windows: expected refuse or warn", hint="correct dbt_project.yml"
            )
        self._limit = allowance.packs_at_once()
        self._told = set()
        self.is_overlapping = False
        self.see(past)

    def see(self, past: ledger.Ledger) -> None:
        """Take the ledger as it is now.

        Raises
        ------
        BadInput
            Rows of it are missing or changed, and that is not allowed; the budget is spent.
        """
        self.earlier = [one for one in past.entries if self._source.is_same(one)]
        if self.earlier:
            self._say(
                f"the ledger knows {len(self.earlier)} earlier pack(s) of this source: users, "
                "memberships and member counts are of the whole tables whatever the window, so "
                "that subtracting two packs shows what a single newcomer is, but for their noise"
            )
        noted = _noted_in_log(self._source.where)
        if past.problem:
            self._react(f"the ledger of past packs in this database is not whole: {past.problem}")
        elif noted and not past.holds(noted):
            self._react(
                "the ledger of past packs in this database lacks a row that the audit log knows"
            )
        self._check_budget()

    def check(self, window: tuple[datetime, datetime], content_sha256: str | None = None) -> None:
        """Refuse, or warn of, a window that earlier packs stand against.

        Parameters
        ----------
        window : tuple of datetime.datetime
            Start and end; windows that follow each other share none.
        content_sha256 : str, optional
            Of what was measured; before the build the same window may turn out to be the same
            figures, so it passes.

        Raises
        ------
        BadInput
            There are some, ``vars.overlapping_windows`` is ``refuse``, and it is not allowed.
        """
        if self._release["rule"] == rule.DP:
            return
        exact, noisy = [], []
        for one in self.earlier:
            (exact if one.mechanism == rule.EXACT else noisy).append(one)
        met = [one for one in exact if allowance.meet(window, allowance.span(one))]
        if met:
            self._react(_words(met[-1]), self._advice(window), "that pack")
        # Cut otherwise it is another pack, whatever it turns out to be.
        known = content_sha256 or self._expected(window, noisy)
        crowd = allowance.crowd(window, known, noisy, self._limit)
        if crowd:
            self._react(crowd.words(self._limit), self._advice(window), "one of them")

    def _expected(self, window: tuple[datetime, datetime], noisy: list) -> str | None:
        """Content of the pack that the build may turn out to be, one that is known."""
        for one in noisy:
            is_same_time = allowance.is_same_time(window, allowance.span(one))
            is_same_cut = all(one.cut.get(name) == self._source.cut.get(name) for name in CUT)
            if is_same_time and is_same_cut and one.release == self._release:
                return one.content_sha256
        return ""

    def _check_budget(self) -> None:
        found = allowance.budget(self._release, self.earlier)
        if found is None:
            return
        if not found.is_enough:
            raise BadInput(
                found.words(),
                hint="choose a smaller --epsilon; a larger vars.dp_budget is another guarantee "
                "for everybody in this source, and for good",
            )
        self._say(found.words())
        budgets = [one.cut[BUDGET] for one in self.earlier if one.cut.get(BUDGET)]
        if budgets and budgets[-1] != rule.told(found.total):
            self._say(
                f"the budget of this source is epsilon {found.total} now, and was another one when "
                "the last pack by dp was released"
            )

    def cut(self) -> dict:
        """What the ledger keeps of how the pack is cut: with the budget that it was judged by."""
        found = allowance.budget(self._release, self.earlier)
        return self._source.cut | ({BUDGET: rule.told(found.total)} if found else {})

    def _advice(self, window: tuple[datetime, datetime]) -> str:
        """The options of a window as long as this that begins where the latest pack ends."""
        text = "choose a window that begins where the latest one ends"
        end, length = max(one.window_end for one in self.earlier), window[1] - window[0]
        if length % timedelta(days=1) or not length:
            return f"{text}, at {told(end)}"
        try:
            ready = f"--window-days {length.days} --as-of {told(end + length)}"
            return f"{text}, once it is over: {ready}"
        except OverflowError:
            return text

    def _react(self, text: str, advice: str = "find out why", which: str = "that pack") -> None:
        if self._reaction == "refuse" and not self._is_allowed:
            raise BadInput(
                text,
                hint=f"{advice}; or pass --allow-overlap if {which} never left or was deleted",
            )
        self.is_overlapping = True
        self._say(text)

    def _say(self, text: str) -> None:
        if text not in self._told:
            self._told.add(text)
            console.note(f"synth: {text}")


def _words(earlier: ledger.Entry) -> str:
    return (
        f"pack {earlier.pack_sha256[:12]}, extracted {earlier.at:%Y-%m-%d}, holds "
        f"{told(earlier.window_start)} to {told(earlier.window_end)} of this source in exact "
        "counts; set against them, the figures of a part of that time show few people"
    )


def told(moment: datetime) -> str:
    """A moment as `--as-of` takes it, to the microsecond where it has any."""
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat()}Z"


def missed_anchor(past: ledger.Ledger) -> str | None:
    """The latest head of this audit log that the ledger knows and the log does not hold any more.

    A later row says nothing of the earlier ones: its log may have been put back before it.
    """
    digests = [log.digest(line) for line in log.all_lines()]
    heads = {f"{n}:{digest}" for n, digest in enumerate(digests, start=1)}
    for entry in reversed(past.entries if digests else ()):
        if entry.log_head and entry.log_first == digests[0] and entry.log_head not in heads:
            return entry.log_head
    return None


def _noted_in_log(where: str) -> str | None:
    """Head of the ledger that the last extraction from a database noted in this audit log."""
    for record in reversed(log.records()):
        details = record["details"]
        is_ours = record["command"] == "extract" and details.get("source") == where
        if is_ours and details.get("ledger"):
            return details["ledger"]
    return None


def _last_moment(text: str) -> datetime:
    if len(text) == 10:
        return datetime.combine(date.fromisoformat(text), time.max, UTC)
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _digest(value: object) -> str:
    return strict.digest(json.dumps(value).encode())
