"""Whether others can replace a file: who owns and who may write each directory on the way to it.

As `sshd` does it for keys (StrictModes), but along links, too.
"""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from synth.errors import BadInput

_MOST_LINKS = 40


def check(path: str | os.PathLike[str]) -> None:
    """Refuse a file or directory that somebody else can write, or put another one in its place.

    Parameters
    ----------
    path
        It exists.

    Raises
    ------
    BadInput
        A part of the path, or of a link on it, belongs to another user than root and oneself, or
        group or others may write it. A directory in which all may write, but each only remove what
        is theirs (``/tmp``), will do on the way, not as the end.
    """
    parts = list(_parts(Path(path)))
    for position, (part, found) in enumerate(parts, start=1):
        if found.st_uid not in (0, os.geteuid()):
            raise BadInput(
                f"{path} is not safe: {part} belongs to another user",
                hint=f"chown {os.geteuid()} {part}, or keep it elsewhere",
            )
        if stat.S_ISLNK(found.st_mode) or not found.st_mode & 0o022:
            continue
        is_last = position == len(parts)
        if is_last or not (stat.S_ISDIR(found.st_mode) and found.st_mode & stat.S_ISVTX):
            raise BadInput(
                f"{path} is not safe: other users can write {part}", hint=f"chmod go-w {part}"
            )


def _parts(path: Path) -> Iterator[tuple[str, os.stat_result]]:
    """Every directory, link and file that is passed on the way, the end last."""
    left = list(reversed(Path(os.path.abspath(path)).parts[1:]))
    here = "/"
    yield here, _looked_at(here)
    n_links = 0
    while left:
        name = left.pop()
        if name == "..":
            here = os.path.dirname(here)
            continue
        place = os.path.join(here, name)
        found = _looked_at(place)
        yield place, found
        if not stat.S_ISLNK(found.st_mode):
            here = place
            continue
        n_links += 1
        if n_links > _MOST_LINKS:
            raise BadInput(f"{path} has too many links", hint="name the file itself")
        target = os.readlink(place)
        if os.path.isabs(target):
            here = "/"
        left += [part for part in reversed(target.split("/")) if part not in ("", ".")]


def _looked_at(path: str) -> os.stat_result:
    try:
        return os.lstat(path)
    except OSError as error:
        raise BadInput(f"{path} cannot be looked at: {error.strerror}") from error
