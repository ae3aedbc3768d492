"""Sign, verify, seal, explain and expire, as functions and as a user calls them."""

import json
import os
from datetime import date

import pytest
import signed_pack

from synth import audit, cli
from synth.audit import log
from synth.custody import expire, explain, sign
from synth.errors import BadInput, GateFailed
from synth.pack import keys, manifest, strict, tokens, trust
from synth.spec import model


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


def results(pack):
    return {point.name: point.result for point in sign.verify(pack)[0]}


# --- sign ---


def test_a_clean_pack_is_signed_and_verified(pack, key, own_log, monkeypatch):
    monkeypatch.setenv(tokens.SALT_VARIABLE, signed_pack.SALT)
    extracted_here(pack)
    do_sign(pack, key)
    assert trust.check(pack).is_trusted
    assert set(results(pack).values()) == {sign.PASSED}


def test_a_signed_manifest_scans_clean(pack, key, run_synth):
    do_sign(pack, key)
    assert run_synth("scan", manifest.path_of(pack)).returncode == 0


def test_a_pack_that_does_not_scan_clean_is_not_signed(tmp_path, key):
    pack = signed_pack.make(tmp_path)
    # A total has room for a telephone number, which no histogram of the pack adds up to.
    document = json.loads(pack.read_text())
    document["users"]["total_count"] = 2_127_365_000
    content = json.dumps(document).encode()
    pack.write_bytes(content)
    described = manifest.load(manifest.path_of(pack))
    described["pack"]["sha256"] = strict.digest(content)
    manifest.path_of(pack).write_bytes(manifest.dumps(described))
    with pytest.raises(GateFailed, match="does not scan clean"):
        do_sign(pack, key)
    assert manifest.load(manifest.path_of(pack))["sign_off"] is None


EDITS = {
    "privacy": lambda document: document["privacy"].update(k=50),
    "window": lambda document: document["window"].update(days=7),
    "tokenisation": lambda document: document["tokenisation"].update(salt_fingerprint="0" * 16),
    "tool": lambda document: document["tool"].update(synth="9.9.9"),
    "scan": lambda document: document["scan"].update(n_strings=8),
    "extracted": lambda document: document["extracted"].update(at="2026-01-01T00:00:00Z"),
    "retention_until": lambda document: document.update(retention_until="2099-01-01"),
}


def edit(pack, change):
    described = manifest.load(manifest.path_of(pack))
    change(described)
    manifest.path_of(pack).write_bytes(manifest.dumps(described))


def extracted_here(pack, **changes):
    """Leave the line that `synth extract` would leave."""
    described = manifest.load(manifest.path_of(pack))
    with audit.recorded("extract"):
        audit.note(
            pack_sha256=described["pack"]["sha256"],
            bill_sha256=described["bill"]["sha256"],
            manifest_sha256=manifest.facts_digest(described),
            retention_until=described["retention_until"],
        )


@pytest.fixture
def own_log(tmp_path, monkeypatch):
    monkeypatch.setenv(log.FILE_VARIABLE, str(tmp_path / "log" / "audit.jsonl"))


@pytest.mark.parametrize("witness", ["bill", "log"])
@pytest.mark.parametrize("name", sorted(EDITS))
def test_a_manifest_that_was_edited_is_not_signed(pack, key, own_log, name, witness):
    if witness == "log":
        extracted_here(pack)
        manifest.bill_path_of(pack).unlink()
    edit(pack, EDITS[name])
    named = name if witness == "bill" or name == "retention_until" else "its facts"
    with pytest.raises(BadInput, match=f"was edited since it was extracted: {named}"):
        do_sign(pack, key)
    assert manifest.load(manifest.path_of(pack))["sign_off"] is None


