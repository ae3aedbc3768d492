"""Encrypt pack and manifest for transport (age), so that the copy is unreadable on the way.

Both files travel as one tar archive that exists in memory only.
"""

import io
import re
import tarfile
from pathlib import Path

from synth import inputs, outputs
from synth.errors import BadInput
from synth.pack import files, keys, manifest, reader, strict, trust

# An archive of pack and manifest, encrypted.
_MAX_BYTES = 3 * strict.MAX_BYTES
_MAX_RECIPIENTS = inputs.MEBIBYTE
_PACK = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,100}[.]json")


def recipients(given):
    """Parse recipients: ``age1...``, ``ssh-ed25519 ...``, or files that list them.

    Parameters
    ----------
    given : sequence of str

    Returns
    -------
    list

    Raises
    ------
    BadInput
    """
    found = []
    for text in given:
        if text.startswith(("age1", "ssh-")):
            found.append(_recipient(text))
            continue
        if not Path(text).exists():
            raise BadInput(
                f"--recipient {text} is neither age1... nor a file",
                hint="`synth key new --age FILE` makes one and prints its recipient",
            )
        listed = inputs.read_text(text, "--recipient", limit=_MAX_RECIPIENTS)
        lines = [line.strip() for line in listed.splitlines()]
        found += [_recipient(line) for line in lines if line and not line.startswith("#")]
    if not found:
        raise BadInput("no recipient was given", hint="pass --recipient age1... or a file of them")
    return found


def create_identity(path):
    """Make an age identity (mode 0600).

    Returns
    -------
    str
        Its recipient, which is public.
    """
    import pyrage

    path = Path(path)
    if path.exists():
        raise BadInput(f"{path} exists", hint="a key is never overwritten; name another file")
    identity = pyrage.x25519.Identity.generate()
    recipient = str(identity.to_public())
    content = f"# public key: {recipient}\n{identity}\n".encode()
    files.write_all({path: content}, mode=0o600)
    return recipient


def seal(pack_path, given, output, *, allow_unsigned=False, replace=False):
    """Encrypt a pack and its manifest to recipients.

    Parameters
    ----------
    pack_path : path-like
    given : sequence of str
        See `recipients`.
    output : path-like
    allow_unsigned : bool
        Also an untrusted pack.
    replace : bool
        Overwrite `output`.

    Returns
    -------
    record : synth.pack.trust.TrustRecord
    n_recipients : int
    """
    import pyrage

    pack_path, output = Path(pack_path), Path(output)
    to = recipients(given)
    if not _PACK.fullmatch(pack_path.name):
        raise BadInput(
            "a pack to be sealed needs a plain file name", hint="letters, digits, ._- and .json"
        )
    if output.exists() and not replace:
        raise BadInput(f"{output} exists", hint="--replace overwrites it")
    if output.exists() and output.samefile(pack_path):
        raise BadInput("--output is the pack itself")
    content = inputs.read_bytes(pack_path, "pack", limit=strict.MAX_BYTES)
    sha256 = strict.digest(content)
    reader.from_document(
        strict.parse(content, where=f"pack {pack_path}"),
        sha256=sha256,
        where=f"pack {pack_path}",
    )
    record = trust.check(pack_path, allow_unsigned, sha256=sha256)
    beside = manifest.path_of(pack_path)
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        members = [(pack_path.name, content)]
        if record.has_manifest:
            body = inputs.read_bytes(beside, "manifest", limit=strict.MAX_BYTES)
            members.append((beside.name, body))
        for name, body in members:
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(body), 0o644
            archive.addfile(entry, io.BytesIO(body))
    files.write_all({output: pyrage.encrypt(packed.getvalue(), to)})
    return record, len(to)


def unseal(path, identity_path, output, *, replace=False):
    """Decrypt what `seal` made.

    Parameters
    ----------
    path, identity_path : path-like
    output : path-like
        Directory; made if it is not there.
    replace : bool
        Overwrite files of the same names.

    Returns
    -------
    pathlib.Path
        The pack. Whether it is trusted is for those to say who read it.

    Raises
    ------
    BadInput
        No age file, not for this identity, altered, or not made by `seal`.
    """
    import pyrage

    identities = _identities(identity_path)
    sealed = inputs.read_bytes(path, "sealed pack", limit=_MAX_BYTES)
    try:
        plain = pyrage.decrypt(sealed, identities)
    except pyrage.DecryptError as error:
        raise BadInput(
            f"{path} cannot be opened: no age file, altered, or sealed for somebody else",
            hint="is the identity the one whose recipient it was sealed for?",
        ) from error
    members = _members(plain, path)
    output = outputs.directory(output)
    for name in members:
        if (output / name).exists() and not replace:
            raise BadInput(f"{output / name} exists", hint="--replace overwrites it")
    # The pack last, see `write_all`.
    files.write_all({output / name: members[name] for name in reversed(members)})
    return output / next(iter(members))


def _members(plain, path):
    """The files of an archive: one pack, then at most its manifest."""
    try:
        with tarfile.open(fileobj=io.BytesIO(plain), mode="r:") as archive:
            entries = archive.getmembers()
            names = [entry.name for entry in entries]
            # Checked by name before anything is written: an archive may name any path.
            is_ours = (
                all(_is_plain(entry) for entry in entries)
                and names
                and _PACK.fullmatch(names[0])
                and names[1:] in ([], [manifest.path_of(names[0]).name])
            )
            if not is_ours:
                raise BadInput(f"{path} holds something else than a pack and its manifest")
            return {entry.name: archive.extractfile(entry).read() for entry in entries}
    except tarfile.TarError as error:
        raise BadInput(f"{path} was not made by `synth seal`") from error


def _is_plain(entry: tarfile.TarInfo) -> bool:
    """Whether an entry is a file as large as it says: a sparse one may say any size."""
    return entry.type in (tarfile.REGTYPE, tarfile.AREGTYPE) and entry.size <= strict.MAX_BYTES


def _recipient(text):
    import pyrage

    kind = pyrage.ssh if text.startswith("ssh-") else pyrage.x25519
    try:
        return kind.Recipient.from_str(text)
    except pyrage.RecipientError as error:
        raise BadInput("a recipient is neither a valid age1... nor an SSH public key") from error


def _identities(path):
    import pyrage

    content = keys.read_private(path, "identity")
    try:
        if content.startswith(b"-----BEGIN"):
            return [pyrage.ssh.Identity.from_buffer(content)]
        lines = [line.strip() for line in content.decode().splitlines()]
        found = [line for line in lines if line and not line.startswith("#")]
        if not found:
            raise ValueError("empty")
        return [pyrage.x25519.Identity.from_str(line) for line in found]
    except (pyrage.IdentityError, ValueError) as error:
        raise BadInput(
            f"identity {path} holds no age secret key", hint="`synth key new --age FILE` makes one"
        ) from error
