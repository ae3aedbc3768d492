"""Rows of the application tables: activity with invented names, bodies and planted PII.

Whatever a row invents is a function of (seed, table, row), so the planted items of a stand-in
can be listed again without a database: see `planted_items`.
"""

from dataclasses import dataclass

import numpy as np

from synth.standin import pii
from synth.standin.source import UNKNOWN

CHUNK = 20_000
_POOL_WORDS = 40_000
_PLANTED_SHARE = 0.08
_SHORTEST_ITEM = 9
_EXTENSIONS = {"image": "jpg", "video": "mp4", "audio": "ogg", "document": "pdf"}
_BYTES = {"image": 500_000, "video": 9_000_000, "audio": 250_000, "document": 180_000}
# Multi-byte characters, quotes and what COPY must escape: production has all of them.
_ODD_WORDS = (
    "naïve",
    "über",
    "café",
    "日本語",
    "\N{THUMBS UP SIGN}",
    "it's",
    '"so"',
    "a\\b",
    "ok\n",
)


@dataclass(frozen=True)
class Planted:
    """One planted item of personal data and where it stands."""

    kind: str
    table: str
    column: str
    text: str


@dataclass(frozen=True)
class Names:
    """Pools of invented names, made once by faker."""

    first: tuple
    last: tuple
    cities: tuple
    streets: tuple
    words: tuple


def invent_names(seed):
    """Make the pools of names.

    Parameters
    ----------
    seed : int

    Returns
    -------
    Names
    """
    from faker import Faker

    fake = Faker("en_US")
    fake.seed_instance(seed)
    return Names(
        first=tuple(fake.first_name() for _ in range(400)),
        last=tuple(fake.last_name() for _ in range(800)),
        cities=tuple(fake.city() for _ in range(300)),
        streets=tuple(fake.street_name() for _ in range(300)),
        words=tuple(dict.fromkeys(fake.words(2000))),
    )


def planted_items(source, seed):
    """List every planted item of a stand-in, in the order in which it is loaded.

    Parameters
    ----------
    source : synth.standin.source.Source
        The same activity the stand-in was made from.
    seed : int
        The same seed.

    Returns
    -------
    list of Planted
    """
    found = []
    inventor = Inventor(source, seed, found.append)
    for rows in (inventor.users, inventor.conversations, inventor.messages, inventor.attachments):
        for _ in rows():
            pass
    return found


