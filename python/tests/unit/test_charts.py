"""Charts: readable axes, honest areas, a page that needs nothing and trusts nobody."""

import base64
import hashlib
import itertools
import math
import re

import pytest
import report_case
from hypothesis import given
from hypothesis import strategies as st

from synth import charts
from synth.charts import axes, layers, words

COUNTS = charts.Bins("pack", (1, 2, 3, 10), (2, 3, 10, math.inf), (10, 20, 30, 40))
OTHER = charts.Bins("synthetic", (1, 2, 3, 10), (2, 3, 10, math.inf), (1, 2, 3, 4), "synthetic")


def _page(*figures, title="A title"):
    text = charts.page(title=title, sections=[charts.Section("Part", figures)])
    return report_case.Page(text)


@pytest.mark.parametrize(
    ("unit", "value", "text"),
    [
        ("messages", 7.0, "7"),
        ("messages", 25_000.0, "25 k"),
        ("seconds", 0.5, "0.5 s"),
        ("seconds", 90.0, "1.5 min"),
        ("seconds", 86_400 * 3, "3 d"),
        ("minutes", 2.0, "2 min"),
        ("bytes", 2_500_000.0, "2.5 MB"),
        ("share", 0.25, "0.25"),
        ("messages", math.inf, "∞"),
        ("messages", None, "-"),
    ],
)
def test_amounts_are_said_in_their_unit(unit, value, text):
    assert axes.amount(unit, value) == text


def test_buckets_of_whole_numbers_end_at_the_last_that_belongs():
    assert axes.span("messages", 10, 13, True) == "10 to 12"
    assert axes.span("messages", 3, 4, True) == "3"
    assert axes.span("seconds", 60, 120, False) == "1 min to 2 min"
    assert axes.span("messages", 100, math.inf, True) == "100 and more"


@given(
    unit=st.sampled_from(["seconds", "minutes", "messages", "bytes", "share", "coefficient"]),
    low=st.sampled_from([0.0, 1.0, 5.0, -1.0]),
    span=st.floats(0.3, 1e9),
)
def test_ticks_lie_on_the_axis_and_stay_few(unit, low, span):
    if axes.is_linear(unit):
        span = min(span, 2)
    elif low < 0:
        low = 0.0
    found = axes.ticks(unit, low, low + span, 1.0)
    values = [value for value, _ in found]
    assert values == sorted(set(values))
    assert all(low - 1e-9 <= value <= low + span + 1e-9 for value in values)
    assert len(found) <= 8
    assert all(text for _, text in found)


@given(st.lists(st.integers(1, 1000), min_size=2, max_size=12), st.data())
def test_area_of_a_histogram_is_one(weights, data):
    edges = sorted(
        data.draw(
            st.sets(st.integers(0, 10**6), min_size=len(weights) + 1, max_size=len(weights) + 1)
        )
    )
    bins = charts.Bins("pack", tuple(edges[:-1]), tuple(edges[1:]), tuple(weights))
    constant = axes.first_positive(edges)
    points = layers.density(bins, "messages", constant)
    area = sum(
        left["y"] * layers.width("messages", left["x"], right["x"], constant)
        for left, right in itertools.pairwise(points)
        if left["x"] < right["x"]
    )
    # Heights are shares of a stretch of the axis as long as the yardstick.
    length, name = layers.yardstick("messages")
    assert area / length == pytest.approx(1)
    assert name == "share per doubling"
    assert layers.width("messages", 0, 1, 1) == pytest.approx(length)


def test_tables_hold_what_the_chart_shows():
    figure = charts.cdf("Sizes", [COUNTS, OTHER], "messages", noise=0.05)
    assert figure.rows[1] == ("2", "10.0 %", "10.0 %")
    assert words.NOISE in figure.legend
    tail = charts.ccdf("Sizes", [COUNTS], "messages")
    assert tail.rows[-1] == ("10", "40.0 %")
    assert charts.histogram("Sizes", [COUNTS], "messages").rows[-1] == ("10 and more", "40.0 %")


def test_the_noise_band_is_as_wide_as_the_floor():
    figure = charts.cdf("Sizes", [COUNTS], "messages", noise=0.05)
    band = figure.specs[0]["layer"][0]["data"]["values"]
    assert {round(point["y2"] - point["y"], 9) for point in band if 0.05 < point["y2"] < 1} == {0.1}
    plain = charts.cdf("Sizes", [COUNTS], "messages")
    assert len(plain.specs[0]["layer"]) == len(figure.specs[0]["layer"]) - 1


def test_time_axes_name_round_amounts_of_time():
    texts = [text for _, text in axes.ticks("seconds", 0, 1e8, 1.0)]
    assert texts == ["0", "1 min", "1 h", "1 d", "30 d", "1 y"]
    assert "10 s" in [text for _, text in axes.ticks("seconds", 1, 7200, 1.0)]
    assert [text for _, text in axes.ticks("minutes", 1, 1440, 1.0)][-1] == "1 d"


