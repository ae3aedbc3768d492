"""Ed25519 keys of the officers, and which of them this place trusts.

A key inside a manifest would prove nothing, since whoever alters a pack could add his own. So
the public keys lie apart, one file for each officer: ``trusted_officers/NAME.pub``.
"""

import hashlib
import os
import re
from pathlib import Path

from synth import inputs, settings
from synth.errors import BadInput, DatabaseError
from synth.pack import places

TRUSTED_VARIABLE = "SYNTH_TRUSTED_KEYS"
TRUSTED_DIRECTORY = "trusted_officers"
PASSPHRASE_VARIABLE = "SYNTH_KEY_PASSPHRASE"  # noqa: S105 - the name of a variable
OFFICER = "[A-Za-z0-9]([A-Za-z0-9 ._-]{0,62}[A-Za-z0-9])?"
_MAX_BYTES = 16_384
_LOOK_ALIKES = str.maketrans("1i0", "llo")


def check_officer(name):
    """Refuse a name that the manifest has no place for.

    Raises
    ------
    BadInput
    """
    if not re.fullmatch(OFFICER, name):
        raise BadInput(
            "an officer's name needs 1 to 64 letters, digits, blanks, dots, _ or - (ASCII)",
            hint="it stands in every manifest: a staff number or a role account will do",
        )


def read_private(path: Path, what: str) -> bytes:
    """Read a secret that nobody else can read or replace.

    Raises
    ------
    BadInput
        Absent, no file, too large, readable by group or others, or in a place where others can
        put another one.
    """
    with inputs.opened(path, what) as stream:
        if os.fstat(stream.fileno()).st_mode & 0o077:
            raise BadInput(f"{what} {path} is open to other users", hint=f"chmod 600 {path}")
        content = stream.read(_MAX_BYTES + 1)
    if len(content) > _MAX_BYTES:
        raise BadInput(f"{what} {path} is too large to be one")
    places.check(path)
    return content


def create(path, officer, passphrase=None):
    """Make a key pair: the private key at `path` (mode 0600), the public one beside it.

    Parameters
    ----------
    path : path-like
    officer : str
        Name of the public file, ``OFFICER.pub``.
    passphrase : str, optional
        Encrypts the private key.

    Returns
    -------
    public_path : pathlib.Path
    digest : str
        SHA-256 of the public key, as manifests name it.

    Raises
    ------
    BadInput
        A file of either name is there.
    """
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ed25519

    check_officer(officer)
    path = Path(path)
    public_path = path.with_name(f"{officer}.pub")
    for one in (path, public_path):
        if one.exists():
            raise BadInput(f"{one} exists", hint="a key is never overwritten; name another file")
    key = ed25519.Ed25519PrivateKey.generate()
    secret = (
        serialization.BestAvailableEncryption(passphrase.encode())
        if passphrase
        else serialization.NoEncryption()
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, secret
    )
    public = _pem(key.public_key())
    _write_new(path, private, 0o600)
    _write_new(public_path, public, 0o644)
    return public_path, digest(key.public_key())


def load_private(path, ask_passphrase):
    """Read an officer's private key.

    Parameters
    ----------
    path : path-like
        PEM (PKCS #8).
    ask_passphrase : callable
        Called without arguments if the key is encrypted.

    Returns
    -------
    Ed25519PrivateKey

    Raises
    ------
    BadInput
        Open to others, no Ed25519 key, or a wrong passphrase.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ed25519

    content = read_private(path, "key")
    passphrase = ask_passphrase().encode() if b"ENCRYPTED PRIVATE KEY" in content else None
    try:
        key = serialization.load_pem_private_key(content, passphrase)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        about = "the passphrase is wrong" if passphrase else "it is no PEM private key"
        raise BadInput(
            f"key {path} cannot be used: {about}", hint="`synth key new` makes one"
        ) from error
    if not isinstance(key, ed25519.Ed25519PrivateKey):
        raise BadInput(f"key {path} is not an Ed25519 key", hint="`synth key new` makes one")
    return key


def load_public(path):
    """Read an officer's public key (PEM).

    Raises
    ------
    BadInput
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ed25519

    content = inputs.read_bytes(path, "key", limit=_MAX_BYTES).strip()
    if content.count(b"-----BEGIN") > 1 or not content.endswith(b"-----"):
        raise BadInput(f"key {path} holds more than one key", hint="one file, one public key")
    try:
        key = serialization.load_pem_public_key(content)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise BadInput(f"key {path} is not a PEM public key") from error
    if not isinstance(key, ed25519.Ed25519PublicKey):
        raise BadInput(f"key {path} is not an Ed25519 key")
    return key


