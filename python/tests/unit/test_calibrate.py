"""Calibration: a full pack, sparse ones, contradictory ones, and the command."""

import json

import numpy as np
import pytest
from calibration_pack import TYPES, full_pack, histogram
from click.testing import CliRunner

from synth.calibrate import calibrate, run
from synth.calibrate.profile import occurrences
from synth.commands.calibrate import command
from synth.errors import BadInput
from synth.pack import reader
from synth.spec import model
from synth.spec.compile import quantile_table, sample, table_mean
from synth.spec.model import Window

LEVELS = (50, 75, 90, 95, 99)
PERCENTILES = {"p50": 45, "p75": 120, "p90": 450, "p95": 1200, "p99": 5000, "max": 15000}


def calibrated(document, **options):
    pack = reader.from_document(document, sha256="0" * 64)
    return calibrate(pack, null_sections=run.null_sections(document), **options)


def draw(quantity, n=200_000):
    return sample(quantile_table(quantity), (np.arange(n) + 0.5) / n, discrete=quantity.discrete)


@pytest.fixture(scope="module")
def full():
    document, values = full_pack()
    return document, values, calibrated(document)


def test_full_pack_needs_no_default(full):
    document, _, found = full
    assert found.spec.source.defaulted == ()
    # The simulation draws lengths, delays and files apart from the messages.
    assert all("adds up to" in note or "memberships" in note for note in found.notes)
    assert found.spec.totals.messages == document["messages"]["total_count"]
    assert found.spec.totals.users == 5000
    assert found.spec.window == Window(days=30, end="2026-01-31")
    assert set(found.spec.messages.activity_gap) == {
        "all",
        *document["messages"]["activity_gap_by_tempo"],
    }


