"""A small made-up chat, reduced to rows of ``shape_metrics``: input of the fidelity tests.

`simulate` draws arrays, a test may spoil them, `shape_rows` reduces them. Two seeds of one
population are two honest samples.
"""

import csv
from itertools import pairwise

import numpy as np

from synth import settings

COUNT = np.unique(np.r_[np.arange(18), np.round(10 ** (np.arange(10, 73) / 8)), 1e9])
SECONDS = np.r_[0, 10 ** (np.arange(57) / 8), 1e9]
SHARE = np.r_[np.arange(21) / 20, 1.05]
COEFFICIENT = np.arange(-10, 12) / 10
BYTES = np.r_[0, np.round(10 ** (np.arange(8, 41) / 4))]
SIZES = [1, 2, 4, 8, 16, 64, np.inf]
TEMPOS = [0, 31.6228, 316.228, np.inf]
CONVERSATION_TYPES = np.array(["DIRECT_MESSAGE", "GROUP_CHAT", "CHANNEL"])
MESSAGE_TYPES = np.array(["TEXT", "IMAGE", "FILE"])


def simulate(seed, n_conversations=3000):
    """Draw conversations, users, messages, receipts and attachments.

    Parameters
    ----------
    seed : int
    n_conversations : int

    Returns
    -------
    dict of ndarray
        Arrays a test may change before `shape_rows`.
    """
    rng = np.random.default_rng(seed)
    n = n_conversations
    kind = rng.choice(3, n, p=[0.5, 0.35, 0.15])
    sizes = np.minimum(1 + np.exp(rng.normal(1.2, 1.3, n)), 3000).astype(int)
    members = np.where(kind == 0, 2, 3 + rng.geometric(0.2, n))
    senders = np.minimum(np.minimum(sizes, members), 1 + rng.poisson(2.0, n))
    tempo = np.exp(rng.normal(5.0, 2.0, n))
    owner = np.repeat(np.arange(n), sizes)
    total = len(owner)
    gaps = tempo[owner] * np.exp(rng.normal(0, 1, total))
    firsts = np.r_[0, np.cumsum(sizes)[:-1]]
    gaps[firsts] = 0
    elapsed = np.cumsum(gaps)
    elapsed -= np.repeat(elapsed[firsts], sizes)
    profile = 1.2 + np.sin((np.arange(168) % 24 - 8) / 24 * 2 * np.pi)
    profile[120:] *= 0.4
    start_hour = rng.choice(168, n, p=profile / profile.sum())
    types = rng.choice(3, total, p=[0.9, 0.07, 0.03])
    users = rng.zipf(1.8, 800).clip(1, 2000)
    reads = rng.binomial(3, 0.4, total)
    return {
        "kind": kind,
        "sizes": sizes,
        "members": members,
        "senders": senders,
        "dominance": np.maximum(1 / senders, rng.beta(5, 3, n)),
        "tempo": tempo,
        "owner": owner,
        "gaps": gaps,
        "firsts": firsts,
        "lifetime": elapsed[firsts + sizes - 1],
        "recency": rng.uniform(0, 30 * 86400, n),
        "position": rng.uniform(0, 1, n),
        "hour_of_week": ((start_hour[owner] + elapsed / 3600) % 168).astype(int),
        "types": types,
        "lengths": np.where(types == 0, np.exp(rng.normal(3.6, 1.0, total)), 12).astype(int),
        "user_messages": users,
        "user_conversations": np.minimum(users, rng.geometric(0.3, 800)),
        "username_length": rng.integers(4, 20, 900),
        "device": rng.choice(4, 900, p=[0.3, 0.3, 0.3, 0.1]),
        "reads": reads,
        "delays": np.exp(rng.normal(5, 2, int(reads.sum()))),
        "attachment_type": rng.choice(3, int((types > 0).sum())),
        "bytes": np.exp(rng.normal(11, 1.5, int((types > 0).sum()))),
    }


class Rows:
    """Collects rows in the column order of ``shape_metrics``."""

    def __init__(self):
        self.rows = []
        with (settings.project_dir() / "seeds" / "metric_catalogue.csv").open() as file:
            self.units = {
                (line["entity"], line["metric"], line["kind"]): line["unit"]
                for line in csv.DictReader(file)
            }

    def add(self, entity, metric, kind, value, n_rows, *, segment="all", label=None, edges=None):
        lower, upper = edges or (None, None)
        unit = self.units[entity, metric, kind]
        self.rows.append(
            (
                entity,
                metric,
                segment,
                kind,
                label,
                lower,
                upper,
                float(value),
                unit,
                int(n_rows),
                None,
                False,
            )
        )

    def bucket(self, entity, metric, values, edges, *, segment="all"):
        counts, _ = np.histogram(values, np.r_[edges[:-1], np.inf])
        for lower, upper, count in zip(edges[:-1], edges[1:], counts, strict=True):
            if count:
                share = count / len(values)
                edge = (float(lower), float(upper))
                self.add(entity, metric, "bucket", share, count, segment=segment, edges=edge)

    def cells(self, entity, metric, kind, values, labels):
        counts = np.bincount(values, minlength=len(labels))
        for label, count in zip(labels, counts, strict=True):
            self.add(entity, metric, kind, count / len(values), count, label=str(label))

    def quantiles(self, entity, metric, values, probabilities=(50, 75, 90, 95, 99), **where):
        for p in probabilities:
            value = np.percentile(values, p)
            self.add(entity, metric, "quantile", value, len(values), label=f"p{p}", **where)

    def scalar(self, entity, metric, value, n_rows, **where):
        self.add(entity, metric, "scalar", value, n_rows, **where)


