"""One line per command: who, when, where, on what, with what result."""

import contextlib
import importlib.metadata
import os
import platform
import secrets
import socket
import time
from datetime import UTC, datetime

from synth import __version__, console, inputs
from synth.audit import log
from synth.errors import BadInput, DatabaseError, SynthError
from synth.pack import manifest, tokens

SCHEMA_VERSION = "1.2"
# What must not happen unrecorded: these refuse to begin when the log cannot be written.
REQUIRED = frozenset({"extract", "sign", "seal", "expire"})
# They touch no data of anybody.
UNRECORDED = frozenset(
    {"audit head", "audit show", "audit verify", "pg start", "pg stop", "pg status", "pg url"}
    | {"key list", "runs", "status"}
)
INTERRUPTED = 130
_MAX_KEY = 1024
_details = {}


def note(**details):
    """Say what the running command works on: digests, windows, run ids; never a source's value.

    Parameters
    ----------
    **details
        JSON values; given again, the later one counts.
    """
    _details.update(details)


@contextlib.contextmanager
def recorded(command):
    """Write the line of a command when it ends, however it ends.

    One that is killed gets its line from the next command, as ``unfinished``.

    Parameters
    ----------
    command : str
        As typed, without options: ``extract``, ``key new``.

    Yields
    ------
    callable
        To be called with the exit code of a command that returned.

    Raises
    ------
    DatabaseError
        The log cannot be written: before anything is done for `REQUIRED` commands, after it
        for them if it became so; others only say it.
    """
    if command in UNRECORDED:
        yield lambda code: None
        return
    _details.clear()
    if command in REQUIRED:
        log.check_writable()
    line = _Line(command)
    codes = [0]
    try:
        yield codes.append
    except BaseException as error:
        line.write(_code_of(error), type(error).__name__, failed=True)
        raise
    line.write(codes[-1], "done" if codes[-1] == 0 else "gate failed", failed=False)


class _Line:
    """The line of a running command: word of its beginning first, the whole when it ends."""

    def __init__(self, command):
        self._command = command
        self._began = time.monotonic()
        self._begun = None
        try:
            self._begun = log.begin(self._record({}, None, None, log.UNFINISHED))
        except (DatabaseError, BadInput):
            # Others say so when they end.
            if command in REQUIRED:
                raise

    def write(self, code, result, *, failed):
        seconds = round(time.monotonic() - self._began, 3)
        try:
            log.append(self._record(dict(_details), seconds, code, result), self._begun)
        except (DatabaseError, BadInput) as error:
            if self._command in REQUIRED and not failed:
                raise DatabaseError(
                    f"{self._command} was done but not recorded: {error.message}",
                    hint="make room for the audit log and note this one by hand",
                ) from error
            console.note(f"synth: this is not in the audit log: {error.message}")

    def _record(self, details, seconds, code, result):
        return {
            "schema_version": SCHEMA_VERSION,
            "at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "command": self._command,
            **_people(),
            "versions": {
                "synth": __version__,
                "dbt": importlib.metadata.version("dbt-core"),
                "python": platform.python_version(),
            },
            "details": details,
            "seconds": seconds,
            "exit_code": code,
            "result": result,
        }


def _code_of(error):
    if isinstance(error, SynthError):
        return error.exit_code
    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else 1
    from click import Abort, ClickException

    if isinstance(error, KeyboardInterrupt | Abort):
        return INTERRUPTED
    if isinstance(error, ClickException):
        return 2
    return 3


def _people():
    """Who and where, as tokens: under the salt where there is one, else under a local key."""
    try:
        tokenizer, key = tokens.from_environment(), None
    except BadInput:
        tokenizer, key = tokens.Tokenizer(_local_key()), "local"
    return {
        "who": tokenizer.token("person", manifest.who()),
        "host": tokenizer.token("host", socket.gethostname()),
        "tokens": key or f"salt {tokenizer.fingerprint()}",
    }


def local_token(kind, value):
    """Token under the key beside the log: the same whatever the salt, and known here only.

    Parameters
    ----------
    kind, value : str
        As for `synth.pack.tokens.Tokenizer.token`.

    Returns
    -------
    str
    """
    return tokens.Tokenizer(_local_key()).token(kind, value)


def _local_key():
    """Random key beside the log, for where there is no salt: outside the boundary."""
    path = log.path().with_name(f"{log.path().name}.key")
    try:
        path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        if not path.exists():
            draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
            handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w") as stream:
                stream.write(secrets.token_hex(32))
            # Of two that begin at once the first one's key counts, and is whole.
            with contextlib.suppress(FileExistsError):
                os.link(draft, path)
            draft.unlink()
        return inputs.read_text(path, "key of the audit log", limit=_MAX_KEY)
    except OSError as error:
        raise DatabaseError(f"cannot make {path}: {error.strerror}") from error
