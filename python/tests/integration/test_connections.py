"""Connections of synth: the environment, the server's defaults, and what answers instead."""

import contextlib
import dataclasses
import json
import os
import shutil
import socket
import subprocess
import threading

import private_server
import pytest
import sql_files
from psycopg import pq

from synth import db, libpq_environment, server, server_files, settings, targets
from synth.errors import DatabaseError

# A value of each variable that would lead elsewhere, or to nothing.
VALUES = {
    "PGHOSTADDR": "192.0.2.1",
    "PGREQUIREAUTH": "scram-sha-256",
    "PGCHANNELBINDING": "require",
    "PGTARGETSESSIONATTRS": "standby",
    "PGSSLNEGOTIATION": "direct",
    "PGOPTIONS": "-c statement_timeout=1",
    "PGDATESTYLE": "SQL",
    "PGTZ": "Asia/Tokyo",
}
PGBOUNCER = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")


def test_no_variable_of_libpq_keeps_us_from_the_embedded_server(pg_server, monkeypatch, capsys):
    # Whatever the profiles of other tests name.
    monkeypatch.setattr(libpq_environment, "_named", set())
    known = {known.envvar.decode() for known in pq.Conninfo.get_defaults() if known.envvar}
    for name in sorted(known | libpq_environment.WITHOUT_PARAMETER):
        monkeypatch.setenv(name, VALUES.get(name, "nonsense"))
        assert "production" in server.databases(), name
    assert capsys.readouterr().err.count(" ignored: profiles.yml alone") == len(
        known | libpq_environment.WITHOUT_PARAMETER
    )


def test_the_embedded_server_starts_whatever_the_environment_says(
    pg_server, tmp_path, monkeypatch, run_synth
):
    base = server_files.settings.cache_dir().parent / "third"
    environment = {
        **{"SYNTH_CACHE_DIR": str(base / "cache"), "SYNTH_PG_SOCKET_DIR": str(base / "sock")},
        **{"PGDATA": "/nowhere", "PGPORT": "1", "PGCTLTIMEOUT": "1", "PGTZ": "nonsense"},
        **{"PGOPTIONS": "-c nonsense", "PGHOSTADDR": "192.0.2.1", "PGSYSCONFDIR": "/nowhere"},
        **{"TZ": "nonsense", "LC_ALL": "nonsense", "LANG": "de_DE.UTF-8"},
    }
    try:
        call = run_synth("pg", "start", "--json", env=environment)
        assert call.returncode == 0, call.stderr
        assert "production" in json.loads(call.stdout)["database_bytes"]
        assert call.stderr.count("\n") == 1
    finally:
        run_synth("pg", "stop", env=environment)
        shutil.rmtree(base)


def test_a_session_is_the_same_whatever_its_defaults_are(databases, run_sql, run_synth):
    with db.connect(server.maintenance_target(databases.dev.dbname)) as connection:
        for text in sql_files.statements("session_defaults"):
            db.execute_text(connection, text, database=databases.dev.dbname)
    found, plain = (
        run_sql(target, "session_shown")[0] for target in (databases.dev, databases.prod)
    )
    assert found == plain
    assert found["lowered"] == "a"
    assert found["at"].isoformat() == "2026-02-01T00:00:00+00:00"

    made = run_synth("generate", "--messages", "60", "--json")
    assert made.returncode == 0, made.stderr
    listed = run_synth("runs", "--json")
    assert listed.returncode == 0, listed.stderr
    assert len(json.loads(listed.stdout)["runs"]) == 1
    assert run_synth("checksum").returncode == 0
    assert run_synth("teardown").returncode == 0


def test_the_profiles_search_path_holds_behind_the_servers_own_names(databases, run_sql):
    with db.connect(databases.dev) as connection:
        for text in sql_files.statements("session_defaults"):
            db.execute_text(connection, text, database=databases.dev.dbname)
    for path in ("evil, public", "evil", "", '""', "pg_catalog"):
        chosen = dataclasses.replace(databases.dev, search_path=path)
        assert run_sql(chosen, "session_shown")[0]["lowered"] == "a"
    chosen = dataclasses.replace(databases.dev, search_path="evil,,")
    with pytest.raises(DatabaseError, match=r"refuses a setting.*search_path in profiles\.yml"):
        run_sql(chosen, "session_shown")


def test_a_value_that_the_driver_has_not_is_no_lost_connection(databases, run_sql):
    with pytest.raises(DatabaseError, match=r"cannot take a value over \(DataError\)") as caught:
        run_sql(databases.dev, "session_late_date")
    assert "lost" not in str(caught.value)
    assert "10000" not in str(caught.value)


