"""One generation run: its record, its ledger, its stages, and how it ends."""

import hashlib
import json
import secrets
import time
from dataclasses import dataclass

from synth import console, db
from synth.errors import BadInput, SynthError
from synth.generate import guard, plan, stages, tables, words
from synth.generate.runner import SESSION, Runner
from synth.spec import model


@dataclass(frozen=True)
class Request:
    """What the user asked for.

    Attributes
    ----------
    spec : synth.spec.model.Spec
    n_messages, seed : int
    band : str or None
    schema : str
    jobs : int
    replace : bool
        Empty the tables of an earlier run first.
    resume : str or None
        Run to go on with; then only `schema` and `jobs` matter.
    """

    spec: object
    n_messages: int
    seed: int
    band: str | None
    schema: str
    jobs: int
    replace: bool = False
    resume: str | None = None


def execute(target, request, *, quiet=False):
    """Generate, or go on generating.

    Parameters
    ----------
    target : synth.targets.Target
    request : Request
    quiet : bool
        No progress.

    Returns
    -------
    dict
        Run record: ``run_id``, ``schema``, ``seed``, ``plan``, ``rows`` and ``checksums`` by
        table, ``seconds`` by stage.

    Raises
    ------
    SynthError
        Bad input, refused place, database failure; finished chunks stay and the message says how
        to resume.
    """
    with db.connect(target, application_name="synth generate", **SESSION) as connection:
        db.install_functions(connection)
        db.run_script(connection, "run_tables")
        if request.resume:
            record, spec = _reopen(connection, request)
        else:
            guard.check_place(target, request.schema)
            # Read back from what the record will hold, so that a resumed run sees the same digits.
            record, spec = None, model.from_document(model.to_document(request.spec))
        schema = record["target_schema"] if record else request.schema
        n_messages = record["n_messages"] if record else request.n_messages
        seed = record["seed"] if record else request.seed
        guard.lock(connection, schema)
        names = {"schema": schema, "work": guard.work_schema(schema)}
        made = plan.build(spec, n_messages, seed)
        run_id = record["run_id"] if record else _begin(connection, request, made, names)
        if record:
            _restore(connection, run_id, made, names)
        return _stages(connection, target, run_id, made, names, spec, request.jobs, quiet)


