"""The page of fits: what was published, what was chosen, what was not."""

import numpy as np

from synth import charts
from synth.fit import distribution

_UNITS = {
    "users.username_length": "characters",
    "users.conversations_per_user": "conversations",
    "conversations.messages": "messages",
    "conversations.start_position": "share",
    "messages.content_length": "characters",
    "messages.activity_gap": "seconds",
    "read_receipts.per_message": "receipts",
    "read_receipts.delay_seconds": "seconds",
    "attachments.per_media_message": "attachments",
    "attachments.size_bytes": "bytes",
}
_CURVE_POINTS = 160
_TOO_MANY = 40


def page(calibration, *, source):
    """Write the page.

    Parameters
    ----------
    calibration : synth.calibrate.run.Calibration
    source : str
        What was calibrated, for the heading.

    Returns
    -------
    str
        HTML, self-contained.
    """
    sections = [_section(*fit) for fit in calibration.fits[:_TOO_MANY]]
    sections.append(_time(calibration))
    known = sum(line.source in ("fitted", "derived") for line in calibration.lines)
    default = sum(line.source == "default" for line in calibration.lines)
    return charts.page(
        title="Calibration",
        subtitle=f"{source}: {known} lines from the pack, {default} from the default spec",
        sections=[one for one in sections if one is not None],
        footer="Shares and figures of the pack and of the fits; no rows.",
    )


def _section(name, evidence, fit, alternatives):
    unit = _UNITS.get(_path(name), "value")
    bins = _bins(evidence)
    rival = next((one for one in alternatives if one.name != fit.name), None)
    curves = [_curve(f"{fit.name} (chosen)", _made(fit), evidence)]
    if rival is not None:
        curves.append(_curve(rival.name, rival.made, evidence, role=charts.OTHER))
    shown = ", ".join(
        f"{key} {value:.4g}" + (f" ({low:.4g} to {high:.4g})" if ends else "")
        for key, value in fit.parameters.items()
        for ends in [fit.intervals.get(key)]
        for low, high in [ends or (0, 0)]
    )
    lead = f"{fit.name}: {shown}; KS {fit.ks:.4f}."
    tail = "Straight where the tail is a power law."
    figures = [
        charts.histogram(f"{name}: histogram", bins, unit, curves=curves),
        charts.cdf(f"{name}: cumulative", bins, unit, curves=curves),
    ]
    if unit != "share":
        figures.append(charts.ccdf(f"{name}: tail", bins, unit, curves=curves, caption=tail))
    return charts.Section(name, tuple(figures), lead)


def _path(name):
    return ".".join(name.split(".")[:2])


def _bins(evidence):
    edges, shares = evidence.cells
    if np.isneginf(edges[0]):
        edges, shares = edges[1:], shares[1:]
    bins = charts.Bins(
        "pack", tuple(edges[:-1].tolist()), tuple(edges[1:].tolist()), tuple(shares.tolist())
    )
    return [bins]


def _made(fit):
    name, parameters = fit.form
    return distribution.make(
        name, parameters, lower=fit.lower, upper=fit.upper, discrete=fit.discrete
    )


def _curve(name, made, evidence, role=charts.FIT):
    edges = evidence.cells[0]
    low = float(edges[0])
    ends = [float(edges[-2]) * 10 if np.isinf(edges[-1]) else float(edges[-1])]
    if np.isfinite(made.upper):
        ends.append(made.upper)
    high = min(ends)
    start = max(low, high / 1e9, 1e-9)
    even = np.linspace(low, max(high, start), _CURVE_POINTS)
    x = np.concatenate((even, np.geomspace(start, max(high, start * 1.01), _CURVE_POINTS)))
    if made.discrete:
        x = np.unique(np.round(x))
    x = np.unique(x)
    return charts.Curve(name, tuple(x.tolist()), tuple(made.cdf(x).tolist()), role)


def _time(calibration):
    """Hour of week beside the pack's, and the gaps before and after looking ahead."""
    week = np.asarray(calibration.spec.messages.weekly_profile, dtype=float)
    found = calibration.rhythm
    maps = {"spec": (week / week.sum()).tolist()}
    figures = []
    if found is not None and found.wanted.hour_of_week is not None:
        maps = {"pack": found.wanted.hour_of_week.tolist(), **maps}
        maps["small sample"] = found.after.hour_of_week.tolist()
    figures.append(charts.heat_maps("hour of week", maps))
    if found is not None and found.wanted.gaps is not None and found.after.gaps is not None:
        series = []
        for label, part, role in (
            ("pack", found.wanted.gaps, charts.PACK),
            ("small sample", found.after.gaps, charts.SYNTHETIC),
        ):
            edges, shares = part
            series.append(
                charts.Bins(
                    label,
                    tuple(edges[:-1].tolist()),
                    tuple(edges[1:].tolist()),
                    tuple(shares.tolist()),
                    role,
                )
            )
        figures.append(charts.histogram("gaps between messages", series, "seconds"))
        figures.append(charts.ccdf("gaps between messages", series, "seconds"))
    lead = "The small sample is generated from the spec with the draws of the server."
    return charts.Section("Time", tuple(figures), lead if found is not None else "")
