"""What the database remembers of its packs, and what that refuses, wherever the audit log lies."""

import json
import multiprocessing
import os
import shutil
import signal
import time
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from pathlib import Path

import ledger_entry
import pack_rows
import psycopg
import pytest
import shape_chat

from synth import db, dbt, targets
from synth.audit import log
from synth.errors import BadInput
from synth.extract import ledger, mapping, overlap, release, run
from synth.pack import files, manifest, rule, tokens

SQL_DIR = Path(__file__).resolve().parents[1] / "sql"
DP = rule.private(Fraction(1))


@pytest.fixture(autouse=True)
def own_log(tmp_path, monkeypatch):
    monkeypatch.setenv("SYNTH_AUDIT_FILE", str(tmp_path / "log" / "audit.jsonl"))


@pytest.fixture
def chat(databases):
    shape_chat.load(databases.prod)
    return databases.prod


def looked(connection, reader, name, schema):
    source = mapping.load(reader, schema, name)
    relations = mapping.resolved(connection, source)
    return overlap.look(connection, source, relations, schema, 20)


def add(connection, *numbers, **changes):
    for number in numbers:
        with connection.transaction():
            entry = ledger_entry.make(number, **changes)
            ledger.add(connection, entry, ledger.take(connection))


def test_rows_are_only_ever_added_and_a_missing_one_shows(chat, run_sql):
    tries = (SQL_DIR / "ledger_owner_tries.sql").read_text().split(";\n")[:-1]
    with db.connect(chat) as connection:
        assert ledger.read(connection) == ledger.Ledger((), None, ())
        ledger.require(connection)
        add(connection, 1, 2, 3)
        whole = ledger.read(connection)
        assert whole.entries == (ledger_entry.make(1), ledger_entry.make(2), ledger_entry.make(3))
        assert whole.problem is None
        for statement in tries:
            with pytest.raises(psycopg.errors.Error, match="only ever added"):
                connection.execute(statement)
    for name, problem in (
        ("ledger_row_changed", "row 1 was changed"),
        ("ledger_row_gone", "row 1 was changed"),
    ):
        run_sql(chat, name)
        with db.connect(chat) as connection:
            found = ledger.read(connection)
        assert found.problem == problem
    assert not found.holds(f"2:{whole.heads[1][1]}")


def test_a_ledger_of_before_there_were_rules_keeps_its_rows_and_its_chain(chat, run_sql):
    with db.connect(chat) as connection:
        db.run_script(connection, "ledger_create")
        run_sql(chat, "ledger_earlier")
        # As it is, by somebody who may not alter it.
        connection.execute("set default_transaction_read_only = on")
        found = ledger.read(connection)
        assert found.entries == (ledger_entry.make(1), ledger_entry.make(2))
        assert found.problem is None
        assert {one.release["rule"] for one in found.entries} == {"exact"}
        connection.execute("set default_transaction_read_only = off")
        # Its owner makes room for the rules; the old rows are what they were.
        add(connection, 3, release=DP)
        add(connection, 4, release=rule.perturbed())
        whole = ledger.read(connection)
        assert whole.heads[:2] == found.heads
        assert whole.problem is None
        assert [one.release for one in whole.entries[2:]] == [DP, rule.perturbed()]
        assert [one.epsilon for one in whole.entries] == [0, 0, 1, 0]
    run_sql(chat, "ledger_cheaper")
    with db.connect(chat) as connection:
        assert ledger.read(connection).problem == "row 3 was changed"


UNFIT = {
    "reads": {"reads": 5},
    "cut": {"cut": []},
    "end of time": {"at": "infinity"},
    "start of time": {"window_start": "-infinity"},
    "before time": {"window_start": "0044-03-15 00:00:00+00 BC"},
    "year 20000": {"window_end": "20000-01-01 00:00:00+00"},
    "number": {"n": 2**63 - 1},
    "name": {"pack_sha256": "\x1b[2J"},
    "head": {"log_head": "x:y"},
    "size": {"who": "x" * 70_000},
    "list of parameters": {"parameters": [1]},
    "parameters": {"parameters": {"epsilon": "1" * 5000}},
}
# What only its reader finds.
UNREADABLE = {
    "depth": {"reads": json.loads('{"a":' + "[" * 50 + "]" * 50 + "}")},
    "digits": {"cut": {"k": "1e5000"}},
    "rule": {"mechanism": "trust me"},
    "no parameters": {"mechanism": "dp"},
    "parameters of exact counts": {"parameters": {"largest_noise": 7, "variance": 5}},
    "half of them": {"mechanism": "perturbed", "parameters": {"variance": 5}},
    # A spend below 0 would be a refund.
    "refund": {"mechanism": "dp", "parameters": {**DP, "epsilon": "-9/1"}},
    "nothing": {"mechanism": "dp", "parameters": {**DP, "epsilon": "0/1"}},
    "subnormal": {"mechanism": "dp", "parameters": {**DP, "epsilon": "1/9999999999999999"}},
    "another rule within": {"mechanism": "perturbed", "parameters": DP},
}


