"""Segments, tables, calendar and plan: everything the generator decides before the server."""

import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from synth import db
from synth.errors import BadInput
from synth.fit import distribution
from synth.generate import calendar, draws, plan, reference, stages, tables, words
from synth.scan import people
from synth.spec import model, segments
from synth.spec.compile import settled


@pytest.fixture(scope="module")
def spec():
    return model.load_default()


def test_rooms_larger_than_all_users_are_refused_and_some_are_noted(spec):
    made = {"distribution": "empirical", "discrete": True}
    rooms = model.quantity({**made, "parameters": {"x": [40, 90], "cdf": [0, 1]}})
    crowded = replace(spec, conversations=replace(spec.conversations, members={"all": rooms}))
    with pytest.raises(BadInput, match="has 40 members, but only 30 users take part"):
        plan.build(crowded, 5_000, seed=1)
    (note,) = plan.build(crowded, 8_000, seed=1).notes
    assert "more members than there are users who take part (48)" in note
    assert plan.build(spec, 5_000_000, seed=1).notes == []


def test_segment_keys_with_decimals_and_types_are_parsed():
    parsed = segments.parse("size_8_12.tempo_3.16228_10")
    assert parsed.ranges == {"size": (8.0, 12.0), "tempo": (3.16228, 10.0)}
    assert segments.parse("DIRECT_MESSAGE.size_32_inf").type == "DIRECT_MESSAGE"
    assert segments.parse("all").type is None


@pytest.mark.parametrize(
    ("keys", "kind", "values", "expected"),
    [
        (["all", "CHANNEL", "CHANNEL.size_8_12"], "CHANNEL", {"size": 8}, "CHANNEL.size_8_12"),
        (["all", "CHANNEL", "size_8_12"], "CHANNEL", {"size": 8}, "size_8_12"),
        (["all", "CHANNEL.size_8_12"], "CHANNEL", {"size": 100}, "CHANNEL.size_8_12"),
        (["CHANNEL.size_8_12", "all"], "DIRECT_MESSAGE", {"size": 8}, "all"),
        (["size_1_2", "size_64_inf"], None, {"size": 60}, "size_64_inf"),
        (["size_1_2", "size_2_3"], None, {"size": 60}, "size_2_3"),
        (["CHANNEL"], "GROUP_CHAT", {"size": 4}, "CHANNEL"),
    ],
)
def test_the_most_specific_segment_serves_a_class(keys, kind, values, expected):
    assert segments.resolve(keys, kind=kind, **values) == expected


def test_joined_tables_answer_for_their_own_table():
    joined = tables.join(
        [
            (np.array([0, 0.25, 1.0]), np.array([0.0, 1.0, 5.0])),
            (np.array([0, 1.0]), np.array([7, 9.0])),
        ]
    )
    assert joined.look_up(np.array([0.0, 0.125, 0.25, 0.625])) == pytest.approx([0, 0.5, 1, 3])
    assert joined.look_up(np.array([1.0, 1.5])) == pytest.approx([7, 8])


@given(
    st.lists(st.floats(0, 1e6), min_size=2, max_size=40),
    st.integers(0, 400),
    st.floats(0, 1, exclude_max=True),
)
def test_a_table_gives_the_same_values_wherever_it_stands(values, place, u):
    x = np.sort(np.asarray(values))
    cdf = np.linspace(0, 1, x.size)
    filler = (np.array([0.0, 1.0]), np.array([0.0, 1.0]))
    moved = tables.join([filler] * place + [(cdf, x)]).look_up(np.array([place + u]))
    alone = np.interp((place + u) - place, cdf, x)
    assert moved[0] == pytest.approx(alone, rel=1e-6, abs=1e-6 * (1 + x[-1]))


@given(
    st.lists(st.integers(0, 10**9), min_size=2, max_size=40),
    st.integers(0, 400),
    st.integers(0, 2**32),
)
def test_no_table_falls_below_the_value_of_its_knot(values, place, seed):
    x = np.sort(np.asarray(values, dtype=np.float64))
    inner = np.sort(np.random.default_rng(seed).random(x.size - 2) ** 8)
    filler = (np.array([0.0, 1.0]), np.array([0.0, 1.0]))
    made = tables.join([filler] * place + [(np.concatenate(([0.0], inner, [1.0])), x)], factor=1000)
    own = made.knots >= place
    q = np.concatenate((made.knots[own], np.nextafter(made.knots[own], np.inf)))
    # Whole numbers stay whole: their floor is theirs and not that of the number before.
    wanted = np.tile(1000 * x[:-1][-np.count_nonzero(own) :], 2)
    assert (made.look_up(q) >= wanted).all()


