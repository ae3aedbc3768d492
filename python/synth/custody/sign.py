"""Sign a pack, and verify one point by point."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from synth import __version__, scan
from synth.custody import facts
from synth.errors import BadInput, GateFailed
from synth.pack import bill as bills
from synth.pack import (
    extracted,
    files,
    keys,
    manifest,
    reader,
    rule,
    signature,
    strict,
    tokens,
    trust,
)

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
        The signed manifest; ``sign_off.not_checked`` names what could not be looked at here.

    Raises
    ------
    BadInput
        No manifest, another pack's manifest, one that extraction did not write, whose gates did
        not all run and pass, or that pack, bill or audit log contradict, past its date, signed
        already, an unusable key.
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
    if problem := manifest.gates_problem(described):
        raise BadInput(f"pack {pack_path} cannot be signed: {problem}", hint="extract it again")
    described = {**described, "sign_off": None}
    reader.from_document(document, sha256=sha256, where=f"pack {pack_path}")
    extracted.check(document, where=f"pack {pack_path}")
    _check_clean("pack", document)
    _check_clean("manifest", described, manifest.digests(described))
    _refuse_other_form(pack_path, document, sha256)
    until, not_checked = _extracted_until(pack_path, document, described)
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
    key = keys.load_private(key_path, ask_passphrase)
    signed = signature.signed(described, key, officer, not_checked)
    manifest.check(signed)
    files.write_all({beside: manifest.dumps(signed)})
    return signed


def _refuse_other_form(pack_path: Path, document: dict, sha256: str) -> None:
    problem = facts.form_problem(pack_path, document, sha256)
    if problem:
        raise BadInput(
            f"pack {pack_path} is not in the form that `synth extract` writes: {problem}",
            hint="nothing was signed; extract it again",
        )


def _extracted_until(
    pack_path: Path, document: dict, described: dict
) -> tuple[str, tuple[str, ...]]:
    """Retention date that the extraction wrote, once the rest is what it wrote.

    The pack knows much of it. The bill beside it knows all, and so does the audit log of where it
    was extracted: either will do, and none may contradict.

    Returns
    -------
    until : str
    not_checked : tuple of str
        What could not be looked at.
    """
    sha256 = described["pack"]["sha256"]
    known, not_checked = [], []
    bill_path = manifest.bill_path_of(pack_path)
    if described["bill"] is not None and bill_path.is_file():
        bill = bills.load(bill_path, described["bill"]["sha256"], sha256)
        known.append(bill.get("retention_until"))
        _refuse_edited(pack_path, facts.edited_of_bill(document, sha256, described, bill))
    else:
        not_checked.append(facts.BILL)
    told = facts.told_by_log(described)
    if told.trouble:
        raise BadInput(f"pack {pack_path} was not signed: {told.trouble}", hint=told.hint)
    if told.details:
        known.append(told.details.get("retention_until"))
        _refuse_edited(pack_path, facts.edited_of_log(described, told.details))
    else:
        not_checked.append(facts.LOG)
    if not all(isinstance(one, str) for one in known):
        raise BadInput(
            f"bill or audit log names no retention date of pack {pack_path}",
            hint="extract it again",
        )
    if len(set(known)) > 1:
        raise BadInput(f"bill and audit log disagree about pack {pack_path}")
    if not known:
        raise BadInput(
            f"nothing here says what `synth extract` wrote of pack {pack_path}",
            hint="put its bill of materials beside it, or sign where it was extracted",
        )
    edited = facts.edited_of_pack(pack_path, document, sha256, described)
    # Said with the date that it should be, by the caller.
    _refuse_edited(pack_path, [name for name in edited if name != "retention_until"])
    latest = manifest.retention_date(described["extracted"]["at"], manifest.RETENTION_DAYS)
    if known[0] > latest:
        raise BadInput(
            f"pack {pack_path} was never to be kept after {latest}", hint="extract it again"
        )
    if described["tool"]["synth"] != __version__:
        not_checked.append(facts.SCAN_COUNT)
    return known[0], tuple(not_checked)


def _refuse_edited(pack_path, names):
    if names:
        raise BadInput(
            f"the manifest of pack {pack_path} was edited since it was extracted: "
            f"{', '.join(names)}",
            hint="nothing was signed; extract it again",
        )


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
    """Check digest, schema, scan, rule, facts, form, signature, dates, salt, bill, log of a pack.

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
    gates = manifest.gates_problem(described)
    yield Point("gates", FAILED if gates else PASSED, gates or _gates_text(described))
    yield _rule(document)
    edited = facts.edited_of_pack(pack_path, document, sha256, described)
    text = f"not as in the pack: {', '.join(edited)}" if edited else "as in the pack"
    yield Point("facts", FAILED if edited else PASSED, text)
    yield _form(pack_path, document, sha256, described)
    yield from _signature(described)
    expired = manifest.is_expired(described)
    yield Point("retention", FAILED if expired else PASSED, f"until {described['retention_until']}")
    yield _salt(described["tokenisation"]["salt_fingerprint"])
    yield _bill(manifest.bill_path_of(pack_path), document, described, sha256)
    yield _log(described)


