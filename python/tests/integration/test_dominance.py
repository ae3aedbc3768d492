"""No published cell is mostly one person's: a chat built to break it, and the truth of it."""

import random
import subprocess
import sys
from collections import Counter, defaultdict
from datetime import UTC, datetime
from pathlib import Path

import pack_populations
import pytest

from synth import db

SALT = "a-salt-of-more-than-32-characters-for-tests"
LIMIT = 0.8
START = datetime(2026, 1, 5, tzinfo=UTC).timestamp()
WRITER, QUICK, BOT, PAINTER = 1, 2, 3, 4
LONGEST = 50_000


@pytest.fixture
def build(project_dir, tmp_path, monkeypatch):
    """Run dbt inside the boundary with variables; every message is measured."""
    monkeypatch.setenv("ANONYMIZATION_SALT", SALT)

    def run(verb, **variables):
        variables = {"source_schema": "app", "window_days": "all", **variables}
        return subprocess.run(
            [
                Path(sys.executable).with_name("dbt"),
                verb,
                *("--target", "prod_shape"),
                *("--target-path", tmp_path / "target"),
                *("--log-path", tmp_path / "logs"),
                *("--vars", str(variables)),
            ],
            cwd=project_dir,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    return run


def _messages():
    """Rows (conversation, sender, moment, type, length) in order of time.

    Ordinary traffic, and on top of it: one wrote 95 % of the long messages, one 95 % of the quick
    answers, one 95 % of the images, one is busiest in 95 % of the rooms of a size.
    """
    rng = random.Random(7)
    rows = []

    def say(conversation, sender, kind="TEXT", length=None, pause=60):
        moment = (rows[-1][2] if rows else START) + pause + rng.randrange(40)
        rows.append((conversation, sender, moment, kind, length or rng.randint(1, 60)))

    def anyone():
        return rng.randint(10, 400)

    for _ in range(6000):
        say(rng.randint(1, 40), anyone())
    for number in range(500):
        few = number % 20 == 0
        say(rng.randint(1, 40), 10 + number if few else WRITER, length=rng.randint(2000, 3000))
        say(rng.randint(1, 40), 10 + number if few else PAINTER, kind="IMAGE", length=5)
        room = rng.randint(1, 40)
        say(room, anyone())
        answer = 10 + number if few else QUICK
        rows.append((room, answer, rows[-1][2] + 2, "TEXT", 20))
    for room in range(41, 101):
        for turn in range(20):
            say(room, BOT if turn % 2 and room % 20 else anyone())
    say(1, 17, length=LONGEST)
    return rows


def _load(target, messages, people=400):
    rooms = sorted({row[0] for row in messages})
    members = sorted({row[:2] for row in messages})

    def moment(seconds):
        return datetime.fromtimestamp(seconds, tz=UTC)

    tables = [
        ("users", ("id", "username"), [(key, f"u{key}") for key in range(1, people + 1)]),
        ("conversations", ("id", "type"), [(room, "GROUP_CHAT") for room in rooms]),
        ("conversation_users", ("conversationId", "userId"), members),
        (
            "messages",
            ("id", "conversationId", "senderId", "type", "content", "createdAt"),
            [
                (key, room, sender, kind, "x" * length, moment(at))
                for key, (room, sender, at, kind, length) in enumerate(messages, start=1)
            ],
        ),
    ]
    with db.connect(target) as connection:
        db.execute(connection, "schema_create_new", schema="app")
        db.run_script(connection, "app_schema", schema="app")
        for name, columns, rows in tables:
            db.copy_rows(connection, ("app", name), columns, rows)


def _observations(messages):
    """Metric to (value, person, type) of each observation, from the rows alone."""
    found = defaultdict(list)
    last = {}
    senders = defaultdict(Counter)
    for room, sender, at, kind, length in messages:
        found["content_length"].append((length, sender, kind))
        senders[room][sender] += 1
        if room in last:
            found["inter_arrival"].append((at - last[room], sender, None))
        last[room] = at
    for counts in senders.values():
        busiest = min(counts, key=lambda sender: (-counts[sender], sender))
        size = sum(counts.values())
        found["messages_per_conversation"].append((size, busiest, "GROUP_CHAT"))
    return found


def _share(people):
    return max(Counter(people).values()) / len(people) if people else 0


def _dominated(rows, messages):
    """What is published and above the limit: buckets, and labels that stand for themselves."""
    broken = []
    for metric, observations in _observations(messages).items():
        for row in rows:
            if row["metric"] != metric or row["kind"] != "bucket" or row["is_suppressed"]:
                continue
            people = [
                person
                for value, person, kind in observations
                if row["bucket_lower"] <= value < row["bucket_upper"]
                and row["segment"] in ("all", kind)
            ]
            if _share(people) > LIMIT:
                broken.append((metric, row["segment"], row["bucket_lower"]))
    counts = defaultdict(list)
    for _, sender, _, kind, _ in messages:
        counts[kind].append(sender)
    labels = {
        row["label"]
        for row in rows
        if row["entity"] == "messages" and row["kind"] == "category" and not row["is_suppressed"]
    }
    for label in labels:
        # Labels that are missing are folded into it, where it is the largest.
        people = counts[label]
        if label != max(counts, key=lambda kind: len(counts[kind])) and _share(people) > LIMIT:
            broken.append(("type", label))
    return broken


def test_no_cell_is_mostly_one_persons(databases, build, run_sql):
    messages = _messages()
    _load(databases.prod, messages)

    built = build("build", dominance_limit=LIMIT)

    assert built.returncode == 0, built.stdout
    rows = run_sql(databases.prod, "shape_rows")
    assert _dominated(rows, messages) == []
    published = [row for row in rows if not row["is_suppressed"]]
    kept = Counter(row["metric"] for row in published if row["kind"] == "bucket")
    assert kept["content_length"] >= 10
    assert kept["inter_arrival"] >= 3
    assert max(row["top_share"] or 0 for row in published) <= LIMIT
    assert not [row for row in published if row["label"] == "IMAGE"]
    # One message is longest by far: neither its length nor a maximum is published.
    lengths = [row for row in published if row["metric"] == "content_length"]
    assert "max" not in {row["label"] for row in lengths}
    assert LONGEST not in {row["bucket_upper"] for row in lengths}
    assert all(row["n_people"] >= 20 for row in lengths if row["kind"] == "bucket")

    unlimited = build("run", dominance_limit=1)

    assert unlimited.returncode == 0, unlimited.stdout
    broken = {row[0] for row in _dominated(run_sql(databases.prod, "shape_rows"), messages)}
    assert broken >= {"content_length", "inter_arrival", "type"}


def test_a_read_rate_of_one_senders_messages_is_not_published(databases, build, run_sql):
    """Everybody writes once and is not read; what is read is nearly all by one."""
    tables = pack_populations.one_line_each(1, 300)
    tables["message_reads"] = []
    for key in range(1000, 2000):
        at = datetime.fromtimestamp(START + 60 * key, tz=UTC)
        sender = 1 if key % 20 else 2 + key // 20
        tables["messages"].append((key, 1, sender, "TEXT", "x", at))
        tables["message_reads"].append((key, 2 + key % 200, at))
    pack_populations.load(databases.prod, tables)

    def published(limit):
        built = build("build", dominance_limit=limit)
        assert built.returncode == 0, built.stdout
        rows = run_sql(databases.prod, "shape_rows")
        metrics = [row["metric"] for row in rows if not row["is_suppressed"]]
        return metrics.count("read_rate"), metrics.count("receipts_per_message")

    # All messages together are within the limit: one bucket.
    assert published(LIMIT) == (0, 1)
    assert published(1) == (1, 2)


def test_limit_outside_its_range_is_refused(databases, build):
    refused = build("parse", dominance_limit=0.3)

    assert refused.returncode != 0
    assert "dominance_limit: expected a number above 0.5, up to 1, got 0.3" in refused.stdout


def test_three_people_publish_nothing(databases, build, run_sql):
    messages = [(1, 1 + turn % 3, START + 60 * turn, "TEXT", 10) for turn in range(300)]
    _load(databases.prod, messages, people=3)

    built = build("build")

    assert built.returncode == 0, built.stdout
    rows = run_sql(databases.prod, "shape_rows")
    assert rows
    assert all(row["is_suppressed"] and row["value"] is None for row in rows)
