"""Run dbt as a subprocess: progress on stderr, and one line when it fails.

dbt's own messages quote the server's, which may quote a row. So its log file and its run
results are switched off here, its events are read as JSON, and only names, counts and
error classes are passed on.

``python -m synth.dbt ARGUMENTS`` is the child: dbt, tied to the life of its parent.
"""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from synth import console, settings, targets
from synth.errors import BadInput, DatabaseError, GateFailed

_DONE = {"success", "pass", "warn", "fail", "error", "skipped", "runtime error"}
_BAD = {"fail", "error", "runtime error"}
_SHOWN_NAMES = 5
_NOTE_SECONDS = 5
_TESTS = ("test", "unit_test")
# What of a server's message holds identifiers only; the rest of it stays unread.
_IDENTIFIERS = (
    r'relation "[^"]+" does not exist',
    r'schema "[^"]+" does not exist',
    r'column "?[\w.]+"? does not exist',
    r"permission denied for \w+ [\w.]+",
    r"function [\w.]+\([\w ,]*\) does not exist",
    r"COALESCE types [\w ]+ and [\w ]+ cannot be matched",
    r"canceling statement due to [a-z ]+",
    r"No space left on device",
)
_MISSING = re.compile("|".join(_IDENTIFIERS[:3]))
_READABLE = re.compile("|".join(_IDENTIFIERS))
_PLACE = re.compile(r"^\s*LINE \d+", re.MULTILINE)


@dataclass(frozen=True)
class NodeResult:
    """What came of one model, seed or test.

    Attributes
    ----------
    name, resource_type, status : str
        ``resource_type`` is ``model``, ``seed``, ``test``, ``unit_test`` or ``operation``.
    n_failures : int
        Rows a test found (never the rows).
    reason : str
        Why it failed, in identifiers only; empty where that cannot be said.
    """

    name: str
    resource_type: str
    status: str
    n_failures: int = 0
    reason: str = ""

    @property
    def is_bad(self):
        """Whether this fails the run."""
        return self.status in _BAD


@dataclass(frozen=True)
class DbtRun:
    """What came of a dbt command.

    Attributes
    ----------
    nodes : tuple of NodeResult
        In the order they ended.
    exit_code : int
        dbt's own: 0 all well, 1 a node failed.
    seconds : float
    """

    nodes: tuple
    exit_code: int
    seconds: float

    @property
    def failed_tests(self):
        """Tests that said no."""
        return [node for node in self.nodes if node.is_bad and node.resource_type in _TESTS]

    @property
    def failed_models(self):
        """Models, seeds and hooks that could not be built."""
        return [node for node in self.nodes if node.is_bad and node.resource_type not in _TESTS]


def run(verb, *, target, select=(), variables=None, shown=True):
    """Run a dbt command.

    Parameters
    ----------
    verb : str
        ``build``, ``run``, ``test`` or ``seed``.
    target : synth.targets.Target
    select : sequence of str
        dbt selectors.
    variables : dict, optional
        Passed as ``--vars``; they show in the process list, so nothing secret.
    shown : bool
        Report progress on stderr.

    Returns
    -------
    DbtRun
        Also when nodes failed; see `require_success`.

    Raises
    ------
    BadInput
        dbt could not even start: configuration.
    DatabaseError
        dbt could not reach the database.
    """
    arguments = [*_common(verb, target, variables), "--no-write-json"]
    arguments += ["--select", *select] if select else []
    started = time.monotonic()
    reader = _Reader(f"dbt {verb}", shown=shown)
    with console.progress(enabled=shown) as bars:
        exit_code = _follow(arguments, lambda line: reader.line(line, bars))
    if exit_code not in (0, 1) or reader.trouble:
        raise _not_run(reader.trouble, target)
    return DbtRun(tuple(reader.results()), exit_code, time.monotonic() - started)


def compiled(*, target, variables=None, shown=True):
    """Compile the project and return its manifest: every model as SQL, and nothing run.

    Parameters
    ----------
    target : synth.targets.Target
    variables : dict, optional
    shown : bool
        Report progress on stderr.

    Returns
    -------
    dict
        dbt's manifest; its files are gone by then.

    Raises
    ------
    BadInput
        The project does not compile.
    DatabaseError
        dbt could not reach the database.
    """
    with tempfile.TemporaryDirectory(prefix="synth-") as folder:
        arguments = [*_common("compile", target, variables), "--target-path", folder]
        reader = _Reader("dbt compile", shown=shown)
        with console.progress(enabled=shown) as bars:
            exit_code = _follow(arguments, lambda line: reader.line(line, bars))
        if exit_code or reader.trouble:
            raise _not_run(reader.trouble, target)
        return json.loads((Path(folder) / "manifest.json").read_text())


