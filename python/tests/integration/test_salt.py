"""Rule 4: the salt is in no artifact, log, process title, error or remembered statement."""

import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import psycopg
import pytest

from synth import server, server_files

SALT = "Xq7-the-salt-of-this-test-0123456789-abcdefg"


@pytest.fixture
def remembering(pg_server, databases, run_sql, monkeypatch):
    """The server remembers every statement; afterwards it is as before."""
    # The embedded server loads nothing else; this one stands for a server of somebody's own.
    monkeypatch.delitem(server_files.SILENT, "shared_preload_libraries")
    run_sql(databases.prod, "salt_preload")
    server.stop()
    server.start(shared_buffers_mb=128)
    run_sql(databases.prod, "salt_extension")
    yield databases.prod
    run_sql(databases.prod, "salt_preload_reset")
    server.stop()
    server.start(shared_buffers_mb=128)


def _command_lines():
    for process in psutil.process_iter():
        try:
            yield " ".join([process.name(), *process.cmdline()])
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue


def test_salt_is_nowhere(remembering, tmp_path, project_dir, run_synth, run_sql):
    loaded = run_synth("standin", "--simulate", 20_000, "--seed", 5)
    assert loaded.returncode == 0, loaded.stderr
    environment = {
        "ANONYMIZATION_SALT": SALT,
        "TMPDIR": str(tmp_path),
    }
    running = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "synth",
            "extract",
            "-v",
            "--window-days",
            "all",
            "--output",
            tmp_path / "out",
        ],
        env={**os.environ, **environment},
        cwd=project_dir,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    seen = []
    while running.poll() is None:
        seen += _command_lines()
        seen += [row["said"] or "" for row in run_sql(remembering, "salt_activity")]
        time.sleep(0.3)
    said, _ = running.communicate()
    assert running.returncode == 0, said
    assert any("synth extract" in line for line in seen)

    refused = run_synth("extract", "--schema", "elsewhere", "-v", env=environment)
    assert refused.returncode == 2

    statements = [row["query"] for row in run_sql(remembering, "salt_statements")]
    assert len(statements) > 50
    for texts in (seen, statements, [said, refused.stdout, refused.stderr]):
        assert not any(SALT in text for text in texts)

    # What was written: pack, manifest, what is left of dbt's files, the server's own log.
    log_folder = os.environ["SYNTH_CACHE_DIR"]
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    files += [
        os.path.join(folder, name)
        for folder, _, names in os.walk(log_folder)
        for name in names
        if name.endswith(".log")
    ]
    assert len(files) > 2
    for path in files:
        with open(path, "rb") as stream:
            assert SALT.encode() not in stream.read(), path


def test_the_password_of_a_scratch_database_is_remembered_nowhere(remembering, run_synth, run_sql):
    printed = run_synth("role", "--print-sql", "--fdw")
    assert printed.returncode == 0, printed.stderr
    password = "Xq7-the-password-of-this-test"
    script = printed.stdout.replace(":'shape_reader_password'", f"'{password}'")
    assert password in script
    # psql sends statement by statement; blocks of PL/pgSQL stand before these.
    before, found, after = script.partition("\nset ")
    assert found
    lines = [before, *(found + after).split(";\n")]
    log = Path(os.environ["SYNTH_CACHE_DIR"]).rglob("*.log")
    with psycopg.connect(**remembering.connection_parameters(), autocommit=True) as connection:
        connection.execute("set log_statement = 'all'")
        connection.execute("set log_min_duration_statement = 0")
        try:
            for statement in lines:
                connection.execute(statement)
        finally:
            connection.execute("rollback")
            connection.execute(run_synth("role", "--print-sql", "--drop").stdout)
    statements = [row["query"] for row in run_sql(remembering, "salt_statements")]
    logged = "".join(path.read_text() for path in log)
    for text in (logged, "\n".join(statements)):
        assert "create server" in text
        assert password not in text
