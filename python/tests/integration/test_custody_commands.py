"""Trust and retention against a database: what is imported, and what `synth expire` removes."""

import json

import pytest
import signed_pack

from synth.pack import keys, manifest, strict
from synth.spec import model

OLD = "2026-02-01T00:00:00Z"


@pytest.fixture(autouse=True)
def trusted(tmp_path, monkeypatch):
    monkeypatch.setenv(keys.TRUSTED_VARIABLE, str(tmp_path / "trusted"))
    monkeypatch.setenv("SYNTH_AUDIT_FILE", str(tmp_path / "audit.jsonl"))


def test_only_a_trusted_pack_is_imported(run_synth, run_sql, databases, tmp_path):
    pack = signed_pack.make(tmp_path)
    refused = run_synth("import", pack)
    assert refused.returncode == 2
    assert "is unsigned" in refused.stderr
    assert refused.stderr.count("\n") == 1
    forced = run_synth("import", pack, "--allow-unsigned")
    assert forced.returncode == 0, forced.stderr
    (meta,) = run_sql(databases.dev, "custody_baseline")
    assert (meta["trust"], meta["is_unsigned"]) == ("unsigned", True)

    signed_pack.sign(pack, signed_pack.officer_key(tmp_path, trusted=True))
    done = run_synth("import", pack, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["trust"] == "signed"
    (meta,) = run_sql(databases.dev, "custody_baseline")
    assert (meta["trust"], meta["is_unsigned"]) == ("signed", False)
    until = manifest.load(manifest.path_of(pack))["retention_until"]
    assert meta["retention_until"] == until

    pack.write_bytes(pack.read_bytes() + b"\n")
    altered = run_synth("validate", "--shape", pack, "--output", tmp_path / "report.json")
    assert altered.returncode == 2
    assert "not the one its manifest" in altered.stderr


def test_expire_removes_import_and_spec_of_a_run(run_synth, run_sql, databases, tmp_path):
    pack = signed_pack.make(tmp_path, extracted_at=OLD)
    signed_pack.sign(pack, signed_pack.officer_key(tmp_path, trusted=True))
    refused = run_synth("import", pack)
    assert refused.returncode == 2
    assert "past its retention date" in refused.stderr
    assert run_synth("import", pack, "--allow-unsigned").returncode == 0

    document = model.to_document(model.load_default())
    digest = strict.digest(pack.read_bytes())
    document["source"] |= {"pack_sha256": digest, "retention_until": "2026-05-02"}
    spec = tmp_path / "spec.json"
    spec.write_text(json.dumps(document))
    made = run_synth("generate", "--messages", 500, "--config", spec, "--json")
    assert made.returncode == 0, made.stderr
    run_id = json.loads(made.stdout)["run_id"]

    run_sql(databases.dev, "custody_validation", {"run_id": run_id, "sha256": digest})
    run_sql(databases.dev, "custody_comparison")

    listed = run_synth("expire", tmp_path, "--dry-run", "--json")
    assert listed.returncode == 0, listed.stderr
    dry = json.loads(listed.stdout)
    done = run_synth("expire", tmp_path, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["expired"] == dry["expired"]
    kinds = sorted(one["kind"] for one in dry["expired"])
    assert kinds == ["bill", "import", "manifest", "pack", "spec", "spec of a run", "validation"]
    assert not spec.exists()
    (state,) = run_sql(databases.dev, "custody_after", {"run_id": run_id})
    assert not state["has_baseline"]
    assert not state["has_comparison"]
    assert state["n_validations"] == 0
    assert state["spec_keys"] == ["source"]

    # The run stays on record, its tables stay, and it has nothing left to expire.
    assert run_id in run_synth("runs").stdout
    assert run_synth("checksum").returncode == 0
    again = run_synth("expire", tmp_path, "--json")
    assert json.loads(again.stdout)["expired"] == [], again.stderr
    shown = json.loads(run_synth("audit", "show", "--json").stdout)["records"]
    told = [one["details"] for one in shown if one["command"] == "expire"]
    assert [one["n_expired"] for one in told] == [7, 7, 0]
    assert [one["is_dry_run"] for one in told] == [True, False, False]
    assert told[1]["pack_sha256"] == [digest]
    # An import works again afterwards.
    assert run_synth("import", signed_pack.make(tmp_path), "--allow-unsigned").returncode == 0
    inside = run_synth("expire", tmp_path, "--target", "prod_shape")
    assert inside.returncode == 2


def test_nothing_expires_where_nothing_was_imported(run_synth, databases, tmp_path):
    done = run_synth("expire", tmp_path)
    assert done.returncode == 0, done.stderr
    assert "nothing is past" in done.stdout
