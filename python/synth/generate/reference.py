"""What the server makes of a plan, in numpy: for tests, and for fits that must look ahead.

Covers what carries the shape: sizes, members, senders, tempo, times, types, lengths, attachments
and receipts. Who is who (the swapping of people) is left to the server.
"""

from dataclasses import dataclass

import numpy as np

from synth.generate import receipts
from synth.generate.draws import hash64, uniform, unit
from synth.generate.tables import Knots


@dataclass(frozen=True)
class Sample:
    """A generated dataset without people.

    Attributes
    ----------
    type_no, n_messages, n_members, n_senders : ndarray of int64, one per conversation
    created_ms, first_ms, last_ms : ndarray of int64, one per conversation
    dominance, tempo : ndarray of float64, one per conversation
    conversation : ndarray of int64, one per message
        Index of its conversation.
    sent_ms : ndarray of int64, one per message
    gap_ms : ndarray of float64, one per message
        Activity time since the message before; 0 for the first of a conversation.
    message_type_no, content_length : ndarray of int64, one per message
    message_key : ndarray of int64, one per message
        What all draws of a message are made from.
    """

    type_no: np.ndarray
    n_messages: np.ndarray
    n_members: np.ndarray
    n_senders: np.ndarray
    created_ms: np.ndarray
    first_ms: np.ndarray
    last_ms: np.ndarray
    dominance: np.ndarray
    tempo: np.ndarray
    conversation: np.ndarray
    sent_ms: np.ndarray
    gap_ms: np.ndarray
    message_type_no: np.ndarray
    content_length: np.ndarray
    message_key: np.ndarray


