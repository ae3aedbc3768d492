"""Chats in which every observation is a person of its own, so that counts of rows are people.

`diaries`: each user has one conversation alone, so conversations are people. `one_line_each`:
each user wrote one message, so messages (and receipts, files) are people. `rooms`: each
conversation has a busiest sender of its own.
"""

import random
from datetime import UTC, datetime

from synth import db

START = datetime(2026, 1, 5, tzinfo=UTC).timestamp()
_COLUMNS = {
    "users": ("id", "username", "bio", "lastDevice"),
    "conversations": ("id", "type"),
    "conversation_users": ("conversationId", "userId"),
    "messages": ("id", "conversationId", "senderId", "type", "content", "createdAt"),
    "message_reads": ("messageId", "userId", "readAt"),
    "attachments": ("id", "messageId", "type", "sizeBytes"),
}


def diaries(seed, n_people=420):
    """Conversations of one member each; gives the rows of every table.

    Sizes have a heavy tail, differently by type; a few are empty.
    """
    rng = random.Random(seed)
    tables = {name: [] for name in _COLUMNS}
    kinds = ["DIRECT_MESSAGE", "GROUP_CHAT", "CHANNEL"]
    weights = [rng.uniform(0.2, 1) for _ in kinds]
    centers = [rng.uniform(0.5, 3.5) for _ in kinds]
    spreads = [rng.uniform(0.4, 1.6) for _ in kinds]
    n_empty = [rng.choice([0, 2, 4, 12]) for _ in kinds]
    key = 0
    for person in range(1, n_people + 1):
        which = rng.choices(range(3), weights)[0]
        tables["users"].append((person, f"u{person}", None, rng.choice(["ios", "web"])))
        tables["conversations"].append((person, kinds[which]))
        tables["conversation_users"].append((person, person))
        size = max(1, round(rng.lognormvariate(centers[which], spreads[which])))
        if n_empty[which]:
            n_empty[which] -= 1
            size = 0
        moment = START + rng.randrange(86_400 * 20)
        for _ in range(min(size, 400)):
            key += 1
            tables["messages"].append((key, person, person, "TEXT", "x" * 9, _at(moment)))
            moment += rng.lognormvariate(4, 2)
    return tables


def one_line_each(seed, n_people=600, n_audio=None, n_files_of_texts=0):
    """Messages of one sender each, in a few rooms; some are read once, some carry a file.

    With `n_audio` so many are of that type; `n_files_of_texts` texts carry a file, too.
    """
    rng = random.Random(seed)
    tables = {name: [] for name in _COLUMNS}
    kinds = ["TEXT", "IMAGE", "FILE", "AUDIO", "VIDEO"]
    weights = [rng.choice([0.05, 0.3, 1, 3]) for _ in kinds]
    centers = [rng.uniform(1, 5) for _ in kinds]
    rush = [rng.uniform(0, 24) for _ in kinds]
    for room in range(1, 9):
        tables["conversations"].append((room, "GROUP_CHAT"))
    for person in range(1, n_people + 1):
        which = rng.choices(range(5), weights)[0]
        if n_audio is not None:
            which = 3 if person <= n_audio else 0 if which == 3 else which
        room = rng.randint(1, 8)
        length = None if rng.random() < 0.004 else round(rng.lognormvariate(centers[which], 0.9))
        hour = (rng.gauss(rush[which], 4)) % 24
        moment = START + 86_400 * rng.randrange(21) + 3600 * hour
        tables["users"].append((person, f"u{person}", None, rng.choice(["ios", "web", "android"])))
        tables["conversation_users"].append((room, person))
        content = None if length is None else "x" * length
        tables["messages"].append((person, room, person, kinds[which], content, _at(moment)))
        if rng.random() < 0.7:
            reader = person % n_people + 1
            delay = rng.lognormvariate(5, 2)
            tables["message_reads"].append((person, reader, _at(moment + delay)))
        is_text = kinds[which] == "TEXT"
        n_files_of_texts -= is_text
        if n_files_of_texts >= 0 if is_text else rng.random() < 0.9:
            n_bytes = round(rng.lognormvariate(10, 2))
            tables["attachments"].append((person, person, "image", n_bytes))
    return tables


def rooms(seed, n_rooms=300, n_guests=8, weights=(1,)):
    """Conversations with a busiest sender of their own each; the others are the same few.

    With several `weights` there are as many types, each with sizes and senders of its own.
    """
    rng = random.Random(seed)
    tables = {name: [] for name in _COLUMNS}
    guests = range(1, n_guests + 1)
    kinds = ["GROUP_CHAT", "DIRECT_MESSAGE", "CHANNEL"][: len(weights)]
    centers = [1.6, *(rng.uniform(0.8, 2.2) for _ in weights[1:])]
    rates = [0.7, *(rng.uniform(0.3, 1.2) for _ in weights[1:])]
    key = 0
    for person in [*guests, *range(11, n_rooms + 11)]:
        tables["users"].append((person, f"u{person}", None, "ios"))
    for room in range(11, n_rooms + 11):
        which = rng.choices(range(len(weights)), weights)[0]
        tables["conversations"].append((room, kinds[which]))
        size = min(200, max(1, round(rng.lognormvariate(centers[which], 1))))
        others = rng.sample(guests, min(n_guests, size // 3, int(rng.expovariate(rates[which]))))
        for person in [room, *others]:
            tables["conversation_users"].append((room, person))
        for person in others + [room] * (size - len(others)):
            key += 1
            moment = START + rng.randrange(86_400 * 20)
            tables["messages"].append((key, room, person, "TEXT", "x" * 9, _at(moment)))
    return tables


def load(target, tables):
    """Fill schema app of a target."""
    with db.connect(target) as connection:
        db.execute(connection, "schema_create_new", schema="app")
        db.run_script(connection, "app_schema", schema="app")
        for name, rows in tables.items():
            db.copy_rows(connection, ("app", name), _COLUMNS[name], rows)


def _at(seconds):
    return datetime.fromtimestamp(seconds, tz=UTC)
