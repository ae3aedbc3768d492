"""synth and dbt, loaded once: each call is a process forked from this one.

Starting dbt takes two seconds of imports and parsing the project three to five more; starting
synth half a second. A worker of the test suite starts this server once, and `warm.run` has it fork
a process for each call: with the caller's arguments, environment, directory and streams, and the
exit code that the program gives. Nothing is replaced but what loading and parsing cost: a project
is parsed here, once for each target, set of variables, environment and state of its files, and
dbt gets the manifest, as ``dbtRunner(manifest=...)`` has it. Another project's dbt, or one that is
steered by its environment, is started as synth starts it.

It ends with its standard input. A caller that goes away ends its process.
"""

import contextlib
import gc
import hashlib
import importlib
import itertools
import json
import os
import pkgutil
import selectors
import signal
import socket
import sys
import tempfile
import time
import traceback
from multiprocessing import resource_tracker
from pathlib import Path

PROJECT_DIR = Path(__file__).resolve().parents[2]
_CHILD = PROJECT_DIR / "python" / "synth" / "dbt" / "__main__.py"
_PROFILES = "DBT_PROFILES_DIR"
# What does not change a manifest.
_PLACES = {_PROFILES, "DBT_TARGET_PATH", "DBT_LOG_PATH"}
_FOLDERS = ("models", "macros", "seeds", "tests")
# What a profile or the project reads.
_READ = ("PRODSHAPE_", "SYNTH_PG_", "ANONYMIZATION_SALT", "USER")
# Manifests that stay, of some 30 MB each.
_KEPT = 8
_PARSED = ("build", "compile", "run", "seed", "test", "docs")


class Server:
    """Accepts requests on a socket and forks a process for each."""

    def __init__(self, path):
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        self.listener.listen()
        self.selector = selectors.DefaultSelector()
        self.callers = {}
        self.manifests = {}
        self.woken, waker = socket.socketpair()
        self.woken.setblocking(False)
        waker.setblocking(False)
        self.waker = waker
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(waker.fileno())
        for stream in (self.listener, self.woken, sys.stdin):
            self.selector.register(stream, selectors.EVENT_READ)

    def serve(self):
        """Answer until standard input ends."""
        while True:
            for key, _ in self.selector.select():
                if key.fileobj is self.listener:
                    self.accept()
                elif key.fileobj is self.woken:
                    self.woken.recv(4096)
                    self.reap()
                elif key.fileobj is sys.stdin:
                    for pid in self.callers:
                        os.kill(pid, signal.SIGTERM)
                    return
                else:
                    self.forsake(key.fileobj)

    def accept(self):
        """Take one request and fork its process."""
        caller, _ = self.listener.accept()
        content, streams, _, _ = socket.recv_fds(caller, 1 << 20, 3)
        while not content.endswith(b"\n"):
            more = caller.recv(1 << 20)
            if not more:  # the caller went away before it had said all
                for one in streams:
                    os.close(one)
                caller.close()
                return
            content += more
        request = json.loads(content)
        manifest = None
        if request["program"] == "dbt":
            manifest = self.parsed(request)
        pid = os.fork()
        if not pid:
            for one in (self.listener, self.selector, caller, *self.callers.values()):
                one.close()
            become(request, streams, manifest)
        for stream in streams:
            os.close(stream)
        self.callers[pid] = caller
        self.selector.register(caller, selectors.EVENT_READ)

    def reap(self):
        """Tell callers whose process ended its exit code."""
        with contextlib.suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                pid, status = ended
                if caller := self.callers.pop(pid, None):
                    self.selector.unregister(caller)
                    with contextlib.suppress(OSError):
                        caller.sendall(str(os.waitstatus_to_exitcode(status)).encode())
                    caller.close()

    def forsake(self, caller):
        """End the process of a caller that went away."""
        self.selector.unregister(caller)
        caller.close()
        for pid, one in list(self.callers.items()):
            if one is caller:
                del self.callers[pid]
                os.kill(pid, signal.SIGTERM)

    def parsed(self, request):
        """Manifest of a request's project; None where dbt is to start anew and parse itself."""
        arguments = request["arguments"]
        options = dict(itertools.pairwise(arguments))
        project_dir = options.get("--project-dir") or request["folder"]
        variables = request["environment"]
        is_plain = not any(name.startswith("DBT_") for name in variables.keys() - _PLACES)
        if arguments[0] not in _PARSED or not is_plain or Path(project_dir) != PROJECT_DIR:
            return None
        profiles = options.get("--profiles-dir") or variables.get(_PROFILES)
        if "--target" not in options or not profiles:
            return None
        asked = ["--target", options["--target"], "--vars", options.get("--vars", "{}")]
        read = sorted(item for item in variables.items() if item[0].startswith(_READ))
        text = (Path(profiles) / "profiles.yml").read_text()
        key = json.dumps([asked, read, text, _state()])
        if key not in self.manifests:
            if len(self.manifests) == _KEPT:
                del self.manifests[next(iter(self.manifests))]
            self.manifests[key] = _parse([*asked, "--profiles-dir", profiles], variables)
        return self.manifests[key]