@pytest.mark.parametrize("witness", ["bill", "log"])
def test_a_manifest_as_it_was_written_is_signed(pack, key, own_log, witness):
    if witness == "log":
        extracted_here(pack)
        manifest.bill_path_of(pack).unlink()
    # Its layout is nobody's business.
    described = manifest.load(manifest.path_of(pack))
    manifest.path_of(pack).write_text(json.dumps(dict(reversed(described.items()))))
    do_sign(pack, key)
    assert trust.check(pack).is_trusted


def test_without_bill_and_log_nothing_is_signed(pack, key, own_log):
    manifest.bill_path_of(pack).unlink()
    with pytest.raises(BadInput, match="nothing here says what `synth extract` wrote"):
        do_sign(pack, key)


def test_a_retention_date_is_shortened_by_an_option_only(pack, key):
    extracted = manifest.load(manifest.path_of(pack))
    sooner = manifest.retention_date(extracted["extracted"]["at"], 30)
    edit(pack, lambda document: document.update(retention_until=sooner))
    with pytest.raises(BadInput, match="--retention-days shortens"):
        do_sign(pack, key)
    with pytest.raises(BadInput, match="only ever shortened"):
        do_sign(pack, key, retention_days=91)
    signed = do_sign(pack, key, retention_days=30)
    assert signed["retention_until"] == sooner
    assert trust.check(pack).retention_until == sooner
    assert results(pack)["bill"] == sign.PASSED


def test_verify_finds_a_manifest_that_its_bill_contradicts(pack, key):
    edit(pack, EDITS["privacy"])
    signed_pack.sign(pack, key)
    assert results(pack)["signature"] == sign.PASSED
    assert results(pack)["bill"] == sign.FAILED


@pytest.mark.parametrize(("n_passed", "text"), [(1, "only 1 of 2 gates"), (None, "nothing of its")])
def test_a_pack_whose_gates_did_not_all_pass_is_not_signed(tmp_path, key, n_passed, text):
    facts = {**manifest.gates_facts(signed_pack.GATES, 2), "n_passed": n_passed}
    pack = signed_pack.make(tmp_path, gates=facts)
    if n_passed is None:
        # As it was written before gates were recorded: readable, and no longer signed.
        described = json.loads(manifest.path_of(pack).read_text())
        del described["gates"]
        manifest.path_of(pack).write_bytes(manifest.dumps(described))
    with pytest.raises(BadInput, match=text):
        do_sign(pack, key)
    signed_pack.sign(pack, key)
    assert trust.check(pack).is_trusted
    assert results(pack)["gates"] == sign.FAILED


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [("MODELS", {}, "bill: models"), ("GATES", {"a": "cd" * 32}, "bill: gates")],
)
def test_a_bill_without_models_or_with_other_gates_is_not_signed(
    tmp_path, key, monkeypatch, name, value, text
):
    facts = manifest.gates_facts(signed_pack.GATES, 2)
    monkeypatch.setattr(signed_pack, name, value)
    pack = signed_pack.make(tmp_path, gates=facts)
    with pytest.raises(BadInput, match=text):
        do_sign(pack, key)
    assert results(pack)["bill"] == sign.FAILED


def test_what_cannot_be_signed(pack, key, tmp_path):
    do_sign(pack, key)
    with pytest.raises(BadInput, match="signed already"):
        do_sign(pack, key)
    do_sign(pack, key, replace=True)
    with pytest.raises(BadInput, match="is a manifest"):
        do_sign(manifest.path_of(pack), key)
    with pytest.raises(BadInput, match="officer's name"):
        sign.sign(pack, key, "jane@example.org", signed_pack.no_passphrase, replace=True)
    pack.write_bytes(pack.read_bytes() + b" ")
    with pytest.raises(BadInput, match="not the one"):
        do_sign(pack, key, replace=True)
    manifest.path_of(pack).unlink()
    with pytest.raises(BadInput, match="no manifest"):
        do_sign(pack, key)


