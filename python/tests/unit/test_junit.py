"""JUnit XML: what a CI system reads from a validation."""

from xml.etree import ElementTree

import report_case

from synth.validate import junit


def _read(body):
    return ElementTree.fromstring(junit.dumps(body))


def test_failures_are_failures_and_skips_are_skips():
    root = _read(report_case.report())
    assert (root.get("tests"), root.get("failures"), root.get("skipped")) == ("7", "3", "1")
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


def test_hostile_words_stay_words():
    hostile = report_case.HOSTILE + "\x00\x1b]]>"
    root = _read(report_case.report(checks=[report_case.check(hostile, verdict="FAIL")]))
    names = [case.get("name") for case in root.iter("testcase")]
    assert any("onerror" in name for name in names)
