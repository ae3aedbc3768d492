"""`synth extract` on a stand-in production: figures, refusals, kills, and nothing that leaks."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from synth import db
from synth.pack import manifest, reader

SALT = "0123456789abcdefghijklmnopqrstuvwxyz"
LARGEST_NOISE = 7
OWN_TEXTS = ("macros", "models", "seeds", "tests")


@pytest.fixture
def environment(tmp_path):
    """Salt, and a place of this test's own for what dbt writes."""
    (tmp_path / "temporary").mkdir()
    return {
        "ANONYMIZATION_SALT": SALT,
        "TMPDIR": str(tmp_path / "temporary"),
        "SYNTH_AUDIT_FILE": str(tmp_path / "audit.jsonl"),
    }


@pytest.fixture
def production(databases, run_synth):
    """A stand-in production with enough people for k."""
    done = run_synth("standin", "--simulate", 20_000, "--seed", 5)
    assert done.returncode == 0, done.stderr
    return databases.prod


def _files(directory):
    return sorted(path.name for path in directory.iterdir()) if directory.exists() else []


def _texts(*directories):
    for directory in directories:
        for path in directory.rglob("*"):
            if path.is_file():
                yield path, path.read_bytes()


def _wait_until(condition, seconds):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.2)
    return False


def test_killed_then_whole_and_nothing_leaks(
    production, environment, tmp_path, run_synth, run_sql, project_dir
):
    output = tmp_path / "out"
    arguments = ["extract", "--output", str(output), "--window-days", "all", "--json"]

    def n_sessions():
        return run_sql(production, "extract_dbt_sessions")[0]["n"]

    victim = subprocess.Popen(
        [sys.executable, "-m", "synth", *arguments],
        env={**os.environ, **environment},
        cwd=project_dir,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    # One session is the extraction's own, which holds the lock; then come dbt's.
    assert _wait_until(lambda: n_sessions() >= 2, 90)
    victim.send_signal(signal.SIGKILL)
    victim.wait()
    assert _files(output) == []
    assert _wait_until(lambda: n_sessions() == 0, 30)

    done = run_synth(*arguments, env=environment)
    assert done.returncode == 0, done.stderr
    shown = json.loads(done.stdout)
    assert set(shown) == {
        "schema_version",
        "pack",
        "manifest",
        "bill",
        "sha256",
        "is_salt_reused",
        "as_of",
        "window_days",
        "k",
        "release",
        "n_rows",
        "n_suppressed",
        "suppressed",
        "scan",
        "dbt",
    }
    assert shown["scan"]["n_findings"] == 0
    assert shown["dbt"]["n_tests"] > 0
    assert not shown["is_salt_reused"]
    assert len(_files(output)) == 3
    # Who is in a figure, and how much of it one person holds, is nobody else's business.
    assert Path(shown["bill"]).stat().st_mode & 0o777 == 0o600

    # The pack of a day may be signed already, so a second one does not take its place.
    again = run_synth(*arguments, env=environment)
    assert again.returncode == 2
    assert "--replace" in again.stderr
    assert again.stderr.count("\n") == 1
    # A salt that was used is noticed at once, by the log and by the manifests alike.
    log = {"SYNTH_AUDIT_FILE": str(tmp_path / "other.jsonl")}
    for folder, more in ((tmp_path / "elsewhere", {}), (output, log)):
        call = ("extract", "--output", folder, "--schema", "elsewhere", "--replace")
        warned = run_synth(*call, env={**environment, **more})
        assert warned.returncode == 2
        assert "used this salt" in warned.stderr
    fresh = run_synth(*call, env={**environment, "ANONYMIZATION_SALT": SALT[::-1]})
    assert "used this salt" not in fresh.stderr
    with (tmp_path / "audit.jsonl").open() as lines:
        told = [json.loads(line) for line in lines]
    assert [one["exit_code"] for one in told] == [None, 0, 2, 2, 2]
    assert (told[0]["command"], told[0]["result"]) == ("extract", "unfinished")
    assert told[1]["details"]["pack_sha256"] == shown["sha256"]
    assert told[1]["details"]["window"]["whole_history"]
    explained = run_synth("explain", shown["pack"], "--json")
    bill = json.loads(explained.stdout)
    for figure in bill["figures"]:
        assert figure["rule"], figure["path"]
        assert len(bill["models"][figure["model"]]) == 64

    pack = reader.load(shown["pack"])
    (counted,) = run_sql(production, "extract_totals")
    for entity in ("users", "conversations", "messages", "read_receipts"):
        assert abs(pack.total(entity) - counted[entity]) <= LARGEST_NOISE
    # Noise moves both parts of a share.
    expected = pytest.approx(counted["media_ratio"], abs=0.005)
    assert pack.scalar("messages", "media_ratio") == expected
    described = manifest.load(manifest.path_of(shown["pack"]))
    assert described["pack"]["sha256"] == pack.sha256 == shown["sha256"]

    scanned = run_synth("scan", shown["pack"])
    assert scanned.returncode == 0, scanned.stdout

    items = {
        row["item"].encode() for row in run_sql(production, "extract_identifiers") if row["item"]
    }
    # Two words that our own comments say, too, prove nothing in what dbt keeps of the project.
    own = b"".join(content for _, content in _texts(*map(project_dir.joinpath, OWN_TEXTS)))
    items = {item for item in items if len(item) >= 8 and item not in own} | {SALT.encode()}
    assert len(items) > 500
    said = [("output", (done.stdout + done.stderr).encode())]
    # Of the run that was killed; the others took theirs away.
    assert len(_files(tmp_path / "temporary")) == 1
    for path, content in [*said, *_texts(output, tmp_path / "temporary")]:
        for item in items:
            assert item not in content, path


def test_empty_window_is_a_gate_and_writes_nothing(production, environment, tmp_path, run_synth):
    output = tmp_path / "out"
    done = run_synth("extract", "--output", output, "--as-of", "1990-01-31", env=environment)
    assert done.returncode == 1
    assert "the window holds no message" in done.stderr
    assert _files(output) == []


def test_wrong_mappings_and_a_second_extraction_are_refused_at_once(
    production, environment, tmp_path, run_synth, run_sql
):
    output = tmp_path / "out"
    with db.connect(production) as connection:
        db.fetch_one(connection, "shape_lock", {"schema": production.schema})
        done = run_synth("extract", "--output", output, env=environment)
    assert done.returncode == 3
    assert "another extraction is running" in done.stderr

    done = run_synth("extract", "--output", output, "--schema", "elsewhere", env=environment)
    assert done.returncode == 2
    assert "mapping 'chat': users: relation \"elsewhere.users\" does not exist" in done.stderr

    run_sql(production, "extract_rename_column")
    done = run_synth("extract", "--output", output, env=environment)
    assert done.returncode == 2
    assert 'messages.sender_id: column "senderId" does not exist' in done.stderr

    run_sql(production, "extract_drop_reads")
    done = run_synth("extract", "--output", output, env=environment)
    assert done.returncode == 2
    assert "message" in done.stderr
    assert _files(output) == []


def test_a_source_that_changes_meanwhile_is_code_3(
    production, environment, tmp_path, project_dir, run_sql
):
    output = tmp_path / "out"
    running = subprocess.Popen(
        [sys.executable, "-m", "synth", "extract", "--output", output],
        env={**os.environ, **environment},
        cwd=project_dir,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    # The mapping was looked at before dbt opened its session.
    assert _wait_until(lambda: run_sql(production, "extract_dbt_sessions")[0]["n"] >= 2, 90)
    run_sql(production, "extract_drop_reads")
    _, said = running.communicate(timeout=120)
    assert running.returncode == 3, said
    assert "the source changed while it was read" in said
    assert "Traceback" not in said
    assert _files(output) == []


def test_database_that_is_not_there_is_code_3(databases, environment, tmp_path, run_synth):
    nowhere = {"PRODSHAPE_PROD_HOST": "127.0.0.1", "PRODSHAPE_PROD_PORT": "1"}
    done = run_synth("extract", "--output", tmp_path / "out", env={**environment, **nowhere})
    assert done.returncode == 3
    assert "cannot reach the server: connection refused" in done.stderr
    assert _files(tmp_path / "out") == []
