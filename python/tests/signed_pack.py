"""Packs for tests: as an extraction leaves them, signed or not, with any retention date."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pack_rows

from synth import scan
from synth.extract import gate
from synth.pack import bill, files, keys, manifest, signature, strict, tokens, writer
from synth.targets import Target

SALT = "0123456789abcdefghijklmnopqrstuvwxyz"
TARGET = Target("prod_shape", "db.internal.example", 5432, "u", "pw", "chat_production", "shape")
OFFICER = "officer-1"
MODELS = {"shape_any": {"sha256": "ab" * 32, "upstream": []}}
GATES = {"shape_is_k_anonymous": "cd" * 32, "shape_is_not_empty": "ef" * 32}


def no_passphrase():
    """Stand-in for a prompt that must not appear."""
    raise AssertionError("asked for a passphrase")


def officer_key(folder, name=OFFICER, *, trusted):
    """Make an officer's key in a folder, trusted or not; gives the private key's path."""
    path = Path(folder) / f"{name}.key"
    public, _ = keys.create(path, name)
    if trusted:
        keys.trust(public, name)
    return path


def make(folder, *, seed=1, extracted_at=None, release=None, **changes):
    """Write pack, bill and manifest; `changes` go into the manifest. Gives the pack's path.

    Extracted now, so that the retention date is ahead, unless told otherwise; by exact counts, as
    before there were rules, unless `release` is one.
    """
    extracted_at = extracted_at or datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    meta = replace(pack_rows.META, extracted_at=extracted_at, release=release)
    rows = [replace(row, n_people=64) for row in pack_rows.make(seed)]
    document = writer.document(rows, meta)
    content = writer.dumps(document)
    path = Path(folder) / f"shape-metrics-{extracted_at[:10].replace('-', '')}.json"
    described = manifest.build(
        replace(meta, n_suppressed=0),
        pack_name=path.name,
        pack_bytes=len(content),
        sha256=strict.digest(content),
        target=TARGET,
        tokenizer=tokens.Tokenizer(SALT),
        whole_history=False,
        n_strings=scan.scan(document).n_strings,
        gates=manifest.gates_facts(GATES, len(GATES)),
    )
    described.update(changes)
    made_of = bill.dumps(
        bill.build(
            [(row, 0.25, gate.rule(row, meta.k)) for row in rows],
            described=described,
            k=meta.k,
            models=MODELS,
            gates=GATES,
            model_of={(row.entity, row.metric, row.kind): "shape_any" for row in rows},
        )
    )
    described["bill"] = {"sha256": strict.digest(made_of)}
    files.write_all(
        {
            manifest.bill_path_of(path): made_of,
            manifest.path_of(path): manifest.dumps(described),
            path: content,
        }
    )
    return path


def sign(path, key_path, officer=OFFICER):
    """Sign whatever the manifest says: what `synth sign` would refuse, too."""
    described = manifest.load(manifest.path_of(path))
    key = keys.load_private(key_path, no_passphrase)
    signed = signature.signed(described, key, officer)
    manifest.path_of(path).write_bytes(manifest.dumps(signed))
    return signed
