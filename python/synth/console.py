"""What a person or a script sees: results on stdout, everything else on stderr."""

import contextlib
import errno
import json
import os
import stat
import sys
from collections.abc import Callable
from typing import TextIO

from synth.errors import DatabaseError

SCHEMA_VERSION = "1.0"


class _Stream:
    """A standard stream whose reader may go away.

    A terminal that was closed, or a pipe that nobody reads, is no reason to leave a run unfinished.

    Parameters
    ----------
    stream : typing.TextIO
    is_result : bool
        What it takes is the result: a disk that is full is an error then.
    """

    def __init__(self, stream: TextIO, is_result: bool) -> None:
        self._stream = stream
        self._is_result = is_result

    def __getattr__(self, name: str) -> object:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        self._try(self._stream.write, text)
        # At once, so that the command fails and not the end of the process.
        self.flush()
        return len(text)

    def flush(self) -> None:
        self._try(self._stream.flush)

    def _try(self, action: Callable, *arguments: str) -> None:
        try:
            action(*arguments)
        except OSError as error:
            number = self._stream.fileno()
            # A disk may fail with EIO, too.
            is_gone = error.errno == errno.EPIPE or (
                error.errno == errno.EIO and stat.S_ISCHR(os.fstat(number).st_mode)
            )
            # What is still in its buffer would fail again when the process ends.
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, number)
            os.close(nowhere)
            if self._is_result and not is_gone:
                raise DatabaseError(
                    f"cannot write the result: {error.strerror}", hint="send it elsewhere"
                ) from error


def secure_streams() -> None:
    """Let the standard streams bear a reader that goes away, or that was never there.

    A stream that the caller closed would give its number to the next file or connection.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        stream = getattr(sys, name)
        if stream is None:
            opened = os.open(os.devnull, os.O_RDWR)
            os.dup2(opened, number)
            if opened != number:
                os.close(opened)
            stream = open(number, "w" if number else "r", closefd=False)  # noqa: SIM115
        if number and not isinstance(stream, _Stream):
            stream = _Stream(stream, is_result=number == 1)
        setattr(sys, name, stream)


def result(text):
    """Write a result line to stdout."""
    sys.stdout.write(text.rstrip("\n") + "\n")


def document(payload):
    """Write the one JSON document of a ``--json`` call to stdout."""
    body = {"schema_version": SCHEMA_VERSION, **payload}
    sys.stdout.write(json.dumps(body, indent=2, allow_nan=False, default=str) + "\n")


def note(text):
    """Write a line about what is going on to stderr."""
    sys.stderr.write(text.rstrip("\n") + "\n")


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
        console=Console(file=sys.stderr),
    )
    # Never started where nobody looks: even a disabled one ends with an empty line.
    with bars if enabled and sys.stderr.isatty() else contextlib.nullcontext():
        yield bars
