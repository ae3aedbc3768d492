"""Sign a pack, and verify one point by point."""

import json
from dataclasses import dataclass
from pathlib import Path

from synth import scan
from synth.audit import log
from synth.errors import BadInput, GateFailed
from synth.pack import bill as bills
from synth.pack import extracted, files, keys, manifest, reader, signature, strict, tokens, trust

PASSED, FAILED, NOT_CHECKED = "ok", "FAILED", "not checked"


@dataclass(frozen=True)
class Point:
    """One thing that was verified: ``name``, ``result`` and what was found."""

    name: str
    result: str
    text: str


def sign(pack_path, key_path, officer, ask_passphrase, *, replace=False, retention_days=None):
    """Sign the manifest of a pack, after looking at all of it again.

    Parameters
    ----------
    pack_path, key_path : path-like
    officer : str
    ask_passphrase : callable
    replace : bool
        Replace an earlier sign-off.
    retention_days : int, optional
        Keep it for no longer than that, counted from the extraction.

    Returns
    -------
    dict
        The signed manifest.

    Raises
    ------
    BadInput
        No manifest, another pack's manifest, one that extraction did not write, past its date,
        signed already, an unusable key.
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
    if described["sign_off"] is not None and not replace:
        raise BadInput(f"pack {pack_path} is signed already", hint="--replace signs it anew")
    described = {**described, "sign_off": None}
    reader.from_document(document, sha256=sha256, where=f"pack {pack_path}")
    extracted.check(document, where=f"pack {pack_path}")
    _check_clean("pack", document)
    _check_clean("manifest", described, manifest.digests(described))
    until = _extracted_until(pack_path, described)
    if retention_days is not None:
        until = _shortened(described, until, retention_days)
    elif described["retention_until"] != until:
        raise BadInput(
            f"the manifest of pack {pack_path} was edited since it was extracted: retention_until",
            hint=f"it was extracted to be kept until {until}; --retention-days shortens that",
        )
    described["retention_until"] = until
    if manifest.is_expired(described):
        raise BadInput(
            f"pack {pack_path} is past its retention date, {described['retention_until']}",
            hint="extract a new one",
        )
    signed = signature.signed(described, keys.load_private(key_path, ask_passphrase), officer)
    manifest.check(signed)
    files.write_all({beside: manifest.dumps(signed)})
    return signed


def _extracted_until(pack_path, described):
    """Retention date that the extraction wrote, once the rest of the manifest is what it wrote.

    The bill beside the pack knows, and so does the audit log of where it was extracted: either
    will do, and none may contradict.
    """
    known = []
    bill_path = manifest.bill_path_of(pack_path)
    if described["bill"] is not None and bill_path.is_file():
        bill = bills.load(bill_path, described["bill"]["sha256"], described["pack"]["sha256"])
        known.append(bill.get("retention_until"))
        _refuse_edited(pack_path, _edited(bill, described))
    told = _told_by_log(described["pack"]["sha256"])
    if told:
        known.append(told["retention_until"])
        is_bill_same = described["bill"] == {"sha256": told["bill_sha256"]}
        is_rest_same = told.get("manifest_sha256") == manifest.facts_digest(described)
        edited = ([] if is_bill_same else ["bill"]) + ([] if is_rest_same else ["its facts"])
        _refuse_edited(pack_path, edited)
    if len(set(known)) > 1:
        raise BadInput(f"bill and audit log disagree about pack {pack_path}")
    if not known:
        raise BadInput(
            f"nothing here says what `synth extract` wrote of pack {pack_path}",
            hint="put its bill of materials beside it, or sign where it was extracted",
        )
    return known[0]


def _edited(bill, described):
    """Parts of a manifest that are not as the bill has them."""
    then, now = bill.get("manifest"), manifest.facts(described)
    if not isinstance(then, dict):
        return ["its facts"]
    # As text: for Python 7.0 is 7, and another manifest for a signature.
    return sorted(
        name
        for name in then.keys() | now.keys()
        if json.dumps(then.get(name), sort_keys=True) != json.dumps(now.get(name), sort_keys=True)
    )


def _refuse_edited(pack_path, names):
    if names:
        raise BadInput(
            f"the manifest of pack {pack_path} was edited since it was extracted: "
            f"{', '.join(names)}",
            hint="nothing was signed; extract it again",
        )


def _told_by_log(sha256):
    """Details of the extraction of a pack, where it happened here."""
    told = [
        record["details"]
        for record in log.records()
        if record["command"] == "extract"
        and record["exit_code"] == 0
        and record["details"].get("pack_sha256") == sha256
    ]
    return told[-1] if told else None


def _shortened(described, until, days):
    asked = manifest.retention_date(described["extracted"]["at"], days)
    if asked > until:
        raise BadInput(
            f"--retention-days {days} is until {asked}, but it was extracted to be kept until "
            f"{until}",
            hint="a retention date is only ever shortened",
        )
    return asked


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
    yield _bill(manifest.bill_path_of(pack_path), described, sha256)


def _signature(described):
    problem = trust.sign_off_problem(described)
    sign_off = described["sign_off"]
    if problem == "unknown_key":
        text, _ = trust.about_key(sign_off)
        return Point("signature", FAILED, f"it {text} ({keys.trusted_directory()})")
    if problem:
        texts = {
            "unsigned": "nobody signed",
            "bad_signature": "the manifest was changed after it was signed",
        }
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


def _bill(path, described, pack_sha256):
    named = described["bill"]
    if named is None:
        return Point("bill", NOT_CHECKED, "the manifest names none")
    if not path.is_file():
        return Point("bill", NOT_CHECKED, "it stayed inside the boundary")
    try:
        edited = _edited(bills.load(path, named["sha256"], pack_sha256), described)
    except BadInput as error:
        return Point("bill", FAILED, error.message)
    if edited:
        return Point("bill", FAILED, f"the manifest was edited since: {', '.join(edited)}")
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
