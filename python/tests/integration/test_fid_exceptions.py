"""Exceptions: what a team accepts for a time is measured, shown and bounded, never hidden."""

import pytest
from chat_sample import merged, shape_rows, simulate


@pytest.fixture(scope="module")
def shapes():
    """A baseline, and a draw in which every room was active just now."""
    chat = simulate(2)
    chat["recency"] = (chat["recency"] * 0.05).astype(chat["recency"].dtype)
    return merged(shape_rows(simulate(1))), shape_rows(chat)


@pytest.fixture
def judged(harness, shapes):
    """Judge the same two shapes under other exceptions."""

    def judge(*rows):
        harness.accept(*rows)
        checks, verdict = harness.judge(*shapes)
        return checks, verdict, harness.exceptions()

    yield judge
    harness.accept()


def accepted(check_name="recency", **more):
    return {
        "check_name": check_name,
        "segment": None,
        "accepted_effect": 1.0,
        "until": "2999-12-31",
        "decided_by": "capacity team",
        "reason": "rooms are warmed up before the test",
        **more,
    }


def test_an_accepted_deviation_is_measured_and_does_not_count(judged):
    before, without, _ = judged()
    assert before["recency"]["verdict"] == "FAIL"
    checks, verdict, states = judged(accepted())
    found = checks["recency"]
    assert found["verdict"] == "EXCEPTED"
    assert found["effect_size"] == before["recency"]["effect_size"]
    assert "until 2999-12-31" in found["recommendation"]
    assert "rooms are warmed up" in found["recommendation"]
    assert "capacity team" in found["recommendation"]
    assert (verdict["n_excepted"], verdict["n_bad_exceptions"]) == (1, 0)
    assert verdict["n_fail"] == without["n_fail"] - 1
    assert states["recency"]["state"] == "applied"
    said = states["recency"]["explanation"]
    assert states["recency"]["reason"] in said and "2999-12-31" in said and "%" not in said


@pytest.mark.parametrize(
    ("change", "state", "words"),
    [
        ({"until": "2001-01-31"}, "expired", "its exception expired on 2001-01-31; "),
        ({"accepted_effect": 0.1}, "exceeded", "beyond its exception of 0.1; "),
        ({"segment": "GROUP_CHAT"}, "exceeded", "conversations.start_position"),
    ],
)
def test_an_exception_that_does_not_hold_changes_nothing(judged, change, state, words):
    _, without, _ = judged()
    checks, verdict, states = judged(accepted(**change))
    assert checks["recency"]["verdict"] == "FAIL"
    assert words in checks["recency"]["recommendation"]
    assert states["recency"]["state"] == state
    assert states["recency"]["explanation"]
    assert verdict["is_go"] == without["is_go"]
    assert verdict["n_excepted"] == 0


def test_an_exception_nobody_needs_is_told(judged):
    _, verdict, states = judged(accepted("tempo"))
    assert states["tempo"]["state"] == "unneeded"
    assert "remove the row" in states["tempo"]["explanation"]
    assert verdict["n_bad_exceptions"] == 0


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (accepted("hour_of_weak"), "no check of this name"),
        (accepted("message_types"), "take no exception"),
        (accepted("concentration"), "take no exception"),
        (accepted(reason=""), "reason is empty"),
        (accepted(decided_by=None), "decided_by is empty"),
        (accepted(until=None), "until is empty"),
        (accepted(accepted_effect=-1), "no positive figure, such as 0.4: -1"),
        (accepted(accepted_effect="much"), "no positive figure, such as 0.4: much"),
        (accepted(accepted_effect="Infinity"), "no positive figure, such as 0.4: Infinity"),
        (accepted(accepted_effect=None), "no positive figure, such as 0.4: empty"),
        (accepted(until="31.12.2027"), "no day of the form 2027-03-31: 31.12.2027"),
        (accepted(until="2027-13-01"), "no day of the form 2027-03-31: 2027-13-01"),
        (accepted(until="2027-02-29"), "no day of the form 2027-03-31: 2027-02-29"),
        (accepted(until="next spring"), "no day of the form 2027-03-31: next spring"),
    ],
)
def test_a_refused_exception_is_no_go(judged, row, words):
    _, without, _ = judged()
    assert without["is_go"]
    checks, verdict, states = judged(row)
    assert not verdict["is_go"]
    assert verdict["n_bad_exceptions"] == 1
    assert states[row["check_name"]]["state"] == "refused"
    assert words in states[row["check_name"]]["explanation"]
    assert verdict["n_excepted"] == 0
    assert checks["recency"]["verdict"] == "FAIL"


def test_two_exceptions_of_one_check_are_refused(judged):
    _, verdict, _ = judged(accepted(), accepted(segment="all"))
    assert verdict["n_bad_exceptions"] == 2


def test_a_missing_figure_is_never_excepted(harness, shapes):
    expected, actual = shapes
    harness.accept(accepted())
    checks, _ = harness.judge(expected, [row for row in actual if row[1] != "recency"])
    harness.accept()
    assert checks["recency"]["verdict"] == "FAIL"


def test_dbt_test_says_the_same(harness, judged):
    judged(accepted())
    assert harness.dbt("test").returncode == 0
    judged(accepted(until="2001-01-31"))
    expired = harness.dbt("test")
    assert "Warning in test fidelity_exceptions_are_needed" in expired.stdout
    judged(accepted("hour_of_weak"))
    refused = harness.dbt("test")
    assert refused.returncode == 1
    assert "Failure in test fidelity_exceptions_are_in_order" in refused.stdout
    assert "seeds/exceptions.csv: hour_of_weak: there is no check of this name" in refused.stdout
    assert "FAIL recency: age of the last message" in refused.stdout
    assert "NO-GO: headline PASS (4 of 4)" in refused.stdout