def test_one_draw_says_the_class_and_the_value_in_it(spec):
    quantities = [spec.messages.content_length[key] for key in sorted(spec.messages.content_length)]
    weights = [0.7, 0.0, *[0.1] * (len(quantities) - 2), 0.0][: len(quantities)]
    table, numbers = tables.of_classes(quantities, weights)
    u = (np.arange(200_000) + 0.5) / 200_000
    place = np.searchsorted(table.knots, u, side="right") - 1
    drawn, value = np.asarray(numbers)[place], table.look_up(u)
    shares = np.asarray(weights) / np.sum(weights)
    assert np.bincount(drawn, minlength=len(weights) + 1)[1:] / u.size == pytest.approx(
        shares, abs=1e-5
    )
    for number in np.flatnonzero(shares) + 1:
        own = np.sort(value[drawn == number])
        alone = tables.of_quantities([quantities[number - 1]])
        middle = (np.arange(own.size) + 0.5) / own.size
        assert own == pytest.approx(alone.look_up(middle), rel=0.01, abs=0.1)


def test_a_guide_says_what_a_search_says(spec):
    quantities = list(spec.messages.content_length.values())
    table, _ = tables.of_classes(quantities, range(1, len(quantities) + 1))
    hashed = draws.hash64(np.arange(300_000), 5)
    guide = np.asarray(table.guide())
    found = guide[(hashed >> 50) + guide.size // 2]
    searched = np.searchsorted(table.knots, draws.unit(hashed), side="right")
    assert 0.5 < np.mean(found > 0) < 1
    assert np.array_equal(found[found > 0], searched[found > 0])


@pytest.mark.parametrize(
    "weights", [(5, 3, 0, 2), (0, 1, 4, 0), (3, 0, 0, 0), (0, 0, 1, 1), (1e-9, 1, 1e-9, 1)]
)
def test_types_begin_where_the_table_of_lengths_says(spec, weights):
    mix = replace(spec.messages.type, labels=("IMAGE", "TEXT", "VIDEO", "AUDIO"), weights=weights)
    given = plan._contents(replace(spec, messages=replace(spec.messages, type=mix)))
    knots = np.asarray(given["length_knots"])
    # Draws are whole numbers of 2^-53: those beside each knot, and some in between.
    bits = np.floor(np.concatenate((knots, np.linspace(0, 1, 10_001))) * 2.0**53)
    bits = (bits[:, None] + [-1, 0, 1]).ravel()
    bits = bits[(bits >= 0) & (bits < 2.0**53)].astype(np.int64) - 2**52
    drawn = draws.unit(bits << 11)
    place = np.searchsorted(knots, drawn, side="right") - 1
    found = np.searchsorted(given["type_knots"], drawn, side="right")
    assert np.array_equal(found, np.asarray(given["length_types"])[place])
    assert given["message_types"][0] == "TEXT"
    assert np.array_equal(bits < given["media_from"], found == 1)


@given(st.floats(0, 1), st.integers(-(2**63), 2**63 - 1), st.integers(-2, 2))
@example(0.0, -(2**63), 0)
@example(1.0, 2**63 - 1, 0)
def test_upper_bits_split_hashes_where_their_draws_do(position, hashed, shift):
    first = draws.upper_bits(position)
    beside = min(max((first + shift) << 11, -(2**63)), 2**63 - 1)
    for one in np.array([hashed, beside]):
        assert (one >> 11 >= first) == (draws.unit(one) >= position)


def test_logarithm_and_noises_are_close_to_the_functions():
    x = np.array([1.0, 2, 17, 1234, 9e5])
    assert tables.logarithm().look_up(x) == pytest.approx(np.log(x), abs=0.01)
    u = np.linspace(0.001, 0.999, 500)
    exponential = tables.of_function(lambda v: -np.log1p(-v), 1 - 1e-9)
    assert exponential.look_up(u) == pytest.approx(-np.log1p(-u), rel=0.02, abs=0.002)


def test_shares_begin_where_the_labels_begin():
    knots = tables.shares([[0.2, 0.8], [1.0, 0.0]])
    assert knots == pytest.approx([0.0, 0.2, 1.0, 2.0])


@given(
    st.lists(st.floats(0, 20), min_size=168, max_size=168).filter(lambda rates: sum(rates) > 1),
    st.integers(1, 800),
    st.floats(0, 1),
)
def test_wall_time_grows_with_activity_and_stays_in_the_window(rates, days, share):
    made = calendar.build(model.Window(days=days, end="2024-02-29"), rates, 0.75)
    inside = int(share * (made.window_activity_ms - 1))
    wall = made.wall_ms(made.origin_activity_ms + inside)
    # The ends are rounded to whole milliseconds of activity, which the slowest hour stretches.
    slack = made.hours.slopes.max() + 1
    assert made.start_ms - slack <= wall < made.end_ms + slack
    assert made.wall_ms(made.origin_activity_ms + inside + 1000) >= wall


def test_a_flat_week_leaves_time_alone():
    made = calendar.build(model.Window(days=30, end="2024-02-29"), [1.0] * 168, 0.75)
    assert made.window_activity_ms == made.end_ms - made.start_ms == 30 * 86_400_000
    assert made.wall_ms(made.origin_activity_ms + 12_345) == made.start_ms + 12_345


def test_a_conversation_that_no_array_holds_is_refused(spec):
    made = {"distribution": "empirical", "discrete": True}
    sizes = model.quantity({**made, "parameters": {"x": [1, 90_000_000], "cdf": [0, 1]}})
    huge = replace(spec, conversations=replace(spec.conversations, messages={"all": sizes}))
    with pytest.raises(BadInput, match="at most 50,000,000 messages in a conversation, got "):
        plan.build(huge, 1_500_000_000, seed=1)
    assert plan.build(spec, plan.MAX_MESSAGES, seed=1).n_messages == plan.MAX_MESSAGES


def test_a_conversation_that_is_stretched_beyond_an_array_is_refused(spec):
    made = {"distribution": "empirical", "discrete": True}
    # So few that none is drawn from the tail, which their number was reckoned with.
    x = [45e6, 45e6 + 1, 1.95e9, 1.95e9 + 1]
    sizes = model.quantity({**made, "parameters": {"x": x, "cdf": [0, 0.965, 0.9651, 1]}})
    few = replace(spec.totals, conversations=1, messages=10**8, users=1000)
    chats = replace(spec.conversations, messages={"all": sizes})
    with pytest.raises(BadInput, match="in a conversation, got 10"):
        plan.build(replace(spec, totals=few, conversations=chats), 1_300_000_000, seed=3)


@pytest.mark.parametrize("n_messages", [1, 2, 17, 1000, 54_321])
def test_sizes_add_up_exactly(spec, n_messages):
    made = plan.build(spec, n_messages, seed=1)
    _, sizes = reference.sizes(made)
    assert sizes.sum() == n_messages
    assert np.count_nonzero(sizes) == sum(made.type_counts)
    assert sizes.size == made.n_conversations


def test_conversations_follow_the_ratio_of_the_spec(spec):
    made = plan.build(spec, 1_000_000, seed=1)
    expected = 1_000_000 * spec.totals.conversations / spec.totals.messages
    assert made.n_conversations == pytest.approx(expected, rel=0.04)


def test_totals_that_contradict_the_mean_size_are_overruled_and_noted(spec):
    totals = replace(spec.totals, conversations=spec.totals.conversations * 3)
    made = plan.build(replace(spec, totals=totals), 1_000_000, seed=1)
    assert made.n_conversations < 2 * plan.build(spec, 1_000_000, seed=1).n_conversations
    assert any("mean size" in note for note in made.notes)


@pytest.mark.parametrize("n_messages", [0, -5, plan.MAX_MESSAGES + 1])
def test_impossible_numbers_of_messages_are_refused(spec, n_messages):
    with pytest.raises(BadInput, match="messages"):
        plan.build(spec, n_messages, seed=1)


def test_attachment_mix_is_right_and_matches_where_it_can():
    kinds, labels = ["TEXT", "IMAGE", "FILE"], ["image", "document"]
    rows = plan._coupling(kinds, np.array([0.8, 0.15, 0.05]), labels, np.array([0.6, 0.4]))
    media = np.array([0.75, 0.25])
    mix = media[0] * rows[1] / rows[1].sum() + media[1] * rows[2] / rows[2].sum()
    assert mix == pytest.approx([0.6, 0.4])
    assert rows[2][1] / rows[2].sum() == pytest.approx(1.0)


def test_primes_are_prime_and_distinct():
    primes = plan._primes(64)
    assert len(set(primes)) == 64
    assert all(pow(2, prime - 1, prime) == 1 and prime > 2**31 for prime in primes)


def test_a_plan_is_a_pure_function(spec):
    assert plan.build(spec, 5000, 7).parameters == plan.build(spec, 5000, 7).parameters


def test_the_order_of_segments_in_a_spec_does_not_matter(spec):
    chats = spec.conversations
    turned = replace(chats, senders=dict(reversed(chats.senders.items())))
    same = plan.build(replace(spec, conversations=turned), 5000, 7)
    assert same.parameters == plan.build(spec, 5000, 7).parameters


def test_draws_of_a_conversation_and_of_its_messages_are_independent(spec):
    # Conversations of two messages: within a tempo class, the gap knows nothing of the tempo.
    two = model.quantity(
        {"distribution": "empirical", "parameters": {"x": [2, 3], "cdf": [0, 1]}, "discrete": True}
    )
    chats = replace(spec.conversations, messages={"all": two})
    made = plan.build(replace(spec, conversations=chats), 20_000, seed=3)
    sample = reference.sample(made)
    lifetimes = sample.last_ms - sample.first_ms
    classes = np.searchsorted(made.parameters["tempo_edges"], sample.tempo, side="right")
    busy = np.bincount(classes).argmax()
    inside = classes == busy
    ranks = [np.argsort(np.argsort(part[inside])) for part in (sample.tempo, lifetimes)]
    # Five standard errors of a correlation of nothing.
    assert abs(np.corrcoef(*ranks)[0, 1]) < 5 / np.sqrt(np.count_nonzero(inside))


def noisy(function, rng):
    """The function with its last binary digit off by one either way, as another platform's."""

    def shaken(*arguments, **options):
        exact = np.asarray(function(*arguments, **options), dtype=np.float64)
        whole = exact == np.rint(exact)
        off = np.nextafter(exact, np.where(rng.random(exact.shape) < 0.5, -np.inf, np.inf))
        return np.where(whole, exact, off)

    return shaken


def test_the_last_digit_of_a_function_changes_no_value(spec, monkeypatch):
    tempo = {"all": replace(spec.users.conversations_per_user, discrete=False)}
    spec = model.replaced(
        spec,
        conversations=replace(spec.conversations, tempo=tempo),
        messages=replace(spec.messages, activity_exponent=0.7, start_exponent=1.3),
    )
    made = plan.build(spec, 20_000, 3)
    rng = np.random.default_rng(4)
    for kind in (distribution.Truncated, distribution.Mixture):
        for name in ("cdf", "ppf"):
            monkeypatch.setattr(kind, name, noisy(getattr(kind, name), rng))
    for name in ("log", "exp", "logspace", "power"):
        monkeypatch.setattr(np, name, noisy(getattr(np, name), rng))
    monkeypatch.setattr(calendar, "settled", lambda values: settled(noisy(np.asarray, rng)(values)))
    # Read anew: what was compiled before would not be compiled again.
    again = plan.build(model.from_document(model.to_document(spec)), 20_000, 3)
    for name, value in made.parameters.items():
        if name.endswith("_knots"):
            # Where a table of counts steps: a draw would have to fall into that last digit.
            assert again.parameters[name] == pytest.approx(value, rel=0, abs=1e-13), name
        elif not name.endswith(("_intercepts", "_slopes")):
            assert again.parameters[name] == value, name
    for name in (key.removesuffix("_slopes") for key in made.parameters if "_slopes" in key):
        knots_of = "gap" if name == "gap_log" else None
        one, other = (
            tables.Knots.of_parameters(each.parameters, name, knots_of) for each in (made, again)
        )
        wanted, found = one.look_up(one.knots), other.look_up(other.knots)
        assert np.array_equal(np.floor(found), np.floor(wanted)), name
        assert found == pytest.approx(wanted, rel=1e-9, abs=1e-9), name
    assert again.n_conversations == made.n_conversations
    wanted, found = reference.sample(made), reference.sample(again)
    for name in vars(wanted):
        assert np.array_equal(getattr(found, name), getattr(wanted, name)), name


@pytest.mark.parametrize("memory", [0.1, 0.4, 1.0])
def test_remembered_draws_stay_uniform_and_correlate_as_calibration_assumes(memory):
    given = {"gap_memory": memory, "gap_memory_scale": 0.5 / memory}
    u = np.random.default_rng(1).random(200_001)
    drawn = reference._remembering(u[1:] + memory * u[:-1], given)
    assert np.quantile(drawn, [0.05, 0.25, 0.5, 0.75, 0.95]) == pytest.approx(
        [0.05, 0.25, 0.5, 0.75, 0.95], abs=0.005
    )
    assert np.corrcoef(drawn[1:], drawn[:-1])[0, 1] == pytest.approx(
        memory / (1 + memory**2), abs=0.03
    )


def test_no_stretch_of_the_text_is_a_name():
    # Short bodies, wherever they are cut: a scanner takes what is nothing but names for a person.
    text = words.build(3)["corpus"].decode()
    rng = np.random.default_rng(5)
    starts, lengths = rng.integers(0, len(text) - 20, 40_000), rng.integers(2, 14, 40_000)
    found = {
        text[start : start + length]
        for start, length in zip(starts.tolist(), lengths.tolist(), strict=True)
        if people.has_name(text[start : start + length])
    }
    assert found == set()
    assert people.has_name("may")


def test_a_run_is_known_by_every_function_that_its_rows_come_from():
    texts = [*map(db.query_text, stages.ROW_STATEMENTS)]
    texts += map(db.function_text, stages.ROW_FUNCTIONS)
    called = set(re.findall(r"(?<!function )synth\.(\w+)\(", " ".join(texts)))
    assert called == set(stages.ROW_FUNCTIONS)
