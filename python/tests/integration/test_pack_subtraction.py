"""Rule 2 over the whole pack: what all its counts together say of few people.

Chats in which every row is a person, so that the linear programme's rows are people; the shape is
the project's own, the truth is known.
"""

import math
import re
from collections import Counter
from itertools import pairwise

import numpy as np
import pack_populations
import pytest
from pack_attack import Known, pinned, quantile_counts

K = 5
LAST = 1e9
_RANGE = re.compile(r"(?:size|senders)_([0-9.e+]+)_(inf|[0-9.e+]+)")


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


def _quantiles(rows, entity, metric, truth=None):
    """What is published of quantiles; with the true values what exact ones would say."""
    buckets, published = {}, {}
    for row in _of(rows, entity, metric):
        if row["kind"] == "bucket":
            found = (row["bucket_lower"], row["bucket_upper"], row["n_rows"])
            buckets.setdefault(_label(row), []).append(found)
        elif row["kind"] == "quantile" and row["label"] != "max":
            p = int(row["label"].removeprefix("p")) / 100
            published.setdefault(_label(row), {})[p] = row["value"]
    if truth:
        published = {
            label: {p: float(np.quantile(truth[label], p)) for p in (0.5, 0.75, 0.9, 0.95)}
            for label in buckets
        }
    return [
        known
        for label, found in published.items()
        for known in quantile_counts(
            label, found, buckets[label], sum(n for *_, n in buckets[label])
        )
    ]


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
        bound = "least" if metric == "dominance_by_size_senders" else "equal"
        known += [Known(kind, *edges, n, bound) for (kind, edges), n in totals.items()]
    # Conversations with a gap, and with four.
    totals = Counter()
    for row in _of(rows, entity, "tempo_by_size"):
        totals[_edges(row["segment"])] += row["n_rows"]
    known += [Known(None, max(lower, 2), upper, n) for (lower, upper), n in totals.items()]
    bursts = _of(rows, "messages", "burstiness_by_conversation")
    known.append(Known(None, 5, LAST, sum(row["n_rows"] for row in bursts)))
    return known


@pytest.mark.slow
@pytest.mark.parametrize(
    ("seed", "k", "n_people", "has_few_empty"),
    [(1, 5, 420, False), (2, 5, 420, True), (3, 20, 1500, True)],
)
def test_conversations_by_type_and_size(published, seed, k, n_people, has_few_empty):
    tables = pack_populations.diaries(seed, n_people)
    rows = published(tables, k)
    known = _conversation_counts(rows)
    types = [row["label"] for row in _of(rows, "conversations", "type_distribution")]
    assert len(types) == 3
    assert sum(_RANGE.search(row["segment"]) is not None for row in rows) > 20
    metric = ("conversations", "messages_per_conversation")
    assert pinned(known + _quantiles(rows, *metric), types, k) == []

    # Every quantile as it is, all and of each type.
    sizes = Counter(conversation for _, conversation, *_ in tables["messages"])
    told = {_label(row) for row in _of(rows, "conversations", "empty_share") if row["value"] > 0}
    truth = {
        kind: [
            max(sizes[key], 1)
            for key, found in tables["conversations"]
            if found == kind and (sizes[key] or kind not in told)
        ]
        for kind in types
    }
    truth[None] = [value for values in truth.values() for value in values]
    assert pinned(known + _quantiles(rows, *metric, truth), types, k)

    # What was published once, each class of a type that has k people: then it finds some.
    counts = Counter((kind, int(math.log2(size))) for kind in types for size in truth[kind])
    known += [
        Known(kind, 2**step, 2 ** (step + 1), n) for (kind, step), n in counts.items() if n >= k
    ]
    assert pinned(known, types, k)
    _look_for_empty_ones(tables, rows, has_few_empty)


