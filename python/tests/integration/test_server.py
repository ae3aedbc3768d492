"""The embedded server: safe to start twice, stale files, who stops it."""

import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import time

import psutil
import pytest

from synth import server, server_files, targets
from synth.errors import DatabaseError


@pytest.fixture
def own_cache(pg_server, monkeypatch):
    """A second cache and socket directory, so that the session's server stays as it is."""
    base = server_files.settings.cache_dir().parent / "second"
    base.mkdir(exist_ok=True)
    monkeypatch.setenv("SYNTH_CACHE_DIR", str(base / "cache"))
    monkeypatch.setenv("SYNTH_PG_SOCKET_DIR", str(base / "sock"))
    yield base
    server.stop()
    shutil.rmtree(base)


def test_a_second_start_finds_the_first(pg_server, run_synth):
    before = server.status()
    call = run_synth("pg", "start", "--json")
    assert call.returncode == 0, call.stderr
    found = json.loads(call.stdout)
    assert not found["changed"]
    assert found["pid"] == before.pid
    assert {"production", "dev"} <= set(found["database_bytes"])


def test_only_its_owner_gets_to_the_socket(pg_server):
    found = server_files.settings.socket_dir().stat()
    assert stat.S_IMODE(found.st_mode) == 0o700
    lines = server_files.config_path().read_text().splitlines()
    assert "listen_addresses = ''" in lines


@pytest.mark.skipif(sys.platform != "linux", reason="memory settings are the GNU C library's")
def test_sessions_keep_the_memory_of_their_statements(pg_server):
    environment = psutil.Process(server.status().pid).environ()
    assert environment.items() >= server_files.MEMORY.items()


def test_the_log_quotes_no_row(databases, run_sql):
    marker = "jane.roe@example.org"
    with pytest.raises(DatabaseError) as caught:
        run_sql(databases.prod, "server_duplicate_key")
    assert marker not in str(caught.value)
    log = server_files.log_path().read_text()
    assert "duplicate key" in log
    assert marker not in log


def test_a_command_stops_only_what_it_started(own_cache):
    target = targets.load("dev_synth")
    with server.ensure(target):
        assert server.status().running
        assert not server.status().stays
        with server.ensure(target):
            assert server.status().running
        assert server.status().running, "the inner block stopped a server in use"
    assert not server.status().running
    server.start(shared_buffers_mb=128)
    with server.ensure(target):
        pass
    assert server.status().running, "a command stopped a server started by hand"


def test_an_exception_stops_it_too(own_cache):
    with pytest.raises(KeyError), server.ensure(targets.load("dev_synth")):
        raise KeyError("anything")
    assert not server.status().running


def test_the_last_of_two_commands_stops_it(own_cache):
    hold = (
        "import sys; from synth import server, targets\n"
        "with server.ensure(targets.load('dev_synth')):\n"
        "    print('up', flush=True); sys.stdin.readline()\n"
    )
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with (
        subprocess.Popen([sys.executable, "-c", hold], **pipes) as first,
        subprocess.Popen([sys.executable, "-c", hold], **pipes) as second,
    ):
        assert first.stdout.readline() == second.stdout.readline() == "up\n"
        first.stdin.close()
        assert first.wait(timeout=30) == 0
        assert server.status().running
        second.send_signal(signal.SIGTERM)
        assert second.wait(timeout=30) == 128 + signal.SIGTERM
    assert not server.status().running


def test_looking_for_runs_makes_no_server(own_cache):
    for command, exit_code in (("runs", 0), ("status", 2)):
        asked = [sys.executable, "-m", "synth", command]
        found = subprocess.run(asked, capture_output=True, text=True)
        assert found.returncode == exit_code, found.stderr
        assert "starting" not in found.stderr
    assert "no run on target" in found.stderr
    assert not server_files.data_dir().exists()


def test_a_named_database_is_made(own_cache, monkeypatch):
    monkeypatch.setenv("PRODSHAPE_DEV_DBNAME", 'odd "name"')
    with server.ensure(targets.load("dev_synth")):
        assert 'odd "name"' in server.databases()


def test_a_killed_server_starts_again(own_cache):
    server.start(shared_buffers_mb=128)
    process = psutil.Process(server.status().pid)
    process.kill()
    _gone(process)
    assert not server.status().running
    assert server.start(shared_buffers_mb=128)
    assert server.databases()


def test_a_recycled_process_id_is_no_server(own_cache):
    server.start(shared_buffers_mb=128)
    process = psutil.Process(server.status().pid)
    pid_file = server_files.data_dir() / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    process.kill()
    _gone(process)
    pid_file.write_text("\n".join([str(os.getppid()), *lines[1:]]) + "\n")
    assert not server.status().running
    assert server.start(shared_buffers_mb=128)


def test_a_foreign_socket_directory_is_refused(own_cache, tmp_path, monkeypatch, run_synth):
    link = tmp_path / "link"
    link.symlink_to(tmp_path)
    monkeypatch.setenv("SYNTH_PG_SOCKET_DIR", str(link))
    call = run_synth("pg", "start")
    assert call.returncode == 3
    assert "not a directory of ours" in call.stderr
    assert len(call.stderr.splitlines()) == 1


def test_a_long_socket_path_says_so(own_cache, monkeypatch):
    monkeypatch.setenv("SYNTH_PG_SOCKET_DIR", f"/tmp/{'x' * 120}")
    with pytest.raises(DatabaseError, match="SYNTH_PG_SOCKET_DIR"):
        server.start()


def test_a_server_that_cannot_start_names_its_log(own_cache):
    server.start(shared_buffers_mb=128)
    server.stop()
    (server_files.data_dir() / "global" / "pg_control").unlink()
    with pytest.raises(DatabaseError) as caught:
        server.start(shared_buffers_mb=128)
    assert str(server_files.log_path()) in str(caught.value)
    assert "pg_control" in str(caught.value)


def test_programs_out_of_reach_are_copied(own_cache, monkeypatch):
    known = server_files.can_enter

    def private_packages(path, user):
        return path.name != "bin" and known(path, user)

    monkeypatch.setattr(server_files, "can_enter", private_packages)
    assert server_files.settings.cache_dir() in server_files.binaries().parents
    assert server.start(shared_buffers_mb=128)


def test_another_profile_starts_nothing(own_cache, monkeypatch):
    monkeypatch.setenv("PRODSHAPE_DEV_HOST", "db.example.org")
    with server.ensure(targets.load("dev_synth")):
        assert not server.status().running


def test_no_password_in_the_url(pg_server, run_synth):
    environment = {
        "PRODSHAPE_DEV_HOST": "db.example.org",
        "PRODSHAPE_DEV_PASSWORD": "correct-horse",
        "PRODSHAPE_DEV_USER": "a b",
    }
    call = run_synth("pg", "url", env=environment)
    assert call.stdout == "postgresql://a%20b@db.example.org:5432/dev\n"


def _gone(process, seconds=10):
    deadline = time.monotonic() + seconds
    while psutil.pid_exists(process.pid) and time.monotonic() < deadline:
        if process.status() == psutil.STATUS_ZOMBIE:
            return
        time.sleep(0.05)
