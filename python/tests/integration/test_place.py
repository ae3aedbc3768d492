"""Not production: what the servers say, and never how a place is spelled."""

import re
import socket
import time
from dataclasses import replace
from types import SimpleNamespace

import jinja2
import other_server
import pytest
import sql_files
import yaml
from psycopg.rows import dict_row

from synth import db, place, settings
from synth.errors import BadInput, DatabaseError
from synth.generate import guard, run
from synth.generate.run import Request
from synth.generate.runner import Chunk, Limits, Runner
from synth.spec import model

MARKS = (sql_files.FOLDER / "place_mark.sql").read_text().split("-- mark: ")[1:]


@pytest.fixture(scope="module")
def elsewhere(pg_server):
    """A server that is not the embedded one: for the tests it is production's."""
    with other_server.running() as found:
        found.make("chat")
        yield found


@pytest.fixture
def production(elsewhere, monkeypatch):
    """Target prod_shape, on it; gives a function that changes where it leads."""

    def lead(**changes):
        names = {"host": "127.0.0.1", "port": elsewhere.port, "dbname": "chat", "user": "postgres"}
        for name, value in {**names, **changes}.items():
            monkeypatch.setenv(f"PRODSHAPE_PROD_{name.upper()}", str(value))

    lead()
    return lead


@pytest.fixture
def work(elsewhere):
    """A fresh database beside production's."""
    elsewhere.make("work")
    return elsewhere.target("dev_synth", "work")


def checked(target):
    with db.connect(target) as connection:
        place.check(connection, target)


def contents(target, run_sql):
    return [row["name"] for row in run_sql(target, "place_contents")]


@pytest.mark.parametrize("role", ["postgres", "plain"])
def test_production_is_refused_however_it_is_spelled(
    elsewhere, production, run_sql, tmp_path, role
):
    run_sql(elsewhere.target("x", "chat"), "place_plain_role")
    link = tmp_path / "link"
    link.symlink_to(elsewhere.base)
    with other_server.tunnel(elsewhere.port) as tunnel:
        ways = [
            {"host": "localhost"},
            {"host": "LOCALHOST."},
            {"host": "127.1"},
            {"host": "2130706433"},
            {"port": tunnel},
            {"host": str(elsewhere.base)},
            {"host": f"{elsewhere.base}/"},
            {"host": str(link)},
        ]
        for way in ways:
            target = elsewhere.target("dev_synth", "chat", user=role, **way)
            try:
                socket.getaddrinfo(target.host, None) if target.host[0] != "/" else None
            except OSError:
                continue
            with pytest.raises(BadInput, match="leads to the database of 'prod_shape'"):
                checked(target)
        # Nor is it a question of how prod_shape is written.
        production(port=tunnel, user=role)
        with pytest.raises(BadInput, match="leads to the database of 'prod_shape'"):
            checked(elsewhere.target("dev_synth", "chat", host=str(elsewhere.base)))


def test_another_database_of_its_server_passes_and_is_told(production, work, capsys):
    checked(work)
    assert "is another database on the server of 'prod_shape'" in capsys.readouterr().err


def test_production_behind_what_prod_shape_reads_is_refused(
    elsewhere, production, work, run_sql, monkeypatch
):
    # Its neighbour may be the application's, too.
    run_sql(work, "place_application")
    with pytest.raises(BadInput, match=r"another database on the server of .*schema legacy looks"):
        checked(work)
    with other_server.running() as second:
        second.make("chat")
        other = second.target("dev_synth", "chat")
        run_sql(other, "place_application")
        checked(other)
        # A scratch database with foreign tables leads anywhere.
        run_sql(elsewhere.target("x", "chat"), "place_foreign_server")
        with pytest.raises(BadInput, match=r"read its tables from another.*schema legacy looks"):
            checked(other)
        run_sql(elsewhere.target("x", "chat"), "place_foreign_server_drop")
        checked(other)
        # And prod_shape may be the copy, this the original.
        variables = {"source_schema": "legacy"}
        monkeypatch.setattr("synth.dbt.variable", lambda name, *_: variables.get(name))
        with pytest.raises(BadInput, match=r"schema that is extracted from.*schema legacy looks"):
            checked(other)


