"""Turn a spec by what the checks measured: pure, from two shapes to the next spec.

Every parameter that a check names is adjustable by one of a few rules: a mix is multiplied by the
quotients of its shares, a figure moves by its difference, and values of a quantity move to where
the pack has them. A parametric quantity keeps its family while that can follow: a power law whose
p99 is low gets a smaller alpha.
"""

from dataclasses import dataclass, replace

import numpy as np

from synth.spec import compile as tables
from synth.spec import model

# Shares this small say nothing about a quotient.
_LEAST_SHARE = 1e-6
# A quotient of shares or totals, and a shift in the logarithm, may not exceed these in one step.
_MOST_QUOTIENT, _MOST_SHIFT = 20.0, 1.5
# Correlation of successive gaps per unit of memory weight, near small weights.
_MEMORY_PER_WEIGHT = 0.6
# A family keeps a quantity while it leaves at most this part of the wanted shift.
_MOST_RESIDUE = 0.5
_MOST_KNOTS = 400
# What a parameter shapes as well: turned together, the second would answer for the first.
_DOWNSTREAM = {
    "conversations.type": {"conversations.messages", "conversations.members"},
    "conversations.messages": {
        "totals.conversations",
        "totals.users",
        "conversations.members",
        "conversations.senders",
        "conversations.dominance",
        "conversations.tempo",
        "conversations.start_position",
        "messages.activity_gap",
        "messages.gap_memory",
        "messages.weekly_profile",
        "users.conversations_per_user",
        "users.silent_share",
    },
    "conversations.tempo": {"messages.activity_gap", "messages.gap_memory"},
    "conversations.senders": {"conversations.dominance", "users.silent_share"},
    "conversations.members": {"users.conversations_per_user", "conversations.senders"},
    "messages.type": {"messages.content_length"},
}
_GRID = np.concatenate((np.linspace(0.02, 0.98, 49), [0.99, 0.995]))
_SECONDS_PER_MINUTE = 60.0


@dataclass(frozen=True)
class Change:
    """One adjustment.

    Attributes
    ----------
    parameter : str
        Path in the spec.
    what : str
        How it was turned, for people.
    """

    parameter: str
    what: str


@dataclass(frozen=True)
class Sides:
    """The shape that is wanted and the one that came out, both as packs."""

    wanted: object
    found: object


def adjust(spec, sides, parameters, step):
    """Turn the named parameters of a spec.

    Parameters
    ----------
    spec : synth.spec.model.Spec
    sides : Sides
    parameters : iterable of str
        Paths in the spec; one without a rule is left alone.
    step : float
        Part of the way to go, in (0, 1].

    Returns
    -------
    spec : synth.spec.model.Spec
        The same object where nothing was turned.
    changes : list of Change
    """
    changes = []
    asked = [path for path in dict.fromkeys(parameters) if path in RULES]
    depth = {path: sum(path in _DOWNSTREAM.get(above, ()) for above in asked) for path in asked}
    # Should nothing upstream move after all, it is the turn of the rest.
    for path in sorted(asked, key=depth.get):
        section, _, name = path.partition(".")
        if getattr(spec, section) is None:
            continue
        if any(path in _DOWNSTREAM.get(change.parameter, ()) for change in changes):
            continue
        rule = RULES[path]
        before = getattr(getattr(spec, section), name)
        turned = rule(before, sides, step)
        if turned is None:
            continue
        value, what = turned
        part = replace(getattr(spec, section), **{name: value})
        spec = model.replaced(spec, **{section: part})
        changes.append(Change(path, what))
    return spec, changes


def _mix(entity, metric):
    def rule(mix, sides, step):
        wanted, found = (side.shares(entity, metric) for side in (sides.wanted, sides.found))
        known = [name for name in mix.labels if wanted.get(name) and name in found]
        if len(known) < 2:
            return None
        shares = dict(mix.shares)
        for name in known:
            shares[name] *= _quotient(wanted[name], found[name]) ** step
        total = sum(shares.values())
        moved = max(abs(shares[name] / total - mix.shares[name]) for name in shares)
        if moved < _LEAST_SHARE:
            return None
        weights = tuple(shares[name] / total for name in mix.labels)
        return replace(mix, weights=weights), f"shares moved by up to {moved:.3g}"

    return rule


def _quotient(wanted, found):
    quotient = max(wanted, _LEAST_SHARE) / max(found, _LEAST_SHARE)
    return min(max(quotient, 1 / _MOST_QUOTIENT), _MOST_QUOTIENT)


def _figure(entity, metric, *, most=0.999):
    def rule(value, sides, step):
        wanted, found = (side.scalar(entity, metric) for side in (sides.wanted, sides.found))
        if wanted is None or found is None or wanted == found:
            return None
        turned = float(np.clip(value + step * (wanted - found), 0.0, most))
        return (turned, f"{value:.4g} to {turned:.4g}") if turned != value else None

    return rule


