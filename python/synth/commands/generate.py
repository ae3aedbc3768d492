"""``synth generate``: a database from a spec and a seed."""

import csv
import os

import click

from synth import console, server, settings, targets
from synth.cli import common_options
from synth.errors import BadInput
from synth.generate import run
from synth.spec import model


def bands():
    """Named sizes from ``seeds/bands.csv``.

    Returns
    -------
    dict
        Band to messages.
    """
    with (settings.project_dir() / "seeds" / "bands.csv").open(newline="") as lines:
        return {row["band"]: int(row["n_messages"]) for row in csv.DictReader(lines)}


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
@common_options(target=settings.DEV_TARGET)
def command(
    band, n_messages, seed, spec_path, schema, jobs, replace, resume, target, as_json, verbose
):
    """Generate a synthetic database inside the server.

    The same spec and seed give the same tables, whatever the number of jobs and however often
    the run was interrupted.
    """
    jobs = jobs if jobs is not None else (os.cpu_count() or 1)
    if not 1 <= jobs <= 64:
        raise BadInput(f"--jobs needs 1 to 64, got {jobs}")
    if resume and (band or n_messages is not None or spec_path or replace):
        raise BadInput(
            "--resume goes on with a run as it was begun",
            hint="leave out --band, --messages, --config and --replace",
        )
    if not resume:
        n_messages = _size(band, n_messages)
        if not -(2**63) <= seed < 2**63:
            raise BadInput("--seed needs a 64-bit integer")
    # Read before anything is started: a bad spec should not cost a server start.
    spec = None
    if not resume:
        spec = model.load(spec_path) if spec_path else model.load_default()
    place = targets.load(target)
    request = run.Request(
        spec=spec,
        n_messages=n_messages,
        seed=seed,
        band=band,
        schema=schema,
        jobs=jobs,
        replace=replace,
        resume=resume,
    )
    with server.ensure(place):
        result = run.execute(place, request, quiet=as_json)
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
    console.note(f"{sum(result['seconds'].values()):.1f} s")


def _size(band, n_messages):
    if (band is None) == (n_messages is None):
        raise BadInput("give either --band or --messages")
    if band is None:
        return n_messages
    known = bands()
    if band not in known:
        raise BadInput(f"unknown band {band!r}", hint=f"known bands: {', '.join(known)}")
    return known[band]