def _rule(document: dict) -> Point:
    release = rule.of(document.get("privacy"))
    is_good = release["rule"] == rule.EXACT or rule.is_written(release)
    text = rule.words(release) if is_good else "none that `synth extract` writes"
    return Point("rule", PASSED if is_good else FAILED, text)


def _form(pack_path: Path, document: dict, sha256: str, described: dict) -> Point:
    problem = facts.form_problem(pack_path, document, sha256)
    if problem:
        return Point("form", FAILED, f"of the pack: {problem}")
    if manifest.path_of(pack_path).read_bytes() != manifest.dumps(described):
        return Point("form", FAILED, "of the manifest: blanks or order of keys are not ours")
    return Point("form", PASSED, "as `synth extract` writes it")


def _log(described: dict) -> Point:
    told = facts.told_by_log(described)
    if told.trouble:
        return Point("log", FAILED if told.is_contradiction else NOT_CHECKED, told.trouble)
    if told.details is None:
        return Point("log", NOT_CHECKED, "it was not extracted by the audit log here")
    edited = facts.edited_of_log(described, told.details)
    if edited:
        return Point("log", FAILED, f"the manifest was edited since: {', '.join(edited)}")
    return Point("log", PASSED, "its line of the extraction is in the audit log here")


def _gates_text(described: dict) -> str:
    gates = described["gates"]
    return f"all {gates['n_expected']} ran and passed, their names {gates['sha256'][:12]}"


def _signature(described: dict) -> Iterator[Point]:
    problem = trust.sign_off_problem(described)
    sign_off = described["sign_off"]
    if problem == "unknown_key":
        text, _ = trust.about_key(sign_off)
        yield Point("signature", FAILED, f"it {text} ({keys.trusted_directory()})")
        return
    if problem:
        texts = {
            "unsigned": "nobody signed",
            "bad_signature": "the manifest was changed after it was signed",
        }
        yield Point("signature", FAILED, texts[problem])
        return
    text = f"by {sign_off['officer']} at {sign_off['at']}, key {sign_off['key_sha256'][:12]}"
    yield Point("signature", PASSED, text)
    if missing := sign_off.get("not_checked"):
        listed = "; ".join(facts.WORDS[name] for name in missing)
        yield Point("sign-off", NOT_CHECKED, f"signed without looking at {listed}")


def _salt(fingerprint):
    try:
        own = tokens.from_environment().fingerprint()
    except BadInput:
        return Point("salt", NOT_CHECKED, f"{tokens.SALT_VARIABLE} is not set here")
    if own == fingerprint:
        return Point("salt", PASSED, "its fingerprint is that of the salt set here")
    return Point("salt", FAILED, "its fingerprint is of another salt than the one set here")


def _bill(path: Path, document: dict, described: dict, pack_sha256: str) -> Point:
    named = described["bill"]
    if named is None:
        return Point("bill", NOT_CHECKED, "the manifest names none")
    if not path.is_file():
        return Point("bill", NOT_CHECKED, "it stayed inside the boundary")
    try:
        bill = bills.load(path, named["sha256"], pack_sha256)
        edited = facts.edited_of_bill(document, pack_sha256, described, bill)
    except BadInput as error:
        return Point("bill", FAILED, error.message)
    if edited:
        return Point("bill", FAILED, f"manifest or bill was edited since: {', '.join(edited)}")
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
