"""The spec as a table people read: what each quantity is like, and where it comes from."""

import re

from synth.charts import axes
from synth.report import facts

# A class of size, senders or tempo in a path.
JOINT = re.compile(r"(^|\.)(size|senders|tempo)_\d")
_UNITS = {
    "activity_gap": "seconds",
    "tempo": "seconds",
    "delay_seconds": "seconds",
    "size_bytes": "bytes",
}
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_ORIGINS = {"fitted": "pack", "derived": "derived", "defaulted": "default"}
# Longer lists are said by their ends.
_LONG = 8


def groups(spec):
    """Rows of a spec, by part.

    Parameters
    ----------
    spec : dict

    Returns
    -------
    list of (str, list of tuple of str)
        Name of the part, and for each quantity its path within, its distribution, the same in
        figures, KS distance of the fit, observations and origin.
    """
    origin = _origins(spec.get("source"))
    made = {}
    for path, value in _leaves(facts.ordered(spec), ""):
        part, _, name = path.partition(".")
        if part == "source":
            continue
        rows = made.setdefault(part if name else "spec", [])
        rows.append((name or path, *_row(path, value), origin(path)))
    return list(made.items())


def _row(path, value):
    if not isinstance(value, dict) or "distribution" not in value:
        return "", plain(path, value), "-", "-"
    fit = value.get("goodness_of_fit") or {}
    distance, size = fit.get("ks"), fit.get("n")
    return (
        str(value["distribution"]).replace("_", " "),
        figures(value, unit_of(path)),
        "-" if distance is None else f"{distance:.3f}",
        "-" if size is None else f"{size:,}",
    )


def figures(quantity, unit=""):
    """The parameters of a quantity in words.

    Parameters
    ----------
    quantity : dict
        With ``distribution`` and ``parameters``.
    unit : str
        Of the values, where it is one of time or bytes.

    Returns
    -------
    str
    """
    given = quantity.get("parameters") or {}
    name = quantity["distribution"]
    if name == "categorical" and {"labels", "weights"} <= given.keys():
        total = sum(given["weights"]) or 1
        pairs = sorted(zip(given["weights"], given["labels"], strict=False), reverse=True)
        return ", ".join(f"{label} {weight / total * 100:.3g} %" for weight, label in pairs)
    if name == "empirical" and {"x", "cdf"} <= given.keys():
        return _knots(given["x"], given["cdf"], unit)
    if name == "mixture" and {"components", "weights"} <= given.keys():
        parts = zip(given["weights"], given["components"], strict=False)
        return " + ".join(
            f"{weight * 100:.3g} % {str(one['distribution']).replace('_', ' ')} "
            f"({figures(one, unit)})"
            for weight, one in parts
        )
    return ", ".join(f"{key} {number(value)}" for key, value in given.items())


def unit_of(path):
    """Unit of a quantity's values where they need one: seconds or bytes."""
    return next((unit for part in path.split(".") if (unit := _UNITS.get(part))), "")


def _knots(x, cdf, unit):
    """An empirical distribution by its median, its tail and its ends."""
    said = []

    def word(value):
        return axes.amount(unit, value) if unit else number(value)

    for probability, words in ((0.5, "half below"), (0.9, "90 % below"), (0.99, "99 % below")):
        place = next((at for at, p in enumerate(cdf) if p >= probability), None)
        if place:
            low, high = cdf[place - 1], cdf[place]
            share = (probability - low) / (high - low) if high > low else 1
            said.append(f"{words} {word(x[place - 1] + share * (x[place] - x[place - 1]))}")
    if x:
        said.append(f"from {word(x[0])} to {word(x[-1])}, {len(x)} knots")
    return ", ".join(said)


def plain(path, value):
    """What is no distribution: a figure, a date, or the weekly profile by its ends."""
    if path.endswith("weekly_profile") and isinstance(value, list) and len(value) == 168:
        high, low = (value.index(end(value)) for end in (max, min))
        mean = sum(value) / 168 or 1
        return ", ".join(
            f"{word} {_DAYS[hour // 24]} {hour % 24}:00 ({value[hour] / mean:.2g} times the mean)"
            for word, hour in (("busiest", high), ("quietest", low))
        )
    return number(value)


def number(value):
    """A plain value, short."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 10_000 else f"{value:.4g}"
    if isinstance(value, list):
        if len(value) > _LONG:
            return f"{len(value)} values"
        return ", ".join(map(number, value)) or "none"
    return "-" if value is None else str(value)


def _origins(source):
    source = source or {}
    known = {path: word for key, word in _ORIGINS.items() for path in source.get(key) or [] if path}

    def origin(path):
        parts = path.split(".")
        found = (known.get(".".join(parts[:end])) for end in range(len(parts), 0, -1))
        return next(filter(None, found), "")

    return origin


def _leaves(value, path):
    """Quantities and plain values below a path, joint classes of one quantity as one."""
    if not isinstance(value, dict) or "distribution" in value or not value:
        yield path, value
        return
    joint = [key for key in value if JOINT.search(key)]
    for key, member in value.items():
        if key not in joint:
            yield from _leaves(member, f"{path}.{key}" if path else key)
    if joint:
        yield f"{path}, by class", f"{len(joint)} distributions by size, senders or tempo"
