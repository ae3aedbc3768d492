"""JUnit XML: what a CI system reads from a validation."""

from xml.etree import ElementTree

import pytest
import report_case

from synth.validate import junit


def _read(body):
    return ElementTree.fromstring(junit.dumps(body))


def test_failures_are_failures_and_skips_are_skips():
    root = _read(report_case.report())
    assert (root.get("tests"), root.get("failures"), root.get("skipped")) == ("8", "3", "1")
    for suite in root:
        assert int(suite.get("tests")) == len(suite)
        assert int(suite.get("failures")) == len(suite.findall("testcase/failure"))
    cases = {case.get("name"): case for case in root.iter("testcase")}
    assert cases["message_types"].find("failure").get("type") == "blocking"
    assert "raise TEXT" in cases["message_types"].find("failure").get("message")
    assert cases["burst_coefficient"].find("skipped").get("message")
    assert cases["read_rate"].find("failure") is None
    assert cases["read_rate"].find("system-out").text.startswith("WARN")
    assert cases["verdict"].find("failure") is not None


def test_a_go_has_no_failing_verdict():
    root = _read(report_case.report(checks=[report_case.check()]))
    assert root.get("failures") == "0"


def test_a_case_says_the_margin_it_was_held_against():
    check = report_case.check(verdict="FAIL", threshold=0.05, margin=0.12)
    failure = next(_read(report_case.report(checks=[check])).iter("failure"))
    assert "margin 0.12, threshold 0.05" in failure.text


@pytest.mark.parametrize("state", ["signed", "unsigned", "expired"])
def test_trust_in_the_pack_is_a_case(state):
    body = report_case.report()
    body["pack"]["trust"] = state
    cases = {case.get("name"): case for case in _read(body).iter("testcase")}
    said = cases["pack"].find("system-out").text
    assert ("NOT TRUSTED" in said) == (state != "signed")
    assert state in said


def test_exceptions_are_cases_and_a_refused_one_fails():
    checks = [report_case.check("recency", verdict="EXCEPTED", recommendation="accepted until D")]
    rows = [
        {"check_name": "recency", "state": "applied", "explanation": "known"},
        {"check_name": "hour_of_weak", "state": "refused", "explanation": "no check of this name"},
        {"check_name": "tempo", "state": "expired", "explanation": "decide again"},
    ]
    root = _read(report_case.report(checks=checks, exceptions=rows))
    cases = {
        case.get("name"): case
        for case in root.iter("testcase")
        if case.get("classname") == "fidelity.exception"
    }
    assert [name for name, case in cases.items() if case.find("failure") is not None] == [
        "hour_of_weak"
    ]
    assert "decide again" in cases["tempo"].find("system-out").text
    excepted = root.find("testsuite[@name='fidelity.messages']/testcase/system-out").text
    assert excepted.startswith("EXCEPTED: accepted until D")


def test_hostile_words_stay_words():
    hostile = report_case.HOSTILE + "\x00\x1b]]>"
    root = _read(report_case.report(checks=[report_case.check(hostile, verdict="FAIL")]))
    names = [case.get("name") for case in root.iter("testcase")]
    assert any("onerror" in name for name in names)
