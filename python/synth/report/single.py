"""The page about one validation."""

from pathlib import Path

from markupsafe import Markup

from synth import charts
from synth.charts.page import environment
from synth.report import drawings, facts, spec_words, summary
from synth.report.bullets import bullet

TEMPLATES = Path(__file__).parent / "templates"


def write_page(validation, on_chart=None):
    """Write the report of one validation.

    Parameters
    ----------
    validation : synth.report.evidence.Validation
    on_chart : callable, optional
        Called after each chart, for progress.

    Returns
    -------
    str
        HTML.
    """
    sides = (
        drawings.Side("pack", charts.PACK, "baseline", validation),
        drawings.Side("synthetic", charts.SYNTHETIC, "synthetic", validation),
    )
    drawn = drawings.sections(sides)
    sections = [
        charts.Section("Every check", html=checks_table(validation, drawn), lead=CHECKS_LEAD),
        *exceptions_section(validation),
        *drawn,
        spec_section(validation.run),
        facts_section("Run record", facts.run_rows(validation.run), NO_RUN),
        facts_section("Pack", facts.pack_rows(validation.report), ""),
        facts_section("Manifest", facts.manifest_rows(validation.manifest), NO_MANIFEST),
        charts.Section("How to read this", html=template("glossary.html")),
    ]
    report = validation.report
    return charts.page(
        title=f"Fidelity report: {validation.name}",
        tab=f"{report['verdict']}: {validation.name}",
        subtitle=f"{report['pack']['name']} against schema {report['schema']}, "
        f"validated {report['created_at'][:16].replace('T', ' ')} UTC",
        head=template(
            "head.html",
            word=report["verdict"],
            tone=tone(validation),
            line=summary.verdict_line(validation),
            trust=summary.trust(validation),
            brief=summary.brief(validation),
            anchor=validation.anchor,
            tone_of=drawings.tone,
            tiles=summary.tiles(validation),
        ),
        sections=sections,
        footer=FOOTER,
        on_chart=on_chart,
    )


CHECKS_LEAD = "The worst first. The name of a check leads to its chart."
EXCEPTIONS_LEAD = (
    "What misses and was accepted, by whom and until when: such a check is EXCEPTED and counts "
    "neither as a pass nor as a miss."
)
_STATES = {"applied": "excepted", "unneeded": "skip", "refused": "fail"}
SPEC_LEAD = (
    "What the generator drew from. KS is the distance of a fit from the pack; an empirical "
    "distribution repeats the pack's own steps."
)
NO_RUN = "No run on record made these tables: they were validated without one, or it was torn down."
NO_MANIFEST = "The pack came without a manifest that matches it."
FOOTER = (
    "Made by prodshape. This page holds figures of the pack and of the synthetic database only, "
    "loads nothing and sends nothing."
)


def template(name, **values):
    """Render a template of this package."""
    # Autoescape is on in this environment.
    text = environment(TEMPLATES).get_template(name).render(**values)
    return Markup(text)  # noqa: S704


def tone(validation):
    """Colour of a verdict: GO with misses is not as green as GO."""
    if not validation.is_go:
        return "fail"
    return "pass" if validation.report["headline"]["verdict"] == "PASS" else "warn"


def checks_table(validation, drawn):
    """Every check, sorted by severity.

    Parameters
    ----------
    validation : synth.report.evidence.Validation
    drawn : sequence of synth.charts.Section
        Charts the checks lead to.

    Returns
    -------
    markupsafe.Markup
    """
    target = drawings.targets(drawn)
    rows = [
        {
            "check": check,
            "tone": drawings.tone(check),
            "anchor": validation.anchor(check),
            "chart": target(check),
            "effect_words": summary.effect_words(check.effect_name),
            "bullet": bullet(check, summary.amount),
            "figures": [
                ("effect", summary.amount(check, check.effect)),
                ("margin", summary.amount(check, check.margin)),
                ("noise", summary.amount(check, check.noise)),
                ("p", _p_value(check.p_value)),
                ("n pack / synthetic", f"{_size(check.n_pack)} / {_size(check.n_synthetic)}"),
            ],
        }
        for check in validation.checks
    ]
    present = {row["check"].verdict for row in rows}
    verdicts = [verdict for verdict in drawings.TONES if verdict in present]
    return template("checks.html", rows=rows, verdicts=verdicts)


def exceptions_section(validation):
    """Sections on what misses and is accepted: one, or none where nobody decided so."""
    if not validation.exceptions:
        return []
    rows = []
    for row in validation.exceptions:
        check, state = validation.check(row["check_name"]), row.get("state") or "-"
        reason, note = row.get("reason") or "", row.get("explanation") or ""
        rows.append(
            {
                "title": row["check_name"].replace("_", " "),
                "anchor": validation.anchor(check) if check else "",
                "state": state,
                "tone": _STATES.get(state, "warn"),
                "accepted": row.get("accepted_effect"),
                "until": row.get("until") or "-",
                "decided_by": row.get("decided_by") or "-",
                "reason": reason or "-",
                "note": "" if reason and note.startswith(reason) else note,
            }
        )
    html = template("exceptions.html", rows=rows)
    return [charts.Section("Exceptions", lead=EXCEPTIONS_LEAD, html=html)]


def spec_section(run):
    """The spec of a run as a table, and whole."""
    if run is None or not run.get("spec"):
        return charts.Section("Spec", lead=NO_RUN)
    html = template(
        "spec.html", groups=spec_words.groups(run["spec"]), text=facts.spec_text(run["spec"])
    )
    return charts.Section("Spec", lead=SPEC_LEAD, html=html)


def facts_section(title, rows, otherwise):
    """A section that is a table of facts, or a sentence where there are none."""
    if not rows:
        return charts.Section(title, lead=otherwise)
    return charts.Section(
        title, html=template("facts.html", groups=facts.grouped(rows), title=title)
    )


def _p_value(value):
    if value is None:
        return "-"
    return "< 0.0001" if value < 1e-4 else f"{value:.2g}"


def _size(value):
    return "-" if value is None else f"{value:,}"
