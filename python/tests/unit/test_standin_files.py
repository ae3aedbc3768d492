"""Reading real activity: what is taken over, and what is refused."""

import gzip

import numpy as np
import pytest

from synth.errors import BadInput
from synth.standin import csv_source
from synth.standin.source import UNKNOWN

FILES = {
    "conversations": [
        "conversation_id,type,created_at",
        "7,GROUP_CHAT,2026-01-05T10:00:00Z",
        "3,DIRECT_MESSAGE,2026-01-05T09:00:00+01:00",
        "9,CHANNEL,2026-01-06T00:00:00Z",
    ],
    "members": ["conversation_id,user_id", "7,20", "7,10", "3,10", "3,30", "9,20"],
    "messages": [
        "message_id,conversation_id,sender_id,created_at,type,content_length",
        "2,7,10,2026-01-05T10:00:05.5Z,TEXT,12",
        "1,7,20,2026-01-05T10:00:00Z,IMAGE,",
        "4,3,40,2026-01-05T07:30:00Z,TEXT,0",
    ],
    "attachments": ["attachment_id,message_id,type", "5,1,image"],
}


@pytest.fixture
def folder(tmp_path):
    for stem, lines in FILES.items():
        write(tmp_path, stem, lines)
    return tmp_path


def write(folder, stem, lines):
    with gzip.open(folder / f"{stem}.csv.gz", "wt") as text:
        text.write("\n".join(lines) + "\n")


def changed(stem, line, text):
    lines = list(FILES[stem])
    lines[line - 1] = text
    return lines


def test_columns_are_the_truth(folder):
    source = csv_source.read(folder)
    assert source.user_ids.tolist() == [10, 20, 30, 40]
    assert source.conversation_ids.tolist() == [3, 7, 9]
    assert source.conversation_types.values() == ["DIRECT_MESSAGE", "GROUP_CHAT", "CHANNEL"]
    assert source.message_ids.tolist() == [4, 1, 2], "in time order"
    assert source.message_types.values() == ["TEXT", "IMAGE", "TEXT"]
    assert source.message_lengths.tolist() == [0, UNKNOWN, 12]
    assert source.user_ids[source.message_senders].tolist() == [40, 20, 10]
    assert source.message_ids[source.attachment_messages].tolist() == [1]
    members = zip(
        source.conversation_ids[source.member_conversations].tolist(),
        source.user_ids[source.member_users].tolist(),
        strict=True,
    )
    assert list(members) == [(3, 10), (3, 30), (7, 10), (7, 20), (9, 20)]
    assert not source.has_receipts
    assert source.user_devices is None


def test_times_follow_from_the_messages(folder):
    source = csv_source.read(folder)
    text = np.datetime_as_string(source.conversation_updated.astype("datetime64[us]"), unit="ms")
    # Of its last message; of its creation where it is empty or its messages are older.
    assert text.tolist() == [
        "2026-01-05T07:30:00.000",
        "2026-01-05T10:00:05.500",
        "2026-01-06T00:00:00.000",
    ]
    first = np.datetime_as_string(source.member_joined.astype("datetime64[us]"), unit="s").tolist()
    assert first[0] == "2026-01-05T07:30:00", "earlier of creation and first message"
    assert (source.user_created[source.message_senders] <= source.message_times).all()


def test_attachments_may_be_missing(folder):
    (folder / "attachments.csv.gz").unlink()
    assert len(csv_source.read(folder).attachment_ids) == 0


def test_plain_files_work_too(folder):
    packed = folder / "members.csv.gz"
    (folder / "members.csv").write_bytes(gzip.decompress(packed.read_bytes()))
    packed.unlink()
    assert len(csv_source.read(folder).member_users) == 5


def test_missing_parts_are_simulated_on_request(folder):
    source = csv_source.read(folder, simulate_missing=True)
    assert source.has_receipts
    assert source.user_devices is not None
    assert source.simulated == ("devices", "read receipts")


@pytest.mark.parametrize(
    ("stem", "line", "text", "column"),
    [
        ("messages", 2, "x-secret,7,10,2026-01-05T10:00:05Z,TEXT,12", "message_id"),
        ("messages", 3, "1,7,20,secret,IMAGE,", "created_at"),
        ("messages", 3, "1,7,20,2026-01-05T10:00:00,IMAGE,", "created_at"),
        ("messages", 4, "4,3,40,2026-01-05T07:30:00Z,TEXT,-4", "content_length"),
        ("messages", 4, "4,3,40,2026-01-05T07:30:00Z,,4", "type"),
        ("messages", 4, "4,8888,40,2026-01-05T07:30:00Z,TEXT,4", "conversation_id"),
        ("messages", 4, "2,3,40,2026-01-05T07:30:00Z,TEXT,4", "message_id"),
        ("messages", 4, "99999999999999999999,3,40,2026-01-05T07:30:00Z,TEXT,4", "message_id"),
        ("messages", 4, "1_0,3,40,2026-01-05T07:30:00Z,TEXT,4", "message_id"),
        ("members", 4, "8888,10", "conversation_id"),
        ("members", 5, "3,10", "user_id"),
        ("members", 5, "3,0", "user_id"),
        ("conversations", 3, "7,DIRECT_MESSAGE,2026-01-05T09:00:00Z", "conversation_id"),
        ("attachments", 2, "5,8888,image", "message_id"),
    ],
)
def test_a_bad_value_is_located_and_not_quoted(folder, stem, line, text, column):
    write(folder, stem, changed(stem, line, text))
    with pytest.raises(BadInput) as caught:
        csv_source.read(folder)
    message = str(caught.value)
    assert f"{stem}.csv.gz line {line}, column {column}" in message
    assert "\n" not in message
    for value in ("secret", "8888", "9999", "1_0"):
        assert value not in message


@pytest.mark.parametrize(
    ("stem", "lines", "expected"),
    [
        ("members", ["conversation_id,person", "3,10"], "no column user_id"),
        ("members", [], "no column conversation_id"),
        ("messages", FILES["messages"][:1], "holds no row"),
        ("members", changed("members", 3, "7"), "line 3: 1 columns instead of 2"),
        ("members", changed("members", 3, '7,"1'), "members.csv.gz"),
    ],
)
def test_a_bad_file_is_named(folder, stem, lines, expected):
    write(folder, stem, lines)
    with pytest.raises(BadInput, match=expected):
        csv_source.read(folder)


def test_a_truncated_archive_is_named(folder):
    path = folder / "messages.csv.gz"
    path.write_bytes(path.read_bytes()[:-12])
    with pytest.raises(BadInput, match=r"messages\.csv\.gz cannot be read"):
        csv_source.read(folder)


def test_what_is_no_archive_is_named(folder):
    (folder / "messages.csv.gz").write_text("plain text")
    with pytest.raises(BadInput, match=r"messages\.csv\.gz cannot be read"):
        csv_source.read(folder)


def test_a_missing_file_is_named(folder):
    (folder / "members.csv.gz").unlink()
    with pytest.raises(BadInput, match=r"members\.csv\.gz is missing"):
        csv_source.read(folder)


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(BadInput, match="no folder"):
        csv_source.read(tmp_path / "nowhere")
