"""The audit file: JSON lines, each with the digest of the line before it.

Beside the file lies ``<name>.head``: how many lines there are and the digest of the last. A
chain alone cannot show that its last lines are gone, nor that somebody wrote all of it anew
together with its head. For that a head must be known elsewhere: in signed manifests, or
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

from synth import settings
from synth.errors import BadInput, DatabaseError
from synth.pack import strict

FILE_VARIABLE = "SYNTH_AUDIT_FILE"
NO_LINE = "0" * 64
UNFINISHED = "unfinished"
_BLOCK = 65_536
_ANCHOR = re.compile(r"([1-9][0-9]{0,9}):([0-9a-f]{64})")
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
}


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
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        # Held before it can be seen under its name.
        fcntl.flock(handle, fcntl.LOCK_EX)
        os.write(handle, _line({**record, "id": name}))
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
    lines = _lines()
    return Head(len(lines), _digest(lines[-1]) if lines else NO_LINE)


def records():
    """Every line that is a record, oldest first; lines that are none are left out.

    Returns
    -------
    list of dict
    """
    found = []
    for line in _lines():
        with contextlib.suppress(ValueError, RecursionError):
            record = json.loads(line)
            if _is_record(record):
                found.append(record)
    return found


def anchor(text):
    """Parse ``N:DIGEST``, or take it from a manifest.

    Parameters
    ----------
    text : str
        As `synth audit head` prints it, or the path of a manifest.

    Returns
    -------
    Head

    Raises
    ------
    BadInput
    """
    from synth.pack import manifest

    matched = _ANCHOR.fullmatch(text)
    if matched:
        return Head(int(matched.group(1)), matched.group(2))
    described = manifest.load(text)
    if described["audit"] is None:
        raise BadInput(f"manifest {text} names no line of an audit log")
    return Head(described["audit"]["n_lines"], described["audit"]["head"])


def verify(anchors=()):
    """Look for changed, missing, added and reordered lines.

    Parameters
    ----------
    anchors : sequence of Head
        Heads that were noted elsewhere.

    Returns
    -------
    n_lines : int
    problems : list of str
        Empty where the log is whole; names lines by number, never their content.
    """
    lines = _lines()
    problems = []
    previous, last, known = NO_LINE, 0, {}
    for place, line in enumerate(lines, start=1):
        record, problem = _read(line)
        # A gap is said once: what follows is counted from there.
        number = record["n"] if record else last + 1
        if problem is None and number != last + 1:
            problem = f"says it is line {number}, expected {last + 1}"
        elif problem is None and record["previous"] != previous:
            problem = (
                "does not follow the line before it: one of the two was changed, or one is missing"
            )
        if problem:
            problems.append(f"line {place}: {problem}")
        previous = known[number] = _digest(line)
        last = number
    noted = [("the head file", _read_head())] if lines or _head_path().exists() else []
    noted += [(f"the anchor of line {one.n_lines}", one) for one in anchors]
    for name, one in noted:
        if one is None:
            problems.append(f"{name} is missing or no head; was it removed?")
        elif one.n_lines > last:
            problems.append(
                f"{name} says {one.n_lines} lines: {one.n_lines - last} are missing at the end"
            )
        elif one.n_lines and known.get(one.n_lines) != one.digest:
            problems.append(f"line {one.n_lines} is not the one {name} knows")
    return len(lines), problems


def _read(line):
    """The record of a line, or what is wrong with it."""
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return None, "is no JSON"
    if not _is_record(record):
        return None, "is no record of an audit log"
    if line != _line(record):
        return None, "was not written by synth"
    return record, None


def _is_record(record):
    # Lines of version 1.0 have no id.
    return (
        isinstance(record, dict)
        and _KEYS - {"id"} <= set(record) <= _KEYS
        and isinstance(record["n"], int)
    )


def _add(handle, record):
    """Append a line to the open log, and note the new head."""
    head = _end_of(handle)
    line = _line({**record, "n": head.n_lines + 1, "previous": head.digest})
    try:
        os.write(handle, line + b"\n")
        os.fsync(handle)
        _write_head(Head(head.n_lines + 1, _digest(line)))
    except OSError as error:
        raise _unwritable(error) from error


def _settle(handle):
    """Lines for the files that nobody holds; to be called with the log locked."""
    known = None
    for place in sorted(_begun_folder().glob("*.json")):
        with contextlib.suppress(OSError), place.open("rb") as stream:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue  # it runs
            if known is None:
                known = {record.get("id") for record in records()}
            if place.stem not in known:
                _add(handle, _unfinished(stream.read(), place.stem))
            place.unlink()


def _unfinished(content, name):
    try:
        record = json.loads(content)
    except (ValueError, RecursionError):
        record = None
    if isinstance(record, dict) and set(record) | {"n", "previous"} == _KEYS:
        return {**record, "id": name}
    # The machine went down while it was written, or a hand was in it.
    nothing = dict.fromkeys(_KEYS - {"n", "previous"})
    return {**nothing, "id": name, "details": {}, "result": UNFINISHED}


def _line(record):
    return json.dumps(record, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def _digest(line):
    return hashlib.sha256(line).hexdigest()


@contextlib.contextmanager
def _opened():
    """The file, open for appending and locked; made if it is not there."""
    place = path()
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(place, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    except OSError as error:
        raise _unwritable(error) from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        if not os.access(place.parent, os.W_OK):
            # The head is replaced, which needs the directory.
            raise DatabaseError(f"cannot write the audit log in {place.parent}: permission denied")
        yield handle
    finally:
        os.close(handle)


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
    return Head(n_lines, _digest(last.rpartition(b"\n")[2]))


def _lines():
    try:
        content = path().read_bytes()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise BadInput(f"audit log {path()} cannot be read: {error.strerror}") from error
    lines = content.split(b"\n")
    return lines if lines[-1] else lines[:-1]


def _begun_folder():
    return path().with_name(f"{path().name}.begun")


def _head_path():
    return path().with_name(f"{path().name}.head")


def _write_head(found):
    final = _head_path()
    draft = final.with_name(f".{final.name}.part")
    draft.write_text(f"{found}\n")
    os.replace(draft, final)


def _read_head():
    try:
        matched = _ANCHOR.fullmatch(_head_path().read_text().strip())
    except (OSError, UnicodeDecodeError):
        return None
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
