"""`synth expire`: delete what is past its retention date."""

from pathlib import Path

import click

from synth import audit, console, settings
from synth.cli import common_options


@click.command(name="expire")
@click.argument("directories", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only list what would go.")
@click.option("--files-only", is_flag=True, help="Leave the database alone.")
@common_options(target=settings.DEV_TARGET)
def command(directories, dry_run, files_only, target, as_json, verbose):
    """Delete packs, imports and derived specs past their retention date.

    Looks below DIRECTORIES at what files are, not at what they are called, and in the database
    of the target at the imported pack, the stored validations and the specs of ended runs. Exit
    code 1 where something past its date had to be left alone.

    --json prints {schema_version, is_dry_run, expired [{kind, where, sha256, retention_until}],
    left_alone []}.
    """
    from synth.custody import expire

    files, odd = expire.find(directories)
    if not dry_run:
        expire.delete(files)
    # Noted before the database is asked, which may not answer.
    audit.note(is_dry_run=dry_run, **_told(files))
    imported, left = ([], []) if files_only else _imported(target, files, dry_run)
    expired, odd = [*files, *imported], [*odd, *left]
    audit.note(**_told(expired))
    if as_json:
        console.document(
            {
                "is_dry_run": dry_run,
                "expired": [vars(one) for one in expired],
                "left_alone": odd,
            }
        )
    elif not expired:
        console.result("nothing is past its retention date")
    else:
        console.table(
            ["what", "where", "pack", "until"],
            [(one.kind, one.where, one.sha256[:12], one.retention_until) for one in expired],
            title="Would be deleted" if dry_run else "Deleted",
        )
    for text in odd if not as_json else ():
        console.note(f"synth: left alone: {text}")
    return 1 if odd else 0


def _imported(target, files, dry_run):
    from synth import db, dbt, place, server, targets
    from synth.custody import expire
    from synth.errors import BadInput

    if target in (dbt.variable("boundary_targets") or []):
        raise BadInput(
            f"target {target!r} is inside the boundary, where nothing is imported",
            hint="pass --files-only, or name a dev target",
        )
    chosen = targets.load(target)
    place.check_name(chosen)
    with server.ensure(chosen), db.connect(chosen, application_name="synth expire") as connection:
        place.check(connection, chosen)
        found, odd = expire.find_imported(connection, files, chosen.schema)
        if not dry_run:
            expire.delete_imported(connection, found, chosen.schema)
    return found, odd


def _told(expired):
    return {
        "n_expired": len(expired),
        "pack_sha256": sorted({one.sha256 for one in expired}),
        "kinds": sorted({one.kind for one in expired}),
    }
