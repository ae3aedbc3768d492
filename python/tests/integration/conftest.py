"""Fixtures of the tests that need dbt's models in a database."""

import pytest
import sql_files
from fid_harness import Harness

from synth import db, server


@pytest.fixture(scope="module")
def harness(pg_server, session_environment, project_dir, tmp_path_factory):
    """Fidelity models over hand-filled shapes, built once for each module."""
    name = "dev_fidelity"
    with db.connect(server.maintenance_target()) as connection:
        db.execute(connection, "server_create_database", database=name)
    session_environment.setenv("PRODSHAPE_DEV_DBNAME", name)
    yield Harness(project_dir, tmp_path_factory.mktemp("fidelity"))
    session_environment.delenv("PRODSHAPE_DEV_DBNAME")
    with db.connect(server.maintenance_target()) as connection:
        sql_files.execute(connection, "server_drop_database", database=name)
