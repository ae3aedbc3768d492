"""``synth generate``: a database from a spec and a seed."""

import contextlib
import os

import click

from synth import audit, console, endings, inputs, server, server_files, settings, targets
from synth.cli import common_options
from synth.errors import BadInput
from synth.generate import export, guard, options, progress, run, runner, told
from synth.spec import model

# What PostgreSQL takes for a memory setting, in whole megabytes.
MAX_MEGABYTES = 2_000_000
# Parts of a run's identity: a resumed run takes them from its record.
IDENTITY = (
    "band",
    "n_messages",
    "seed",
    "spec_path",
    "schema",
    "replace",
    *options.Options.__dataclass_fields__,
)


def bands():
    """Named sizes from ``seeds/bands.csv``.

    Returns
    -------
    dict
        Band to messages.
    """
    path = settings.project_dir() / "seeds" / "bands.csv"
    rows = inputs.read_table(path, "seed")
    try:
        return {row["band"]: int(row["n_messages"]) for row in rows}
    except (KeyError, ValueError) as error:
        raise BadInput(f"seed {path} needs a band and n_messages", hint="correct it") from error


@click.command("generate")
@click.option("--band", help="Named size: demo, dev, staging or perf.")
@click.option("--messages", "n_messages", type=int, help="Exact number of messages instead.")
@click.option("--seed", type=int, default=1, show_default=True, help="Any 64-bit integer.")
@click.option(
    "--config",
    "spec_path",
    type=click.Path(dir_okay=False),
    help="Spec file; default is the one that ships, which needs no production access.",
)
@click.option("--schema", default=settings.DEFAULT_SCHEMA, show_default=True)
@click.option("--jobs", type=int, help="Connections that work at once; default one per core.")
@click.option("--replace", is_flag=True, help="Empty the tables of an earlier run first.")
@click.option("--resume", metavar="RUN", help="Go on with a run that was stopped.")
@click.option("--as-of", metavar="DATE", help="Last day of the window instead of the spec's.")
@click.option("--window-days", type=int, help="Days of the window instead of the spec's.")
@click.option(
    "--time-zone",
    default="UTC",
    show_default=True,
    metavar="NAME",
    help="Zone whose local time the daily and weekly rhythm is in (IANA name).",
)
@click.option("--unlogged", is_flag=True, help="No WAL: quicker, empty after a server crash.")
@click.option(
    "--indexes/--no-indexes",
    default=True,
    help="Without: no keys, indexes and foreign keys at all.",
)
@click.option("--tablespace", help="Put tables, indexes and working tables there.")
@click.option(
    "--partition-by",
    type=click.Choice(["month"]),
    help="Partition the messages by range on their time.",
)
@click.option(
    "--id-type",
    type=click.Choice(options.ID_TYPES),
    default="bigint",
    show_default=True,
    help="Type of all ids and references.",
)
@click.option(
    "--export", type=click.Choice(options.EXPORTS), help="Write the tables to files as well."
)
@click.option("--export-dir", type=click.Path(file_okay=False), help="Directory of the files.")
@click.option(
    "--sort-memory",
    type=int,
    metavar="MB",
    help="Memory of each connection to sort an index in; default "
    f"{runner.Limits.sort_memory_mb}, on the embedded server less where all of them would take "
    "more than a fourth of the machine's.",
)
@click.option(
    "--spill-limit",
    type=int,
    metavar="MB",
    help="Most temporary files of each connection on the server, instead of the server's limit.",
)
@click.option("--skip-disk-check", is_flag=True, help="Begin even if the disk seems too small.")
@click.option("--events", is_flag=True, help="Progress as JSON lines on stderr.")
@common_options(target=settings.DEV_TARGET)
@click.pass_context
def command(
    context,
    jobs,
    resume,
    sort_memory,
    spill_limit,
    skip_disk_check,
    events,
    target,
    as_json,
    verbose,
    **asked,
):
    """Generate a synthetic database inside the server.

    The same spec, seed and options give the same tables, whatever the number of jobs and however
    often the run was interrupted.
    """
    jobs = jobs if jobs is not None else (os.cpu_count() or 1)
    if not 1 <= jobs <= 64:
        raise BadInput(f"--jobs needs 1 to 64, got {jobs}")
    place = targets.load(target)
    limits = _limits(sort_memory, spill_limit, jobs, place)
    if resume:
        _check_resume(context)
        request = run.Request(
            spec=None,
            n_messages=0,
            seed=0,
            band=None,
            schema="",
            jobs=jobs,
            resume=resume,
            limits=limits,
            skip_disk_check=skip_disk_check,
        )
    else:
        request = _request(asked, jobs, limits, skip_disk_check)
        audit.note(
            seed=request.seed,
            n_messages=request.n_messages,
            spec_sha256=run.spec_digest(request.spec),
            pack_sha256=request.spec.source.pack_sha256,
            allow_unsigned=request.spec.source.allow_unsigned,
        )
    if not resume:
        guard.check_place(place, request.schema)
    with server.ensure(place), _ended_like_interrupted():
        result = run.execute(
            place,
            request,
            quiet=as_json or events,
            events=progress.write_event if events else None,
        )
    audit.note(run_id=result["run_id"], seed=result["seed"], schema=result["schema"])
    if as_json:
        console.document(result)
        return
    for note in result["plan"]["notes"]:
        console.note(f"note: {note}")
    console.table(
        ["table", ">rows", "checksum"],
        [
            (table, f"{rows:,}", result["checksums"][table])
            for table, rows in result["rows"].items()
        ],
        title=f"run {result['run_id']}, schema {result['schema']}, seed {result['seed']}",
    )
    if result["options"]["export"]:
        console.note(f"exported to {result['options']['export_dir']}")
    for line in told.lines(result):
        console.note(line)
    console.note(f"{sum(result['seconds'].values()):.1f} s")


