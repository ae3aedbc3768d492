"""Inputs that would destroy something, or end in a traceback, are refused with one line."""

import json

import pytest

from synth import db
from synth.spec import model

PACK = {
    "schema_version": "1.0",
    "conversations": {"type_distribution": {"DIRECT_MESSAGE": 0.7, "GROUP_CHAT": 0.3}},
}


@pytest.fixture
def pack(tmp_path):
    path = tmp_path / "pack.json"
    path.write_text(json.dumps(PACK))
    return path


def refused(finished, words):
    assert finished.returncode == 2, finished.stderr
    assert words in finished.stderr
    assert finished.stderr.count("\n") == 1, finished.stderr


def test_the_pack_is_not_overwritten_by_what_is_made_of_it(pack, run_synth):
    before = pack.read_text()
    refused(run_synth("calibrate", "--shape", pack, "--output", pack), "the pack itself")
    refused(run_synth("validate", "--shape", pack, "--output", pack), "the pack itself")
    assert pack.read_text() == before


def test_devices_are_not_replaced_by_files(pack, run_synth):
    finished = run_synth("calibrate", "--shape", pack, "--output", "/dev/null", "--allow-unsigned")
    refused(finished, "not a file")


def test_a_tolerance_that_is_no_number_is_refused_at_once(pack, tmp_path, run_synth):
    report = tmp_path / "report.json"
    finished = run_synth("validate", "--shape", pack, "--output", report, "--tolerance", "nan")
    refused(finished, "--tolerance")


def test_half_a_character_in_a_key_is_bad_input(tmp_path, run_synth):
    path = tmp_path / "pack.json"
    path.write_text('{"schema_version": "1.0", "\\ud800": 1}')
    finished = run_synth("calibrate", "--shape", path, "--output", tmp_path / "spec.json")
    assert finished.returncode == 2
    assert "Traceback" not in finished.stderr


def test_windows_outside_the_calendar_are_refused(databases, tmp_path, run_synth):
    document = model.to_document(model.load_default())
    document["window"]["end"] = "9999-12-31"
    path = tmp_path / "spec.json"
    path.write_text(json.dumps(document))
    finished = run_synth("generate", "--messages", "10", "--config", path)
    refused(finished, "leave 1971-01-01 to")


def test_a_number_of_messages_that_no_conversations_hold_leaves_nothing(
    databases, tmp_path, run_synth
):
    document = model.to_document(model.load_default())
    document["conversations"]["messages"] = {
        "all": {
            "distribution": "empirical",
            "discrete": True,
            "parameters": {"x": [1000, 1001], "cdf": [0, 1]},
        }
    }
    path = tmp_path / "spec.json"
    path.write_text(json.dumps(document))
    finished = run_synth("generate", "--messages", "200", "--config", path)
    refused(finished, "expected 1,000 messages in 1 conversation of the spec's sizes, got 200")
    assert "ask for 1,000 messages" in finished.stderr
    with db.connect(databases.dev) as connection:
        for schema in ("synth", "perf_synthetic", "perf_synthetic_work"):
            state = db.fetch_one(connection, "schema_state", {"schema": schema})
            assert not state["schema_exists"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("generate", "--messages", "10", "--schema", "a\nb"), "control character"),
        (("generate", "--messages", "10", "--schema", "a\udcff"), "not valid UTF-8"),
        (("generate", "--resume", "a\udcff"), "not valid UTF-8"),
        (
            ("generate", "--messages", "10", "--export", "csv", "--export-dir", "a\udcff"),
            "not valid UTF-8",
        ),
    ],
)
def test_names_that_are_no_text_are_refused(databases, run_synth, options, words):
    refused(run_synth(*options), words)
