"""One time, cut twice: refused by what the audit log knows, unless allowed, and recorded."""

import json
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
import shape_chat

from synth import audit, db, dbt, targets
from synth.audit import log
from synth.errors import BadInput
from synth.extract import mapping, overlap
from synth.pack import manifest

SQL_DIR = Path(__file__).resolve().parents[1] / "sql"


@pytest.fixture(autouse=True)
def own_log(tmp_path, monkeypatch):
    monkeypatch.setenv("SYNTH_AUDIT_FILE", str(tmp_path / "log" / "audit.jsonl"))


@pytest.fixture
def chat(databases):
    shape_chat.load(databases.prod)
    return databases.prod


def extracted(where, how, as_of, days, *, code=0):
    """Leave the line of an extraction."""
    window = {"as_of": as_of, "days": days, "whole_history": False}
    with audit.recorded("extract") as ended:
        audit.note(source=where, cut=how, window=window, pack_sha256="ab" * 32)
        ended(code)


HOW = {name: 1 for name in overlap._WORDS}


@pytest.mark.parametrize("name", sorted(overlap._WORDS))
def test_another_cut_of_the_same_time_is_refused(name):
    extracted("here", HOW, "2026-03-31", 30)
    other = {**HOW, name: 2}
    for window in (("2026-03-31", 30), ("2026-04-29", 30), ("2026-03-02", 1), ("2026-09-30", 999)):
        with pytest.raises(BadInput, match="cut otherwise") as caught:
            overlap.check("here", other, window, is_allowed=False)
        assert overlap._WORDS[name] in str(caught.value)
        assert "--allow-overlap" in str(caught.value)
        assert overlap.check("here", other, window, is_allowed=True)


def test_what_is_no_overlap_passes(monkeypatch):
    extracted("here", HOW, "2026-03-31", 30)
    extracted("here", {**HOW, "k": 7}, "2026-03-31", 30, code=1)
    other = {**HOW, "mapping": 2}
    for where, how, window in (
        ("here", HOW, ("2026-03-31", 30)),
        ("elsewhere", other, ("2026-03-31", 30)),
        # The day before the first, and the day after the last.
        ("here", other, ("2026-03-01", 30)),
        ("here", other, ("2026-04-30", 30)),
    ):
        assert not overlap.check(where, how, window, is_allowed=False)


def test_the_project_may_warn_instead(monkeypatch, capsys):
    extracted("here", HOW, "2026-03-31", 30)
    for value, is_good in (("warn", True), ("sometimes", False)):
        monkeypatch.setattr(dbt, "variable", lambda name, value=value: value)
        if is_good:
            assert overlap.check("here", {**HOW, "k": 2}, ("2026-03-31", 30), is_allowed=False)
            assert "cut otherwise (k)" in capsys.readouterr().err
        else:
            with pytest.raises(BadInput, match="expected refuse or warn"):
                overlap.check("here", HOW, ("2026-03-31", 30), is_allowed=False)


def test_another_key_or_definition_is_another_cut(chat, run_synth):
    with psycopg.connect(**chat.connection_parameters(), autocommit=True) as owner:
        owner.execute(run_synth("role", "--print-sql").stdout)
        found = []

        def look():
            reader = targets.load("prod_shape")
            source = mapping.load(reader, "shape_source", "views")
            with db.connect(replace(reader, user="shape_reader")) as connection:
                found.append(overlap.look(connection, source, "shape_source", 20))

        try:
            look()
            look()
            owner.execute((SQL_DIR / "overlap_new_key.sql").read_text())
            look()
            owner.execute((SQL_DIR / "overlap_new_view.sql").read_text())
            look()
        finally:
            owner.execute(run_synth("role", "--print-sql", "--drop").stdout)
    assert len({where for where, _ in found}) == 1
    first, same, keyed, viewed = (how for _, how in found)
    assert first == same
    assert first["views"] == keyed["views"]
    assert first["pseudonyms"] != keyed["pseudonyms"] == viewed["pseudonyms"]
    assert keyed["views"] != viewed["views"]


def test_extract_refuses_and_records(databases, tmp_path, run_synth):
    done = run_synth("standin", "--simulate", 20_000, "--seed", 5)
    assert done.returncode == 0, done.stderr
    environment = {
        "ANONYMIZATION_SALT": "0123456789abcdefghijklmnopqrstuvwxyz",
        "DBT_TARGET_PATH": str(tmp_path / "target"),
        "DBT_LOG_PATH": str(tmp_path / "logs"),
    }

    def extract(output, *options):
        call = ("extract", "--output", tmp_path / output, "--window-days", "all", *options)
        return run_synth(*call, env=environment)

    assert extract("one").returncode == 0
    refused = extract("two", "--k", 25)
    assert refused.returncode == 2
    assert "cut otherwise (k)" in refused.stderr
    assert refused.stderr.count("synth:") == 2, "the salt is used again, too"
    assert not list((tmp_path / "two").iterdir())
    allowed = extract("two", "--k", 25, "--allow-overlap", "--json")
    assert allowed.returncode == 0, allowed.stderr
    described = manifest.load(manifest.path_of(json.loads(allowed.stdout)["pack"]))
    assert described["privacy"]["is_overlapping"]
    told = [one["details"].get("is_overlapping") for one in log.records()][-3:]
    assert told == [False, None, True]
