"""The spec: what ships, what hand edits may do, what is refused and where."""

import copy
import json

import numpy as np
import pytest

from synth.errors import BadInput
from synth.spec import model
from synth.spec.compile import MAX_KNOTS, quantile_table, sample, table_mean


@pytest.fixture(scope="module")
def shipped():
    return json.loads(model.DEFAULT_PATH.read_text())


@pytest.fixture
def document(shipped):
    return copy.deepcopy(shipped)


def put(document, path, value):
    *parents, last = path.split("/")
    for key in parents:
        document = document[int(key) if key.isdigit() else key]
    document[last] = value


def draw(quantity, n=400_000):
    return sample(quantile_table(quantity), (np.arange(n) + 0.5) / n, discrete=quantity.discrete)


def test_default_spec_has_the_figures_of_its_decision_record():
    spec = model.load_default()
    assert spec.conversations.type.shares == pytest.approx(
        {"DIRECT_MESSAGE": 0.68, "GROUP_CHAT": 0.27, "CHANNEL": 0.05}
    )
    size = draw(spec.conversations.messages["all"])
    assert np.median(size) == pytest.approx(15, abs=1.5)
    assert np.percentile(size, 95) == pytest.approx(500, rel=0.08)
    assert np.mean(size < 50) == pytest.approx(0.7, abs=0.02)
    top = np.sort(size)[-len(size) // 50 :].sum() / size.sum()
    assert 0.28 < top < 0.42
    heavy = size[size >= 850]
    assert 0.01 < np.mean(heavy >= 10_000) < 0.05
    length = draw(spec.messages.content_length["all"])
    assert length.mean() == pytest.approx(150, rel=0.02)
    week = np.reshape(spec.messages.weekly_profile, (7, 24))
    hours = week.sum(axis=0)
    assert hours.max() / hours.min() == pytest.approx(2.5, rel=0.01)
    assert week[:5].mean() / week[5:].mean() == pytest.approx(1.4, rel=0.01)
    assert 9 <= hours.argmax() <= 12
    assert 18 <= 14 + hours[14:].argmax() <= 21
    assert 1 - spec.messages.type.shares["TEXT"] == pytest.approx(0.16)
    # The dev band: about 4 M receipts and 0.75 M attachments for 5 M messages.
    readers = draw(spec.read_receipts.per_message).mean()
    assert spec.read_receipts.read_rate == 0.82
    assert 5.0 * 0.82 * readers == pytest.approx(4.0, rel=0.05)
    assert 5.0 * 0.16 * draw(spec.attachments.per_media_message).mean() == pytest.approx(
        0.75, rel=0.02
    )
    delay = draw(spec.read_receipts.delay_seconds)
    for p, seconds in ((50, 35), (75, 245), (90, 3420), (95, 21600)):
        assert np.percentile(delay, p) == pytest.approx(seconds, rel=0.02)
    gaps = draw(spec.messages.activity_gap["all"])
    assert 30 <= np.median(gaps) <= 1200
    assert 900 <= np.percentile(gaps, 90) <= 4 * 86_400
    assert 0.65 <= (gaps.std() - gaps.mean()) / (gaps.std() + gaps.mean()) <= 0.98


def test_default_totals_follow_from_its_distributions():
    spec = model.load_default()
    busy = spec.totals.conversations * (1 - spec.totals.empty_conversation_share)
    mean = table_mean(*quantile_table(spec.conversations.messages["all"]), discrete=True)
    assert spec.totals.messages / busy == pytest.approx(mean, rel=0.001)


def test_round_trip(tmp_path):
    spec = model.load_default()
    model.save(spec, tmp_path / "spec.json")
    assert model.load(tmp_path / "spec.json") == spec


def test_save_leaves_nothing_behind_when_it_fails(tmp_path):
    with pytest.raises(BadInput, match="create the directory"):
        model.save(model.load_default(), tmp_path / "none" / "spec.json")
    assert list(tmp_path.iterdir()) == []


def test_every_quantity_compiles(shipped):
    spec = model.from_document(shipped)
    groups = (
        *(getattr(spec.conversations, name) for name in ("messages", "members", "senders")),
        *(getattr(spec.conversations, name) for name in ("dominance", "tempo")),
        spec.messages.content_length,
        spec.messages.activity_gap,
    )
    for group in groups:
        for quantity in group.values():
            cdf, x = quantile_table(quantity)
            assert cdf[0] == 0 and cdf[-1] == 1 and cdf.size <= MAX_KNOTS
            assert np.all(np.diff(cdf) > 0) and np.all(np.diff(x) >= 0)


def test_hand_edit_of_alpha_moves_the_tail(document):
    path = "conversations/messages/all/parameters/components/1/parameters"
    before = model.from_document(document).conversations.messages["all"]
    put(document, path, {"alpha": 2.2})
    after = model.from_document(document).conversations.messages["all"]
    assert np.percentile(draw(after), 99.5) > 1.2 * np.percentile(draw(before), 99.5)


def test_hand_edit_of_upper_cuts_an_empirical_quantity(document):
    name = "all"
    put(document, f"conversations/senders/{name}/upper", 4)
    senders = model.from_document(document).conversations.senders[name]
    assert draw(senders).max() == 3


def test_weights_are_normalised_within_rounding(document):
    put(document, "users/device_mix/parameters/weights", [0.34, 0.33, 0.22, 0.1100005])
    assert sum(model.from_document(document).users.device_mix.weights) == pytest.approx(
        1, abs=1e-12
    )


CONTENT = "messages/content_length/all"
COUNT = {"distribution": "geometric", "parameters": {"p": 0.5}, "lower": 1, "discrete": True}
SECONDS = {"distribution": "empirical", "parameters": {"x": [0, 90], "cdf": [0, 1]}}
SHARE = {"distribution": "empirical", "parameters": {"x": [0, 1], "cdf": [0, 1]}}


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        (f"{CONTENT}/parameters", {"mu": 4.5, "sigma": 0}, "sigma of log_normal"),
        (
            f"{CONTENT}/parameters",
            {"mu": 4.5, "sigma": -1},
            "messages.content_length.all.parameters.sigma",
        ),
        (f"{CONTENT}/parameters", {"mu": "x", "sigma": 1}, "messages.content_length.all.mu"),
        (f"{CONTENT}/distribution", "cauchy", "messages.content_length.all.distribution"),
        (f"{CONTENT}/lower", 2000, "lower 2000 must be below upper 1030"),
        (f"{CONTENT}/upper", 1e300, "messages.content_length.all.upper"),
        (
            "conversations/messages/all/parameters/components/1/parameters",
            {"alpha": 1},
            "components[1].parameters.alpha",
        ),
        (
            "conversations/messages/all/parameters/weights",
            [0.5, 0.6],
            "conversations.messages.all.parameters.weights",
        ),
        (
            "conversations/messages/all/parameters/weights",
            [-0.1, 1.1],
            "weights[0] must be between 0 and 1",
        ),
        ("conversations/messages/all/discrete", False, "conversations.messages.all.discrete"),
        ("conversations/members/GROUP_CHAT/lower", 0, "at least 1"),
        ("conversations/tempo", {}, "conversations.tempo"),
        ("conversations/tempo", {"Bob's room": {}}, "conversations.tempo"),
        ("conversations/messages/CHANEL", COUNT, "no such type"),
        ("conversations/tempo/size_8_4", SECONDS, "empty or reversed"),
        ("conversations/tempo/CHANNEL", SECONDS, "must not name a type"),
        ("conversations/dominance/size_2_4.tempo_1_10", SHARE, "unknown dimension tempo"),
        ("messages/content_length/DIRECT_MESSAGE", COUNT, "no such type"),
        ("conversations/dominance/all", SECONDS, "conversations.dominance.all.upper: must be at"),
        ("conversations/start_position", COUNT, "conversations.start_position.upper"),
        ("messages/activity_gap/all/parameters", {"x": [0, 1e15], "cdf": [0, 1]}, "at most 3.1"),
        (
            "conversations/messages/all",
            {**COUNT, "distribution": "power_law", "parameters": {"alpha": 1.01}, "upper": None},
            "must be set",
        ),
        (f"{CONTENT}/parameters", {"mu": 1e300, "sigma": 1}, "at most 1e+15"),
        ("totals/users", 10**12, "times totals.messages"),
        ("users/device_mix/parameters/weights", [1, 0, 0], "must be as long as labels"),
        ("users/device_mix/parameters/weights", [0.4, 0.4, 0.4, 0.4], "weights must sum to 1"),
        ("users/silent_share", 1.5, "users.silent_share"),
        ("users/nickname", 1, "unknown key 'nickname'"),
        ("messages/weekly_profile", [1] * 167, "messages.weekly_profile"),
        ("messages/weekly_profile", [2] * 168, "mean 1"),
        ("window/end", "2026-02-31", "window.end"),
        ("window/days", 0, "window.days"),
        ("totals/messages", None, "totals.messages"),
        ("schema_version", "1.1", "newer than 1.0"),
        ("schema_version", "9.0", "newer than 1.0"),
        ("schema_version", 1, "schema_version"),
    ],
)
def test_impossible_spec_is_refused_with_its_path(document, path, value, expected):
    put(document, path, value)
    with pytest.raises(BadInput) as caught:
        model.from_document(document)
    assert expected in str(caught.value)
    assert caught.value.exit_code == 2
    assert "\n" not in str(caught.value)


def test_missing_part_is_named(document):
    del document["messages"]["content_length"]
    with pytest.raises(BadInput, match=r"messages: must have .*content_length"):
        model.from_document(document)


def test_a_byte_order_mark_is_named(tmp_path):
    path = tmp_path / "spec.json"
    path.write_text("\ufeff{}", encoding="utf-8")
    with pytest.raises(BadInput, match="byte order mark"):
        model.load(path)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"a": NaN}', "\xff"])
def test_what_is_no_spec_is_refused(tmp_path, text):
    path = tmp_path / "spec.json"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(BadInput):
        model.load(path)
    with pytest.raises(BadInput, match="cannot be read"):
        model.load(tmp_path / "none.json")


def test_receipts_and_attachments_may_be_null(document):
    document["read_receipts"] = document["attachments"] = None
    spec = model.from_document(document)
    assert spec.read_receipts is None and spec.attachments is None


def test_categorical_has_no_table():
    with pytest.raises(BadInput, match="only weights"):
        quantile_table(model.load_default().messages.type)
