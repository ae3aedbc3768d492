"""Conversations: types, sizes, members, senders, tempo."""

from dataclasses import replace

import numpy as np

from synth.calibrate import sources, tempo
from synth.calibrate.hints import adapted
from synth.calibrate.sources import SECONDS_PER_DAY
from synth.fit import atoms, empirical
from synth.fit.choose import MAX_MEAN_ERROR
from synth.fit.evidence import Evidence
from synth.spec import compile as tables
from synth.spec import model, segments

SIZE_FAMILIES = (
    "log_normal",
    "power_law",
    "weibull",
    "geometric",
    "negative_binomial",
)
# Slow to fit, so for all conversations together only.
RICH_FAMILIES = (
    "double_pareto_lognormal",
    "tempered_power_law",
    "log_normal_mixture",
    "hurdle_log_normal",
    "hurdle_negative_binomial",
)
# Beyond this size a class of shares is fine enough to be taken for continuous.
_LARGEST_EXACT = 16
# Types that stand for the size classes where a pack has only these.
_TYPE_OF_SIZE = {
    "one_to_one": "DIRECT_MESSAGE",
    "small_group": "GROUP_CHAT",
    "large_group": "CHANNEL",
}


def types(pack, default, ledger):
    """Mix of conversation types.

    Parameters
    ----------
    pack : synth.pack.model.Pack
    default : synth.spec.model.Spec
    ledger : synth.calibrate.ledger.Ledger

    Returns
    -------
    synth.spec.model.Categorical
    """
    path = "conversations.type"
    shares = _positive(pack.shares("conversations", "type_distribution"))
    if shares:
        n = pack.n_rows("conversations", "type_distribution")
        return ledger.mix(path, shares, "type distribution", n=n)
    sizes = _positive(pack.shares("conversations", "size_mix"))
    if sizes and set(sizes) <= set(_TYPE_OF_SIZE):
        named = {_TYPE_OF_SIZE[name]: share for name, share in sizes.items()}
        return ledger.mix(path, named, "size mix", source="derived")
    return ledger.default(path, default.conversations.type)


def _positive(shares):
    return {name: share for name, share in shares.items() if share and share > 0}


def empty_share(pack, default, ledger):
    """Share of conversations without a message in the window.

    Parameters
    ----------
    pack : synth.pack.model.Pack
    default : synth.spec.model.Spec
    ledger : synth.calibrate.ledger.Ledger

    Returns
    -------
    float
    """
    path = "totals.empty_conversation_share"
    value = pack.scalar("conversations", "empty_share")
    if value is not None:
        return ledger.figure(path, min(value, 0.999), "empty_share")
    histogram = pack.histogram("conversations", "messages_per_conversation")
    if histogram is not None and histogram.edges[0] < 1 and histogram.edges[1] <= 1:
        share = min(histogram.counts[0] / sum(histogram.counts), 0.999)
        return ledger.figure(path, share, "the bucket of 0 messages")
    if pack.has("conversations") and pack.total("messages") and pack.total("conversations"):
        # Hand-written percentiles are over the conversations that have messages; without a
        # word about the others there are none to speak of.
        return ledger.figure(path, 0.0, "not mentioned beside the totals", source="derived")
    return ledger.default(path, default.totals.empty_conversation_share)


def calibrate(pack, default, ledger, window, mix, empty):
    """Section ``conversations`` of the spec.

    Parameters
    ----------
    pack : synth.pack.model.Pack
    default : synth.spec.model.Spec
    ledger : synth.calibrate.ledger.Ledger
    window : synth.spec.model.Window
    mix : synth.spec.model.Categorical
        Conversation types.
    empty : float
        Share of empty conversations.

    Returns
    -------
    synth.spec.model.Conversations
    """
    span = window.days * SECONDS_PER_DAY
    start = sources.evidence(pack, "conversations", "start_position")
    return model.Conversations(
        type=mix,
        messages=_messages(pack, default, ledger, empty),
        members=_counted(
            pack, default, ledger, "members", marginal="member_count", joint="members_by_size"
        ),
        senders=_counted(
            pack, default, ledger, "senders", marginal="distinct_senders", joint="senders_by_size"
        ),
        dominance=_dominance(pack, default, ledger),
        tempo=_tempo(pack, default, ledger, span),
        start_position=(
            ledger.default("conversations.start_position", default.conversations.start_position)
            if start.is_empty
            else ledger.fit("conversations.start_position", sources.of_shares(start), ())
        ),
    )


