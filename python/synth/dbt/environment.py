"""Variables that a child dbt gets: an allow-list, and those that profile and project read.

A flag of dbt's, a setting of libpq's or Python's that happens to stand in the caller's
environment would decide which gates run, or where; so none is passed on.
"""

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

from synth import inputs, libpq_environment, settings, targets
from synth.dbt import project
from synth.errors import BadInput

_ALLOWED = {
    *("PATH", "HOME", "USER", "LOGNAME", "LANG", "LANGUAGE", "TZ", "TMPDIR"),
    *("SSL_CERT_FILE", "SSL_CERT_DIR", "KRB5CCNAME", "KRB5_CONFIG"),
    # Without it some builds of Python do not start.
    "LD_LIBRARY_PATH",
    "OPENBLAS_NUM_THREADS",
}
# What dbt reads as a flag, after DBT_ and DBT_ENGINE_; a test compares it with the installed dbt.
# DBT_HOST is one of `dbt docs serve` only, and common in profiles.
_OWN_FLAGS = """
    ARTIFACT_STATE_PATH CACHE_SELECTED_ONLY CLEAN_PROJECT_FILES_ONLY DEBUG DEFER DEFER_STATE
    DEFER_TO_STATE DOWNLOAD_DIR EMPTY EVENT_TIME_END EVENT_TIME_START EXCLUDE_RESOURCE_TYPES
    EXPORT_SAVED_QUERIES FAIL_FAST FAVOR_STATE FAVOR_STATE_MODE FULL_REFRESH
    INCLUDE_SAVED_QUERY INDIRECT_SELECTION INTROSPECT INVOCATION_ENV LOG_CACHE_EVENTS
    LOG_FILE_MAX_BYTES LOG_FORMAT LOG_FORMAT_FILE LOG_LEVEL LOG_LEVEL_FILE LOG_PATH
    MACRO_DEBUGGING NO_PRINT PACKAGE_HUB_URL PARTIAL_PARSE PARTIAL_PARSE_FILE_DIFF
    PARTIAL_PARSE_FILE_PATH POPULATE_CACHE PP_FILE_DIFF_TEST PP_TEST PRINT PRINTER_WIDTH PROFILE
    PROFILES_DIR PROJECT_DIR QUIET RECORDED_FILE_PATH RECORDER_FILE_PATH RECORDER_MODE
    RECORDER_ROW_LIMIT RECORDER_TYPES RESOURCE_TYPES SAMPLE SEND_ANONYMOUS_USAGE_STATS
    SHOW_RESOURCE_REPORT SINGLE_THREADED SQLPARSE STATE STATIC_PARSER STORE_FAILURES TARGET
    TARGET_PATH
    TEST_STATE_MODIFIED UPLOAD_TO_ARTIFACTS_INGEST_API USE_COLORS USE_COLORS_FILE
    USE_EXPERIMENTAL_PARSER USE_FAST_TEST_EDGES VERSION_CHECK WARN_ERROR WARN_ERROR_OPTIONS
    WRITE_JSON
    """
OWN_FLAGS = frozenset(_OWN_FLAGS.split())
# A profile may name these: dbt-postgres gives each of them to libpq explicitly.
_LIBPQ_NAMED = {"PGHOST", "PGPORT", "PGUSER", "PGPASSWORD", "PGDATABASE"}
_NAMED = re.compile(r"""\benv_var\(\s*(['"])([^'"]+)\1""")
_TEXTS = {".sql", ".yml", ".yaml", ".md", ".py"}
_MAX_FILE = 16 * inputs.MEBIBYTE
_ROOT_FILES = (
    *("dbt_project.yml", "packages.yml", "dependencies.yml", "package-lock.yml"),
    *("selectors.yml", ".dbtignore"),
)
# dbt's own defaults of the folders that it reads.
_FOLDERS = {
    "model-paths": ["models"],
    "macro-paths": ["macros"],
    "seed-paths": ["seeds"],
    "test-paths": ["tests"],
    "snapshot-paths": ["snapshots"],
    "analysis-paths": ["analyses"],
    "function-paths": ["functions"],
    "docs-paths": [],
}


def child(target: targets.Target) -> dict[str, str]:
    """Environment of a dbt that works on a target.

    Returns
    -------
    dict

    Raises
    ------
    BadInput
        Profile or project read a variable that is a flag of dbt's own, libpq's or Python's; the
        project holds a ``.dbtignore``, or a pipe or device where dbt would read it.
    """
    named: dict[str, str] = {}
    for place, name in (*_named_by_profile(target), *_named_by_project()):
        if is_steering(name):
            raise BadInput(
                f"{place} reads {name}, which would steer dbt, Python or the connection itself",
                hint="nothing was run; give the variable a name of your own",
            )
        # Taken out of our own environment already where it is one of libpq's.
        if (value := libpq_environment.variable(name)) is not None:
            named[name] = value
    return named | {
        name: value
        for name, value in os.environ.items()
        if name in _ALLOWED or name.startswith("LC_")
    }


def is_steering(name: str) -> bool:
    """Whether a variable decides what dbt, Python or libpq does, whoever reads it besides."""
    if name.startswith("DBT_ENGINE_") or name.removeprefix("DBT_") in OWN_FLAGS:
        return name.startswith("DBT_")
    if re.fullmatch("PG[A-Z0-9]+", name):
        return name not in _LIBPQ_NAMED
    return name.startswith("PYTHON")


def _named_by_profile(target: targets.Target) -> Iterator[tuple[str, str]]:
    """What rendering the output reads: a name may be put together, as dbt would do it."""
    place = f"target {target.name!r} of {targets.profiles_dir() / 'profiles.yml'}"
    return ((place, name) for name in sorted(targets.variables(target.name)))


def _named_by_project() -> Iterator[tuple[str, str]]:
    folder = settings.project_dir()
    installed = project.setting("packages-install-path") or "dbt_packages"
    files = [folder / name for name in _ROOT_FILES if (folder / name).exists()]
    for one in (installed, *(path for key in _FOLDERS for path in _paths(key))):
        files += _files(folder / one)
    for path in files:
        place = os.path.relpath(path, folder)
        try:
            is_regular = stat.S_ISREG(path.stat().st_mode)
        except OSError:
            continue  # a link to nothing
        if not is_regular:
            raise BadInput(
                f"the project's {place} is no regular file, and dbt might wait for it without end",
                hint="nothing was run; remove it",
            )
        if path.name == ".dbtignore":
            raise BadInput(
                f"the project has {place}, which hides models and gates from dbt",
                hint="nothing was run; remove it, and disable what is not wanted by name",
            )
        if path.suffix in _TEXTS:
            content = inputs.read_bytes(path, "the project's file", limit=_MAX_FILE)
            yield from ((place, name) for name in _names(content.decode(errors="replace")))


def _files(folder: Path) -> Iterator[Path]:
    """Files below a folder, through links, which packages may be; each folder once."""
    seen = set()
    for parent, folders, names in os.walk(folder, followlinks=True):
        real = os.path.realpath(parent)
        if real in seen:
            folders.clear()
            continue
        seen.add(real)
        yield from (Path(parent, name) for name in names)


def _paths(key: str) -> list[str]:
    return project.setting(key) or _FOLDERS[key]


def _names(text: str) -> list[str]:
    return [name for _, name in _NAMED.findall(text)]
