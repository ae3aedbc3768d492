"""What a person or a script sees: results on stdout, everything else on stderr."""

import contextlib
import json
import os
import sys

SCHEMA_VERSION = "1.0"


def result(text):
    """Write a result line to stdout."""
    sys.stdout.write(text.rstrip("\n") + "\n")


def document(payload):
    """Write the one JSON document of a ``--json`` call to stdout."""
    body = {"schema_version": SCHEMA_VERSION, **payload}
    sys.stdout.write(json.dumps(body, indent=2, allow_nan=False, default=str) + "\n")


class _Listener:
    """The standard error, as a file that never fails: nobody has to listen.

    A terminal that was closed, or a reader that went away, is no reason to leave a run unfinished.
    """

    def __getattr__(self, name):
        return getattr(sys.stderr, name)

    def write(self, text):
        self._try(sys.stderr.write, text)
        return len(text)

    def flush(self):
        self._try(sys.stderr.flush)

    def _try(self, action, *arguments):
        try:
            action(*arguments)
        except OSError:
            # What is still in its buffer would fail again when the process ends.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())


def note(text):
    """Write a line about what is going on to stderr."""
    _Listener().write(text.rstrip("\n") + "\n")


def table(columns, rows, title=None, whole=()):
    """Print a table to stdout.

    Parameters
    ----------
    columns : sequence of str
        Headings; one that starts with ``>`` is right-aligned.
    rows : iterable of sequence
        Cells, converted with ``str``; None is shown as a dash.
    title : str, optional
    whole : collection of str
        Headings of columns that are never broken or cut, however narrow the terminal.
    """
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    shown = Table(title=title, box=SIMPLE_HEAD, title_justify="left")
    rows = list(rows)
    for place, heading in enumerate(columns):
        right = heading.startswith(">")
        shown.add_column(
            heading.lstrip(">"),
            justify="right" if right else "left",
            # Folded where it is too long: a path that is cut off names nothing.
            overflow="ellipsis" if right else "fold",
            no_wrap=heading in whole,
            min_width=max((len(str(row[place])) for row in rows), default=0)
            if heading in whole
            else None,
        )
    for row in rows:
        shown.add_row(*("-" if cell is None else str(cell) for cell in row))
    terminal = sys.stdout.isatty()
    Console(file=sys.stdout, highlight=False, width=None if terminal else 140).print(shown)


@contextlib.contextmanager
def progress(*, enabled=True):
    """Progress bars with rate and ETA on stderr; off when stderr is no terminal.

    Yields
    ------
    rich.progress.Progress
        ``add_task(description, total=n)``, then ``update(task, advance=k)``.
    """
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        ProgressColumn,
        TextColumn,
        TimeRemainingColumn,
    )
    from rich.text import Text

    class Rate(ProgressColumn):
        def render(self, task):
            speed = task.finished_speed or task.speed
            return Text(f"{speed:,.0f}/s" if speed else "", style="dim")

    bars = Progress(
        TextColumn("{task.description:<28}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        Rate(),
        TimeRemainingColumn(),
        console=Console(file=_Listener()),
    )
    # Never started where nobody looks: even a disabled one ends with an empty line.
    with bars if enabled and sys.stderr.isatty() else contextlib.nullcontext():
        yield bars
