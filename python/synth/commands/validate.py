"""`synth validate`: compare the synthetic shape with a pack."""

import contextlib
import math
from pathlib import Path

import click

from synth import audit, console, outputs, place, server, settings, targets
from synth.cli import common_options
from synth.errors import BadInput


@click.command(name="validate")
@click.option(
    "--shape", "pack_path", required=True, type=click.Path(path_type=Path), help="The pack."
)
@click.option(
    "--tolerance",
    type=click.FloatRange(0, 1, min_open=True),
    default=0.15,
    show_default=True,
    help="Largest relative error of the headline tests on sizes and lengths.",
)
@click.option(
    "--output", required=True, type=click.Path(path_type=Path), help="Where to write the report."
)
@click.option(
    "--junit",
    "junit_path",
    type=click.Path(path_type=Path),
    help="Write the checks as JUnit XML as well, for CI systems.",
)
@click.option("--allow-unsigned", is_flag=True, help="Accept an untrusted pack; it is recorded.")
@click.option(
    "--schema",
    default=settings.DEFAULT_SCHEMA,
    show_default=True,
    help="Schema of the synthetic tables.",
)
@common_options(target=settings.DEV_TARGET)
def command(
    pack_path, tolerance, output, junit_path, allow_unsigned, schema, target, as_json, verbose
):
    """Compare the synthetic shape with a pack; verdict, report and what to change.

    Exit code 0 for GO, 1 for NO-GO. --json prints the report (report.schema.json).
    """
    from synth.audit import log
    from synth.pack import manifest, reader
    from synth.pack import trust as pack_trust
    from synth.validate import junit, report, run

    if not math.isfinite(tolerance):
        raise BadInput("--tolerance needs a number between 0 and 1", hint="the default is 0.15")
    if output.exists() and pack_path.exists() and output.samefile(pack_path):
        raise BadInput("--output is the pack itself", hint="name another file for the report")
    if junit_path and junit_path.resolve() == output.resolve():
        raise BadInput("--junit and --output name one file", hint="name another file for one")
    chosen = targets.load(target)
    place.check_name(chosen)
    outputs.check_writable(output)
    if junit_path:
        outputs.check_writable(junit_path, "--junit", "fidelity.xml")
    pack = reader.load(pack_path)
    audit.note(pack_sha256=pack.sha256)
    trust = pack_trust.check(pack_path, allow_unsigned, sha256=pack.sha256)
    with server.ensure(chosen):
        # Where nothing comes of this validation, an earlier verdict must not pass as its own.
        with _forgotten(output, junit_path):
            outcome = run.validate(chosen, pack, trust, tolerance=tolerance, schema=schema)
        body = report.document(
            outcome,
            pack,
            trust,
            pack_name=pack_path.name,
            target=target,
            schema=schema,
            tolerance=tolerance,
        )
        described = manifest.load(manifest.path_of(pack_path)) if trust.matches_manifest else None
        name = run.remember(chosen, outcome, body, described)
    outputs.write_text(output, report.dumps(body))
    audit.note(
        trust=trust.state,
        run_id=outcome.run_id,
        verdict=body["verdict"],
        report_sha256=log.file_digest(output),
    )
    if junit_path:
        outputs.write_text(junit_path, junit.dumps(body), option="--junit")
    if as_json:
        console.document(body)
    else:
        report.show(body)
        console.result(f"report   {output}; as a page: synth report {name} --output report.html")
    return outcome.exit_code


@contextlib.contextmanager
def _forgotten(*paths):
    """Remove earlier reports if the block fails."""
    try:
        yield
    except BaseException:
        for path in paths:
            if path and path.is_file():
                path.unlink()
                console.note(f"removed the earlier {path}: it was of another validation")
        raise