def digest(public):
    """SHA-256 of a public key's 32 bytes, as hex."""
    return hashlib.sha256(public.public_bytes_raw()).hexdigest()


def trusted_directory():
    """Directory of the trusted public keys.

    Returns
    -------
    pathlib.Path
        ``SYNTH_TRUSTED_KEYS``, else ``trusted_officers`` of the project.
    """
    override = os.environ.get(TRUSTED_VARIABLE)
    return Path(override) if override else settings.project_dir() / TRUSTED_DIRECTORY


def trusted_key(officer):
    """Public key that this place trusts for an officer, or None.

    Raises
    ------
    BadInput
        The file is no key, others may replace it, or another name looks like this one.
    """
    check_officer(officer)
    directory = trusted_directory()
    if not directory.is_dir():
        return None
    places.check(directory)
    same = [name for name in os.listdir(directory) if _alike(name) == _alike(f"{officer}.pub")]
    if len(same) > 1:
        raise BadInput(
            f"{directory} has {len(same)} keys for names like {officer!r}",
            hint="keep one: names that look alike are mistaken for one another",
        )
    # Some file systems find `alice.pub` as `Alice.pub`.
    if same != [f"{officer}.pub"]:
        return None
    places.check(directory / same[0])
    return load_public(directory / same[0])


def trusted():
    """All trusted keys.

    Returns
    -------
    dict
        ``{officer: Ed25519PublicKey}``.
    """
    directory = trusted_directory()
    names = sorted(path.stem for path in directory.glob("*.pub")) if directory.is_dir() else []
    strangers = sum(not re.fullmatch(OFFICER, name) for name in names)
    if strangers:
        raise BadInput(
            f"{strangers} files in {directory} are not named like an officer",
            hint="NAME.pub has ASCII letters, digits, blanks, dots, _ and - only",
        )
    return {name: key for name in names if (key := trusted_key(name)) is not None}


def trust(path, officer):
    """Put a public key among the trusted ones.

    Returns
    -------
    pathlib.Path

    Raises
    ------
    BadInput
        No key, or another one is trusted under that name.
    """
    check_officer(officer)
    key = load_public(path)
    known = trusted_key(officer)
    if known is None and any(_alike(name) == _alike(officer) for name in trusted()):
        raise BadInput(
            f"a key is trusted under a name like {officer!r}",
            hint="names that look alike are mistaken for one another",
        )
    if known is not None and digest(known) != digest(key):
        raise BadInput(
            f"another key is trusted under the name {officer!r}",
            hint=f"remove {trusted_directory() / (officer + '.pub')} first if it was replaced",
        )
    final = trusted_directory() / f"{officer}.pub"
    if known is None:
        try:
            for folder in reversed((final.parent, *final.parent.parents)):
                # Under any umask: a group that may write it could add keys.
                folder.mkdir(mode=0o755, exist_ok=True)
        except OSError as error:
            raise DatabaseError(f"cannot make {final.parent}: {error.strerror}") from error
        places.check(final.parent)
        _write_new(final, _pem(key), 0o644)
    return final


def _alike(name: str) -> str:
    """A name without what the eye passes over: case, punctuation, 1 for l, 0 for o."""
    return re.sub(r"[ ._-]+", "", name.casefold()).translate(_LOOK_ALIKES)


def _pem(public):
    from cryptography.hazmat.primitives import serialization

    return public.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def _write_new(path, content, mode):
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
    except OSError as error:
        raise DatabaseError(f"cannot write {path}: {error.strerror}") from error
