"""Which windows may follow which packs, by the rules alone: no database is asked."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from synth import audit, dbt
from synth.audit import log
from synth.errors import BadInput
from synth.extract import ledger, overlap

CUT = {name: 1 for name in overlap._WORDS}
MARCH = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 31, tzinfo=UTC)
SOURCE = overlap.Source("here", "app", {"app": 10}, frozenset(), CUT)
PAST = ledger.Entry(
    at=datetime(2026, 4, 1, tzinfo=UTC),
    who="tok_0123456789abcdef",
    source="app",
    reads={"app": 10},
    window_start=MARCH[0],
    window_end=MARCH[1],
    cut=CUT,
    mechanism=ledger.EXACT,
    pack_sha256="ab" * 32,
    content_sha256="cd" * 32,
    is_overlapping=False,
    log_first=None,
    log_head=None,
)


@pytest.fixture(autouse=True)
def own_log(tmp_path, monkeypatch):
    monkeypatch.setenv(log.FILE_VARIABLE, str(tmp_path / "log" / "audit.jsonl"))


def known(*entries, problem=None, heads=((1, "1" * 64),)):
    return ledger.Ledger(entries, problem, heads)


def guard(*entries, source=SOURCE, is_allowed=False, **more):
    return overlap.Guard(known(*entries, **more), source, is_allowed=is_allowed)


def moved(days_before, days_after=0):
    return MARCH[0] + timedelta(days=days_before), MARCH[1] + timedelta(days=days_after)


@pytest.mark.parametrize(
    "window",
    [
        # One day apart, though cut alike: the difference is one day of few people.
        moved(1, 1),
        moved(-1, -1),
        moved(0, 1),
        moved(1),
        moved(-900, 900),
        (MARCH[1] - timedelta(seconds=1), MARCH[1] + timedelta(days=30)),
        (MARCH[0] + timedelta(days=1),) * 2,
    ],
)
def test_windows_that_share_time_are_refused_though_cut_alike(window):
    with pytest.raises(BadInput, match="in another window; the difference is what few") as caught:
        guard(PAST).check(window)
    told = str(caught.value)
    assert "pack abababababab, extracted 2026-04-01, holds 2026-03-01T00:00:00Z to" in told
    assert "--allow-overlap" in told
    allowed = guard(PAST, is_allowed=True)
    allowed.check(window)
    assert allowed.is_overlapping


@pytest.mark.parametrize(
    "window",
    [
        (MARCH[1], MARCH[1] + timedelta(days=30)),
        (MARCH[0] - timedelta(days=30), MARCH[0]),
        (MARCH[1] + timedelta(days=9), MARCH[1] + timedelta(days=10)),
    ],
)
def test_windows_that_touch_do_not_overlap(window):
    one = guard(PAST)
    one.check(window, "00" * 32)
    assert not one.is_overlapping


def test_a_refusal_names_the_window_that_passes():
    end = MARCH[1] + timedelta(seconds=7, microseconds=853892)
    first, other = replace(PAST, window_end=end), replace(PAST, window_end=MARCH[1])
    with pytest.raises(BadInput, match="another window") as caught:
        guard(first, other).check(moved(20, 20))
    assert "--window-days 30 --as-of 2026-04-30T00:00:07.853892Z" in caught.value.hint
    as_of = caught.value.hint.partition("--as-of ")[2].partition(";")[0]
    window = overlap.expected_window(None, SimpleNamespace(relations=()), 30, as_of)
    assert window[0] == end
    guard(first, other).check(window, "00" * 32)
    with pytest.raises(BadInput, match=r"01T00:00:00Z to 2026-03-31T00:00:07\.853892Z"):
        guard(first).check((window[0] - timedelta(microseconds=1), window[1]))
    # As long as the whole history is no number of days.
    with pytest.raises(BadInput, match="another window") as caught:
        guard(first).check((MARCH[0], end + timedelta(hours=1)))
    assert "begins where the latest one ends, at 2026-03-31T00:00:07.853892Z" in caught.value.hint
    far = replace(PAST, window_end=datetime(9998, 12, 31, tzinfo=UTC))
    with pytest.raises(BadInput, match="another window"):
        guard(far).check((MARCH[0], MARCH[0] + timedelta(days=36525)))


def test_an_earlier_pack_is_said_though_its_window_is_another(capsys):
    guard()
    assert capsys.readouterr().err == ""
    one = guard(PAST)
    one.see(known(PAST))
    one.check((MARCH[1], MARCH[1] + timedelta(days=30)))
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "1 earlier pack(s) of this source" in told
    assert "shows what a single newcomer is" in told
    assert not one.is_overlapping


@pytest.mark.parametrize("name", sorted(overlap._WORDS))
def test_the_same_window_cut_otherwise_is_refused(name):
    source = replace(SOURCE, cut={**CUT, name: 2})
    with pytest.raises(BadInput, match="cut otherwise") as caught:
        guard(PAST, source=source).check(MARCH, PAST.content_sha256)
    assert overlap._WORDS[name] in str(caught.value)


def test_the_same_window_passes_with_the_same_figures_only():
    one = guard(PAST)
    # What the build makes of a moment goes through a double.
    one.check((MARCH[0] + timedelta(microseconds=1), MARCH[1]), PAST.content_sha256)
    # Before the build nobody knows.
    one.check(MARCH)
    assert not one.is_overlapping
    with pytest.raises(BadInput, match="with other figures"):
        one.check(MARCH, "00" * 32)
    # One that is the same excuses no other: the role that adds rows could add a false one.
    other = replace(PAST, window_end=moved(0, 5)[1], content_sha256="00" * 32)
    for entries in ((PAST, other), (other, PAST)):
        with pytest.raises(BadInput, match="in another window"):
            guard(*entries).check(MARCH, PAST.content_sha256)


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
    assert bool(guard(PAST, source=source).earlier) == is_same
    assert guard(replace(PAST, reads={}), source=source).earlier


def test_the_project_may_warn_instead(monkeypatch, capsys):
    monkeypatch.setattr(dbt, "variable", lambda name: "warn")
    one = guard(PAST)
    for _ in range(2):
        one.check(moved(1))
    assert one.is_overlapping
    assert capsys.readouterr().err.count("in another window") == 1, "once is enough"
    monkeypatch.setattr(dbt, "variable", lambda name: "sometimes")
    with pytest.raises(BadInput, match="expected refuse or warn"):
        guard(PAST)


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
    kept = replace(PAST, log_first=log.first(), log_head=str(log.head()))
    strange = replace(PAST, log_first="0" * 64, log_head=f"9:{'9' * 64}")
    assert overlap.missed_anchor(known(kept, strange)) is None
    path = log.path()
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:2]))
    assert overlap.missed_anchor(known(kept, strange)) == kept.log_head
    # One more extraction hides nothing: its own head is there, the earlier one is not.
    log.head_path().unlink()
    with audit.recorded("scan"):
        pass
    later = replace(PAST, log_first=log.first(), log_head=str(log.head()))
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
