"""What a manifest says, against everything that knows it: the pack, the bill, the audit log."""

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from synth import __version__, scan
from synth.audit import check, log
from synth.errors import BadInput
from synth.pack import bill as bills
from synth.pack import canonical, manifest, reader, writer

LOG, BILL, SCAN_COUNT = "log", "bill", "scan_count"
WORDS = {
    LOG: "the audit log of where it was extracted, which is not here",
    BILL: "the bill of materials, which is not here",
    SCAN_COUNT: "how much the scan looked at, since another version of synth extracted it",
}
# Clocks of two machines may differ.
_SKEW = timedelta(days=1)
_TIME = "%Y-%m-%dT%H:%M:%SZ"


def edited_of_pack(path: Path, document: dict, sha256: str, described: dict) -> list[str]:
    """Facts of a manifest that are not the pack's.

    Parameters
    ----------
    path : pathlib.Path
        Of the pack.
    document : dict
        The pack.
    sha256 : str
        Of its file.
    described : dict
        A valid manifest.

    Returns
    -------
    list of str
        As ``window.days``.
    """
    told, extracted = document.get("privacy", {}), described["extracted"]["at"]
    expected = {
        "pack.sha256": (described["pack"]["sha256"], sha256),
        "pack.file": (described["pack"]["file"], path.name),
        "extracted.at": (extracted, document.get("extracted_at")),
        "window.as_of": (described["window"]["as_of"], document.get("as_of")),
        "window.days": (described["window"]["days"], document.get("sample_window_days")),
        "privacy.k": (described["privacy"]["k"], told.get("k")),
        "privacy.n_suppressed": (described["privacy"]["n_suppressed"], told.get("n_suppressed")),
        "privacy.release": (described["privacy"].get("release"), told.get("release")),
    }
    if described["pack"]["sha256"] == sha256:
        size = path.stat().st_size
        expected["pack.bytes"] = (described["pack"]["bytes"], size)
    if described["tool"]["synth"] == __version__:
        seen = scan.scan(document).n_strings
        expected["scan.n_strings"] = (described["scan"]["n_strings"], seen)
    found = [name for name, (said, is_so) in expected.items() if _text(said) != _text(is_so)]
    latest = (datetime.now(UTC) + _SKEW).strftime(_TIME)
    if extracted > latest and "extracted.at" not in found:
        found.append("extracted.at")
    if described["retention_until"] > manifest.retention_date(extracted, manifest.RETENTION_DAYS):
        found.append("retention_until")
    return found


def form_problem(path: Path, document: dict, sha256: str) -> str | None:
    """Why the pack is not in the form that `synth extract` writes, or None."""
    pack = reader.from_document(document, sha256=sha256, where=f"pack {path}")
    return canonical.problem(pack, document, sha256)


def edited_of_bill(document: dict, sha256: str, described: dict, bill: dict) -> list[str]:
    """What of a manifest is not as the bill has it, and what of the bill is not the pack's.

    Parameters
    ----------
    document : dict
        The pack.
    sha256 : str
        Of its file.
    described : dict
    bill : dict
        From `synth.pack.bill.load`.
    """
    then, now = bill.get("manifest") or {}, manifest.facts(described)
    found = sorted(
        # As text: for Python 7.0 is 7, and another manifest for a signature.
        name
        for name in then.keys() | now.keys()
        if _text(then.get(name)) != _text(now.get(name))
    )
    k, limit = described["privacy"]["k"], described["privacy"].get("dominance_limit", 1)
    if _text(bill.get("k")) != _text(k):
        found.append("bill: k")
    if not bill["models"] or any(one["model"] not in bill["models"] for one in bill["figures"]):
        found.append("bill: models")
    gates = bill.get("gates", {})
    if manifest.gates_facts(gates, len(gates)) != described.get("gates"):
        found.append("bill: gates")
    if not all(_is_supported(one, k, limit) for one in bill["figures"]):
        found.append("bill: people behind a figure")
    if _other_figures(document, sha256, bill):
        found.append("bill: figures")
    return found


