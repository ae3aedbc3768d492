"""Numbers of messages that no conversations of a spec's sizes can hold are refused."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from synth.errors import BadInput
from synth.generate import disk, feasible, plan, reference
from synth.generate.options import Options
from synth.spec import model

DEFAULT = model.load_default()


def sized(smallest, largest, spec=DEFAULT):
    """The default spec with sizes spread evenly over a range, both ends included."""
    made = {"distribution": "empirical", "discrete": True}
    size = model.quantity({**made, "parameters": {"x": [smallest, largest + 1], "cdf": [0, 1]}})
    return replace(spec, conversations=replace(spec.conversations, messages={"all": size}))


@pytest.mark.parametrize(
    ("ends", "n_messages", "n_conversations"),
    [
        ((1000, 1000), 1000, 1),
        ((1000, 1000), 970, 1),
        ((1000, 1000), 1030, 1),
        ((1000, 1000), 10_200, 10),
        ((900, 1100), 900, 1),
        ((900, 1100), 2200, 2),
        ((1, 50_000), 1, 1),
    ],
)
def test_what_the_sizes_can_give_is_planned(ends, n_messages, n_conversations):
    made = plan.build(sized(*ends), n_messages, seed=1)
    assert sum(made.type_counts) == n_conversations


@pytest.mark.parametrize(
    ("ends", "n_messages", "expected", "near"),
    [
        ((1000, 1000), 200, "1,000 messages in 1 conversation", "1,000"),
        ((1000, 1000), 969, "1,000 messages in 1 conversation", "1,000"),
        ((1000, 1000), 1031, "1,000 messages in 1 conversation", "1,000 or 2,000"),
        ((1000, 1000), 1500, "2,000 messages in 2 conversations", "1,000 or 2,000"),
        ((900, 1100), 1500, "1,800 to 2,200 messages in 2 conversations", "1,100 or 1,800"),
        ((2, 90), 1, "2 to 90 messages in 1 conversation", "2"),
    ],
)
def test_what_they_cannot_give_is_refused(ends, n_messages, expected, near):
    with pytest.raises(BadInput) as refused:
        plan.build(sized(*ends), n_messages, seed=1)
    assert refused.value.message == (f"expected {expected} of the spec's sizes, got {n_messages:,}")
    assert refused.value.hint.startswith(f"ask for {near} messages, or change")
    for n in near.split(" or "):
        plan.build(sized(*ends), int(n.replace(",", "")), seed=1)


def test_one_conversation_more_or_less_is_taken_where_rounding_gave_too_many():
    made = {"distribution": "empirical", "discrete": True}
    # A mean of about 1,050: 1,600 messages ask for two conversations, of 1,000 at least.
    size = model.quantity(
        {**made, "parameters": {"x": [1000, 1001, 100_000], "cdf": [0, 0.999, 1]}}
    )
    spec = replace(DEFAULT, conversations=replace(DEFAULT.conversations, messages={"all": size}))
    assert plan.build(spec, 1600, seed=1).type_counts == [1, 0, 0]


def test_types_of_other_sizes_are_counted_each_with_its_own():
    made = {"distribution": "empirical", "discrete": True}
    few = model.quantity({**made, "parameters": {"x": [1, 2], "cdf": [0, 1]}})
    many = model.quantity({**made, "parameters": {"x": [1000, 1001], "cdf": [0, 1]}})
    sizes = {"all": few, "CHANNEL": many}
    spec = replace(DEFAULT, conversations=replace(DEFAULT.conversations, messages=sizes))
    # One conversation in twenty is a channel.
    assert plan.build(spec, 1019, seed=1).type_counts[2] == 1
    with pytest.raises(BadInput):
        plan.build(spec, 500, seed=1)


def test_a_sample_of_large_conversations_is_no_refusal():
    spec = sized(1_000_000, 1_000_000)
    made = plan.build(spec, 2_000_000, seed=1)
    assert disk.estimate(spec, made, Options(), 2, 512).rows["messages"] == 2_000_000
    members = {"distribution": "empirical", "discrete": True, "parameters": {}}
    members["parameters"] = {"x": [400, 500], "cdf": [0, 1]}
    chats = replace(spec.conversations, members={"all": model.quantity(members)})
    made = plan.build(replace(spec, conversations=chats), 2_000_000, seed=1)
    assert disk.estimate(replace(spec, conversations=chats), made, Options(), 2, 512).total > 0


def test_more_users_or_conversations_than_there_are_numbers_are_refused():
    populous = replace(DEFAULT, totals=replace(DEFAULT.totals, messages=1, users=10**12))
    with pytest.raises(BadInput, match="at most 2,000,000,000 users"):
        plan.build(populous, 5_000, seed=1)
    hollow = replace(DEFAULT, totals=replace(DEFAULT.totals, empty_conversation_share=1 - 1e-7))
    with pytest.raises(BadInput, match="at most 2,000,000,000 conversations"):
        plan.build(hollow, 5_000_000, seed=1)
    # Hundreds of millions of them do not stand in memory to be counted.
    made = plan.build(hollow, 40_000, seed=1)
    assert made.n_conversations > 10**8
    assert disk.estimate(hollow, made, Options(), 2, 512).rows["conversations"] > 10**8


def test_a_tail_without_end_ends_where_the_table_does():
    size = model.quantity(
        {"distribution": "power_law", "parameters": {"alpha": 2.5}, "lower": 3, "discrete": True}
    )
    smallest, largest = feasible.ends(size)
    assert smallest == 3
    assert 1000 < largest < np.inf


@settings(max_examples=25)
@given(n_messages=st.integers(1, 100_000))
@example(n_messages=1)
@example(n_messages=10)
@example(n_messages=100)
@example(n_messages=1000)
@example(n_messages=5000)
def test_usual_specs_are_refused_no_size(n_messages):
    made = plan.build(DEFAULT, n_messages, seed=1)
    assert 1 <= sum(made.type_counts) <= n_messages


@given(
    smallest=st.integers(1, 3000),
    width=st.integers(0, 3000),
    n_messages=st.integers(1, 100_000),
)
def test_either_it_is_refused_or_the_sizes_hold_it(smallest, width, n_messages):
    spec = sized(smallest, smallest + width)
    try:
        made = plan.build(spec, n_messages, seed=1)
    except BadInput:
        # No number of conversations would have done.
        slack = feasible.TOLERANCE
        low, high = smallest * (1 - slack), (smallest + width) * (1 + slack)
        counts = np.arange(1, n_messages + 1)
        assert not np.any((counts * low <= n_messages) & (n_messages <= counts * high))
        return
    n = sum(made.type_counts)
    mean = n_messages / n
    assert smallest * (1 - feasible.TOLERANCE) <= mean
    assert mean <= (smallest + width) * (1 + feasible.TOLERANCE)
    if n >= 100:
        # The more conversations, the less each is turned to meet the total.
        _, sizes = reference.sizes(made)
        sizes = sizes[sizes > 0]
        assert sizes.min() >= smallest * (1 - feasible.TOLERANCE) - 1
        assert sizes.max() <= (smallest + width) * (1 + feasible.TOLERANCE) + 1
