"""`synth pg`: the embedded server."""

import datetime
from urllib.parse import quote

import click

from synth import console, server, server_files, settings, targets
from synth.cli import common_options


@click.group(name="pg")
def command():
    """Start, stop or inspect the embedded server.

    It holds the databases `production` and `dev`, listens on a socket only and keeps its
    data in the cache directory (SYNTH_CACHE_DIR).
    """


@command.command()
@common_options()
def start(as_json, verbose):
    """Start the server and leave it running; safe to call twice."""
    started = server.start()
    _show(as_json, "started" if started else "already running", changed=started)


@command.command()
@common_options()
def stop(as_json, verbose):
    """Stop the server of this cache directory, and no other."""
    stopped = server.stop()
    _show(as_json, "stopped" if stopped else "was not running", changed=stopped)


@command.command()
@common_options()
def status(as_json, verbose):
    """Say whether the server runs, where, and how large its databases are."""
    _show(as_json, "running" if server.status().running else "not running")


@command.command()
@common_options(target=settings.DEV_TARGET)
def url(as_json, verbose, target):
    """Print the connection URL of a target, without its password."""
    found = targets.load(target)
    if found.host.startswith("/"):
        shown = (
            f"postgresql:///{quote(found.dbname, safe='')}?host={quote(found.host)}"
            f"&port={found.port}&user={quote(found.user, safe='')}"
        )
    else:
        shown = (
            f"postgresql://{quote(found.user, safe='')}@{found.host}:{found.port}"
            f"/{quote(found.dbname, safe='')}"
        )
    if as_json:
        console.document({"target": target, "url": shown, "is_embedded": found.is_embedded})
    else:
        console.result(shown)


def _show(as_json, text, **more):
    found = server.status()
    sizes = server.databases() if found.running else {}
    if as_json:
        started = found.started_at
        console.document(
            {
                "running": found.running,
                **more,
                "pid": found.pid,
                "stays": found.stays,
                "started_at": started and _time(started).isoformat(),
                "socket_dir": found.socket_dir or str(settings.socket_dir()),
                "data_dir": str(server_files.data_dir()),
                "log": str(server_files.log_path()),
                "database_bytes": sizes,
            }
        )
        return
    if not found.running:
        console.result(f"embedded server: {text}")
        return
    console.result(f"embedded server: {text}, process {found.pid}, socket in {found.socket_dir}")
    since = _time(found.started_at)
    console.result(f"since {since:%Y-%m-%d %H:%M:%S} UTC, log {server_files.log_path()}")
    if not found.stays:
        console.result("started by a command, which stops it when done")
    console.table(
        ("database", ">MB"), [(name, f"{size / 1e6:.1f}") for name, size in sizes.items()]
    )


def _time(seconds):
    return datetime.datetime.fromtimestamp(seconds, tz=datetime.UTC).replace(microsecond=0)
