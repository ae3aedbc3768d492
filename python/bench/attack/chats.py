"""A chat as arrays, from the application's rows, from a folder of real ones or drawn."""

import csv
import gzip
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from synth import catalogue

Numbers = np.ndarray
START = datetime(2026, 1, 5, tzinfo=UTC).timestamp()
DAY = 86_400
# Type of a conversation that went with its people.
GONE = -2
FIELDS = ("avatar", "bio", "phone", "display_name")
# Real columns of the application behind the fields.
_COLUMNS = {"avatar": "avatarUrl", "bio": "bio", "phone": "phone", "display_name": "displayName"}


@dataclass(frozen=True)
class Chat:
    """Rows of a chat; people and conversations are numbered from 0.

    Attributes
    ----------
    n_people, n_conversations : int
    username_length : shape (n_people,)
    has : shape (n_people, 4), flags in the order of `FIELDS`
    device, conversation_type : codes, -1 where unknown
    members : shape (m, 2), conversation and person
    conversation, sender, at, kind, length : of messages; seconds, type code, -1 where unknown
    receipts : shape (r, 3), message, reader, seconds after it
    files : shape (f, 3), message, type code, bytes
    window : first and last second
    """

    n_people: int
    n_conversations: int
    username_length: Numbers
    has: Numbers
    device: Numbers
    conversation_type: Numbers
    members: Numbers
    conversation: Numbers
    sender: Numbers
    at: Numbers
    kind: Numbers
    length: Numbers
    receipts: Numbers
    files: Numbers
    window: tuple[float, float]


def of_messages(chat: Chat, kept: Numbers) -> Chat:
    """The chat with some of its messages, and their receipts and files."""
    number = np.cumsum(kept) - 1

    def of_kept(rows: Numbers) -> Numbers:
        rows = rows[kept[rows[:, 0].astype(int)]]
        return np.column_stack([number[rows[:, 0].astype(int)], rows[:, 1:]])

    return replace(
        chat,
        conversation=chat.conversation[kept],
        sender=chat.sender[kept],
        at=chat.at[kept],
        kind=chat.kind[kept],
        length=chat.length[kept],
        receipts=of_kept(chat.receipts),
        files=of_kept(chat.files),
    )


def of_conversations(chat: Chat, rooms: Numbers) -> Chat:
    """The chat of some of its conversations; shape of the flags (n_conversations,)."""
    found = of_messages(chat, rooms[chat.conversation])
    return replace(
        found,
        conversation_type=np.where(rooms, chat.conversation_type, GONE),
        members=chat.members[rooms[chat.members[:, 0]]],
    )


def without(chat: Chat, people: Numbers) -> Chat:
    """The chat as if some people had never been: their rows and conversations of theirs alone go.

    Numbers of people and conversations stay, so that those left can be compared; `wholes` counts
    none of those that are gone.
    """
    gone = np.zeros(chat.n_people, bool)
    gone[people] = True
    kept = ~gone[chat.sender]
    found = of_messages(chat, kept)
    members = chat.members[~gone[chat.members[:, 1]]]
    left = np.zeros(chat.n_conversations, bool)
    left[members[:, 0]] = True
    left[chat.conversation[kept]] = True
    # A room that never had anybody is nobody's.
    left |= np.bincount(chat.members[:, 0], minlength=chat.n_conversations) == 0
    return replace(
        found,
        conversation_type=np.where(left, chat.conversation_type, GONE),
        username_length=np.where(gone, -1, chat.username_length),
        members=members,
        receipts=found.receipts[~gone[found.receipts[:, 1].astype(int)]],
    )


def from_tables(tables: dict[str, list]) -> Chat:
    """Rows as `pack_populations` makes them, in the order of its columns."""
    users = {row[0]: number for number, row in enumerate(tables["users"])}
    rooms = {row[0]: number for number, row in enumerate(tables["conversations"])}
    messages = {row[0]: number for number, row in enumerate(tables["messages"])}
    columns = list(zip(*tables["messages"], strict=True)) or [()] * 6
    at = np.array([moment.timestamp() for moment in columns[5]])
    has = np.zeros((len(users), len(FIELDS)), bool)
    has[:, FIELDS.index("bio")] = [bool(row[2]) for row in tables["users"]]
    receipts = [
        (messages[message], users[reader], moment.timestamp() - at[messages[message]])
        for message, reader, moment in tables.get("message_reads", [])
    ]
    of_files = _coder("attachment_type")
    files = [(messages[row[1]], of_files(row[2]), row[3]) for row in tables.get("attachments", [])]
    return Chat(
        n_people=len(users),
        n_conversations=len(rooms),
        username_length=np.array([len(row[1]) for row in tables["users"]]),
        has=has,
        device=np.array([_coder("device")(row[3]) for row in tables["users"]]),
        conversation_type=_codes("conversation_type", [row[1] for row in tables["conversations"]]),
        members=np.array([(rooms[a], users[b]) for a, b in tables["conversation_users"]]),
        conversation=np.array([rooms[key] for key in columns[1]]),
        sender=np.array([users[key] for key in columns[2]]),
        at=at,
        kind=_codes("message_type", columns[3]),
        length=np.array([-1 if text is None else len(text) for text in columns[4]]),
        receipts=np.array(receipts, float).reshape(-1, 3),
        files=np.array(files, float).reshape(-1, 3),
        window=(at.min(), at.max()),
    )


