"""From a spec and a size to numbers: everything the server is told, and nothing else.

A plan is a pure function of (spec, messages, seed), so a resumed run makes the same one.
"""

import math
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np

from synth.errors import BadInput
from synth.generate import calendar, draws, feasible, tables
from synth.spec import segments
from synth.spec.compile import quantile_table, settled, table_mean
from synth.spec.model import Quantity

SLICE_MESSAGES = 100_000
CHUNK_MESSAGES = 250_000
LEAST_SLICES = 32
MAX_SLICES = 1024
MAX_MESSAGES = 2_000_000_000
# The times of a conversation stand in one array, which holds 67 million.
MAX_IN_CONVERSATION = 50_000_000
RANKS_CHECKED = 100_000
# Users and conversations are numbered by integers in the working tables.
MAX_PARENTS = 2_000_000_000
# Of a sample; it stands in memory.
MAX_SAMPLE_EMPTY = 1_000_000
# Ratios of the spec and the mean of its size distribution may differ by this much before the
# mean wins: forcing another mean would bend every percentile.
MEAN_TOLERANCE = 0.03
# Share of conversations with more members than users that is worth a note.
CROWDED_SHARE = 0.001
# Above every logarithm of a gap in seconds.
_NO_LIMIT = 1e6
MATCHING_ATTACHMENT = {"IMAGE": "image", "VIDEO": "video", "AUDIO": "audio", "FILE": "document"}
# Any prime above the largest conversation makes an affine map of its places a permutation.
FIRST_PRIME = 2**31


@dataclass(frozen=True)
class Plan:
    """What one run will make.

    Attributes
    ----------
    n_messages, n_users, n_attached : int
        Totals; attached users are in at least one conversation.
    type_counts, empty_counts : list of int
        Conversations with and without messages, by type.
    n_slices : int
        Time slices the messages are written in.
    parameters : dict
        Query parameters shared by all statements.
    calendar : synth.generate.calendar.Calendar
    notes : list of str
        Choices a user should know of.
    """

    n_messages: int
    n_users: int
    n_attached: int
    type_counts: list
    empty_counts: list
    n_slices: int
    parameters: dict
    calendar: calendar.Calendar
    notes: list = field(default_factory=list)

    @property
    def n_conversations(self):
        """Conversations, empty ones included."""
        return sum(self.type_counts) + sum(self.empty_counts)

    def summary(self):
        """Totals for the run record and for people."""
        return {
            "messages": self.n_messages,
            "conversations": self.n_conversations,
            "empty_conversations": sum(self.empty_counts),
            "users": self.n_users,
            "slices": self.n_slices,
            "notes": self.notes,
        }


def build(spec, n_messages, seed, time_zone="UTC", *, strict=True):
    """Make the plan of a run.

    Parameters
    ----------
    spec : synth.spec.model.Spec
    n_messages : int
        Exact number of messages.
    seed : int
        Any 64-bit integer.
    time_zone : str
        IANA name of the zone whose local time the weekly profile is in.
    strict : bool
        Without, a size that the spec cannot give is planned all the same: a small sample of a
        spec of large conversations says enough about lengths and gaps.

    Returns
    -------
    Plan

    Raises
    ------
    BadInput
        No conversations of the spec's sizes hold the number of messages, it leaves fewer users
        than the smallest conversation has members, or it asks for too many of either.
    """
    if not 1 <= n_messages <= MAX_MESSAGES:
        raise BadInput(f"expected between 1 and {MAX_MESSAGES:,} messages, got {n_messages:,}")
    spec = _in_order(spec)
    notes = []
    types = list(spec.conversations.type.labels)
    weights = np.asarray(spec.conversations.type.weights)
    sizes = [_size_quantity(spec, label) for label in types]
    n_filled = feasible.conversations(
        n_messages,
        _conversations(spec, n_messages, weights, sizes, notes),
        sizes,
        lambda total: _apportion(total, weights),
        strict=strict,
    )
    n_empty = round(
        n_filled
        * spec.totals.empty_conversation_share
        / max(1 - spec.totals.empty_conversation_share, 1e-6)
    )
    if not strict:
        n_empty = min(n_empty, MAX_SAMPLE_EMPTY)
    n_users = max(2, round(n_messages * spec.totals.users / max(spec.totals.messages, 1)))
    _check_parents(n_users, n_filled + n_empty)
    n_attached = min(n_users, max(2, round(n_users * (1 - spec.users.unattached_share))))
    _check_crowding(spec, types, weights, n_attached, notes, strict=strict)
    days = calendar.build(
        spec.window,
        spec.messages.weekly_profile,
        spec.messages.activity_exponent,
        spec.messages.start_exponent,
        time_zone,
    )
    n_slices = _slices(n_messages)
    size_table, type_counts = tables.of_quantities(sizes), _apportion(n_filled, weights)
    if n_messages > MAX_IN_CONVERSATION:
        _check_largest(n_messages, size_table, type_counts)
    parameters = {
        "seed": seed,
        "n_messages": n_messages,
        "n_users": n_users,
        "n_attached": n_attached,
        "type_labels": types,
        **size_table.parameters("size"),
        # Unattached users are silent as well; the rest of the silent ones are members.
        "silent_share": float(
            np.clip((spec.users.silent_share * n_users - (n_users - n_attached)) / n_attached, 0, 1)
        ),
        **_people(spec, types),
        **_rhythm(spec),
        **_contents(spec),
        **_receipts(spec),
        **_attachments(spec),
        **days.parameters(),
        **_noise(),
        "primes": _primes(64),
        "slice_edges": _slice_edges(days, n_slices),
    }
    return Plan(
        n_messages=n_messages,
        n_users=n_users,
        n_attached=n_attached,
        type_counts=type_counts,
        empty_counts=_apportion(n_empty, weights),
        n_slices=n_slices,
        parameters=parameters,
        calendar=days,
        notes=notes,
    )


