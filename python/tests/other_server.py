"""A PostgreSQL that is not the embedded one, and ways to it that hide where they lead."""

import contextlib
import shutil
import socket
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path

import sql_files

from synth import db, server_files
from synth.targets import Target


@dataclass(frozen=True)
class Server:
    """A server that answers on 127.0.0.1 and on a socket."""

    base: Path
    port: int

    def target(self, name: str, dbname: str, **changes: object) -> Target:
        """A target of one of its databases."""
        values = {
            "name": name,
            "host": "127.0.0.1",
            "port": self.port,
            "user": "postgres",
            "password": "",
            "dbname": dbname,
            "schema": "shape",
        }
        return Target(**{**values, **changes})

    def make(self, dbname: str) -> None:
        """Make a database, or make it anew."""
        with db.connect(self.target("maintenance", "postgres")) as connection:
            sql_files.execute(connection, "server_drop_database", database=dbname)
            db.execute(connection, "server_create_database", database=dbname)


def free_port() -> int:
    """A port of loopback that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _checked(command: list) -> None:
    done = server_files.run_as_server_user([str(part) for part in command], timeout=60)
    assert done.returncode == 0, done.stdout


@contextlib.contextmanager
def _started(base: Path, port: int):
    options = (
        f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={base} -c fsync=off "
        "-c max_connections=20 -c shared_buffers=16MB -c hot_standby=on"
    )
    start = ["pg_ctl", "start", "-s", "-w", "-D", base / "data", "-l", base / "log"]
    _checked([*start, "-o", options])
    try:
        yield Server(base, port)
    finally:
        _checked(["pg_ctl", "stop", "-s", "-w", "-m", "immediate", "-D", base / "data"])


@contextlib.contextmanager
def running():
    """A server for the time of a block."""
    base = _folder()
    try:
        command = ["initdb", f"--pgdata={base / 'data'}", "--username=postgres", "--auth=trust"]
        _checked([*command, "--no-sync", "--no-instructions", "--locale=C", "--encoding=UTF8"])
        with _started(base, free_port()) as server:
            yield server
    finally:
        shutil.rmtree(base, ignore_errors=True)


@contextlib.contextmanager
def replica(of: Server):
    """A hot standby of a server."""
    base = _folder()
    try:
        command = [
            "pg_basebackup",
            "-h",
            of.base,
            "-p",
            of.port,
            "-U",
            "postgres",
            "-R",
            "--no-sync",
        ]
        _checked([*command, "--checkpoint=fast", "-D", base / "data"])
        with _started(base, free_port()) as server:
            yield server
    finally:
        shutil.rmtree(base, ignore_errors=True)


def _folder() -> Path:
    base = Path(tempfile.mkdtemp(prefix="synth-other-"))
    user = server_files.system_user()
    shutil.chown(base, user.pw_uid, user.pw_gid)
    base.chmod(0o755)
    return base


@contextlib.contextmanager
def tunnel(port: int):
    """A port of loopback that leads to another one, as through ssh."""
    ends = []

    def pump(source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while block := source.recv(65536):
                sink.sendall(block)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_WR)

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = listener.accept()
                far = socket.create_connection(("127.0.0.1", port))
                ends.extend((near, far))
                for pair in ((near, far), (far, near)):
                    threading.Thread(target=pump, args=pair, daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, daemon=True).start()
        try:
            yield listener.getsockname()[1]
        finally:
            for end in ends:
                end.close()


@contextlib.contextmanager
def silent():
    """A port of loopback where connections are taken and nobody speaks."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]
