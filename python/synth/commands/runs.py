"""``synth runs``: the generation runs of a target."""

import click

from synth import console, db, server, settings, targets
from synth.cli import common_options


@click.command("runs")
@common_options(target=settings.DEV_TARGET)
def command(target, as_json, verbose):
    """List the generation runs, newest first."""
    place = targets.load(target)
    rows = _list(place) if server.is_made(place) else []
    for row in rows:
        # `synth status` shows it, with the stages.
        del row["progress"], row["silent_seconds"]
    if as_json:
        console.document({"runs": rows})
        return
    console.table(
        ["run", "schema", "state", ">messages", ">seed", ">seconds", "spec"],
        [
            (
                row["run_id"],
                row["target_schema"],
                row["state"],
                f"{row['n_messages']:,}",
                row["seed"],
                f"{row['elapsed_seconds']:.1f}",
                row["spec_sha256"][:12],
            )
            for row in rows
        ],
    )


def _list(place):
    with server.ensure(place), db.connect(place) as connection:
        has_runs = db.fetch_one(connection, "run_exists")["has_runs"]
        return db.fetch_all(connection, "run_list", {"target_schema": None}) if has_runs else []