def test_an_expired_pack_is_not_signed(tmp_path, key):
    pack = signed_pack.make(tmp_path, extracted_at="2020-01-01T00:00:00Z")
    with pytest.raises(BadInput, match="past its retention date"):
        do_sign(pack, key)


def test_verify_says_which_point_fails(pack, key, monkeypatch):
    assert results(pack)["signature"] == sign.FAILED
    do_sign(pack, key)
    monkeypatch.setenv(tokens.SALT_VARIABLE, "another salt that is long enough, too")
    assert results(pack)["salt"] == sign.FAILED
    monkeypatch.delenv(tokens.SALT_VARIABLE)
    assert results(pack)["salt"] == sign.NOT_CHECKED
    path = manifest.bill_path_of(pack)
    path.write_bytes(path.read_bytes().replace(b'"n_people": 64', b'"n_people": 65'))
    assert results(pack)["bill"] == sign.FAILED
    path.unlink()
    assert results(pack)["bill"] == sign.NOT_CHECKED
    pack.write_bytes(pack.read_bytes() + b" ")
    assert results(pack)["digest"] == sign.FAILED
    manifest.path_of(pack).unlink()
    assert results(pack) == {"manifest": sign.FAILED}


def test_verify_finds_an_expired_pack(tmp_path, key):
    pack = signed_pack.make(tmp_path, extracted_at="2020-01-01T00:00:00Z")
    signed_pack.sign(pack, key)
    found = results(pack)
    assert found["retention"] == sign.FAILED
    assert found["signature"] == sign.PASSED


# --- keys ---


def test_a_private_key_is_for_its_owner_only(tmp_path, key):
    assert os.stat(key).st_mode & 0o777 == 0o600
    os.chmod(key, 0o640)
    with pytest.raises(BadInput, match="chmod 600"):
        keys.load_private(key, signed_pack.no_passphrase)


def test_a_passphrase_protects_the_key(tmp_path):
    path = tmp_path / "locked.key"
    keys.create(path, "officer-2", "correct horse")
    assert keys.load_private(path, lambda: "correct horse")
    with pytest.raises(BadInput, match="passphrase is wrong") as caught:
        keys.load_private(path, lambda: "battery staple")
    assert "battery" not in str(caught.value)


