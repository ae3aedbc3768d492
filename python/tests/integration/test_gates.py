"""Which gates run is decided by the project, not by the caller's environment or plain dbt."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from synth import db, dbt
from synth.errors import GateFailed
from synth.pack import manifest

SALT = "0123456789abcdefghijklmnopqrstuvwxyz"
# What a flag says where `true` would be refused or mean nothing.
HOSTILE = {
    "EXCLUDE_RESOURCE_TYPES": "test",
    "RESOURCE_TYPES": "model",
    "INDIRECT_SELECTION": "empty",
    "LOG_FORMAT": "text",
    "LOG_LEVEL": "none",
    "SAMPLE": "1 day",
    "TARGET": "dev_synth",
    "WARN_ERROR_OPTIONS": '{"error": "all"}',
    "RECORDER_MODE": "replay",
}
# Flags of the project, which a command line overrides; and a default selector without tests.
FLAGS = """flags:
  fail_fast: true
  indirect_selection: empty
  log_format: text
  log_level: none
"""
SELECTORS = """selectors:
  - name: few
    default: true
    definition: {method: resource_type, value: seed}
"""


@pytest.fixture
def production(databases, run_synth, run_sql):
    """A stand-in production with enough people for k, its statistics as they were taken once."""
    done = run_synth("standin", "--simulate", 20_000, "--seed", 5)
    assert done.returncode == 0, done.stderr
    run_sql(databases.prod, "keep_statistics")
    return databases.prod


@pytest.fixture
def environment(tmp_path):
    """Salt and audit log."""
    return {"ANONYMIZATION_SALT": SALT, "SYNTH_AUDIT_FILE": str(tmp_path / "audit.jsonl")}


def _flags():
    """Every variable of dbt's own, in both spellings; synth reads DBT_PROFILES_DIR itself."""
    for name in dbt.environment.OWN_FLAGS - {"PROFILES_DIR"}:
        for prefix in ("DBT_", "DBT_ENGINE_"):
            yield prefix + name, HOSTILE.get(name, "true")


def _told(production):
    with db.connect(production) as connection:
        names = {"target_name": production.name}
        return db.fetch_one(connection, "shape_build", names, schema=production.schema)


def _gates(production, invocation_id):
    build = dbt.DbtRun((), 0, 1.0, invocation_id)
    with (
        db.connect(production) as connection,
        dbt.reading(connection, production, build, outcome="nothing was exported") as gates,
    ):
        return gates


def test_flags_in_the_environment_change_nothing_and_plain_dbt_is_noticed(
    production, environment, tmp_path, run_synth, run_sql, project_dir
):
    (tmp_path / "dbt").mkdir()
    (tmp_path / "dbt" / "__init__.py").write_text("raise SystemExit(0)")
    hostile = {
        **dict(_flags()),
        "PYTHONPATH": str(tmp_path),
        "PYTHONWARNINGS": "error",
        "LC_ALL": "C",
    }
    arguments = ("extract", "--output", tmp_path / "out", "--window-days", "all", "--json")
    done = run_synth(*arguments, env={**hostile, **environment})
    assert done.returncode == 0, done.stderr
    shown = json.loads(done.stdout)
    told = _told(production)
    assert told["lacking"] == []
    assert shown["dbt"]["n_tests"] == len(told["gates"]) > 0
    gates = manifest.load(shown["manifest"])["gates"]
    assert gates["n_passed"] == gates["n_expected"] == len(told["gates"])
    bill = json.loads(Path(shown["bill"]).read_text())
    assert sorted(bill["gates"]) == sorted(told["gates"])
    # Other figures of the same window would be refused.
    run_sql(production, "gates_search_path")
    done = run_synth(*arguments, "--replace", env=environment)
    assert done.returncode == 0, done.stderr
    told = _told(production)
    assert len(bill["models"]) > 50
    assert _gates(production, told["invocation_id"]).names == tuple(told["gates"])

    # Plain dbt is not protected from its own flags: it says so, and nothing of it is exported.
    plain = subprocess.run(
        [
            *(sys.executable, "-m", "synth.dbt", "build", "--target", "prod_shape"),
            *("--project-dir", project_dir, "--profiles-dir", os.environ["DBT_PROFILES_DIR"]),
            *("--target-path", tmp_path / "target", "--log-path", tmp_path / "logs"),
            *("--select", "shape_totals", "shape_is_not_empty", "--vars", "window_days: all"),
        ],
        env={**os.environ, **environment, "DBT_EXCLUDE_RESOURCE_TYPES": "test"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert plain.returncode == 0, plain.stdout
    n_gates = len(told["gates"])
    assert f"gates: {n_gates} of {n_gates} did not run and pass" in plain.stdout
    since = _told(production)
    assert since["invocation_id"] != told["invocation_id"]
    assert len(since["lacking"]) == n_gates
    for run, found in ((told, "shape_totals"), (since, "bands")):
        with pytest.raises(GateFailed, match=f"another dbt run wrote .*{found}"):
            _gates(production, run["invocation_id"])
    for statement, text in (
        ("gates_of_nothing", "has no gates"),
        ("gates_of_a_lost_table", "another dbt run wrote"),
        ("gates_untold", "must call tell_gates"),
    ):
        run_sql(production, statement)
        with pytest.raises(GateFailed, match=text):
            _gates(production, since["invocation_id"])


def test_a_loosened_gate_is_one_that_did_not_pass_whatever_flags_the_project_sets(
    production, environment, tmp_path, run_synth, run_sql, project_dir
):
    copied = tmp_path / "project"
    for name in ("macros", "models", "seeds", "tests"):
        shutil.copytree(project_dir / name, copied / name)
    text = (project_dir / "dbt_project.yml").read_text()
    changed = text.replace("flags:\n", FLAGS).replace(
        "  +store_failures: false\n",
        "  +store_failures: false\n  prodshape: {shape: {+severity: warn, +limit: 0}}\n",
    )
    (copied / "dbt_project.yml").write_text(changed)
    (copied / "selectors.yml").write_text(SELECTORS)
    output = tmp_path / "out"
    elsewhere = {**environment, "SYNTH_PROJECT_DIR": str(copied)}
    done = run_synth("extract", "--output", output, "--window-days", "all", env=elsewhere)
    assert done.returncode == 1, done.stderr
    last = done.stderr.splitlines()[-1]
    assert "9 of 10 gates did not run and pass" in last
    assert "shape_is_k_anonymous (loosened: severity, limit)" in last
    assert "did not run)" not in last
    assert last.endswith("nothing was exported")
    assert not list(output.glob("*"))

    # dbt drops what it replaces with cascade, so it replaces nothing that others stand on.
    run_sql(production, "gates_standing")
    done = run_synth("extract", "--output", output, "--window-days", "all", env=environment)
    assert done.returncode == 2, done.stderr
    assert "bi.sizes stands on what was built in schema shape" in done.stderr
    assert run_sql(production, "gates_standing_rows") == [{"is_there": True}]
