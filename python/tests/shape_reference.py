"""The shape worked out in numpy, row by row, to hold the SQL against.

Nothing here shares code with the models: grids and definitions are written down a second time
from docs/architecture.md. Keys are (metric, segment, kind, label or lower edge).
"""

from collections import Counter, defaultdict
from itertools import pairwise

import numpy as np

WEEK = 7 * 86400
MONDAY = 4 * 86400
COUNT = [*range(18), *(round(10 ** (j / 8)) for j in range(10, 73))]
SECONDS = [0, *(10 ** (j / 8) for j in range(57)), 10**9]
CHARACTERS = [*range(11), *(round(10 ** (j / 8)) for j in range(9, 57))]
BYTES = [0, *(round(10 ** (j / 4)) for j in range(8, 41))]
SHARE = [j / 20 for j in range(22)]
COEFFICIENT = [j / 10 for j in range(-10, 12)]
POSITION = [j / 52 for j in range(53)]
CLASSES = [1, 2, 3, 4, 6, 8, 12, *(2**j for j in range(4, 21)), np.inf]
SIZES = sorted({*COUNT, *CLASSES[:-1]})
SENDERS = [1, 2, 3, 4, 5, 9, 17, 33, np.inf]
TEMPOS = [0, *(10 ** (j / 2) for j in range(13)), np.inf]
QUANTILES = {"p50": 0.5, "p75": 0.75, "p90": 0.9, "p95": 0.95, "p99": 0.99}


class Shape(dict):
    """Figures by (metric, segment, kind, label or lower edge)."""

    def scalar(self, metric, value, segment="all", label=None):
        self[metric, segment, "scalar", label] = value

    def categories(self, metric, labels):
        for label, count in Counter(labels).items():
            self[metric, "all", "category", label] = count / len(labels)

    def histogram(self, metric, values, grid, segment="all", *, divisor=1):
        values = np.asarray(values, dtype=float)
        if not len(values):
            return
        index = np.clip(np.searchsorted(grid, values, side="right") - 1, 0, len(grid) - 2)
        for i, count in Counter(index.tolist()).items():
            self[metric, segment, "bucket", grid[i] / divisor] = count / len(values)

    def quantiles(self, metric, values, grid=None, segment="all"):
        values = np.asarray(values, dtype=float)
        if not len(values):
            return
        for label, p in QUANTILES.items():
            self[metric, segment, "quantile", label] = three_digits(np.quantile(values, p))
        if grid is not None:
            index = np.searchsorted(grid, values.max(), side="right") - 1
            self[metric, segment, "quantile", "max"] = grid[min(index, len(grid) - 2) + 1]


def three_digits(value):
    """The number with three significant digits; 0 below a thousandth."""
    return float(f"{value:.2e}") if value >= 1e-3 else 0.0


def thinned(values):
    """Three significant digits of each, as times are counted."""
    return np.array([three_digits(value) for value in values])


def bucket_means(values, grid, power=1):
    """Mean power of values that are known by their buckets only.

    Even on a logarithmic scale within a bucket, evenly spread where it begins at 0.
    """
    counts = np.histogram(values, np.r_[grid[:-1], np.inf])[0]
    total = 0.0
    for lower, upper, count in zip(grid[:-1], grid[1:], counts, strict=True):
        if upper >= 1e9:
            one = lower**power
        elif lower <= 0:
            one = upper**power / (power + 1)
        else:
            one = (upper**power - lower**power) / (power * np.log(upper / lower))
        total += one * count
    return total / len(values)


def whole_means(values, grid):
    """Mean of whole numbers known by their buckets: one of width 1 is its lower edge."""
    counts = np.histogram(values, np.r_[grid[:-1], np.inf])[0]
    total = 0.0
    for lower, upper, count in zip(grid[:-1], grid[1:], counts, strict=True):
        is_one = upper - lower <= 1
        total += count * (lower if is_one else (upper - lower) / np.log(upper / lower) - 0.5)
    return total / len(values)


def mean_length(values, grid):
    """Mean of lengths known by their buckets: in one of several, rarer by a power of the length.

    The power is that of the densities in the buckets beside it that hold anything.
    """
    counts = np.histogram(values, np.r_[grid[:-1], np.inf])[0]
    edges = [(a, b, n) for a, b, n in zip(grid[:-1], grid[1:], counts, strict=True) if n]
    total = 0.0
    for i, (lower, upper, count) in enumerate(edges):
        power = 1.0
        if 0 < i < len(edges) - 1:
            (a, b, n), (c, d, m) = edges[i - 1], edges[i + 1]
            steep = np.log(n / (b - a) / (m / (d - c)))
            power = steep / np.log((c + d - 1) / (max(a - 0.5, 0.5) + b - 0.5))
        power = min(max(power, 0), 4) + 1e-4
        if upper - lower <= 1:
            total += count * lower
            continue
        first, second = (
            (upper - 0.5) ** (order - power) - max(lower - 0.5, 0.5) ** (order - power)
            for order in (1, 2)
        )
        total += count * (1 - power) / (2 - power) * second / first
    return total / len(values)