def _look_for_empty_ones(tables, rows, has_few):
    """Messages minus gaps are the conversations that are not empty."""
    total = {row["entity"]: row["n_rows"] for row in rows if row["metric"] == "total_count"}
    kinds = {row["label"]: row["n_rows"] for row in _of(rows, "conversations", "type_distribution")}
    told = sum(
        round(row["value"] * kinds[row["segment"]])
        for row in _of(rows, "conversations", "empty_share")
        if row["segment"] != "all"
    )
    for metric in ("inter_arrival", "activity_gap"):
        n_gaps = sum(row["n_rows"] for row in _of(rows, "messages", metric, "bucket"))
        n_empty = total["conversations"] - (total["messages"] - n_gaps)
        assert n_empty <= told, "published, or not to be seen"
    used = {conversation for _, conversation, *_ in tables["messages"]}
    n_gaps = total["messages"] - len(used)
    assert (told < total["conversations"] - (total["messages"] - n_gaps)) == has_few


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
@pytest.mark.parametrize(("seed", "k", "n_people"), [(1, 5, 600), (2, 5, 600), (3, 20, 2000)])
def test_messages_by_type_length_and_hour(published, seed, k, n_people):
    tables = pack_populations.one_line_each(seed, n_people)
    rows = published(tables, k)
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
    metric = ("messages", "content_length")
    assert pinned(known + _quantiles(rows, *metric), list(types), k) == []
    truth = {kind: [max(n, 0) for found, n, _ in messages if found == kind] for kind in types}
    truth[None] = [value for values in truth.values() for value in values]
    assert pinned(known + _quantiles(rows, *metric, truth), list(types), k)

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
    assert pinned(known, list(types), k) == []

    week = _hours(rows, "hour_of_week")[None]
    days = [str(number) for number in range(1, 8)]
    of_week = {
        label: {hour: n * week[24 * place + hour] for hour in range(24)}
        for place, label in enumerate(days)
    }
    truth = {
        label: by_hour(lambda _, at, label=label: str(at.isoweekday()) == label) for label in days
    }
    assert pinned(day + _blocks(of_week, truth, days), days, k) == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", [4, 5])
def test_media_messages_of_a_folded_type(published, seed):
    tables = pack_populations.one_line_each(seed, n_audio=2, n_files_of_texts=2)
    rows = published(tables)
    types = {row["label"]: row["n_rows"] for row in _of(rows, "messages", "type_distribution")}
    total = {row["entity"]: row["n_rows"] for row in rows if row["metric"] == "total_count"}
    assert "AUDIO" not in types
    each = {
        row["bucket_lower"]: row["n_rows"]
        for row in _of(rows, "attachments", "attachments_per_media_message")
    }
    kinds = Counter(kind for _, _, _, kind, *_ in tables["messages"])
    n_media = sum(kinds.values()) - kinds["TEXT"]
    assert sum(each.values()) == sum(types.values()) - types["TEXT"] == n_media - kinds["AUDIO"]
    # Nobody has two files here, so files minus messages with one are the files of texts.
    assert set(each) == {0, 1}
    assert total["attachments"] == each[1] < len(tables["attachments"])


def _sender_counts(rows, sizes):
    """All that counts conversations by type, messages and senders.

    Labels are a type and a class of sizes, cells are numbers of senders.
    """
    entity = "conversations"
    kinds = sorted({row["segment"].split(".")[0] for row in _of(rows, entity, "senders_by_size")})

    def within(lower, upper, among=kinds):
        return frozenset(
            f"{kind}.{size}"
            for kind in among
            for size in sizes
            if lower <= _edges(size)[0] and _edges(size)[1] <= upper
        )

    known = []
    for row in _of(rows, entity, "distinct_senders", "bucket"):
        known.append(Known(None, row["bucket_lower"], row["bucket_upper"], row["n_rows"]))
    for row in _of(rows, entity, "senders_by_size"):
        among = within(*_edges(row["segment"]), [row["segment"].split(".")[0]])
        known.append(Known(among, row["bucket_lower"], row["bucket_upper"], row["n_rows"]))
    totals = Counter()
    for row in _of(rows, entity, "members_by_size"):
        totals[row["segment"]] += row["n_rows"]
    for segment, n_rows in totals.items():
        known.append(Known(within(*_edges(segment), [segment.split(".")[0]]), 0, LAST, n_rows))
    # How many are of a size, wherever a bucket ends with it.
    ends = sorted({end for size in sizes for end in _edges(size)})
    for kind in (None, *kinds):
        buckets = [
            (row["bucket_lower"], row["bucket_upper"], row["n_rows"])
            for row in _of(rows, entity, "messages_per_conversation", "bucket")
            if _label(row) == kind
        ]
        told = [end for end in ends if not any(lower < end < upper for lower, upper, _ in buckets)]
        for first, last in pairwise(told if buckets else []):
            n_rows = sum(n for lower, upper, n in buckets if first <= lower and upper <= last)
            among = within(first, last, [kind] if kind else kinds)
            known.append(Known(among, 0, LAST, n_rows))
    unions = {one.label for one in known if one.label} | {within(*_edges(size)) for size in sizes}
    labels = sorted(within(0, LAST))
    return known, labels, [union for union in unions if len(union) > 1]


