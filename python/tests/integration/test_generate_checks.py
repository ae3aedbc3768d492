"""Every rule of the layout is asserted twice, after the load and by dbt, and each can fail."""

import re
from pathlib import Path

import pytest
import sql_files

from synth import db, server, targets
from synth.errors import GateFailed
from synth.generate import run, stages
from synth.generate.options import Options
from synth.spec import model

SQL = Path(__file__).parents[1] / "sql"
N_MESSAGES = 12_000


def _catalogue():
    """Faults: (check of the generator, test of dbt, statements)."""
    text = (SQL / "generated_faults.sql").read_text()
    return re.findall(r"^-- fault: (.+) \| (.+)\n((?:.*\n)*?)(?=\n-- fault|\Z)", text, re.MULTILINE)


FAULTS = _catalogue()
QUERIES = ("check_run", "check_order", "check_receipts", "check_attachments", "check_keys")


@pytest.fixture(scope="module")
def generated(pg_server, session_environment, warm, tmp_path_factory):
    """A database without keys, so that nothing stops a fault; dbt's tests, compiled for it."""
    name = "dev_checks"
    with db.connect(server.maintenance_target()) as connection:
        db.execute(connection, "server_create_database", database=name)
    session_environment.setenv("PRODSHAPE_DEV_DBNAME", name)
    target, folder = targets.load("dev_synth"), tmp_path_factory.mktemp("checks")
    asked = run.Request(
        model.load_default(),
        N_MESSAGES,
        5,
        None,
        "perf_synthetic",
        2,
        options=Options(indexes=False),
    )
    run.execute(target, asked, quiet=True)
    warm.run(
        *("dbt", "compile", "--target", "dev_synth", "--select", "tag:layout"),
        *("--target-path", folder / "target", "--log-path", folder / "logs"),
    ).check_returncode()
    tests = {path.stem: path.read_text() for path in (folder / "target").rglob("layout_*.sql")}
    yield target, tests
    session_environment.delenv("PRODSHAPE_DEV_DBNAME")
    with db.connect(server.maintenance_target()) as connection:
        sql_files.execute(connection, "server_drop_database", database=name)


def found(connection, tests):
    """Names of the checks and of dbt's tests that complain."""
    given = {"n_messages": N_MESSAGES}
    checks = {
        row["check_name"]
        for query in QUERIES
        for row in db.fetch_all(connection, query, given, schema="perf_synthetic")
        if row["n_bad"]
    }
    return checks, {name for name, text in tests.items() if connection.execute(text).fetchall()}


def test_a_generated_database_breaks_no_rule(generated):
    target, tests = generated
    with db.connect(target) as connection:
        assert found(connection, tests) == (set(), set())


@pytest.mark.parametrize(
    ("check", "test", "statements"), FAULTS, ids=[f"{i} {row[0]}" for i, row in enumerate(FAULTS)]
)
def test_every_broken_rule_is_found(generated, check, test, statements):
    target, tests = generated
    with db.connect(target, autocommit=False) as connection:
        cursor = connection.execute(statements)
        assert cursor.rowcount > 0, "the fault changed nothing"
        checks, failed = found(connection, tests)
        connection.rollback()
    assert check in checks
    assert test == "-" or test in failed


def test_the_catalogue_breaks_every_rule(generated):
    target, tests = generated
    given = {"n_messages": N_MESSAGES}
    with db.connect(target) as connection:
        known = {
            row["check_name"]
            for query in QUERIES
            for row in db.fetch_all(connection, query, given, schema="perf_synthetic")
        }
    assert known == {check for check, *_ in FAULTS}
    # A heap out of order takes statistics, which no transaction undoes: test_generate_content.
    assert set(tests) - {"layout_heap_follows_time"} == {test for _, test, _ in FAULTS} - {"-"}


@pytest.mark.parametrize("key", ["absent", "wider", "unfinished"])
def test_only_a_valid_key_of_the_columns_proves_uniqueness(generated, key):
    target, tests = generated
    parts = key_statements()
    with db.connect(target, autocommit=False) as connection:
        connection.execute(parts[key])
        assert found(connection, tests)[1] == set()
        assert connection.execute(parts["repeat"]).rowcount == 1
        repeats = connection.execute(tests["layout_no_duplicates"]).fetchall()
        connection.rollback()
    assert [row[0] for row in repeats] == ["messages"]


def test_what_a_key_proves_is_not_read_again(generated):
    target, tests = generated
    with db.connect(target, autocommit=False) as connection:
        before = plan_of(connection, tests["layout_no_duplicates"])
        connection.execute(key_statements()["valid"])
        after = plan_of(connection, tests["layout_no_duplicates"])
        connection.rollback()
    assert before["messages"] > 0
    assert after["messages"] == 0
    assert after["message_reads"] > 0


def key_statements():
    """Statements of each kind of key, by its name."""
    text = (SQL / "generated_keys.sql").read_text()
    return dict(re.findall(r"^-- key: (\w+)\n((?:.*\n)*?)(?=\n-- key|\Z)", text, re.MULTILINE))


def plan_of(connection, statement):
    """How often each table was read, by its name."""
    plan = connection.execute("explain (analyze, format json) " + statement).fetchone()[0]
    reads, open_nodes = {}, [plan[0]["Plan"]]
    while open_nodes:
        node = open_nodes.pop()
        open_nodes += node.get("Plans", [])
        if "Relation Name" in node:
            name = node["Relation Name"]
            reads[name] = reads.get(name, 0) + node["Actual Loops"]
    return reads


@pytest.mark.parametrize(
    ("options", "queries"),
    [
        (Options(), QUERIES[:4]),
        (Options(id_type="uuid4"), [name for name in QUERIES[:4] if name != "check_order"]),
        (Options(indexes=False), QUERIES),
        (Options(partition_by="month"), QUERIES),
    ],
)
def test_a_run_asks_all_that_its_keys_do_not_say(options, queries):
    class Plan:
        n_messages = 1

    asked = [chunk.label for chunk in stages._checks(Plan, {"schema": "any"}, options)]
    assert sorted(asked) == sorted(queries)


def test_a_broken_rule_ends_the_run(generated):
    target, _ = generated
    with db.connect(target, autocommit=False) as connection:
        connection.execute(next(text for check, _, text in FAULTS if "receipts" in check))

        class Plan:
            n_messages = N_MESSAGES

        chunks = stages._checks(Plan, {"schema": "perf_synthetic"}, Options())
        with pytest.raises(GateFailed, match=r"receipts are by other members.*\(1\)"):
            for chunk in chunks:
                chunk.statement(connection)
        connection.rollback()
