"""Manifest and trust: a pack is the one its manifest describes, or it is refused."""

import hashlib
import json

import pack_rows
import pytest

from synth.errors import BadInput
from synth.extract import files
from synth.pack import manifest, tokens, trust, writer
from synth.targets import Target

SALT = "0123456789abcdefghijklmnopqrstuvwxyz"
TARGET = Target("prod_shape", "db.internal.example", 5432, "u", "pw", "chat_production", "shape")


@pytest.fixture
def pack(tmp_path):
    """A pack and its manifest, as an extraction leaves them."""
    content = writer.dumps(writer.document(pack_rows.make(1), pack_rows.META))
    path = tmp_path / "shape-metrics-20260201.json"
    described = manifest.build(
        pack_rows.META.__class__(**{**pack_rows.META.__dict__, "n_suppressed": 0}),
        pack_name=path.name,
        pack_bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        target=TARGET,
        tokenizer=tokens.Tokenizer(SALT),
        whole_history=False,
        n_strings=7,
    )
    files.write_both(path, content, manifest.path_of(path), manifest.dumps(described))
    return path


def test_manifest_holds_tokens_only(pack):
    text = manifest.path_of(pack).read_text()
    document = manifest.load(manifest.path_of(pack))
    assert document["retention_until"] == "2026-05-02"
    assert document["sign_off"] is None
    assert document["source"]["database"] == tokens.Tokenizer(SALT).token(
        "database", "chat_production"
    )
    for secret in ("chat_production", "db.internal", SALT, SALT[:8]):
        assert secret not in text


def test_matching_manifest_is_trusted_but_unsigned(pack, capsys):
    record = trust.check(pack)
    assert record.matches_manifest
    assert not record.is_signed
    assert capsys.readouterr().err.count("\n") == 1


def test_allow_unsigned_is_silent_and_recorded(pack, capsys):
    record = trust.check(pack, allow_unsigned=True)
    assert record.allow_unsigned
    assert capsys.readouterr().err == ""


def test_changed_pack_is_refused(pack):
    pack.write_bytes(pack.read_bytes() + b" ")
    with pytest.raises(BadInput, match="not the one its manifest"):
        trust.check(pack)
    assert not trust.check(pack, allow_unsigned=True).matches_manifest


@pytest.mark.parametrize(
    "damage",
    [
        lambda document: document.update(extra=1),
        lambda document: document.pop("scan"),
        lambda document: document["extracted"].update(by="john"),
        lambda document: document["tokenisation"].update(salt_reference=SALT),
        lambda document: document.update(sign_off={"officer": "john"}),
    ],
)
def test_invalid_manifest_is_refused(pack, damage):
    path = manifest.path_of(pack)
    document = json.loads(path.read_text())
    damage(document)
    path.write_text(json.dumps(document))
    with pytest.raises(BadInput) as caught:
        trust.check(pack)
    assert "john" not in str(caught.value)


def test_pack_without_manifest_is_accepted_with_a_line(pack, capsys):
    manifest.path_of(pack).unlink()
    record = trust.check(pack)
    assert not record.has_manifest
    assert "it has no manifest" in capsys.readouterr().err


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
        files.write_both(tmp_path / "a.json", b"{}", tmp_path / "b.json", b"{}")
    assert list(tmp_path.iterdir()) == []
