"""Roles that lack what a run needs, and what is not the run's: refused before anything is lost."""

import pytest
import sql_files

from synth import db


@pytest.mark.parametrize(
    ("statement", "role", "words"),
    [
        ("role_without_rights", "synth_nobody", "permission"),
        ("role_read_only", "synth_reader", "may only read"),
    ],
)
def test_missing_permissions_are_one_line(databases, run_sql, run_synth, statement, role, words):
    run_sql(databases.dev, statement)
    try:
        finished = run_synth("generate", "--messages", "10", env={"PRODSHAPE_DEV_USER": role})
    finally:
        run_sql(databases.dev, f"{statement}_drop")
    assert finished.returncode == 3
    assert words in finished.stderr
    assert finished.stderr.count("\n") == 1


def test_functions_that_may_not_be_called_are_named(databases, run_sql, run_synth):
    run_sql(databases.dev, "counters_revoked")
    try:
        with db.connect(databases.dev) as connection:
            sql_files.execute(connection, "schema_drop", schema="synth")
        finished = run_synth(
            "generate", "--messages", "10", env={"PRODSHAPE_DEV_USER": "synth_hardened"}
        )
    finally:
        run_sql(databases.dev, "counters_revoked_drop")
    assert finished.returncode == 3
    assert "call lo_create(oid), lo_lseek64(integer, bigint, integer); let" in finished.stderr
    assert finished.stderr.count("\n") == 1
    with db.connect(databases.dev) as connection:
        state = db.fetch_one(connection, "schema_state", {"schema": "perf_synthetic"})
    assert not state["schema_exists"]


@pytest.mark.parametrize(
    ("role", "words"),
    [
        ("synth_narrow", "2 more are needed, 1 are left; lower --jobs"),
        ("synth_tableless", "may not make temporary tables"),
    ],
)
def test_a_role_without_what_a_run_needs_keeps_its_data(databases, run_sql, run_synth, role, words):
    with db.connect(databases.dev) as connection:
        db.execute(connection, "schema_create", schema="synth")
    run_sql(databases.dev, "role_limited")
    try:
        finished = run_synth(
            *("generate", "--messages", "10", "--jobs", "2"), env={"PRODSHAPE_DEV_USER": role}
        )
        with db.connect(databases.dev) as connection:
            state = db.fetch_one(connection, "schema_state", {"schema": "perf_synthetic"})
    finally:
        run_sql(databases.dev, "role_limited_drop")
    assert finished.returncode == 3
    assert words in finished.stderr
    assert finished.stderr.count("\n") == 1
    assert not state["schema_exists"]


def test_a_partition_of_others_is_not_dropped(databases, run_sql, run_synth):
    options = ("generate", "--messages", "500", "--partition-by", "month")
    assert run_synth(*options).returncode == 0
    run_sql(databases.dev, "attached_partition")
    for refused in (run_synth(*options, "--replace"), run_synth("teardown")):
        assert refused.returncode == 2, refused.stderr
        assert "holds 1 relation(s) that no run made" in refused.stderr
    assert run_sql(databases.dev, "attached_rows") == [{"n_rows": 1}]
    run_sql(databases.dev, "attached_detach")
    assert run_synth(*options, "--replace").returncode == 0
    assert run_synth("teardown").returncode == 0
    assert run_sql(databases.dev, "attached_rows") == [{"n_rows": 1}]
