"""Manifest and trust: a pack is what a trusted officer signed, or it is refused."""

import json
import os

import pytest
import signed_pack

from synth.errors import BadInput
from synth.pack import files, keys, manifest, tokens, trust

SALT = signed_pack.SALT


@pytest.fixture
def trusted(tmp_path, monkeypatch):
    """Directory of trusted keys, of this test's own."""
    folder = tmp_path / "trusted"
    monkeypatch.setenv(keys.TRUSTED_VARIABLE, str(folder))
    return folder


@pytest.fixture
def pack(tmp_path, trusted):
    """A pack and its manifest, as an extraction leaves them."""
    return signed_pack.make(tmp_path)


@pytest.fixture
def signed(tmp_path, pack):
    """The same, signed by a trusted officer."""
    key = signed_pack.officer_key(tmp_path, trusted=True)
    signed_pack.sign(pack, key)
    return pack


def edit(pack, change):
    """Change a manifest as somebody without the key would."""
    path = manifest.path_of(pack)
    document = json.loads(path.read_text())
    change(document)
    path.write_text(json.dumps(document))


def refused(pack, problem):
    """It is refused for this reason, in one line; and accepted and recorded if allowed."""
    with pytest.raises(BadInput) as caught:
        trust.check(pack)
    assert caught.value.problem == problem
    assert "\n" not in str(caught.value)
    record = trust.check(pack, allow_unsigned=True)
    assert record.state == record.problem == problem
    assert not record.is_trusted
    assert record.allow_unsigned
    return record


def test_manifest_holds_tokens_only(tmp_path, trusted):
    pack = signed_pack.make(tmp_path, extracted_at="2026-02-01T10:11:12Z")
    text = manifest.path_of(pack).read_text()
    document = manifest.load(manifest.path_of(pack))
    assert document["retention_until"] == "2026-05-02"
    assert document["sign_off"] is None
    assert document["source"]["database"] == tokens.Tokenizer(SALT).token(
        "database", "chat_production"
    )
    for secret in ("chat_production", "db.internal", SALT, SALT[:8]):
        assert secret not in text


def test_a_signed_pack_is_trusted(signed, capsys):
    record = trust.check(signed)
    assert record.is_trusted
    assert record.is_signed
    assert record.state == "signed"
    assert record.officer == signed_pack.OFFICER
    assert record.retention_until > "2026-05-02"
    assert capsys.readouterr().err == ""


def test_unsigned_is_refused(pack):
    assert refused(pack, "unsigned").matches_manifest


def test_a_pack_without_manifest_is_refused_with_the_option(pack):
    manifest.path_of(pack).unlink()
    with pytest.raises(BadInput, match="--allow-unsigned"):
        trust.check(pack)
    assert not refused(pack, "no_manifest").has_manifest


def test_a_changed_pack_is_refused(signed):
    signed.write_bytes(signed.read_bytes() + b" ")
    assert not refused(signed, "altered").matches_manifest


def test_the_bytes_that_were_read_are_those_that_are_checked(signed):
    with pytest.raises(BadInput):
        trust.check(signed, sha256="0" * 64)


def test_altering_pack_and_digest_together_breaks_the_signature(signed):
    content = signed.read_bytes() + b" "
    signed.write_bytes(content)
    edit(signed, lambda document: document["pack"].update(sha256=trust.strict.digest(content)))
    refused(signed, "bad_signature")


@pytest.mark.parametrize(
    "change",
    [
        lambda document: document.update(retention_until="2099-01-01"),
        lambda document: document["privacy"].update(k=2),
        lambda document: document["scan"].update(n_strings=1),
        lambda document: document["window"].update(whole_history=True),
        lambda document: document["sign_off"].update(at="2026-01-01T00:00:00Z"),
        lambda document: document["sign_off"].update(signature="0" * 128),
        lambda document: document.update(bill=None),
        # 7.0 is 7 for a schema, and another manifest for a signature.
        lambda document: document["scan"].update(n_strings=7.0),
    ],
)
def test_a_changed_manifest_is_refused(signed, change):
    edit(signed, change)
    refused(signed, "bad_signature")


def test_the_layout_of_the_manifest_does_not_matter(signed):
    path = manifest.path_of(signed)
    document = json.loads(path.read_text())
    path.write_text(json.dumps(dict(reversed(document.items()))))
    assert trust.check(signed).is_trusted


def test_a_key_that_is_not_trusted_is_refused(pack, tmp_path):
    signed_pack.sign(pack, signed_pack.officer_key(tmp_path, trusted=False))
    refused(pack, "unknown_key")


