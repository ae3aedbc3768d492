"""``synth report``: one page about a validation, or about two."""

from pathlib import Path

import click

from synth import console, db, outputs, records, server, settings, targets
from synth.cli import common_options
from synth.errors import BadInput


@click.command("report")
@click.argument("run", required=False)
@click.option("--compare", nargs=2, metavar="A B", help="Two runs on one page, what changed first.")
@click.option(
    "--output",
    required=True,
    type=click.Path(path_type=Path),
    help="Where to write the page (HTML).",
)
@common_options(target=settings.DEV_TARGET)
def command(run, compare, output, target, as_json, verbose):
    """Write one self-contained page about a validated RUN; without RUN, the last validated one.

    RUN is a run id, the beginning of one, or the schema's name where no run made the tables.
    """
    from synth.report import evidence

    if run and compare:
        raise BadInput("give either RUN or --compare A B", hint="--compare takes both runs itself")
    outputs.check_writable(output, example="report.html")
    place = targets.load(target)
    with server.ensure(place), db.connect(place) as connection:
        known = records.names(connection)
        chosen = [choose(asked, known) for asked in (compare or (run,))]
        found = [evidence.Validation(**records.load(connection, name)) for name in chosen]
    text = _page(found)
    outputs.write_text(output, text)
    body = {
        "output": str(output),
        "bytes": len(text.encode()),
        "runs": [{"name": one.name, "verdict": one.report["verdict"]} for one in found],
    }
    if as_json:
        console.document(body)
        return
    for one in body["runs"]:
        console.result(f"verdict  {one['verdict']}  {one['name']}")
    console.result(f"page     {output} ({body['bytes'] / 1e3:,.0f} kB)")


def choose(asked, known):
    """Name of the validation that is meant.

    Parameters
    ----------
    asked : str or None
        A name or the beginning of one; None for the last.
    known : list of str
        The last one first.

    Returns
    -------
    str

    Raises
    ------
    BadInput
        None or more than one fits.
    """
    if not known:
        raise BadInput("no run has been validated here", hint="run `synth validate` first")
    if asked is None:
        return known[0]
    if asked in known:
        return asked
    fits = [name for name in known if asked and name.startswith(asked)]
    if len(fits) == 1:
        return fits[0]
    if fits:
        raise BadInput(f"{asked!r} fits {len(fits)} validated runs", hint="give more of the run id")
    raise BadInput(
        f"no validation of {asked!r} is stored",
        hint="`synth runs` lists the runs; run `synth validate` while its tables are there",
    )


def _page(found):
    from synth.report import compare, single

    return compare.write_page(*found) if len(found) == 2 else single.write_page(found[0])
