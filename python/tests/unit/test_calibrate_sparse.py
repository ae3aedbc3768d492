"""Sparse and contradictory packs: what is used, what is refused, and what is said about it."""

import numpy as np
import pytest
from calibration_pack import full_pack

from synth.calibrate import calibrate, report, run
from synth.calibrate.profile import weekly_profile
from synth.errors import BadInput
from synth.pack import reader
from synth.spec import model
from synth.spec.compile import quantile_table, sample, table_mean
from synth.spec.model import Window


def calibrated(document, **options):
    pack = reader.from_document(document, sha256="0" * 64)
    return calibrate(pack, null_sections=run.null_sections(document), **options)


def mean(quantity):
    return table_mean(*quantile_table(quantity), discrete=quantity.discrete)


def largest(quantity):
    u = np.array([1 - 1e-12])
    return float(sample(quantile_table(quantity), u, discrete=quantity.discrete)[0])


def sources(found):
    return {line.path: line.source for line in found.lines}


def test_a_mean_alone_is_used():
    found = calibrated({"messages": {"content_length_stats": {"mean": 80}}})
    assert mean(found.spec.messages.content_length["all"]) == pytest.approx(80, rel=1e-3)
    assert sources(found)["messages.content_length"] == "derived"
    assert "messages.content_length" not in found.spec.source.defaulted


def test_a_maximum_alone_is_used():
    section = {"messages_per_conversation_percentiles": {"max": 900}}
    found = calibrated({"conversations": section})
    quantity = found.spec.conversations.messages["all"]
    assert largest(quantity) == 900
    default = model.load_default().conversations.messages["all"]
    shares = [sample(quantile_table(one), np.array([0.5]), discrete=True) for one in
              (quantity, default)]  # fmt: skip
    assert shares[0] == pytest.approx(shares[1], abs=1)


@pytest.mark.parametrize(
    ("document", "path", "wanted"),
    [
        (
            {"messages": {"total_count": 10_000}, "conversations": {"total_count": 500}},
            "conversations.messages",
            20,
        ),
        (
            {
                "messages": {"total_count": 10_000},
                "read_receipts": {"total_count": 30_000, "read_rate": 0.9},
            },
            "read_receipts.per_message",
            30 / 9,
        ),
        (
            {
                "messages": {"total_count": 10_000, "media_ratio": 0.2},
                "attachments": {"total_count": 3000},
            },
            "attachments.per_media_message",
            1.5,
        ),
    ],
)
def test_totals_alone_give_the_mean(document, path, wanted):
    found = calibrated(document)
    section, key = path.split(".")
    quantity = getattr(getattr(found.spec, section), key)
    quantity = quantity["all"] if isinstance(quantity, dict) else quantity
    assert mean(quantity) == pytest.approx(wanted, rel=1e-3)
    assert sources(found)[path] == "derived"


def test_conversations_per_user_have_the_mean_of_the_memberships():
    document = {
        "users": {
            "total_count": 1000,
            "unattached_share": 0,
            "conversations_per_user_histogram": {"1": 400, "2-4": 400, "5-400": 200},
        },
        "conversations": {"total_count": 4000, "member_count_histogram": {"2": 2000, "3": 2000}},
    }
    found = calibrated(document)
    assert mean(found.spec.users.conversations_per_user) == pytest.approx(10, rel=0.02)
    ratio = found.structure["memberships by user over those by room"][1]
    assert ratio == pytest.approx(1, abs=0.02)
    assert found.notes == ()


def test_origins_are_counted_once_a_part():
    document, _ = full_pack(conversations=3000)
    counts = report.summary(calibrated(document).lines)
    assert counts["default"] == counts["absent"] == 0
    # Sizes of three types of conversations are one part.
    spec = model.to_document(calibrated(document).spec)
    parts = sum(len(spec[name]) for name in ("window", "totals", "users", "conversations"))
    parts += sum(len(spec[name]) for name in ("messages", "read_receipts", "attachments"))
    # start_exponent and time_resolution are no figures of the pack's.
    assert counts["fitted"] + counts["derived"] == parts - 2
    sparse = report.summary(calibrated({"messages": {"media_ratio": 0.2}}).lines)
    assert sparse["fitted"] == 0 and sparse["derived"] >= 3


