"""The embedded server: safe to start twice, stale files, who stops it."""

import contextlib
import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest
import sql_files

from synth import db, server, server_files, targets
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


MARKER = "jane.roe@example.org"


def test_the_log_quotes_no_row(databases):
    failures = []
    with db.connect(databases.prod) as connection:
        for text in sql_files.statements("log_planted"):
            try:
                db.execute_text(connection, text)
            except db.Error as error:
                failures.append(error.sqlstate)
                assert MARKER not in str(db.translated(error, databases.prod))
    assert len(failures) >= 14
    assert {"22P02", "23505", "23514", "2201B", "57014", "P0001"} <= set(failures)
    locks = [db.connect(databases.prod, autocommit=False) for _ in range(2)]
    with (
        pytest.raises(DatabaseError, match="DeadlockDetected") as caught,
        contextlib.ExitStack() as all_,
    ):
        first, second = (all_.enter_context(lock) for lock in locks)
        text = (sql_files.FOLDER / "log_deadlock.sql").read_text()
        first.execute(text, {"number": 1})
        second.execute(text, {"number": 2})
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(first.execute, text, {"number": 2})
            try:
                second.execute(text, {"number": 1})
            finally:
                second.rollback()
                waiting.result()
    assert MARKER not in str(caught.value)
    log = server_files.log_path().read_text()
    assert "ready to accept connections" in log
    assert MARKER not in log
    assert "ERROR:" not in log


def test_the_log_of_a_crash_quotes_no_row(own_cache):
    server.start(shared_buffers_mb=128)
    with (
        pytest.raises(DatabaseError, match=r"ended the connection|was lost"),
        db.connect(server.maintenance_target()) as connection,
    ):
        process = psutil.Process(connection.info.backend_pid)
        with ThreadPoolExecutor(1) as pool:
            working = pool.submit(
                connection.execute, (sql_files.FOLDER / "log_sleep.sql").read_text()
            )
            time.sleep(0.3)
            process.kill()
            working.result(timeout=30)
    # PostgreSQL 18 hangs where it is stopped while it recovers.
    deadline = time.monotonic() + 20
    log = ""
    while log.count("ready to accept") < 2 and time.monotonic() < deadline:
        time.sleep(0.1)
        log = server_files.log_path().read_text()
    assert "was terminated by signal 9" in log
    assert MARKER not in log


def test_what_somebody_set_by_alter_system_writes_no_row(own_cache):
    server.start(shared_buffers_mb=128)
    server.stop()
    loud = {"log_statement": "all", "log_min_messages": "error", "log_min_error_statement": "error"}
    # The file that `alter system` writes.
    written = "".join(f"{name} = '{value}'\n" for name, value in loud.items())
    (server_files.data_dir() / "postgresql.auto.conf").write_text(written)
    victim = own_cache / "victim"
    victim.write_text("untouched")
    draft = server_files.config_path().with_suffix(".draft")
    draft.symlink_to(victim)
    server.start(shared_buffers_mb=128)
    with db.connect(server.maintenance_target()) as connection:
        for text in sql_files.statements("log_planted"):
            with contextlib.suppress(db.Error):
                db.execute_text(connection, text)
    assert MARKER not in server_files.log_path().read_text()
    assert victim.read_text() == "untouched"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives a directory away")
def test_a_cache_of_another_user_is_refused(own_cache):
    cache = server_files.settings.cache_dir()
    cache.mkdir()
    os.chown(cache, 65534, 65534)
    with pytest.raises(DatabaseError, match="cache is not a directory of ours"):
        server.start()


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


@pytest.mark.parametrize("mask", [0o077, 0o000])
def test_no_umask_shuts_the_server_out_or_others_in(own_cache, monkeypatch, mask):
    place = own_cache / f"umask-{mask}"
    monkeypatch.setenv("SYNTH_CACHE_DIR", str(place / "a" / "cache"))
    monkeypatch.setenv("SYNTH_PG_SOCKET_DIR", str(place / "b" / "sock"))
    before = os.umask(mask)
    try:
        with server._lock():
            server_files.prepare_directories()
    finally:
        os.umask(before)
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (place, place / "a", place / "a/cache")}
    assert modes == {0o755 if os.geteuid() == 0 else 0o700}
    assert server_files.can_enter(server_files.data_dir(), server_files.system_user())


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


def test_programs_that_are_none_are_named(own_cache, tmp_path, monkeypatch):
    script = tmp_path / "bin" / "initdb"
    script.parent.mkdir()
    script.write_text("no program")
    script.chmod(0o755)
    for place in (tmp_path / "nothing", script, script.parent):
        monkeypatch.setenv("SYNTH_PG_BIN", str(place))
        with pytest.raises(DatabaseError, match=r"initdb cannot be run: .*SYNTH_PG_BIN"):
            server.start()


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
