"""What a differentially private release needs around its build: a plan before, and the noise during.

The models add the noise to bounded counts, cell by cell. It is drawn here, by OpenDP, over the whole
public grid, put into a table of the shape's own schema, and dropped when the build has ended.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction

from synth import db, dbt
from synth.errors import BadInput
from synth.extract import preflight
from synth.pack import rule
from synth.release import dp, grid
from synth.targets import Target

TABLE = "shape_noise"
_COLUMNS = (*dp.Cell._fields, "bucket_lower", "bucket_upper", "noise", "variance")


def plan(
    release: dict, window_days: int | str | None, as_of: str | None, n_people: int | None
) -> list[dp.Spend]:
    """What every metric of the release costs and is good for; nothing where it is not by dp.

    Parameters
    ----------
    release : dict
        See `synth.pack.rule`.
    window_days, as_of
        As asked for: a window that follows the messages is not public.
    n_people : int or None
        What everybody may know of their number.

    Raises
    ------
    BadInput
        Window or number of people are not given; ``vars.dp_bounds`` are none.
    """
    if release["rule"] != rule.DP:
        return []
    if as_of is None or window_days in (None, "all"):
        raise BadInput(
            "a release by dp needs a window that is given: one that follows the messages tells of "
            "them",
            hint="pass --as-of and --window-days N",
        )
    if n_people is None:
        raise BadInput(
            "a release by dp is planned by how many people the source is publicly taken to have",
            hint="pass --people N, a round guess, or set vars.dp_people",
        )
    bounds = dbt.variable("dp_bounds")
    names = tuple(dp.Bounds.__dataclass_fields__)
    if not isinstance(bounds, dict) or any(type(bounds.get(name)) is not int for name in names):
        raise BadInput(
            f"vars.dp_bounds: expected whole numbers named {', '.join(names)}",
            hint="correct dbt_project.yml",
        )
    return dp.plan(
        grid.cells(window_days),
        Fraction(release["epsilon"]),
        n_people,
        dp.Bounds(**{name: bounds[name] for name in names}),
        Fraction(release["delta"]),
    )


@contextmanager
def noise(target: Target, release: dict, spends: list[dp.Spend]) -> Iterator[None]:
    """Keep fresh noise for every cell of a plan in the shape's schema while a build runs.

    Raises
    ------
    BadInput
        The plan releases nothing; somebody else's table of that name is in the way.
    DatabaseError
        No connection, or one that may only read.
    """
    if not spends:
        yield
        return
    drawn = dp.noise(spends, Fraction(release["epsilon"]), Fraction(release["delta"]))
    _drop(target)
    try:
        with _session(target) as connection:
            db.run_script(connection, "shape_noise_create", schema=target.schema)
            db.copy_rows(connection, (target.schema, TABLE), _COLUMNS, _rows(spends, drawn))
            db.execute(connection, "analyze_table", schema=target.schema, table=TABLE)
        yield
    finally:
        _drop(target)


def _session(target: Target) -> db.Connection:
    return db.connect(target, application_name="synth noise", **preflight.session_settings())


def _rows(spends: list[dp.Spend], drawn: list[tuple]) -> Iterator[tuple]:
    edges = grid.cells()
    variances = {(spend.entity, spend.metric): spend.sigma**2 for spend in spends}
    for *names, added in drawn:
        cell = dp.Cell(*names)
        yield (*cell, *edges[cell], added, variances[cell.entity, cell.metric])


def _drop(target: Target) -> None:
    """Drop the table, also what a killed extraction left; nobody else's."""
    with _session(target) as connection:
        found = db.fetch_one(connection, "shape_noise_state", {"schema": target.schema})
        if found["is_strange"]:
            raise BadInput(
                f"schema {target.schema!r} holds a table {TABLE!r} of somebody else",
                hint="drop or rename it, or give the target another schema",
            )
        if found["is_there"]:
            db.execute(connection, "shape_noise_drop", schema=target.schema)
