"""Where something may be made, changed or dropped: never in production's database.

Names are looked at before connecting, since that costs nothing. What decides is asked of the
servers themselves, over the very connection that is going to be used.
"""

import os
import re
import secrets
import threading
from dataclasses import dataclass

from synth import console, db, dbt, settings, targets
from synth.errors import BadInput, DatabaseError, SynthError
from synth.targets import Target

PRODUCTION_WORDS = {"prod", "production", "prd", "live"}
# For all there is to ask of a boundary target, looking up its name included.
PROBE_SECONDS = 5.0
# Relations of one schema that together look like the application.
_LEAST_ALIKE = 2
# A relation of a mapping may be a name, or a query that names some.
_RELATION = re.compile(
    r'(?:\{schema\}\.|(?:\bfrom|\bjoin|^)\s*(?:(?:"[^"]+"|\w+)\.)?)(?:"([^"]+)"|(\w+))',
    re.IGNORECASE,
)
_STANDIN_ADVICE = "a stand-in belongs on the embedded server (`synth pg start`): check --target"


@dataclass(frozen=True)
class _Seen:
    """What comparing with one boundary target said.

    Attributes
    ----------
    name : str
        Of the boundary target.
    unknown : str
        Why the two cannot be told apart; empty where they can.
    is_same, is_copy, is_neighbour : bool
        The same database; a replica or physical copy of it; another database of its server.
    """

    name: str
    unknown: str = ""
    is_same: bool = False
    is_copy: bool = False
    is_neighbour: bool = False


def boundary_names() -> list[str]:
    """Names of the targets inside the boundary."""
    return list(
        dict.fromkeys([settings.PRODUCTION_TARGET, *(dbt.variable("boundary_targets") or [])])
    )


def check_name(target: Target) -> None:
    """Refuse what calls itself production, before anything is connected to.

    Parameters
    ----------
    target : synth.targets.Target

    Raises
    ------
    BadInput
        The target, the environment, the host or the database is named after production, or the
        host is a list: a second connection may lead to another server than the first.
    """
    for name in ("SYNTH_ENV", "NODE_ENV"):
        if _means_production(os.environ.get(name, "")):
            raise BadInput(
                f"{name} says this is production: nothing is made here",
                hint="run in dev, or unset it if it is wrong",
            )
    if target.name in boundary_names() or _means_production(target.name):
        raise BadInput(
            f"target {target.name!r} is the production side, inside the boundary: nothing is made "
            "or dropped there",
            hint=f"use --target {settings.DEV_TARGET}",
        )
    # A socket directory names this project.
    host = "" if target.host.startswith("/") else target.host
    for what, name in (("host", host), ("database", target.dbname)):
        if _means_production(name):
            raise BadInput(
                f"target {target.name!r} leads to a {what} named after production: nothing is "
                "made there",
                hint="point it at a dev database in profiles.yml",
            )
    if "," in target.host:
        raise BadInput(
            f"target {target.name!r} has a list of hosts, and each connection may come to another "
            "of them",
            hint="name the one host that things are made on",
        )


def _means_production(name: str) -> bool:
    """Whether one of the words of a name is production's: ``prod``, ``eu-production``, ``live``."""
    return not PRODUCTION_WORDS.isdisjoint(re.split(r"[^a-z]+", name.lower()))


def check(connection: object, target: Target) -> None:
    """Refuse a database that is production's, or that cannot be told from it and looks like it.

    Reads only; to be called before the first statement that makes, changes or drops anything.

    Parameters
    ----------
    connection : psycopg.Connection
        The one that is going to be used; in autocommit.
    target : synth.targets.Target

    Raises
    ------
    BadInput
        The database holds what the boundary's side leaves; it is the database of a boundary
        target, or a copy of it; it cannot be compared with any and holds the application's tables;
        or its schema ``synth`` is somebody else's.
    """
    check_name(target)
    key = secrets.randbits(63)
    with connection.transaction():
        here = db.fetch_one(connection, "place_facts", {"key": key})
        if here["boundary_schemas"]:
            raise BadInput(
                f"the database of target {target.name!r} is inside the production boundary: schema "
                f"{here['boundary_schemas'][0]} was left there by the extraction of a shape",
                hint="point the target at a database of its own in profiles.yml",
            )
        here["system"] = _system(connection)
        seen = [_compared(here, name, key) for name in boundary_names()]
    for one in seen:
        if one.is_same:
            raise BadInput(
                f"target {target.name!r} leads to the database of {one.name!r}: nothing is "
                "made or dropped there",
                hint="point it at another database in profiles.yml",
            )
        if one.is_copy:
            raise BadInput(
                f"target {target.name!r} leads to a replica or a physical copy of the database of "
                f"{one.name!r}: nothing is made or dropped there",
                hint="make a database of its own for the target (`create database`)",
            )
        if one.is_neighbour and not here["is_embedded"]:
            console.note(
                f"note: target {target.name!r} is another database on the server of {one.name!r}: "
                "what is done here costs that server time and disk"
            )
    unknown = [one.unknown for one in seen if one.unknown]
    # The embedded server holds no production. It says so itself, as a directory may be anybody's,
    # and the directory must be its own, since a server may be called anything.
    if not (here["is_embedded"] and target.is_embedded):
        _check_unlike(connection, target, unknown[0] if unknown else None)
    _check_records(connection)


