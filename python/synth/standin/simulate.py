"""Simulated activity: self-exciting cascades on a weekly rhythm.

This process shares nothing with the generator it helps to test. A conversation's messages
are immigrants, which arrive by the weekly rhythm, and their offspring, each a heavy-tailed
delay after a random earlier message: a branching form of the Hawkes process.

References
----------
.. [1] Hawkes & Oakes (1974), A cluster process representation of a self-exciting process,
   Journal of Applied Probability 11, section 2.
"""

import numpy as np

from synth.standin.source import (
    MICROSECONDS,
    Categories,
    Source,
    first_and_last,
    random_devices,
)

CONVERSATION_TYPES = ("DIRECT_MESSAGE", "GROUP_CHAT", "CHANNEL")
MESSAGE_TYPES = ("TEXT", "IMAGE", "FILE", "AUDIO", "VIDEO")
ATTACHMENT_TYPES = ("image", "document", "audio", "video")
WINDOW_DAYS = 45
_DAY = 86_400.0
_START = 1_771_200_000  # Monday 2026-02-16 00:00 UTC
_EMPTY_SHARE = 0.05
_MEAN_SIZE = 38
_TYPE_SHARES = (0.62, 0.28, 0.10)


def simulate(n_messages, *, seed=1):
    """Simulate an application with a given number of messages.

    Parameters
    ----------
    n_messages : int
        At least 1.
    seed : int
        Equal seeds give equal activity.

    Returns
    -------
    synth.standin.source.Source
    """
    rng = np.random.default_rng([seed, 40])
    n_users = max(60, n_messages // 32)
    types, sizes = _conversations(rng, n_messages)
    # Not everybody takes part at all, and few take part a lot.
    taste = np.exp(rng.normal(0, 1.5, n_users)) * (rng.random(n_users) < 0.96)
    member_conversations, member_users = _members(rng, types, sizes, taste)

    conversations = np.repeat(np.arange(len(types)), sizes)
    seconds = _times(rng, conversations, sizes)
    times = ((_START + seconds) * MICROSECONDS).astype(np.int64)
    order = np.lexsort((np.arange(n_messages), times))
    conversations, times = conversations[order], times[order]
    senders = _senders(rng, conversations, member_conversations, member_users, len(types))

    window_end = int((_START + WINDOW_DAYS * _DAY) * MICROSECONDS)
    lead = (rng.exponential(600, len(types)) * MICROSECONDS).astype(np.int64)
    unused = (_START + rng.random(len(types)) * WINDOW_DAYS * _DAY) * MICROSECONDS
    created, updated = first_and_last(
        conversations,
        times,
        len(types),
        default_first=np.full(len(types), window_end),
        default_last=np.full(len(types), -1),
    )
    created = np.where(sizes == 0, unused.astype(np.int64), created - lead)
    updated = np.where(sizes == 0, created, updated)
    by_time = np.lexsort((np.arange(len(types)), created))
    rank = np.empty_like(by_time)
    rank[by_time] = np.arange(len(types))
    member_order = np.lexsort((member_users, rank[member_conversations]))
    member_conversations = rank[member_conversations][member_order]
    created, updated = created[by_time], updated[by_time]

    message_types = rng.choice(5, n_messages, p=(0.80, 0.11, 0.04, 0.03, 0.02)).astype(np.int16)
    media = np.flatnonzero(message_types)
    n_files = np.minimum(rng.geometric(0.82, len(media)), 10)
    attachment_messages = np.repeat(media, n_files)
    attachment_codes = np.array([-1, 0, 1, 2, 3], dtype=np.int16)[message_types]
    user_created = _START - rng.exponential(200 * _DAY, n_users)
    return Source(
        user_ids=np.arange(1, n_users + 1),
        user_created=np.sort((user_created * MICROSECONDS).astype(np.int64)),
        user_devices=random_devices(n_users, seed),
        conversation_ids=np.arange(1, len(types) + 1),
        conversation_types=Categories(CONVERSATION_TYPES, types[by_time]),
        conversation_created=created,
        conversation_updated=updated,
        member_conversations=member_conversations,
        member_users=member_users[member_order],
        member_joined=created[member_conversations],
        message_ids=np.arange(1, n_messages + 1),
        message_conversations=rank[conversations],
        message_senders=senders,
        message_times=times,
        message_types=Categories(MESSAGE_TYPES, message_types),
        message_lengths=_lengths(rng, message_types),
        attachment_ids=np.arange(1, len(attachment_messages) + 1),
        attachment_messages=attachment_messages,
        attachment_types=Categories(ATTACHMENT_TYPES, attachment_codes[attachment_messages]),
        has_receipts=True,
        simulated=("everything",),
    )


def _conversations(rng, n_messages):
    """Types and sizes of conversations, drawn until the messages are used up."""
    n = 2 * n_messages // _MEAN_SIZE + 100
    # One conversation may not swallow a small stand-in.
    largest = max(5.0, n_messages / 12)
    types, sizes, total = [], [], 0
    while total < n_messages:
        kind = rng.choice(3, n, p=_TYPE_SHARES).astype(np.int16)
        body = np.exp(rng.normal(np.array([1.6, 2.3, 2.9])[kind], np.array([1.2, 1.3, 1.4])[kind]))
        tail = 20 * (1 - rng.random(n)) ** (-1 / 1.15)
        size = np.where(rng.random(n) < np.array([0.05, 0.1, 0.2])[kind], tail, body)
        size = np.ceil(np.minimum(size, largest)).astype(np.int64)
        size[rng.random(n) < _EMPTY_SHARE] = 0
        types.append(kind)
        sizes.append(size)
        total += int(size.sum())
    types, sizes = np.concatenate(types), np.concatenate(sizes)
    last = int(np.searchsorted(np.cumsum(sizes), n_messages))
    types, sizes = types[: last + 1], sizes[: last + 1].copy()
    sizes[last] -= int(sizes.sum()) - n_messages
    return types, sizes


def _members(rng, types, sizes, taste):
    """Distinct members of each conversation, the active users more often."""
    n_users, most = len(taste), max(3, int(0.7 * len(taste)))
    groups = 2 + np.minimum(rng.geometric(0.22, len(types)), 18)
    channels = 21 + np.exp(rng.normal(2.6, 1.1, len(types))).astype(np.int64)
    wanted = np.choose(types, [np.full(len(types), 2), groups, np.minimum(channels, 900)])
    wanted = np.minimum(wanted, most)
    conversations = np.repeat(np.arange(len(types)), wanted)
    scale = np.cumsum(taste) / taste.sum()
    users = np.minimum(np.searchsorted(scale, rng.random(len(conversations))), n_users - 1)
    while True:
        key = conversations * n_users + users
        order = np.argsort(key, kind="stable")
        again = order[1:][key[order][1:] == key[order][:-1]]
        if not len(again):
            return conversations[order], users[order]
        # Evenly, not by taste: the favourites are the ones already there.
        users[again] = rng.integers(0, n_users, len(again))


def _senders(rng, conversations, member_conversations, member_users, n_conversations):
    """Who wrote: a few members write most, in every conversation others."""
    n_members = np.bincount(member_conversations, minlength=n_conversations)
    first = np.concatenate([[0], np.cumsum(n_members)])[:-1]
    skew = 1.2 + rng.gamma(4, 0.35, n_conversations)
    turn = rng.integers(0, n_members)
    place = n_members[conversations] * rng.random(len(conversations)) ** skew[conversations]
    seat = (place.astype(np.int64) + turn[conversations]) % n_members[conversations]
    return member_users[first[conversations] + seat]


def _times(rng, conversations, sizes):
    """Seconds since the window's start of each message, by conversation and number."""
    n, window = len(conversations), WINDOW_DAYS * _DAY
    first = np.concatenate([[0], np.cumsum(sizes)])[:-1]
    number = np.arange(n) - first[conversations]
    # Large conversations live long; small ones are over within hours or days.
    life = np.exp(rng.normal(np.log(0.25 * _DAY) + 0.7 * np.log(sizes + 1), 1.5))
    life = np.minimum(life, window)
    opened = rng.random(len(sizes)) * (window - life)
    branching = rng.beta(6, 2.2, len(sizes))
    is_child = (number > 0) & (rng.random(n) < branching[conversations])
    # Offspring follow one of the latest messages before them, by number.
    back = np.minimum(rng.geometric(0.3, n), np.maximum(number, 1))
    parent = np.where(is_child, np.arange(n) - back, -1)
    pace = np.exp(rng.normal(0, 0.9, len(sizes)))[conversations]
    reply = np.exp(rng.normal(np.log(400), 1.5, n))
    slow = 1800 * (1 - rng.random(n)) ** (-1 / 0.9)
    delay = pace * np.where(rng.random(n) < 0.8, reply, np.minimum(slow, 3 * _DAY))

    low, high = opened[conversations], (opened + life)[conversations]
    immigrant = _rhythm(rng, low, high)
    seconds = _descend(parent, np.where(is_child, delay, immigrant))
    late = seconds >= window
    seconds[late] = _rhythm(rng, low[late], high[late])
    return seconds


def _descend(parent, step):
    """Sum steps along each line of ancestors, doubling the distance each time.

    A row without a parent (-1) starts a line, and its step is a time.
    """
    total, ancestor = step.copy(), parent.copy()
    open_lines = np.flatnonzero(ancestor >= 0)
    while len(open_lines):
        above = ancestor[open_lines]
        total[open_lines] += total[above]
        ancestor[open_lines] = ancestor[above]
        open_lines = open_lines[ancestor[open_lines] >= 0]
    return total


def _rhythm(rng, low, high):
    """Times in [low, high) by the weekly rhythm: inverse of its cumulative rate."""
    hours = np.arange(WINDOW_DAYS * 24)
    hour, day = hours % 24, hours // 24 % 7
    rate = 0.08 + np.exp(-0.5 * ((hour - 10.5) / 2.2) ** 2)
    rate += 0.9 * np.exp(-0.5 * ((hour - 15) / 2.4) ** 2)
    rate += 0.35 * np.exp(-0.5 * ((hour - 21) / 1.7) ** 2)
    rate *= np.array([1.0, 1.1, 1.12, 1.05, 0.9, 0.33, 0.28])[day]
    knots = np.concatenate([[0], np.cumsum(rate)])
    edges = np.arange(len(knots)) * 3600.0
    from_, to = np.interp(low, edges, knots), np.interp(high, edges, knots)
    return np.interp(from_ + rng.random(len(low)) * (to - from_), knots, edges)


def _lengths(rng, message_types):
    """Characters of each body: texts are log-normal, media carry a caption or nothing."""
    n = len(message_types)
    text = np.exp(rng.normal(3.6, 1.1, n))
    caption = np.where(rng.random(n) < 0.35, np.exp(rng.normal(2.8, 0.8, n)), 0)
    length = np.where(message_types == 0, np.maximum(text, 1), caption)
    return np.minimum(length, 8000).astype(np.int64)