def shape_rows(chat):
    """Reduce a simulated chat to rows of ``shape_metrics``.

    Parameters
    ----------
    chat : dict of ndarray
        From `simulate`, possibly spoilt.

    Returns
    -------
    list of tuple
        In the column order of the table.
    """
    rows = Rows()
    _users(rows, chat)
    _conversations(rows, chat)
    _messages(rows, chat)
    _receipts_and_attachments(rows, chat)
    return rows.rows


def _users(rows, chat):
    n = len(chat["username_length"])
    rows.add("users", "total_count", "total", n, n)
    rows.bucket("users", "username_length", chat["username_length"], COUNT)
    rows.scalar("users", "profile_completeness", 0.5, n, label="avatar")
    rows.cells("users", "device_mix", "category", chat["device"], ["ios", "web", "a", "b"])
    for metric in ("messages_per_user", "conversations_per_user"):
        values = chat["user_messages" if metric[0] == "m" else "user_conversations"]
        rows.bucket("users", metric, values, COUNT)
        rows.quantiles("users", metric, values)
    rows.scalar("users", "silent_share", 1 - len(chat["user_messages"]) / n, n)
    rows.scalar("users", "unattached_share", 0.02, n)


def _conversations(rows, chat):
    sizes, n = chat["sizes"], len(chat["sizes"])
    entity = "conversations"
    rows.add(entity, "total_count", "total", n, n)
    rows.cells(entity, "type_distribution", "category", chat["kind"], CONVERSATION_TYPES)
    size_class = np.where(chat["members"] <= 2, 0, np.where(chat["members"] <= 20, 1, 2))
    labels = ["one_to_one", "small_group", "large_group"]
    rows.cells(entity, "size_mix", "category", size_class, labels)
    for code, segment in [(None, "all"), *enumerate(CONVERSATION_TYPES)]:
        mask = np.ones(n, bool) if code is None else chat["kind"] == code
        if mask.any():
            rows.bucket(entity, "member_count", chat["members"][mask], COUNT, segment=segment)
            rows.bucket(entity, "messages_per_conversation", sizes[mask], COUNT, segment=segment)
            rows.quantiles(entity, "messages_per_conversation", sizes[mask], segment=segment)
            rows.scalar(entity, "empty_share", 0.03, mask.sum(), segment=segment)
    ranked = np.sort(sizes)[::-1]
    for p in (1, 2, 5, 10):
        top = ranked[: int(np.ceil(n * p / 100))].sum() / ranked.sum()
        rows.scalar(entity, "concentration", top, n, label=f"top_{p}")
    rows.scalar(entity, "heavy_share", (sizes >= 10000).mean(), n)
    rows.bucket(entity, "distinct_senders", chat["senders"], COUNT)
    rows.bucket(entity, "sender_dominance", chat["dominance"], SHARE)
    rows.bucket(entity, "lifetime", chat["lifetime"], SECONDS)
    rows.quantiles(entity, "lifetime", chat["lifetime"])
    rows.bucket(entity, "recency", chat["recency"], SECONDS)
    rows.bucket(entity, "start_position", chat["position"], np.arange(53) / 52)
    rows.bucket(entity, "tempo", chat["tempo"], TEMPOS)
    rows.bucket("messages", "activity_inter_arrival", chat["gaps"], SECONDS)
    for lower, upper in pairwise(SIZES):
        mask = (sizes >= lower) & (sizes < upper)
        size = f"size_{lower:g}_{upper:g}"
        rows.bucket(entity, "tempo_by_size", chat["tempo"][mask], TEMPOS, segment=size)
        group = mask & (chat["kind"] == 1)
        segment = f"GROUP_CHAT.{size}"
        if group.any():
            rows.bucket(entity, "members_by_size", chat["members"][group], COUNT, segment=segment)
            rows.bucket(entity, "senders_by_size", chat["senders"][group], COUNT, segment=segment)
        segment = f"{size}.senders_1_inf"
        rows.bucket(
            entity, "dominance_by_size_senders", chat["dominance"][mask], SHARE, segment=segment
        )
        for low, high in pairwise(TEMPOS):
            chosen = mask & (chat["tempo"] >= low) & (chat["tempo"] < high)
            gaps = chat["gaps"][chosen[chat["owner"]]]
            if len(gaps):
                segment = f"{size}.tempo_{low:g}_{high:g}"
                rows.bucket("messages", "activity_gap", gaps, SECONDS, segment=segment)


