"""Messages, read receipts and attachments."""

import numpy as np

from synth.calibrate import sources, tempo
from synth.calibrate.hints import adapted
from synth.calibrate.profile import weekly_profile
from synth.calibrate.sources import SECONDS_PER_DAY
from synth.fit.evidence import Evidence, collect
from synth.spec import model

LENGTH_FAMILIES = ("log_normal", "weibull", "negative_binomial")
DELAY_FAMILIES = (
    "log_normal",
    "weibull",
    "exponential",
    "double_pareto_lognormal",
    "log_normal_mixture",
)
COUNT_FAMILIES = (
    "geometric",
    "shifted_negative_binomial",
    "log_normal",
    "power_law",
    "geometric_mixture",
    "hurdle_negative_binomial",
)
# Slow to fit, so for all types together only.
RICH_FAMILIES = ("double_pareto_lognormal", "log_normal_mixture")
GAP_FAMILIES = ("log_normal", "weibull", "log_normal_mixture")
SIZE_FAMILIES = ("log_normal", "weibull", "double_pareto_lognormal")
# The activity profile of a pack is measured with this exponent (docs/architecture.md).
ACTIVITY_EXPONENT = 0.75
_SECONDS_PER_MINUTE = 60.0
# Strongest correlation of successive sums of two draws, where both weigh the same.
MOST_MEMORY = 0.5
# Gaps of one to four seconds that make the lack of some between one and two tell something.
_LEAST_AROUND = 20


def messages(pack, default, ledger, window):
    """Section ``messages`` of the spec.

    Parameters
    ----------
    pack : synth.pack.model.Pack
    default : synth.spec.model.Spec
    ledger : synth.calibrate.ledger.Ledger
    window : synth.spec.model.Window

    Returns
    -------
    synth.spec.model.Messages
    """
    gaps, exponent, memory = _gaps(pack, default, ledger, window)
    return model.Messages(
        type=_types(pack, default, ledger),
        content_length=_lengths(pack, default, ledger),
        activity_gap=gaps,
        weekly_profile=_profile(pack, default, ledger, window),
        activity_exponent=exponent,
        start_exponent=default.messages.start_exponent,
        time_resolution=_resolution(pack, default, ledger),
        gap_memory=memory,
    )


def _types(pack, default, ledger):
    path = "messages.type"
    shares = pack.shares("messages", "type_distribution")
    shares = {name: share for name, share in shares.items() if share}
    if shares:
        n = pack.n_rows("messages", "type_distribution")
        return ledger.mix(path, shares, "type distribution", n=n)
    ratio = pack.scalar("messages", "media_ratio")
    if ratio is None or not 0 <= ratio <= 1:
        return ledger.default(path, default.messages.type)
    known = default.messages.type.shares
    media = 1.0 - known["TEXT"]
    shares = {
        name: 1.0 - ratio if name == "TEXT" else share / media * ratio
        for name, share in known.items()
    }
    shares = {name: share for name, share in shares.items() if share > 0}
    return ledger.mix(path, shares, "media ratio over the default types", source="derived")


def _lengths(pack, default, ledger):
    path = "messages.content_length"
    found = sources.segments(pack, "messages", "content_length", discrete=True, lower=0)
    if not found:
        hints = sources.evidence(pack, "messages", "content_length", discrete=True, lower=0)
        if hints.has_hints:
            return {"all": adapted(ledger, path, default.messages.content_length["all"], hints)}
        return ledger.default(path, default.messages.content_length)
    return {
        segment: ledger.fit(
            path,
            one,
            (*LENGTH_FAMILIES, *(RICH_FAMILIES if segment == "all" else ())),
            segment=segment,
        )
        for segment, one in found.items()
    }


