"""`synth audit`: look at the log, and find out whether it is whole."""

import click

from synth import console
from synth.cli import common_options
from synth.errors import BadInput, DatabaseError


@click.group(name="audit")
def command():
    """The log of what was done here: one line per command, chained."""


@command.command("verify")
@click.option(
    "--anchor",
    "anchors",
    multiple=True,
    metavar="N:DIGEST|MANIFEST",
    help="A head that was noted elsewhere, or a manifest that names one; may be repeated.",
)
@common_options()
def verify(anchors, as_json, verbose):
    """Find changed, missing, added and reordered lines. Exit code 1 where there are any.

    What the writer of a line found missing before it is said for ever.

    Commands that were killed get their lines first.

    --json prints {schema_version, file, is_whole, n_lines, problems []}.
    """
    from synth.audit import check, log

    anchors = [check.anchor(text) for text in anchors]
    _settle()
    n_lines, problems = check.verify(anchors)
    if not problems and not log.path().is_file():
        # Nothing to verify proves nothing.
        raise BadInput(f"there is no audit log {log.path()}", hint="see SYNTH_AUDIT_FILE")
    if as_json:
        console.document(
            {
                "file": str(log.path()),
                "is_whole": not problems,
                "n_lines": n_lines,
                "problems": problems,
            }
        )
    else:
        for problem in problems:
            console.result(problem)
        state = "is whole" if not problems else f"has {len(problems)} problems"
        console.result(f"{log.path()} {state}: {n_lines} lines")
    return 1 if problems else 0


@command.command("head")
@common_options()
def head(as_json, verbose):
    """Print number and digest of the last line, to be noted elsewhere.

    --json prints {schema_version, file, n_lines, head}.
    """
    from synth.audit import log

    _settle()
    found = log.head()
    if as_json:
        console.document({"file": str(log.path()), "n_lines": found.n_lines, "head": found.digest})
        return
    console.result(str(found))


@command.command("show")
@click.option("--last", type=click.IntRange(min=1), default=20, show_default=True)
@common_options()
def show(last, as_json, verbose):
    """Show the last lines.

    --json prints {schema_version, file, records []}.
    """
    from synth.audit import log

    _settle()
    records = log.records()[-last:]
    if as_json:
        console.document({"file": str(log.path()), "records": records})
        return
    console.table(
        [">line", "at", "command", "who", ">exit", "result", "details"],
        [
            (
                record["n"],
                record["at"],
                record["command"],
                record["who"],
                "-" if record["exit_code"] is None else record["exit_code"],
                record["result"],
                _short(record["details"]),
            )
            for record in records
        ],
        title=str(log.path()),
    )


def _settle():
    """Lines for commands that were killed; who may only read the log sees it as it is."""
    from synth.audit import log

    try:
        log.settle()
    except DatabaseError as error:
        console.note(f"synth: a command that was killed has no line yet: {error.message}")


def _short(details):
    shown = [
        f"{name} {value[:12] if name.endswith('sha256') and value else value}"
        for name, value in sorted(details.items())
        if not isinstance(value, dict)
    ]
    return ", ".join(shown)
