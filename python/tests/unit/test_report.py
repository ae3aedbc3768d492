"""The report: right for a whole validation, and still a page for a poor one."""

import csv
import dataclasses
import itertools
import json
import math

import pytest
import report_case
import vl_convert

from synth.commands.report import choose, default_name
from synth.errors import BadInput
from synth.report import (
    bullets,
    compare,
    drawings,
    facts,
    meaning,
    single,
    summary,
)
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


def _said(validation):
    """The summary by question, each answer with what it would bias."""
    return {
        question: " ".join(f"{one.text} {one.so_what}".strip() for one in answers)
        for question, answers in summary.brief(validation)
    }


def test_the_summary_says_what_matters():
    said = _said(report_case.validation())
    assert "run 20260203-040506-abcdef (40,000 messages, seed 7)" in said["What was compared"]
    assert "2 of 5 comparisons agree" in said["Why this verdict"]
    assert "alone means NO-GO: message types" in said["Why this verdict"]
    assert "strength of 0.4" in said["The largest deviations"]
    assert "row width" in said["The largest deviations"]
    assert "Raise TEXT in messages.type." in said["What to do next"]
    assert "burst coefficient" in said["What is not known"]
    assert "weight of about 80" not in said["What is not known"], "the other side's is unknown"


def test_the_largest_deviations_are_of_three_metrics():
    def missed(name, effect):
        return report_case.check(
            name, "FAIL", metric="messages_per_conversation", entity="conversations",
            effect_name="relative_error", effect_size=effect,
        )  # fmt: skip

    body = report_case.report(
        checks=[*map(missed, ("p90", "p95"), (2.0, 3.0)), *report_case.CHECKS]
    )
    _, items = summary.deviations(report_case.validation(report=body))
    metrics = [item.check.metric for item in items]
    assert metrics == ["type_distribution", "messages_per_conversation", "inter_arrival"]
    assert items[1].check.name == "p95"
    # Where nothing misses, the largest of what is allowed are named as such.
    fine = [report_case.check("a", effect_size=0.01), report_case.check("b", effect_size=0.02)]
    title, items = summary.deviations(
        report_case.validation(report=report_case.report(checks=fine))
    )
    assert "all allowed" in title
    assert [item.check.name for item in items] == ["b", "a"]


def test_every_check_has_a_meaning_for_whoever_measures(project_dir):
    with (project_dir / "seeds" / "tolerances.csv").open() as stream:
        checks = {(row["entity"], row["metric"]) for row in csv.DictReader(stream)}
    assert checks == set(meaning.MEANING)