def _gaps(pack, default, ledger, window):
    path, at = "messages.activity_gap", "messages.activity_exponent"
    span = window.days * SECONDS_PER_DAY
    classes = sources.joint(
        pack,
        "messages",
        "activity_gap",
        marginal="activity_inter_arrival",
        log_ranges=tempo.log_ranges(pack),
        top=span,
    )
    if classes:
        exponent = ledger.figure(at, ACTIVITY_EXPONENT, "as the pack measures activity time")
        memory = _gap_memory(pack, ledger, classes)
        return ledger.joint(path, {"all": sources.pooled(classes), **classes}), exponent, memory
    exponent = ledger.default(at, default.messages.activity_exponent)
    marginal = sources.evidence(pack, "messages", "inter_arrival")
    if marginal.is_empty:
        gaps = ledger.default(path, default.messages.activity_gap)
        return gaps, exponent, default.messages.gap_memory
    # Without classes every conversation draws from one histogram; the tempo then says nothing.
    top = min(marginal.top or span, span)
    return {"all": ledger.fit(path, marginal.with_top(top), GAP_FAMILIES)}, exponent, 0.0


def _gap_memory(pack, ledger, classes):
    """Weight of the previous draw that adds to the classes' memory what the pack measures.

    Successive log gaps of a class have the correlation ``w / (1 + w^2)`` when each draw is the
    sum of a uniform number and w times the one before; classes of different tempo add the share
    of the variance that lies between them.
    """
    path = "messages.gap_memory"
    target = pack.scalar("messages", "memory_coefficient")
    if target is None:
        return ledger.figure(path, 0.0, "no memory coefficient", source="derived")
    means, variances, weights = [], [], []
    for one in classes.values():
        edges = np.minimum(one.edges, one.top or one.edges[-2] * 2 + 1)
        middle = (np.log1p(edges[:-1]) + np.log1p(edges[1:])) / 2
        share = one.counts / one.counts.sum()
        means.append(np.sum(share * middle))
        variances.append(np.sum(share * middle**2) - means[-1] ** 2)
        weights.append(one.counts.sum())
    share = np.array(weights) / np.sum(weights)
    between = np.sum(share * np.array(means) ** 2) - np.sum(share * np.array(means)) ** 2
    within = np.sum(share * np.array(variances))
    if within <= 0:
        return ledger.figure(path, 0.0, "gaps do not vary within classes", source="derived")
    wanted = float(np.clip((target * (between + within) - between) / within, 0.0, MOST_MEMORY))
    weight = 0.0 if wanted < 1e-3 else (1 - np.sqrt(1 - 4 * wanted**2)) / (2 * wanted)
    return ledger.figure(path, round(float(weight), 4), "memory coefficient beyond the classes'")


def _resolution(pack, default, ledger):
    """One second where no gap lies between one second and two, though some lie around."""
    path = "messages.time_resolution"
    histogram = pack.histogram("messages", "inter_arrival")
    if histogram is None:
        # The finest there is claims nothing.
        return default.messages.time_resolution
    edges, counts = np.asarray(histogram.edges), np.asarray(histogram.counts, dtype=float)
    between = (edges[:-1] > 1) & (edges[1:] < 2)
    around = (edges[:-1] >= 1) & (edges[1:] < 4) & ~between
    if between.any() and not counts[between].sum() and counts[around].sum() >= _LEAST_AROUND:
        return ledger.figure(path, 1.0, "no gap between 1 s and 2 s")
    return ledger.figure(path, default.messages.time_resolution, "gaps between 1 s and 2 s")


def _profile(pack, default, ledger, window):
    path = "messages.weekly_profile"
    rates, evidence = weekly_profile(
        pack.array("messages", "hour_of_week"),
        pack.array("messages", "hour_of_day"),
        pack.array("messages", "day_of_week"),
        window=window,
        default=default.messages.weekly_profile,
        n=pack.n_rows("messages", "hour_of_week"),
    )
    if rates is None:
        return ledger.default(path, default.messages.weekly_profile)
    return ledger.figure(path, rates, evidence)


