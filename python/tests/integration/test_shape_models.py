"""The shape models against an independent numpy computation, and the rules of the boundary."""

import csv
import gzip
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
import shape_reference
from shape_chat import CHAT, load

SALT = "a-salt-of-more-than-32-characters-for-tests"
NAMED = {"total_count", "type_distribution", "size_mix"}
# The planner's sampled estimates, there once a table was analyzed.
SAMPLED = {"column_distinct", "common_share", "heap_correlation"}
SETTINGS = ("--vars", "{source_schema: app, window_days: all}")


@pytest.fixture(scope="session")
def dbt_directory(tmp_path_factory):
    return tmp_path_factory.mktemp("dbt")


@pytest.fixture
def run_dbt(project_dir, dbt_directory, monkeypatch):
    """Call dbt as a user does, with a target directory of this worker's own."""
    monkeypatch.setenv("ANONYMIZATION_SALT", SALT)

    def run(verb, target, *arguments):
        return subprocess.run(
            [
                Path(sys.executable).with_name("dbt"),
                verb,
                *("--target", target),
                *("--target-path", dbt_directory / "target"),
                *("--log-path", dbt_directory / "logs"),
                *arguments,
            ],
            cwd=project_dir,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    return run


@pytest.fixture
def figures(run_sql):
    """Read shape_metrics: (metric, segment, kind, label or lower edge) to row."""

    def read(target):
        rows = {}
        for row in run_sql(target, "shape_rows"):
            name = row["metric"]
            if name in NAMED:
                name = f"{row['entity']}.{name}"
            position = row["bucket_lower"] if row["kind"] == "bucket" else row["label"]
            rows[name, row["segment"], row["kind"], position] = row
        return rows

    return read


def _differences(rows, expected):
    """Keys on one side only, and keys whose values differ."""
    found = {
        key: row["value"]
        for key, row in rows.items()
        if not row["is_suppressed"] and key[0] not in SAMPLED
    }
    lines = [f"only in SQL: {key}" for key in found.keys() - expected.keys()]
    lines += [f"only in numpy: {key}" for key in expected.keys() - found.keys()]
    for key in found.keys() & expected.keys():
        if found[key] != pytest.approx(expected[key], rel=1e-9, abs=1e-12):
            lines.append(f"{key}: {found[key]}, expected {expected[key]}")
    return sorted(lines)


def test_hand_made_chat_matches_numpy(databases, run_dbt, run_sql, figures):
    load(databases.dev)

    built = run_dbt("build", "dev_synth", "--select", "+shape_metrics", *SETTINGS)

    assert built.returncode == 0, built.stdout
    assert _differences(figures(databases.dev), CHAT.expected()) == []


@pytest.mark.real_data
def test_real_chat_matches_numpy(databases, run_dbt, run_synth, figures, real_data):
    folder = real_data / "slack_devchat"
    loaded = run_synth("standin", "--from", folder, "--target", "dev_synth")
    assert loaded.returncode == 0, loaded.stderr

    built = run_dbt("build", "dev_synth", "--select", "+shape_metrics", *SETTINGS)

    assert built.returncode == 0, built.stdout
    rows = figures(databases.dev)
    counted = {
        key: row for key, row in rows.items() if row["entity"] in ("conversations", "messages")
    }
    assert _differences(counted, _read(folder)) == []
    assert not [key for key, row in rows.items() if row["entity"] == "read_receipts"]


def test_a_sample_of_messages_stands_for_their_receipts_and_files(
    databases, run_dbt, run_synth, figures
):
    loaded = run_synth("standin", "--simulate", 20000, "--target", "dev_synth")
    assert loaded.returncode == 0, loaded.stderr
    selection = ("--select", "+shape_metrics")
    sample = "{source_schema: app, window_days: all, joined_sample_messages: 10000}"

    built = run_dbt("build", "dev_synth", *selection, *SETTINGS)
    assert built.returncode == 0, built.stdout
    whole = figures(databases.dev)
    built = run_dbt("build", "dev_synth", *selection, "--vars", sample)
    assert built.returncode == 0, built.stdout
    drawn = figures(databases.dev)

    joined = {"read_receipts", "attachments"}
    changed = {key for key in whole if drawn.get(key) != whole[key]}
    assert {(whole[key]["entity"]) for key in changed} == joined
    for entity in joined:
        key = (f"{entity}.total_count", "all", "total", None)
        assert drawn[key]["value"] == pytest.approx(whole[key]["value"], rel=0.05)
    n_messages = whole["messages.total_count", "all", "total", None]["value"]
    rate = drawn["read_rate", "all", "scalar", None]
    # Half of the messages, each with the same chance: five standard deviations.
    assert abs(rate["n_rows"] - n_messages / 2) < 5 * (n_messages / 4) ** 0.5
    share = whole["read_rate", "all", "scalar", None]["value"]
    assert abs(rate["value"] - share) < 5 * (share * (1 - share) / rate["n_rows"]) ** 0.5


def _read(folder):
    def table(name):
        with gzip.open(folder / f"{name}.csv.gz", "rt", newline="") as stream:
            return list(csv.DictReader(stream))

    messages = [
        {
            "message_id": int(row["message_id"]),
            "conversation_id": int(row["conversation_id"]),
            "sender_id": int(row["sender_id"]),
            "at": datetime.fromisoformat(row["created_at"]).replace(tzinfo=UTC).timestamp(),
            "type": row["type"],
            "length": int(row["content_length"]) if row["content_length"] else None,
        }
        for row in table("messages")
    ]
    conversations = {int(row["conversation_id"]): row["type"] for row in table("conversations")}
    members = [(int(row["conversation_id"]), int(row["user_id"])) for row in table("members")]
    return shape_reference.conversation_shape(messages, conversations, members)


def test_boundary_publishes_supported_cells_only(databases, run_dbt, run_synth, figures):
    loaded = run_synth("standin", "--simulate", 20000)
    assert loaded.returncode == 0, loaded.stderr

    built = run_dbt("build", "prod_shape")

    assert built.returncode == 0, built.stdout
    rows = figures(databases.prod)
    published = [row for row in rows.values() if not row["is_suppressed"]]
    assert len(published) > 300
    assert min(row["n_people"] for row in published) >= 20
    assert {row["entity"] for row in published} >= {"users", "conversations", "messages"}


def test_boundary_suppresses_a_chat_of_few_people(databases, run_dbt, figures):
    load(databases.prod)

    built = run_dbt("build", "prod_shape", *SETTINGS)

    assert built.returncode == 0, built.stdout
    rows = figures(databases.prod)
    assert rows
    assert all(row["is_suppressed"] for row in rows.values())
    assert all(row["value"] is None and row["n_rows"] is None for row in rows.values())


@pytest.mark.parametrize("salt", [None, "short"])
def test_boundary_needs_the_salt(databases, run_dbt, monkeypatch, salt):
    if salt is None:
        monkeypatch.delenv("ANONYMIZATION_SALT")
    else:
        monkeypatch.setenv("ANONYMIZATION_SALT", salt)

    refused = run_dbt("seed", "prod_shape", "--select", "vocabulary")

    assert refused.returncode != 0
    assert "ANONYMIZATION_SALT: expected 32 characters or more" in refused.stdout
    assert "OK loaded seed" not in refused.stdout


def test_salt_is_written_nowhere(databases, run_dbt, dbt_directory):
    load(databases.prod)

    for _ in range(2):
        selection = ("--select", "+int_window", "--exclude", "test_type:data")
        built = run_dbt("build", "prod_shape", "--debug", *selection, *SETTINGS)
        assert built.returncode == 0, built.stdout
        assert SALT not in built.stdout + built.stderr

    written = [path for path in dbt_directory.rglob("*") if path.is_file()]
    assert any(path.name == "partial_parse.msgpack" for path in written)
    assert not [path.name for path in written if SALT.encode() in path.read_bytes()]


def test_empty_window_fails(databases, run_dbt):
    load(databases.prod)

    built = run_dbt(
        "build",
        "prod_shape",
        *("--select", "+int_messages__weekly_profile"),
        *("--vars", "{source_schema: app, as_of: '2001-01-01'}"),
    )

    assert built.returncode == 1
    assert "FAIL 1 window_holds_messages" in built.stdout
    assert "SKIP relation shape.int_messages__weekly_profile" in built.stdout


def test_gates_pass_good_rows_and_fail_bad_ones(databases, run_dbt):
    built = run_dbt(
        "build",
        "dev_synth",
        *("--select", "tag:gate_fixtures", "metric_catalogue", "vocabulary"),
        *("--exclude", "shape_metrics"),
        *("--vars", "{gate_fixtures: true}"),
    )

    assert built.returncode == 0, built.stdout
    # Nine gates, each with rows to pass and rows to fail.
    assert built.stdout.count("[PASS in") == 18
