"""Nothing that is not ours is dropped, and a run says what became of its tables."""

import json
from dataclasses import replace
from datetime import date

import pytest
import sql_files

from synth import db
from synth.custody import expire
from synth.errors import BadInput, DatabaseError
from synth.generate import guard, run, stages
from synth.spec import model

# Of each change to a run: what is said of it, its statement, and the one that undoes it.
CHANGES = {
    title: (said.strip(), *(part.strip() for part in body.split("-- undo:")))
    for head, _, body in (
        text.partition("\n")
        for text in (sql_files.FOLDER / "owned_changes.sql").read_text().split("-- change: ")[1:]
    )
    for title, _, said in [head.partition(",")]
}


def request(**changes):
    values = {
        "spec": model.load_default(),
        "n_messages": 500,
        "seed": 5,
        "band": None,
        "schema": "perf_synthetic",
        "jobs": 2,
    }
    return run.Request(**{**values, **changes})


def resumed(target, run_id):
    asked = run.Request(None, 0, 0, None, "", 2, resume=run_id)
    return run.execute(target, asked, quiet=True)["checksums"]


def stranger(target, run_sql, name):
    """What is there, before and after."""
    run_sql(target, name)
    return contents(target, run_sql)


def expired(connection, *, delete=False):
    """Kinds of what is past its date, and what is left alone."""
    found, odd = expire.find_imported(connection, [], "shape", date.max)
    if delete:
        expire.delete_imported(connection, found, "shape")
    return [one.kind for one in found], odd


def contents(target, run_sql):
    return [row["name"] for row in run_sql(target, "place_contents")]


@pytest.fixture(scope="module")
def wanted(pg_server):
    """Checksums of the run of `request`, made once."""
    made = {}

    def get(target):
        if not made:
            made.update(run.execute(target, request(schema="whole"), quiet=True)["checksums"])
        return made

    return get


def test_a_schema_named_like_the_working_one_is_kept(databases, run_sql, run_synth):
    before = stranger(databases.dev, run_sql, "owned_work")
    refused = run_synth("generate", "--messages", 10, "--schema", "foo")
    assert refused.returncode == 2
    assert "'foo_work', where a run in 'foo' keeps its working tables, is not" in refused.stderr
    assert refused.stderr.count("\n") == 1
    assert set(before) <= set(contents(databases.dev, run_sql))
    with db.connect(databases.dev) as connection:
        sql_files.execute(connection, "schema_drop", schema="foo_work")
    run.execute(databases.dev, request(schema="foo"), quiet=True)
    before = stranger(databases.dev, run_sql, "owned_work")
    for refused in (
        run_synth("teardown", "--schema", "foo"),
        run_synth("generate", "--messages", 10, "--schema", "foo", "--replace"),
    ):
        assert refused.returncode == 2
        assert "is not a run's" in refused.stderr
        assert set(before) <= set(contents(databases.dev, run_sql))


def test_a_run_is_not_another_ones(databases, run_sql, run_synth, stopped_at, wanted):
    sums = wanted(databases.dev)
    run_id = stopped_at("_messages", databases.dev, request())
    # Its working schema is nobody else's schema, there or not.
    with pytest.raises(BadInput, match=f"working tables of run {run_id}"):
        run.execute(databases.dev, request(schema="perf_synthetic_work"), quiet=True)
    assert resumed(databases.dev, run_id) == sums
    with pytest.raises(BadInput, match=f"working tables of run {run_id}"):
        run.execute(databases.dev, request(schema="perf_synthetic_work"), quiet=True)
    assert run_synth("teardown").returncode == 0
    # Nor does a later run keep its working tables where a run has its tables.
    run.execute(databases.dev, request(schema="perf_synthetic_work"), quiet=True)
    before = contents(databases.dev, run_sql)
    with pytest.raises(BadInput, match=r"holds those of run .*teardown --schema perf_synthetic_w"):
        run.execute(databases.dev, request(), quiet=True)
    assert contents(databases.dev, run_sql) == before
    with db.connect(databases.dev) as connection, connection.transaction():
        guard.drop_work(connection, "perf_synthetic")
    assert contents(databases.dev, run_sql) == before
    assert run_synth("teardown", "--schema", "perf_synthetic_work").returncode == 0


def test_a_schema_that_was_renamed_and_comes_back_brings_its_run(databases, run_sql, run_synth):
    first = run.execute(databases.dev, request(n_messages=100), quiet=True)["run_id"]
    run_sql(databases.dev, "owned_schema_aside")
    run.execute(databases.dev, request(n_messages=100), quiet=True)
    assert run_synth("teardown").returncode == 0
    run_sql(databases.dev, "owned_schema_back")
    assert first in run_synth("generate", "--messages", 10).stderr
    removed = run_synth("teardown")
    assert removed.returncode == 0, removed.stderr
    assert first in removed.stdout
    assert not [name for name in contents(databases.dev, run_sql) if "perf_synthetic." in name]


