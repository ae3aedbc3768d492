"""`synth standin`: fill the stand-in production."""

from pathlib import Path

import click

from synth import console, settings
from synth.cli import common_options
from synth.errors import BadInput


@click.command(name="standin")
@click.option(
    "--from",
    "folder",
    type=click.Path(path_type=Path),
    help="Folder of CSV files with real activity (conversations, members, messages, attachments).",
)
@click.option(
    "--simulate", "n_messages", type=click.IntRange(min=1), help="Simulate so many messages."
)
@click.option(
    "--simulate-missing",
    is_flag=True,
    help="With --from: simulate the devices and read receipts that the files lack.",
)
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True)
@click.option("--replace", is_flag=True, help="Drop an earlier stand-in first.")
@common_options(target=settings.PRODUCTION_TARGET)
def command(folder, n_messages, simulate_missing, seed, replace, target, as_json, verbose):
    """Fill schema app of the production target with real or simulated activity.

    Ids, types, times and lengths come from the files or from the simulation. Names,
    addresses and message bodies are invented, and carry planted personal data (e-mails,
    phones, cards, tokens, ...), so that the privacy gates have something to catch.
    """
    if (folder is None) == (n_messages is None):
        raise BadInput("give either --from DIR or --simulate N")
    if simulate_missing and folder is None:
        raise BadInput("--simulate-missing belongs to --from", hint="--simulate has it all")
    from synth import db, server, targets
    from synth.standin import csv_source, load, simulate

    chosen = targets.load(target)
    with (
        server.ensure(chosen),
        db.connect(chosen, application_name="synth standin") as connection,
    ):
        load.check_schema(connection, chosen, replace=replace)
        if folder is not None:
            console.note(f"reading {folder}")
            source = csv_source.read(folder, seed=seed, simulate_missing=simulate_missing)
        else:
            console.note(f"simulating {n_messages:,} messages")
            source = simulate.simulate(n_messages, seed=seed)
        loaded = load.load(connection, chosen, source, seed, replace=replace)
    _show(loaded, source, target, seed, as_json)


def _show(loaded, source, target, seed, as_json):
    n_planted = sum(loaded.planted.values())
    if as_json:
        console.document(
            {
                "target": target,
                "schema": "app",
                "seed": seed,
                "rows": loaded.rows,
                "simulated": list(source.simulated),
                "planted": loaded.planted,
                "n_planted": n_planted,
            }
        )
        return
    rows = [(table, f"{n:,}") for table, n in loaded.rows.items()]
    console.table(("table", ">rows"), rows, title="Stand-in production")
    console.result(f"target {target}, schema app, seed {seed}")
    kinds = ", ".join(f"{kind} {n:,}" for kind, n in loaded.planted.items())
    console.result(f"planted personal data: {n_planted:,} items ({kinds})")
    if source.simulated:
        console.result(f"simulated: {', '.join(source.simulated)}")
    else:
        console.result("read from files: ids, types, times, lengths; no receipts, no devices")
    console.result("invented: names, addresses, profiles, message bodies, file names")
