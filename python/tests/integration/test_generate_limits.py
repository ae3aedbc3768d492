"""What a run may take of the server: memory to sort in, and temporary files."""

import json

import pytest

from synth import db

N_MESSAGES = 80_000


def test_a_run_that_may_not_spill_stops_and_goes_on_with_more(databases, run_synth):
    command = ("generate", "--messages", N_MESSAGES, "--seed", "5")
    stopped = run_synth(*command, "--sort-memory", 1, "--spill-limit", 1)
    assert stopped.returncode == 3
    assert "more temporary files than it may have" in stopped.stderr
    assert stopped.stderr.count("\n") == 1
    run_id = stopped.stderr.split("--resume ")[1].split()[0]

    finished = run_synth("generate", "--resume", run_id, "--spill-limit", 1, "--json")
    assert finished.returncode == 0, finished.stderr
    whole = run_synth(*command, "--schema", "whole", "--json")
    assert json.loads(finished.stdout)["checksums"] == json.loads(whole.stdout)["checksums"]


def test_a_role_that_may_not_limit_its_files_says_so(databases, run_sql, run_synth):
    run_sql(databases.dev, "role_in_a_hurry")
    try:
        with db.connect(databases.dev) as connection:
            db.execute(connection, "schema_drop_work", work="synth")
        refused = run_synth(
            *("generate", "--messages", 100, "--spill-limit", 100),
            env={"PRODSHAPE_DEV_USER": "synth_hasty"},
        )
    finally:
        run_sql(databases.dev, "role_in_a_hurry_drop")
    assert refused.returncode == 2
    assert "the role may not set temp_file_limit" in refused.stderr.splitlines()[-1]


@pytest.mark.parametrize("option", ["--sort-memory", "--spill-limit"])
@pytest.mark.parametrize("value", [0, -1, 2_000_001])
def test_impossible_limits_are_refused(run_synth, option, value):
    refused = run_synth("generate", "--messages", 100, option, value)
    assert refused.returncode == 2
    assert f"{option} needs 1 to 2000000 MB, got {value}" in refused.stderr