@pytest.mark.parametrize("change", ["owned_copy", "owned_ledger_lost"])
def test_a_comment_alone_is_no_mark(databases, run_sql, run_synth, change):
    run.execute(databases.dev, request(n_messages=100), quiet=True)
    before = stranger(databases.dev, run_sql, change)
    for refused in (
        run_synth("teardown"),
        run_synth("generate", "--messages", 10, "--replace"),
        run_synth("generate", "--messages", 10, "--replace", "--id-type", "uuid4"),
    ):
        assert refused.returncode == 2
        assert "that no run made" in refused.stderr
        assert "an earlier version" in refused.stderr
        assert refused.stderr.count("\n") == 1
        assert contents(databases.dev, run_sql) == before
    listed = json.loads(run_synth("runs", "--json").stdout)["runs"]
    assert [one["state"] for one in listed] == ["done"]


def test_a_view_is_dbts_by_its_own_mark(databases, run_sql, run_synth):
    run.execute(databases.dev, request(n_messages=100), quiet=True)
    before = stranger(databases.dev, run_sql, "owned_views")
    refused = run_synth("teardown")
    assert refused.returncode == 2
    assert "not ours depends on schema 'perf_synthetic'" in refused.stderr
    assert contents(databases.dev, run_sql) == before
    with db.connect(databases.dev) as connection:
        sql_files.execute(connection, "owned_view_drop")
    assert run_synth("teardown").returncode == 0
    left = contents(databases.dev, run_sql)
    assert not [name for name in left if "stg_" in name or "perf_synthetic." in name]


@pytest.mark.parametrize("title", CHANGES)
def test_resuming_says_what_became_of_a_table_or_goes_on(
    databases, run_synth, stopped_at, wanted, title
):
    said, change, undo = CHANGES[title]
    sums = wanted(databases.dev)
    run_id = stopped_at("_messages", databases.dev, request())
    with db.connect(databases.dev) as connection:
        connection.execute(change)
    if said:
        for _ in range(2):
            with pytest.raises(BadInput, match=said) as refused:
                resumed(databases.dev, run_id)
        assert "perf_synthetic." in refused.value.message
    if undo:
        with db.connect(databases.dev) as connection:
            connection.execute(undo)
    if not said or undo:
        assert resumed(databases.dev, run_id) == sums
    elif "dropped" in said:
        # The advice works.
        assert "--replace" in refused.value.hint
        again = run.execute(databases.dev, request(replace=True), quiet=True)
        assert again["checksums"] == sums
    else:
        assert "by hand" in refused.value.hint


@pytest.mark.parametrize(
    ("title", "can_resume"), [("a table less", False), ("a column more", True), ("a trigger", True)]
)
def test_what_happens_to_a_table_under_way_is_said_by_the_run(
    databases, monkeypatch, wanted, title, can_resume
):
    said, change, undo = CHANGES[title]
    sums = wanted(databases.dev)
    messages = stages._messages

    def changed(connection, *arguments):
        connection.execute(change)
        return messages(connection, *arguments)

    with monkeypatch.context() as patch:
        patch.setattr(stages, "_messages", changed)
        with pytest.raises(BadInput, match=said) as stopped:
            run.execute(databases.dev, request(), quiet=True)
    assert ("--resume" in stopped.value.hint) == can_resume
    if can_resume:
        with db.connect(databases.dev) as connection:
            connection.execute(undo)
    again = run.execute(databases.dev, request(replace=True), quiet=True)
    assert again["checksums"] == sums


def test_a_server_that_quotes_every_name_knows_them_too(databases, run_sql, run_synth):
    run_sql(databases.dev, "owned_quoted")
    run.execute(databases.dev, request(n_messages=100), quiet=True)
    with db.connect(databases.dev, quote_all_identifiers="on") as connection:
        assert len(db.fetch_all(connection, "own_oids")) == len(guard.TABLES)
    removed = run_synth("teardown")
    assert removed.returncode == 0, removed.stderr


def test_a_partition_of_others_on_working_tables_stays(databases, run_sql, run_synth, stopped_at):
    stopped_at("_messages", databases.dev, request())
    run_sql(databases.dev, "owned_slice")
    for refused in (run_synth("teardown"), run_synth("generate", "--messages", 9, "--replace")):
        assert refused.returncode == 2
        assert "slice, which no run made, is a partition" in refused.stderr
        assert run_sql(databases.dev, "owned_slice_rows") == [{"n_rows": 1}]


