"""The officer's sign-off: an Ed25519 signature over the whole manifest.

The manifest holds the pack's digest, so a changed figure, retention date, k or scan result all
break it. What is signed is the manifest as canonical JSON, with officer, time and key of the
sign-off and without the signature itself.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from synth.pack import keys

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

# So that a signature made for something else can never pass for a sign-off.
_CONTEXT = b"prodshape manifest sign-off 1\n"


def payload(manifest):
    """Bytes that are signed."""
    sign_off = {name: value for name, value in manifest["sign_off"].items() if name != "signature"}
    body = {**manifest, "sign_off": sign_off}
    return _CONTEXT + json.dumps(body, sort_keys=True, separators=(",", ":")).encode()


def signed(
    manifest: dict, key: "Ed25519PrivateKey", officer: str, not_checked: Sequence[str] = ()
) -> dict:
    """Copy of a manifest with a sign-off.

    Parameters
    ----------
    manifest : dict
    key : Ed25519PrivateKey
    officer : str
    not_checked : sequence of str
        What the officer could not look at; stands under the signature.

    Returns
    -------
    dict
    """
    keys.check_officer(officer)
    sign_off = {
        "officer": officer,
        "at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "key_sha256": keys.digest(key.public_key()),
        **({"not_checked": list(not_checked)} if not_checked else {}),
    }
    unsigned = {**manifest, "sign_off": sign_off}
    signature = key.sign(payload(unsigned)).hex()
    return {**manifest, "sign_off": {**sign_off, "signature": signature}}


def is_valid(manifest, public):
    """Whether a manifest's sign-off is by this key and over this manifest."""
    from cryptography.exceptions import InvalidSignature

    try:
        public.verify(bytes.fromhex(manifest["sign_off"]["signature"]), payload(manifest))
    except InvalidSignature:
        return False
    return True