def test_a_worker_that_comes_elsewhere_does_nothing(databases, work):
    names = {"schema": "perf_synthetic", "work": "perf_synthetic_work"}
    runner = Runner(work, "a-run", 1, names, {}, Limits())
    with db.connect(databases.dev) as leader:
        guard.lock(leader, "perf_synthetic")
        with pytest.raises(DatabaseError, match="came to another database than the first"):
            runner.run("x", [Chunk(0, "x")], set(), advance=print, beat=print)


def test_a_list_of_hosts_is_refused(elsewhere):
    with pytest.raises(BadInput, match="list of hosts"):
        place.check_name(elsewhere.target("dev_synth", "work", host="127.0.0.1,db.example.com"))


def test_a_replica_is_production_too(elsewhere, production, run_sql):
    primary = elsewhere.target("dev_synth", "chat")
    run_sql(elsewhere.target("x", "chat"), "place_plain_role")
    with other_server.replica(elsewhere) as found:
        with pytest.raises(BadInput, match="a replica or a physical copy"):
            checked(found.target("dev_synth", "chat"))
        production(port=found.port)
        with pytest.raises(BadInput, match="a replica or a physical copy"):
            checked(primary)
        # Where the role may not ask, nothing is known of a replica.
        run_sql(primary, "place_application")
        production(port=found.port, user="plain")
        with pytest.raises(BadInput, match=r"is a replica.*schema legacy looks like"):
            checked(replace(primary, user="plain"))
    with db.connect(primary) as connection:
        sql_files.execute(connection, "schema_drop", schema="legacy")


@pytest.mark.parametrize("mark", MARKS, ids=lambda text: text.splitlines()[0])
def test_what_the_boundary_leaves_is_known_by_any_name(databases, mark):
    with db.connect(databases.dev) as connection:
        connection.execute(mark.partition("\n")[2])
    with pytest.raises(BadInput, match="inside the production boundary: schema"):
        checked(databases.dev)


def unreachable(production):
    """Ways in which prod_shape cannot be asked, with what is said."""
    production(user="nobody")
    yield "'prod_shape' cannot be reached"
    production(host="/nonexistent")
    yield "'prod_shape' cannot be reached"
    with other_server.silent() as port:
        production(port=port)
        yield "'prod_shape' cannot be reached"


def test_what_cannot_be_told_from_production_and_looks_like_it_is_refused(
    production, work, run_sql, monkeypatch
):
    monkeypatch.setattr(place, "PROBE_SECONDS", 1.0)
    began = time.monotonic()
    for _ in unreachable(production):
        checked(work)
    run_sql(work, "place_application")
    for said in unreachable(production):
        with pytest.raises(BadInput, match=rf"{said}.*schema legacy looks like the application"):
            checked(work)
    assert time.monotonic() - began < 30
    # The embedded server stands in for a production that nobody has named.
    production(host=settings.socket_dir(), port=5432, dbname="postgres")
    with pytest.raises(BadInput, match=r"is the embedded server.*looks like the application"):
        checked(work)
    monkeypatch.setenv("DBT_PROFILES_DIR", "/nonexistent")
    with pytest.raises(BadInput, match="no usable target 'prod_shape'"):
        checked(work)


@pytest.mark.parametrize(
    ("relation", "schema", "is_alike"),
    [
        ("{schema}.chat_rooms", "old", True),
        ('{schema}."ChatRooms"', "old", True),
        ("legacy.posts", "old", False),
        ("(select p.id from {schema}.posts as p join legacy.people as q using (id))", "old", True),
        ("{schema}.posts", "app", True),
        ("{schema}.posts", "old", False),
    ],
)
def test_the_mapping_says_what_the_application_looks_like(
    production, work, monkeypatch, relation, schema, is_alike
):
    production(user="nobody")
    mapping = {"messages": {"relation": relation}, "users": {"relation": "{schema}.people"}}
    variables = {"mappings": {"theirs": {**mapping, "is_closed": False}}, "source_schema": "app"}
    monkeypatch.setattr("synth.dbt.variable", lambda name, *_: variables.get(name))
    names = ["posts"] if "posts" in relation else ["chat_rooms", "ChatRooms"]
    names += ["people"] * (is_alike and schema != "app")
    with db.connect(work) as connection:
        db.execute(connection, "schema_create", schema=schema)
        for name in names:
            sql_files.execute(connection, "place_table", schema=schema, table=name)
    if not is_alike:
        checked(work)
        return
    with pytest.raises(BadInput, match=f"schema {schema} looks like"):
        checked(work)