def test_other_kinds_of_keys_are_refused(tmp_path):
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec, x25519

    for kind in (ec.generate_private_key(ec.SECP256R1()), x25519.X25519PrivateKey.generate()):
        path = tmp_path / "other.key"
        path.write_bytes(
            kind.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        path.chmod(0o600)
        with pytest.raises(BadInput, match="not an Ed25519 key"):
            keys.load_private(path, signed_pack.no_passphrase)
        public = tmp_path / "other.pub"
        public.write_bytes(
            kind.public_key().public_bytes(
                serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
            )
        )
        with pytest.raises(BadInput, match="not an Ed25519 key"):
            keys.trust(public, "other")


@pytest.mark.parametrize("content", [b"", b"no key", b"\x00\xff", b"-----BEGIN PRIVATE KEY-----\n"])
def test_files_that_are_no_keys_are_refused(tmp_path, content):
    path = tmp_path / "no.key"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(BadInput):
        keys.load_private(path, signed_pack.no_passphrase)
    with pytest.raises(BadInput):
        keys.load_public(path)
    with pytest.raises(BadInput):
        keys.load_private(tmp_path, signed_pack.no_passphrase)


def test_a_trusted_key_is_not_replaced_silently(tmp_path, key):
    (tmp_path / "other").mkdir()
    public, _ = keys.create(tmp_path / "other" / "k", signed_pack.OFFICER)
    with pytest.raises(BadInput, match="another key is trusted"):
        keys.trust(public, signed_pack.OFFICER)
    with pytest.raises(BadInput, match="never overwritten"):
        keys.create(key, "officer-9")


# --- expire ---


def spec_of(pack, path, **source):
    document = model.to_document(model.load_default())
    sha256 = strict.digest(pack.read_bytes())
    document["source"] |= {"pack_sha256": sha256, **source}
    path.write_text(json.dumps(document))
    return path


def test_what_is_past_its_date_goes_and_nothing_else(tmp_path):
    old = signed_pack.make(tmp_path, extracted_at="2026-02-01T00:00:00Z")
    new = signed_pack.make(tmp_path, seed=2, extracted_at="2026-06-01T00:00:00Z")
    derived = spec_of(old, tmp_path / "a.json", retention_until="2026-05-02")
    undated = spec_of(old, tmp_path / "b.json")
    fresh = spec_of(new, tmp_path / "c.json", retention_until="2026-08-30")
    stranger = tmp_path / "shape-metrics-20200101.json"
    stranger.write_text('{"source": {"retention_until": "2020-01-01"}, "tokenisation": 1}')
    hand_written = tmp_path / "sparse.json"
    hand_written.write_text('{"messages": {"total_count": 5}}')
    found, odd = expire.find([tmp_path], date(2026, 6, 2))
    assert not odd
    gone = {str(old), str(manifest.path_of(old)), str(manifest.bill_path_of(old))}
    assert {one.where for one in found} == gone | {str(derived), str(undated)}
    assert {one.retention_until for one in found} == {"2026-05-02"}
    expire.delete(found)
    for path in (old, manifest.path_of(old), manifest.bill_path_of(old), derived, undated):
        assert not path.exists()
    for path in (new, manifest.path_of(new), fresh, stranger, hand_written):
        assert path.exists()
    assert expire.find([tmp_path], date(2026, 6, 2)) == ([], [])


def test_nothing_goes_on_its_last_day(tmp_path):
    signed_pack.make(tmp_path, extracted_at="2026-02-01T00:00:00Z")
    assert expire.find([tmp_path], date(2026, 5, 2)) == ([], [])


def test_an_altered_pack_is_left_alone_and_named(tmp_path):
    pack = signed_pack.make(tmp_path, extracted_at="2026-02-01T00:00:00Z")
    pack.write_bytes(pack.read_bytes() + b" ")
    found, odd = expire.find([tmp_path])
    assert not found
    assert len(odd) == 1


# --- as commands ---


@pytest.fixture
def call(capsys):
    """Call the command line in this process; gives exit code, stdout and stderr."""

    def run(*arguments):
        with pytest.raises(SystemExit) as caught:
            cli.main([str(one) for one in arguments])
        shown = capsys.readouterr()
        return caught.value.code, shown.out, shown.err

    return run


def test_commands_refuse_what_is_no_pack(tmp_path, call, key):
    path = tmp_path / "x.json"
    commands = [
        ("sign", path, "--key", key, "--officer", signed_pack.OFFICER),
        ("verify", path),
        ("explain", path),
        ("explain", signed_pack.make(tmp_path), "--compare", path),
        ("seal", path, "--recipient", "age1x", "--output", tmp_path / "x.age"),
        ("unseal", path, "--identity", key, "--output", tmp_path),
        ("calibrate", "--shape", path, "--output", tmp_path / "spec.json"),
    ]
    for content in (b"", b"{", b"[]", b"\xff\xfe", b'{"a": 1}', b"[" * 500, None):
        path.write_bytes(content) if content is not None else path.unlink()
        for command in commands:
            code, out, err = call(*command)
            assert (code, out) == (2, ""), (command[0], content)
            assert err.count("\n") == 1, err


def test_sign_and_verify_as_commands(tmp_path, run_synth):
    pack = signed_pack.make(tmp_path)
    made = run_synth("key", "new", tmp_path / "o.key", "--officer", "officer-5", "--json")
    assert made.returncode == 0, made.stderr
    public = json.loads(made.stdout)["public"]
    call = ("sign", pack, "--key", tmp_path / "o.key", "--officer", "officer-5")
    done = run_synth(*call)
    assert done.returncode == 0, done.stderr
    assert "is signed with a key that is not trusted here" in done.stderr
    before = run_synth("verify", pack)
    assert before.returncode == 1
    assert run_synth("key", "trust", public).returncode == 0
    after = run_synth("verify", pack, "--json")
    assert after.returncode == 0, after.stderr
    assert json.loads(after.stdout)["officer"] == "officer-5"
    listed = json.loads(run_synth("key", "list", "--json").stdout)["officers"]
    assert [one["officer"] for one in listed] == ["officer-5"]
    locked = {"SYNTH_KEY_PASSPHRASE": "correct horse"}
    args = ("key", "new", tmp_path / "p.key", "--officer", "officer-6", "--passphrase")
    assert run_synth(*args, env=locked).returncode == 0
    assert b"ENCRYPTED" in (tmp_path / "p.key").read_bytes()
    refused = run_synth(*call[:3], tmp_path / "p.key", "--officer", "officer-6", "--replace")
    assert refused.returncode == 2
    assert "no terminal" in refused.stderr


def test_calibrate_refuses_an_untrusted_pack(tmp_path, call):
    pack = signed_pack.make(tmp_path)
    spec = tmp_path / "spec.json"
    code, _, err = call("calibrate", "--shape", pack, "--output", spec)
    assert code == 2
    assert "is unsigned" in err
    assert not spec.exists()


def test_what_is_made_of_an_untrusted_pack_says_so(tmp_path, call):
    """`--allow-unsigned` on a trusted pack leaves no mark; on another one it does."""
    hand_written, spec = tmp_path / "sparse.json", tmp_path / "spec.json"
    hand_written.write_text('{"messages": {"total_count": 5000}}')
    call("calibrate", "--shape", hand_written, "--output", spec, "--allow-unsigned")
    source = json.loads(spec.read_text())["source"]
    assert source["allow_unsigned"]
    assert source["retention_until"] is None


def test_expire_as_a_command(tmp_path, call):
    pack = signed_pack.make(tmp_path, extracted_at="2026-02-01T00:00:00Z")
    command = ("expire", tmp_path, "--files-only", "--json")
    listed = json.loads(call(*command, "--dry-run")[1])
    assert {one["kind"] for one in listed["expired"]} == {"pack", "manifest", "bill"}
    assert pack.exists()
    assert call(*command)[0] == 0
    assert not pack.exists()
    assert json.loads(call(*command)[1])["expired"] == []
    assert "nothing is past" in call("expire", tmp_path, "--files-only")[1]
    assert call("expire", tmp_path / "missing", "--files-only")[0] == 2


def test_a_gate_that_is_gone_or_was_rewritten_shows_in_a_comparison(tmp_path, monkeypatch):
    packs = []
    for name, gates in (("old", {"a": "cd" * 32, "b": "ef" * 32}), ("new", {"a": "ab" * 32})):
        monkeypatch.setattr(signed_pack, "GATES", gates)
        (tmp_path / name).mkdir()
        packs.append(explain.explain(signed_pack.make(tmp_path / name)))
    old, new = packs
    assert explain.compare(new, old)["gates"] == ["a", "b"]
    assert explain.compare(new, {**old, "gates": {}})["gates"] == []


def test_explain_as_a_command(pack, tmp_path, call):
    (tmp_path / "old").mkdir()
    old = signed_pack.make(tmp_path / "old", seed=2)
    code, out, err = call("explain", pack)
    assert code == 0
    assert not err
    assert "$.users.total_count" in out
    assert "64+" in out
    code, out, _ = call("explain", pack, "--compare", old, "--json")
    assert code == 0
    assert json.loads(out)["changed"]
    assert "0 changed" in call("explain", pack, "--compare", pack)[1]
    manifest.bill_path_of(pack).unlink()
    assert "no bill of materials" in call("explain", pack)[2]