def spec_digest(spec):
    """SHA-256 of a spec's canonical JSON."""
    body = json.dumps(model.to_document(spec), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(body.encode()).hexdigest()


def _begin(connection, request, made, names):
    """Check the place, empty it if asked, and write the run's record."""
    owner = guard.check_ownership(connection, names["schema"])
    if owner and not request.replace:
        state = "finished" if owner["state"] == "done" else "unfinished"
        hint = "use --replace to drop it"
        if owner["state"] != "done":
            hint += f", or --resume {owner['run_id']} to finish it"
        raise BadInput(
            f"schema {names['schema']!r} holds the {state} run {owner['run_id']}",
            hint=hint,
            run_id=owner["run_id"],
        )
    run_id = time.strftime("%Y%m%d-%H%M%S-", time.gmtime()) + secrets.token_hex(3)
    with connection.transaction():
        db.execute(connection, "schema_drop_work", work=names["work"])
        if owner:
            for row in db.fetch_all(connection, "empty_tables", {"schema": names["schema"]}):
                db.execute_text(connection, row["statement"])
            db.execute(connection, "truncate_tables", schema=names["schema"])
            db.execute(connection, "run_mark_removed", {"target_schema": names["schema"]})
        else:
            db.execute(connection, "schema_create", schema=names["schema"])
            db.run_script(connection, "app_schema", schema=names["schema"])
        stages.prepare_work(connection, made, names)
        db.execute(
            connection,
            "run_insert",
            {
                "run_id": run_id,
                "target_schema": names["schema"],
                "seed": request.seed,
                "n_messages": request.n_messages,
                "band": request.band,
                "options": json.dumps({"jobs": request.jobs}),
                "spec": json.dumps(model.to_document(request.spec)),
                "plan": json.dumps(made.summary()),
                "spec_sha256": spec_digest(request.spec),
            },
        )
    return run_id


def _reopen(connection, request):
    record = db.fetch_one(connection, "run_get", {"run_id": request.resume})
    if record is None or record["state"] == "removed":
        raise BadInput(
            "no such run to resume" if record is None else "that run's tables were removed",
            hint="`synth runs` lists them",
        )
    if record["state"] == "done":
        raise BadInput(f"run {record['run_id']} is finished: there is nothing to resume")
    return record, model.from_document(json.loads(record["spec"]), origin="the run's spec")


def _restore(connection, run_id, made, names):
    """Make the working tables again if a server crash emptied or a failure removed them."""
    state = db.fetch_one(connection, "schema_state", {"schema": names["work"]})
    intact = (
        "intact" in state["relations"]
        and (db.fetch_one(connection, "work_is_intact", work=names["work"])["is_intact"])
    )
    with connection.transaction():
        if not intact:
            db.execute(connection, "schema_drop_work", work=names["work"])
            stages.prepare_work(connection, made, names)
            db.execute(
                connection,
                "chunk_forget",
                {"run_id": run_id, "stages": list(stages.WORK_STAGES)},
            )
        db.execute(connection, "run_update", {"run_id": run_id, "state": "running", "result": None})


def _stages(connection, target, run_id, made, names, spec, jobs, quiet):
    vocabulary = words.build(made.parameters["seed"])
    parameters = {**made.parameters, **_profile(spec)}
    runner = Runner(target, run_id, jobs, names, parameters)
    seconds = {}
    try:
        with console.progress(enabled=not quiet) as bars:
            for stage in stages.of_plan(made, names, vocabulary):
                began = time.monotonic()
                done = {
                    row["chunk_no"]
                    for row in db.fetch_all(connection, "chunk_list", {"run_id": run_id})
                    if row["stage"] == stage.name
                }
                chunks = stage.chunks(connection)
                task = bars.add_task(stage.label, total=sum(chunk.weight for chunk in chunks))
                runner.run(
                    stage.name,
                    chunks,
                    done,
                    advance=lambda weight, task=task: bars.update(task, advance=weight),
                    jobs=stage.jobs,
                )
                seconds[stage.name] = round(time.monotonic() - began, 2)
            began = time.monotonic()
            bars.add_task("checksums", total=None)
            sums = stages.checksums(connection, names["schema"])
            seconds["checksums"] = round(time.monotonic() - began, 2)
    except KeyboardInterrupt:
        _end(connection, run_id, "interrupted")
        console.note(f"stopped; go on with: synth generate --resume {run_id}")
        raise
    except SynthError as error:
        _end(connection, run_id, "failed")
        error.hint = f"{error.hint}; " if error.hint else ""
        error.hint += f"go on with: synth generate --resume {run_id}"
        raise
    result = {
        "run_id": run_id,
        "schema": names["schema"],
        "seed": made.parameters["seed"],
        "plan": made.summary(),
        "rows": {table: row["n_rows"] for table, row in sums.items()},
        "checksums": {table: row["checksum"] for table, row in sums.items()},
        "seconds": seconds,
    }
    with connection.transaction():
        db.execute(
            connection,
            "run_update",
            {"run_id": run_id, "state": "done", "result": json.dumps(result)},
        )
        db.execute(connection, "schema_drop_work", work=names["work"])
    return result


def _end(connection, run_id, state):
    """Note how a run ended, if the server still answers."""
    try:
        db.execute(connection, "run_update", {"run_id": run_id, "state": state, "result": None})
    except db.Error:
        console.note("the run's record could not be updated: the server does not answer")


def _profile(spec):
    """Query parameters of the users' columns."""
    completeness = spec.users.profile_completeness
    mix = spec.users.device_mix
    return {
        "device_labels": list(mix.labels) if mix else [None],
        "device_knots": tables.shares([mix.weights if mix else [1.0]]),
        **{
            f"has_{name}": float(completeness.get(name) or 0.0)
            for name in ("avatar", "bio", "phone", "display_name")
        },
    }