def test_a_setting_that_the_server_refuses_is_named(databases):
    for wrong in ({"work_mem": "much"}, {"no_such_setting": "1"}):
        refused = pytest.raises(DatabaseError, match=r"refuses a setting of the session.*SQLSTATE")
        with refused, db.connect(databases.dev, **wrong):
            pass


def test_another_server_in_the_embedded_ones_place_is_left_alone(pg_server, monkeypatch, run_synth):
    """SYNTH_PG_SOCKET_DIR names the directory of a server that is not of this cache."""
    before = server.databases()
    base = settings.cache_dir().parent / "empty"
    monkeypatch.setenv("PRODSHAPE_DEV_DBNAME", "made_by_mistake")
    for command in (("runs",), ("pg", "start"), ("generate", "--messages", "10")):
        call = run_synth(*command, env={"SYNTH_CACHE_DIR": str(base)})
        assert call.returncode == 3, call.stderr
        assert "it is not the embedded one of" in call.stderr
        assert call.stderr.count("\n") == 1
    assert server.databases().keys() == before.keys()
    shutil.rmtree(base)


@contextlib.contextmanager
def answering(*answers):
    """A port that says something to whoever connects; nothing where there are no answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        open_ones = []

        def serve():
            with contextlib.suppress(OSError):
                while True:
                    one, _ = listener.accept()
                    open_ones.append(one)
                    for answer in answers:
                        one.sendall(answer)
                    if answers:
                        one.close()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        for one in open_ones:
            one.close()


def test_what_is_no_server_says_so(pg_server, tmp_path):
    plain = targets.Target(
        *("dev_synth", "127.0.0.1", 1, "u", "a-password", "d", "s"), connect_timeout=2, retries=0
    )

    def reason(**changes):
        with (
            pytest.raises(DatabaseError, match=r"target 'dev_synth'") as caught,
            db.connect(dataclasses.replace(plain, **changes)),
        ):
            pass
        assert "a-password" not in str(caught.value)
        assert "127.0.0.1" not in str(caught.value)
        return str(caught.value)

    for answer in (b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\0" * 9, b"S", b"N", b"E"):
        for sslmode in ("disable", "prefer"):
            with answering(answer) as port:
                shown = reason(port=port, sslmode=sslmode)
                assert "lost" not in shown
                assert "cannot reach" not in shown
    with answering(b"HTTP/1.1 400 Bad Request\r\n\r\n") as port:
        assert "is no PostgreSQL server" in reason(port=port)
    with answering() as port:
        assert "did not answer within 2 seconds" in reason(port=port)
    assert "connection refused" in reason()
    assert "not known to this machine" in reason(host="nosuch.invalid")
    assert "not known to this machine" in reason(host="10.0.0.1/8")
    assert "no socket of a server in the directory" in reason(host=str(tmp_path))
    # The server's own reasons, on a socket.
    there = {"host": str(settings.socket_dir()), "port": settings.SOCKET_PORT}
    assert "the key user names does not exist" in reason(**there)
    assert "the key dbname names does not exist" in reason(**there, user="postgres")


@pytest.mark.skipif(PGBOUNCER is None, reason="pgbouncer is not installed")
@pytest.mark.parametrize("mode", ["session", "transaction", "statement"])
def test_a_pooler_may_not_share_sessions(databases, run_sql, mode):
    """PgBouncer refuses start-up options, and in two of its modes a session is not one's own."""
    with contextlib.contextmanager(private_server.folder)() as base:
        port = private_server.free_port()
        (base / "users.txt").write_text('"postgres" ""\n')
        (base / "pgbouncer.ini").write_text(
            f"[databases]\n* = host={settings.socket_dir()} port={settings.SOCKET_PORT}\n"
            f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n"
            f"auth_type = trust\nauth_file = {base}/users.txt\npool_mode = {mode}\n"
            "default_pool_size = 1\n"
        )
        user = server_files.system_user()
        command = [PGBOUNCER, "-q", str(base / "pgbouncer.ini")]
        with subprocess.Popen(command, user=user.pw_uid, stderr=subprocess.DEVNULL) as pooler:
            try:
                pooled = dataclasses.replace(databases.dev, host="127.0.0.1", port=port, retries=3)
                if mode == "session":
                    with db.connect(pooled, statement_timeout="7s") as connection:
                        assert connection.execute("show statement_timeout").fetchone() == ("7s",)
                else:
                    shared = pytest.raises(DatabaseError, match="a pooler that shares sessions")
                    with shared, db.connect(pooled):
                        pass
            finally:
                pooler.terminate()
