"""Simulated read receipts: who read a message, and how long after."""

import numpy as np

from synth.standin.invent import as_times
from synth.standin.source import MICROSECONDS

_CHUNK = 50_000
_MAX_READERS = 25
# Share of the other members who read a message, by type of conversation.
_READ_SHARE = {"DIRECT_MESSAGE": 0.84, "GROUP_CHAT": 0.42}
_OTHER_SHARE = 0.06
_MAX_DELAY_SECONDS = 20 * 86_400


def rows(source, seed):
    """Rows of ``message_reads``, chunk by chunk in message order, within a chunk by time.

    Parameters
    ----------
    source : synth.standin.source.Source
    seed : int

    Yields
    ------
    tuple
        Message id, user id, time.
    """
    n_conversations, n_users = len(source.conversation_ids), len(source.user_ids)
    n_members = np.bincount(source.member_conversations, minlength=n_conversations)
    first_member = np.concatenate([[0], np.cumsum(n_members)])[:-1]
    places = source.member_conversations * n_users + source.member_users
    labels = source.conversation_types.labels
    shares = np.array([_READ_SHARE.get(label, _OTHER_SHARE) for label in labels])
    shares = shares[source.conversation_types.codes]
    for chunk, start in enumerate(range(0, len(source.message_ids), _CHUNK)):
        rng = np.random.default_rng([seed, 44, chunk])
        conversations = source.message_conversations[start : start + _CHUNK]
        wanted = conversations * n_users + source.message_senders[start : start + _CHUNK]
        place = np.searchsorted(places, wanted)
        is_member = np.append(places, -1)[place] == wanted
        others = n_members[conversations] - is_member
        n_readers = np.minimum(rng.binomial(others, shares[conversations]), _MAX_READERS)

        message = np.repeat(np.arange(len(conversations)), n_readers)
        turn = np.arange(len(message)) - np.repeat(np.cumsum(n_readers) - n_readers, n_readers)
        # Successive seats from a random one, around the sender's: nobody reads twice.
        offset = rng.integers(0, np.maximum(others, 1))
        seat = (offset[message] + turn) % others[message]
        sender_seat = np.where(is_member, place - first_member[conversations], n_members.max() + 1)
        seat += seat >= sender_seat[message]
        member = first_member[conversations[message]] + seat

        delay = _delays(rng, len(message))
        time = source.message_times[start + message] + (delay * MICROSECONDS).astype(np.int64)
        order = np.lexsort((member, message, time))
        yield from zip(
            source.message_ids[start + message][order].tolist(),
            source.user_ids[source.member_users[member]][order].tolist(),
            as_times(time[order]),
            strict=True,
        )


def _delays(rng, n):
    """Seconds until read: some look on at once, others come back hours later."""
    at_once = np.exp(rng.normal(np.log(12), 1.0, n))
    later = np.exp(rng.normal(np.log(1500), 1.9, n))
    return np.minimum(np.where(rng.random(n) < 0.45, at_once, later), _MAX_DELAY_SECONDS)
