"""Packs as people write them, and packs that must be refused."""

import json
import math
import time

import pack_rows
import pytest

from synth.errors import BadInput
from synth.pack import reader, writer


@pytest.fixture
def read(tmp_path):
    def _read(content):
        path = tmp_path / "pack.json"
        text = content if isinstance(content, str | bytes) else json.dumps(content)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return reader.load(path)

    return _read


def test_percentiles_alone_are_enough(read):
    percentiles = {"p50": 10, "p99": 500, "max": 900}
    pack = read({"conversations": {"messages_per_conversation_percentiles": percentiles}})
    found = pack.quantiles("conversations", "messages_per_conversation")
    assert found == {0.5: 10, 0.99: 500, 1.0: 900}
    assert pack.total("conversations") is None
    assert not pack.has("users")


@pytest.mark.parametrize(
    "written",
    [{"TEXT": 0.8, "IMAGE": 0.2}, {"TEXT": 80, "IMAGE": 20}, {"TEXT": 8_000, "IMAGE": 2_000}],
)
def test_shares_percentages_and_counts_mean_the_same(read, written):
    pack = read({"messages": {"total_count": 10_000, "type_distribution": written}})
    assert pack.shares("messages", "type_distribution") == pytest.approx(
        {"TEXT": 0.8, "IMAGE": 0.2}
    )
    counts = {row.label: row.n_rows for row in pack.rows if row.kind == "category"}
    assert counts == {"TEXT": 8_000, "IMAGE": 2_000}


@pytest.mark.parametrize(
    ("written", "edges", "counts"),
    [
        ({"5-9": 12, "10": 3, "11+": 4}, [5, 10, 11, math.inf], [12, 3, 4]),
        ({"11+": 4, "10": 3, "5-9": 12}, [5, 10, 11, math.inf], [12, 3, 4]),
        ({"2": 7, "5": 1}, [2, 3, 5, 6], [7, 0, 1]),
        ({"0-10": 5, "10-60": 3, "60+": 1}, [0, 10, 60, math.inf], [5, 3, 1]),
        ({"0.5-1.5": 5, "1.5-2": 3}, [0.5, 1.5, 2], [5, 3]),
    ],
)
def test_histograms_by_hand(read, written, edges, counts):
    pack = read({"conversations": {"member_count_histogram": written}})
    assert pack.histogram("conversations", "member_count") == (edges, counts)


def test_histogram_in_shares_counts_by_the_total(read):
    written = {"total_count": 200, "member_count_histogram": {"2": 0.75, "3-9": 0.25}}
    pack = read({"conversations": written})
    assert pack.histogram("conversations", "member_count").counts == [150, 50]
    assert pack.n_rows("conversations", "member_count") == 200


def test_histogram_in_shares_without_total_sums_to_one(read):
    pack = read({"conversations": {"member_count_histogram": {"2": 75, "3-9": 25}}})
    assert pack.histogram("conversations", "member_count").counts == [0.75, 0.25]
    assert pack.n_rows("conversations", "member_count") is None


def test_hours_of_any_scale_become_shares(read):
    pack = read({"messages": {"hourly_distribution": list(range(1, 25))}})
    hours = pack.array("messages", "hour_of_day")
    assert sum(hours) == pytest.approx(1)
    assert hours[23] == pytest.approx(24 / 300)


def test_rounded_hours_are_accepted(read):
    pack = read({"messages": {"hourly_distribution": [0.04] * 24}})
    assert pack.array("messages", "hour_of_day")[0] == pytest.approx(1 / 24)


def test_percentages_of_delays_may_be_shares(read):
    section = {"immediate_percentage": 0.7, "near_term_percentage": 0.2, "delayed_percentage": 0.1}
    pack = read({"read_receipts": section})
    assert pack.scalar("read_receipts", "immediate_percentage") == pytest.approx(70)


def test_median_is_a_quantile_and_mean_a_scalar(read):
    pack = read({"messages": {"content_length_stats": {"mean": 70, "median": 30, "p95": 250}}})
    assert pack.quantiles("messages", "content_length") == {0.5: 30, 0.95: 250}
    assert pack.scalar("messages", "content_length", label="mean") == 70


def test_non_empty_conversations_are_counted(read):
    section = {
        "total_count": 1000,
        "empty_share": 0.2,
        "messages_per_conversation_percentiles": {"p50": 3},
    }
    assert (
        read({"conversations": section}).n_rows("conversations", "messages_per_conversation") == 800
    )


def test_types_are_segments(read):
    section = {
        "member_count_histogram_by_type": {"CHANNEL": {"3": 4}, "GROUP_CHAT": {"4-9": 5}},
        "members_by_size": {"GROUP_CHAT.size_4_6": {"3": 10}, "CHANNEL.size_1.04858e+06_inf": None},
    }
    pack = read({"conversations": section})
    assert set(pack.histograms("conversations", "member_count")) == {"CHANNEL", "GROUP_CHAT"}
    assert set(pack.histograms("conversations", "members_by_size")) == {"GROUP_CHAT.size_4_6"}


def test_null_sections_and_null_keys_have_no_rows(read):
    pack = read({"read_receipts": None, "users": {"total_count": 5, "device_mix": None}})
    assert [row.metric for row in pack.rows] == ["total_count"]