def receipts(pack, default, ledger, window):
    """Section ``read_receipts`` of the spec.

    Parameters
    ----------
    pack : synth.pack.model.Pack
    default : synth.spec.model.Spec
    ledger : synth.calibrate.ledger.Ledger
    window : synth.spec.model.Window

    Returns
    -------
    synth.spec.model.ReadReceipts
    """
    standard = default.read_receipts
    histogram = pack.histogram("read_receipts", "receipts_per_message")
    rate = pack.scalar("read_receipts", "read_rate")
    path = "read_receipts.read_rate"
    if rate is not None:
        ledger.figure(path, min(rate, 1.0), "read_rate")
    elif histogram is not None and histogram.edges[0] < 1 and histogram.edges[1] <= 1:
        rate = 1.0 - histogram.counts[0] / sum(histogram.counts)
        ledger.figure(path, rate, "the bucket of 0 receipts")
    else:
        rate = ledger.default(path, standard.read_rate)
    rate = min(rate, 1.0)
    path = "read_receipts.per_message"
    mean = _ratio(pack.total("read_receipts"), pack.total("messages"), rate)
    each = sources.evidence(
        pack, "read_receipts", "receipts_per_message", mean=mean, discrete=True, lower=1
    )
    return model.ReadReceipts(
        read_rate=rate,
        per_message=(
            adapted(ledger, path, standard.per_message, each, what="receipts / read messages")
            if each.is_empty
            else ledger.fit(path, each, COUNT_FAMILIES)
        ),
        delay_seconds=_delays(pack, standard, ledger, window),
    )


def _ratio(part, whole, share):
    """Mean number per message that has any, where the totals allow one."""
    if not part or not whole or not share:
        return None
    mean = part / (whole * share)
    return mean if mean >= 1 else None


def _delays(pack, standard, ledger, window):
    path = "read_receipts.delay_seconds"
    found = sources.evidence(pack, "read_receipts", "read_delay", scale=_SECONDS_PER_MINUTE)
    if found.is_empty and not found.has_hints:
        found = _delays_of_shares(pack)
    if found.is_empty:
        return adapted(ledger, path, standard.delay_seconds, found)
    # Nobody reads longer after a message than the window lasts.
    span = window.days * SECONDS_PER_DAY
    last = found.known_share[0][-1]
    if found.top is None and last < span:
        found = found.with_top(span)
        if found.edges is not None and np.isinf(found.edges[-1]):
            found.edges[-1] = span
    return ledger.fit(path, found, DELAY_FAMILIES)


def _delays_of_shares(pack):
    """Three buckets from the shares below a minute, below an hour and beyond."""
    names = ("immediate_percentage", "near_term_percentage", "delayed_percentage")
    shares = [pack.scalar("read_receipts", name) for name in names]
    if None in shares or not sum(shares) > 0 or min(shares) < 0:
        return Evidence()
    counts = np.asarray(shares, dtype=float) / sum(shares)
    return collect("read_receipts.delay", histogram=([0.0, 60.0, 3600.0, np.inf], counts))


def _per_media(pack, mix):
    """Mean number per message that is not text, where the totals say it."""
    part, whole = pack.total("attachments"), pack.total("messages")
    media = 1.0 - mix.shares.get("TEXT", 0.0)
    return part / (whole * media) if part and whole and media > 0 else None


def attachments(pack, default, ledger, mix):
    """Section ``attachments`` of the spec.

    Parameters
    ----------
    pack : synth.pack.model.Pack
    default : synth.spec.model.Spec
    ledger : synth.calibrate.ledger.Ledger
    mix : synth.spec.model.Categorical
        Message types.

    Returns
    -------
    synth.spec.model.Attachments
    """
    standard = default.attachments
    shares = pack.shares("attachments", "type_distribution")
    shares = {name: share for name, share in shares.items() if share}
    n = pack.n_rows("attachments", "type_distribution")
    each = sources.evidence(
        pack, "attachments", "attachments_per_media_message", discrete=True, lower=0
    )
    size = sources.evidence(pack, "attachments", "size_bytes", discrete=True, lower=0)
    paths = ("attachments.per_media_message", "attachments.type", "attachments.size_bytes")
    return model.Attachments(
        per_media_message=(
            adapted(
                ledger,
                paths[0],
                standard.per_media_message,
                each.with_mean(_per_media(pack, mix)) if each.mean is None else each,
                what="attachments / media messages",
            )
            if each.is_empty
            else ledger.fit(paths[0], each, ())
        ),
        type=(
            ledger.mix(paths[1], shares, "type distribution", n=n)
            if shares
            else ledger.default(paths[1], standard.type)
        ),
        size_bytes=(
            adapted(ledger, paths[2], standard.size_bytes, size)
            if size.is_empty
            else ledger.fit(paths[2], size, SIZE_FAMILIES)
        ),
    )
