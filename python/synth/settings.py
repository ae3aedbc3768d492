"""Where things are: the dbt project, the cache, the embedded server's socket.

Environment variables win over defaults; nothing here reads a file's content.
"""

import os
from pathlib import Path

from synth.errors import BadInput

DEFAULT_SCHEMA = "perf_synthetic"
PRODUCTION_TARGET = "prod_shape"
DEV_TARGET = "dev_synth"
# Of the embedded server; it names the socket's file.
SOCKET_PORT = 5432
# What a run makes in its schema.
SYNTHETIC_TABLES = (
    "users",
    "conversations",
    "conversation_users",
    "messages",
    "attachments",
    "message_reads",
)


def project_dir():
    """Directory that holds ``dbt_project.yml``.

    Returns
    -------
    pathlib.Path
        ``SYNTH_PROJECT_DIR``, else the nearest parent of the working directory or of
        this package that holds ``dbt_project.yml``.

    Raises
    ------
    BadInput
        No such directory.
    """
    override = os.environ.get("SYNTH_PROJECT_DIR")
    if override:
        starts = [Path(override)]
    else:
        here, package = Path.cwd(), Path(__file__).resolve().parent
        starts = [here, *here.parents, *package.parents]
    for candidate in starts:
        if (candidate / "dbt_project.yml").is_file():
            return candidate
    raise BadInput(
        "no dbt_project.yml found here, above here or above the synth package",
        hint="run from the project, or set SYNTH_PROJECT_DIR",
    )


def cache_dir():
    """Directory for the embedded server's data and other things worth keeping between runs.

    Returns
    -------
    pathlib.Path
        ``SYNTH_CACHE_DIR``; else for root ``/var/cache/prodshape`` (the server runs as
        another user, who cannot enter ``/root``); else ``$XDG_CACHE_HOME/prodshape``.
    """
    override = os.environ.get("SYNTH_CACHE_DIR")
    if override:
        return _place("SYNTH_CACHE_DIR", override, absolute=True)
    if os.geteuid() == 0:
        return Path("/var/cache/prodshape")
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return _place("SYNTH_CACHE_DIR", f"{base}/prodshape")


def socket_dir():
    """Directory of the embedded server's socket; the profile's default host.

    The formula stands in ``profiles.example.yml`` too, since dbt reads that without us.

    Returns
    -------
    pathlib.Path
        ``SYNTH_PG_SOCKET_DIR``, else ``/tmp/prodshape-$USER`` (short: a socket path is
        limited to 107 bytes).
    """
    override = os.environ.get("SYNTH_PG_SOCKET_DIR")
    # The server refuses a directory that is somebody else's, so the shared /tmp is safe.
    found = override or "/tmp/prodshape-" + os.environ.get("USER", "root")  # noqa: S108
    return _place("SYNTH_PG_SOCKET_DIR", found)


def _place(variable: str, text: str, *, absolute: bool = False) -> Path:
    """A directory that the server's settings can name."""
    try:
        text.encode()
        return Path(text).expanduser().resolve() if absolute else Path(text)
    except (ValueError, RuntimeError, OSError) as error:
        raise BadInput(
            f"the directory that {variable} stands for is no path in UTF-8, or not to be resolved",
            hint=f"set {variable} to another directory",
        ) from error
