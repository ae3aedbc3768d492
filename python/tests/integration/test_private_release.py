"""A release by dp: how far one person moves the counts, and what is said of a population."""

import json
import random
import subprocess
import sys
from collections import defaultdict
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import pytest

from synth import db, dbt
from synth.extract import grid, run
from synth.pack import rule
from synth.release import dp
from synth.standin import load, simulate

SALT = "a-salt-of-more-than-32-characters-for-tests"
START = datetime(2026, 1, 5, tzinfo=UTC).timestamp()
AS_OF, DAYS = "2026-01-31", 27
HOUR = 3600
WHALE, BUSY, MEDIAN = 1, 2, 50
BOUNDS = dp.Bounds()
FREE = {"messages": 10**6, "conversations": 10**6, "hourly": 10**6}


class People:
    """A population in which one person could move everything.

    She is in 40 conversations with one partner each, who would be alone without her, and alone in
    30 more; she writes in every hour of the week, most of all messages, the last one, and has all
    files. Others write in groups.
    """

    def __init__(self):
        rng = random.Random(3)
        self.users = list(range(1, 101))
        self.types, self.members, self.messages, self.files = {}, [], [], []
        for number in range(1, 41):
            self._room(number, "GROUP_CHAT", (WHALE, 2 + number))
            for turn in range(60):
                hour = (number * 60 + turn) % (DAYS * 24)
                moment = START + hour * HOUR + 10 * number
                self._say(number, WHALE, "IMAGE", moment)
                self._say(number, 2 + number, "TEXT", moment + 4)
        for number in range(41, 71):
            self._room(number, "CHANNEL", (WHALE,))
            self._say(number, WHALE, "TEXT", START + number * HOUR)
        for number in range(71, 101):
            people = rng.sample(range(2, 101), 6)
            self._room(number, "CHANNEL", {BUSY, *people})
            moment = START + rng.randrange(20 * 24) * HOUR
            for _ in range(20):
                moment += rng.expovariate(1 / 600)
                self._say(number, rng.choice([BUSY, *people]), rng.choice(["TEXT", "FILE"]), moment)
        self._say(1, WHALE, "TEXT", START + (DAYS - 1) * 24 * HOUR)
        hers = [row for row in self.messages if row[2] == WHALE and row[3] == "IMAGE"]
        self.files = [(2 * row[0] + copy, row[0], "image", 5000) for row in hers for copy in (0, 1)]

    def _room(self, number, kind, people):
        self.types[number] = kind
        self.members += [(number, person) for person in people]

    def _say(self, conversation, sender, kind, moment):
        self.messages.append((len(self.messages) + 1, conversation, sender, kind, moment))

    def load(self, target, left_out=None, is_new=False):
        """Fill schema app with all but one person, and what is of that person alone."""
        members = [row for row in self.members if row[1] != left_out]
        messages = [row for row in self.messages if row[2] != left_out]
        known = {row[0] for row in messages}
        rooms = {row[0] for row in members} | {row[1] for row in messages}
        tables = {
            ("users", "id", "username"): [(u, "u" * (5 + u % 9)) for u in self.users],
            ("conversations", "id", "type"): [(c, self.types[c]) for c in sorted(rooms)],
            ("conversation_users", "conversationId", "userId"): members,
            ("messages", "id", "conversationId", "senderId", "type", "content", "createdAt"): [
                (*row[:4], "x" * 20, datetime.fromtimestamp(row[4], UTC)) for row in messages
            ],
            ("attachments", "id", "messageId", "type", "sizeBytes"): [
                row for row in self.files if row[1] in known
            ],
        }
        tables["users", "id", "username"] = [
            row for row in tables["users", "id", "username"] if row[0] != left_out
        ]
        with db.connect(target) as connection:
            if is_new:
                db.execute(connection, "schema_create_new", schema="app")
                db.run_script(connection, "app_schema", schema="app")
            for (name, *columns), rows in tables.items():
                db.copy_rows(connection, ("app", name), columns, rows)


@pytest.fixture
def counted(databases, project_dir, tmp_path, monkeypatch, run_sql):
    """Load a population and count its cells, as a release by dp does, before the noise."""
    monkeypatch.setenv("ANONYMIZATION_SALT", SALT)
    people = People()
    people.load(databases.prod, is_new=True)

    def cells(left_out=None, **variables):
        run_sql(databases.prod, "private_empty")
        people.load(databases.prod, left_out)
        variables = {
            "release": "dp",
            "as_of": AS_OF,
            "window_days": DAYS,
            # Rates that follow the data are no rates of a private release.
            "gap_sample_messages": 1000,
            "joined_sample_messages": 1000,
            **variables,
        }
        done = subprocess.run(
            [
                Path(sys.executable).with_name("dbt"),
                "build",
                *("--select", "+int_cells", "--exclude-resource-type", "test"),
                *("--target", "prod_shape"),
                *("--target-path", tmp_path / "target", "--log-path", tmp_path / "logs"),
                *("--vars", json.dumps(variables)),
            ],
            cwd=project_dir,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-2000:]
        rows = run_sql(databases.prod, "private_cells")
        return {dp.Cell(*list(row.values())[:5]): row["n_rows"] for row in rows}

    return cells


