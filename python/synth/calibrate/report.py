"""The tables and the JSON document of a calibration."""

import math

import numpy as np

from synth.calibrate import rhythm

_SOURCES = {"fitted": "pack", "derived": "derived", "default": "default", "absent": "none"}
COLUMNS = ("quantity", "choice", "estimate", ">95 % interval", ">KS", "source", "rests on")
# Never broken: names that people copy into a spec.
WHOLE = ("quantity", "choice")
RHYTHM_COLUMNS = ("rhythm of a small sample", ">pack", ">as fitted", ">corrected")


def rows(lines):
    """Cells of the table, a row for each parameter.

    Parameters
    ----------
    lines : sequence of synth.calibrate.ledger.Line

    Returns
    -------
    list of tuple
        As in ``COLUMNS``.
    """
    found = []
    for line in lines:
        parameters = _parameters(line)
        first = parameters[0] if parameters else ("", "")
        known = "" if line.n is None else f"n {line.n:,.0f}"
        found.append(
            (
                line.name,
                line.choice or None,
                *first,
                None if line.ks is None else f"{line.ks:.4f}",
                _SOURCES[line.source],
                "; ".join(part for part in (line.evidence, known, line.reason) if part),
            )
        )
        found.extend(("", "", *one, "", "", "") for one in parameters[1:])
    return found


def _parameters(line):
    if line.choice == "categorical":
        shares = ", ".join(f"{name} {share:.3g}" for name, share in line.parameters.items())
        return [(shares, "")]
    shown = []
    for name, value in line.parameters.items():
        text = f"{value:.4g}" if isinstance(value, float) else f"{value:,}"
        low, high = line.intervals.get(name, (None, None))
        # A plain number has the name of its place.
        label = "" if line.choice == "number" else f"{name} "
        shown.append((label + text, "" if low is None else f"{low:.4g} to {high:.4g}"))
    return shown


def exponents(calibration):
    """Power-law exponents beside what was chosen, one line each.

    Parameters
    ----------
    calibration : synth.calibrate.run.Calibration

    Returns
    -------
    list of str
    """
    from synth.fit.binned import ratio_alpha

    found = []
    for name, evidence, fit, alternatives in calibration.fits:
        ratio = ratio_alpha(evidence.quantiles)
        law = next((one for one in (fit, *alternatives) if one.name == "power_law"), None)
        if ratio is None or law is None:
            continue
        alpha, interval = law.parameters["alpha"], law.intervals.get("alpha")
        shown = f" ({interval[0]:.3f} to {interval[1]:.3f})" if interval else ""
        found.append(
            f"{name}: power-law exponent {ratio:.2f} by the ratio of p99 to p50, "
            f"{alpha:.2f}{shown} by maximum likelihood, KS {law.ks:.3f}"
        )
    return found


def rhythm_rows(correction):
    """What looking ahead found, a row for each statistic.

    Parameters
    ----------
    correction : synth.calibrate.rhythm.Correction

    Returns
    -------
    list of tuple
        As in ``RHYTHM_COLUMNS``.
    """
    return [
        (name, *(None if value is None else f"{value:.3f}" for value in values))
        for name, values in _rhythm(correction).items()
    ]


STRUCTURE_COLUMNS = ("structure", ">pack", ">spec")


def structure_rows(figures):
    """What follows from several parts together, a row for each figure.

    Parameters
    ----------
    figures : dict
        Name to the pack's and the spec's.

    Returns
    -------
    list of tuple
        As in ``STRUCTURE_COLUMNS``.
    """
    return [
        (name, *(None if value is None else f"{value:.4g}" for value in values))
        for name, values in figures.items()
    ]


def _rhythm(correction):
    sides = (correction.wanted, correction.before, correction.after)
    found = {
        name: [getattr(side, key) for side in sides]
        for name, key in (
            ("burstiness B, pooled", "burstiness"),
            ("memory coefficient", "memory"),
            ("messages per session", "session_size"),
        )
    }
    found["gap inside a session, median s"] = [_median(side.gaps, 0.0) for side in sides]
    found["gap between sessions, median s"] = [
        _median(side.gaps, rhythm.SESSION_SECONDS) for side in sides
    ]
    found["A_n per conversation, mean"] = [_mean(side.burstiness_by_conversation) for side in sides]
    for name, key in (
        ("gaps, distance to the pack (TVD)", "gaps"),
        ("A_n, distance to the pack (TVD)", "burstiness_by_conversation"),
        ("hour of week, distance to the pack (TVD)", "hour_of_week"),
    ):
        wanted = getattr(correction.wanted, key)
        if wanted is not None:
            found[name] = [None, *(rhythm.distance(getattr(s, key), wanted) for s in sides[1:])]
    return {name: values for name, values in found.items() if values != [None] * 3}


