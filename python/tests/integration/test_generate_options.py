"""Options of the generator against a real server: layouts, windows, exports."""

import csv
import dataclasses
import errno
import json
import shutil
import uuid

import numpy as np
import pytest
import sql_files

from synth import db
from synth.errors import BadInput, DatabaseError
from synth.generate import disk, guard, plan, reference, run
from synth.generate.options import Options, windowed
from synth.spec import model

N_MESSAGES = 6_000


def request(*, schema="perf_synthetic", n_messages=N_MESSAGES, replace=False, **options):
    return run.Request(
        spec=model.load_default(),
        n_messages=n_messages,
        seed=5,
        band=None,
        schema=schema,
        jobs=2,
        replace=replace,
        options=Options(**options),
    )


def generate(target, **changes):
    return run.execute(target, request(**changes), quiet=True)


def figures(run_sql, target):
    (found,) = run_sql(target, "generated_layout")
    return found


def test_uuids_carry_the_same_dataset(databases, run_sql):
    plain = generate(databases.dev, schema="plain")
    four = generate(databases.dev, id_type="uuid4")
    found = figures(run_sql, databases.dev)
    assert found["id_versions"] == ["4"]
    assert found["n_foreign_keys"] == 7
    assert found["n_out_of_order"] > N_MESSAGES / 4, "version 4 ids are in random order"
    seven = generate(databases.dev, id_type="uuid7", replace=True)
    found = figures(run_sql, databases.dev)
    assert found["id_versions"] == ["7"]
    assert found["n_out_of_order"] == 0, "version 7 ids follow time"
    assert plain["rows"] == four["rows"] == seven["rows"]
    assert len({run["checksums"]["messages"] for run in (plain, four, seven)}) == 3
    again = generate(databases.dev, schema="again", id_type="uuid7")
    assert again["checksums"] == seven["checksums"]
    (same,) = run_sql(databases.dev, "generated_same_bodies")
    assert same == {"n_bodies": N_MESSAGES, "n_different": 0}
    (violations,) = run_sql(databases.dev, "generated_violations")
    assert violations == dict.fromkeys(violations, 0)


def test_partitions_hold_the_same_rows_and_go_with_their_table(databases, run_sql, run_synth):
    plain = generate(databases.dev, schema="plain")
    parts = generate(databases.dev, partition_by="month")
    assert parts["checksums"] == plain["checksums"]
    found = figures(run_sql, databases.dev)
    assert found["n_partitions"] >= 2
    assert found["n_foreign_keys"] == 5
    # Emptied and filled again, then replaced by another layout.
    assert (
        generate(databases.dev, partition_by="month", replace=True)["checksums"]
        == (plain["checksums"])
    )
    # Another window has other months.
    generate(databases.dev, partition_by="month", as_of="2024-03-01", replace=True)
    generate(databases.dev, replace=True)
    assert figures(run_sql, databases.dev)["n_partitions"] == 0
    generate(databases.dev, partition_by="month", replace=True)
    assert run_synth("teardown").returncode == 0
    with db.connect(databases.dev) as connection:
        state = db.fetch_one(connection, "schema_state", {"schema": "perf_synthetic"})
    assert state["relations"] == []


def test_tables_without_keys_are_checked_all_the_same(databases, run_sql):
    plain = generate(databases.dev, schema="plain")
    bare = generate(databases.dev, indexes=False, unlogged=True)
    assert bare["checksums"] == plain["checksums"]
    found = figures(run_sql, databases.dev)
    assert found["n_indexes"] == found["n_foreign_keys"] == 0
    assert found["n_unlogged"] == 6


def test_a_partition_that_somebody_altered_is_made_anew(databases):
    first = generate(databases.dev, partition_by="month")
    with db.connect(databases.dev) as connection:
        name = guard.partitions(connection, "perf_synthetic", "messages")[-1]
        db.execute(connection, "truncate_tables", schema="perf_synthetic")
        sql_files.execute(connection, "generated_month_altered", partition=name)
    again = generate(databases.dev, partition_by="month", replace=True)
    assert again["checksums"] == first["checksums"]


