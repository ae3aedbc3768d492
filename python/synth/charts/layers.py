"""Vega-Lite pieces that the figures share. Colours are CSS variables: a page's theme sets them."""

import json
import math

from synth.charts import axes
from synth.charts.series import PACK, SYNTHETIC, end

WIDTH, HEIGHT = 360, 200
# 99 of 100 honest draws lie within so many standard deviations, and so does the largest distance
# of two distribution functions within so many of its own.
_Z, _Z_KS = 2.576, 1.628
# Vega's own percent format sets no space.
PERCENT = "format(datum.value * 100, '.3~g') + ' %'"


def base():
    """What every chart has."""
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "width": WIDTH,
        "padding": {"left": 2, "right": 12, "top": 6, "bottom": 2},
        # As wide as that with its labels, so that letters have one size in all charts of a page.
        "autosize": {"type": "fit-x", "contains": "padding"},
    }


def extent(series, curves):
    """Constant of the axis, and its two ends."""
    edges = [edge for bins in series for edge in (*bins.lower, *bins.upper)]
    edges = [edge for edge in edges if math.isfinite(edge)]
    # Empty buckets at the far end would squeeze the rest into a corner.
    held = [
        end(lower, upper)
        for bins in series
        for lower, upper, weight in zip(bins.lower, bins.upper, bins.weight, strict=True)
        if weight > 0
    ]
    held += [curve.x[-1] for curve in curves if not series]
    edges += [x for curve in curves for x in curve.x if not series]
    low, high = min(edges, default=0.0), max(held, default=1.0)
    return axes.first_positive(edges), low, max(high, low + 1e-9)


def width(unit, lower, upper, constant):
    """Width of a bucket on the axis."""
    return axes.position(unit, upper, constant) - axes.position(unit, lower, constant)


def yardstick(unit):
    """Stretch of the axis that a histogram's heights are shares of, and its name."""
    return (0.1, "share per 0.1") if axes.is_linear(unit) else (math.log(2), "share per doubling")


def density(bins, unit, constant, shares=None):
    """Outline of a histogram: heights are shares over widths on the axis.

    Parameters
    ----------
    bins : synth.charts.series.Bins
    unit : str
    constant : float
        Where the axis turns logarithmic.
    shares : sequence of float, optional
        Of the buckets; default the histogram's own.

    Returns
    -------
    list of dict
        ``x`` and ``y``, the share of a stretch as long as the `yardstick`.
    """
    points, last = [], None
    length, _ = yardstick(unit)
    shares = bins.shares if shares is None else shares
    for lower, upper, share in zip(bins.lower, bins.upper, shares, strict=True):
        stop = end(lower, upper)
        if last is not None and lower > last:
            points += [{"x": last, "y": 0.0}, {"x": lower, "y": 0.0}]
        height = length * share / width(unit, lower, stop, constant)
        if not points:
            points.append({"x": lower, "y": 0.0})
        points += [{"x": lower, "y": height}, {"x": stop, "y": height}]
        last = stop
    return [*points, {"x": last, "y": 0.0}] if points else []


def honest_range(share, noise):
    """Shares between which an honest sample's would lie, by the noise floor of the KS distance."""
    half = _Z * noise / _Z_KS * math.sqrt(max(share * (1 - share), 0))
    return max(share - half, 0.0), min(share + half, 1.0)


def pieces(curve):
    """Successive stretches of a curve and what each holds."""
    for place in range(len(curve.x) - 1):
        yield curve.x[place], curve.x[place + 1], curve.cdf[place + 1] - curve.cdf[place]


def stair(column):
    """Corners of a step line."""
    return [
        point for place, y in enumerate(column) for point in ((place, y), (place + 1, y))
    ]  # fmt: skip


def steps(points, role, *, filled, dash):
    """A histogram's outline, the first one filled."""
    return line(points, role, dash_of(role, int(dash)), filled=filled)


def line(points, role, dash, *, filled=False, has_points=False):
    """A line, or an area with a line on top."""
    colour = f"var(--{role})"
    mark = {"interpolate": "linear", "aria": False, "strokeJoin": "round", "color": colour}
    if filled:
        edge = {"color": colour, "strokeWidth": 1.5}
        mark |= {"type": "area", "fillOpacity": 0.2, "line": edge}
    else:
        # The first line is broad, so that it shows below one that covers it.
        width = 1.75 if dash[1] else 3.5
        mark |= {"type": "line", "strokeWidth": width, "strokeDash": dash}
        mark |= {} if dash[1] else {"strokeOpacity": 0.7}
    if has_points:
        mark["point"] = {"color": colour, "size": 12, "filled": True}
    return {"data": {"values": points}, "mark": mark}


def band(points):
    """The noise floor."""
    return {
        "data": {"values": points},
        "mark": {"type": "area", "color": "var(--noise)", "fillOpacity": 0.35, "aria": False},
        "encoding": {"y2": {"field": "y2"}},
    }


def hover(readouts):
    """Invisible strips, one a bucket, that say what it holds."""
    return {
        "data": {"values": readouts},
        "mark": {"type": "rect", "fillOpacity": 0, "color": "var(--ink)",
                 "ariaRoleDescription": "value"},
        "encoding": {
            "x": {"field": "x", "type": "quantitative"},
            "x2": {"field": "x2"},
            "y": {"value": 0},
            "y2": {"value": "height"},
            "description": {"field": "text"},
        },
    }  # fmt: skip


def dash_of(role, number=1):
    """Dash pattern: series differ without colours too."""
    return [1, 0] if number == 0 or role == PACK else [5, 2] if role == SYNTHETIC else [2, 2]


def colour(roles):
    """Colours by role."""
    return {
        "field": "role",
        "type": "nominal",
        "legend": None,
        "scale": {"domain": list(roles), "range": [f"var(--{role})" for role in roles]},
    }


def titled(text):
    """An axis title above the axis, where it needs no turning of the head."""
    return {"title": text, "titleAngle": 0, "titleAlign": "left", "titleAnchor": "end",
            "titleBaseline": "bottom", "titleX": -30, "titleY": -8}  # fmt: skip


def chart(layers, unit, low, high, constant, *, y, scale=None):
    """Layers over an axis of a unit."""
    x_scale = {"domain": [low, high], "nice": False, "zero": False, "clamp": True}
    if scale:
        x_scale["type"] = scale
    elif not axes.is_linear(unit):
        x_scale |= {"type": "symlog", "constant": constant}
    return base() | {
        "height": HEIGHT,
        "layer": layers,
        "encoding": {
            "x": {"field": "x", "type": "quantitative", "scale": x_scale, "sort": None,
                  "axis": labelled(axes.ticks(unit, low, high, constant))
                  | {"title": axes.said(unit), "titleAnchor": "end", "titlePadding": 4}},
            "y": {"field": "y", "type": "quantitative", "stack": None, **y},
        },
    }  # fmt: skip


def labelled(ticked):
    """An axis with ticks of our own."""
    return {
        "values": [value for value, _ in ticked],
        "labelExpr": _lookup(ticked),
        "labelOverlap": "greedy",
        "grid": True,
    }


def _lookup(ticked):
    expression = "''"
    for value, text in reversed(ticked):
        near = max(abs(value) * 1e-6, 1e-12)
        word = json.dumps(text, ensure_ascii=True)
        expression = f"abs(datum.value - {value!r}) <= {near!r} ? {word} : {expression}"
    return expression
