"""The page about one validation."""

from pathlib import Path

from markupsafe import Markup

from synth import charts
from synth.charts.page import environment
from synth.report import drawings, facts, summary
from synth.report.bullets import bullet

TEMPLATES = Path(__file__).parent / "templates"
_WORDS = {"PASS": "pass", "WARN": "warn", "FAIL": "fail", "SKIP": "skip"}


def write_page(validation):
    """Write the report of one validation.

    Parameters
    ----------
    validation : synth.report.evidence.Validation

    Returns
    -------
    str
        HTML.
    """
    sides = (
        drawings.Side("pack", charts.PACK, "baseline", validation),
        drawings.Side("synthetic", charts.SYNTHETIC, "synthetic", validation),
    )
    sections = [
        charts.Section("Every check", html=checks_table(validation), lead=CHECKS_LEAD),
        *drawings.sections(sides),
        spec_section(validation.run),
        facts_section("Run record", facts.run_rows(validation.run), NO_RUN),
        facts_section("Pack and validation", facts.pack_rows(validation.report), ""),
        facts_section("Manifest", facts.manifest_rows(validation.manifest), NO_MANIFEST),
        charts.Section("How to read this", html=template("glossary.html")),
    ]
    report = validation.report
    return charts.page(
        title=f"Fidelity report: {validation.name}",
        subtitle=f"{report['pack']['name']} against schema {report['schema']}, "
        f"validated {report['created_at'][:16].replace('T', ' ')} UTC",
        head=template(
            "head.html",
            word=report["verdict"],
            tone=tone(validation),
            line=summary.verdict_line(validation),
            points=summary.points(validation),
            tiles=summary.tiles(validation),
        ),
        sections=sections,
        footer=FOOTER,
    )


CHECKS_LEAD = (
    "The worst first. The bar is the effect, with the thin line as its confidence interval; the "
    "upright line is the margin, the grey area the noise floor: what two honest samples of these "
    "sizes would differ by."
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


def checks_table(validation):
    """Every check, sorted by severity."""
    rows = [
        {
            "check": check,
            "tone": _WORDS.get(check.verdict, "fail"),
            "effect": summary.amount(check, check.effect),
            "margin": summary.amount(check, check.margin),
            "noise": summary.amount(check, check.noise),
            "p": _p_value(check.p_value),
            "bullet": bullet(check, summary.amount),
            "n": " / ".join(
                "-" if value is None else f"{value:,}"
                for value in (check.n_pack, check.n_synthetic)
            ),
        }
        for check in validation.checks
    ]
    present = {row["check"].verdict for row in rows}
    verdicts = [verdict for verdict in _WORDS if verdict in present]
    return template("checks.html", rows=rows, verdicts=verdicts)


def spec_section(run):
    """The spec of a run as a table, and whole."""
    if run is None or not run.get("spec"):
        return charts.Section("Spec", lead=NO_RUN)
    html = template(
        "spec.html", rows=facts.spec_rows(run["spec"]), text=facts.spec_text(run["spec"])
    )
    return charts.Section("Spec", lead="What the generator drew from.", html=html)


def facts_section(title, rows, otherwise):
    """A section that is a table of facts, or a sentence where there are none."""
    if not rows:
        return charts.Section(title, lead=otherwise)
    return charts.Section(title, html=template("facts.html", rows=rows, title=title))


def _p_value(value):
    if value is None:
        return "-"
    return "< 0.0001" if value < 1e-4 else f"{value:.2g}"
