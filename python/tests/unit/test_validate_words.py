"""What `synth validate` prints, from a report alone."""

import report_case

from synth.validate import report


def test_the_terminal_says_every_check(capsys):
    body = report_case.report()
    for check in body["checks"]:
        # The case is a report of an earlier release.
        check.setdefault("margin", check["threshold"])
    checks = [check for check in body["checks"] if check["verdict"] != "SKIP"]
    checks[0] |= {"is_headline": True, "effect_size": 1e-12, "p_value": 7e-137}
    report.show(body)
    said = capsys.readouterr().out
    assert all(check["check_name"] in said for check in body["checks"])
    assert "7e-137" in said
    assert "1e-12" not in said
