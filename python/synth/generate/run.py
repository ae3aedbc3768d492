"""One generation run: its record, its ledger, its stages, and how it ends."""

import contextlib
import hashlib
import json
import secrets
import time
from dataclasses import dataclass, field

from synth import __version__, console, db, place, records, settings
from synth.errors import BadInput, SynthError
from synth.generate import disk, export, guard, layout, plan, spill, stages, tables, words
from synth.generate.options import Options, from_record, windowed
from synth.generate.progress import Progress
from synth.generate.runner import SESSION, Chunk, Limits, Runner, prepare_session
from synth.generate.told import resume_command
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
        Run to go on with; then only `jobs`, `limits` and `skip_disk_check` matter.
    options : synth.generate.options.Options
    limits : synth.generate.runner.Limits
    skip_disk_check : bool
    """

    spec: object
    n_messages: int
    seed: int
    band: str | None
    schema: str
    jobs: int
    replace: bool = False
    resume: str | None = None
    options: Options = field(default_factory=Options)
    limits: Limits = field(default_factory=Limits)
    skip_disk_check: bool = False


@dataclass(frozen=True)
class _Job:
    """A run that is under way: what its steps share."""

    run_id: str
    target: object
    spec: object
    plan: plan.Plan
    words: dict
    options: Options
    names: dict
    jobs: int
    limits: Limits

    @property
    def summary(self):
        """What the record holds of the plan; its digest tells another version or platform."""
        body = [
            __version__,
            stages.CHUNK_MESSAGES,
            *map(db.query_text, stages.ROW_STATEMENTS),
            *map(db.function_text, stages.ROW_FUNCTIONS),
            {**self.words, "corpus": hashlib.sha256(self.words["corpus"]).hexdigest()},
            {**vars(self.plan), "calendar": None},
        ]
        digest = hashlib.sha256(json.dumps(body, sort_keys=True, default=_plain).encode())
        return {**self.plan.summary(), "sha256": digest.hexdigest()}


def _plain(value):
    return value.tolist()


def execute(target, request, *, quiet=False, events=None):
    """Generate, or go on generating.

    Parameters
    ----------
    target : synth.targets.Target
    request : Request
    quiet : bool
        No progress bars.
    events : callable, optional
        Called with a dictionary for each step of the progress.

    Returns
    -------
    dict
        Run record: ``run_id``, ``schema``, ``seed``, ``options``, ``plan``, ``rows`` and
        ``checksums`` by table, ``cut_conversations`` (those with fewer members than drawn) and
        ``people`` (who take part and are in all of those), ``spilled_bytes`` and ``seconds`` by
        stage.

    Raises
    ------
    SynthError
        Bad input, refused place, database failure; finished chunks stay and the message says how
        to resume.
    """
    if not request.resume:
        guard.check_place(target, request.schema)
        # Before anything is made: what cannot be planned leaves nothing behind.
        job = _new(target, request)
    with db.connect(target, application_name="synth generate", **SESSION) as connection:
        # Before anything is made, functions and records too.
        place.check(connection, target)
        db.execute(connection, "session_unlimited")
        db.run_script(connection, "made_tables")
        db.install_functions(connection)
        db.run_script(connection, "run_tables")
        if request.resume:
            job = _reopen(connection, target, request)
        guard.check_role(connection, job.jobs)
        guard.lock(connection, job.names["schema"])
        guard.wait_for_workers(connection, job.names["schema"])
        if not request.skip_disk_check:
            expected = disk.estimate(
                job.spec, job.plan, job.options, job.jobs, job.limits.sort_memory_mb
            )
            disk.tell(disk.check(connection, target, expected, job.names, job.options))
        prepare_session(connection, job.limits, job.options.tablespace)
        if request.resume:
            _restore(connection, job)
        else:
            _begin(connection, request, job)
        return _run(connection, job, quiet, events)


def spec_digest(spec):
    """SHA-256 of a spec's canonical JSON."""
    body = json.dumps(model.to_document(spec), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(body.encode()).hexdigest()


def _new(target, request):
    # Read back from what the record will hold, so that a resumed run sees the same digits.
    spec = model.from_document(model.to_document(windowed(request.spec, request.options)))
    return _Job(
        run_id=time.strftime("%Y%m%d-%H%M%S-", time.gmtime()) + secrets.token_hex(3),
        target=target,
        spec=spec,
        words=words.build(request.seed),
        plan=plan.build(spec, request.n_messages, request.seed, request.options.time_zone),
        options=request.options,
        names={"schema": request.schema, "work": guard.work_schema(request.schema)},
        jobs=request.jobs,
        limits=request.limits,
    )


def _reopen(connection, target, request):
    record = db.fetch_one(connection, "run_get", {"run_id": request.resume})
    if record is None or record["state"] == "removed":
        raise BadInput(
            "no such run to resume" if record is None else "that run's tables were removed",
            hint="`synth runs` lists them",
        )
    if record["state"] == "done":
        raise BadInput(f"run {record['run_id']} is finished: there is nothing to resume")
    guard.check_place(target, record["target_schema"])
    spec = model.from_document(json.loads(record["spec"]), origin="the run's spec")
    chosen = from_record(record["options"])
    schema = record["target_schema"]
    job = _Job(
        run_id=record["run_id"],
        target=target,
        spec=spec,
        words=words.build(record["seed"]),
        plan=plan.build(spec, record["n_messages"], record["seed"], chosen.time_zone),
        options=chosen,
        names={"schema": schema, "work": guard.work_schema(schema)},
        jobs=request.jobs,
        limits=request.limits,
    )
    if (record["plan"] or {}).get("sha256") not in (None, job.summary["sha256"]):
        raise BadInput(
            f"run {job.run_id} was begun by another version of synth or its libraries: what would "
            "follow does not fit what is there",
            hint="resume it with that version, or begin anew with --replace",
        )
    return job


def _begin(connection, request, job):
    """Check the place, empty it if asked, and write the run's record."""
    schema = job.names["schema"]
    guard.check_apart(connection, schema)
    owner = guard.check_ownership(connection, schema)
    if owner and not request.replace:
        is_finished = owner["state"] in ("done", "removed")
        state = "finished" if is_finished else "unfinished"
        hint = "use --replace to drop it"
        if not is_finished:
            hint += f", or --resume {owner['run_id']} to finish it"
        raise BadInput(
            f"schema {schema!r} holds the {state} run {owner['run_id']}",
            hint=hint,
            run_id=owner["run_id"],
        )
    export.check(job.options)
    guard.give_up_work(connection, schema)
    with connection.transaction():
        guard.drop_work(connection, job.names["schema"])
        same = (
            owner
            and owner["is_whole"]
            and from_record(owner["options"]).layout == job.options.layout
            and layout.fits(connection, job.names, job.plan, job.options)
        )
        if same:
            _empty(connection, schema)
        else:
            if owner:
                guard.drop_tables(connection, job.target, schema)
            layout.make_tables(connection, job.names, job.plan, job.options)
        layout.mark_tables(connection, job.run_id, schema, job.plan, job.options)
        if owner:
            db.execute(connection, "run_mark_removed", {"target_schema": schema})
        if schema == settings.DEFAULT_SCHEMA:
            # A verdict on tables that are no more must not pass as one on these.
            records.forget_verdict(connection, job.target.schema)
        stages.prepare_work(connection, job.run_id, job.plan, job.names, job.options)
        db.execute(
            connection,
            "run_insert",
            {
                "run_id": job.run_id,
                "target_schema": schema,
                "seed": request.seed,
                "n_messages": request.n_messages,
                "band": request.band,
                "options": json.dumps({"jobs": job.jobs, **job.options.to_record()}),
                "spec": json.dumps(model.to_document(job.spec)),
                "plan": json.dumps(job.summary),
                "spec_sha256": spec_digest(job.spec),
            },
        )


def _empty(connection, schema):
    """Empty the tables and drop their constraints; views on them live on."""
    n_tables = db.fetch_one(connection, "inheriting_tables", {"schema": schema})["n_tables"]
    if n_tables:
        raise BadInput(
            f"{n_tables} table(s) that no run made inherit from those of schema {schema!r}, and "
            "would be emptied with them",
            hint="`alter table ... no inherit ...`, or choose another --schema",
        )
    with guard.nothing_else_falls(schema):
        db.execute(connection, "set_lock_timeout", {"timeout": guard.WORKER_WAIT})
        for row in db.fetch_all(connection, "empty_tables", {"schema": schema}):
            db.execute_text(connection, row["statement"])
        db.execute(connection, "truncate_tables", schema=schema)


def _restore(connection, job):
    """Make the working tables again if a server crash emptied or a failure removed them."""
    schema, work = job.names["schema"], job.names["work"]
    guard.check_unchanged(connection, job.run_id, schema)
    intact = (
        guard.holds_work(connection, schema)
        and not guard.made_changes(connection, job.run_id, work)
        and db.fetch_one(connection, "work_is_intact", work=work)["is_intact"]
    )
    if not intact:
        guard.give_up_work(connection, schema)
    with connection.transaction():
        if not intact:
            guard.drop_work(connection, schema)
            stages.prepare_work(connection, job.run_id, job.plan, job.names, job.options)
            lost = list(stages.WORK_STAGES)
            if job.options.unlogged:
                # The crash emptied them as well: nothing of the run is left.
                _empty(connection, schema)
                done = db.fetch_all(connection, "chunk_list", {"run_id": job.run_id})
                lost = sorted({row["stage"] for row in done})
            db.execute(connection, "chunk_forget", {"run_id": job.run_id, "stages": lost})
        # The run may have been begun by another role.
        elif not db.fetch_one(connection, "text_at_is_usable", {"work": work})["is_usable"]:
            db.execute(connection, "text_at_drop", work=work)
            stages.make_text_at(connection, job.run_id, job.names)
        db.execute(
            connection, "run_update", {"run_id": job.run_id, "state": "running", "result": None}
        )


def _run(connection, job, quiet, events):
    """Go through the stages; whatever stops them, the record and the message say how to go on."""
    try:
        with console.progress(enabled=not quiet) as bars:
            result = _stages(connection, job, bars, events)
        _tell(events, job, "run_done")
        return result
    except KeyboardInterrupt:
        _end(connection, job, "interrupted")
        resume = resume_command(job.run_id, job.target.name)
        _tell(events, job, "run_interrupted", resume=resume)
        console.note(f"stopped; go on with: {resume}")
        raise
    except (SynthError, db.Error) as error:
        _end(connection, job, "failed")
        told = _explained(connection, job, error)
        resume = None
        if not isinstance(told, guard.TablesChanged) or told.can_resume:
            resume = resume_command(job.run_id, job.target.name)
            told.hint = f"{told.hint}; " if told.hint else ""
            told.hint += f"go on with: {resume}"
        _tell(events, job, "run_failed", resume=resume, problem=told.message)
        raise told from (None if told is error else error)


def _explained(connection: object, job: _Job, error: Exception) -> SynthError:
    """What to say of an error: where somebody took a table away, that is the news."""
    with contextlib.suppress(db.Error):
        try:
            guard.check_unchanged(connection, job.run_id, job.names["schema"])
        except guard.TablesChanged as changed:
            return changed
    return error if isinstance(error, SynthError) else db.translated(error, job.target)


def _tell(events, job, kind, **more):
    if events:
        events({"event": kind, "run_id": job.run_id, **more})


def _stages(connection, job, bars, events):
    todo = stages.of_plan(job.run_id, job.plan, job.names, job.words, job.options)
    names = [stage.name for stage in todo] + ["checksums"]
    names += ["export"] if job.options.export else []
    progress = Progress(connection, job.run_id, bars, events, names)
    parameters = {**job.plan.parameters, **_profile(job.spec)}
    runner = Runner(
        job.target,
        job.run_id,
        job.jobs,
        job.names,
        parameters,
        job.limits,
        job.options.tablespace,
    )
    seconds = {}
    spilled = spill.Spill(connection, job.run_id)
    for stage in todo:
        with spilled.during(stage.name):
            seconds[stage.name] = _one(connection, job, runner, progress, stage)
    sums = {}
    progress.started(
        "checksums",
        "checksums",
        [Chunk(n, table) for n, table in enumerate(guard.TABLES)],
        set(),
        "tables",
    )
    with spilled.during("checksums"):
        for number, table in enumerate(guard.TABLES):
            progress.beat([f"checksums {table}"])
            sums[table] = stages.checksum(connection, job.names["schema"], table)
            progress.advanced(Chunk(number, table), 0, ())
    seconds["checksums"] = round(progress.finished(), 2)
    rows = {table: row["n_rows"] for table, row in sums.items()}
    if job.options.export:
        exporting = stages.Stage(
            "export",
            "export",
            lambda _: export.chunks(job.run_id, job.names, job.options, rows),
            unit="rows",
        )
        with spilled.during("export"):
            seconds["export"] = _one(connection, job, runner, progress, exporting)
    cut = db.fetch_one(connection, "count_cut_rooms", parameters, work=job.names["work"])
    result = {
        "run_id": job.run_id,
        "schema": job.names["schema"],
        "seed": job.plan.parameters["seed"],
        "options": job.options.to_record(),
        "plan": job.summary,
        "rows": rows,
        "checksums": {table: row["checksum"] for table, row in sums.items()},
        "cut_conversations": cut["n_cut"],
        "people": cut["n_people"],
        "spilled_bytes": spilled.by_stage(),
        "seconds": seconds,
    }
    # Nothing of the run asks for them any more, whatever happens now.
    guard.drop_slices(connection, job.names["work"])
    with connection.transaction():
        guard.check_unchanged(connection, job.run_id, job.names["schema"])
        db.execute(
            connection,
            "run_update",
            {"run_id": job.run_id, "state": "done", "result": json.dumps(result)},
        )
        guard.drop_work(connection, job.names["schema"])
    return result


def _one(connection, job, runner, progress, stage):
    """Run one stage; gives its seconds."""
    done = {
        row["chunk_no"]
        for row in db.fetch_all(connection, "chunk_list", {"run_id": job.run_id})
        if row["stage"] == stage.name
    }
    chunks = stage.chunks(connection)
    progress.started(stage.name, stage.label, chunks, done, stage.unit)
    runner.run(
        stage.name,
        chunks,
        done,
        advance=progress.advanced,
        beat=progress.beat,
        jobs=stage.jobs,
    )
    guard.check_unchanged(connection, job.run_id, job.names["schema"])
    return round(progress.finished(), 2)


def _end(connection, job, state):
    """Note how a run ended, if the server still answers; `synth status` sees it anyway."""
    with contextlib.suppress(db.Error):
        db.execute(connection, "run_update", {"run_id": job.run_id, "state": state, "result": None})


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