def test_charts_of_checks_exist(project_dir):
    with (project_dir / "seeds" / "tolerances.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    checks = {(row["entity"], row["metric"]) for row in rows}
    subjects = {
        (one.entity, one.metric) for subjects in drawings.SUBJECTS.values() for one in subjects
    }
    for key, shown in drawings.SHOWN_BY.items():
        assert key in checks and shown in subjects, key
        assert key not in subjects, f"{key} has a chart of its own"


def test_every_link_of_a_page_leads_somewhere():
    one = report_case.validation()
    for text in (single.write_page(one), compare.write_page(one, one)):
        page = report_case.Page(text)
        there = {attributes["id"] for _, attributes in page.elements if "id" in attributes}
        links = [attributes["href"] for attributes in page.all("a")]
        assert {link.removeprefix("#") for link in links} <= there
        assert any(link.startswith("#chart-") for link in links)
    assert "#check-1" in [a["href"] for a in report_case.Page(single.write_page(one)).all("a")]


@pytest.mark.parametrize("state", ["unsigned", "altered", "unknown_key", "expired", "new_state"])
def test_distrust_is_said_loudly(state):
    body = report_case.report()
    body["pack"] |= {"trust": state, "is_unsigned": state == "unsigned"}
    one = report_case.validation(report=body)
    assert summary.trust(one)["tone"] == "fail"
    for text in (single.write_page(one), compare.write_page(one, one)):
        page = report_case.Page(text)
        assert page.all("div", class_="trust fail")
        assert "do not pass this page on" in page.shown


def test_trust_names_the_officer():
    body = report_case.report()
    body["pack"] |= {"trust": "signed", "is_unsigned": False}
    manifest = {"sign_off": {"officer": "an-officer", "at": "2026-02-01T00:00:00Z"},
                "retention_until": "2026-05-01"}  # fmt: skip
    said = summary.trust(report_case.validation(report=body, manifest=manifest))
    assert said["tone"] == "pass"
    assert said["text"] == "Signed by an-officer on 2026-02-01, to be deleted after 2026-05-01."


def test_exceptions_are_shown_with_whoever_decided():
    row = {
        "check_name": "inter_arrival",
        "segment": None,
        "accepted_effect": 0.25,
        "until": "2026-12-31",
        "decided_by": "an owner",
        "reason": "gaps are known to be off",
        "state": "applied",
        "explanation": "gaps are known to be off, until 2026-12-31",
    }
    gone = row | {"check_name": report_case.HOSTILE, "state": "refused", "explanation": "no such"}
    checks = [
        {**one, "verdict": "EXCEPTED"} if one["check_name"] == "inter_arrival" else one
        for one in report_case.CHECKS
    ]
    body = report_case.report(checks=checks, exceptions=[row, gone])
    one = report_case.validation(report=body)
    page = _page(one)
    assert not page.wrong and not page.all("img")
    assert page.all("section", id="exceptions")
    assert "an owner" in page.shown and "2026-12-31" in page.shown and "no such" in page.shown
    assert page.all("input", value="EXCEPTED")
    assert "Inter arrival misses and is excepted" in _said(one)["Why this verdict"]
    rows = [a["data-verdict"] for a in page.all("tr") if "data-verdict" in a]
    assert rows.index("EXCEPTED") == rows.index("WARN") + 1
    assert not _page(report_case.validation()).all("section", id="exceptions")


def test_the_verdict_line_knows_what_is_excepted_and_what_is_refused():
    excepted = report_case.report(checks=[report_case.check(verdict="EXCEPTED")])
    one = report_case.validation(report=excepted)
    assert "what misses is listed" in summary.verdict_line(one)
    assert "hour of day" in [item.check.title for item in summary.deviations(one)[1]]
    row = {"check_name": "x", "state": "refused", "explanation": "there is no such check"}
    fine = {"verdict": "PASS", "passed": 4, "total": 4}
    body = report_case.report(
        checks=[report_case.check()], exceptions=[row], verdict="NO-GO", headline=fine
    )
    one = report_case.validation(report=body)
    assert "an exception to the checks is not valid" in summary.verdict_line(one)
    said = _said(one)
    assert "1 is not" in said["Why this verdict"] and "GO allows" not in said["Why this verdict"]
    assert "seeds/exceptions.csv" in said["What to do next"]


def test_a_spec_of_another_pack_is_said():
    def compared(**source):
        run = report_case.run(spec={"source": source})
        return _said(report_case.validation(run=run))["What was compared"]

    assert "from no pack" in compared(pack_sha256=None)
    assert "another pack" in compared(pack_sha256="d" * 64)
    same = compared(pack_sha256="a" * 64, allow_unsigned=True)
    assert "another" not in same and "not trusted" in same


def test_an_undecided_check_is_not_called_off():
    body = report_case.report(checks=[report_case.check(verdict="WARN", effect_size=0.04)])
    said = _said(report_case.validation(report=body))
    assert "leave it undecided" in said["The largest deviations"]
    assert "generate more" in said["What to do next"]
    off = report_case.report(checks=[report_case.check(verdict="WARN", effect_size=0.06)])
    said = _said(report_case.validation(report=off))
    assert "leave it undecided" not in said["The largest deviations"]


def test_the_verdict_line_follows_the_verdict():
    fine = report_case.validation(report=report_case.report(checks=[report_case.check()]))
    assert "everything that was compared agrees" in summary.verdict_line(fine)
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
    assert "The packs differ" not in page.shown
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


def test_facts_stand_in_parts():
    rows = [("sign off: at", "x"), ("schema version", "1"), ("sign off: officer", "y")]
    assert facts.grouped(rows) == [
        ("", [("schema version", "1")]),
        ("sign off", [("at", "x"), ("officer", "y")]),
    ]


def test_what_hinders_a_comparison_is_said():
    one = report_case.validation()
    assert compare.notices(one, report_case.validation(name="b")) == []
    assert "same run" in compare.notices(one, one)[0]
    body = report_case.report(tolerance=0.3)
    body["pack"]["sha256"] = "c" * 64
    packs, tolerances = compare.notices(one, report_case.validation(name="b", report=body))
    assert "packs differ" in packs and "0.15 and 0.3" in tolerances
    page = report_case.Page(compare.write_page(one, one))
    assert "A and B are the same run" in page.shown


def test_a_page_without_a_name_takes_one_a_file_can_have():
    assert default_name(["20260203-040506-abcdef"]) == "report-20260203-040506-abcdef.html"
    assert default_name(["../a b", "c"]) == "report-.._a_b-c.html"


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


def test_what_rounding_left_is_nothing():
    check = next(one for one in report_case.validation().checks if one.effect is not None)
    assert summary.amount(dataclasses.replace(check, effect_name="difference"), 1.06e-12) == "0"
    assert summary.amount(dataclasses.replace(check, effect_name="relative error"), 1e-9) == "0 %"
    assert summary.amount(dataclasses.replace(check, effect_name="difference"), 0.0012) == "0.0012"


def test_a_chart_of_several_checks_names_the_one_it_shows():
    body = report_case.report()
    one = next(row for row in body["checks"] if row["verdict"] != "SKIP")
    body["checks"] = [
        one | {"check_name": "heap_of_time", "verdict": "PASS"},
        one | {"check_name": "heap_of_senders", "verdict": "FAIL"},
    ]
    validation = report_case.validation(report=body)
    subject = drawings.Subject("Heap", one["entity"], one["metric"], ())
    side = drawings.Side("synthetic", "synthetic", "synthetic", validation)
    assert drawings._caption(subject, [side]).startswith("Heap of senders: ")