def test_every_command_looks_before_it_makes_anything(
    elsewhere, production, run_sql, run_synth, tmp_path
):
    production()
    chat = elsewhere.target("dev_synth", "chat")
    run_sql(chat, "place_application")
    before = contents(chat, run_sql)
    pack = tmp_path / "pack.json"
    pack.write_text('{"users": {"total_count": 7}, "messages": {"total_count": 70}}')
    shape = ("--shape", pack, "--allow-unsigned", "--output", tmp_path / "out.json")
    calls = [
        ("generate", "--messages", 10),
        ("generate", "--resume", "a-run"),
        ("teardown",),
        ("loop", *shape, "--messages", 100),
        ("import", pack, "--allow-unsigned"),
        ("validate", *shape),
        ("expire", tmp_path),
    ]
    with other_server.tunnel(elsewhere.port) as port:
        way = {"HOST": "localhost", "PORT": port, "DBNAME": "chat", "USER": "postgres"}
        environment = {f"PRODSHAPE_DEV_{name}": str(value) for name, value in way.items()}
        for call in calls:
            refused = run_synth(*call, env=environment)
            assert refused.returncode == 2, (call, refused.stderr)
            assert "leads to the database of 'prod_shape'" in refused.stderr, call
            assert refused.stderr.count("\n") <= 2, refused.stderr
            assert contents(chat, run_sql) == before, call
    with db.connect(chat) as connection:
        sql_files.execute(connection, "schema_drop", schema="legacy")


def test_own_tables_do_not_look_like_the_application_and_copies_do(
    production, work, run_sql, run_synth
):
    production(user="nobody")
    environment = {
        f"PRODSHAPE_DEV_{name}": str(value)
        for name, value in (
            ("HOST", work.host), ("PORT", work.port), ("DBNAME", "work"), ("USER", "postgres"),
        )
    }  # fmt: skip
    options = ("generate", "--messages", 100, "--partition-by", "month")
    assert run_synth(*options, env=environment).returncode == 0
    assert run_synth(*options, "--replace", env=environment).returncode == 0
    run_sql(work, "place_copies")
    refused = run_synth(*options, "--replace", env=environment)
    assert refused.returncode == 2
    assert "its schema copies looks like the application's" in refused.stderr
    with db.connect(work) as connection:
        sql_files.execute(connection, "schema_drop", schema="copies")
    assert run_synth("teardown", env=environment).returncode == 0


def test_plain_dbt_builds_nothing_in_a_place_like_production(
    production, work, run_sql, run_dbt, monkeypatch, tmp_path
):
    for name, value in (("HOST", work.host), ("PORT", work.port), ("DBNAME", "work")):
        monkeypatch.setenv(f"PRODSHAPE_DEV_{name}", str(value))
    monkeypatch.setenv("PRODSHAPE_DEV_USER", "postgres")
    run_sql(work, "place_application")
    before = contents(work, run_sql)
    refused = run_dbt(
        *("seed", "--target", "dev_synth", "--select", "tolerances"),
        *("--target-path", tmp_path / "target", "--log-path", tmp_path / "logs"),
    )
    assert refused.returncode
    assert "its schema legacy looks like the application's" in refused.stdout
    assert contents(work, run_sql) == before


@pytest.fixture
def assert_outside(project_dir):
    """The macro of that name over a real database, without the rest of dbt."""

    def refuse(message):
        raise BadInput(message)

    def check(target):
        variables = yaml.safe_load((project_dir / "dbt_project.yml").read_text())["vars"]
        environment = jinja2.Environment(autoescape=False, extensions=["jinja2.ext.do"])
        with db.connect(target) as connection:
            cursor = connection.cursor(row_factory=dict_row)
            environment.globals.update(
                modules=SimpleNamespace(re=re),
                exceptions=SimpleNamespace(raise_compiler_error=refuse),
                var=variables.get,
                target=target,
                run_query=lambda text: SimpleNamespace(rows=cursor.execute(text).fetchall()),
            )
            text = (project_dir / "macros" / "assert_outside.sql").read_text()
            environment.from_string(text).module.assert_outside()

    return check


