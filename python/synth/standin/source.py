"""Activity in columns: what both kinds of stand-in have in common before it gets a face.

Rows refer to each other by position, not by id, so that everything stays an array.
"""

from dataclasses import dataclass, field

import numpy as np

MICROSECONDS = 1_000_000
UNKNOWN = -1
DEVICES = ("ios", "android", "web", "desktop")


@dataclass(frozen=True)
class Categories:
    """A text column as codes into its distinct labels.

    Attributes
    ----------
    labels : tuple of str
    codes : ndarray of int16
        `UNKNOWN` stands for null.
    """

    labels: tuple
    codes: np.ndarray

    @classmethod
    def of(cls, values):
        """Encode a sequence of strings."""
        labels, codes = np.unique(np.asarray(values, dtype=object), return_inverse=True)
        return cls(tuple(labels.tolist()), codes.astype(np.int16))

    def values(self, rows=slice(None)):
        """Labels of some rows as a list; None for null."""
        lookup = np.array([*self.labels, None], dtype=object)
        return lookup[self.codes[rows]].tolist()


@dataclass(frozen=True)
class Source:
    """Users, conversations, members, messages and attachments; times in µs since 1970 UTC.

    Attributes
    ----------
    user_ids, user_created : ndarray of int64, shape (n_users,)
    user_devices : Categories or None
        None where the source knows no devices.
    conversation_ids, conversation_created, conversation_updated : ndarray of int64
    conversation_types : Categories
    member_conversations, member_users, member_joined : ndarray of int64
        Positions of conversation and user, sorted by both; time of joining.
    message_ids, message_conversations, message_senders, message_times : ndarray of int64
        In time order; positions of conversation and sender.
    message_types : Categories
    message_lengths : ndarray of int64, characters
        `UNKNOWN` where the source does not say.
    attachment_ids, attachment_messages : ndarray of int64
    attachment_types : Categories
    has_receipts : bool
        Whether read receipts are to be simulated.
    simulated : tuple of str
        What was simulated rather than read, for the summary.
    """

    user_ids: np.ndarray
    user_created: np.ndarray
    user_devices: Categories | None
    conversation_ids: np.ndarray
    conversation_types: Categories
    conversation_created: np.ndarray
    conversation_updated: np.ndarray
    member_conversations: np.ndarray
    member_users: np.ndarray
    member_joined: np.ndarray
    message_ids: np.ndarray
    message_conversations: np.ndarray
    message_senders: np.ndarray
    message_times: np.ndarray
    message_types: Categories
    message_lengths: np.ndarray
    attachment_ids: np.ndarray
    attachment_messages: np.ndarray
    attachment_types: Categories
    has_receipts: bool
    simulated: tuple = field(default=())


def first_and_last(groups, times, n_groups, *, default_first, default_last):
    """Earliest and latest time by group.

    Parameters
    ----------
    groups, times : ndarray of int64
        Group position and time of each row.
    n_groups : int
    default_first, default_last : ndarray of int64, shape (n_groups,)
        Joined in: the earlier of it and the first, and what a group without rows gets.

    Returns
    -------
    tuple of ndarray
        First and last, shape (n_groups,).
    """
    first, last = default_first.copy(), np.full(n_groups, np.iinfo(np.int64).min)
    np.minimum.at(first, groups, times)
    np.maximum.at(last, groups, times)
    seen = np.bincount(groups, minlength=n_groups) > 0
    return first, np.where(seen, last, default_last)


def random_devices(n_users, seed):
    """Devices of users, some of them unknown.

    Parameters
    ----------
    n_users, seed : int

    Returns
    -------
    Categories
    """
    rng = np.random.default_rng([seed, 41])
    codes = rng.choice([0, 1, 2, 3, UNKNOWN], size=n_users, p=[0.38, 0.33, 0.17, 0.07, 0.05])
    return Categories(DEVICES, codes.astype(np.int16))