def _messages(pack, default, ledger, empty):
    path = "conversations.messages"
    messages, conversations = pack.total("messages"), pack.total("conversations")
    mean = None
    if messages and conversations:
        mean = messages / max(conversations * (1.0 - empty), 1.0)
        if mean < 1:
            ledger.notes.append(
                f"{path}: {messages} messages are fewer than the {conversations} conversations "
                "said to have one; the mean is not used"
            )
            mean = None
    found = {}
    options = {"discrete": True, "lower": 1}
    metric = ("conversations", "messages_per_conversation")
    evidences = sources.segments(pack, *metric, **options)
    means = {"all": mean, **(_type_means(evidences, mean) if mean else {})}
    for segment in evidences:
        families = (*SIZE_FAMILIES, *RICH_FAMILIES) if segment == "all" else SIZE_FAMILIES
        one = sources.evidence(pack, *metric, segment, mean=means.get(segment), **options)
        found[segment] = ledger.fit(path, one, families, segment=segment)
    if not found:
        hints = sources.evidence(pack, *metric, mean=mean, **options)
        what = "messages / conversations" if mean else ""
        if hints.has_hints:
            standard = default.conversations.messages["all"]
            return {"all": adapted(ledger, path, standard, hints, what=what)}
        return ledger.default(path, default.conversations.messages)
    if "all" in found and mean is not None:
        reached = tables.table_mean(*tables.quantile_table(found["all"]), discrete=True)
        if abs(reached / mean - 1) > MAX_MEAN_ERROR:
            ledger.notes.append(
                f"{path}: the totals say {mean:.4g} messages a conversation, histogram and "
                f"percentiles allow {reached:.4g}; the latter is used"
            )
    return found


def _type_means(evidences, mean):
    """Mean of each type, so that all types together have the mean of the totals.

    The pack has histograms by type, whose wide last buckets leave room; what is missing to the
    known mean is shared out in proportion to that room.
    """
    types = {
        name: one for name, one in evidences.items() if name != "all" and one.edges is not None
    }
    if not types:
        return {}
    plain, room, weight = {}, {}, {}
    for name, one in types.items():
        highest = one.edges[-1] if np.isfinite(one.edges[-1]) else (one.top or one.edges[-2] * 4)
        upper = np.append(one.edges[1:-1], max(highest, one.edges[-2] + 1)) - 1
        share = one.counts / one.counts.sum()
        plain[name] = empirical.mean_of_knots(*empirical.spline(one), discrete=True)
        room[name] = float(np.sum(share * (upper - one.edges[:-1])))
        weight[name] = float(one.counts.sum())
    total = sum(weight.values())
    missing = mean - sum(plain[name] * weight[name] for name in types) / total
    spread = sum(room[name] * weight[name] for name in types) / total
    if spread <= 0:
        return {}
    return {name: plain[name] + missing * room[name] / spread for name in types}


def _counted(pack, default, ledger, name, *, marginal, joint):
    path = f"conversations.{name}"
    options = {"discrete": True, "lower": 1}
    plain = sources.segments(pack, "conversations", marginal, **options)
    classes = sources.joint(pack, "conversations", joint, marginal=marginal, **options)
    if not plain and not classes:
        return ledger.default(path, getattr(default.conversations, name))
    if "all" not in plain:
        plain = {"all": sources.pooled(classes or plain), **plain}
    if name == "senders":
        classes = _exact_senders(classes, _fractions(pack))
    return ledger.joint(path, {**plain, **classes})