def _common(verb, target, variables):
    arguments = [sys.executable, "-m", "synth.dbt", verb, "--target", target.name]
    arguments += ["--project-dir", str(settings.project_dir())]
    arguments += ["--profiles-dir", str(targets.profiles_dir())]
    arguments += ["--log-format", "json", "--log-level-file", "none"]
    return [*arguments, "--vars", _as_yaml(variables)] if variables else arguments


def _as_yaml(variables: dict) -> str:
    """As dbt reads them: in YAML, which takes a character beyond the sixteenth bit for two."""
    import yaml

    return yaml.safe_dump(variables, default_flow_style=True, width=sys.maxsize)


def require_success(result):
    """Turn a run with failed nodes into one line.

    Parameters
    ----------
    result : DbtRun

    Raises
    ------
    BadInput
        A model names a table or column that is not there: the source mapping is wrong.
    DatabaseError
        Another model failed.
    GateFailed
        All models were built, and tests failed.
    """
    models, tests = result.failed_models, result.failed_tests
    if models:
        first = models[0]
        about = f": {first.reason}" if first.reason else ""
        text = f"dbt could not build {_names(models)}{about}"
        if first.name.startswith("stg_") and _MISSING.search(first.reason):
            hint = "correct vars.mappings or source_schema in dbt_project.yml"
            raise BadInput(text, hint=hint, models=_plain(models))
        hint = "run the same dbt command by hand, inside the boundary, to see the statement"
        raise DatabaseError(text, hint=hint, models=_plain(models))
    if tests:
        raise GateFailed(
            f"{len(tests)} dbt {'test' if len(tests) == 1 else 'tests'} failed: {_names(tests)}",
            hint="nothing was exported; the tests count rows, see their YAML for what they mean",
            tests=_plain(tests),
        )
    if result.exit_code:
        raise DatabaseError("dbt ended with an error that names no model", hint="run it by hand")


def is_missing(result):
    """Whether a model failed for want of a table or column.

    Parameters
    ----------
    result : DbtRun

    Returns
    -------
    bool
    """
    return any(_MISSING.search(node.reason) for node in result.failed_models)


@lru_cache(maxsize=4)
def _project(path):
    import yaml

    try:
        return yaml.safe_load(path.read_text())
    except (OSError, yaml.YAMLError) as error:
        raise BadInput(f"{path} is not readable YAML", hint="compare it with git") from error


def setting(name):
    """A top-level entry of ``dbt_project.yml``, or None."""
    return _project(settings.project_dir() / "dbt_project.yml").get(name)


def variable(name, target=None):
    """Default of a dbt var, as ``dbt_project.yml`` has it.

    Parameters
    ----------
    name : str
    target : str, optional
        Picks the entry of a var that has one for each target.

    Returns
    -------
    object
        None where there is no such var.
    """
    found = setting("vars") or {}
    value = {**found, **(found.get(setting("name")) or {})}.get(name)
    return value.get(target) if target and isinstance(value, dict) else value