def _completeness(values, sides, step):
    wanted, found = (
        side.labelled("users", "profile_completeness") for side in (sides.wanted, sides.found)
    )
    turned = {
        name: float(np.clip(value + step * (wanted[name] - found[name]), 0, 1))
        if wanted.get(name) is not None and found.get(name) is not None
        else value
        for name, value in values.items()
    }
    moved = max(abs(turned[name] - values[name]) for name in values)
    return (turned, f"shares moved by up to {moved:.3g}") if moved else None


def _total(entity):
    def rule(value, sides, step):
        totals = [
            side.total(name)
            for side in (sides.wanted, sides.found)
            for name in (entity, "messages")
        ]
        if not all(totals):
            return None
        quotient = _quotient(totals[0] / totals[1], totals[2] / totals[3]) ** step
        turned = max(1, round(value * quotient))
        return (turned, f"{value:,} to {turned:,}") if turned != value else None

    return rule


def _profile(rates, sides, step):
    """Hours of the day and days of the week, each by its quotient: single hours are noise."""
    week = np.reshape(np.asarray(rates, dtype=float), (7, 24))
    factors = []
    for metric in ("day_of_week", "hour_of_day"):
        both = [side.array("messages", metric) for side in (sides.wanted, sides.found)]
        if None in both or any(None in one for one in both):
            return None
        wanted, found = (np.maximum(np.asarray(one, dtype=float), 1e-4) for one in both)
        factors.append(np.clip(wanted / found, 1 / _MOST_QUOTIENT, _MOST_QUOTIENT) ** step)
    turned = (week * np.outer(*factors)).reshape(-1)
    turned = turned / turned.mean()
    moved = float(np.max(np.abs(turned - week.reshape(-1))))
    return tuple(turned.tolist()), f"rates moved by up to {moved:.3g}"


def _memory(value, sides, step):
    both = [side.scalar("messages", "memory_coefficient") for side in (sides.wanted, sides.found)]
    if None in both:
        return None
    turned = float(np.clip(value + step * (both[0] - both[1]) / _MEMORY_PER_WEIGHT, 0.0, 1.0))
    return (round(turned, 4), f"{value:.4g} to {turned:.4g}") if turned != value else None


def _quantity(entity, metric, *, scale=1.0, least=None):
    """One quantity, or one by segment: by its own histogram where both sides have it, else all."""

    def shift(sides, segment):
        return _shift(sides, entity, metric, segment, scale, least)

    def rule(value, sides, step):
        everywhere = shift(sides, "all")
        if not isinstance(value, dict):
            return None if everywhere is None else _moved(value, everywhere, step)
        turned, notes = {}, []
        for segment, quantity in value.items():
            own = everywhere if segment == "all" else (shift(sides, segment) or everywhere)
            moved = None if own is None else _moved(quantity, own, step)
            turned[segment] = quantity if moved is None else moved[0]
            if moved is not None:
                notes.append(moved[1] if len(value) <= 2 else "")
        if not notes:
            return None
        words = "; ".join(dict.fromkeys(note for note in notes if note))
        return turned, words or f"{len(notes)} segments moved"

    return rule


def _shift(sides, entity, metric, segment, scale, least):
    """``(x, shift)``: by how much the logarithm of a value found at x is off; None if unknown."""
    wanted, found = (
        side.histogram(entity, metric, segment) for side in (sides.wanted, sides.found)
    )
    if wanted is None or found is None:
        return _shift_of_percentiles(sides, entity, metric, segment, scale)
    edges = np.asarray(wanted.edges, dtype=float)
    want = np.asarray(wanted.counts, dtype=float)
    place = np.searchsorted(edges, np.asarray(found.edges[:-1], dtype=float), side="right") - 1
    have = np.bincount(
        np.clip(place, 0, want.size - 1), np.asarray(found.counts, dtype=float), want.size
    )
    if least is not None:
        kept = edges[:-1] >= least
        edges, want, have = np.append(edges[:-1][kept], edges[-1]), want[kept], have[kept]
    if want.size < 2 or not want.sum() > 0 or not have.sum() > 0:
        return None
    if np.isinf(edges[-1]):
        edges[-1] = edges[-2] * 2 + 1
    logs = np.log1p(np.maximum(edges * scale, 0))
    below = [np.append(0.0, np.cumsum(part) / part.sum()) for part in (want, have)]
    grid = np.unique(np.clip(below[1], 0.005, 0.9995))
    at = np.interp(grid, *_rising(below[1], logs))
    shift = np.interp(grid, *_rising(below[0], logs)) - at
    return np.expm1(at), np.clip(shift, -_MOST_SHIFT, _MOST_SHIFT)


def _rising(below, logs):
    """A CDF without its flat parts, so that it can be inverted."""
    keep = np.append(True, np.diff(below) > 0)
    return below[keep], logs[keep]


def _shift_of_percentiles(sides, entity, metric, segment, scale):
    wanted, found = (
        side.quantiles(entity, metric, segment) for side in (sides.wanted, sides.found)
    )
    both = [
        (found[p], wanted[p])
        for p in sorted(set(wanted) & set(found))
        if p < 1 and wanted[p] is not None and found[p] is not None
    ]
    if not both:
        return None
    have, want = np.log1p(np.asarray(both, dtype=float).T * scale)
    return np.expm1(have), np.clip(want - have, -_MOST_SHIFT, _MOST_SHIFT)


