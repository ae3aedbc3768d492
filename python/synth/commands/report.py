"""``synth report``: one page about a validation, or about two."""

import functools
import re
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
    type=click.Path(path_type=Path),
    help="Where to write the page (HTML); default report-RUN.html here.",
)
@click.option(
    "--replace", is_flag=True, help="Replace a file that is no earlier page of this command."
)
@common_options(target=settings.DEV_TARGET)
def command(run, compare, output, replace, target, as_json, verbose):
    """Write one self-contained page about a validated RUN; without RUN, the last validated one.

    RUN is a run id, the beginning of one, or the schema's name where no run made the tables.
    Without --output the page is report-RUN.html, or report-A-B.html, in this directory. An earlier
    page is replaced, any other file only with --replace. Exit code 2 where there is no such run.
    """
    from synth.report import evidence

    if run and compare:
        raise BadInput("give either RUN or --compare A B", hint="--compare takes both runs itself")
    if output:
        _check_output(output, replace)
    place = targets.load(target)
    with server.ensure(place), db.connect(place) as connection:
        known = records.names(connection)
        chosen = [choose(asked, known) for asked in (compare or (run,))]
        found = [evidence.Validation(**records.load(connection, name)) for name in chosen]
    if output is None:
        output = Path(default_name([one.name for one in found]))
        _check_output(output, replace)
    if compare and found[0].name == found[1].name:
        console.note("A and B are the same run: nothing can differ")
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


def default_name(names):
    """File name of a page about these validations.

    Parameters
    ----------
    names : sequence of str

    Returns
    -------
    str
        Of letters, digits, ``-``, ``_`` and ``.`` only, whatever a schema is called.
    """
    return f"report-{'-'.join(re.sub(r'[^A-Za-z0-9_.-]+', '_', name) for name in names)}.html"


def _check_output(output, replace):
    outputs.check_writable(output, example="report.html")
    if output.is_file() and not replace and not _is_page(output):
        raise BadInput(
            f"--output {output} is there and is no page of this command",
            hint="name another file, or pass --replace",
        )


def _is_page(path):
    """Whether an earlier call wrote it, or nobody wrote anything to it."""
    from synth.charts.page import GENERATOR

    try:
        with path.open("rb") as stream:
            head = stream.read(4096)
    except OSError as error:
        raise BadInput(f"cannot read {path}: {error.strerror}", hint="name another file") from error
    return not head or GENERATOR.encode() in head


def _page(found):
    from synth.report import compare, single

    with console.progress() as bars:
        task = bars.add_task("charts", total=None)
        step = functools.partial(bars.update, task, advance=1)
        if len(found) == 2:
            return compare.write_page(*found, on_chart=step)
        return single.write_page(found[0], on_chart=step)