class Inventor:
    """Rows of each table, as tuples for COPY, in chunks of flat memory.

    Parameters
    ----------
    source : synth.standin.source.Source
    seed : int
    on_planted : callable
        Called with a `Planted` for every item, as its row is made.
    """

    def __init__(self, source, seed, on_planted):
        self.source = source
        self._seed = seed
        self._on_planted = on_planted
        self._names = invent_names(seed)
        self._pool = self._text_pool()

    def users(self):
        """Rows of ``users``: a name, an e-mail, and most of a profile."""
        source, names = self.source, self._names
        devices = source.user_devices
        for start, stop in _chunks(len(source.user_ids)):
            seen = [None] * (stop - start)
            if devices is not None:
                seen = devices.values(slice(start, stop))
            created = as_times(source.user_created[start:stop])
            states = self._states("users", start, stop)
            for ident, state, device, at in zip(
                source.user_ids[start:stop].tolist(), states, seen, created, strict=True
            ):
                draws = pii.Draws(state)
                first, last = draws.pick(names.first), draws.pick(names.last)
                account = f"{first.lower()}{draws.pick(('.', '_', ''))}{last.lower()}"
                account = account[: 5 + draws.below(18)] + str(ident)
                self._plant("account_name", "users", "username", account)
                email = self._plant("email", "users", "email", f"{account}@example.com")
                display = phone = avatar = bio = None
                if draws.below(100) < 92:
                    display = self._plant("name", "users", "displayName", f"{first} {last}")
                if draws.below(100) < 60:
                    phone = self._item("phone_e164", draws.below(2**63), "users", "phone")
                if draws.below(100) < 70:
                    avatar = self._item("url_token", draws.below(2**63), "users", "avatarUrl")
                if draws.below(100) < 45:
                    bio = self._bio(draws)
                yield ident, account, email, display, phone, avatar, bio, device, at, at

    def conversations(self):
        """Rows of ``conversations``; direct messages have no name."""
        source, names = self.source, self._names
        for start, stop in _chunks(len(source.conversation_ids)):
            part = slice(start, stop)
            columns = (
                source.conversation_ids[part].tolist(),
                source.conversation_types.values(part),
                as_times(source.conversation_created[part]),
                as_times(source.conversation_updated[part]),
                self._states("conversations", start, stop),
            )
            for ident, kind, created, updated, state in zip(*columns, strict=True):
                name = None
                if kind != "DIRECT_MESSAGE":
                    draws = pii.Draws(state)
                    name = f"{draws.pick(names.words)} {draws.pick(names.words)}"
                    if draws.below(5) == 0:
                        person = f"{draws.pick(names.first)} {draws.pick(names.last)}"
                        self._plant("name", "conversations", "name", person)
                        name = f"{name} with {person}"
                yield ident, kind, name, created, updated

    def members(self):
        """Rows of ``conversation_users``; who joined first owns the conversation."""
        source = self.source
        for start, stop in _chunks(len(source.member_users)):
            part = slice(start, stop)
            positions = source.member_conversations[part]
            before = source.member_conversations[max(start - 1, 0) : stop - 1]
            if start == 0:
                before = np.concatenate([[UNKNOWN], before])
            states = np.array(self._states("members", start, stop), dtype=np.uint64)
            columns = (
                source.conversation_ids[positions].tolist(),
                source.user_ids[source.member_users[part]].tolist(),
                np.where(positions != before, "owner", "member").tolist(),
                (states % np.uint64(100) < np.uint64(93)).tolist(),
                as_times(source.member_joined[part]),
            )
            yield from zip(*columns, strict=True)

    def messages(self):
        """Rows of ``messages``: bodies of the given length, some with a planted item."""
        source = self.source
        for start, stop in _chunks(len(source.message_ids)):
            part = slice(start, stop)
            states = self._states("messages", start, stop)
            lengths = source.message_lengths[part].tolist()
            bodies = map(self._body, states, lengths)
            columns = (
                source.message_ids[part].tolist(),
                source.conversation_ids[source.message_conversations[part]].tolist(),
                source.user_ids[source.message_senders[part]].tolist(),
                source.message_types.values(part),
                bodies,
                as_times(source.message_times[part]),
            )
            yield from zip(*columns, strict=True)

    def attachments(self):
        """Rows of ``attachments``: a file name, a URL with a token, a size by type."""
        source, names = self.source, self._names
        for start, stop in _chunks(len(source.attachment_ids)):
            part = slice(start, stop)
            messages = source.attachment_messages[part]
            columns = (
                source.attachment_ids[part].tolist(),
                source.message_ids[messages].tolist(),
                source.attachment_types.values(part),
                as_times(source.message_times[messages]),
                self._states("attachments", start, stop),
            )
            rng = np.random.default_rng([self._seed, 43, start])
            spread = np.exp(rng.normal(0, 1.1, stop - start)).tolist()
            for (ident, message, kind, at, state), factor in zip(
                zip(*columns, strict=True), spread, strict=True
            ):
                draws = pii.Draws(state)
                person = f"{draws.pick(names.last)}_{draws.pick(names.first)}_{draws.digits(6)}"
                name = f"{person}.{_EXTENSIONS.get(kind, 'bin')}"
                self._plant("file_name", "attachments", "fileName", name)
                url = self._item("url_token", draws.below(2**63), "attachments", "url")
                size = max(200, int(_BYTES.get(kind, 100_000) * factor))
                yield ident, message, kind, name, url, size, at

    def _body(self, state, length):
        if length == UNKNOWN:
            return None
        draws = pii.Draws(state)
        start = draws.below(len(self._pool))
        if draws.below(1000) >= 1000 * _PLANTED_SHARE or length < _SHORTEST_ITEM:
            return self._text(start, length)
        # A body too short for the first kind may hold another: all kinds get their turn.
        first = draws.below(len(pii.KINDS))
        for step in range(len(pii.KINDS)):
            kind = pii.KINDS[(first + step) % len(pii.KINDS)]
            text = pii.item(kind, draws.below(2**63), self._names)
            room = length - len(text)
            if room == 0 or room >= 2:
                self._plant(kind, "messages", "content", text)
                return self._around(text, draws.below(room - 1) if room else 0, start, room)
        return self._text(start, length)

    def _around(self, text, before, start, room):
        if room == 0:
            return text
        return f"{self._text(start, before)} {text} {self._text(start + before, room - 2 - before)}"

    def _bio(self, draws):
        start = draws.below(len(self._pool))
        words = self._text(start, 10 + draws.below(90))
        kind = draws.pick(pii.KINDS)
        return f"{words} {self._item(kind, draws.below(2**63), 'users', 'bio')}"

    def _item(self, kind, state, table, column):
        return self._plant(kind, table, column, pii.item(kind, state, self._names))

    def _plant(self, kind, table, column, text):
        self._on_planted(Planted(kind, table, column, text))
        return text

    def _text(self, start, length):
        pool = self._pool
        start %= len(pool)
        text = pool[start : start + length]
        while len(text) < length:
            text += pool[: length - len(text)]
        return text

    def _text_pool(self):
        rng = np.random.default_rng([self._seed, 42])
        words = np.array([*self._names.words, *_ODD_WORDS], dtype=object)
        weights = np.ones(len(words))
        weights[-len(_ODD_WORDS) :] = 0.03 * len(words) / len(_ODD_WORDS)
        return " ".join(rng.choice(words, _POOL_WORDS, p=weights / weights.sum()))

    def _states(self, table, start, stop):
        """One 64-bit number per row, as Python integers."""
        salt = np.random.SeedSequence([self._seed, *table.encode()]).generate_state(1, np.uint64)[0]
        return pii.mixed(np.arange(start, stop, dtype=np.uint64) + salt).tolist()


def as_times(microseconds):
    """Times as ISO text, which COPY reads faster than Python makes datetimes."""
    return np.datetime_as_string(microseconds.astype("datetime64[us]"), timezone="UTC").tolist()


def _chunks(n_rows):
    for start in range(0, n_rows, CHUNK):
        yield start, min(start + CHUNK, n_rows)