def _moved(quantity, shift, step):
    """A quantity whose values were moved, in its own family where that can follow."""
    at, by = shift
    cdf, x = tables.quantile_table(quantity)
    order = np.argsort(at, kind="stable")
    moved_by = step * np.interp(x, at[order], by[order])
    target = np.expm1(np.log1p(np.maximum(x, 0)) + moved_by)
    # Counts keep their smallest value; other values may come nearer to 0.
    least = float(x[0]) if quantity.discrete else 0.0
    target = np.maximum.accumulate(np.maximum(target, least))
    if x[-1] <= 1.0:
        target = np.minimum(target, 1.0)
    size = float(np.sqrt(np.mean(np.interp(_GRID, cdf, moved_by) ** 2)))
    if size < 1e-3:
        return None
    if quantity.distribution != "empirical":
        same = _refitted(quantity, cdf, target, size)
        if same is not None:
            return same
    if cdf.size > _MOST_KNOTS:
        kept = np.unique(np.linspace(0, cdf.size - 1, _MOST_KNOTS).astype(int))
        cdf, target = cdf[kept], target[kept]
    turned = replace(
        quantity,
        distribution="empirical",
        parameters={"x": target.tolist(), "cdf": cdf.tolist()},
        lower=None,
        upper=None,
        goodness_of_fit=None,
        reason="moved by synth loop to where the pack has its values",
    )
    return turned, f"values moved by {size:.1%}"


def _refitted(quantity, cdf, target, size):
    """The same family with the parameters nearest to a quantile function; None if not near."""
    from scipy.optimize import minimize

    names = list(quantity.parameters)
    if not all(isinstance(quantity.parameters[name], int | float) for name in names):
        return None
    wanted = np.log1p(np.maximum(np.interp(_GRID, cdf, target), 0))
    start = np.array([float(quantity.parameters[name]) for name in names])
    spread = np.where(np.abs(start) > 1e-9, np.abs(start), 1.0)

    def candidate(point):
        values = (start + spread * point).tolist()
        return replace(quantity, parameters=dict(zip(names, values, strict=True)))

    def residue(point):
        try:
            with np.errstate(all="ignore"):
                one, x = tables.quantile_table(candidate(point))
                off = np.log1p(np.maximum(np.interp(_GRID, one, x), 0)) - wanted
        except Exception:
            # Parameters outside of the family's domain: as far away as can be.
            return 1e9
        return float(np.sqrt(np.mean(off**2))) if np.all(np.isfinite(off)) else 1e9

    simplex = np.vstack((np.zeros(len(names)), 0.1 * np.eye(len(names))))
    options = {"maxiter": 60 * len(names), "initial_simplex": simplex, "xatol": 1e-4}
    best = minimize(residue, np.zeros(len(names)), method="Nelder-Mead", options=options)
    if not best.fun <= _MOST_RESIDUE * size:
        return None
    turned = replace(candidate(best.x), goodness_of_fit=None, reason="turned by synth loop")
    words = ", ".join(
        f"{name} {quantity.parameters[name]:.4g} to {turned.parameters[name]:.4g}" for name in names
    )
    return turned, words


RULES = {
    "conversations.type": _mix("conversations", "type_distribution"),
    "messages.type": _mix("messages", "type_distribution"),
    "users.device_mix": _mix("users", "device_mix"),
    "attachments.type": _mix("attachments", "type_distribution"),
    "conversations.messages": _quantity("conversations", "messages_per_conversation"),
    "conversations.members": _quantity("conversations", "member_count"),
    "conversations.senders": _quantity("conversations", "distinct_senders"),
    "conversations.dominance": _quantity("conversations", "sender_dominance"),
    "conversations.tempo": _quantity("conversations", "tempo"),
    "conversations.start_position": _quantity("conversations", "start_position"),
    "messages.content_length": _quantity("messages", "content_length"),
    "messages.activity_gap": _quantity("messages", "inter_arrival"),
    "messages.gap_memory": _memory,
    "messages.weekly_profile": _profile,
    "users.username_length": _quantity("users", "username_length"),
    "users.conversations_per_user": _quantity("users", "conversations_per_user"),
    "users.profile_completeness": _completeness,
    "users.silent_share": _figure("users", "silent_share"),
    "users.unattached_share": _figure("users", "unattached_share"),
    "totals.users": _total("users"),
    "totals.conversations": _total("conversations"),
    "totals.empty_conversation_share": _figure("conversations", "empty_share"),
    "read_receipts.read_rate": _figure("read_receipts", "read_rate", most=1.0),
    "read_receipts.per_message": _quantity("read_receipts", "receipts_per_message", least=1),
    "read_receipts.delay_seconds": _quantity(
        "read_receipts", "read_delay", scale=_SECONDS_PER_MINUTE
    ),
    "attachments.per_media_message": _quantity("attachments", "attachments_per_media_message"),
    "attachments.size_bytes": _quantity("attachments", "size_bytes"),
}
