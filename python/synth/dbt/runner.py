"""Start dbt, every flag given, and collect what it did.

dbt's own messages quote the server's, which may quote a row. So its log file and its run
results are switched off here, and only names, counts and error classes are passed on.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from synth import console, settings, targets
from synth.dbt import environment, refusals
from synth.dbt.events import NodeResult, Reader
from synth.errors import DatabaseError

_TESTS = ("test", "unit_test")
_CHILD = Path(__file__).parent / "__main__.py"
# Given although most are dbt's defaults: `flags:` in dbt_project.yml may change a default, never
# what the command line says. What has no negative form cannot be set there.
FLAGS = (
    *("--log-format", "json", "--log-level", "info", "--no-debug", "--no-quiet", "--print"),
    *("--log-format-file", "json", "--log-level-file", "none", "--log-file-max-bytes", "0"),
    *("--no-log-cache-events", "--no-macro-debugging", "--printer-width", "80"),
    *("--no-use-colors", "--no-use-colors-file"),
    # All of the project, whatever selectors.yml calls the default; no gate is left out.
    *("--select", "fqn:*", "--indirect-selection", "eager", "--no-fail-fast", "--no-empty"),
    *("--no-defer", "--no-favor-state", "--no-cache-selected-only", "--populate-cache"),
    *("--no-single-threaded", "--no-use-fast-test-edges"),
    # A warning of dbt's never decides whether gates run.
    *("--warn-error-options", "{}"),
    # Nothing that was parsed before: a file could say that there are no gates.
    *("--no-partial-parse", "--static-parser", "--no-use-experimental-parser"),
    *("--version-check", "--no-send-anonymous-usage-stats", "--no-upload-to-artifacts-ingest-api"),
)
_BUILD_FLAGS = ("--no-export-saved-queries", "--no-include-saved-query", "--no-write-json")
_COMPILE_FLAGS = ("--introspect", "--write-json")
VERBS = {"build": (*FLAGS, *_BUILD_FLAGS), "compile": (*FLAGS, *_COMPILE_FLAGS)}


@dataclass(frozen=True)
class DbtRun:
    """What came of a build.

    Attributes
    ----------
    nodes : tuple of NodeResult
        In the order they ended.
    exit_code : int
        dbt's own: 0 all well, 1 a node failed.
    seconds : float
    invocation_id : str
        dbt's name of this run.
    models, tests : dict
        Compiled SQL (bytes) by name.
    """

    nodes: tuple[NodeResult, ...]
    exit_code: int
    seconds: float
    invocation_id: str = ""
    models: dict[str, bytes] = field(default_factory=dict, repr=False)
    tests: dict[str, bytes] = field(default_factory=dict, repr=False)

    @property
    def failed_tests(self) -> list[NodeResult]:
        """Tests that said no."""
        return [node for node in self.nodes if node.is_bad and node.resource_type in _TESTS]

    @property
    def failed_models(self) -> list[NodeResult]:
        """Models, seeds and hooks that could not be built."""
        return [node for node in self.nodes if node.is_bad and node.resource_type not in _TESTS]


def build(*, target: targets.Target, variables: dict | None = None, shown: bool = True) -> DbtRun:
    """Build and test the whole project.

    Parameters
    ----------
    target : synth.targets.Target
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
        dbt could not reach the database, or was ended.
    """
    started = time.monotonic()
    with _folder() as folder:
        exit_code, reader = _run("build", target, variables, folder, shown=shown)
        if exit_code not in (0, 1) or reader.trouble:
            raise refusals.not_run(reader.trouble, target, exit_code)
        models, tests = _compiled_sql(folder)
        return DbtRun(
            nodes=tuple(reader.results()),
            exit_code=exit_code,
            seconds=time.monotonic() - started,
            invocation_id=reader.invocation_id,
            models=models,
            tests=tests,
        )


def compiled(*, target: targets.Target, variables: dict | None = None, shown: bool = True) -> dict:
    """Compile the project and return its manifest: every model as SQL, and nothing run.

    Parameters
    ----------
    target, variables, shown
        As for `build`.

    Returns
    -------
    dict
        dbt's manifest; its files are gone by then.

    Raises
    ------
    BadInput
        The project does not compile.
    DatabaseError
        dbt could not reach the database, or was ended.
    """
    with _folder() as folder:
        exit_code, reader = _run("compile", target, variables, folder, shown=shown)
        if exit_code or reader.trouble:
            raise refusals.not_run(reader.trouble, target, exit_code)
        return json.loads((folder / "manifest.json").read_text())


def command(verb: str, target: targets.Target, variables: dict | None, folder: Path) -> list[str]:
    """Command line of a child: the interpreter looks at its own installation only."""
    return [
        # -P and no PYTHONPATH: a file named yaml.py in the working directory is not imported.
        *(sys.executable, "-P", "-X", "utf8", str(_CHILD), verb),
        *("--profile", targets.PROFILE, "--target", target.name),
        *("--project-dir", str(settings.project_dir().resolve())),
        *("--profiles-dir", str(targets.profiles_dir().resolve())),
        *("--target-path", str(folder), "--log-path", str(folder)),
        *("--vars", _as_yaml(variables or {})),
        *VERBS[verb],
    ]


def _as_yaml(variables: dict) -> str:
    """As dbt reads them: in YAML, which takes a character beyond the sixteenth bit for two."""
    import yaml

    return yaml.safe_dump(variables, default_flow_style=True, width=sys.maxsize)


@contextmanager
def _folder() -> Iterator[Path]:
    """A directory of this run's own, so that what is read there is what this run wrote."""
    try:
        made = tempfile.TemporaryDirectory(prefix="synth-")
    except OSError as error:
        raise DatabaseError(
            f"no directory for dbt's files can be made: {error.strerror}",
            hint="make room in the temporary directory, or set TMPDIR to another",
        ) from error
    with made as folder:
        yield Path(folder)


def _run(
    verb: str, target: targets.Target, variables: dict | None, folder: Path, *, shown: bool
) -> tuple[int, Reader]:
    reader = Reader(f"dbt {verb}", shown=shown)
    arguments = command(verb, target, variables, folder)
    with console.progress(enabled=shown) as bars:
        exit_code = _follow(
            arguments, environment.child(target), lambda line: reader.line(line, bars)
        )
    return exit_code, reader


def _follow(arguments: list[str], variables: dict, take: Callable[[str], None]) -> int:
    process = subprocess.Popen(
        arguments,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=variables,
        encoding="utf-8",
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


def _compiled_sql(folder: Path) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """SQL of models and of tests, which dbt keeps below the YAML file that names them."""
    models, tests = {}, {}
    for path in sorted((folder / "compiled").rglob("*.sql")):
        parents = path.relative_to(folder).parts[:-1]
        is_test = "tests" in parents or any(one.endswith((".yml", ".yaml")) for one in parents)
        (tests if is_test else models)[path.stem] = path.read_bytes()
    return models, tests
