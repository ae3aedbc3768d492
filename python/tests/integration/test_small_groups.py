"""Few people on chats built to break them: few people behind a label, a maximum, a window."""

from datetime import timedelta

import pack_populations
import pytest

K = 5
LARGEST_NOISE = 7


def _texts(rows):
    return {str(row[name]) for row in rows for name in ("label", "segment")}


@pytest.mark.slow
def test_a_label_of_one_person_is_nowhere(published):
    tables = pack_populations.one_line_each(8, n_audio=1)
    users = tables["users"]
    # Of the vocabulary, and of nobody's.
    users[0] = (*users[0][:3], "desktop")
    users[1] = (*users[1][:3], "acme-prototype-7")
    rows = published(tables, K)
    shown = " ".join(_texts(rows))
    assert "web" in shown
    assert "IMAGE" in shown
    for label in ("desktop", "acme", "AUDIO"):
        assert label not in shown
    for metric in ("device_mix", "type_distribution"):
        entity = "users" if metric == "device_mix" else "messages"
        found = [row for row in rows if (row["entity"], row["metric"]) == (entity, metric)]
        # Every cell has noise, the folded ones of four labels or five.
        assert abs(sum(row["n_rows"] for row in found) - len(users)) <= 5 * LARGEST_NOISE
        assert min(row["n_people"] for row in found) >= K


@pytest.mark.slow
def test_a_unique_maximum_is_nowhere(published):
    tables = pack_populations.diaries(9)
    key = max(number for number, *_ in tables["messages"])
    _, room, sender, *_, first = tables["messages"][0]
    longest, length = 5_171, 31_013
    tables["messages"] = [row for row in tables["messages"] if row[1] != room] + [
        (key + n, room, sender, "TEXT", "x" * (length if n == 1 else 9), first + timedelta(0, n))
        for n in range(1, longest + 1)
    ]
    rows = published(tables, K)
    numbers = {row[name] for row in rows for name in ("value", "bucket_lower", "bucket_upper")}
    assert not {longest, length} & {number and round(number) for number in numbers}
    for metric, top in (
        ("messages_per_conversation", longest),
        ("messages_per_user", longest),
        ("content_length", length),
    ):
        found = [row for row in rows if row["metric"] == metric and row["segment"] == "all"]
        (last,) = [
            row
            for row in found
            if row["kind"] == "bucket" and row["bucket_lower"] <= top < row["bucket_upper"]
        ]
        assert last["n_people"] >= K
        assert last["bucket_lower"] < 410, "the next one is far below"
        assert all(row["value"] < 410 for row in found if (row["label"] or "").startswith("p"))


@pytest.mark.slow
def test_a_window_of_three_people_says_nothing(databases, tmp_path, run_synth, run_sql):
    tables = pack_populations.one_line_each(10, n_people=3)
    tables["messages"] = [
        (n, *tables["messages"][n % 3][1:5], tables["messages"][0][5] + timedelta(0, 60 * n))
        for n in range(1, 3_000)
    ]
    tables["message_reads"], tables["attachments"] = [], []
    pack_populations.load(databases.prod, tables)
    done = run_synth(
        "extract", "--window-days", "all", "--output", tmp_path / "out",
        env={
            "ANONYMIZATION_SALT": "a-salt-of-more-than-32-characters-for-tests",
            "DBT_TARGET_PATH": str(tmp_path / "target"),
            "DBT_LOG_PATH": str(tmp_path / "logs"),
        },
    )  # fmt: skip
    assert done.returncode == 1
    assert "too few people" in done.stderr
    assert "longer --window-days" in done.stderr
    assert list((tmp_path / "out").iterdir()) == []
    rows = run_sql(databases.prod, "shape_rows")
    assert rows
    assert all(row["is_suppressed"] and row["n_rows"] is None for row in rows)
