"""`synth import`: load a pack into dev as the baseline."""

import click

from synth import audit, console, settings, targets
from synth.cli import common_options


@click.command(name="import")
@click.argument("pack", type=click.Path())
@click.option("--allow-unsigned", is_flag=True, help="Accept an untrusted pack; it is recorded.")
@common_options(target=settings.DEV_TARGET)
def command(pack, allow_unsigned, target, as_json, verbose):
    """Load PACK into schema shape_baseline, replacing what was there, in one transaction.

    --json prints {schema_version, target, schema, sha256, n_rows, as_of, window_days, k,
    is_unsigned, trust, retention_until}.
    """
    from synth import db, place, server
    from synth.pack import baseline, reader, trust

    chosen = targets.load(target)
    place.check_name(chosen)
    loaded = reader.load(pack)
    audit.note(pack_sha256=loaded.sha256)
    record = trust.check(pack, allow_unsigned, sha256=loaded.sha256)
    with server.ensure(chosen), db.connect(chosen, application_name="synth import") as connection:
        place.check(connection, chosen)
        # The fidelity models call them.
        db.run_script(connection, "made_tables")
        db.install_functions(connection)
        baseline.replace(connection, loaded, record)
    audit.note(trust=record.state)
    if as_json:
        console.document(
            {
                "target": target,
                "schema": baseline.SCHEMA,
                "sha256": loaded.sha256,
                "n_rows": len(loaded.rows),
                "as_of": loaded.meta.as_of,
                "window_days": loaded.meta.window_days,
                "k": loaded.meta.k,
                "is_unsigned": not record.is_signed,
                "trust": record.state,
                "retention_until": record.retention_until,
            }
        )
        return
    console.result(
        f"{len(loaded.rows)} figures of {pack} are the baseline of target {target} "
        f"(schema {baseline.SCHEMA})"
    )
