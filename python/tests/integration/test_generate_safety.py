"""What can go wrong around a run: one line, an exit code, and the same dataset in the end."""

import contextlib
import fcntl
import json
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import termios
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sql_files
from psycopg import sql

from synth import db, server_files
from synth.errors import DatabaseError
from synth.generate import disk, plan, run
from synth.generate.options import Options
from synth.spec import model

N_MESSAGES = 60_000
SQL_DIR = Path(__file__).parents[1] / "sql"


def request(**changes):
    values = {
        "spec": model.load_default(),
        "n_messages": 3_000,
        "seed": 5,
        "band": None,
        "schema": "perf_synthetic",
        "jobs": 2,
    }
    return run.Request(**{**values, **changes})


@pytest.fixture(scope="module")
def whole(pg_server):
    """Checksums of the run that the tests interrupt, by number of messages."""
    made = {}

    def get(target, n_messages):
        if n_messages not in made:
            asked = request(n_messages=n_messages, schema="whole")
            made[n_messages] = run.execute(target, asked, quiet=True)["checksums"]
        return made[n_messages]

    return get


def hear_signals():
    """In a child: signals mean what they mean at a terminal, whatever `nohup` or `&` made of them.

    A program inherits what its parent ignores, and a background job is started so.
    """
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)


def take_terminal():
    """In a child: its standard input is the terminal of its session."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


@contextlib.contextmanager
def under_way(*options):
    """A run in a process of its own, caught while it writes messages."""
    with subprocess.Popen(
        [sys.executable, "-m", "synth", "generate", "--seed", "5", *options],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=hear_signals,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


# A stage of a small run may be over before anybody looks.
EARLY = ("conversations", "numbers", "people", "memberships", "timeline")


def wait_for_stage(target, schema, *stages):
    """Run id, once the run is in one of the stages and a worker is busy."""
    deadline = time.monotonic() + 120
    with db.connect(target) as connection:
        while time.monotonic() < deadline:
            if db.fetch_one(connection, "run_exists")["has_runs"]:
                found = db.fetch_one(connection, "run_list", {"target_schema": schema})
                if found and (found["progress"] or {}).get("stage") in stages:
                    return found["run_id"]
            time.sleep(0.01)
    raise AssertionError(f"the run was never seen in {stages}")


def resumed(target, run_id):
    asked = run.Request(None, 0, 0, None, "", 2, resume=run_id)
    return run.execute(target, asked, quiet=True)["checksums"]


def test_progress_is_json_lines_on_stderr_and_one_document_on_stdout(databases, run_synth):
    finished = run_synth("generate", "--messages", "3000", "--json", "--events")
    assert finished.returncode == 0, finished.stderr
    document = json.loads(finished.stdout)
    events = [json.loads(line) for line in finished.stderr.splitlines()]
    assert {event["run_id"] for event in events} == {document["run_id"]}
    started = [event["stage"] for event in events if event["event"] == "stage_started"]
    ended = [event for event in events if event["event"] == "stage_finished"]
    assert started == [event["stage"] for event in ended] == list(document["seconds"])
    assert all(event["chunks_done"] == event["chunks_total"] for event in ended)
    (messages,) = (event for event in ended if event["stage"] == "messages")
    assert messages["units_done"] == messages["units_total"] == 3000
    assert messages["rows_written"] == sum(document["rows"].values())
    assert messages["units_per_second"] > 0
    assert ended[-1]["run_share"] == 1
    assert events[-1]["event"] == "run_done"
    quiet = run_synth("generate", "--messages", "100", "--json", "--replace")
    assert quiet.stderr == ""


def test_status_follows_a_run(databases, run_synth, monkeypatch):
    monkeypatch.setattr("synth.generate.progress.INTERVAL_SECONDS", 0)
    empty = run_synth("status")
    assert empty.returncode == 2
    assert "synth generate" in empty.stderr
    seen = []

    def stop_in_messages(event):
        if event.get("stage") == "messages":
            with db.connect(databases.dev) as connection:
                seen.append(db.fetch_one(connection, "run_list", {"target_schema": None}))
            raise KeyboardInterrupt
        if event["event"].startswith("run_"):
            seen.append(event)

    with pytest.raises(KeyboardInterrupt):
        run.execute(databases.dev, request(), quiet=True, events=stop_in_messages)
    last = seen.pop()
    assert last["event"] == "run_interrupted"
    assert last["resume"] == f"synth generate --resume {last['run_id']}"
    assert seen[0]["state"] == "running"
    assert seen[0]["progress"]["stage"] == "messages"
    stopped = json.loads(run_synth("status", "--json").stdout)
    assert stopped["state"] == "interrupted"
    assert stopped["resume"] == f"synth generate --resume {stopped['run_id']}"
    stages = {row["stage"]: row for row in stopped["stages"]}
    assert stages["timeline"]["chunks_done"] == stages["timeline"]["chunks_total"] > 0
    assert "messages" not in stages
    assert stopped["progress"]["chunks_done"] == 0
    assert (stopped["progress"]["running"], stopped["progress"]["run_eta_seconds"]) == ([], None)
    # The run tells once a second and may die in between: the ledger has the last word.
    with db.connect(databases.dev) as connection:
        for number in (0, 1):
            entry = {"stage": "messages", "chunk_no": number, "n_rows": 9, "n_units": 7}
            db.execute(connection, "chunk_insert", {"run_id": stopped["run_id"], **entry})
        ahead = json.loads(run_synth("status", "--json").stdout)["progress"]
        assert (ahead["chunks_done"], ahead["units_done"], ahead["rows_written"]) == (2, 14, 18)
        assert "2 of " in run_synth("status").stdout
        forgotten = {"run_id": stopped["run_id"], "stages": ["messages"]}
        db.execute(connection, "chunk_forget", forgotten)
    # As after a kill -9: nobody could write down that the run is over.
    with db.connect(databases.dev) as connection:
        db.execute(
            connection,
            "run_update",
            {"run_id": stopped["run_id"], "state": "running", "result": None},
        )
    assert "stopped" in run_synth("status").stdout
    assert "stopped" in run_synth("runs").stdout
    assert run_synth("generate", "--resume", stopped["run_id"]).returncode == 0
    done = json.loads(run_synth("status", "--schema", "perf_synthetic", "--json").stdout)
    assert (done["state"], done["resume"]) == ("done", None)
    assert run_synth("status", "--schema", "elsewhere").returncode == 2


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
def test_signals_stop_cleanly_and_say_how_to_go_on(databases, whole, number, code):
    wanted = whole(databases.dev, N_MESSAGES)
    with under_way("--messages", str(N_MESSAGES), "--schema", "stopped") as process:
        # An early stage: on a busy machine a later one may be over before the signal arrives.
        run_id = wait_for_stage(databases.dev, "stopped", *EARLY)
        process.send_signal(number)
        _, complaint = process.communicate(timeout=60)
    assert process.returncode == code
    assert f"synth generate --resume {run_id}" in complaint
    assert "Traceback" not in complaint
    with db.connect(databases.dev) as connection:
        assert sql_files.fetch_one(connection, "run_sessions")["n_sessions"] == 0
        found = db.fetch_one(connection, "run_list", {"target_schema": "stopped"})
    assert found["state"] == "interrupted"
    assert resumed(databases.dev, run_id) == wanted


def test_a_closed_terminal_stops_cleanly_too(databases, whole):
    wanted = whole(databases.dev, N_MESSAGES)
    command = [sys.executable, "-m", "synth", "generate", "--seed", "5"]
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [*command, "--schema", "closed", "--messages", str(N_MESSAGES)],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        preexec_fn=lambda: (hear_signals(), take_terminal()),
    ) as process:
        os.close(theirs)
        run_id = wait_for_stage(databases.dev, "closed", *EARLY)
        os.close(ours)
        # A shell tells its jobs as well.
        process.send_signal(signal.SIGHUP)
        assert process.wait(timeout=60) == 129
    with db.connect(databases.dev) as connection:
        found = db.fetch_one(connection, "run_list", {"target_schema": "closed"})
    assert found["state"] == "interrupted"
    assert resumed(databases.dev, run_id) == wanted


@pytest.mark.parametrize("wrapper", [["nohup"], []], ids=["nohup", "trap"])
def test_a_run_that_ignores_signals_outlives_its_terminal(
    databases, project_dir, tmp_path, wrapper
):
    """As `nohup synth &`, and as a job of a shell that ignores hangups and kept its streams."""

    def ignore():
        hear_signals()
        take_terminal()
        for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
            signal.signal(number, signal.SIG_IGN)

    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [*wrapper, sys.executable, "-m", "synth", "generate", "--messages", "30000", "--json"],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        preexec_fn=ignore,
        cwd=tmp_path,
        env={**os.environ, "SYNTH_PROJECT_DIR": str(project_dir)},
    ) as process:
        os.close(theirs)
        wait_for_stage(databases.dev, "perf_synthetic", *EARLY)
        os.close(ours)
        for number in (signal.SIGHUP, signal.SIGINT):
            process.send_signal(number)
        assert process.wait(timeout=60) == 0
    with db.connect(databases.dev) as connection:
        found = db.fetch_one(connection, "run_list", {"target_schema": "perf_synthetic"})
    assert found["state"] == "done"
    if wrapper:
        document = (tmp_path / "nohup.out").read_text()
        assert json.loads(document[document.index("{") :])["rows"]["messages"] == 30_000


def test_a_reader_of_events_that_goes_away_stops_nothing(databases):
    command = [sys.executable, "-m", "synth", "generate", "--messages", "3000", "--json"]
    with subprocess.Popen(
        [*command, "--events"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        process.stderr.readline()
        process.stderr.close()
        document = process.stdout.read()
    assert process.returncode == 0
    assert json.loads(document)["rows"]["messages"] == 3000


@pytest.mark.parametrize("role", ["worker", "leader"])
def test_a_lost_connection_is_one_line_and_resumable(databases, whole, run_sql, role):
    wanted = whole(databases.dev, N_MESSAGES)
    with under_way("--messages", str(N_MESSAGES), "--schema", "lost") as process:
        run_id = wait_for_stage(databases.dev, "lost", "messages")
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            (ended,) = run_sql(databases.dev, "generated_terminate", {"role": role})
            if ended["n_terminated"]:
                break
        _, complaint = process.communicate(timeout=60)
    assert process.returncode == 3, complaint
    assert complaint.count("\n") == 1, complaint
    assert f"--resume {run_id}" in complaint
    assert resumed(databases.dev, run_id) == wanted


def test_what_others_have_on_the_working_tables_stays(
    databases, whole, run_sql, run_synth, stopped_at
):
    wanted = whole(databases.dev, 3_000)
    run_id = stopped_at("_messages", databases.dev, request())
    run_sql(databases.dev, "work_others")
    calls = [
        # At its end the run finds them, and keeps what it has.
        ("generate", "--resume", run_id),
        ("generate", "--messages", "9", "--replace"),
        ("teardown",),
    ]
    for options in calls:
        refused = run_synth(*options)
        assert refused.returncode == 2, refused.stderr
        assert "depends on schema 'perf_synthetic_work', or a table" in refused.stderr
        assert (f"--resume {run_id}" in refused.stderr) == ("--resume" in options)
    assert run_sql(databases.dev, "work_others_rows") == [{"n_rows": 1}]
    run_sql(databases.dev, "work_others_drop")
    assert resumed(databases.dev, run_id) == wanted


def test_a_run_that_was_handed_over_goes_on(databases, whole, run_sql, run_synth, stopped_at):
    wanted = whole(databases.dev, 3_000)
    with db.connect(databases.dev) as connection:
        # Records belong to the role that runs first; they are handed over, too.
        sql_files.execute(connection, "schema_drop", schema="synth")
    run_id = stopped_at("_messages", databases.dev, request())
    run_sql(databases.dev, "hand_over")
    try:
        finished = run_synth(
            "generate", "--resume", run_id, "--json", env={"PRODSHAPE_DEV_USER": "synth_heir"}
        )
    finally:
        run_sql(databases.dev, "hand_over_drop")
    assert finished.returncode == 0, finished.stderr
    assert json.loads(finished.stdout)["checksums"] == wanted


def test_time_outs_of_a_role_do_not_end_a_run(databases, whole, run_sql, run_synth, tmp_path):
    wanted = whole(databases.dev, N_MESSAGES)
    run_sql(databases.dev, "role_in_a_hurry")
    try:
        # Functions and records belong to the role that runs first.
        with db.connect(databases.dev) as connection:
            sql_files.execute(connection, "schema_drop", schema="synth")
        finished = run_synth(
            *("generate", "--messages", N_MESSAGES, "--seed", "5", "--json"),
            *("--export", "csv", "--export-dir", tmp_path),
            env={"PRODSHAPE_DEV_USER": "synth_hasty"},
        )
    finally:
        run_sql(databases.dev, "role_in_a_hurry_drop")
    assert finished.returncode == 0, finished.stderr
    assert json.loads(finished.stdout)["checksums"] == wanted
    # And its way of writing dates does not show in the files.
    assert re.search(r",\d{4}-\d\d-\d\d ", (tmp_path / "messages.csv").read_text()[:2000])


def test_replacing_does_not_wait_for_ever_for_a_reader(databases, monkeypatch):
    run.execute(databases.dev, request(), quiet=True)
    monkeypatch.setattr("synth.generate.guard.WORKER_WAIT", "100ms")
    with db.connect(databases.dev, autocommit=False) as reader:
        db.fetch_one(reader, "checksum_table", schema="perf_synthetic", table="users")
        with pytest.raises(DatabaseError, match="other sessions have used"):
            run.execute(databases.dev, request(replace=True), quiet=True)
    run.execute(databases.dev, request(replace=True), quiet=True)


def test_a_spec_from_a_newer_schema_is_refused(databases, run_synth, tmp_path):
    document = model.to_document(model.load_default())
    path = tmp_path / "spec.json"
    path.write_text(json.dumps({**document, "schema_version": "2.0"}))
    finished = run_synth("generate", "--messages", "10", "--config", path)
    assert finished.returncode == 2
    assert "2.0" in finished.stderr
    assert finished.stderr.count("\n") == 1


def test_what_will_not_fit_is_refused_with_the_figures(databases, monkeypatch):
    def free(n_bytes):
        usage = shutil.disk_usage("/")._replace(free=n_bytes)
        monkeypatch.setattr(disk.shutil, "disk_usage", lambda _: usage)

    asked = request(n_messages=50_000, schema="large")
    expected = disk.estimate(asked.spec, plan.build(asked.spec, 50_000, 5), Options(), 2, 512)
    free(expected.total)
    with pytest.raises(DatabaseError, match="--skip-disk-check") as refused:
        run.execute(databases.dev, asked, quiet=True)
    assert refused.value.free_bytes == expected.total
    assert refused.value.needed_bytes >= expected.total
    assert "are free on the disk of the server" in str(refused.value)
    with db.connect(databases.dev) as connection:
        assert not db.fetch_one(connection, "schema_state", {"schema": "large"})["schema_exists"]
    # A small one fits, and whoever knows better may insist.
    free(3 * disk.RESERVE_BYTES)
    run.execute(databases.dev, request(schema="small"), quiet=True)
    free(0)
    run.execute(databases.dev, request(schema="insisted", skip_disk_check=True), quiet=True)


def test_a_server_elsewhere_is_not_measured(databases):
    remote = databases.dev.__class__(**{**vars(databases.dev), "host": "db.example.com"})
    expected = disk.Estimate({}, {"messages": 10**18})
    with db.connect(databases.dev) as connection:
        reason = disk.check(connection, remote, expected, {"schema": "x"}, Options())
        assert "not checked" in reason
        with pytest.raises(DatabaseError, match="need"):
            disk.check(connection, databases.dev, expected, {"schema": "x"}, Options())


@pytest.fixture
def tiny_tablespace(pg_server, databases):
    """A tablespace on a disk of 10 MB; gives a function that makes the disk larger."""
    if os.geteuid() != 0 or not shutil.which("mount"):
        pytest.skip("needs root and mount")
    place = Path(tempfile.mkdtemp(prefix="synth-tiny-", dir="/tmp"))
    user = server_files.system_user()
    options = f"size=10m,mode=0700,uid={user.pw_uid},gid={user.pw_gid}"
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", place], capture_output=True, check=False
    )
    if mounted.returncode:
        place.rmdir()
        pytest.skip("mounting is not allowed here")

    def statement(name):
        text = (SQL_DIR / f"{name}.sql").read_text()
        with db.connect(databases.dev) as connection:
            connection.execute(sql.SQL(text).format(location=sql.Literal(str(place))))

    def enlarge():
        subprocess.run(["mount", "-o", "remount,size=500m", place], check=True)

    try:
        statement("tablespace_create")
        yield enlarge
        with db.connect(databases.dev) as connection:
            for schema in ("full", "full_work"):
                sql_files.execute(connection, "schema_drop", schema=schema)
        statement("tablespace_drop")
    finally:
        subprocess.run(["umount", "--lazy", place], check=True)
        place.rmdir()


def test_a_full_disk_is_one_line_and_resumable(databases, whole, tiny_tablespace, run_synth):
    wanted = whole(databases.dev, N_MESSAGES)
    options = ("--messages", str(N_MESSAGES), "--seed", "5", "--schema", "full")
    options += ("--tablespace", "synth_tiny")
    refused = run_synth("generate", *options)
    assert refused.returncode == 3
    assert "--skip-disk-check" in refused.stderr
    failed = run_synth("generate", *options, "--skip-disk-check")
    assert failed.returncode == 3, failed.stderr
    assert "disk is full" in failed.stderr
    assert failed.stderr.count("\n") == 1
    run_id = failed.stderr.split("--resume ")[1].strip()
    tiny_tablespace()
    assert resumed(databases.dev, run_id) == wanted


def test_a_new_run_and_a_chunk_of_another_do_not_wait_for_each_other(databases):
    result = run.execute(databases.dev, request(n_messages=100), quiet=True)
    entry = {"run_id": result["run_id"], "stage": "export", "chunk_no": 0}
    with db.connect(databases.dev) as chunk, ThreadPoolExecutor(1) as pool:
        with chunk.transaction():
            sql_files.execute(chunk, "ledger_lock")
            begun = pool.submit(
                run.execute, databases.dev, request(n_messages=100, schema="other"), quiet=True
            )
            # Long enough for it to come to the tables of the records.
            time.sleep(1)
            db.execute(chunk, "chunk_insert", {**entry, "n_rows": 0, "n_units": 0})
        assert begun.result(timeout=60)["rows"]["messages"] == 100
