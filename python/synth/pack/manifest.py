"""The manifest: where a pack comes from, how it was made safe, how long it may be kept."""

import getpass
import importlib.metadata
import json
import socket
from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from pathlib import Path

from synth import __version__
from synth.errors import BadInput
from synth.pack import strict, tokens

RETENTION_DAYS = 90
_SCHEMA = Path(__file__).parents[1] / "schemas" / "manifest.schema.json"


def path_of(pack_path):
    """Where the manifest of a pack is: ``<name>_mapping.json`` beside it."""
    pack_path = Path(pack_path)
    return pack_path.with_name(f"{pack_path.stem}_mapping.json")


def bill_path_of(pack_path):
    """Where the bill of materials of a pack is: ``<name>_bill.json`` beside it."""
    pack_path = Path(pack_path)
    return pack_path.with_name(f"{pack_path.stem}_bill.json")


def build(
    meta,
    *,
    pack_name,
    pack_bytes,
    sha256,
    target,
    tokenizer,
    whole_history,
    n_strings,
    gates,
    dominance_limit=None,
    audit_head=None,
    retention_days=RETENTION_DAYS,
    is_overlapping=False,
):
    """Build the manifest of a pack that the scan found clean, without bill and sign-off.

    Parameters
    ----------
    meta : synth.pack.model.PackMeta
        Of the pack; ``extracted_at`` is set, and ``release``.
    pack_name : str
        File name.
    pack_bytes : int
    sha256 : str
        Hex digest of the file.
    target : synth.targets.Target
        Its database and host enter as tokens.
    tokenizer : synth.pack.tokens.Tokenizer
    whole_history : bool
        The window was asked for as ``all``.
    n_strings : int
        Keys and values the scan looked at.
    gates : dict
        From `gates_facts`.
    dominance_limit : float, optional
        Largest share of a cell's rows that one person holds.
    audit_head : dict, optional
        ``n_lines`` and ``head`` of the audit log before this extraction.
    retention_days : int
        How long pack and all that is made of it may be kept.
    is_overlapping : bool
        The window shares time with an earlier pack's, and was allowed all the same.

    Returns
    -------
    dict
    """
    return {
        "schema_version": "1.0",
        "pack": {"file": pack_name, "sha256": sha256, "bytes": pack_bytes},
        "tokenisation": {
            "algorithm": "HMAC-SHA256",
            "hex_digits": tokens.DIGITS,
            "salt_reference": tokens.SALT_REFERENCE,
            "salt_fingerprint": tokenizer.fingerprint(),
        },
        "source": {
            "database": tokenizer.token("database", target.dbname),
            "host": tokenizer.token("host", target.host),
        },
        "extracted": {"at": meta.extracted_at, "by": tokenizer.token("person", who())},
        "window": {
            "as_of": meta.as_of,
            "days": meta.window_days,
            "whole_history": whole_history,
        },
        "privacy": {
            "k": meta.k,
            "n_suppressed": meta.n_suppressed,
            **({} if dominance_limit is None else {"dominance_limit": dominance_limit}),
            **({"is_overlapping": True} if is_overlapping else {}),
            **({} if meta.release is None else {"release": meta.release}),
        },
        "gates": gates,
        "tool": {"synth": __version__, "dbt": importlib.metadata.version("dbt-core")},
        "bill": None,
        "audit": audit_head,
        "retention_until": retention_date(meta.extracted_at, retention_days),
        "scan": {"status": "clean", "n_findings": 0, "n_strings": n_strings},
        "sign_off": None,
    }


def retention_date(extracted_at, days):
    """ISO date until which a pack may be kept."""
    return (date.fromisoformat(extracted_at[:10]) + timedelta(days=days)).isoformat()


def facts(document):
    """What an extraction says for good: all but bill, sign-off and retention date.

    The bill holds these facts, and the audit log their digest; so neither can be among them. The
    date may be shortened when a pack is signed.
    """
    later = ("bill", "sign_off", "retention_until")
    return {name: value for name, value in document.items() if name not in later}