def from_folder(folder: Path) -> Chat:
    """Real rows, in the form that `synth standin --from` takes; nobody has a profile there."""
    rooms = _read(folder, "conversations")
    messages = sorted(_read(folder, "messages"), key=lambda row: row["created_at"])
    members = _read(folder, "members")
    files = _read(folder, "attachments")
    people = {row["user_id"] for row in members} | {row["sender_id"] for row in messages}
    place = {key: number for number, key in enumerate(sorted(people, key=int))}
    room = {row["conversation_id"]: number for number, row in enumerate(rooms)}
    number = {row["message_id"]: n for n, row in enumerate(messages)}
    at = np.array([datetime.fromisoformat(row["created_at"]).timestamp() for row in messages])
    of_files = _coder("attachment_type")
    n = len(place)
    return Chat(
        n_people=n,
        n_conversations=len(room),
        username_length=np.full(n, 8),
        has=np.zeros((n, len(FIELDS)), bool),
        device=np.full(n, -1),
        conversation_type=_codes("conversation_type", [row["type"] for row in rooms]),
        members=np.array([(room[r["conversation_id"]], place[r["user_id"]]) for r in members]),
        conversation=np.array([room[row["conversation_id"]] for row in messages]),
        sender=np.array([place[row["sender_id"]] for row in messages]),
        at=at,
        kind=_codes("message_type", [row["type"] for row in messages]),
        length=np.array([int(row.get("content_length") or -1) for row in messages]),
        receipts=np.zeros((0, 3)),
        files=np.array(
            [(number[row["message_id"]], of_files(row["type"]), -1) for row in files], float
        ).reshape(-1, 3),
        window=(at.min(), at.max()),
    )


def simulated(rng: np.random.Generator, n_people: int, messages_each: float = 40.0) -> Chat:
    """A chat with heavy tails: of what people write, of sizes, of gaps; with receipts and files.

    Parameters
    ----------
    rng
    n_people
    messages_each
        Mean messages of a person.
    """
    n_rooms = max(10, round(n_people * 2.5))
    weight = rng.lognormal(0, 1.5, n_people)
    sizes = np.minimum(np.ceil(rng.lognormal(1.2, 1.5, n_rooms)), n_people * 20).astype(int)
    sizes = np.maximum(np.round(sizes * messages_each * n_people / sizes.sum()), 0).astype(int)
    kind_of_room = rng.choice(3, n_rooms, p=[0.6, 0.3, 0.1])
    n_members = np.where(kind_of_room == 0, 2, 2 + rng.geometric(0.15, n_rooms))
    n_members = np.minimum(n_members, n_people)
    room_of_place = np.repeat(np.arange(n_rooms), n_members)
    person = rng.choice(n_people, room_of_place.size, p=weight / weight.sum())
    members = np.unique(np.column_stack([room_of_place, person]), axis=0)
    first = np.searchsorted(members[:, 0], np.arange(n_rooms))
    count = np.bincount(members[:, 0], minlength=n_rooms)
    conversation = np.repeat(np.arange(n_rooms), sizes)
    n = conversation.size
    chosen = first[conversation] + (rng.beta(0.6, 1.6, n) * count[conversation]).astype(int)
    gaps = rng.lognormal(5, 2.6, n)
    begins = np.r_[True, conversation[1:] != conversation[:-1]]
    walked = np.cumsum(np.where(begins, 0, gaps))
    since = walked - np.repeat(walked[begins], np.diff(np.flatnonzero(np.r_[begins, True])))
    start = rng.uniform(0, 27 * DAY, n_rooms)
    wave = np.clip(rng.normal(14, 4, n_rooms), 0, 23.9) * 3600
    at = START + (start[conversation] // DAY * DAY + wave[conversation] + since) % (28 * DAY)
    order = np.lexsort((at, conversation))
    conversation, chosen, at = conversation[order], chosen[order], np.floor(at[order])
    kind = rng.choice(5, n, p=[0.85, 0.08, 0.04, 0.02, 0.01])
    length = np.where(kind == 0, rng.lognormal(3.5, 1, n).astype(int), -1)
    read = np.flatnonzero(rng.random(n) < 0.5)
    media = np.flatnonzero(kind > 0)
    return Chat(
        n_people=n_people,
        n_conversations=n_rooms,
        username_length=rng.integers(4, 16, n_people),
        has=rng.random((n_people, len(FIELDS))) < [0.6, 0.3, 0.2, 0.9],
        device=rng.choice(4, n_people, p=[0.4, 0.35, 0.2, 0.05]),
        conversation_type=kind_of_room,
        members=members,
        conversation=conversation,
        sender=members[chosen, 1],
        at=at,
        kind=kind,
        length=length,
        receipts=np.column_stack(
            [read, rng.integers(0, n_people, read.size), rng.lognormal(5, 2, read.size)]
        ),
        files=np.column_stack(
            [media, rng.integers(0, 4, media.size), rng.lognormal(10, 2, media.size)]
        ),
        window=(START, START + 28 * DAY - 1),
    )


def _read(folder: Path, name: str) -> list[dict[str, str]]:
    path = folder / f"{name}.csv.gz"
    if not path.exists():
        return []
    with gzip.open(path, "rt", newline="") as lines:
        return list(csv.DictReader(lines))


def _coder(vocabulary: str) -> Callable[[str | None], int]:
    """Code of a label: its place in the vocabulary, behind it whatever is unknown, -1 for none."""
    labels = catalogue.vocabulary()[vocabulary]
    places = {label: number for number, label in enumerate(labels)}
    return lambda label: -1 if label is None else places.get(label, len(labels))


def _codes(vocabulary: str, labels: list) -> Numbers:
    code = _coder(vocabulary)
    return np.array([code(label) for label in labels], dtype=int)
