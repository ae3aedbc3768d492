"""The fault catalogue: a generated database is spoilt, and the right check says so.

The faults are injected into the tables themselves (tests/sql/fid_faults.sql), and shape and checks
are rebuilt by the statements that dbt compiled; each batch in a transaction that is rolled back.
"""

import contextlib
import re
from pathlib import Path

import pytest
import sql_files

from bench import compiled
from synth import db, server, targets

SQL = Path(__file__).parents[1] / "sql"
N_MESSAGES = 40_000


def _catalogue():
    """Faults by batch: (what, checks that catch it, statements)."""
    text = (SQL / "fid_faults.sql").read_text()
    for batch, what, names, body in re.findall(
        r"^-- fault (\d+): (.+) \| (.+)\n((?:.*\n)*?)(?=\n-- fault|\Z)", text, re.MULTILINE
    ):
        yield int(batch), what, names.split(", "), body


FAULTS = list(_catalogue())
BATCHES = sorted({batch for batch, *_ in FAULTS})


@pytest.fixture(scope="module")
def generated(pg_server, session_environment, warm, tmp_path_factory):
    """Dev with a generated database, judged against another draw of the same spec."""
    name = "dev_faults"
    with db.connect(server.maintenance_target()) as connection:
        db.execute(connection, "server_create_database", database=name)
    session_environment.setenv("PRODSHAPE_DEV_DBNAME", name)
    target, folder = targets.load("dev_synth"), tmp_path_factory.mktemp("faults")
    _generate(warm, 1)
    with db.connect(target) as connection:
        # Models refuse to build without a baseline; an empty one will do to compile them.
        db.install_functions(connection)
        db.execute(connection, "schema_create_new", schema="shape_baseline")
        db.run_script(connection, "baseline_tables")
        connection.execute((SQL / "fid_baseline_meta.sql").read_text())
    built = warm.run("dbt", *compiled.arguments(target, folder))
    assert built.returncode == 0, built.stdout[-2000:]
    statements = compiled.statements(folder)
    with db.connect(target) as connection:
        connection.execute((SQL / "fid_baseline_rows.sql").read_text())
    _generate(warm, 3)
    yield target, statements
    session_environment.delenv("PRODSHAPE_DEV_DBNAME")
    with db.connect(server.maintenance_target()) as connection:
        sql_files.execute(connection, "server_drop_database", database=name)


def _generate(warm, seed):
    size = ("--messages", N_MESSAGES, "--seed", seed)
    done = warm.run("synth", "generate", *size, "--replace")
    assert done.returncode == 0, done.stderr


def _judge(generated, fault=None):
    target, statements = generated
    with _spoilt(target) as connection:
        return _checks(connection, target, statements, fault)


@contextlib.contextmanager
def _spoilt(target):
    """A transaction in which no key is in the way, and of which nothing stays."""
    with db.connect(target) as connection, connection.transaction(force_rollback=True):
        connection.execute((SQL / "fid_no_keys.sql").read_text())
        yield connection


def _checks(connection, target, statements, fault=None):
    if fault:
        connection.execute(fault)
    for statement in statements:
        connection.execute(statement)
    rows = db.fetch_all(connection, "fid_check_rows", schema=target.schema)
    verdict = db.fetch_one(connection, "fid_verdict_row", schema=target.schema)
    return {row["check_name"]: row for row in rows}, verdict


def test_the_unspoilt_draw_goes(generated):
    checks, verdict = _judge(generated)
    missed = [name for name, row in checks.items() if row["verdict"] in ("WARN", "FAIL")]
    assert verdict["is_go"], missed
    caught = {name for _, _, names, _ in FAULTS for name in names}
    # Or a fault would be caught by a check that always misses.
    assert not caught & set(missed)


@pytest.mark.parametrize("batch", BATCHES)
def test_faults_are_caught(generated, batch):
    faults = [fault for fault in FAULTS if fault[0] == batch]
    checks, verdict = _judge(generated, "".join(body for *_, body in faults))
    for _, what, names, _ in faults:
        for name in names:
            assert checks[name]["verdict"] in ("WARN", "FAIL"), (what, checks[name])
            assert checks[name]["recommendation"]
    assert not verdict["is_go"]


def test_one_heavy_room_removed(generated):
    target, statements = generated
    text = (SQL / "fid_heavy_room.sql").read_text()
    parts = dict(re.findall(r"^-- part: (\w+)\n((?:.*\n)*?)(?=\n-- part|\Z)", text, re.MULTILINE))
    with _spoilt(target) as connection:
        _checks(connection, target, statements, parts["pack"])
        connection.execute((SQL / "fid_baseline_forget.sql").read_text())
        connection.execute((SQL / "fid_baseline_rows.sql").read_text())
        honest, honest_verdict = _checks(connection, target, statements, parts["draw"])
        spoilt, verdict = _checks(connection, target, statements, parts["removed"])
    assert honest_verdict["is_go"]
    assert honest["concentration"]["verdict"] in ("PASS", "SKIP")
    assert spoilt["concentration"]["verdict"] in ("WARN", "FAIL"), spoilt["concentration"]
    assert spoilt["concentration"]["effect_size"] > spoilt["concentration"]["noise_floor"]
    assert not verdict["is_go"]


def test_there_are_enough_faults():
    assert len(FAULTS) >= 25
