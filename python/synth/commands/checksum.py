"""``synth checksum``: order-independent checksums of the synthetic tables."""

import click

from synth import console, db, server, settings, targets
from synth.cli import common_options
from synth.errors import BadInput
from synth.generate import guard, stages


@click.command("checksum")
@click.option("--schema", default=settings.DEFAULT_SCHEMA, show_default=True)
@common_options(target=settings.DEV_TARGET)
def command(schema, target, as_json, verbose):
    """Print a checksum per table that does not depend on the order of its rows."""
    place = targets.load(target)
    with server.ensure(place), db.connect(place) as connection:
        state = db.fetch_one(connection, "schema_state", {"schema": schema})
        missing = set(guard.TABLES) - set(state["relations"])
        if missing:
            raise BadInput(
                f"schema {schema!r} lacks {len(missing)} of the six synthetic tables",
                hint="generate first (`synth generate`), or name the schema with --schema",
            )
        sums = stages.checksums(connection, schema)
    if as_json:
        console.document({"schema": schema, "tables": sums})
        return
    console.table(
        ["table", ">rows", "checksum"],
        [(table, f"{row['n_rows']:,}", row["checksum"]) for table, row in sums.items()],
    )