def _state():
    """Digest of the project's files: when they were written, and how long they are."""
    digest = hashlib.sha256()
    files = [PROJECT_DIR / "dbt_project.yml"]
    for folder in _FOLDERS:
        files += sorted(path for path in (PROJECT_DIR / folder).rglob("*") if path.is_file())
    for path in files:
        found = path.stat()
        digest.update(f"{path} {found.st_mtime_ns} {found.st_size}\n".encode())
    return digest.hexdigest()


def _parse(options, variables):
    from dbt.cli.main import dbtRunner

    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(variables)
    try:
        with tempfile.TemporaryDirectory(prefix="synth-parse-") as folder:
            places = ["--target-path", folder, "--log-path", folder, "--log-level-file", "none"]
            whole = ["parse", "--no-partial-parse", "--quiet", "--project-dir", str(PROJECT_DIR)]
            with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):
                found = dbtRunner().invoke([*whole, *places, *options])
    finally:
        os.environ.clear()
        os.environ.update(before)
    return found.result if found.success else None


def become(request, streams, manifest):
    """Be the program of a request; does not return."""
    code = 70
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
        os.environ.clear()
        os.environ.update(request["environment"])
        time.tzset()
        os.chdir(request["folder"])
        sys.argv = [request["program"], *request["arguments"]]
        if request["program"] == "dbt" and manifest is None:
            # The parser's library does not bear to be forked once it has parsed.
            command = [sys.executable, "-P", "-X", "utf8", str(_CHILD), *request["arguments"]]
            os.execve(sys.executable, command, request["environment"])
        elif request["program"] == "dbt":
            from dbt.cli.main import cli

            cli.main(request["arguments"], obj={"manifest": manifest, "callbacks": []})
        else:
            from synth.cli import main
            from synth.dbt import runner

            # The child that synth starts is forked, too: the client passes it on.
            runner._CHILD = Path(request["client"])
            main()
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 0 if ended.code is None else 1
    except BaseException:
        traceback.print_exc()
        code = 1
    finally:
        with contextlib.suppress(BaseException):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _load():
    """Import what calls will need, and start what they share."""
    # It would warn of the locks of processes that left without a word, as forked ones do.
    os.environ["PYTHONWARNINGS"] = "ignore"
    resource_tracker.ensure_running()
    del os.environ["PYTHONWARNINGS"]
    importlib.import_module("dbt.cli.main")
    import synth

    for module in pkgutil.walk_packages(synth.__path__, "synth."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    gc.collect()
    gc.freeze()


if __name__ == "__main__":
    # Before the imports, so that callers wait at the socket instead of for a file.
    made = Server(sys.argv[1])
    _load()
    made.serve()
