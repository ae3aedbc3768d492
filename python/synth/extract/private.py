"""What a release by dp needs around its build: a plan before, and the noise while it is built.

Every cell that anybody could be in gets noise, whether somebody is in it or not. It is drawn by
OpenDP into a table of the shape's own schema, where the models add it to bounded counts.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction

from synth import db, dbt, server, targets
from synth.errors import BadInput
from synth.extract import grid, preflight
from synth.pack import rule
from synth.release import dp

TABLE = "shape_noise"
_COLUMNS = (*dp.Cell._fields, "bucket_lower", "bucket_upper", "noise", "variance")
_LARGEST_PEOPLE = 10**9


def spends(release: dict, window_days: int | str | None, as_of: str | None) -> list[dp.Spend]:
    """How the budget of a release is split over the metrics, by what is public.

    Parameters
    ----------
    release : dict
        See `synth.pack.rule`; nothing is spent by another rule than ``dp``.
    window_days : int or 'all' or None
    as_of : str or None

    Raises
    ------
    BadInput
        The window follows the messages; ``vars.dp_people`` or ``vars.dp_contributions`` is none.
    """
    if release["rule"] != rule.DP:
        return []
    if as_of is None or type(window_days) is not int:
        raise BadInput(
            "a release by dp needs a window that is given: one that follows the messages tells of "
            "them",
            hint="pass --window-days N and --as-of",
        )
    n_people, given = dbt.variable("dp_people"), dbt.variable("dp_contributions")
    if type(n_people) is not int or not 1 <= n_people <= _LARGEST_PEOPLE:
        raise BadInput(
            f"vars.dp_people: expected a whole number from 1 to {_LARGEST_PEOPLE}",
            hint="correct dbt_project.yml",
        )
    names = {"messages", "conversations", "hourly"}
    is_known = isinstance(given, dict) and given.keys() == names
    if not is_known or any(type(one) is not int or one < 1 for one in given.values()):
        raise BadInput(
            f"vars.dp_contributions: expected whole numbers of at least 1 for {sorted(names)}",
            hint="correct dbt_project.yml",
        )
    return dp.plan(
        grid.cells(window_days),
        Fraction(release["epsilon"]),
        n_people,
        dp.Bounds(**given),
        Fraction(release["delta"]),
    )


@contextmanager
def noise(target: targets.Target, release: dict, planned: list[dp.Spend]) -> Iterator[None]:
    """Have the noise of a release in the shape's schema while it is built; for ``dp`` only.

    It lies there no longer than that: whoever had both it and the pack had the counts. What a
    killed extraction left of it is dropped by the next one of any rule.

    Parameters
    ----------
    target : synth.targets.Target
    release : dict
        See `synth.pack.rule`.
    planned : list of synth.release.dp.Spend

    Raises
    ------
    BadInput
        Nothing is usable at this size, or a table of that name is somebody else's.
    """
    if release["rule"] != rule.DP:
        with _session(target) as connection:
            if db.fetch_one(connection, "noise_state", {"schema": target.schema})["is_own"]:
                db.execute(connection, "noise_drop", schema=target.schema)
        yield
        return
    drawn = dp.noise(planned, Fraction(release["epsilon"]), Fraction(release["delta"]))
    try:
        with _session(target) as connection, connection.transaction():
            _clear(connection, target)
            db.run_script(connection, "noise_create", schema=target.schema)
            db.copy_rows(connection, (target.schema, TABLE), _COLUMNS, _rows(planned, drawn))
            db.execute(connection, "analyze_table", schema=target.schema, table=TABLE)
        yield
    finally:
        with _session(target) as connection, connection.transaction():
            _clear(connection, target)


def _rows(planned: list[dp.Spend], drawn: list[tuple]) -> Iterator[tuple]:
    """Each cell of the plan with the edges of its bucket, its noise and the variance of that."""
    edges = grid.cells()
    variances = {(spend.entity, spend.metric): spend.sigma**2 for spend in planned}
    for *names, added in drawn:
        cell = dp.Cell(*names)
        yield (*cell, *edges[cell], added, variances[cell.entity, cell.metric])


@contextmanager
def _session(target: targets.Target) -> Iterator[object]:
    limits = preflight.session_settings()
    with (
        server.ensure(target),
        db.connect(target, application_name="synth noise", **limits) as connection,
    ):
        yield connection


def _clear(connection: object, target: targets.Target) -> None:
    """Drop the table of this or of a killed extraction, and nobody else's."""
    found = db.fetch_one(connection, "noise_state", {"schema": target.schema})
    if found["is_there"] and not found["is_own"]:
        raise BadInput(
            f"schema {target.schema} holds a table {TABLE} that synth did not make",
            hint="rename it, or drop it by hand",
        )
    if not found["has_schema"]:
        db.run_script(connection, "noise_schema", schema=target.schema)
    if found["is_there"]:
        db.execute(connection, "noise_drop", schema=target.schema)
