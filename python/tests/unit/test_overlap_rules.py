"""Which windows may follow which packs, by the rules alone: no database is asked."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from types import SimpleNamespace

import ledger_entry
import pytest

from synth import audit, dbt
from synth.audit import log
from synth.errors import BadInput
from synth.extract import allowance, ledger, overlap
from synth.pack import rule

DAY = timedelta(days=1)
CUT = {name: 1 for name in overlap.CUT}
MARCH = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 31, tzinfo=UTC)
SOURCE = overlap.Source("here", "app", {"app": 10}, frozenset(), CUT)
NOISY = rule.perturbed()


def row(number=1, window=MARCH, release=NOISY, **changes):
    given = {"reads": {"app": 10}, "cut": CUT, "content_sha256": f"{number:064x}"}
    ends = {"window_start": window[0], "window_end": window[1]}
    return ledger_entry.make(number, release=release, **{**given, **ends, **changes})


EXACT = row(release={"rule": rule.EXACT}, at=datetime(2026, 4, 1, tzinfo=UTC))


@pytest.fixture(autouse=True)
def own_log(tmp_path, monkeypatch):
    monkeypatch.setenv(log.FILE_VARIABLE, str(tmp_path / "log" / "audit.jsonl"))


@pytest.fixture
def project(monkeypatch):
    """Give the project other vars."""
    known, given = dbt.variable, {}
    monkeypatch.setattr(
        dbt, "variable", lambda name, target=None: given.get(name, known(name, target))
    )
    return given


def known(*entries, problem=None, heads=((1, "1" * 64),)):
    return ledger.Ledger(entries, problem, heads)


def guard(*entries, source=SOURCE, release=NOISY, is_allowed=False, **more):
    return overlap.Guard(known(*entries, **more), source, release, is_allowed=is_allowed)


def moved(days_before, days_after=0):
    return MARCH[0] + timedelta(days=days_before), MARCH[1] + timedelta(days=days_after)


@pytest.mark.parametrize(
    "window",
    [
        MARCH,
        moved(1, 1),
        moved(-1, -1),
        moved(1),
        moved(-900, 900),
        (MARCH[1] - timedelta(seconds=1), MARCH[1] + timedelta(days=30)),
        (MARCH[0] + DAY,) * 2,
    ],
)
def test_exact_counts_bear_no_other_pack_of_their_time(window):
    # Whatever it is: exact counts are no perturbed ones, so nothing is the same.
    for content in (None, EXACT.content_sha256):
        with pytest.raises(BadInput, match="of this source in exact counts") as caught:
            guard(EXACT).check(window, content)
    told = str(caught.value)
    assert "pack 000000000000, extracted 2026-04-01, holds 2026-03-01T00:00:00Z to" in told
    assert "--allow-overlap" in told
    allowed = guard(EXACT, is_allowed=True)
    allowed.check(window)
    assert allowed.is_overlapping
    # The same window, released by a rule that bears it.
    borne = guard(row())
    borne.check(window, "00" * 32)
    assert not borne.is_overlapping


@pytest.mark.parametrize(
    "window",
    [
        (MARCH[1], MARCH[1] + timedelta(days=30)),
        (MARCH[0] - timedelta(days=30), MARCH[0]),
        (MARCH[1] + timedelta(days=9), MARCH[1] + timedelta(days=10)),
    ],
)
def test_windows_that_touch_do_not_overlap(window):
    one = guard(EXACT, *(row(number) for number in range(2, 8)))
    one.check(window, "00" * 32)
    assert not one.is_overlapping


def test_a_refusal_names_the_window_that_passes():
    end = MARCH[1] + timedelta(seconds=7, microseconds=853892)
    first, other = replace(EXACT, window_end=end), EXACT
    with pytest.raises(BadInput, match="in exact counts") as caught:
        guard(first, other).check(moved(20, 20))
    assert "--window-days 30 --as-of 2026-04-30T00:00:07.853892Z" in caught.value.hint
    as_of = caught.value.hint.partition("--as-of ")[2].partition(";")[0]
    window = overlap.expected_window(None, SimpleNamespace(relations=()), 30, as_of)
    assert window[0] == end
    guard(first, other).check(window, "00" * 32)
    with pytest.raises(BadInput, match=r"01T00:00:00Z to 2026-03-31T00:00:07\.853892Z"):
        guard(first).check((window[0] - timedelta(microseconds=1), window[1]))
    # As long as the whole history is no number of days.
    with pytest.raises(BadInput, match="in exact counts") as caught:
        guard(first).check((MARCH[0], end + timedelta(hours=1)))
    assert "begins where the latest one ends, at 2026-03-31T00:00:07.853892Z" in caught.value.hint
    far = replace(EXACT, window_end=datetime(9998, 12, 31, tzinfo=UTC))
    with pytest.raises(BadInput, match="in exact counts"):
        guard(far).check((MARCH[0], MARCH[0] + timedelta(days=36525)))


def test_an_earlier_pack_is_said_though_its_window_is_another(capsys):
    guard()
    assert capsys.readouterr().err == ""
    one = guard(row())
    one.see(known(row()))
    one.check((MARCH[1], MARCH[1] + timedelta(days=30)))
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "1 earlier pack(s) of this source" in told
    assert "shows what a single newcomer is" in told
    assert not one.is_overlapping


def test_six_packs_may_hold_a_day_and_a_seventh_is_refused_with_day_and_packs():
    # Windows of 30 days, each a day later than the last.
    shifted = [row(number, moved(number, number)) for number in range(7)]
    for count in range(6):
        guard(*shifted[:count]).check(moved(count, count), "00" * 32)
    with pytest.raises(BadInput, match="6 packs of this source hold 2026-03-07 already") as caught:
        guard(*shifted[:6]).check(moved(6, 6), "00" * 32)
    assert "vars.overlapping_packs allows 6" in caught.value.message
    for entry in shifted[:6]:
        assert entry.pack_sha256[:12] in caught.value.message
    assert "--window-days 30 --as-of 2026-05-05T00:00:00Z" in caught.value.hint
    assert "if one of them never left or was deleted" in caught.value.hint
    allowed = guard(*shifted[:6], is_allowed=True)
    allowed.check(moved(6, 6))
    assert allowed.is_overlapping
    # Where the first five are over there is room again.
    guard(*shifted[:6]).check((MARCH[1] + 4 * DAY, MARCH[1] + 9 * DAY), "00" * 32)
    # A pack by dp lies over a day, too.
    with pytest.raises(BadInput, match="6 packs of this source hold"):
        private = row(9, release=rule.private(Fraction(1)))
        guard(*shifted[:5], private).check(moved(6, 6), "00" * 32)


def test_the_limit_is_of_one_moment_and_of_the_new_window():
    # Twelve halves of the time are six packs deep.
    middle = MARCH[0] + 15 * DAY
    halves = [
        row(10 * number + half, window)
        for number in range(6)
        for half, window in enumerate(((MARCH[0], middle), (middle, MARCH[1])))
    ]
    for window in (MARCH, (MARCH[0], middle), (middle, MARCH[1])):
        guard(*halves[:10]).check(window, "ff" * 32)
        with pytest.raises(BadInput, match="6 packs"):
            guard(*halves).check(window, "ff" * 32)
    # Elsewhere there were too many; that was allowed then.
    guard(*halves).check((MARCH[1], MARCH[1] + DAY), "ff" * 32)
    # A window of a single moment is one, too.
    with pytest.raises(BadInput, match="hold 2026-03-16 already"):
        guard(*halves).check((middle, middle), "ff" * 32)
    found = allowance.crowd(MARCH, "ff" * 32, halves, 3)
    assert (found.day, len(found.packs)) == (date(2026, 3, 1), 6)


def test_the_same_pack_again_tells_nothing_new():
    six = [row(number) for number in range(6)]
    # However often; what the build makes of a moment goes through a double.
    again = [replace(one, window_start=one.window_start + timedelta(microseconds=1)) for one in six]
    one = guard(*six, *again, *again)
    one.check(MARCH, six[2].content_sha256)
    # Before the build nobody knows.
    one.check(MARCH)
    assert not one.is_overlapping
    with pytest.raises(BadInput, match="6 packs"):
        one.check(MARCH, "ff" * 32)
    # The same figures of another time are another pack.
    with pytest.raises(BadInput, match="6 packs"):
        one.check(moved(1), six[2].content_sha256)
    # One that is known excuses no other: the role that adds rows could add a false one.
    with pytest.raises(BadInput, match="7 packs"):
        guard(*six, row(6)).check(MARCH, six[2].content_sha256)


@pytest.mark.parametrize("name", sorted(overlap.CUT))
def test_the_same_window_cut_otherwise_is_another_pack_before_it_is_built(name):
    six = [row(number) for number in range(6)]
    source = replace(SOURCE, cut={**CUT, name: 2})
    guard(*six[:5], source=source).check(MARCH)
    with pytest.raises(BadInput, match="6 packs"):
        guard(*six, source=source).check(MARCH)


def test_the_project_gives_the_number_of_packs(project):
    project["overlapping_packs"] = 1
    with pytest.raises(BadInput, match="1 packs of this source hold 2026-03-02"):
        guard(row()).check(moved(1))
    for wrong in (0, -1, 1.5, True, "6", None):
        project["overlapping_packs"] = wrong
        with pytest.raises(BadInput, match="overlapping_packs: expected a whole number"):
            guard()


@pytest.mark.parametrize(
    ("reads", "remade", "is_same"),
    [
        ({"app": 10}, (), True),
        ({"renamed": 10}, (), True),
        # Dropped and made anew: only a stand-in is another source then.
        ({"app": 11}, (), True),
        ({"app": 11}, ("app",), False),
        ({"desk": 12}, (), False),
        ({"desk": 12, "app": 10}, (), True),
        # Whatever cannot be told counts.
        ({}, (), True),
    ],
)
def test_what_is_one_source(reads, remade, is_same):
    source = replace(SOURCE, reads=reads, remade=frozenset(remade))
    assert bool(guard(row(), source=source).earlier) == is_same
    assert guard(row(reads={}), source=source).earlier


def test_the_project_may_warn_instead(project, capsys):
    project["overlapping_windows"] = "warn"
    one = guard(EXACT)
    for _ in range(2):
        one.check(moved(1))
    assert one.is_overlapping
    assert capsys.readouterr().err.count("in exact counts") == 1, "once is enough"
    project["overlapping_windows"] = "sometimes"
    with pytest.raises(BadInput, match="expected refuse or warn"):
        guard(EXACT)


def private(epsilon):
    return rule.private(Fraction(epsilon))


def test_a_budget_is_spent_by_packs_of_the_whole_source_and_no_further(project, capsys):
    project["dp_budget"] = 2
    spent = [
        row(1, release=private("1/3")),
        # Of another time, twice the same, let pass or never finished: all of it was spent.
        row(2, moved(-900, -900), private("1/3")),
        row(2, moved(-900, -900), private("1/3"), is_overlapping=True),
        # Another rule spends nothing, another source neither.
        row(3),
        EXACT,
        row(4, release=private(9), reads={"desk": 3}),
    ]
    guard(*spent, release=private(1))
    told = capsys.readouterr().err
    assert "of the budget of epsilon 2 of this source 3 pack(s) by dp spent 1, so 1 is left" in told
    assert "this one costs 1: 0 would be left" in told
    for is_allowed in (False, True):
        with pytest.raises(BadInput, match=r"this one costs 10001/10000: it is refused") as caught:
            guard(*spent, release=private("1.0001"), is_allowed=is_allowed)
    assert "for good" in caught.value.hint
    project["overlapping_windows"] = "warn"
    with pytest.raises(BadInput, match="it is refused"):
        guard(*spent, release=private(2))
    # Once more after the ledger was asked again, with the row of another extraction.
    one = guard(*spent, release=private(1))
    with pytest.raises(BadInput, match="spent 4/3, so 2/3 is left"):
        one.see(known(*spent, row(5, release=private("1/3"))))
    # More is spent than there is: none is left, not less.
    project["dp_budget"] = "1/2"
    with pytest.raises(BadInput, match="so 0 is left"):
        guard(*spent, release=private("0.001"))
    # Perturbed packs ask for no budget.
    guard(*spent)


def test_thirds_are_thirds(project):
    project["dp_budget"] = 1
    thirds = [row(number, release=private("1/3")) for number in range(2)]
    guard(*thirds, release=private("1/3"))
    tenths = [row(number, release=private("0.1")) for number in range(9)]
    guard(*tenths, release=private("0.1"))
    with pytest.raises(BadInput, match="it is refused"):
        guard(*tenths, release=private("0.1001"))


def test_by_dp_a_window_may_overlap_what_it_likes(project):
    project["dp_budget"] = 100
    one = guard(EXACT, *(row(number) for number in range(9)), release=private(1))
    one.check(MARCH)
    one.check(MARCH, "00" * 32)
    assert not one.is_overlapping


def test_another_budget_is_said(project, capsys):
    project["dp_budget"] = 4
    first = guard(release=private(1))
    assert first.cut() == {**CUT, "dp_budget": "4/1"}
    assert guard().cut() == CUT
    earlier = row(release=private(1), cut=first.cut())
    guard(earlier, release=private(1))
    assert "another one" not in capsys.readouterr().err
    project["dp_budget"] = 5
    guard(earlier, release=private(1))
    assert "is epsilon 5 now, and was another one when the last" in capsys.readouterr().err


def test_dp_needs_a_budget_and_an_epsilon_and_perturbed_neither(project):
    with pytest.raises(BadInput, match="needs a budget"):
        guard(release=private(1))
    for wrong in (0, -1, float("nan"), float("inf"), 5e-324, True, "much", 10_001):
        project["dp_budget"] = wrong
        with pytest.raises(BadInput, match=r"vars\.dp_budget: expected a decimal"):
            guard(release=private(1))
    assert allowance.asked("prod_shape") == rule.perturbed()
    assert allowance.variables(rule.perturbed()) == {"release": "perturbed"}
    with pytest.raises(BadInput, match="--epsilon belongs to a release by dp"):
        allowance.asked("prod_shape", epsilon=Fraction(1))
    with pytest.raises(BadInput, match="needs an epsilon"):
        allowance.asked("prod_shape", "dp")
    project["epsilon"] = 0.1
    found = allowance.asked("prod_shape", "dp")
    assert allowance.variables(found) == {"release": "dp", "epsilon": "1/10"}
    assert allowance.asked("prod_shape", "dp", Fraction(2))["epsilon"] == "2/1"
    # An epsilon of the project waits for a release that asks for it.
    assert allowance.asked("prod_shape") == rule.perturbed()
    project["epsilon"] = "a lot"
    with pytest.raises(BadInput, match=r"vars\.epsilon: expected a decimal"):
        allowance.asked("prod_shape", "dp")
    project["release"] = "exact"
    with pytest.raises(BadInput, match=r"vars\.release: expected perturbed or dp"):
        allowance.asked("prod_shape")


def test_a_ledger_that_is_not_whole_is_refused():
    with pytest.raises(BadInput, match="is not whole: row 2 is missing"):
        guard(problem="row 2 is missing")
    assert guard(problem="row 2 is missing", is_allowed=True).is_overlapping


def test_a_row_that_the_audit_log_knows_must_be_there():
    for where, head in (("here", f"3:{'3' * 64}"), ("elsewhere", f"9:{'9' * 64}")):
        with audit.recorded("extract"):
            audit.note(source=where, ledger=head)
    with audit.recorded("extract") as ended:
        ended(2)
    guard(heads=((3, "3" * 64),))
    for heads in ((), ((2, "3" * 64),), ((3, "4" * 64),)):
        with pytest.raises(BadInput, match="lacks a row that the audit log knows"):
            guard(heads=heads)


def test_a_line_of_the_audit_log_that_the_ledger_knows_must_be_there():
    for _ in range(3):
        with audit.recorded("scan"):
            pass
    kept = replace(EXACT, log_first=log.first(), log_head=str(log.head()))
    strange = replace(EXACT, log_first="0" * 64, log_head=f"9:{'9' * 64}")
    assert overlap.missed_anchor(known(kept, strange)) is None
    path = log.path()
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:2]))
    assert overlap.missed_anchor(known(kept, strange)) == kept.log_head
    # One more extraction hides nothing: its own head is there, the earlier one is not.
    log.head_path().unlink()
    with audit.recorded("scan"):
        pass
    later = replace(EXACT, log_first=log.first(), log_head=str(log.head()))
    assert overlap.missed_anchor(known(later)) is None
    assert overlap.missed_anchor(known(kept, later)) == kept.log_head


@pytest.mark.parametrize(
    ("as_of", "end"),
    [
        ("2026-01-31", datetime(2026, 1, 31, 23, 59, 59, 999999, UTC)),
        ("2026-01-31T10:00:00", datetime(2026, 1, 31, 10, tzinfo=UTC)),
        ("2026-01-31T10:00:00+02:00", datetime(2026, 1, 31, 8, tzinfo=UTC)),
        ("9999-12-31", datetime(9999, 12, 31, 23, 59, 59, 999999, UTC)),
        ("0001-01-01", None),
        ("soon", None),
    ],
)
def test_a_window_that_was_asked_for_needs_no_query(as_of, end):
    found = overlap.expected_window(None, SimpleNamespace(relations=()), 30, as_of)
    assert found == (end and (end - timedelta(days=30), end))
