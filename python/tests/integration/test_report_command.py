"""`synth report` as a user calls it, after a validation and after a teardown."""

import json
from pathlib import Path

import pytest
import report_case
import test_validate

from synth import db, records

PROJECT_DIR = Path(__file__).resolve().parents[3]
honest_pack = test_validate.honest_pack


def _undescribed(run_dbt, folder):
    """Columns of the database that the dbt site has no words for, or words without a column."""
    places = {"DBT_TARGET_PATH": str(folder / "target"), "DBT_LOG_PATH": str(folder / "logs")}
    done = run_dbt("docs", "generate", "--target", "dev_synth", env=places)
    assert done.returncode == 0, done.stdout
    assert (folder / "target" / "index.html").is_file()
    catalog, manifest = (
        json.loads((folder / "target" / f"{name}.json").read_text())
        for name in ("catalog", "manifest")
    )
    assert not catalog["errors"]
    for part in ("nodes", "sources"):
        for key, found in catalog[part].items():
            for name in set(found["columns"]) ^ set(manifest[part][key]["columns"]):
                yield f"{key}.{name}"


def test_report_compare_and_teardown(databases, run_synth, run_dbt, honest_pack, tmp_path):
    def call(*arguments, code=0):
        done = run_synth(*arguments)
        assert done.returncode == code, done.stderr
        assert "Traceback" not in done.stderr
        return done

    def validate():
        call(
            "validate", "--shape", honest_pack, "--allow-unsigned",
            "--output", tmp_path / "report.json", "--junit", tmp_path / "fidelity.xml",
        )  # fmt: skip

    page = tmp_path / "report.html"
    early = call("report", "--output", page, code=2)
    assert "synth validate" in early.stderr and len(early.stderr.splitlines()) == 1
    assert not page.exists()

    call("generate", "--messages", 3000, "--seed", 3)
    validate()
    assert (tmp_path / "fidelity.xml").read_text().startswith("<?xml")
    call("generate", "--messages", 3000, "--seed", 4, "--replace")
    validate()
    runs = [run["run_id"] for run in json.loads(call("runs", "--json").stdout)["runs"]]
    assert len(runs) == 2

    last = json.loads(call("report", "--output", page, "--json").stdout)
    assert [run["name"] for run in last["runs"]] == runs[:1]
    assert last["bytes"] == page.stat().st_size < 3_000_000
    read = report_case.Page(page.read_text(encoding="utf-8"))
    assert not read.wrong
    assert "seed 4" in read.shown and "99 % below" in read.shown

    # Without a name the page takes the run's; an earlier page is replaced, other files are not.
    made = Path(json.loads(call("report", runs[0], "--json").stdout)["output"])
    assert made == Path(f"report-{runs[0]}.html")
    (PROJECT_DIR / made).unlink()
    notes = tmp_path / "notes.html"
    notes.write_text("of mine")
    refused = call("report", "--output", notes, code=2)
    assert "--replace" in refused.stderr and notes.read_text() == "of mine"
    call("report", "--output", notes, "--replace")
    assert notes.stat().st_size > 100_000
    same = call("report", "--compare", runs[0], runs[0], "--output", notes)
    assert "the same run" in same.stderr
    unknown = call("report", "nope", "--output", page, code=2)
    assert len(unknown.stderr.splitlines()) == 1 and "synth runs" in unknown.stderr

    # The first run's tables are gone, what its validation found is not.
    call("report", runs[1], "--output", page)
    assert "seed 3" in report_case.Page(page.read_text(encoding="utf-8")).shown
    call("report", "--compare", runs[1], runs[0], "--output", page)
    read = report_case.Page(page.read_text(encoding="utf-8"))
    assert not read.wrong
    assert f"A {runs[1]}" in read.shown and "What differs between the runs" in read.shown

    assert list(_undescribed(run_dbt, tmp_path)) == []

    call("teardown")
    gone = call("report", runs[0], "--output", page, code=2)
    assert "synth validate" in gone.stderr


def test_the_last_look_counts_and_teardown_forgets(databases, monkeypatch):
    def keep(connection, schema, tolerance=0.1, run_id=None):
        body = report_case.report(schema=schema, tolerance=tolerance)
        records.keep(connection, body, run_id=run_id, cells=[], manifest=None)

    with db.connect(databases.dev) as connection:
        assert records.names(connection) == []
        for tolerance in (0.1, 0.2):
            keep(connection, "perf_synthetic", tolerance)
        keep(connection, "other")
        assert records.names(connection) == ["other", "perf_synthetic"]
        found = records.load(connection, "perf_synthetic")
        assert found["report"]["tolerance"] == 0.2
        assert found["run"] is None and found["cells"] == []
        records.forget(connection, "perf_synthetic")
        assert records.names(connection) == ["other"]
        # Only so many of a schema are kept; here not even the one that was made.
        monkeypatch.setattr(records, "KEPT", 0)
        keep(connection, "third")
        assert records.names(connection) == ["other"]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("--output", "no/such/directory/report.html"), "does not exist"),
        (("a", "--compare", "b", "c", "--output", "x.html"), "either RUN or --compare"),
        (("--output", "x.html", "--compare", "b"), "2 arguments"),
        (("--target", "nowhere", "--output", "x.html"), "unknown target"),
        (("--output", "/dev/null"), "not a file"),
    ],
)
def test_bad_input_is_one_line(pg_server, run_synth, arguments, reason):
    done = run_synth("report", *arguments)
    assert done.returncode == 2
    assert reason in done.stderr
    assert len(done.stderr.splitlines()) == 1
