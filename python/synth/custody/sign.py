"""Sign a pack, and verify one point by point."""

from dataclasses import dataclass
from pathlib import Path

from synth import scan
from synth.errors import BadInput, GateFailed
from synth.pack import bill as bills
from synth.pack import files, keys, manifest, reader, signature, strict, tokens, trust

PASSED, FAILED, NOT_CHECKED = "ok", "FAILED", "not checked"


@dataclass(frozen=True)
class Point:
    """One thing that was verified: ``name``, ``result`` and what was found."""

    name: str
    result: str
    text: str


def sign(pack_path, key_path, officer, ask_passphrase, *, replace=False):
    """Sign the manifest of a pack, after looking at all of it again.

    Parameters
    ----------
    pack_path, key_path : path-like
    officer : str
    ask_passphrase : callable
    replace : bool
        Replace an earlier sign-off.

    Returns
    -------
    dict
        The signed manifest.

    Raises
    ------
    BadInput
        No manifest, another pack's manifest, past its date, signed already, an unusable key.
    GateFailed
        Pack or manifest does not scan clean.
    """
    pack_path = Path(pack_path)
    keys.check_officer(officer)
    document, sha256 = strict.read(pack_path, what="pack")
    if manifest.is_one(document):
        raise BadInput(f"{pack_path} is a manifest", hint="name the pack: its manifest lies beside")
    beside = manifest.path_of(pack_path)
    if not beside.is_file():
        raise BadInput(
            f"pack {pack_path} has no manifest {beside.name}",
            hint="only what `synth extract` wrote can be signed",
        )
    described = manifest.load(beside)
    if described["pack"]["sha256"] != sha256:
        raise BadInput(
            f"pack {pack_path} is not the one its manifest describes", hint="extract it again"
        )
    if manifest.is_expired(described):
        raise BadInput(
            f"pack {pack_path} is past its retention date, {described['retention_until']}",
            hint="extract a new one",
        )
    if described["sign_off"] is not None and not replace:
        raise BadInput(f"pack {pack_path} is signed already", hint="--replace signs it anew")
    described = {**described, "sign_off": None}
    reader.from_document(document, sha256=sha256, where=f"pack {pack_path}")
    _check_clean("pack", document)
    _check_clean("manifest", described, manifest.digests(described))
    bill_path = manifest.bill_path_of(pack_path)
    if described["bill"] is not None and bill_path.is_file():
        bills.load(bill_path, described["bill"]["sha256"], sha256)
    signed = signature.signed(described, keys.load_private(key_path, ask_passphrase), officer)
    manifest.check(signed)
    files.write_all({beside: manifest.dumps(signed)})
    return signed


def verify(pack_path):
    """Check digest, schema, scan, signature, retention date, salt and bill of a pack.

    Parameters
    ----------
    pack_path : path-like

    Returns
    -------
    points : list of Point
    record : synth.pack.trust.TrustRecord

    Raises
    ------
    BadInput
        The file is no pack at all.
    """
    pack_path = Path(pack_path)
    document, sha256 = strict.read(pack_path, what="pack")
    if manifest.is_one(document):
        raise BadInput(f"{pack_path} is a manifest", hint="name the pack: its manifest lies beside")
    reader.from_document(document, sha256=sha256, where=f"pack {pack_path}")
    record, cause = trust.examine(pack_path, sha256)
    points = []
    if not record.has_manifest:
        points.append(Point("manifest", FAILED, "there is none beside the pack"))
    elif cause is not None:
        points.append(Point("manifest", FAILED, str(cause.message)))
    else:
        described = manifest.load(manifest.path_of(pack_path))
        points.append(Point("manifest", PASSED, "the closed schema holds"))
        points += _points(pack_path, document, sha256, described)
    return points, record


def _points(pack_path, document, sha256, described):
    matches = described["pack"]["sha256"] == sha256
    yield Point("digest", PASSED if matches else FAILED, f"of the pack, {sha256[:12]}")
    findings = [
        *scan.scan(document).findings,
        *scan.scan(described, digests=manifest.digests(described)).findings,
    ]
    yield Point("scan", FAILED if findings else PASSED, f"{len(findings)} findings")
    yield _signature(described)
    expired = manifest.is_expired(described)
    yield Point("retention", FAILED if expired else PASSED, f"until {described['retention_until']}")
    yield _salt(described["tokenisation"]["salt_fingerprint"])
    yield _bill(manifest.bill_path_of(pack_path), described["bill"], sha256)


def _signature(described):
    problem = trust.sign_off_problem(described)
    sign_off = described["sign_off"]
    texts = {
        "unsigned": "nobody signed",
        "unknown_key": f"the key is not trusted here ({keys.trusted_directory()})",
        "bad_signature": "the manifest was changed after it was signed",
    }
    if problem:
        return Point("signature", FAILED, texts[problem])
    text = f"by {sign_off['officer']} at {sign_off['at']}, key {sign_off['key_sha256'][:12]}"
    return Point("signature", PASSED, text)


def _salt(fingerprint):
    try:
        own = tokens.from_environment().fingerprint()
    except BadInput:
        return Point("salt", NOT_CHECKED, f"{tokens.SALT_VARIABLE} is not set here")
    if own == fingerprint:
        return Point("salt", PASSED, "its fingerprint is that of the salt set here")
    return Point("salt", FAILED, "its fingerprint is of another salt than the one set here")


def _bill(path, named, pack_sha256):
    if named is None:
        return Point("bill", NOT_CHECKED, "the manifest names none")
    if not path.is_file():
        return Point("bill", NOT_CHECKED, "it stayed inside the boundary")
    try:
        bills.load(path, named["sha256"], pack_sha256)
    except BadInput as error:
        return Point("bill", FAILED, error.message)
    return Point("bill", PASSED, f"of materials, {named['sha256'][:12]}")


def _check_clean(what, document, digests=()):
    findings = scan.scan(document, digests=digests).findings
    if findings:
        raise GateFailed(
            f"the {what} does not scan clean: {len(findings)} findings, the first at "
            f"{findings[0].path} ({findings[0].kind})",
            hint="nothing was signed; `synth scan` lists them",
            findings=findings,
        )
