"""What a run may take of the server: memory to sort in, and temporary files."""

import json

import pytest
import sql_files

from synth import db
from synth.generate import runner

N_MESSAGES = 80_000


def test_a_run_that_may_not_spill_stops_and_goes_on_with_more(databases, run_synth):
    command = ("generate", "--messages", N_MESSAGES, "--seed", "5")
    stopped = run_synth(*command, "--sort-memory", 1, "--spill-limit", 1)
    assert stopped.returncode == 3
    assert "more temporary files than it may have" in stopped.stderr
    assert stopped.stderr.count("\n") == 1
    run_id = stopped.stderr.split("--resume ")[1].split()[0]
    before = json.loads(run_synth("status", "--json").stdout)["spilled_bytes"]
    assert 0 < sum(before.values()) < 20e6

    finished = run_synth("generate", "--resume", run_id, "--spill-limit", 1, "--json")
    assert finished.returncode == 0, finished.stderr
    # All that may spill is in the record, also of the process that was stopped.
    spilled = json.loads(finished.stdout)["spilled_bytes"]
    assert all(spilled[stage] >= n_bytes for stage, n_bytes in before.items())
    status = run_synth("status")
    assert "of temporary files were written in this database" in status.stdout
    whole = run_synth(*command, "--schema", "whole", "--json")
    assert json.loads(whole.stdout)["spilled_bytes"] == {}
    assert json.loads(finished.stdout)["checksums"] == json.loads(whole.stdout)["checksums"]


def test_a_role_that_may_not_limit_its_files_says_so(databases, run_sql, run_synth):
    run_sql(databases.dev, "role_in_a_hurry")
    try:
        with db.connect(databases.dev) as connection:
            sql_files.execute(connection, "schema_drop", schema="synth")
        refused = run_synth(
            *("generate", "--messages", 100, "--spill-limit", 100),
            env={"PRODSHAPE_DEV_USER": "synth_hasty"},
        )
    finally:
        run_sql(databases.dev, "role_in_a_hurry_drop")
    assert refused.returncode == 2
    assert "the role may not set temp_file_limit" in refused.stderr
    # It may not see the data directory either, which is known for the embedded server.
    assert "free space not checked" not in refused.stderr


@pytest.mark.parametrize("option", ["--sort-memory", "--spill-limit"])
@pytest.mark.parametrize("value", [0, -1, 2_000_001])
def test_impossible_limits_are_refused(run_synth, option, value):
    refused = run_synth("generate", "--messages", 100, option, value)
    assert refused.returncode == 2
    assert f"{option} needs 1 to 2000000 MB, got {value}" in refused.stderr


def test_sorting_takes_a_fourth_of_a_known_machine_at_most():
    assert runner.default_sort_memory(64, None) == 512
    assert runner.default_sort_memory(2, 16_000) == 512
    assert runner.default_sort_memory(4, 4_096) == 256
    assert runner.default_sort_memory(64, 100) == 1
