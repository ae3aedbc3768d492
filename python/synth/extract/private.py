"""The noise of a release by dp: the public grid it is drawn for, and the table that holds it.

Every cell that anybody could be in gets noise, whether somebody is in it or not, so the grid is
that of the catalogue and the vocabulary and knows nothing of the source. Classes that are merged
until enough people are in them (by size, senders, tempo) depend on the source and are left out.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction

from synth import catalogue, db, dbt, server, targets
from synth.catalogue import ALL, OTHER
from synth.errors import BadInput
from synth.extract import preflight
from synth.pack import grids, rule
from synth.release import dp

TABLE = "shape_noise"
_COLUMNS = ("entity", "metric", "segment", "label", "bucket_index", "noise")
# Cells of two labels that no vocabulary lists, as `int_cells` names them.
_STATES = {
    ("users", "silent_share"): ("silent", "active"),
    ("users", "unattached_share"): ("unattached", "attached"),
    ("conversations", "empty_share"): ("empty", "active"),
}
# Sizes and lengths that a source may not know.
_UNKNOWN = {("messages", "content_length"), ("attachments", "size_bytes")}
# Cells that a figure is made of, where they are named otherwise than the figure.
_NAMED = {("messages", "burst_coefficient"): "minute_size"}
# Sums of cells that have noise already.
_SUMS = {("messages", "hour_of_day"), ("messages", "day_of_week")}
_N_HOURS = {"hour_of_week": 168, "hour_by_type": 24}
_LARGEST_PEOPLE = 10**9


def grid() -> list[dp.Cell]:
    """Every cell that may be released, named as in the catalogue."""
    found = []
    for line in catalogue.metrics():
        name = line.entity, line.metric
        if name in _SUMS or (line.segments == "joint" and line.metric != "hour_by_type"):
            continue
        segments = (ALL,) if line.segments == "none" else _labels(catalogue.segments(*name))
        known = {dp.Cell(*name, segment, *cell) for segment in segments for cell in _cells(line)}
        # Two kinds of a metric may be read from the same cells.
        found += sorted(known.difference(found), key=str)
    return [cell for cell in found if not _is_withheld(cell)]


def _cells(line: catalogue.Metric) -> Iterator[tuple[str | None, int | None]]:
    """Label and number of the bucket of each cell of a line of the catalogue in one segment."""
    name = line.entity, line.metric
    if line.kind == "total":
        yield "total", None
    elif line.kind == "category":
        yield from ((label, None) for label in _labels(catalogue.labels(*name)))
    elif line.kind == "hour":
        yield from ((str(hour), None) for hour in range(_N_HOURS[line.metric]))
    elif line.kind == "bucket" or name in _NAMED:
        edges = grids.edges(grids.of_metric(*name, line.unit))
        # As width_bucket counts: from 1.
        yield from ((None, index) for index in range(1, len(edges)))
        if name in _UNKNOWN:
            yield "unknown", None
    elif name in _STATES:
        yield from ((label, None) for label in _STATES[name])
    elif line.metric == "profile_completeness":
        yield from ((label, None) for label in catalogue.labels(*name))


def _labels(known: tuple[str, ...]) -> tuple[str, ...]:
    return (*known, OTHER)


def _is_withheld(cell: dp.Cell) -> bool:
    return any(
        entity in (None, cell.entity) and metric in (None, cell.metric)
        for entity, metric, _ in dp.WITHHELD
    )


def spends(release: dict) -> list[dp.Spend]:
    """How the budget of a release is split over the metrics, by what is public.

    Raises
    ------
    BadInput
        ``vars.dp_people`` or ``vars.dp_contributions`` is none.
    """
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
    return dp.plan(grid(), Fraction(release["epsilon"]), n_people, dp.Bounds(**given))


def usable(release: dict) -> list[dict]:
    """What a release by dp costs and is good for, metric by metric; nothing for another rule.

    Returns
    -------
    list of dict
        See `synth.release.dp.rows`.
    """
    return dp.rows(spends(release)) if release["rule"] == rule.DP else []


@contextmanager
def noise(target: targets.Target, release: dict) -> Iterator[None]:
    """Have the noise of a release in the shape's schema while it is built; for ``dp`` only.

    It lies there no longer than that: whoever had both it and the pack had the counts. What a
    killed extraction left of it is dropped by the next one of any rule.

    Parameters
    ----------
    target : synth.targets.Target
    release : dict
        See `synth.pack.rule`.

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
    drawn = dp.noise(spends(release), Fraction(release["epsilon"]), Fraction(release["delta"]))
    rows = [
        (entity, _NAMED.get((entity, metric), metric), *rest) for entity, metric, *rest in drawn
    ]
    try:
        with _session(target) as connection, connection.transaction():
            _clear(connection, target)
            db.run_script(connection, "noise_create", schema=target.schema)
            db.copy_rows(connection, (target.schema, TABLE), _COLUMNS, rows)
        yield
    finally:
        with _session(target) as connection, connection.transaction():
            _clear(connection, target)


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
