"""What if: named parameters of a spec one can turn, ``heavy_rooms.share=0.4``.

Each turns one thing and keeps the others, totals that follow from it excepted.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from synth.errors import BadInput
from synth.spec import compile as tables
from synth.spec import model, turn, validation

HEAVY_TOP = 0.02


@dataclass(frozen=True)
class Knob:
    """One parameter.

    Attributes
    ----------
    name, meaning : str
    low, high : float
        Open interval its value must lie in.
    turn : callable
        ``turn(spec, value) -> Spec``.
    """

    name: str
    meaning: str
    low: float
    high: float
    turn: Callable


def apply(spec, assumptions):
    """Turn parameters of a spec, one after the other.

    Parameters
    ----------
    spec : synth.spec.model.Spec
    assumptions : sequence of str
        Each ``NAME=VALUE``.

    Returns
    -------
    synth.spec.model.Spec
        With the assumptions recorded in ``source.what_if``.

    Raises
    ------
    BadInput
        Unknown name, no number, a value out of range or out of reach, a name twice.
    """
    seen = []
    for text in assumptions:
        knob, value = _parsed(text)
        if knob.name in seen:
            raise BadInput(f"--what-if {knob.name} is given twice")
        seen.append(knob.name)
        spec = knob.turn(spec, value)
    known = tuple(one for one in spec.source.what_if if one.partition("=")[0] not in seen)
    source = replace(spec.source, what_if=(*known, *assumptions))
    return model.replaced(spec, source=source)


def _parsed(text):
    name, sign, number = text.partition("=")
    name = name.strip()
    if name not in KNOBS:
        raise BadInput(
            f"--what-if: unknown parameter {name[:60]!r}", hint=f"known: {', '.join(KNOBS)}"
        )
    knob = KNOBS[name]
    try:
        value = float(number)
    except ValueError:
        value = math.nan
    if not sign or not knob.low < value < knob.high:
        raise BadInput(
            f"--what-if {name} must be a number between {knob.low:g} and {knob.high:g}, "
            f"got {number[:40]!r}",
            hint=f"for example {name}={(knob.low + min(knob.high, knob.low + 1)) / 2:g}",
        )
    return knob, value


def heavy_share(spec):
    """Share of the messages in the busiest 2 % of the conversations that have any.

    Parameters
    ----------
    spec : synth.spec.model.Spec

    Returns
    -------
    float
    """
    quantities, weights = sizes(spec)
    return float(turn.share_of_top(quantities, weights, HEAVY_TOP)[0])


def sizes(spec):
    """Messages per conversation as the generator draws them, by type.

    Parameters
    ----------
    spec : synth.spec.model.Spec

    Returns
    -------
    quantities : list of synth.spec.model.Quantity
    weights : list of float
    """
    return _sizes(spec)[1:]


def _sizes(spec):
    """Sizes by conversation type as the generator looks them up: keys, quantities, weights."""
    messages, mix = spec.conversations.messages, spec.conversations.type
    keys = {kind: kind if kind in messages else "all" for kind in mix.labels}
    keys = {kind: key for kind, key in keys.items() if key in messages}
    if not keys:
        keys = dict.fromkeys(mix.labels, next(iter(messages)))
    weights = {}
    for kind, key in keys.items():
        weights[key] = weights.get(key, 0.0) + mix.shares[kind]
    return list(weights), [messages[key] for key in weights], list(weights.values())


def _with_sizes(spec, keys, quantities):
    """Replace sizes; conversations follow from messages, users from conversations."""
    messages = {**spec.conversations.messages, **dict(zip(keys, quantities, strict=True))}
    if len(keys) > 1 and "all" in messages and "all" not in keys:
        # Nobody draws from it any more; what is left would contradict the types.
        del messages["all"]
    turned = model.replaced(spec, conversations=replace(spec.conversations, messages=messages))
    _, quantities, weights = _sizes(turned)
    mean = sum(w * _mean(q) for w, q in zip(weights, quantities, strict=True)) / sum(weights)
    totals = spec.totals
    number = max(round(totals.messages / mean / (1.0 - totals.empty_conversation_share)), 1)
    users = max(round(totals.users * number / totals.conversations), 1)
    return model.replaced(turned, totals=replace(totals, conversations=number, users=users))


def _mean(quantity):
    return tables.table_mean(*tables.quantile_table(quantity), discrete=quantity.discrete)


def _heavy_share(spec, value):
    keys, quantities, weights = _sizes(spec)
    most = float(validation.MOST_ROWS)
    bent = turn.with_heavier_top(quantities, weights, value, top=HEAVY_TOP, most=most)
    return _with_sizes(spec, keys, bent)


def _largest_room(spec, value):
    keys, quantities, _ = _sizes(spec)
    cut = [turn.cut(quantity, value) for quantity in quantities]
    if None in cut:
        raise BadInput(f"--what-if heavy_rooms.largest: no conversation is as small as {value:g}")
    return _with_sizes(spec, keys, cut)


def _room_mean(spec, value):
    keys, quantities, weights = _sizes(spec)
    now = sum(w * _mean(q) for w, q in zip(weights, quantities, strict=True)) / sum(weights)
    moved = [
        _stretched(quantity, max(_mean(quantity) * value / now, 1.0), 1.0, validation.MOST_ROWS)
        for quantity in quantities
    ]
    return _with_sizes(spec, keys, moved)


def _stretched(quantity, mean, lower, most):
    moved = turn.with_mean(quantity, mean, lower=lower, most=float(most))
    if moved is None:
        raise BadInput(f"--what-if: a mean of {mean:g} is out of reach for this distribution")
    return moved


def _shares(mix, label, value, path):
    """A mix with one label's share set, the others scaled."""
    rest = 1.0 - mix.shares.get(label, 0.0)
    if rest <= 0:
        raise BadInput(f"--what-if {path}: the mix has no other type to take the rest")
    shares = {
        name: value if name == label else share / rest * (1.0 - value)
        for name, share in {label: 0.0, **mix.shares}.items()
    }
    kept = {name: share for name, share in shares.items() if share > 0}
    return model.Categorical(tuple(kept), tuple(kept.values()), observed=mix.observed)


