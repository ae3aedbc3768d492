"""The embedded PostgreSQL server: start, stop, look, and `ensure` for the time of a command.

A server that somebody started with ``synth pg start`` stays until ``synth pg stop``. One
that a command started for itself stops with the last command that uses it.
"""

import contextlib
import fcntl
import os
import re
import shlex
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass

import psutil

from synth import console, db, endings, server_files, settings, targets
from synth.errors import DatabaseError

DATABASES = ("production", "dev")
_START_SECONDS = 60
_STOP_SECONDS = 60
_ORPHAN_SECONDS = 20


@dataclass(frozen=True)
class Status:
    """What `status` found.

    Attributes
    ----------
    running : bool
    pid : int or None
    stays : bool
        Started by hand, so no command stops it.
    socket_dir : str or None
        Where the running server listens.
    started_at : float or None, seconds since 1970
    """

    running: bool
    pid: int | None = None
    stays: bool = False
    socket_dir: str | None = None
    started_at: float | None = None


def status():
    """Look at the embedded server without touching it.

    Returns
    -------
    Status
    """
    process = _postmaster()
    if process is None:
        return Status(running=False)
    return Status(
        running=True,
        pid=process.pid,
        stays=not _passing_marker().exists(),
        socket_dir=_pid_lines()[4],
        started_at=process.create_time(),
    )


def start(*, shared_buffers_mb=None, stays=True):
    """Start the embedded server, or find it running; make its databases.

    Parameters
    ----------
    shared_buffers_mb : int, optional
        Default from the machine's memory.
    stays : bool
        False marks it as started for the time of a command only.

    Returns
    -------
    bool
        True when this call started it.

    Raises
    ------
    DatabaseError
        The server cannot start; the message names the log.
    """
    with _lock():
        return _start(shared_buffers_mb=shared_buffers_mb, stays=stays)


def stop():
    """Stop the embedded server of this cache directory.

    Returns
    -------
    bool
        False when none was running.
    """
    if not server_files.data_dir().exists():
        return False
    with _lock():
        return _stop()


def is_made(target):
    """Whether a target's server can hold anything: the embedded one is made by its first start."""
    return not target.is_embedded or _answers() or _is_initialised()


@contextlib.contextmanager
def ensure(target: targets.Target) -> Iterator[None]:
    """Have a server for the time of a block, if the target means the embedded one.

    A server that was up already is left alone; one started here is stopped on the way out,
    unless another command has come to use it meanwhile: then that one stops it. A profile
    that points elsewhere never starts anything.

    Parameters
    ----------
    target : synth.targets.Target

    Yields
    ------
    None

    Raises
    ------
    DatabaseError
        The server cannot start, or another one listens in its place.
    """
    if not target.is_embedded:
        yield
        return
    with _lock():
        if not _answers():
            console.note("starting the embedded server")
            _start(stays=False)
        else:
            server_files.check_owner(settings.socket_dir())
            _check_ours()
        _create_databases([target.dbname])
        users = _open_users(fcntl.LOCK_SH)
    try:
        # A server of ours does not outlive us.
        with endings.raised(lambda number: SystemExit(128 + number)):
            yield
    finally:
        os.close(users)
        with _lock():
            _stop_if_unused()


def maintenance_target(dbname: str = "postgres") -> targets.Target:
    """Target of a database of the embedded server, whatever the profile says.

    Parameters
    ----------
    dbname : str

    Returns
    -------
    synth.targets.Target
    """
    return targets.Target(
        name="embedded",
        host=str(settings.socket_dir()),
        port=settings.SOCKET_PORT,
        user="postgres",
        password="",
        dbname=dbname,
        schema="public",
    )


def databases() -> dict[str, int]:
    """Databases of the running server with their sizes.

    Returns
    -------
    dict of str to int
        Bytes by name.

    Raises
    ------
    DatabaseError
        The server of this cache listens elsewhere: what listens here may be somebody's.
    """
    _check_same_socket()
    with db.connect(maintenance_target(), application_name="synth pg") as connection:
        rows = db.fetch_all(connection, "server_databases")
    return {row["name"]: row["n_bytes"] for row in rows}


