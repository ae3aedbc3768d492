"""The report: right for a whole validation, and still a page for a poor one."""

import itertools
import json
import math

import pytest
import report_case
import vl_convert

from synth.commands.report import choose
from synth.errors import BadInput
from synth.report import bullets, compare, drawings, facts, single, summary
from synth.report.evidence import Check

LIMIT = 3_000_000


@pytest.fixture(scope="module", autouse=True)
def drawn_once():
    """The same charts come again and again here, and drawing is most of the time."""
    patch, known = pytest.MonkeyPatch(), {}
    draw = vl_convert.vegalite_to_svg

    def remember(spec, **options):
        key = json.dumps(spec)
        if key not in known:
            known[key] = draw(spec, **options)
        return known[key]

    patch.setattr(vl_convert, "vegalite_to_svg", remember)
    yield
    patch.undo()


def _page(validation):
    return report_case.Page(single.write_page(validation))


def test_a_whole_report_holds_what_it_promises():
    page = _page(report_case.validation())
    assert not page.wrong
    assert len(page.text.encode()) < LIMIT
    titles = {attributes["id"] for attributes in page.all("section")}
    for part in ("every-check", "gaps-and-bursts", "time-of-week", "spec", "run-record",
                 "manifest", "how-to-read-this"):  # fmt: skip
        assert part in titles
        assert page.all("a", href=f"#{part}")
    assert page.all("div", class_="verdict fail")
    assert "NO-GO" in page.shown
    assert len(page.all("figure")) >= 25
    # Heat maps are two drawings in one figure.
    assert len(page.all("svg", class_="chart")) == len(page.all("figure")) + 1
    assert "noise floor" in page.shown
    rows = [a["data-verdict"] for a in page.all("tr") if "data-verdict" in a]
    assert rows == ["FAIL", "FAIL", "WARN", "PASS", "PASS", "SKIP"]
    # Critical before the others.
    assert page.shown.index("message types") < page.shown.index("cut the tail of")


def test_ids_are_unique_and_headings_do_not_skip():
    page = _page(report_case.validation())
    found = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(found) == len(set(found))
    levels = [int(tag[1]) for tag, _ in page.elements if tag in ("h1", "h2", "h3")]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


def _poor(**more):
    return report_case.validation(**more)


@pytest.mark.parametrize(
    "validation",
    [
        _poor(cells=[]),
        _poor(run=None, manifest=None),
        _poor(cells=[{**c, "is_suppressed": True, "value": None} for c in report_case.cells()]),
        _poor(cells=[{**c, "value": None, "n_rows": None} for c in report_case.cells()]),
        _poor(cells=[c for c in report_case.cells() if c["side"] == "baseline"]),
        _poor(report=report_case.report(checks=[report_case.check(
            effect_size=None, noise_floor=None, p_value=None, n_actual=None, verdict="FAIL")])),
        _poor(report=report_case.report(samples=[], pack={
            "name": "p", "sha256": "a" * 64, "as_of": None, "window_days": None, "k": None,
            "is_unsigned": False})),
        _poor(run=report_case.run(spec={})),
        _poor(run={**report_case.run(), "result": None, "plan": None, "state": "failed"}),
    ],
    ids=["no cells", "no run", "all suppressed", "no values", "one side", "nothing measured",
         "bare pack", "empty spec", "failed run"],
)  # fmt: skip
def test_a_poor_validation_still_gives_a_page(validation):
    page = _page(validation)
    assert not page.wrong
    assert page.all("div", class_="scroll")
    for word in ("NaN", "None,", "undefined", "nan %"):
        assert word not in page.shown


def test_hostile_words_of_every_source_stay_words():
    hostile = report_case.HOSTILE
    cells = [{**c, "label": c["label"] and hostile} for c in report_case.cells()]
    checks = [
        report_case.check(hostile, entity=hostile, metric=hostile, segment=hostile,
                          effect_name=hostile, recommendation=hostile, verdict="FAIL")
    ]  # fmt: skip
    body = report_case.report(checks=checks, schema=hostile, target=hostile)
    body["pack"]["name"] = hostile
    run = report_case.run(spec={hostile: {"distribution": hostile, "parameters": {hostile: 1}}})
    run |= {"run_id": hostile, "target_schema": hostile, "options": {hostile: hostile}}
    hurt = report_case.validation(
        name=hostile, cells=cells, report=body, run=run, manifest={hostile: [hostile]}
    )
    for text in (single.write_page(hurt), compare.write_page(hurt, report_case.validation())):
        page = report_case.Page(text)
        assert not page.wrong
        assert not page.all("img")
        assert len(page.all("script")) == 1
        assert "onerror=alert(1)>" in page.shown


def test_the_summary_says_what_matters():
    said = " ".join(summary.points(report_case.validation()))
    assert "2 of 5 comparisons agree" in said
    assert "seed 7" in said and "40,000 messages" in said
    assert "Message types is off by 0.4" in said
    assert "First thing to change: raise TEXT in messages.type" in said
    assert "Not compared: burst coefficient" in said
    assert "weight of about 80" not in said, "the synthetic side's weight is unknown"
    assert "not signed" in said


def test_an_undecided_check_is_not_called_off():
    body = report_case.report(checks=[report_case.check(verdict="WARN", effect_size=0.04)])
    said = " ".join(summary.points(report_case.validation(report=body)))
    assert "Hour of day is undecided: it differs by 0.04" in said
    assert "is off by" not in said