def test_the_own_tablespace_of_the_database_may_be_named(databases):
    plain = generate(databases.dev, schema="plain")
    named = generate(databases.dev, tablespace="pg_default", partition_by="month")
    assert named["checksums"] == plain["checksums"]


def test_unlogged_tables_that_a_crash_emptied_are_made_again(databases, stopped_at):
    whole = generate(databases.dev, schema="whole")
    run_id = stopped_at("_indexes", databases.dev, request(unlogged=True))
    with db.connect(databases.dev) as connection:
        # What a server crash leaves of unlogged tables.
        sql_files.execute(connection, "work_reset", work="perf_synthetic_work")
        db.execute(connection, "truncate_tables", schema="perf_synthetic")
    asked = run.Request(None, 0, 0, None, "", 2, resume=run_id)
    assert run.execute(databases.dev, asked, quiet=True)["checksums"] == whole["checksums"]


def test_a_zone_that_changes_its_clocks_matches_the_reference(databases, run_sql):
    options = Options(as_of="2024-04-10", window_days=30, time_zone="Europe/Berlin")
    generate(databases.dev, as_of="2024-04-10", window_days=30, time_zone="Europe/Berlin")
    spec = windowed(model.load_default(), options)
    made = plan.build(spec, N_MESSAGES, 5, "Europe/Berlin")
    found = [row["sent_ms"] for row in run_sql(databases.dev, "generated_messages")]
    assert found == np.sort(reference.sample(made).sent_ms).tolist()
    assert made.calendar.start_ms <= found[0] <= found[-1] < made.calendar.end_ms


def test_exports_hold_every_row(databases, run_synth, tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    folder = tmp_path / "out"
    options = ("--messages", "2000", "--export-dir", folder, "--json")
    first = run_synth("generate", *options, "--export", "csv", "--id-type", "uuid4")
    assert first.returncode == 0, first.stderr
    made = json.loads(first.stdout)
    again = run_synth("generate", *options, "--export", "csv", "--replace")
    assert again.returncode == 2
    assert "already holds" in again.stderr
    second = run_synth(
        "generate", *options, "--export", "parquet", "--id-type", "uuid4", "--replace"
    )
    assert second.returncode == 0, second.stderr
    for table, n_rows in made["rows"].items():
        with (folder / f"{table}.csv").open(newline="") as lines:
            rows = list(csv.DictReader(lines))
        stored = parquet.read_table(folder / f"{table}.parquet")
        assert len(rows) == stored.num_rows == n_rows
        assert list(rows[0]) == stored.column_names
        key = stored.column_names[0]
        assert [row[key] for row in rows] == [str(value) for value in stored[key].to_pylist()]
    with (folder / "messages.csv").open(newline="") as lines:
        assert uuid.UUID(next(csv.DictReader(lines))["id"]).version == 4
    assert not list(folder.glob(".*"))


def _no_links(*_):
    raise PermissionError(errno.EPERM, "Operation not permitted")


@pytest.mark.parametrize("has_links", [True, False])
def test_files_that_appear_during_a_run_stay(databases, tmp_path, monkeypatch, has_links):
    if not has_links:
        monkeypatch.setattr("os.link", _no_links)
    theirs, same = tmp_path / "messages.csv", tmp_path / "users.csv"

    def appear(event):
        if event.get("stage") == "checks" and not theirs.exists():
            theirs.write_text("somebody else's")

    asked = {"n_messages": 300, "export": "csv", "export_dir": str(tmp_path)}
    with pytest.raises(DatabaseError, match=r"messages\.csv appeared.*--resume") as stopped:
        run.execute(databases.dev, request(**asked), quiet=True, events=appear)
    assert theirs.read_text() == "somebody else's"
    theirs.unlink()
    # What a process wrote that was killed before its ledger knew of it.
    with db.connect(databases.dev) as connection:
        run_id = str(stopped.value).rsplit(" ", 1)[-1]
        db.execute(connection, "chunk_forget", {"run_id": run_id, "stages": ["export"]})
    before = same.read_bytes()
    again = run.Request(None, 0, 0, None, "", 2, resume=run_id)
    run.execute(databases.dev, again, quiet=True)
    assert same.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        f"{table}.csv" for table in guard.TABLES
    )


