"""Files that a command leaves behind: there is a whole one or none."""

import os
from pathlib import Path

from synth.errors import BadInput, DatabaseError


def check_writable(path, option="--output", example="report.json"):
    """Refuse an output that cannot be written before any work is done.

    Parameters
    ----------
    path : str or pathlib.Path
    option : str
        Option that named the path, for the message.
    example : str
        A file name that would do.

    Raises
    ------
    BadInput
        The directory is missing, or the path is no file.
    """
    path = Path(path)
    if path.exists() and not path.is_file():
        # Replacing a device or a pipe by a file would destroy it.
        raise BadInput(f"{option} {path} is not a file", hint=f"name a file, such as {example}")
    if not path.resolve().parent.is_dir():
        raise BadInput(f"the directory of {option} {path} does not exist", hint="create it first")


def directory(path, option="--output"):
    """Make the directory that files are to go to, and check that it takes them.

    Parameters
    ----------
    path : str or pathlib.Path
    option : str
        Option that named the path, for the message.

    Returns
    -------
    pathlib.Path

    Raises
    ------
    BadInput
        It is a file.
    DatabaseError
        It cannot be made or written.
    """
    path = Path(path)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise BadInput(f"{option} {path} is not a directory") from error
    except OSError as error:
        raise DatabaseError(f"cannot make {path}: {error.strerror}") from error
    if not os.access(path, os.W_OK | os.X_OK):
        raise DatabaseError(f"cannot write to {path}: permission denied")
    return path


def write_text(path, text, *, option="--output"):
    """Write a text file so that there is a whole one or none.

    Parameters
    ----------
    path : str or pathlib.Path
    text : str
    option : str
        Option that named the path, for the message.

    Raises
    ------
    DatabaseError
        No space or no permission; nothing is left behind.
    """
    path = Path(path)
    draft = path.with_name(f".{path.name}.part")
    try:
        with draft.open("w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(draft, path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise DatabaseError(
            f"cannot write {path}: {error.strerror}",
            hint=f"free some space or choose another {option}",
        ) from error
