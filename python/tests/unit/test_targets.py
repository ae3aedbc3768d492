"""The profile: every key means what it means for dbt, or is refused by its name."""

import dataclasses
import os
import socket
import subprocess
import sys

import dbt_profile
import pytest
import yaml
from dbt.adapters.postgres import PostgresCredentials
from psycopg import pq

from synth import db, libpq_environment, settings, targets
from synth.errors import BadInput

OUTPUT = {
    "type": "postgres",
    "host": "db.example.org",
    "port": 5432,
    "user": "reader",
    "password": "correct-horse",
    "dbname": "app",
    "schema": "shape",
    "threads": 2,
}
VARIABLES = {
    "NUMBER": "5433",
    "SPACED": "5433 ",
    "EMPTY": "",
    "WORD": "word",
    "TRUE": "True",
    "DBT_ENV_SECRET_PASSWORD": "from a secret",
    "PGPASSWORD": "from libpq's variable",
}
# Key, value: both read it, and alike.
ALIKE = [
    ("port", 5433),
    ("port", "{{ env_var('NUMBER') | as_number }}"),
    ("port", "{{ env_var('SPACED') | as_number }}"),
    ("port", "{{ env_var('NUMBER') | int }}"),
    ("port", "{{ env_var('NOT_SET', '5434') | as_number }}"),
    ("password", ""),
    ("password", "a{{b"),
    ("password", "a}}b"),
    ("password", "p{% if %}"),
    ("password", "5432"),
    ("password", "{{ env_var('EMPTY') }}"),
    ("password", "{{ env_var('NUMBER') }}"),
    ("password", "{{ env_var('DBT_ENV_SECRET_PASSWORD') }}"),
    ("password", "{{ env_var('PGPASSWORD') }}"),
    ("host", "{{ env_var('WORD') | upper }}"),
    ("host", "{{ env_var('EMPTY') or 'other' }}"),
    ("host", "{# a comment #}{{ env_var('WORD') }}"),
    ("host", "{{ env_var('WORD') }}-{{ env_var('NUMBER') }}"),
    ("host", "{{ env_var('NUMBER') | as_text }}"),
    ("host", "{{ env_var('WORD') | as_native }}"),
    ("host", "one,two"),
    ("connect_timeout", "{{ env_var('NUMBER') | as_native }}"),
    ("connect_timeout", 0),
    ("retries", 0),
    ("keepalives_idle", 30),
    ("role", None),
    ("role", "owner"),
    ("role", '"Odd ""name"""'),
    ("search_path", "one, two"),
    ("sslmode", None),
    ("sslmode", "verify-full"),
    ("sslrootcert", "system"),
    ("sslcert", "client.crt"),
    ("sslkey", "client.key"),
]
# Key, value, whether dbt reads it: it would go another way than the line says, or fail later.
REFUSED = [
    ("port", "5432", False),
    ("port", "5432 ", False),
    ("port", "{{ env_var('NUMBER') }}", False),
    ("port", "{{ env_var('WORD') | as_number }}", False),
    ("port", True, False),
    ("port", 0, True),
    ("port", 70000, True),
    ("password", None, False),
    ("password", 12345, False),
    ("password", "{{ env_var('NOT_SET') }}", True),
    ("password", "{{ not_known }}", False),
    ("password", "zero\0byte", True),
    ("host", None, False),
    ("host", "", True),
    ("host", "{{ not_known }}", False),
    ("host", "{{ var('host', 'one') }}", True),
    ("host", "{{ env_var('NUMBER') | as_native }}", False),
    ("host", ["one", "two"], False),
    ("user", "", True),
    ("dbname", "{{ env_var('EMPTY') }}", True),
    ("schema", "", True),
    ("retries", -1, True),
    ("retries", "1", False),
    ("connect_timeout", -1, True),
    ("keepalives_idle", None, False),
    ("sslmode", "verify_full", True),
    ("sslmode", False, False),
    ("role", "one; drop table two", True),
    ("role", "one two", True),
    ("autocommit", "{{ env_var('WORD') | as_bool }}", False),
]
UNKNOWN = [
    *("ssl_mode", "sslcrl", "channel_binding", "hostaddr", "service", "options", "passfile"),
    *("target_session_attrs", "Host", "name", "sslrootcertt", "keepalives", "gssencmode"),
]