def test_the_verdict_line_follows_the_verdict():
    fine = report_case.validation(report=report_case.report(checks=[report_case.check()]))
    assert "nothing that was compared fails" in summary.verdict_line(fine)
    body = report_case.report(checks=[report_case.check(verdict="FAIL")])
    assert "none of it stops a run" in summary.verdict_line(report_case.validation(report=body))
    assert "message types is off" in summary.verdict_line(report_case.validation())
    assert [single.tone(fine), single.tone(report_case.validation())] == ["pass", "fail"]


def test_a_check_takes_the_margin_it_is_given():
    row = report_case.check(threshold=0.05, noise_floor=0.08)
    assert Check.read(row).margin == 0.08
    given = Check.read({**row, "margin": 0.06, "effect_lower": 0.01, "effect_upper": 0.03})
    assert (given.margin, given.lower, given.upper) == (0.06, 0.01, 0.03)
    assert Check.read({"check_name": "x"}).ratio is None


def test_bullets_keep_their_proportions():
    drawn = bullets.bullet(Check.read(report_case.check(effect_size=0.1)), summary.amount)
    assert drawn.size == pytest.approx(2 * drawn.margin)
    assert drawn.noise == pytest.approx(0.6 * drawn.margin)
    far = bullets.bullet(Check.read(report_case.check(effect_size=9)), summary.amount)
    assert far.is_capped and far.size == 150
    assert bullets.bullet(Check.read(report_case.check(effect_size=None)), summary.amount) is None


def _cell(side, lower, upper, value):
    return {
        "side": side, "entity": "messages", "metric": "inter_arrival", "segment": "all",
        "kind": "bucket", "label": None, "bucket_lower": lower, "bucket_upper": upper,
        "value": value, "n_rows": None, "unit": "seconds", "is_suppressed": False,
    }  # fmt: skip


def test_synthetic_buckets_are_summed_into_the_wider_ones_of_the_pack():
    own = [_cell("synthetic", a, a + 1, 0.25) for a in range(3)]
    own.append(_cell("synthetic", 3, None, 0.25))
    wide = [_cell("baseline", 0, 2, 0.6), _cell("baseline", 2, None, 0.4)]
    found = report_case.validation(cells=[*own, *wide]).bins(
        "synthetic", "messages", "inter_arrival"
    )
    assert found.upper == (2, math.inf)
    assert found.weight == (0.5, 0.5)
    # Where they do not nest, each keeps its own edges.
    crossing = [_cell("baseline", 0, 1.5, 0.6), _cell("baseline", 1.5, None, 0.4)]
    apart = report_case.validation(cells=[*own, *crossing])
    assert len(apart.bins("synthetic", "messages", "inter_arrival").lower) == 4


def test_what_is_not_drawn_is_named():
    one = report_case.validation(cells=[])
    sides = (drawings.Side("pack", "pack", "baseline", one),)
    made = drawings.sections(sides)
    assert not any(section.figures for section in made)
    assert "messages per conversation" in made[0].lead


def test_two_runs_show_what_changed():
    left = report_case.validation()
    checks = [
        {**one, "verdict": "PASS", "effect_size": 0.001}
        if one["check_name"] == "message_types" else one
        for one in report_case.CHECKS
    ]  # fmt: skip
    right = report_case.validation(name="b", report=report_case.report(checks=checks))
    rows = compare.check_rows(left, right)
    assert rows[0]["title"] == "message types"
    assert rows[0]["is_better"] and rows[0]["change"] < 0
    page = report_case.Page(compare.write_page(left, right))
    assert not page.wrong
    assert len(page.text.encode()) < LIMIT
    assert "Better in B: message types." in page.shown
    assert "The pack is the same for both." in page.shown
    assert page.all("div", class_="verdict fail")
    assert {"A", "B", "pack"} <= {words for words in page.words if len(words) < 5}
    # Nothing differs between a run and itself.
    same = report_case.Page(compare.write_page(left, left))
    assert "No check changed its verdict." in same.shown
    assert same.shown.count("No difference.") == 3


def test_two_packs_are_both_drawn():
    other = report_case.report()
    other["pack"]["sha256"] = "c" * 64
    page = report_case.Page(
        compare.write_page(report_case.validation(), report_case.validation(report=other))
    )
    assert not page.wrong
    assert "pack of A" in page.shown and "pack of B" in page.shown


def test_differences_of_specs_name_the_quantity():
    left = {"messages": {"type": {"distribution": "categorical", "parameters": {"weights": [1]}}}}
    right = {"messages": {"type": {"distribution": "categorical", "parameters": {"weights": [2]}}}}
    assert facts.differences(left, right) == [
        ("messages.type", "categorical: weights: 1", "categorical: weights: 2")
    ]
    assert facts.differences(left, left) == []


def test_differences_see_a_joint_class_that_changed():
    def spec(value):
        knot = {"distribution": "empirical", "parameters": {"x": [0, value], "cdf": [0, 1]}}
        return {"messages": {"activity_gap": {"size_2_3.tempo_0_1": knot}}}

    found = facts.differences(spec(1), spec(2))
    assert [path for path, *_ in found] == ["messages.activity_gap.size_2_3.tempo_0_1"]


def test_the_run_is_found_by_the_beginning_of_its_name():
    known = ["20260203-040506-abcdef", "20260203-111111-aaaaaa", "perf_synthetic"]
    assert choose(None, known) == known[0]
    assert choose("perf_synthetic", known) == "perf_synthetic"
    assert choose("20260203-11", known) == known[1]
    for asked, reason in (("20260203", "fits 2"), ("nope", "no validation"), ("", "no validation")):
        with pytest.raises(BadInput, match=reason):
            choose(asked, known)
    with pytest.raises(BadInput, match="synth validate"):
        choose(None, [])