@pytest.mark.parametrize("rate", [1.5, 1.0001, 150])
def test_a_share_that_may_be_a_percentage_is_refused(rate):
    with pytest.raises(BadInput, match="read_rate"):
        calibrated({"read_receipts": {"read_rate": rate}})


def test_percentages_are_understood():
    found = calibrated({"read_receipts": {"read_rate": 82}})
    assert found.spec.read_receipts.read_rate == pytest.approx(0.82)
    fields = {"avatar": 50, "bio": 1.5, "phone": 0, "display_name": 90}
    shares = calibrated({"users": {"profile_completeness": fields}}).spec.users
    assert shares.profile_completeness["bio"] == pytest.approx(0.015)


def test_delays_end_with_the_window():
    section = {"immediate_percentage": 60, "near_term_percentage": 30, "delayed_percentage": 10}
    found = calibrated({"sample_window_days": 30, "read_receipts": section})
    assert largest(found.spec.read_receipts.delay_seconds) <= 30 * 86_400


def test_a_histogram_that_does_not_add_up_is_named():
    document = {
        "conversations": {"total_count": 5000, "member_count_histogram": {"2": 700, "3-9": 300}}
    }
    found = calibrated(document)
    assert any("adds up to 1,000" in note and "5,000" in note for note in found.notes)


@pytest.mark.parametrize(
    "section",
    [
        {"messages_per_conversation_percentiles": {"p50": 9, "p90": 4}},
        {"messages_per_conversation_percentiles": {"p50": 1e300}},
        {"messages_per_conversation_histogram": {"1": 0, "2": 0}},
        {"messages_per_conversation_histogram": {"1-4": 0.3, "5-9": 0.3}},
        {"member_count_histogram": {"9000000000000": 5}},
    ],
)
def test_absurd_figures_are_refused_in_one_line(section):
    with pytest.raises(BadInput) as caught:
        calibrated({"conversations": section})
    assert "\n" not in str(caught.value)


def test_a_pack_with_everything_suppressed_is_refused():
    document = {
        "privacy": {
            "k": 20,
            "n_suppressed": 1,
            "suppressed": ["messages.media_ratio"],
            "sketch_bits": 64,
        },
        "messages": {"media_ratio": None},
    }
    with pytest.raises(BadInput, match="no section holds a figure"):
        calibrated(document)


def test_more_users_than_any_application_has():
    document = {"messages": {"total_count": 5}, "users": {"total_count": 10**9}}
    with pytest.raises(BadInput, match="users for every message"):
        calibrated(document)


WINDOW = Window(28, "2026-02-01")


def test_thin_hours_are_drawn_towards_the_margins():
    rng = np.random.default_rng(8)
    hours, days = rng.dirichlet(np.full(24, 5.0)), np.array([4, 4, 4, 4, 4, 2, 2]) / 24
    true = np.outer(days, hours)
    default = np.ones(168)

    def distance(n, smooth):
        seen = rng.multinomial(n, true.reshape(-1)) / n
        found, _ = weekly_profile(
            seen.tolist(), None, None, window=WINDOW, default=default, n=n if smooth else None
        )
        return np.abs(np.array(found) / 168 - true.reshape(-1)).sum() / 2

    thin = [(distance(1500, True), distance(1500, False)) for _ in range(5)]
    assert np.mean([one for one, _ in thin]) < 0.75 * np.mean([other for _, other in thin])
    # With support the published hours stand.
    peaked = true.copy()
    peaked[2, 3] *= 5
    peaked /= peaked.sum()
    found, _ = weekly_profile(
        peaked.reshape(-1).tolist(), None, None, window=WINDOW, default=default, n=1_000_000
    )
    found = np.reshape(found, (7, 24))
    assert found[2, 3] / found[1, 3] == pytest.approx(5, rel=0.02)


def test_missing_hours_are_filled_by_the_margins():
    shares = [1 / 168] * 168
    shares[5] = None
    found, evidence = weekly_profile(
        shares, None, None, window=WINDOW, default=np.full(168, 2.0), n=10**6
    )
    assert evidence.startswith("hour of week")
    np.testing.assert_allclose(found, 1.0, rtol=1e-6)