def test_histogram_and_tail_have_an_axis_of_shares_and_a_band():
    plain = charts.histogram("H", [COUNTS], "messages")
    banded = charts.histogram("H", [COUNTS], "messages", noise=0.1)
    assert len(banded.specs[0]["layer"]) == len(plain.specs[0]["layer"]) + 1
    assert banded.specs[0]["encoding"]["y"]["axis"]["title"] == "share per doubling"
    tail = charts.ccdf("T", [COUNTS], "messages", noise=0.1)
    assert words.NOISE in banded.legend and words.NOISE in tail.legend
    assert words.NOISE not in plain.legend
    shown = _page(banded).shown
    assert "share per doubling" in shown and "100 %" in shown


def test_the_band_of_a_share_is_that_of_99_of_100_samples():
    # Two samples of n differ in their KS distance by 1.628 sqrt(2 / n) at most, 99 times in 100.
    n, share = 800, 0.3
    low, high = layers.honest_range(share, 1.628 * math.sqrt(2 / n))
    deviation = math.sqrt(share * (1 - share) * 2 / n)
    assert (high - share) / deviation == pytest.approx(2.576)
    assert (share - low) / deviation == pytest.approx(2.576)
    assert layers.honest_range(0.0, 0.1) == (0.0, 0.0)
    assert layers.honest_range(0.999, 5.0)[1] == 1.0


def test_readouts_give_both_sides():
    readouts = words.readouts([COUNTS, OTHER], "messages", 1)
    assert readouts[2]["text"] == "3 to 9: pack 30.0 %, synthetic 30.0 %"


@pytest.mark.parametrize(
    "figure",
    [
        charts.histogram("H", [COUNTS, OTHER], "messages"),
        charts.cdf("C", [COUNTS], "seconds", curves=[charts.Curve("fit", (0, 5, 9), (0, 0.5, 1))]),
        charts.ccdf("T", [COUNTS], "bytes"),
        charts.bars("B", ["a", "b"], {"pack": [0.2, 0.8], "synthetic": [None, 1.0]}),
        charts.profile("P", range(24), {"pack": [1 / 24] * 24}, noise=[0.01] * 24),
        charts.heat_maps("W", {"pack": [1 / 168] * 168, "synthetic": [0.0] * 168}),
        charts.histogram("one bucket", [charts.Bins("pack", (0,), (1,), (5,))], "messages"),
        charts.histogram("all zero", [charts.Bins("pack", (0, 1), (1, 2), (0, 0))], "messages"),
        charts.cdf("empty", [], "messages"),
    ],
    ids=lambda figure: figure.title,
)
def test_every_chart_is_drawn_and_has_its_alternatives(figure):
    page = _page(figure)
    assert not page.wrong
    drawn = page.all("svg", class_="chart")
    assert len(drawn) == len(figure.specs)
    assert all(one["aria-label"] and one["tabindex"] == "0" for one in drawn)
    assert len(page.all("table")) == 1
    assert "NaN" not in page.text and "undefined" not in page.text


def test_identifiers_of_charts_do_not_meet():
    figure = charts.histogram("H", [COUNTS, OTHER], "messages")
    page = _page(figure, figure, charts.heat_maps("W", {"pack": [1 / 168] * 168}))
    found = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(found) == len(set(found))
    referred = re.findall(r"url\(#([^)]+)\)", page.text)
    assert set(referred) <= set(found)


def test_nothing_is_fetched_and_only_our_own_script_may_run():
    page = _page(charts.histogram("H", [COUNTS], "messages"))
    policy = page.all("meta", **{"http-equiv": "Content-Security-Policy"})[0]["content"]
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    for tag, source in (("style", "style-src"), ("script", "script-src")):
        inside = page.text.split(f"<{tag}>")[1].split(f"</{tag}>")[0]
        digest = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
        assert f"{source} 'sha256-{digest}'" in policy
    for _, attributes in page.elements:
        assert not {"src", "srcset", "style", "onclick"} & set(attributes)
        assert attributes.get("href", "#").startswith("#")
        assert not attributes.get("xlink:href")
    addresses = set(re.findall(r"https?://[^\s\"'<>]+", page.text))
    assert addresses <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}


def test_hostile_words_stay_words():
    hostile = report_case.HOSTILE
    figure = charts.bars(
        hostile, [hostile, "b"], {hostile: [0.5, 0.5]}, caption=hostile, roles=("pack",)
    )
    bins = charts.Bins(hostile, (1, 2), (2, 3), (1, 1))
    page = _page(figure, charts.histogram(hostile, [bins], "messages"), title=hostile)
    assert not page.wrong
    assert not page.all("img")
    assert len(page.all("script")) == 1
    assert "onerror=alert(1)>" in page.shown
