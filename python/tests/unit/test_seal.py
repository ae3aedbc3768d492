"""What is sealed arrives whole, and nobody else opens it."""

import pytest
import signed_pack

from synth.custody import seal, sign
from synth.errors import BadInput
from synth.pack import keys, manifest, trust


@pytest.fixture(autouse=True)
def trusted(tmp_path, monkeypatch):
    monkeypatch.setenv(keys.TRUSTED_VARIABLE, str(tmp_path / "trusted"))
    monkeypatch.delenv(keys.PASSPHRASE_VARIABLE, raising=False)
    # The log of the tests before holds extractions, of which these packs are none.
    monkeypatch.setenv("SYNTH_AUDIT_FILE", str(tmp_path / "no-log.jsonl"))


@pytest.fixture
def pack(tmp_path):
    return signed_pack.make(tmp_path)


@pytest.fixture
def key(tmp_path):
    return signed_pack.officer_key(tmp_path, trusted=True)


def do_sign(pack, key, **more):
    return sign.sign(pack, key, signed_pack.OFFICER, signed_pack.no_passphrase, **more)


@pytest.fixture
def identity(tmp_path):
    path = tmp_path / "age.key"
    return path, seal.create_identity(path)


def test_a_sealed_pack_arrives_whole_and_is_unreadable_on_the_way(pack, key, identity, tmp_path):
    do_sign(pack, key)
    path, recipient = identity
    sealed, arrived = tmp_path / "pack.age", tmp_path / "arrived"
    arrived.mkdir()
    seal.seal(pack, [recipient], sealed)
    content = sealed.read_bytes()
    for plain in (b"total_count", b"sha256", pack.name.encode(), signed_pack.OFFICER.encode()):
        assert plain not in content
    found = seal.unseal(sealed, path, arrived)
    assert found.read_bytes() == pack.read_bytes()
    assert trust.check(found).is_trusted
    # The bill stays inside the boundary, and no half-written or plain file is left.
    assert sorted(one.name for one in arrived.iterdir()) == sorted(
        [pack.name, manifest.path_of(pack).name]
    )
    assert not list(tmp_path.glob(".*"))
    with pytest.raises(BadInput, match="exists"):
        seal.unseal(sealed, path, arrived)
    with pytest.raises(BadInput, match="exists"):
        seal.seal(pack, [recipient], sealed)


def test_only_the_recipient_opens_it_and_only_unaltered(pack, key, identity, tmp_path):
    do_sign(pack, key)
    path, recipient = identity
    sealed, other = tmp_path / "pack.age", tmp_path / "other.key"
    seal.create_identity(other)
    seal.seal(pack, [recipient], sealed)
    (tmp_path / "in").mkdir()
    with pytest.raises(BadInput, match="cannot be opened"):
        seal.unseal(sealed, other, tmp_path / "in")
    content = bytearray(sealed.read_bytes())
    content[-1] ^= 1
    sealed.write_bytes(content)
    with pytest.raises(BadInput, match="cannot be opened"):
        seal.unseal(sealed, path, tmp_path / "in")
    sealed.write_bytes(b"no age file")
    with pytest.raises(BadInput, match="cannot be opened"):
        seal.unseal(sealed, path, tmp_path / "in")
    assert not list((tmp_path / "in").iterdir())


def test_an_unsigned_pack_is_sealed_only_if_allowed(pack, identity, tmp_path):
    with pytest.raises(BadInput, match="unsigned"):
        seal.seal(pack, [identity[1]], tmp_path / "x.age")
    assert not (tmp_path / "x.age").exists()
    seal.seal(pack, [identity[1]], tmp_path / "x.age", allow_unsigned=True)


@pytest.mark.parametrize("name", ["../evil.json", "/tmp/evil.json", "note.txt", ".hidden.json"])
def test_an_archive_that_we_did_not_make_is_not_unpacked(identity, tmp_path, name):
    import io
    import tarfile

    import pyrage

    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        entry = tarfile.TarInfo(name)
        entry.size = 2
        archive.addfile(entry, io.BytesIO(b"{}"))
    sealed, inside = tmp_path / "evil.age", tmp_path / "a" / "b"
    inside.mkdir(parents=True)
    recipients = seal.recipients([identity[1]])
    for content in (packed.getvalue(), b"no archive"):
        sealed.write_bytes(pyrage.encrypt(content, recipients))
        with pytest.raises(BadInput):
            seal.unseal(sealed, identity[0], inside)
    assert not list(inside.iterdir())
    assert not (tmp_path / "a" / "evil.json").exists()


@pytest.mark.parametrize("given", [["age1nonsense"], ["/no/such/file"], ["ssh-ed25519 x"], []])
def test_bad_recipients(given):
    with pytest.raises(BadInput):
        seal.recipients(given)
