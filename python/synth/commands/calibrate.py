"""`synth calibrate`: fit a spec to a pack."""

from pathlib import Path

import click

from synth import console
from synth.cli import common_options
from synth.errors import BadInput


@click.command(name="calibrate")
@click.option(
    "--shape",
    "pack_path",
    required=True,
    type=click.Path(path_type=Path),
    help="The pack, or a sparse one written by hand.",
)
@click.option(
    "--output",
    required=True,
    type=click.Path(path_type=Path),
    help="Where to write the spec.",
)
@click.option(
    "--max-ks",
    type=float,
    default=0.02,
    show_default=True,
    help="Largest KS distance a parametric family may have to be chosen.",
)
@click.option("--allow-unsigned", is_flag=True, help="Accept a pack nobody signed.")
@common_options()
def command(pack_path, output, max_ks, allow_unsigned, as_json, verbose):
    """Fit distributions to a pack and write the spec.

    Any part of a pack is enough; what is missing comes from the default spec, and the table
    says which is which.
    """
    from synth.calibrate import calibrate, report, run
    from synth.pack import reader, strict, trust
    from synth.spec import model

    if output.exists() and pack_path.exists() and output.samefile(pack_path):
        raise BadInput("--output is the pack itself", hint="name another file for the spec")
    trusted = trust.check(pack_path, allow_unsigned=allow_unsigned)
    document, digest = strict.read(pack_path, what="pack")
    pack = reader.from_document(document, sha256=digest, where=f"pack {pack_path}")
    found = calibrate(
        pack,
        null_sections=run.null_sections(document),
        max_ks=max_ks,
        allow_unsigned=allow_unsigned and not trusted.is_signed,
    )
    model.save(found.spec, output)
    for note in found.notes:
        console.note(f"synth: {note}")
    if as_json:
        console.document(report.payload(found, output))
        return
    console.table(
        ("quantity", "choice", "parameters", ">KS", ">n", "source", "evidence"),
        report.rows(found.lines),
        title="Calibration",
    )
    source = found.spec.source
    console.result(
        f"{output}: {len(source.fitted)} parts from the pack, {len(source.defaulted)} from the "
        f"default spec"
    )