def _one_to_one(spec, value):
    mix = _shares(spec.conversations.type, "DIRECT_MESSAGE", value, "conversations.one_to_one")
    turned = model.replaced(spec, conversations=replace(spec.conversations, type=mix))
    keys, quantities, _ = _sizes(turned)
    return _with_sizes(turned, keys, quantities)


def _media(spec, value):
    mix = _shares(spec.messages.type, "TEXT", 1.0 - value, "messages.media_ratio")
    return model.replaced(spec, messages=replace(spec.messages, type=mix))


def _length(spec, value):
    lengths = spec.messages.content_length
    now = _mean(lengths.get("all") or next(iter(lengths.values())))
    moved = {
        key: _stretched(one, _mean(one) * value / now, 0.0, validation.MOST_CHARACTERS)
        for key, one in lengths.items()
    }
    return model.replaced(spec, messages=replace(spec.messages, content_length=moved))


def _with_week(spec, week):
    flat = (week / week.mean()).reshape(-1)
    return model.replaced(spec, messages=replace(spec.messages, weekly_profile=tuple(flat)))


def _peak_trough(spec, value):
    week = np.reshape(spec.messages.weekly_profile, (7, 24))
    hours = np.maximum(week.sum(axis=0), 1e-9)
    if not hours.max() > hours.min() * (1 + 1e-9):
        raise BadInput("--what-if messages.peak_trough: a flat day has no peak to raise")
    power = math.log(value) / math.log(hours.max() / hours.min())
    return _with_week(spec, week * (hours / hours.max()) ** (power - 1.0))


def _weekday_weekend(spec, value):
    week = np.reshape(spec.messages.weekly_profile, (7, 24)).copy()
    now = week[:5].mean() / max(week[5:].mean(), 1e-9)
    week[:5] *= value / now
    return _with_week(spec, week)


