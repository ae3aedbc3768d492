"""Hold a build against what the project expects of it, whatever dbt's exit code says.

The macro ``tell_gates`` writes what a run did into ``shape_build``, and ``mark_built`` names the
run in the comment of every relation. Both are read here, beside the events of our own child.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from synth import db
from synth.dbt.runner import DbtRun
from synth.errors import GateFailed
from synth.targets import Target

_SHOWN_NAMES = 5


@dataclass(frozen=True)
class Gates:
    """The gates of a build.

    Attributes
    ----------
    names : tuple of str
        All that the project has on this target, sorted.
    lacking : tuple of str
        ``name (state)`` of those that did not run and pass.
    not_run : tuple of str
        Names of those that did not even run.
    """

    names: tuple[str, ...]
    lacking: tuple[str, ...]
    not_run: tuple[str, ...]

    def require(self, lacking: tuple[str, ...], outcome: str) -> None:
        """Refuse a build that lacks gates.

        Parameters
        ----------
        lacking : tuple of str
            Those of ours that count: `lacking` or `not_run`.
        outcome : str
            What did not happen, for the hint.

        Raises
        ------
        GateFailed
        """
        if lacking:
            raise GateFailed(
                f"{len(lacking)} of {len(self.names)} gates did not run and pass: "
                f"{_listed(lacking)}",
                hint=outcome,
            )


@contextmanager
def reading(
    connection: db.Connection, target: Target, build: DbtRun, *, outcome: str
) -> Iterator[Gates]:
    """One read-only transaction over what a build made, which nobody replaces meanwhile.

    Parameters
    ----------
    connection : psycopg.Connection
        In autocommit mode.
    target : synth.targets.Target
    build : DbtRun
    outcome : str
        What does not happen when this raises, for the hint.

    Yields
    ------
    Gates

    Raises
    ------
    GateFailed
        Another run built something there, the build was not told of, or there are no gates.
    """
    known = _told(connection, target, outcome)["relations"]
    # dbt replaces a table by another of its name, which a snapshot would find, and find empty.
    tables = ["shape_build", *(name for name in known if not name.startswith("stg_"))]
    with db.snapshot(connection):
        try:
            db.lock(connection, [(target.schema, name) for name in tables])
        except (db.LockTimeout, db.NoSuchTable) as error:
            raise _foreign(target, [], outcome) from error
        yield _checked(connection, target, build, outcome)


def _checked(connection: db.Connection, target: Target, build: DbtRun, outcome: str) -> Gates:
    told = _told(connection, target, outcome)
    parameters = {
        "schema": target.schema,
        "invocation_id": build.invocation_id,
        "relations": told["relations"],
    }
    foreign = db.fetch_one(connection, "built_relations", parameters)["foreign_relations"]
    if told["invocation_id"] != build.invocation_id or foreign:
        raise _foreign(target, foreign, outcome)
    if not told["gates"] or not told["relations"]:
        raise GateFailed("the project has no gates, or no models, on this target", hint=outcome)
    return _gates(told["gates"], told["lacking"], build)


def _told(connection: db.Connection, target: Target, outcome: str) -> dict:
    """Row of ``shape_build``."""
    there = db.fetch_one(connection, "has_shape_build", {"schema": target.schema})["has_table"]
    names = {"target_name": target.name}
    told = db.fetch_one(connection, "shape_build", names, schema=target.schema) if there else None
    if told is None:
        raise GateFailed(
            "dbt left no word of its gates; on-run-end must call tell_gates", hint=outcome
        )
    return told


def _foreign(target: Target, relations: list[str], outcome: str) -> GateFailed:
    about = f": {_listed(relations)}" if relations else ""
    return GateFailed(
        f"another dbt run wrote into schema {target.schema!r} during this build{about}",
        hint=f"{outcome}; let only one run at a time build there, then start again",
    )


def _gates(names: list[str], told: list[str], build: DbtRun) -> Gates:
    """What the table says and what dbt's events say must agree on every gate."""
    states = {text.partition(" ")[0]: text for text in told}
    seen = {node.name: node.status for node in build.nodes if node.resource_type == "test"}
    for name in names:
        if seen.get(name) != "pass":
            states.setdefault(name, f"{name} ({seen.get(name, 'did not run')})")
    not_run = [name for name in names if seen.get(name, "skipped") == "skipped"]
    return Gates(tuple(sorted(names)), tuple(sorted(states.values())), tuple(sorted(not_run)))


def _listed(names: list[str] | tuple[str, ...]) -> str:
    more = len(names) - _SHOWN_NAMES
    return ", ".join(names[:_SHOWN_NAMES]) + (f" and {more} more" if more > 0 else "")