@pytest.mark.parametrize("name", ["a" * 300, "file/below"], ids=["too long", "below a file"])
def test_a_directory_that_cannot_be_is_one_line(run_synth, tmp_path, name):
    (tmp_path / "file").write_text("")
    options = ("--messages", "9", "--export", "csv", "--export-dir", tmp_path / name)
    refused = run_synth("generate", *options)
    assert refused.returncode == 3
    assert "cannot write the export to" in refused.stderr
    assert refused.stderr.count("\n") == 1


def test_a_spec_without_a_name_is_not_the_default(run_synth):
    refused = run_synth("generate", "--messages", "9", "--config", "")
    assert refused.returncode == 2
    assert refused.stderr.count("\n") == 1


def test_an_export_replaces_no_link_that_leads_nowhere(databases, tmp_path, monkeypatch):
    link = tmp_path / "users.csv"
    link.symlink_to(tmp_path / "nowhere")
    asked = {"n_messages": 100, "export": "csv", "export_dir": str(tmp_path)}
    with pytest.raises(BadInput, match="already holds 1"):
        generate(databases.dev, **asked)
    # It may appear during the run as well.
    monkeypatch.setattr("synth.generate.export.check", lambda _: None)
    with pytest.raises(DatabaseError, match="appeared during the run"):
        generate(databases.dev, **asked)
    assert link.is_symlink()


@pytest.mark.parametrize("id_type", ["bigint", "uuid4"])
@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_the_estimate_of_an_export_is_what_files_take(databases, tmp_path, form, id_type):
    n_messages, folder = 50_000, tmp_path / "files"
    options = Options(export=form, export_dir=str(folder), id_type=id_type, indexes=False)
    spec = model.load_default()
    expected = disk.estimate(spec, plan.build(spec, n_messages, 5), options, 2, 512)
    generate(databases.dev, n_messages=n_messages, **vars(options))
    found = sum(path.stat().st_size for path in folder.iterdir())
    assert found < expected.export < 1.6 * found


def test_an_export_that_will_not_fit_is_refused(databases, tmp_path, monkeypatch):
    options = {"export": "csv", "export_dir": str(tmp_path / "files")}
    usage = shutil.disk_usage("/")
    monkeypatch.setattr(disk.shutil, "disk_usage", lambda _: usage._replace(free=2**40))
    plain = disk.Estimate({}, {"messages": 10**9})
    with db.connect(databases.dev) as connection:
        rest = ({"schema": "x"}, Options(**options))
        assert disk.check(connection, databases.dev, plain, *rest) is None
        files = dataclasses.replace(plain, export=2**41)
        # On the disk of the server the two add up.
        with pytest.raises(DatabaseError, match="needs about 2,2"):
            disk.check(connection, databases.dev, files, *rest)
        remote = dataclasses.replace(databases.dev, host="db.example.com")
        with pytest.raises(DatabaseError, match=r"the export to .* needs"):
            disk.check(connection, remote, files, *rest)


def test_the_disk_estimate_is_what_tables_take(databases):
    n_messages = 50_000
    generate(databases.dev, n_messages=n_messages)
    spec = model.load_default()
    expected = disk.estimate(spec, plan.build(spec, n_messages, 5), Options(), 2, 512)
    with db.connect(databases.dev) as connection:
        found = db.fetch_one(connection, "relation_bytes", {"schemas": ["perf_synthetic"]})
    tables = expected.total - expected.bytes["work"] - expected.bytes["sorts"]
    assert tables == pytest.approx(found["n_bytes"], rel=0.15)


@pytest.mark.parametrize(
    "options",
    [
        ["--unlogged", "--partition-by", "month"],
        ["--as-of", "soon"],
        ["--time-zone", "Nowhere"],
        ["--export", "csv"],
        ["--tablespace", "no_such_place"],
        ["--id-type", "serial"],
        ["--resume", "x", "--unlogged"],
        ["--resume", "x", "--seed", "1"],
    ],
)
def test_senseless_options_are_one_line_and_exit_2(databases, run_synth, options):
    size = [] if "--resume" in options else ["--messages", "100"]
    finished = run_synth("generate", *size, *options)
    assert finished.returncode == 2, finished.stderr
    assert "Traceback" not in finished.stderr