def test_a_row_that_nobody_could_read_is_kept_out_or_named(chat, run_sql):
    planted = (SQL_DIR / "ledger_planted.sql").read_text()
    with db.connect(chat) as connection:
        add(connection, 1)
        for changed in UNFIT.values():
            given = {"changed": json.dumps({"n": 2, **changed})}
            with pytest.raises(psycopg.errors.CheckViolation):
                connection.execute(planted, given)
        run_sql(chat, "ledger_unbounded")
        for changed in (UNFIT | UNREADABLE).values():
            # Python writes no integer of so many digits.
            given = {"changed": json.dumps({"n": 2, **changed}).replace('"1e5000"', "1e5000")}
            with connection.transaction(force_rollback=True):
                connection.execute(planted, given)
                with pytest.raises(
                    BadInput, match=r"row \d+ of the ledger of past packs"
                ) as caught:
                    ledger.read(connection)
                assert "let the ledger's owner" in caught.value.hint
        assert ledger.read(connection).problem is None


def test_a_row_that_is_gone_shows_but_for_the_last(chat, run_sql):
    with db.connect(chat) as connection:
        add(connection, 1, 2, 3)
        last = ledger.read(connection).last
        run_sql(chat, "ledger_end_gone")
        found = ledger.read(connection)
        assert found.problem is None
        # That is why the audit log notes the head.
        assert not found.holds(f"{last[0]}:{last[1]}")
        add(connection, 4)
        run_sql(chat, "ledger_row_gone")
        assert (
            ledger.read(connection).problem == "row 2 is missing, or the one after it was changed"
        )


def test_the_role_adds_rows_and_keeps_what_is_there(chat, run_synth, run_sql, tmp_path):
    printed, dropped = (
        run_synth("role", "--print-sql", *options).stdout for options in ((), ("--drop",))
    )
    reader = replace(chat, user="shape_reader")
    call = ("extract", "--output", tmp_path, "--mapping", "views", "--schema", "shape_source")
    salt = {"ANONYMIZATION_SALT": "0123456789abcdefghijklmnopqrstuvwxyz"}
    with psycopg.connect(**chat.connection_parameters(), autocommit=True) as owner:
        owner.execute(printed)
        try:
            with db.connect(reader) as connection:
                add(connection, 1, 2)
            # One of before there were rules is refused until the DBA makes room.
            owner.execute((SQL_DIR / "ledger_without_rules.sql").read_text())
            with db.connect(reader) as connection:
                assert len(ledger.read(connection).entries) == 2
                with pytest.raises(BadInput, match="no place for release rules") as caught:
                    ledger.require(connection)
                assert "adds a column and keeps the rows" in caught.value.hint
            owner.execute(printed)
            with db.connect(reader) as connection:
                add(connection, 3, release=DP)
                assert ledger.read(connection).problem is None
            # Made anew it keeps its rows; taken back it does, too, and is not usable any more.
            owner.execute(printed)
            assert len(ledger.read(owner).entries) == 3
            owner.execute((SQL_DIR / "ledger_revoke.sql").read_text())
            with db.connect(reader) as connection, pytest.raises(BadInput, match="has no ledger"):
                ledger.require(connection)
            refused = run_synth(*call, env={**salt, "PRODSHAPE_PROD_USER": "shape_reader"})
            assert refused.returncode == 2
            assert "`synth role --print-sql` prints again" in refused.stderr
            # One that the role itself had made is not dropped with it either.
            owner.execute((SQL_DIR / "ledger_of_role.sql").read_text())
        finally:
            owner.execute(dropped)
        assert "stays" in dropped
        assert len(ledger.read(owner).entries) == 3