def bucket_quantile(values, grid, p):
    """Quantile of whole numbers known by their buckets, between edges by logarithms."""
    counts = np.histogram(values, np.r_[grid[:-1], np.inf])[0]
    rank, below = p * len(values), 0
    for lower, upper, count in zip(grid[:-1], grid[1:], counts, strict=True):
        if below < rank <= below + count:
            return (
                lower if upper - lower <= 1 else lower * (upper / lower) ** ((rank - below) / count)
            )
        below += count
    raise AssertionError("ranks end with the last value")


def class_label(dimension, value, grid):
    """Label of the half-open class that holds a value."""
    i = min(np.searchsorted(grid, value, side="right") - 1, len(grid) - 2)
    return f"{dimension}_{grid[i]:.6g}_{grid[i + 1]:.6g}"


def weekly_rates(times, start, end, exponent=0.75):
    """Rate for each hour of the week, mean 1."""
    counts = np.bincount(((times - MONDAY) % WEEK // 3600).astype(int), minlength=168)
    hours = np.arange(start // 3600, end // 3600 + 1) * 3600
    occurrences = np.bincount(((hours - MONDAY) % WEEK // 3600).astype(int), minlength=168)
    per_hour = counts / np.maximum(occurrences, 1)
    rates = np.maximum(per_hour / per_hour.mean(), 0.02) ** exponent
    return rates / rates.mean()


def activity_time(times, rates):
    """Integral of the rates since Monday 1970-01-05."""
    weeks, seconds = np.divmod(np.asarray(times, dtype=float) - MONDAY, WEEK)
    knots = np.r_[0, np.cumsum(rates)] * 3600
    return weeks * WEEK + np.interp(seconds, np.arange(169) * 3600, knots)


def finite_burstiness(gaps):
    """A_n of Kim & Jo 2016, equation 22, or None."""
    n, mean, sd = len(gaps), np.mean(gaps), np.std(gaps)
    if mean == 0:
        return None
    r = sd / mean
    return (np.sqrt(n + 1) * r - np.sqrt(n - 1)) / ((np.sqrt(n + 1) - 2) * r + np.sqrt(n - 1))


def conversation_shape(messages, conversations, members):
    """Figures of conversations and messages.

    Parameters
    ----------
    messages : list of dict
        ``message_id, conversation_id, sender_id, at`` (epoch seconds), ``type, length`` (None
        where unknown).
    conversations : dict
        Type by conversation id.
    members : list of tuple
        Conversation id, user id.

    Returns
    -------
    Shape
    """
    shape = Shape()
    times = np.array([message["at"] for message in messages])
    start, end = times.min(), times.max()
    rates = weekly_rates(times, start, end)
    by_conversation = defaultdict(list)
    for message in sorted(messages, key=lambda m: (m["at"], m["message_id"])):
        by_conversation[message["conversation_id"]].append(message)
    _sizes(shape, by_conversation, conversations, members)
    _lives(shape, by_conversation, rates, start, end)
    _joint(shape, by_conversation, conversations, members)
    _gaps(shape, by_conversation, rates)
    _contents(shape, messages)
    _hours(shape, times, start, end)
    _hours_by_type(shape, messages)
    return shape


def _sizes(shape, by_conversation, conversations, members):
    n_members = Counter(conversation for conversation, _ in members)
    shape["conversations.total_count", "all", "total", None] = len(conversations)
    shape.categories("conversations.type_distribution", list(conversations.values()))
    groups = [
        "one_to_one"
        if n_members[c] <= 2
        else "small_group"
        if n_members[c] <= 20
        else "large_group"
        for c in conversations
    ]
    shape.categories("conversations.size_mix", groups)
    for segment in {"all", *conversations.values()}:
        chosen = [c for c, kind in conversations.items() if segment in ("all", kind)]
        sizes = [len(by_conversation[c]) for c in chosen if c in by_conversation]
        shape.histogram("member_count", [n_members[c] for c in chosen], COUNT, segment)
        shape.histogram("messages_per_conversation", sizes, SIZES, segment)
        shape.quantiles("messages_per_conversation", sizes, SIZES, segment)
        shape.scalar("empty_share", 1 - len(sizes) / len(chosen), segment)
    sizes = np.sort([len(rows) for rows in by_conversation.values()])[::-1]
    for percent in (1, 2, 5, 10):
        top = int(np.ceil(percent * len(sizes) / 100))
        shape.scalar("concentration", sizes[:top].sum() / sizes.sum(), label=f"top_{percent}")
    shape.scalar("heavy_share", np.mean(sizes >= 10_000))


def _lives(shape, by_conversation, rates, start, end):
    lifetimes, recencies, positions, senders, dominance = [], [], [], [], []
    window = activity_time(end, rates) - activity_time(start, rates)
    for rows in by_conversation.values():
        first, last = rows[0]["at"], rows[-1]["at"]
        lifetimes.append(last - first)
        recencies.append(end - last)
        room = window - (activity_time(last, rates) - activity_time(first, rates))
        offset = activity_time(first, rates) - activity_time(start, rates)
        positions.append(min(max(offset / room, 0), 1) if room > 0 else 0)
        counts = Counter(row["sender_id"] for row in rows)
        senders.append(len(counts))
        dominance.append(max(counts.values()) / len(rows))
    shape.histogram("lifetime", lifetimes, SECONDS)
    shape.quantiles("lifetime", thinned(lifetimes), SECONDS)
    shape.histogram("recency", recencies, SECONDS)
    shape.histogram("start_position", positions, POSITION)
    shape.histogram("distinct_senders", senders, COUNT)
    shape.histogram("sender_dominance", dominance, SHARE)


def _joint(shape, by_conversation, conversations, members):
    n_members = Counter(conversation for conversation, _ in members)
    cells = defaultdict(list)
    for conversation, rows in by_conversation.items():
        counts = Counter(row["sender_id"] for row in rows)
        size = class_label("size", len(rows), CLASSES)
        typed = f"{conversations[conversation]}.{size}"
        cells["members_by_size", typed].append(n_members[conversation])
        cells["senders_by_size", typed].append(len(counts))
        joint = f"{size}.{class_label('senders', len(counts), SENDERS)}"
        cells["dominance_by_size_senders", joint].append(max(counts.values()) / len(rows))
    for (metric, segment), values in cells.items():
        shape.histogram(metric, values, SHARE if "dominance" in metric else COUNT, segment)


def _gaps(shape, by_conversation, rates):
    pooled, pairs, coefficients, sessions = [], [], [], []
    tempos, activity = defaultdict(list), defaultdict(list)
    for rows in by_conversation.values():
        times = np.array([row["at"] for row in rows], dtype=float)
        gaps = np.diff(times)
        pooled.extend(gaps)
        pairs.extend(pairwise(gaps))
        breaks = np.flatnonzero(np.r_[True, gaps > 3600, True])
        sessions.extend(np.diff(breaks))
        if len(gaps) >= 4:
            coefficients.append(finite_burstiness(gaps))
        if len(gaps):
            warped = np.diff(activity_time(times, rates))
            tempo = np.exp(np.mean(np.log(np.maximum(warped, 1))))
            size = class_label("size", len(rows), CLASSES)
            tempos[size].append(tempo)
            activity[f"{size}.{class_label('tempo', tempo, TEMPOS)}"].extend(warped)
    pooled = np.array(pooled)
    shape.histogram("inter_arrival", pooled, SECONDS)
    shape.quantiles("inter_arrival", thinned(pooled), SECONDS)
    mean = bucket_means(pooled, SECONDS)
    sd = np.sqrt(bucket_means(pooled, SECONDS, power=2) - mean**2)
    shape.scalar("burstiness", (sd - mean) / (sd + mean))
    classes = np.searchsorted(TEMPOS, np.array(pairs).T, side="right")
    shape.scalar("memory_coefficient", np.corrcoef(classes)[0, 1])
    found = [value for value in coefficients if value is not None]
    shape.histogram("burstiness_by_conversation", found, COEFFICIENT)
    shape.histogram("session_size", sessions, COUNT)
    shape.histogram("tempo", [one for values in tempos.values() for one in values], TEMPOS)
    warped_gaps = [one for values in activity.values() for one in values]
    shape.histogram("activity_inter_arrival", warped_gaps, SECONDS)
    for size, values in tempos.items():
        shape.histogram("tempo_by_size", values, TEMPOS, size)
    for segment, values in activity.items():
        shape.histogram("activity_gap", values, SECONDS, segment)


def _contents(shape, messages):
    shape["messages.total_count", "all", "total", None] = len(messages)
    types = [message["type"] for message in messages]
    shape.categories("messages.type_distribution", types)
    shape.scalar("media_ratio", np.mean([kind != "TEXT" for kind in types]))
    for segment in {"all", *types}:
        lengths = [
            message["length"]
            for message in messages
            if segment in ("all", message["type"]) and message["length"] is not None
        ]
        shape.histogram("content_length", lengths, CHARACTERS, segment)
        shape.quantiles("content_length", lengths, segment=segment)
        if lengths:
            shape.scalar("content_length", mean_length(lengths, CHARACTERS), segment, "mean")


def _hours_by_type(shape, messages):
    for name in {message["type"] for message in messages}:
        hours = [int(row["at"] % 86400 // 3600) for row in messages if row["type"] == name]
        for hour in range(24):
            shape["hour_by_type", name, "hour", str(hour)] = hours.count(hour) / len(hours)


def _hours(shape, times, start, end):
    hours = ((times - MONDAY) % WEEK // 3600).astype(int)
    for metric, kind, index, size, first in (
        ("hour_of_day", "hour", hours % 24, 24, 0),
        ("day_of_week", "weekday", hours // 24, 7, 1),
        ("hour_of_week", "hour", hours, 168, 0),
    ):
        for i, count in enumerate(np.bincount(index, minlength=size)):
            shape[metric, "all", kind, str(i + first)] = count / len(times)
    by_day = np.bincount(hours // 24, minlength=7)
    dates = np.arange(start // 86400, end // 86400 + 1)
    weekdays = (dates - 4) % 7 < 5
    if by_day[5:].sum() and weekdays.any():
        mean_weekday = by_day[:5].sum() / weekdays.sum()
        shape.scalar("weekday_weekend_ratio", mean_weekday / (by_day[5:].sum() / (~weekdays).sum()))
    by_hour = np.bincount(hours % 24, minlength=24)
    if by_hour.min():
        shape.scalar("peak_trough_ratio", by_hour.max() / by_hour.min())
    busy = np.unique(times // 60, return_counts=True)[1]
    busiest = bucket_quantile(busy, COUNT, 0.95)
    shape.scalar("burst_coefficient", busiest / whole_means(busy, COUNT))


def receipt_shape(messages, receipts):
    """Figures of read receipts; `receipts` are (message id, epoch seconds)."""
    shape = Shape()
    sent = {message["message_id"]: message["at"] for message in messages}
    delays = np.array([max(at - sent[message], 0) for message, at in receipts], dtype=float)
    counts = Counter(message for message, _ in receipts)
    per_message = [counts[message] for message in sent]
    shape["read_receipts.total_count", "all", "total", None] = len(receipts)
    shape.scalar("read_rate", np.mean(np.array(per_message) > 0))
    shape.histogram("receipts_per_message", per_message, COUNT)
    shape.histogram("read_delay", delays, SECONDS, divisor=60)
    shape.quantiles("read_delay", thinned(delays))
    shape.scalar("immediate_percentage", 100 * np.mean(delays < 60))
    shape.scalar("near_term_percentage", 100 * np.mean((delays >= 60) & (delays <= 3600)))
    shape.scalar("delayed_percentage", 100 * np.mean(delays > 3600))
    return shape


def attachment_shape(messages, attachments):
    """Figures of attachments; `attachments` are (message id, type, bytes)."""
    shape = Shape()
    counts = Counter(message for message, _, _ in attachments)
    media = [message["message_id"] for message in messages if message["type"] != "TEXT"]
    shape["attachments.total_count", "all", "total", None] = len(attachments)
    shape.categories("attachments.type_distribution", [kind for _, kind, _ in attachments])
    shape.histogram("size_bytes", [size for _, _, size in attachments], BYTES)
    shape.histogram("attachments_per_media_message", [counts[m] for m in media], COUNT)
    return shape


def user_shape(users, messages, members):
    """Figures of users; `users` are dicts with ``user_id, username_length, device`` and flags."""
    shape = Shape()
    sent = Counter(message["sender_id"] for message in messages)
    joined = Counter(user for _, user in members)
    n_sent = [sent[user["user_id"]] for user in users]
    n_joined = [joined[user["user_id"]] for user in users]
    shape["users.total_count", "all", "total", None] = len(users)
    shape.histogram("username_length", [user["username_length"] for user in users], CHARACTERS)
    for field in ("avatar", "bio", "phone", "display_name"):
        has_it = np.mean([user[field] for user in users])
        shape.scalar("profile_completeness", has_it, label=field)
    shape.categories("device_mix", [user["device"] for user in users if user["device"]])
    for name, values, share in (
        ("messages_per_user", n_sent, "silent_share"),
        ("conversations_per_user", n_joined, "unattached_share"),
    ):
        positive = [value for value in values if value]
        shape.histogram(name, positive, COUNT)
        shape.quantiles(name, positive, COUNT)
        shape.scalar(share, 1 - len(positive) / len(values))
    return shape