class _Reader:
    """Takes dbt's JSON events apart."""

    def __init__(self, title, *, shown):
        self.title = title
        self.shown = shown
        self.trouble = ""
        self._nodes = {}
        self._reasons = {}
        self._task = None
        self._total = 0
        self._done = 0
        self._started = time.monotonic()
        self._building_since = self._started
        self._noted = self._started

    def line(self, line, bars):
        try:
            event = json.loads(line)
            name, data = event["info"]["name"], event["data"]
        except (ValueError, KeyError, TypeError):
            return
        if name == "MainEncounteredError":
            self.trouble = data.get("exc", "") or "unknown"
        elif name == "JinjaLogWarning":
            # The project's own words: macros warn of settings, never of rows.
            console.note(f"dbt: {data.get('msg', '')}")
        elif name in ("RunResultError", "RunResultFailure") and "msg" in data:
            self._reasons[_node_id(data)] = _readable(data["msg"])
        elif name == "ConcurrencyLine" and data.get("node_count"):
            self._total = data["node_count"]
            self._building_since = time.monotonic()
            self._task = bars.add_task(self.title, total=self._total)
        self._node(data, bars)

    def results(self):
        for key, node in self._nodes.items():
            yield NodeResult(**{**node, "reason": self._reasons.get(key, "")})

    def _node(self, data, bars):
        info = data.get("node_info") or {}
        if "node_name" not in info:
            return
        # A model's own status may be the server's, as in "SELECT 1"; the node's is dbt's.
        spoken = (str(info.get("node_status")).lower(), str(data.get("status")).lower())
        status = next((word for word in spoken if word in _DONE), None)
        if status is None or _node_id(data) in self._nodes:
            if info.get("node_status") == "started" and self._task is not None:
                bars.update(self._task, description=info["node_name"][:28])
            return
        self._nodes[_node_id(data)] = {
            "name": info["node_name"],
            "resource_type": info.get("resource_type", "model"),
            "status": status,
            "n_failures": int(data.get("num_failures") or 0),
        }
        if self._task is not None and info.get("resource_type") != "operation":
            self._done += 1
            # The first line counts no unit tests; a node's own line counts all there are.
            counted = data.get("total") or data.get("num_models") or 0
            self._total = max(self._total, self._done, counted)
            bars.update(self._task, advance=1, total=self._total)
            self._note(data)

    def _note(self, data):
        """A line now and then, where there is no terminal for a bar."""
        now = time.monotonic()
        if not self.shown or sys.stderr.isatty() or now - self._noted < _NOTE_SECONDS:
            return
        self._noted = now
        elapsed = now - self._started
        # Parsing the project is no measure of how long a model takes.
        left = (now - self._building_since) / self._done * max(self._total - self._done, 0)
        console.note(
            f"{self.title}: {self._done} of {self._total}, {data['node_info']['node_name']}, "
            f"{elapsed:.0f} s, about {left:.0f} s left"
        )


def _node_id(data):
    info = data.get("node_info") or {}
    return info.get("unique_id") or data.get("node_name")


def _follow(arguments, take):
    environment = {
        **os.environ,
        # So that the server gives up a statement whose client was killed.
        "PGOPTIONS": f"{os.environ.get('PGOPTIONS', '')} -c client_connection_check_interval=2s",
    }
    process = subprocess.Popen(
        arguments,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=environment,
        text=True,
        errors="replace",
    )
    with process:
        try:
            for line in process.stdout:
                take(line)
        except BaseException:
            process.terminate()
            raise
    return process.returncode


def _not_run(trouble, target):
    """Error for a dbt that ended before it ran a node."""
    if trouble.startswith("Database Error"):
        readable = _readable(trouble)
        if readable:
            return DatabaseError(f"dbt: target {target.name!r}: {readable}")
        return DatabaseError(
            f"dbt cannot reach the database of target {target.name!r}",
            hint="is the server up (`synth pg status`), and is the profile right?",
        )
    lines = [line.strip() for line in trouble.splitlines() if line.strip()]
    for position, line in enumerate(lines):
        if line.startswith(("Compilation Error", "Parsing Error")):
            # The project's own words: raised before any row was read.
            return BadInput(f"dbt: {(lines[position + 1 :] or [line])[0]}")
    return BadInput("dbt could not run", hint="run `dbt debug` and `dbt parse` to see why")


def _readable(message):
    """Identifiers and classes of a message; empty where it may hold more."""
    found = _READABLE.search(message)
    if found and _is_of_statement(found.group(0), message):
        return found.group(0)
    if message.startswith("Compilation Error"):
        lines = message.splitlines()
        return lines[1].strip() if len(lines) > 1 else ""
    return ""


def _is_of_statement(found, message):
    """Whether a name that is quoted stands in the statement: a cast to ``regclass`` quotes a row.

    The server gives a place in the statement for what it could not parse only.
    """
    behind = message[message.index(found) + len(found) :]
    return '"' not in found or (_PLACE.search(behind) is not None and "QUERY:" not in behind)


def _names(nodes):
    shown = ", ".join(node.name for node in nodes[:_SHOWN_NAMES])
    more = len(nodes) - _SHOWN_NAMES
    return f"{shown} and {more} more" if more > 0 else shown


def _plain(nodes):
    return [{"name": node.name, "n_failures": node.n_failures} for node in nodes]


def _child(arguments):
    """Run dbt in this process, which ends when its parent does."""
    if sys.platform == "linux":
        import ctypes

        parent = os.getppid()
        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)
        if os.getppid() != parent:
            sys.exit(1)
    from dbt.cli.main import cli

    cli(arguments)


if __name__ == "__main__":
    _child(sys.argv[1:])