def test_another_key_or_definition_is_another_cut(chat, run_synth):
    with psycopg.connect(**chat.connection_parameters(), autocommit=True) as owner:
        owner.execute(run_synth("role", "--print-sql").stdout)
        found = []

        def look():
            reader = targets.load("prod_shape")
            with db.connect(replace(reader, user="shape_reader")) as connection:
                found.append(looked(connection, reader, "views", "shape_source"))

        try:
            look()
            look()
            owner.execute((SQL_DIR / "overlap_new_key.sql").read_text())
            look()
            owner.execute((SQL_DIR / "overlap_new_view.sql").read_text())
            look()
        finally:
            owner.execute(run_synth("role", "--print-sql", "--drop").stdout)
    assert len({one.where for one in found}) == 1
    # The tables behind the views count, not the views.
    assert all(list(one.reads) == ["app"] for one in found)
    first, same, keyed, viewed = (one.cut for one in found)
    assert first == same
    assert first["views"] == keyed["views"]
    assert first["pseudonyms"] != keyed["pseudonyms"] == viewed["pseudonyms"]
    assert keyed["views"] != viewed["views"]


def file_of(folder, relation):
    """The mapping `chat` with other messages."""
    known = dbt.variable("mappings")["chat"]
    document = {**known, "messages": {**known["messages"], "relation": relation}}
    path = folder / "hidden.yml"
    path.write_text(json.dumps(document))
    return path


def test_a_source_is_its_tables_whatever_shows_them(chat, run_sql, tmp_path):
    run_sql(chat, "overlap_views")
    with db.connect(chat) as connection:
        for row in db.fetch_all(connection, "standin_marks", {"schema": "app"}):
            db.execute_text(connection, row["statement"])
        app, seen, other = (
            looked(connection, chat, "chat", name) for name in ("app", "seen", "other")
        )
        assert app.reads == seen.reads
        assert app.reads.keys() == app.remade == {"app"}
        assert other.reads.keys() == {"other"}
        past = replace(ledger_entry.make(1), reads=app.reads)
        assert [one.is_same(past) for one in (app, seen, other)] == [True, True, False]
        run_sql(chat, "overlap_rename")
        renamed = looked(connection, chat, "chat", "old_app")
        # Copies in the shape's schema, and rows of a function: nobody knows whose they are.
        for relation in ("shape.messages", "shape.given()"):
            source = mapping.load(chat, "old_app", str(file_of(tmp_path, relation)))
            relations = mapping.resolved(connection, source)
            hidden = overlap.look(connection, source, relations, "old_app", 20)
            assert hidden.reads == {}
            assert hidden.is_same(ledger_entry.make(99))
    assert renamed.reads.keys() == {"old_app"}
    assert renamed.is_same(past)


def export(target, output, *, seed=1, killed=False, released_by=None):
    """Judge, remember and write a pack of made rows, as an extraction of 30 days of `app` does."""
    released_by = released_by or rule.perturbed()
    with db.connect(target) as connection:
        seen = looked(connection, target, "chat", "app")
        guard = overlap.Guard(ledger.read(connection), seen, released_by, is_allowed=False)
    window = ledger_entry.MOMENT - timedelta(days=30), ledger_entry.MOMENT
    place = release.Release(target, guard, seen, window, tokens.Tokenizer("x" * 32), released_by)
    if killed:
        files.write_all = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)
    made_of = {"models": {}, "model_of": {}, "gates": {}}
    described = {
        "target": target,
        "tokenizer": tokens.Tokenizer("x" * 32),
        "whole_history": False,
        "gates": manifest.gates_facts(["one"], 1),
    }
    supported = [(row, None, "") for row in pack_rows.make(seed)]
    meta = replace(pack_rows.META, n_suppressed=0, release=released_by)
    path = run._pack_path(output, meta.extracted_at, replace=True)
    return run._export(path, meta, supported, made_of, described, place)


def test_a_pack_that_was_killed_before_it_was_there_is_remembered(chat, tmp_path):
    fork = multiprocessing.get_context("fork")
    victim = fork.Process(target=export, args=(chat, tmp_path), kwargs={"killed": True})
    victim.start()
    victim.join(60)
    assert victim.exitcode == -signal.SIGKILL
    assert list(tmp_path.glob("shape-metrics-*")) == []
    with db.connect(chat) as connection:
        assert len(ledger.read(connection).entries) == 1
    # It is one of those that hold this time; the same command again is not one more.
    for seed in range(2, 7):
        export(chat, tmp_path, seed=seed)
    with pytest.raises(BadInput, match="6 packs of this source hold 2026-01-30 already"):
        export(chat, tmp_path, seed=7)
    for _ in range(2):
        done = export(chat, tmp_path)
    with db.connect(chat) as connection:
        rows = ledger.read(connection)
    assert [one.pack_sha256 == done["sha256"] for one in rows.entries] == (
        [True] + [False] * 5 + [True] * 2
    )
    assert {json.dumps(one.release) for one in rows.entries} == {json.dumps(rule.perturbed())}
    assert rows.problem is None