@pytest.fixture
def profile(tmp_path, monkeypatch):
    """Write a profile with one output; gives the reader of it."""
    monkeypatch.setenv("DBT_PROFILES_DIR", str(tmp_path))
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("NOT_SET", raising=False)

    def read(**changes):
        output = {**OUTPUT, **changes}
        document = {targets.PROFILE: {"outputs": {"dev_synth": output}}}
        (tmp_path / "profiles.yml").write_text(yaml.safe_dump(document))
        return targets.load("dev_synth")

    return read


def test_every_key_of_dbt_is_known_here():
    ours = set(targets._TYPES) - {"name", "type", "threads"}
    dbts = {field.name for field in dataclasses.fields(PostgresCredentials)} - {"_ALIASES"}
    assert ours == {"dbname" if key == "database" else key for key in dbts}
    assert set(targets._ALIASES) == {"database", "pass"}


def test_what_the_profile_leaves_out_is_dbts_default(profile):
    ours = profile()
    dbts = dbt_profile.credentials(OUTPUT)
    for field in dataclasses.fields(targets.Target):
        if field.name != "name":
            theirs = "database" if field.name == "dbname" else field.name
            assert getattr(ours, field.name) == getattr(dbts, theirs)


@pytest.mark.parametrize(("key", "value"), ALIKE)
def test_values_are_read_as_dbt_reads_them(profile, key, value):
    assert getattr(profile(**{key: value}), key) == getattr(
        dbt_profile.credentials({**OUTPUT, key: value}), key
    )


@pytest.mark.parametrize(("key", "value", "dbt_reads"), REFUSED)
def test_other_values_are_refused_by_their_key(profile, key, value, dbt_reads):
    with pytest.raises(BadInput, match=rf"{key} ") as caught:
        profile(**{key: value})
    shown = str(caught.value)
    assert "\n" not in shown
    assert not (isinstance(value, str) and len(value) > 5 and value in shown), "a value is shown"
    assert (dbt_profile.credentials({**OUTPUT, key: value}) is not None) == dbt_reads


@pytest.mark.parametrize(
    "host",
    [
        "db..internal",
        ".x",
        "a" * 64 + ".x",
        "a" * 300,
        "one,two..x",
        "caf\u00e9..x",
        "\ud800",
        "h\udce9",
    ],
)
def test_a_host_that_cannot_be_looked_up_is_refused_by_its_key(profile, monkeypatch, host):
    with pytest.raises(BadInput, match="host is ") as caught:
        profile(host=host)
    assert host not in str(caught.value)


def test_a_text_that_is_not_utf8_is_refused_by_its_key(profile, monkeypatch):
    monkeypatch.setitem(os.environb, b"LATIN", b"caf\xe9")
    for key in ("host", "user", "password", "dbname", "schema", "sslcert", "search_path", "role"):
        with pytest.raises(BadInput, match=f"{key} is not UTF-8 text"):
            profile(**{key: "{{ env_var('LATIN') }}"})


def test_a_long_host_of_short_labels_is_one_line(profile):
    target = profile(host=".".join(["label"] * 60), retries=1)
    with pytest.raises(db.DatabaseError, match="not known to this machine"), db.connect(target):
        pass


@pytest.mark.parametrize("key", UNKNOWN)
def test_keys_that_dbt_passes_over_are_refused(profile, key):
    with pytest.raises(BadInput, match=f"does not know: {key};"):
        profile(**{key: "verify-full"})
    assert dbt_profile.credentials({**OUTPUT, key: "verify-full"}) is not None


def test_aliases_and_what_is_missing(profile):
    plain = {key: value for key, value in OUTPUT.items() if key not in ("dbname", "password")}
    with pytest.raises(BadInput, match="dbname twice"):
        profile(database="other")
    with pytest.raises(BadInput, match="password twice"):
        profile(**{"pass": "other"})
    for key in ("host", "port", "user", "password", "dbname", "schema"):
        assert dbt_profile.credentials({k: v for k, v in OUTPUT.items() if k != key}) is None
    assert dbt_profile.credentials({**plain, "database": "app", "pass": "x"}).database == "app"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "prodshape:",
        "prodshape: {outputs: [dev_synth]}",
        "prodshape: {outputs: {dev_synth: }}",
        "prodshape: {outputs: {dev_synth: [1]}}",
        "prodshape: {outputs: {1: {}, dev_synth: {}}}",
        "prodshape: {outputs: {dev_synth: {type: postgres}}}",
        "prodshape: {outputs: {dev_synth: {type: postgres, 1: 2}}}",
        "prodshape: {outputs: {dev_synth: {type: snowflake}}}",
        "prodshape: {outputs",
    ],
)
def test_profiles_that_are_none_are_refused(tmp_path, monkeypatch, text):
    monkeypatch.setenv("DBT_PROFILES_DIR", str(tmp_path))
    (tmp_path / "profiles.yml").write_text(text)
    with pytest.raises(BadInput, match=r"profiles\.yml"):
        targets.load("dev_synth")