def _classes_of_each_size(tables, sizes, k):
    """What was published once: in each size by itself, classes of senders that have k rooms."""
    senders = {}
    for _, room, person, *_ in tables["messages"]:
        senders.setdefault(room, []).append(person)
    found = {}
    for size in sizes:
        lower, upper = _edges(size)
        counts = Counter(len(set(each)) for each in senders.values() if lower <= len(each) < upper)
        groups = []
        for n_senders, n_rooms in sorted(counts.items()):
            if groups and groups[-1][2] < k:
                groups[-1] = (groups[-1][0], n_senders + 1, groups[-1][2] + n_rooms)
            else:
                groups.append((n_senders, n_senders + 1, n_rooms))
        if len(groups) > 1 and groups[-1][2] < k:
            (_, end, n_last), (begin, _, n_before) = groups.pop(), groups.pop()
            groups.append((begin, end, n_before + n_last))
        found[size] = groups
    return found


@pytest.mark.slow
@pytest.mark.parametrize(
    ("seed", "k", "n_rooms", "weights"),
    [
        (7, 20, 1200, (1,)),
        (9, 20, 1200, (1,)),
        (3, 20, 1500, (1, 1, 1)),
        # Types' classes of several sizes, and one of all sizes.
        (2, 20, 2000, (1, 0.5, 0.1)),
        (5, 20, 2000, (1, 0.02)),
    ],
)
def test_conversations_by_type_size_and_senders(published, seed, k, n_rooms, weights):
    n_guests = 4
    tables = pack_populations.rooms(seed, n_rooms, n_guests, weights)
    rows = published(tables, k)
    told = Counter()
    for row in _of(rows, "conversations", "dominance_by_size_senders"):
        told[tuple(row["segment"].split("."))] += row["n_rows"]
    sizes = sorted({size for size, _ in told})
    assert len(told) > len(sizes), "some size has several classes of senders"
    assert sum(told.values()) == len(tables["conversations"]), "none is missing"
    known, labels, unions = _sender_counts(rows, sizes)

    def of_size(size):
        return frozenset(label for label in labels if label.endswith(f".{size}"))

    classes = [Known(of_size(size), *_edges(found), n) for (size, found), n in told.items()]
    # A row is its busiest sender and at most the guests, so a count of so many fewer has k people.
    assert pinned(known + classes, labels, k - n_guests, unions) == []

    classes = [
        Known(of_size(size), *group)
        for size, groups in _classes_of_each_size(tables, sizes, k).items()
        for group in groups
    ]
    assert pinned(known + classes, labels, k - n_guests, unions)


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
    known = [Known("A", 0, 2, 10), Known("A", 0, 1, 7, "least")]
    assert {one[:3] for one in pinned(known, ["A"], 5)} == {("A", 0, 1), ("A", 1, 2)} - {
        ("A", 0, 1)
    }
    assert pinned([Known("A", 0, 1, 10), Known("A", 1, 2, 10)], ["A"], 5) == []
