"""The checks as JUnit XML, so that a CI system shows each beside the project's other tests."""

import re
from xml.etree import ElementTree

from synth.validate import report

# What XML 1.0 cannot hold.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def dumps(body):
    """Write a report as JUnit XML.

    One suite for each entity and one case for each check. A check that failed is a failure, one
    that was not compared is skipped, and a warning or an accepted deviation passes with its words
    as output: as in the exit code, neither breaks anything alone. The verdict over all checks, the
    trust in the pack and each exception are cases of their own.

    Parameters
    ----------
    body : dict
        As in ``schemas/report.schema.json``.

    Returns
    -------
    str
    """
    cases = {}
    for check in body["checks"]:
        cases.setdefault(check["entity"], []).append(_case(check))
    exceptions = [_exception(row) for row in body["exceptions"]]
    judged = [_verdict(body), _trust(body["pack"]), *exceptions]
    cases = {"verdict": judged, **cases}
    root = ElementTree.Element("testsuites", {"name": "prodshape fidelity", **_totals(cases)})
    for entity, members in cases.items():
        suite = ElementTree.SubElement(
            root,
            "testsuite",
            {
                "name": f"fidelity.{entity}",
                "timestamp": body["created_at"][:19],
                **_totals({entity: members}),
            },
        )
        suite.extend(members)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=False).join(
        ('<?xml version="1.0" encoding="utf-8"?>\n', "\n")
    )


def _case(check):
    case = ElementTree.Element(
        "testcase",
        {
            "classname": f"fidelity.{check['entity']}.{_clean(check['metric'])}",
            "name": _clean(check["check_name"]),
            "time": "0",
        },
    )
    advice = _clean(check["recommendation"])
    figures = ", ".join(
        f"{name} {_figure(check.get(key))}"
        for name, key in (
            (check["effect_name"], "effect_size"),
            ("margin", "margin"),
            ("threshold", "threshold"),
            ("noise floor", "noise_floor"),
            ("p", "p_value"),
            ("n pack", "n_expected"),
            ("n synthetic", "n_actual"),
        )
    )
    if check["verdict"] == "FAIL":
        kind = "blocking" if check.get("is_blocking") else "fidelity"
        attributes = {"type": kind, "message": advice or figures}
        ElementTree.SubElement(case, "failure", attributes).text = figures
    elif check["verdict"] == "SKIP":
        ElementTree.SubElement(case, "skipped", {"message": advice})
    elif check["verdict"] in ("WARN", "EXCEPTED"):
        text = f"{check['verdict']}: {advice} ({figures})"
        ElementTree.SubElement(case, "system-out").text = text
    else:
        ElementTree.SubElement(case, "system-out").text = figures
    return case


def _verdict(body):
    case = ElementTree.Element(
        "testcase", {"classname": "fidelity.verdict", "name": "verdict", "time": "0"}
    )
    headline = body["headline"]
    text = f"{body['verdict']}: headline {headline['passed']} of {headline['total']}, " + ", ".join(
        f"{count} {name}" for name, count in body["counts"].items()
    )
    if body["verdict"] == "GO":
        ElementTree.SubElement(case, "system-out").text = text
    else:
        ElementTree.SubElement(case, "failure", {"type": "verdict", "message": text}).text = text
    return case


def _trust(pack):
    case = ElementTree.Element(
        "testcase", {"classname": "fidelity.verdict", "name": "pack", "time": "0"}
    )
    ElementTree.SubElement(case, "system-out").text = _clean(report.trust_words(pack))
    return case


def _exception(row):
    """One that is refused stops, as in the verdict; any other is only told."""
    name = _clean(row["check_name"])
    case = ElementTree.Element(
        "testcase", {"classname": "fidelity.exception", "name": name, "time": "0"}
    )
    text = _clean(f"{row['state']}: {row['explanation']}")
    if row["state"] == "refused":
        ElementTree.SubElement(case, "failure", {"type": "exception", "message": text}).text = text
    else:
        ElementTree.SubElement(case, "system-out").text = text
    return case


def _totals(cases):
    members = [case for suite in cases.values() for case in suite]
    return {
        "tests": str(len(members)),
        "failures": str(sum(case.find("failure") is not None for case in members)),
        "errors": "0",
        "skipped": str(sum(case.find("skipped") is not None for case in members)),
        "time": "0",
    }


def _figure(value):
    return "none" if value is None else f"{value:.4g}"


def _clean(text):
    return _CONTROL.sub("?", str(text))
