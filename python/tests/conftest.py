"""Fixtures of all tests: a server of their own, databases of their own, the command line.

Every pytest worker starts its own embedded server in a temporary directory, so that tests
touch neither the user's server nor each other's.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import golden_files
import hypothesis
import pytest
import sql_files
from warm import Warm

from synth import db, server, targets

PROJECT_DIR = Path(__file__).resolve().parents[2]
SQL_DIR = Path(__file__).parent / "sql"

# How long an example takes is the machine's affair.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")


pytest_plugins = ["file_seconds"]


def pytest_addoption(parser):
    """Let the golden files be written anew; `git diff` then shows what changed."""
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="write python/tests/golden anew from what is computed now; review the difference",
    )


@dataclass(frozen=True)
class Databases:
    """A fresh pair of databases: `prod` inside the boundary, `dev` outside."""

    prod: targets.Target
    dev: targets.Target


@pytest.fixture(scope="session")
def project_dir():
    """Directory of ``dbt_project.yml``."""
    return PROJECT_DIR


@pytest.fixture(scope="session", autouse=True)
def session_environment():
    """Environment of the session, changed for its duration and restored afterwards."""
    patch = pytest.MonkeyPatch()
    # Tests that need a salt set one; a salt from outside would hide that it is missing.
    patch.delenv("ANONYMIZATION_SALT", raising=False)
    # A log of their own, and no officers but those a test trusts.
    with tempfile.TemporaryDirectory(prefix="synth-audit-") as folder:
        patch.setenv("SYNTH_AUDIT_FILE", str(Path(folder) / "audit.jsonl"))
        patch.setenv("SYNTH_TRUSTED_KEYS", str(Path(folder) / "trusted"))
        yield patch
    patch.undo()


@pytest.fixture(scope="session")
def pg_server(session_environment):
    """An embedded server of this worker; points SYNTH_* and DBT_PROFILES_DIR at it."""
    # Not pytest's own temporary directory: that is private, and the server of root runs as
    # another user, who must get in. The path is short, since sockets allow 107 bytes.
    base = Path(tempfile.mkdtemp(prefix="synth-test-"))
    base.chmod(0o755)
    session_environment.setenv("SYNTH_CACHE_DIR", str(base / "cache"))
    session_environment.setenv("SYNTH_PG_SOCKET_DIR", str(base / "sock"))
    session_environment.setenv("DBT_PROFILES_DIR", str(base))
    for name in list(os.environ):
        if name.startswith(("PRODSHAPE_PROD_", "PRODSHAPE_DEV_")):
            session_environment.delenv(name)
    shutil.copy(PROJECT_DIR / "profiles.example.yml", base / "profiles.yml")
    try:
        server.start(shared_buffers_mb=128)
        yield server
    finally:
        server.stop()
        shutil.rmtree(base, ignore_errors=True)


@pytest.fixture
def databases(pg_server, monkeypatch):
    """A fresh pair of databases, dropped after the test."""
    # The same names for every test: they stand in what dbt parsed.
    names = {"PROD": "production_tested", "DEV": "dev_tested"}
    with db.connect(server.maintenance_target()) as connection:
        for role, name in names.items():
            db.execute(connection, "server_create_database", database=name)
            monkeypatch.setenv(f"PRODSHAPE_{role}_DBNAME", name)
    yield Databases(prod=targets.load("prod_shape"), dev=targets.load("dev_synth"))
    with db.connect(server.maintenance_target()) as connection:
        for name in names.values():
            sql_files.execute(connection, "server_drop_database", database=name)


@pytest.fixture(scope="session")
def run_sql():
    """Run a statement of ``python/tests/sql`` against a target.

    Returns
    -------
    callable
        ``run_sql(target, name, parameters=None)``; rows as dictionaries, if there are any.
    """

    def run(target, name, parameters=None):
        text = (SQL_DIR / f"{name}.sql").read_text()
        with db.connect(target, application_name="synth tests") as connection:
            cursor = connection.execute(text, parameters)
            if cursor.description is None:
                return []
            columns = [column.name for column in cursor.description]
            return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]

    return run


@pytest.fixture(scope="session")
def warm():
    """Programs that are loaded once in this worker, and forked for each call."""
    server = Warm(PROJECT_DIR)
    yield server
    server.stop()


@pytest.fixture
def run_synth(warm):
    """Call ``synth`` as a user does, in a process of its own that is forked.

    Returns
    -------
    callable
        ``run_synth(*args, env=None, timeout=300)``; `env` adds to the environment, a value
        of None removes a variable. Returns a CompletedProcess with text output.
    """
    return partial(warm.run, "synth")


@pytest.fixture
def run_dbt(warm):
    """Call ``dbt`` as a user does, in a process of its own that is forked; as `run_synth`."""
    return partial(warm.run, "dbt")


@pytest.fixture
def start_synth():
    """Call ``python -m synth`` itself; as `run_synth`, and slower by what loading takes."""

    def run(*args, env=None, timeout=300):
        environment = {**os.environ, **(env or {})}
        environment = {name: value for name, value in environment.items() if value is not None}
        return subprocess.run(
            [sys.executable, "-m", "synth", *map(str, args)],
            cwd=PROJECT_DIR,
            env=environment,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=timeout,
            check=False,
        )

    return run


@pytest.fixture
def golden(request):
    """Hold figures against a golden file: ``golden(name, figures)``; see `golden_files`."""
    is_renewed = request.config.getoption("--update-golden")
    return lambda name, figures: golden_files.hold(name, figures, is_renewed=is_renewed)


@pytest.fixture(scope="session")
def real_data():
    """Folder of the real data sets; skips where it is absent."""
    folder = Path(os.environ.get("PRODSHAPE_REAL_DATA") or PROJECT_DIR.parent / "shared" / "real")
    if not folder.is_dir():
        pytest.skip(f"no real data in {folder}; set PRODSHAPE_REAL_DATA to test with it")
    return folder
