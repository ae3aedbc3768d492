"""The audit file: JSON lines, each with the digest of the line before it.

Beside the file lies ``<name>.head``: how many lines there are and the digest of the last. Whoever
appends compares the two first: where the file does not hold the line that the head names, the new
line says so (``mismatch``), and `verify` repeats it for ever. A file that goes on after that line
is what a crash between the two writes leaves, and no mismatch: nothing is missing.

A chain alone cannot show that somebody put an old copy of file and head back, or wrote both anew.
For that a head must be known elsewhere: in signed manifests, in the ledger of the database, or
wherever `synth audit head` was noted.

In ``<name>.begun`` lies one small file for each command that runs, which its process holds
locked. The lock goes with the process, however it ends; so a file that nobody holds is of a
command that was killed, and whoever writes to the log next gives it its line.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path

from synth import console, inputs, settings
from synth.errors import BadInput, DatabaseError
from synth.pack import strict

FILE_VARIABLE = "SYNTH_AUDIT_FILE"
NO_LINE = "0" * 64
UNFINISHED = "unfinished"
# Detail of an extraction: a head that the database's ledger knows and this log does not hold.
MISSED = "missed_anchor"
_BLOCK = 65_536
ANCHOR = re.compile(r"([1-9][0-9]{0,9}):([0-9a-f]{64})")
_KEYS = {
    "schema_version",
    "id",
    "n",
    "previous",
    "at",
    "command",
    "who",
    "host",
    "tokens",
    "versions",
    "details",
    "seconds",
    "exit_code",
    "result",
    "mismatch",
}
# Lines of version 1.0 have no id; a mismatch stands where there was one.
_OPTIONAL = {"id", "mismatch"}


_TEXTS = ("schema_version", "at", "command", "who", "host", "tokens")


@dataclass(frozen=True)
class Head:
    """How far the log goes.

    Attributes
    ----------
    n_lines : int
    digest : str
        SHA-256 of the last line; zeros where there is none.
    """

    n_lines: int
    digest: str

    def __str__(self):
        return f"{self.n_lines}:{self.digest}"


@dataclass(frozen=True)
class Begun:
    """A command that runs: its file beside the log, and the handle that holds it.

    Attributes
    ----------
    id : str
        Of the line to come; in no two lines.
    path : pathlib.Path
    handle : int
    """

    id: str
    path: Path
    handle: int


def path():
    """The audit file.

    Returns
    -------
    pathlib.Path
        ``SYNTH_AUDIT_FILE``, else ``.prodshape/audit.jsonl`` of the project.
    """
    override = os.environ.get(FILE_VARIABLE)
    return Path(override) if override else settings.project_dir() / ".prodshape" / "audit.jsonl"


def check_writable():
    """Refuse to begin what could not be recorded.

    Raises
    ------
    DatabaseError
    """
    with _opened():
        pass


def begin(record):
    """Leave word of a command that begins, so that it gets its line even when it is killed.

    Parameters
    ----------
    record : dict
        The line it shall have if it never ends; without ``id``, ``n`` and ``previous``.

    Returns
    -------
    Begun

    Raises
    ------
    DatabaseError
        Nothing can be written beside the log.
    """
    name = secrets.token_hex(8)
    folder = _begun_folder()
    final, draft = folder / f"{name}.json", folder / f".{name}.part"
    try:
        folder.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        # Held before it can be seen under its name.
        fcntl.flock(handle, fcntl.LOCK_EX)
        os.write(handle, as_line({**record, "id": name}))
        os.fsync(handle)
        os.rename(draft, final)
    except OSError as error:
        raise _unwritable(error) from error
    return Begun(name, final, handle)


def append(record, begun=None):
    """Add a line, after those of commands that were killed; concurrent commands take turns.

    Parameters
    ----------
    record : dict
        Without ``id``, ``n`` and ``previous``, which are put in here.
    begun : Begun, optional
        What `begin` left; it goes once the line is written.

    Raises
    ------
    DatabaseError
        The file cannot be written.
    """
    with _opened() as handle:
        _settle(handle)
        _add(handle, {**record, "id": begun.id if begun else secrets.token_hex(8)})
        if begun:
            # In between, a crash leaves a file whose line is there: see `_settle`.
            begun.path.unlink(missing_ok=True)
            os.close(begun.handle)


def settle():
    """Give commands that were killed their lines.

    Raises
    ------
    DatabaseError
        The file cannot be written.
    """
    if any(_begun_folder().glob("*.json")):
        with _opened() as handle:
            _settle(handle)


def head():
    """Number and digest of the last line.

    Returns
    -------
    Head
    """
    lines = all_lines()
    return Head(len(lines), digest(lines[-1]) if lines else NO_LINE)


def first() -> str | None:
    """Digest of the first line: which log this is; None where there is none.

    Returns
    -------
    str or None
    """
    lines = all_lines()
    return digest(lines[0]) if lines else None


def holds(anchor: Head) -> bool:
    """Whether the log has the line that a head names.

    Parameters
    ----------
    anchor : Head

    Returns
    -------
    bool
    """
    lines = all_lines()
    return anchor.n_lines <= len(lines) and digest(lines[anchor.n_lines - 1]) == anchor.digest


def records():
    """Every line that is a record, oldest first; lines that are none are left out.

    Returns
    -------
    list of dict
    """
    found = []
    for line in all_lines():
        with contextlib.suppress(ValueError, RecursionError):
            record = json.loads(line)
            if is_record(record):
                found.append(record)
    return found


def is_record(record: object) -> bool:
    """Whether a document is a record of an audit log."""
    return (
        isinstance(record, dict)
        and _KEYS - _OPTIONAL <= set(record) <= _KEYS
        and isinstance(record["n"], int)
        and isinstance(record["details"], dict)
    )


def _add(handle: int, record: dict) -> None:
    """Append a line to the open log, with what its head says otherwise, and note the new head."""
    head = _end_of(handle)
    mismatch = _mismatch(head)
    if mismatch:
        record = {**record, "mismatch": mismatch}
        console.note(
            f"synth: the audit log {path()} was changed behind synth: {told(mismatch)}; "
            "this stays in its next line"
        )
    line = as_line({**record, "n": head.n_lines + 1, "previous": head.digest})
    try:
        os.write(handle, line + b"\n")
        os.fsync(handle)
        _write_head(Head(head.n_lines + 1, digest(line)))
    except OSError as error:
        raise _unwritable(error) from error


def _mismatch(found: Head) -> dict | None:
    """What the head file knows and the log does not hold, or None.

    A log that goes on after the line the head names lacks nothing: a crash left the head behind.
    """
    known = read_head()
    if known == found:
        return None
    if known is None:
        # The very first line is there before any head is.
        is_first = found.n_lines <= 1 and not head_path().exists()
        return None if is_first else {"expected": None, "found": str(found)}
    lines = all_lines()
    if known.n_lines <= len(lines) and digest(lines[known.n_lines - 1]) == known.digest:
        return None
    return {"expected": str(known), "found": str(found)}


def told(mismatch: dict) -> str:
    """A mismatch in words; whatever a hand wrote there is not repeated."""
    numbers = []
    for text in (mismatch.get("expected"), mismatch.get("found")):
        matched = ANCHOR.fullmatch(text) if isinstance(text, str) else None
        numbers.append(int(matched.group(1)) if matched else None)
    expected, found = numbers
    if expected is None:
        return f"its head was gone or no head, after {found or 0} lines"
    if expected > (found or 0):
        return f"{expected - (found or 0)} lines were missing at its end, after line {found or 0}"
    return f"line {expected} was not the one its head knew"


def _settle(handle):
    """Lines for the files that nobody holds; to be called with the log locked."""
    known = None
    for place in sorted(_begun_folder().glob("*.json")):
        # What is no regular file is none of ours.
        with (
            contextlib.suppress(OSError, BadInput),
            inputs.opened(place, "word of a command") as stream,
        ):
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue  # it runs
            if known is None:
                known = {record.get("id") for record in records()}
            if place.stem not in known:
                _add(handle, _unfinished(stream.read(_BLOCK), place.stem))
            place.unlink()


def _unfinished(content: bytes, name: str) -> dict:
    """The line of a command that never ended: what it began with, and no result, whatever is there.

    Anybody who may write beside the log may leave such a file, too.
    """
    try:
        record = json.loads(content)
    except (ValueError, RecursionError):
        record = None
    keys = _KEYS - {"n", "previous", "mismatch"}
    # Otherwise the machine went down while it was written, or a hand was in it.
    is_whole = isinstance(record, dict) and set(record) == keys and _is_plain(record)
    nothing = {"id": name, "details": {}, "seconds": None, "exit_code": None, "result": UNFINISHED}
    return {**(record if is_whole else dict.fromkeys(keys)), **nothing}


def _is_plain(record: dict) -> bool:
    """Whether what stays of an unfinished line is texts, as synth writes it."""
    texts = [record[name] for name in _TEXTS]
    versions = record["versions"]
    if isinstance(versions, dict):
        texts += versions.values()
    return isinstance(versions, dict) and all(isinstance(text, str) for text in texts)


def as_line(record: dict) -> bytes:
    """A record as it is written."""
    return json.dumps(record, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def digest(line: bytes) -> str:
    """SHA-256 of a line, as hex."""
    return hashlib.sha256(line).hexdigest()


@contextlib.contextmanager
def _opened():
    """The file, open for appending and locked; made if it is not there."""
    place = path()
    try:
        place.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        if place.exists():
            _check_kind(place.stat())
        handle = os.open(place, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NONBLOCK, 0o600)
    except OSError as error:
        raise _unwritable(error) from error
    try:
        _check_kind(os.fstat(handle))
        fcntl.flock(handle, fcntl.LOCK_EX)
        if not os.access(place.parent, os.W_OK):
            # The head is replaced, which needs the directory.
            raise DatabaseError(f"cannot write the audit log in {place.parent}: permission denied")
        yield handle
    finally:
        os.close(handle)


def _check_kind(found: os.stat_result) -> None:
    try:
        inputs.check_kind(found, path(), "audit log")
    except BadInput as error:
        raise DatabaseError(
            f"cannot write: {error.message}", hint=f"name a regular file in {FILE_VARIABLE}"
        ) from error


def _end_of(handle):
    """Head of the open file; a torn last line is ended, so that it shows and nothing more."""
    size = os.fstat(handle).st_size
    if size == 0:
        return Head(0, NO_LINE)
    if os.pread(handle, 1, size - 1) != b"\n":
        os.write(handle, b"\n")
        size += 1
    n_lines, last, offset = 0, b"", 0
    while offset < size:
        block = os.pread(handle, _BLOCK, offset)
        n_lines += block.count(b"\n")
        offset += len(block)
    start = size - 1
    while start > 0 and b"\n" not in last:
        step = min(_BLOCK, start)
        last = os.pread(handle, step, start - step) + last
        start -= step
    return Head(n_lines, digest(last.rpartition(b"\n")[2]))


def all_lines() -> list[bytes]:
    """Lines of the file, without their ends; the last may be torn."""
    try:
        os.stat(path())
        with inputs.opened(path(), "audit log") as stream:
            content = stream.read()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise BadInput(f"audit log {path()} cannot be read: {error.strerror}") from error
    lines = content.split(b"\n")
    return lines if lines[-1] else lines[:-1]


def _begun_folder():
    return path().with_name(f"{path().name}.begun")


def head_path() -> Path:
    """The head file."""
    return path().with_name(f"{path().name}.head")


def _write_head(found: Head) -> None:
    final = head_path()
    draft = final.with_name(f".{final.name}.part")
    # Whatever lies there is no file of another writer: the log is locked.
    draft.unlink(missing_ok=True)
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as stream:
        stream.write(f"{found}\n")
        stream.flush()
        # An empty head after a power cut would look like somebody's hand.
        os.fsync(stream.fileno())
    os.replace(draft, final)


def read_head() -> Head | None:
    """What the head file says, or None."""
    try:
        content = inputs.read_text(head_path(), "head of the audit log", limit=_BLOCK)
    except BadInput:
        return None
    matched = ANCHOR.fullmatch(content.strip())
    return Head(int(matched.group(1)), matched.group(2)) if matched else None


def _unwritable(error):
    return DatabaseError(
        f"cannot write the audit log {path()}: {error.strerror}",
        hint=f"make room or rights for it, or set {FILE_VARIABLE}",
    )


def file_digest(name):
    """SHA-256 of a file, or None where there is none: what an audit line says of it."""
    try:
        return strict.digest(Path(name).read_bytes())
    except OSError:
        return None
