"""A spec and its segments in words, and what differs between two specs."""

import pytest

from synth.report import differences, evidence, spec_words


def test_differences_of_specs_name_the_quantity():
    def spec(**more):
        quantity = {"distribution": "categorical", "parameters": {"labels": ["A", "B"], **more}}
        return {"messages": {"type": quantity}}

    found = differences.differences(spec(weights=[1, 3]), spec(weights=[1, 1]))
    assert found == [
        ("messages.type", "categorical: B 75 %, A 25 %", "categorical: B 50 %, A 50 %")
    ]
    assert differences.differences(spec(), spec()) == []
    # What a fit says of itself changes nothing that is drawn.
    told = spec()
    told["messages"]["type"]["reason"] = "other words"
    assert differences.differences(spec(), told) == []


def test_differences_see_a_joint_class_that_changed():
    def spec(middle):
        knots = {"x": [0, middle, 90], "cdf": [0, 0.001, 1]}
        knot = {"distribution": "empirical", "parameters": knots}
        return {"messages": {"activity_gap": {"all": knot, "size_2_3.tempo_0_1": knot}}}

    plain, joint = differences.by_class(spec(1), spec(1.0001))
    assert [path for path, *_ in plain] == ["messages.activity_gap.all"]
    assert [path for path, *_ in joint] == ["messages.activity_gap.size_2_3.tempo_0_1"]
    assert plain[0][2] == "other knots"


@pytest.mark.parametrize(
    ("quantity", "words"),
    [
        ({"distribution": "log_normal", "parameters": {"mu": 1.5, "sigma": 2}}, "mu 1.5, sigma 2"),
        ({"distribution": "empirical", "parameters": {"x": [0, 10, 20], "cdf": [0, 0.5, 1]}},
         "half below 10, 90 % below 18, 99 % below 19.8, from 0 to 20, 3 knots"),
        ({"distribution": "empirical", "parameters": {"x": [], "cdf": []}}, ""),
        ({"distribution": "mixture", "parameters": {"weights": [0.25, 0.75], "components": [
            {"distribution": "point", "parameters": {"x": 1}},
            {"distribution": "power_law", "parameters": {"alpha": 2.5}}]}},
         "25 % point (x 1) + 75 % power law (alpha 2.5)"),
        ({"distribution": "none at all"}, ""),
    ],
)  # fmt: skip
def test_quantities_are_said_in_words(quantity, words):
    assert spec_words.figures(quantity) == words


def test_the_spec_says_where_each_part_comes_from():
    quantity = {"distribution": "normal", "parameters": {"mu": 1}}
    spec = {
        "source": {"fitted": ["messages.activity_gap"], "defaulted": ["users.device_mix"]},
        "users": {"device_mix": quantity},
        "messages": {"activity_gap": {"all": quantity, "size_2_3": quantity},
                     "weekly_profile": [1.0] * 167 + [3.0], "size_bytes": quantity},
    }  # fmt: skip
    found = {
        f"{part}.{name}": rest for part, rows in spec_words.groups(spec) for name, *rest in rows
    }
    assert found["users.device_mix"][-1] == "default"
    assert found["messages.activity_gap.all"][-1] == "pack"
    assert found["messages.size_bytes"][-1] == ""
    assert "1 distributions" in found["messages.activity_gap, by class"][1]
    assert "busiest Sun 23:00" in found["messages.weekly_profile"][1]
    assert not any("source" in name for name in found)


@pytest.mark.parametrize(
    ("segment", "words"),
    [
        ("GROUP_CHAT", "group chat"),
        ("CHANNEL.size_16_32", "channel, 16 to 31 messages"),
        ("size_256_512.tempo_10_31.6228", "256 to 511 messages, tempo 10 s to 31.6 s"),
        ("size_1_2.senders_33_inf", "1 message, 33 and more senders"),
        ("something else", "something else"),
    ],
)
def test_segments_are_said_in_words(segment, words):
    assert evidence.in_words(segment) == words


def test_times_of_the_spec_have_units():
    knots = {"distribution": "empirical", "parameters": {"x": [0, 7200], "cdf": [0, 1]}}
    assert spec_words.unit_of("messages.activity_gap.size_2_3") == "seconds"
    assert spec_words.figures(knots, "seconds").startswith("half below 1 h")
    assert spec_words.unit_of("messages.content_length.all") == ""