def moved(cells, others):
    """Squared L2 norm of how far the counts of each metric differ, over the public grid."""
    found = defaultdict(int)
    for cell in (cells.keys() | others.keys()) & grid.cells(DAYS).keys():
        found[cell.entity, cell.metric] += (cells.get(cell, 0) - others.get(cell, 0)) ** 2
    return found


def test_one_person_moves_no_metric_further_than_the_noise_is_made_for(counted, databases, run_sql):
    spends = dp.plan(grid.cells(DAYS), Fraction(1), 10**9)
    declared = {(spend.entity, spend.metric): spend for spend in spends}
    everybody = counted()
    assert everybody.keys() - grid.cells(DAYS).keys() == {
        cell for cell in everybody if (cell.entity, cell.metric) not in declared
    }
    (kept,) = run_sql(databases.prod, "private_bounds")
    assert kept == {
        "n_conversations": BOUNDS.conversations,
        "n_messages": BOUNDS.messages,
        "n_hourly": BOUNDS.hourly,
        "n_files": BOUNDS.messages,
    }
    for person in (WHALE, BUSY, MEDIAN):
        found = moved(everybody, counted(left_out=person))
        above = {name: n for name, n in found.items() if n > declared[name].squared}
        assert not above
        if person == WHALE:
            # The bounds are no larger than they have to be.
            assert 10 * found["conversations", "distinct_senders"] >= BOUNDS.squared(
                "conversations"
            )
            assert found["messages", "total_count"] == BOUNDS.messages**2
            assert found["users", "messages_per_user"] == 1
            assert 10 * found["messages", "hour_of_week"] > BOUNDS.squared("hours")


def test_without_bounds_she_moves_them_further(counted):
    found = moved(counted(dp_contributions=FREE), counted(left_out=WHALE, dp_contributions=FREE))
    for name, family in {
        ("conversations", "distinct_senders"): "conversations",
        ("conversations", "total_count"): "conversations",
        ("messages", "total_count"): "messages",
        ("messages", "hour_of_week"): "hours",
        ("messages", "inter_arrival"): "sequences",
        ("attachments", "total_count"): "messages",
    }.items():
        assert found[name] > BOUNDS.squared(family), name


@pytest.mark.parametrize("epsilon", [1, 4])
def test_a_simulated_source_is_released(databases, tmp_path, monkeypatch, epsilon, run_sql):
    known = dbt.variable
    given = {"dp_budget": 10, "dp_people": 3000}
    monkeypatch.setattr(
        dbt, "variable", lambda name, target=None: given.get(name, known(name, target))
    )
    monkeypatch.setenv("ANONYMIZATION_SALT", SALT)
    with db.connect(databases.prod) as connection:
        load.load(connection, databases.prod, simulate.simulate(100_000, seed=1), 1)
    done = run.extract(
        databases.prod,
        tmp_path,
        window_days=45,
        as_of="2026-04-02",
        rule="dp",
        epsilon=Fraction(epsilon),
        shown=False,
    )
    pack = json.loads(done.pack_path.read_text())
    assert pack["privacy"]["release"] == rule.private(Fraction(epsilon))
    assert not run_sql(databases.prod, "noise_there")[0]["is_there"]
    # What is nobody's to say: receipts, joint gaps, maxima, the planner's figures.
    assert pack["read_receipts"] is None
    for entity, key in (
        ("messages", "activity_gap_by_tempo"),
        ("messages", "memory_coefficient"),
        ("messages", "heap_correlation"),
        ("conversations", "concentration"),
    ):
        assert pack[entity][key] is None
    assert "max" not in pack["users"]["messages_per_user_percentiles"]
    # Users are counted once each: noise of some dozens at epsilon 1.
    (truth,) = run_sql(databases.prod, "private_truth")
    assert abs(pack["users"]["total_count"] - truth["n_users"]) < 400 / epsilon
    bill = json.loads(done.bill_path.read_text())
    assert {one["n_people"] for one in bill["figures"]} == {None}
    assert {one["top_share"] for one in bill["figures"]} == {None}


def test_what_is_published_is_computed_from_noisy_cells_alone(databases):
    People().load(databases.prod, is_new=True)
    variables = {"release": "dp", "as_of": AS_OF, "window_days": DAYS}
    manifest = dbt.compiled(target=databases.prod, variables=variables, shown=False)
    models = {
        node["name"]: {key.split(".")[-1] for key in node["depends_on"]["nodes"]}
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model"
    }
    reached, left = set(), {"shape_metrics"}
    while left:
        reached |= left
        # Beyond these there are exact rows.
        left = {
            parent
            for name in left - {"int_released", "int_window"}
            for parent in models.get(name, ())
        } - reached
    assert {name for name in reached if name.startswith(("int_", "stg_"))} == {
        "int_released",
        "int_window",
        "int_shares",
        "int_figures",
    }
    assert models["int_released"] == {"int_cells", "margins"}
    # Start and end are those that were asked for.
    window = next(one for one in manifest["nodes"].values() if one["name"] == "int_window")
    assert "2026-01-31 UTC" in window["compiled_code"]
    assert not {"int_values", "int_column_statistics", "int_read_receipts"} & models.keys()