def facts_digest(document):
    """SHA-256 of a manifest's facts as canonical JSON."""
    text = json.dumps(facts(document), sort_keys=True, separators=(",", ":"))
    return strict.digest(text.encode())


def dumps(manifest: dict) -> bytes:
    """Write a manifest as JSON, its keys in the order of the schema."""
    return (json.dumps(_ordered(manifest, schema()), indent=2, allow_nan=False) + "\n").encode()


def _ordered(document: object, part: dict) -> object:
    if not isinstance(document, dict):
        return document
    known = part.get("properties", {})
    names = sorted(document, key=lambda name: list(known).index(name) if name in known else 99)
    return {name: _ordered(document[name], known.get(name, {})) for name in names}


@lru_cache(maxsize=1)
def schema():
    """The closed JSON Schema of a manifest."""
    return json.loads(_SCHEMA.read_text())


def check(document, *, where="manifest"):
    """Check a document against the closed schema.

    Raises
    ------
    BadInput
    """
    strict.check_schema(document, _validator(), where=where)
    sign_off = document["sign_off"] or {}
    for name, text in (
        ("retention_until", document["retention_until"]),
        ("window.as_of", document["window"]["as_of"]),
        ("extracted.at", document["extracted"]["at"]),
        ("sign_off.at", sign_off.get("at", document["extracted"]["at"])),
    ):
        try:
            datetime.fromisoformat(text)
            # A date so late that none can follow it is none either.
            retention_date(text, RETENTION_DAYS)
        except (ValueError, OverflowError):
            raise BadInput(f"{where}: $.{name}: no such date or time") from None
    limit = document["privacy"].get("dominance_limit", 1)
    if round(limit, 4) != limit:
        raise BadInput(f"{where}: $.privacy.dominance_limit: expected at most four decimals")


def is_one(document):
    """Whether a document means to be a manifest, not a pack."""
    return isinstance(document, dict) and "tokenisation" in document


def gates_facts(names: Collection[str], n_passed: int) -> dict:
    """What a manifest says of the gates: how many there are, how many passed, which they are."""
    listed = "\n".join(sorted(names))
    return {
        "n_expected": len(names),
        "n_passed": n_passed,
        "sha256": strict.digest(listed.encode()),
    }


def gates_problem(document: dict) -> str | None:
    """Why the gates behind a valid manifest's pack do not do; None where all ran and passed."""
    gates = document.get("gates")
    if gates is None:
        return "it says nothing of its gates: it was extracted before that was recorded"
    if gates["n_passed"] != gates["n_expected"]:
        return f"only {gates['n_passed']} of {gates['n_expected']} gates ran and passed"
    return None


def digests(document):
    """Strings a valid manifest holds on purpose: a scan takes them as declared."""
    found = [document["pack"]["sha256"], document["tokenisation"]["salt_fingerprint"]]
    if "gates" in document:
        found.append(document["gates"]["sha256"])
    if document["bill"]:
        found.append(document["bill"]["sha256"])
    if document["audit"]:
        found.append(document["audit"]["head"])
    if document["sign_off"]:
        found += [document["sign_off"][name] for name in ("officer", "key_sha256", "signature")]
    return tuple(found)


def is_expired(document, today=None):
    """Whether a valid manifest's retention date is past (UTC)."""
    return document["retention_until"] < (today or datetime.now(UTC).date()).isoformat()


def load(path):
    """Read and check a manifest.

    Returns
    -------
    dict

    Raises
    ------
    BadInput
    """
    document, _ = strict.read(Path(path), what="manifest")
    check(document, where=f"manifest {path}")
    return document


@lru_cache(maxsize=1)
def _validator():
    import jsonschema_rs

    return jsonschema_rs.Draft202012Validator(schema())


def who():
    """Who runs this, as ``user@host``: only ever written down as a token."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        # A container without an entry in the user database.
        user = "unknown"
    return f"{user}@{socket.gethostname()}"