def _median(shares, start):
    """Median of the gaps up to an hour, or of those from an hour on."""
    if shares is None:
        return None
    edges, weights = shares
    edges = np.where(np.isfinite(edges), edges, 1e9)
    below = np.append(0.0, np.cumsum(weights))
    split = float(np.interp(rhythm.SESSION_SECONDS, edges, below))
    low, high = (split, 1.0) if start else (0.0, split)
    return float(np.interp((low + high) / 2, below, edges)) if high > low else None


def _mean(shares):
    if shares is None:
        return None
    edges, weights = shares
    return float((weights * (edges[1:] + edges[:-1]) / 2).sum())


def summary(lines):
    """How many parts come from where; segments of a part count once.

    Parameters
    ----------
    lines : sequence of synth.calibrate.ledger.Line

    Returns
    -------
    dict
        Source to number of parts.
    """
    parts = {line.path: line.source for line in lines}
    return {name: list(parts.values()).count(name) for name in _SOURCES}


def payload(calibration, path):
    """Body of the JSON document.

    Parameters
    ----------
    calibration : synth.calibrate.run.Calibration
    path : path-like
        Where the spec was written.

    Returns
    -------
    dict
    """
    source = calibration.spec.source
    found = calibration.rhythm
    return {
        "spec": str(path),
        "pack_sha256": source.pack_sha256,
        "fitted": list(source.fitted),
        "derived": list(source.derived),
        "defaulted": list(source.defaulted),
        "absent": [line.path for line in calibration.lines if line.source == "absent"],
        "what_if": list(source.what_if),
        "notes": list(calibration.notes),
        "exponents": exponents(calibration),
        "structure": {
            name: {"pack": _number(known), "spec": _number(made)}
            for name, (known, made) in calibration.structure.items()
        },
        "tails": {name: _tail(tail) for name, tail in calibration.tails.items()},
        "rhythm": None
        if found is None
        else {
            name: dict(zip(("pack", "fitted", "corrected"), map(_number, values), strict=True))
            for name, values in _rhythm(found).items()
        },
        "quantities": [_plain(line) for line in calibration.lines],
    }


def _tail(tail):
    return {
        "alpha": tail.alpha,
        "standard_error": tail.standard_error,
        "interval": list(tail.interval),
        "xmin": tail.xmin,
        "n_tail": tail.n_tail,
        "ks": tail.ks,
        "p_value": tail.p_value,
    }


def tail_lines(tails):
    """Power-law tails and their p-values, one line each.

    Parameters
    ----------
    tails : dict
        Name to ``synth.fit.tail.Tail``.

    Returns
    -------
    list of str
    """
    return [
        f"{name}: tail from {tail.xmin:,.6g} on ({tail.n_tail:,.0f} values), alpha "
        f"{tail.alpha:.3f} ({tail.interval[0]:.3f} to {tail.interval[1]:.3f}), KS {tail.ks:.4f}, "
        f"p {tail.p_value:.3f}: {'no' if tail.p_value < _IMPLAUSIBLE else 'plausible as a'} "
        "power law"
        for name, tail in tails.items()
    ]


# Clauset, Shalizi, Newman (2009), section 4.1.
_IMPLAUSIBLE = 0.1


def _number(value):
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _plain(line):
    return {
        "path": line.name,
        "source": line.source,
        "evidence": line.evidence,
        "distribution": line.choice or None,
        "parameters": {key: _number(value) for key, value in line.parameters.items()},
        "standard_errors": {key: _number(value) for key, value in line.standard_errors.items()},
        "intervals": {key: list(map(_number, ends)) for key, ends in line.intervals.items()},
        "ks": _number(line.ks),
        "n": _number(line.n),
        "reason": line.reason,
        "alternatives": [
            {"distribution": one.name, "ks": _number(one.ks), "aic": one.aic, "bic": one.bic}
            for one in line.alternatives
        ],
    }
