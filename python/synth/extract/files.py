"""Write pack and manifest so that there are both or none."""

import os
from pathlib import Path

from synth.errors import DatabaseError


def write_both(pack_path, pack, manifest_path, manifest):
    """Write two files: content first, then the two names.

    Parameters
    ----------
    pack_path, manifest_path : pathlib.Path
        In one directory; earlier files of these names are replaced.
    pack, manifest : bytes

    Raises
    ------
    DatabaseError
        No space or no permission; nothing is left behind.
    """
    finals = [Path(manifest_path), Path(pack_path)]
    drafts = [path.with_name(f".{path.name}.part") for path in finals]
    try:
        for draft, content in zip(drafts, (manifest, pack), strict=True):
            _write(draft, content)
        # The manifest first: killed in between, a new manifest beside an old pack does not
        # match it, so the old one is refused instead of passing for the new.
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


def _write(path, content):
    with path.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _sync_directory(path):
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
