"""`synth loop`: generate, validate, adjust what missed, again."""

import math
import os
from pathlib import Path

import click

from synth import audit, console, outputs, place, server, settings, targets
from synth.cli import common_options
from synth.errors import BadInput


@click.command(name="loop")
@click.option(
    "--shape", "pack_path", required=True, type=click.Path(path_type=Path), help="The pack."
)
@click.option(
    "--output",
    required=True,
    type=click.Path(path_type=Path),
    help="Where the best spec so far is written after each round.",
)
@click.option(
    "--config",
    "spec_path",
    type=click.Path(path_type=Path),
    help="Spec to begin with, for example the output of an earlier loop; default: calibrate.",
)
@click.option("--band", help="Named size: demo, dev, staging or perf.")
@click.option("--messages", "n_messages", type=int, help="Exact number of messages instead.")
@click.option("--max-rounds", type=click.IntRange(1, 50), default=8, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True, help="Of every round.")
@click.option(
    "--tolerance",
    type=click.FloatRange(0, 1, min_open=True),
    default=0.15,
    show_default=True,
    help="Largest relative error of the headline tests on sizes and lengths.",
)
@click.option("--schema", default=settings.DEFAULT_SCHEMA, show_default=True)
@click.option("--jobs", type=click.IntRange(1, 64), help="Connections; default one per core.")
@click.option("--replace", is_flag=True, help="Empty the tables of an earlier run first.")
@click.option("--allow-unsigned", is_flag=True, help="Accept an untrusted pack; it is recorded.")
@common_options(target=settings.DEV_TARGET)
def command(target, as_json, verbose, **asked):
    """Generate and validate, turn the parameters of the checks that missed, and again.

    Ends with GO, at the noise floor of this size, when nothing can be turned, when smaller steps
    bring nothing, or after --max-rounds. Exit code 0 when the best round is GO, else 1. The tables
    are those of the last round; `synth generate --config OUTPUT` makes the best one's again. Every
    round's validation is kept: `synth report RUN_ID`.
    """
    from synth.commands.generate import _limits, _size
    from synth.generate import run as generation
    from synth.loop import run
    from synth.pack import manifest, reader, strict
    from synth.pack import trust as pack_trust
    from synth.spec import model

    if not math.isfinite(asked["tolerance"]):
        raise BadInput("--tolerance needs a number between 0 and 1", hint="the default is 0.15")
    pack_path, output = asked["pack_path"], asked["output"]
    if output.exists() and pack_path.exists() and output.samefile(pack_path):
        raise BadInput("--output is the pack itself", hint="name another file for the spec")
    n_messages = _size(asked["band"], asked["n_messages"])
    if not -(2**63) <= asked["seed"] < 2**63:
        raise BadInput("--seed needs a 64-bit integer")
    chosen = targets.load(target)
    place.check_name(chosen)
    outputs.check_writable(output, "--output", "spec.json")
    document, digest = strict.read(pack_path, what="pack")
    audit.note(pack_sha256=digest)
    trust = pack_trust.check(pack_path, asked["allow_unsigned"], sha256=digest)
    audit.note(trust=trust.state, seed=asked["seed"], n_messages=n_messages)
    pack = reader.from_document(document, sha256=digest, where=f"pack {pack_path}")
    if asked["spec_path"]:
        spec = model.load(asked["spec_path"])
    else:
        spec = _calibrated(pack, document, trust)
    jobs = asked["jobs"] or os.cpu_count() or 1
    request = generation.Request(
        spec=spec,
        n_messages=n_messages,
        seed=asked["seed"],
        band=asked["band"],
        schema=asked["schema"],
        jobs=jobs,
        replace=asked["replace"],
        limits=_limits(None, None, jobs, chosen),
    )
    with server.ensure(chosen):
        result = run.loop(
            chosen,
            pack,
            trust,
            request,
            max_rounds=asked["max_rounds"],
            tolerance=asked["tolerance"],
            save=lambda best: model.save(best, output),
            pack_name=pack_path.name,
            manifest=manifest.load(manifest.path_of(pack_path)) if trust.matches_manifest else None,
            told=_tell,
        )
    audit.note(run_id=result.best.run_id, verdict=result.best.document()["verdict"])
    if as_json:
        console.document(
            {
                "loop_id": result.loop_id,
                "stopped": result.reason,
                "best_round": result.best.number,
                "verdict": result.best.document()["verdict"],
                "output": str(output),
                "rounds": [one.document() for one in result.rounds],
            }
        )
    else:
        _show(result, output)
    return result.exit_code


def _calibrated(pack, document, trust):
    from synth.calibrate import calibrate, run
    from synth.generate import plan, reference

    return calibrate(
        pack,
        null_sections=run.null_sections(document),
        allow_unsigned=not trust.is_trusted,
        retention_until=trust.retention_until,
        simulate=lambda *given: reference.sample(plan.build(*given, strict=False)),
    ).spec


def _tell(one):
    counts = one.document()["counts"]
    console.note(
        f"round {one.number}: {one.document()['verdict']}, {counts['fail']} fail "
        f"({counts['critical']} critical), {counts['warn']} warn"
    )


def _show(result, output):
    from synth.loop.run import REASONS

    rows = []
    for one in result.rounds:
        shown = one.document()
        counts = shown["counts"]
        rows.append(
            (
                f"{one.number}{' best' if one is result.best else ''}",
                shown["verdict"],
                counts["fail"],
                counts["warn"],
                f"{one.excess:.2f}",
                "; ".join(f"{change.parameter}: {change.what}" for change in one.changes),
            )
        )
    console.table(("round", "verdict", ">fail", ">warn", ">beyond margins", "turned before"), rows)
    for row in result.best.document()["missed"]:
        floor = "-" if row["noise_floor"] is None else f"{row['noise_floor']:.3g}"
        effect = "-" if row["effect"] is None else f"{row['effect']:.3g}"
        console.result(
            f"missed   {row['check']}: {effect}, margin {row['margin']:.3g}, noise floor {floor}"
            + (" (sampling error)" if row["at_noise_floor"] else "")
        )
    console.result(f"stopped  {result.reason}: {REASONS[result.reason]}")
    console.result(f"spec     {output}, of round {result.best.number}")
    name = result.best.run_id
    console.result(f"report   as a page: synth report {name} --output report.html")
