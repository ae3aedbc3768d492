"""The validation in plain words, for someone who has two minutes."""

import math
from dataclasses import dataclass

from synth.charts import axes
from synth.report.meaning import meaning

_EFFECTS = {
    "ks": "largest gap between the cumulative curves",
    "tvd": "share of the data in the wrong place",
    "cramers v": "strength of the difference of the mixes",
    "relative error": "relative error",
    "relative share error": "relative error of the worst share",
    "absolute error": "difference",
    "wasserstein log": "mean distance on the log scale",
    "jensen shannon": "Jensen-Shannon distance",
    "tail ratio": "relative error of the tail, p99 over p50",
}
# What each effect says about a subject, with the figure filled in.
_SAID = {
    "ks": "up to {} of the values lie on the wrong side of some value",
    "tvd": "{} of the data would have to move to match",
    "cramers v": "the mixes differ with a strength of {}, where 1 is nothing in common",
    "relative error": "off by {}",
    "relative share error": "the worst share is off by {}",
    "absolute error": "differs by {}",
    "wasserstein log": "off by a factor of {} on average",
    "jensen shannon": "the mixes are {} apart, where 1 is nothing in common",
    "tail ratio": "the tail, p99 over p50, is off by {}",
}
_NOTHING = 1e-6
_IN_PERCENT = ("ks", "tvd", "tail ratio")
# Trust states of a pack: what is wrong, and what it means.
_DISTRUST = {
    "no_manifest": "The pack has no manifest, so nobody signed it",
    "unsigned": "Nobody signed the pack, so nobody vouched for what left the boundary",
    "altered": "The pack is not the one its manifest describes",
    "unknown_key": "The pack is signed with a key that is not trusted here",
    "bad_signature": "The manifest was changed after it was signed",
    "expired": "The pack is past its retention date",
}


@dataclass(frozen=True)
class Item:
    """One point of the summary.

    Attributes
    ----------
    text : str
    check : synth.report.evidence.Check or None
        The one it is about.
    so_what : str
        What it would do to a measurement.
    """

    text: str
    check: object = None
    so_what: str = ""


def verdict_line(validation):
    """One sentence on what the verdict means."""
    missed = validation.of("FAIL", "WARN")
    if validation.is_go and not missed and not validation.of("EXCEPTED"):
        return (
            "Close enough to production to stand in for it in index and load tests: everything "
            "that was compared agrees."
        )
    if validation.is_go:
        return (
            "Close enough to production for index and load tests: what misses is listed below, "
            "and none of it stops a run by itself."
        )
    blocking = [check for check in validation.checks if check.is_blocking]
    if blocking:
        names = _names(blocking)
        are = "is" if len(blocking) == 1 else "are"
        return f"Do not rely on this database yet: {names} {are} off, and critical."
    if len(missed) > 2:
        return (
            f"Do not rely on this database yet: {len(missed)} figures differ from production, "
            f"among them {_names(missed, most=3, rest=False)}."
        )
    if validation.report["headline"]["verdict"] == "FAIL":
        return "Do not rely on this database yet: its headline tests do not hold."
    return "No GO yet: the figures would do, but an exception to the checks is not valid."


def brief(validation):
    """What someone with two minutes wants to know.

    Parameters
    ----------
    validation : synth.report.evidence.Validation

    Returns
    -------
    list of (str, list of Item)
        A question, and its answers.
    """
    title, worst = deviations(validation)
    parts = [
        ("What was compared", [Item(text) for text in _compared(validation)]),
        ("Why this verdict", [Item(text) for text in _reasons(validation)]),
        (title, worst),
        ("What to do next", [Item(text) for text in _next(validation)]),
        ("What is not known", [Item(text) for text in _limits(validation)]),
    ]
    return [(question, answers) for question, answers in parts if answers]


def deviations(validation, most=3):
    """The largest deviations, each of another metric, and a title for them.

    Returns
    -------
    title : str
    items : list of Item
    """
    missed = validation.of("FAIL", "WARN", "EXCEPTED")
    measured = sorted(
        (check for check in validation.of("PASS") if check.ratio),
        key=lambda check: (-check.ratio, check.name),
    )
    title = "The largest deviations" if missed else "The largest deviations, all allowed"
    found = {}
    for check in (*missed, *measured):
        found.setdefault((check.entity, check.metric), check)
    return title, [
        Item(f"{said(check)}.", check, meaning(check)) for check in list(found.values())[:most]
    ]


