"""Other schemas, the reading role and a scratch database: the same shape from each of them."""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import replace
from pathlib import Path

import ledger_entry
import psycopg
import pytest
import shape_chat
import sql_files
import yaml

from synth import db, settings
from synth.errors import DatabaseError
from synth.extract import ledger
from synth.pack import rule

SQL_DIR = Path(__file__).resolve().parents[1] / "sql"
MAPPINGS = Path(__file__).resolve().parents[1] / "mappings"
# Of the tables, not of what they hold.
HEAP = {"common_share", "column_distinct", "heap_correlation"}
VIEWS = ("--mapping", "views", "--schema", "shape_source")


@pytest.fixture
def environment(tmp_path):
    """Salt, and dbt files of this test's own."""
    return {
        "ANONYMIZATION_SALT": "0123456789abcdefghijklmnopqrstuvwxyz",
        "DBT_TARGET_PATH": str(tmp_path / "target"),
        "DBT_LOG_PATH": str(tmp_path / "logs"),
    }


@pytest.fixture
def run_script():
    """Run the text of a script against a target."""

    def run(target, text):
        with psycopg.connect(**target.connection_parameters(), autocommit=True) as connection:
            connection.execute(text)

    return run


@pytest.fixture
def reader(databases, run_synth, run_script):
    """Make the reading role over a mapping; taken back afterwards."""
    made = []

    def make(*options):
        printed = run_synth("role", "--print-sql", *options)
        assert printed.returncode == 0, printed.stderr
        made.append(options)
        run_script(databases.prod, printed.stdout)
        return replace(databases.prod, user="shape_reader")

    yield make
    if made:
        run_script(databases.prod, run_synth("role", "--print-sql", "--drop").stdout)


@pytest.fixture
def second_server(run_synth):
    """Environment of another embedded server, for a scratch database."""
    base = Path(tempfile.mkdtemp(prefix="synth-test-"))
    base.chmod(0o755)
    place = {"SYNTH_CACHE_DIR": str(base / "cache"), "SYNTH_PG_SOCKET_DIR": str(base / "sock")}
    try:
        done = run_synth("pg", "start", env=place)
        assert done.returncode == 0, done.stderr
        yield place
    finally:
        run_synth("pg", "stop", env=place)
        subprocess.run(["rm", "-rf", str(base)], check=True)


class Watch(threading.Thread):
    """Collects the locks an extraction holds on the application's tables."""

    def __init__(self, run_sql, target):
        super().__init__()
        self._look = lambda: run_sql(target, "source_locks")
        self._over = threading.Event()
        self.modes = set()

    def run(self):
        while not self._over.is_set():
            self.modes |= {row["mode"] for row in self._look()}
            time.sleep(0.02)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self.join()


def _pack(run_synth, directory, environment, *options):
    # One time cut in many ways is what these tests are for.
    options = ("--allow-overlap", *options)
    arguments = ("extract", "--window-days", "all", "--output", directory, "--json", *options)
    done = run_synth(*arguments, env=environment)
    assert done.returncode == 0, done.stderr
    return json.loads(Path(json.loads(done.stdout)["pack"]).read_text())


def _cells(rows, *, with_keys):
    """Exact cells by place: rows, and with the same ids of people the key of their noise too.

    With other ids, classes that are merged until they hold k people are others.
    """
    return {
        (row["entity"], row["metric"], row["segment"], row["label"], row["bucket_index"]): (
            row["n_rows"],
            row["cell_key"] if with_keys else None,
        )
        for row in rows
        if with_keys or ".size_" not in f".{row['segment']}"
    }


def _without_heap(pack):
    """What a pack says of rows, not of tables or of the time it was made."""
    return {
        name: {key: value for key, value in section.items() if key not in HEAP}
        if isinstance(section, dict)
        else section
        for name, section in pack.items()
        if name not in ("extracted_at", "privacy")
    }


