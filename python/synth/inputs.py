"""Files that a user names: opened without waiting, of bounded size, as UTF-8 without a BOM.

A pipe, a device or a socket is refused before it is opened, since reading one may never end. What
a file holds is judged in time that grows with its size and no faster.
"""

import codecs
import contextlib
import csv
import io
import json
import os
import stat
from collections.abc import Iterator
from typing import BinaryIO

from synth.errors import BadInput

MEBIBYTE = 2**20
MAX_DEPTH = 12
# Configuration is written by hand, and its parser is slow.
_MAX_YAML = 64 * 2**10
# Characters and nodes of a YAML file whose anchors are written out.
_MAX_WRITTEN_OUT = 2**20
_MAX_TABLE = 4 * MEBIBYTE
_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_OTHERS = (
    (stat.S_ISDIR, "a directory"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)

Pathlike = str | os.PathLike[str]


@contextlib.contextmanager
def opened(path: Pathlike, what: str) -> Iterator[BinaryIO]:
    """Open a regular file for reading; links are followed.

    Parameters
    ----------
    path
    what
        Names the file in errors, for example ``pack``.

    Yields
    ------
    BinaryIO

    Raises
    ------
    BadInput
        Absent, not permitted, or a directory, pipe, device or socket.
    """
    try:
        check_kind(os.stat(path), path, what)
        # Another file may have taken its place: O_NONBLOCK does not wait for a pipe's writer.
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise _unreadable(error, path, what) from error
    with os.fdopen(handle, "rb") as stream:
        check_kind(os.fstat(handle), path, what)
        yield stream


def check_kind(found: os.stat_result, path: Pathlike, what: str) -> None:
    """Refuse whatever is no regular file.

    Raises
    ------
    BadInput
    """
    if stat.S_ISREG(found.st_mode):
        return
    kind = next((name for test, name in _OTHERS if test(found.st_mode)), "something else")
    raise BadInput(f"{what} {path} is {kind}, expected a file", hint="name a regular file")


def read_bytes(path: Pathlike, what: str, *, limit: int) -> bytes:
    """Read a whole regular file of at most `limit` bytes.

    Raises
    ------
    BadInput
        See `opened`; or it is larger.
    """
    with opened(path, what) as stream:
        try:
            content = stream.read(limit + 1) or b""
        except OSError as error:
            raise _unreadable(error, path, what) from error
    if len(content) > limit:
        size = f"{limit // MEBIBYTE} MiB" if limit >= MEBIBYTE else f"{limit // 2**10} KiB"
        raise BadInput(f"{what} {path} is larger than {size}", hint=f"is it the {what} you meant?")
    return content


def read_text(path: Pathlike, what: str, *, limit: int) -> str:
    """Read a whole text file.

    Raises
    ------
    BadInput
        See `read_bytes` and `text`.
    """
    return text(read_bytes(path, what, limit=limit), where=f"{what} {path}")


def text(content: bytes, *, where: str) -> str:
    """Decode UTF-8.

    Parameters
    ----------
    content
    where
        Starts the error message.

    Raises
    ------
    BadInput
        It begins with a byte order mark, or is not UTF-8.
    """
    check_no_mark(content, where=where)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadInput(f"{where} is not UTF-8 text (byte {error.start})") from None


def check_no_mark(content: bytes, *, where: str) -> None:
    """Refuse a text that begins with a byte order mark, as some editors and Excel write it.

    Raises
    ------
    BadInput
    """
    if content.startswith(_MARKS):
        raise BadInput(
            f"{where} begins with a byte order mark", hint="save it as UTF-8 without BOM"
        )


def parse_json(content: bytes, *, where: str, max_depth: int = MAX_DEPTH) -> object:
    """Parse strict JSON: no duplicate key, no NaN or Infinity, at most `max_depth` levels.

    Parameters
    ----------
    content
    where
        Starts every error message.
    max_depth

    Raises
    ------
    BadInput
    """
    try:
        document = json.loads(
            text(content, where=where), object_pairs_hook=_unique, parse_constant=_refuse_constant
        )
    except json.JSONDecodeError as error:
        raise BadInput(f"{where} is not JSON (line {error.lineno}, column {error.colno})") from None
    except _DuplicateKeyError:
        raise BadInput(f"{where} has an object with a duplicate key") from None
    except RecursionError:
        raise BadInput(f"{where} is nested deeper than {max_depth} levels") from None
    except ValueError:
        # NaN, Infinity, or an integer of thousands of digits.
        raise BadInput(f"{where} holds a number that is not finite or too long") from None
    _check_depth(document, where, max_depth)
    return document


def load_yaml(path: Pathlike, what: str) -> object:
    """Read a YAML file that a person wrote.

    Raises
    ------
    BadInput
        See `read_text`; it is no YAML, or its anchors repeat one another without end.
    """
    import yaml

    content = read_text(path, what, limit=_MAX_YAML)
    try:
        loader = yaml.SafeLoader(content)
        node = loader.get_single_node()
        if _written_out(node, {}) > _MAX_WRITTEN_OUT:
            raise BadInput(
                f"{what} {path} is too large once its anchors are written out",
                hint="write it with fewer anchors",
            )
        return None if node is None else loader.construct_document(node)
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        # ValueError: a date that does not exist, a number of thousands of digits.
        place = getattr(error, "problem_mark", None)
        where = f" (line {place.line + 1})" if place else ""
        raise BadInput(f"{what} {path} is not readable YAML{where}") from error


def read_table(path: Pathlike, what: str) -> list[dict[str, str]]:
    """Read a CSV file with a header line, such as a seed.

    Returns
    -------
    list of dict
        A row each, by column.

    Raises
    ------
    BadInput
        See `read_text`; it is no CSV, or a line has more or fewer fields than the header.
    """
    rows = numbered_rows(path, what)
    _, header = next(rows, (1, []))
    return [dict(zip(header, fields, strict=True)) for _, fields in rows]


def table_columns(path: Pathlike, what: str) -> list[str]:
    """The header line of a CSV file."""
    return next(numbered_rows(path, what), (1, []))[1]


def numbered_rows(path: Pathlike, what: str) -> Iterator[tuple[int, list[str]]]:
    """Lines of a CSV file, the header first: number and fields, as many as the header has.

    Raises
    ------
    BadInput
        See `read_table`.
    """
    content = read_text(path, what, limit=_MAX_TABLE)
    reader = csv.reader(io.StringIO(content, newline=""), strict=True)
    n_columns = None
    try:
        for fields in reader:
            n_columns = n_columns or len(fields)
            if len(fields) != n_columns:
                raise BadInput(
                    f"{what} {path}, line {reader.line_num}: expected {n_columns} fields, "
                    f"got {len(fields)}",
                    hint="a text with a comma stands in double quotes",
                )
            yield reader.line_num, fields
    except csv.Error as error:
        raise BadInput(
            f"{what} {path} cannot be read as CSV (line {reader.line_num})", hint="correct it"
        ) from error


def _unreadable(error: OSError, path: Pathlike, what: str) -> BadInput:
    reason = error.strerror or type(error).__name__
    return BadInput(f"{what} {path} cannot be read: {reason}")


def _written_out(node: object, known: dict[int, float]) -> float:
    """Size of a YAML node with every anchor written out; infinite where one holds itself."""
    import yaml

    if id(node) in known:
        return known[id(node)]
    known[id(node)] = float("inf")
    size, children = 1, []
    if isinstance(node, yaml.ScalarNode):
        size += len(node.value)
    elif isinstance(node, yaml.MappingNode):
        children = [part for pair in node.value for part in pair]
    elif isinstance(node, yaml.SequenceNode):
        children = node.value
    known[id(node)] = size + sum(_written_out(child, known) for child in children)
    return known[id(node)]


class _DuplicateKeyError(ValueError):
    pass


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _DuplicateKeyError
    return found


def _refuse_constant(name: str) -> object:
    raise ValueError(name)


def _check_depth(document: object, where: str, max_depth: int) -> None:
    level, depth = [document], 0
    while level := [node for node in level if isinstance(node, dict | list)]:
        depth += 1
        if depth > max_depth:
            raise BadInput(f"{where} is nested deeper than {max_depth} levels")
        level = [
            child for node in level for child in (node.values() if isinstance(node, dict) else node)
        ]
