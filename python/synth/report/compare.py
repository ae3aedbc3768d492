"""The page about two validations: what changed from A to B."""

from synth import charts
from synth.report import drawings, facts, single, summary

_ORDER = {"FAIL": 0, "WARN": 1, "PASS": 2}


def write_page(left, right):
    """Write the comparison of two validations.

    Parameters
    ----------
    left, right : synth.report.evidence.Validation
        A and B.

    Returns
    -------
    str
        HTML.
    """
    same_pack = left.report["pack"]["sha256"] == right.report["pack"]["sha256"]
    sides = [drawings.Side("pack" if same_pack else "pack of A", charts.PACK, "baseline", left)]
    if not same_pack:
        sides.append(drawings.Side("pack of B", charts.OTHER, "baseline", right))
    sides += [
        drawings.Side("A", charts.SYNTHETIC, "synthetic", left),
        drawings.Side("B", charts.FIT, "synthetic", right),
    ]
    rows = check_rows(left, right)
    sections = [
        charts.Section(
            "Every check in both",
            html=single.template("both_checks.html", rows=rows),
            lead="First what changed its verdict, then what moved most. Sizes are effects.",
        ),
        *drawings.sections(sides),
        charts.Section(
            "What differs between the runs",
            html=single.template("differences.html", tables=_differences(left, right)),
        ),
        charts.Section("How to read this", html=single.template("glossary.html")),
    ]
    return charts.page(
        title=f"Two runs: A {left.name}, B {right.name}",
        subtitle="The pack is the same for both."
        if same_pack
        else "The packs differ, so a check that moved may have moved with its pack.",
        head=single.template(
            "both_head.html",
            cards=[
                {
                    "letter": letter,
                    "name": one.name,
                    "word": one.report["verdict"],
                    "tone": single.tone(one),
                    "line": summary.verdict_line(one),
                    "tiles": summary.tiles(one),
                }
                for letter, one in (("A", left), ("B", right))
            ],
            points=_points(rows, left, right),
        ),
        sections=sections,
        footer=single.FOOTER,
    )


def check_rows(left, right):
    """One row for each check of either side, what changed first.

    Returns
    -------
    list of dict
        ``title``, ``a`` and ``b`` (checks or None), ``change`` (ratio to the margin, B less A,
        None where either is unknown), ``has_changed``, ``is_compared`` (by both).
    """
    names = dict.fromkeys(check.name for one in (left, right) for check in one.checks)
    rows = []
    for name in names:
        a, b = left.check(name), right.check(name)
        compared = a and b and "SKIP" not in (a.verdict, b.verdict)
        ratios = [a.ratio, b.ratio] if compared else [None, None]
        change = None if None in ratios else ratios[1] - ratios[0]
        verdicts = [check.verdict if check else None for check in (a, b)]
        rows.append(
            {
                "title": (a or b).title,
                "a": a,
                "b": b,
                "size_a": summary.amount(a, a.effect) if a else "-",
                "size_b": summary.amount(b, b.effect) if b else "-",
                "margin": summary.amount(b, b.margin) if b else "-",
                "change": change,
                "has_changed": verdicts[0] != verdicts[1],
                "is_compared": bool(compared),
                "is_better": _rank(b) > _rank(a),
            }
        )
    rows.sort(
        key=lambda row: (
            not (row["has_changed"] and row["is_compared"]),
            not row["has_changed"],
            -abs(row["change"] or 0),
            row["title"],
        )
    )
    return rows


def _rank(check):
    return _ORDER.get(check.verdict, -1) if check else -1


def _points(rows, left, right):
    changed = [row for row in rows if row["has_changed"] and row["is_compared"]]
    better = [row["title"] for row in changed if row["is_better"]]
    worse = [row["title"] for row in changed if not row["is_better"]]
    a, b = left.report["counts"], right.report["counts"]
    said = [
        f"A: {a['pass']} pass, {a['warn']} warn, {a['fail']} fail. "
        f"B: {b['pass']} pass, {b['warn']} warn, {b['fail']} fail."
    ]
    if better:
        said.append(f"Better in B: {_list(better)}.")
    if worse:
        said.append(f"Worse in B: {_list(worse)}.")
    if not changed:
        said.append("No check changed its verdict.")
    known = [row["change"] for row in rows if row["change"] is not None]
    if known:
        closer = sum(change < 0 for change in known)
        said.append(
            f"Of {len(known)} checks measured in both, B is closer to production in {closer}."
        )
    return said


def _list(names, most=8):
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def _differences(left, right):
    """Tables of what is not the same: pack, run, spec."""
    first, second = left.run or {}, right.run or {}
    pack_facts = [dict(facts.pack_rows(one.report)) for one in (left, right)]
    run_facts = [dict(facts.run_rows(one.run)) for one in (left, right)]
    return [
        ("Pack and validation", facts.differences(*pack_facts)),
        ("Run record", facts.differences(*run_facts)),
        ("Spec", facts.differences(first.get("spec"), second.get("spec"))),
    ]
