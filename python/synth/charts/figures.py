"""Figures: what is drawn, said twice, as a Vega-Lite specification and as a table of figures.

Every function takes arrays and gives a `Figure`; what it means is in the title and the caption,
what the numbers are in the table, so nothing hangs on seeing colours.
"""

import math

from synth.charts import layers, words
from synth.charts.series import PACK, SYNTHETIC, Figure, cumulated

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def histogram(title, series, unit, *, curves=(), noise=None, caption=""):
    """Overlaid histograms; the area of a bar is its share, on the axis as drawn.

    Parameters
    ----------
    title : str
    series : sequence of Bins
        The first is filled, the others are lines.
    unit : str
        Of the edges.
    curves : sequence of Curve
        Drawn as densities over the same axis.
    noise : float, optional
        Noise floor of the Kolmogorov distance, from which the band around the first follows.
    caption : str

    Returns
    -------
    Figure
    """
    constant, low, high = layers.extent(series, curves)
    parts = []
    length, name = layers.yardstick(unit)
    for number, bins in enumerate(series):
        if noise and number == 0:
            ends = zip(*(layers.honest_range(share, noise) for share in bins.shares), strict=True)
            low_line, high_line = (layers.density(bins, unit, constant, side) for side in ends)
            pairs = zip(low_line, high_line, strict=True)
            parts.append(layers.band([{**a, "y2": b["y"]} for a, b in pairs]))
        points = layers.density(bins, unit, constant)
        parts.append(layers.steps(points, bins.role, filled=number == 0, dash=number > 0))
    for curve in curves:
        points = [
            {"x": (left + right) / 2, "y": length * share / width}
            for left, right, share in layers.pieces(curve)
            if (width := layers.width(unit, left, right, constant)) > 0
        ]
        parts.append(layers.line(points, curve.role, layers.dash_of(curve.role)))
    readouts = words.readouts(series, unit, constant)
    y = {"axis": {"labelExpr": layers.PERCENT, "tickCount": 4} | layers.titled(name)}
    spec = layers.chart([*parts, layers.hover(readouts)], unit, low, high, constant, y=y)
    return Figure(
        title=title,
        caption=caption,
        specs=(spec,),
        alt=words.alt("Histogram", title, series, unit),
        columns=("bucket", *(f">{bins.name}" for bins in series)),
        rows=words.share_rows(series, unit),
        legend=words.legend(series, curves, has_noise=bool(noise)),
    )


def cdf(title, series, unit, *, curves=(), noise=None, caption=""):
    """Cumulative shares, with the band within which two honest samples would differ.

    Parameters
    ----------
    title : str
    series : sequence of Bins
        The band lies around the first.
    unit : str
    curves : sequence of Curve
    noise : float, optional
        Noise floor of the Kolmogorov distance: half the height of the band.
    caption : str

    Returns
    -------
    Figure
    """
    constant, low, high = layers.extent(series, curves)
    parts = []
    sums = [cumulated(bins) for bins in series]
    if noise and sums:
        band = [{"x": x, "y": max(y - noise, 0), "y2": min(y + noise, 1)} for x, y in sums[0]]
        parts.append(layers.band(band))
    for number, (bins, points) in enumerate(zip(series, sums, strict=True)):
        line = [{"x": x, "y": y} for x, y in points]
        parts.append(layers.line(line, bins.role, layers.dash_of(bins.role, number)))
    for curve in curves:
        line = [{"x": x, "y": y} for x, y in zip(curve.x, curve.cdf, strict=True)]
        parts.append(layers.line(line, curve.role, layers.dash_of(curve.role)))
    readouts = words.readouts(series, unit, constant, cumulative=True)
    axis = {"values": [0, 0.25, 0.5, 0.75, 1], "labelExpr": layers.PERCENT}
    y = {"scale": {"domain": [0, 1]}, "axis": axis | layers.titled("share below")}
    spec = layers.chart([*parts, layers.hover(readouts)], unit, low, high, constant, y=y)
    return Figure(
        title=title,
        caption=caption,
        specs=(spec,),
        alt=words.alt("Cumulative distribution", title, series, unit),
        columns=("below", *(f">{bins.name}" for bins in series)),
        rows=words.cumulative_rows(series, unit),
        legend=words.legend(series, curves, has_noise=bool(noise)),
    )


