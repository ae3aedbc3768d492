"""`synth seal`: encrypt a pack for transport."""

from pathlib import Path

import click

from synth import audit, console, outputs
from synth.cli import common_options


@click.command(name="seal")
@click.argument("pack", type=click.Path(path_type=Path))
@click.option(
    "--recipient",
    "recipients",
    required=True,
    multiple=True,
    help="age1..., an SSH public key, or a file that lists them; may be repeated.",
)
@click.option(
    "--output", required=True, type=click.Path(path_type=Path), help="The sealed file, X.age."
)
@click.option("--allow-unsigned", is_flag=True, help="Accept an untrusted pack; it is recorded.")
@click.option("--replace", is_flag=True, help="Overwrite the output.")
@common_options()
def command(pack, recipients, output, allow_unsigned, replace, as_json, verbose):
    """Encrypt PACK and its manifest to recipients, in one age file.

    --json prints {schema_version, output, sha256, n_recipients, trust}.
    """
    from synth.custody import seal

    outputs.check_writable(output, example="pack.age")
    record, n_recipients = seal.seal(
        pack, recipients, output, allow_unsigned=allow_unsigned, replace=replace
    )
    audit.note(pack_sha256=record.sha256, trust=record.state, n_recipients=n_recipients)
    if as_json:
        console.document(
            {
                "output": str(output),
                "sha256": record.sha256,
                "n_recipients": n_recipients,
                "trust": record.state,
            }
        )
        return
    console.result(f"sealed   {output}, for {n_recipients} recipients")
