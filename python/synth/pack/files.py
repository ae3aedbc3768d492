"""Write files that belong together so that there are all or none."""

import os
from pathlib import Path

from synth.errors import DatabaseError


def write_all(contents, *, mode=0o666, private=()):
    """Write files of one directory: every content first, then the names.

    Parameters
    ----------
    contents : dict
        ``{path: bytes}``; earlier files of these names are replaced. The pack goes last: killed
        in between, a new manifest beside an old pack does not match it, so the old one is
        refused instead of passing for the new.
    mode : int
        Permissions of the new files, before the umask.
    private : collection
        Paths that only their owner may read.

    Raises
    ------
    DatabaseError
        No space or no permission; nothing is left behind.
    """
    finals = [Path(path) for path in contents]
    drafts = [path.with_name(f".{path.name}.part") for path in finals]
    try:
        for path, draft, content in zip(contents, drafts, contents.values(), strict=True):
            _write(draft, content, 0o600 if path in private else mode)
        for draft, final in zip(drafts, finals, strict=True):
            os.replace(draft, final)
        _sync_directory(finals[0].parent)
    except OSError as error:
        for draft in drafts:
            draft.unlink(missing_ok=True)
        raise DatabaseError(
            f"cannot write to {finals[0].parent}: {error.strerror}",
            hint="free some space or choose another --output; nothing was exported",
        ) from error


def _write(path, content, mode):
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _sync_directory(path):
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
