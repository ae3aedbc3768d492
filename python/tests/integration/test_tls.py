"""A server with TLS, passwords and certificates, which speaks German where it can.

For each way of connecting, synth gets in where dbt does, and where it does not, one line says why.
"""

import contextlib
import dataclasses
import shutil

import dbt_profile
import private_server
import psycopg
import pytest
import sql_files
import yaml

from synth import db, targets
from synth.errors import BadInput, DatabaseError

RULES = """
local all all trust
hostssl all certified 127.0.0.1/32 scram-sha-256 clientcert=verify-full
host all unlisted 127.0.0.1/32 reject
host all nobodys 127.0.0.1/32 ident
hostssl all all 127.0.0.1/32 scram-sha-256
"""
SETTINGS = """
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = '{base}/sock'
fsync = off
ssl = on
ssl_cert_file = '{base}/localhost.crt'
ssl_key_file = '{base}/localhost.key'
ssl_ca_file = '{base}/ca.pem'
"""
WAYS = {
    "the default": ({}, None),
    "no TLS": ({"sslmode": "disable"}, r"no line for it, or wants TLS.*28000"),
    "TLS": ({"sslmode": "require"}, None),
    "authority": ({"sslmode": "verify-ca", "sslrootcert": "{base}/ca.pem"}, None),
    "authority and host": ({"sslmode": "verify-full", "sslrootcert": "{base}/ca.pem"}, None),
    "authority, host is an address": (
        {"sslmode": "verify-ca", "sslrootcert": "{base}/ca.pem", "host": "127.0.0.1"},
        None,
    ),
    "another host": (
        {"sslmode": "verify-full", "sslrootcert": "{base}/ca.pem", "host": "127.0.0.1"},
        "certificate is for another name than the key host",
    ),
    "another authority": (
        {"sslmode": "verify-full", "sslrootcert": "{base}/other.pem"},
        "not signed by the authority",
    ),
    "another authority, host not looked at": (
        {"sslmode": "verify-ca", "sslrootcert": "{base}/other.pem"},
        "not signed by the authority",
    ),
    "an authority makes require look": (
        {"sslmode": "require", "sslrootcert": "{base}/other.pem"},
        "not signed by the authority",
    ),
    "the system's authorities": (
        {"sslmode": "verify-full", "sslrootcert": "system"},
        "not signed by the authority",
    ),
    "no certificate in the file": (
        {"sslmode": "verify-full", "sslrootcert": "{base}/localhost.key"},
        "holds no certificate",
    ),
    "a client certificate": (
        {"user": "certified", "sslcert": "{base}/certified.crt", "sslkey": "{base}/certified.key"},
        None,
    ),
    "no client certificate": ({"user": "certified", "sslmode": "require"}, "client certificate"),
    "a client certificate of another": (
        {
            "user": "certified",
            "sslcert": "{base}/reader.crt",
            "sslkey": "{base}/reader.key",
            "sslmode": "require",
        },
        r"SQLSTATE 28",
    ),
    "a client certificate that nobody signed": (
        {
            "user": "certified",
            "sslcert": "{base}/foreign.crt",
            "sslkey": "{base}/foreign.key",
            "sslmode": "require",
        },
        "may not accept the client certificate",
    ),
    "a key of another certificate": (
        {
            "user": "certified",
            "sslcert": "{base}/certified.crt",
            "sslkey": "{base}/reader.key",
            "sslmode": "require",
        },
        "check sslcert, sslkey",
    ),
    "a key that others may read": (
        {
            "user": "certified",
            "sslcert": "{base}/certified.crt",
            "sslkey": "{base}/open.key",
            "sslmode": "require",
        },
        "readable by you alone",
    ),
    "a wrong password": ({"password": "wrong"}, r"user and password \(SQLSTATE 28P01\)"),
    "no password": ({"password": ""}, "asks for a password and there is none"),
    "no such user": ({"user": "missing"}, r"user and password \(SQLSTATE 28P01\)"),
    "no such user, no password asked": (
        {"user": "missing", "host": "{base}/sock"},
        r"the key user names does not exist, or may not log in \(SQLSTATE 28000\)",
    ),
    "a role without login": ({"user": "resting"}, r"may not log in \(SQLSTATE 28000\)"),
    "no line in pg_hba.conf": ({"user": "unlisted"}, r"pg_hba\.conf has no line.*28000"),
    "a way of authentication that fails": ({"user": "nobodys"}, r"peer, ident.*28000"),
    "no such database": ({"dbname": "missing"}, r"key dbname names does not exist.*3D000"),
    "a database that takes nobody": ({"dbname": "closed"}, r"takes no connections.*55000"),
    "a database for others": ({"dbname": "private"}, r"may not connect to this database.*42501"),
    "no connection left for the role": (
        {"user": "limited"},
        r"role has no connection left.*53300.*connection limit",
    ),
    "no connection left in the database": (
        {"dbname": "full_up"},
        r"database has no connection left.*53300.*connection limit",
    ),
    "a role": ({"role": "owner"}, None),
    "a role in quotes": ({"role": '"owner"'}, None),
    "no such role": ({"role": "missing"}, "its role cannot be set.*member of"),
    "a role of others": ({"role": "stranger"}, r"its role cannot be set.*42501"),
}