def _limits(sort_memory, spill_limit, jobs, place):
    for name, value in (("--sort-memory", sort_memory), ("--spill-limit", spill_limit)):
        if value is not None and not 1 <= value <= MAX_MEGABYTES:
            raise BadInput(f"{name} needs 1 to {MAX_MEGABYTES} MB, got {value}")
    if sort_memory is None:
        # Of a server that is somewhere else nothing is known.
        memory = server_files.memory_mb() if place.is_embedded else None
        sort_memory = runner.default_sort_memory(jobs, memory)
    return runner.Limits(sort_memory, spill_limit)


def _request(asked, jobs, limits, skip_disk_check):
    # All of it is checked before anything is started: bad input should not cost a server start.
    n_messages = _size(asked["band"], asked["n_messages"])
    if not -(2**63) <= asked["seed"] < 2**63:
        raise BadInput("--seed needs a 64-bit integer")
    chosen = options.check(
        options.Options(**{name: asked[name] for name in options.Options.__dataclass_fields__})
    )
    export.check(chosen)
    path = asked["spec_path"]
    return run.Request(
        spec=model.load_default() if path is None else model.load(path),
        n_messages=n_messages,
        seed=asked["seed"],
        band=asked["band"],
        schema=asked["schema"],
        jobs=jobs,
        replace=asked["replace"],
        options=chosen,
        limits=limits,
        skip_disk_check=skip_disk_check,
    )


def _check_resume(context):
    given = [
        name
        for name in IDENTITY
        if context.get_parameter_source(name) is not click.core.ParameterSource.DEFAULT
    ]
    if given:
        names = {one.name: one.opts[0] for one in context.command.params}
        raise BadInput(
            "--resume goes on with a run as it was begun",
            hint=f"leave out {', '.join(names[name] for name in given)}",
        )


def _size(band, n_messages):
    if (band is None) == (n_messages is None):
        raise BadInput("give either --band or --messages")
    if band is None:
        return n_messages
    known = bands()
    if band not in known:
        raise BadInput(f"unknown band {band!r}", hint=f"known bands: {', '.join(known)}")
    return known[band]


@contextlib.contextmanager
def _ended_like_interrupted():
    """Let SIGTERM and SIGHUP stop a run as cleanly as Ctrl-C; the exit code tells them apart."""
    with endings.raised(lambda _: KeyboardInterrupt()) as came:
        try:
            yield
        except KeyboardInterrupt:
            if came:
                raise SystemExit(128 + came[0]) from None
            raise
