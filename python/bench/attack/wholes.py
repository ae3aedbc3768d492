"""What metrics count, record by record, with every quantity that some metric cuts it by.

Nothing here shares code with the models: definitions are those of docs/architecture.md.
"""

from typing import NamedTuple

import numpy as np

from bench.attack.chats import FIELDS, GONE, Chat, Numbers

WEEK = 7 * 86_400
MONDAY = 4 * 86_400
_EXPONENT = 0.75
_SILENCE = 3600
_PERCENTAGES = (1, 2, 5, 10)


class Whole(NamedTuple):
    """Records of one sort.

    Attributes
    ----------
    axes
        Arrays of shape (n_records,) by quantity.
    records, owners
        Pairs of a record and a person who is behind it.
    """

    axes: dict[str, Numbers]
    records: Numbers
    owners: Numbers

    @property
    def n_records(self) -> int:
        """Records of the whole."""
        return next(iter(self.axes.values())).size


def wholes(chat: Chat) -> dict[str, Whole]:
    """Every whole of a chat, by name.

    Returns
    -------
    dict
        ``users``, ``conversations``, ``messages``, ``receipts``, ``attachments``.
    """
    order = np.lexsort((np.arange(chat.at.size), chat.at, chat.conversation))
    conversation, at, sender = chat.conversation[order], chat.at[order], chat.sender[order]
    n_rooms = chat.n_conversations
    sizes = np.bincount(conversation, minlength=n_rooms)
    first = np.r_[True, conversation[1:] != conversation[:-1]][: at.size]
    gap = np.where(first, -1.0, np.diff(at, prepend=at[:1]))
    rates = weekly_rates(chat.at, *chat.window)
    warped = activity_time(at, rates)
    activity = np.where(first, -1.0, np.diff(warped, prepend=warped[:1]))
    tempo = _means(np.log(np.maximum(activity, 1)), ~first, conversation, n_rooms)
    tempo = np.where(sizes >= 2, np.exp(tempo), -1.0)
    rooms, room_owners, room_records = _conversations(chat, conversation, sender, at, warped, rates)
    rooms |= {
        "messages": sizes,
        "tempo": tempo,
        "burst": _bursts(gap, ~first, conversation, sizes),
    }
    starts = np.flatnonzero(first | (gap > _SILENCE))
    session = np.zeros(at.size)
    session[starts] = np.diff(np.r_[starts, at.size])
    back = np.empty_like(order)
    back[order] = np.arange(order.size)
    messages = {
        "type": chat.kind[order],
        "length": chat.length[order],
        "hour": (at % 86_400 // 3600).astype(int),
        "weekday": ((at - MONDAY) % WEEK // 86_400).astype(int) + 1,
        "gap": gap,
        "activity": activity,
        "messages": sizes[conversation],
        "tempo": tempo[conversation],
        "session": session,
        "rank": _ranks(sizes)[conversation],
        "receipts": np.bincount(back[chat.receipts[:, 0].astype(int)], minlength=at.size),
        "files": np.bincount(back[chat.files[:, 0].astype(int)], minlength=at.size),
    }
    present = chat.username_length >= 0
    users = {
        "username_length": chat.username_length,
        "device": chat.device,
        "messages": np.bincount(chat.sender, minlength=chat.n_people),
        "conversations": np.bincount(chat.members[:, 1], minlength=chat.n_people),
    } | {f"has_{name}": chat.has[:, place] for place, name in enumerate(FIELDS)}
    # `without` marks rooms that are gone.
    known = chat.conversation_type > GONE
    kept = known[room_records]
    room_owners, room_records = room_owners[kept], (np.cumsum(known) - 1)[room_records[kept]]
    return {
        "users": _of({k: v[present] for k, v in users.items()}, np.flatnonzero(present)),
        "conversations": Whole({k: v[known] for k, v in rooms.items()}, room_records, room_owners),
        "messages": _of(messages, sender),
        "receipts": _of({"delay": np.maximum(chat.receipts[:, 2], 0)}, chat.receipts[:, 1]),
        "attachments": _of(
            {"file_type": chat.files[:, 1], "bytes": chat.files[:, 2]},
            chat.sender[chat.files[:, 0].astype(int)],
        ),
    }


def weekly_rates(times: Numbers, start: float, end: float) -> Numbers:
    """Rate for each hour of the week, mean 1, shape (168,)."""
    counts = np.bincount(((times - MONDAY) % WEEK // 3600).astype(int), minlength=168)
    hours = np.arange(start // 3600, end // 3600 + 1) * 3600
    occurrences = np.bincount(((hours - MONDAY) % WEEK // 3600).astype(int), minlength=168)
    per_hour = counts / np.maximum(occurrences, 1)
    rates = np.maximum(per_hour / per_hour.mean(), 0.02) ** _EXPONENT
    return rates / rates.mean()


def activity_time(times: Numbers, rates: Numbers) -> Numbers:
    """Integral of the rates since Monday 1970-01-05, seconds."""
    weeks, seconds = np.divmod(np.asarray(times, dtype=float) - MONDAY, WEEK)
    knots = np.r_[0, np.cumsum(rates)] * 3600
    return weeks * WEEK + np.interp(seconds, np.arange(169) * 3600, knots)


def _conversations(chat, conversation, sender, at, warped, rates):
    """Axes of conversations but for succession, and who is behind each: senders, else members."""
    n = chat.n_conversations
    pairs, of_pair, counts = np.unique(
        np.column_stack([conversation, sender]), axis=0, return_inverse=True, return_counts=True
    )
    del of_pair
    room = pairs[:, 0].astype(int)
    n_senders = np.bincount(room, minlength=n)
    busiest = np.zeros(n)
    np.maximum.at(busiest, room, counts)
    sizes = np.bincount(conversation, minlength=n)
    begins = np.searchsorted(conversation, np.arange(n))
    some = sizes > 0
    ends = begins + sizes - 1
    lifetime, recency, position = np.full(n, -1.0), np.full(n, -1.0), np.full(n, -1.0)
    if at.size:
        lifetime[some] = at[ends[some]] - at[begins[some]]
        recency[some] = chat.window[1] - at[ends[some]]
        origin, end = activity_time(np.array(chat.window), rates)
        lived = warped[ends[some]] - warped[begins[some]]
        space = end - origin - lived
        offset = warped[begins[some]] - origin
        position[some] = np.clip(np.where(space > 0, offset / np.maximum(space, 1e-9), 0), 0, 1)
    empty = chat.members[~some[chat.members[:, 0]]]
    axes = {
        "type": chat.conversation_type,
        "members": np.bincount(chat.members[:, 0], minlength=n),
        "senders": n_senders,
        "dominance": np.where(some, busiest / np.maximum(sizes, 1), -1.0),
        "lifetime": lifetime,
        "recency": recency,
        "position": position,
    }
    owners = np.r_[pairs[:, 1], empty[:, 1]].astype(int)
    return axes, owners, np.r_[room, empty[:, 0]].astype(int)


def _ranks(sizes):
    """The smallest of the percentages of largest conversations that holds a conversation."""
    some = np.flatnonzero(sizes > 0)
    rank = np.empty(some.size, int)
    rank[np.argsort(-sizes[some], kind="stable")] = np.arange(1, some.size + 1)
    found = np.full(sizes.size, 100)
    for percent in sorted(_PERCENTAGES, reverse=True):
        found[some[rank <= np.ceil(percent * some.size / 100)]] = percent
    return found


def _bursts(gap, has_gap, conversation, sizes):
    """A_n of Kim & Jo 2016, equation 22, of conversations with four gaps; -9 elsewhere."""
    n_rooms, n = sizes.size, np.maximum(sizes - 1, 1)
    mean = _means(gap, has_gap, conversation, n_rooms)
    square = _means(gap**2, has_gap, conversation, n_rooms)
    r = np.sqrt(np.maximum(square - mean**2, 0)) / np.where(mean > 0, mean, 1)
    below = (np.sqrt(n + 1) - 2) * r + np.sqrt(n - 1)
    found = (np.sqrt(n + 1) * r - np.sqrt(n - 1)) / np.where(below == 0, 1, below)
    return np.where((sizes >= 5) & (mean > 0), found, -9.0)


def _means(values, chosen, group, n_groups):
    counts = np.bincount(group[chosen], minlength=n_groups)
    return np.bincount(group[chosen], values[chosen], n_groups) / np.maximum(counts, 1)


def _of(axes, owners):
    axes = {name: np.asarray(values) for name, values in axes.items()}
    return Whole(axes, np.arange(len(owners)), np.asarray(owners).astype(int))
