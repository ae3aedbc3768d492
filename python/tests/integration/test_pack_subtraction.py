"""Rule 2 over the whole pack: what all its counts together say of few people.

Chats in which every row is a person, so that the linear programme's rows are people; the shape is
the project's own, the truth is known.
"""

import math
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pack_populations
import pytest
from pack_attack import Known, pinned

K = 5
LAST = 1e9
_RANGE = re.compile(r"size_([0-9.e+]+)_(inf|[0-9.e+]+)")


@pytest.fixture
def published(databases, project_dir, tmp_path, monkeypatch, run_sql):
    """Build the shape of a chat inside the boundary; gives the rows that are published."""
    monkeypatch.setenv("ANONYMIZATION_SALT", "a-salt-of-more-than-32-characters-for-tests")

    def build(tables):
        pack_populations.load(databases.prod, tables)
        built = subprocess.run(
            [
                Path(sys.executable).with_name("dbt"),
                *("build", "--target", "prod_shape"),
                *("--exclude", "resource_type:test", "--exclude", "resource_type:unit_test"),
                *("--vars", f"{{k_anonymity: {K}, window_days: all}}"),
                *("--target-path", tmp_path / "target", "--log-path", tmp_path / "logs"),
            ],
            cwd=project_dir,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        assert built.returncode == 0, built.stdout[-2000:]
        rows = run_sql(databases.prod, "shape_rows")
        return [row for row in rows if not row["is_suppressed"]]

    return build


def _of(rows, entity, metric, kind=None):
    return [
        row
        for row in rows
        if (row["entity"], row["metric"]) == (entity, metric) and kind in (None, row["kind"])
    ]


def _label(row):
    return None if row["segment"] == "all" else row["segment"]


def _edges(segment):
    lower, upper = _RANGE.search(segment).groups()
    return float(lower), LAST if upper == "inf" else float(upper)


def _conversation_counts(rows):
    """All that counts conversations by type and messages."""
    entity = "conversations"
    known = [
        Known(row["label"], 0, LAST, row["n_rows"])
        for row in _of(rows, entity, "type_distribution")
    ]
    for row in _of(rows, entity, "empty_share"):
        known.append(Known(_label(row), 0, 1, round(row["value"] * row["n_rows"])))
    for row in _of(rows, entity, "messages_per_conversation", "bucket"):
        known.append(Known(_label(row), row["bucket_lower"], row["bucket_upper"], row["n_rows"]))
    for row in _of(rows, entity, "heavy_share"):
        known.append(Known(None, 10_000, LAST, round(row["value"] * row["n_rows"])))
    for metric in ("members_by_size", "senders_by_size", "dominance_by_size_senders"):
        totals = Counter()
        for row in _of(rows, entity, metric):
            kind = row["segment"].split(".")[0]
            totals[None if kind.startswith("size") else kind, _edges(row["segment"])] += row[
                "n_rows"
            ]
        # Other classes of senders may be hidden.
        is_least = metric == "dominance_by_size_senders"
        known += [Known(kind, *edges, n, is_least) for (kind, edges), n in totals.items()]
    return known


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_conversations_by_type_and_size(published, seed):
    tables = pack_populations.diaries(seed)
    rows = published(tables)
    known = _conversation_counts(rows)
    types = [row["label"] for row in _of(rows, "conversations", "type_distribution")]
    assert len(types) == 3
    assert sum(_RANGE.search(row["segment"]) is not None for row in rows) > 20
    assert pinned(known, types, K) == []

    # What was published once, each class of a type that has k people: then it finds some.
    sizes = Counter(conversation for _, conversation, *_ in tables["messages"])
    counts = Counter(
        (kind, int(math.log2(sizes[key]))) for key, kind in tables["conversations"] if sizes[key]
    )
    known += [
        Known(kind, 2**step, 2 ** (step + 1), n) for (kind, step), n in counts.items() if n >= K
    ]
    assert pinned(known, types, K)


def _hours(rows, metric, prefix=0):
    found = {}
    for row in _of(rows, "messages", metric):
        found.setdefault(_label(row), {})[int(row["label"]) - prefix] = row["value"]
    return found


def _blocks(values, truth, labels):
    """Counts of blocks of hours, as somebody knows them who knows where blocks end.

    A block ends where the hours so far add up to what is there, for each label at once.
    """
    known, last, so_far = [], 0, {label: (0, 0) for label in labels}
    for hour in range(24):
        so_far = {
            label: (told + values[label].get(hour, 0), there + truth[label][hour])
            for label, (told, there) in so_far.items()
        }
        if all(abs(told - there) < 1e-6 for told, there in so_far.values()):
            known += [Known(label, last, hour + 1, there) for label, (_, there) in so_far.items()]
            so_far, last = {label: (0, 0) for label in labels}, hour + 1
    assert last == 24
    return known


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_messages_by_type_length_and_hour(published, seed):
    tables = pack_populations.one_line_each(seed)
    rows = published(tables)
    types = {row["label"]: row["n_rows"] for row in _of(rows, "messages", "type_distribution")}
    messages = [
        (kind, -1 if content is None else len(content), at)
        for _, _, _, kind, content, at in tables["messages"]
    ]
    assert Counter(kind for kind, *_ in messages) == types, "every type has k people here"
    totals = [Known(kind, -1, LAST, n) for kind, n in types.items()]

    lengths = _of(rows, "messages", "content_length", "bucket")
    known = totals + [
        Known(_label(row), row["bucket_lower"], row["bucket_upper"], row["n_rows"])
        for row in lengths
    ]
    assert pinned(known, list(types), K) == []

    # Messages without a length, fewer than k of each type, are in all figures or in none.
    assert any(length < 0 for _, length, _ in messages)
    counted = Counter()
    for row in lengths:
        counted[row["segment"]] += row["n_rows"]
    figures = [row for row in _of(rows, "messages", "content_length") if row["kind"] != "bucket"]
    assert {row["kind"] for row in figures} == {"quantile", "scalar"}
    assert {(row["segment"], row["n_rows"]) for row in figures} <= set(counted.items())

    def by_hour(chosen):
        return Counter(at.hour for kind, _, at in messages if chosen(kind, at))

    n = len(messages)
    of_day = {
        None: {hour: n * share for hour, share in _hours(rows, "hour_of_day").pop(None, {}).items()}
    }
    day = _blocks(of_day, {None: by_hour(lambda *_: True)}, [None])
    of_types = {
        kind: {hour: types[kind] * share for hour, share in hours.items()}
        for kind, hours in _hours(rows, "hour_by_type").items()
    }
    truth = {kind: by_hour(lambda found, _, kind=kind: found == kind) for kind in of_types}
    known = totals + day + _blocks(of_types, truth, list(of_types))
    known = [one._replace(lower=0, upper=24) if one.lower < 0 else one for one in known]
    assert pinned(known, list(types), K) == []

    week = _hours(rows, "hour_of_week")[None]
    days = [str(number) for number in range(1, 8)]
    of_week = {
        label: {hour: n * week[24 * place + hour] for hour in range(24)}
        for place, label in enumerate(days)
    }
    truth = {
        label: by_hour(lambda _, at, label=label: str(at.isoweekday()) == label) for label in days
    }
    assert pinned(day + _blocks(of_week, truth, days), days, K) == []


def test_the_attack_by_hand():
    # A type of nine, its classes of six and ... what is left is three.
    known = [Known("A", 0, 9, 9), Known("A", 0, 3, 6), Known("B", 0, 9, 50)]
    found = pinned(known, ["A", "B"], 5)
    assert [(one.label, one.lower, one.upper, one.smallest, one.largest) for one in found] == [
        ("A", 3, 9, 3, 3)
    ]
    # The class of all types and those of two of them say what is in the third.
    known = [Known(None, 0, 1, 40), Known("A", 0, 1, 22), Known("B", 0, 1, 16)]
    known += [Known(kind, 0, 9, 60) for kind in "ABC"]
    assert ("C", 0, 1) in {one[:3] for one in pinned(known, list("ABC"), 5)}
    # "At least" counts, too.
    known = [Known("A", 0, 2, 10), Known("A", 0, 1, 7, is_least=True)]
    assert {one[:3] for one in pinned(known, ["A"], 5)} == {("A", 0, 1), ("A", 1, 2)} - {
        ("A", 0, 1)
    }
    assert pinned([Known("A", 0, 1, 10), Known("A", 1, 2, 10)], ["A"], 5) == []
