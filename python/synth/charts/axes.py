"""Axes a person can read: a time axis says 1 min, a byte axis 1 MB, whatever the scale.

Histograms here span up to nine decades and start at 0, so positions are those of a symmetric
logarithm: linear up to the first positive edge, logarithmic beyond.
"""

import math

# Round amounts of time, and those between them for axes with room.
_SECONDS = (
    (1, "1 s"),
    (60, "1 min"),
    (3600, "1 h"),
    (86400, "1 d"),
    (2592000, "30 d"),
    (31536000, "1 y"),
)
_BETWEEN = ((10, "10 s"), (600, "10 min"), (21600, "6 h"), (604800, "1 wk"))
_LINEAR = ("share", "coefficient")


def is_linear(unit):
    """Whether an axis of this unit is linear: shares and coefficients."""
    return unit in _LINEAR


def said(unit):
    """What an axis of a unit counts; None where its labels say it."""
    return None if unit in ("", "seconds", "minutes", "bytes", "value") else unit


def ticks(unit, low, high, constant, most=7):
    """Tick values and their labels between two values.

    Parameters
    ----------
    unit : str
        As in ``shape_metrics``.
    low, high : float
    constant : float
        Where the axis turns logarithmic.
    most : int
        Ticks at most.

    Returns
    -------
    list of (float, str)
    """
    if is_linear(unit):
        span = high - low or 1
        step = 10 ** math.floor(math.log10(span / 4))
        step *= next(m for m in (1, 2, 2.5, 5, 10) if span / (step * m) <= most - 1)
        first = math.ceil(low / step - 1e-9)
        values = [round(i * step, 10) for i in range(first, math.floor(high / step + 1e-9) + 1)]
        return [(value, f"{value:g}") for value in values]
    if unit in ("seconds", "minutes"):
        scale = 60 if unit == "minutes" else 1
        found = [(value / scale, text) for value, text in sorted(_SECONDS + _BETWEEN)]
        round_ones = {text for _, text in _SECONDS}
    else:
        # Over few decades the powers of ten alone would leave an axis bare.
        steps = (1, 2, 5) if high < 300 * max(low, 1) else (1,)
        values = [step * 10.0**power for power in range(13) for step in steps]
        found = [(value, amount(unit, value)) for value in values]
        round_ones = {text for value, text in found if math.log10(value) % 1 == 0}
    found = [
        (value, text) for value, text in found if max(low, 0) < value <= high or value == low > 0
    ]
    if len(found) > most - 1:
        found = [one for one in found if one[1] in round_ones]
    while len(found) > most - 1:
        # From the end, so that the far tail keeps its label.
        found = found[::-1][::2][::-1]
    if low > 0:
        return found
    # Near 0 there is room for one label only.
    room = position(unit, high, constant) / 10
    return [(0.0, "0"), *(one for one in found if position(unit, one[0], constant) >= room)]


def amount(unit, value):
    """A value with its unit, short: ``12``, ``1.5 k``, ``30 s``, ``2 h``, ``1.2 MB``.

    Parameters
    ----------
    unit : str
    value : float or None

    Returns
    -------
    str
    """
    if value is None:
        return "-"
    if math.isinf(value):
        return "∞"
    if unit == "minutes":
        return amount("seconds", value * 60)
    if unit == "seconds":
        if value == 0:
            return "0"
        if abs(value) < 1:
            return f"{value:.2g} s"
        for size, name in ((86400, "d"), (3600, "h"), (60, "min")):
            if abs(value) >= size:
                return f"{value / size:.3g} {name}"
        return f"{value:.3g} s"
    suffixes = ((1e9, "G"), (1e6, "M"), (1e3, "k"))
    tail = "B" if unit == "bytes" else ""
    if is_linear(unit) or unit in ("ratio", "percent"):
        return f"{value:.3g}"
    for size, name in suffixes:
        if abs(value) >= size * (1 if unit == "bytes" else 10):
            return f"{value / size:.3g} {name}{tail}"
    return f"{value:.4g} {tail}".strip()


def span(unit, lower, upper, discrete):
    """What a bucket holds, in words: ``7``, ``10 to 12``, ``1 min to 2 min``, ``over 1 h``.

    Parameters
    ----------
    unit : str
    lower, upper : float
        Half-open.
    discrete : bool
        Whole numbers, so ``[10, 13)`` is 10 to 12.

    Returns
    -------
    str
    """
    if math.isinf(upper):
        return f"{amount(unit, lower)} and more"
    whole = discrete and lower == int(lower) and upper == int(upper)
    last = upper - 1 if whole else upper
    if last <= lower:
        return amount(unit, lower)
    return f"{amount(unit, lower)} to {amount(unit, last)}"


def is_discrete(unit):
    """Whether the unit counts whole things."""
    return unit not in ("seconds", "minutes", "share", "coefficient", "ratio", "percent")


def first_positive(edges):
    """Smallest positive edge, where the logarithmic part of an axis begins; 1 if there is none."""
    return min((edge for edge in edges if edge > 0 and math.isfinite(edge)), default=1.0)


def position(unit, value, constant):
    """Place of a value on the axis: what the chart's scale makes of it, up to a factor."""
    return value if is_linear(unit) else math.log1p(value / constant)