@pytest.fixture(scope="module")
def private():
    """The server; its directory holds certificates of its own authority and of another."""
    programs = private_server.with_tls()
    if programs is None:
        pytest.skip("no PostgreSQL server on this machine was built with OpenSSL")
    with contextlib.contextmanager(private_server.folder)() as base:
        server = private_server.PrivateServer(programs, base)
        ours, other = (private_server.Authority.make(name) for name in ("ours", "other"))
        ours.write(base / "ca.pem")
        other.write(base / "other.pem")
        ours.issue(base, "localhost", ("localhost",))
        for name in ("certified", "reader"):
            ours.issue(base, name)
        other.issue(base, "foreign")
        shutil.copy(base / "certified.key", base / "open.key")
        (base / "open.key").chmod(0o644)
        ours.issue(base, "expired", ("localhost",), days=-1)
        (base / "sock").mkdir()
        for name in ("sock", "localhost.key", "expired.key"):
            private_server.own(base / name, server.user)
        (base / "sock").chmod(0o755)
        settings = SETTINGS.format(base=base, port=server.port)
        if server.speaks_german:
            settings += f"lc_messages = '{private_server.LOCALE}.UTF-8'\n"
        server.make(RULES, settings)
        server.start()
        try:
            with owner(server) as connection:
                for text in sql_files.statements("private_roles"):
                    connection.execute(text)
            yield server
        finally:
            server.stop()


@pytest.fixture
def output(private, tmp_path, monkeypatch):
    """Write a profile for the server; gives its output for dbt. No file of the user's counts."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("DBT_PROFILES_DIR", str(tmp_path))

    def write(**changes):
        made = {
            **{"type": "postgres", "host": "localhost", "port": private.port, "schema": "shape"},
            **{"user": "reader", "password": "right", "dbname": "app", "retries": 0},
        } | {
            key: value.format(base=private.base) if isinstance(value, str) else value
            for key, value in changes.items()
        }
        document = {targets.PROFILE: {"outputs": {"dev_synth": made}}}
        (tmp_path / "profiles.yml").write_text(yaml.safe_dump(document))
        return made

    return write


def owner(server):
    return psycopg.connect(
        host=str(server.base / "sock"), port=server.port, user="postgres", autocommit=True
    )


def connected(run_sql):
    return run_sql(targets.load("dev_synth"), "session_user")[0]


@pytest.mark.parametrize("way", WAYS)
def test_synth_connects_where_dbt_does_and_says_why_not(way, output, run_sql):
    changes, reason = WAYS[way]
    profile = output(**changes)
    assert dbt_profile.connects(profile) == (reason is None)
    if reason is None:
        session = connected(run_sql)
        assert session["name"] == (changes.get("role") or profile["user"]).strip('"')
        # Another role does not see it.
        assert session["has_tls"] or "role" in changes
        return
    with pytest.raises(DatabaseError, match=reason) as caught:
        connected(run_sql)
    shown = str(caught.value)
    assert "'dev_synth'" in shown
    assert "\n" not in shown
    assert not any(word in shown for word in ("right", "wrong", profile["host"] + " "))


def test_the_server_is_localized(private):
    if not private.speaks_german:
        pytest.skip("this machine cannot make a German locale")
    with owner(private) as connection, pytest.raises(psycopg.Error, match="existiert nicht"):
        sql_files.execute(connection, "session_user_missing")


def test_the_password_file_is_read_as_for_dbt(output, private, tmp_path, run_sql):
    profile = output(password="")
    path = tmp_path / ".pgpass"
    path.write_text(f"localhost:{private.port}:app:reader:right\n")
    path.chmod(0o600)
    assert dbt_profile.connects(profile)
    assert connected(run_sql)["name"] == "reader"


def test_variables_of_libpq_lead_nowhere(output, private, run_synth):
    """With PGHOSTADDR set, a run for another host worked in this server's database."""
    output(host="dev-db.internal", user="maker")
    environment = {
        "PGHOSTADDR": "127.0.0.1",
        "PGSSLMODE": "require",
        "PGPASSWORD": "a-secret",
        "PGDATA": "/not/of/libpq",
    }
    call = run_synth("generate", "--messages", "50", env=environment)
    assert call.returncode == 3, call.stderr
    ignored, reason = call.stderr.splitlines()
    assert ignored.startswith("synth: PGHOSTADDR, PGPASSWORD, PGSSLMODE ignored")
    assert "the name in the key host is not known to this machine" in reason


