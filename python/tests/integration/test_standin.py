"""The stand-in production in a database: complete, repeatable, never over what is not ours."""

import csv
import gzip
import json

import pytest

from synth import db
from synth.standin import csv_source, load, simulate
from synth.standin.invent import planted_items

SLACK = "slack_devchat"


def checksums(run_sql, target):
    return {
        row["name"]: (row["n_rows"], row["checksum"]) for row in run_sql(target, "standin_rows")
    }


def test_the_schema_is_the_application_s(databases, run_sql, run_synth):
    call = run_synth("standin", "--simulate", 300, "--json")
    assert call.returncode == 0, call.stderr
    report = json.loads(call.stdout)
    assert report["rows"]["messages"] == 300
    assert report["n_planted"] == sum(report["planted"].values())
    columns = {
        row["table_name"]: row["columns"] for row in run_sql(databases.prod, "standin_columns")
    }
    assert columns["messages"] == [
        "id bigint",
        "conversationId bigint",
        "senderId bigint",
        "type text",
        "content text",
        "createdAt timestamp with time zone",
    ]
    assert sorted(columns) == sorted(report["rows"])
    keys = run_sql(databases.prod, "standin_keys")
    kinds = [row["kind"] for row in keys]
    assert kinds.count("p") == 6
    assert kinds.count("f") == kinds.count("i") == 7
    assert all("," not in row["definition"] for row in keys if row["kind"] == "i")


def test_equal_seeds_give_equal_tables(databases, run_sql, run_synth):
    seen = []
    for seed in (5, 5, 6):
        call = run_synth("standin", "--simulate", 2000, "--seed", seed, "--replace")
        assert call.returncode == 0, call.stderr
        seen.append(checksums(run_sql, databases.prod))
    assert seen[0] == seen[1]
    assert all(seen[0][table][1] != seen[2][table][1] for table in seen[0])


def test_planted_items_can_be_listed_from_source_and_seed(databases, run_sql):
    source = simulate.simulate(3000, seed=2)
    with db.connect(databases.prod) as connection:
        loaded = load.load(connection, databases.prod, source, 2)
    items = planted_items(source, 2)
    assert sum(loaded.planted.values()) == len(items)
    everything = "\n".join(row["text"] for row in run_sql(databases.prod, "standin_bodies"))
    assert all(item.text in everything for item in items)


def test_the_last_message_dates_a_conversation(databases, run_sql, run_synth):
    assert run_synth("standin", "--simulate", 2000).returncode == 0
    assert not run_sql(databases.prod, "standin_updated_wrongly")


def test_an_earlier_stand_in_stays_without_replace(databases, run_sql, run_synth):
    assert run_synth("standin", "--simulate", 100).returncode == 0
    before = checksums(run_sql, databases.prod)
    call = run_synth("standin", "--simulate", 200)
    assert call.returncode == 2
    assert "--replace" in call.stderr
    assert checksums(run_sql, databases.prod) == before


def test_somebody_else_s_schema_always_stays(databases, run_sql, run_synth):
    run_sql(databases.prod, "standin_foreign_schema")
    call = run_synth("standin", "--simulate", 100, "--replace")
    assert call.returncode == 2
    assert "not a stand-in" in call.stderr
    assert [row["name"] for row in run_sql(databases.prod, "standin_tables")] == ["precious"]


def test_a_failure_half_way_leaves_the_earlier_one(databases, run_sql, run_synth, monkeypatch):
    assert run_synth("standin", "--simulate", 100).returncode == 0
    before = checksums(run_sql, databases.prod)

    def broken(source, seed):
        yield (1, 1, "2026-01-01T00:00:00Z")
        raise KeyboardInterrupt

    monkeypatch.setattr(load.receipts, "rows", broken)
    with pytest.raises(KeyboardInterrupt), db.connect(databases.prod) as connection:
        load.load(connection, databases.prod, simulate.simulate(500), 1, replace=True)
    assert checksums(run_sql, databases.prod) == before


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--simulate", 10, "--from", "somewhere"),
        ("--simulate", 10, "--simulate-missing"),
        ("--simulate", 0),
        ("--from", "/nonexistent"),
        ("--simulate", 10, "--target", "nowhere"),
    ],
)
def test_wrong_usage(databases, run_synth, arguments):
    call = run_synth("standin", *arguments)
    assert call.returncode == 2
    assert "Traceback" not in call.stderr
    assert not call.stdout


def test_a_server_out_of_reach(databases, run_synth):
    call = run_synth("standin", "--simulate", 10, env={"PRODSHAPE_PROD_HOST": "/nonexistent"})
    assert call.returncode == 3
    assert len(call.stderr.strip().splitlines()) == 1


@pytest.mark.real_data
@pytest.mark.parametrize("name", [SLACK, "collegemsg"])
def test_real_columns_arrive_whole(databases, run_sql, run_synth, real_data, name):
    call = run_synth("standin", "--from", real_data / name, "--json")
    assert call.returncode == 0, call.stderr
    rows = json.loads(call.stdout)["rows"]
    with gzip.open(real_data / name / "messages.csv.gz", "rt") as text:
        lengths = [row["content_length"] for row in csv.DictReader(text)]
    known = [int(length) for length in lengths if length]
    assert rows["messages"] == len(lengths)
    assert rows["message_reads"] == 0
    found = run_sql(databases.prod, "standin_lengths")[0]
    assert found == {"n_known": len(known), "n_characters": sum(known)}
    assert not run_sql(databases.prod, "standin_updated_wrongly")


@pytest.mark.real_data
def test_missing_parts_are_simulated_and_named(databases, run_synth, real_data):
    call = run_synth("standin", "--from", real_data / SLACK, "--simulate-missing")
    assert call.returncode == 0, call.stderr
    assert "simulated: devices, read receipts" in call.stdout


@pytest.mark.real_data
def test_real_stand_ins_hold_enough_to_catch(real_data):
    source = csv_source.read(real_data / SLACK)
    items = planted_items(source, 1)
    assert len({item.text for item in items}) > 5000
    assert len({item.kind for item in items}) >= 12