@pytest.mark.parametrize("released_by", [rule.perturbed(), DP], ids=["perturbed", "dp"])
def test_of_two_at_once_the_second_sees_the_first(chat, tmp_path, released_by, monkeypatch):
    given, known = {"overlapping_packs": 1, "dp_budget": "3/2"}, dbt.variable
    monkeypatch.setattr(
        dbt, "variable", lambda name, target=None: given.get(name, known(name, target))
    )
    fork = multiprocessing.get_context("fork")
    running = []
    for number in range(3):
        (tmp_path / str(number)).mkdir()
        call = (chat, tmp_path / str(number))
        options = {"seed": number, "released_by": released_by}
        running.append(fork.Process(target=export, args=call, kwargs=options))
    for one in running:
        one.start()
    for one in running:
        one.join(60)
    # There is room for one.
    assert sorted(one.exitcode for one in running) == [0, 1, 1]
    assert len(list(tmp_path.rglob("shape-metrics-????????.json"))) == 1
    with db.connect(chat) as connection:
        assert len(ledger.read(connection).entries) == 1


@pytest.fixture
def extract(databases, tmp_path, run_synth):
    """Extract from a stand-in, or see it refused; with ``elsewhere`` the log is another one."""
    done = run_synth("standin", "--simulate", 20_000, "--seed", 5)
    assert done.returncode == 0, done.stderr

    def call(output, *options, refused=None, elsewhere=False, project=None, as_json=True):
        log_file = tmp_path / ("other" if elsewhere else "log") / "audit.jsonl"
        began = time.monotonic()
        done = run_synth(
            "extract",
            *(("--output", tmp_path / output) if output else ("--plan",)),
            *(*(("--json",) if as_json else ()), *options),
            env={
                "ANONYMIZATION_SALT": "0123456789abcdefghijklmnopqrstuvwxyz",
                "DBT_TARGET_PATH": str(tmp_path / "target"),
                "DBT_LOG_PATH": str(tmp_path / "logs"),
                "SYNTH_AUDIT_FILE": str(log_file),
                **({"SYNTH_PROJECT_DIR": str(project)} if project else {}),
            },
        )
        call.seconds = time.monotonic() - began
        if refused:
            assert done.returncode == 2, done.stderr
            assert refused in done.stderr
            assert not output or not list((tmp_path / output).iterdir())
            return done.stderr
        assert done.returncode == 0, done.stderr
        call.told = done.stderr
        return json.loads(done.stdout) if as_json else done.stdout

    return call


