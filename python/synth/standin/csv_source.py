"""Real activity from a folder of CSV files; errors name file, line and column, never a value."""

import csv
import gzip
import zlib
from array import array
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

import numpy as np

from synth import inputs
from synth.errors import BadInput
from synth.standin.source import UNKNOWN, Categories, Source, first_and_last, random_devices

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_MAX_LENGTH = 10_000_000
_MAX_LABEL = 64
_MAX_LINE = 65_536
_MAX_DIGITS = 19
_TIME_FORMAT = "an ISO 8601 time, such as 2026-01-31T12:00:00Z"


def read(folder, *, seed=1, simulate_missing=False):
    """Read a folder of conversations, members, messages and, if there are any, attachments.

    Parameters
    ----------
    folder : pathlib.Path
        Holds ``conversations.csv.gz``, ``members.csv.gz``, ``messages.csv.gz`` and perhaps
        ``attachments.csv.gz``; plain ``.csv`` works too.
    seed : int
        For what is simulated.
    simulate_missing : bool
        Simulate devices and read receipts, which such folders never hold.

    Returns
    -------
    Source

    Raises
    ------
    BadInput
        A file or column is missing, or a value is wrong.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise BadInput(f"no folder {folder}", hint="give the one that holds messages.csv.gz")
    conversations = _read(
        folder, "conversations", conversation_id=_identifier, type=_label, created_at=_time
    )
    members = _read(folder, "members", conversation_id=_identifier, user_id=_identifier)
    messages = _read(
        folder,
        "messages",
        message_id=_identifier,
        conversation_id=_identifier,
        sender_id=_identifier,
        created_at=_time,
        type=_label,
        content_length=_length,
    )
    attachments = _read(
        folder,
        "attachments",
        optional=True,
        attachment_id=_identifier,
        message_id=_identifier,
        type=_label,
    )
    conversations.unique("conversation_id")
    messages.unique("message_id")
    attachments.unique("attachment_id")
    if not len(messages["message_id"]):
        raise BadInput(f"{messages.name} holds no row", hint="a stand-in needs messages")
    return _assemble(conversations, members, messages, attachments, seed, simulate_missing)


def _assemble(conversations, members, messages, attachments, seed, simulate_missing):
    conversation_order = np.argsort(conversations["conversation_id"], kind="stable")
    conversation_ids = conversations["conversation_id"][conversation_order]
    created = conversations["created_at"][conversation_order]
    types = Categories.of(conversations["type"])
    user_ids = np.unique(np.concatenate([members["user_id"], messages["sender_id"]]))

    member_conversations = members.positions("conversation_id", conversation_ids)
    member_users = np.searchsorted(user_ids, members["user_id"])
    order = np.lexsort((member_users, member_conversations))
    members.unique_pairs(order, member_conversations, member_users)
    member_conversations, member_users = member_conversations[order], member_users[order]

    in_time = np.lexsort((messages["message_id"], messages["created_at"]))
    message_conversations = messages.positions("conversation_id", conversation_ids)[in_time]
    message_times = messages["created_at"][in_time]
    message_senders = np.searchsorted(user_ids, messages["sender_id"][in_time])
    message_types = Categories.of(messages["type"])

    by_id = np.argsort(messages["message_id"][in_time], kind="stable")
    attachment_messages = by_id[
        attachments.positions("message_id", messages["message_id"][in_time][by_id])
    ]
    first, last = first_and_last(
        message_conversations,
        message_times,
        len(conversation_ids),
        default_first=created,
        default_last=created,
    )
    joined = first[member_conversations]
    user_created, _ = first_and_last(
        np.concatenate([member_users, message_senders]),
        np.concatenate([joined, message_times]),
        len(user_ids),
        default_first=np.full(len(user_ids), message_times[-1]),
        default_last=np.zeros(len(user_ids), dtype=np.int64),
    )
    return Source(
        user_ids=user_ids,
        user_created=user_created,
        user_devices=random_devices(len(user_ids), seed) if simulate_missing else None,
        conversation_ids=conversation_ids,
        conversation_types=Categories(types.labels, types.codes[conversation_order]),
        conversation_created=created,
        conversation_updated=last,
        member_conversations=member_conversations,
        member_users=member_users,
        member_joined=joined,
        message_ids=messages["message_id"][in_time],
        message_conversations=message_conversations,
        message_senders=message_senders,
        message_times=message_times,
        message_types=Categories(message_types.labels, message_types.codes[in_time]),
        message_lengths=messages["content_length"][in_time],
        attachment_ids=attachments["attachment_id"],
        attachment_messages=attachment_messages,
        attachment_types=Categories.of(attachments["type"]),
        has_receipts=simulate_missing,
        simulated=("devices", "read receipts") if simulate_missing else (),
    )


class _File:
    """Columns of one file, and the checks that need the whole file."""

    def __init__(self, name, columns):
        self.name = name
        self._columns = columns

    def __getitem__(self, column):
        return self._columns[column]

    def unique(self, column):
        """Refuse an id that comes twice."""
        values = self[column]
        order = np.argsort(values, kind="stable")
        again = np.flatnonzero(values[order][1:] == values[order][:-1])
        if len(again):
            raise _bad(self.name, int(order[again + 1].min()) + 2, column, "an id not seen before")

    def unique_pairs(self, order, first, second):
        """Refuse a pair that comes twice; `order` sorts by both, stable."""
        same = (first[order][1:] == first[order][:-1]) & (second[order][1:] == second[order][:-1])
        if same.any():
            line = int(order[np.flatnonzero(same) + 1].min()) + 2
            raise _bad(self.name, line, "user_id", "each member of a conversation once")

    def positions(self, column, known):
        """Positions in a sorted array of known ids; refuse an unknown one."""
        values = self[column]
        if not len(values):
            return np.zeros(0, dtype=np.int64)
        found = np.searchsorted(known, values)
        missing = np.append(known, UNKNOWN)[found] != values
        if missing.any():
            line = int(np.flatnonzero(missing)[0]) + 2
            raise _bad(self.name, line, column, "an id that its own file holds")
        return found


def _read(folder, stem, *, optional=False, **converters):
    packed, plain = folder / f"{stem}.csv.gz", folder / f"{stem}.csv"
    path = packed if packed.exists() or not plain.exists() else plain
    if not path.exists():
        if not optional:
            raise BadInput(f"{packed.name} is missing in {folder}", hint="see the format's README")
        return _File(path.name, {name: _column(kind, []) for name, kind in converters.items()})
    try:
        with inputs.opened(path, "file") as stream:
            plain = gzip.GzipFile(fileobj=stream) if path.suffix == ".gz" else stream
            reader = csv.reader(_lines(plain, path.name), strict=True)
            return _File(path.name, _parse(reader, path.name, converters))
    except (OSError, EOFError, zlib.error, UnicodeDecodeError, csv.Error) as error:
        raise BadInput(
            f"{path.name} cannot be read as UTF-8 CSV: {type(error).__name__}",
            hint="is it complete, and is .gz really gzip?",
        ) from error


def _lines(stream: BinaryIO, name: str) -> Iterator[str]:
    """Lines of a file, each of bounded length: an unpacked one may have no end."""
    for number, line in enumerate(iter(lambda: stream.readline(_MAX_LINE), b"")):
        if number == 0:
            inputs.check_no_mark(line, where=name)
        if len(line) == _MAX_LINE and not line.endswith(b"\n"):
            raise BadInput(f"{name} line {number + 1} is longer than {_MAX_LINE} bytes")
        yield line.decode()


def _parse(reader, name, converters):
    header = next(reader, [])
    for column in converters:
        if column not in header:
            raise BadInput(
                f"{name} has no column {column}", hint=f"expected {', '.join(converters)}"
            )
    plan = [
        (header.index(column), column, convert, [] if convert is _label else array("q"))
        for column, convert in converters.items()
    ]
    for row in reader:
        if len(row) != len(header):
            raise BadInput(
                f"{name} line {reader.line_num}: {len(row)} columns instead of {len(header)}",
                hint="correct the file",
            )
        for position, column, convert, values in plan:
            try:
                values.append(convert(row[position]))
            except (ValueError, OverflowError) as error:
                # The cause would quote the value, so it is left out.
                wanted = error.args[0] if type(error) is _UnfitError else _TIME_FORMAT
                raise _bad(name, reader.line_num, column, wanted) from None
    return {column: _column(convert, values) for _, column, convert, values in plan}


def _column(convert, values):
    return values if convert is _label else np.array(values, dtype=np.int64)


class _UnfitError(ValueError):
    """A value that parses but does not fit; its argument says what was expected."""


def _whole(text):
    # int() alone would take "1_000" and digits of other scripts.
    if not (text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS):
        raise _UnfitError("a whole number")
    return int(text)


def _identifier(text):
    value = _whole(text)
    if not 0 < value < 2**63:
        raise _UnfitError("an id from 1 to 9223372036854775807")
    return value


def _label(text):
    if not 0 < len(text) <= _MAX_LABEL or not text.isprintable():
        raise _UnfitError(f"a label of 1 to {_MAX_LABEL} characters")
    return text


def _time(text):
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise _UnfitError("a time with Z or an offset")
    return (moment - _EPOCH) // _MICROSECOND


def _length(text):
    if not text:
        return UNKNOWN
    value = _whole(text)
    if not 0 <= value <= _MAX_LENGTH:
        raise _UnfitError(f"a length from 0 to {_MAX_LENGTH}, or nothing")
    return value


def _bad(name, line, column, wanted):
    return BadInput(
        f"{name} line {line}, column {column}: expected {wanted}",
        hint="correct the file",
        file=name,
        line=line,
        column=column,
    )
