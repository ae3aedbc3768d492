"""The page about two validations: what changed from A to B."""

from synth import charts
from synth.report import differences, drawings, facts, single, spec_words, summary

_ORDER = {"FAIL": 0, "WARN": 1, "EXCEPTED": 2, "PASS": 3}


def write_page(left, right, on_chart=None):
    """Write the comparison of two validations.

    Parameters
    ----------
    left, right : synth.report.evidence.Validation
        A and B.
    on_chart : callable, optional
        Called after each chart, for progress.

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
    drawn = drawings.sections(sides)
    sections = [
        charts.Section(
            "Every check in both",
            html=single.template(
                "both_checks.html",
                rows=rows,
                target=drawings.targets(drawn),
                tone_of=drawings.tone,
            ),
            lead="First what changed its verdict, then what moved most. The name of a check leads "
            "to its chart; effect and margin as in the report of one run.",
        ),
        charts.Section(
            "What differs between the runs",
            html=single.template("differences.html", tables=_differences(left, right)),
        ),
        *drawn,
        charts.Section("How to read this", html=single.template("glossary.html")),
    ]
    return charts.page(
        title="Two runs compared",
        tab=f"{left.report['verdict']} and {right.report['verdict']}: two runs",
        subtitle=f"A {left.name}, B {right.name}",
        head=single.template(
            "both_head.html",
            cards=[
                {
                    "letter": letter,
                    "name": one.name,
                    "word": one.report["verdict"],
                    "tone": single.tone(one),
                    "line": summary.verdict_line(one),
                    "trust": summary.trust(one),
                }
                for letter, one in (("A", left), ("B", right))
            ],
            notices=notices(left, right),
            points=_points(rows, left, right),
            facts=_facts(left, right),
        ),
        sections=sections,
        footer=single.FOOTER,
        on_chart=on_chart,
    )


def notices(left, right):
    """What hinders the comparison, said before anything else.

    Returns
    -------
    list of str
    """
    found = []
    if left.name == right.name:
        found.append("A and B are the same run: nothing can differ.")
    packs = [one.report["pack"] for one in (left, right)]
    if packs[0]["sha256"] != packs[1]["sha256"]:
        found.append(
            "The packs differ, so a check that moved may have moved with its pack, not with the "
            "synthetic side."
        )
    tolerances = [one.report["tolerance"] for one in (left, right)]
    if tolerances[0] != tolerances[1]:
        found.append(
            f"The tolerances differ ({tolerances[0]:g} and {tolerances[1]:g}), so the same effect "
            "may pass in one and fail in the other."
        )
    return found


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
                "check": a or b,
                "a": a,
                "b": b,
                "size_a": summary.amount(a, a.effect) if a else "-",
                "size_b": summary.amount(b, b.effect) if b else "-",
                "margin": summary.amount(b, b.margin) if b else "-",
                "change": change,
                "moved": "" if change is None else _margins(abs(change)),
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


def _margins(ratio):
    figure = f"{ratio:,.0f}" if ratio >= 10 else f"{ratio:.2g}"
    return f"{figure} margin" if figure == "1" else f"{figure} margins"


def _rank(check):
    return _ORDER.get(check.verdict, -1) if check else -1


def _points(rows, left, right):
    changed = [row for row in rows if row["has_changed"] and row["is_compared"]]
    better = [row["title"] for row in changed if row["is_better"]]
    worse = [row["title"] for row in changed if not row["is_better"]]
    a, b = left.report["counts"], right.report["counts"]
    verdicts = [one.report["verdict"] for one in (left, right)]
    said = [
        f"The verdict is {verdicts[0]} for both."
        if verdicts[0] == verdicts[1]
        else f"The verdict changes from {verdicts[0]} to {verdicts[1]}.",
        f"A: {a['pass']} pass, {a['warn']} warn, {a['fail']} fail. "
        f"B: {b['pass']} pass, {b['warn']} warn, {b['fail']} fail.",
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


def _facts(left, right):
    """The two runs in one small table."""
    packs = [one.report["pack"] for one in (left, right)]
    runs = [one.run or {} for one in (left, right)]
    heads = [one.report["headline"] for one in (left, right)]
    counts = [one.report["counts"] for one in (left, right)]
    specs = [str(run.get("spec_sha256") or "-")[:12] for run in runs]
    return [
        ("pack", *(f"{pack['name']} ({pack['sha256'][:12]})" for pack in packs)),
        ("messages", *(spec_words.number(run.get("n_messages")) for run in runs)),
        ("seed", *(spec_words.number(run.get("seed")) for run in runs)),
        ("spec", *specs),
        ("headline tests", *(f"{head['passed']} of {head['total']}" for head in heads)),
        (
            "checks",
            *(f"{one['pass']} pass, {one['warn']} warn, {one['fail']} fail" for one in counts),
        ),
        ("validated", *(one.report["created_at"][:16].replace("T", " ") for one in (left, right))),
    ]


def _list(names, most=8):
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def _differences(left, right):
    """Tables of what is not the same: spec, run, pack."""
    first, second = left.run or {}, right.run or {}
    pack_facts = [dict(facts.pack_rows(one.report)) for one in (left, right)]
    run_facts = [dict(facts.run_rows(one.run)) for one in (left, right)]
    return [
        ("Spec", *differences.by_class(first.get("spec"), second.get("spec"))),
        ("Run record", differences.differences(*run_facts), []),
        ("Pack and validation", differences.differences(*pack_facts), []),
    ]
