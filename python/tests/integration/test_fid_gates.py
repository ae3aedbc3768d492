"""The fidelity gates pass on honest samples and catch each fault with the right check."""

import os

import numpy as np
import pytest
from chat_sample import merged, shape_rows, simulate
from scipy.spatial.distance import jensenshannon
from scipy.stats import wasserstein_distance


@pytest.fixture(scope="module")
def baseline():
    return merged(shape_rows(simulate(1)))


def rows_of(rows, entity, metric, kind=None):
    return [row for row in rows if row[:2] == (entity, metric) and kind in (None, row[3])]


def test_honest_samples_pass(harness, baseline):
    """Of REDRAWS re-draws of the population at most 2 % may be refused, of a few one."""
    n_draws = int(os.environ.get("REDRAWS") or 12)
    refused = []
    for seed in range(2, 2 + n_draws):
        checks, verdict = harness.judge(baseline, shape_rows(simulate(seed)))
        assert verdict["headline_total"] == 4
        if not verdict["is_go"]:
            missed = [name for name, row in checks.items() if row["verdict"] in ("WARN", "FAIL")]
            refused.append((seed, verdict["headline_verdict"], missed))
    assert len(refused) <= max(0.02 * n_draws, 1), refused


def test_a_larger_band_compares(harness, baseline):
    """Four times the volume: ratios and shapes compare, what depends on volume does not."""
    checks, verdict = harness.judge(baseline, shape_rows(simulate(3, n_conversations=12000)))
    assert verdict["headline_verdict"] == "PASS"
    assert checks["burst_coefficient"]["verdict"] == "SKIP"
    assert checks["messages_total"]["verdict"] == "SKIP"
    assert "factor 2" in checks["burst_coefficient"]["recommendation"]
    assert checks["conversations_per_message"]["verdict"] == "PASS"


def test_other_window_skips_lifetimes(harness, baseline):
    checks, _ = harness.judge(baseline, shape_rows(simulate(2)), window_days=90)
    assert checks["lifetime"]["verdict"] == "SKIP"
    assert checks["messages_per_conversation"]["verdict"] == "PASS"


def _swap(name):
    def spoil(chat, rng):
        chat[name] = np.choose(chat[name], [1, 0, 2])

    return spoil


def _cut_tail(chat, rng):
    chat["sizes"] = np.minimum(chat["sizes"], 15)


def _scale(name, factor):
    def spoil(chat, rng):
        chat[name] = (chat[name] * factor).astype(chat[name].dtype)

    return spoil


def _set(name, value):
    def spoil(chat, rng):
        chat[name] = np.full_like(chat[name], value)

    return spoil


def _flatten_hours(chat, rng):
    chat["hour_of_week"] = rng.integers(0, 168, len(chat["hour_of_week"]))


def _even_weekend(chat, rng):
    hours = chat["hour_of_week"]
    chat["hour_of_week"] = hours % 24 + 24 * rng.integers(0, 7, len(hours))


def _exponential_gaps(chat, rng):
    chat["gaps"] = np.where(chat["gaps"] > 0, rng.exponential(600, len(chat["gaps"])), 0)


def _no_bursts(chat, rng):
    chat["burst"] = 1.1


def _shuffle_sizes(chat, rng):
    chat["tempo"] = rng.permutation(chat["tempo"])
    chat["gaps"] = chat["tempo"][chat["owner"]] * (chat["gaps"] > 0)


def _drop_largest(chat, rng):
    keep = chat["sizes"] < np.quantile(chat["sizes"], 0.98)
    chat["sizes"] = np.where(keep, chat["sizes"], 5)