def ccdf(title, series, unit, *, curves=(), noise=None, caption=""):
    """Share of values at or above x, both axes logarithmic: the tail of a distribution.

    Parameters
    ----------
    title : str
    series : sequence of Bins
    unit : str
    curves : sequence of Curve
    noise : float, optional
        Noise floor of the Kolmogorov distance, from which the band around the first follows.
    caption : str

    Returns
    -------
    Figure
    """
    parts, lines = [], []
    for number, bins in enumerate(series):
        line, remaining = [], 1.0
        for lower, share in zip(bins.lower, bins.shares, strict=True):
            if lower > 0 and remaining > 1e-12:
                line.append({"x": lower, "y": remaining})
            remaining -= share
        lines.append(line)
        parts.append(
            layers.line(line, bins.role, layers.dash_of(bins.role, number), has_points=True)
        )
    for curve in curves:
        line = [
            {"x": x, "y": 1 - p}
            for x, p in zip(curve.x, curve.cdf, strict=True)
            if x > 0 and 1 - p > 1e-9
        ]
        lines.append(line)
        parts.append(layers.line(line, curve.role, layers.dash_of(curve.role)))
    points = [point for line in lines for point in line]
    low = min((point["x"] for point in points), default=1)
    high = max((point["x"] for point in points), default=10)
    bottom = min((point["y"] for point in points), default=0.1)
    decades = range(math.floor(math.log10(bottom)), 1)
    y = {
        "scale": {"type": "log", "domain": [10.0 ** decades[0], 1]},
        "axis": layers.labelled([(10.0**d, f"{10.0**d * 100:.3g} %") for d in decades])
        | layers.titled("share at least that large"),
    }
    if noise and lines:
        ends = [(point["x"], *layers.honest_range(point["y"], noise)) for point in lines[0]]
        floor = 10.0 ** decades[0]
        band = [{"x": x, "y": max(a, floor), "y2": max(b, floor)} for x, a, b in ends]
        parts.insert(0, layers.band(band))
    readouts = words.readouts(series, unit, low, cumulative=True, complement=True)
    spec = layers.chart(
        [*parts, layers.hover([one for one in readouts if one["x"] > 0])],
        unit, low, max(high, low * 1.01), low, y=y, scale="log",
    )  # fmt: skip
    return Figure(
        title=title,
        caption=caption,
        specs=(spec,),
        alt=words.alt("Tail on logarithmic axes", title, series, unit),
        columns=("at least", *(f">{bins.name}" for bins in series)),
        rows=words.cumulative_rows(series, unit, complement=True),
        legend=words.legend(series, curves, has_noise=bool(noise)),
    )


def bars(title, labels, series, *, roles=(PACK, SYNTHETIC), caption="", percent=True):
    """Bars side by side for each label.

    Parameters
    ----------
    title : str
    labels : sequence of str
    series : dict
        Name to values, one for each label; None where there is none.
    roles : sequence of str
        Colour of each series.
    caption : str
    percent : bool
        Values are shares.

    Returns
    -------
    Figure
    """
    show = words.percent if percent else words.plain
    values = [
        {"label": label, "name": name, "role": role, "y": value or 0.0,
         "text": f"{label}, {name}: {show(value)}"}
        for (name, column), role in zip(series.items(), roles, strict=False)
        for label, value in zip(labels, column, strict=True)
    ]  # fmt: skip
    spec = layers.base() | {
        "data": {"values": values},
        "height": {"step": 13 if len(series) > 1 else 20},
        "mark": {"type": "bar", "cornerRadiusEnd": 2, "ariaRoleDescription": "value"},
        "encoding": {
            "y": {"field": "label", "type": "nominal", "sort": None, "title": None,
                  "axis": {"labelLimit": 130, "ticks": False, "domain": False},
                  "scale": {"paddingInner": 0.25}},
            "yOffset": {"field": "name", "sort": None},
            "x": {"field": "y", "type": "quantitative", "title": None,
                  "axis": {"labelExpr": layers.PERCENT, "tickCount": 3} if percent
                  else {"format": "~s", "tickCount": 3}},
            "color": layers.colour(roles),
            "description": {"field": "text"},
        },
    }  # fmt: skip
    if len(series) == 1:
        del spec["encoding"]["yOffset"]
    rows = tuple(
        (str(label), *(show(column[place]) for column in series.values()))
        for place, label in enumerate(labels)
    )
    return Figure(
        title=title,
        caption=caption,
        specs=(spec,),
        alt=f"Bars: {title}. " + "; ".join(one["text"] for one in values[:8]),
        columns=("", *(f">{name}" for name in series)),
        rows=rows,
        legend=tuple((name, f"{role} block") for name, role in zip(series, roles, strict=False)),
    )