def _is_supported(figure: dict, k: int, limit: float) -> bool:
    """Whether a figure of a bill has the people that k asks for; an empty cell has nobody."""
    people, share = figure["n_people"], figure["top_share"]
    if not figure["n_rows"] and not people:
        return True
    return people is not None and k <= people <= bills.SKETCH_TOP and (share or 0) <= limit


def _other_figures(document: dict, sha256: str, bill: dict) -> bool:
    """Whether the pack has a number that the bill lacks or has otherwise."""
    pack = reader.from_document(document, sha256=sha256)
    known = {one["path"]: one for one in bill["figures"] if one["value"] is not None}
    place = {id(row): path for path, row in bills.paths(pack.rows)}
    rows = []
    for row in pack.rows:
        figure = known.get(place.get(id(row)))
        same = {} if figure is None else {"value": figure["value"], "n_rows": figure["n_rows"]}
        rows.append(replace(row, **same))
    numbers = bills.numbers(document)
    try:
        # Rounded as the writer rounds what the bill has.
        written = bills.numbers(json.loads(writer.dumps(writer.document(rows, pack.meta))))
    except (OverflowError, ValueError):
        return True
    return not numbers.keys() <= known.keys() or _text(written) != _text(numbers)


@dataclass(frozen=True)
class Witness:
    """What the audit log here says of the extraction of a pack.

    Attributes
    ----------
    details : dict or None
        Of its line; None where there is none.
    trouble, hint : str or None
        Why it cannot be taken for a witness, and what to do.
    is_contradiction : bool
        The trouble speaks against the manifest, not only for another log.
    """

    details: dict | None = None
    trouble: str | None = None
    hint: str | None = None
    is_contradiction: bool = False


def told_by_log(described: dict) -> Witness:
    """Ask the audit log of this place for the extraction of a pack.

    Parameters
    ----------
    described : dict
        A valid manifest.
    """
    place, anchor = log.path(), described["audit"]
    try:
        # Whoever puts such a line in place of another breaks the chain at the next, too.
        problems = [one for one in check.verify()[1] if not one.endswith(check.TORN)]
    except BadInput as error:
        return Witness(trouble=error.message, hint=error.hint)
    if problems:
        return Witness(
            trouble=f"the audit log {place} is not whole ({problems[0]})",
            hint="find out why: synth audit verify. To sign by the bill alone put the log aside "
            "(another SYNTH_AUDIT_FILE): the sign-off then says that no log was looked at",
        )
    extractions = [
        record
        for record in log.records()
        if record["command"] == "extract"
        and record["exit_code"] == 0
        and record["result"] == "done"
        # A plan is none.
        and record["details"].get("pack_sha256")
    ]
    sha256 = described["pack"]["sha256"]
    own = [record for record in extractions if record["details"]["pack_sha256"] == sha256]
    head = log.Head(anchor["n_lines"], anchor["head"]) if anchor else log.Head(0, log.NO_LINE)
    is_reached = bool(anchor) and log.holds(head)
    if not own and (extractions or is_reached):
        return Witness(
            trouble=f"the audit log {place} has extractions and none of this pack",
            hint="sign where it was extracted; by the log of another place: SYNTH_AUDIT_FILE",
            is_contradiction=is_reached,
        )
    if own and ((anchor and not is_reached) or all(one["n"] <= head.n_lines for one in own)):
        return Witness(
            trouble=f"line {head.n_lines} of the audit log {place} is not the one that the "
            "manifest names, or comes after the extraction",
            hint="nothing was signed; was the log written anew? See synth audit verify --anchor",
            is_contradiction=True,
        )
    same = [one for one in own if not edited_of_log(described, one["details"])]
    return Witness(details=(same or own)[-1]["details"]) if own else Witness()


def edited_of_log(described: dict, told: dict) -> list[str]:
    """What of a manifest is not as the line of its extraction has it."""
    is_bill_same = described["bill"] == {"sha256": told.get("bill_sha256")}
    is_rest_same = told.get("manifest_sha256") == manifest.facts_digest(described)
    return ([] if is_bill_same else ["bill"]) + ([] if is_rest_same else ["its facts"])


def _text(value: object) -> str:
    return json.dumps(value, sort_keys=True)
