"""One time, told twice: refused by what the database remembers, wherever the audit log lies."""

import json
import multiprocessing
import os
import signal
import time
from dataclasses import replace
from datetime import timedelta
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
from synth.pack import files, manifest, tokens

SQL_DIR = Path(__file__).resolve().parents[1] / "sql"


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


def add(connection, *numbers):
    for number in numbers:
        with connection.transaction():
            ledger.add(connection, ledger_entry.make(number), ledger.take(connection))


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
}
# What only its reader finds.
UNREADABLE = {
    "depth": {"reads": json.loads('{"a":' + "[" * 50 + "]" * 50 + "}")},
    "digits": {"cut": {"k": "1e5000"}},
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
            # Made anew it keeps its rows; taken back it does, too, and is not usable any more.
            owner.execute(printed)
            assert len(ledger.read(owner).entries) == 2
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
        assert len(ledger.read(owner).entries) == 2


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


def export(target, output, *, seed=1, killed=False):
    """Judge, remember and write a pack of made rows, as an extraction of 30 days of `app` does."""
    with db.connect(target) as connection:
        seen = looked(connection, target, "chat", "app")
        guard = overlap.Guard(ledger.read(connection), seen, is_allowed=False)
    window = ledger_entry.MOMENT - timedelta(days=30), ledger_entry.MOMENT
    place = release.Release(target, guard, seen, window, tokens.Tokenizer("x" * 32))
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
    meta = replace(pack_rows.META, n_suppressed=0)
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
    # Other figures of the time are refused; the same command again is not, nor once more.
    with pytest.raises(BadInput, match="with other figures"):
        export(chat, tmp_path, seed=2)
    for _ in range(2):
        done = export(chat, tmp_path)
    with db.connect(chat) as connection:
        rows = ledger.read(connection)
    assert [one.pack_sha256 for one in rows.entries] == [done["sha256"]] * 3
    assert rows.problem is None


def test_of_two_at_once_the_second_sees_the_first(chat, tmp_path):
    fork = multiprocessing.get_context("fork")
    running = []
    for number in range(3):
        (tmp_path / str(number)).mkdir()
        call = (chat, tmp_path / str(number))
        running.append(fork.Process(target=export, args=call, kwargs={"seed": number}))
    for one in running:
        one.start()
    for one in running:
        one.join(60)
    # Figures differ, so one is out and the others are not.
    assert sorted(one.exitcode for one in running) == [0, 1, 1]
    assert len(list(tmp_path.rglob("shape-metrics-????????.json"))) == 1
    with db.connect(chat) as connection:
        assert len(ledger.read(connection).entries) == 1


def test_extract_refuses_early_wherever_the_log_lies_and_records(databases, tmp_path, run_synth):
    done = run_synth("standin", "--simulate", 20_000, "--seed", 5)
    assert done.returncode == 0, done.stderr
    environment = {
        "ANONYMIZATION_SALT": "0123456789abcdefghijklmnopqrstuvwxyz",
        "DBT_TARGET_PATH": str(tmp_path / "target"),
        "DBT_LOG_PATH": str(tmp_path / "logs"),
    }
    elsewhere = {**environment, "SYNTH_AUDIT_FILE": str(tmp_path / "other" / "audit.jsonl")}

    def extract(output, *options, env=environment):
        return run_synth("extract", "--output", tmp_path / output, *options, env=env)

    def refused(said, *options, env=environment):
        began = time.monotonic()
        done = extract("two", *options, env=env)
        assert done.returncode == 2, done.stderr
        assert said in done.stderr
        assert not list((tmp_path / "two").iterdir())
        return time.monotonic() - began

    begin = time.monotonic()
    first = extract("one", "--window-days", "all", "--json")
    seconds = time.monotonic() - begin
    assert first.returncode == 0, first.stderr
    as_of = json.loads(first.stdout)["as_of"]

    # Cut alike, of another place's log, with and without --as-of: before anything is built.
    told = "in another window; the difference is what few people did"
    for options in (("--window-days", 30), ("--as-of", as_of, "--window-days", 7)):
        assert refused(told, *options, env=elsewhere) < seconds / 2
    assert refused("cut otherwise (k)", "--window-days", "all", "--k", 25) < seconds / 2

    # The same again tells nothing new; with one message less it does.
    again = extract("one", "--window-days", "all", "--replace", "--json", env=elsewhere)
    assert again.returncode == 0, again.stderr
    described = manifest.load(manifest.path_of(json.loads(again.stdout)["pack"]))
    assert "is_overlapping" not in described["privacy"]
    run = psycopg.connect(**databases.prod.connection_parameters(), autocommit=True)
    with run as connection:
        assert connection.execute((SQL_DIR / "overlap_one_less.sql").read_text()).rowcount == 1
    allowed = extract("two", "--window-days", "all", "--allow-overlap", "--json")
    assert allowed.returncode == 0, allowed.stderr
    assert "with other figures" in allowed.stderr
    pack = json.loads(allowed.stdout)
    assert manifest.load(manifest.path_of(pack["pack"]))["privacy"]["is_overlapping"]
    told = [one["details"].get("is_overlapping") for one in log.records()]
    assert told == [None, False, None, True]
    with db.connect(databases.prod) as connection:
        rows = ledger.read(connection)
    assert rows.problem is None
    assert [one.is_overlapping for one in rows.entries] == [False, False, True]
    assert rows.entries[-1].pack_sha256 == pack["sha256"]
    assert rows.entries[0].content_sha256 == rows.entries[1].content_sha256
    assert {one.mechanism for one in rows.entries} == {"exact"}

    # A stand-in that is made anew is another source; the rows stay.
    assert run_synth("standin", "--simulate", 300, "--replace").returncode == 0
    with db.connect(databases.prod) as connection:
        anew = looked(connection, databases.prod, "chat", "app")
    assert not any(anew.is_same(one) for one in rows.entries)


def test_a_ledger_of_somebody_else_is_named(chat, run_sql):
    run_sql(chat, "ledger_strange")
    with db.connect(chat) as connection, pytest.raises(BadInput, match="has no ledger"):
        ledger.require(connection)
