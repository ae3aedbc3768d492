"""Turn what went wrong with dbt into one line that quotes no row."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from synth.errors import BadInput, DatabaseError, GateFailed, SynthError
from synth.targets import Target

if TYPE_CHECKING:
    from synth.dbt.events import NodeResult
    from synth.dbt.runner import DbtRun

_SHOWN_NAMES = 5
_KINDS = r"(?:foreign |materialized )?(?:table|view|schema|sequence|function|database|type|column)"
# First lines of a server's message that hold identifiers only; any other stays unread, and so do
# all lines behind it: further on, or in the midst of a line, the same words may be a row's.
_IDENTIFIERS = (
    r'relation "[^"]+" does not exist',
    r'schema "[^"]+" does not exist',
    r'column "?[\w.]+"? does not exist',
    rf"permission denied for {_KINDS} [\w.]+",
    r"function [\w.]+\([\w ,]*\) does not exist",
    r"COALESCE types [\w ]+ and [\w ]+ cannot be matched",
    r"canceling statement due to [a-z ]+",
)
_MISSING = re.compile("|".join(_IDENTIFIERS[:3]))
_READABLE = re.compile("|".join(_IDENTIFIERS))
_OWN_WORDS = ("Compilation Error", "Parsing Error", "Usage Error")
# What dbt writes above the server's message: of a hook, and of anything else.
_HEADER = re.compile(
    r"(?:[\w.-]+ failed, error:|(?:Runtime Error\s+)?Database Error(?: in .*)?)\n *"
)
_PLACE = re.compile(r"^\s*LINE \d+", re.MULTILINE)
_FULL = "No space left on device"


def require_success(result: "DbtRun") -> None:
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
        if first.name.startswith("stg_") and _MISSING.fullmatch(first.reason):
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


def is_missing(result: "DbtRun") -> bool:
    """Whether a model failed for want of a table or column.

    Parameters
    ----------
    result : DbtRun

    Returns
    -------
    bool
    """
    return any(_MISSING.fullmatch(node.reason) for node in result.failed_models)


def not_run(trouble: str, target: Target, exit_code: int) -> SynthError:
    """Error for a dbt that ended before it ran a node, or was ended."""
    if exit_code < 0:
        return DatabaseError(
            f"dbt was ended by signal {-exit_code} before it was done",
            hint="nothing was read from what it had built; start again",
        )
    if trouble.startswith("Database Error"):
        found = readable(trouble)
        if found:
            return DatabaseError(f"dbt: target {target.name!r}: {found}")
        return DatabaseError(
            f"dbt cannot reach the database of target {target.name!r}",
            hint="is the server up (`synth pg status`), and is the profile right?",
        )
    if _FULL in trouble:
        return DatabaseError(
            "dbt found no space left in the temporary directory",
            hint="free some, or set TMPDIR to another directory",
        )
    lines = [line.strip() for line in trouble.splitlines() if line.strip()]
    if lines and lines[0].startswith("Runtime Error"):
        lines = lines[1:]
    if lines and lines[0].startswith(_OWN_WORDS):
        # The project's own words, or the profile's: said before any row was read.
        return BadInput(f"dbt: {lines[1] if lines[1:] else lines[0]}", hint=_hint(trouble))
    return BadInput("dbt could not run", hint="run `dbt debug` and `dbt parse` to see why")


def _hint(trouble: str) -> str | None:
    if "Env var required" in trouble:
        return "dbt gets only variables whose name stands in quotes in env_var()"
    return None


def readable(message: str) -> str:
    """Identifiers and classes of a message; empty where it may hold more."""
    if header := _HEADER.match(message):
        first, _, behind = message[header.end() :].partition("\n")
        if first.startswith("could not ") and first.endswith(f": {_FULL}"):
            return _FULL
        return first if _READABLE.fullmatch(first) and _is_of_statement(first, behind) else ""
    if message.startswith("Compilation Error"):
        lines = message.splitlines()
        return lines[1].strip() if len(lines) > 1 else ""
    return ""


def _is_of_statement(first: str, behind: str) -> bool:
    """Whether a name that is quoted stands in the statement: a cast to ``regclass`` quotes a row.

    The server gives a place in the statement for what it could not parse only. Where a row's text
    holds such a place itself, the end of the server's own sentence comes behind it.
    """
    if '"' not in first:
        return True
    is_cast = "QUERY:" in behind or "does not exist" in behind
    return _PLACE.search(behind) is not None and not is_cast


def _names(nodes: Sequence["NodeResult"]) -> str:
    shown = ", ".join(node.name for node in nodes[:_SHOWN_NAMES])
    more = len(nodes) - _SHOWN_NAMES
    return f"{shown} and {more} more" if more > 0 else shown


def _plain(nodes: Sequence["NodeResult"]) -> list[dict]:
    return [{"name": node.name, "n_failures": node.n_failures} for node in nodes]