def _slices(n_messages):
    """Time slices: connections work on neighbours, so few slices would mix up the heap."""
    wanted = max(-(-n_messages // SLICE_MESSAGES), min(LEAST_SLICES, n_messages // 2000))
    return int(np.clip(wanted, 1, MAX_SLICES))


def _in_order(spec):
    """Sort the segments: the order of keys in a JSON file must not number the tables."""

    def sort(section, *names):
        return replace(
            section, **{name: dict(sorted(getattr(section, name).items())) for name in names}
        )

    return replace(
        spec,
        conversations=sort(
            spec.conversations, "messages", "members", "senders", "dominance", "tempo"
        ),
        messages=sort(spec.messages, "content_length", "activity_gap"),
    )


def _size_quantity(spec, label):
    keys = spec.conversations.messages
    return keys[segments.resolve(list(keys), kind=label)]


def _conversations(spec, n_messages, weights, sizes, notes):
    """Conversations with messages: production's ratio, or what the mean size asks for."""
    means = [table_mean(*quantile_table(size), discrete=True) for size in sizes]
    mean = max(float(np.dot(weights, means) / weights.sum()), 1.0)
    filled = spec.totals.conversations * (1 - spec.totals.empty_conversation_share)
    by_ratio = n_messages * filled / max(spec.totals.messages, 1)
    by_mean = n_messages / mean
    chosen = by_ratio
    if abs(by_ratio / by_mean - 1) > MEAN_TOLERANCE:
        chosen = by_mean
        notes.append(
            f"conversations follow the mean size of the spec ({mean:,.1f} messages), "
            f"not its totals ({n_messages / by_ratio:,.1f})"
        )
    return int(np.clip(round(chosen), 1, n_messages))


def _check_parents(n_users, n_conversations):
    for n, what, name in (
        (n_users, "users", "totals.users"),
        (n_conversations, "conversations", "totals.empty_conversation_share"),
    ):
        if n > MAX_PARENTS:
            raise BadInput(
                f"expected at most {MAX_PARENTS:,} {what}, got {n:,}",
                hint=f"ask for fewer messages, or lower {name} of the spec",
            )


def _check_largest(n_messages, size_table, type_counts):
    """Refuse conversations that no array holds, as large as `draft_conversations` makes them."""
    largest = total = 0.0
    for number, count in enumerate(type_counts):
        if not count:
            continue
        # Every rank, or evenly many of them; and the last one, which is the largest.
        n_ranks = min(count, RANKS_CHECKED)
        rank = np.append((np.arange(n_ranks) + 0.5) / n_ranks, 1 - 0.5 / count)
        drawn = np.maximum(1, np.floor(size_table.look_up(number + rank)))
        largest = max(largest, float(drawn[-1]))
        total += count * float(drawn[:-1].mean())
    n = sum(type_counts)
    if total > n:
        largest = round(1 + (largest - 1) * (n_messages - n) / (total - n))
    else:
        largest = round(n_messages / n)
    if largest > MAX_IN_CONVERSATION:
        raise BadInput(
            f"expected at most {MAX_IN_CONVERSATION:,} messages in a conversation, got {largest:,}",
            hint="lower the largest sizes of conversations.messages in the spec, "
            "or ask for fewer messages",
        )


def _check_crowding(spec, types, weights, n_attached, notes, *, strict):
    """Say how many rooms would have more members than users; where all would, refuse."""
    members = spec.conversations.members
    edges = segments.edges([members], "size", 1.0)
    above, smallest = [], math.inf
    for kind, weight in zip(types, weights, strict=True):
        keys = {segments.resolve(list(members), kind=kind, size=size) for size in edges}
        above.append(
            max(float(members[key].fitted.sf(np.array([n_attached + 1.0]))[0]) for key in keys)
        )
        if weight > 0:
            smallest = min(smallest, *(quantile_table(members[key])[1][0] for key in keys))
    if strict and math.floor(smallest) > n_attached:
        raise BadInput(
            f"the smallest conversation has {math.floor(smallest):,} members, but only "
            f"{n_attached:,} users take part",
            hint="ask for more messages, or raise totals.users of the spec",
        )
    share = float(np.dot(weights, above) / weights.sum())
    if share > CROWDED_SHARE:
        notes.append(
            f"up to {share:.1%} of the conversations would have more members than there are users "
            f"who take part ({n_attached:,}): those are in all of them"
        )


def _apportion(total, weights):
    """Split a whole number by weights, largest remainders first."""
    exact = total * weights / weights.sum()
    counts = np.floor(exact).astype(int)
    order = np.argsort(counts - exact, kind="stable")
    counts[order[: total - counts.sum()]] += 1
    return counts.tolist()


def _people(spec, types):
    """Members, senders and the busiest sender's share, by class of conversation."""
    chats = spec.conversations
    groups = (
        chats.members,
        chats.senders,
        chats.dominance,
        chats.tempo,
        spec.messages.activity_gap,
    )
    size_edges = segments.edges(groups, "size", 1.0)
    sender_edges = segments.edges(groups, "senders", 1.0)
    members, senders, dominance = list(chats.members), list(chats.senders), list(chats.dominance)
    return {
        "size_edges": size_edges,
        "n_sizes": len(size_edges),
        "sender_edges": sender_edges,
        "n_sender_classes": len(sender_edges),
        "member_map": [
            float(members.index(segments.resolve(members, kind=kind, size=size)))
            for kind in types
            for size in size_edges
        ],
        "sender_map": [
            float(senders.index(segments.resolve(senders, kind=kind, size=size)))
            for kind in types
            for size in size_edges
        ],
        "dominance_map": [
            float(dominance.index(segments.resolve(dominance, senders=count, size=size)))
            for size in size_edges
            for count in sender_edges
        ],
        **tables.of_quantities(chats.members.values()).parameters("member"),
        **tables.of_quantities(chats.senders.values()).parameters("sender"),
        **tables.of_quantities(chats.dominance.values()).parameters("dominance"),
        **tables.of_quantities([spec.users.conversations_per_user]).parameters("degree"),
        **tables.of_quantities([spec.users.username_length]).parameters("username"),
    }


def _rhythm(spec):
    """Tempo by size, gaps by tempo and size, starts over the window."""
    chats, gaps = spec.conversations, list(spec.messages.activity_gap)
    groups = (
        chats.members,
        chats.senders,
        chats.dominance,
        chats.tempo,
        spec.messages.activity_gap,
    )
    size_edges = segments.edges(groups, "size", 1.0)
    tempo_edges = segments.edges([gaps], "tempo", 0.0)
    tempos = list(chats.tempo)
    gap_quantities = spec.messages.activity_gap.values()
    logarithms = tables.logarithms(gap_quantities).parameters("gap_log")
    lowest, highest = zip(*(_log_range(key) for key in gaps), strict=True)
    return {
        "tempo_edges": tempo_edges,
        "n_tempos": len(tempo_edges),
        "tempo_map": [
            float(tempos.index(segments.resolve(tempos, size=size))) for size in size_edges
        ],
        "gap_map": [
            float(gaps.index(segments.resolve(gaps, size=size, tempo=tempo)))
            for size in size_edges
            for tempo in tempo_edges
        ],
        **tables.of_quantities(chats.tempo.values()).parameters("tempo"),
        **tables.of_quantities(gap_quantities, 1000).parameters("gap"),
        "gap_log_intercepts": logarithms["gap_log_intercepts"],
        "gap_log_slopes": logarithms["gap_log_slopes"],
        "gap_log_lowest": list(lowest),
        "gap_log_highest": list(highest),
        "resolution_ms": max(1, round(1000 * spec.messages.time_resolution)),
        **tables.of_quantities([chats.start_position]).parameters("start"),
        "gap_memory": spec.messages.gap_memory,
        "gap_memory_scale": 0.5 / spec.messages.gap_memory if spec.messages.gap_memory else 0.0,
    }


def _log_range(key):
    """Where the mean logarithm of a segment's gaps belongs: the class of tempo it names."""
    low, high = segments.parse(key).ranges.get("tempo", (0.0, np.inf))
    least = float(settled(np.log(low))) if low > 1 else -1.0
    return least, float(settled(np.log(high))) if np.isfinite(high) else _NO_LIMIT


def _contents(spec):
    kinds, weights = _message_types(spec)
    lengths = spec.messages.content_length
    chosen = [lengths[segments.resolve(list(lengths), kind=kind)] for kind in kinds]
    table, numbers = tables.of_classes(chosen, weights)
    n_text = numbers.count(1) if kinds[0] == "TEXT" else 0
    starts = [*table.knots.tolist(), 1.0]
    return {
        "message_types": list(kinds),
        **table.parameters("length"),
        "length_types": numbers,
        "length_guide": table.guide(),
        # A type without a knot begins where the next one does, or never.
        "type_knots": [starts[np.searchsorted(numbers, one)] for one in range(1, len(kinds) + 1)],
        "media_from": draws.upper_bits(starts[n_text]),
    }


def _message_types(spec):
    """Labels and weights of the message types, text first: what lies beyond it has files."""
    mix = spec.messages.type
    pairs = sorted(zip(mix.labels, mix.weights, strict=True), key=lambda pair: pair[0] != "TEXT")
    return tuple(zip(*pairs, strict=True))


def _receipts(spec):
    receipts = spec.read_receipts
    nothing = Quantity("empirical", {"x": [0.0, 1.0], "cdf": [0.0, 1.0]}, discrete=True)
    return {
        "read_rate": receipts.read_rate if receipts else 0.0,
        **tables.of_quantities([receipts.per_message if receipts else nothing]).parameters(
            "receipt"
        ),
        **tables.of_quantities([receipts.delay_seconds if receipts else nothing], 1000).parameters(
            "delay"
        ),
    }


def _attachments(spec):
    part = spec.attachments
    nothing = Quantity("empirical", {"x": [0.0, 1.0], "cdf": [0.0, 1.0]}, discrete=True)
    kinds, kind_weights = _message_types(spec)
    labels = list(part.type.labels) if part else ["document"]
    weights = np.asarray(part.type.weights if part else [1.0])
    rows = _coupling(kinds, np.asarray(kind_weights), labels, weights)
    per_message = tables.of_quantities([part.per_media_message if part else nothing])
    return {
        "attachment_labels": labels * len(kinds),
        "attachment_type_knots": tables.shares(rows),
        # Ids of a message's attachments lie between its own times this and the next one's.
        "attachment_stride": 1 + int(per_message.look_up(np.ones(1))[0]),
        **per_message.parameters("attachment"),
        **tables.of_quantities([part.size_bytes if part else nothing]).parameters("bytes"),
    }


def _coupling(kinds, kind_weights, labels, weights):
    """Attachment type given message type: both mixes right, and matching wherever they allow."""
    media = np.array(
        [0.0 if kind == "TEXT" else w for kind, w in zip(kinds, kind_weights, strict=True)]
    )
    if media.sum() <= 0:
        return [weights for _ in kinds]
    media = media / media.sum()
    joint = np.zeros((len(kinds), len(labels)))
    for row, kind in enumerate(kinds):
        if MATCHING_ATTACHMENT.get(kind) in labels:
            column = labels.index(MATCHING_ATTACHMENT[kind])
            joint[row, column] = min(media[row], weights[column])
    rest_rows, rest_columns = media - joint.sum(axis=1), weights - joint.sum(axis=0)
    if rest_rows.sum() > 1e-12:
        joint += np.outer(rest_rows, rest_columns) / rest_rows.sum()
    return [joint[row] if media[row] > 0 else weights for row in range(len(kinds))]


def _noise():
    """Standard noises as tables, so that the server needs neither ln nor exp."""
    return {
        **tables.of_function(lambda u: -np.log(-np.log(u)), 1 - 1e-9).parameters("gumbel"),
        **tables.of_function(lambda u: -np.log1p(-u), 1 - 1e-9).parameters("exponential"),
        **tables.logarithm().parameters("log"),
        **tables.power().parameters("power"),
    }


@lru_cache(maxsize=2)
def _primes(count):
    """The first primes above `FIRST_PRIME`, every hundredth, so that they differ."""
    found, candidate = [], FIRST_PRIME + 1
    sieve = np.arange(3, 46350, 2)
    while len(found) < count:
        if np.all(candidate % sieve):
            found.append(candidate)
            candidate += 1_000_000
        candidate += 2
    return found


def _slice_edges(days, n_slices):
    """First millisecond of every slice, at equal activity, and one past any window."""
    shares = np.arange(1, n_slices) / n_slices
    elapsed = (shares * days.window_activity_ms).astype(np.int64)
    inner = days.wall_ms(days.origin_activity_ms + elapsed)
    return [0, *inner.tolist(), calendar.ENDLESS_MS]
