"""The one form in which `synth extract` writes a pack: no other spelling can hide anything."""

from synth.pack import strict, writer
from synth.pack.model import Pack


def content(pack: Pack, n_suppressed: int | None) -> bytes:
    """A pack as the writer writes it: order of keys, spelling of numbers, blanks.

    Parameters
    ----------
    pack : Pack
        As read.
    n_suppressed : int or None
        As the pack says it: of several cells of one figure a reader sees one.
    """
    document = writer.document(pack.rows, pack.meta)
    document["privacy"]["n_suppressed"] = n_suppressed
    return writer.dumps(document)


def problem(pack: Pack, document: dict, sha256: str) -> str | None:
    """Why a pack is not what `synth extract` writes, or None.

    Parameters
    ----------
    pack : Pack
        Read from `document`.
    document : dict
    sha256 : str
        Of the file.
    """
    if _has_whole_fraction(document):
        return "whole numbers are written as fractions"
    claimed = document.get("privacy", {}).get("n_suppressed")
    seen = sum(row.is_suppressed for row in pack.rows)
    if claimed is None or claimed < seen or (claimed and not seen):
        return "its privacy.n_suppressed is not what it leaves out"
    if strict.digest(content(pack, claimed)) != sha256:
        return "blanks, order of keys, spelling of numbers or missing keys are not the writer's"
    return None


def _has_whole_fraction(node: object) -> bool:
    """Whether a number such as 20.0 is anywhere, which the writer writes as 20."""
    if isinstance(node, dict | list):
        below = node.values() if isinstance(node, dict) else node
        return any(map(_has_whole_fraction, below))
    return isinstance(node, float) and node.is_integer()