def test_the_sequence_of_a_column_goes_with_its_table(databases, run_sql, run_synth):
    run.execute(databases.dev, request(), quiet=True)
    run_sql(databases.dev, "owned_serial")
    done = run_synth("teardown")
    assert done.returncode == 0, done.stderr


def test_a_run_leaves_a_ledger_of_what_is_there(databases):
    with db.connect(databases.dev) as connection:
        for options in ({}, {"replace": True}):
            run.execute(databases.dev, request(n_messages=100, **options), quiet=True)
            rows = db.fetch_all(connection, "own_oids")
            assert len(rows) == len(guard.TABLES)
        state = db.fetch_one(connection, "ownership", {"schema": "perf_synthetic"})
    assert state["strange"] == []
    assert sorted(state["own"]) == sorted(guard.TABLES)


def test_an_import_drops_nothing_of_others(databases, run_sql, run_synth, tmp_path):
    pack = tmp_path / "pack.json"
    pack.write_text('{"users": {"total_count": 7}}')
    run_sql(databases.dev, "owned_baseline")
    refused = run_synth("import", pack, "--allow-unsigned")
    assert refused.returncode == 2
    assert "was not made by synth" in refused.stderr
    told = run_synth("expire", tmp_path)
    assert told.returncode == 1
    assert "left alone: schema shape_baseline is past its date" in told.stderr
    assert run_sql(databases.dev, "owned_baseline_rows") == [{"entity": "precious"}]
    with db.connect(databases.dev) as connection:
        sql_files.execute(connection, "schema_drop", schema="shape_baseline")
    assert run_synth("import", pack, "--allow-unsigned").returncode == 0
    run_sql(databases.dev, "owned_on_baseline")
    refused = run_synth("import", pack, "--allow-unsigned")
    assert refused.returncode == 2
    assert "depends on the tables of schema shape_baseline" in refused.stderr
    with db.connect(databases.dev) as connection:
        sql_files.execute(connection, "owned_baseline_old")
        found, odd = expired(connection)
        assert ("import" in found, len(odd)) == (True, 1)
        with pytest.raises(BadInput, match="depends on the tables"):
            expired(connection, delete=True)
        found, _ = expire.find_imported(connection, [], "shape", date.max)
        other = [replace(one, sha256="0" * 64) for one in found]
        with pytest.raises(BadInput, match="imported meanwhile"):
            expire.delete_imported(connection, other, "shape")
    assert run_sql(databases.dev, "owned_on_baseline_left") == [{"n_rows": 1}]


def test_a_stand_in_drops_nothing_of_others(databases, run_sql, run_synth):
    assert run_synth("standin", "--simulate", 50).returncode == 0
    before = stranger(databases.prod, run_sql, "owned_standin")
    refused = run_synth("standin", "--simulate", 50, "--replace")
    assert refused.returncode == 2
    assert "no stand-in's is in schema app, or depends on its" in refused.stderr
    assert contents(databases.prod, run_sql) == before
    assert run_sql(databases.prod, "owned_standin_left")[0]["n_rows"] > 0
    with db.connect(databases.prod) as connection:
        sql_files.execute(connection, "schema_drop", schema="app")
    before = stranger(databases.prod, run_sql, "owned_standin_copy")
    refused = run_synth("standin", "--simulate", 50, "--replace")
    assert refused.returncode == 2
    assert "is not a stand-in" in refused.stderr
    assert contents(databases.prod, run_sql) == before


def test_a_run_without_a_ledger_is_not_gone_on_with(databases, run_sql, stopped_at):
    run_id = stopped_at("_messages", databases.dev, request())
    before = stranger(databases.dev, run_sql, "owned_ledger_lost")
    with pytest.raises(BadInput, match="an earlier version began it"):
        resumed(databases.dev, run_id)
    assert contents(databases.dev, run_sql) == before


def test_a_verdict_is_dbts_by_its_own_mark(databases, run_sql):
    run_sql(databases.dev, "owned_verdict")
    run.execute(databases.dev, request(n_messages=100), quiet=True)
    assert "shape.fid_verdict" in " ".join(contents(databases.dev, run_sql))


def test_the_ddl_that_takes_the_role_back_keeps_schemas_of_others(databases, run_sql, run_synth):
    printed = run_synth("role", "--print-sql", "--drop")
    assert printed.returncode == 0, printed.stderr
    with db.connect(databases.prod) as connection:
        db.execute(connection, "schema_create", schema="shape_source")
        sql_files.execute(connection, "place_table", schema="shape_source", table="precious")
    before = contents(databases.prod, run_sql)
    with pytest.raises(DatabaseError), db.connect(databases.prod) as connection:
        with pytest.raises(db.Error, match="shape_source exists and is not Prodshape's"):
            connection.execute(printed.stdout)
        connection.execute(printed.stdout)
    assert contents(databases.prod, run_sql) == before
