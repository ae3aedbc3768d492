"""Fixtures of the tests that need dbt's models in a database."""

import pack_populations
import pytest
import sql_files
from fid_harness import Harness
from prebuilt import Prebuilt

from synth import db, server
from synth.errors import BadInput
from synth.generate import run


@pytest.fixture(scope="module")
def harness(pg_server, session_environment, warm, tmp_path_factory):
    """Fidelity models over hand-filled shapes, built once for each module."""
    name = "dev_fidelity"
    with db.connect(server.maintenance_target()) as connection:
        db.execute(connection, "server_create_database", database=name)
    session_environment.setenv("PRODSHAPE_DEV_DBNAME", name)
    yield Harness(warm, tmp_path_factory.mktemp("fidelity"))
    session_environment.delenv("PRODSHAPE_DEV_DBNAME")
    with db.connect(server.maintenance_target()) as connection:
        sql_files.execute(connection, "server_drop_database", database=name)


@pytest.fixture(scope="session")
def prebuilt(pg_server, session_environment, warm, tmp_path_factory):
    """Models that dbt builds once in this session: ``prebuilt(target_name, **variables)``."""
    known = {}

    def get(role, **variables):
        key = (role, *sorted(variables.items()))
        if key not in known:
            folder = tmp_path_factory.mktemp("prebuilt")
            known[key] = Prebuilt(f"prebuilt_{len(known)}", role, variables, folder, warm)
        return known[key]

    return get


@pytest.fixture
def stopped_at(monkeypatch):
    """Run until a function of `synth.generate.stages` lists its chunks; gives the run to resume."""

    def fail(*_):
        raise BadInput("stopped on purpose")

    def stop(function, target, request):
        with monkeypatch.context() as patch:
            patch.setattr(f"synth.generate.stages.{function}", fail)
            with pytest.raises(BadInput, match=r"on purpose.*--resume") as stopped:
                run.execute(target, request, quiet=True)
        return str(stopped.value).rsplit(" ", 1)[-1]

    return stop


@pytest.fixture
def published(databases, prebuilt, run_sql):
    """Build the shape of a chat inside the boundary; gives the rows that are published."""

    def build(tables, k=5):
        models = prebuilt("prod_shape", k_anonymity=k, window_days="all")
        models.clone(databases.prod)
        pack_populations.load(databases.prod, tables)
        models.rebuild(databases.prod)
        rows = run_sql(databases.prod, "shape_rows")
        return [row for row in rows if not row["is_suppressed"]]

    return build