def test_a_profile_in_another_encoding_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("DBT_PROFILES_DIR", str(tmp_path))
    (tmp_path / "profiles.yml").write_bytes("prodshape: {outputs: {}} # é".encode("latin-1"))
    with pytest.raises(BadInput, match="is not UTF-8"):
        targets.load("dev_synth")


def test_certificates_that_are_missing_are_refused_before_connecting(
    profile, tmp_path, monkeypatch
):
    monkeypatch.setenv("HOME", str(tmp_path))
    there = tmp_path / "there.pem"
    there.touch()
    for key in ("sslcert", "sslkey", "sslrootcert"):
        for mode in (None, "prefer", "require", "verify-full"):
            target = profile(**{key: "/not/there.pem", "sslmode": mode})
            with pytest.raises(BadInput, match=f"its key {key} names is not there"):
                target.connection_parameters()
        # Neither is used there, by dbt neither.
        profile(**{key: "/not/there.pem", "sslmode": "disable"}).connection_parameters()
        profile(**{key: "/not/there.pem", "host": "/tmp"}).connection_parameters()
    for mode in ("verify-ca", "verify-full"):
        with pytest.raises(BadInput, match=f"sslmode {mode} needs the certificate"):
            profile(sslmode=mode).connection_parameters()
        given = profile(sslmode=mode, sslrootcert=str(there)).connection_parameters()
        assert (given["sslmode"], given["sslrootcert"]) == (mode, str(there))
        profile(sslmode=mode, sslrootcert="system").connection_parameters()
    (tmp_path / ".postgresql").mkdir()
    there.rename(tmp_path / ".postgresql" / "root.crt")
    profile(sslmode="verify-full").connection_parameters()


def test_the_embedded_server_is_meant_by_directory_and_port(profile, monkeypatch):
    monkeypatch.setenv("SYNTH_PG_SOCKET_DIR", "/run/one")
    assert profile(host="/run/one").is_embedded
    assert not profile(host="/run/one", port=5433).is_embedded
    assert not profile(host="/run/two").is_embedded
    assert profile(host="/run/one").port == settings.SOCKET_PORT


def test_every_variable_that_libpq_reads_is_taken_out():
    known = {known.envvar.decode() for known in pq.Conninfo.get_defaults() if known.envvar}
    assert len(known) > 30
    environment = dict.fromkeys(known | libpq_environment.WITHOUT_PARAMETER | {"PGDATA"}, "1")
    # In a process of its own: what was taken out stays out.
    finished = subprocess.run(
        [
            sys.executable,
            "-c",
            "import os; from synth import libpq_environment as it; it.variable('PGUSER')\n"
            "print(*it.take_out()); print(*(os.environ.keys() & {*open(0).read().split()}))\n"
            "print(it.take_out(), it.variable('PGUSER'), it.variable('PGDATA'))",
        ],
        env={**os.environ, **environment},
        input=" ".join(environment),
        capture_output=True,
        text=True,
        check=True,
    )
    taken, left, again, _ = finished.stdout.split("\n")
    assert set(taken.split()) == set(environment) - {"PGUSER"}
    assert (left, again) == ("", "[] 1 1")


def test_an_old_server_is_refused(profile):
    db.check_version(140005, profile())
    with pytest.raises(db.DatabaseError, match="PostgreSQL 13, and 14 or later is needed"):
        db.check_version(130022, profile())


def test_a_closed_port_is_found_by_its_error_number():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    target = targets.Target("dev_synth", "127.0.0.1", port, "u", "", "d", "s")
    with pytest.raises(db.DatabaseError, match="connection refused; is it up"), db.connect(target):
        pass