def test_structure_is_measured_beside_the_pack(full):
    _, values, found = full
    ordered = np.sort(values["size"])[::-1]
    wanted = ordered[: ordered.size // 50].sum() / ordered.sum()
    figures = {name: made for name, (_, made) in found.structure.items()}
    assert figures["share of messages in the top 2 % of conversations"] == pytest.approx(
        wanted, rel=0.05
    )
    heavy = figures["share of conversations with 10,000 messages"]
    assert heavy == pytest.approx(np.mean(values["size"] >= 10_000), abs=0.001)
    # This simulation draws members and degrees apart, so they cannot agree.
    assert figures["memberships by user over those by room"] < 0.9
    assert any("memberships by user" in note for note in found.notes)


@pytest.mark.parametrize(
    ("path", "name"),
    [("conversations.messages", "size"), ("messages.content_length", "length")],
)
def test_percentiles_of_the_pack_come_out_of_the_compiled_table(full, path, name):
    _, values, found = full
    section, key = path.split(".")
    drawn = draw(getattr(getattr(found.spec, section), key)["all"])
    for p in LEVELS:
        expected = np.percentile(values[name], p)
        assert np.percentile(drawn, p) == pytest.approx(expected, rel=0.04, abs=1), p
    assert drawn.mean() == pytest.approx(values[name].mean(), rel=0.03)


def test_delays_are_converted_from_minutes(full):
    _, values, found = full
    drawn = draw(found.spec.read_receipts.delay_seconds)
    for p in LEVELS:
        assert np.percentile(drawn, p) == pytest.approx(np.percentile(values["delay"], p), rel=0.06)


def test_written_spec_is_read_back_whole(full, tmp_path):
    found = full[2]
    model.save(found.spec, tmp_path / "spec.json")
    again = model.load(tmp_path / "spec.json")
    assert set(again.conversations.senders) == set(found.spec.conversations.senders)
    assert again.source.fitted == found.spec.source.fitted
    assert "NaN" not in (tmp_path / "spec.json").read_text()


def test_parametric_choices_carry_errors_and_empirical_ones_their_rival(full):
    spec = full[2].spec
    length = spec.messages.content_length["all"]
    assert length.distribution == "log_normal"
    assert length.parameters["mu"] == pytest.approx(4.0, abs=0.03)
    assert 0 < length.goodness_of_fit["standard_errors"]["mu"] < 0.02
    low, high = length.goodness_of_fit["intervals"]["mu"]
    assert low < length.parameters["mu"] < high
    assert length.goodness_of_fit["bic"] > length.goodness_of_fit["aic"]
    assert "within 0.02" in length.reason
    size = spec.conversations.messages["all"]
    assert size.distribution == "empirical"
    assert "p99 off by" in size.reason
    assert size.alternatives and size.observed["ratio_alpha"] > 1


def test_max_ks_decides(full):
    document = full[0]
    strict = calibrated(document, max_ks=0.0).spec
    length = strict.messages.content_length["all"]
    assert length.distribution == "empirical"
    assert length.alternatives[0]["distribution"] == "log_normal"
    assert "> 0" in length.reason


def test_weekly_profile_is_corrected_for_the_days_of_the_window():
    # 30 days to Saturday 2026-01-31 hold five Fridays and Saturdays.
    assert occurrences(Window(30, "2026-01-31")).tolist() == [4, 4, 4, 4, 5, 5, 4]
    shares = np.repeat([4, 4, 4, 4, 5, 5, 4], 24) / 24 / 30
    document = {
        "as_of": "2026-01-31",
        "sample_window_days": 30,
        "messages": {"total_count": 7200, "hour_of_week_distribution": shares.tolist()},
    }
    rates = calibrated(document).spec.messages.weekly_profile
    np.testing.assert_allclose(rates, 1.0, rtol=1e-6)


def test_weekly_profile_survives_shares_outside_of_the_window():
    document = {
        "sample_window_days": 1,
        "messages": {"day_of_week_distribution": [0, 0, 0, 0, 0, 1, 0]},
    }
    week = np.reshape(calibrated(document).spec.messages.weekly_profile, (7, 24))
    assert week[5].mean() == pytest.approx(7)


def test_weekly_profile_from_hours_and_weekdays():
    hours = np.ones(24)
    hours[10] = 9
    document = {"messages": {"hourly_distribution": (hours / hours.sum()).tolist()}}
    found = calibrated(document)
    week = np.reshape(found.spec.messages.weekly_profile, (7, 24))
    assert week.mean() == pytest.approx(1)
    assert week[2, 10] / week[2, 11] == pytest.approx(9)
    assert week[:5].mean() / week[5:].mean() == pytest.approx(1.4, rel=1e-3)


def test_percentiles_alone():
    document = {
        "conversations": {
            "total_count": 1000,
            "messages_per_conversation_percentiles": PERCENTILES,
        }
    }
    found = calibrated(document)
    quantity = found.spec.conversations.messages["all"]
    assert quantity.observed["ratio_alpha"] == pytest.approx(1.83, abs=0.005)
    drawn = draw(quantity)
    for p in LEVELS:
        assert np.percentile(drawn, p) == pytest.approx(PERCENTILES[f"p{p}"], rel=0.05)
    assert "messages.content_length" in found.spec.source.defaulted
    assert "conversations.messages" in found.spec.source.fitted
    assert found.spec.totals.conversations == 1000
    busy = 1000 * (1 - found.spec.totals.empty_conversation_share)
    assert found.spec.totals.messages == pytest.approx(busy * drawn.mean(), rel=0.01)


def test_type_mix_alone():
    found = calibrated({"messages": {"type_distribution": {"TEXT": 90, "IMAGE": 10}}})
    assert found.spec.messages.type.shares == pytest.approx({"TEXT": 0.9, "IMAGE": 0.1})
    assert set(found.spec.source.fitted) == {"messages.type"}
    assert {"totals.conversations", "totals.users"} <= set(found.spec.source.derived)
    default = model.load_default()
    assert found.spec.messages.activity_gap == default.messages.activity_gap


def test_histograms_written_by_hand():
    document = {
        "conversations": {
            "total_count": 100,
            "messages_per_conversation_histogram": {"1-4": 40, "5-9": 30, "10": 10, "11+": 20},
            "member_count_histogram": {"2": 70, "3-20": 30},
        },
        "messages": {"total_count": 1200},
    }
    spec = calibrated(document).spec
    drawn = draw(spec.conversations.messages["all"])
    assert np.mean(drawn < 5) == pytest.approx(0.4, abs=0.002)
    assert np.mean(drawn == 10) == pytest.approx(0.1, abs=0.002)
    assert drawn.mean() == pytest.approx(12, rel=0.02)
    assert np.mean(draw(spec.conversations.members["all"]) == 2) == pytest.approx(0.7, abs=1e-4)


def test_media_ratio_alone_keeps_the_default_types():
    shares = calibrated({"messages": {"media_ratio": 0.3}}).spec.messages.type.shares
    assert shares["TEXT"] == pytest.approx(0.7)
    assert shares["IMAGE"] / shares["VIDEO"] == pytest.approx(0.1072 / 0.0224)


def test_shares_of_delays_alone():
    section = {"immediate_percentage": 60, "near_term_percentage": 30, "delayed_percentage": 10}
    drawn = draw(calibrated({"read_receipts": section}).spec.read_receipts.delay_seconds)
    assert np.mean(drawn < 60) == pytest.approx(0.6, abs=0.01)
    assert np.mean(drawn < 3600) == pytest.approx(0.9, abs=0.01)


def test_null_section_is_not_generated_but_a_missing_one_is_default():
    document = {"messages": {"total_count": 500}, "read_receipts": None}
    found = calibrated(document)
    assert found.spec.read_receipts is None
    assert found.spec.attachments == model.load_default().attachments
    sources = {line.path: line.source for line in found.lines}
    assert sources["read_receipts"] == "absent"
    assert sources["attachments.type"] == "default"


@pytest.mark.parametrize("entity", ["messages", "conversations"])
def test_nothing_to_calibrate(entity):
    with pytest.raises(BadInput, match="nothing to calibrate"):
        calibrated({entity: {"total_count": 0}})


def test_totals_that_contradict_the_histogram_are_named():
    document = {
        "conversations": {
            "total_count": 100,
            "messages_per_conversation_histogram": {"1": 50, "2": 50},
        },
        "messages": {"total_count": 90_000},
    }
    found = calibrated(document)
    assert "conversations.messages" in found.notes[0]
    quantity = found.spec.conversations.messages["all"]
    assert table_mean(*quantile_table(quantity), discrete=True) == pytest.approx(1.5)


def test_one_bucket_only():
    document = {"messages": {"content_length_histogram": {"20-40": 7}}}
    drawn = draw(calibrated(document).spec.messages.content_length["all"])
    assert drawn.min() >= 20 and drawn.max() <= 40


def test_joint_histograms_without_their_marginal():
    document = {
        "conversations": {
            "senders_by_size": {
                f"{TYPES[1]}.size_2_3": histogram(
                    np.array([1] * 30 + [2] * 70), range(1, 5), "senders"
                )
            }
        }
    }
    senders = calibrated(document).spec.conversations.senders
    assert set(senders) == {"all", f"{TYPES[1]}.size_2_3"}
    assert np.mean(draw(senders["all"]) == 1) == pytest.approx(0.3, abs=1e-3)


def invoke(*arguments):
    return CliRunner().invoke(command, [str(one) for one in arguments])


def test_command_writes_the_spec_and_says_what_is_default(tmp_path):
    pack = tmp_path / "pack.json"
    pack.write_text(json.dumps({"messages": {"media_ratio": 0.2}, "attachments": None}))
    result = invoke(
        "--shape", pack, "--output", tmp_path / "spec.json", "--json", "--allow-unsigned"
    )
    assert result.exit_code == 0
    shown = json.loads(result.stdout)
    assert "messages.type" in shown["derived"]
    assert "messages.content_length" in shown["defaulted"]
    assert shown["absent"] == ["attachments"]
    spec = model.load(tmp_path / "spec.json")
    assert spec.source.pack_sha256 == shown["pack_sha256"]
    table = invoke("--shape", pack, "--output", tmp_path / "spec.json", "--allow-unsigned")
    assert "messages.content_length" in table.stdout
    assert "default" in table.stdout
    assert "null in the pack" in table.stdout


def test_command_writes_a_page_of_fits_tails_and_assumptions(tmp_path):
    document, _ = full_pack(conversations=3000)
    pack, spec, page = tmp_path / "pack.json", tmp_path / "spec.json", tmp_path / "fits.html"
    pack.write_text(json.dumps(document))
    result = invoke(
        "--shape", pack, "--output", spec, "--allow-unsigned", "--plot", page, "--bootstrap", 5,
        "--what-if", "heavy_rooms.share=0.5", "--what-if", "messages.media_ratio=0.3",
    )  # fmt: skip
    assert result.exit_code == 0, result.exception
    text = result.stdout
    assert "95 % interval" in text and "as fitted" in text and "p 0." in text
    assert "power-law exponent" in text
    assert "what if heavy_rooms.share=0.5, messages.media_ratio=0.3" in text
    found = model.load(spec)
    assert found.source.what_if == ("heavy_rooms.share=0.5", "messages.media_ratio=0.3")
    assert found.messages.type.shares["TEXT"] == pytest.approx(0.7)
    html = page.read_text()
    assert html.count("<svg") >= 3 * 8
    for title in ("conversations.messages: tail", "hour of week"):
        assert title in html
    assert "http://" not in html.replace("http://www.w3.org", "")
    again = invoke(
        "--shape", pack, "--output", spec, "--allow-unsigned", "--json", "--bootstrap", 5
    )
    shown = json.loads(again.stdout)
    assert 0 <= shown["tails"]["conversations.messages"]["p_value"] <= 1
    assert shown["exponents"] and shown["rhythm"]


@pytest.mark.parametrize(
    ("content", "options"),
    [
        ("not json", ()),
        ('\ufeff{"messages": {"media_ratio": 0.2}}', ()),
        ('{"messages": {"media_ratio": 0.2}}', ("--what-if", "nonsense=1")),
        ('{"messages": {"media_ratio": 0.2}}', ("--plot", "/nowhere/fits.html")),
        ('{"messages": {"nickname": 1}}', ()),
        ('{"messages": {"media_ratio": 0.2}}', ("--max-ks", "7")),
    ],
)
def test_command_refuses_bad_input_and_writes_nothing(tmp_path, content, options):
    pack = tmp_path / "pack.json"
    pack.write_text(content)
    result = invoke(
        "--shape", pack, "--output", tmp_path / "spec.json", "--allow-unsigned", *options
    )
    assert isinstance(result.exception, BadInput)
    assert "\n" not in str(result.exception)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["pack.json"]