def test_full_pack_is_read_fast(read, tmp_path):
    content = writer.dumps(writer.document(pack_rows.make(5), pack_rows.META))
    read(content)
    started = time.perf_counter()
    read(content)
    assert time.perf_counter() - started < 0.3


SECRET = "john.doe@example.com"
H = {"unit": "members"}


@pytest.mark.parametrize(
    ("content", "path"),
    [
        ("", "not JSON"),
        ("{", "line 1"),
        (b"\xff\xfe{", "UTF-8"),
        ("[]", "$"),
        ("3", "$"),
        ("{}", "proves nothing"),
        ('{"users": {"total_count": NaN}}', "not finite"),
        ('{"users": {"total_count": Infinity}}', "not finite"),
        ('{"users": {"total_count": 1e999}}', "$.users.total_count"),
        ('{"users": {"total_count": ' + "9" * 5000 + "}}", "not finite"),
        ('{"users": {"total_count": 1, "total_count": 2}}', "duplicate key"),
        ("[" * 100_000, "nested deeper"),
        ("[" * 50 + "]" * 50, "nested deeper"),
        ({"users": {"total_count": 1e300}}, "$.users.total_count"),
        ({"users": {"total_count": -1}}, "$.users.total_count"),
        ({"users": {"total_count": True}}, "$.users.total_count"),
        ({"users": {"total_count": 1.5}}, "$.users.total_count"),
        ({"users": {"total_count": SECRET}}, "$.users.total_count"),
        ({"users": [SECRET]}, "$.users"),
        ({SECRET: 1}, "unknown key"),
        ({"users": {"total_count": 1, SECRET: 1}}, "$.users: unknown key (number 2 of 2)"),
        ({"users": {"totl_count": 1}}, "did you mean 'total_count'?"),
        ({"users": {"device_mix": {SECRET: 1}}}, "$.users.device_mix"),
        ({"messages": {"type_distribution": {"TEXT": 0.5, "IMAGE": 0.2}}}, "type_distribution"),
        ({"messages": {"type_distribution": {"TEXT": 0}}}, "$.messages.type_distribution"),
        ({"messages": {"hourly_distribution": [1] * 23}}, "$.messages.hourly_distribution"),
        ({"messages": {"media_ratio": 101}}, "$.messages.media_ratio"),
        ({"messages": {"burstiness": -1.5}}, "$.messages.burstiness"),
        ({"messages": {"content_length_stats": {"p90": 9, "p75": 10}}}, "p90"),
        (
            {"conversations": {"messages_per_conversation_percentiles": {"p50": 9, "max": 3}}},
            "$.conversations.messages_per_conversation_percentiles.max",
        ),
        (
            {"conversations": {"member_count_histogram": {**H, "buckets": [[5, 2, 1]]}}},
            "$.conversations.member_count_histogram.buckets[0]",
        ),
        (
            {"conversations": {"member_count_histogram": {**H, "buckets": [[0, 5, 1], [4, 6, 1]]}}},
            "$.conversations.member_count_histogram.buckets[1]",
        ),
        (
            {
                "conversations": {
                    "member_count_histogram": {**H, "buckets": [[0, None, 1], [4, 6, 1]]}
                }
            },
            "buckets[1]",
        ),
        (
            {"conversations": {"member_count_histogram": {**H, "buckets": [[0, 5, -1]]}}},
            "$.conversations.member_count_histogram.buckets[0][2]",
        ),
        ({"conversations": {"member_count_histogram": {**H, "buckets": []}}}, "at least 1"),
        (
            {
                "conversations": {
                    "member_count_histogram": {"unit": "bytes", "buckets": [[0, 1, 1]]}
                }
            },
            "$.conversations.member_count_histogram.unit",
        ),
        ({"conversations": {"member_count_histogram": {"2": 0.6, "3": 0.1}}}, "sum to 1"),
        ({"conversations": {"member_count_histogram": {"2-9": 1, "5-12": 1}}}, "overlaps"),
        ({"messages": {"content_length_stats": {"mean": 500, "max": 30}}}, "larger than max"),
        ({"conversations": {"member_count_histogram": {"9-2": 1}}}, "upper edge"),
        ({"conversations": {"members_by_size": {SECRET: {"1": 1}}}}, "members_by_size"),
        ({"as_of": "2026-02-31", "users": {"total_count": 1}}, "$.as_of"),
        ({"as_of": SECRET, "users": {"total_count": 1}}, "$.as_of"),
        ({"extracted_at": "2026-01-01T25:00:00Z", "users": {"total_count": 1}}, "$.extracted_at"),
        ({"schema_version": "9.0", "users": {"total_count": 1}}, "$.schema_version"),
    ],
)
def test_bad_packs_are_refused_in_one_line(read, content, path):
    with pytest.raises(BadInput) as caught:
        read(content)
    message = str(caught.value)
    assert path in message
    assert "\n" not in message
    assert "john" not in message


def test_missing_and_huge_files_are_refused(tmp_path):
    with pytest.raises(BadInput, match="cannot be read: No such file"):
        reader.load(tmp_path / "none.json")
    with pytest.raises(BadInput, match="is a directory, expected a file"):
        reader.load(tmp_path)
    huge = tmp_path / "huge.json"
    with huge.open("wb") as stream:
        stream.truncate(5 * 2**20)
    with pytest.raises(BadInput, match="larger than 4 MiB"):
        reader.load(huge)