def sizes(plan):
    """Messages of every conversation, empty ones last, as ``draft_conversations`` makes them.

    Parameters
    ----------
    plan : synth.generate.plan.Plan

    Returns
    -------
    type_no, n_messages : ndarray of int64
        Adds up to ``plan.n_messages``.
    """
    table = _knots(plan, "size")
    counts = [int(count) for count in plan.type_counts]
    type_no = np.repeat(np.arange(1, len(counts) + 1), counts)
    rank = np.concatenate([np.arange(1, count + 1) for count in counts])
    share = (rank - 0.5) / np.repeat(counts, counts)
    drawn = np.maximum(1, np.floor(table.look_up(type_no - 1 + share))).astype(np.int64)
    running, number = np.cumsum(drawn), np.arange(1, drawn.size + 1)
    total, wanted = int(running[-1]), plan.n_messages
    # Python integers: the products pass 2^63 at the largest bands.
    if total > drawn.size:
        until = [
            int(n) + (int(r) - int(n)) * (wanted - drawn.size) // (total - drawn.size)
            for n, r in zip(number, running, strict=True)
        ]
    else:
        until = [int(n) * wanted // drawn.size for n in number]
    empties = np.repeat(np.arange(1, len(counts) + 1), [int(c) for c in plan.empty_counts])
    n_messages = np.diff(np.asarray(until, dtype=np.int64), prepend=0)
    return (
        np.concatenate((type_no, empties)),
        np.concatenate((n_messages, np.zeros(empties.size, dtype=np.int64))),
    )


def sample(plan):
    """Generate a whole dataset in memory; meant for up to a few million messages.

    Parameters
    ----------
    plan : synth.generate.plan.Plan

    Returns
    -------
    Sample
    """
    given = plan.parameters
    type_no, n_messages = sizes(plan)
    key = hash64(np.arange(1, type_no.size + 1), given["seed"])
    size_no = np.maximum(1, _class(n_messages, given["size_edges"]))
    by_type = (type_no - 1) * given["n_sizes"] + size_no - 1
    people = uniform(-1, key)
    members = np.floor(_drawn(plan, "member", given["member_map"], by_type, people))
    senders = np.floor(_drawn(plan, "sender", given["sender_map"], by_type, people))
    n_senders = np.minimum(np.minimum(np.maximum(senders, 1), n_messages), plan.n_attached)
    n_members = np.minimum(np.maximum(np.maximum(members, n_senders), 1), plan.n_attached)
    tempo = _drawn(plan, "tempo", given["tempo_map"], size_no - 1, uniform(-2, key))
    tempo_no = np.maximum(1, _class(tempo, given["tempo_edges"]))
    sender_no = np.maximum(1, _class(n_senders, given["sender_edges"]))
    dominance = _drawn(
        plan,
        "dominance",
        given["dominance_map"],
        (size_no - 1) * given["n_sender_classes"] + sender_no - 1,
        uniform(-3, key),
    )
    segment = np.asarray(given["gap_map"])[(size_no - 1) * given["n_tempos"] + tempo_no - 1]
    start_share = np.clip(_knots(plan, "start").look_up(uniform(-4, key)), 0, 1)

    conversation = np.repeat(np.arange(type_no.size), n_messages)
    message_no = np.arange(conversation.size) - np.repeat(
        np.cumsum(n_messages) - n_messages, n_messages
    )
    message_key = hash64(message_no + 1, key[conversation])
    earlier = unit(hash64(message_no, key[conversation]))
    draw = _remembering(unit(message_key) + given["gap_memory"] * earlier, given)
    segment_draws = segment[conversation] + draw
    gap_ms = np.floor(_knots(plan, "gap").look_up(segment_draws))
    gap_ms[message_no == 0] = 0
    ends = np.cumsum(n_messages)
    # Each by itself: all together they may pass 2^53, beyond which whole milliseconds are lost.
    elapsed = np.concatenate([np.cumsum(gaps) for gaps in np.split(gap_ms, ends)])
    filled = n_messages > 0
    span = np.zeros(type_no.size)
    span[filled] = elapsed[ends[filled] - 1]
    window = given["window_activity_ms"]
    stretch = _stretch(plan, conversation, n_messages, segment, tempo, segment_draws)
    scale = np.minimum(stretch, 0.98 * window / np.maximum(span, 1))
    start = _started(plan, start_share, np.floor(span * scale))
    origin = given["origin_activity_ms"]
    first_ms = plan.calendar.wall_ms(origin + start)
    begin, resolution = given["start_ms"], given["resolution_ms"]

    def whole(moment_ms):
        return begin + (moment_ms - begin) // resolution * resolution

    return Sample(
        type_no=type_no,
        n_messages=n_messages,
        n_members=n_members.astype(np.int64),
        n_senders=n_senders.astype(np.int64),
        created_ms=whole(first_ms - np.floor(uniform(-5, key) * 30000).astype(np.int64)),
        first_ms=whole(first_ms),
        last_ms=whole(
            plan.calendar.wall_ms(origin + start + np.floor(span * scale).astype(np.int64))
        ),
        dominance=dominance,
        tempo=tempo,
        conversation=conversation,
        sent_ms=whole(
            plan.calendar.wall_ms(
                origin
                + start[conversation]
                + np.floor(elapsed * scale[conversation]).astype(np.int64)
            )
        ),
        gap_ms=gap_ms * scale[conversation],
        message_key=message_key,
        **_contents(plan, message_key),
    )


def is_media(plan, drawn):
    """Which messages are of a type that has attachments: all but text.

    Parameters
    ----------
    plan : synth.generate.plan.Plan
    drawn : Sample

    Returns
    -------
    ndarray of bool, one per message
    """
    return hash64(10, drawn.message_key) >> 11 >= plan.parameters["media_from"]


def attachments(plan, drawn):
    """Attachments of a dataset.

    Parameters
    ----------
    plan : synth.generate.plan.Plan
    drawn : Sample

    Returns
    -------
    message : ndarray of int64, one per attachment
        Index of its message.
    kind : ndarray of str
    size_bytes : ndarray of int64
    """
    given = plan.parameters
    number = np.floor(_knots(plan, "attachment").look_up(uniform(11, drawn.message_key)))
    number = np.where(is_media(plan, drawn), number, 0).astype(np.int64)
    message, place = _places(number)
    key = hash64(100 + place, drawn.message_key[message])
    position = drawn.message_type_no[message] - 1 + uniform(22, key)
    kind = np.asarray(given["attachment_labels"])[
        _class(position, given["attachment_type_knots"]) - 1
    ]
    size_bytes = np.floor(_knots(plan, "bytes").look_up(uniform(23, key)))
    return message, kind, size_bytes.astype(np.int64)


def reads(plan, drawn):
    """Read receipts of a dataset, but for who reads.

    Parameters
    ----------
    plan : synth.generate.plan.Plan
    drawn : Sample

    Returns
    -------
    message : ndarray of int64, one per receipt
        Index of its message.
    read_ms : ndarray of int64
        Milliseconds since 1970; before the end of the window.
    """
    others, room = np.unique(drawn.n_members - 1, return_inverse=True)
    weights = np.bincount(room, drawn.n_messages)
    rooms = [
        {"n_others": int(n), "n_messages": int(weight)}
        for n, weight in zip(others, weights, strict=True)
        if weight
    ]
    given = receipts.by_room(plan, rooms)
    n_others = (drawn.n_members - 1)[drawn.conversation]
    position = (
        _class(n_others, given["reader_edges"]) - 1 + uniform(25, drawn.message_key)
    ).astype(np.float64)
    is_read = (n_others > 0) & (uniform(24, drawn.message_key) < given["read_rate"])
    number = np.zeros(n_others.size, dtype=np.int64)
    found = _class(position[is_read], given["reader_starts"]) - 1
    wanted = np.asarray(given["reader_counts"], dtype=np.int64)[found]
    number[is_read] = np.minimum(wanted, n_others[is_read])
    message, place = _places(number)
    draw = unit(hash64(-place, drawn.message_key[message]))
    delay = np.floor(_knots(plan, "delay").look_up(draw)).astype(np.int64)
    read_ms = drawn.sent_ms[message] + delay
    seen = read_ms < plan.calendar.end_ms
    return message[seen], read_ms[seen]


def _places(number):
    """Index of the owner and place from 1 of each of `number` things."""
    owner = np.repeat(np.arange(number.size), number)
    return owner, np.arange(owner.size) - np.repeat(np.cumsum(number) - number, number) + 1


def _stretch(plan, conversation, n_messages, segment, tempo, draws):
    """Factor of the gaps of conversations whose mean leaves the class of tempo drawn."""
    given = plan.parameters
    logs = Knots.of_parameters(given, "gap_log", knots_of="gap")
    part = np.floor(1000000 * logs.look_up(draws))
    part[(np.cumsum(n_messages) - n_messages)[n_messages > 0]] = 0
    total = np.bincount(conversation, part, minlength=n_messages.size)
    mean = (total / 1000000) / np.maximum(n_messages - 1, 1)
    place = segment.astype(np.int64)
    low, high = (np.asarray(given[f"gap_log_{end}"])[place] for end in ("lowest", "highest"))
    log_tempo = np.where(tempo < 1, 0.0, _knots(plan, "log").look_up(np.maximum(tempo, 1)))
    power = _knots(plan, "power")
    astray = (n_messages > 2) & ((mean < low) | (mean >= high))
    most = -power.knots[0]
    wanted = np.where(astray, np.clip(log_tempo - mean, -most, most), 0.0)
    return np.where(wanted == 0, 1.0, power.look_up(wanted))


def _remembering(draw, given):
    """CDF of ``u + memory * v`` for uniform u and v."""
    memory, scale = given["gap_memory"], given["gap_memory_scale"]
    rest = 1.0 + memory - draw
    return np.where(
        draw < memory,
        draw * draw * scale,
        np.where(draw < 1, draw - 0.5 * memory, 1.0 - rest * rest * scale),
    )


def _started(plan, share, span):
    """Activity time since the start of the window at which conversations begin."""
    given, days = plan.parameters, plan.calendar
    window = given["window_activity_ms"]
    moment = given["origin_start_ms"] + np.floor(
        share * (window - span) * given["start_per_activity"]
    ).astype(np.int64)
    period, rest = np.divmod(moment, days.period_ms)
    inside = np.floor(days.start_hours.look_up(rest)).astype(np.int64)
    activity = period * days.period_ms + inside
    return np.clip(activity - given["origin_activity_ms"], 0, window - span.astype(np.int64) - 1)


def _contents(plan, message_key):
    table, draw = _knots(plan, "length"), uniform(10, message_key)
    kind = np.asarray(plan.parameters["length_types"])[_class(draw, table.knots) - 1]
    length = np.floor(table.look_up(draw)).astype(np.int64)
    return {"message_type_no": kind, "content_length": length}


def _knots(plan, name):
    return Knots.of_parameters(plan.parameters, name)


def _class(values, edges):
    return np.searchsorted(np.asarray(edges, dtype=np.float64), values, side="right")


def _drawn(plan, name, class_map, place, u):
    return _knots(plan, name).look_up(np.asarray(class_map)[place] + u)
