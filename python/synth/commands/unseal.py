"""`synth unseal`: decrypt a pack that arrived."""

from pathlib import Path

import click

from synth import audit, console
from synth.cli import common_options


@click.command(name="unseal")
@click.argument("sealed", type=click.Path(path_type=Path))
@click.option(
    "--identity", required=True, type=click.Path(path_type=Path), help="age identity, or SSH key."
)
@click.option(
    "--output",
    required=True,
    type=click.Path(path_type=Path),
    help="Directory; made if it is not there.",
)
@click.option("--replace", is_flag=True, help="Overwrite files of the same names.")
@common_options()
def command(sealed, identity, output, replace, as_json, verbose):
    """Decrypt SEALED into pack and manifest. `synth verify` then says what they are worth.

    --json prints {schema_version, pack, sha256}.
    """
    from synth.audit import log
    from synth.custody import seal

    path = seal.unseal(sealed, identity, output, replace=replace)
    sha256 = log.file_digest(path)
    audit.note(pack_sha256=sha256)
    if as_json:
        console.document({"pack": str(path), "sha256": sha256})
        return
    console.result(f"pack     {path}")
