"""Build the shape and the checks in dev, and read what came out."""

from dataclasses import dataclass, field

from synth import db, dbt, place, records, server, settings
from synth.errors import BadInput, DatabaseError, GateFailed
from synth.pack import baseline
from synth.validate import seeds

_NO_VERDICT = "no verdict was given"


@dataclass(frozen=True)
class Outcome:
    """What the fidelity models say.

    Attributes
    ----------
    checks : list of dict
        Rows of ``fid_checks``, the worst first.
    verdict : dict
        The row of ``fid_verdict``.
    samples : list of dict
        Rows of ``fid_sample_sizes``.
    exceptions : list of dict
        Rows of the seed of exceptions, with what became of each.
    cells : list of dict
        What both sides publish, but the joint classes: enough to draw them.
    run_id : str or None
        Run that owns the tables.
    spec_source : dict or None
        Pack behind the run's spec: ``pack_sha256``, ``allow_unsigned``, ``retention_until``.
    """

    checks: list
    verdict: dict
    samples: list
    exceptions: list = field(default_factory=list)
    cells: list = field(default_factory=list, repr=False)
    run_id: str | None = None
    spec_source: dict | None = None

    @property
    def headline(self):
        """The headline tests among the checks."""
        return [check for check in self.checks if check["is_headline"]]

    @property
    def exit_code(self):
        """0 when the verdict is GO, else 1."""
        return 0 if self.verdict["is_go"] else 1


def validate(target, pack, trust, *, tolerance, schema):
    """Import the pack where it is not the baseline yet, build the checks and read them.

    Parameters
    ----------
    target : synth.targets.Target
        Outside the boundary.
    pack : synth.pack.model.Pack
    trust : synth.pack.trust.TrustRecord
    tolerance : float
        Largest relative error of the headline tests on sizes and lengths.
    schema : str
        Schema of the synthetic tables.

    Returns
    -------
    Outcome
        Also when a gate fails: that is the verdict, not an error.

    Raises
    ------
    BadInput
        The target is inside the boundary, synthetic tables are missing, another
        validation is running, or a list of checks or exceptions cannot be read.
    GateFailed
        The synthetic tables do not even pass the tests of the shape, so nothing was compared; a
        test did not run; another dbt run wrote meanwhile.
    DatabaseError
        A model could not be built.
    """
    seeds.check()
    with (
        server.ensure(target),
        db.connect(target, application_name="synth validate") as connection,
    ):
        where = {
            "source_schema": schema,
            "shape_schema": target.schema,
            "tables": list(settings.SYNTHETIC_TABLES),
        }
        # Before anything is made, by us or by dbt, which takes the lock of `fid_lock` for proof.
        place.check(connection, target)
        _prepare(connection, pack, trust, where)
        variables = {"tolerance": tolerance, "source_schema": schema}
        result = dbt.build(target=target, variables=variables)
        if not db.fetch_one(connection, "fid_present", where)["has_verdict"]:
            raise _not_compared(result)
        with dbt.reading(connection, target, result, outcome=_NO_VERDICT) as gates:
            gates.require(gates.not_run, _NO_VERDICT)
            return _read(connection, target.schema, schema)


def remember(target, outcome, body, manifest):
    """Keep a validation in dev, so that `synth report` can show it.

    Parameters
    ----------
    target : synth.targets.Target
    outcome : Outcome
    body : dict
        The report.
    manifest : dict or None
        Of the pack.

    Returns
    -------
    str
        Name to give `synth report`.
    """
    with (
        server.ensure(target),
        db.connect(target, application_name="synth validate") as connection,
    ):
        return records.keep(
            connection, body, run_id=outcome.run_id, cells=outcome.cells, manifest=manifest
        )


def _prepare(connection, pack, trust, where):
    if not db.fetch_one(connection, "fid_lock")["is_held"]:
        raise DatabaseError(
            "another validation is running on this database", hint="wait for it to end"
        )
    present = db.fetch_one(connection, "fid_present", where)
    missing, schema = present["missing_tables"], where["source_schema"]
    if len(missing) == len(where["tables"]):
        raise BadInput(
            f"schema {schema} holds no synthetic tables",
            hint="run `synth generate` first, or name the schema with --schema",
        )
    if missing:
        raise BadInput(
            f"schema {schema} lacks {', '.join(missing)}, which every run makes",
            hint="make the tables anew: synth generate --replace",
            missing=missing,
        )
    # The models call them; an earlier import may have brought older ones.
    db.run_script(connection, "made_tables")
    db.install_functions(connection)
    digest = db.fetch_one(connection, "fid_baseline_digest") if present["has_baseline"] else None
    # Also when it was signed or has expired since: the baseline says what it was imported as.
    if digest is None or (digest["sha256"], digest["trust"]) != (pack.sha256, trust.state):
        baseline.replace(connection, pack, trust)
    # A build that stops early must not leave the last verdict to be read as its own.
    if not records.forget_verdict(connection, where["shape_schema"]):
        raise BadInput(
            f"{where['shape_schema']}.fid_verdict is not marked as built by dbt: another's, or an "
            "earlier version's",
            hint="run `dbt build` once, which marks what it builds, or drop the table by hand",
        )


def _not_compared(result):
    """Error of a build that did not reach the verdict."""
    if result.failed_tests and not result.failed_models:
        names = ", ".join(node.name for node in result.failed_tests[:5])
        return GateFailed(
            f"nothing was compared, because the synthetic shape fails its own tests: {names}",
            hint="generate again; the tests' YAML says what they mean",
        )
    dbt.require_success(result)
    return DatabaseError(
        "dbt built no fid_verdict",
        hint="the fidelity models are enabled on target dev_synth only; see dbt_project.yml",
    )


def _read(connection, schema, source_schema):
    has_runs = db.fetch_one(connection, "run_exists")["has_runs"]
    owner = has_runs and db.fetch_one(connection, "run_of_schema", {"target_schema": source_schema})
    verdict = db.fetch_one(connection, "fid_verdict_row", schema=schema)
    return Outcome(
        checks=db.fetch_all(connection, "fid_check_rows", schema=schema),
        verdict=verdict,
        samples=db.fetch_all(connection, "fid_sample_rows", schema=schema),
        exceptions=db.fetch_all(connection, "fid_exception_rows", schema=schema),
        cells=db.fetch_all(connection, "fid_cell_rows", schema=schema),
        run_id=owner["run_id"] if owner else None,
        spec_source=_spec_source(owner),
    )


def _spec_source(owner):
    """What the report says about the spec of a run."""
    if not owner:
        return None
    source = owner["spec_source"]
    return {
        "pack_sha256": source["pack_sha256"],
        "allow_unsigned": source["allow_unsigned"],
        "retention_until": source.get("retention_until"),
    }