def _memory(spec, value):
    return model.replaced(spec, messages=replace(spec.messages, gap_memory=value))


def _receipts(spec, name):
    if spec.read_receipts is None:
        raise BadInput(f"--what-if {name}: this spec has no read receipts")
    return spec.read_receipts


def _read_rate(spec, value):
    receipts = _receipts(spec, "read_receipts.read_rate")
    return model.replaced(spec, read_receipts=replace(receipts, read_rate=value))


def _readers(spec, value):
    receipts = _receipts(spec, "read_receipts.per_message")
    moved = _stretched(receipts.per_message, value, 1.0, validation.MOST_ROWS)
    return model.replaced(spec, read_receipts=replace(receipts, per_message=moved))


def _delay(spec, value):
    receipts = _receipts(spec, "read_receipts.median_delay")
    cdf, x = tables.quantile_table(receipts.delay_seconds)
    now = float(np.interp(0.5, cdf, x))
    if not now > 0:
        raise BadInput("--what-if read_receipts.median_delay: the median is 0 and stays it")
    moved = np.minimum(x * (value / now), validation.MOST_SECONDS)
    delays = turn.of_table(cdf, moved, discrete=False)
    return model.replaced(spec, read_receipts=replace(receipts, delay_seconds=delays))


def _attached(spec, value):
    if spec.attachments is None:
        raise BadInput("--what-if attachments.per_media_message: this spec has no attachments")
    part = spec.attachments
    moved = _stretched(part.per_media_message, value, 0.0, validation.MOST_ATTACHED)
    return model.replaced(spec, attachments=replace(part, per_media_message=moved))


def _degree(spec, value):
    users, totals = spec.users, spec.totals
    now = _mean(users.conversations_per_user)
    moved = _stretched(users.conversations_per_user, value, 1.0, validation.MOST_ROWS)
    # As many memberships, on fewer or more people.
    number = max(round(totals.users * now / value), 1)
    return model.replaced(
        spec,
        users=replace(users, conversations_per_user=moved),
        totals=replace(totals, users=number),
    )


def _silent(spec, value):
    return model.replaced(spec, users=replace(spec.users, silent_share=value))


def _unattached(spec, value):
    return model.replaced(spec, users=replace(spec.users, unattached_share=value))


KNOBS = {
    knob.name: knob
    for knob in (
        Knob(
            "heavy_rooms.share",
            "share of all messages in the busiest 2 % of the conversations",
            0,
            1,
            _heavy_share,
        ),
        Knob(
            "heavy_rooms.largest",
            "messages of the largest conversation",
            1,
            validation.MOST_ROWS,
            _largest_room,
        ),
        Knob(
            "conversations.mean_messages",
            "mean number of messages of a conversation that has any",
            1,
            1e6,
            _room_mean,
        ),
        Knob("conversations.one_to_one", "share of DIRECT_MESSAGE", 0, 1, _one_to_one),
        Knob("messages.media_ratio", "share of messages that are not TEXT", 0, 1, _media),
        Knob("messages.mean_length", "mean length of the content, characters", 0, 1e6, _length),
        Knob(
            "messages.peak_trough", "busiest over quietest hour of the day", 1, 1000, _peak_trough
        ),
        Knob("messages.weekday_weekend", "weekday over weekend day", 0.01, 1000, _weekday_weekend),
        Knob("messages.gap_memory", "weight of the previous gap's draw", -1e-9, 1, _memory),
        Knob("read_receipts.read_rate", "share of messages read at least once", 0, 1, _read_rate),
        Knob("read_receipts.per_message", "mean readers of a read message", 1, 1e4, _readers),
        Knob("read_receipts.median_delay", "median delay, seconds", 0, 1e7, _delay),
        Knob(
            "attachments.per_media_message", "mean attachments a media message", 0, 100, _attached
        ),
        Knob("users.conversations_per_user", "mean of those in any", 1, 1e5, _degree),
        Knob("users.silent_share", "share of users who never write", 0, 1, _silent),
        Knob("users.unattached_share", "share of users in no conversation", 0, 1, _unattached),
    )
}