def _start(*, shared_buffers_mb: int | None = None, stays: bool = True) -> bool:
    process = _postmaster()
    if process is not None:
        _check_same_socket()
        if stays:
            _passing_marker().unlink(missing_ok=True)
        _create_databases(DATABASES)
        return False
    if _answers():
        _check_ours()
    server_files.prepare_directories()
    _remove_stale_locks()
    _initialise()
    server_files.write_config(shared_buffers_mb=shared_buffers_mb)
    _launch()
    if stays:
        _passing_marker().unlink(missing_ok=True)
    else:
        _passing_marker().touch()
    _create_databases(DATABASES)
    return True


def _stop():
    if _postmaster() is None:
        return False
    _pg_ctl("stop", "-m", "fast", seconds=_STOP_SECONDS)
    _passing_marker().unlink(missing_ok=True)
    return True


def _stop_if_unused():
    if not _passing_marker().exists() or _postmaster() is None:
        return
    try:
        users = _open_users(fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return  # the last one out stops it
    os.close(users)
    _stop()


def _initialise():
    data = server_files.data_dir()
    if _is_initialised():
        return
    command = [
        "initdb",
        f"--pgdata={data}",
        "--username=postgres",
        "--auth-local=trust",
        "--auth-host=reject",
        "--encoding=UTF8",
        "--no-sync",
        "--no-instructions",
        *_locale(),
    ]
    finished = server_files.run_as_server_user(command, timeout=_START_SECONDS)
    if finished.returncode != 0:
        reason = (finished.stdout.strip().splitlines() or ["no message"])[-1]
        raise DatabaseError(
            f"initdb could not make {data}: {reason}",
            hint="is there space, and is the directory empty?",
        )


def _is_initialised():
    return (server_files.data_dir() / "PG_VERSION").exists()


def _locale() -> list[str]:
    """Options of initdb that depend on its version."""
    shown = server_files.run_as_server_user(["initdb", "--version"], timeout=10).stdout
    version = re.search(r"(\d+)", shown)
    if version and int(version[1]) >= 17:
        # The built-in C.UTF-8 needs no locale of the machine, and upper() still knows Unicode.
        return ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    return ["--locale=C.UTF-8"]


def _launch() -> None:
    # `alter system` outranks the file, and the command line outranks both.
    given = {"config_file": server_files.config_path(), **server_files.SILENT}
    options = " ".join(f"-c {shlex.quote(f'{name}={value}')}" for name, value in given.items())
    log = str(server_files.log_path())
    deadline = time.monotonic() + _ORPHAN_SECONDS
    while True:
        try:
            _pg_ctl("start", "-l", log, "-o", options, seconds=_START_SECONDS)
            return
        except DatabaseError:
            # Backends of a killed server live on until they notice; PostgreSQL won't start then.
            if not _orphans() or time.monotonic() > deadline:
                raise
            time.sleep(0.5)


def _orphans() -> bool:
    """Whether processes of a server that is gone still work in our data directory."""
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.cwd() == str(server_files.data_dir()):
                return True
    return False


def _pg_ctl(action, *options, seconds):
    command = ["pg_ctl", action, "-D", str(server_files.data_dir()), "-s", "-w"]
    deadline = ["-t", str(seconds)]
    try:
        finished = server_files.run_as_server_user(
            [*command, *deadline, *options], timeout=seconds + 10
        )
        failed = finished.returncode != 0
    except subprocess.TimeoutExpired:
        failed = True
    if failed:
        raise DatabaseError(
            f"the embedded server did not {action}: {_last_complaint()}",
            hint=f"its log is {server_files.log_path()}",
        )


def _last_complaint():
    """Why it failed, from the log: at start and stop that names settings and files, not rows."""
    try:
        lines = server_files.log_path().read_text(errors="replace").strip().splitlines()[-20:]
    except OSError:
        lines = []
    if not lines:
        return "it gave no reason"
    complaints = [line for line in lines if "FATAL:" in line or "PANIC:" in line]
    if complaints:
        return complaints[-1].split(":  ")[-1].strip()
    return " ".join(line.strip() for line in lines[-3:])


def _pid_lines():
    try:
        return (server_files.data_dir() / "postmaster.pid").read_text().splitlines()
    except OSError:
        return []


def _postmaster():
    """Process of our server, or None; a recycled process id does not count."""
    lines = _pid_lines()
    if len(lines) < 5:
        return None
    try:
        process = psutil.Process(int(lines[0]))
        command = process.cmdline()
    except (psutil.Error, ValueError):
        return None
    ours = "postgres" in os.path.basename(command[0] if command else "")
    return process if ours and str(server_files.data_dir()) in command else None


def _remove_stale_locks():
    """Remove lock files of a killed server whose process id somebody else has by now.

    PostgreSQL sorts out all other leftovers by itself, and more carefully: it waits for
    orphaned backends. A recycled id, frequent in containers, is what it cannot tell.
    """
    lock = server_files.socket_path()
    lock = lock.with_name(lock.name + ".lock")
    for path in (server_files.data_dir() / "postmaster.pid", lock):
        try:
            process_id = int(path.read_text().splitlines()[0])
        except (OSError, ValueError, IndexError):
            continue
        if psutil.pid_exists(process_id):
            path.unlink(missing_ok=True)


def _check_ours() -> None:
    """Refuse a server that is not of this cache directory, though a variable names its socket."""
    if _postmaster() is None or _pid_lines()[4] != str(settings.socket_dir()):
        raise DatabaseError(
            f"another server listens in {settings.socket_dir()}: it is not the embedded one of "
            f"{settings.cache_dir()}",
            hint="unset SYNTH_PG_SOCKET_DIR, or set the SYNTH_CACHE_DIR that belongs to it; a "
            "server of your own needs another host in profiles.yml",
        )


def _check_same_socket():
    found = _pid_lines()[4]
    if found != str(settings.socket_dir()):
        raise DatabaseError(
            f"the embedded server of this cache listens in {found}, not {settings.socket_dir()}",
            hint="run `synth pg stop` first, or set SYNTH_PG_SOCKET_DIR to the former",
        )


def _answers():
    """Whether anything accepts connections on the socket."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(2)
        try:
            client.connect(str(server_files.socket_path()))
        except OSError:
            return False
    return True


def _create_databases(names):
    with db.connect(maintenance_target(), application_name="synth pg") as connection:
        found = {row["name"] for row in db.fetch_all(connection, "server_databases")}
        for name in names:
            if name not in found:
                db.execute(connection, "server_create_database", database=name)


def _passing_marker():
    return settings.cache_dir() / "pg18.passing"


def _open_users(mode):
    """Open and lock the file that counts the commands which use a passing server."""
    handle = os.open(settings.cache_dir() / "pg18.users", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, mode)
    except OSError:
        os.close(handle)
        raise
    return handle


@contextlib.contextmanager
def _lock(seconds=120):
    """Let one process at a time start or stop the server."""
    cache = settings.cache_dir()
    try:
        server_files.make_directory(cache)
        # Whoever owns it could put other settings, or other programs, in there.
        server_files.check_owner(cache.resolve())
        handle = os.open(cache / "pg18.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise DatabaseError(
            f"cannot write to the cache directory {cache}: {error.strerror}",
            hint="set SYNTH_CACHE_DIR to a directory you can write",
        ) from error
    try:
        deadline = time.monotonic() + seconds
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise DatabaseError(
                        f"another command has been starting or stopping the server for {seconds} s",
                        hint=f"look for it, or at {server_files.log_path()}",
                    ) from None
                time.sleep(0.05)
        yield
    finally:
        os.close(handle)
