"""`synth role`: DDL of the reading role, for the DBA."""

import click

from synth import console, settings, targets
from synth.cli import common_options


@click.command(name="role")
@click.option("--print-sql", is_flag=True, help="Print the DDL; nothing is run.")
@click.option("--mapping", default="chat", show_default=True, help="A name, or a YAML file.")
@click.option("--schema", default="app", show_default=True, help="The application's tables.")
@click.option("--role", "name", default="shape_reader", show_default=True)
@click.option("--views-schema", default="shape_source", show_default=True)
@click.option("--key-schema", default="shape_key", show_default=True)
@click.option(
    "--connection-limit",
    type=click.IntRange(3, 100),
    default=8,
    show_default=True,
    help="Sessions of the role at a time.",
)
@click.option(
    "--pseudonyms",
    type=click.Choice(["sha256", "hash"]),
    default="sha256",
    show_default=True,
    help="How ids are hidden; hash is quicker and weaker.",
)
@click.option("--fdw", is_flag=True, help="DDL of a scratch database over postgres_fdw instead.")
@click.option("--fdw-host", default="replica.example.com", show_default=True)
@click.option("--fdw-port", type=click.IntRange(1, 65535), default=5432, show_default=True)
@click.option("--fdw-dbname", default="production", show_default=True)
@click.option("--drop", is_flag=True, help="DDL that takes role, views and shape back instead.")
@common_options(target=settings.PRODUCTION_TARGET)
def command(
    print_sql,
    mapping,
    schema,
    name,
    views_schema,
    key_schema,
    connection_limit,
    pseudonyms,
    fdw,
    fdw_host,
    fdw_port,
    fdw_dbname,
    drop,
    target,
    as_json,
    verbose,
):
    """Print DDL for a role that reads lengths and pseudonyms, and nothing else.

    Makes role, security-barrier views of the canonical columns, and the key of the pseudonyms,
    which the role cannot read; and the ledger of past packs, to which it can only add, and which
    --drop keeps. Afterwards extract as that role with --mapping views and
    --schema shape_source. Connects to nothing.

    --json prints {schema_version, role, views_schema, kind, sql}.
    """
    from synth.errors import BadInput
    from synth.extract import ledger, preflight, role
    from synth.extract import mapping as mappings

    if not print_sql:
        raise BadInput("synth role prints DDL only", hint="add --print-sql")
    if fdw and drop:
        raise BadInput("expected --fdw or --drop, got both")
    place = targets.load(target)
    given = {
        "--role": name,
        "--views-schema": views_schema,
        "--key-schema": key_schema,
        "--schema": schema,
        "--fdw-host": fdw_host,
        "--fdw-dbname": fdw_dbname,
        f"dbname of target {place.name}": place.dbname,
        f"schema of target {place.name}": place.schema,
    }
    role.check_names(given)
    names = role.Names(name, views_schema, key_schema, place.schema, place.dbname)
    schemas = [schema, views_schema, key_schema, place.schema, ledger.SCHEMA]
    if len(set(schemas)) < len(schemas):
        raise BadInput(
            "expected five different schemas for tables, views, key, shape and ledger, "
            f"got {', '.join(schemas)}"
        )
    limits = preflight.session_settings()
    found = mappings.load(place, schema, mapping)
    role.check_mapping(found)
    if drop:
        kind, text = "drop", role.drop_sql(names)
    elif fdw:
        kind = "scratch"
        text = role.scratch_sql(
            found, names, settings=limits, host=fdw_host, port=fdw_port, dbname=fdw_dbname
        )
    else:
        kind = "reader"
        text = role.reader_sql(
            found, names, settings=limits, connection_limit=connection_limit, pseudonyms=pseudonyms
        )
    if as_json:
        console.document({"role": name, "views_schema": views_schema, "kind": kind, "sql": text})
    else:
        console.result(text)
