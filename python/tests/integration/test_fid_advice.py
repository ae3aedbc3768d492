"""Whatever fails says which parameter to turn, which way and by about how much."""

import csv
import re

import pytest

SEGMENTS = {
    "member_count": "GROUP_CHAT",
    "messages_per_conversation": "GROUP_CHAT",
    "empty_share": "GROUP_CHAT",
    "content_length": "TEXT",
    "hour_by_type": "TEXT",
    "members_by_size": "GROUP_CHAT.size_8_16",
    "senders_by_size": "GROUP_CHAT.size_8_16",
    "dominance_by_size_senders": "size_8_16.senders_2_5",
    "tempo_by_size": "size_8_16",
    "activity_gap": "size_8_16.tempo_0_316.228",
}
N = 1_000_000
TOTALS = {"users": 40_000, "conversations": 90_000, "messages": 10_000_000}
# A total is compared within a factor of two, where it differs by less than it may.
NEVER_FAIL = {"messages_total"}
DIRECTION = re.compile(r"\b(raise|lower|cut|scale|sharpen|flatten|increase|decrease)\b")
SIZE = re.compile(r"first guess: [^)]*\d|alpha \(\d[\d.]* → \d| by \d")
# Shares of three cells on either side, and what figures of the synthetic side are of the pack's.
VARIANTS = {
    "more": ((0.7, 0.2, 0.1), (0.2, 0.7, 0.1), 2.2),
    "less": ((0.2, 0.7, 0.1), (0.7, 0.2, 0.1), 0.4),
    "nothing of it": ((0.6, 0.3, 0.1), (0.0, 0.9, 0.1), 0.0),
    "something new": ((0.0, 0.9, 0.1), (0.6, 0.3, 0.1), 3.0),
}


@pytest.fixture(scope="module")
def checks(project_dir):
    with (project_dir / "seeds" / "tolerances.csv").open() as file:
        return list(csv.DictReader(file))


def _cells(check, shares):
    """Three cells of a distribution; one with a share of 0 is not there."""
    for number, share in enumerate(shares):
        label, edges = None, (None, None)
        if check["kind"] == "bucket":
            edges = (float(3 * number), float(3 * number + 3))
        else:
            label = str(number + 1) if check["kind"] != "category" else "ABC"[number]
        if share:
            yield label, edges, share, round(N * share)


def _labels(check):
    if check["labels"] == "per_message" or (not check["labels"] and check["kind"] == "total"):
        return [None]
    if check["labels"]:
        return check["labels"].split("|")
    if check["kind"] == "quantile":
        return ["p50", "p95"]
    known = {"concentration": "top_1", "profile_completeness": "avatar"}
    return [known.get(check["metric"])]


def _rows(checks, shares, factor):
    """Rows of one side; `factor` is what its figures are of the baseline's."""
    rows = {}
    for check in checks:
        entity, metric, kind = check["entity"], check["metric"], check["kind"]
        segment = "all" if check["segment"] == "all" else SEGMENTS[metric]
        unit = "share"
        if kind in ("scalar", "quantile", "total"):
            value = 30.0 if kind == "quantile" or metric.endswith(("percentage", "ratio")) else 0.3
            value = {"burst_coefficient": 3.0, "heap_correlation": 0.45}.get(metric, value)
            value *= factor
            if kind == "total":
                value = TOTALS.get(entity, 2_000_000) * (1 if entity == "messages" else factor)
            for number, label in enumerate(_labels(check)):
                # Of several percentiles the last moves most, so that the tail does, too.
                step = 1 + number * (1 if factor == 1 else factor)
                figure = value * step if kind == "quantile" else value
                key = (entity, metric, segment, kind, label, None, None)
                rows[key] = (*key, figure, unit, N, None, False)
        else:
            for label, edges, share, n_rows in _cells(check, shares):
                key = (entity, metric, segment, kind, label, *edges)
                rows[key] = (*key, share, unit, n_rows, None, False)
    return list(rows.values())


@pytest.mark.parametrize("name", VARIANTS)
def test_every_check_that_fails_says_what_to_turn(harness, checks, name):
    expected, actual, factor = VARIANTS[name]
    found, _ = harness.judge(_rows(checks, expected, 1), _rows(checks, actual, factor))
    silent = []
    for check in checks:
        row = found[check["check_name"]]
        said = row["recommendation"]
        if check["check_name"] in NEVER_FAIL:
            continue
        if row["verdict"] not in ("FAIL", "WARN"):
            silent.append((row["check_name"], row["verdict"], said))
            continue
        if row["n_actual"] == 0 or row["effect_size"] is None:
            assert said.endswith(f"the synthetic side does not: generate {row['entity']}")
            continue
        assert "nfinity" not in said, said
        assert "  " not in said, said
        if not check["parameter"]:
            assert "no parameter of the spec moves it" in said, said
            continue
        wanted = check["parameter"] in said and DIRECTION.search(said) and SIZE.search(said)
        assert wanted, (row["check_name"], said)
    assert silent == []


def test_the_order_of_people_in_the_heap_says_what_to_do(harness, checks):
    found, _ = harness.judge(_rows(checks, (1, 0, 0), 1), _rows(checks, (1, 0, 0), 0.4))
    for name in ("messages_sender_correlation", "read_receipts_reader_correlation"):
        assert found[name]["verdict"] == "FAIL"
        assert "seeds/exceptions.csv" in found[name]["recommendation"]


def test_the_order_of_rooms_in_the_heap_gives_a_factor(harness, checks):
    found, _ = harness.judge(_rows(checks, (1, 0, 0), 1), _rows(checks, (1, 0, 0), 2))
    said = found["messages_room_correlation"]["recommendation"]
    # Instead of .45 it is .9: rooms end too soon, by how far their starts lie apart.
    assert "scale conversations.tempo" in said
    assert "by 4.1)" in said, said


def test_a_check_without_a_parameter_says_what_to_do(harness, checks):
    """The order of the heap is nobody's parameter: too low was spoilt, too high is production's."""
    heap = [check for check in checks if check["noise"] == "heap"]
    assert len(heap) == 3
    for factor, words in [(0.4, "--replace"), (2.2, "seeds/exceptions.csv")]:
        found, _ = harness.judge(_rows(checks, (1, 0, 0), 1), _rows(checks, (1, 0, 0), factor))
        for check in heap:
            assert words in found[check["check_name"]]["recommendation"]
