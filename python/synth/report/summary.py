"""The validation in plain words, for someone who has two minutes."""

from synth.charts import axes

_EFFECTS = {
    "ks": "largest gap between the two cumulative curves",
    "tvd": "share of the data in the wrong place",
    "cramers v": "strength of the difference of the mixes",
    "relative error": "relative error",
    "relative share error": "relative error of the worst share",
    "absolute error": "difference",
    "wasserstein log": "mean distance on the log scale",
    "jensen shannon": "Jensen-Shannon distance",
    "tail ratio": "factor between the tails",
}


def verdict_line(validation):
    """One sentence on what the verdict means."""
    if validation.is_go and not _missed(validation, "FAIL"):
        return (
            "Close enough to production to stand in for it in index and load tests: nothing that "
            "was compared fails."
        )
    if validation.is_go:
        return (
            "Close enough to production for index and load tests: what misses is listed below, "
            "and none of it stops a run by itself."
        )
    blocking = [check for check in validation.checks if check.is_blocking]
    if blocking:
        names = _names(blocking)
        return f"Do not rely on this database yet: {names} {_are(blocking)} off, and critical."
    return "Do not rely on this database yet: too many figures differ from production."


def points(validation):
    """What happened, in a few sentences, each with its figures.

    Parameters
    ----------
    validation : synth.report.evidence.Validation

    Returns
    -------
    list of str
    """
    report = validation.report
    counts, headline = report["counts"], report["headline"]
    compared = counts["pass"] + counts["warn"] + counts["fail"]
    said = [
        f"{counts['pass']} of {compared} comparisons agree with production; "
        f"{_count(counts['warn'])} worth a look, {counts['fail'] or 'none'} "
        f"{'fail' if counts['fail'] > 1 else 'fails'}. Of the headline tests, "
        f"{headline['passed']} of {headline['total']} pass."
    ]
    said.append(_what_was_compared(validation))
    missed = [*_missed(validation, "FAIL"), *_missed(validation, "WARN")]
    for check in missed[:3]:
        said.append(f"{check.title.capitalize()} {_off(check)}.")
    if len(missed) > 3:
        said.append(f"{len(missed) - 3} more miss their margin; all are in the table of checks.")
    advised = next((c for c in missed if c.advice and not _is_undecided(c)), None)
    if advised:
        said.append(f"First thing to change: {advised.advice}.")
    said += _limits(validation)
    return said


def amount(check, value):
    """A figure of a check, with the unit its effect has."""
    if value is None:
        return "-"
    if "relative" in check.effect_name:
        return f"{value * 100:,.0f} %" if value >= 10 else f"{value * 100:.3g} %"
    return f"{value:.3g}"


def effect_words(name):
    """What an effect measures, in words; its name where there are none."""
    return _EFFECTS.get(name, name)


def _what_was_compared(validation):
    report, run = validation.report, validation.run
    pack = report["pack"]
    days = (
        f"{pack['window_days']} days" if pack.get("window_days") else "a window of unknown length"
    )
    until = f" to {pack['as_of']}" if pack.get("as_of") else ""
    made = (
        f"run {run['run_id']} ({run['n_messages']:,} messages, seed {run['seed']})"
        if run
        else f"the tables of schema {report['schema']}, which no run on record made"
    )
    real = validation.total("baseline", "messages")
    size = f" ({real:,.0f} messages)" if real else ""
    return f"Compared: {made}, with a pack of {days}{until}{size}."


def _missed(validation, verdict):
    return [check for check in validation.checks if check.verdict == verdict]


def _is_undecided(check):
    return None not in (check.effect, check.margin) and check.effect <= check.margin


def _off(check):
    if check.effect is None:
        return "is in the pack and absent from the synthetic side"
    if _is_undecided(check):
        return (
            f"is undecided: it differs by {amount(check, check.effect)} "
            f"({effect_words(check.effect_name)}), {amount(check, check.margin)} is allowed, and "
            "the samples are too small to be sure"
        )
    return (
        f"is off by {amount(check, check.effect)} ({effect_words(check.effect_name)}) where "
        f"{amount(check, check.margin)} is allowed"
    )


def _limits(validation):
    said = []
    skipped = _missed(validation, "SKIP")
    if skipped:
        said.append(
            f"Not compared: {_names(skipped)}. The table of checks says why; nothing is known "
            "about these."
        )
    sample = validation.sample("effective_conversations", "conversations")
    if sample and sample[0] < 500:
        said.append(
            f"The sample is small: the pack has the weight of about {sample[0]:,.0f} conversations "
            "of equal size, so only large differences can be told from chance."
        )
    if validation.report["pack"].get("is_unsigned"):
        said.append("The pack is not signed: nobody vouched for what left the boundary.")
    return said


def _names(checks, most=4):
    names = [check.title for check in checks[:most]]
    more = f" and {len(checks) - most} more" if len(checks) > most else ""
    return ", ".join(names) + more


def _count(number):
    return f"{number or 'none'} {'are' if number > 1 else 'is'}"


def _are(checks):
    return "is" if len(checks) == 1 else "are"


def tiles(validation):
    """Figures for the row below the verdict: ``(title, value, note)``."""
    report = validation.report
    counts, headline = report["counts"], report["headline"]
    run = validation.run or {}
    messages = validation.total("synthetic", "messages")
    return [
        ("Headline tests", f"{headline['passed']} / {headline['total']}", headline["verdict"]),
        (
            "All checks",
            f"{counts['pass']} pass",
            f"{counts['warn']} warn, {counts['fail']} fail, {counts['skip']} not compared",
        ),
        ("Critical failures", str(counts["critical_fail"]), "any of them means NO-GO"),
        (
            "Synthetic messages",
            axes.amount("messages", messages),
            f"seed {run['seed']}" if run else "no run on record",
        ),
        ("Privacy", f"k = {report['pack'].get('k') or '?'}", "people behind every published cell"),
    ]
