"""The noise of a release by dp: drawn for every public cell, there while needed, then gone."""

from collections import Counter
from fractions import Fraction

import pytest
import shape_chat

from synth import catalogue, db, dbt
from synth.errors import BadInput
from synth.extract import private
from synth.pack import grids, rule
from synth.release import dp

DP = rule.private(Fraction(4))


@pytest.fixture
def chat(databases):
    shape_chat.load(databases.prod)
    return databases.prod


@pytest.fixture
def project(monkeypatch):
    known, given = dbt.variable, {}
    monkeypatch.setattr(
        dbt, "variable", lambda name, target=None: given.get(name, known(name, target))
    )
    return given


def is_there(chat, run_sql):
    return run_sql(chat, "noise_there")[0]["is_there"]


def test_the_noise_is_there_while_a_shape_is_built_and_gone_then(chat, run_sql):
    with private.noise(chat, DP):
        first = run_sql(chat, "noise_rows")
        names = [tuple(row.values())[:-1] for row in first]
        assert len(set(names)) == len(names)
        released = {
            (one.entity, one.metric): len(one.cells) for one in private.spends(DP) if one.rho
        }
        released["messages", "minute_size"] = released.pop(("messages", "burst_coefficient"))
        assert Counter((row["entity"], row["metric"]) for row in first) == released
        # Every row of a public grid, whether anybody is in it or not.
        assert {int(row["label"]) for row in first if row["metric"] == "hour_of_week"} == set(
            range(168)
        )
        assert len({row["noise"] for row in first}) > 100
    assert not is_there(chat, run_sql)
    with pytest.raises(ZeroDivisionError), private.noise(chat, DP):
        second = run_sql(chat, "noise_rows")
        raise ZeroDivisionError
    assert not is_there(chat, run_sql)
    # Drawn anew: the same guarantee twice is no guarantee of the same.
    assert [row["noise"] for row in first] != [row["noise"] for row in second]


def test_what_a_killed_extraction_left_is_replaced_and_what_is_not_ours_is_kept(chat, run_sql):
    with private.noise(chat, DP):
        pass
    with db.connect(chat) as connection:
        db.run_script(connection, "noise_create", schema=chat.schema)
    with private.noise(chat, DP):
        assert len(run_sql(chat, "noise_rows")) > 1000
    assert not is_there(chat, run_sql)
    with db.connect(chat) as connection:
        db.run_script(connection, "noise_create", schema=chat.schema)
    with private.noise(chat, rule.perturbed()):
        assert not is_there(chat, run_sql)
    run_sql(chat, "noise_strange")
    with pytest.raises(BadInput, match="that synth did not make"), private.noise(chat, DP):
        raise AssertionError("the build began")
    assert is_there(chat, run_sql)
    with private.noise(chat, rule.perturbed()):
        assert is_there(chat, run_sql)


def test_nothing_is_drawn_where_nothing_is_usable(chat, run_sql, project):
    project["dp_people"] = 1
    with pytest.raises(BadInput, match="nothing is usable"), private.noise(chat, DP):
        raise AssertionError("the build began")
    assert not is_there(chat, run_sql)


def test_the_grid_is_of_the_catalogue_and_names_every_bucket():
    grid = private.grid()
    assert len(set(grid)) == len(grid)
    assert all(cell.segment == "all" or cell.segment.isupper() for cell in grid)
    buckets = {}
    for cell in grid:
        if cell.bucket_index is not None:
            buckets.setdefault(cell[:3], []).append(cell.bucket_index)
    for (entity, metric, _), found in buckets.items():
        units = {
            one.unit
            for one in catalogue.metrics()
            if (one.entity, one.metric, one.kind) == (entity, metric, "bucket")
        } or {"ratio"}
        edges = grids.edges(grids.of_metric(entity, metric, units.pop()))
        assert sorted(found) == list(range(1, len(edges)))
    # All but what is withheld, summed of others, or of classes that depend on the source.
    left_out = {(one.entity, one.metric) for one in catalogue.metrics()} - {
        cell[:2] for cell in grid
    }
    withheld = {
        name
        for name in left_out
        for entity, metric, _ in dp.WITHHELD
        if entity in (None, name[0]) and metric in (None, name[1])
    }
    assert left_out - withheld == {
        ("conversations", "concentration"),
        ("conversations", "dominance_by_size_senders"),
        ("conversations", "heavy_share"),
        ("conversations", "members_by_size"),
        ("conversations", "senders_by_size"),
        ("conversations", "tempo_by_size"),
        ("messages", "burstiness"),
        ("messages", "day_of_week"),
        ("messages", "hour_of_day"),
        ("messages", "media_ratio"),
        ("messages", "peak_trough_ratio"),
        ("messages", "weekday_weekend_ratio"),
    }


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        *(("dp_people", one) for one in (0, None, True, 1.5, "many", 10**10)),
        *(("dp_contributions", one) for one in (None, 5, {}, {"messages": 1, "hourly": 1})),
        (
            "dp_contributions",
            {"messages": 0, "conversations": 1, "hourly": 1},
        ),
    ],
)
def test_what_is_no_public_constant_is_refused(project, name, wrong):
    project[name] = wrong
    with pytest.raises(BadInput, match=rf"vars\.{name}: expected"):
        private.usable(DP)
    assert private.usable(rule.perturbed()) == []
