"""What if: every knob turns what it says, keeps the rest, and refuses what it cannot reach."""

import numpy as np
import pytest

from synth.errors import BadInput
from synth.spec import model, turn, what_if
from synth.spec.compile import quantile_table, sample, table_mean


@pytest.fixture(scope="module")
def spec():
    return model.load_default()


def draw(quantity, n=200_000):
    return sample(quantile_table(quantity), (np.arange(n) + 0.5) / n, discrete=quantity.discrete)


def mean(quantity):
    return table_mean(*quantile_table(quantity), discrete=quantity.discrete)


def hours(spec):
    return np.reshape(spec.messages.weekly_profile, (7, 24)).sum(axis=0)


def weekday(spec):
    week = np.reshape(spec.messages.weekly_profile, (7, 24))
    return week[:5].mean() / week[5:].mean()


MEASURED = {
    "heavy_rooms.share": (0.45, what_if.heavy_share),
    "heavy_rooms.largest": (5000, lambda s: draw(s.conversations.messages["all"]).max()),
    "conversations.mean_messages": (60, lambda s: mean(s.conversations.messages["all"])),
    "conversations.one_to_one": (0.5, lambda s: s.conversations.type.shares["DIRECT_MESSAGE"]),
    "messages.media_ratio": (0.3, lambda s: 1 - s.messages.type.shares["TEXT"]),
    "messages.mean_length": (90, lambda s: mean(s.messages.content_length["all"])),
    "messages.peak_trough": (6, lambda s: hours(s).max() / hours(s).min()),
    "messages.weekday_weekend": (2, weekday),
    "messages.gap_memory": (0.3, lambda s: s.messages.gap_memory),
    "read_receipts.read_rate": (0.5, lambda s: s.read_receipts.read_rate),
    "read_receipts.per_message": (2.5, lambda s: mean(s.read_receipts.per_message)),
    "read_receipts.median_delay": (300, lambda s: np.median(draw(s.read_receipts.delay_seconds))),
    "attachments.per_media_message": (1.5, lambda s: mean(s.attachments.per_media_message)),
    "users.conversations_per_user": (5, lambda s: mean(s.users.conversations_per_user)),
    "users.silent_share": (0.4, lambda s: s.users.silent_share),
    "users.unattached_share": (0.2, lambda s: s.users.unattached_share),
}


def test_every_knob_is_measured_here():
    assert set(MEASURED) == set(what_if.KNOBS)


@pytest.mark.parametrize("name", MEASURED)
def test_a_knob_turns_what_it_says(spec, name):
    value, measure = MEASURED[name]
    turned = what_if.apply(spec, [f"{name}={value}"])
    assert measure(turned) == pytest.approx(value, rel=0.01)
    assert measure(spec) != pytest.approx(value, rel=0.05)
    assert turned.source.what_if == (f"{name}={value}",)
    # A turned spec is a spec.
    model.from_document(model.to_document(turned))


def test_heavier_rooms_leave_the_small_ones_alone(spec):
    turned = what_if.apply(spec, ["heavy_rooms.share=0.4"])
    before, after = (draw(s.conversations.messages["all"]) for s in (spec, turned))
    assert np.percentile(after, 97) == np.percentile(before, 97)
    assert np.percentile(after, 99.5) > np.percentile(before, 99.5)
    # Larger rooms hold the same messages in fewer conversations.
    assert turned.totals.messages == spec.totals.messages
    assert turned.totals.conversations < spec.totals.conversations
    busy = turned.totals.conversations * (1 - turned.totals.empty_conversation_share)
    quantity = turned.conversations.messages["all"]
    assert turned.totals.messages / busy == pytest.approx(mean(quantity), rel=1e-3)


def test_heavy_rooms_by_type_are_weighed_by_the_mix(spec):
    kinds = {"all": spec.conversations.messages["all"]}
    kinds["CHANNEL"] = turn.with_mean(kinds["all"], 400, lower=1)
    conversations = type(spec.conversations)(**{**vars(spec.conversations), "messages": kinds})
    typed = model.replaced(spec, conversations=conversations)
    turned = what_if.apply(typed, ["heavy_rooms.share=0.6"])
    assert what_if.heavy_share(turned) == pytest.approx(0.6, abs=0.005)
    assert set(turned.conversations.messages) == {"all", "CHANNEL"}


def test_several_assumptions_hold_together(spec):
    asked = ["messages.media_ratio=0.3", "heavy_rooms.share=0.4", "messages.media_ratio=0.2"]
    with pytest.raises(BadInput, match="given twice"):
        what_if.apply(spec, asked)
    turned = what_if.apply(spec, asked[:2])
    assert what_if.heavy_share(turned) == pytest.approx(0.4, abs=0.005)
    assert 1 - turned.messages.type.shares["TEXT"] == pytest.approx(0.3)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("heavy_rooms", "heavy_rooms'"),
        ("heavy_rooms.share", "must be a number between 0 and 1"),
        ("heavy_rooms.share=", "must be a number"),
        ("heavy_rooms.share=nan", "must be a number"),
        ("heavy_rooms.share=1.5", "must be a number between 0 and 1"),
        ("heavy_rooms.share=0.01", "can hold between"),
        ("tempo=3", "unknown parameter 'tempo'"),
    ],
)
def test_impossible_assumptions_are_refused_in_one_line(spec, text, message):
    with pytest.raises(BadInput, match=message) as caught:
        what_if.apply(spec, [text])
    assert "\n" not in str(caught.value)


def test_parts_that_are_absent_cannot_be_turned(spec):
    bare = model.replaced(spec, read_receipts=None, attachments=None)
    for text in ("read_receipts.read_rate=0.5", "attachments.per_media_message=2"):
        with pytest.raises(BadInput, match="has no"):
            what_if.apply(bare, [text])
