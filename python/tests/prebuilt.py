"""Models that dbt built once over no rows, and that are built again over any without dbt.

A dbt run of the whole project takes ten seconds, nine of which import dbt, parse the project and
compile it; the statements themselves take less than one on a small chat. `Prebuilt` lets dbt build
everything over empty tables, keeps that database as a template (seeds, functions, hooks of dbt's
run) and the statements that dbt ran. A test clones the template, fills schema ``app`` and runs
the statements in dbt's order. `test_prebuilt.py` holds both ways against each other.
"""

from pathlib import Path

import pytest
import sql_files
import yaml
from warm import Warm

from bench import compiled
from synth import db, server, targets

SALT = "a-salt-of-more-than-32-characters-for-tests"


class Prebuilt:
    """A template database, and the statements that rebuild its models.

    Parameters
    ----------
    name : str
        Of the template database; it stays until the server goes.
    role : str
        dbt's target.
    variables : dict
        Passed to dbt; `source_schema` is app.
    folder : pathlib.Path
        dbt's target directory.
    warm : warm.Warm
        Runs dbt.
    """

    def __init__(self, name: str, role: str, variables: dict, folder: Path, warm: Warm) -> None:
        self.name = name
        with db.connect(server.maintenance_target()) as connection:
            db.execute(connection, "server_create_database", database=name)
        project = yaml.safe_load((warm.project_dir / "dbt_project.yml").read_text())["vars"]
        is_boundary = role in project["boundary_targets"]
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv(f"PRODSHAPE_{'PROD' if is_boundary else 'DEV'}_DBNAME", name)
            patch.setenv("ANONYMIZATION_SALT", SALT)
            target = targets.load(role)
            with db.connect(target) as connection:
                db.execute(connection, "schema_create_new", schema="app")
                db.run_script(connection, "app_schema", schema="app")
                if not is_boundary:
                    # The fidelity models refuse to build without a baseline; an empty one will do.
                    db.install_functions(connection)
                    db.execute(connection, "schema_create_new", schema="shape_baseline")
                    db.run_script(connection, "baseline_tables")
                    sql_files.execute(connection, "fid_baseline_meta")
            variables = {**variables, "source_schema": "app"}
            built = warm.run("dbt", *compiled.arguments(target, folder, variables))
            assert built.returncode == 0, built.stdout[-2000:]
            with db.connect(target) as connection:
                # With it go the views of staging; whoever fills a clone makes it anew.
                sql_files.execute(connection, "prebuilt_drop_app")
        inside, outside = project["session_settings"], {"jit": "off"}
        self.settings = {"search_path": "pg_catalog", **(inside if is_boundary else outside)}
        self.shape = self._statements(folder, without="models/fidelity")
        self.fidelity = self._statements(folder, only="models/fidelity")

    def _statements(self, folder: Path, **options: str) -> list[str]:
        """Statements of dbt's, in its order, that name no database."""
        found = compiled.statements(folder, **options)
        return [text.replace(f'"{self.name}".', "") for text in found]

    def clone(self, target: targets.Target) -> None:
        """Replace a database of this server by a copy of the template."""
        with db.connect(server.maintenance_target()) as connection:
            sql_files.execute(connection, "server_drop_database", database=target.dbname)
            sql_files.execute(
                connection, "prebuilt_clone", database=target.dbname, template=self.name
            )

    def rebuild(self, target: targets.Target, *, fidelity: bool = False) -> None:
        """Run the statements of the shape's models, or of the fidelity models."""
        with db.connect(target) as connection:
            for setting, value in self.settings.items():
                text = (sql_files.FOLDER / "prebuilt_setting.sql").read_text()
                connection.execute(text, {"name": setting, "value": str(value)})
            for statement in self.fidelity if fidelity else self.shape:
                connection.execute(statement)