def profile(title, labels, series, *, roles=(PACK, SYNTHETIC), caption="", noise=None):
    """Shares by hour or weekday: the first filled, the others as lines.

    Parameters
    ----------
    title : str
    labels : sequence of str
    series : dict
        Name to shares.
    roles : sequence of str
    caption : str
    noise : sequence of float, optional
        Half-width of the band around the first series, for each label.

    Returns
    -------
    Figure
    """
    parts = []
    for number, ((_, column), role) in enumerate(zip(series.items(), roles, strict=False)):
        points = [{"x": x, "y": y} for x, y in layers.stair(column)]
        if number == 0 and noise is not None:
            low = layers.stair([max(y - n, 0) for y, n in zip(column, noise, strict=True)])
            high = layers.stair([y + n for y, n in zip(column, noise, strict=True)])
            parts.append(
                layers.band(
                    [{"x": x, "y": a, "y2": b} for (x, a), (_, b) in zip(low, high, strict=True)]
                )
            )
        parts.append(layers.line(points, role, layers.dash_of(role, number), filled=number == 0))
    readouts = []
    for place, label in enumerate(labels):
        shown = words.sides(series, [words.percent(column[place]) for column in series.values()])
        readouts.append({"x": place, "x2": place + 1, "text": f"{label}: {shown}"})
    every = max(1, math.ceil(len(labels) / 8))
    ticked = [(place + 0.5, str(label)) for place, label in enumerate(labels) if place % every == 0]
    spec = layers.base() | {
        "height": layers.HEIGHT,
        "layer": [*parts, layers.hover(readouts)],
        "encoding": {
            "x": {"field": "x", "type": "quantitative", "title": None,
                  "scale": {"domain": [0, len(labels)], "nice": False}, "sort": None,
                  "axis": layers.labelled(ticked)},
            "y": {"field": "y", "type": "quantitative", "stack": None,
                  "axis": {"labelExpr": layers.PERCENT, "tickCount": 4}
                  | layers.titled("share of all")},
        },
    }  # fmt: skip
    legend = tuple(zip(series, roles, strict=False))
    return Figure(
        title=title,
        caption=caption,
        specs=(spec,),
        alt=f"Profile: {title}, {', '.join(series)}",
        columns=("", *(f">{name}" for name in series)),
        rows=tuple(
            (str(label), *(words.percent(column[place]) for column in series.values()))
            for place, label in enumerate(labels)
        ),
        legend=(*legend, words.NOISE) if noise is not None else legend,
    )


def heat_maps(title, series, *, caption=""):
    """Hour-of-week maps side by side, on one scale of colour.

    Parameters
    ----------
    title : str
    series : dict
        Name to 168 shares, Monday 00:00 first.
    caption : str

    Returns
    -------
    Figure
    """
    highest = max((max(column) for column in series.values()), default=0) or 1
    specs = []
    for name, column in series.items():
        values = [
            {"day": _DAYS[hour // 24], "hour": hour % 24, "share": share,
             "text": f"{_DAYS[hour // 24]} {hour % 24}:00, {name}: {words.percent(share, 2)}"}
            for hour, share in enumerate(column)
        ]  # fmt: skip
        specs.append(
            layers.base() | {
                "data": {"values": values},
                "width": 540,
                "height": 7 * 24,
                "title": {"text": name, "anchor": "start", "color": "var(--ink)",
                          "fontSize": 12, "fontWeight": 600, "offset": 6},
                "mark": {"type": "rect", "color": "var(--heat)", "cornerRadius": 1.5,
                         "ariaRoleDescription": "value"},
                "encoding": {
                    "x": {"field": "hour", "type": "ordinal", "title": None,
                          "scale": {"paddingInner": 0.08},
                          "axis": {"values": [0, 6, 12, 18, 23], "labelAngle": 0,
                                   "labelExpr": "datum.label + ' h'",
                                   "ticks": False, "domain": False}},
                    "y": {"field": "day", "type": "nominal", "sort": list(_DAYS), "title": None,
                          "scale": {"paddingInner": 0.08},
                          "axis": {"ticks": False, "domain": False}},
                    "fillOpacity": {"field": "share", "type": "quantitative", "legend": None,
                                    "scale": {"domain": [0, highest], "range": [0.04, 1]}},
                    "description": {"field": "text"},
                },
            }
        )  # fmt: skip
    rows = []
    for name, column in series.items():
        for day in range(7):
            part = column[day * 24 : day * 24 + 24]
            quarters = (words.percent(sum(part[start : start + 6])) for start in (0, 6, 12, 18))
            rows.append((name, _DAYS[day], words.percent(sum(part)), *quarters))
    return Figure(
        title=title,
        caption=f"{caption} The strongest colour is {words.percent(highest)} of a week.".strip(),
        specs=tuple(specs),
        alt=f"Heat maps by hour and weekday: {title}; " + ", ".join(map(_busiest, series.items())),
        columns=("", "day", ">all", ">0-5 h", ">6-11 h", ">12-17 h", ">18-23 h"),
        rows=tuple(rows),
        is_wide=True,
    )


def _busiest(side):
    name, column = side
    hour = max(range(len(column)), key=column.__getitem__, default=0)
    return (
        f"{name} is busiest {_DAYS[hour // 24]} {hour % 24}:00 with {words.percent(column[hour])}"
    )
