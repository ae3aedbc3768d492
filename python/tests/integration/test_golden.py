"""What is generated, measured and judged against golden files: see `golden_files`."""

from collections import Counter, defaultdict
from dataclasses import replace

import golden_files
import pack_populations
import pytest
import shape_chat
from calibration_pack import full_pack

from bench import compiled
from synth import db
from synth.calibrate import calibrate
from synth.generate import run
from synth.generate.options import Options
from synth.pack import reader, trust
from synth.spec import model
from synth.standin import load, simulate
from synth.validate import report
from synth.validate.run import Outcome

N_MESSAGES = 3000
# The planner's sampled estimates: they are there once somebody analyzed a table.
SAMPLED = {"column_distinct", "common_share", "heap_correlation"}


def _specs():
    default = model.load_default()
    rhythm = {"gap_memory": 0.4, "start_exponent": 1.3, "time_resolution": 1}
    bare = replace(default, messages=replace(default.messages, **rhythm))
    document, _ = full_pack()
    fitted = calibrate(reader.from_document(document, sha256="0" * 64), null_sections=())
    return {
        "default": default,
        "remembering": replace(bare, read_receipts=None, attachments=None),
        "calibrated": fitted.spec,
    }


def test_golden_tables(databases, golden):
    figures = defaultdict(dict)
    for name, spec in _specs().items():
        for seed in (1, 2):
            for id_type in ("bigint", "uuid4")[: 3 - seed]:
                # Rows are the same whatever the jobs, so both have one golden digest.
                for jobs in (1, 2) if (name, seed) == ("default", 1) else (seed,):
                    asked = run.Request(
                        spec=spec,
                        n_messages=N_MESSAGES,
                        seed=seed,
                        band=None,
                        schema="perf_synthetic",
                        jobs=jobs,
                        replace=True,
                        options=Options(id_type=id_type),
                    )
                    made = run.execute(databases.dev, asked, quiet=True)
                    found = {table: str(value) for table, value in made["checksums"].items()}
                    known = figures[name].setdefault(f"seed {seed}, {id_type}", found)
                    assert found == known, f"{name}, seed {seed}, {id_type}: {jobs} jobs"
    golden("tables", figures)


def _simulated(target, seed):
    source = simulate.simulate(5000, seed=seed)
    with db.connect(target) as connection:
        load.load(connection, target, source, seed, replace=False)


STANDINS = {
    "hand_made": shape_chat.load,
    "diaries": lambda target: pack_populations.load(target, pack_populations.diaries(1)),
    "one_line_each": lambda target: pack_populations.load(
        target, pack_populations.one_line_each(2)
    ),
    "rooms": lambda target: pack_populations.load(
        target, pack_populations.rooms(3, weights=(3, 2, 1))
    ),
    "simulated": lambda target: _simulated(target, 4),
}


@pytest.fixture
def built(databases, prebuilt):
    """Fill a fresh database and build its shape; gives the target."""
    models = prebuilt("dev_synth", window_days="all")

    def build(fill):
        models.clone(databases.dev)
        fill(databases.dev)
        models.rebuild(databases.dev)
        return models, databases.dev

    return build


@pytest.mark.parametrize("name", STANDINS)
def test_golden_shape(built, golden, run_sql, name):
    _, target = built(STANDINS[name])
    golden(f"shape_{name}", shape_figures(run_sql, target))


def shape_figures(run_sql, target):
    """Digest of the rows of each entity, metric and kind."""
    cells = defaultdict(list)
    for row in run_sql(target, "shape_rows"):
        if row["metric"] not in SAMPLED:
            cells[row["entity"], row["metric"], row["kind"]].append(row)
    return {
        ".".join(key): f"{len(rows)} rows, {golden_files.digest(rows)}"
        for key, rows in cells.items()
    }


def test_dbt_itself_gives_the_golden_shape(databases, built, run_dbt, golden, run_sql, tmp_path):
    """The statements that tests build shapes by are what dbt runs, over rows and over none."""
    shape_chat.load(databases.dev)
    variables = {"window_days": "all", "source_schema": "app"}
    arguments = compiled.arguments(databases.dev, tmp_path, variables)
    done = run_dbt(*arguments, "--exclude", "fidelity")
    assert done.returncode == 0, done.stdout[-2000:]

    golden("shape_hand_made", shape_figures(run_sql, databases.dev))


def test_golden_report(built, golden, run_sql):
    models, target = built(lambda target: _simulated(target, 1))
    run_sql(target, "fid_baseline_rows")
    run_sql(target, "prebuilt_drop_app")
    _simulated(target, 2)
    models.rebuild(target)
    models.rebuild(target, fidelity=True)

    with db.connect(target) as connection:
        outcome = Outcome(
            checks=db.fetch_all(connection, "fid_check_rows", schema="shape"),
            verdict=db.fetch_one(connection, "fid_verdict_row", schema="shape"),
            samples=db.fetch_all(connection, "fid_sample_rows", schema="shape"),
        )
    document, _ = full_pack()
    pack = reader.from_document(document, sha256="0" * 64)
    trusted = trust.TrustRecord("0" * 64, False, False, False, True, "no_manifest")
    names = {"pack_name": "pack.json", "target": "dev_synth", "schema": "app"}
    body = report.document(outcome, pack, trusted, **names, tolerance=0.15)
    checks = [check for check in body["checks"] if check["metric"] not in SAMPLED]
    figures = {part: body[part] for part in ("verdict", "headline")}
    figures["counts"] = dict(Counter(check["verdict"] for check in checks))
    figures["samples"] = golden_files.digest(body["samples"])
    figures["checks"] = {
        check["check_name"]: f"{check['verdict']}, {golden_files.digest([check])}"
        for check in checks
    }
    golden("report", figures)
