"""Turning a spec by two shapes, and when a loop ends; the integration test generates."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from synth.loop import adjust, run
from synth.pack.model import Pack, PackMeta, ShapeRow
from synth.spec import compile as tables
from synth.spec import model

EDGES = np.unique([*range(18), *(round(10 ** (j / 8)) for j in range(10, 60))]).astype(float)


def shape(mix=None, **values):
    """A shape with histograms of `values` (entity__metric) and the mix of message types."""
    rows = []
    for name, found in values.items():
        entity, metric = name.split("__")
        counts, _ = np.histogram(found, EDGES)
        rows += [
            ShapeRow(entity, metric, "all", "bucket", None, low, high, n / found.size, "", int(n))
            for low, high, n in zip(EDGES[:-1], EDGES[1:], counts, strict=True)
        ]
    for label, share in (mix or {}).items():
        rows.append(
            ShapeRow(
                "messages", "type_distribution", "all", "category", label, None, None, share, "", 99
            )
        )
    return Pack(PackMeta(), "", tuple(rows))


def drawn(quantity, n=200_000):
    """Values of a quantity at even steps of its quantile function."""
    u = (np.arange(n) + 0.5) / n
    return tables.sample(tables.quantile_table(quantity), u, discrete=quantity.discrete)


def power_law(alpha):
    """Sizes of conversations."""
    return model.Quantity("power_law", {"alpha": alpha}, lower=1.0, upper=20_000.0, discrete=True)


def turned(spec, wanted, found, parameter, step=0.8):
    """The spec after one adjustment."""
    return adjust.adjust(spec, adjust.Sides(wanted, found), [parameter], step)


def test_alpha_goes_down_when_the_tail_is_low():
    spec = model.load_default()
    talk = replace(spec.conversations, messages={"all": power_law(2.4)})
    spec = model.replaced(spec, conversations=talk)
    sizes = [drawn(power_law(alpha)) for alpha in (1.8, 2.4)]
    wanted, found = (shape(conversations__messages_per_conversation=one) for one in sizes)
    after, changes = turned(spec, wanted, found, "conversations.messages")
    quantity = after.conversations.messages["all"]
    assert quantity.distribution == "power_law"
    assert 1.7 < quantity.parameters["alpha"] < 2.2
    assert "alpha" in changes[0].what
    up, _ = turned(spec, found, wanted, "conversations.messages")
    assert up.conversations.messages["all"].parameters["alpha"] > 2.5


def test_scaled_lengths_come_back():
    spec = model.load_default()
    lengths = drawn(spec.messages.content_length["all"])
    wanted = shape(messages__content_length=lengths)
    found = shape(messages__content_length=2 * lengths)
    doubled = replace(
        spec.messages.content_length["all"],
        distribution="empirical",
        parameters={"x": [0.0, 2 * float(np.median(lengths)), 4000.0], "cdf": [0.0, 0.5, 1.0]},
        lower=None,
        upper=None,
    )
    spec = model.replaced(spec, messages=replace(spec.messages, content_length={"all": doubled}))
    after, changes = turned(spec, wanted, found, "messages.content_length", step=1.0)
    median = np.median(drawn(after.messages.content_length["all"]))
    assert median == pytest.approx(np.median(lengths), rel=0.1)
    assert [one.parameter for one in changes] == ["messages.content_length"]


def test_swapped_types_come_back():
    spec = model.load_default()
    labels = list(spec.messages.type.labels)
    right = dict(spec.messages.type.shares)
    wrong = dict(zip(labels, [right[name] for name in reversed(labels)], strict=True))
    swapped = replace(spec.messages.type, weights=tuple(wrong.values()))
    spec = model.replaced(spec, messages=replace(spec.messages, type=swapped))
    for _ in range(4):
        found = shape(mix=spec.messages.type.shares)
        spec, _ = turned(spec, shape(mix=right), found, "messages.type")
    assert spec.messages.type.shares == pytest.approx(right, abs=0.02)


def test_equal_shapes_and_unknown_parameters_turn_nothing():
    spec = model.load_default()
    same = shape(messages__content_length=drawn(spec.messages.content_length["all"]))
    for parameter in ("messages.content_length", "messages.type", "totals.messages", "no.such"):
        after, changes = turned(spec, same, same, parameter)
        assert after is spec
        assert changes == []


def test_what_is_downstream_waits():
    spec = model.load_default()
    sizes = drawn(power_law(2.0))
    sides = adjust.Sides(
        shape(conversations__messages_per_conversation=sizes, conversations__tempo=sizes),
        shape(conversations__messages_per_conversation=3 * sizes, conversations__tempo=9 * sizes),
    )
    names = ["conversations.tempo", "conversations.messages"]
    _, changes = adjust.adjust(spec, sides, names, 0.8)
    assert [one.parameter for one in changes] == ["conversations.messages"]


def one_round(checks, *, is_go=False):
    """A round with these checks."""
    n_fail = sum(row["verdict"] == "FAIL" for row in checks)
    verdict = {"is_go": is_go, "n_critical": 0, "n_fail": n_fail, "n_warn": 0, "n_pass": 1}
    outcome = SimpleNamespace(checks=checks, verdict=verdict, exit_code=0 if is_go else 1)
    return run.Round(1, model.load_default(), outcome, shape(), "run", [], True)


def check(name, effect, floor, metric="content_length"):
    """A failed check."""
    return {
        "check_name": name,
        "metric": metric,
        "verdict": "FAIL",
        "effect_size": effect,
        "margin": 0.01,
        "noise_floor": floor,
    }


@pytest.mark.parametrize(
    ("one", "step", "reason"),
    [
        (one_round([], is_go=True), 0.8, "go"),
        (one_round([check("content_length", 0.04, 0.05)]), 0.8, "noise_floor"),
        (one_round([check("messages_total", 0.9, None, "total_count")]), 0.8, "nothing_adjustable"),
        (one_round([check("content_length", 0.4, 0.05)]), 0.1, "no_progress"),
    ],
)
def test_why_a_loop_ends(one, step, reason):
    assert run._next(one, shape(), step)[0] == reason


def test_a_round_nearer_to_its_margins_is_better_however_far_off():
    far, near = (one_round([check("content_length", effect, 0.05)]) for effect in (0.9, 0.3))
    assert near.rank < far.rank
    assert one_round([], is_go=True).rank < near.rank


def test_a_loop_goes_on_while_something_can_be_turned():
    lengths = drawn(model.load_default().messages.content_length["all"])
    one = replace(
        one_round([check("content_length", 0.4, 0.05)]),
        found=shape(messages__content_length=lengths),
    )
    reason, spec, changes = run._next(one, shape(messages__content_length=2 * lengths), 0.8)
    assert reason is None
    assert spec is not one.spec
    assert changes[0].parameter == "messages.content_length"