FAULTS = {
    "conversation types swapped": (_swap("kind"), "conversation_types"),
    "message types swapped": (_swap("types"), "message_types"),
    "tail of sizes cut": (_cut_tail, "messages_per_conversation"),
    "tail of sizes cut, seen alone": (_cut_tail, "messages_per_conversation_p99"),
    "sizes doubled": (_scale("sizes", 2), "messages_per_conversation_histogram"),
    "largest rooms emptied": (_drop_largest, "concentration"),
    "lengths times 1.2": (_scale("lengths", 1.2), "content_length"),
    "lengths halved": (_scale("lengths", 0.5), "content_length_histogram"),
    "hours flattened": (_flatten_hours, "hour_of_day"),
    "hours flattened, over the week": (_flatten_hours, "hour_of_week"),
    "weekend like any day": (_even_weekend, "weekday_weekend_ratio"),
    "gaps exponential": (_exponential_gaps, "inter_arrival"),
    "gaps blind to tempo": (_exponential_gaps, "activity_gap"),
    "bursts removed": (_no_bursts, "burst_coefficient"),
    "everybody in pairs": (_set("members", 2), "members_per_conversation"),
    "one class of size": (_set("members", 2), "size_mix"),
    "monologues": (_set("senders", 1), "distinct_senders"),
    "one busiest sender": (_set("dominance", 1), "sender_dominance"),
    "dominance blind to size": (_set("dominance", 1), "dominance_by_size_senders"),
    "tempo ten times": (_scale("tempo", 10), "tempo_by_size"),
    "lifetimes cut": (_scale("lifetime", 0.01), "lifetime"),
    "all just active": (_scale("recency", 0.05), "recency"),
    "all started early": (_scale("position", 0.3), "start_position"),
    "reads late": (_scale("delays", 5), "read_delay"),
    "reads late, seen in shares": (_scale("delays", 5), "read_immediate"),
    "everybody reads": (_set("reads", 3), "receipts_per_message"),
    "everybody reads, rate": (_set("reads", 3), "read_rate"),
    "attachments of one type": (_set("attachment_type", 0), "attachment_types"),
    "attachments large": (_scale("bytes", 10), "attachment_size"),
    "one device": (_set("device", 0), "device_mix"),
    "users alike": (_set("user_messages", 3), "messages_per_user"),
    "inboxes alike": (_set("user_conversations", 3), "conversations_per_user"),
    "names alike": (_set("username_length", 8), "username_length"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_fault_is_caught(harness, baseline, fault):
    spoil, check_name = FAULTS[fault]
    chat = simulate(2)
    spoil(chat, np.random.default_rng(0))
    checks, _ = harness.judge(baseline, shape_rows(chat))
    caught = checks[check_name]
    assert caught["verdict"] in ("WARN", "FAIL")
    assert caught["recommendation"]
    assert caught["effect_size"] > max(caught["threshold"], caught["noise_floor"])


def test_gross_faults_are_no_go(harness, baseline):
    chat = simulate(2)
    _cut_tail(chat, None)
    checks, verdict = harness.judge(baseline, shape_rows(chat))
    assert not verdict["is_go"]
    assert verdict["n_critical"] >= 1
    advice = checks["messages_per_conversation_p99"]["recommendation"]
    assert "p99" in advice
    assert "too low" in advice
    assert "decrease alpha (" in advice
    assert "conversations.messages" in advice


def test_one_small_miss_of_a_headline_test_goes(harness, baseline):
    chat = simulate(2)
    _scale("lengths", 1.2)(chat, None)
    rows = shape_rows(chat)
    keep = [row for row in rows if row[1] != "content_length" or row[4] == "mean"]
    checks, verdict = harness.judge(
        [row for row in baseline if row[1] != "content_length" or row[4] == "mean"], keep
    )
    assert checks["content_length"]["verdict"] == "FAIL"
    assert not checks["content_length"]["is_blocking"]
    assert verdict["headline_verdict"] == "WARNING"
    assert verdict["is_go"]


def test_missing_entity_fails(harness, baseline):
    rows = [row for row in shape_rows(simulate(2)) if row[0] != "read_receipts"]
    checks, verdict = harness.judge(baseline, rows)
    assert checks["read_rate"]["verdict"] == "FAIL"
    assert "generate read_receipts" in checks["read_rate"]["recommendation"]
    assert not verdict["is_go"]


def test_absent_baseline_section_is_skipped(harness, baseline):
    rows = [row for row in baseline if row[0] != "read_receipts"]
    checks, verdict = harness.judge(rows, shape_rows(simulate(2)))
    assert checks["read_rate"]["verdict"] == "SKIP"
    assert verdict["headline_total"] == 4


def test_empty_synthetic_side_fails_everything(harness, baseline):
    checks, verdict = harness.judge(baseline, [])
    assert verdict["headline_verdict"] == "FAIL"
    assert not verdict["is_go"]
    assert {row["verdict"] for row in checks.values()} <= {"FAIL", "SKIP"}


def test_empty_baseline_proves_nothing(harness):
    _, verdict = harness.judge([], shape_rows(simulate(2)))
    assert verdict["headline_verdict"] == "FAIL"
    assert not verdict["is_go"]


def test_suppressed_cells_are_left_out(harness, baseline):
    """A withheld metric is not compared; a withheld bucket leaves the others comparable."""
    spoilt = []
    for row in baseline:
        is_cell = row[:4] == ("messages", "content_length", "all", "bucket")
        if row[1] == "media_ratio" or (is_cell and row[5] == 10):
            row = (*row[:7], None, row[8], None, None, True)
        spoilt.append(row)
    checks, _ = harness.judge(spoilt, shape_rows(simulate(2)))
    assert checks["media_ratio"]["verdict"] == "SKIP"
    assert checks["content_length_histogram"]["verdict"] == "PASS"


def row(metric, kind, value, n_rows, *, entity="conversations", **where):
    edges = where.get("edges", (None, None))
    segment, label = where.get("segment", "all"), where.get("label")
    unit = where.get("unit", "messages")
    return (entity, metric, segment, kind, label, *edges, value, unit, n_rows, None, False)


def whole_numbers(shares, n, p50):
    """Histogram of 1, 2, ... with these shares, and the published median."""
    cells = [
        row("messages_per_conversation", "bucket", p, round(n * p), edges=(float(k), k + 1.0))
        for k, p in enumerate(shares, start=1)
    ]
    return [*cells, row("messages_per_conversation", "quantile", p50, n, label="p50")]


@pytest.mark.parametrize(
    ("expected", "actual", "verdict"),
    [
        # F(2) is .501 or .499: the published medians differ by half, the data by nothing.
        ((0.3, 0.201, 0.3, 0.199), (0.3, 0.199, 0.302, 0.199), "PASS"),
        # The same medians of data that do differ.
        ((0.1, 0.45, 0.25, 0.2), (0.1, 0.05, 0.65, 0.2), "FAIL"),
    ],
)
def test_small_whole_percentiles_move_with_the_data(harness, expected, actual, verdict):
    n = 1_000_000
    checks, _ = harness.judge(whole_numbers(expected, n, 2.0), whole_numbers(actual, n, 3.0))
    assert checks["messages_per_conversation_p50"]["verdict"] == verdict


def test_percentiles_alone_allow_one_unit(harness):
    """A sparse pack: one headline test is left, and a difference of one may be rounding."""
    expected = [row("messages_per_conversation", "quantile", 2.0, None, label="p50")]
    checks, verdict = harness.judge(expected, whole_numbers((0.1, 0.25, 0.45, 0.2), 1_000_000, 3.0))
    assert checks["messages_per_conversation"]["verdict"] == "PASS"
    assert (verdict["headline_passed"], verdict["headline_total"]) == (1, 1)
    assert verdict["headline_verdict"] == "PASS"
    assert checks["message_types"]["verdict"] == "SKIP"


def test_hand_written_histogram_of_shares(harness):
    """Buckets that cut ours, no counts: our buckets are split in proportion."""
    expected = [
        row("messages_per_conversation", "bucket", 0.5, None, edges=(1.0, 20.0)),
        row("messages_per_conversation", "bucket", 0.5, None, edges=(20.0, float("inf"))),
    ]
    actual = [
        row("messages_per_conversation", "bucket", 0.4, 4000, edges=(17.0, 18.0)),
        row("messages_per_conversation", "bucket", 0.6, 6000, edges=(18.0, 30.0)),
    ]
    checks, _ = harness.judge(expected, actual)
    assert checks["messages_per_conversation_histogram"]["effect_size"] == pytest.approx(0)


def test_merged_tempo_classes_take_in_the_finer_ones(harness):
    expected, actual = [], []
    gap = {"entity": "messages", "unit": "seconds"}
    for lower, upper, n in [(1.0, 10.0, 3000), (10.0, 100.0, 1000)]:
        edges = (lower, upper)
        where = {**gap, "edges": edges}
        segment = "size_8_16.tempo_0_316.228"
        expected.append(row("activity_gap", "bucket", n / 4000, n, segment=segment, **where))
        for tempo in ("0_31.6228", "31.6228_316.228"):
            # Each class alone is far off; together they are not.
            mine = n if (lower == 1.0) == (tempo == "0_31.6228") else 0
            segment = f"size_8_16.tempo_{tempo}"
            actual.append(row("activity_gap", "bucket", 0.5, mine, segment=segment, **where))
        segment = "size_8_16.tempo_316.228_inf"
        actual.append(row("activity_gap", "bucket", 0.5, 500, segment=segment, **where))
    checks, _ = harness.judge(expected, actual)
    assert checks["activity_gap"]["effect_size"] == pytest.approx(0)
    assert checks["activity_gap"]["n_actual"] == 4000


def test_dbt_test_says_the_same(harness, baseline):
    """`dbt test` passes on GO and fails on NO-GO, naming the gates."""
    _, verdict = harness.judge(baseline, shape_rows(simulate(2)))
    assert verdict["is_go"]
    passed = harness.dbt("test")
    assert passed.returncode == 0, passed.stdout[-2000:]

    chat = simulate(2)
    _swap("kind")(chat, None)
    _, verdict = harness.judge(baseline, shape_rows(chat))
    assert not verdict["is_go"]
    failed = harness.dbt("test")
    assert failed.returncode == 1
    for name in ("fidelity_is_go", "fidelity_critical_checks_hold", "fidelity_few_checks_warn"):
        assert f"Failure in test {name}" in failed.stdout
    # A headline test that misses warns; the verdict decides whether that stops anything.
    assert "Warning in test conversation_types" in failed.stdout


def mix(share, n):
    """A mix of two conversation types."""
    return [
        row("type_distribution", "category", p, round(n * p), label=label, unit="share")
        for label, p in (("GROUP_CHAT", share), ("CHANNEL", 1 - share))
    ]


@pytest.mark.parametrize(
    ("n", "share", "verdict", "words"),
    [
        # At five million a shift of .002 has a p-value of 1e-10 and no meaning.
        (5_000_000, 0.502, "PASS", ""),
        # The margin of .01 lies inside the interval.
        (100_000, 0.508, "WARN", "undecided, needs about"),
        (100_000, 0.53, "FAIL", "its weight"),
        # At five hundred a large shift shows, a middling one is open; one hundred prove nothing.
        (500, 0.75, "FAIL", "its weight"),
        (500, 0.59, "WARN", "undecided"),
        (100, 0.5, "SKIP", "times as many"),
    ],
)
def test_checks_decide_equivalence(harness, n, share, verdict, words):
    checks, _ = harness.judge(mix(0.5, n), mix(share, n))
    check = checks["conversation_types"]
    assert check["verdict"] == verdict, check
    assert words in check["recommendation"]
    if n == 5_000_000:
        assert check["p_value"] < 1e-9
    if check["effect_size"]:
        assert check["effect_lower"] <= check["effect_size"] <= check["effect_upper"]


def test_hidden_labels_fold_on_both_sides(harness):
    """The pack hid a label of few people; one of few people is folded here too, no other."""
    expected = mix(0.6, 1000)
    few = [
        *mix(0.6, 960),
        row("type_distribution", "category", 0.04, 40, label="DIRECT_MESSAGE", unit="share"),
    ]
    people = [(*cell[:10], 12 if cell[4] == "DIRECT_MESSAGE" else 60, False) for cell in few]
    checks, _ = harness.judge(expected, people)
    assert checks["conversation_types"]["effect_size"] < 0.03
    many = [(*cell[:10], 60, False) for cell in few]
    checks, _ = harness.judge(expected, many)
    assert checks["conversation_types"]["effect_size"] > 0.1


def test_distances_match_scipy(harness):
    """Jensen-Shannon, Wasserstein on the log scale, TVD and KS, worked out a second time."""
    expected, actual = (0.1, 0.25, 0.45, 0.2), (0.2, 0.3, 0.4, 0.1)
    harness.judge(whole_numbers(expected, 10_000, 3.0), whole_numbers(actual, 10_000, 2.0))
    found = harness.distances("messages_per_conversation_histogram")
    edges = np.log(np.arange(2, 6))
    assert found["jensen_shannon"] == pytest.approx(jensenshannon(expected, actual, base=2))
    assert found["wasserstein_log"] == pytest.approx(
        wasserstein_distance(edges, edges, expected, actual)
    )
    assert found["tvd"] == pytest.approx(np.abs(np.subtract(expected, actual)).sum() / 2)
    assert found["ks"] == pytest.approx(np.abs(np.cumsum(np.subtract(expected, actual))).max())


def test_tail_ratio_ignores_scale(harness):
    """Both percentiles doubled leave it at 0; the tail doubled alone does not."""

    def percentiles(p50, p99):
        return [
            row("messages_per_conversation", "quantile", p50, 100_000, label="p50"),
            row("messages_per_conversation", "quantile", p99, 100_000, label="p99"),
        ]

    checks, _ = harness.judge(percentiles(40.0, 900.0), percentiles(80.0, 1800.0))
    assert checks["messages_per_conversation_tail"]["effect_size"] == pytest.approx(0)
    checks, _ = harness.judge(percentiles(40.0, 900.0), percentiles(40.0, 1800.0))
    assert checks["messages_per_conversation_tail"]["effect_size"] == pytest.approx(1)
    assert checks["messages_per_conversation_tail"]["verdict"] == "FAIL"


def test_a_share_is_never_recommended_above_one(harness):
    """Where everybody writes no factor can make more than all of them silent."""
    share = {"entity": "users", "unit": "share"}
    checks, _ = harness.judge(
        [row("silent_share", "scalar", 0.9, 5000, **share)],
        [row("silent_share", "scalar", 0.3, 5000, **share)],
    )
    assert "at most 1" in checks["silent_share"]["recommendation"]


def _with_heavy_room(chat, share):
    """Give the first room this share of all messages; nothing else knows of it."""
    others = chat["sizes"][1:].sum()
    chat["sizes"][0] = round(share / (1 - share) * others)
    return chat


@pytest.mark.parametrize(
    ("n_rooms", "share", "is_caught"),
    # One room is one draw: what honest draws differ by shrinks with the root of their number.
    [
        (400, 0.45, True),
        (400, 0.1, False),
        (3_000, 0.2, True),
        (3_000, 0.1, True),
        (3_000, 0.02, False),
        (20_000, 0.06, True),
    ],
)
def test_one_heavy_room_removed(harness, n_rooms, share, is_caught):
    expected = merged(shape_rows(_with_heavy_room(simulate(1, n_rooms), share)))
    honest, _ = harness.judge(expected, shape_rows(_with_heavy_room(simulate(2, n_rooms), share)))
    assert honest["concentration"]["verdict"] in ("PASS", "SKIP")
    spoilt, _ = harness.judge(expected, shape_rows(simulate(2, n_rooms)))
    found = spoilt["concentration"]
    assert (found["verdict"] in ("WARN", "FAIL")) == is_caught, found
    if is_caught:
        assert "share of messages in the largest conversations top_" in found["recommendation"]
        assert found["effect_size"] > found["noise_floor"]
