"""A forked call gives what the program gives that is started anew."""

import json
import os
import subprocess

import pytest

from synth import cli


def _facts(done):
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("--help",),
        ("no-such-command",),
        ("scan", "no-such-file.json"),
        ("generate", "--messages", "0"),
        ("extract", "--output", "out", "--target", "nowhere"),
    ],
    ids=" ".join,
)
def test_a_forked_synth_says_what_a_started_one_says(run_synth, start_synth, words):
    assert _facts(run_synth(*words)) == _facts(start_synth(*words))


@pytest.mark.parametrize("command", cli.COMMANDS)
def test_every_command_starts_by_itself(run_synth, start_synth, command):
    done = start_synth(command, "--help")
    assert done.returncode == 0, done.stderr
    assert _facts(run_synth(command, "--help")) == _facts(done)


def test_environment_and_directory_are_the_callers(warm, tmp_path, monkeypatch):
    monkeypatch.setenv("SYNTH_AUDIT_FILE", str(tmp_path / "before.jsonl"))
    env = {"SYNTH_AUDIT_FILE": str(tmp_path / "told.jsonl"), "HOME": None}
    done = warm.run("synth", "scan", "nothing.json", env=env, cwd=tmp_path)
    assert done.returncode == 2
    (record,) = map(json.loads, (tmp_path / "told.jsonl").read_text().splitlines())
    assert record["command"] == "scan"
    assert not (tmp_path / "before.jsonl").exists()
    # Nothing of one call is left for the next.
    again = warm.run("synth", "scan", "nothing.json", cwd=tmp_path)
    assert again.returncode == 2
    assert (tmp_path / "before.jsonl").exists()


def test_a_call_that_takes_too_long_is_ended(warm):
    with pytest.raises(subprocess.TimeoutExpired):
        warm.run("dbt", "parse", "--target", "dev_synth", timeout=0.01)


def test_a_changed_start_of_the_interpreter_starts_it_anew(run_synth, tmp_path):
    (tmp_path / "synth").mkdir()
    (tmp_path / "synth" / "__init__.py").write_text("")
    (tmp_path / "synth" / "__main__.py").write_text("raise SystemExit(7)")
    found = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    assert run_synth("--help", env={"PYTHONPATH": found}).returncode == 7