def test_extract_refuses_early_wherever_the_log_lies_and_records(
    databases, extract, run_sql, run_synth
):
    first = extract("one", "--window-days", "all")
    seconds = extract.seconds
    assert first["release"] == rule.perturbed()
    # The same again tells nothing new; with one message less it is another pack.
    again = extract("one", "--window-days", "all", "--replace", elsewhere=True)
    described = manifest.load(manifest.path_of(again["pack"]))
    assert "is_overlapping" not in described["privacy"]
    assert described["privacy"]["release"] == rule.perturbed()
    run = psycopg.connect(**databases.prod.connection_parameters(), autocommit=True)
    with run as connection:
        assert connection.execute((SQL_DIR / "overlap_one_less.sql").read_text()).rowcount == 1
    extract("two", "--window-days", "all")
    with db.connect(databases.prod) as connection:
        rows = ledger.read(connection)
        assert rows.problem is None
        assert [one.content_sha256 == rows.entries[0].content_sha256 for one in rows.entries] == (
            [True, True, False]
        )
        assert {one.mechanism for one in rows.entries} == {"perturbed"}
        window = {
            "window_start": rows.entries[0].window_start,
            "window_end": rows.entries[0].window_end,
            "reads": rows.entries[0].reads,
        }
        for number in range(4):
            add(connection, number, **window, content_sha256=f"{number:064x}", release=DP)
    # Six hold it now. Of another place's log, with and without --as-of: before anything is built.
    for options in ((), ("--as-of", first["as_of"], "--window-days", 7)):
        extract("three", *options, refused="6 packs of this source hold", elsewhere=True)
        assert extract.seconds < seconds / 2
    with db.connect(databases.prod) as connection:
        add(connection, 9, **window)
    told = extract("three", "--window-days", "all", refused="of this source in exact counts")
    assert "--allow-overlap" in told
    assert extract.seconds < seconds / 2
    allowed = extract("three", "--window-days", "all", "--allow-overlap")
    assert "in exact counts" in extract.told
    assert manifest.load(manifest.path_of(allowed["pack"]))["privacy"]["is_overlapping"]
    told = [one["details"].get("is_overlapping") for one in log.records()]
    assert told == [None, False, False, None, True]
    with db.connect(databases.prod) as connection:
        rows = ledger.read(connection)
    assert rows.problem is None
    assert [one.is_overlapping for one in rows.entries] == [False] * 8 + [True]
    assert rows.entries[-1].pack_sha256 == allowed["sha256"]

    # A stand-in that is made anew is another source; the rows stay.
    assert run_synth("standin", "--simulate", 300, "--replace").returncode == 0
    with db.connect(databases.prod) as connection:
        anew = looked(connection, databases.prod, "chat", "app")
    assert not any(anew.is_same(one) for one in rows.entries if one.reads)


def test_a_budget_is_told_before_it_is_spent_and_never_refreshed(
    databases, extract, tmp_path, project_dir
):
    window = ("--window-days", 30, "--as-of", "2026-04-01")
    private = (*window, "--release", "dp", "--epsilon")
    extract("one", *private, "1", refused="a release by dp needs a budget")
    copied = tmp_path / "project"
    for name in ("macros", "models", "seeds", "tests"):
        shutil.copytree(project_dir / name, copied / name)
    text = (project_dir / "dbt_project.yml").read_text()
    assert text.count("dp_budget: null") == 1
    (copied / "dbt_project.yml").write_text(text.replace("dp_budget: null", "dp_budget: 1"))

    def planned():
        shown = extract(None, *private, "2/3", project=copied)
        (hours,) = [one for one in shown["usable"] if one["metric"] == "hour_of_week"]
        assert hours["why"] == ""
        assert 0 < hours["merged_cells"] <= hours["n_cells"] == 168
        return shown["budget"]

    fresh = {"total": "1/1", "spent": "0/1", "cost": "2/3", "left": "1/1", "is_enough": True}
    assert planned() == fresh
    assert planned() == fresh
    done = extract("one", *private, "2/3", project=copied)
    assert "2/3: 1/3 would be left" in extract.told
    release = rule.private(Fraction(2, 3))
    assert done["release"] == release
    assert json.loads(Path(done["pack"]).read_text())["privacy"]["release"] == release
    described = manifest.load(manifest.path_of(done["pack"]))
    assert described["privacy"]["release"] == release
    seconds = extract.seconds
    with db.connect(databases.prod) as connection:
        add(connection, 9, reads={})
    told = extract(None, *private, "2/3", project=copied, as_json=False)
    assert "spent 2/3, so 1/3 is left; this one costs 2/3: it is refused" in told
    assert "what would be usable" in told
    assert "hour_of_week" in told
    assert "the guarantee is of the packs by dp only: 1 earlier pack(s)" in told
    # Not by --allow-overlap, another window or another log.
    for options in ((), ("--allow-overlap",), ("--as-of", "2000-01-31", "--window-days", 1)):
        told = extract(
            "two",
            *private,
            "2/3",
            *options,
            refused="it is refused",
            elsewhere=True,
            project=copied,
        )
        assert "so 1/3 is left; this one costs 2/3" in told
        assert extract.seconds < seconds / 2
    with db.connect(databases.prod) as connection:
        rows = ledger.read(connection)
    assert rows.problem is None
    assert [one.release for one in rows.entries] == [release, {"rule": "exact"}]
    assert rows.entries[0].cut["dp_budget"] == "1/1"
    (record,) = [one for one in log.records() if one["details"].get("release")]
    assert record["details"]["release"] == release


def test_a_ledger_of_somebody_else_is_named(chat, run_sql):
    run_sql(chat, "ledger_strange")
    with db.connect(chat) as connection, pytest.raises(BadInput, match="has no ledger"):
        ledger.require(connection)