def said(check):
    """A deviation in words: how far, and how far is allowed."""
    if check.effect is None:
        return "In the pack and absent from the synthetic side"
    template = _SAID.get(check.effect_name, "differs by {}")
    undecided = (
        ", but samples of these sizes leave it undecided"
        if check.verdict == "WARN" and check.effect <= (check.margin or 0)
        else ""
    )
    text = template.format(_figure(check, check.effect))
    return f"{text[:1].upper()}{text[1:]}; {_figure(check, check.margin)} is allowed{undecided}"


def _figure(check, value):
    if value is not None and check.effect_name in _IN_PERCENT:
        return _percent(value)
    if value is not None and check.effect_name == "wasserstein log":
        return f"{math.exp(min(value, 50)):.3g}"
    return amount(check, value)


def amount(check, value):
    """A figure of a check, with the unit its effect has."""
    if value is None:
        return "-"
    # What is left of a sum of shares after rounding is nothing.
    value = 0 if abs(value) < _NOTHING else value
    if "relative" in check.effect_name:
        return _percent(value)
    return f"{value:.3g}"


def _percent(value):
    return f"{value * 100:,.0f} %" if value >= 10 else f"{value * 100:.3g} %"


def effect_words(name):
    """What an effect measures, in words; its name where there are none."""
    return _EFFECTS.get(name, name)


def trust(validation):
    """Who vouches for the pack: ``tone``, ``word`` and ``text``.

    Returns
    -------
    dict of str
    """
    pack = validation.report["pack"]
    state = pack.get("trust") or ("unsigned" if pack.get("is_unsigned") else "signed")
    manifest = validation.manifest or {}
    if state == "signed":
        sign_off = manifest.get("sign_off") or {}
        until = manifest.get("retention_until")
        by = f" by {sign_off['officer']}" if sign_off.get("officer") else ""
        at = f" on {sign_off['at'][:10]}" if sign_off.get("at") else ""
        kept = f", to be deleted after {until}" if until else ""
        return {"tone": "pass", "word": "Signed pack", "text": f"Signed{by}{at}{kept}."}
    wrong = _DISTRUST.get(state, f"The pack is not trusted here ({state})")
    return {
        "tone": "fail",
        "word": "Untrusted pack" if state not in ("unsigned", "no_manifest") else "Unsigned pack",
        "text": f"{wrong}. It was accepted with --allow-unsigned; do not pass this page on as if "
        "an officer had agreed.",
    }


def _compared(validation):
    report, run = validation.report, validation.run
    pack = report["pack"]
    days = (
        f"{pack['window_days']:,} days" if pack.get("window_days") else "a window of unknown length"
    )
    until = f" to {pack['as_of']}" if pack.get("as_of") else ""
    made = (
        f"run {run['run_id']} ({run['n_messages']:,} messages, seed {run['seed']})"
        if run
        else f"the tables of schema {report['schema']}, which no run on record made"
    )
    real = validation.total("baseline", "messages")
    size = f" ({real:,.0f} messages)" if real else ""
    return [
        f"The shape of production, {days}{until}{size}, against the shape of {made}.",
        *_origin(validation),
    ]


def _origin(validation):
    """What the spec was made from, where that is not this pack."""
    source = ((validation.run or {}).get("spec") or {}).get("source") or {}
    if not source:
        return []
    known, said_ = source.get("pack_sha256"), []
    if known is None:
        said_.append(
            "The spec comes from no pack: its figures are defaults or were written by hand."
        )
    elif known != validation.report["pack"]["sha256"]:
        said_.append("The spec was fitted to another pack than the one compared here.")
    if source.get("allow_unsigned"):
        said_.append("The spec was fitted to a pack that was not trusted.")
    return said_


