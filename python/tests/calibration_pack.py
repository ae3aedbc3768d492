"""A full pack made from a small simulation, for the tests of calibration."""

import itertools

import numpy as np

COUNT = np.unique([*range(18), *(round(10 ** (j / 8)) for j in range(10, 73))]).astype(float)
SECONDS = np.array([0.0, *(10 ** (j / 8) for j in range(57)), 1e9])
CHARACTERS = np.unique([*range(11), *(round(10 ** (j / 8)) for j in range(9, 57))]).astype(float)
SHARE = np.append(np.linspace(0, 1, 21), 1.05)
TEMPO = np.array([0.0, *(10 ** (j / 2) for j in range(13)), np.inf])
SIZES = (1, 2, 3, 4, 6, 8, 12, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, np.inf)
SENDERS = (1, 2, 3, 4, 5, 9, 17, 33, np.inf)
LEVELS = (("p50", 50), ("p75", 75), ("p90", 90), ("p95", 95), ("p99", 99))
TYPES = ("DIRECT_MESSAGE", "GROUP_CHAT", "CHANNEL")


def histogram(values, edges, unit):
    """Pack form of a histogram, without its empty ends."""
    counts, _ = np.histogram(values, edges)
    filled = np.flatnonzero(counts)
    buckets = [
        [float(edges[i]), None if np.isinf(edges[i + 1]) else float(edges[i + 1]), int(counts[i])]
        for i in range(filled[0], filled[-1] + 1)
    ]
    return {"unit": unit, "buckets": buckets}


def percentiles(values, top=True):
    """Pack form of percentiles."""
    found = {name: float(np.percentile(values, p)) for name, p in LEVELS}
    return {**found, "max": float(np.max(values))} if top else found


def full_pack(seed=7, conversations=12_000):
    """A pack with every part that calibration reads.

    Returns
    -------
    dict
        The document.
    dict
        The values it was made from: ``messages_per_conversation``, ``content_length``, ...
    """
    rng = np.random.default_rng(seed)
    kind = rng.choice(TYPES, conversations, p=(0.6, 0.3, 0.1))
    size = np.floor(np.exp(rng.normal(2.2, 1.7, conversations)))
    big = rng.random(conversations) < 0.02
    size = np.where(big, np.floor(900 * (1 - rng.random(conversations)) ** (-1 / 1.6)), size)
    size = np.clip(size, 1, 60_000)
    members = np.where(kind == TYPES[0], 2, 3 + rng.geometric(0.15, conversations))
    senders = np.minimum(members, 1 + rng.binomial(size.astype(int), 0.4))
    dominance = np.where(senders == 1, 1.0, rng.beta(3, 3, conversations) / 2 + 0.45)
    tempo = np.exp(rng.normal(6 - 0.3 * np.log(size), 1.5))
    length = np.floor(np.exp(rng.normal(4.0, 1.1, 60_000)))
    delay = np.exp(rng.normal(4.0, 2.0, 40_000)) / 60
    receipts = rng.geometric(0.4, 30_000) * (rng.random(30_000) < 0.8)
    size_bytes = np.floor(np.exp(rng.normal(12, 1.5, 20_000)))
    degree = rng.geometric(0.1, 5000)
    week = rng.dirichlet(np.full(168, 50.0))
    document = {
        "schema_version": "1.0",
        "extracted_at": "2026-02-01T03:00:00Z",
        "as_of": "2026-01-31",
        "sample_window_days": 30,
        "privacy_level": "ANONYMIZED_SHAPE_ONLY",
        "privacy": {"k": 20, "n_suppressed": 0, "suppressed": [], "sketch_bits": 64},
        "users": {
            "total_count": 5000,
            "username_length_histogram": histogram(
                np.floor(rng.normal(9, 2.5, 5000)).clip(3), CHARACTERS, "characters"
            ),
            "profile_completeness": {"avatar": 0.5, "bio": 0.2, "phone": 0.4, "display_name": 0.9},
            "device_mix": {"ios": 0.5, "android": 0.3, "web": 0.2},
            "silent_share": 0.2,
            "unattached_share": 0.1,
            "conversations_per_user_histogram": histogram(degree, COUNT, "conversations"),
            "conversations_per_user_percentiles": percentiles(degree),
        },
        "conversations": {
            "total_count": round(conversations / 0.95),
            "type_distribution": {name: float(np.mean(kind == name)) for name in TYPES},
            "member_count_histogram": histogram(members, COUNT, "members"),
            "member_count_histogram_by_type": {
                name: histogram(members[kind == name], COUNT, "members") for name in TYPES
            },
            "messages_per_conversation_percentiles": percentiles(size),
            "messages_per_conversation_histogram": histogram(size, COUNT, "messages"),
            "messages_per_conversation_histogram_by_type": {
                name: histogram(size[kind == name], COUNT, "messages") for name in TYPES
            },
            "empty_share": 0.05,
            "distinct_senders_histogram": histogram(senders, COUNT, "senders"),
            "sender_dominance_histogram": histogram(dominance, SHARE, "share"),
            "start_position_histogram": histogram(
                rng.beta(1.2, 1, conversations), np.linspace(0, 1, 53), "share"
            ),
            **_joint(kind, size, members, senders, dominance, tempo),
        },
        "messages": {
            "total_count": int(size.sum()),
            "type_distribution": {"TEXT": 0.9, "IMAGE": 0.06, "FILE": 0.04},
            "content_length_stats": {
                "mean": float(length.mean()),
                "median": float(np.median(length)),
                **{name: float(np.percentile(length, p)) for name, p in LEVELS[1:]},
            },
            "content_length_histogram": histogram(length, CHARACTERS, "characters"),
            "hour_of_week_distribution": week.tolist(),
            "activity_gap_by_tempo": _gaps(rng, size, tempo),
        },
        "read_receipts": {
            "total_count": int(receipts.sum()),
            "read_rate": float(np.mean(receipts > 0)),
            "receipts_per_message_histogram": histogram(receipts, COUNT, "receipts"),
            "delay_percentiles": percentiles(delay * 60),
            "delay_histogram_minutes": histogram(delay, SECONDS / 60, "minutes"),
        },
        "attachments": {
            "total_count": 9000,
            "type_distribution": {"image": 0.7, "document": 0.3},
            "size_histogram": histogram(
                size_bytes,
                np.array([0, *(round(10 ** (j / 4)) for j in range(8, 41))], dtype=float),
                "bytes",
            ),
            "attachments_per_media_message_histogram": histogram(
                rng.geometric(0.9, 8000), COUNT, "attachments"
            ),
        },
    }
    values = {"size": size, "length": length, "delay": delay * 60, "members": members}
    return document, values


