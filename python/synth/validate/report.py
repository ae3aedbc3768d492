"""The report of a validation: one JSON document, and the same as tables."""

import json
from datetime import UTC, datetime

from synth import __version__, console


def document(outcome, pack, trust, *, pack_name, target, schema, tolerance):
    """Assemble the report; `schemas/report.schema.json` describes it.

    Parameters
    ----------
    outcome : synth.validate.run.Outcome
    pack : synth.pack.model.Pack
    trust : synth.pack.trust.TrustRecord
    pack_name : str
        File name of the pack, without its directory.
    target, schema : str
    tolerance : float

    Returns
    -------
    dict
    """
    verdict = outcome.verdict
    return {
        "schema_version": console.SCHEMA_VERSION,
        "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "tool": {"name": "prodshape", "version": __version__},
        "pack": {
            "name": pack_name,
            "sha256": pack.sha256,
            "as_of": pack.meta.as_of,
            "window_days": pack.meta.window_days,
            "k": pack.meta.k,
            "is_unsigned": not trust.is_signed,
            "trust": trust.state,
        },
        "target": target,
        "schema": schema,
        "spec_source": outcome.spec_source,
        "tolerance": tolerance,
        "verdict": "GO" if verdict["is_go"] else "NO-GO",
        "headline": {
            "verdict": verdict["headline_verdict"],
            "passed": verdict["headline_passed"],
            "total": verdict["headline_total"],
        },
        "counts": {
            "pass": verdict["n_pass"],
            "warn": verdict["n_warn"],
            "fail": verdict["n_fail"],
            "skip": verdict["n_skip"],
            "excepted": verdict["n_excepted"],
            "critical_fail": verdict["n_critical"],
        },
        "samples": outcome.samples,
        "exceptions": outcome.exceptions,
        "checks": [
            {name: _rounded(value) for name, value in check.items()} for check in outcome.checks
        ],
    }


def _rounded(value):
    """Nine significant digits: the order in which parallel workers add up shows beyond them."""
    return float(f"{value:.9g}") if isinstance(value, float) else value


def trust_words(pack):
    """Say whether the pack of a report is trusted.

    Parameters
    ----------
    pack : dict
        The part ``pack`` of a report.

    Returns
    -------
    str
    """
    name, state = pack["name"], pack["trust"]
    if state == "signed":
        return f"{name}, signed by an officer trusted here"
    return f"{name}, NOT TRUSTED ({state}): accepted with --allow-unsigned"


def dumps(body):
    """The report as the text of its file."""
    return json.dumps(body, indent=2, allow_nan=False, default=str) + "\n"


def show(body):
    """Print the report: headline tests, then what missed, then what passed.

    Parameters
    ----------
    body : dict
        From `document`.
    """
    headline, counts = body["headline"], body["counts"]
    checks = body["checks"]
    console.table(
        ("headline test", "verdict", "effect", ">size", ">margin", ">p", ">n pack", ">n synthetic"),
        [
            (
                check["check_name"],
                check["verdict"],
                check["effect_name"],
                _number(check["effect_size"]),
                _number(check["margin"]),
                _number(check["p_value"], least=0),
                check["n_expected"],
                check["n_actual"],
            )
            for check in checks
            if check["is_headline"]
        ],
    )
    missed = [check for check in checks if check["verdict"] in ("FAIL", "WARN")]
    if missed:
        console.table(
            ("missed", "verdict", "effect", ">size", ">margin", "what to do"),
            [_row(check, check["recommendation"]) for check in missed],
        )
    excepted = [check for check in checks if check["verdict"] == "EXCEPTED"]
    if excepted:
        console.table(
            ("excepted", "verdict", "effect", ">size", ">margin", "why"),
            [_row(check, check["recommendation"]) for check in excepted],
        )
    passed = [check for check in checks if check["verdict"] == "PASS" and not check["is_headline"]]
    if passed:
        console.table(
            ("passed", "verdict", "effect", ">size", ">margin"), [_row(check) for check in passed]
        )
    skipped = [check for check in checks if check["verdict"] == "SKIP"]
    if skipped:
        console.table(
            ("not compared", "why"),
            [
                (check["check_name"], check["recommendation"].removeprefix("not compared: "))
                for check in skipped
            ],
        )
    for row in body["exceptions"]:
        if row["state"] != "applied":
            console.result(f"exception of {row['check_name']} {row['state']}: {row['explanation']}")
    if headline["total"] < sum(check["is_headline"] for check in checks):
        console.result(f"the pack allows {headline['total']} of the 4 headline tests")
    console.result(
        f"headline {headline['verdict']} ({headline['passed']} of {headline['total']}), "
        f"all checks: {counts['pass']} pass, {counts['warn']} warn, {counts['fail']} fail "
        f"({counts['critical_fail']} critical), {counts['skip']} not compared"
        + (f", {counts['excepted']} excepted" if counts["excepted"] else "")
    )
    console.result(f"pack     {trust_words(body['pack'])}")
    console.result(f"verdict  {body['verdict']}")


def _row(check, *more):
    name = check["check_name"] + (" (critical)" if check["is_critical"] else "")
    size, margin = _number(check["effect_size"]), _number(check["margin"])
    return (name, check["verdict"], check["effect_name"], size, margin, *more)


def _number(value, least=1e-6):
    if value is None:
        return None
    # What is left of a sum of shares after rounding is nothing.
    return f"{value if abs(value) >= least else 0:.3g}"
