"""A hand-made chat of 7 people, small enough to check by eye, and its loader.

It holds what goes wrong: ties in time, a gap of exactly an hour, conversations of one message
and of none, a message without a body, a label nobody declared, people who never wrote.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime

import shape_reference

from synth import db

MONDAY = datetime(2026, 1, 5, tzinfo=UTC).timestamp()


@dataclass(frozen=True)
class Chat:
    """Rows as the application has them; times in epoch seconds."""

    users: list = field(default_factory=list)
    conversations: dict = field(default_factory=dict)
    members: list = field(default_factory=list)
    messages: list = field(default_factory=list)
    receipts: list = field(default_factory=list)
    attachments: list = field(default_factory=list)

    def expected(self):
        """Every figure of the shape, native grids, without suppression."""
        known = {"TEXT", "IMAGE", "FILE", "AUDIO", "VIDEO"}
        messages = [
            {**message, "type": message["type"] if message["type"] in known else "OTHER"}
            for message in self.messages
        ]
        figures = {
            **shape_reference.conversation_shape(messages, self.conversations, self.members),
            **shape_reference.user_shape(self.users, messages, self.members),
            **shape_reference.receipt_shape(
                messages, [(message, at) for message, _, at in self.receipts]
            ),
            **shape_reference.attachment_shape(messages, self.attachments),
        }
        return figures


def _messages():
    rows = [
        # Conversation 1: Monday 00:00, a tie, a gap of exactly an hour, one above it.
        (1, 1, 1, 0, "TEXT", 5),
        (2, 1, 2, 60, "TEXT", 12),
        (3, 1, 1, 60, "IMAGE", 0),
        (4, 1, 2, 3660, "TEXT", 40),
        (5, 1, 3, 7261, "FILE", None),
        (6, 1, 1, 7300, "TEXT", 5),
        # Conversation 2: one message. Conversation 3: five at equal gaps. 4: none.
        (7, 2, 4, 90_000, "TEXT", 300),
        *((10 + i, 3, 1 + i % 2, 100_000 + 100 * i, "TEXT", 20 + i) for i in range(5)),
        # Conversation 5: all at one moment, a type nobody declared, a Saturday.
        *((20 + i, 5, 5, 5 * 86_400, "VOICE_NOTE", 7) for i in range(6)),
    ]
    return [
        {
            "message_id": key,
            "conversation_id": conversation,
            "sender_id": sender,
            "at": MONDAY + offset,
            "type": kind,
            "length": length,
        }
        for key, conversation, sender, offset, kind, length in rows
    ]


CHAT = Chat(
    users=[
        {
            "user_id": key,
            "username_length": 3 + key,
            "avatar": key % 2 == 0,
            "bio": key == 1,
            "phone": False,
            "display_name": True,
            "device": device,
        }
        for key, device in enumerate(["ios", "ios", "web", None, "android", None, "web"], start=1)
    ],
    conversations={
        1: "GROUP_CHAT",
        2: "DIRECT_MESSAGE",
        3: "DIRECT_MESSAGE",
        4: "CHANNEL",
        5: "CHANNEL",
    },
    members=[(1, 1), (1, 2), (1, 3), (2, 4), (2, 1), (3, 1), (3, 2), (4, 6), (5, 5), (5, 6)],
    messages=_messages(),
    receipts=[
        (1, 2, MONDAY + 59),
        (1, 3, MONDAY + 60),
        (2, 1, MONDAY + 60 + 3600),
        (2, 3, MONDAY + 60 + 7200),
        (3, 2, MONDAY + 30),
        (7, 1, MONDAY + 90_000 + 86_400),
    ],
    attachments=[(3, "image", 100), (5, "document", 99), (5, "document", 123_456)],
)


def load(target):
    """Fill schema app of a target with the chat."""
    with db.connect(target) as connection:
        db.execute(connection, "schema_create_new", schema="app")
        db.run_script(connection, "app_schema", schema="app")
        for name, columns, rows in _tables():
            db.copy_rows(connection, ("app", name), columns, rows)


def _tables():
    def moment(seconds):
        return datetime.fromtimestamp(seconds, tz=UTC)

    yield (
        "users",
        ("id", "username", "displayName", "avatarUrl", "bio", "phone", "lastDevice"),
        [
            (
                user["user_id"],
                "u" * user["username_length"],
                "shown",
                "picture" if user["avatar"] else None,
                "text" if user["bio"] else "",
                None,
                user["device"],
            )
            for user in CHAT.users
        ],
    )
    yield "conversations", ("id", "type"), list(CHAT.conversations.items())
    yield "conversation_users", ("conversationId", "userId"), CHAT.members
    yield (
        "messages",
        ("id", "conversationId", "senderId", "type", "content", "createdAt"),
        [
            (
                row["message_id"],
                row["conversation_id"],
                row["sender_id"],
                row["type"],
                # Two bytes each: a length counts characters.
                None if row["length"] is None else "ñ" * row["length"],
                moment(row["at"]),
            )
            for row in CHAT.messages
        ],
    )
    yield (
        "message_reads",
        ("messageId", "userId", "readAt"),
        [(message, reader, moment(at)) for message, reader, at in CHAT.receipts],
    )
    yield (
        "attachments",
        ("id", "messageId", "type", "sizeBytes"),
        [(number, *row) for number, row in enumerate(CHAT.attachments, start=1)],
    )
