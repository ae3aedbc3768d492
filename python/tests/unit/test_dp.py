"""The guarantee: what a person moves, what it costs, what noise is drawn."""

import json
import math
from collections import Counter
from fractions import Fraction

import numpy as np
import pytest
from dp_accounting import ComposedDpEvent, GaussianDpEvent
from dp_accounting.pld import PLDAccountant
from dp_accounting.rdp import RdpAccountant
from hypothesis import given
from hypothesis import strategies as st

from synth import catalogue
from synth.errors import BadInput
from synth.pack import grids
from synth.release import budget, dp

ONE = Fraction(1)
# Computed from noisy cells, or names of the same cells.
DERIVED = {
    ("conversations", "concentration"),
    ("conversations", "heavy_share"),
    ("messages", "media_ratio"),
    ("messages", "weekday_weekend_ratio"),
    ("messages", "peak_trough_ratio"),
    ("messages", "burstiness"),
    ("messages", "burst_coefficient"),
}


def _cells(entity, metric, n_cells, segment="all"):
    return [dp.Cell(entity, metric, segment, None, index) for index in range(n_cells)]


@pytest.fixture(scope="module")
def grid():
    cells = []
    for line in catalogue.metrics():
        labels = catalogue.labels(line.entity, line.metric) or ()
        if line.kind == "hour" and line.segments == "none":
            labels = map(str, range(168 if line.metric == "hour_of_week" else 24))
        if line.kind in ("category", "hour", "scalar"):
            cells += [dp.Cell(line.entity, line.metric, "all", label, None) for label in labels]
        elif line.kind == "bucket":
            edges = grids.edges(grids.of_metric(line.entity, line.metric, line.unit))
            segments = [f"size_{size}" for size in range(20)] if line.segments == "joint" else []
            for segment in segments or ["all"]:
                cells += _cells(line.entity, line.metric, len(edges) - 1, segment)
    return [cell for cell in cells if (cell.entity, cell.metric) not in DERIVED]


def test_every_metric_is_released_or_said_not_to_be():
    unknown = []
    for line in catalogue.metrics():
        if (line.entity, line.metric) in DERIVED:
            continue
        try:
            dp.plan(_cells(line.entity, line.metric, 4), ONE, 10**6)
        except BadInput:
            unknown.append(f"{line.entity}.{line.metric}")
    assert not unknown
    for entity, metric, why in dp.WITHHELD:
        assert why.endswith(".")
        cell = dp.Cell(entity or "messages", metric or "read_delay", "all", None, 0)
        assert dp.plan([cell], ONE, 10**6) == []
    assert dp.plan([dp.Cell("users", "messages_per_user", "all", "max", None)], ONE, 1000) == []


@pytest.mark.parametrize("epsilon", ["1/4", "1", "4"])
@pytest.mark.parametrize("n_people", [1000, 100_000])
def test_others_add_the_plan_up_to_the_same(grid, epsilon, n_people):
    epsilon = budget.exact(epsilon, "epsilon")
    spends = [spend for spend in dp.plan(grid, epsilon, n_people) if spend.rho]
    total = sum(spend.rho for spend in spends)
    assert isinstance(total, Fraction)
    assert 0.999 * budget.rho_of(epsilon) < total <= budget.rho_of(epsilon)
    # OpenDP's composition, exactly; then two accountants of another house.
    assert float(total) * (1 - 1e-6) < dp.mechanism(spends).map(1) <= budget.rho_of(epsilon)
    events = [GaussianDpEvent(spend.sigma / math.sqrt(spend.squared)) for spend in spends]
    orders = [1 + order / 20 for order in range(1, 2000)]
    found = []
    for accountant in (PLDAccountant(), RdpAccountant(orders)):
        accountant.compose(ComposedDpEvent(events))
        found.append(accountant.get_epsilon(float(budget.DELTA)))
    assert 0.8 * epsilon < found[0] <= epsilon
    assert 0.95 * epsilon < found[1] <= float(epsilon) * 1.001


def test_noise_is_a_gaussian_of_the_planned_width():
    spends = dp.plan(
        [*_cells("messages", "inter_arrival", 3000), *_cells("users", "username_length", 3000)],
        ONE,
        10**7,
    )
    assert [spend.family for spend in spends] == ["sequences", "people"]
    rows = dp.noise(spends, ONE)
    assert [tuple(row[:5]) for row in rows] == [cell for one in spends for cell in one.cells]
    for spend in spends:
        drawn = np.array([row[5] for row in rows if row[1] == spend.metric])
        assert drawn.dtype == int
        # Six standard errors.
        assert abs(drawn.mean()) < 6 * spend.sigma / math.sqrt(3000)
        assert drawn.std() == pytest.approx(spend.sigma, rel=6 / math.sqrt(6000))
        added = np.abs(drawn).sum() / 2 / spend.records
        assert added == pytest.approx(spend.total_variation, rel=6 / math.sqrt(3000))
    assert rows != dp.noise(spends, ONE)


def test_a_larger_plan_than_its_epsilon_draws_nothing(grid):
    spends = dp.plan(grid, Fraction(4), 1000)
    with pytest.raises(BadInput, match="costs more"):
        dp.noise(spends, ONE)