def _messages(rows, chat):
    entity, types, lengths = "messages", chat["types"], chat["lengths"]
    n = len(types)
    rows.add(entity, "total_count", "total", n, n)
    rows.cells(entity, "type_distribution", "category", types, MESSAGE_TYPES)
    rows.scalar(entity, "media_ratio", (types > 0).mean(), n)
    for code, segment in [(None, "all"), *enumerate(MESSAGE_TYPES)]:
        chosen = lengths if code is None else lengths[types == code]
        if len(chosen):
            at = {"segment": segment}
            rows.bucket(entity, "content_length", chosen, COUNT, segment=segment)
            rows.scalar(entity, "content_length", chosen.mean(), len(chosen), label="mean", **at)
            rows.quantiles(entity, "content_length", chosen, **at)
    hours = chat["hour_of_week"]
    of_day = np.bincount(hours % 24, minlength=24)
    of_week = np.bincount(hours // 24, minlength=7)
    rows.cells(entity, "hour_of_week", "hour", hours, range(168))
    rows.cells(entity, "hour_of_day", "hour", hours % 24, range(24))
    rows.cells(entity, "day_of_week", "weekday", hours // 24, range(1, 8))
    ratio = of_week[:5].mean() / max(of_week[5:].mean(), 1)
    rows.scalar(entity, "weekday_weekend_ratio", ratio, n)
    rows.scalar(entity, "peak_trough_ratio", of_day.max() / max(of_day.min(), 1), n)
    rows.scalar(entity, "burst_coefficient", chat.get("burst", 2.4), n)
    gaps = np.delete(chat["gaps"], chat["firsts"])
    rows.bucket(entity, "inter_arrival", gaps, SECONDS)
    rows.quantiles(entity, "inter_arrival", gaps)
    rows.scalar(entity, "burstiness", 0.8, len(gaps))
    rows.scalar(entity, "memory_coefficient", 0.4, len(gaps))
    spread = np.clip(np.log(chat["tempo"]) / 10 - 0.5, -1, 1)
    rows.bucket(entity, "burstiness_by_conversation", spread, COEFFICIENT)
    breaks = np.flatnonzero((chat["gaps"] > 3600) | np.isin(np.arange(n), chat["firsts"]))
    rows.bucket(entity, "session_size", np.diff(np.r_[breaks, n]), COUNT)


def _receipts_and_attachments(rows, chat):
    reads, delays = chat["reads"], chat["delays"]
    entity = "read_receipts"
    rows.add(entity, "total_count", "total", len(delays), len(delays))
    rows.scalar(entity, "read_rate", (reads > 0).mean(), len(reads))
    rows.bucket(entity, "receipts_per_message", reads, COUNT)
    rows.quantiles(entity, "read_delay", delays)
    rows.bucket(entity, "read_delay", delays / 60, SECONDS / 60)
    for name, low, high in [
        ("immediate", 0, 60),
        ("near_term", 60, 3600),
        ("delayed", 3600, np.inf),
    ]:
        share = ((delays >= low) & (delays < high)).mean() * 100
        rows.scalar(entity, f"{name}_percentage", share, len(delays))
    n = len(chat["attachment_type"])
    entity = "attachments"
    rows.add(entity, "total_count", "total", n, n)
    labels = ["image", "video", "document"]
    rows.cells(entity, "type_distribution", "category", chat["attachment_type"], labels)
    rows.bucket(entity, "size_bytes", chat["bytes"], BYTES)
    rows.bucket(entity, "attachments_per_media_message", np.ones(n), COUNT)


def merged(rows, minimum=20):
    """Merge neighbouring buckets until each holds `minimum` rows, as a pack's are.

    Parameters
    ----------
    rows : list of tuple
        From `shape_rows`.
    minimum : int
        Rows that a bucket needs; a short tail joins its predecessor.

    Returns
    -------
    list of tuple
    """
    groups, kept = {}, []
    for row in rows:
        if row[3] == "bucket":
            groups.setdefault(row[:4], []).append(row)
        else:
            kept.append(row)
    for group in groups.values():
        buckets = []
        for row in sorted(group, key=lambda row: row[5]):
            if buckets and buckets[-1][9] < minimum:
                buckets[-1] = _joined(buckets[-1], row)
            else:
                buckets.append(row)
        if len(buckets) > 1 and buckets[-1][9] < minimum:
            tail = buckets.pop()
            buckets[-1] = _joined(buckets[-1], tail)
        kept.extend(buckets)
    return kept


def _joined(left, right):
    cell = left[7] + right[7], left[8], left[9] + right[9]
    return (*left[:6], right[6], *cell, *left[10:])