def test_a_variable_that_the_profile_names_is_the_profiles(output, run_synth):
    output(password="{{{{ env_var('PGPASSWORD') }}}}")
    call = run_synth("runs", env={"PGPASSWORD": "right"})
    assert call.returncode == 0, call.stderr
    assert "PGPASSWORD" not in call.stderr


def test_the_settings_for_the_dba_keep_rows_out_of_the_log(output, private, project_dir):
    guide = (project_dir / "docs" / "source-mapping.md").read_text()
    chapter = guide.split("## The log of your server")[1]
    settings = chapter.split("```sql\n")[1].split("```")[0].replace("shape_reader", "reader")
    output(role="owner")
    log, marker = private.data / "server.log", "jane.roe@example.org"

    def planted():
        before = len(log.read_text())
        failed = 0
        with db.connect(targets.load("dev_synth")) as connection:
            for text in sql_files.statements("log_planted"):
                try:
                    db.execute_text(connection, text)
                except db.Error:
                    failed += 1
        assert failed >= 12
        return log.read_text()[before:]

    assert marker in planted(), "the statements quote nothing, so the test proves nothing"
    with owner(private) as connection:
        connection.execute(settings)
    assert marker not in planted()


def test_each_state_of_a_server_has_its_line(private, output, run_sql):
    """Without TLS, with an old certificate, recovering, a standby, ended meanwhile, gone."""
    private.stop()
    private.start("ssl=off")
    with_authority = {"sslrootcert": "{base}/ca.pem"}
    for changes in ({"sslmode": "require"}, {"sslmode": "verify-full", **with_authority}):
        assert not dbt_profile.connects(output(**changes))
        with pytest.raises(DatabaseError, match="server has no TLS, and sslmode asks for it"):
            connected(run_sql)
    missing = {"sslmode": "verify-full", "sslrootcert": "/not/there.pem"}
    assert not dbt_profile.connects(output(**missing))
    with pytest.raises(BadInput, match="its key sslrootcert names is not there"):
        connected(run_sql)
    private.stop()

    expired = private.base / "expired"
    private.start(f"ssl_cert_file={expired}.crt", f"ssl_key_file={expired}.key")
    assert not dbt_profile.connects(output(sslmode="verify-ca", **with_authority))
    with pytest.raises(DatabaseError, match="certificate is not valid today"):
        connected(run_sql)
    private.stop()

    signal = private.data / "standby.signal"
    signal.touch()
    private_server.own(signal, private.user)
    private.start("hot_standby=off")
    output()
    with pytest.raises(DatabaseError, match=r"starting, shutting down or recovering.*57P03"):
        connected(run_sql)
    private.stop()
    private.start()
    output(user="postgres", host="{base}/sock", dbname="postgres")
    with pytest.raises(DatabaseError, match=r"25006.*let the target name the primary"):
        run_sql(targets.load("dev_synth"), "private_write")
    private.stop()
    signal.unlink()

    private.start()
    target = targets.load("dev_synth")
    lost = r"target 'dev_synth'.*(was lost; is the server up|server ended the connection)"
    with pytest.raises(DatabaseError, match=lost), db.connect(target) as connection:
        private.stop("immediate")
        db.fetch_one(connection, "session_settings", {"names": [], "values": [], "path": ""})
    with pytest.raises(DatabaseError, match="no socket of a server"), db.connect(target):
        pass
    gone = dataclasses.replace(target, host="127.0.0.1")
    with pytest.raises(DatabaseError, match="connection refused; is it up"), db.connect(gone):
        pass
    private.start()