def _dominance(pack, default, ledger):
    path = "conversations.dominance"
    plain = sources.evidence(pack, "conversations", "sender_dominance")
    classes = sources.joint(
        pack, "conversations", "dominance_by_size_senders", marginal="sender_dominance"
    )
    found = {} if plain.edges is None else {"all": plain}
    found |= classes
    if not found:
        return ledger.default(path, default.conversations.dominance)
    if "all" not in found:
        found = {"all": sources.pooled(classes), **found}
    fractions = _fractions(pack)
    # Of two tables for a size the generator would take one by the order of their names.
    smooth = {
        key: sources.of_shares(one)
        for key, one in found.items()
        if not _is_replaced(segments.parse(key).ranges, fractions)
    }
    exact = {
        f"size_{n}_{n + 1}.senders_{senders[0]:.6g}_{senders[1]:.6g}": Evidence(
            *histogram, n=float(histogram[1].sum()), lower=0.0
        )
        for (senders, n), histogram in fractions.items()
    }
    return ledger.joint(path, smooth | exact)


def _is_replaced(ranges, fractions):
    low, high = ranges.get("size", (0, 0))
    return any(senders == ranges.get("senders") and low <= n < high for senders, n in fractions)


def _exact_senders(classes, fractions):
    """Classes of a few small sizes, each size by itself: larger rooms have more senders.

    How the senders of a class share out among its sizes is seen in the fractions that the
    busiest sender's share takes.
    """
    known = {}
    for (senders, n), (_, counts) in fractions.items():
        known.setdefault(n, {})[senders] = float(counts.sum())
    found = dict(classes)
    for segment, one in classes.items():
        ranges = segments.parse(segment).ranges
        low, high = ranges.get("size", (1, np.inf))
        if high > _LARGEST_EXACT or high - low < 2 or one.edges is None:
            continue
        sizes = range(int(low), int(high))
        del found[segment]
        for n in sizes:
            share = [_share_of_size(known, sizes, n, edge) for edge in one.edges[:-1]]
            counts = np.where(one.edges[:-1] <= n, one.counts * share, 0.0)
            if counts.sum() > 0:
                key = segment.replace(f"size_{low:.6g}_{high:.6g}", f"size_{n}_{n + 1}")
                found[key] = replace(one, counts=counts, n=float(counts.sum()))
    return found


def _share_of_size(known, sizes, n, senders):
    """Part of a class's conversations with so many senders that have n messages."""
    if senders > n:
        return 0.0
    each = {
        size: sum(
            count for (low, high), count in known.get(size, {}).items() if low <= senders < high
        )
        for size in sizes
        if senders <= size
    }
    total = sum(each.values())
    return each[n] / total if total > 0 else 1.0 / len(each)


def _fractions(pack):
    """Dominance of small conversations, each size by itself: there only few fractions occur.

    Returns
    -------
    dict
        ``((senders from, to), n)`` to ``(edges, counts)``.
    """
    names, classes = [], []
    for segment, histogram in pack.histograms("conversations", "dominance_by_size_senders").items():
        ranges = segments.parse(segment).ranges
        if not {"size", "senders"} <= set(ranges) or ranges["size"][1] > _LARGEST_EXACT:
            continue
        names.append(ranges["senders"])
        classes.append(
            atoms.ShareClass(
                sizes=tuple(int(edge) for edge in ranges["size"]),
                senders=ranges["senders"],
                edges=np.asarray(histogram.edges, dtype=float),
                counts=np.asarray(histogram.counts, dtype=float),
            )
        )
    found = atoms.split(
        classes,
        pack.histogram("conversations", "sender_dominance"),
        _size_weights(pack.histogram("conversations", "messages_per_conversation")),
    )
    return {(names[place], n): histogram for (place, n), histogram in found.items()}


def _size_weights(histogram):
    """How frequent conversations of n messages are, relative to each other."""
    if histogram is None:
        return lambda n: 1.0
    edges = np.asarray(histogram.edges, dtype=float)
    density = np.asarray(histogram.counts, dtype=float) / np.diff(edges)

    def weight(n):
        place = np.searchsorted(edges, n, side="right") - 1
        return float(density[place]) if 0 <= place < density.size else 0.0

    return weight


def _tempo(pack, default, ledger, span):
    path = "conversations.tempo"
    classes = tempo.classes(pack, span)
    if not classes:
        return ledger.default(path, default.conversations.tempo)
    return ledger.joint(path, {"all": sources.pooled(classes), **classes})