def check_standin(connection: object, target: Target, *, is_marked: bool) -> None:
    """Refuse to fill what may be the real production with a stand-in.

    Parameters
    ----------
    connection : psycopg.Connection
    target : synth.targets.Target
    is_marked : bool
        The database holds a stand-in already, by its mark.

    Raises
    ------
    BadInput
        The server is not the embedded one, and the database holds no stand-in.
    """
    with connection.transaction():
        here = db.fetch_one(connection, "place_facts", {"key": secrets.randbits(63)})
    if not (here["is_embedded"] and target.is_embedded) and not is_marked:
        raise BadInput(
            f"target {target.name!r} does not lead to the embedded server, and its database holds "
            "no stand-in: it may be the real production",
            hint=_STANDIN_ADVICE,
        )


def _system(connection: object) -> int | None:
    """System identifier of the server, or None where the role may not ask."""
    try:
        with connection.transaction():
            return db.fetch_one(connection, "place_system")["system_identifier"]
    except db.NotPermitted:
        return None


def _compared(here: dict, name: str, key: int) -> _Seen:
    """Compare a database with that of a boundary target, while a session holds `key` in it."""
    try:
        production = targets.load(name)
    except BadInput:
        # Whoever only works in dev has no such target, or not its environment.
        return _Seen(name, unknown=f"no usable target {name!r} in the profile to compare it with")
    there = _asked(production, key)
    if there is None:
        return _Seen(name, unknown=f"{name!r} cannot be reached to compare them")
    if there["locked_oid"] is not None:
        is_same = there["locked_oid"] == there["database_oid"]
        # The application may have several databases there.
        why = "" if is_same else f"it is another database on the server of {name!r}"
        return _Seen(name, unknown=why, is_same=is_same, is_neighbour=not is_same)
    if there["is_embedded"]:
        # It stands in for a production that nobody has named.
        return _Seen(name, unknown=f"{name!r} is the embedded server, not production")
    # Foreign tables: production is wherever they lead to.
    why = f"{name!r} may read its tables from another server" if there["has_foreign"] else ""
    if here["system"] is not None and there["system"] is not None:
        is_related = here["system"] == there["system"]
        is_copy = is_related and here["database_oid"] == there["database_oid"]
        return _Seen(name, unknown=why, is_copy=is_copy)
    if here["is_standby"] or there["is_standby"]:
        return _Seen(name, unknown=f"one of it and {name!r} is a replica, of which is not known")
    return _Seen(name, unknown=why)


def _asked(production: Target, key: int) -> dict | None:
    """What a boundary target answers, or None; never waits longer than `PROBE_SECONDS`."""
    answers = []

    def ask() -> None:
        try:
            with db.connect(production, application_name="synth place") as connection:
                found = db.fetch_one(connection, "place_seen", {"key": key})
                answers.append({**found, "system": _system(connection)})
        except SynthError:
            return

    # A thread, since looking up a name or a silent server hold whoever asks them.
    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(PROBE_SECONDS)
    return answers[0] if answers else None


def _check_unlike(connection: object, target: Target, why: str | None) -> None:
    """Refuse a database with a schema that looks like the application's, runs' own tables aside.

    Without a reason `why` production is unknown, only the schema that is extracted from counts:
    what a boundary target leads to may be a copy, and this the original.
    """
    records = _records(connection)
    own = []
    if records["has_ledger"] and records["has_functions"]:
        own = [row["object_id"] for row in db.fetch_all(connection, "own_oids")]
    alike = application_relations()
    found = db.fetch_all(
        connection,
        "place_tables",
        {"relations": sorted(set().union(*alike)), "own_oids": own},
    )
    sources = [dbt.variable("source_schema", name) for name in boundary_names()]
    for row in found:
        is_source = row["schema_name"] in sources
        if not why and not is_source:
            continue
        least = 1 if is_source else _LEAST_ALIKE
        if any(len(names & set(row["relations"])) >= least for names in alike):
            reason = why or "it has the schema that is extracted from"
            raise BadInput(
                f"the database of target {target.name!r} cannot be told from production "
                f"({reason}), and its schema {row['schema_name']} looks like the application's: it "
                f"holds {', '.join(row['relations'])}",
                hint="give the target a database of its own (`create database`), or run where "
                f"{settings.PRODUCTION_TARGET!r} can be reached and holds the tables themselves",
            )


def application_relations() -> list[set[str]]:
    """Names of the relations that the application has, by mapping.

    Returns
    -------
    list of set of str
        The default tables, then those that each of ``vars.mappings`` reads.
    """
    found = [set(settings.SYNTHETIC_TABLES)]
    for mapping in (dbt.variable("mappings") or {}).values():
        entries = [entry for entry in mapping.values() if isinstance(entry, dict)]
        texts = [str(entry["relation"]) for entry in entries if entry.get("relation")]
        names = {quoted or plain for text in texts for quoted, plain in _RELATION.findall(text)}
        if names:
            found.append(names)
    return found


def _records(connection: object) -> dict:
    found = db.fetch_one(connection, "place_records")
    if found["has_ledger"] and not found["may_read"]:
        raise DatabaseError(
            "the role may not read synth.made, which says what runs made",
            hint="let it: grant usage on schema synth and select on synth.made; or let it be a "
            "member of the role that owns them (role: in profiles.yml)",
        )
    return found


def _check_records(connection: object) -> None:
    """Refuse a schema ``synth`` that is somebody else's: functions would be replaced in it."""
    records = _records(connection)
    if not records["has_ledger"] and not records["has_runs"] and records["strange"]:
        raise BadInput(
            f"schema synth, which is for the records of runs, holds {records['strange'][0]}, which "
            "synth did not make",
            hint="rename that schema, or use another database",
        )


def elsewhere(target: Target) -> DatabaseError:
    """Error of a connection that came to another server than the first one of its run."""
    return DatabaseError(
        f"a connection of target {target.name!r} came to another database than the first: nothing "
        "is done there",
        hint="let the host of the target name one server",
    )