def test_nothing_usable_draws_nothing():
    spends = dp.plan(_cells("conversations", "members_by_size", 5000), ONE, 10)
    assert [spend.rho for spend in spends] == [0]
    with pytest.raises(BadInput, match="nothing is usable"):
        dp.noise(spends, ONE)


def test_more_people_make_more_usable(grid):
    usable = [
        {(one.entity, one.metric) for one in dp.plan(grid, ONE, n_people) if one.rho}
        for n_people in (1000, 10_000, 100_000)
    ]
    assert ("users", "messages_per_user") in usable[0]
    assert ("messages", "hour_of_week") in usable[0]
    assert ("messages", "inter_arrival") not in usable[0]
    assert {("messages", "inter_arrival"), ("conversations", "lifetime")} <= usable[1]
    assert len(usable[0]) < len(usable[1]) < len(usable[2])


def test_rows_of_a_plan_say_what_is_left_out(grid):
    spends = dp.plan(grid, ONE, 1000)
    rows = dp.rows(spends)
    shown = {(row["entity"], row["metric"]): row for row in rows}
    assert sum(Fraction(row["rho"]) for row in rows) == sum(spend.rho for spend in spends)
    assert shown["users", "messages_per_user"]["why"] == ""
    assert 4 <= shown["messages", "hour_of_week"]["merged_cells"] <= 168
    assert "at this size" in shown["messages", "inter_arrival"]["why"]
    assert shown["messages", "inter_arrival"]["sigma"] is None
    assert "two people" in shown["read_receipts", "all"]["why"]
    assert json.loads(json.dumps(rows, allow_nan=False)) == rows


def test_segments_that_overlap_pay_twice():
    def squared(*segments):
        cells = [cell for one in segments for cell in _cells("messages", "content_length", 9, one)]
        return dp.plan(cells, ONE, 10**6)[0].squared

    assert squared("all") == squared("TEXT", "IMAGE") == 100**2
    assert squared("all", "TEXT", "IMAGE") == 2 * 100**2


@pytest.mark.parametrize(
    ("cells", "bounds"),
    [
        (_cells("users", "names", 3), dp.Bounds()),
        (_cells("users", "device_mix", 3) * 2, dp.Bounds()),
        (_cells("users", "device_mix", 3), dp.Bounds(messages=0)),
        (_cells("users", "device_mix", 3), dp.Bounds(conversations=-1)),
    ],
)
def test_what_has_no_sensitivity_is_refused(cells, bounds):
    with pytest.raises(BadInput):
        dp.plan(cells, ONE, 1000, bounds)


# A message is (conversation, sender, second); a chat is in order of time.
CHATS = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 4), st.integers(0, 40)), min_size=1, max_size=60
)


def _histograms(messages):
    """Histogram by metric: cells of conversations, gaps, sessions, minutes and hours."""
    found = {name: Counter() for name in ("conversations", "gaps", "sessions", "minutes", "hours")}
    minutes = Counter()
    for conversation in {message[0] for message in messages}:
        mine = sorted(
            (message for message in messages if message[0] == conversation), key=lambda one: one[2]
        )
        found["conversations"][len(mine), len({message[1] for message in mine})] += 1
        gaps = np.diff([message[2] for message in mine])
        found["gaps"].update((gaps // 3).tolist())
        ends = np.flatnonzero(gaps > 5)
        lengths = np.diff([0, *(ends + 1), len(mine)])
        found["sessions"].update(lengths.tolist())
    minutes.update(second // 4 for _, _, second in messages)
    found["minutes"].update(minutes.values())
    found["hours"].update(second % 10 for _, _, second in messages)
    return found


@given(CHATS)
def test_nobody_moves_counts_further_than_the_sensitivity(messages):
    with_all = _histograms(messages)
    for person in {message[1] for message in messages}:
        theirs = [message for message in messages if message[1] == person]
        hourly = max(Counter(second % 10 for _, _, second in theirs).values())
        bounds = dp.Bounds(len(theirs), len({message[0] for message in theirs}), hourly)
        without = _histograms([message for message in messages if message[1] != person])
        families = dict.fromkeys(with_all, "sequences") | {
            "conversations": "conversations",
            "hours": "hours",
        }
        for name, family in families.items():
            moved = Counter(with_all[name])
            moved.subtract(without[name])
            assert sum(change**2 for change in moved.values()) <= bounds.squared(family), name


def test_the_sensitivities_are_reached():
    # One message between two equal halves of a gap; a conversation that changes its cell.
    moved = Counter(_histograms([(0, 0, 0), (0, 1, 3), (0, 0, 6)])["gaps"])
    moved.subtract(_histograms([(0, 0, 0), (0, 0, 6)])["gaps"])
    assert sum(change**2 for change in moved.values()) == dp.Bounds(1, 1, 1).squared("sequences")
    moved = Counter(_histograms([(0, 0, 0), (0, 1, 3)])["conversations"])
    moved.subtract(_histograms([(0, 0, 0)])["conversations"])
    assert sum(change**2 for change in moved.values()) == dp.Bounds(1, 1, 1).squared(
        "conversations"
    )