def test_another_key_under_a_trusted_name_is_refused(signed, tmp_path):
    (tmp_path / "other").mkdir()
    other = signed_pack.officer_key(tmp_path / "other", trusted=False)
    edit(signed, lambda document: document.update(sign_off=None))
    signed_pack.sign(signed, other)
    refused(signed, "unknown_key")


def test_the_name_that_would_do_is_told(signed, trusted, tmp_path):
    (trusted / f"{signed_pack.OFFICER}.pub").rename(trusted / "officer-7.pub")
    with pytest.raises(BadInput) as caught:
        trust.check(signed)
    assert "signed as 'officer-1' with the key that is trusted here as 'officer-7'" in str(
        caught.value
    )
    assert "--officer 'officer-7'" in str(caught.value)
    (tmp_path / "other").mkdir()
    other = keys.create(tmp_path / "other" / "k", signed_pack.OFFICER)[0]
    (trusted / "officer-7.pub").unlink()
    keys.trust(other, signed_pack.OFFICER)
    with pytest.raises(BadInput, match="another key than the one trusted here under that name"):
        trust.check(signed)


def test_a_trusted_key_does_not_sign_for_another_officer(signed, tmp_path):
    signed_pack.officer_key(tmp_path, "officer-2", trusted=True)
    edit(signed, lambda document: document["sign_off"].update(officer="officer-2"))
    refused(signed, "unknown_key")


def test_a_withdrawn_key_is_refused(signed, trusted):
    (trusted / f"{signed_pack.OFFICER}.pub").unlink()
    refused(signed, "unknown_key")


def test_an_expired_pack_is_refused_although_it_is_signed(tmp_path, trusted):
    pack = signed_pack.make(tmp_path, retention_until="2026-02-02")
    signed_pack.sign(pack, signed_pack.officer_key(tmp_path, trusted=True))
    record = refused(pack, "expired")
    assert record.is_signed
    assert record.retention_until == "2026-02-02"


def test_retention_includes_its_last_day(pack):
    from datetime import date

    described = manifest.load(manifest.path_of(pack))
    described["retention_until"] = "2026-02-02"
    assert not manifest.is_expired(described, date(2026, 2, 2))
    assert manifest.is_expired(described, date(2026, 2, 3))


def test_a_list_of_keys_that_anybody_may_write_is_refused(signed, trusted):
    os.chmod(trusted, 0o777)
    with pytest.raises(BadInput, match="other users can write"):
        trust.check(signed)


@pytest.mark.parametrize(
    "damage",
    [
        lambda document: document.update(extra=1),
        lambda document: document.pop("scan"),
        lambda document: document["extracted"].update(by="john"),
        lambda document: document["tokenisation"].update(salt_reference=SALT),
        lambda document: document.update(sign_off={"officer": "john"}),
        lambda document: document.update(retention_until="2026-02-31"),
        lambda document: document["window"].update(as_of="2026-02-31"),
        lambda document: document["extracted"].update(at="2026-02-01T25:11:12Z"),
        # Room for what nobody wrote: fractions of a second, digits of a limit.
        lambda document: document["extracted"].update(at="2026-02-01T10:11:12.411111Z"),
        lambda document: document["sign_off"].update(at="2026-02-01T10:11:12+00:00"),
        lambda document: document["privacy"].update(dominance_limit=0.8111111111),
    ],
)
def test_invalid_manifest_is_refused(signed, damage):
    edit(signed, damage)
    with pytest.raises(BadInput) as caught:
        trust.check(signed)
    assert "john" not in str(caught.value)
    refused(signed, "altered")


def test_tokens_depend_on_salt_kind_and_value():
    one, other = tokens.Tokenizer(SALT), tokens.Tokenizer(SALT[::-1])
    found = {
        one.token("host", "a"),
        one.token("host", "b"),
        one.token("database", "a"),
        other.token("host", "a"),
        one.fingerprint(),
        other.fingerprint(),
    }
    assert len(found) == 6
    assert one.token("host", "a") == tokens.Tokenizer(SALT).token("host", "a")
    assert SALT not in repr(one)


@pytest.mark.parametrize("salt", [None, "", "tiny-secret", "x" * 31])
def test_salt_must_be_there_and_long(monkeypatch, salt):
    monkeypatch.delenv(tokens.SALT_VARIABLE, raising=False)
    if salt is not None:
        monkeypatch.setenv(tokens.SALT_VARIABLE, salt)
    with pytest.raises(BadInput) as caught:
        tokens.from_environment()
    assert not salt or salt not in str(caught.value)


def test_both_files_or_none(tmp_path, monkeypatch):
    from synth.errors import DatabaseError

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(DatabaseError, match="No space left"):
        files.write_all({tmp_path / "a.json": b"{}", tmp_path / "b.json": b"{}"})
    assert list(tmp_path.iterdir()) == []