def _reasons(validation):
    report = validation.report
    counts, headline = report["counts"], report["headline"]
    decided = sum(value for name, value in counts.items() if name in _DECIDED)
    said_ = [
        f"{counts['pass']} of {decided} comparisons agree with production; "
        f"{_count(counts['warn'])} undecided, {counts['fail'] or 'none'} "
        f"{'fail' if counts['fail'] > 1 else 'fails'}. Of the headline tests, "
        f"{headline['passed']} of {headline['total']} pass."
    ]
    excepted = validation.of("EXCEPTED")
    if excepted:
        are = "misses and is" if len(excepted) == 1 else "miss and are"
        said_.append(_sentence(f"{_names(excepted)} {are} excepted: somebody accepted that"))
    blocking = [check for check in validation.checks if check.is_blocking]
    if blocking:
        said_.append(f"Each of these alone means NO-GO: {_names(blocking, most=8)}.")
    if not validation.is_go and headline["verdict"] == "FAIL" and not blocking:
        said_.append("More than one headline test misses, or none could be made.")
    if not validation.is_go and len(validation.of("FAIL", "WARN")) > 2:
        said_.append("GO allows two checks that warn or fail, not more.")
    refused = validation.refused_exceptions
    if refused:
        said_.append(
            f"GO needs exceptions that are valid, and {len(refused)} "
            f"{'is' if len(refused) == 1 else 'are'} not; the table of exceptions says why."
        )
    return said_


_DECIDED = ("pass", "warn", "fail", "excepted")


def _next(validation):
    report, run = validation.report, validation.run or {}
    said_ = []
    if validation.is_go:
        seed = f" Seed {run['seed']} and the same spec make it again anywhere." if run else ""
        said_.append(f"Tune on schema {report['schema']}.{seed}")
    advice = {}
    for check in validation.of("FAIL", "WARN"):
        if check.advice and not check.is_undecided:
            advice.setdefault((check.entity, check.metric), check.advice)
    said_ += [_sentence(text) for text in list(advice.values())[:3]]
    if advice:
        said_.append(
            "Change the spec so, then generate and validate again; “synth loop” does that by "
            "itself."
        )
    if any(check.is_undecided for check in validation.of("WARN")):
        said_.append("To decide what is undecided, generate more or extract a longer window.")
    if validation.refused_exceptions:
        said_.append("Correct or remove the refused rows of seeds/exceptions.csv, then validate.")
    if trust(validation)["tone"] == "fail":
        said_.append("Have the pack signed, or one that is, before anybody relies on this.")
    return said_


def _limits(validation):
    said_ = []
    skipped = validation.of("SKIP")
    if skipped:
        said_.append(
            f"Not compared: {_names(skipped, most=6)}. Draw no conclusions about these; the table "
            "of checks says why."
        )
    sample = validation.sample("effective_conversations", "conversations")
    if sample and sample[0] < 500:
        said_.append(
            f"The sample is small: the pack has the weight of about {sample[0]:,.0f} conversations "
            "of equal size, so only large differences can be told from chance."
        )
    return said_


def _sentence(text):
    text = text.rstrip(".")
    return f"{text[:1].upper()}{text[1:]}."


def _names(checks, most=4, *, rest=True):
    names = [check.title for check in checks[:most]]
    more = f" and {len(checks) - most} more" if rest and len(checks) > most else ""
    return ", ".join(names) + more


def _count(number):
    return f"{number or 'none'} {'are' if number > 1 else 'is'}"


def tiles(validation):
    """Figures for the row below the verdict: ``(title, value, note)``."""
    report = validation.report
    counts, headline = report["counts"], report["headline"]
    run = validation.run or {}
    messages = validation.total("synthetic", "messages")
    excepted = f"{counts['excepted']} excepted, " if counts.get("excepted") else ""
    return [
        ("Headline tests", f"{headline['passed']} / {headline['total']}", headline["verdict"]),
        (
            "All checks",
            f"{counts['pass']} pass",
            f"{counts['warn']} warn, {counts['fail']} fail, {excepted}"
            f"{counts['skip']} not compared",
        ),
        ("Critical failures", str(counts["critical_fail"]), "any of them means NO-GO"),
        (
            "Synthetic messages",
            axes.amount("messages", messages),
            f"seed {run['seed']}" if run else "no run on record",
        ),
        ("Privacy", f"k = {report['pack'].get('k') or '?'}", "people behind every published cell"),
    ]
