"""Whether a pack is the one its manifest describes, who signed it, and how long it may be kept."""

from dataclasses import dataclass
from pathlib import Path

from synth.errors import BadInput
from synth.pack import keys, manifest, signature, strict

SIGNED = "signed"
# problem: what is wrong, and what to do.
_PROBLEMS = {
    "no_manifest": (
        "has no manifest, so nobody signed it",
        "pass --allow-unsigned for a pack written by hand",
    ),
    "altered": (
        "is not the one its manifest describes",
        "copy pack and manifest again, or extract again",
    ),
    "unsigned": ("is unsigned", "have it signed: synth sign PACK --key KEY --officer NAME"),
    "bad_signature": (
        "has a manifest that was changed after it was signed",
        "copy pack and manifest again, or have it signed anew",
    ),
    "expired": ("is past its retention date", "extract a new one; `synth expire` removes this one"),
}


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
        By an officer whose key is trusted here; the signature holds.
    allow_unsigned : bool
        The user asked not to be refused.
    problem : str or None
        Why it is not trusted: ``no_manifest``, ``altered``, ``unsigned``, ``unknown_key``,
        ``bad_signature`` or ``expired``.
    retention_until : str or None
        ISO date.
    officer : str or None
        Who signed, where `is_signed`.
    """

    sha256: str
    has_manifest: bool
    matches_manifest: bool
    is_signed: bool
    allow_unsigned: bool
    problem: str | None = None
    retention_until: str | None = None
    officer: str | None = None

    @property
    def is_trusted(self):
        """Signed by a trusted officer, unaltered, and within its retention date."""
        return self.problem is None

    @property
    def state(self):
        """``signed``, or the problem."""
        return self.problem or SIGNED


def check(path, allow_unsigned=False, *, sha256=None):
    """Check a pack against the manifest beside it.

    Parameters
    ----------
    path : str or pathlib.Path
        The pack.
    allow_unsigned : bool
        Accept it whatever is wrong; the record says what.
    sha256 : str, optional
        Digest of the bytes that the caller has read, so that what is checked is what is used.

    Returns
    -------
    TrustRecord

    Raises
    ------
    BadInput
        Not trusted, and `allow_unsigned` is False.
    """
    path = Path(path)
    if sha256 is None:
        _, sha256 = strict.read(path, what="pack")
    record, cause = examine(path, sha256, allow_unsigned=allow_unsigned)
    if not record.is_trusted and not allow_unsigned:
        if record.problem == "unknown_key":
            text, hint = about_key(manifest.load(manifest.path_of(path))["sign_off"])
        else:
            text, hint = _PROBLEMS[record.problem]
        if record.problem != "no_manifest":
            hint += ", or pass --allow-unsigned if you know why"
        raise BadInput(f"pack {path} {text}", hint=hint, problem=record.problem) from cause
    return record


def examine(path, sha256, *, allow_unsigned=False):
    """Find out about a pack without refusing it.

    Returns
    -------
    record : TrustRecord
    cause : BadInput or None
        Why the manifest could not be read.
    """
    described, cause = None, None
    beside = manifest.path_of(path)
    has_manifest = beside.is_file()
    if has_manifest:
        try:
            described = manifest.load(beside)
        except BadInput as error:
            cause = error
    problem, officer = _problem(described, sha256, has_manifest)
    matches = described is not None and described["pack"]["sha256"] == sha256
    record = TrustRecord(
        sha256=sha256,
        has_manifest=has_manifest,
        matches_manifest=matches,
        is_signed=officer is not None,
        allow_unsigned=allow_unsigned,
        problem=problem,
        retention_until=described["retention_until"] if matches else None,
        officer=officer,
    )
    return record, cause


def sign_off_problem(described):
    """What is wrong with the sign-off of a valid manifest, or None."""
    if described["sign_off"] is None:
        return "unsigned"
    public = keys.trusted_key(described["sign_off"]["officer"])
    if public is None or keys.digest(public) != described["sign_off"]["key_sha256"]:
        return "unknown_key"
    return None if signature.is_valid(described, public) else "bad_signature"


def about_key(sign_off):
    """What is known here of a sign-off whose key is not trusted for its officer.

    The name is under the signature and the key's file says whose it is: a key that signs as
    somebody else is refused, and the name that would do is told.

    Returns
    -------
    text, hint : str
    """
    officer = sign_off["officer"]
    for name, public in keys.trusted().items():
        if keys.digest(public) == sign_off["key_sha256"]:
            return (
                f"is signed as {officer!r} with the key that is trusted here as {name!r}",
                f"have it signed anew with --officer {name!r}, or trust the key as {officer!r}",
            )
    if keys.trusted_key(officer) is not None:
        return (
            f"is signed as {officer!r} with another key than the one trusted here under that name",
            "compare the digests (`synth key list`) with the officer in person",
        )
    return (
        "is signed with a key that is not trusted here",
        "get the officer's public key in person, then: synth key trust NAME.pub",
    )


def _problem(described, sha256, has_manifest):
    """First problem, and the officer where the signature holds."""
    if not has_manifest:
        return "no_manifest", None
    if described is None or described["pack"]["sha256"] != sha256:
        return "altered", None
    problem = sign_off_problem(described)
    if problem:
        return problem, None
    return "expired" if manifest.is_expired(described) else None, described["sign_off"]["officer"]
