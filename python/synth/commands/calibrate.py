"""`synth calibrate`: fit a spec to a pack."""

from pathlib import Path

import click

from synth import audit, console, outputs
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
@click.option(
    "--what-if",
    "assumptions",
    multiple=True,
    metavar="NAME=VALUE",
    help="Turn a parameter, such as heavy_rooms.share=0.4; may be repeated.",
)
@click.option(
    "--plot",
    type=click.Path(path_type=Path),
    help="Write a page of the fits (HTML).",
)
@click.option(
    "--bootstrap",
    type=click.IntRange(0, 10_000),
    default=0,
    show_default=True,
    help="Samples for the p-values of power-law tails; none by default.",
)
@click.option("--allow-unsigned", is_flag=True, help="Accept an untrusted pack; it is recorded.")
@common_options()
def command(
    pack_path, output, max_ks, assumptions, plot, bootstrap, allow_unsigned, as_json, verbose
):
    """Fit distributions to a pack and write the spec.

    Any part of a pack is enough; what is missing comes from the default spec, and the table
    says which is which.
    """
    from synth.audit import log
    from synth.calibrate import calibrate, run
    from synth.pack import reader, strict, trust
    from synth.spec import model

    for path, option in ((output, "--output"), (plot, "--plot")):
        if path and path.exists() and pack_path.exists() and path.samefile(pack_path):
            raise BadInput(f"{option} is the pack itself", hint="name another file")
    if plot:
        outputs.check_writable(plot, "--plot", "fits.html")
        if plot.resolve() == output.resolve():
            raise BadInput("--plot and --output name the same file", hint="name two files")
    document, digest = strict.read(pack_path, what="pack")
    audit.note(pack_sha256=digest)
    trusted = trust.check(pack_path, allow_unsigned, sha256=digest)
    pack = reader.from_document(document, sha256=digest, where=f"pack {pack_path}")
    found = calibrate(
        pack,
        null_sections=run.null_sections(document),
        max_ks=max_ks,
        allow_unsigned=not trusted.is_trusted,
        retention_until=trusted.retention_until,
        simulate=_simulate,
        what_if=assumptions,
    )
    if bootstrap:
        with console.progress() as bars:
            task = bars.add_task("bootstrap", total=None)
            found = run.with_tails(
                found,
                bootstrap,
                started=lambda total: bars.update(task, total=total),
                progress=lambda: bars.update(task, advance=1),
            )
    model.save(found.spec, output)
    audit.note(trust=trusted.state, spec_sha256=log.file_digest(output))
    if plot:
        from synth.calibrate import plots

        outputs.write_text(plot, plots.page(found, source=pack_path.name), option="--plot")
    _show(found, output, plot, as_json)


def _simulate(spec, n_messages, seed):
    """A small sample with the draws of the server; calibrate and generate are strangers."""
    from synth.generate import plan, reference

    return reference.sample(plan.build(spec, n_messages, seed, strict=False))


def _show(found, output, plot, as_json):
    from synth.calibrate import report

    for note in found.notes:
        console.note(f"synth: {note}")
    if as_json:
        console.document(report.payload(found, output))
        return
    console.table(report.COLUMNS, report.rows(found.lines), "Calibration", report.WHOLE)
    console.table(report.STRUCTURE_COLUMNS, report.structure_rows(found.structure))
    if found.rhythm is not None:
        console.table(report.RHYTHM_COLUMNS, report.rhythm_rows(found.rhythm))
    for line in (*report.exponents(found), *report.tail_lines(found.tails)):
        console.result(line)
    counts = report.summary(found.lines)
    console.result(
        f"{output}: {counts['fitted']} parts from the pack, {counts['derived']} derived from it, "
        f"{counts['default']} from the default spec"
        + (f", {counts['absent']} absent" if counts["absent"] else "")
        + (f"; what if {', '.join(found.spec.source.what_if)}" if found.spec.source.what_if else "")
    )
    if plot:
        console.result(f"{plot}: page of fits")