def _build(project_dir, environment, variables, *, select="int_secret"):
    """Call dbt inside the boundary, without tests."""
    return subprocess.run(
        [
            *(sys.executable, "-m", "synth.dbt", "build", "--target", "prod_shape"),
            *("--select", select, "--exclude", "resource_type:test"),
            *("--vars", yaml.safe_dump(variables, default_flow_style=True, width=9999)),
        ],
        cwd=project_dir,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_way_to_the_source_gives_the_same_shape(
    databases,
    environment,
    tmp_path,
    run_synth,
    run_sql,
    run_script,
    reader,
    second_server,
    project_dir,
):
    done = run_synth("standin", "--simulate", 20_000, "--seed", 5)
    assert done.returncode == 0, done.stderr
    for name in ("common", "messenger", "desk"):
        run_sql(databases.prod, f"sources_{name}")

    # The application's own tables; nothing but ACCESS SHARE on them.
    with Watch(run_sql, databases.prod) as watch:
        chat = _pack(run_synth, tmp_path / "chat", environment)
    assert watch.modes == {"AccessShareLock"}
    assert chat["conversations"]["total_count"] > 900
    exact = run_sql(databases.prod, "exact_cells")
    assert len(exact) > 2000

    # Pairs of columns, JSON and MIME types, edit histories.
    options = ("--mapping", MAPPINGS / "desk.yml", "--schema", "desk")
    desk = _pack(run_synth, tmp_path / "desk", environment, *options)
    found = run_sql(databases.prod, "exact_cells")
    assert _cells(found, with_keys=True) == _cells(exact, with_keys=True)
    assert _without_heap(desk) == _without_heap(chat)

    # Text ids, epoch milliseconds, soft deletes, watermarks; as the role, through its views.
    with db.connect(databases.prod) as connection:
        sql_files.execute(connection, "schema_drop", schema="shape")
    reader("--mapping", MAPPINGS / "messenger.yml", "--schema", "messenger")
    # Of what everybody has by default nothing is needed.
    run_script(databases.prod, sql_files.advised_revokes(databases.prod.dbname))
    as_reader = {**environment, "PRODSHAPE_PROD_USER": "shape_reader"}
    views = _pack(run_synth, tmp_path / "views", as_reader, *VIEWS)
    seen = run_sql(databases.prod, "exact_cells")
    assert _cells(seen, with_keys=False) == _cells(exact, with_keys=False)
    assert seen != exact
    # The secret outlives a build, for a role that may make no temporary table as well.
    (secret,) = run_sql(databases.prod, "released_secret")
    done = _build(project_dir, as_reader, {"mapping": "views", "source_schema": "shape_source"})
    assert done.returncode == 0, done.stdout[-2000:]
    assert run_sql(databases.prod, "released_secret") == [secret]

    # The same views from another server that is only ever read.
    run_sql(databases.prod, "source_writable")
    printed = run_synth(
        *("role", "--print-sql", "--fdw", "--fdw-host", settings.socket_dir()),
        *("--fdw-dbname", databases.prod.dbname),
        env={"PRODSHAPE_PROD_DBNAME": "production"},
    )
    assert printed.returncode == 0, printed.stderr
    scratch = replace(
        databases.prod, host=second_server["SYNTH_PG_SOCKET_DIR"], dbname="production"
    )
    run_script(scratch, printed.stdout.replace(":'shape_reader_password'", "'unused'"))
    run_sql(scratch, "scratch_mapping_open")
    with pytest.raises(DatabaseError, match="25006"):
        run_sql(scratch, "scratch_write")
    place = {**as_reader, **second_server, "PRODSHAPE_PROD_DBNAME": "production"}
    distant = _pack(run_synth, tmp_path / "distant", place, *VIEWS)
    found = run_sql(replace(scratch, user="shape_reader"), "exact_cells")
    assert _cells(found, with_keys=True) == _cells(seen, with_keys=True)
    # A place of its own has a secret of its own, so another noise.
    assert _without_heap(distant) != _without_heap(views)
    # Neither the way here nor the copies of staging bring the order of the ids back.
    assert run_sql(replace(scratch, user="shape_reader"), "scratch_places") == [
        {"view": view, "is_ordered": True}
        for view in ("attachments", "conversations", "members", "users")
    ] + [{"view": "copied", "is_ordered": True}]
    run_sql(databases.prod, "source_writable_drop")


def test_a_superuser_is_refused_on_a_server_that_is_not_embedded(
    databases, environment, tmp_path, run_synth, run_sql, run_script, reader, second_server
):
    """A scratch database over postgres_fdw, on a server of another name than the embedded one's."""
    shape_chat.load(databases.prod)
    reader()
    scratch = replace(
        databases.prod, host=second_server["SYNTH_PG_SOCKET_DIR"], dbname="production"
    )
    printed = run_synth(
        *("role", "--print-sql", "--fdw", "--fdw-host", settings.socket_dir()),
        *("--fdw-dbname", databases.prod.dbname),
        env={"PRODSHAPE_PROD_DBNAME": "production"},
    )
    text = printed.stdout.replace(":'shape_reader_password'", "'unused'")
    # Twice: it takes its own back before it makes it anew.
    for _ in range(2):
        run_script(scratch, text)
    run_sql(scratch, "scratch_mapping_open")
    run_script(scratch, (SQL_DIR / "server_rename.sql").read_text())
    assert run_synth("pg", "stop", env=second_server).returncode == 0
    assert run_synth("pg", "start", env=second_server).returncode == 0
    assert run_sql(scratch, "server_name") == [{"cluster_name": "theirs"}]
    place = {**environment, **second_server, "PRODSHAPE_PROD_DBNAME": "production"}
    call = ("extract", "--output", tmp_path / "out", *VIEWS)

    refused = run_synth(*call, env=place)
    assert refused.returncode == 2, refused.stderr
    assert "expected a role that may only read the source" in refused.stderr
    assert "is a superuser" in refused.stderr
    # Before anything is made: dbt would have made the schema first.
    refused = run_synth(*call, env={**place, "PRODSHAPE_PROD_SCHEMA": "shape_refused"})
    assert "is a superuser" in refused.stderr
    assert "shape_refused" not in {row["name"] for row in run_sql(scratch, "schema_names")}

    # The role passes: what stops it is that seven people are too few.
    passed = run_synth(*call, env={**place, "PRODSHAPE_PROD_USER": "shape_reader"})
    assert passed.returncode != 2, passed.stderr
    assert "superuser" not in passed.stderr


@pytest.fixture
def chat(databases):
    """A few rows in the application's schema."""
    shape_chat.load(databases.prod)
    return databases.prod


def test_sessions_that_read_the_source_are_bounded(chat, environment, project_dir, run_sql):
    watched = yaml.safe_load((MAPPINGS / "watched.yml").read_text())
    variables = {"mapping": "watched", "mappings": {"watched": watched}}
    done = _build(project_dir, environment, variables, select="+int_users")
    assert done.returncode == 0, done.stdout[-2000:]
    (row,) = run_sql(chat, "source_watched")
    assert row == {
        "lock_timeout_seconds": 5,
        "is_work_mem_set": True,
        "is_statement_timeout_set": True,
        "is_idle_timeout_set": True,
        "is_named": True,
        "n_users": 7,
    }


def test_plan_lists_queries_relations_columns_and_costs_and_runs_nothing(
    chat, environment, run_synth, run_sql
):
    with db.connect(chat) as connection, connection.transaction():
        ledger.add(connection, ledger_entry.make(1, reads={}), ledger.take(connection))
    done = run_synth("extract", "--plan", "--json", env={**environment, "ANONYMIZATION_SALT": None})
    assert done.returncode == 0, done.stderr
    shown = json.loads(done.stdout)
    (earlier,) = shown["earlier"]
    assert earlier["window_start"] == "2026-03-01T12:00:00.000001Z"
    assert earlier["release"] == {"rule": "exact"}
    assert shown["release"] == rule.perturbed()
    assert shown["budget"] is None
    by_name = {query["name"]: query for query in shown["queries"]}
    assert by_name["int_conversations__activity"]["reads"]["app.conversations"] == ["id", "type"]
    read = {}
    for query in shown["queries"]:
        assert query["problem"] == ""
        assert query["cost"] > 0
        for relation, columns in query["reads"].items():
            read.setdefault(relation, set()).update(columns)
    assert read["app.messages"] == {
        "id", "conversationId", "senderId", "type", "content", "createdAt",
    }  # fmt: skip
    assert "email" not in read["app.users"]
    assert read["app.users"] >= {"id", "username", "avatarUrl"}
    assert shown["total_cost"] == pytest.approx(sum(q["cost"] for q in shown["queries"]), abs=0.1)
    assert "shape_metrics" in shown["shape_only"]
    assert run_sql(chat, "source_shape_tables") == []


def test_map_check_names_what_is_missing_or_mistyped(
    chat, environment, tmp_path, run_synth, run_sql
):
    done = run_synth("map", "check", "--exact", "--json")
    assert done.returncode == 0, done.stderr
    shown = json.loads(done.stdout)
    messages = next(found for found in shown["relations"] if found["entity"] == "messages")
    assert messages["n_rows"] == len(shape_chat.CHAT.messages)
    columns = {column["column"]: column for column in messages["columns"]}
    assert columns["sent_at"]["found"] == "timestamp with time zone"
    assert columns["content_length"]["n_nulls"] == 1
    assert columns["message_type"]["n_unknown_labels"] == 6

    text = (MAPPINGS / "watched.yml").read_text()
    wrong = tmp_path / "wrong.yml"
    for old, new, complaint in [
        (
            "message_id: id\n",
            "message_id: type\n",
            "messages.message_id: expected bigint, got text",
        ),
        ("sent_at: '", "sent_at: id #", "messages.sent_at: expected timestamptz, got bigint"),
        ("sender_id: '\"senderId\"'", "sender_id: nobody", 'column "nobody" does not exist'),
        ("length(content)", "length(content", "messages.content_length: syntax error"),
        ("size_bytes: '\"sizeBytes\"'", "size_bytes: null", "expected an expression, got none"),
        ("  columns: {attachment_id", "  relation: nowhere\n  columns: {attachment_id", "nowhere"),
    ]:
        assert old in text
        wrong.write_text(text.replace(old, new))
        done = run_synth("map", "check", "--mapping", wrong)
        assert done.returncode == 2
        assert complaint in done.stderr

    # Bodies that are no numbers: the column is named, no body is.
    wrong.write_text(text.replace("length(content)", "content::integer"))
    done = run_synth("map", "check", "--mapping", wrong)
    assert done.returncode == 0, done.stderr
    done = run_synth("map", "check", "--exact", "--mapping", wrong)
    assert done.returncode == 2
    assert "messages.content_length: content::integer fails on some row" in done.stderr
    assert "22P02" in done.stderr
    assert "ñ" not in done.stdout + done.stderr
    # Casts whose refusal is of the class of syntax and names, and quotes the row.
    for cast in ("length(content::regclass::text)", "numnode((content || ' &')::tsquery)"):
        wrong.write_text(text.replace("length(content)", cast))
        for command in (("map", "check", "--exact"), ("extract", "-v", "--output", tmp_path / "o")):
            done = run_synth(*command, "--mapping", wrong, env=environment)
            assert done.returncode in (2, 3)
            assert f"messages.content_length: {cast} fails on some row" in done.stderr
            assert "(SQLSTATE 42" in done.stderr
            assert "ñ" not in done.stdout + done.stderr
    # A condition that fails is no column's fault.
    assert "\nmessages:\n  columns:" in text
    wrong.write_text(
        text.replace(
            "messages:\n  columns:", "messages:\n  where: content::integer > 0\n  columns:", 1
        )
    )
    done = run_synth("map", "check", "--exact", "--mapping", wrong)
    assert done.returncode == 2
    assert "messages: relation or where fails on some row" in done.stderr
    assert "ñ" not in done.stdout + done.stderr


def test_a_narrow_window_is_read_by_an_index_of_the_source(
    chat, environment, project_dir, tmp_path, run_sql, monkeypatch
):
    run_sql(chat, "source_long_history")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    built = subprocess.run(
        [
            Path(sys.executable).with_name("dbt"),
            *("build", "--target", "prod_shape"),
            *("--select", "vocabulary stg_chat__messages int_messages"),
            *("--exclude", "resource_type:test"),
            *("--vars", "{as_of: 2025-06-30, window_days: 30}"),
        ],
        cwd=project_dir,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert built.returncode == 0, built.stdout[-2000:]
    compiled = tmp_path / "target/compiled/prodshape/models/intermediate/int_messages.sql"
    with psycopg.connect(**chat.connection_parameters(), autocommit=True) as connection:
        plan = connection.execute(f"explain {compiled.read_text()}").fetchall()
    assert any("messages_created_at" in line for (line,) in plan), plan


def test_extract_names_the_column_that_fails_while_reading(chat, environment, tmp_path, run_synth):
    text = (MAPPINGS / "watched.yml").read_text()
    wrong = tmp_path / "wrong.yml"
    wrong.write_text(text.replace("length(content)", "content::integer"))
    done = run_synth("extract", "--output", tmp_path / "out", "--mapping", wrong, env=environment)
    assert done.returncode == 3
    assert "messages.content_length: content::integer fails on some row" in done.stderr
    assert "ñ" not in done.stderr
    assert list((tmp_path / "out").iterdir()) == []


def test_a_strangers_schema_is_left_alone(chat, environment, tmp_path, run_synth, run_sql):
    # The mark of the schema says whose it is, not what is in it.
    for change in ("source_stranger", "source_stranger_marked"):
        run_sql(chat, change)
        done = run_synth("extract", "--output", tmp_path / "out", env=environment)
        assert done.returncode == 2
        assert "assert_own_schema: schema shape holds shape_metrics" in done.stderr
        assert run_sql(chat, "source_stranger_rows") == [{"note": "mine"}]
        assert list((tmp_path / "out").iterdir()) == []
