"""The noise of a release by dp: drawn for every public cell, there while needed, then gone."""

from collections import Counter
from fractions import Fraction

import pytest
import shape_chat

from synth import db, dbt
from synth.errors import BadInput
from synth.extract import private
from synth.pack import rule

DP = rule.private(Fraction(4))
WINDOW = 30, "2026-01-31"


def planned():
    return private.spends(DP, *WINDOW)


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
    with private.noise(chat, DP, planned()):
        first = run_sql(chat, "noise_rows")
        names = [tuple(row.values())[:5] for row in first]
        assert len(set(names)) == len(names)
        released = {
            (one.entity, one.metric): len(one.cells)
            for one in private.spends(DP, *WINDOW)
            if one.rho
        }
        assert Counter((row["entity"], row["metric"]) for row in first) == released
        # Every row of a public grid, whether anybody is in it or not.
        assert {int(row["label"]) for row in first if row["metric"] == "hour_of_week"} == set(
            range(168)
        )
        assert len({row["noise"] for row in first}) > 100
    assert not is_there(chat, run_sql)
    with pytest.raises(ZeroDivisionError), private.noise(chat, DP, planned()):
        second = run_sql(chat, "noise_rows")
        raise ZeroDivisionError
    assert not is_there(chat, run_sql)
    # Drawn anew: the same guarantee twice is no guarantee of the same.
    assert [row["noise"] for row in first] != [row["noise"] for row in second]


def test_what_a_killed_extraction_left_is_replaced_and_what_is_not_ours_is_kept(chat, run_sql):
    with private.noise(chat, DP, planned()):
        pass
    with db.connect(chat) as connection:
        db.run_script(connection, "noise_create", schema=chat.schema)
    with private.noise(chat, DP, planned()):
        assert len(run_sql(chat, "noise_rows")) > 1000
    assert not is_there(chat, run_sql)
    with db.connect(chat) as connection:
        db.run_script(connection, "noise_create", schema=chat.schema)
    with private.noise(chat, rule.perturbed(), []):
        assert not is_there(chat, run_sql)
    run_sql(chat, "noise_strange")
    with (
        pytest.raises(BadInput, match="that synth did not make"),
        private.noise(chat, DP, planned()),
    ):
        raise AssertionError("the build began")
    assert is_there(chat, run_sql)
    with private.noise(chat, rule.perturbed(), []):
        assert is_there(chat, run_sql)


def test_nothing_is_drawn_where_nothing_is_usable(chat, run_sql, project):
    project["dp_people"] = 1
    with (
        pytest.raises(BadInput, match="nothing is usable"),
        private.noise(chat, DP, planned()),
    ):
        raise AssertionError("the build began")
    assert not is_there(chat, run_sql)


@pytest.mark.parametrize("window", [("all", "2026-01-31"), (30, None), (None, "2026-01-31")])
def test_a_window_that_follows_the_messages_is_refused(window):
    with pytest.raises(BadInput, match="a window that is given"):
        private.spends(DP, *window)
    assert private.spends(rule.perturbed(), *window) == []


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
        private.spends(DP, *WINDOW)
    assert private.spends(rule.perturbed(), *WINDOW) == []
