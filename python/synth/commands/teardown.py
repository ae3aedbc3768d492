"""``synth teardown``: drop what a run made."""

import click

from synth import audit, console, db, place, records, server, settings, targets
from synth.cli import common_options
from synth.errors import BadInput
from synth.generate import guard


@click.command("teardown")
@click.option("--schema", default=settings.DEFAULT_SCHEMA, show_default=True)
@common_options(target=settings.DEV_TARGET)
def command(schema, target, as_json, verbose):
    """Drop the tables of a run, its working tables, dbt's views on them and its validations."""
    chosen = targets.load(target)
    guard.check_place(chosen, schema)
    with server.ensure(chosen), db.connect(chosen) as connection:
        place.check(connection, chosen)
        db.run_script(connection, "made_tables")
        db.install_functions(connection)
        db.run_script(connection, "run_tables")
        guard.lock(connection, schema)
        owner = guard.check_ownership(connection, schema)
        if owner is None:
            raise BadInput(
                f"no run owns tables in schema {schema!r}", hint="`synth runs` lists what there is"
            )
        guard.give_up_work(connection, schema)
        with connection.transaction():
            guard.drop_tables(connection, chosen, schema)
            guard.drop_work(connection, schema)
            db.execute(connection, "run_mark_removed", {"target_schema": schema})
            records.forget(connection, schema)
    audit.note(run_id=owner["run_id"], schema=schema)
    if as_json:
        console.document({"schema": schema, "run_id": owner["run_id"]})
        return
    console.result(f"dropped the tables of run {owner['run_id']} in schema {schema}")
