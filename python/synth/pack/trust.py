"""Whether a pack is the one its manifest describes, and whether somebody signed it."""

from dataclasses import dataclass
from pathlib import Path

from synth import console
from synth.errors import BadInput
from synth.pack import manifest, strict


@dataclass(frozen=True)
class TrustRecord:
    """What was found out; commands record it beside what they made from the pack.

    Attributes
    ----------
    sha256 : str
        Of the pack's bytes.
    has_manifest : bool
    matches_manifest : bool
        The manifest is valid and names this very pack.
    is_signed : bool
    allow_unsigned : bool
        The user asked not to be warned or refused.
    """

    sha256: str
    has_manifest: bool
    matches_manifest: bool
    is_signed: bool
    allow_unsigned: bool


def check(path, allow_unsigned=False):
    """Check a pack against the manifest beside it.

    Parameters
    ----------
    path : str or pathlib.Path
        The pack.
    allow_unsigned : bool
        Accept an unsigned pack silently, and even one that its manifest does not match.

    Returns
    -------
    TrustRecord

    Raises
    ------
    BadInput
        The manifest is invalid or belongs to another pack, and `allow_unsigned` is False.
    """
    path = Path(path)
    _, digest = strict.read(path, what="pack")
    beside = manifest.path_of(path)
    has_manifest = beside.is_file()
    described, problem = None, None
    if has_manifest:
        try:
            described = manifest.load(beside)
        except BadInput as error:
            problem = error
    matches = described is not None and described["pack"]["sha256"] == digest
    if has_manifest and not matches and not allow_unsigned:
        raise BadInput(
            f"pack {path} is not the one its manifest {beside.name} describes",
            hint="extract it again, or pass --allow-unsigned if you know why",
        ) from problem
    record = TrustRecord(
        sha256=digest,
        has_manifest=has_manifest,
        matches_manifest=matches,
        is_signed=matches and described["sign_off"] is not None,
        allow_unsigned=allow_unsigned,
    )
    if not record.is_signed and not allow_unsigned:
        why = "its manifest has no sign-off" if has_manifest else "it has no manifest"
        console.note(f"synth: pack {path.name} is unsigned ({why}); accepted")
    return record