def test_dbt_knows_marks_and_tables_that_runs_made(
    work, run_sql, production, assert_outside, databases
):
    production(user="nobody")
    assert_outside(work)
    run_sql(work, "place_application")
    with pytest.raises(BadInput, match="schema legacy looks like the application"):
        assert_outside(work)
    with db.connect(work) as connection:
        # A validation holds it, after it has compared the servers.
        assert db.fetch_one(connection, "fid_lock")["is_held"]
        assert_outside(work)
        sql_files.execute(connection, "schema_drop", schema="legacy")
    run.execute(work, Request(model.load_default(), 100, 1, None, "perf_synthetic", 1), quiet=True)
    assert_outside(work)
    run_sql(work, "place_copies")
    with pytest.raises(BadInput, match="schema copies looks like the application"):
        assert_outside(work)
    # The embedded server holds no production, but what the boundary left is known there, too.
    run_sql(databases.dev, "place_application")
    assert_outside(databases.dev)
    for mark in MARKS:
        with db.connect(databases.dev) as connection:
            connection.execute(mark.partition("\n")[2])
            with pytest.raises(BadInput, match="inside the production boundary"):
                assert_outside(databases.dev)
            for schema in ("figures", "prodshape_ledger"):
                sql_files.execute(connection, "schema_drop", schema=schema)


def test_a_comment_that_begins_alike_is_no_mark(databases, run_sql, assert_outside):
    run_sql(databases.dev, "place_mark_alike")
    checked(databases.dev)
    assert_outside(databases.dev)
    for schema in ("prodshape_ledger", "Prodshape_x"):
        with pytest.raises(BadInput, match="is not for synthetic tables"):
            guard.check_place(databases.dev, schema)


@pytest.mark.parametrize(
    ("name", "is_production"),
    [("product_dev", False), ("productivity", False), ("prod2", True), ("eu-live", True)],
)
def test_a_target_is_named_after_production_by_whole_words(databases, name, is_production):
    target = replace(databases.dev, name=name)
    if not is_production:
        place.check_name(target)
        return
    with pytest.raises(BadInput, match="is the production side"):
        place.check_name(target)


def test_another_developer_is_told_which_grant_is_lacking(
    elsewhere, production, work, run_sql, assert_outside
):
    production()
    run_sql(elsewhere.target("x", "chat"), "place_plain_role")
    run.execute(work, Request(model.load_default(), 100, 1, None, "perf_synthetic", 1), quiet=True)
    another = replace(work, user="plain")
    with pytest.raises(DatabaseError, match="grant usage on schema synth and select"):
        checked(another)
    with pytest.raises(BadInput, match="grant usage on schema synth and select"):
        assert_outside(another)
    run_sql(work, "place_grant_ledger")
    checked(another)
    assert_outside(another)


def test_a_stand_in_is_made_on_the_embedded_server_only(elsewhere, work, run_sql, run_synth):
    way = {"HOST": work.host, "PORT": work.port, "DBNAME": "work", "USER": "postgres"}
    environment = {f"PRODSHAPE_PROD_{name}": str(value) for name, value in way.items()}
    refused = run_synth("standin", "--simulate", 10, env=environment)
    assert refused.returncode == 2
    assert "may be the real production" in refused.stderr
    assert contents(work, run_sql) == ["public"]


@pytest.mark.parametrize(
    ("strange", "said"),
    [
        ("place_strange_records", "ledger"),
        ("place_strange_function", "unit"),
        ("place_strange_made", "made"),
    ],
)
def test_a_schema_of_the_records_name_is_not_taken(databases, run_sql, run_synth, strange, said):
    run_sql(databases.dev, strange)
    before = contents(databases.dev, run_sql)
    refused = run_synth("generate", "--messages", 10)
    assert refused.returncode == 2
    assert f"schema synth, which is for the records of runs, holds {said}" in refused.stderr
    assert contents(databases.dev, run_sql) == before