def _classes(edges):
    return list(itertools.pairwise(edges))


def _joint(kind, size, members, senders, dominance, tempo):
    by = {name: {} for name in ("members", "senders", "dominance", "tempo")}
    for low, high in _classes(SIZES):
        sized = (size >= low) & (size < high)
        key = f"size_{low:.6g}_{high:.6g}"
        if low > 1 and sized.sum() >= 20:
            by["tempo"][key] = histogram(tempo[sized], TEMPO, "seconds")
        for name in TYPES:
            inside = sized & (kind == name)
            if inside.sum() >= 20:
                by["members"][f"{name}.{key}"] = histogram(members[inside], COUNT, "members")
                by["senders"][f"{name}.{key}"] = histogram(senders[inside], COUNT, "senders")
        for few, many in _classes(SENDERS):
            inside = sized & (senders >= few) & (senders < many)
            if inside.sum() >= 20:
                name = f"{key}.senders_{few:.6g}_{many:.6g}"
                by["dominance"][name] = histogram(dominance[inside], SHARE, "share")
    return {
        "members_by_size": by["members"],
        "senders_by_size": by["senders"],
        "dominance_by_size_senders": by["dominance"],
        "tempo_by_size": by["tempo"],
    }


def _gaps(rng, size, tempo):
    found = {}
    for low, high in _classes(SIZES)[1:]:
        for slow, fast in _classes(TEMPO):
            n = int(np.sum((size >= low) & (size < high) & (tempo >= slow) & (tempo < fast)))
            if n >= 20:
                centre = np.log(max(slow, 0.5) * 1.8)
                gaps = np.exp(rng.normal(centre, 2.0, 20 * n)).clip(0, 2.5e6)
                key = f"size_{low:.6g}_{high:.6g}.tempo_{slow:.6g}_{fast:.6g}"
                found[key] = histogram(gaps, SECONDS, "seconds")
    return found
