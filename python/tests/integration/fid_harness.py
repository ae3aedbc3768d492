"""Judge hand-filled shapes: dbt builds the fidelity models once, then their SQL runs again."""

import json
from pathlib import Path

from psycopg.rows import dict_row

from synth import db, targets

SQL = Path(__file__).parents[1] / "sql"
COLUMNS = (
    "entity",
    "metric",
    "segment",
    "kind",
    "label",
    "bucket_lower",
    "bucket_upper",
    "value",
    "unit",
    "n_rows",
    "n_people",
    "is_suppressed",
)
# In the order of their references.
MODELS = (
    "fid_cells",
    "fid_sample_sizes",
    "fid_windows",
    "fid_exceptions",
    "fid_metric_pairs",
    "fid_segment_distances",
    "fid_value_pairs",
    "fid_levers",
    "fid_measurements",
    "fid_checks",
    "fid_verdict",
)


class Harness:
    """A database with the fidelity models built over empty tables.

    Parameters
    ----------
    warm : warm.Warm
        Runs dbt.
    work_dir : pathlib.Path
        dbt's target and log directories go here, so that workers do not collide.
    """

    def __init__(self, warm, work_dir):
        self.target = targets.load("dev_synth")
        self.warm = warm
        self.work_dir = work_dir
        self.fill([], [])
        built = self.dbt("build", "--resource-type", "model", "--resource-type", "seed")
        assert built.returncode == 0, built.stdout[-2000:]
        folder = work_dir / "target" / "compiled" / "prodshape" / "models" / "fidelity"
        self.compiled = {model: (folder / f"{model}.sql").read_text() for model in MODELS}

    def fill(self, expected, actual, *, window_days=30):
        """Load both sides.

        Parameters
        ----------
        expected, actual : list of tuple
            Rows of ``shape_metrics``.
        window_days : int
            Of the synthetic side; the baseline's is 30.
        """
        with db.connect(self.target) as connection:
            db.install_functions(connection)
            text = (SQL / "fid_tables.sql").read_text()
            connection.execute(text.replace("values (30)", f"values ({window_days})"))
            db.copy_rows(connection, ("shape_baseline", "shape_metrics"), COLUMNS, expected)
            db.copy_rows(connection, ("shape", "shape_metrics"), COLUMNS, actual)

    def judge(self, expected, actual, **options):
        """Load both sides, run the models' SQL and read the verdict.

        Returns
        -------
        tuple
            ``(checks by name, verdict)``, dictionaries.
        """
        self.fill(expected, actual, **options)
        refill = (SQL / "fid_refill.sql").read_text()
        with db.connect(self.target) as connection:
            for model in MODELS:
                text = refill.replace("{model}", f"shape.{model}")
                connection.execute(text.replace("{select}", self.compiled[model]))
            rows = db.fetch_all(connection, "fid_check_rows", schema="shape")
            verdict = db.fetch_one(connection, "fid_verdict_row", schema="shape")
        return {row["check_name"]: row for row in rows}, verdict

    def accept(self, *rows):
        """Replace the rows of the seed of exceptions.

        Parameters
        ----------
        *rows : dict
            Columns of the seed; `seed` of dbt would restore the delivered, empty one.
        """
        with db.connect(self.target) as connection:
            text = (SQL / "fid_exceptions.sql").read_text()
            connection.execute(text, {"rows": json.dumps(rows)})

    def exceptions(self):
        """What became of each exception, by check."""
        with db.connect(self.target) as connection:
            rows = db.fetch_all(connection, "fid_exception_rows", schema="shape")
        return {row["check_name"]: row for row in rows}

    def distances(self, check_name):
        """Row of ``fid_segment_distances`` of a check on segment all."""
        text = (SQL / "fid_distances.sql").read_text()
        with db.connect(self.target) as connection, connection.cursor(row_factory=dict_row) as at:
            return at.execute(text, {"check_name": check_name}).fetchone()

    def dbt(self, verb, *arguments):
        """Run dbt over the fidelity models as a user does."""
        return self.warm.run(
            *("dbt", verb, "--target", "dev_synth"),
            *("--target-path", self.work_dir / "target", "--log-path", self.work_dir / "logs"),
            *("--select", "fidelity", "tolerances", "exceptions", *arguments),
        )
